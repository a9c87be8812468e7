//! CS-11 to CS-13: between NHS and private care.

use cmht_gateway::consent::{OverrideBasis, Records};
use cmht_gateway::fhir::codes;
use cmht_gateway::model::{DataCategory as C, PartyKind};
use serde_json::Value;

use super::{codes_of, overriding, rules, sorted, withheld};
use crate::consent_case::{Case, Referral, arrived, confirmed, engine, party, permit, provision, validated};

fn clinic() -> Case {
    Case::of(party("harbour-clinic", PartyKind::PrivateProvider, None, None))
}

#[test]
fn cs_11_a_private_clinician_gets_what_the_person_agreed_to_and_needs_no_agreement() {
    assert_eq!(clinic().release(&Referral::default()).unwrap_err().rule.as_str(), "CS-11");
    let named = [C::Demographics, C::SubstanceUse];
    let copy = clinic().release(&Referral::default().with(permit("harbour-clinic", &named))).unwrap();
    assert_eq!((sorted(arrived(&copy)), rules(&copy)), (codes_of(&named), vec!["CS-11"]));
    let copy = clinic().release(&Referral::default().with(permit("harbour-clinic", &[]))).unwrap();
    let found = arrived(&copy);
    assert!(found.contains(&"medication") && found.contains(&"mental-health-history"), "{found:?}");
    assert!(!found.contains(&"substance-use") && !found.contains(&"carer"), "restricted kinds are named: {found:?}");
}

#[test]
fn cs_11_what_comes_from_a_private_clinician_goes_to_an_nhs_team_on_the_persons_consent() {
    let sender = party("demo-gp", PartyKind::PrivateProvider, None, None);
    let case = Case { sender, care_relationship: false, ..Case::team() };
    let mut value = Referral::default().with(permit("lpt-cap", &[])).bundle().content().value().clone();
    state(&mut value, "private");
    let bundle = validated(value);
    let question = case.question(&bundle);
    let cmht_gateway::consent::Decision::Reduce(reduction) = engine().decide(&question) else { panic!("not reduced") };
    let copy = confirmed(reduction, &question);
    assert_eq!(rules(&copy), ["CS-11"]);
    let copy = copy.bundle().content().value().to_string();
    assert!(copy.contains("\"code\":\"private\""), "the copy still says where it comes from: {copy}");
}

#[test]
fn cs_12_a_private_provider_gets_nothing_about_a_person_it_does_not_care_for() {
    let records = || Records {
        overrides: vec![overriding("harbour-clinic", OverrideBasis::RiskToSelf, C::ALL)],
        ..Records::default()
    };
    let case = Case { records: records(), ..clinic() };
    assert_eq!(case.release(&Referral::default()).unwrap_err().rule.as_str(), "CS-12");
    assert!(Case { care_relationship: true, ..case }.release(&Referral::default()).is_ok());
    // A permission for all of its kind does not say that this one cares for the person.
    let any = || Referral::default().with(provision("permit", codes::PARTY_KIND, "private-provider", C::ALL));
    assert_eq!(clinic().release(&any()).unwrap_err().rule.as_str(), "CS-12");
    assert!(Case { care_relationship: true, ..clinic() }.release(&any()).is_ok());
}

/// Gives the sender's organisation a sector, or none.
fn state(bundle: &mut Value, sector: &str) {
    for entry in bundle["entry"].as_array_mut().unwrap() {
        let resource = &mut entry["resource"];
        if resource["id"] == "gp-org" {
            resource["type"] = serde_json::json!([{"coding": [{"system": codes::SECTOR, "code": sector}]}]);
            if sector.is_empty() {
                resource.as_object_mut().unwrap().remove("type");
            }
        }
    }
}

#[test]
fn cs_13_a_document_that_does_not_say_where_it_comes_from_is_not_passed_across() {
    let referral = Referral::default().with(permit("harbour-clinic", C::ALL));
    for (sector, goes) in [("nhs", true), ("private", false), ("", false)] {
        let mut value = referral.bundle().content().value().clone();
        state(&mut value, sector);
        let bundle = validated(value);
        let case = clinic();
        match engine().decide(&case.question(&bundle)) {
            cmht_gateway::consent::Decision::Deny(denial) => {
                assert!(!goes && denial.rule.as_str() == "CS-13", "{sector} {denial:?}");
                assert!(denial.would_change.contains("NHS or private"), "{denial:?}");
            }
            _ => assert!(goes, "{sector}"),
        }
    }
    let unnamed = clinic().release(&referral).unwrap();
    assert!(withheld(&unnamed).contains(&("carer", "CS-08")));
}
