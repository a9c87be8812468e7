//! What a resource says of itself: its labels and the profiles it claims (<https://hl7.org/fhir/R4/resource.html>).
//! Whether claimed profiles are met is for `resource`, what identifies it for `special`.

use std::collections::HashSet;

use super::Walk;
use crate::fhir::shown;
use crate::fhir::tree::{Name, Node};
use crate::model::IssueCode;

impl<'t> Walk<'t, '_> {
    /// The labels of a resource.
    pub(super) fn meta(&mut self, node: Node<'t>) {
        let Some(meta) = node.child(Name::META) else { return };
        if meta.all(Name::SECURITY).nth(1).is_none() {
            return;
        }
        let mut seen = HashSet::new();
        for label in meta.all(Name::SECURITY) {
            let (system, code) = (label.text(Name::SYSTEM), label.text(Name::CODE));
            if !seen.insert((system, code)) {
                let text = format!("The security label {} is there twice.", shown(code.unwrap_or("without code")));
                self.error(label, IssueCode::BusinessRule, "security-label-twice", text);
            }
        }
    }

    /// A claimed profile that is not among the definitions: unknown, or a version of FHIR's own.
    pub(super) fn unknown_claim(&mut self, claim: Node<'t>, url: &str) {
        let of_version = url.strip_prefix("http://hl7.org/fhir/").and_then(|rest| {
            let (version, name) = rest.split_once("/StructureDefinition/")?;
            let numbers = version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && version.contains('.');
            numbers.then_some((version, name))
        });
        let Some((version, name)) = of_version else { return self.unknown_profile(claim, url) };
        if !version.starts_with("4.0") {
            let text = format!("This claims to be of FHIR {}, and is validated as R4 (4.0).", shown(version));
            self.information(claim, IssueCode::Structure, "profile-version", text);
        } else if Name::of(name) == claim.resource().resource_type() {
            let text = "Every resource is of R4 without claiming it.".to_owned();
            self.information(claim, IssueCode::Structure, "profile-version", text);
        } else {
            let text =
                format!("This claims to be a {}, and is a {}.", shown(name), claim.resource().resource_type().text());
            self.error(claim, IssueCode::Structure, "profile-version", text);
        }
    }
}
