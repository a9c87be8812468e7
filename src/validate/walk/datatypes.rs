//! Rules on identifiers, codings and quantities that no definition holds: what a system may look like, and under our guide
//! whether NHS numbers and ODS codes can be right. Values are judged by `validate::values`; who has a code is for `binding`.

use super::{Guide, Walk};
use crate::fhir::shown;
use crate::fhir::tree::{Name, Node};
use crate::model::{IssueCode, Severity};
use crate::validate::terminology::Why;
use crate::validate::values::primitive::{Primitive, check};
use crate::validate::values::{nhs_number, ods};

/// Identifiers whose value is a URI name this for their system (<https://hl7.org/fhir/R4/datatypes.html#Identifier>).
const URIS: &str = "urn:ietf:rfc:3986";
/// Not a system of FHIR, but often written for UUIDs.
const UUIDS: &str = "https://tools.ietf.org/html/rfc4122";
/// Systems with one address each, which others begin with by mistake.
const EXACT: [&str; 4] = [
    "http://snomed.info/sct",
    "http://loinc.org",
    "http://unitsofmeasure.org",
    "http://www.nlm.nih.gov/research/umls/rxnorm",
];

impl<'t> Walk<'t, '_> {
    /// An Identifier: its system is absolute, and its value is what the system asks for.
    pub(super) fn identifier(&mut self, node: Node<'t>) {
        let Some(system) = node.child(Name::SYSTEM) else { return };
        let Some(url) = system.value() else { return };
        if !is_absolute_system(url) && !url.starts_with("ldap:") {
            let text =
                format!("\"{}\" is no system of identifiers: it must be absolute (http:, https: or urn:).", shown(url));
            self.error(system, IssueCode::CodeInvalid, "identifier-system", text);
        }
        let Some(value) = node.child(Name::VALUE) else { return };
        let Some(text) = value.value() else { return };
        match url {
            URIS => self.uri_as_value(value, text),
            UUIDS => self.uuid_as_value(value, text),
            _ if self.options.guide == Guide::UkCore => self.english(value, url, text),
            _ => {}
        }
    }

    fn uri_as_value(&mut self, node: Node<'t>, value: &str) {
        const BEGINNINGS: [&str; 7] =
            ["http:", "https:", "urn:uuid:", "urn:oid:", "urn:ietf:", "urn:iso:", "urn:iso-astm:"];
        let is_uri = BEGINNINGS.iter().any(|begins| value.starts_with(begins));
        if !value.is_empty() && !is_uri && value != "urn:x-fhir:uk:id:nhs-number" {
            let text = format!(
                "With the system {URIS} the value must be a whole URI (as urn:oid:…), and \"{}\" is none.",
                shown(value)
            );
            self.error(node, IssueCode::CodeInvalid, "identifier-uri", text);
        }
    }

    fn uuid_as_value(&mut self, node: Node<'t>, value: &str) {
        let is_uuid = value.starts_with("urn:uuid:") || check(Primitive::Uuid, &format!("urn:uuid:{value}")).is_ok();
        let severity = if is_uuid { Severity::Warning } else { Severity::Error };
        let text = format!(
            "A UUID is identified by the system {URIS} and a value that begins with urn:uuid:, not by {UUIDS}."
        );
        self.say(node, severity, IssueCode::CodeInvalid, "identifier-uuid", text);
    }

    /// NHS numbers and ODS codes: warnings of our own, as neither refuses a message.
    fn english(&mut self, node: Node<'t>, system: &str, value: &str) {
        let Some(rest) = system.strip_prefix("https://fhir.nhs.uk/Id/") else { return };
        match rest {
            "nhs-number" => {
                if let Err(wrong) = nhs_number::check(value) {
                    self.warning(node, IssueCode::Value, wrong.rule(), format!("{}.", wrong.told(value)));
                }
            }
            "ods-organization-code" | "ods-site-code" => {
                if let Err(wrong) = ods::check(value) {
                    self.warning(node, IssueCode::Value, wrong.rule(), format!("\"{}\" {wrong}.", shown(value)));
                }
            }
            _ => {}
        }
    }

    /// A Coding or a coded Quantity: a code has a system, and a system is absolute.
    pub(super) fn coding_form(&mut self, node: Node<'t>) {
        let system = node.child(Name::SYSTEM);
        let Some(code) = node.child(Name::CODE) else { return };
        match system.and_then(|system| Some((system, system.value()?))) {
            Some((system, url)) if !is_absolute_system(url) => {
                let text =
                    format!("\"{}\" is no code system: it must be absolute (http:, https: or urn:).", shown(url));
                self.error(system, IssueCode::CodeInvalid, "coding-system", text);
            }
            None if code.value().is_some() => {
                let text = "A code without a system means nothing to others: add the system.";
                self.warning(node, IssueCode::CodeInvalid, "coding-no-system", text.to_owned());
            }
            _ => {}
        }
    }

    /// A Coding whose system is not at hand. `bound`: a value set says which systems may be used here.
    pub(super) fn unknown_system(&mut self, node: Node<'t>, system: &str, why: &Why, bound: bool) {
        let at = node.child(Name::SYSTEM).unwrap_or(node);
        let advice = match why {
            Why::SystemIsValueSet(_) => "it is the address of a value set",
            Why::Supplement(_) => "it is a supplement: name the code system it adds to",
            // told of the address as such
            Why::System(_) if self.is_invented(system) => return,
            Why::System(_) if !bound && node.name() != Name::CODING => match mistake(system) {
                Some(advice) => advice,
                None => return,
            },
            _ => return,
        };
        let text = format!("{} is not the address of a code system: {advice}.", shown(system));
        self.error(at, IssueCode::CodeInvalid, "coding-system", text);
    }

    /// Notes in braces in a UCUM code, which nobody computes with (good practice).
    pub(super) fn annotation(&mut self, node: Node<'t>) {
        let Some(code) = node.child(Name::CODE) else { return };
        let Some((_, rest)) = code.value().and_then(|code| code.split_once('{')) else { return };
        let Some((words, _)) = rest.split_once('}') else { return };
        let is_repeated = node.text(Name::UNIT).is_some_and(|unit| unit.to_lowercase().contains(&words.to_lowercase()));
        let advice = if is_repeated { "" } else { ", and the unit for people does not say it" };
        let text =
            format!("{{{}}} in the code is a note that systems pass over{advice} (good practice).", shown(words));
        self.warning(code, IssueCode::BusinessRule, "ucum-annotation", text);
    }
}

/// Whether an address can name a system, as the reference asks.
fn is_absolute_system(url: &str) -> bool {
    ["http:", "https:", "urn:"].iter().any(|begins| url.starts_with(begins))
}

/// Why nobody can have a code system of this address.
fn mistake(system: &str) -> Option<&'static str> {
    let plain = system.strip_prefix("https://").or_else(|| system.strip_prefix("http://"))?;
    if plain.starts_with("build.fhir.org") {
        return Some("it is a page of FHIR's working draft");
    }
    if plain.starts_with("hl7.org/fhir") || plain.starts_with("www.hl7.org/fhir") {
        let is_left_alone = ["hl7.org/fhir/sid/", "hl7.org/fhir/test"].iter().any(|one| plain.starts_with(one));
        return (!is_left_alone).then_some("FHIR has no code system of this name");
    }
    if EXACT.iter().any(|exact| system != *exact && system.starts_with(exact)) {
        return Some("it begins with the address of one, and goes on");
    }
    let is_https = system.starts_with("https://");
    if is_https && EXACT.iter().any(|exact| exact.strip_prefix("http://") == Some(plain)) {
        return Some("the address begins with http:, not https:");
    }
    None
}
