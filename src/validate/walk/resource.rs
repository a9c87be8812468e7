//! A resource: which definitions hold for it, and what is said of it as a whole.

use std::sync::Arc;

use super::resolve::Around;
use super::{Guide, Options, Walk};
use crate::fhir::tree::{Name, Node};
use crate::fhir::{shown, xhtml};
use crate::model::IssueCode;
use crate::validate::fhirpath::{self, Host, Item, TypeId};
use crate::validate::structure::{Registry, Structure, Type};

/// Base of UK Core's profiles, one for each type, and more for some.
pub(super) const UKCORE: &str = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-";

impl Options {
    /// The last year that passes without a warning.
    pub(super) fn last_year(&self) -> u16 {
        let now = self.now.as_ref().map(|now| u16::try_from(now.year()).unwrap_or(0).saturating_add(80));
        now.unwrap_or(crate::validate::values::primitive::LAST_YEAR)
    }
}

impl<'t> Walk<'t, '_> {
    /// A resource under its own definition, the guide's, those it claims and those it is asked to meet.
    pub(super) fn resource(&mut self, node: Node<'t>, asked: &[&str]) {
        let registry = self.registry;
        if node.resource_type() == Name::UNKNOWN {
            return;
        }
        let Some(own) = registry.of_type(node.resource_type()) else { return };
        let (resource, root) = (self.resource, self.root);
        self.enter(node);
        let opened = self.open(node);
        let again = self.again;
        let mark = self.ids.len();
        for (place, structure) in self.definitions(node, &own, asked).into_iter().enumerate() {
            self.again = again || place > 0;
            let before = self.failed;
            self.failed = false;
            self.rules_of(node, &structure, structure.root());
            self.met.insert((node.number(), Arc::as_ptr(&structure) as usize), !self.failed);
            self.failed |= before;
        }
        self.again = again;
        self.element_ids(node, mark);
        if !again {
            self.whole_resource(node);
        }
        if opened {
            self.close();
        }
        (self.resource, self.root) = (resource, root);
    }

    /// What no definition says of a resource of its type.
    fn whole_resource(&mut self, node: Node<'t>) {
        self.special(node);
        self.contained_rules(node);
        if node.resource_type() == Name::BUNDLE {
            self.bundle_rules(node);
        }
        self.meta(node);
    }

    /// The definitions that hold, the most telling first; one that another builds on says nothing more.
    fn definitions(&mut self, node: Node<'t>, own: &Arc<Structure>, asked: &[&str]) -> Vec<Arc<Structure>> {
        let registry = self.registry;
        let mut all: Vec<Arc<Structure>> = Vec::new();
        for url in asked {
            if let Some(profile) = registry.structure(url) {
                self.take(node, profile, &mut all);
            } else {
                let text = format!("The profile {} that was asked for is not known.", shown(url));
                self.error(node, IssueCode::NotFound, "profile-known", text);
            }
        }
        let claimed = node.child(Name::META).into_iter().flat_map(|meta| meta.all(Name::PROFILE));
        for claim in claimed {
            let Some(url) = claim.value() else { continue };
            match registry.structure(url) {
                Some(profile) => self.take(claim, profile, &mut all),
                None if !self.again => self.unknown_claim(claim, url),
                None => {}
            }
        }
        if node.resource_type().text() == "Observation"
            && let Some(profile) = self.vital_sign(node)
        {
            all.push(profile);
        }
        if self.options.guide == Guide::UkCore
            && let Some(profile) = registry.guide(UKCORE, node.resource_type())
        {
            all.push(profile);
        }
        all.push(own.clone());
        let mut kept: Vec<Arc<Structure>> = Vec::new();
        for one in all {
            if !kept.iter().any(|other| registry.builds_on(other, &one.url)) {
                kept.retain(|other| !registry.builds_on(&one, &other.url));
                kept.push(one);
            }
        }
        kept
    }

    fn take(&mut self, at: Node<'t>, profile: Arc<Structure>, all: &mut Vec<Arc<Structure>>) {
        let of = at.resource().resource_type();
        let fits = profile.of == of || matches!(profile.of.text(), "Resource" | "DomainResource");
        if fits {
            all.push(profile);
        } else {
            let text = format!("{} is for {}, and this is a {}.", profile.url, profile.of.text(), of.text());
            self.error(at, IssueCode::Value, "profile-type", text);
        }
    }

    /// A profile nobody knows: its rules cannot be checked.
    pub(super) fn unknown_profile(&mut self, node: Node<'t>, url: &str) {
        let text = format!("The profile {} is not known, so whether this meets it was not checked.", shown(url));
        self.warning(node, IssueCode::NotFound, "profile-known", text);
    }

    /// A resource inside another: contained, entry of a bundle, parameter.
    pub(super) fn inner_resource(&mut self, node: Node<'t>, structure: &Structure, kind: &Type) {
        let asked: Vec<&str> = match kind.profiles.as_slice() {
            [one] => vec![one.url.as_str()],
            _ => Vec::new(),
        };
        if let [_, _, ..] = kind.profiles.as_slice() {
            let registry = self.registry;
            let known: Vec<_> = kind.profiles.iter().filter_map(|link| link.get(registry)).collect();
            if !known.iter().any(|profile| profile.of == node.resource_type() && self.meets(node, profile)) {
                let names: Vec<_> = known.iter().map(|profile| profile.url.as_str()).collect();
                let text = format!("This meets none of the profiles it may have here: {}.", names.join(", "));
                self.error(node, IssueCode::Structure, "resource-profile", text);
                self.detail(structure, None, None);
            }
        }
        self.resource(node, &asked);
    }
}

/// What FHIRPath asks of the surroundings.
pub(super) struct Surroundings<'t, 'r, 'b> {
    pub(super) registry: &'r Registry,
    pub(super) bundles: &'b [Around<'t>],
    /// `%extension`, where it is asked whether an extension may stand somewhere.
    pub(super) extension: Option<Node<'t>>,
}

impl<'t> Host<'t> for Surroundings<'t, '_, '_> {
    fn resolve(&self, reference: &str) -> Option<Node<'t>> {
        self.bundles.iter().rev().find_map(|around| around.index.resolve(reference))
    }

    fn member_of(&self, item: &Item<'_>, value_set: &str) -> Option<bool> {
        let _ = (self.registry, item, value_set);
        None
    }

    fn html_checks(&self, div: &str, content: bool) -> Option<bool> {
        let found = xhtml::read(div, false);
        Some(if content { found.has_content } else { !found.faults.iter().any(|(_, wrong)| wrong.breaks_txt_1()) })
    }

    fn variable(&self, name: &str) -> Option<Vec<Item<'t>>> {
        let extension = self.extension.filter(|_| name == "extension")?;
        Some(vec![Item::Node(fhirpath::Node::element(extension, TypeId::named("Extension")))])
    }
}
