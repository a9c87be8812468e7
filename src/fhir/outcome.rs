//! Findings as a FHIR OperationOutcome (<https://hl7.org/fhir/R4/operationoutcome.html>).

use serde_json::{Map, Value, json};

use super::codes;
use crate::model::Issue;

/// Renders findings as an OperationOutcome; without findings it says that all is well.
#[must_use]
pub fn operation_outcome(issues: &[Issue]) -> Value {
    let rendered: Vec<Value> = if issues.is_empty() {
        vec![json!({"severity": "information", "code": "informational", "diagnostics": "No problems found."})]
    } else {
        issues.iter().map(render).collect()
    };
    json!({"resourceType": "OperationOutcome", "issue": rendered})
}

fn render(issue: &Issue) -> Value {
    let mut out = Map::new();
    out.insert("severity".into(), issue.severity.code().into());
    out.insert("code".into(), issue.code.code().into());
    if let Some(rule) = &issue.rule {
        out.insert(
            "details".into(),
            json!({"coding": [{"system": format!("{}/CodeSystem/rule", codes::BASE), "code": rule}]}),
        );
    }
    let text = match issue.position {
        Some((line, column)) => format!("{} (line {line}, column {column})", issue.text),
        None => issue.text.clone(),
    };
    out.insert("diagnostics".into(), text.into());
    if let Some(path) = &issue.path {
        out.insert("expression".into(), json!([path]));
    }
    Value::Object(out)
}
