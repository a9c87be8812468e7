//! The five templates of a safety plan side by side (L2425-2515): whatever one asks survives a system that knows another.

use serde_json::{Value, json};

use cmht_gateway::documents::safety_plan::SafetyPlanTemplate;
use cmht_gateway::documents::{Document, SafetyPlan, canonical};
use cmht_gateway::fhir::Bundle;
use cmht_gateway::map;
use cmht_gateway::model::DocumentKind;

use crate::document_examples::example;
use crate::document_round_trip::bundle;

fn plan(template: SafetyPlanTemplate) -> Value {
    example(&format!("safety-plan/template-{}", template.code()))
}

/// The plan as a bundle whose Composition says something else of its template, or nothing.
fn said_otherwise(document: &Value, category: Option<Value>) -> Bundle {
    let mut value = bundle(document).into_value();
    let composition = value["entry"][0]["resource"].as_object_mut().unwrap();
    assert_eq!(composition["resourceType"], "Composition");
    match category {
        Some(category) => composition.insert("category".to_owned(), json!([category])),
        None => composition.remove("category"),
    };
    Bundle::new(value).unwrap()
}

#[test]
fn each_template_asks_something_that_another_does_not() {
    let asked = |template| -> Vec<String> {
        let document = plan(template);
        let keys =
            SafetyPlan::HEADINGS.iter().flat_map(|heading| heading.fields).map(|field| field.key.replace('-', "_"));
        keys.filter(|key| document.get(key).is_some()).collect()
    };
    for one in SafetyPlanTemplate::ALL {
        assert!(!asked(*one).is_empty());
        assert!(SafetyPlanTemplate::ALL.iter().all(|other| other == one || asked(*other) != asked(*one)), "{one:?}");
    }
}

#[test]
fn nothing_of_one_template_is_lost_when_a_system_that_knows_another_sends_it_on() {
    let system = format!("{}/CodeSystem/safety-plan-template", cmht_gateway::fhir::codes::BASE);
    for one in SafetyPlanTemplate::ALL {
        let document = plan(*one);
        for other in SafetyPlanTemplate::ALL {
            let category = json!({"coding": [{"system": system, "code": other.code()}]});
            let mapped = map::to_native(DocumentKind::SafetyPlan, &said_otherwise(&document, Some(category))).unwrap();
            let mut wanted = document.clone();
            wanted["template"] = json!(other.code());
            assert_eq!(mapped.notes, [], "{one:?} as {other:?}");
            assert_eq!(canonical(&mapped.value), canonical(&wanted), "{one:?} as {other:?}");
        }
        let mapped = map::to_native(DocumentKind::SafetyPlan, &said_otherwise(&document, None)).unwrap();
        let mut wanted = document.clone();
        wanted.as_object_mut().unwrap().remove("template");
        assert_eq!(canonical(&mapped.value), canonical(&wanted), "{one:?} without its name");
    }
}

#[test]
fn a_template_of_somebody_else_is_kept_and_the_plan_read_whole() {
    for one in SafetyPlanTemplate::ALL {
        let document = plan(*one);
        let theirs = json!({"coding": [{"system": "https://other.example/templates", "code": "staying-safe"}]});
        let mapped = map::to_native(DocumentKind::SafetyPlan, &said_otherwise(&document, Some(theirs))).unwrap();
        assert!(mapped.value["unmapped"].to_string().contains("staying-safe"), "{one:?}");
        let mut read = mapped.value.clone();
        read.as_object_mut().unwrap().remove("unmapped");
        read["template"] = document["template"].clone();
        assert_eq!(canonical(&read), canonical(&document), "{one:?}");
    }
}
