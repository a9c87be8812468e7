//! The items of a response against the items of its questionnaire: which there may and must be, where, and in which order.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::enabled::{Given, in_period, is_enabled};
use super::form::{Form, Item};
use super::{Walk, text};
use crate::fhir::shown;
use crate::fhir::tree::{Name, Node};
use crate::model::{IssueCode, Severity};

/// A response that is looked at.
pub(super) struct Filled<'t, 'f, 'q> {
    pub(super) form: &'f Form<'q>,
    response: Node<'t>,
    given: Given<'t>,
    /// What lacks is an error only in what is completed.
    completed: bool,
    /// The items around, of the questionnaire and of the response, innermost last.
    open: Vec<(usize, Node<'t>)>,
}

impl Filled<'_, '_, '_> {
    fn enabled(&self, at: usize) -> Enabled {
        let has_condition = self.form.item(at).is_some_and(|item| {
            item.node.children().any(|child| child.name() == Name::EXTENSION || child.name().text() == "enableWhen")
        });
        if !has_condition {
            return Enabled::Yes;
        }
        match is_enabled(self.form, at, &self.given, self.response, &self.open) {
            Some(true) => Enabled::Yes,
            Some(false) => Enabled::No,
            None => Enabled::NotKnown,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Enabled {
    Yes,
    No,
    NotKnown,
}

impl<'t> Walk<'t, '_> {
    /// A whole response.
    pub(super) fn response_answers(&mut self, response: Node<'t>, form: &Form<'_>) {
        let completed = matches!(text(response, "status"), Some("completed" | "amended"));
        let given = Given::of(response);
        let mut filled = Filled { form, response, given, completed, open: Vec::new() };
        if let Some(authored) = response.child(Name::of("authored"))
            && let Some(date) = authored.value()
        {
            let says = match in_period(form, date) {
                Ordering::Less => "The response was written before the questionnaire was to be used.",
                Ordering::Greater => "The response was written after the questionnaire was to be used.",
                Ordering::Equal => "",
            };
            if !says.is_empty() {
                self.warning(authored, IssueCode::BusinessRule, "response-authored", says.to_owned());
            }
        }
        self.response_items(response, None, &form.top, &mut filled);
    }

    /// Items of a response, where those of the questionnaire inside `parent` belong.
    fn response_items(
        &mut self,
        node: Node<'t>,
        parent: Option<usize>,
        wanted: &[usize],
        filled: &mut Filled<'t, '_, '_>,
    ) {
        let form = filled.form;
        let mut there: HashMap<usize, Vec<Node<'t>>> = HashMap::new();
        let mut last = 0;
        for item in node.all(Name::ITEM) {
            let Some(link_id) = item.text(Name::LINK_ID) else { continue };
            let at = item.child(Name::LINK_ID).unwrap_or(item);
            let Some((found, asked)) = form.find(link_id).and_then(|found| Some((found, form.item(found)?))) else {
                let says = format!("The questionnaire has no item \"{}\".", shown(link_id));
                self.error(at, IssueCode::NotFound, "response-item", says);
                continue;
            };
            if asked.parent != parent {
                let says = format!("The questionnaire has the item \"{}\" in another place.", shown(link_id));
                self.error(at, IssueCode::Structure, "response-item", says);
                self.response_item(item, found, filled);
                continue;
            }
            if asked.place < last {
                let says = format!(
                    "The item \"{}\" stands later than in the questionnaire: the order is the same in both.",
                    shown(link_id)
                );
                self.error(at, IssueCode::Structure, "response-order", says);
            }
            last = asked.place;
            there.entry(found).or_default().push(item);
        }
        for at in wanted {
            let Some(asked) = form.item(*at) else { continue };
            let enabled = filled.enabled(*at);
            match there.get(at) {
                Some(items) => self.response_same(items, *at, asked, enabled, filled),
                None if enabled == Enabled::Yes && asked.required => self.response_missing(node, asked, filled),
                None => {}
            }
        }
    }

    /// All items of a response for one of the questionnaire.
    fn response_same(
        &mut self,
        items: &[Node<'t>],
        at: usize,
        asked: &Item<'_>,
        enabled: Enabled,
        filled: &mut Filled<'t, '_, '_>,
    ) {
        if let (Some(second), false) = (items.get(1), asked.repeats) {
            let says =
                format!("The item \"{}\" does not repeat, and is there {} times.", shown(asked.link_id), items.len());
            self.error(*second, IssueCode::Invalid, "response-repeats", says);
        }
        for item in items {
            let is_filled = item.children().any(|child| matches!(child.name(), Name::ITEM | Name::ANSWER));
            if enabled == Enabled::No && is_filled {
                let says = format!(
                    "The item \"{}\" is not to be answered, by the answers to others (enableWhen).",
                    shown(asked.link_id)
                );
                self.error(*item, IssueCode::Invalid, "response-enabled", says);
            }
            self.response_item(*item, at, filled);
        }
    }

    fn response_missing(&mut self, node: Node<'t>, asked: &Item<'_>, filled: &Filled<'_, '_, '_>) {
        let severity = if filled.completed { Severity::Error } else { Severity::Warning };
        let says = format!("The item \"{}\" is required and has no answer.", shown(asked.link_id));
        self.say(node, severity, IssueCode::Required, "response-required", says);
    }

    /// One item of a response.
    fn response_item(&mut self, node: Node<'t>, at: usize, filled: &mut Filled<'t, '_, '_>) {
        let form = filled.form;
        let Some(asked) = form.item(at) else { return };
        filled.open.push((at, node));
        if let Some(given) = node.child(Name::TEXT)
            && given.value().is_some_and(|given| !given.is_empty() && Some(given) != text(asked.node, "text"))
        {
            let says = "The text is not that of the questionnaire.";
            self.error(given, IssueCode::Invalid, "response-text", says.to_owned());
        }
        let answers: Vec<Node<'t>> = node.all(Name::ANSWER).collect();
        let is_group = asked.kind == "group";
        if answers.is_empty()
            && asked.required
            && !is_group
            && (!filled.completed || filled.enabled(at) == Enabled::Yes)
        {
            self.response_missing(node, asked, filled);
        }
        self.response_count(node, &answers, asked);
        for answer in &answers {
            self.response_answer(*answer, asked, answers.len(), filled);
            if !is_group {
                self.response_items(*answer, Some(at), &asked.inside, filled);
            }
        }
        let inner = node.child(Name::ITEM);
        match (asked.kind, inner) {
            ("group", None) if asked.required => {
                let says = format!("The group \"{}\" is required and has no items.", shown(asked.link_id));
                self.error(node, IssueCode::Invariant, "response-required", says);
            }
            ("display", Some(inner)) => {
                self.error(
                    inner,
                    IssueCode::Structure,
                    "response-nesting",
                    "Nothing stands inside a text to read.".to_owned(),
                );
            }
            ("group" | "display", _) | (_, None) => {}
            (_, Some(inner)) => {
                let says = "Items inside a question stand under its answer.";
                self.error(inner, IssueCode::Structure, "response-nesting", says.to_owned());
            }
        }
        if is_group {
            self.response_items(node, Some(at), &asked.inside, filled);
        }
        filled.open.pop();
    }

    fn response_count(&mut self, node: Node<'t>, answers: &[Node<'t>], asked: &Item<'_>) {
        if let (Some(second), false) = (answers.get(1), asked.repeats) {
            let says = format!("The question \"{}\" takes one answer.", shown(asked.link_id));
            self.error(*second, IssueCode::Invalid, "response-repeats", says);
        }
        if let Some(most) = asked.number("questionnaire-maxOccurs").filter(|most| answers.len() > *most) {
            let says = format!("The question takes {most} answers at most, and there are {}.", answers.len());
            self.error(node, IssueCode::Invalid, "response-repeats", says);
        }
        if let Some(least) = asked.number("questionnaire-minOccurs").filter(|least| answers.len() < *least) {
            let says = format!("The question takes {least} answers at least, and there are {}.", answers.len());
            self.error(node, IssueCode::Invalid, "response-repeats", says);
        }
    }
}
