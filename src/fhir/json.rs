//! FHIR JSON bytes to a value and back.
use super::Limits;
use crate::model::{Issue, IssueCode};
use serde_json::Value;
pub(super) fn read(bytes: &[u8], _limits: &Limits) -> Result<Value, Issue> {
    serde_json::from_slice(bytes).map_err(|e| Issue::error(IssueCode::Structure, e.to_string()))
}
pub(super) fn write(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}
