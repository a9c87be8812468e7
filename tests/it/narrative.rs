//! Narrative of everything we write survives a system that throws markup away: every line whole, no two run together.

use cmht_gateway::documents::{ContingencyPlan, Document, Referral, SCHEMAS, SafetyPlan};
use cmht_gateway::map;
use serde_json::{Value, json};

/// What is left when everything between angle brackets goes, as crude systems do it.
fn stripped(div: &str) -> Vec<String> {
    let mut out = String::new();
    let mut inside = false;
    for c in div.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            other if !inside => out.push(other),
            _ => {}
        }
    }
    let text = out.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Every narrative in a value.
fn narratives<'a>(value: &'a Value, out: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            out.extend(fields.get("div").and_then(Value::as_str));
            fields.values().for_each(|field| narratives(field, out));
        }
        Value::Array(items) => items.iter().for_each(|item| narratives(item, out)),
        _ => {}
    }
}

fn examples() -> Vec<(String, Value)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/cmht/examples");
    let files = SCHEMAS.iter().flat_map(|(kind, _)| std::fs::read_dir(root.join(kind.code())).unwrap());
    let paths = files.map(|file| file.unwrap().path());
    paths
        .map(|path| (path.display().to_string(), serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap()))
        .collect()
}

#[test]
fn every_paragraph_of_every_narrative_is_a_line_of_its_own_without_its_markup() {
    for (name, document) in examples() {
        let kind = cmht_gateway::documents::kind_of(&document);
        let bundle = map::to_fhir(kind, document).unwrap().value.into_value();
        let mut found = Vec::new();
        narratives(&bundle, &mut found);
        assert!(found.len() > 2, "{name}");
        for div in found {
            let paragraphs: Vec<String> =
                div.split("<p>").skip(1).flat_map(|p| stripped(p.split("</p>").next().unwrap())).collect();
            assert!(!paragraphs.is_empty(), "{name}: {div}");
            assert_eq!(stripped(div), paragraphs, "{name}: words of two paragraphs run together in {div}");
        }
    }
}

#[test]
fn what_a_plan_says_under_a_heading_stands_whole_in_the_stripped_narrative_of_its_section() {
    fn check<D: Document>(document: &Value, name: &str) {
        let plan = D::from_json(document.clone()).unwrap();
        let bundle = map::to_fhir(D::KIND, document.clone()).unwrap().value;
        let composition = bundle.first("Composition").unwrap();
        for heading in D::HEADINGS {
            let wanted: Vec<String> = heading.lines(&plan).iter().flat_map(|line| stripped_lines(line)).collect();
            if wanted.is_empty() {
                continue;
            }
            let sections = composition["section"].as_array().unwrap();
            let section = sections.iter().find(|section| section["title"] == json!(heading.title)).unwrap();
            assert_eq!(stripped(section.pointer("/text/div").unwrap().as_str().unwrap()), wanted, "{name}");
        }
    }
    for (name, document) in examples() {
        match document["kind"].as_str() {
            Some("safety-plan") => check::<SafetyPlan>(&document, &name),
            Some("contingency-plan") => check::<ContingencyPlan>(&document, &name),
            _ => {}
        }
    }
}

fn stripped_lines(line: &str) -> Vec<String> {
    line.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn markup_in_a_document_is_text_in_its_narrative() {
    let mut document: Value =
        serde_json::from_str(include_str!("../../profiles/cmht/examples/referral/complete.json")).unwrap();
    let hostile = "</p></div><script>alert(1)</script> & \"quoted\" <b>";
    document["previous_psychiatric_history"][0]["text"] = hostile.into();
    let referral = Referral::from_json(document).unwrap();
    let bundle = map::referral::to_fhir(&referral).value.into_value();
    let mut found = Vec::new();
    narratives(&bundle, &mut found);
    assert!(found.iter().all(|div| !div.contains("<script") && !div.contains("<b>")));
    assert!(found.iter().any(|div| stripped(div).iter().any(|line| line.contains(hostile))));
}
