//! Our table of FHIRPath: expressions worked by hand from the specification, each with its input and its result.
//! The inputs are made-up resources beside it. Where an input says nothing, neither does this.

use cmht_gateway::fhir::tree::{self, Tree};
use cmht_gateway::fhir::{Format, Limits, write};
use cmht_gateway::validate::fhirpath::{Host, InBundle, Item, Node, Program, Scope, System, TypeId};

/// One line of the table.
struct Row {
    expression: &'static str,
    input: &'static str,
    result: String,
}

fn rows() -> Vec<Row> {
    let lines = include_str!("n1.txt").lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let row = |line: &'static str| {
        let parts: Vec<&str> = line.split(" ¦ ").collect();
        let [expression, input, result] = parts.as_slice() else { panic!("{line}") };
        Row { expression, input, result: result.replace("\\n", "\n") }
    };
    lines.map(row).collect()
}

fn input(name: &str) -> &'static str {
    match name {
        "patient" => include_str!("patient.json"),
        "observation" => include_str!("observation.json"),
        "bundle" => include_str!("bundle.json"),
        "questionnaire" => include_str!("questionnaire.json"),
        _ => panic!("{name}"),
    }
}

/// Answers one question of each kind, so that asking is seen to happen.
struct Told<'a> {
    entries: InBundle<'a>,
    elsewhere: tree::Node<'a>,
}

impl<'a> Host<'a> for Told<'a> {
    fn resolve(&self, reference: &str) -> Option<tree::Node<'a>> {
        let elsewhere = (reference == "Organization/o9").then_some(self.elsewhere);
        self.entries.resolve(reference).or(elsewhere)
    }

    fn member_of(&self, item: &Item<'_>, value_set: &str) -> Option<bool> {
        (value_set == "urn:vs:gender").then(|| item.as_text().as_deref() == Some("female"))
    }

    fn conforms_to(&self, item: &Item<'_>, profile: &str) -> Option<bool> {
        (profile == "urn:profile").then(|| item.node().is_some_and(|node| node.of().is_a(TypeId::named("Patient"))))
    }

    fn subsumes(&self, ancestor: &Item<'_>, descendant: &Item<'_>) -> Option<bool> {
        // knows a code of the instance before one of the expression only
        ancestor.node()?;
        Some(ancestor.as_text() == descendant.as_text())
    }

    fn html_checks(&self, div: &str, _content: bool) -> Option<bool> {
        Some(div.starts_with("<div"))
    }

    fn variable(&self, name: &str) -> Option<Vec<Item<'a>>> {
        (name == "host").then(|| vec![Item::System(System::Text("told".into()))])
    }
}

fn told(item: &Item<'_>) -> String {
    match (item.system(), item) {
        (Some(System::Text(text)), _) => format!("'{text}'"),
        (Some(value @ System::Moment(_)), _) => format!("@{}", value.written()),
        (Some(value), _) => value.written(),
        (None, Item::Node(node)) => format!("a {}", node.of().name()),
        (None, Item::System(_)) => "nothing".to_owned(),
    }
}

fn answer(row: &Row, format: Format) -> String {
    let (name, path) = row.input.split_once('@').unwrap_or((row.input, "$this"));
    let (Ok(program), start) = (Program::compile(row.expression), Program::compile(path).unwrap()) else {
        return "unsupported".to_owned();
    };
    let limits = Limits::default();
    let bytes = match format {
        Format::Json => input(name).as_bytes().to_vec(),
        Format::Xml => write(&serde_json::from_str(input(name)).unwrap(), Format::Xml).unwrap(),
    };
    let tree = Tree::read(&bytes, format, &limits).unwrap();
    let elsewhere = br#"{"resourceType": "Organization", "id": "o9"}"#;
    let elsewhere = Tree::read(elsewhere, Format::Json, &limits).unwrap();
    let host = Told { entries: InBundle::of(tree.root()), elsewhere: elsewhere.root() };
    let now: jiff::Timestamp = "2026-11-22T09:30:00Z".parse().unwrap();
    let now = now.to_zoned(jiff::tz::TimeZone::UTC);
    let whole = Scope { now: Some(&now), ..Scope::of(tree.root(), &host) };
    let node: Node<'_> = start.evaluate(&whole).unwrap().first().and_then(Item::node).unwrap();
    match program.evaluate(&Scope { now: Some(&now), ..Scope::at(node, &host) }) {
        Err(_) => "error".to_owned(),
        Ok(items) if items.is_empty() => "empty".to_owned(),
        Ok(items) => items.iter().map(told).collect::<Vec<_>>().join(", "),
    }
}

fn wrong(format: Format) -> Vec<String> {
    let rows = rows();
    assert!(rows.len() > 500, "{}", rows.len());
    let wrong = rows.iter().filter_map(|row| {
        let found = answer(row, format);
        let Row { expression, input, result } = row;
        (found != *result).then(|| format!("{expression} on {input}\n  should be {result}\n  and is    {found}"))
    });
    wrong.collect()
}

#[test]
fn every_expression_of_the_table_has_the_result_the_specification_gives_it() {
    let wrong = wrong(Format::Json);
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_same_resources_in_xml_give_the_same_results() {
    let wrong = wrong(Format::Xml);
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
