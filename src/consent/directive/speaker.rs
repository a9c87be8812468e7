//! Whose wish a Consent is, by its performers: the person's, or a relative's or carer's, who can open their own details and
//! no more (CS-08). Says of a performer it cannot place that it cannot; what follows from that is the caller's.

use serde_json::Value;

use super::provision::each;
use crate::consent::tags::folded;
use crate::fhir::bundle::resource_type;
use crate::fhir::{Bundle, codes};

/// Whose wish a Consent is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speaker {
    Person,
    /// A relative or carer.
    Carer,
}

/// What a performer is to the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Performer {
    Person,
    Carer,
    /// Somebody or an organisation that recorded it.
    Recorder,
    /// It cannot be told.
    Unclear,
}

/// A Consent agreed to by a relative or carer and not by the person is the carer's own. `holder` is the entry it stands in.
pub(super) fn speaker(consent: &Value, holder: &Value, bundle: &Bundle) -> Speaker {
    let all: Vec<Performer> = each(consent, "performer").map(|one| performer(one, consent, holder, bundle)).collect();
    let by_carer = all.contains(&Performer::Carer) && !all.contains(&Performer::Person);
    if by_carer { Speaker::Carer } else { Speaker::Person }
}

/// The places among the performers of a Consent that stands alone of those who may be the person or a carer: kept like
/// that, a carer's wish would count as the person's.
#[must_use]
pub fn unclear_performers(consent: &Value) -> Vec<usize> {
    let nothing = Bundle::from_fields(serde_json::Map::new());
    let all = each(consent, "performer").map(|one| performer(one, consent, consent, &nothing));
    all.enumerate().filter(|(_, found)| *found == Performer::Unclear).map(|(place, _)| place).collect()
}

/// By the resource it leads to, else by the type it states or spells, else by an identifier that only one of them has.
fn performer(reference: &Value, consent: &Value, holder: &Value, bundle: &Bundle) -> Performer {
    let literal = reference.get("reference").and_then(Value::as_str);
    let inside = |id: &str| {
        let all = each(consent, "contained").chain(each(holder, "contained"));
        all.into_iter().find(|inner| inner.get("id").and_then(Value::as_str) == Some(id))
    };
    let target = match literal.and_then(|text| text.strip_prefix('#')) {
        Some(id) => inside(id),
        None => bundle.follow(Some(reference)),
    };
    let stated = || reference.get("type").and_then(Value::as_str);
    let spelt =
        || literal.and_then(|text| KINDS.iter().copied().find(|kind| text.split('/').any(|part| part == *kind)));
    match target.and_then(resource_type).or_else(stated).or_else(spelt) {
        Some("Patient") => Performer::Person,
        Some("RelatedPerson") => Performer::Carer,
        Some("Practitioner" | "PractitionerRole" | "Organization") => Performer::Recorder,
        Some(_) => Performer::Unclear,
        None => reference.get("identifier").map_or(Performer::Unclear, |given| by_identifier(given, consent)),
    }
}

/// An NHS number is the person's own or somebody else's; a code of the directory is an organisation's.
fn by_identifier(identifier: &Value, consent: &Value) -> Performer {
    let text =
        |of: &Value, key: &str| of.get(key).and_then(Value::as_str).map(str::trim).unwrap_or_default().to_owned();
    let system = folded(&text(identifier, "system"));
    if [codes::PARTY_ID, codes::ODS_ORGANISATION].iter().any(|known| system == folded(known)) {
        return Performer::Recorder;
    }
    let digits = |of: &Value| text(of, "value").replace([' ', '-'], "");
    let person = consent.pointer("/patient/identifier").filter(|own| folded(&text(own, "system")) == system);
    let numbered = system == folded(codes::NHS_NUMBER);
    match person {
        Some(own) if digits(own) == digits(identifier) && !digits(own).is_empty() => Performer::Person,
        Some(_) if numbered => Performer::Carer,
        _ => Performer::Unclear,
    }
}

/// Types of resource a performer may be.
const KINDS: &[&str] = &["Patient", "RelatedPerson", "Practitioner", "PractitionerRole", "Organization"];

#[cfg(test)]
mod tests {
    use super::{Speaker, speaker, unclear_performers};
    use crate::fhir::{Bundle, codes};
    use serde_json::{Value, json};

    fn by(performer: &Value) -> Value {
        json!({
            "resourceType": "Consent",
            "contained": [
                {"resourceType": "RelatedPerson", "id": "sister"},
                {"resourceType": "Patient", "id": "own"},
                {"resourceType": "Observation", "id": "odd"},
            ],
            "patient": {"identifier": {"system": codes::NHS_NUMBER, "value": "9990000018"}},
            "performer": [performer],
        })
    }

    #[test]
    fn a_performer_without_a_type_is_placed_by_where_it_leads_how_it_is_spelt_or_its_identifier() {
        let numbered = |value: &str| json!({"identifier": {"system": codes::NHS_NUMBER, "value": value}});
        let nothing = Bundle::new(json!({"resourceType": "Bundle"})).unwrap();
        let table = [
            (json!({"type": "RelatedPerson", "display": "her sister"}), Speaker::Carer, false),
            (json!({"type": "Patient"}), Speaker::Person, false),
            (json!({"reference": "#sister"}), Speaker::Carer, false),
            (json!({"reference": "#own"}), Speaker::Person, false),
            (json!({"reference": "RelatedPerson/7"}), Speaker::Carer, false),
            (json!({"reference": "https://ehr.example/fhir/RelatedPerson/7/_history/2"}), Speaker::Carer, false),
            (json!({"reference": "Patient/7"}), Speaker::Person, false),
            (json!({"reference": "Practitioner/7"}), Speaker::Person, false),
            (numbered("999 000 0018"), Speaker::Person, false),
            (numbered("9990000026"), Speaker::Carer, false),
            (json!({"identifier": {"system": codes::ODS_ORGANISATION, "value": "Y90001"}}), Speaker::Person, false),
            (json!({"identifier": {"system": "https://ehr.example/people", "value": "7"}}), Speaker::Person, true),
            (json!({"reference": "urn:uuid:0a2b0f62-4a4c-4c6b-9f0f-2f6f0a1b2c3d"}), Speaker::Person, true),
            (json!({"reference": "#nobody"}), Speaker::Person, true),
            (json!({"reference": "#odd"}), Speaker::Person, true),
            (json!({"display": "her sister"}), Speaker::Person, true),
        ];
        for (performer, expected, unclear) in table {
            let consent = by(&performer);
            assert_eq!(speaker(&consent, &consent, &nothing), expected, "{performer}");
            assert_eq!(!unclear_performers(&consent).is_empty(), unclear, "{performer}");
        }
    }
}
