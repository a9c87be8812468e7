//! CS-16: drug and alcohol information.

use cmht_gateway::model::{DataCategory as C, PartyKind};

use super::{codes_of, rules, sorted, withheld};
use crate::consent_case::{Case, HANDOVER, Referral, agreement, arrived, party, permit};

#[test]
fn cs_16_the_commissioned_drug_service_gets_drug_information_under_its_agreement_and_nobody_else_by_default() {
    let recipient = || party("wellbeing-roots", PartyKind::DrugAndAlcohol, None, None);
    let under = |categories: &[C]| vec![agreement(["demo-gp", "wellbeing-roots"], categories)];
    let case = |agreements| Case { recipient: recipient(), agreements, ..Case::charity() };
    let copy = case(under(C::ALL)).release(&Referral::default()).unwrap();
    let expected = [C::Demographics, C::ContactAndCommunication, C::SubstanceUse];
    assert_eq!((sorted(arrived(&copy)), rules(&copy)), (codes_of(&expected), vec!["CS-16"]));
    assert!(withheld(&copy).contains(&("medication", "CS-04")), "{:?}", withheld(&copy));
    assert!(copy.basis().consents.is_empty() && !copy.basis().agreements.is_empty());
    assert_eq!(case(vec![]).release(&Referral::default()).unwrap_err().rule.as_str(), "CS-16");
    assert!(case(under(HANDOVER)).release(&Referral::default()).is_err(), "an agreement about other things");
    let unnamed = Case::charity().release(&Referral::default().with(permit("wellbeing-roots", &[]))).unwrap();
    assert!(!arrived(&unnamed).contains(&"substance-use"));
    assert!(withheld(&unnamed).contains(&("substance-use", "CS-05")), "{:?}", withheld(&unnamed));
}
