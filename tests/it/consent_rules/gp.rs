//! CS-14: the person's own GP practice, which is neither addressed nor in the care team.

use cmht_gateway::model::{DataCategory as C, PartyKind};

use super::{rules, withheld};
use crate::consent_case::{Case, Referral, arrived, deny, party};

#[test]
fn cs_14_the_persons_gp_gets_a_copy_without_what_others_said_and_carers_details() {
    let practice = || Case::of(party("own-gp", PartyKind::GpPractice, Some("Y90099"), None));
    let clinical = vec![C::Medication, C::SubstanceUse, C::ThirdPartyStatement];
    let referral = Referral { clinical, ..Referral::default() };
    let case = Case { registered_gp: true, ..practice() };
    let copy = case.release(&referral).unwrap();
    assert_eq!(rules(&copy), ["CS-14"]);
    let found = arrived(&copy);
    assert!(found.contains(&"medication") && found.contains(&"substance-use"), "{found:?}");
    assert!(!found.contains(&"carer") && !found.contains(&"third-party-statement"), "{found:?}");
    let of =
        |code: &str| withheld(&copy).into_iter().find(|(label, _)| *label == code).map(|(_, rule)| rule.to_owned());
    assert_eq!((of("carer").as_deref(), of("third-party-statement").as_deref()), (Some("CS-14"), Some("CS-14")));
    let objected = case.release(&referral.clone().with(deny("own-gp", &[]))).unwrap_err();
    assert_eq!(objected.rule.as_str(), "CS-02");
    assert_eq!(practice().release(&referral).unwrap_err().rule.as_str(), "CS-01", "somebody else's practice");
}
