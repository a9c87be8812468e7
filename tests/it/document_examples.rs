//! The published examples of plans: they fit their schema, cross both ways, and every resource and section says what
//! kind of fact it holds.

use std::path::Path;

use serde_json::{Value, json};

use cmht_gateway::documents::{
    CareLeadStatement, CarePlan, CarersPlan, ClinicalInformationAnswer, ClinicalInformationRequest, Content,
    ContingencyPlan, DischargeLetter, Document, HandoverOutcome, PrivateOpinion, SafetyPlan, SharedCareAnswer,
    SharedCareRequest, SocialPrescribingHandover, TransferToNhs, canonical, kind_of,
};
use cmht_gateway::fhir::{self, Bundle, Format, codes};
use cmht_gateway::map;

use crate::document_round_trip::{bundle, faults, there_and_back};

const KINDS: &[&str] = &[
    "safety-plan",
    "contingency-plan",
    "discharge-letter",
    "care-plan",
    "carers-plan",
    "social-prescribing-handover",
    "handover-outcome",
    "clinical-information-request",
    "clinical-information-answer",
    "private-opinion",
    "transfer-to-nhs",
    "care-lead-statement",
    "shared-care-request",
    "shared-care-answer",
];

/// Calls a function for every kind that a table declares.
macro_rules! of_every_kind {
    ($check:ident) => {{
        $check::<SafetyPlan>();
        $check::<ContingencyPlan>();
        $check::<DischargeLetter>();
        $check::<CarePlan>();
        $check::<CarersPlan>();
        $check::<SocialPrescribingHandover>();
        $check::<HandoverOutcome>();
        $check::<ClinicalInformationRequest>();
        $check::<ClinicalInformationAnswer>();
        $check::<PrivateOpinion>();
        $check::<TransferToNhs>();
        $check::<CareLeadStatement>();
        $check::<SharedCareRequest>();
        $check::<SharedCareAnswer>();
    }};
}

/// Every published example of these kinds, by kind and name.
pub(crate) fn examples() -> Vec<(String, Value)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/cmht/examples");
    let mut found = Vec::new();
    for kind in KINDS {
        for file in std::fs::read_dir(root.join(kind)).unwrap() {
            let path = file.unwrap().path();
            let name = format!("{kind}/{}", path.file_stem().unwrap().to_string_lossy());
            found.push((name, serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap()));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

pub(crate) fn example(name: &str) -> Value {
    examples().into_iter().find(|(found, _)| found == name).unwrap().1
}

fn sections(bundle: &Bundle) -> Vec<Value> {
    bundle.first("Composition").unwrap()["section"].as_array().unwrap().clone()
}

#[test]
fn there_is_a_full_a_sparse_and_an_awkward_example_of_each_kind_and_one_safety_plan_a_template() {
    let names: Vec<String> = examples().into_iter().map(|(name, _)| name).collect();
    for kind in KINDS {
        for name in ["full", "sparse", "awkward"] {
            assert!(names.contains(&format!("{kind}/{name}")), "{kind}/{name}");
        }
    }
    for template in cmht_gateway::documents::safety_plan::SafetyPlanTemplate::ALL {
        let document = example(&format!("safety-plan/template-{}", template.code()));
        assert_eq!(document["template"], template.code());
    }
}

#[test]
fn every_example_fits_the_schema_of_its_kind() {
    for (name, document) in examples() {
        assert_eq!(faults(&document), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_full_example_answers_every_question() {
    fn check<D: Document>() {
        let name = format!("{}/full", D::KIND.code());
        let document = example(&name);
        for field in D::HEADINGS.iter().flat_map(|heading| heading.fields) {
            assert!(document.get(field.key.replace('-', "_")).is_some(), "{name}: {}", field.key);
        }
    }
    of_every_kind!(check);
}

#[test]
fn every_example_survives_json_and_xml_byte_for_byte() {
    for (name, document) in examples() {
        let wanted = String::from_utf8(canonical(&document)).unwrap();
        for way in [&[Format::Json][..], &[Format::Xml], &[Format::Xml, Format::Json, Format::Xml]] {
            assert_eq!(there_and_back(&document, way), wanted, "{name}");
        }
    }
}

#[test]
fn every_example_gives_a_sound_document_bundle_and_the_same_one_each_time() {
    for (name, document) in examples() {
        let made = bundle(&document);
        assert_eq!(made, bundle(&document), "{name}");
        assert_eq!(fhir::strict(made.value()), [], "{name}");
        assert_eq!(made.kind(), Some("document"));
        let (_, first) = made.entries().next().unwrap();
        assert_eq!(first["resourceType"], "Composition", "{name}: the Composition is first");
        for key in ["identifier", "timestamp"] {
            assert!(made.value().get(key).is_some(), "{name}: a document has {key} (bdl-9, bdl-10)");
        }
    }
}

/// Every literal reference of a value.
fn references(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| match value.as_str() {
            Some(text) if key == "reference" => out.push(text.to_owned()),
            _ => references(value, out),
        }),
        Value::Array(items) => items.iter().for_each(|item| references(item, out)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_to_an_entry_and_no_two_entries_share_a_name() {
    for (name, document) in examples() {
        let made = bundle(&document);
        let mut found = Vec::new();
        references(made.value(), &mut found);
        assert!(found.len() > 3, "{name}");
        for reference in found {
            assert!(made.resolve(&reference).is_some(), "{name}: {reference}");
        }
        let mut urls: Vec<&str> = made.entries().filter_map(|(url, _)| url).collect();
        let count = urls.len();
        urls.sort_unstable();
        urls.dedup();
        assert_eq!(urls.len(), count, "{name}");
    }
}

#[test]
fn every_resource_but_the_administrative_ones_has_one_data_category_and_every_section_that_of_its_entries() {
    const ADMINISTRATIVE: &[&str] =
        &["Composition", "Organization", "Practitioner", "PractitionerRole", "Provenance", "Consent"];
    for (name, document) in examples() {
        let made = bundle(&document);
        let mut in_sections = Vec::new();
        for section in sections(&made) {
            let title = section["title"].as_str().unwrap();
            assert!(section["text"]["div"].as_str().is_some_and(|div| div.contains("<p>")), "{name}: {title}");
            let category = section.pointer("/extension/0/valueCoding/code");
            for entry in section["entry"].as_array().unwrap() {
                let resource = made.follow(Some(entry)).unwrap();
                if resource["resourceType"] != "Consent" && title != "Attachments" {
                    let tag = resource.pointer("/meta/tag/0/code");
                    assert!(tag.is_some() && tag == category, "{name}: {title}: {tag:?} under {category:?}");
                    assert_eq!(resource["meta"]["tag"].as_array().unwrap().len(), 1);
                }
                in_sections.push(entry["reference"].as_str().unwrap().to_owned());
            }
        }
        for (url, resource) in made.entries() {
            let kind = resource["resourceType"].as_str().unwrap();
            let tagged = resource["meta"]["tag"].is_array();
            let unmarked_file = kind == "DocumentReference" && name.ends_with("awkward");
            let content = in_sections.iter().any(|named| Some(named.as_str()) == url) && kind != "Consent";
            // a plan of many categories says nothing of its own, so its CarePlan is of none
            let wide = kind == "CarePlan" && !matches!(kind_of(&document).code(), "safety-plan" | "contingency-plan");
            let expected = !wide && (content || !ADMINISTRATIVE.contains(&kind)) && !unmarked_file;
            assert_eq!(tagged, expected, "{name}: {kind}");
        }
    }
}

#[test]
fn words_of_one_category_stand_in_no_resource_or_section_of_another() {
    fn check<D: Document>() {
        let name = format!("{}/full", D::KIND.code());
        let mut document = example(&name);
        let mut marks = Vec::new();
        for heading in D::HEADINGS {
            for field in heading.fields.iter().filter(|field| matches!(field.content, Content::Observation(_))) {
                let mark = format!("MARK-{}-MARK", field.key);
                document[field.key.replace('-', "_")] = json!([{"text": mark}]);
                marks.push((mark, heading.category.code()));
            }
        }
        let made = bundle(&document);
        for (mark, category) in marks {
            let holders: Vec<&Value> =
                made.entries().map(|(_, r)| r).filter(|r| r.to_string().contains(&mark)).collect();
            assert_eq!(holders.len(), 2, "{mark}: its own resource and the Composition");
            for holder in holders {
                if holder["resourceType"] == "Composition" {
                    let mut rest = holder.clone();
                    rest["section"] = Value::Null;
                    assert!(!rest.to_string().contains(&mark), "{mark}");
                    let with: Vec<Value> =
                        sections(&made).into_iter().filter(|s| s.to_string().contains(&mark)).collect();
                    assert_eq!(with.len(), 1, "{mark}");
                    assert_eq!(with[0].pointer("/extension/0/valueCoding/code"), Some(&json!(category)), "{mark}");
                } else {
                    assert_eq!(holder.pointer("/meta/tag/0/code"), Some(&json!(category)), "{mark}");
                }
            }
        }
    }
    of_every_kind!(check);
}

#[test]
fn the_two_lists_of_people_are_wishes_the_consent_engine_reads() {
    let made = bundle(&example("safety-plan/full"));
    let of = |code: &str| {
        let mut all = made.all("Consent");
        all.find(|consent| consent.pointer("/policyRule/coding/0/code") == Some(&json!(code))).unwrap()["provision"]
            ["provision"]
            .as_array()
            .unwrap()
            .clone()
    };
    let permits = of("people-to-inform");
    assert_eq!(permits.len(), 2);
    for permit in &permits {
        assert_eq!(permit["type"], "permit");
        assert_eq!(permit["purpose"][0]["code"], "TREAT");
        let classes: Vec<&Value> = permit["class"].as_array().unwrap().iter().map(|class| &class["code"]).collect();
        assert_eq!(classes, ["demographics", "safety-plan"]);
    }
    let organisation = permits[1].pointer("/actor/0/reference/identifier").unwrap();
    assert_eq!(*organisation, json!({"system": codes::PARTY_ID, "value": "wellbeing-roots"}));
    let denials = of("people-not-to-inform");
    assert_eq!(denials.len(), 2);
    for denial in &denials {
        assert_eq!(denial["type"], "deny");
        for narrowing in ["class", "purpose", "period"] {
            assert!(denial.get(narrowing).is_none(), "an objection covers everything from now on");
        }
    }
    assert_eq!(denials[0].pointer("/actor/0/reference/display"), Some(&json!("Daniel Okonjo")));
}

#[test]
fn an_interim_plan_is_preliminary_and_a_new_one_names_the_one_it_replaces() {
    let interim = bundle(&example("safety-plan/sparse"));
    assert_eq!(interim.first("Composition").unwrap()["status"], "preliminary");
    assert_eq!(interim.first("CarePlan").unwrap()["status"], "draft");
    let full = bundle(&example("safety-plan/full"));
    let composition = full.first("Composition").unwrap();
    assert_eq!(composition["status"], "final");
    assert_eq!(composition.pointer("/relatesTo/0/targetIdentifier/value"), Some(&json!("CE-SP-2026-0081")));
}

/// Every `text` below a value.
fn texts(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| match value.as_str() {
            Some(text) if key == "text" => out.push(text.to_owned()),
            _ => texts(value, out),
        }),
        Value::Array(items) => items.iter().for_each(|item| texts(item, out)),
        _ => {}
    }
}

#[test]
fn everything_said_in_a_document_stands_in_its_readable_form_and_every_heading_once() {
    for (name, document) in examples() {
        let kind = kind_of(&document);
        let (person, sections) = map::readable(kind, &bundle(&document)).unwrap();
        assert!(!person.is_empty());
        let lines: Vec<String> = sections.iter().flat_map(|section| section.lines.clone()).collect();
        let mut said = Vec::new();
        texts(&document, &mut said);
        for text in said {
            assert!(lines.iter().any(|line| line.contains(&text)), "{name}: {text}");
        }
        let mut headings: Vec<&str> = sections.iter().map(|section| section.heading.as_str()).collect();
        let count = headings.len();
        headings.sort_unstable();
        headings.dedup();
        assert_eq!(headings.len(), count, "{name}");
    }
}

#[test]
fn the_full_safety_plan_as_a_bundle() {
    insta::assert_json_snapshot!(bundle(&example("safety-plan/full")).value());
}

#[test]
fn the_full_contingency_plan_as_a_bundle() {
    insta::assert_json_snapshot!(bundle(&example("contingency-plan/full")).value());
}

#[test]
fn the_full_discharge_letter_as_a_bundle() {
    insta::assert_json_snapshot!(bundle(&example("discharge-letter/full")).value());
}

#[test]
fn the_full_care_plan_as_a_bundle() {
    let made = bundle(&example("care-plan/full"));
    insta::assert_snapshot!(serde_json::to_string_pretty(made.value()).unwrap());
}

#[test]
fn the_full_carers_plan_as_a_bundle() {
    let made = bundle(&example("carers-plan/full"));
    insta::assert_snapshot!(serde_json::to_string_pretty(made.value()).unwrap());
}

#[test]
fn the_full_social_prescribing_handover_as_a_bundle() {
    insta::assert_json_snapshot!(bundle(&example("social-prescribing-handover/full")).value());
}

#[test]
fn the_full_handover_outcome_as_a_bundle() {
    insta::assert_json_snapshot!(bundle(&example("handover-outcome/full")).value());
}

#[test]
fn the_full_clinical_information_request_as_a_bundle() {
    insta::assert_json_snapshot!(bundle(&example("clinical-information-request/full")).value());
}

#[test]
fn the_full_clinical_information_answer_as_a_bundle() {
    insta::assert_json_snapshot!(bundle(&example("clinical-information-answer/full")).value());
}

#[test]
fn the_full_private_opinion_as_a_bundle() {
    insta::assert_json_snapshot!(bundle(&example("private-opinion/full")).value());
}

#[test]
fn the_full_transfer_to_nhs_as_a_bundle() {
    insta::assert_json_snapshot!(bundle(&example("transfer-to-nhs/full")).value());
}

#[test]
fn the_full_care_lead_statement_as_a_bundle() {
    insta::assert_json_snapshot!(bundle(&example("care-lead-statement/full")).value());
}

#[test]
fn the_full_shared_care_request_as_a_bundle() {
    insta::assert_json_snapshot!(bundle(&example("shared-care-request/full")).value());
}

#[test]
fn the_full_shared_care_answer_as_a_bundle() {
    insta::assert_json_snapshot!(bundle(&example("shared-care-answer/full")).value());
}
