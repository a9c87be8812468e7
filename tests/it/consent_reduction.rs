//! What a reduced release looks like and how it is confirmed, on small made-up referrals.

use cmht_gateway::consent::{ConsentError, Decision};
use cmht_gateway::fhir::codes;
use cmht_gateway::model::{DataCategory as C, PartyKind};
use serde_json::json;

use crate::consent_case::{
    Case, HANDOVER, Referral, arrived, bytes, confirmed, deny, engine, mark, party, permit, tag, url, validated,
};

// === Reduction ===

#[test]
fn a_reduced_release_is_labelled_says_what_was_withheld_and_tells_of_nobody_else() {
    let referral = Referral { letter: true, ..Referral::default() }
        .with(permit("wellbeing-roots", &[C::Demographics, C::ReferralReason, C::RiskSummary]))
        .with(permit("harbour-clinic", C::ALL))
        .with(deny("other-charity", &[]));
    let permit = Case::charity().release(&referral).unwrap();
    let bundle = permit.bundle().content();
    let text = bytes(&permit);
    for gone in
        ["others", "unassigned", "harbour-clinic", "other-charity", "drug-org", "contact-and-communication", "carer"]
    {
        assert!(!text.contains(&mark(gone)), "{gone}");
    }
    assert!(!text.contains("harbour-clinic") && !text.contains("other-charity") && !text.contains("drug-org"));
    assert_eq!(bundle.all("Consent").count(), 1);
    assert_eq!(bundle.all("Organization").count(), 1);
    let security = &bundle.value()["meta"]["security"];
    let labels: Vec<&str> = security.as_array().unwrap().iter().filter_map(|c| c["code"].as_str()).collect();
    assert_eq!(labels, ["SUBSETTED", "REDACTED", "NORDSCLCD", "N"]);
    let patient = bundle.first("Patient").unwrap()["meta"]["security"].as_array().unwrap();
    assert_eq!(patient[..], security.as_array().unwrap()[..3]);
    let notes = bundle.first("ServiceRequest").unwrap()["note"].as_array().unwrap();
    let statement = notes.last().unwrap()["text"].as_str().unwrap();
    for said in [
        "medication (rule CS-04)",
        "mental health history (rule CS-04)",
        "how to reach and talk with the person (rule CS-04)",
    ] {
        assert!(statement.contains(said), "{statement}");
    }
    // saying that there is such information would tell of it (CS-22)
    for unsaid in [C::SubstanceUse, C::Carer] {
        assert!(!text.contains(unsaid.title()) && !statement.contains(unsaid.code()), "{statement}");
        assert!(permit.withheld().iter().any(|part| part.category == unsaid.into()) && !permit.may_tell(unsaid.into()));
    }
    let risk = bundle.all("Observation").next().unwrap();
    assert_eq!(risk["derivedFrom"].as_array().unwrap().len(), 2, "itself and its own contained one remain");
    assert_eq!(bundle.first("ServiceRequest").unwrap()["supportingInfo"].as_array().unwrap().len(), 1);
}

#[test]
fn implied_consent_does_not_set_the_redisclosure_label() {
    let permit = Case::team().release(&Referral::default().with(deny("lpt-cap", &[C::Medication]))).unwrap();
    let security = permit.bundle().content().value()["meta"]["security"].to_string();
    assert!(security.contains("REDACTED") && !security.contains("NORDSCLCD"), "{security}");
}

#[test]
fn a_required_pointer_to_what_was_withheld_is_masked_and_a_tagged_organisation_is_withheld() {
    let service = json!({"resourceType": "Organization", "id": "tagged", "meta": tag(C::SubstanceUse), "name": mark("substance-use")});
    let statement = json!({
        "resourceType": "MedicationStatement", "meta": tag(C::Medication), "status": "active",
        "medicationReference": {"reference": url("drug"), "display": mark("substance-use")},
        "subject": {"reference": url("patient")},
        "informationSource": {"identifier": {"system": codes::PARTY_ID, "value": "tagged-id"}, "display": mark("substance-use")},
    });
    let mut service = service;
    service["identifier"] = json!([{"system": codes::PARTY_ID, "value": "tagged-id"}]);
    let drug =
        json!({"resourceType": "Medication", "meta": tag(C::SubstanceUse), "code": {"text": mark("substance-use")}});
    let referral = Referral {
        clinical: vec![],
        more: vec![("service".into(), service), ("statement".into(), statement), ("drug".into(), drug)],
        ..Referral::default().with(deny("lpt-cap", &[C::SubstanceUse]))
    };
    let permit = Case::team().release(&referral).unwrap();
    let statement = permit.bundle().content().first("MedicationStatement").unwrap();
    assert_eq!(statement["medicationReference"]["display"], "Withheld");
    assert_eq!(statement["medicationReference"]["extension"][0]["valueCode"], "masked");
    assert!(!bytes(&permit).contains(&mark("substance-use")));
}

#[test]
fn a_second_patient_is_not_the_subject_and_goes_only_in_a_whole_release() {
    let mother = json!({"resourceType": "Patient", "name": [{"text": mark("mother")}]});
    let referral = Referral { more: vec![("mother".into(), mother)], ..Referral::default() };
    assert!(bytes(&Case::team().release(&referral).unwrap()).contains(&mark("mother")));
    let referral = referral.with(permit("wellbeing-roots", HANDOVER));
    assert!(!bytes(&Case::charity().release(&referral).unwrap()).contains(&mark("mother")));
}

#[test]
fn a_subject_that_would_mean_something_else_when_cut_is_not_sent_at_all() {
    let mut value = Referral::default().with(permit("wellbeing-roots", HANDOVER)).bundle().content().value().clone();
    let patient =
        value["entry"].as_array_mut().unwrap().iter_mut().find(|e| e["resource"]["resourceType"] == "Patient").unwrap();
    patient["resource"]["implicitRules"] = "https://example.org/rules".into();
    let bundle = validated(value);
    let case = Case::charity();
    let Decision::Deny(denial) = engine().decide(&case.question(&bundle)) else { panic!("not denied") };
    assert_eq!(denial.rule.as_str(), "GW-90");
    let case = Case::team();
    assert!(matches!(engine().decide(&case.question(&bundle)), Decision::Permit(_)), "whole, it means what it says");
}

#[test]
fn cs_05_a_permission_without_categories_opens_the_handover_and_no_more() {
    let referral = Referral {
        clinical: vec![C::NeedsAndGoals, C::Actions, C::Medication, C::SubstanceUse, C::ThirdPartyStatement],
        ..Referral::default().with(permit("wellbeing-roots", &[]))
    };
    let permit = Case::charity().release(&referral).unwrap();
    let mut found = arrived(&permit);
    found.sort_unstable();
    let mut expected: Vec<&str> = HANDOVER.iter().map(|c| c.code()).collect();
    expected.sort_unstable();
    assert_eq!(found, expected);
    let medication = permit.withheld().iter().find(|w| w.category.code() == "medication").unwrap();
    assert!(medication.reason.contains("CS-05"), "{medication:?}");
    assert_eq!(medication.what, "1 Observation");
}

// === Confirming ===

#[test]
fn a_reduction_is_confirmed_only_for_its_own_draft_and_its_own_recipient() {
    let referral =
        Referral::default().with(permit("wellbeing-roots", HANDOVER)).with(permit("harbour-clinic", HANDOVER));
    let bundle = referral.bundle();
    let case = Case::charity();
    let reduction = || match engine().decide(&case.question(&bundle)) {
        Decision::Reduce(reduction) => reduction,
        other => panic!("{other:?}"),
    };
    let error = reduction().confirm(engine(), bundle.clone(), &case.question(&bundle)).unwrap_err();
    assert_eq!(error, ConsentError::NotTheDraft);
    let other = Case::of(party("harbour-clinic", PartyKind::PrivateProvider, None, None));
    let draft = validated(reduction().draft().into_value());
    let error = reduction().confirm(engine(), draft.clone(), &other.question(&bundle)).unwrap_err();
    assert_eq!(error, ConsentError::OtherQuestion);
    let expired = Case { agreements: vec![], ..Case::charity() };
    let error = reduction().confirm(engine(), draft, &expired.question(&bundle)).unwrap_err();
    assert_eq!(error, ConsentError::NotWhole("CS-04".into()));
    let permit = confirmed(reduction(), &case.question(&bundle));
    assert!(!permit.withheld().is_empty());
}

#[test]
fn nothing_of_the_content_shows_in_debug_texts() {
    let referral = Referral { letter: true, ..Referral::default().with(permit("wellbeing-roots", HANDOVER)) };
    let shown = format!("{:?} {:?}", Case::charity().decide(&referral), Case::team().decide(&referral));
    assert!(!shown.contains("MARK"), "{shown}");
    assert!(shown.contains("CS-04") && shown.contains("CS-01"));
}

#[test]
fn the_recipients_own_address_stays_and_the_persons_position_on_sharing_does_not() {
    let referral = Referral::default().with(permit("wellbeing-roots", HANDOVER));
    let mut value = referral.bundle().content().value().clone();
    let resources = value["entry"].as_array_mut().unwrap();
    for resource in resources.iter_mut().map(|entry| &mut entry["resource"]) {
        match resource["resourceType"].as_str().unwrap() {
            "MessageHeader" => {
                let own = json!({"name": "Made-up wellbeing-roots", "endpoint": "https://inbox.example",
                                 "receiver": {"display": "Made-up wellbeing-roots"}});
                resource["destination"].as_array_mut().unwrap().push(own);
            }
            "Consent" => {
                resource["policyRule"]["coding"].as_array_mut().unwrap().push(
                    json!({"system": "https://fhir.cmht-gateway.example/CodeSystem/sharing-position", "code": "lacks-capacity", "display": mark("position")}),
                );
                resource["policyRule"]["text"] = mark("position").into();
            }
            "Patient" => {
                let url = format!("{}/StructureDefinition/contact-notes", codes::BASE);
                resource["extension"] = json!([{"url": url, "valueString": mark("notes")}]);
                let doctor = json!({"type": "Practitioner", "display": "Dr Made-up"});
                resource["generalPractitioner"].as_array_mut().unwrap().push(doctor);
            }
            _ => {}
        }
    }
    let bundle = validated(value);
    let case = Case::charity();
    let Decision::Reduce(reduction) = engine().decide(&case.question(&bundle)) else { panic!("not reduced") };
    let permit = confirmed(reduction, &case.question(&bundle));
    let header = permit.bundle().content().first("MessageHeader").unwrap();
    assert_eq!(header["destination"].as_array().unwrap().len(), 1);
    assert_eq!(header["destination"][0]["endpoint"], "https://inbox.example");
    let text = bytes(&permit);
    assert!(text.contains(&mark("notes")) && text.contains("Dr Made-up"));
    assert!(!text.contains(&mark("position")) && !text.contains("lacks-capacity"));
}

// === What others put where it does not belong ===

#[test]
fn nothing_withheld_hides_in_tags_types_people_or_administrative_places() {
    let of = |kind: &str, subject: serde_json::Value| json!({"resourceType": kind, "subject": subject, "code": {"text": mark("leak")}});
    let person = json!({"reference": url("patient")});
    let labelled = |system: &str, code: &str| {
        let mut resource = of("Observation", person.clone());
        resource["status"] = "final".into();
        resource["meta"] = json!({"tag": tag(C::RiskSummary)["tag"], "security": [{"system": system, "code": code}]});
        resource
    };
    let mut mothers = of("Condition", json!({"display": "Mother"}));
    mothers["meta"] = tag(C::MentalHealthHistory);
    let mut parameters =
        json!({"resourceType": "Parameters", "parameter": [{"name": "x", "valueString": mark("leak")}]});
    parameters["meta"] = tag(C::Demographics);
    let table = [
        ("untagged", of("Condition", person.clone())),
        ("somebody else's", mothers),
        ("tagged parameters", parameters),
        ("HIV", labelled(codes::ACT_CODE, "HIV")),
        ("very restricted", labelled(codes::CONFIDENTIALITY, "V")),
        ("an organisation nobody needs", json!({"resourceType": "Organization", "name": mark("leak")})),
    ];
    let most: Vec<C> =
        C::ALL.iter().copied().filter(|c| !matches!(c, C::SubstanceUse | C::ReproductiveAndSexualHealth)).collect();
    for (name, resource) in table {
        let referral = Referral { more: vec![("extra".into(), resource)], ..Referral::default() };
        let text = bytes(&Case::charity().release(&referral.with(permit("wellbeing-roots", &most))).unwrap());
        assert!(!text.contains(&mark("leak")), "{name}");
    }
}
