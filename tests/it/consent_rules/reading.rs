//! What narrows a provision, and how far it is read: labels, types, kinds of document, codes, dates and documents by name.

use cmht_gateway::consent::Records;
use cmht_gateway::fhir::codes;
use cmht_gateway::model::DataCategory as C;
use serde_json::{Value, json};

use super::{by_carer, codes_of, sorted, withheld};
use crate::consent_case::{Case, HANDOVER, Referral, arrived, consent, deny, engine, permit};

const TYPES: &str = "http://hl7.org/fhir/resource-types";

fn narrowed(mut provision: Value, key: &str, value: &Value) -> Value {
    provision[key] = value.clone();
    provision
}

/// The categories that an objection narrowed like this withholds from the team; `None` where nothing goes.
fn objected(key: &str, value: &Value) -> Option<Vec<&'static str>> {
    let referral = Referral::default().with(narrowed(deny("lpt-cap", &[]), key, value));
    let copy = Case::team().release(&referral).ok()?;
    Some(sorted(withheld(&copy).into_iter().map(|(code, _)| code).filter(|code| *code != "unassigned").collect()))
}

/// The categories that a permission narrowed like this opens to the charity.
fn permitted(key: &str, value: &Value) -> Vec<&'static str> {
    let both = Referral::default().with(permit("wellbeing-roots", &[C::Demographics])).with(narrowed(
        permit("wellbeing-roots", &[]),
        key,
        value,
    ));
    sorted(arrived(&Case::charity().release(&both).unwrap()))
}

#[test]
fn an_objection_is_read_as_far_as_it_goes_and_widely_where_that_is_not_known() {
    let kind = |code: &str| json!([{"system": codes::DOCUMENT_KIND, "code": code}]);
    let item = |code: &str| json!([{"coding": [{"system": codes::REFERRAL_ITEM, "code": code}]}]);
    let document = |value: &str| json!([{"meaning": "instance", "reference": {"identifier": {"system": codes::DOCUMENT_ID, "value": value}}}]);
    let table: [(&str, Value, Option<&[C]>); 15] = [
        ("securityLabel", json!([{"system": codes::ACT_CODE, "code": "ETH"}]), Some(&[C::SubstanceUse])),
        ("securityLabel", json!([{"system": codes::ACT_CODE, "code": "HIV"}]), Some(&[])),
        ("securityLabel", json!([{"system": codes::CONFIDENTIALITY, "code": "R"}]), None),
        ("class", json!([{"system": TYPES, "code": "MedicationRequest"}]), Some(&[C::Medication])),
        ("class", json!([{"system": TYPES, "code": "Observation"}]), None),
        ("class", kind("referral"), None),
        ("class", kind("discharge-letter"), Some(&[])),
        ("code", item("substance-use"), Some(&[C::SubstanceUse])),
        ("code", json!([{"coding": [{"system": codes::SNOMED, "code": "1"}]}]), None),
        ("dataPeriod", json!({"end": "2025"}), None),
        ("dataPeriod", json!({"start": "2027"}), Some(&[])),
        ("data", document("made-up-1"), None),
        ("data", document("made-up-2"), Some(&[])),
        ("data", json!([{"meaning": "instance", "reference": {"reference": "Observation/1"}}]), None),
        ("purpose", json!([{"system": codes::ACT_REASON, "code": "HPAYMT"}]), Some(&[])),
    ];
    for (key, value, expected) in table {
        assert_eq!(objected(key, &value), expected.map(codes_of), "{key} {value}");
    }
}

#[test]
fn a_permission_opens_only_what_it_surely_means() {
    let kind = |code: &str| json!([{"system": codes::DOCUMENT_KIND, "code": code}]);
    let item = |system: &str, code: &str| json!([{"coding": [{"system": system, "code": code}]}]);
    let one = |category: C| vec![C::Demographics, category];
    let handover = vec![C::Demographics, C::ContactAndCommunication, C::ReferralReason];
    let only = || vec![C::Demographics];
    let table = [
        ("securityLabel", json!([{"system": codes::ACT_CODE, "code": "ETH"}]), one(C::SubstanceUse)),
        ("securityLabel", json!([{"system": codes::CONFIDENTIALITY, "code": "R"}]), only()),
        ("class", json!([{"system": TYPES, "code": "MedicationRequest"}]), one(C::Medication)),
        ("class", json!([{"system": TYPES, "code": "Observation"}]), only()),
        ("class", kind("referral"), handover.clone()),
        ("class", kind("discharge-letter"), only()),
        ("code", item(codes::DATA_CATEGORY, "medication"), one(C::Medication)),
        ("code", item(codes::REFERRAL_ITEM, "substance-use"), only()),
        ("dataPeriod", json!({"start": "2026-01-01", "end": "2026-12-31"}), handover),
        ("dataPeriod", json!({"end": "2025"}), only()),
    ];
    for (key, value, expected) in table {
        assert_eq!(permitted(key, &value), codes_of(&expected), "{key} {value}");
    }
}

/// A Consent with this provision as its root.
fn rooted(provision: Value) -> Value {
    let mut consent = consent(0, &json!({}));
    consent["provision"] = provision;
    consent
}

fn with_nested(mut provision: Value, nested: &[Value]) -> Value {
    provision["provision"] = nested.into();
    provision
}

/// A name, Consents, and what arrives.
type Row = (&'static str, Vec<Value>, Option<Vec<C>>);

#[test]
fn who_the_person_is_goes_along_with_the_kinds_a_permission_names_unless_a_denial_names_it() {
    let charity = "wellbeing-roots";
    let medication = || permit(charity, &[C::Medication]);
    let along = || Some(vec![C::Demographics, C::Medication]);
    let deny_all = || json!({"type": "deny"});
    let ended = |mut provision: Value| {
        provision["period"] = json!({"end": "2026-01-31"});
        provision
    };
    let withdrawn = |provision: &Value| {
        let mut consent = consent(1, provision);
        consent["status"] = "inactive".into();
        consent["dateTime"] = "2026-02-10".into();
        consent["category"] = json!([{"coding": [{"system": "https://example.org", "code": "other"}]}]);
        consent
    };
    let eth = json!([{"system": codes::ACT_CODE, "code": "ETH"}]);
    let item = json!([{"coding": [{"system": codes::REFERRAL_ITEM, "code": "substance-use"}]}]);
    let mut another_purpose = medication();
    another_purpose["purpose"] = json!([{"system": codes::ACT_REASON, "code": "HRESCH"}]);
    let table: Vec<Row> = vec![
        ("by class", vec![consent(0, &medication())], along()),
        (
            "by security label",
            vec![consent(0, &narrowed(permit(charity, &[]), "securityLabel", &eth))],
            Some(vec![C::Demographics, C::SubstanceUse]),
        ),
        (
            "one question of a kind opens nothing",
            vec![consent(0, &narrowed(permit(charity, &[]), "code", &item))],
            None,
        ),
        ("not to others", vec![consent(0, &permit("harbour-clinic", &[C::Medication]))], None),
        ("not for another purpose", vec![consent(0, &another_purpose)], None),
        ("not longer", vec![consent(0, &ended(medication()))], None),
        ("an exception to a denial of everything", vec![rooted(with_nested(deny_all(), &[medication()]))], along()),
        (
            "an exception to a denial that names it",
            vec![rooted(with_nested(deny(charity, &[C::Demographics, C::Medication]), &[medication()]))],
            None,
        ),
        (
            "a denial within that names it",
            vec![consent(0, &with_nested(medication(), &[deny(charity, &[C::Demographics])]))],
            None,
        ),
        (
            "a denial within of something else",
            vec![consent(0, &with_nested(medication(), &[deny(charity, &[C::RiskSummary])]))],
            along(),
        ),
        (
            "a denial beside that names it, and has ended",
            vec![rooted(json!({"provision": [medication(), ended(deny(charity, &[C::Demographics]))]}))],
            along(),
        ),
        (
            "a denial beside that names it, of another",
            vec![rooted(json!({"provision": [medication(), deny("harbour-clinic", &[C::Demographics])]}))],
            along(),
        ),
        (
            "a denial elsewhere that names it",
            vec![consent(0, &medication()), consent(1, &deny(charity, &[C::Demographics]))],
            None,
        ),
        ("a denial elsewhere of everything", vec![consent(0, &medication()), consent(1, &deny(charity, &[]))], None),
        ("all that is named is denied", vec![consent(0, &with_nested(medication(), &[deny(charity, &[])]))], None),
        (
            "what was taken back names it not",
            vec![consent(0, &medication()), withdrawn(&permit(charity, &[C::RiskSummary]))],
            along(),
        ),
        (
            "what was taken back names it",
            vec![consent(0, &medication()), withdrawn(&permit(charity, &[C::Demographics, C::RiskSummary]))],
            None,
        ),
        ("by a carer", vec![by_carer(&medication())], None),
    ];
    for (name, consents, expected) in table {
        let more = consents.into_iter().enumerate().map(|(number, consent)| (format!("wish-{number}"), consent));
        let found = Case::charity().release(&Referral { more: more.collect(), ..Referral::default() });
        let found = found.ok().map(|permit| sorted(arrived(&permit)));
        assert_eq!(found, expected.map(|categories| codes_of(&categories)), "{name}");
    }
}

#[test]
fn a_withdrawn_permission_for_one_kind_leaves_a_team_who_the_person_is() {
    let mut back = consent(0, &permit("lpt-cap", &[C::Medication]));
    back["status"] = "inactive".into();
    let more = vec![("back".to_owned(), back)];
    let copy = Case::team().release(&Referral { more, ..Referral::default() }).unwrap();
    assert_eq!(withheld(&copy), [("medication", "CS-17"), ("unassigned", "CS-17")]);
}

#[test]
fn the_facts_say_that_who_the_person_is_goes_along_where_no_permission_names_it() {
    let said = |categories: &[C]| {
        let bundle = Referral::default().with(permit("wellbeing-roots", categories)).bundle();
        let case = Case::charity();
        let trail = engine().decide_on_record(&case.question(&bundle)).1;
        engine().account(&trail).facts.iter().find(|(heading, _)| *heading == "Consent to share").unwrap().1.clone()
    };
    assert_eq!(said(&[C::Medication]), "names medication, and so lets it be known whose it is");
    assert_eq!(said(&[C::Demographics, C::Medication]), "names who the person is and medication");
}

#[test]
fn what_is_kept_counts_as_what_the_document_says_does() {
    let kept = |consents: Vec<Value>, case: Case| Case { records: Records { consents, ..Records::default() }, ..case };
    let consented = kept(vec![consent(0, &permit("wellbeing-roots", HANDOVER))], Case::charity());
    assert!(consented.release(&Referral::default()).is_ok());
    let objected = kept(vec![consent(0, &deny("lpt-cap", &[]))], Case::team());
    assert_eq!(objected.release(&Referral::default()).unwrap_err().rule.as_str(), "CS-02");
    // Kept for the person, it is theirs, though it points at a Patient that is not in this document.
    let mut elsewhere = consent(0, &deny("lpt-cap", &[]));
    elsewhere["patient"] = json!({"reference": "Patient/as-stored"});
    assert!(kept(vec![elsewhere.clone()], Case::team()).release(&Referral::default()).is_err());
    let not_one = json!({"resourceType": "Observation"});
    assert!(kept(vec![not_one, json!("nothing")], Case::team()).release(&Referral::default()).is_ok());
}

#[test]
fn what_a_carer_objects_to_is_held_back_and_reported_as_not_certain() {
    let more = vec![("carers".to_owned(), by_carer(&deny("lpt-cap", &[])))];
    let denial = Case::team().release(&Referral { more, ..Referral::default() }).unwrap_err();
    assert!(denial.rule.as_str() == "CS-02" && denial.unreadable, "{denial:?}");
}
