//! CS-04, GW-02: explicit consent and an agreement.

use cmht_gateway::fhir::codes;
use cmht_gateway::model::{DataCategory as C, PartyKind};
use serde_json::json;

use super::{codes_of, rules, signed, sorted};
use crate::consent_case::{Case, HANDOVER, Referral, agreement, arrived, party, permit, provision};

#[test]
fn cs_04_needs_both_halves_for_every_part() {
    let some = [C::Demographics, C::ReferralReason, C::RiskSummary];
    let more = [C::Demographics, C::ReferralReason, C::RiskSummary, C::Medication];
    let ours = |categories: &[C]| vec![agreement(["demo-gp", "wellbeing-roots"], categories)];
    let two = vec![
        agreement(["demo-gp", "wellbeing-roots"], &[C::Demographics]),
        agreement(["wellbeing-roots", "demo-gp"], &[C::ReferralReason]),
        // of somebody who is not the sender
        agreement(["lpt", "wellbeing-roots"], &[C::RiskSummary]),
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
        (
            "who the person is goes along",
            permit("wellbeing-roots", &[C::Medication]),
            ours(C::ALL),
            Some(vec!["demographics", "medication"]),
        ),
        ("an agreement must cover that too", permit("wellbeing-roots", &[C::Medication]), ours(&[C::Medication]), None),
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
    for kind in [PartyKind::Vcse, PartyKind::Advocacy, PartyKind::DrugAndAlcohol, PartyKind::Police] {
        let recipient = party("wellbeing-roots", kind, None, None);
        let agreements = vec![agreement(["demo-gp", "wellbeing-roots"], HANDOVER)];
        let case = Case { recipient, agreements, care_relationship: true, ..Case::charity() };
        assert_eq!(case.release(&Referral::default()).unwrap_err().rule.as_str(), "CS-04", "{kind:?}");
        assert!(case.release(&Referral::default().with(permit("wellbeing-roots", HANDOVER))).is_ok(), "{kind:?}");
    }
}

#[test]
fn gw_02_a_local_authority_is_asked_for_as_much_as_a_charity() {
    let recipient = party("wellbeing-roots", PartyKind::LocalAuthority, None, None);
    let case = Case { recipient, care_relationship: true, ..Case::charity() };
    assert_eq!(case.release(&Referral::default()).unwrap_err().rule.as_str(), "GW-02");
    let consented = Referral::default().with(permit("wellbeing-roots", &[C::Demographics, C::RiskSummary]));
    let permit = case.release(&consented).unwrap();
    assert_eq!(rules(&permit), ["GW-02"]);
    assert_eq!(sorted(arrived(&permit)), codes_of(&[C::Demographics, C::RiskSummary]));
    let unagreed = Case { agreements: vec![], ..case };
    assert_eq!(unagreed.release(&consented).unwrap_err().rule.as_str(), "GW-02");
}

#[test]
fn a_later_permission_from_the_same_source_replaces_an_earlier_one_whatever_became_of_it() {
    let wide = signed(&permit("wellbeing-roots", &[C::Demographics, C::Medication]), "2026-01-01", "active");
    let narrow = |status: &str| signed(&permit("wellbeing-roots", &[C::Demographics]), "2026-02-01", status);
    let mut expired = narrow("active");
    expired["provision"]["provision"][0]["period"] = json!({"end": "2026-02-20"});
    let mut elsewhere = narrow("active");
    elsewhere["category"] = json!([{"coding": [{"system": "https://example.org", "code": "other"}]}]);
    let table = [
        ("replaced", narrow("active"), Some(vec![C::Demographics])),
        ("another source", elsewhere, Some(vec![C::Demographics, C::Medication])),
        ("expired since", expired, None),
        ("withdrawn since", narrow("inactive"), None),
        (
            "for another",
            signed(&permit("harbour-clinic", HANDOVER), "2026-02-01", "active"),
            Some(vec![C::Demographics, C::Medication]),
        ),
    ];
    for (name, later, expected) in table {
        let more = vec![("earlier".to_owned(), wide.clone()), ("later".to_owned(), later)];
        let answer = Case::charity().release(&Referral { more, ..Referral::default() });
        let found = answer.ok().map(|permit| sorted(arrived(&permit)));
        assert_eq!(found, expected.map(|categories| codes_of(&categories)), "{name}");
    }
}
