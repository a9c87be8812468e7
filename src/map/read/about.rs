//! Whether a resource may be read as a fact about our person: it is about them, and whoever sent it stands by it. What
//! may not be is kept whole, with the reason; nothing here reads what a resource says.

use serde_json::Value;

use super::Subject;
use crate::fhir::bundle::resource_type;
use crate::fhir::codes;
use crate::map::NoteKind;
use crate::map::source::Source;
use crate::model::{Issue, IssueCode};

/// Why a person or party that is no longer active is not read. An objection to them holds all the same.
pub(in crate::map) const INACTIVE: &str = "It is marked as no longer active, so it is not read as a fact.";

/// Whom a resource says it is about.
enum About {
    Ours,
    /// Nobody, or somebody with nothing to know them by.
    Unsaid,
    Other,
}

/// Why a resource must not be read as a fact: what it says of itself turns its meaning around
/// (<https://hl7.org/fhir/R4/conformance-rules.html#isModifier>). Codes the native form has a place for (a condition
/// ruled out, a medicine stopped) are facts.
pub(in crate::map) fn disavowed(value: &Value) -> Option<&'static str> {
    let kind = resource_type(value);
    let status = value.get("status").and_then(Value::as_str);
    let verified = |wanted: &str| {
        let codings = value.pointer("/verificationStatus/coding").and_then(Value::as_array).into_iter().flatten();
        codings.into_iter().any(|coding| coding.get("code").and_then(Value::as_str) == Some(wanted))
    };
    let forbids = value.get("doNotPerform").is_some_and(|value| *value != Value::Bool(false));
    let modified = value.get("modifierExtension").and_then(Value::as_array).is_some_and(|all| !all.is_empty());
    match kind {
        _ if status == Some("entered-in-error") || verified("entered-in-error") => Some("It was entered in error."),
        Some("AllergyIntolerance") if verified("refuted") => Some("It says that there is no such allergy."),
        Some("Procedure" | "Communication") if status == Some("not-done") => Some("It says that this was not done."),
        Some("Flag") if status == Some("inactive") => Some("It says that this no longer needs attention."),
        Some("RelatedPerson") if value.get("active") == Some(&Value::Bool(false)) => Some(INACTIVE),
        _ if forbids => Some("It says what is not to be done."),
        _ if modified => Some("It holds a modifier extension, which may turn its meaning around."),
        _ => None,
    }
}

impl Subject<'_, '_> {
    /// Whether a resource is about our person, by the reference under `key`, and may be read as a fact. One that may not
    /// is kept whole, with the reason, unless something else has a use for it; one that does not say whom it is about is
    /// read, with a remark.
    pub(in crate::map) fn admits(&self, place: usize, value: &Value, key: Option<&str>) -> bool {
        if let Some(reason) = disavowed(value) {
            self.source.refuse(place, reason);
            return false;
        }
        self.is_ours(place, value, key)
    }

    /// Whether a resource says that it is about somebody else.
    pub(in crate::map) fn is_others(&self, value: &Value, key: Option<&str>) -> bool {
        key.is_some_and(|key| matches!(self.about(value, value.get(key)), About::Other))
    }

    /// Whether a resource is about our person.
    pub(in crate::map) fn is_ours(&self, place: usize, value: &Value, key: Option<&str>) -> bool {
        let Some(key) = key else { return true };
        match self.about(value, value.get(key)) {
            About::Ours => true,
            About::Unsaid => {
                let path = format!("Bundle.entry[{place}].resource.{key}");
                let text = "It does not say whom it is about: read as being about the person of the document.";
                self.source.notes.add(NoteKind::Coerced, path, text);
                true
            }
            About::Other => {
                self.source.refuse(place, "It names somebody else, or nobody known here, as whom it is about.");
                false
            }
        }
    }

    fn about(&self, holder: &Value, reference: Option<&Value>) -> About {
        let Some(reference) = reference.filter(|reference| reference.is_object()) else { return About::Unsaid };
        let ours = numbers(self.source.value(self.patient));
        let said = reference.get("identifier").and_then(number);
        if let Some(said) = said.as_ref().filter(|_| !ours.is_empty()) {
            return if ours.contains(said) { About::Ours } else { About::Other };
        }
        let literal = reference.get("reference").and_then(Value::as_str);
        let inner = literal.and_then(|text| text.strip_prefix('#')).and_then(|id| {
            let all = holder.get("contained")?.as_array()?;
            all.iter().find(|one| one.get("id").and_then(Value::as_str) == Some(id))
        });
        let same = |value: &Value| numbers(value).iter().any(|number| ours.contains(number));
        match self.source.locate(reference) {
            Some(place) if place == self.patient && !self.source.is_elsewhere(literal, place) => About::Ours,
            Some(place) if place != self.patient && same(self.source.value(place)) => About::Ours,
            None if inner.is_some_and(same) => About::Ours,
            None if literal.is_none() && said.is_none() => About::Unsaid,
            _ => About::Other,
        }
    }
}

/// Refuses what is about somebody else than the Patient it comes with: `reference` names another NHS number.
pub(in crate::map) fn somebody_else(source: &Source<'_>, patient: usize, holder: usize) -> Option<Issue> {
    let said = source.value(holder).pointer("/subject/identifier").and_then(number)?;
    let known = numbers(source.value(patient));
    (!known.is_empty() && !known.contains(&said)).then(|| {
        let text = "The NHS number of the subject is not that of the Patient sent with it, so it cannot be told whom \
                    this is about. Send the Patient the subject names.";
        let path = format!("Bundle.entry[{holder}].resource.subject.identifier");
        Issue::error(IssueCode::BusinessRule, text).at(path)
    })
}

fn numbers(value: &Value) -> Vec<String> {
    value.get("identifier").and_then(Value::as_array).into_iter().flatten().filter_map(number).collect()
}

/// The NHS number in an identifier, without the spaces it is written with.
fn number(identifier: &Value) -> Option<String> {
    let text = |key: &str| identifier.get(key).and_then(Value::as_str);
    let value = text("value").filter(|_| text("system") == Some(codes::NHS_NUMBER))?;
    Some(value.chars().filter(|c| !c.is_whitespace()).collect())
}
