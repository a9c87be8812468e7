//! Invariants of R4 that were published with a wrong expression, and what the reference implementation runs instead.
//! The compiler itself stays with the specification; whoever loads definitions asks here first.

/// The expression to compile for an invariant: its own, or the corrected one where R4 4.0.1 has it wrong.
pub fn corrected<'e>(key: &str, expression: &'e str) -> &'e str {
    match (key, expression) {
        // without a probability the published one has no value
        ("ras-2", "probability is decimal implies (probability as decimal) <= 100") => {
            "probability.empty() or ((probability is decimal) implies ((probability as decimal) <= 100))"
        }
        // two conditions need a behaviour already
        ("que-12", "enableWhen.count() > 2 implies enableBehavior.exists()") => {
            "enableWhen.count() >= 2 implies enableBehavior.exists()"
        }
        // Boolean is FHIRPath's own type; an answer is FHIR's
        ("que-7", "operator = 'exists' implies (answer is Boolean)") => {
            "operator = 'exists' implies (answer is boolean)"
        }
        // written when a pattern had to match the whole text
        ("eld-19", _) => {
            r#"path.matches('^[^\\s\\.,:;\\\'"\\/|?!@#$%&*()\\[\\]{}]{1,64}(\\.[^\\s\\.,:;\\\'"\\/|?!@#$%&*()\\[\\]{}]{1,64}(\\[x\\])?(\\:[^\\s\\.]+)?)*$')"#
        }
        ("eld-20", _) => r"path.matches('^[A-Za-z][A-Za-z0-9]*(\\.[a-z][A-Za-z0-9]*(\\[x])?)*$')",
        // what is not there is not wrong: a reference by identifier, an entry without address
        ("ref-1", _) if expression.starts_with("reference.startsWith('#').not() or") => {
            "reference.empty() or reference.startsWith('#').not() or (reference.substring(1) in %rootResource.contained.id)"
        }
        ("bdl-8", "fullUrl.contains('/_history/').not()") => "fullUrl.empty() or fullUrl.contains('/_history/').not()",
        _ => expression,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::corrected;
    use crate::fhir::tree::{Name, Tree};
    use crate::validate::fhirpath::{Alone, Node, Program, Scope, TypeId, Verdict};

    fn verdict(expression: &str, node: &Value, of: &str) -> Verdict {
        // what matters is the type that the node is given, not where it stands
        let tree = Tree::of_value(&json!({"resourceType": "Basic", "code": node})).unwrap();
        let node = Node::element(tree.root().child(Name::CODE).unwrap(), TypeId::named(of));
        Program::compile(expression).unwrap().check(&Scope::at(node, &Alone))
    }

    #[test]
    fn corrected_invariants_hold_where_the_published_ones_had_no_value_or_were_wrong() {
        let table = [
            (
                "ras-2",
                "probability is decimal implies (probability as decimal) <= 100",
                "RiskAssessment.prediction",
                json!({}),
                json!({"probabilityDecimal": 101}),
            ),
            (
                "que-12",
                "enableWhen.count() > 2 implies enableBehavior.exists()",
                "Questionnaire.item",
                json!({"enableWhen": [{"operator": "="}]}),
                json!({"enableWhen": [{"operator": "="}, {"operator": ">"}]}),
            ),
            (
                "que-7",
                "operator = 'exists' implies (answer is Boolean)",
                "Questionnaire.item.enableWhen",
                json!({"operator": "exists", "answerBoolean": true}),
                json!({"operator": "exists", "answerString": "x"}),
            ),
            ("eld-19", "", "ElementDefinition", json!({"path": "Patient.name"}), json!({"path": "Patient .name"})),
            ("eld-20", "", "ElementDefinition", json!({"path": "Patient.value[x]"}), json!({"path": "1Patient"})),
            (
                "ref-1",
                "reference.startsWith('#').not() or (reference.substring(1).trace('url') in %rootResource.contained.id.trace('ids'))",
                "Reference",
                json!({"display": "x"}),
                json!({"reference": "#nobody"}),
            ),
            (
                "bdl-8",
                "fullUrl.contains('/_history/').not()",
                "Bundle.entry",
                json!({}),
                json!({"fullUrl": "urn:x/_history/1"}),
            ),
        ];
        for (key, published, of, sound, broken) in table {
            let expression = corrected(key, published);
            assert_ne!(expression, published);
            assert_eq!(verdict(expression, &sound, of), Verdict::True, "{key}");
            assert_eq!(verdict(expression, &broken, of), Verdict::False, "{key}");
        }
    }

    #[test]
    fn other_invariants_are_taken_as_they_are() {
        assert_eq!(corrected("per-1", "start <= end"), "start <= end");
        assert_eq!(corrected("ref-1", "reference.exists()"), "reference.exists()");
    }
}
