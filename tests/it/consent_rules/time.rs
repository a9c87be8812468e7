//! CS-17, CS-18.

use cmht_gateway::consent::Records;
use cmht_gateway::model::{DataCategory as C, Purpose};
use serde_json::json;

use super::signed;
use crate::consent_case::{Case, HANDOVER, Referral, deny, permit};

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

#[test]
fn cs_18_what_has_run_out_is_named_as_the_reason() {
    let mut permission = permit("wellbeing-roots", HANDOVER);
    permission["period"] = json!({"end": "2026-03-01"});
    let denial = Case::charity().release(&Referral::default().with(permission)).unwrap_err();
    assert_eq!(denial.rule.as_str(), "CS-18", "{denial:?}");
    let mut case = Case::charity();
    case.agreements[0].until = Some("2026-03-01T00:00:00Z".parse().unwrap());
    let denial = case.release(&Referral::default().with(permit("wellbeing-roots", HANDOVER))).unwrap_err();
    assert_eq!(denial.rule.as_str(), "CS-18", "{denial:?}");
}

#[test]
fn cs_18_a_permit_says_until_when_what_it_rests_on_holds() {
    let until = |case: &Case, referral: &Referral| {
        case.release(referral).unwrap().basis().relied_until.map(|until| until.to_string())
    };
    let mut permission = permit("wellbeing-roots", HANDOVER);
    permission["period"] = json!({"end": "2026-03-31"});
    let referral = Referral::default().with(permission.clone());
    let mut case = Case::charity();
    assert_eq!(until(&case, &referral).unwrap(), "2026-03-31T23:00:00Z", "the consent");
    case.agreements[0].until = Some("2026-03-10T00:00:00Z".parse().unwrap());
    assert_eq!(until(&case, &referral).unwrap(), "2026-03-10T00:00:00Z", "the agreement");
    // A team goes by implied consent, whatever else the person has permitted it, until an objection begins.
    permission["actor"][0]["reference"]["identifier"]["value"] = "lpt-cap".into();
    assert_eq!(until(&Case::team(), &Referral::default().with(permission)), None);
    let mut objection = deny("lpt-cap", &[]);
    objection["period"] = json!({"start": "2026-03-20"});
    assert_eq!(until(&Case::team(), &Referral::default().with(objection)).unwrap(), "2026-03-20T00:00:00Z");
}

// === CS-17 ===

#[test]
fn cs_17_a_withdrawn_permission_stops_what_it_covered_whoever_would_have_had_it_anyway() {
    let withdrawn = |party: &str, categories: &[C]| signed(&permit(party, categories), "2026-02-01", "inactive");
    let with = |consents: Vec<serde_json::Value>| {
        let more = consents.into_iter().enumerate().map(|(n, consent)| (format!("c{n}"), consent)).collect();
        Referral { more, ..Referral::default() }
    };
    for case in [Case::charity(), Case::team()] {
        let party = case.recipient.id.to_string();
        let denial = case.release(&with(vec![withdrawn(&party, &[])])).unwrap_err();
        assert_eq!(denial.rule.as_str(), "CS-17", "{party}");
        let kept = Case { records: Records { consents: vec![withdrawn(&party, &[])], ..Records::default() }, ..case };
        assert_eq!(kept.release(&Referral::default()).unwrap_err().rule.as_str(), "CS-17", "{party}, as kept");
        let earlier = signed(&permit(&party, HANDOVER), "2026-01-01", "active");
        assert_eq!(kept.release(&with(vec![earlier])).unwrap_err().rule.as_str(), "CS-17", "{party}: an older one");
        let later = signed(&permit(&party, HANDOVER), "2026-02-02", "active");
        assert!(kept.release(&with(vec![later])).is_ok(), "{party}: given again");
    }
    let part = Case::team().release(&with(vec![withdrawn("lpt-cap", &[C::Medication])])).unwrap();
    assert_eq!(super::withheld(&part).first(), Some(&("medication", "CS-17")));
    assert!(Case::team().release(&with(vec![withdrawn("lpt-crht", &[])])).is_ok(), "another's");
    let objection = signed(&deny("lpt-cap", &[]), "2026-02-01", "inactive");
    assert!(Case::team().release(&with(vec![objection])).is_ok(), "a withdrawn objection is nothing");
}
