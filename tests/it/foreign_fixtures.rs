//! Bundles by other systems, made by changing ours the way others write them: one change a fixture, each as far-reaching
//! as that way of writing goes.

use serde_json::{Value, json};

/// A way of writing a bundle.
pub(crate) type Change = (&'static str, fn(&mut Value));

pub(crate) const CHANGES: &[Change] = &[
    ("absolute references", |b| addresses(b, |kind, id| format!("https://gp.example/fhir/{kind}/{id}"))),
    ("relative references", |b| addresses(b, |kind, id| format!("{kind}/{id}"))),
    ("references to versions", |b| addresses(b, |kind, id| format!("https://gp.example/fhir/{kind}/{id}/_history/2"))),
    ("organisations contained", contained),
    ("organisations by identifier", logical),
    ("other code systems beside ours", |b| {
        each(b, &mut |map| {
            if let Some(list) = map.get_mut("coding").and_then(Value::as_array_mut) {
                list.push(
                    json!({"system": "http://read.example", "code": "E2..", "display": "mark of another system"}),
                );
            }
        });
    }),
    ("statements in codes of others", |b| {
        on(b, &["Condition", "MedicationStatement"], |r| {
            for key in ["code", "medicationCodeableConcept"] {
                if r.get(key).is_some() {
                    r[key] = json!({"coding": [{"system": "http://read.example", "code": "E2..", "display": "In Read",
                        "version": "3", "userSelected": true}]});
                }
            }
        });
    }),
    ("no optional resources", |b| {
        keep_entries(b, |r| !["Task", "Provenance", "CarePlan", "Flag"].contains(&kind(r)));
    }),
    ("an extension in every element", |b| {
        let mut count = 0;
        each(b, &mut |map| {
            count += 1;
            let list = map.entry("extension").or_insert_with(|| json!([]));
            list.as_array_mut().unwrap().push(json!({
                "url": "https://gp.example/extension", "valueString": format!("mark {count} of an extension")
            }));
        });
    }),
    ("an extension in every resource, twice under one address", |b| {
        on(b, &[], |r| {
            for word in ["one", "two"] {
                let mark = json!({"url": "https://gp.example/e", "valueString": format!("{word} of {}", kind(r))});
                push(r, "extension", mark);
            }
        });
    }),
    ("modifiers", |b| {
        on(b, &["Observation", "Consent", "Organization"], |r| {
            push(r, "modifierExtension", json!({"url": "https://gp.example/not", "valueBoolean": true}));
        });
    }),
    ("companions of primitives", |b| {
        on(b, &["Patient"], |r| {
            r["_birthDate"] = json!({"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/patient-birthTime",
                "valueDateTime": "1991-02-17T04:05:00Z"}]});
            r["name"][0]["_family"] = json!({"extension": [{"url": "urn:x", "valueString": "own-prefix"}]});
        });
    }),
    ("labels, languages and rules", |b| {
        on(b, &[], |r| {
            r["language"] = json!("en-GB");
            r["implicitRules"] = json!("https://gp.example/rules");
            r["meta"]["security"] =
                json!([{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]);
            r["meta"]["source"] = json!("https://gp.example/system");
            r["meta"]["versionId"] = json!("7");
            push(&mut r["meta"], "tag", json!({"system": "https://gp.example/tags", "code": "batch-12"}));
            push(&mut r["meta"], "profile", json!("https://gp.example/StructureDefinition/Own"));
        });
    }),
    ("bundle links and times", |b| {
        b["link"] = json!([{"relation": "self", "url": "https://gp.example/Bundle/1"}]);
        b["meta"]["lastUpdated"] = json!("2026-11-09T09:00:00Z");
        b["entry"][1]["link"] = json!([{"relation": "alternate", "url": "https://gp.example/x"}]);
        b["identifier"]["system"] = json!("https://gp.example/messages");
    }),
    ("an entry that holds no resource", |b| {
        b["entry"]
            .as_array_mut()
            .unwrap()
            .insert(2, json!({"fullUrl": "urn:uuid:00000000-0000-4000-8000-00000000aaaa"}));
    }),
    ("narratives that say more", |b| {
        on(b, &[], |r| {
            let div = format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">More about this {}</div>", kind(r));
            r["text"] = json!({"status": "additional", "div": div});
        });
    }),
    ("a fuller Patient", |b| {
        on(b, &["Patient"], |r| {
            r["active"] = json!(true);
            r["maritalStatus"] = json!({"text": "single"});
            r["deceasedBoolean"] = json!(false);
            r["multipleBirthInteger"] = json!(2);
            r["photo"] = json!([{"contentType": "image/png", "data": "AAAA"}]);
            push(
                r,
                "contact",
                json!({"name": {"text": "Jo Neighbour"}, "gender": "other", "period": {"start": "2020"},
                "relationship": [{"text": "neighbour"}], "telecom": [{"system": "phone", "value": "0116 496 0777", "rank": 2}]}),
            );
            push(
                r,
                "communication",
                json!({"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "fr"}]}, "preferred": false}),
            );
            push(r, "link", json!({"other": {"display": "An older record"}, "type": "seealso"}));
            push(
                r,
                "identifier",
                json!({"use": "old", "system": "urn:x:hospital", "value": "H77", "assigner": {"display": "Old Hospital"}}),
            );
        });
    }),
    ("another person and what is about them", |b| {
        add(b, "p2", &json!({"resourceType": "Patient", "id": "p2", "name": [{"family": "Somebody-Else"}]}));
        add(
            b,
            "c2",
            &json!({"resourceType": "Condition", "id": "c2", "subject": {"reference": url("p2")}, "code": {"text": "Not theirs"}}),
        );
        add(
            b,
            "k2",
            &json!({"resourceType": "Consent", "id": "k2", "status": "active", "patient": {"reference": url("p2")},
            "scope": {"text": "x"}, "category": [{"text": "theirs"}]}),
        );
    }),
    ("resources nobody knows a place for", |b| {
        let patient = address_of(b, "Patient");
        let practitioner = address_of(b, "Practitioner");
        add(
            b,
            "enc",
            &json!({"resourceType": "Encounter", "status": "finished", "class": {"code": "AMB"},
            "subject": {"reference": patient}, "participant": [{"individual": {"reference": practitioner}}],
            "diagnosis": [{"condition": {"reference": url("cond")}}]}),
        );
        add(
            b,
            "cond",
            &json!({"resourceType": "Procedure", "status": "completed", "subject": {"reference": patient},
            "code": {"text": "Ear syringing"}, "encounter": {"reference": url("enc")}}),
        );
        add(
            b,
            "imm",
            &json!({"resourceType": "Immunization", "status": "completed", "patient": {"reference": patient},
            "vaccineCode": {"text": "Flu"}, "occurrenceString": "autumn"}),
        );
    }),
    ("several who say so", |b| {
        on(b, &["Observation"], |r| {
            push(r, "performer", json!({"type": "Practitioner", "display": "A second author"}));
            push(r, "performer", json!({"type": "Organization", "display": "A second place"}));
            r["status"] = json!("amended");
            r["category"] = json!([{"text": "social"}]);
            r["issued"] = json!("2026-11-09T09:00:00Z");
        });
    }),
    ("a fuller request or composition", |b| {
        on(b, &["ServiceRequest"], |r| {
            r["intent"] = json!("order");
            r["occurrencePeriod"] = json!({"start": "2026-12-01"});
            r["insurance"] = json!([{"display": "none"}]);
            r["locationCode"] = json!([{"text": "at home"}]);
            push(
                r,
                "note",
                json!({"text": "Another note", "authorString": "Reception", "time": "2026-11-09T09:00:00Z"}),
            );
            push(r, "identifier", json!({"system": "urn:x:ubrn", "value": "000049973"}));
            push(r, "performer", json!({"display": "A second service", "type": "Organization"}));
        });
        on(b, &["Composition"], |r| {
            r["title"] = json!("Crisis plan of the practice");
            r["confidentiality"] = json!("R");
            r["encounter"] = json!({"display": "The visit"});
            push(r, "author", json!({"display": "A second author"}));
            push(r, "category", json!({"text": "a category in words"}));
            push(
                r,
                "section",
                json!({"title": "A heading of our own", "text": {"status": "additional",
                "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">Something else</div>"}}),
            );
        });
    }),
    ("consents that say more or less", |b| {
        on(b, &["Consent"], |r| {
            r["verification"] = json!([{"verified": true, "verificationDate": "2026-11-09"}]);
            r["sourceAttachment"] = json!({"title": "signed form"});
            r["policy"] = json!([{"uri": "https://gp.example/policy"}]);
            if let Some(first) = r.pointer_mut("/provision/provision/0") {
                first["securityLabel"] = json!([{"code": "MH"}]);
                first["dataPeriod"] = json!({"start": "2026-01-01"});
            }
        });
        add(
            b,
            "old",
            &json!({"resourceType": "Consent", "status": "inactive", "scope": {"text": "care"}, "category": [{"text": "old"}]}),
        );
    }),
    ("files with more about them", |b| {
        on(b, &["DocumentReference"], |r| {
            r["type"] = json!({"text": "letter"});
            r["docStatus"] = json!("final");
            r["content"][0]["attachment"]["hash"] = json!("aGFzaA==");
            push(r, "content", json!({"attachment": {"title": "A file that is not here", "language": "cy"}}));
        });
    }),
    ("ways to reach with rank and period", |b| {
        each(b, &mut |map| {
            if map.get("system").is_some_and(|s| s == "phone") {
                map.insert("rank".into(), json!(3));
                map.insert("period".into(), json!({"start": "2019"}));
            }
            if map.contains_key("postalCode") {
                map.insert("type".into(), json!("both"));
                map.insert("state".into(), json!("Rutland"));
            }
        });
    }),
    ("medicines as resources, and prescriptions", |b| {
        let mut made = Vec::new();
        on(b, &["MedicationStatement"], |r| {
            let name = format!("med{}", made.len());
            made.push((
                name.clone(),
                json!({"resourceType": "Medication", "code": r["medicationCodeableConcept"],
                "form": {"text": "liquid"}}),
            ));
            r.as_object_mut().unwrap().remove("medicationCodeableConcept");
            r["medicationReference"] = json!({"reference": url(&name), "display": "the medicine"});
            if made.len() == 1 {
                let taken = r["dosage"].take();
                r.as_object_mut().unwrap().retain(|_, value| !value.is_null());
                r["resourceType"] = json!("MedicationRequest");
                r["intent"] = json!("order");
                r["authoredOn"] = json!("2026-11-01T08:30:00Z");
                if taken.is_array() {
                    r["dosageInstruction"] = taken;
                }
            }
        });
        for (name, medicine) in made {
            add(b, &name, &medicine);
        }
    }),
    ("tasks and provenance of others", |b| {
        let patient = address_of(b, "Patient");
        add(
            b,
            "task2",
            &json!({"resourceType": "Task", "status": "in-progress", "intent": "plan", "description": "Ring the person",
            "code": {"coding": [{"system": "http://snomed.info/sct", "code": "792891000000102"}]}, "for": {"reference": patient}}),
        );
        add(
            b,
            "prov2",
            &json!({"resourceType": "Provenance", "target": [{"reference": patient}], "recorded": "2026-11-09T09:00:00Z",
            "agent": [{"who": {"display": "Records office"}}], "entity": [{"role": "source", "what": {"display": "paper"}}]}),
        );
        on(b, &["Provenance"], |r| push(r, "reason", json!({"text": "routine"})));
    }),
    ("times of day, and risks with scores", |b| {
        on(b, &["Observation", "RiskAssessment"], |r| {
            for key in ["effectiveDateTime", "occurrenceDateTime"] {
                if r.get(key).is_some() {
                    r[key] = json!("2026-10-01T11:22:33+01:00");
                }
            }
            if kind(r) == "RiskAssessment" && r.get("prediction").is_none() {
                r["prediction"] = json!([{"probabilityDecimal": 0.7, "rationale": "a guess"}]);
            }
        });
    }),
];

/// The types named, or all.
fn on(bundle: &mut Value, kinds: &[&str], mut change: impl FnMut(&mut Value)) {
    for entry in bundle["entry"].as_array_mut().unwrap() {
        let wanted = entry.get("resource").is_some_and(|r| kinds.is_empty() || kinds.contains(&kind(r)));
        if wanted {
            change(&mut entry["resource"]);
        }
    }
}

pub(crate) fn kind(resource: &Value) -> &'static str {
    // for messages of tests alone
    resource["resourceType"].as_str().unwrap_or_default().to_owned().leak()
}

/// Every object below the resources but narratives, extensions and metadata.
fn each(bundle: &mut Value, change: &mut dyn FnMut(&mut serde_json::Map<String, Value>)) {
    fn inner(value: &mut Value, change: &mut dyn FnMut(&mut serde_json::Map<String, Value>)) {
        match value {
            Value::Object(map) => {
                for (key, value) in map.iter_mut() {
                    if !["text", "extension", "meta"].contains(&key.as_str()) {
                        inner(value, change);
                    }
                }
                change(map);
            }
            Value::Array(items) => items.iter_mut().for_each(|item| inner(item, change)),
            _ => {}
        }
    }
    on(bundle, &[], |r| inner(r, change));
}

fn push(value: &mut Value, key: &str, item: Value) {
    if !value[key].is_array() {
        value[key] = json!([]);
    }
    value[key].as_array_mut().unwrap().push(item);
}

fn keep_entries(bundle: &mut Value, keep: impl Fn(&Value) -> bool) {
    bundle["entry"].as_array_mut().unwrap().retain(|entry| keep(&entry["resource"]));
}

/// The address of an entry that a fixture adds.
fn url(name: &str) -> String {
    format!("urn:uuid:{}", uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, name.as_bytes()))
}

pub(crate) fn add(bundle: &mut Value, name: &str, resource: &Value) {
    bundle["entry"].as_array_mut().unwrap().push(json!({"fullUrl": url(name), "resource": resource}));
}

fn address_of(bundle: &Value, wanted: &str) -> String {
    let entries = bundle["entry"].as_array().unwrap();
    let found = entries.iter().find(|entry| kind(&entry["resource"]) == wanted);
    found.map_or_else(|| "https://other.example/Nobody/1".to_owned(), |e| e["fullUrl"].as_str().unwrap().to_owned())
}

/// Replaces every text that is one of these.
fn replace(value: &mut Value, old: &str, new: &Value, key: &str) {
    match value {
        Value::Object(map) => {
            if map.get(key).and_then(Value::as_str) == Some(old) {
                match new {
                    Value::Object(fields) => {
                        map.shift_remove(key);
                        map.extend(fields.clone());
                    }
                    text => drop(map.insert(key.to_owned(), text.clone())),
                }
            }
            map.values_mut().for_each(|inner| replace(inner, old, new, key));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, old, new, key)),
        _ => {}
    }
}

fn addresses(bundle: &mut Value, address: fn(&str, &str) -> String) {
    let entries = bundle["entry"].as_array().unwrap().clone();
    for (place, entry) in entries.iter().enumerate() {
        let old = entry["fullUrl"].as_str().unwrap();
        let (kind, id) = (kind(&entry["resource"]), entry["resource"]["id"].as_str().unwrap());
        replace(bundle, old, &address(kind, id).into(), "reference");
        bundle["entry"][place]["fullUrl"] = format!("https://gp.example/fhir/{kind}/{id}").into();
    }
}

fn organisations(bundle: &Value) -> Vec<(String, Value)> {
    let entries = bundle["entry"].as_array().unwrap().iter();
    let all = entries.filter(|entry| kind(&entry["resource"]) == "Organization");
    let plain = all.filter(|entry| entry["resource"]["meta"].get("tag").is_none());
    plain.map(|entry| (entry["fullUrl"].as_str().unwrap().to_owned(), entry["resource"].clone())).collect()
}

fn contained(bundle: &mut Value) {
    for (old, organisation) in organisations(bundle) {
        let id = organisation["id"].as_str().unwrap();
        on(bundle, &[], |r| {
            if r.to_string().contains(&old) {
                replace(r, &old, &format!("#{id}").into(), "reference");
                push(r, "contained", organisation.clone());
            }
        });
        keep_entries(bundle, |r| r["id"] != organisation["id"]);
    }
}

fn logical(bundle: &mut Value) {
    for (old, organisation) in organisations(bundle) {
        let known = json!({"type": "Organization", "identifier": organisation["identifier"][0], "display": organisation["name"]});
        on(bundle, &[], |r| replace(r, &old, &known, "reference"));
        keep_entries(bundle, |r| r["id"] != organisation["id"]);
    }
}
