//! CS-19: capacity in doubt is for a professional to judge.

use cmht_gateway::consent::{Capacity, CapacityFinding, Emergency, OverrideBasis, Records};
use cmht_gateway::fhir::codes;
use cmht_gateway::model::{DataCategory as C, PartyKind};
use serde_json::json;

use super::{codes_of, overriding, sorted};
use crate::consent_case::{Case, HANDOVER, Referral, arrived, consent, now, party, permit, said};

fn found(finding: Capacity) -> Records {
    let assessed = now();
    let one = CapacityFinding { finding, assessed, until: None, assessor: said("Made-up Doctor") };
    Records { capacity: vec![one], ..Records::default() }
}

#[test]
fn cs_19_capacity_in_doubt_refers_to_a_person_outside_the_nhs_and_does_not_stop_direct_care_within() {
    let consented = || Referral::default().with(permit("wellbeing-roots", HANDOVER));
    for (finding, refers) in [(Capacity::Has, false), (Capacity::InDoubt, true), (Capacity::Lacks, true)] {
        let case = Case { records: found(finding), ..Case::charity() };
        match case.release(&consented()) {
            Ok(_) => assert!(!refers, "{finding:?}"),
            Err(denial) => {
                assert!(refers && denial.refer && denial.rule.as_str() == "CS-19", "{finding:?} {denial:?}");
                assert!(denial.reason.contains("professional"), "{denial:?}");
            }
        }
        assert!(Case { records: found(finding), ..Case::team() }.release(&Referral::default()).is_ok(), "{finding:?}");
    }
    let nobody_asked = Case { records: found(Capacity::Lacks), ..Case::charity() };
    assert!(nobody_asked.release(&Referral::default()).unwrap_err().refer, "the person cannot be asked either");
    assert!(!Case::charity().release(&Referral::default()).unwrap_err().refer);
}

#[test]
fn cs_19_the_document_may_say_so_itself_and_a_later_finding_replaces_it() {
    let mut lacking = consent(0, &permit("wellbeing-roots", HANDOVER));
    let position = json!({"system": codes::SHARING_POSITION, "code": "lacks-capacity"});
    lacking["policyRule"]["coding"].as_array_mut().unwrap().push(position);
    let referral = Referral { more: vec![("position".to_owned(), lacking)], ..Referral::default() };
    assert!(Case::charity().release(&referral).unwrap_err().refer);
    let assessed = Case { records: found(Capacity::Has), ..Case::charity() };
    assert!(assessed.release(&referral).is_ok());
}

#[test]
fn cs_19_part_by_part_what_no_override_names_is_for_a_person_to_judge() {
    let records = Records {
        overrides: vec![overriding("wellbeing-roots", OverrideBasis::BestInterests, &[C::Demographics, C::Actions])],
        ..found(Capacity::Lacks)
    };
    let copy = Case { records, ..Case::charity() }.release(&Referral::default()).unwrap();
    assert_eq!(sorted(arrived(&copy)), codes_of(&[C::Demographics]));
    let medication = copy.withheld().iter().find(|w| w.category.code() == "medication").unwrap();
    assert!(medication.refer && medication.rule.as_str() == "CS-19", "{medication:?}");
}

#[test]
fn cs_19_a_crisis_service_in_an_emergency_does_not_wait() {
    let stated = Emergency { professional: said("Made-up Nurse"), reason: said("stated") };
    let records = Records { emergency: Some(stated), ..found(Capacity::Lacks) };
    let case = Case { records, ..Case::of(party("lpt-crht", PartyKind::Crht, None, None)) };
    assert!(case.release(&Referral::default()).is_ok());
}
