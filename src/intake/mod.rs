//! Bytes become parsed content here, or are refused: media type, size, nesting, well-formedness, JSON Schema, and spans
//! that end before they begin.
//! Pure: the caller has the bytes and the headers. Whether content is right is for `validate` to say.

mod media;
mod order;
mod schemas;

use serde_json::Value;

use crate::fhir::{self, Bundle, Limits};
use crate::model::{Category, DocumentKind, Issue, IssueCode};

pub use media::{accept_format, accept_named, accept_or_readable, fhir_format, json_only};
pub use schemas::{SchemaFault, Schemas, Shape};

/// Why content was not taken. Neither `Debug` nor `Display` shows the findings: they are for the caller's answer alone.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("refused as {category:?} with {} finding(s)", issues.len())]
pub struct Refusal {
    pub category: Category,
    pub issues: Vec<Issue>,
    /// Rules that refused it and that the sender is not told of (CS-22), for the audit record.
    pub unsaid: Vec<String>,
}

impl Refusal {
    #[must_use]
    pub fn new(category: Category, issues: Vec<Issue>) -> Self {
        Self { category, issues, unsaid: Vec::new() }
    }

    /// A refusal with one finding: what is wrong, and what to do.
    #[must_use]
    pub fn one(category: Category, code: IssueCode, text: impl Into<String>) -> Self {
        Self::new(category, vec![Issue::error(code, text)])
    }

    #[must_use]
    pub const fn category(&self) -> Category {
        self.category
    }

    /// A refusal by a reader: what could not be read is malformed, what could be read and is not FHIR is invalid.
    fn of_reading(issue: Issue) -> Self {
        let category = match issue.code {
            IssueCode::TooLong => Category::TooLarge,
            IssueCode::Structure => Category::Malformed,
            _ => Category::Invalid,
        };
        Self::new(category, vec![issue])
    }

    fn of_media_type(issue: Issue) -> Self {
        Self::new(Category::UnsupportedMediaType, vec![issue])
    }
}

impl std::fmt::Debug for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let codes: Vec<_> = self.issues.iter().map(|issue| issue.code.code()).collect();
        f.debug_struct("Refusal").field("category", &self.category).field("codes", &codes).finish_non_exhaustive()
    }
}

/// Reads a FHIR message (`POST /fhir/$process-message`, <https://hl7.org/fhir/R4/messageheader-operation-process-message.html>).
///
/// # Errors
/// Wrong media type, too large, not readable, or readable and not a Bundle.
pub fn fhir_message(bytes: &[u8], content_type: Option<&str>, limits: &Limits) -> Result<Bundle, Refusal> {
    let format = fhir_format(content_type).map_err(Refusal::of_media_type)?;
    let value = fhir::read(bytes, format, limits).map_err(Refusal::of_reading)?;
    Bundle::new(value).map_err(|issue| Refusal::new(Category::Invalid, vec![issue]))
}

/// What came in at `POST /documents/{kind}`.
#[derive(Debug, Clone, PartialEq)]
pub enum Incoming {
    /// A native document that fits the schema of its kind.
    Native(Value),
    /// A FHIR Bundle; which kind of document it is has not been looked at.
    Fhir(Bundle),
}

/// Reads a document in either form: FHIR by its media type, or by being a resource where the type is plain JSON.
///
/// # Errors
/// As [`fhir_message`] and [`native`].
pub fn document(
    schemas: &Schemas,
    kind: DocumentKind,
    bytes: &[u8],
    content_type: Option<&str>,
    limits: &Limits,
) -> Result<Incoming, Refusal> {
    let plain = media::json_only(content_type);
    if let Err(issue) = plain {
        // Neither form: told of both.
        fhir_format(content_type).map_err(|_| Refusal::of_media_type(issue))?;
        return fhir_message(bytes, content_type, limits).map(Incoming::Fhir);
    }
    let value = fhir::read_document(bytes, limits).map_err(Refusal::of_reading)?;
    if value.get("resourceType").is_some() {
        return fhir_message(bytes, content_type, limits).map(Incoming::Fhir);
    }
    fitting(schemas, kind, value, bytes).map(Incoming::Native)
}

/// Reads a native document and checks it against the JSON Schema of its kind.
///
/// # Errors
/// Wrong media type, too large, not readable, or every fault the schema finds.
pub fn native(
    schemas: &Schemas,
    kind: DocumentKind,
    bytes: &[u8],
    content_type: Option<&str>,
    limits: &Limits,
) -> Result<Value, Refusal> {
    media::json_only(content_type).map_err(Refusal::of_media_type)?;
    let value = fhir::read_document(bytes, limits).map_err(Refusal::of_reading)?;
    fitting(schemas, kind, value, bytes)
}

fn fitting(schemas: &Schemas, kind: DocumentKind, value: Value, bytes: &[u8]) -> Result<Value, Refusal> {
    let mut issues = schemas.check(kind, &value, bytes);
    if issues.is_empty() {
        issues = order::check(&value).into_iter().map(|issue| schemas::placed(issue, bytes)).collect();
    }
    if issues.is_empty() { Ok(value) } else { Err(Refusal::new(Category::Invalid, issues)) }
}

#[cfg(test)]
mod tests {
    use super::{Refusal, fhir_message, native};
    use crate::fhir::Limits;
    use crate::intake::Schemas;
    use crate::model::{Category, DocumentKind};

    #[test]
    fn each_kind_of_refusal_has_its_category() {
        let json = Some("application/fhir+json");
        let small = Limits { max_bytes: 40, max_depth: 3 };
        let table: [(&str, Option<&str>, Category); 9] = [
            ("{\"resourceType\":\"Bundle\"}", None, Category::UnsupportedMediaType),
            ("{\"resourceType\":\"Bundle\"}", Some("text/plain"), Category::UnsupportedMediaType),
            ("{\"resourceType\":\"Bundle\"", json, Category::Malformed),
            ("<Bundle/>", json, Category::Malformed),
            ("{\"resourceType\":\"Bundel\"}", json, Category::Invalid),
            ("{\"resourceType\":\"Patient\"}", json, Category::Invalid),
            ("{}", json, Category::Invalid),
            ("{\"resourceType\":\"Bundle\",\"id\":\"0123456789\"}", json, Category::TooLarge),
            ("{\"entry\":[[[[]]]]}", json, Category::TooLarge),
        ];
        for (body, content_type, category) in table {
            let refusal = fhir_message(body.as_bytes(), content_type, &small).unwrap_err();
            assert_eq!(refusal.category(), category, "{body}");
            assert_eq!(refusal.issues.len(), 1, "{body}");
        }
    }

    #[test]
    fn a_bundle_is_read_in_either_format() {
        let json = fhir_message(
            b"{\"resourceType\":\"Bundle\",\"type\":\"message\"}",
            Some("application/json"),
            &Limits::default(),
        );
        let xml = "<Bundle xmlns=\"http://hl7.org/fhir\"><type value=\"message\"/></Bundle>";
        let xml = fhir_message(xml.as_bytes(), Some("application/fhir+xml; charset=UTF-8"), &Limits::default());
        assert_eq!(json.unwrap(), xml.unwrap());
    }

    #[test]
    fn what_ends_before_it_begins_is_refused_by_its_native_name_and_place() {
        let schemas = Schemas::load(&[(DocumentKind::Referral, r#"{"type": "object"}"#)]).unwrap();
        let body = b"{\"consent\": {\"objections\": [\n  {\"from\": \"2026-11-02\", \"until\": \"2026-11-01\"}]}}";
        let refusal =
            native(&schemas, DocumentKind::Referral, body, Some("application/json"), &Limits::default()).unwrap_err();
        assert_eq!(refusal.category(), Category::Invalid);
        let [issue] = &refusal.issues[..] else { panic!("{} findings", refusal.issues.len()) };
        assert_eq!(issue.path.as_deref(), Some("/consent/objections/0/until"));
        assert_eq!(issue.position.map(|(line, _)| line), Some(2));
        assert_eq!(issue.text, "This ends before it begins: until must not be earlier than from.");
    }

    #[test]
    fn a_refusal_shows_no_findings_in_logs() {
        let schema = r#"{"type": "object", "required": ["reason"]}"#;
        let schemas = Schemas::load(&[(DocumentKind::Referral, schema)]).unwrap();
        let body = b"{\"Zebedee\": 1}";
        let refusal: Refusal =
            native(&schemas, DocumentKind::Referral, body, Some("application/json"), &Limits::default()).unwrap_err();
        assert_eq!(refusal.category(), Category::Invalid);
        let logged = format!("{refusal} {refusal:?}");
        assert!(!logged.contains("Zebedee") && !logged.contains("reason"), "{logged}");
    }
}
