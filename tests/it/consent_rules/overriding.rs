//! CS-09, CS-10, GW-03: a professional's override and an emergency.

use cmht_gateway::consent::{Emergency, Override, OverrideBasis, Records};
use cmht_gateway::model::{DataCategory as C, PartyKind};

use super::{codes_of, overriding, rules, sorted};
use crate::consent_case::{Case, Referral, arrived, deny, party, said};

fn recorded(overrides: Vec<Override>, case: Case) -> Case {
    Case { records: Records { overrides, ..Records::default() }, ..case }
}

#[test]
fn cs_09_an_override_opens_what_it_names_against_an_objection_and_no_more() {
    let named = [C::Demographics, C::RiskSummary];
    let referral = Referral::default().with(deny("lpt-cap", &[]));
    let case = recorded(vec![overriding("lpt-cap", OverrideBasis::RiskToSelf, &named)], Case::team());
    let copy = case.release(&referral).unwrap();
    assert_eq!(sorted(arrived(&copy)), codes_of(&named));
    assert!(rules(&copy).contains(&"CS-09"));
    assert_eq!(copy.basis().overrides, ["override-risk-to-self"]);
    assert_eq!(copy.basis().relied_until.unwrap().to_string(), "2026-03-08T00:00:00Z");
    let of_trust = recorded(vec![overriding("lpt", OverrideBasis::Safeguarding, &named)], Case::team());
    assert!(of_trust.release(&referral).is_ok(), "its organisation's");
    let charity = recorded(vec![overriding("wellbeing-roots", OverrideBasis::RiskToOthers, &named)], Case::charity());
    let copy = charity.release(&Referral::default()).unwrap();
    assert_eq!((sorted(arrived(&copy)), rules(&copy)), (codes_of(&named), vec!["CS-09"]));
}

#[test]
fn cs_09_an_override_counts_only_complete_in_force_and_for_its_recipient() {
    let whole = || overriding("lpt-cap", OverrideBasis::RiskToSelf, C::ALL);
    let at = |text: &str| text.parse().unwrap();
    let table = [
        ("nothing named", Override { categories: vec![], ..whole() }, "CS-02"),
        ("for another", overriding("lpt-crht", OverrideBasis::RiskToSelf, C::ALL), "CS-02"),
        ("not yet", Override { from: at("2026-03-02T09:30:01Z"), ..whole() }, "CS-02"),
        ("no more", Override { until: at("2026-03-02T09:30:00Z"), ..whole() }, "CS-18"),
    ];
    let referral = Referral::default().with(deny("lpt-cap", &[]));
    for (name, one, rule) in table {
        let denial = recorded(vec![one], Case::team()).release(&referral).unwrap_err();
        assert_eq!(denial.rule.as_str(), rule, "{name}");
    }
    assert!(recorded(vec![whole()], Case::team()).release(&referral).is_ok());
}

#[test]
fn cs_09_overrides_on_one_basis_add_up_and_one_on_another_basis_is_told_of() {
    let risk = |categories: &[C]| overriding("lpt-cap", OverrideBasis::RiskToSelf, categories);
    let referral = Referral::default().with(deny("lpt-cap", &[]));
    let two = recorded(vec![risk(&[C::Demographics]), risk(&[C::Medication])], Case::team());
    assert_eq!(sorted(arrived(&two.release(&referral).unwrap())), codes_of(&[C::Demographics, C::Medication]));
    let later = Override {
        from: "2026-03-02T00:00:00Z".parse().unwrap(),
        ..overriding("lpt-cap", OverrideBasis::RiskToOthers, &[C::Demographics])
    };
    let copy = recorded(vec![risk(&[C::Medication]), later], Case::team()).release(&referral).unwrap();
    assert_eq!(arrived(&copy), ["demographics"]);
    assert!(copy.remarks().iter().any(|remark| remark.contains("several bases")), "{:?}", copy.remarks());
}

#[test]
fn cs_10_in_an_emergency_a_crisis_service_gets_what_is_needed_now_on_a_stated_reason() {
    let emergency =
        |professional: &str, reason: &str| Some(Emergency { professional: said(professional), reason: said(reason) });
    let of = |kind: PartyKind, emergency: Option<Emergency>| Case {
        records: Records { emergency, ..Records::default() },
        ..Case::of(party("lpt-crht", kind, None, None))
    };
    let stated = || emergency("Made-up Nurse", "found on the bridge");
    let referral = Referral::default().with(deny("lpt-crht", &[]));
    let copy = of(PartyKind::Crht, stated()).release(&referral).unwrap();
    let expected =
        [C::Demographics, C::ContactAndCommunication, C::ReferralReason, C::RiskSummary, C::Medication, C::Carer];
    assert_eq!((sorted(arrived(&copy)), rules(&copy)), (codes_of(&expected), vec!["CS-10"]));
    for (name, kind, emergency) in
        [("another kind of team", PartyKind::Cmht, stated()), ("none", PartyKind::Crht, None)]
    {
        assert_eq!(of(kind, emergency).release(&referral).unwrap_err().rule.as_str(), "CS-02", "{name}");
    }
}
