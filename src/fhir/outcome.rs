//! Findings as a FHIR OperationOutcome (<https://hl7.org/fhir/R4/operationoutcome.html>).

use serde_json::{Map, Value, json};

use super::codes;
use crate::model::Issue;

/// HL7's extensions for the place of an issue in the source.
const ISSUE_LINE: &str = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line";
const ISSUE_COLUMN: &str = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-col";

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
    if let Some((line, column)) = issue.position {
        out.insert(
            "extension".into(),
            json!([{"url": ISSUE_LINE, "valueInteger": line}, {"url": ISSUE_COLUMN, "valueInteger": column}]),
        );
    }
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

#[cfg(test)]
mod tests {
    use super::operation_outcome;
    use crate::fhir::{Format, Limits, read, strict, write};
    use crate::model::{Issue, IssueCode, Severity};

    #[test]
    fn an_outcome_is_sound_r4_and_survives_xml_whatever_the_findings_say() {
        let nasty = Issue::new(Severity::Fatal, IssueCode::Structure, "a < b & \"c\"\n\u{FFFD}")
            .at("Patient.name[0]")
            .position(3, 14)
            .rule("bdl-7");
        for issues in [vec![], vec![nasty, Issue::warning(IssueCode::Value, "x")]] {
            let outcome = operation_outcome(&issues);
            assert_eq!(strict(&outcome), []);
            let xml = write(&outcome, Format::Xml).unwrap();
            assert_eq!(read(&xml, Format::Xml, &Limits::default()).unwrap(), outcome);
        }
    }

    #[test]
    fn a_finding_says_what_and_where() {
        let issue = Issue::error(IssueCode::Value, "Wrong.").at("Patient.active").position(2, 5).rule("r-1");
        let outcome = operation_outcome(&[issue]);
        let at = |pointer: &str| outcome.pointer(&format!("/issue/0/{pointer}")).cloned().unwrap_or_default();
        assert_eq!(at("severity"), "error");
        assert_eq!(at("code"), "value");
        assert_eq!(at("diagnostics"), "Wrong. (line 2, column 5)");
        assert_eq!(at("expression/0"), "Patient.active");
        assert_eq!(at("extension/0/valueInteger"), 2);
        assert_eq!(at("extension/1/valueInteger"), 5);
        assert_eq!(at("details/coding/0/code"), "r-1");
    }
}
