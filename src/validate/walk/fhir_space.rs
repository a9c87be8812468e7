//! Addresses in FHIR's own space (`http://hl7.org/fhir…`): a uri that stands there must be of something FHIR defines.
//! What stands elsewhere may be anything; canonicals are looked up by `uri`.

use super::Walk;
use super::linked::is_canonical;
use crate::definitions::Definitions;
use crate::fhir::shown;
use crate::fhir::tree::{Name, Node};
use crate::model::IssueCode;

const SPACE: &str = "http://hl7.org/fhir";

/// Extensions whose value may be a page that is not there yet, or is looked at for itself.
const EXEMPT: [&str; 2] =
    ["http://hl7.org/fhir/tools/StructureDefinition/ig-page-name", "http://hl7.org/fhir/StructureDefinition/textLink"];

/// What FHIR names there that is no definition: what mappings map to (<https://hl7.org/fhir/R4/mappings.html>), consent
/// policies, and a system that has become a NamingSystem.
const NAMED: [&str; 15] = [
    "ConsentPolicy/opt-in",
    "ConsentPolicy/opt-out",
    "auditevent",
    "composition",
    "consent",
    "documentreference",
    "fivews",
    "interface",
    "logical",
    "ndfrt",
    "object-implementation",
    "provenance",
    "rr",
    "w5",
    "workflow",
];

impl<'t> Walk<'t, '_> {
    /// A uri or url that FHIR should know and does not.
    pub(super) fn fhir_uri(&mut self, node: Node<'t>, uri: &str) {
        if is_name(node) || !self.is_invented(uri) {
            return;
        }
        let text = format!(
            "FHIR defines nothing at {}: give the address of something it defines, or one of your own.",
            shown(uri)
        );
        self.error(node, IssueCode::NotFound, "uri-known", text);
    }

    /// Whether an address is in FHIR's space and FHIR has nothing there.
    pub(super) fn is_invented(&self, uri: &str) -> bool {
        uri.starts_with(SPACE) && !self.is_defined(uri)
    }

    fn is_defined(&self, uri: &str) -> bool {
        let plain = uri.split(['#', '|']).next().unwrap_or(uri);
        let rest = plain.strip_prefix(SPACE).unwrap_or_default();
        if rest.starts_with("path/System.") {
            return true;
        }
        let rest = rest.strip_prefix('/').unwrap_or_default();
        // the systems of identifiers and codes that FHIR lends an address are many, and no definitions
        if rest.starts_with("sid/") || NAMED.contains(&rest) || of_version(rest) {
            return true;
        }
        let kind = rest.split('/').find(|part| crate::fhir::is_resource_type(part));
        if kind.is_some_and(|kind| {
            // of other kinds the packs hold none
            !matches!(kind, "CodeSystem" | "StructureDefinition" | "ValueSet") && is_canonical(Name::of(kind))
        }) {
            return true;
        }
        let library = self.registry.library();
        library.code_system(plain).is_some()
            || library.value_set(plain).is_some()
            || library.structure(plain).is_ok()
            || self.bundles.iter().any(|around| around.index.at(plain).next().is_some())
    }
}

/// Whether what follows is the address of a release: `4.0/StructureDefinition/Patient`.
fn of_version(rest: &str) -> bool {
    let version = rest.split('/').next().unwrap_or_default();
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    version.split_once('.').is_some_and(|(major, minor)| digits(major) && digits(minor))
}

/// Whether the address is that of what it stands in, or is looked up elsewhere.
fn is_name(node: Node<'_>) -> bool {
    let Some(parent) = node.parent() else { return true };
    let in_extension = matches!(parent.name(), Name::EXTENSION | Name::MODIFIER_EXTENSION);
    match node.name() {
        Name::FULL_URL => true,
        Name::URL => in_extension || parent.is_resource() && is_canonical(parent.resource_type()),
        _ => in_extension && parent.text(Name::URL).is_some_and(|url| EXEMPT.contains(&url)),
    }
}
