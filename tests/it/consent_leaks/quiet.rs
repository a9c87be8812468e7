//! CS-22: what the recipient may not be told of leaves no sign in the copy, also where nothing else is withheld; the sender,
//! whose document it is, is told all.

use cmht_gateway::consent::{Label, Permit};
use cmht_gateway::fhir::{Format, build, codes};
use cmht_gateway::model::{DocumentKind, PartyKind};
use cmht_gateway::{fhir, map, outbox};
use serde_json::{Value, json};

use crate::consent_case::{Case, mark, party, validated};
use crate::consent_documents::release;
use crate::support::plan;

/// A care plan in which a carer said something in confidence, and one about a child.
fn care_plan() -> Value {
    let mut plan = plan("care-plan", "full");
    plan.as_object_mut().unwrap().remove("consent");
    plan["strengths"] = json!([{"text": "Good with plants"}, {"text": mark("confided"), "told_in_confidence": true}]);
    plan["culture"] = json!([{"text": mark("confided"), "told_in_confidence": true}]);
    plan["what_matters"] = json!([{"text": mark("child"), "about_a_child": true}, {"text": "Her garden"}]);
    plan
}

fn practice() -> Case {
    Case { care_relationship: true, ..Case::of(party("own-practice", PartyKind::GpPractice, None, None)) }
}

fn copy(case: &Case, native: Value) -> Permit {
    copy_of(DocumentKind::CarePlan, case, native)
}

fn copy_of(kind: DocumentKind, case: &Case, native: Value) -> Permit {
    let bundle = map::to_fhir(kind, native).unwrap().value.into_value();
    release(case, kind, &validated(bundle)).unwrap()
}

fn signs(permit: &Permit) -> Vec<&'static str> {
    let text = String::from_utf8(fhir::write(permit.bundle().content().value(), Format::Json).unwrap()).unwrap();
    let signs = ["MARK", "ithheld", "REDACTED", "SUBSETTED", "masked", "confidence", "CS-07", "CS-20", "NOPAT"];
    signs.into_iter().filter(|sign| text.contains(sign)).collect()
}

#[test]
fn a_copy_for_who_gives_the_person_access_shows_no_sign_of_what_a_carer_said_in_confidence() {
    let permit = copy(&practice(), care_plan());
    assert_eq!(signs(&permit), [""; 0]);
    let sections = permit.bundle().content().first("Composition").unwrap()["section"].as_array().unwrap().clone();
    let about = sections.iter().find(|section| section["title"] == "About me").unwrap();
    let words = about["text"]["div"].as_str().unwrap();
    assert!(words.contains("Good with plants") && words.contains("Her garden"), "the rest arrives: {words}");
    let held: Vec<Label> = permit.withheld().iter().map(|part| part.category).collect();
    assert!(
        held.contains(&Label::ToldInConfidence) && held.contains(&Label::AboutAChild),
        "the sender is told: {held:?}"
    );
    assert!(held.iter().all(|label| !permit.may_tell(*label)), "the recipient is not: {held:?}");
    let notes = outbox::notes(&permit);
    let rules: Vec<&str> = notes.iter().map(|note| note.rule.as_str()).collect();
    assert!(rules.contains(&"CS-07") && rules.contains(&"CS-20") && notes.iter().all(|note| !note.told), "{rules:?}");
}

#[test]
fn a_team_that_the_person_cannot_read_at_gets_what_was_confided_labelled_as_such() {
    // A letter between clinicians: a care plan is the person's own, and nobody's copy of it holds that.
    assert_eq!(signs(&copy(&Case::team(), care_plan())), [""; 0]);
    let mut native = plan("clinical-information-answer", "full");
    native.as_object_mut().unwrap().remove("consent");
    let confided = json!([{"text": mark("confided"), "told_in_confidence": true}]);
    native["history"] = confided.clone();
    native["treatment"] = confided;
    native["not_included"] = json!([{"text": mark("child"), "about_a_child": true}, {"text": "Therapy notes"}]);
    let permit = copy_of(DocumentKind::ClinicalInformationAnswer, &Case::team(), native);
    let bundle = permit.bundle().content();
    let labels = |resource: &Value| resource["meta"]["security"].to_string();
    let confided: Vec<&Value> =
        bundle.all("Observation").filter(|one| one.to_string().contains(&mark("confided"))).collect();
    assert_eq!(confided.len(), 2);
    for one in confided {
        assert!(labels(one).contains("told-in-confidence") && labels(one).contains("NOPAT"), "{one}");
    }
    assert!(!bundle.value().to_string().contains(&mark("child")), "CS-20 holds inside the NHS too");
    assert!(!labels(bundle.value()).contains("REDACTED"), "and who cares may not be told of it");
}

#[test]
fn content_of_no_category_that_stays_behind_with_what_was_confided_is_not_spoken_of_either() {
    let mut native = care_plan();
    native["unmapped"] = json!([{"path": "Bundle.entry[3].resource.note", "value": mark("unmapped")}]);
    let permit = copy(&practice(), native);
    assert_eq!(signs(&permit), [""; 0]);
    let unassigned = permit.withheld().iter().find(|part| part.category == Label::Unassigned).unwrap();
    assert!(!permit.may_tell(unassigned.category), "{unassigned:?}");
    // where it stays behind for another reason, it is told, and by that reason
    let mut objecting = care_plan();
    objecting["unmapped"] = json!([{"path": "Bundle.entry[3].resource.note", "value": mark("unmapped")}]);
    objecting["consent"] = json!({"sharing": "agreed-in-part", "recorded": "2026-02-01T10:00:00Z",
                                  "objections": [{"recipient": {"party": "own-practice"}, "categories": ["medication"]}]});
    let permit = copy(&practice(), objecting);
    let said = permit.bundle().content().first("Composition").unwrap()["section"][0]["text"]["div"].to_string();
    assert!(said.contains("medication (rule CS-02)") && said.contains("(rule CS-02). The sender"), "{said}");
    assert!(!said.contains("CS-07") && !said.contains("CS-20"), "{said}");
}

#[test]
fn labels_of_the_whole_bundle_and_labels_that_were_lost_on_the_way_hold_for_all_of_it() {
    let case = practice();
    let made = map::to_fhir(DocumentKind::CarePlan, plan("care-plan", "full")).unwrap().value.into_value();
    let mut whole = made.clone();
    whole["meta"]["security"] = json!([build::coding(codes::ACT_CODE, "NOPAT", "no disclosure to patient")]);
    let denial = release(&case, DocumentKind::CarePlan, &validated(whole)).map(drop).unwrap_err();
    assert!(denial.irreducible, "{denial:?}");
    let mut native = care_plan();
    native["unmapped"] = json!([{"path": "Bundle.entry[3].resource.meta.security[0]", "value": {"code": "HIV"}}]);
    let bundle = map::to_fhir(DocumentKind::CarePlan, native).unwrap().value.into_value();
    let denial = release(&case, DocumentKind::CarePlan, &validated(bundle)).map(drop).unwrap_err();
    assert!(denial.irreducible, "nobody can tell what the label was about: {denial:?}");
}
