//! fhirbolt's strict parse as a check.
use crate::model::{Issue, IssueCode};
use serde_json::Value;
/// Parses the value strictly with the typed R4 model.
///
/// # Errors
/// What fhirbolt refuses.
pub fn strict(value: &Value) -> Result<(), Issue> {
    let text = value.to_string();
    fhirbolt::json::from_str::<fhirbolt::model::r4::Resource>(&text, None)
        .map(drop)
        .map_err(|e| Issue::error(IssueCode::Structure, e.to_string()))
}
