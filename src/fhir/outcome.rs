//! Findings as a FHIR OperationOutcome (<https://hl7.org/fhir/R4/operationoutcome.html>).

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::codes;
use crate::model::Issue;

/// HL7's extensions for the place of an issue in the source, and for what it comes of.
const ISSUE_LINE: &str = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line";
const ISSUE_COLUMN: &str = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-col";
const ISSUE_SOURCE: &str = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-source";

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

/// The rule is a coding of `details`, its profile the source; who reads neither has all of it in `diagnostics`.
fn render(issue: &Issue) -> Value {
    let mut out = Map::new();
    let mut extensions = Vec::new();
    if let Some((line, column)) = issue.position {
        extensions.push(json!({"url": ISSUE_LINE, "valueInteger": line}));
        // a string, unlike the line: so HL7's definition has it
        extensions.push(json!({"url": ISSUE_COLUMN, "valueString": column.to_string()}));
    }
    let detail = issue.detail.as_deref().cloned().unwrap_or_default();
    if let Some(profile) = detail.profile {
        extensions.push(json!({"url": ISSUE_SOURCE, "valueString": profile}));
    }
    if !extensions.is_empty() {
        out.insert("extension".into(), extensions.into());
    }
    out.insert("severity".into(), issue.severity.code().into());
    out.insert("code".into(), issue.code.code().into());
    let mut details = Map::new();
    if let Some(rule) = issue.rule.as_ref().filter(|rule| !rule.is_empty()) {
        details.insert("coding".into(), json!([{"system": format!("{}/CodeSystem/rule", codes::BASE), "code": rule}]));
    }
    details.insert("text".into(), issue.text.clone().into());
    out.insert("details".into(), details.into());
    let mut text = issue.text.clone();
    for (name, said) in [("Expected", detail.expected), ("Found", detail.found)] {
        // the text may have said it already
        if let Some(said) = said.filter(|said| !issue.text.contains(said.as_str())) {
            // writing to a string cannot fail
            let _: std::fmt::Result = write!(text, " {name}: {said}.");
        }
    }
    if let Some((line, column)) = issue.position {
        let _: std::fmt::Result = write!(text, " (line {line}, column {column})");
    }
    out.insert("diagnostics".into(), text.into());
    if let Some((line, column)) = issue.position {
        out.insert("location".into(), json!([format!("Line {line}, column {column}")]));
    }
    if let Some(path) = &issue.path {
        out.insert("expression".into(), json!([path]));
    }
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use super::operation_outcome;
    use crate::fhir::{Format, Limits, read, strict, write};
    use crate::model::{Detail, Issue, IssueCode, Severity};

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
        let mut issue = Issue::error(IssueCode::Value, "Wrong.").at("Patient.active").position(2, 5).rule("r-1");
        let (profile, expected) = (Some("http://a.example/P|1.0".to_owned()), Some("a boolean".to_owned()));
        issue.detail = Some(Box::new(Detail { profile, expected, found: Some("Wrong".to_owned()) }));
        let outcome = operation_outcome(&[issue]);
        let at = |pointer: &str| outcome.pointer(&format!("/issue/0/{pointer}")).cloned().unwrap_or_default();
        assert_eq!(at("severity"), "error");
        assert_eq!(at("code"), "value");
        assert_eq!(at("diagnostics"), "Wrong. Expected: a boolean. (line 2, column 5)");
        assert_eq!(at("details/text"), "Wrong.");
        assert_eq!(at("location/0"), "Line 2, column 5");
        assert_eq!(at("extension/2/valueString"), "http://a.example/P|1.0");
        assert_eq!(at("expression/0"), "Patient.active");
        assert_eq!(at("extension/0/valueInteger"), 2);
        assert_eq!(at("extension/1/valueString"), "5");
        assert_eq!(at("details/coding/0/code"), "r-1");
    }
}
