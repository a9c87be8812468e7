//! Whom a document is read by (CS-07), kind by kind: what a carer told in confidence stays out of every document that is
//! the person's own, or that they are given or sent.

use cmht_gateway::consent::{Label, Question, RuleId};
use cmht_gateway::documents;
use cmht_gateway::map;
use cmht_gateway::model::DocumentKind as Kind;
use serde_json::{Value, json};

use crate::consent_case::{Case, engine};
use crate::support::{plan, sealed};

/// The full example of a kind.
fn example(kind: Kind) -> Value {
    plan(kind.code(), if kind == Kind::Referral { "complete" } else { "full" })
}

/// Whether a team that cares for the person may have what was told in confidence in such a document.
fn confided_goes(kind: Kind, native: Value) -> bool {
    let bundle = sealed(map::to_fhir(kind, native).unwrap().value).unwrap();
    let case = Case::team();
    let question = Question { kind, ..case.question(&bundle) };
    let rulings = engine().rulings(&question);
    let ruling = rulings.iter().find(|ruling| ruling.label == Label::ToldInConfidence).unwrap();
    let by: Vec<&str> = ruling.forbids.iter().map(RuleId::as_str).collect();
    assert!(ruling.permitted || by == ["CS-07"], "{kind:?}: {by:?}");
    ruling.permitted
}

/// A given name and the family name.
fn name(name: &Value) -> (String, String) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let given = name["given"].as_array().map_or_else(|| name["given"].clone(), |all| all[0].clone());
    (text(&given), text(&name["family"]))
}

#[test]
fn cs_07_the_persons_own_documents_never_hold_what_was_told_in_confidence_and_no_other_kind_is_theirs() {
    let own = [Kind::CarePlan, Kind::SafetyPlan, Kind::DischargeLetter];
    for (kind, _) in documents::SCHEMAS {
        assert_eq!(confided_goes(*kind, example(*kind)), !own.contains(kind), "{kind:?}");
    }
}

#[test]
fn cs_07_binds_in_any_kind_that_says_it_is_copied_to_the_person() {
    for (kind, _) in documents::SCHEMAS {
        let native = example(*kind);
        // In a carer's plan that is whoever the carer cares for.
        let person =
            if *kind == Kind::CarersPlan { &native["cared_for"][0]["name"] } else { &native["person"]["names"][0] };
        let (given, family) = name(person);
        for to in
            [format!("{given} {family}"), format!("Ms {family}"), "The patient".to_owned(), "service user".to_owned()]
        {
            let mut copied = native.clone();
            copied["copies"] = json!([{"name": "Made-up practice"}, {"name": to}]);
            assert!(!confided_goes(*kind, copied), "{kind:?} copied to {to}");
        }
    }
}

#[test]
fn a_copy_to_somebody_of_the_same_family_or_to_a_practice_is_none_to_the_person() {
    for (kind, _) in documents::SCHEMAS.iter().filter(|(kind, _)| !kind.is_read_by_person()) {
        let native = example(*kind);
        let (_, family) = name(&native["person"]["names"][0]);
        for to in [format!("Zebedee {family}"), "Patient transport service".to_owned(), format!("{family} Surgery")] {
            let mut copied = native.clone();
            copied["copies"] = json!([{"name": to}]);
            assert!(confided_goes(*kind, copied), "{kind:?} copied to {to}");
        }
    }
}

#[test]
fn cs_07_binds_in_a_letter_that_is_written_to_the_person() {
    for kind in [Kind::PrivateOpinion, Kind::ClinicalInformationAnswer, Kind::SharedCareAnswer, Kind::CareLeadStatement]
    {
        let mut native = example(kind);
        let (given, family) = name(&native["person"]["names"][0]);
        native["letter"]["to"] = json!({"name": format!("{given} {family}")});
        assert!(!confided_goes(kind, native), "{kind:?}");
    }
}

#[test]
fn a_carers_plan_that_the_carer_has_a_copy_of_holds_what_they_confided() {
    let mut native = example(Kind::CarersPlan);
    let (given, family) = name(&native["person"]["names"][0]);
    native["copies"] = json!([{"name": format!("{given} {family}")}]);
    assert!(confided_goes(Kind::CarersPlan, native));
}

#[test]
fn cs_07_a_carers_plan_the_person_may_see_leaves_out_what_the_carer_confided() {
    for (access, goes) in [("withheld", true), ("agreed", false)] {
        let mut native = example(Kind::CarersPlan);
        native["cared_for_access"] = access.into();
        assert_eq!(confided_goes(Kind::CarersPlan, native), goes, "{access}");
    }
}
