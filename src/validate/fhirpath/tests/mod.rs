//! Verdicts, shapes against the evaluator, paths, limits, and arbitrary text: that there is always an answer, and one only.

mod limits;

use super::{Item, Node, Program, Scope, Verdict, path_of};
use crate::definitions::Definition;
use crate::fhir::tree::{Name, Tree};

/// The expressions of the table whose results `tests/it/fhirpath_cases` looks at.
fn expressions() -> Vec<String> {
    let lines = include_str!("../../../../tests/it/fhirpath_cases/n1.txt").lines();
    let rows = lines.filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" ¦ "));
    rows.map(|(expression, _)| expression.to_owned()).collect()
}

/// The invariants of the embedded definitions, each once.
fn invariants() -> std::collections::BTreeSet<String> {
    let mut out = std::collections::BTreeSet::new();
    for pack in crate::definitions::library::embedded_packs() {
        for row in pack.rows().filter(|row| row.kind == "StructureDefinition") {
            let Some(Definition::Profile(profile)) = pack.definition(&row) else { continue };
            let elements = profile.snapshot.into_iter().chain(profile.differential);
            out.extend(elements.flat_map(|element| element.constraints).filter_map(|rule| rule.expression));
        }
    }
    out
}

fn tree(text: &str) -> Tree<'_> {
    Tree::read(text.as_bytes(), crate::fhir::Format::Json, &crate::fhir::Limits::default()).unwrap()
}

fn instance() -> Tree<'static> {
    tree(include_str!("../../../../tests/it/fhirpath_cases/patient.json"))
}

#[test]
fn an_invariant_is_true_by_a_truth_value_or_by_what_there_is() {
    let instance = instance();
    for (expression, expected) in [
        ("active", "True"),
        ("active.not()", "False"),
        ("photo", "Empty"),
        ("gender", "True"),
        ("photo.matches('x')", "Empty"),
        ("name", "True"),
        ("name and active", "Error"),
        ("%nobody", "Error"),
    ] {
        let verdict = Program::compile(expression).unwrap().check(&Scope::of(instance.root(), &super::Alone));
        assert!(format!("{verdict:?}").starts_with(expected), "{expression}: {verdict:?}");
    }
}

#[test]
fn an_answer_by_shape_is_the_answer_of_the_evaluator_at_every_node() {
    let mut expressions = expressions();
    expressions.extend(invariants());
    let programs: Vec<Program> =
        expressions.iter().filter_map(|expression| Program::compile(expression).ok()).collect();
    assert!(programs.len() > 500, "{}", programs.len());
    let instance = instance();
    let mut nodes = vec![Node::resource(instance.root())];
    let mut at = 0;
    while let Some(node) = nodes.get(at) {
        nodes.extend(node.children().collect::<Vec<_>>());
        at += 1;
    }
    let mut seen = [0; 4];
    for program in &programs {
        for node in &nodes {
            let scope = Scope::at(*node, &super::Alone);
            let (direct, slow) = (program.check(&scope), program.check_slowly(&scope));
            assert_eq!(direct, slow, "{:?} at {node:?}", program.shape);
            seen[match direct {
                Verdict::True => 0,
                Verdict::False => 1,
                Verdict::Empty => 2,
                Verdict::Error(_) => 3,
            }] += 1;
        }
    }
    assert!(seen.iter().all(|count| *count > 1000), "{seen:?}");
}

#[test]
fn what_nobody_can_answer_is_a_fault_and_names_no_content() {
    let instance = instance();
    for expression in
        ["gender.memberOf('urn:x')", "text.htmlChecks()", "conformsTo('urn:x')", "now() > @2020", "name < 1"]
    {
        let verdict = Program::compile(expression).unwrap().check(&Scope::of(instance.root(), &super::Alone));
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
        let items = program.evaluate(&Scope::of(instance.root(), &super::Alone)).unwrap();
        let node = items.first().and_then(Item::node).unwrap();
        assert_eq!(path_of(instance.root(), node.at()).as_deref(), Some(path), "{expression}");
    }
    let other = tree(r#"{"resourceType": "Patient"}"#);
    assert_eq!(path_of(instance.root(), other.root()), None);
}

#[test]
fn children_carry_their_types_and_names() {
    let instance = instance();
    let patient = Node::resource(instance.root());
    let told: Vec<String> = patient
        .children()
        .map(|child| {
            let (again, name) = patient.named_child(child.at());
            assert_eq!(again, child);
            format!("{name} {} {}", child.at().written_name(), child.of().name())
        })
        .collect();
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

#[test]
fn a_scope_finds_the_resource_around_an_element_and_the_one_around_that() {
    let expressions = ["%resource.id = 'o1'", "%rootResource.id = 'p1'", "coding.exists()", "%context.coding.exists()"];
    let programs = expressions.map(|expression| Program::compile(expression).unwrap());
    let instance = instance();
    let contained = instance.root().all(Name::CONTAINED).nth(1).unwrap();
    let code = Node::resource(contained).children().find(|child| child.at().name() == Name::CODE).unwrap();
    let scope = Scope::at(code, &super::Alone);
    assert_eq!((scope.resource, scope.root), (contained, instance.root()));
    for (program, expression) in programs.iter().zip(expressions) {
        assert_eq!(program.check(&scope), Verdict::True, "{expression}");
    }
}
