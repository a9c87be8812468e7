//! The table of expressions, the limits, and arbitrary text: what the evaluator answers and that it always answers.

mod limits;

use serde_json::{Value, json};

use super::{Host, InBundle, Item, Node, Program, Scope, Verdict, path_of};

/// Answers one question of each kind, so that asking is seen to happen.
struct Told<'a>(InBundle<'a>);

impl<'a> Host<'a> for Told<'a> {
    fn resolve(&self, reference: &str) -> Option<&'a Value> {
        self.0.resolve(reference)
    }

    fn member_of(&self, item: &Item<'a>, value_set: &str) -> Option<bool> {
        (value_set == "urn:vs:gender").then(|| item.as_text().as_deref() == Some("female"))
    }

    fn conforms_to(&self, item: &Item<'a>, profile: &str) -> Option<bool> {
        (profile == "urn:profile").then(|| item.node().is_some_and(|node| node.is_a("Patient")))
    }

    fn subsumes(&self, ancestor: &Item<'a>, descendant: &Item<'a>) -> Option<bool> {
        // knows a code of the instance before one of the expression only
        ancestor.node()?;
        Some(ancestor.as_text() == descendant.as_text())
    }

    fn html_checks(&self, div: &str, _content: bool) -> Option<bool> {
        Some(div.starts_with("<div"))
    }

    fn variable(&self, name: &str) -> Option<Vec<Item<'a>>> {
        (name == "host").then(|| vec![Item::text("told")])
    }
}

fn told(item: &Item<'_>) -> String {
    use super::System;
    match (item.system(), item) {
        (Some(System::Text(text)), _) => format!("'{text}'"),
        (Some(value @ System::Moment(_)), _) => format!("@{}", value.written()),
        (Some(value), _) => value.written(),
        (None, Item::Node(node)) => node.value().map_or_else(|| "a node".to_owned(), Value::to_string),
        (None, Item::System(_)) => "nothing".to_owned(),
    }
}

fn answer(expression: &str, instance: &Value, bundle: &Value) -> String {
    let Ok(program) = Program::compile(expression) else { return "unsupported".to_owned() };
    let host = Told(InBundle::of(bundle));
    let now: jiff::Timestamp = "2026-11-22T09:30:00Z".parse().unwrap();
    let now = now.to_zoned(jiff::tz::TimeZone::UTC);
    let scope = Scope { now: Some(&now), ..Scope::of(instance, &host) };
    match program.evaluate(&scope) {
        Err(_) => "error".to_owned(),
        Ok(items) if items.is_empty() => "empty".to_owned(),
        Ok(items) => items.iter().map(told).collect::<Vec<_>>().join(", "),
    }
}

/// The rows of the table; a line that is no row goes on with the row before.
fn rows() -> Vec<(String, String)> {
    let mut rows: Vec<(String, String)> = Vec::new();
    let lines = include_str!("expressions.txt").lines();
    for line in lines.filter(|line| !line.starts_with('#') && !line.is_empty()) {
        match (line.split_once(" ==> "), rows.last_mut()) {
            (Some((expression, expected)), _) => rows.push((expression.to_owned(), expected.to_owned())),
            (None, Some((_, expected))) => *expected = format!("{expected}\n{line}"),
            (None, None) => panic!("{line}"),
        }
    }
    rows
}

fn instance() -> Value {
    serde_json::from_str(include_str!("instance.json")).unwrap()
}

#[test]
fn every_expression_of_the_table_has_the_result_the_specification_gives_it() {
    let instance = instance();
    let bundle = json!({"entry": [{"resource": {"resourceType": "Organization", "id": "o9"}}]});
    let rows = rows();
    assert!(rows.len() > 400, "{}", rows.len());
    let mut wrong = Vec::new();
    for (expression, expected) in &rows {
        let found = answer(expression, &instance, &bundle);
        if found != *expected {
            wrong.push(format!("{expression}\n  should be {expected}\n  and is    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn an_invariant_is_true_only_by_the_rule_for_single_items() {
    let instance = instance();
    for (expression, expected) in [
        ("active", "True"),
        ("active.not()", "False"),
        ("photo", "Empty"),
        ("gender", "True"),
        ("photo.matches('x')", "Empty"),
        ("name", "Error"),
        ("%nobody", "Error"),
    ] {
        let verdict = Program::compile(expression).unwrap().check(&Scope::of(&instance, &super::Alone));
        assert!(format!("{verdict:?}").starts_with(expected), "{expression}: {verdict:?}");
    }
}

#[test]
fn what_nobody_can_answer_is_a_fault_and_names_no_content() {
    let instance = instance();
    for expression in
        ["gender.memberOf('urn:x')", "text.htmlChecks()", "conformsTo('urn:x')", "now() > @2020", "name < 1"]
    {
        let verdict = Program::compile(expression).unwrap().check(&Scope::of(&instance, &super::Alone));
        let Verdict::Error(fault) = verdict else { panic!("{expression}: {verdict:?}") };
        assert!(!format!("{fault} {fault:?}").contains("Ashworth"), "{expression}");
    }
}

#[test]
fn a_node_is_found_again_by_its_path() {
    let instance = instance();
    for (expression, path) in [
        ("$this", "Patient"),
        ("name[1].given", "Patient.name[1].given[0]"),
        ("name[0].given[1]", "Patient.name[0].given[1]"),
        ("deceased", "Patient.deceased"),
        ("language", "Patient.language"),
        ("contained[1].value.code", "Patient.contained[1].value.code"),
        ("birthDate.extension.value", "Patient.birthDate.extension[0].value"),
    ] {
        let program = Program::compile(expression).unwrap();
        let items = program.evaluate(&Scope::of(&instance, &super::Alone)).unwrap();
        let node = items.first().and_then(Item::node).unwrap();
        assert_eq!(path_of(&instance, node).as_deref(), Some(path), "{expression}");
    }
    assert_eq!(path_of(&instance, &Node::resource(&json!({"resourceType": "Patient"}))), None);
}

#[test]
fn children_carry_their_types_and_names() {
    let instance = instance();
    let patient = Node::resource(&instance);
    let told: Vec<String> =
        patient.children().iter().map(|c| format!("{} {} {}", c.name, c.key, c.node.type_name())).collect();
    for expected in [
        "deceased deceasedDateTime dateTime",
        "birthDate birthDate date",
        "language language code",
        "contact contact Patient.contact",
        "contained contained Observation",
    ] {
        assert!(told.iter().any(|one| one == expected), "{expected}: {told:?}");
    }
}
