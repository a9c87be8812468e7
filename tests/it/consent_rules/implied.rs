//! CS-01: implied consent, and what nobody needs to consent to.

use cmht_gateway::consent::Decision;
use cmht_gateway::model::{PartyKind, Purpose, Sector};

use super::rules;
use crate::consent_case::{Case, Referral, engine, party};

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
                let nhs = kind.sector() == Sector::Nhs;
                let case =
                    Case { care_relationship, purpose, ..Case::of(party("some-party", *kind, Some("Y90099"), None)) };
                let answer = case.release(&Referral::default());
                // The person may be told what is held about them (GW-04).
                let may = (nhs && care_relationship) || *kind == PartyKind::Person;
                let expected = may && purpose == Purpose::DirectCare;
                assert_eq!(answer.is_ok(), expected, "{kind:?} {care_relationship} {purpose:?}");
                if let Err(denial) = answer {
                    assert!(!denial.reason.is_empty() && !denial.would_change.is_empty());
                    let rule = match (kind.sector(), kind) {
                        (Sector::Nhs, _) => "CS-01",
                        (Sector::LocalAuthority, _) => "GW-02",
                        (Sector::Private, _) => "CS-11",
                        (_, PartyKind::Person) => "GW-04",
                        (_, PartyKind::Carer) => "CS-06",
                        // Under an agreement it would get drug and alcohol information on no consent at all.
                        (_, PartyKind::DrugAndAlcohol) => "CS-16",
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
