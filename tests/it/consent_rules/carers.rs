//! CS-06, CS-08, GW-04: carers, their own details, and the person.

use cmht_gateway::consent::{Capacity, CapacityFinding, Records};
use cmht_gateway::model::{DataCategory as C, PartyKind, Purpose};

use super::outcome::notice;
use super::{by_carer, codes_of, rules, sorted, withheld};
use crate::consent_case::{Case, HANDOVER, Referral, arrived, deny, engine, now, party, permit, said};

fn brother() -> Case {
    Case::of(party("made-up-brother", PartyKind::Carer, None, None))
}

#[test]
fn cs_06_a_carer_is_told_what_the_person_with_capacity_agreed_to() {
    assert_eq!(brother().release(&Referral::default()).unwrap_err().rule.as_str(), "CS-06");
    let named = [C::Demographics, C::Medication];
    let told = brother().release(&Referral::default().with(permit("made-up-brother", &named))).unwrap();
    assert_eq!((sorted(arrived(&told)), rules(&told)), (codes_of(&named), vec!["CS-06"]));
    let told = brother().release(&Referral::default().with(permit("made-up-brother", &[]))).unwrap();
    assert_eq!(
        sorted(arrived(&told)),
        codes_of(&[C::Demographics, C::ContactAndCommunication, C::ReferralReason]),
        "what a handover needs"
    );
    let finding =
        |finding: Capacity| CapacityFinding { finding, assessed: now(), until: None, assessor: said("Made-up") };
    for (found, goes) in [(Capacity::Has, true), (Capacity::InDoubt, false), (Capacity::Lacks, false)] {
        let records = Records { capacity: vec![finding(found)], ..Records::default() };
        let case = Case { records, ..brother() };
        let answer = case.release(&Referral::default().with(permit("made-up-brother", HANDOVER)));
        assert_eq!(answer.is_ok(), goes, "{found:?}");
        assert!(answer.is_ok() || answer.is_err_and(|denial| denial.refer), "{found:?}");
    }
    let both = Referral::default().with(permit("made-up-brother", HANDOVER)).with(deny("made-up-brother", &[]));
    assert_eq!(brother().release(&both).unwrap_err().rule.as_str(), "CS-02");
}

#[test]
fn cs_06_general_information_is_always_allowed_and_tells_of_nobody() {
    let case = Case { purpose: Purpose::GeneralInformation, ..brother() };
    let decide = |extra| engine().decide(&case.question(&notice(extra)));
    let cmht_gateway::consent::Decision::Permit(told) = decide(None) else { panic!("not told") };
    assert_eq!(rules(&told), ["CS-06"]);
    let patient = serde_json::json!({"resourceType": "Patient", "id": "person"});
    assert!(matches!(decide(Some(patient)), cmht_gateway::consent::Decision::Deny(_)));
}

#[test]
fn cs_08_a_carers_own_details_need_the_carers_own_consent_as_well() {
    let ours = permit("wellbeing-roots", &[C::Demographics, C::Carer]);
    let alone = Case::charity().release(&Referral::default().with(ours.clone())).unwrap();
    assert_eq!(arrived(&alone), ["demographics"]);
    assert!(withheld(&alone).contains(&("carer", "CS-08")));
    for agreed in [permit("wellbeing-roots", &[C::Carer]), permit("wellbeing-roots", &[])] {
        let more = vec![("carers".to_owned(), by_carer(&agreed))];
        let referral = Referral { more, ..Referral::default().with(ours.clone()) };
        let both = Case::charity().release(&referral).unwrap();
        assert_eq!(arrived(&both), ["demographics", "carer"]);
        assert!(both.remarks().iter().any(|remark| remark.contains("carer's own details")), "{:?}", both.remarks());
    }
    let more = vec![("carers".to_owned(), by_carer(&permit("wellbeing-roots", HANDOVER)))];
    let denial = Case::charity().release(&Referral { more, ..Referral::default() }).unwrap_err();
    assert_eq!(denial.rule.as_str(), "CS-04", "a carer's consent is not the person's");
    assert!(arrived(&Case::team().release(&Referral::default()).unwrap()).contains(&"carer"), "the NHS team");
}

#[test]
fn gw_04_the_person_is_told_what_is_held_about_them_save_what_is_others() {
    let clinical = vec![C::Medication, C::RiskSummary, C::Safeguarding, C::ThirdPartyStatement];
    let referral = Referral { clinical, letter: true, ..Referral::default() };
    let told = Case::of(party("the-person", PartyKind::Person, None, None)).release(&referral).unwrap();
    let expected = [C::Demographics, C::ContactAndCommunication, C::ReferralReason, C::Medication, C::RiskSummary];
    assert_eq!((sorted(arrived(&told)), rules(&told)), (codes_of(&expected), vec!["GW-04"]));
}
