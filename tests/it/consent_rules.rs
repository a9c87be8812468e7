//! The rules of `consent-and-sharing.md` that are in force, rule by rule, against small made-up referrals.

use cmht_gateway::consent::{Decision, Permit, RuleId};
use cmht_gateway::fhir::codes;
use cmht_gateway::model::{DataCategory as C, PartyKind, Purpose};
use serde_json::{Value, json};

use crate::consent_case::{
    Case, HANDOVER, Referral, agreement, arrived, bytes, deny, engine, mark, party, permit, provision, url, validated,
};

fn rules(permit: &Permit) -> Vec<&str> {
    permit.basis().rules.iter().map(RuleId::as_str).collect()
}

fn withheld(permit: &Permit) -> Vec<(&'static str, &str)> {
    permit.withheld().iter().map(|w| (w.category.code(), w.rule.as_str())).collect()
}

// === CS-01 ===

#[test]
fn cs_01_an_nhs_team_with_a_care_relationship_gets_the_whole_referral_unchanged() {
    let referral = Referral { letter: true, ..Referral::default() };
    let bundle = referral.bundle();
    let case = Case::team();
    let Decision::Permit(permit) = engine().decide(&case.question(&bundle)) else { panic!("not a permit") };
    assert_eq!(permit.bundle(), &bundle);
    assert_eq!(rules(&permit), ["CS-01"]);
    assert!(permit.basis().consents.is_empty() && permit.withheld().is_empty());
    assert_eq!(permit.recipient().as_str(), "lpt-cap");
}

#[test]
fn cs_01_decides_by_kind_relationship_and_purpose() {
    for kind in PartyKind::ALL {
        for care_relationship in [true, false] {
            for purpose in [Purpose::DirectCare, Purpose::MessageOutcome] {
                let nhs = kind.sector() == cmht_gateway::model::Sector::Nhs;
                let case =
                    Case { care_relationship, purpose, ..Case::of(party("some-party", *kind, Some("Y90099"), None)) };
                let answer = case.release(&Referral::default());
                let expected = nhs && care_relationship && purpose == Purpose::DirectCare;
                assert_eq!(answer.is_ok(), expected, "{kind:?} {care_relationship} {purpose:?}");
                if let Err(denial) = answer {
                    assert!(!denial.reason.is_empty() && !denial.would_change.is_empty());
                    let rule = match kind.sector() {
                        cmht_gateway::model::Sector::Nhs => "CS-01",
                        cmht_gateway::model::Sector::LocalAuthority => "GW-00",
                        _ => "CS-04",
                    };
                    assert_eq!(denial.rule.as_str(), rule, "{kind:?} {denial:?}");
                }
            }
        }
    }
}

#[test]
fn cs_01_a_referral_by_the_police_still_reaches_the_access_point() {
    let case = Case { sender: party("made-up-police", PartyKind::Police, None, None), ..Case::team() };
    assert_eq!(rules(&case.release(&Referral::default()).unwrap()), ["CS-01"]);
}

// === CS-02 ===

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
                "carer",
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

// === CS-04 ===

#[test]
fn cs_04_needs_both_halves_for_every_part() {
    let some = [C::Demographics, C::ReferralReason, C::RiskSummary];
    let more = [C::Demographics, C::ReferralReason, C::RiskSummary, C::Medication];
    let ours = |categories: &[C]| vec![agreement(["demo-gp", "wellbeing-roots"], categories)];
    let two = vec![
        agreement(["demo-gp", "wellbeing-roots"], &[C::Demographics]),
        agreement(["lpt", "wellbeing-roots"], &[C::ReferralReason]),
    ];
    let table = [
        (
            "consent decides",
            permit("wellbeing-roots", &some),
            ours(C::ALL),
            Some(vec!["demographics", "referral-reason", "risk-summary"]),
        ),
        (
            "agreement decides",
            permit("wellbeing-roots", &more),
            ours(&some),
            Some(vec!["demographics", "referral-reason", "risk-summary"]),
        ),
        ("two agreements add up", permit("wellbeing-roots", &more), two, Some(vec!["demographics", "referral-reason"])),
        (
            "by kind",
            provision("permit", codes::PARTY_KIND, "vcse", &some),
            ours(C::ALL),
            Some(vec!["demographics", "referral-reason", "risk-summary"]),
        ),
        ("no agreement", permit("wellbeing-roots", &more), vec![], None),
        (
            "agreement of others",
            permit("wellbeing-roots", &more),
            vec![agreement(["demo-gp", "harbour-clinic"], C::ALL)],
            None,
        ),
        ("consent for others", permit("harbour-clinic", &more), ours(C::ALL), None),
        ("consent to nobody in particular", json!({"type": "permit"}), ours(C::ALL), None),
        ("not even who the person is", permit("wellbeing-roots", &[C::Medication]), ours(C::ALL), None),
    ];
    for (name, consent, agreements, expected) in table {
        let case = Case { agreements, ..Case::charity() };
        match (case.release(&Referral::default().with(consent)), expected) {
            (Ok(permit), Some(expected)) => {
                let mut found = arrived(&permit);
                found.sort_unstable();
                assert_eq!(found, expected, "{name}");
                assert_eq!(rules(&permit), ["CS-04"], "{name}");
                let [cited] = permit.basis().consents.as_slice() else { panic!("{name}: {:?}", permit.basis()) };
                assert!(cited.starts_with("Consent/") && cited.len() == 24, "{name}: {cited}");
                assert!(!permit.basis().agreements.is_empty(), "{name}");
            }
            (Err(denial), None) => assert_eq!(denial.rule.as_str(), "CS-04", "{name}"),
            (answer, expected) => panic!("{name}: {answer:?}, expected {expected:?}"),
        }
    }
}

#[test]
fn cs_04_holds_for_every_non_statutory_kind_and_a_care_relationship_is_no_substitute() {
    for kind in
        [PartyKind::Vcse, PartyKind::Advocacy, PartyKind::DrugAndAlcohol, PartyKind::PrivateProvider, PartyKind::Police]
    {
        let recipient = party("wellbeing-roots", kind, None, None);
        let case = Case { recipient, care_relationship: true, ..Case::charity() };
        assert_eq!(case.release(&Referral::default()).unwrap_err().rule.as_str(), "CS-04", "{kind:?}");
        assert!(case.release(&Referral::default().with(permit("wellbeing-roots", HANDOVER))).is_ok(), "{kind:?}");
    }
}

#[test]
fn cs_04_a_local_authority_gets_nothing_whatever_is_recorded() {
    let recipient = party("wellbeing-roots", PartyKind::LocalAuthority, None, None);
    let case = Case { recipient, care_relationship: true, ..Case::charity() };
    let denial = case.release(&Referral::default().with(permit("wellbeing-roots", C::ALL))).unwrap_err();
    assert_eq!(denial.rule.as_str(), "GW-00");
}

// === CS-18 ===

#[test]
fn cs_18_expired_is_the_same_as_none_and_so_is_not_yet() {
    let table = [
        (json!({"end": "2026-03-01"}), false),
        (json!({"end": "2026-03-02"}), true),
        (json!({"start": "2026-03-02"}), true),
        (json!({"start": "2026-03-03"}), false),
        (json!({"start": "2025", "end": "2027"}), true),
    ];
    for (period, in_force) in table {
        let mut permission = permit("wellbeing-roots", HANDOVER);
        permission["period"] = period.clone();
        let answer = Case::charity().release(&Referral::default().with(permission));
        assert_eq!(answer.is_ok(), in_force, "permission {period}");
        let mut objection = deny("lpt-cap", &[]);
        objection["period"] = period.clone();
        let answer = Case::team().release(&Referral::default().with(objection));
        assert_eq!(answer.is_err(), in_force, "objection {period}");
    }
}

#[test]
fn cs_18_an_agreement_counts_from_its_first_instant_until_before_its_last() {
    let referral = Referral::default().with(permit("wellbeing-roots", HANDOVER));
    let table = [
        ("2026-03-02T09:30:00Z", None, true),
        ("2026-03-02T09:30:01Z", None, false),
        ("2025-01-01T00:00:00Z", Some("2026-03-02T09:30:01Z"), true),
        ("2025-01-01T00:00:00Z", Some("2026-03-02T09:30:00Z"), false),
    ];
    for (from, until, in_force) in table {
        let mut case = Case::charity();
        case.agreements[0].from = from.parse().unwrap();
        case.agreements[0].until = until.map(|text| text.parse().unwrap());
        assert_eq!(case.release(&referral).is_ok(), in_force, "{from} {until:?}");
    }
    let mut case = Case::charity();
    case.agreements[0].purposes = vec![Purpose::MessageOutcome];
    assert!(case.release(&referral).is_err(), "another purpose");
}

// === GW-01 ===

fn notice(extra: Option<Value>) -> cmht_gateway::validate::Validated<cmht_gateway::fhir::Bundle> {
    let mut entries = vec![
        json!({"fullUrl": url("answer"), "resource": {
            "resourceType": "MessageHeader",
            "eventCoding": {"system": codes::BARS_EVENTS, "code": "servicerequest-response"},
            "source": {"endpoint": "https://gateway.example/fhir"},
            "response": {"identifier": "made-up-1", "code": "ok"},
            "focus": [{"reference": url("task")}],
        }}),
        json!({"fullUrl": url("task"), "resource": {
            "resourceType": "Task", "status": "requested", "intent": "order",
            "input": [{"type": {"text": "ethnic-origin"}, "valueString": "Please send the ethnic origin."}],
        }}),
    ];
    entries.extend(extra.map(|resource| json!({"fullUrl": url("extra"), "resource": resource})));
    validated(json!({"resourceType": "Bundle", "id": "answer", "type": "message",
        "timestamp": "2026-03-02T09:30:00Z",
        "identifier": {"system": codes::DOCUMENT_ID, "value": "answer-1"}, "entry": entries}))
}

#[test]
fn gw_01_a_sender_of_any_kind_is_told_what_became_of_its_own_message_if_the_notice_names_no_person() {
    let bundle = notice(None);
    for kind in PartyKind::ALL {
        let sender = party("some-sender", *kind, Some("Y90099"), None);
        let case = Case { sender: sender.clone(), purpose: Purpose::MessageOutcome, ..Case::of(sender) };
        let Decision::Permit(permit) = engine().decide(&case.question(&bundle)) else { panic!("{kind:?}") };
        assert_eq!(rules(&permit), ["GW-01"]);
        assert_eq!(permit.bundle(), &bundle);
    }
}

#[test]
fn gw_01_says_nothing_to_others_and_nothing_about_a_person() {
    let sender = party("some-sender", PartyKind::Vcse, None, None);
    let case = Case { purpose: Purpose::MessageOutcome, ..Case::of(sender.clone()) };
    assert!(matches!(engine().decide(&case.question(&notice(None))), Decision::Deny(_)), "somebody else's message");
    let case = Case { sender, ..case };
    let patient = json!({"resourceType": "Patient", "id": "person"});
    assert!(matches!(engine().decide(&case.question(&notice(Some(patient)))), Decision::Deny(_)), "a person");
    let case = Case { purpose: Purpose::DirectCare, ..case };
    assert!(matches!(engine().decide(&case.question(&notice(None))), Decision::Deny(_)), "another purpose");
}
