//! FHIR XML bytes to the JSON form and back, through fhirbolt's generic element.
use super::Limits;
use crate::model::{Issue, IssueCode};
use fhirbolt::element::{Element, FhirReleases};
use serde_json::Value;
type R4 = Element<{ FhirReleases::R4 }>;
pub(super) fn read(bytes: &[u8], _limits: &Limits) -> Result<Value, Issue> {
    let e: R4 =
        fhirbolt::xml::from_slice(bytes, None).map_err(|e| Issue::error(IssueCode::Structure, e.to_string()))?;
    let j = fhirbolt::json::to_vec(&e, None).map_err(|e| Issue::error(IssueCode::Structure, e.to_string()))?;
    serde_json::from_slice(&j).map_err(|e| Issue::error(IssueCode::Structure, e.to_string()))
}
pub(super) fn write(value: &Value) -> Result<Vec<u8>, Issue> {
    let bytes = value.to_string();
    let e: R4 =
        fhirbolt::json::from_str(&bytes, None).map_err(|e| Issue::error(IssueCode::Structure, e.to_string()))?;
    fhirbolt::xml::to_vec(&e, None).map_err(|e| Issue::error(IssueCode::Structure, e.to_string()))
}
