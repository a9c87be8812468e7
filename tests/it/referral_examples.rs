//! The published examples: they fit the schema, cross both ways, and every resource says what kind of fact it holds.

use serde_json::{Value, json};

use cmht_gateway::documents::{Referral, canonical};
use cmht_gateway::fhir::{Bundle, Format, codes};
use cmht_gateway::map;

use crate::referral_round_trip::{VALIDATOR, there_and_back};
use crate::support::sealed;

const EXAMPLES: &[(&str, &str)] = &[
    ("complete", include_str!("../../profiles/cmht/examples/referral/complete.json")),
    ("incomplete", include_str!("../../profiles/cmht/examples/referral/incomplete.json")),
    ("no-nhs-number", include_str!("../../profiles/cmht/examples/referral/no-nhs-number.json")),
    ("awkward", include_str!("../../profiles/cmht/examples/referral/awkward.json")),
];

fn document(name: &str) -> Value {
    let (_, text) = EXAMPLES.iter().find(|(example, _)| *example == name).unwrap();
    serde_json::from_str(text).unwrap()
}

fn bundle(name: &str) -> Bundle {
    map::referral::to_fhir(&Referral::from_json(document(name)).unwrap()).value
}

/// Every `text` of the document but those of names: reasons, statements, diagnoses, medicines.
fn collect(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value.as_str() {
                    Some(text) if ["text", "why_now", "notes"].contains(&key.as_str()) => out.push(text.to_owned()),
                    _ => collect(value, out),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, out)),
        _ => {}
    }
}

#[test]
fn every_example_fits_the_schema() {
    for (name, _) in EXAMPLES {
        let document = document(name);
        let faults: Vec<String> =
            VALIDATOR.iter_errors(&document).map(|e| format!("{} {e}", e.instance_path())).collect();
        assert!(faults.is_empty(), "{name}: {faults:?}");
    }
}

#[test]
fn every_example_survives_json_and_xml_byte_for_byte() {
    for (name, _) in EXAMPLES {
        let wanted = String::from_utf8(canonical(&document(name))).unwrap();
        for way in [&[Format::Json][..], &[Format::Xml], &[Format::Xml, Format::Json, Format::Xml]] {
            assert_eq!(String::from_utf8(there_and_back(&document(name), way)).unwrap(), wanted, "{name}");
        }
    }
}

#[test]
fn every_example_gives_a_valid_bundle_and_the_same_one_each_time() {
    for (name, _) in EXAMPLES {
        assert_eq!(bundle(name), bundle(name));
        assert!(sealed(bundle(name)).is_ok(), "{name}");
    }
}

#[test]
fn every_resource_but_the_administrative_ones_and_unmarked_files_has_one_data_category() {
    const ADMINISTRATIVE: &[&str] = &[
        "MessageHeader",
        "ServiceRequest",
        "Organization",
        "Practitioner",
        "PractitionerRole",
        "HealthcareService",
        "Task",
        "Provenance",
        "Consent",
    ];
    for (name, _) in EXAMPLES {
        for (_, resource) in bundle(name).entries() {
            let kind = resource["resourceType"].as_str().unwrap();
            let tags = resource["meta"]["tag"].as_array().map_or(0, Vec::len);
            let expected = usize::from(!ADMINISTRATIVE.contains(&kind));
            let unmarked_file = kind == "DocumentReference" && name == &"awkward";
            assert_eq!(tags, if unmarked_file { 0 } else { expected }, "{name}: {kind}");
        }
    }
}

#[test]
fn administrative_resources_hold_no_clinical_text() {
    let complete = bundle("complete");
    let mut clinical = Vec::new();
    collect(&document("complete"), &mut clinical);
    for (_, resource) in complete.entries() {
        let kind = resource["resourceType"].as_str().unwrap();
        let mut resource = resource.clone();
        if kind == "ServiceRequest" {
            for key in ["reasonCode", "note"] {
                resource.as_object_mut().unwrap().remove(key);
            }
        } else if resource["meta"]["tag"].is_array() {
            continue;
        }
        let text = resource.to_string();
        for words in &clinical {
            assert!(!text.contains(words.as_str()), "{kind} holds {words}");
        }
    }
}

#[test]
fn no_resource_holds_words_of_another_category() {
    // one unmistakable word for each statement item, looked for in every resource
    let mut document = document("awkward");
    for item in cmht_gateway::documents::referral::STATEMENTS {
        let mut keys: Vec<&str> = item.pointer.split('/').skip(1).collect();
        let last = keys.pop().unwrap();
        let parent = keys
            .into_iter()
            .fold(&mut document, |at, key| at.as_object_mut().unwrap().entry(key).or_insert_with(|| json!({})));
        parent[last] = json!([{"text": format!("MARK-{}-MARK", item.key)}]);
    }
    let bundle = map::referral::to_fhir(&Referral::from_json(document).unwrap()).value;
    for item in cmht_gateway::documents::referral::STATEMENTS {
        let mark = format!("MARK-{}-MARK", item.key);
        let holders: Vec<&Value> = bundle.entries().map(|(_, r)| r).filter(|r| r.to_string().contains(&mark)).collect();
        assert_eq!(holders.len(), 1, "{}", item.key);
        let tag = holders[0].pointer("/meta/tag/0").unwrap();
        assert_eq!(tag["system"], codes::DATA_CATEGORY);
        assert_eq!(tag["code"], item.category.code(), "{}", item.key);
    }
}

#[test]
fn addressing_the_message_to_one_recipient_leaves_no_copy_list() {
    let party = cmht_gateway::model::Party {
        id: cmht_gateway::model::PartyId::parse("lpt-cap").unwrap(),
        name: "Access point".into(),
        kind: cmht_gateway::model::PartyKind::AccessPoint,
        ods: None,
        part_of: None,
        person_access: None,
    };
    let addressed = bundle("complete").addressed_to(&party, "https://cap.example/fhir");
    let header = addressed.first("MessageHeader").unwrap().to_string();
    assert!(!header.contains("wellbeing-roots") && !header.contains("harbour-clinic"), "{header}");
}

#[test]
fn a_wish_about_the_gp_practice_keeps_the_identifier_it_was_written_with() {
    let mut document = document("complete");
    document["consent"]["objections"] = json!([{"recipient": {"ods": "Y90001"}}]);
    let wanted = String::from_utf8(canonical(&document)).unwrap();
    assert_eq!(String::from_utf8(there_and_back(&document, &[Format::Json])).unwrap(), wanted);
}

#[test]
fn the_complete_example_as_a_bundle() {
    insta::assert_json_snapshot!(bundle("complete").value());
}

#[test]
fn the_request_for_what_the_incomplete_example_lacks() {
    use cmht_gateway::map::information_request::{InformationRequest, to_fhir};
    use cmht_gateway::map::task_message::About;
    use cmht_gateway::model::{OdsCode, Party, PartyId, PartyKind};
    let party = |id: &str, name: &str, kind, ods: Option<&str>| Party {
        id: PartyId::parse(id).unwrap(),
        name: name.into(),
        kind,
        ods: ods.and_then(OdsCode::parse),
        part_of: None,
        person_access: None,
    };
    let referral = Referral::from_json(document("incomplete")).unwrap();
    let answer = to_fhir(&InformationRequest {
        id: uuid::Uuid::from_u128(1),
        about: About { system: codes::DOCUMENT_ID, value: &referral.id },
        from: &party("lpt-cap", "Central Access Point", PartyKind::AccessPoint, None),
        to: &party("demo-gp", "Stoneygate Medical Practice", PartyKind::GpPractice, Some("Y90001")),
        items: &referral.missing(),
        at: "2026-11-10T16:05:31Z".parse().unwrap(),
    });
    assert!(sealed(answer.clone()).is_ok());
    insta::assert_json_snapshot!(answer.value());
}
