//! That nothing makes the evaluator panic, overflow its stack or run on: hostile expressions, deep and large resources.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{Alone, Fault, Program, Scope, Verdict};
use super::{expressions, instance};
use crate::fhir::tree::Tree;
use crate::fhir::{Format, Limits};

fn check(expression: &str, instance: &Tree<'_>) -> Verdict {
    Program::compile(expression).unwrap().check(&Scope::of(instance.root(), &Alone))
}

#[test]
fn expressions_that_would_never_end_are_stopped() {
    let instance = instance();
    for expression in [
        "1.repeat($this + 1).count() > 0",
        "descendants().aggregate($total & $total & 'aaaaaaaaaaaaaaa', 'a').length() > 0",
    ] {
        let verdict = check(expression, &instance);
        assert_eq!(verdict, Verdict::Error(Fault::TooMuchWork), "{expression}");
    }
}

#[test]
fn a_very_deep_resource_is_followed_to_its_end() {
    // the deepest that is read at all
    let depth = 55;
    let text = r#"{"resourceType": "Patient", "extension": ["#.to_owned()
        + &r#"{"extension": ["#.repeat(depth)
        + r#"{"url": "x", "valueString": "deep"}"#
        + &"]}".repeat(depth + 1);
    let limits = Limits { max_depth: 2 * depth + 10, ..Limits::default() };
    let patient = Tree::read(text.as_bytes(), Format::Json, &limits).unwrap();
    assert_eq!(check("descendants().where(url = 'x').count() = 1", &patient), Verdict::True);
    assert_eq!(check("repeat(extension).count() = 56", &patient), Verdict::True);
    assert_eq!(check("extension.combine(extension).isDistinct()", &patient), Verdict::False);
}

#[test]
fn deeply_nested_functions_stay_within_the_stack() {
    let instance = instance();
    let nested = |n: usize| "select(".repeat(n) + "$this" + &")".repeat(n);
    let chained = |n: usize| "name".to_owned() + &".select($this)".repeat(n) + ".exists()";
    let both = "name".to_owned() + &format!(".where({}.exists())", nested(20)).repeat(20);
    for expression in [nested(40), chained(90), both, "name.select(".repeat(45) + "id" + &")".repeat(45)] {
        if let Ok(program) = Program::compile(&expression) {
            let verdict = program.check(&Scope::of(instance.root(), &Alone));
            assert!(!matches!(verdict, Verdict::Error(Fault::TooMuchWork)), "{verdict:?}");
        }
    }
}

#[test]
fn large_collections_do_not_cost_their_square() {
    let contained: Vec<Value> =
        (0..20_000).map(|n| json!({"resourceType": "Basic", "id": format!("c{n}"), "code": {"text": "x"}})).collect();
    let links: Vec<Value> = (0..20_000).map(|n| json!({"reference": format!("#c{n}")})).collect();
    let patient = json!({"resourceType": "Patient", "contained": contained, "generalPractitioner": links});
    let patient = Tree::of_value(&patient).unwrap();
    let started = std::time::Instant::now();
    for expression in [
        "contained.id.isDistinct()",
        "contained.all('#' + id in %resource.generalPractitioner.reference)",
        "generalPractitioner.reference.intersect(contained.select('#' + id)).count() = 20000",
        "(contained.id | contained.id).count() = 20000",
    ] {
        assert_eq!(check(expression, &patient), Verdict::True, "{expression}");
    }
    // linear work takes a second or two in a debug build; quadratic work takes minutes
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}

fn pieces() -> Vec<String> {
    let words = [
        "(",
        ")",
        ".",
        ",",
        "[",
        "]",
        "{}",
        "$this",
        "$index",
        "%resource",
        "%",
        "'a'",
        "1",
        "1.5",
        "@2015",
        "@T10",
        "-",
        "is",
        "as",
        "Patient",
        "and",
        " ",
    ];
    words.iter().map(|word| (*word).to_owned()).chain(expressions()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,60}") {
        if let Ok(program) = Program::compile(&text) {
            let instance = instance();
            let _: Verdict = program.check(&Scope::of(instance.root(), &Alone));
        }
    }

    #[test]
    fn arbitrary_pieces_of_expressions_never_panic(parts in proptest::collection::vec(proptest::sample::select(pieces()), 1..6)) {
        for between in ["", " ", ".", " and ", " | ", " + "] {
            if let Ok(program) = Program::compile(&parts.join(between)) {
                let instance = instance();
            let _: Verdict = program.check(&Scope::of(instance.root(), &Alone));
            }
        }
    }
}
