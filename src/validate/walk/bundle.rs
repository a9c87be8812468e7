//! Bundles, by their type: addresses of entries, links, what hangs together in documents and messages, what a search set
//! tells of its search (<https://hl7.org/fhir/R4/bundle.html>). What R4 says as an invariant (bdl-1 to bdl-12) is not here.

use std::collections::HashSet;

use super::Walk;
use super::address::{self, Rest};
use super::reach::Reach;
use crate::fhir::shown;
use crate::fhir::tree::{Name, Node};
use crate::model::{IssueCode, Severity};
use crate::validate::fhirpath::{Entry, InBundle};

/// References of a document's Composition and a message's header that must lead to an entry
/// (<https://hl7.org/fhir/R4/documents.html#content>, <https://hl7.org/fhir/R4/messaging.html>).
pub(super) fn must_be_beside(node: Node<'_>) -> bool {
    let Some(parent) = node.parent() else { return false };
    let (name, within) = (node.name().text(), parent.name().text());
    match node.resource().resource_type().text() {
        "Composition" => match within {
            "attester" => name == "party",
            "event" => name == "detail",
            "section" => matches!(name, "author" | "focus" | "entry"),
            _ => parent.is_resource() && matches!(name, "subject" | "author" | "encounter" | "custodian"),
        },
        "MessageHeader" => parent.is_resource() && name == "focus",
        _ => false,
    }
}

impl<'t> Walk<'t, '_> {
    /// The rules of a bundle as a whole. Call it once all its entries have been looked at, before it is left.
    pub(super) fn bundle_rules(&mut self, bundle: Node<'t>) {
        let Some(around) = self.bundles.last_mut() else { return };
        let (index, kind, edges) = (around.index.clone(), around.kind, std::mem::take(&mut around.edges));
        if index.around() != Some(bundle) {
            return;
        }
        self.relations(bundle, kind, &index);
        let optional = matches!(kind, "transaction" | "transaction-response" | "batch" | "batch-response");
        for entry in index.entries() {
            self.address(entry, optional);
        }
        match kind {
            "document" | "message" => self.hangs_together(bundle, &index, &edges, kind == "message"),
            "searchset" => self.search_set(bundle, &index),
            _ => {}
        }
        if let Some(signature) = bundle.child(*SIGNATURE).filter(|signature| signature.child(Name::DATA).is_some()) {
            let text = "The signature was not checked: this validator does not verify signatures.";
            self.information(signature, IssueCode::NotSupported, "bundle-signature", text.to_owned());
        }
    }

    /// The fullUrl of an entry, against its resource.
    fn address(&mut self, entry: &Entry<'t>, optional: bool) {
        self.spend(1);
        let Some(url) = entry.url else {
            if !optional && entry.node.child(Name::FULL_URL).is_none() {
                self.no_address(entry.node);
            }
            return;
        };
        let at = entry.node.child(Name::FULL_URL).unwrap_or(entry.node);
        if !address::is_absolute(url) {
            let text = format!("A fullUrl is absolute (with https:// or urn:uuid: before it); {} is not.", shown(url));
            self.error(at, IssueCode::Invalid, "entry-full-url", text);
        }
        let Some(resource) = entry.resource.filter(|resource| resource.resource_type().is_known()) else { return };
        let id = resource.text(Name::ID);
        let rest = Rest::read(url).filter(|rest| !rest.base.is_empty());
        if let Some(rest) = rest {
            let of = resource.resource_type();
            match id {
                None => {
                    let text = format!(
                        "This fullUrl is that of a resource on a server, so the resource has the id {}; it has none.",
                        shown(rest.id)
                    );
                    self.error(at, IssueCode::Invalid, "entry-full-url", text);
                }
                Some(id) if rest.kind != of || rest.id != id || rest.version.is_some() => {
                    let text = format!(
                        "This fullUrl must end in /{}/{}, the type and id of the resource.",
                        of.text(),
                        shown(id)
                    );
                    self.error(at, IssueCode::Invalid, "entry-full-url", text);
                }
                Some(_) => {}
            }
        }
        let is_definition = resource.text(Name::URL) == Some(url);
        let old = ["http://hl7.org/fhir/v2/", "http://hl7.org/fhir/v3/"].iter().any(|base| url.starts_with(base));
        if is_definition && !old && (Rest::read(url).is_none() || id.is_none_or(|id| !url.ends_with(&format!("/{id}"))))
        {
            let text = "The fullUrl is the canonical of the resource; then it must end in the type and id of the resource as well.";
            self.error(at, IssueCode::Invalid, "entry-full-url", text.to_owned());
        }
    }

    /// Links: pages belong to search sets and histories, and there is one of a kind.
    fn relations(&mut self, bundle: Node<'t>, kind: &str, index: &InBundle<'t>) {
        let mut seen = [false; PAGES.len()];
        for link in bundle.all(Name::LINK) {
            let Some(relation) = link.child(*RELATION) else { continue };
            let said = relation.value().unwrap_or_default();
            let page = PAGES.iter().position(|page| *page == said);
            if let Some(page) = page
                && let Some(seen) = seen.get_mut(page)
            {
                if said != "self" && !matches!(kind, "searchset" | "history") {
                    let text = format!("Only search sets and histories have pages, so there is no link `{said}` here.");
                    self.error(relation, IssueCode::Invalid, "bundle-link", text);
                } else if *seen {
                    let text = format!("There is another link `{said}` already.");
                    self.error(relation, IssueCode::Invalid, "bundle-link", text);
                }
                *seen = true;
            }
            if said == "stylesheet" && kind == "document" {
                self.stylesheet(link, index);
            }
        }
    }

    fn stylesheet(&mut self, link: Node<'t>, index: &InBundle<'t>) {
        let Some(at) = link.child(Name::URL) else { return };
        let url = at.value().unwrap_or_default();
        if url == "https://hl7.org/fhir/fhir.css" {
            return;
        }
        if address::is_absolute(url) {
            let text =
                "The style sheet is outside the document, which may then look different one day: put it into an entry.";
            self.warning(at, IssueCode::BusinessRule, "document-stylesheet", text.to_owned());
        } else if styled(index, url).is_none() {
            let text = format!("The style sheet {} is in no entry.", shown(url));
            self.error(at, IssueCode::NotFound, "document-stylesheet", text);
        }
    }

    /// Every entry of a document or message belongs to it: its first entry leads there, or it leads back.
    fn hangs_together(&mut self, bundle: Node<'t>, index: &InBundle<'t>, edges: &[(u32, u32)], is_message: bool) {
        let entries = index.entries();
        let Some(first) = entries.iter().position(|entry| entry.resource.is_some()) else { return };
        if entries.first().is_some_and(|entry| entry.resource.is_none()) {
            let text = "The first entry has no resource: it holds the Composition of a document, the MessageHeader of a message.";
            self.error(bundle, IssueCode::Invalid, "bundle-first-entry", text.to_owned());
        }
        let mut reach = Reach::new(entries.len(), edges);
        reach.forward(first, (0, 0));
        let styles = bundle.all(Name::LINK).filter(|link| link.text(*RELATION) == Some("stylesheet"));
        for style in styles.filter_map(|link| styled(index, link.text(Name::URL)?)) {
            reach.forward(style, (0, 0));
        }
        let what = if is_message { "MessageHeader" } else { "Composition" };
        for back in reach.backward() {
            let Some(entry) = entries.get(back) else { continue };
            if entry.resource.is_none_or(|resource| resource.resource_type().text() == "Provenance") {
                continue;
            }
            let text = format!(
                "The {what} does not lead to this entry; only its own references lead back. Refer to it, or leave it out."
            );
            let severity = if is_message { Severity::Information } else { Severity::Warning };
            self.say(entry.node, severity, IssueCode::Invalid, "bundle-entry-linked", text);
        }
        self.spend(reach.steps);
        for (entry, seen) in entries.iter().zip(&reach.seen) {
            if entry.resource.is_some() && !seen {
                let text = format!("Nothing connects this entry with the {what}: refer to it, or leave it out.");
                let severity = if is_message { Severity::Warning } else { Severity::Error };
                self.say(entry.node, severity, IssueCode::Informational, "bundle-entry-linked", text);
            }
        }
    }

    /// A search set tells what was asked, and of each entry why it is there.
    fn search_set(&mut self, bundle: Node<'t>, index: &InBundle<'t>) {
        let own = bundle.all(Name::LINK).find(|link| link.text(*RELATION) == Some("self"));
        let types = own.and_then(|link| link.text(Name::URL)).map(searched).unwrap_or_default();
        if own.is_none() {
            let text = "A search set has a link `self` that tells what was searched for.";
            self.warning(bundle, IssueCode::Invalid, "search-self", text.to_owned());
        } else if types.is_empty() {
            let text = "The link `self` does not tell which type was searched for, so whether the entries fit was not checked.";
            self.information(bundle, IssueCode::Invalid, "search-self", text.to_owned());
        }
        let any = index.entries().iter().any(|entry| mode(entry).is_some());
        let mut mixed = false;
        let mut first = None;
        for entry in index.entries() {
            let Some(resource) = entry.resource else {
                let text = "An entry of a search set has a resource.";
                self.error(entry.node, IssueCode::Invalid, "search-resource", text.to_owned());
                continue;
            };
            if any {
                self.found_as(entry, resource, &types);
            } else {
                mixed |= self.found(resource, &types, own.is_none(), &mut first);
            }
        }
        if !any && !index.entries().is_empty() {
            let text = "The entries of a search set say in search.mode why they are there; these do not.";
            let severity = if mixed { Severity::Warning } else { Severity::Information };
            self.say(bundle, severity, IssueCode::Invalid, "search-mode", text.to_owned());
        }
    }

    /// An entry in a search set some of whose entries say why they are there.
    fn found_as(&mut self, entry: &Entry<'t>, resource: Node<'t>, types: &HashSet<&str>) {
        let of = resource.resource_type().text();
        let has_id = resource.child(Name::ID).is_some();
        let no_id = "What a search finds has an id; this has none.";
        match mode(entry) {
            None => {
                let text = "Other entries say in search.mode why they are there; this one does not.";
                self.warning(entry.node, IssueCode::Invalid, "search-mode", text.to_owned());
            }
            Some("match") => {
                if !has_id {
                    self.error(resource, IssueCode::Invalid, "search-id", no_id.to_owned());
                }
                if !types.is_empty() && !types.contains(of) {
                    self.error(resource, IssueCode::Invalid, "search-type", wrong_type(of, types));
                }
            }
            Some("include") if !has_id => self.error(resource, IssueCode::Invalid, "search-id", no_id.to_owned()),
            Some("include") => {}
            Some(_) if of != "OperationOutcome" => {
                let text = format!("With search.mode `outcome` this must be an OperationOutcome; it is a {of}.");
                self.error(resource, IssueCode::Invalid, "search-type", text);
            }
            Some(_) => {}
        }
    }

    /// An entry in a search set none of whose entries say why they are there; whether that leaves a doubt.
    fn found(&mut self, resource: Node<'t>, types: &HashSet<&str>, no_self: bool, first: &mut Option<Name>) -> bool {
        let of = resource.resource_type();
        let is_outcome = of.text() == "OperationOutcome";
        if !types.is_empty() && !types.contains(of.text()) {
            self.warning(resource, IssueCode::Invalid, "search-type", wrong_type(of.text(), types));
            return true;
        }
        if types.is_empty() && !no_self {
            let text = "Whether this is what was searched for cannot be told.";
            self.information(resource, IssueCode::Invalid, "search-type", text.to_owned());
        }
        if !is_outcome && resource.child(Name::ID).is_none() {
            let text = "What a search finds has an id; this has none.";
            self.warning(resource, IssueCode::Invalid, "search-id", text.to_owned());
        }
        let other = !is_outcome && *first.get_or_insert(of) != of;
        types.is_empty() || other
    }
}

/// Which two entries have one address and one version (bdl-7), as a sentence.
pub(super) fn same_address(bundle: Node<'_>) -> Option<String> {
    let mut seen = std::collections::HashMap::new();
    InBundle::of(bundle).entries().iter().enumerate().find_map(|(second, entry)| {
        let first = seen.insert((entry.url?, entry.version), second)?;
        Some(format!(" They are entry[{first}] and entry[{second}]; give each its own."))
    })
}

const PAGES: [&str; 5] = ["first", "previous", "next", "last", "self"];

static RELATION: std::sync::LazyLock<Name> = std::sync::LazyLock::new(|| Name::of("relation"));
static MODE: std::sync::LazyLock<Name> = std::sync::LazyLock::new(|| Name::of("mode"));
static SIGNATURE: std::sync::LazyLock<Name> = std::sync::LazyLock::new(|| Name::of("signature"));

fn mode<'t>(entry: &Entry<'t>) -> Option<&'t str> {
    entry.node.child(Name::SEARCH)?.text(*MODE)
}

fn wrong_type(of: &str, types: &HashSet<&str>) -> String {
    let mut types: Vec<_> = types.iter().map(|one| shown(one)).collect();
    types.sort_unstable();
    format!("The search was for {}; this is a {of}.", types.join(", "))
}

/// The types that a search was for, by its address: its last step, or `_type`.
fn searched(url: &str) -> HashSet<&str> {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let last = path.rsplit('/').next().unwrap_or_default();
    if address::is_resource(Name::of(last)) {
        return HashSet::from([last]);
    }
    query.split('&').filter_map(|part| part.strip_prefix("_type=")).flat_map(|types| types.split(',')).collect()
}

/// The entry with a style sheet.
fn styled(index: &InBundle<'_>, url: &str) -> Option<usize> {
    let (kind, id) = url.split_once('/')?;
    index.of_id(Name::of(kind), id).next().map(|(at, _)| at)
}

#[cfg(test)]
#[path = "bundle_tests.rs"]
mod tests;
