//! A questionnaire laid out to be asked: its items in their order, each found by its linkId in one step.

use std::collections::HashMap;

use super::{child, text};
use crate::fhir::tree::{Name, Node};

/// A questionnaire.
pub(super) struct Form<'q> {
    pub(super) root: Node<'q>,
    /// In the order of the document: those inside an item right behind it.
    pub(super) items: Vec<Item<'q>>,
    /// The outermost.
    pub(super) top: Vec<usize>,
    by_link: HashMap<&'q str, usize>,
}

/// A question, a group or a text to read.
pub(super) struct Item<'q> {
    pub(super) node: Node<'q>,
    pub(super) link_id: &'q str,
    /// `group`, `display`, `string`, `choice`.
    pub(super) kind: &'q str,
    pub(super) required: bool,
    pub(super) repeats: bool,
    pub(super) parent: Option<usize>,
    /// Its place among those it stands beside.
    pub(super) place: usize,
    pub(super) inside: Vec<usize>,
}

impl<'q> Form<'q> {
    pub(super) fn of(root: Node<'q>) -> Self {
        let mut form = Self { root, items: Vec::new(), top: Vec::new(), by_link: HashMap::new() };
        let mut open: Vec<(Node<'q>, Option<usize>)> = root.all(Name::ITEM).map(|item| (item, None)).collect();
        open.reverse();
        while let Some((node, parent)) = open.pop() {
            let at = form.items.len();
            let beside = match parent.and_then(|parent| form.items.get_mut(parent)) {
                Some(parent) => &mut parent.inside,
                None => &mut form.top,
            };
            let place = beside.len();
            beside.push(at);
            let is = |name: &str| child(node, name).and_then(Node::value) == Some("true");
            let link_id = node.text(Name::LINK_ID).unwrap_or_default();
            let (required, repeats) = (is("required"), is("repeats"));
            // `question` stands for all that are asked, and is none itself: what is of this type is a group
            let kind = match text(node, "type").unwrap_or_default() {
                "question" => "group",
                kind => kind,
            };
            form.items.push(Item { node, link_id, kind, required, repeats, parent, place, inside: Vec::new() });
            form.by_link.entry(link_id).or_insert(at);
            let first = open.len();
            open.extend(node.all(Name::ITEM).map(|item| (item, Some(at))));
            open.get_mut(first..).unwrap_or_default().reverse();
        }
        form
    }

    /// The first item of a linkId.
    pub(super) fn find(&self, link_id: &str) -> Option<usize> {
        self.by_link.get(link_id).copied()
    }

    pub(super) fn item(&self, at: usize) -> Option<&Item<'q>> {
        self.items.get(at)
    }

    /// Whether an item stands inside another, however deep.
    pub(super) fn is_inside(&self, item: usize, outer: usize) -> bool {
        self.above(item).any(|above| above == outer)
    }

    /// The items an item stands in, from the nearest outwards.
    pub(super) fn above(&self, item: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(self.item(item).and_then(|item| item.parent), |above| self.item(*above)?.parent)
    }

    /// The innermost item that two stand in; `None`: the questionnaire itself.
    pub(super) fn around(&self, one: usize, other: usize) -> Option<usize> {
        let above: Vec<usize> = std::iter::once(other).chain(self.above(other)).collect();
        std::iter::once(one).chain(self.above(one)).find(|item| above.contains(item))
    }
}

/// What else a choice may be answered with than its options (R5's `answerConstraint`, in R4 an extension; of an open
/// choice words).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Besides {
    Nothing,
    Words,
    Anything,
}

impl<'q> Item<'q> {
    /// What else it may be answered with than its options.
    pub(super) fn besides(&self) -> Besides {
        const URL: &str = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Questionnaire.item.answerConstraint";
        let mut said = self.node.all(Name::EXTENSION).filter(|one| one.text(Name::URL) == Some(URL));
        match said.find_map(|one| text(one, "valueCode")) {
            Some("optionsOrType") => Besides::Anything,
            Some("optionsOrString") => Besides::Words,
            None if self.kind == "open-choice" => Besides::Words,
            _ => Besides::Nothing,
        }
    }

    /// The values of the item's extensions of a name in FHIR.
    pub(super) fn says(&self, name: &'static str) -> impl Iterator<Item = Node<'q>> + use<'q> {
        extensions(self.node, name)
    }

    /// The number an extension of a name in FHIR gives.
    pub(super) fn number(&self, name: &'static str) -> Option<usize> {
        self.says(name).next()?.value()?.parse().ok()
    }

    /// What may be answered, of those options that are of a type (`valueCoding`).
    pub(super) fn options(&self, of: &'static str) -> impl Iterator<Item = (Node<'q>, Node<'q>)> + use<'q> {
        self.node.all(Name::of("answerOption")).filter_map(move |option| Some((option, child(option, of)?)))
    }

    /// Whether there are options at all.
    pub(super) fn has_options(&self) -> bool {
        child(self.node, "answerOption").is_some()
    }
}

/// The values of extensions of a name in FHIR.
pub(super) fn extensions<'q>(node: Node<'q>, name: &'static str) -> impl Iterator<Item = Node<'q>> + use<'q> {
    let mine = node.all(Name::EXTENSION).filter(move |extension| {
        extension.text(Name::URL).and_then(|url| url.strip_prefix(crate::definitions::FHIR)) == Some(name)
    });
    mine.filter_map(|extension| extension.children().find(|child| child.name().text().starts_with("value")))
}
