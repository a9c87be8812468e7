//! Bundles, as the reference implementation judges them by its default settings: one change to a sound bundle of each
//! type, and what is said of it.

use cmht_gateway::validate::walk::Guide;
use serde_json::{Value, json};

use crate::validate_references::said;

const A: &str = "urn:uuid:00000000-0000-4000-8000-00000000000a";
const B: &str = "urn:uuid:00000000-0000-4000-8000-00000000000b";
const C: &str = "urn:uuid:00000000-0000-4000-8000-00000000000c";
const NOWHERE: &str = "urn:uuid:00000000-0000-4000-8000-0000000000ff";

type Change = fn(&mut Value);

fn all(sound: &Value, guide: Guide, table: &[(Change, &[&str])]) {
    for (at, (change, expected)) in table.iter().enumerate() {
        let mut value = sound.clone();
        change(&mut value);
        assert_eq!(said(&value, guide, None), *expected, "{at}: {value}");
    }
}

fn collection() -> Value {
    json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"fullUrl": "https://a.example/fhir/Patient/1", "resource": {"resourceType": "Patient", "id": "1",
            "managingOrganization": {"reference": "Organization/2"}}},
        {"fullUrl": "https://a.example/fhir/Organization/2", "resource": {"resourceType": "Organization", "id": "2", "name": "x"}},
        {"fullUrl": A, "resource": {"resourceType": "Organization", "name": "y", "partOf": {"reference": "https://a.example/fhir/Organization/2"}}},
    ]})
}

#[test]
fn an_entry_has_an_address_and_it_is_that_of_its_resource() {
    all(
        &collection(),
        Guide::R4,
        &[
            (|_| (), &[]),
            (
                |b| drop(b["entry"][1].as_object_mut().unwrap().remove("fullUrl")),
                &[
                    "warning reference-resolves Bundle.entry[0].resource.managingOrganization",
                    "error entry-full-url Bundle.entry[1]",
                ],
            ),
            (
                |b| b["entry"][1]["fullUrl"] = "Organization/2".into(),
                &[
                    "warning reference-resolves Bundle.entry[0].resource.managingOrganization",
                    "error entry-full-url Bundle.entry[1].fullUrl",
                ],
            ),
            (
                |b| b["entry"][1]["fullUrl"] = "https://a.example/fhir/Organization/3".into(),
                &[
                    "warning reference-resolves Bundle.entry[0].resource.managingOrganization",
                    "error entry-full-url Bundle.entry[1].fullUrl",
                ],
            ),
            (
                |b| drop(b["entry"][1]["resource"].as_object_mut().unwrap().remove("id")),
                &["error entry-full-url Bundle.entry[1].fullUrl"],
            ),
            (
                |b| b["entry"][2]["fullUrl"] = "https://a.example/fhir/Organization/2".into(),
                &[
                    "error bdl-7 Bundle",
                    "error reference-ambiguous Bundle.entry[0].resource.managingOrganization",
                    "error entry-full-url Bundle.entry[2].fullUrl",
                    "error reference-ambiguous Bundle.entry[2].resource.partOf",
                ],
            ),
            (
                |b| {
                    b["entry"][1]["resource"] = json!({"resourceType": "ValueSet", "id": "v", "status": "draft", "url": "https://a.example/set"});
                    b["entry"][1]["fullUrl"] = "https://a.example/set".into();
                },
                &["error entry-full-url Bundle.entry[1].fullUrl"],
            ),
            (|b| b["entry"][1]["request"] = json!({"method": "GET", "url": "x"}), &["error bdl-3 Bundle"]),
        ],
    );
}

#[test]
fn references_are_followed_by_the_rules_of_bundles() {
    all(
        &collection(),
        Guide::R4,
        &[
            (|b| b["entry"][0]["resource"]["managingOrganization"]["reference"] = A.into(), &[]),
            // there is no such entry, and so it is elsewhere
            (|b| b["entry"][0]["resource"]["managingOrganization"]["reference"] = "Organization/9".into(), &[]),
            (
                |b| {
                    b["entry"][0]["resource"]["managingOrganization"]["reference"] =
                        "https://b.example/Organization/2".into();
                },
                &[],
            ),
            (
                |b| b["entry"][0]["resource"]["managingOrganization"]["reference"] = NOWHERE.into(),
                &["warning reference-resolves Bundle.entry[0].resource.managingOrganization"],
            ),
            // the target is at hand, and it is of the wrong type
            (
                |b| b["entry"][0]["resource"]["managingOrganization"]["reference"] = "Patient/1".into(),
                &["error reference-target-type Bundle.entry[0].resource.managingOrganization"],
            ),
            (
                |b| b["entry"][0]["resource"]["managingOrganization"]["reference"] = "Organization/2/x".into(),
                &["error reference-form Bundle.entry[0].resource.managingOrganization"],
            ),
            // from a urn the way goes to urns only
            (
                |b| b["entry"][2]["resource"]["partOf"]["reference"] = "Organization/2".into(),
                &["warning reference-resolves Bundle.entry[2].resource.partOf"],
            ),
            (
                |b| b["entry"][2]["resource"]["partOf"]["reference"] = format!("Patient/{}", &A[9..]).into(),
                &["error reference-names-type Bundle.entry[2].resource.partOf"],
            ),
            // versions
            (
                |b| {
                    b["entry"][1]["resource"]["meta"] = json!({"versionId": "7"});
                    b["entry"][0]["resource"]["managingOrganization"]["reference"] = "Organization/2/_history/7".into();
                },
                &[],
            ),
            (
                |b| {
                    b["entry"][1]["resource"] =
                        json!({"resourceType": "Patient", "id": "2", "meta": {"versionId": "7"}});
                    b["entry"][1]["fullUrl"] = "https://a.example/fhir/Patient/2".into();
                    b["entry"][0]["resource"]["managingOrganization"]["reference"] = "Patient/2/_history/7".into();
                },
                &["error reference-target-type Bundle.entry[0].resource.managingOrganization"],
            ),
            (
                |b| b["entry"][0]["resource"]["managingOrganization"]["reference"] = "Organization/2/_history/7".into(),
                &["warning reference-version Bundle.entry[0].resource.managingOrganization"],
            ),
            // a resource contained in an entry starts from that entry
            (
                |b| {
                    b["entry"][0]["resource"]["contained"] =
                        json!([{"resourceType": "Organization", "id": "c", "partOf": {"reference": "Patient/1"}}]);
                    b["entry"][0]["resource"]["generalPractitioner"] = json!([{"reference": "#c"}]);
                },
                &["error reference-target-type Bundle.entry[0].resource.contained[0].partOf"],
            ),
        ],
    );
}

fn document() -> Value {
    json!({"resourceType": "Bundle", "type": "document", "timestamp": "2026-11-22T09:00:00Z", "identifier": {"system": "https://a.example/d", "value": "1"},
    "entry": [
        {"fullUrl": A, "resource": {"resourceType": "Composition", "status": "final", "title": "x", "type": {"text": "x"}, "date": "2026-11-22",
            "author": [{"display": "x"}], "subject": {"reference": B}, "section": [{"title": "x", "entry": [{"reference": C}]}]}},
        {"fullUrl": B, "resource": {"resourceType": "Patient", "gender": "other"}},
        {"fullUrl": C, "resource": {"resourceType": "Flag", "status": "active", "code": {"text": "x"}, "subject": {"reference": B}}},
    ]})
}

#[test]
#[allow(clippy::too_many_lines, reason = "one table")]
fn the_entries_of_a_document_hang_together() {
    all(
        &document(),
        Guide::R4,
        &[
            (|_| (), &[]),
            (|b| b["entry"] = json!([]), &["error bdl-11 Bundle"]),
            (
                |b| b["entry"].as_array_mut().unwrap().swap(0, 1),
                &["error bdl-11 Bundle", "warning bundle-entry-linked Bundle.entry[1]"],
            ),
            (
                |b| drop(b["entry"][0].as_object_mut().unwrap().remove("resource")),
                &[
                    "error bdl-11 Bundle",
                    "error bundle-first-entry Bundle",
                    "error bdl-5 Bundle.entry[0]",
                    "warning bundle-entry-linked Bundle.entry[2]",
                ],
            ),
            // what the Composition refers to is there
            (
                |b| b["entry"][0]["resource"]["subject"]["reference"] = "https://b.example/Patient/1".into(),
                &["error reference-in-bundle Bundle.entry[0].resource.subject"],
            ),
            (
                |b| {
                    b["entry"][0]["resource"]["section"][0]["section"] =
                        json!([{"title": "x", "entry": [{"reference": "Flag/9"}]}]);
                },
                &["error reference-in-bundle Bundle.entry[0].resource.section[0].section[0].entry[0]"],
            ),
            (
                |b| b["entry"][0]["resource"]["attester"] = json!([{"mode": "legal", "party": {"reference": NOWHERE}}]),
                &[
                    "warning reference-resolves Bundle.entry[0].resource.attester[0].party",
                    "error reference-in-bundle Bundle.entry[0].resource.attester[0].party",
                ],
            ),
            // what others refer to may be elsewhere
            (
                |b| b["entry"][2]["resource"]["author"] = json!({"reference": "https://b.example/Practitioner/1"}),
                &["information reference-in-bundle Bundle.entry[2].resource.author"],
            ),
            // what is there by type and id and not by address is a slip
            (
                |b| {
                    b["entry"][1]["resource"]["id"] = "1".into();
                    b["entry"][2]["resource"]["subject"]["reference"] = "Patient/1".into();
                },
                &[
                    "warning reference-resolves Bundle.entry[2].resource.subject",
                    "error reference-in-bundle Bundle.entry[2].resource.subject",
                ],
            ),
            // two versions of one: which is meant cannot be told, and so neither is connected
            (
                |b| {
                    let entry = |version: &str| json!({"fullUrl": B, "resource": {"resourceType": "Patient", "meta": {"versionId": version}, "gender": "other"}});
                    b["entry"][1] = entry("1");
                    b["entry"].as_array_mut().unwrap().push(entry("2"));
                },
                &[
                    "error reference-ambiguous Bundle.entry[0].resource.subject",
                    "error bundle-entry-linked Bundle.entry[1]",
                    "error reference-ambiguous Bundle.entry[2].resource.subject",
                    "error bundle-entry-linked Bundle.entry[3]",
                ],
            ),
            // reached backwards only
            (
                |b| b["entry"][0]["resource"]["section"] = json!([{"title": "x", "text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"}}]),
                &["warning bundle-entry-linked Bundle.entry[2]"],
            ),
            // reached not at all
            (
                |b| {
                    let alone = json!({"fullUrl": NOWHERE, "resource": {"resourceType": "Organization", "name": "x"}});
                    b["entry"].as_array_mut().unwrap().push(alone);
                },
                &["error bundle-entry-linked Bundle.entry[3]"],
            ),
            // Provenance leads back by its nature
            (
                |b| {
                    let back = json!({"fullUrl": NOWHERE, "resource": {"resourceType": "Provenance", "recorded": "2026-01-01T00:00:00Z",
                    "target": [{"reference": B}], "agent": [{"who": {"display": "x"}}]}});
                    b["entry"].as_array_mut().unwrap().push(back);
                },
                &[],
            ),
            // a url connects as well
            (
                |b| {
                    let binary =
                        json!({"fullUrl": NOWHERE, "resource": {"resourceType": "Binary", "contentType": "image/png"}});
                    b["entry"].as_array_mut().unwrap().push(binary);
                    b["entry"][1]["resource"]["photo"] = json!([{"url": NOWHERE}]);
                },
                &[],
            ),
            (|b| b["link"] = json!([{"relation": "stylesheet", "url": "https://hl7.org/fhir/fhir.css"}]), &[]),
            (
                |b| b["link"] = json!([{"relation": "stylesheet", "url": "https://b.example/x.css"}]),
                &["warning document-stylesheet Bundle.link[0].url"],
            ),
            (
                |b| b["link"] = json!([{"relation": "stylesheet", "url": "Binary/css"}]),
                &["error document-stylesheet Bundle.link[0].url"],
            ),
            (
                |b| {
                    b["link"] = json!([{"relation": "stylesheet", "url": "Binary/css"}]);
                    let style = json!({"fullUrl": "https://a.example/Binary/css", "resource": {"resourceType": "Binary", "id": "css", "contentType": "text/css"}});
                    b["entry"].as_array_mut().unwrap().push(style);
                },
                &[],
            ),
            (
                |b| b["link"] = json!([{"relation": "next", "url": "https://a.example"}]),
                &["error bundle-link Bundle.link[0].relation"],
            ),
            (
                |b| b["signature"] = json!({"type": [{"code": "1.2.840.10065.1.12.1.5"}], "when": "2026-01-01T00:00:00Z", "who": {"display": "x"}, "data": "AAAA"}),
                &["information bundle-signature Bundle.signature"],
            ),
        ],
    );
}

#[test]
fn a_message_asks_less() {
    let header = json!({"resourceType": "MessageHeader", "eventUri": "urn:x", "source": {"endpoint": "urn:x"}, "focus": [{"reference": B}]});
    let sound = json!({"resourceType": "Bundle", "type": "message", "entry": [
        {"fullUrl": A, "resource": header},
        {"fullUrl": B, "resource": {"resourceType": "Patient", "gender": "other"}},
    ]});
    all(
        &sound,
        Guide::R4,
        &[
            (|_| (), &[]),
            (
                |b| b["entry"].as_array_mut().unwrap().swap(0, 1),
                &["error bdl-12 Bundle", "information bundle-entry-linked Bundle.entry[1]"],
            ),
            (
                |b| b["entry"][0]["resource"]["focus"][0]["reference"] = "https://b.example/Patient/1".into(),
                &[
                    "error reference-in-bundle Bundle.entry[0].resource.focus[0]",
                    "warning bundle-entry-linked Bundle.entry[1]",
                ],
            ),
            (
                |b| b["entry"][0]["resource"]["sender"] = json!({"reference": "https://b.example/Organization/1"}),
                &["information reference-in-bundle Bundle.entry[0].resource.sender"],
            ),
        ],
    );
}

#[test]
fn a_bundle_in_a_bundle_has_addresses_of_its_own() {
    let mut inner = collection();
    inner["entry"][0]["resource"]["managingOrganization"]["reference"] = B.into();
    let outer = json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"fullUrl": A, "resource": inner},
        {"fullUrl": B, "resource": {"resourceType": "Patient", "gender": "other"}},
    ]});
    let expected = ["warning reference-resolves Bundle.entry[0].resource.entry[0].resource.managingOrganization"];
    assert_eq!(said(&outer, Guide::R4, None), expected);
}

#[test]
fn parameters_refer_to_each_other_by_type_and_id() {
    let parameters = |reference: &str| {
        json!({"resourceType": "Parameters", "parameter": [
            {"name": "a", "resource": {"resourceType": "Patient", "id": "1", "managingOrganization": {"reference": reference}}},
            {"name": "b", "part": [{"name": "c", "resource": {"resourceType": "Organization", "id": "2", "name": "x"}}]},
        ]})
    };
    assert_eq!(said(&parameters("Organization/2"), Guide::R4, None), [""; 0]);
    let expected = ["error reference-target-type Parameters.parameter[0].resource.managingOrganization"];
    assert_eq!(said(&parameters("Patient/1"), Guide::R4, None), expected);
}

#[test]
fn requests_need_no_address_until_they_refer() {
    let sound = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
        {"request": {"method": "POST", "url": "Patient"}, "resource": {"resourceType": "Patient", "gender": "other"}},
        {"fullUrl": A, "request": {"method": "POST", "url": "Organization"}, "resource": {"resourceType": "Organization", "name": "x"}},
    ]});
    all(
        &sound,
        Guide::R4,
        &[
            (|_| (), &[]),
            (
                |b| b["entry"][0]["resource"]["managingOrganization"] = json!({"reference": A}),
                &["error entry-full-url Bundle.entry[0]"],
            ),
            (|b| b["entry"][1]["resource"]["partOf"] = json!({"reference": "Organization?identifier=x"}), &[]),
            (
                |b| b["entry"][1]["resource"]["partOf"] = json!({"reference": "Organization"}),
                &["error reference-form Bundle.entry[1].resource.partOf"],
            ),
            (|b| drop(b["entry"][0].as_object_mut().unwrap().remove("request")), &["error bdl-3 Bundle"]),
        ],
    );
}

#[test]
fn a_search_set_tells_of_its_search() {
    let sound = json!({"resourceType": "Bundle", "type": "searchset", "total": 1,
        "link": [{"relation": "self", "url": "https://a.example/fhir/Patient?name=x"}],
        "entry": [{"fullUrl": "https://a.example/fhir/Patient/1", "search": {"mode": "match"}, "resource": {"resourceType": "Patient", "id": "1"}}]});
    let no_mode: Change = |b| drop(b["entry"][0].as_object_mut().unwrap().remove("search"));
    all(
        &sound,
        Guide::R4,
        &[
            (|_| (), &[]),
            (|b| drop(b.as_object_mut().unwrap().remove("link")), &["warning search-self Bundle"]),
            (|b| b["link"][0]["url"] = "https://a.example/fhir?x=y".into(), &["information search-self Bundle"]),
            (|b| b["link"][0]["url"] = "https://a.example/fhir?_type=Patient,Group".into(), &[]),
            (
                |b| b["link"][0]["url"] = "https://a.example/fhir/Group".into(),
                &["error search-type Bundle.entry[0].resource"],
            ),
            (
                |b| {
                    b["entry"][0] = json!({"fullUrl": A, "search": {"mode": "match"}, "resource": {"resourceType": "Patient", "gender": "other"}});
                },
                &["error search-id Bundle.entry[0].resource"],
            ),
            (|b| b["entry"][0]["search"]["mode"] = "include".into(), &[]),
            (|b| b["entry"][0]["search"]["mode"] = "outcome".into(), &["error search-type Bundle.entry[0].resource"]),
            (no_mode, &["information search-mode Bundle"]),
            (
                |b| {
                    b["entry"][0].as_object_mut().unwrap().remove("search");
                    b["link"][0]["url"] = "https://a.example/fhir/Group".into();
                },
                &["warning search-mode Bundle", "warning search-type Bundle.entry[0].resource"],
            ),
            (
                |b| {
                    let other = json!({"fullUrl": "https://a.example/fhir/Patient/2", "resource": {"resourceType": "Patient", "id": "2"}});
                    b["entry"].as_array_mut().unwrap().push(other);
                },
                &["warning search-mode Bundle.entry[1]"],
            ),
            (
                |b| {
                    b["link"]
                        .as_array_mut()
                        .unwrap()
                        .push(json!({"relation": "self", "url": "https://a.example/fhir/Patient"}));
                },
                &["error bundle-link Bundle.link[1].relation"],
            ),
            (
                |b| drop(b["entry"][0].as_object_mut().unwrap().remove("resource")),
                &["error bdl-5 Bundle.entry[0]", "error search-resource Bundle.entry[0]"],
            ),
        ],
    );
}
