//! Native values as FHIR datatypes: names, addresses, telecoms, coded text, parties.

use serde_json::{Map, Value, json};

use crate::documents::parts::{
    Address, AddressUse, Addressee, Code, NameUse, PersonName, Recipient, Telecom, TelecomUse,
};
use crate::fhir::build::{coding, put};
use crate::fhir::codes;
use crate::map::extensions;
use crate::model::{OdsCode, PartyId};

/// HumanName.
pub(in crate::map) fn name(name: &PersonName) -> Value {
    let mut out = Map::new();
    put(&mut out, "use", name.r#use.map(NameUse::code));
    put(&mut out, "text", name.text.clone());
    put(&mut out, "family", name.family.clone());
    put(&mut out, "given", name.given.clone());
    put(&mut out, "prefix", name.prefix.clone());
    put(&mut out, "suffix", name.suffix.clone());
    Value::Object(out)
}

/// Address.
pub(in crate::map) fn address(address: &Address) -> Value {
    let mut out = Map::new();
    if let Some(none) = address.no_fixed_address {
        put(&mut out, "extension", json!([{"url": extensions::NO_FIXED_ADDRESS, "valueBoolean": none}]));
    }
    put(&mut out, "use", address.r#use.map(AddressUse::code));
    put(&mut out, "text", address.text.clone());
    put(&mut out, "line", address.lines.clone());
    put(&mut out, "city", address.city.clone());
    put(&mut out, "district", address.county.clone());
    put(&mut out, "postalCode", address.postcode.clone());
    put(&mut out, "country", address.country.clone());
    Value::Object(out)
}

/// ContactPoint.
pub(in crate::map) fn telecom(telecom: &Telecom) -> Value {
    let mut out = Map::new();
    if let Some(note) = &telecom.note {
        put(&mut out, "extension", json!([{"url": extensions::TELECOM_NOTE, "valueString": note}]));
    }
    put(&mut out, "system", telecom.system.code());
    put(&mut out, "value", telecom.value.clone());
    put(&mut out, "use", telecom.r#use.map(TelecomUse::code));
    Value::Object(out)
}

/// A list of ContactPoints.
pub(in crate::map) fn telecoms(list: &[Telecom]) -> Vec<Value> {
    list.iter().map(telecom).collect()
}

/// CodeableConcept of words with a code where there is one.
pub(in crate::map) fn coded(text: &str, code: Option<&Code>) -> Value {
    let mut out = Map::new();
    if let Some(code) = code {
        let mut coding = Map::new();
        put(&mut coding, "system", code.system.clone());
        put(&mut coding, "code", code.code.clone());
        put(&mut coding, "display", code.display.clone());
        put(&mut out, "coding", vec![Value::Object(coding)]);
    }
    put(&mut out, "text", text);
    Value::Object(out)
}

/// CodeableConcept with a coding and words of its own.
pub(in crate::map) fn concept_with_text(system: &str, code: &str, display: &str, text: Option<&str>) -> Value {
    let mut out = Map::new();
    put(&mut out, "coding", json!([coding(system, code, display)]));
    put(&mut out, "text", text);
    Value::Object(out)
}

/// Identifiers of an organisation or team: ODS code, then directory id.
pub(in crate::map) fn party_identifiers(ods: Option<&OdsCode>, party: Option<&PartyId>) -> Vec<Value> {
    let ods = ods.map(|ods| json!({"system": codes::ODS_ORGANISATION, "value": ods.as_str()}));
    let party = party.map(|party| json!({"system": codes::PARTY_ID, "value": party.as_str()}));
    ods.into_iter().chain(party).collect()
}

/// Logical Reference to a team or organisation.
pub(in crate::map) fn addressee(to: &Addressee) -> Value {
    let mut out = Map::new();
    put(&mut out, "identifier", party_identifiers(to.ods.as_ref(), to.party.as_ref()).into_iter().next());
    put(&mut out, "display", to.name.clone());
    Value::Object(out)
}

/// Logical Reference to whom a wish is about.
pub(in crate::map) fn recipient(to: &Recipient) -> Value {
    let kind = to.kind.map(|kind| json!({"system": codes::PARTY_KIND, "value": kind.code()}));
    let mut out = Map::new();
    let party = party_identifiers(to.ods.as_ref(), to.party.as_ref()).into_iter().next();
    put(&mut out, "identifier", party.or(kind));
    put(&mut out, "display", to.name.clone());
    Value::Object(out)
}

/// Where a party would be reached, for elements that require a URL; delivery puts the real one in its place.
pub(in crate::map) fn placeholder_endpoint(ods: Option<&OdsCode>, party: Option<&PartyId>) -> String {
    match (party, ods) {
        (Some(party), _) => format!("{}/Party/{party}", codes::BASE),
        (None, Some(ods)) => format!("{}/Organization/{ods}", codes::BASE),
        (None, None) => format!("{}/Party", codes::BASE),
    }
}
