//! CS-02: the person's own No.

use cmht_gateway::fhir::codes;
use cmht_gateway::model::DataCategory as C;
use serde_json::{Value, json};

use super::{rules, withheld};
use crate::consent_case::{Case, HANDOVER, Referral, arrived, bytes, deny, mark, permit, provision, url};

#[test]
fn cs_02_an_objection_beats_implied_consent_however_it_names_the_recipient() {
    let table = [
        ("the team", provision("deny", codes::PARTY_ID, "lpt-cap", &[])),
        ("its organisation", provision("deny", codes::PARTY_ID, "lpt", &[])),
        ("its organisation's ODS code, in lower case", provision("deny", codes::ODS_ORGANISATION, "y90010", &[])),
        ("its kind", provision("deny", codes::PARTY_KIND, "access-point", &[])),
        ("everybody", json!({"type": "deny"})),
    ];
    for (how, objection) in table {
        let denial = Case::team().release(&Referral::default().with(objection)).unwrap_err();
        assert_eq!(denial.rule.as_str(), "CS-02", "{how}");
    }
}

#[test]
fn cs_02_an_objection_to_somebody_else_changes_nothing() {
    for objection in [
        deny("lpt-crht", &[]),
        deny("harbour-clinic", &[]),
        provision("deny", codes::PARTY_KIND, "private-provider", &[]),
        provision("deny", codes::ODS_ORGANISATION, "Y90011", &[]),
    ] {
        assert!(Case::team().release(&Referral::default().with(objection)).unwrap().withheld().is_empty());
    }
}

#[test]
fn cs_02_an_objection_to_one_category_withholds_that_category_and_what_has_none() {
    let referral = Referral { letter: true, ..Referral::default().with(deny("lpt-cap", &[C::SubstanceUse])) };
    let permit = Case::team().release(&referral).unwrap();
    let text = bytes(&permit);
    assert!(!text.contains(&mark("substance-use")) && !text.contains(&mark("unassigned")));
    for kept in ["demographics", "contact-and-communication", "referral-reason", "medication", "risk-summary", "carer"]
    {
        assert!(text.contains(&mark(kept)), "{kept}");
    }
    assert_eq!(withheld(&permit), [("substance-use", "CS-02"), ("unassigned", "CS-02")]);
    assert_eq!(rules(&permit), ["CS-01"]);
}

#[test]
fn cs_02_beats_explicit_consent_too() {
    let referral =
        Referral::default().with(permit("wellbeing-roots", C::ALL)).with(deny("wellbeing-roots", &[C::Medication]));
    let permit = Case::charity().release(&referral).unwrap();
    assert!(withheld(&permit).contains(&("medication", "CS-02")));
    assert!(!arrived(&permit).contains(&"medication") && arrived(&permit).contains(&"risk-summary"));
}

#[test]
fn cs_02_an_objection_that_names_nobody_we_can_match_is_reported_and_its_name_is_not() {
    let mut objection = deny("x", &[]);
    objection["actor"][0]["reference"] = json!({"display": mark("brother")});
    let permit = Case::team().release(&Referral::default().with(objection)).unwrap();
    assert_eq!(permit.remarks().len(), 1);
    assert!(permit.remarks()[0].starts_with("Consent/") && !permit.remarks()[0].contains("MARK"));
}

#[test]
fn cs_02_an_objection_that_cannot_be_fully_read_is_read_widely() {
    let narrowings: [(&str, Value); 5] = [
        ("class", json!([{"system": "https://example.org", "code": "letters"}])),
        ("purpose", json!([{"system": "https://example.org", "code": "care"}])),
        ("dataPeriod", json!({"end": "2020"})),
        ("securityLabel", json!([{"system": codes::CONFIDENTIALITY, "code": "R"}])),
        ("period", json!({"_end": {"extension": [{"url": codes::DATA_ABSENT_REASON, "valueCode": "unknown"}]}})),
    ];
    for (key, value) in narrowings {
        let mut objection = deny("lpt-cap", &[]);
        objection[key] = value.clone();
        let denial = Case::team().release(&Referral::default().with(objection)).unwrap_err();
        assert_eq!((denial.rule.as_str(), denial.remarks.len()), ("CS-02", usize::from(key != "purpose")), "{key}");
        assert!(denial.unreadable, "{key}");
        let both = Referral::default().with(deny("lpt-cap", &[C::Medication]));
        let mut doubtful = deny("lpt-cap", &[]);
        doubtful[key] = value.clone();
        assert!(!Case::team().release(&both.with(doubtful)).unwrap_err().unreadable, "{key}: one of them is certain");
        let mut permission = permit("wellbeing-roots", C::ALL);
        permission[key] = value;
        let denial = Case::charity().release(&Referral::default().with(permission)).unwrap_err();
        assert_eq!(denial.rule.as_str(), "CS-04", "{key}");
    }
}

#[test]
fn cs_02_objections_that_are_not_about_sharing_for_care_do_not_count() {
    let mut research = deny("lpt-cap", &[]);
    research["purpose"] = json!([{"system": codes::ACT_REASON, "code": "HRESCH"}]);
    let mut collecting = deny("lpt-cap", &[]);
    collecting["action"] =
        json!([{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentaction", "code": "collect"}]}]);
    for objection in [research, collecting] {
        assert!(Case::team().release(&Referral::default().with(objection)).is_ok());
    }
    let mut treatment = crate::consent_case::consent(0, &deny("lpt-cap", &[]));
    treatment["scope"]["coding"][0]["code"] = "treatment".into();
    let mut draft = crate::consent_case::consent(1, &deny("lpt-cap", &[]));
    draft["status"] = "inactive".into();
    for consent in [treatment, draft] {
        let referral = Referral { more: vec![("other".into(), consent)], ..Referral::default() };
        assert!(Case::team().release(&referral).is_ok());
    }
}

#[test]
fn nested_provisions_are_exceptions_to_the_one_they_stand_in() {
    let exception = |effect: Option<&str>, categories: &[C]| {
        let mut inner = provision("permit", codes::PARTY_ID, "wellbeing-roots", categories);
        match effect {
            Some(effect) => inner["type"] = effect.into(),
            None => drop(inner.as_object_mut().unwrap().remove("type")),
        }
        inner
    };
    let mut deny_all_but = json!({"type": "deny"});
    deny_all_but["provision"] = json!([exception(Some("permit"), HANDOVER)]);
    let mut permit_all_but = permit("wellbeing-roots", C::ALL);
    permit_all_but["provision"] = json!([exception(None, &[C::Medication])]);
    let table = [
        (deny_all_but, vec!["demographics", "contact-and-communication", "referral-reason"]),
        (
            permit_all_but,
            vec![
                "demographics",
                "contact-and-communication",
                "referral-reason",
                "risk-summary",
                "mental-health-history",
                "substance-use",
            ],
        ),
    ];
    for (root, expected) in table {
        let mut consent = crate::consent_case::consent(0, &Value::Null);
        consent["provision"] = root;
        let referral = Referral { more: vec![("consent".into(), consent)], ..Referral::default() };
        let permit = Case::charity().release(&referral).unwrap();
        let mut expected = expected;
        expected.sort_unstable();
        let mut found = arrived(&permit);
        found.sort_unstable();
        assert_eq!(found, expected);
    }
}

#[test]
fn a_consent_whose_base_policy_is_opted_out_objects_to_everything_it_does_not_except() {
    let mut consent = crate::consent_case::consent(0, &permit("harbour-clinic", &[]));
    consent["policyRule"]["coding"][0]["code"] = "OPTOUT".into();
    let referral = Referral { more: vec![("consent".into(), consent)], ..Referral::default() };
    assert_eq!(Case::team().release(&referral).unwrap_err().rule.as_str(), "CS-02");
}

#[test]
fn cs_02_a_wish_counts_only_as_far_as_it_is_the_persons_own() {
    let base = |provision: &Value| crate::consent_case::consent(0, provision);
    let mut opted_out = base(&permit("harbour-clinic", &[]));
    opted_out["policyRule"]["coding"][0]["code"] = "OPTOUTE".into();
    let mut read_along = permit("lpt-cap", C::ALL);
    let mut exception = deny("x", &[]);
    exception["actor"][0]["reference"] = json!({"display": "Dr Made-up"});
    read_along["provision"] = json!([exception]);
    for consent in [opted_out, base(&read_along)] {
        let referral = Referral { more: vec![("consent".into(), consent)], ..Referral::default() };
        assert_eq!(Case::team().release(&referral).unwrap_err().rule.as_str(), "CS-02");
    }
    for (verification, counts) in [
        (json!([{"verified": false}]), false),
        (json!([{"verified": true}]), true),
        (json!([{"verified": false}, {"verified": true}]), true),
    ] {
        let mut consent = base(&permit("wellbeing-roots", HANDOVER));
        consent["verification"] = verification.clone();
        let referral = Referral { more: vec![("consent".into(), consent)], ..Referral::default() };
        assert_eq!(Case::charity().release(&referral).is_ok(), counts, "{verification}");
    }
    let mother = json!({"resourceType": "Patient", "name": [{"text": "Made-up Mother"}]});
    let mut hers = base(&permit("wellbeing-roots", HANDOVER));
    hers["patient"] = json!({"reference": url("mother")});
    let more = vec![("mother".into(), mother.clone()), ("hers".into(), hers)];
    assert!(Case::charity().release(&Referral { more, ..Referral::default() }).is_err());
    let mut hers = base(&deny("lpt-cap", &[]));
    hers["patient"] = json!({"reference": url("mother")});
    let more = vec![("mother".into(), mother), ("hers".into(), hers)];
    assert!(Case::team().release(&Referral { more, ..Referral::default() }).is_ok());
}
