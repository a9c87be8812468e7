//! Release of plans and letters: a made-up document in which everything that can hide something is marked, and every
//! example of every kind. What is withheld is in no byte of a reduced copy, and what is permitted arrives.

use std::collections::BTreeSet;

use cmht_gateway::consent::{Decision, Denial, Permit, Question};
use cmht_gateway::fhir::{Bundle, build, codes};
use cmht_gateway::model::{DataCategory as C, DocumentKind};
use cmht_gateway::validate::Validated;
use cmht_gateway::{documents, map};
use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Value, json};

use crate::consent_case::{Case, bytes, confirmed, consent, deny, engine, mark, permit, tag, url, validated};

/// Decides the release of a document and confirms it, as the pipeline does.
pub(crate) fn release(case: &Case, kind: DocumentKind, bundle: &Validated<Bundle>) -> Result<Permit, Denial> {
    let question = Question { kind, ..case.question(bundle) };
    match engine().decide(&question) {
        Decision::Permit(permit) => Ok(permit),
        Decision::Reduce(reduction) => Ok(confirmed(reduction, &question)),
        Decision::Deny(denial) => Err(denial),
    }
}

fn point(name: &str) -> Value {
    json!({"reference": url(name), "display": mark("others")})
}

fn stated(category: C) -> Value {
    json!([{"url": codes::SECTION_CATEGORY, "valueCoding": build::coding(codes::DATA_CATEGORY, category.code(), category.title())}])
}

/// A section of one category, marked in title, narrative and code.
fn section(category: C, entries: &[&str]) -> Value {
    let mark = mark(category.code());
    json!({
        "extension": stated(category), "title": mark, "code": {"text": mark}, "text": build::narrative(&[mark]),
        "entry": entries.iter().map(|name| json!({"reference": url(name)})).collect::<Vec<_>>(),
    })
}

fn finding(category: C) -> Value {
    let mark = mark(category.code());
    json!({
        "resourceType": "Observation", "status": "final", "meta": tag(category), "code": {"text": mark},
        "text": build::narrative(&[mark.as_str()]), "subject": {"reference": url("patient")}, "valueString": mark,
    })
}

/// Categories of the made-up document that have a section of their own.
const SECTIONS: &[C] = &[C::SafetyPlan, C::Medication, C::RiskSummary, C::SubstanceUse, C::Forensic, C::Actions];

fn patient() -> Value {
    json!({
        "resourceType": "Patient", "meta": tag(C::Demographics), "name": [{"family": mark("demographics")}],
        "text": build::narrative(&[mark("demographics"), mark("contact-and-communication")]),
        "telecom": [{"system": "phone", "value": mark("contact-and-communication")}],
    })
}

fn composition(all: &[String]) -> Value {
    let mut sections: Vec<Value> = SECTIONS.iter().map(|c| section(*c, &[c.code()])).collect();
    sections[0]["entry"] = json!([point("safety-plan"), point("helper"), point("desk")]);
    // Everything in a section is of its category, and a section in it is of both.
    sections[2]["section"] = json!([section(C::Carer, &["carer"])]);
    // Two that say nothing of themselves, one that only points, and one whose category is misspelt.
    let mut misspelt = section(C::Actions, &["misspelt"]);
    misspelt["extension"][0]["valueCoding"]["code"] = "Actions".into();
    misspelt["title"] = mark("unassigned").into();
    misspelt["code"]["text"] = mark("unassigned").into();
    misspelt["text"] = build::narrative(&[mark("unassigned")]);
    sections.extend([
        json!({"title": mark("unassigned"), "text": build::narrative(&[mark("unassigned")]),
               "entry": [{"reference": url("untold")}, {"reference": url("patient")}]}),
        json!({"title": mark("unassigned"), "text": build::narrative(&[mark("unassigned")]),
               "code": {"coding": [{"system": codes::DOCUMENT_SECTION, "code": "consent", "display": mark("unassigned")}], "text": mark("unassigned")},
               "entry": [{"reference": url("consent-0"), "display": mark("others")}]}),
        misspelt,
    ]);
    let copy = |party: &str| {
        let by = build::logical(codes::PARTY_ID, party, &format!("{party} {}", mark("others")));
        json!({"url": codes::DOCUMENT_COPY, "valueReference": by})
    };
    json!({
        "resourceType": "Composition", "status": "final", "date": "2026-03-01", "title": mark("unassigned"),
        "type": {"coding": [build::coding(codes::DOCUMENT_KIND, "safety-plan", &mark("unassigned"))], "text": mark("unassigned")},
        "text": build::narrative(all),
        "extension": [copy("wellbeing-roots"), copy("other-charity"), {"url": "urn:other", "valueString": mark("unassigned")},
                      {"url": "urn:hidden", "valueReference": {"reference": "#hidden"}}],
        "category": [
            {"coding": [{"system": format!("{}/CodeSystem/safety-plan-template", codes::BASE), "code": "service-user",
                         "display": mark("unassigned")}]},
            {"coding": [{"system": "urn:x", "code": mark("unassigned")}]},
        ],
        "subject": {"reference": url("patient"), "display": mark("demographics")},
        "author": [{"reference": url("nurse")}, {"display": mark("unassigned")}],
        "attester": [
            {"mode": "personal", "party": {"reference": url("patient"), "display": mark("demographics")}},
            {"mode": "personal", "party": {"type": "RelatedPerson", "display": mark("unassigned")}},
            {"mode": "professional", "party": {"type": "Practitioner", "display": "Nurse Made-up"},
             "extension": [{"url": "urn:note", "valueString": mark("unassigned")}]},
        ],
        "relatesTo": [{"code": "replaces", "targetIdentifier": {"system": codes::DOCUMENT_ID, "value": "earlier"}}],
        "event": [{"code": [{"text": mark("unassigned")}], "detail": [{"reference": url("plan")}]}],
        "contained": [{"resourceType": "Observation", "id": "hidden", "meta": tag(C::SafetyPlan), "status": "final",
                       "code": {"text": mark("unassigned")}}],
        "section": sections,
    })
}

/// The made-up document; each provision makes a Consent of its own.
fn document(provisions: &[Value]) -> Validated<Bundle> {
    let all: Vec<String> = C::ALL.iter().map(|c| mark(c.code())).chain([mark("unassigned"), mark("others")]).collect();
    let mut hiding = finding(C::SafetyPlan);
    hiding["note"] = json!([{"text": mark("safety-plan")}]);
    hiding["hasMember"] = json!([{"reference": url("substance-use"), "display": mark("substance-use")}]);
    let pointers: Vec<Value> = SECTIONS.iter().map(|c| json!({"reference": url(c.code())})).collect();
    let mut unlike = finding(C::Forensic);
    // A tag may narrow what its section says, and not widen it.
    unlike["meta"] = json!({"tag": [tag(C::Forensic)["tag"][0], tag(C::Actions)["tag"][0]]});
    let mut entries = vec![
        ("composition".to_owned(), composition(&all)),
        ("patient".to_owned(), patient()),
        (
            "nurse".to_owned(),
            json!({"resourceType": "PractitionerRole", "code": [{"text": mark("unassigned")}],
            "organization": {"reference": url("trust")}}),
        ),
        ("trust".to_owned(), json!({"resourceType": "Organization", "name": "Made-up trust"})),
        // Entries of a section that a message would treat as mere addresses.
        (
            "helper".to_owned(),
            json!({"resourceType": "RelatedPerson", "meta": tag(C::SafetyPlan),
            "patient": {"reference": url("patient")}, "name": [{"text": mark("safety-plan")}]}),
        ),
        (
            "desk".to_owned(),
            json!({"resourceType": "HealthcareService", "meta": tag(C::SafetyPlan), "name": mark("safety-plan")}),
        ),
        (
            "carer".to_owned(),
            json!({"resourceType": "RelatedPerson", "patient": {"reference": url("patient")},
            "name": [{"text": mark("carer")}]}),
        ),
        (
            "untold".to_owned(),
            json!({"resourceType": "Observation", "status": "final", "meta": tag(C::SafetyPlan),
            "subject": {"reference": url("patient")}, "code": {"text": mark("unassigned")}}),
        ),
        (
            "misspelt".to_owned(),
            json!({"resourceType": "Observation", "status": "final", "meta": tag(C::Actions),
            "subject": {"reference": url("patient")}, "code": {"text": mark("unassigned")}}),
        ),
        (
            "unmapped".to_owned(),
            json!({"resourceType": "Basic", "code": {"text": mark("unassigned")},
            "subject": {"reference": url("patient")}, "extension": [{"url": "urn:x", "valueString": mark("unassigned")}]}),
        ),
        (
            "plan".to_owned(),
            json!({"resourceType": "CarePlan", "status": "active", "intent": "plan",
            "title": mark("unassigned"), "description": mark("unassigned"), "text": build::narrative(&all),
            "subject": {"reference": url("patient")}, "supportingInfo": pointers,
            "note": [{"text": mark("unassigned")}],
            "activity": [{"outcomeReference": [point("medication")]}, {"detail": {"status": "in-progress", "description": mark("unassigned")}}]}),
        ),
        (
            "provenance".to_owned(),
            json!({"resourceType": "Provenance", "recorded": "2026-03-01T10:00:00Z",
            "target": [{"reference": url("composition")}], "agent": [{"who": {"reference": url("nurse")}}],
            "activity": {"text": mark("unassigned")}}),
        ),
    ];
    for category in SECTIONS {
        let resource = match category {
            C::SafetyPlan => hiding.clone(),
            C::Forensic => unlike.clone(),
            other => finding(*other),
        };
        entries.push((category.code().to_owned(), resource));
    }
    for (number, provision) in provisions.iter().enumerate() {
        entries.push((format!("consent-{number}"), consent(number, provision)));
    }
    if provisions.is_empty() {
        // Nothing is there for the section on consent to point at.
        entries[0].1["section"][7].as_object_mut().unwrap().remove("entry");
    }
    let entries: Vec<Value> =
        entries.into_iter().map(|(name, resource)| json!({"fullUrl": url(&name), "resource": resource})).collect();
    validated(json!({
        "resourceType": "Bundle", "type": "document", "timestamp": "2026-03-01T10:00:00Z",
        "identifier": {"system": codes::DOCUMENT_ID, "value": "made-up-plan"}, "entry": entries,
    }))
}

/// What a charity gets that the person permits these categories.
fn to_charity(categories: &[C]) -> Result<Permit, Denial> {
    let bundle = document(&[permit("wellbeing-roots", categories)]);
    release(&Case::charity(), DocumentKind::SafetyPlan, &bundle)
}

/// Categories whose markers a copy may hold by the rules, written down without FHIR. Carers' own details stay behind,
/// whatever the person permits (CS-08).
fn expected(categories: &BTreeSet<C>) -> BTreeSet<&'static str> {
    categories
        .iter()
        .filter(|c| SECTIONS.contains(c) || matches!(c, C::Demographics | C::ContactAndCommunication))
        .map(|c| c.code())
        .collect()
}

pub(crate) fn arrived(text: &str) -> BTreeSet<&'static str> {
    let labels = C::ALL.iter().map(|c| c.code()).chain(["unassigned", "others"]);
    labels.filter(|label| text.contains(&mark(label))).collect()
}

#[test]
fn an_nhs_team_that_cares_for_the_person_gets_the_document_as_it_is() {
    let bundle = document(&[]);
    let permit = release(&Case::team(), DocumentKind::SafetyPlan, &bundle).unwrap();
    assert_eq!(permit.bundle().content(), bundle.content());
}

#[test]
fn without_explicit_consent_or_against_an_objection_nothing_goes() {
    let denied = |case: &Case, provisions: &[Value]| {
        release(case, DocumentKind::SafetyPlan, &document(provisions)).map(|_| ()).unwrap_err().rule.to_string()
    };
    assert_eq!(denied(&Case::charity(), &[]), "CS-04");
    let unagreed = Case { agreements: vec![], ..Case::charity() };
    assert_eq!(denied(&unagreed, &[permit("wellbeing-roots", C::ALL)]), "CS-04");
    assert_eq!(denied(&Case::team(), &[deny("lpt-cap", &[])]), "CS-02");
    let unrelated = Case { care_relationship: false, ..Case::team() };
    assert_eq!(denied(&unrelated, &[]), "CS-01");
}

#[test]
fn a_reduced_copy_is_a_document_that_says_what_was_withheld_and_tells_of_nobody_else() {
    let permit = to_charity(&[C::Demographics, C::SafetyPlan]).unwrap();
    let bundle = permit.bundle().content();
    assert_eq!(bundle.kind(), Some("document"));
    let composition = bundle.first("Composition").unwrap();
    let sections = composition["section"].as_array().unwrap();
    assert_eq!(sections[0]["title"], "Withheld from this copy");
    assert_eq!(sections[0]["emptyReason"]["coding"][0]["code"], "withheld");
    let said = sections[0]["text"]["div"].as_str().unwrap();
    for words in ["medication (rule CS-04)", "risk summary (rule CS-04)"] {
        assert!(said.contains(words), "{said}");
    }
    assert!(!said.contains("drug and alcohol"), "saying so would tell of it (CS-22): {said}");
    let titles: Vec<&str> = sections.iter().filter_map(|s| s["title"].as_str()).collect();
    assert_eq!(titles, ["Withheld from this copy", &mark("safety-plan"), "Consent to share"]);
    let labels: Vec<&str> =
        bundle.value()["meta"]["security"].as_array().unwrap().iter().filter_map(|c| c["code"].as_str()).collect();
    assert_eq!(labels, ["SUBSETTED", "REDACTED", "NORDSCLCD", "N"]);
    let security = &bundle.value()["meta"]["security"];
    assert_eq!(composition["meta"]["security"].as_array().unwrap()[..], security.as_array().unwrap()[..3]);
    let copies = composition["extension"].as_array().unwrap();
    assert_eq!(copies.len(), 1);
    assert_eq!(copies[0]["valueReference"]["identifier"]["value"], "wellbeing-roots");
    assert_eq!(composition["type"]["coding"][0]["display"], "Safety plan");
    assert_eq!(composition["category"].as_array().unwrap().len(), 1, "the template is of the plan's category");
    let attesters = composition["attester"].as_array().unwrap();
    assert_eq!(attesters.len(), 2);
    assert_eq!(attesters[1]["party"]["display"], "Withheld");
    let plan = bundle.first("CarePlan").unwrap();
    assert_eq!(plan["supportingInfo"].as_array().unwrap().len(), 1);
    // What a section is about goes with it, though it be an organisation or a person.
    for kind in ["RelatedPerson", "HealthcareService", "Observation", "Provenance", "PractitionerRole", "Organization"]
    {
        assert_eq!(bundle.all(kind).count(), 1, "{kind}");
    }
    assert!(bundle.first("Observation").unwrap().get("hasMember").is_none());
    let text = bytes(&permit);
    assert_eq!(arrived(&text), ["demographics", "safety-plan"].into());
    assert!(!text.contains("other-charity"));
}

#[test]
fn the_narrative_of_a_section_goes_only_with_everything_in_it() {
    let mut value = document(&[permit("wellbeing-roots", &[C::Demographics, C::SafetyPlan])]).content().value().clone();
    let entries = value["entry"].as_array_mut().unwrap();
    let hiding = entries.iter_mut().find(|e| e["fullUrl"] == url("safety-plan").as_str()).unwrap();
    hiding["resource"]["meta"]["security"] = json!([{"system": codes::ACT_CODE, "code": "MH"}]);
    let permit = release(&Case::charity(), DocumentKind::SafetyPlan, &validated(value)).unwrap();
    let composition = permit.bundle().content().first("Composition").unwrap();
    let section = &composition["section"][1];
    assert_eq!(section["title"], mark("safety-plan").as_str());
    assert!(section["text"]["div"].as_str().unwrap().contains("Part of this section was withheld"), "{section}");
    assert_eq!(section["entry"].as_array().unwrap().len(), 2);
    let said = permit.withheld().iter().find(|w| w.category.code() == "mental-health-history").unwrap();
    assert_eq!(said.what, "1 Observation");
}

#[test]
fn a_document_that_is_more_than_ordinarily_confidential_goes_whole_or_not_at_all() {
    for (key, label) in [
        ("confidentiality", json!("R")),
        ("meta", json!({"security": [{"system": codes::CONFIDENTIALITY, "code": "V"}]})),
    ] {
        let most: Vec<C> = C::ALL.iter().copied().filter(|c| *c != C::Forensic).collect();
        let mut value = document(&[permit("wellbeing-roots", &most)]).content().value().clone();
        value["entry"][0]["resource"][key] = label;
        let bundle = validated(value);
        let denial = release(&Case::charity(), DocumentKind::SafetyPlan, &bundle).map(|_| ()).unwrap_err();
        assert_eq!(denial.rule.as_str(), "GW-90", "{key}");
        assert!(release(&Case::team(), DocumentKind::SafetyPlan, &bundle).unwrap().withheld().is_empty());
    }
}

#[test]
fn an_identifier_that_may_be_words_gives_way_to_one_that_is_none() {
    let wish = permit("wellbeing-roots", &[C::Demographics, C::SafetyPlan]);
    for words in [mark("unassigned") + " in words", "x".repeat(120)] {
        let mut value = document(std::slice::from_ref(&wish)).content().value().clone();
        value["identifier"]["value"] = words.as_str().into();
        let permit = release(&Case::charity(), DocumentKind::SafetyPlan, &validated(value)).unwrap();
        assert!(!bytes(&permit).contains(&words));
        assert!(
            uuid::Uuid::try_parse(permit.bundle().content().value()["identifier"]["value"].as_str().unwrap()).is_ok()
        );
    }
}

// === Every example of every kind ===

/// Every example of every kind of document but the referral, as the document Bundle it maps to.
pub(crate) fn examples() -> Vec<(DocumentKind, String, Value)> {
    let mut found = Vec::new();
    for (kind, _) in documents::SCHEMAS.iter().filter(|(kind, _)| *kind != DocumentKind::Referral) {
        let folder = format!("{}/profiles/cmht/examples/{}", env!("CARGO_MANIFEST_DIR"), kind.code());
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let native: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            let bundle = map::to_fhir(*kind, native).unwrap().value.into_value();
            found.push((*kind, path.display().to_string(), bundle));
        }
    }
    assert!(found.len() > 10, "there are examples");
    found
}

fn category_of(resource: &Value) -> Option<C> {
    let tags = resource.pointer("/meta/tag")?.as_array()?;
    tags.iter().find(|t| t["system"] == codes::DATA_CATEGORY)?["code"].as_str().and_then(C::from_code)
}

/// Adds a marker of its category to the end of a narrative.
fn mark_narrative(holder: &mut Value, category: C) {
    if let Some(div) = holder.pointer_mut("/text/div") {
        let marked = div.as_str().unwrap().replace("</div>", &format!("<p>{}</p></div>", mark(category.code())));
        *div = marked.into();
    }
}

/// Marks every resource and section by its category, and puts a permission of the test in the place of all Consents.
pub(crate) fn marked(bundle: &Value, permitted: &[C]) -> (Validated<Bundle>, BTreeSet<C>) {
    let mut bundle = bundle.clone();
    let mut there = BTreeSet::new();
    let entries = bundle["entry"].as_array_mut().unwrap();
    let gone: Vec<Value> =
        entries.iter().filter(|e| e["resource"]["resourceType"] == "Consent").map(|e| e["fullUrl"].clone()).collect();
    entries.retain(|e| e["resource"]["resourceType"] != "Consent");
    let subject = entries[0]["resource"]["subject"].clone();
    for entry in entries.iter_mut() {
        let resource = &mut entry["resource"];
        if let Some(category) = category_of(resource).filter(|_| resource["resourceType"] != "Patient") {
            there.insert(category);
            mark_narrative(resource, category);
        }
        for section in resource.get_mut("section").and_then(Value::as_array_mut).into_iter().flatten() {
            let category = section["extension"][0]["valueCoding"]["code"].as_str().and_then(C::from_code);
            if let Some(category) = category {
                there.insert(category);
                mark_narrative(section, category);
            }
            if let Some(entries) = section.get_mut("entry").and_then(Value::as_array_mut) {
                entries.retain(|entry| !gone.contains(&entry["reference"]));
            }
        }
        if let Some(plan) = resource.get_mut("supportingInfo").and_then(Value::as_array_mut) {
            plan.retain(|entry| !gone.contains(&entry["reference"]));
        }
    }
    // FHIR has no empty list.
    for section in entries[0]["resource"]["section"].as_array_mut().into_iter().flatten() {
        if section.get("entry").and_then(Value::as_array).is_some_and(Vec::is_empty) {
            section.as_object_mut().unwrap().remove("entry");
        }
    }
    let mut wish = consent(0, &permit("wellbeing-roots", permitted));
    wish["patient"] = subject;
    entries.push(json!({"fullUrl": url("consent"), "resource": wish}));
    (validated(bundle), there)
}

/// Kinds of which a charity may not even be told that they were withheld (CS-22).
const UNSAID: &[C] = &[
    C::Safeguarding,
    C::SubstanceUse,
    C::Forensic,
    C::LegalStatus,
    C::Carer,
    C::ThirdPartyStatement,
    C::ReproductiveAndSexualHealth,
];

#[test]
fn no_word_of_a_withheld_category_leaves_in_any_example_of_any_kind() {
    for (kind, name, bundle) in examples() {
        let (_, there) = marked(&bundle, C::ALL);
        for withheld in &there {
            let most: Vec<C> = C::ALL.iter().copied().filter(|category| category != withheld).collect();
            let (bundle, _) = marked(&bundle, &most);
            let permit =
                release(&Case::charity(), kind, &bundle).unwrap_or_else(|d| panic!("{name} {withheld}: {d:?}"));
            assert!(!bytes(&permit).contains(&mark(withheld.code())), "{name} leaks {withheld}");
            assert!(permit.withheld().iter().any(|w| w.category.code() == withheld.code()), "{name} {withheld}");
            let document = permit.bundle().content();
            let first = &document.first("Composition").unwrap()["section"][0];
            let said = first["text"]["div"].as_str().filter(|_| first["title"] == "Withheld from this copy");
            let told = said.is_some_and(|said| said.contains(withheld.title()));
            assert_eq!(told, !UNSAID.contains(withheld), "{name} {withheld}: {said:?}");
            assert!(
                map::to_native(kind, document).is_ok(),
                "{name} without {withheld} is still a document of its kind"
            );
        }
    }
}

#[test]
fn all_of_a_permitted_category_arrives_from_safety_and_contingency_plans() {
    for (kind, name, bundle) in examples() {
        if !matches!(kind, DocumentKind::SafetyPlan | DocumentKind::ContingencyPlan) {
            continue;
        }
        let (_, there) = marked(&bundle, C::ALL);
        for category in &there {
            let (bundle, _) = marked(&bundle, &[C::Demographics, *category]);
            let permit = release(&Case::charity(), kind, &bundle).unwrap();
            // A plan whose pointers were cut has its narrative written anew.
            let counted = |bundle: &Bundle| -> usize {
                let resources = bundle.entries().map(|(_, resource)| resource);
                let others = resources.filter(|resource| resource["resourceType"] != "CarePlan");
                others.map(|resource| resource.to_string().matches(&mark(category.code())).count()).sum()
            };
            assert_eq!(counted(permit.bundle().content()), counted(bundle.content()), "{name} {category}");
        }
    }
}

fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(48);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn of_a_document_just_what_is_permitted_arrives(categories in subsequence(C::ALL.to_vec(), 0..=C::ALL.len())) {
        let mut categories: BTreeSet<C> = categories.into_iter().collect();
        categories.insert(C::Demographics);
        // All of them would be a whole copy.
        prop_assume!(categories.len() < C::ALL.len());
        let list: Vec<C> = categories.iter().copied().collect();
        let permit = to_charity(&list).unwrap();
        let expected = expected(&categories);
        // The finding of this section has a second tag, and needs both.
        let needs_both = format!("\"valueString\":\"{}\"", mark("forensic"));
        let goes = categories.contains(&C::Actions) && categories.contains(&C::Forensic);
        let came = permit.bundle().content().value().to_string().contains(&needs_both);
        prop_assert_eq!(came, goes);
        prop_assert_eq!(arrived(&bytes(&permit)), expected);
    }
}
