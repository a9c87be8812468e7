//! Messages in the shape of the Booking and Referral Standard (`exchange.md` §1) are referrals too.

use serde_json::{Value, json};

use cmht_gateway::consent::Decision;
use cmht_gateway::documents::referral::{Referral, Response, Sharing};
use cmht_gateway::fhir::Bundle;
use cmht_gateway::map::{Mapped, NoteKind, referral};
use cmht_gateway::validate;

use crate::consent_case::{Case, engine, validated};
use crate::support::{GP, TestGateway, sealed};

fn message() -> Value {
    serde_json::from_str(include_str!("../fixtures/bars/gp-to-mental-health.json")).unwrap()
}

fn read(value: Value) -> Mapped<Referral> {
    referral::from_fhir(&Bundle::new(value).unwrap()).unwrap()
}

/// The resource of a type with this in it.
fn resource<'v>(bundle: &'v mut Value, kind: &str, text: &str) -> &'v mut Value {
    let entries = bundle["entry"].as_array_mut().unwrap();
    let fits = |entry: &&mut Value| entry["resource"]["resourceType"] == kind && entry.to_string().contains(text);
    &mut entries.iter_mut().find(fits).unwrap()["resource"]
}

fn texts(
    known: Option<&cmht_gateway::documents::parts::Known<cmht_gateway::documents::parts::Statement>>,
) -> Vec<String> {
    known.map(|list| list.entries().iter().map(|one| one.text.clone()).collect()).unwrap_or_default()
}

#[test]
fn a_gp_to_service_referral_becomes_a_referral_that_lists_what_is_missing() {
    let Mapped { value: got, notes } = read(message());
    assert_eq!(got.response(), Response::Urgent);
    assert_eq!(got.person.names[0].family.as_deref(), Some("Marchbanks"));
    assert_eq!(got.person.gp_practice.as_ref().unwrap().ods.as_ref().unwrap().as_str(), "Y90001");
    assert_eq!(got.referrer.name.as_ref().unwrap().line(), "Dr Helen Marwood");
    assert_eq!(got.referrer.organisation.as_ref().unwrap().ods.as_ref().unwrap().as_str(), "Y90001");
    assert_eq!(got.service.as_ref().unwrap().name.as_deref().or(Some("Y90010")), Some("Mental health access point"));
    let reasons: Vec<&str> = got.reasons.iter().map(|reason| reason.text.as_str()).collect();
    assert_eq!(reasons, ["Low mood for three months with thoughts of not wanting to be here"]);
    assert!(got.working_diagnosis.is_none(), "a presenting complaint is no diagnosis");
    let missing: Vec<&str> = got.missing().iter().map(|item| item.key).collect();
    for key in ["ethnic-origin", "language", "interpreter", "why-now", "next-of-kin", "medication", "carers"] {
        assert!(missing.contains(&key), "{key} in {missing:?}");
    }
    for key in ["nhs-number", "reasons", "risk-to-self-current", "safeguarding-concerns"] {
        assert!(!missing.contains(&key), "{key} in {missing:?}");
    }
    assert!(notes.iter().any(|note| note.kind == NoteKind::Dropped));
}

#[test]
fn flags_go_where_somebody_looks_for_them() {
    let got = read(message()).value;
    assert_eq!(texts(got.risk.to_self.current.as_ref()), ["At risk for deliberate self harm"]);
    assert_eq!(texts(got.safeguarding.concerns.as_ref()), ["Adult safeguarding concern"]);
    assert_eq!(texts(got.communication_needs.as_ref()), ["Provision of Additional Support"]);
    assert!(got.alerts.is_none());
}

#[test]
fn what_has_no_place_comes_back_out_and_the_message_is_valid_there_and_back() {
    assert_eq!(sealed(Bundle::new(message()).unwrap()).map(drop), Ok(()));
    let document = read(message()).value;
    let made = referral::to_fhir(&document).value;
    assert_eq!(sealed(made.clone()).map(drop), Ok(()));
    for kind in ["Encounter", "CarePlan", "QuestionnaireResponse", "Condition"] {
        assert!(made.first(kind).is_some(), "{kind}");
    }
    let plan = made.first("CarePlan").unwrap();
    let leads = |pointer: &str| made.resolve(plan.pointer(pointer).unwrap().as_str().unwrap());
    assert_eq!(leads("/subject/reference"), made.first("Patient"));
    assert_eq!(leads("/encounter/reference"), made.first("Encounter"));
    assert_eq!(leads("/addresses/0/reference"), made.first("Condition"));
    let again = referral::from_fhir(&made).unwrap();
    assert!(again.value == document && again.notes.is_empty(), "{:?}", again.notes);
}

#[test]
fn consent_to_direct_care_is_what_the_law_implies_and_opens_nothing_more() {
    let got = read(message());
    let consent = got.value.consent.unwrap();
    assert_eq!(consent.sharing, Sharing::NotAsked);
    assert!(consent.permissions.is_empty() && consent.objections.is_empty());
    assert!(got.notes.iter().any(|note| note.kind == NoteKind::Coerced && note.text.contains("direct care")));
    let bundle = validated(message());
    let (team, charity) = (Case::team(), Case::charity());
    assert!(matches!(engine().decide(&team.question(&bundle)), Decision::Permit(_)), "the team that cares");
    assert!(matches!(engine().decide(&charity.question(&bundle)), Decision::Deny(_)), "nobody asked about a charity");
}

#[test]
fn the_traps_of_published_samples_are_stepped_over() {
    // a number that fails its check digit travels on, marked
    let mut wrong = message();
    resource(&mut wrong, "Patient", "")["identifier"][0]["value"] = json!("9990718424");
    assert_eq!(read(wrong.clone()).value.person.nhs_number.unwrap().value.as_deref(), Some("9990718424"));
    let mut bundle = Bundle::new(wrong).unwrap();
    assert_eq!(validate::mark_unverified(&mut bundle).len(), 1);
    assert!(validate::usable_nhs_number(&bundle).is_none());
    assert!(sealed(bundle).is_ok());

    // focus on several resources: the request among them is meant, the others are kept
    let mut several = message();
    let plan = several["entry"][3]["fullUrl"].clone();
    let request = several["entry"][1]["fullUrl"].clone();
    resource(&mut several, "MessageHeader", "")["focus"] = json!([{"reference": plan}, {"reference": request}]);
    let got = read(several).value;
    assert_eq!(got.response(), Response::Urgent);
    assert!(got.unmapped.iter().any(|one| one.path.starts_with("Bundle.entry[0].resource.focus[0]")));

    // ODS systems in lower case, and identifiers without system
    let mut odd = message();
    resource(&mut odd, "Organization", "Y90010")["identifier"] =
        json!([{"system": "https://fhir.nhs.uk/id/ods-organization-code", "value": "Y90010"}, {"value": "alone"}]);
    let got = read(odd).value;
    let kept = serde_json::to_string(&got.unmapped).unwrap();
    assert!(kept.contains("fhir.nhs.uk/id/ods-organization-code") && kept.contains("alone"));

    // no use case is ours, so the code of one is kept and decides nothing
    let kept = serde_json::to_string(&read(message()).value.unmapped).unwrap();
    assert!(kept.contains("a7t1"));
}

#[test]
fn an_event_or_use_case_without_reason_or_identity_still_maps() {
    let mut bare = message();
    let header = resource(&mut bare, "MessageHeader", "").as_object_mut().unwrap();
    header.remove("reason");
    header.remove("definition");
    bare["entry"].as_array_mut().unwrap().retain(|entry| {
        !["Flag", "Task", "QuestionnaireResponse", "Encounter", "CarePlan", "Consent"]
            .contains(&entry["resource"]["resourceType"].as_str().unwrap())
    });
    let got = read(bare).value;
    assert_eq!(got.id, "4c7b2c0e-4a57-4a7e-9d1e-0a3f6f5f7c11");
    assert!(got.consent.is_none() && got.missing().iter().any(|item| item.key == "risk-to-self-current"));
}

#[tokio::test]
async fn a_new_referral_is_taken_and_what_is_said_of_one_that_cannot_be_found_is_told() {
    let gateway = TestGateway::alone().await;
    let response = gateway.send(&message()).await;
    assert_eq!(response.status().as_u16(), 200, "{}", response.text().await.unwrap());
    // this request has no identifier of its own, so that nothing sent later can name it
    let said = |code: &str| {
        let mut changed = message();
        changed["id"] = json!(format!("another-{code}"));
        resource(&mut changed, "MessageHeader", "")["reason"]["coding"][0]["code"] = json!(code);
        changed
    };
    let updated = gateway.send(&said("update")).await;
    assert_eq!(updated.status().as_u16(), 200);
    assert_eq!(gateway.send(&said("delete")).await.status().as_u16(), 404);
}

#[tokio::test]
async fn a_cancellation_finds_the_referral_by_any_identifier_of_its_request() {
    let gateway = TestGateway::alone().await;
    let one = |system: &str, value: &str| json!({"system": format!("urn:made-up:{system}"), "value": value});
    // each message has an id of its own, and the requests their identifiers
    let about = |id: &str, code: &str, identifiers: Value| {
        let mut changed = message();
        changed["id"] = json!(id);
        resource(&mut changed, "MessageHeader", "")["reason"]["coding"][0]["code"] = json!(code);
        resource(&mut changed, "ServiceRequest", "")["identifier"] = identifiers;
        changed
    };
    let status = async |message: &str| -> String {
        let found: Value = gateway.get(&format!("/requests/{message}"), GP).send().await.unwrap().json().await.unwrap();
        found["tasks"][0]["status"].as_str().unwrap().to_owned()
    };
    for (first, second) in [("ubrn", "practice"), ("practice", "ubrn")] {
        let value = format!("{first}-1");
        let sent = about(&format!("{value}-new"), "new", json!([one(first, &value), one(second, "shared-1")]));
        assert_eq!(gateway.send(&sent).await.status().as_u16(), 200);
        let all: Value = gateway.get("/requests", GP).send().await.unwrap().json().await.unwrap();
        let request = all["requests"][0]["request"].as_str().unwrap().to_owned();
        // one that it has not
        let other = about(&format!("{value}-other"), "delete", json!([one(second, "another")]));
        assert_eq!(gateway.send(&other).await.status().as_u16(), 404);
        assert_eq!(status(&request).await, "received");
        // by the second of its identifiers
        let cancel = about(&format!("{value}-gone"), "delete", json!([one(second, "shared-1")]));
        let answer = gateway.send(&cancel).await;
        assert_eq!(answer.status().as_u16(), 200, "{}", answer.text().await.unwrap());
        assert_eq!(status(&request).await, "cancelled-by-requester");
    }
    // by the first, and as FHIR says it: revoked
    let sent = about("third-new", "new", json!([one("ubrn", "third")]));
    assert_eq!(gateway.send(&sent).await.status().as_u16(), 200);
    let all: Value = gateway.get("/requests", GP).send().await.unwrap().json().await.unwrap();
    let request = all["requests"][0]["request"].as_str().unwrap().to_owned();
    let mut revoked = about("third-gone", "update", json!([one("ubrn", "third")]));
    resource(&mut revoked, "ServiceRequest", "")["status"] = json!("revoked");
    assert_eq!(gateway.send(&revoked).await.status().as_u16(), 200);
    assert_eq!(status(&request).await, "cancelled-by-requester");
}
