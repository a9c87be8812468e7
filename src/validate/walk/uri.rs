//! Addresses that are no references: canonicals of definitions, and uris that point into the resource itself
//! (<https://hl7.org/fhir/R4/references.html#canonical>). Their form is for `primitive`; extensions and profiles claimed
//! are looked up elsewhere.

use std::collections::{HashMap, HashSet};

use super::Walk;
use crate::definitions::Definitions;
use crate::fhir::shown;
use crate::fhir::tree::{Kind, Name, Node};
use crate::model::IssueCode;
use crate::validate::structure::Type;
use crate::validate::values::primitive::Primitive;

/// The ids of elements, of resources and of narratives' markup, below the nodes of these numbers.
pub(super) type Ids<'t> = HashMap<u32, HashSet<&'t str>>;

impl<'t> Walk<'t, '_> {
    /// A uri, url or canonical: what it points at.
    pub(super) fn uri(&mut self, node: Node<'t>, primitive: Primitive, kind: &Type) {
        if self.again || !matches!(primitive, Primitive::Uri | Primitive::Url | Primitive::Canonical) {
            return;
        }
        let Some(uri) = node.value() else { return };
        match (primitive, uri.strip_prefix('#')) {
            (_, Some("")) => {}
            (_, Some(id)) if self.is_local(id) => {}
            (Primitive::Canonical, Some(_)) => {
                let text = format!("Nothing in this resource has the id that {} points at.", shown(uri));
                self.warning(node, IssueCode::NotFound, "canonical-known", text);
            }
            (_, Some(_)) if is_exempt(node) => {}
            (_, Some(_)) => {
                let text = format!(
                    "Nothing in this resource has the id that {} points at: give the address of something that is there.",
                    shown(uri)
                );
                self.error(node, IssueCode::NotFound, "uri-local", text);
            }
            (Primitive::Canonical, None) => self.canonical(node, uri, kind),
            (_, None) => {
                self.fhir_uri(node, uri);
                self.link_uri(node, uri);
            }
        }
    }

    /// A definition that is not at hand: told, and no more, as it may be elsewhere.
    fn canonical(&mut self, node: Node<'t>, uri: &str, kind: &Type) {
        let is_claim = node.name() == Name::PROFILE && node.parent().is_some_and(|parent| parent.name() == Name::META);
        if is_claim || self.depth > 0 {
            return;
        }
        if let Some(found) = self.of_other_kind(uri, kind) {
            let text = format!("{} is a {found}, which may not stand here.", shown(uri));
            return self.error(node, IssueCode::Invalid, "canonical-type", text);
        }
        let url = uri.split_once('|').map_or(uri, |(url, _)| url);
        let parts = url.rsplit('/').nth(1).unwrap_or_default();
        let library = self.registry.library();
        let is_known = match parts {
            "ValueSet" => library.value_set(uri).is_some(),
            "CodeSystem" => library.code_system(uri).is_some(),
            "StructureDefinition" => library.structure(uri).is_ok(),
            // of other kinds the packs hold none
            _ if url.starts_with("http://hl7.org/fhir/") => true,
            _ => {
                library.value_set(uri).is_some() || library.code_system(uri).is_some() || library.structure(uri).is_ok()
            }
        };
        let in_bundle = || self.bundles.iter().any(|around| around.index.at(url).next().is_some());
        if is_known || in_bundle() {
            return;
        }
        let text = format!(
            "The definition {} is not at hand, so whether this is one that may stand here was not checked.",
            shown(uri)
        );
        self.information(node, IssueCode::NotFound, "canonical-known", text);
    }

    /// What an address leads to, if that is none of the types asked for.
    fn of_other_kind(&self, uri: &str, kind: &Type) -> Option<&'static str> {
        let library = self.registry.library();
        let asked = |name: &str| kind.targets.iter().any(|one| one.link.url.rsplit('/').next() == Some(name));
        if kind.targets.is_empty() || asked("Resource") {
            return None;
        }
        let found = [
            ("Questionnaire", library.questionnaire(uri).is_some()),
            ("ValueSet", library.value_set(uri).is_some()),
            ("CodeSystem", library.code_system(uri).is_some()),
            ("StructureDefinition", library.structure(uri).is_ok()),
            ("SearchParameter", library.search_parameter(uri).is_some()),
        ];
        let mut there = found.into_iter().filter(|(_, there)| *there).map(|(name, _)| name);
        let first = there.next()?;
        (!asked(first) && !there.any(asked)).then_some(first)
    }

    /// Whether something in the outermost resource has this id, or else in the bundle around it.
    fn is_local(&mut self, id: &str) -> bool {
        let bundle = self.bundles.last().and_then(|around| around.index.around());
        [Some(self.root), bundle].into_iter().flatten().any(|top| self.ids_below(top).contains(id))
    }

    fn ids_below(&mut self, top: Node<'t>) -> &HashSet<&'t str> {
        self.local_ids.entry(top.number()).or_insert_with(|| {
            let mut found = HashSet::new();
            gather(top, &mut found);
            found
        })
    }
}

fn gather<'t>(node: Node<'t>, found: &mut HashSet<&'t str>) {
    for child in node.children() {
        if child.name() == Name::ID {
            found.extend(child.value());
        } else if child.kind() == Kind::Markup || child.name() == Name::DIV {
            markup(child.value().unwrap_or_default(), found);
        }
        gather(child, found);
    }
}

/// Ids of elements and names of anchors in XHTML.
fn markup<'t>(text: &'t str, found: &mut HashSet<&'t str>) {
    for name in [" id=", " name="] {
        for rest in text.split(name).skip(1) {
            let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''));
            found.extend(quote.and_then(|quote| rest.get(1..)?.split(quote).next()));
        }
    }
}

/// Places where a uri need not lead anywhere: parts of definitions that are about other things, and unnamed extensions.
fn is_exempt(node: Node<'_>) -> bool {
    let Some(parent) = node.parent() else { return true };
    match node.name() {
        Name::URL => matches!(parent.name(), Name::REQUEST | Name::EXTENSION | Name::MODIFIER_EXTENSION),
        Name::FULL_URL => true,
        name => {
            let name = name.text();
            name.starts_with("fixed") || name.starts_with("pattern")
        }
    }
}
