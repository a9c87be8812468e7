//! What a document says of where it comes from and who will read it: the sender's organisation with its sector (CS-13),
//! whether the person reads it (CS-07), whether the recipient is the person. Decides nothing.

use std::collections::BTreeSet;

use serde_json::Value;

use super::label::Label;
use super::person::{Person, is_name_of, is_word_for_person};
use super::tags::folded;
use super::{Question, document};
use crate::fhir::bundle::resource_type;
use crate::fhir::{Bundle, codes};
use crate::model::{DataCategory, DocumentKind, Party, PartyKind, Sector};

/// Whether the document names its sender's organisation together with the sector it belongs to. It is named by an
/// Organization with an identifier of the sender, or of the organisation it is a team of.
pub(super) fn is_stated(bundle: &Bundle, sender: &Party) -> bool {
    bundle.all("Organization").any(|organisation| names(organisation, sender) && is_of(organisation, sender))
}

fn names(organisation: &Value, sender: &Party) -> bool {
    let identifiers = organisation.get("identifier").and_then(Value::as_array).into_iter().flatten();
    let by_identifier = identifiers.into_iter().any(|identifier| {
        let text = |key: &str| identifier.get(key).and_then(Value::as_str).unwrap_or_default();
        match text("system") {
            codes::PARTY_ID => text("value") == sender.id.as_str() || text("value") == sender.organisation().as_str(),
            codes::ODS_ORGANISATION => {
                sender.ods.as_ref().is_some_and(|ods| ods.as_str().eq_ignore_ascii_case(text("value")))
            }
            _ => false,
        }
    });
    by_identifier || organisation.get("name").and_then(Value::as_str).is_some_and(|name| name.trim() == sender.name)
}

fn is_of(organisation: &Value, sender: &Party) -> bool {
    sectors_of(organisation).any(|code| code == sender.sector().code())
}

/// The sectors an Organization says it belongs to.
fn sectors_of(organisation: &Value) -> impl Iterator<Item = &str> {
    let concepts = organisation.get("type").and_then(Value::as_array).into_iter().flatten();
    let codings = concepts.filter_map(|concept| concept.get("coding")?.as_array()).flatten();
    codings.filter_map(|coding| {
        let text = |key: &str| coding.get(key).and_then(Value::as_str);
        text("code").filter(|_| text("system") == Some(codes::SECTOR))
    })
}

/// What follows from who a statement comes from, beyond what it is about: what relatives say is their statement, and what
/// the police or the courts say is about offences too. A label of more; it opens nothing.
pub(super) fn of_source<'v>(resource: &'v Value, follow: impl Fn(&'v Value) -> Option<&'v Value>) -> BTreeSet<Label> {
    let extensions = resource.get("extension").and_then(Value::as_array).into_iter().flatten();
    let sector = |extension: &Value| {
        let ours = extension.get("url").and_then(Value::as_str) == Some(codes::STATED_IN_SECTOR);
        ours.then(|| extension.get("valueCode").and_then(Value::as_str).map(str::to_owned)).flatten()
    };
    // who leads on an area, or was seen, has stated nothing
    let stated = !matches!(resource_type(resource), Some("CareTeam" | "Encounter"));
    let mut sectors: Vec<String> = extensions.filter(|_| stated).filter_map(sector).collect();
    let mut found = BTreeSet::new();
    for source in SOURCES.iter().filter_map(|key| resource.get(*key)).flat_map(each) {
        let led = follow(source);
        let typed = source.get("type").and_then(Value::as_str);
        if led.and_then(resource_type).or(typed) == Some("RelatedPerson") {
            found.insert(Label::from(DataCategory::ThirdPartyStatement));
        }
        let organisation = led.and_then(|role| role.get("organization")).and_then(&follow).or(led);
        sectors.extend(organisation.into_iter().flat_map(sectors_of).map(str::to_owned));
    }
    if sectors.iter().any(|code| code == Sector::Justice.code()) {
        found.insert(DataCategory::Forensic.into());
    }
    found
}

/// Elements that say who a statement comes from.
const SOURCES: &[&str] = &["performer", "author", "asserter", "informationSource", "source"];

fn each(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(all) => all.iter(),
        one => std::slice::from_ref(one).iter(),
    }
}

/// Whether the person reads the document (CS-07): it is theirs by its kind, it is copied or written to them, or it is a
/// carer's plan which the carer lets them see.
pub(super) fn is_copied_to_person(bundle: &Bundle, kind: DocumentKind, person: &Person<'_>) -> bool {
    let composition = bundle.first("Composition");
    let extensions = composition.and_then(|composition| composition.get("extension")).into_iter().flat_map(each);
    let copies = extensions
        .filter(|extension| extension.get("url").and_then(Value::as_str) == Some(codes::DOCUMENT_COPY))
        .filter_map(|extension| extension.get("valueReference"));
    // In a document of another system a Communication may tell of any letter there ever was.
    let ours = composition.and_then(document::kind).is_some();
    let letters = bundle.all("Communication").filter(|_| ours);
    let to = letters.filter_map(|letter| letter.get("recipient")).flat_map(each);
    let destinations = bundle.all("MessageHeader").filter_map(|header| header.get("destination")).flat_map(each);
    let sent = destinations.filter_map(|destination| destination.get("receiver"));
    let is_to_person = |reference: &Value| {
        let stated = reference.get("type").and_then(Value::as_str);
        let leads_to = bundle.follow(Some(reference)).and_then(resource_type).or(stated);
        let numbered = reference.pointer("/identifier/system").and_then(Value::as_str);
        let name = reference.get("display").and_then(Value::as_str).unwrap_or_default();
        if is_word_for_person(name) {
            return true;
        }
        if kind == DocumentKind::CarersPlan {
            // There the person is the carer, who confided it; whoever they care for is a relative in it.
            let relatives = bundle.all("RelatedPerson");
            return leads_to == Some("RelatedPerson") || relatives.into_iter().any(|one| is_name_of(one, name));
        }
        leads_to == Some("Patient")
            || numbered.is_some_and(|system| folded(system) == folded(codes::NHS_NUMBER))
            || composition.is_some_and(|holder| person.is_meant(reference, holder))
            || person.is_called(name)
    };
    kind.is_read_by_person()
        || composition.is_some_and(lets_cared_for_see)
        || copies.chain(to).chain(sent).any(is_to_person)
}

/// A carer's plan says that whoever the carer cares for may see it. What the carer confided stays out of it all the same.
fn lets_cared_for_see(composition: &Value) -> bool {
    let concepts = composition.get("category").and_then(Value::as_array).into_iter().flatten();
    let mut codings = concepts.filter_map(|concept| concept.get("coding")?.as_array()).flatten();
    codings.any(|coding| {
        let text = |key: &str| coding.get(key).and_then(Value::as_str).unwrap_or_default();
        text("system").strip_prefix(codes::BASE) == Some("/CodeSystem/cared-for-access") && text("code") == "agreed"
    })
}

/// Whether the recipient is the person the document is about. In a carer's plan that is the carer, and whoever they care
/// for is a person too: there the plan itself must name the recipient as its subject.
pub(super) fn is_own_record(question: &Question<'_>, person: &Person<'_>) -> bool {
    if question.recipient.kind != PartyKind::Person {
        return false;
    }
    person
        .is_known_as(codes::PARTY_ID, question.recipient.id.as_str())
        .unwrap_or(question.kind != DocumentKind::CarersPlan)
}

#[cfg(test)]
mod tests {
    use super::is_stated;
    use crate::fhir::{Bundle, codes};
    use crate::model::{Party, PartyId, PartyKind};
    use serde_json::{Value, json};

    #[test]
    fn cs_13_a_document_states_its_origin_when_the_senders_own_organisation_has_its_own_sector() {
        let sender = Party {
            id: PartyId::parse("clinic-team").unwrap(),
            name: "Made-up Clinic".to_owned(),
            kind: PartyKind::PrivateProvider,
            ods: None,
            part_of: PartyId::parse("clinic"),
            person_access: None,
        };
        let organisation = |id: &str, name: &str, sector: &str| {
            json!({"resourceType": "Organization", "name": name, "identifier": [{"system": codes::PARTY_ID, "value": id}],
                "type": [{"coding": [{"system": codes::SECTOR, "code": sector}]}]})
        };
        let table: [(&str, Value, bool); 6] = [
            ("its organisation", organisation("clinic", "x", "private"), true),
            ("the team", organisation("clinic-team", "x", "private"), true),
            ("by name", organisation("x", "Made-up Clinic", "private"), true),
            ("another's", organisation("x", "x", "private"), false),
            ("another sector", organisation("clinic", "x", "nhs"), false),
            ("no sector", json!({"resourceType": "Organization", "name": "Made-up Clinic"}), false),
        ];
        for (name, resource, expected) in table {
            let bundle = Bundle::new(json!({"resourceType": "Bundle", "entry": [{"resource": resource}]})).unwrap();
            assert_eq!(is_stated(&bundle, &sender), expected, "{name}");
        }
    }
}
