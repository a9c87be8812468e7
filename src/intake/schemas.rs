//! JSON Schemas of the native documents, compiled once, and their findings in plain English.
//! The only user of `jsonschema`. Findings say what was expected and where; they never quote what was received.

use std::collections::BTreeMap;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{Draft, Registry, ValidationError, Validator};
use serde_json::Value;

use crate::documents;
use crate::fhir::locate;
use crate::model::{Category, DocumentKind, Issue, IssueCode};

/// Findings given at most, so that an answer stays readable.
const MOST: usize = 100;

/// The compiled schemas, one a document kind.
#[derive(Debug)]
pub struct Schemas {
    compiled: BTreeMap<DocumentKind, Compiled>,
    /// The parts that documents share, which their schemas refer to by address.
    parts: Value,
}

#[derive(Debug)]
struct Compiled {
    validator: Validator,
    /// The schema itself, for the words it has about what it expects.
    schema: Value,
}

/// Why schemas could not be loaded: a fault of ours or of the site's configuration.
#[derive(Debug, thiserror::Error)]
pub enum SchemaFault {
    #[error("the schema of {0:?} is not JSON")]
    NotJson(DocumentKind, #[source] serde_json::Error),
    #[error("the schema of the shared parts cannot be used")]
    Parts(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("a schema cannot be used")]
    Shape(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the schema of {0:?} is not a JSON Schema 2020-12")]
    NotASchema(DocumentKind, #[source] Box<ValidationError<'static>>),
}

impl SchemaFault {
    #[must_use]
    pub const fn category(&self) -> Category {
        match self {
            Self::NotJson(..) | Self::Parts(..) | Self::Shape(..) | Self::NotASchema(..) => Category::Internal,
        }
    }
}

impl Schemas {
    /// Compiles schemas given as text.
    ///
    /// # Errors
    /// The first text that is not a JSON Schema 2020-12.
    pub fn load(schemas: &[(DocumentKind, &str)]) -> Result<Self, SchemaFault> {
        let fault = |error: Box<dyn std::error::Error + Send + Sync>| SchemaFault::Parts(error);
        let parts: Value = serde_json::from_str(documents::parts::SCHEMA).map_err(|error| fault(error.into()))?;
        let registry =
            Registry::new().add(address(&parts), parts.clone()).and_then(jsonschema::RegistryBuilder::prepare);
        let registry = registry.map_err(|error| fault(error.into()))?;
        let mut compiled = BTreeMap::new();
        for (kind, text) in schemas {
            let schema: Value = serde_json::from_str(text).map_err(|e| SchemaFault::NotJson(*kind, e))?;
            let validator = jsonschema::options()
                .with_draft(Draft::Draft202012)
                .should_validate_formats(true)
                .with_registry(&registry)
                .build(&schema)
                .map_err(|e| SchemaFault::NotASchema(*kind, Box::new(e)))?;
            compiled.insert(*kind, Compiled { validator, schema });
        }
        Ok(Self { compiled, parts })
    }

    /// Every fault of a document, each with its JSON pointer and, found in the bytes, line and column.
    #[must_use]
    pub fn check(&self, kind: DocumentKind, document: &Value, bytes: &[u8]) -> Vec<Issue> {
        self.check_inside(kind, document, bytes, "")
    }

    /// As [`Self::check`], of a document that stands in a larger JSON text, at the place the pointer names.
    #[must_use]
    pub fn check_inside(&self, kind: DocumentKind, document: &Value, bytes: &[u8], place: &str) -> Vec<Issue> {
        let Some(Compiled { validator, schema }) = self.compiled.get(&kind) else {
            let text = format!("Documents of kind {} are not accepted here.", kind.code());
            return vec![Issue::error(IssueCode::NotSupported, text).at(place)];
        };
        faults(validator, Words { own: schema, parts: &self.parts }, document, bytes, place)
    }
}

/// A JSON Schema by itself, of something that is no document.
#[derive(Debug)]
pub struct Shape(Compiled);

impl Shape {
    /// Compiles a schema given as text.
    ///
    /// # Errors
    /// The text is no JSON Schema 2020-12.
    pub fn load(text: &str) -> Result<Self, SchemaFault> {
        let fault = |error: Box<dyn std::error::Error + Send + Sync>| SchemaFault::Shape(error);
        let schema: Value = serde_json::from_str(text).map_err(|error| fault(error.into()))?;
        let options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
        let validator = options.build(&schema).map_err(|error| fault(error.to_string().into()))?;
        Ok(Self(Compiled { validator, schema }))
    }

    /// Every fault, each with its JSON pointer, line and column.
    #[must_use]
    pub fn check(&self, value: &Value, bytes: &[u8]) -> Vec<Issue> {
        let Compiled { validator, schema } = &self.0;
        faults(validator, Words { own: schema, parts: schema }, value, bytes, "")
    }
}

fn faults(validator: &Validator, words: Words<'_>, value: &Value, bytes: &[u8], place: &str) -> Vec<Issue> {
    let mut issues: Vec<Issue> = Vec::new();
    for error in validator.iter_errors(value) {
        explain(&error, words, "", &mut issues);
        if issues.len() >= MOST {
            break;
        }
    }
    issues.truncate(MOST);
    for path in issues.iter_mut().filter_map(|issue| issue.path.as_mut()) {
        path.insert_str(0, place);
    }
    issues.into_iter().map(|issue| placed(issue, bytes)).collect()
}

/// The address a schema is known by.
fn address(schema: &Value) -> &str {
    schema.get("$id").and_then(Value::as_str).unwrap_or_default()
}

/// Gives a finding the line and column of what its pointer names, or of what holds it.
pub(super) fn placed(issue: Issue, bytes: &[u8]) -> Issue {
    // what is missing has no place of its own; what holds it has
    let mut pointer = issue.path.as_deref().unwrap_or_default();
    loop {
        if let Some((line, column)) = locate(bytes, pointer) {
            return issue.position(line, column);
        }
        match pointer.rfind('/') {
            Some(at) => pointer = pointer.get(..at).unwrap_or_default(),
            None => return issue,
        }
    }
}

/// Turns one schema error into findings. Where one of several forms was allowed, the form that came closest is explained.
fn explain(error: &ValidationError<'_>, words: Words<'_>, hint: &str, issues: &mut Vec<Issue>) {
    let path = error.instance_path().as_str();
    let mut add = |code, path: String, text: String| issues.push(Issue::error(code, format!("{text}{hint}")).at(path));
    match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            let closest = context.iter().max_by_key(|errors| closeness(errors, path));
            for inner in closest.into_iter().flatten() {
                explain(inner, words, " (Other forms are allowed here; this is the closest.)", issues);
            }
        }
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            add(IssueCode::Required, child(path, name), format!("{name} is required. Add it."));
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            for name in unexpected {
                let text = "This property is not known here. Check its spelling and place, or remove it.";
                add(IssueCode::Invalid, child(path, name), text.to_owned());
            }
        }
        kind => {
            let (code, mut text) = plain(kind);
            // a pattern is no plain English; what the schema says about the property is
            if let (ValidationErrorKind::Pattern { .. }, Some(described)) = (kind, words.about(error)) {
                text = format!("The value does not have the right shape: {described}");
            }
            add(code, path.to_owned(), text);
        }
    }
}

/// The schemas a keyword that failed may stand in.
#[derive(Clone, Copy)]
struct Words<'a> {
    own: &'a Value,
    parts: &'a Value,
}

impl<'a> Words<'a> {
    /// What the schema says about the property whose keyword failed.
    fn about(self, error: &ValidationError<'_>) -> Option<&'a str> {
        let location = error.absolute_keyword_location().map(jsonschema::Uri::as_str);
        let in_parts = location.and_then(|location| location.strip_prefix(address(self.parts))?.strip_prefix('#'));
        let (schema, pointer) = match in_parts {
            Some(pointer) => (self.parts, pointer),
            None => (self.own, error.schema_path().as_str()),
        };
        let (parent, _) = pointer.rsplit_once('/')?;
        // `$defs` may stand there in the percent-encoded form of a URI fragment
        schema.pointer(&parent.replace("%24", "$"))?.get("description")?.as_str()
    }
}

/// How likely it is that an alternative was meant: it has the right type, and its constants; then, the deeper its faults
/// lie the better, and the fewer.
fn closeness(errors: &[ValidationError<'_>], path: &str) -> (bool, bool, usize, std::cmp::Reverse<usize>) {
    let here = |error: &&ValidationError<'_>| error.instance_path().as_str() == path;
    let type_fits = !errors.iter().filter(here).any(|e| matches!(e.kind(), ValidationErrorKind::Type { .. }));
    let constants_fit = !errors.iter().any(|e| matches!(e.kind(), ValidationErrorKind::Constant { .. }));
    let depth = errors.iter().map(|e| e.instance_path().as_str().matches('/').count()).max().unwrap_or(0);
    (type_fits, constants_fit, depth, std::cmp::Reverse(errors.len()))
}

fn child(path: &str, name: &str) -> String {
    let name: String = name.chars().take(60).collect();
    format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// What a schema keyword asks for. Limits, options and patterns come from the schema, so they may be repeated.
fn plain(kind: &ValidationErrorKind) -> (IssueCode, String) {
    use ValidationErrorKind as Kind;
    match kind {
        Kind::Type { kind } => (IssueCode::Structure, format!("The value must be {}.", types(kind))),
        Kind::Enum { options } => (IssueCode::CodeInvalid, format!("The value must be one of {}.", listed(options))),
        Kind::Constant { expected_value } => (IssueCode::Value, format!("The value must be {expected_value}.")),
        Kind::Format { format } => (IssueCode::Value, format_text(format)),
        Kind::Pattern { pattern } => (IssueCode::Value, format!("The value does not have the right shape: {pattern}")),
        Kind::MinLength { limit: 1 } => {
            (IssueCode::Value, "The text is empty. Give a value or leave it out.".to_owned())
        }
        Kind::MinLength { limit } => (IssueCode::Value, format!("The text must have at least {limit} characters.")),
        Kind::MaxLength { limit } => (IssueCode::TooLong, format!("The text must have at most {limit} characters.")),
        Kind::MinItems { limit } => (IssueCode::Required, format!("At least {limit} item(s) are needed here.")),
        Kind::MaxItems { limit } => (IssueCode::Structure, format!("At most {limit} item(s) are allowed here.")),
        Kind::UniqueItems => (IssueCode::Duplicate, "The same item stands twice.".to_owned()),
        Kind::Minimum { limit } => (IssueCode::Value, format!("The number must be {limit} or more.")),
        Kind::Maximum { limit } => (IssueCode::Value, format!("The number must be {limit} or less.")),
        Kind::ExclusiveMinimum { limit } => (IssueCode::Value, format!("The number must be more than {limit}.")),
        Kind::ExclusiveMaximum { limit } => (IssueCode::Value, format!("The number must be less than {limit}.")),
        Kind::MultipleOf { multiple_of } => {
            (IssueCode::Value, format!("The number must be a multiple of {multiple_of}."))
        }
        Kind::MinProperties { limit } => {
            (IssueCode::Required, format!("At least {limit} propert(ies) are needed here."))
        }
        Kind::MaxProperties { limit } => {
            (IssueCode::Structure, format!("At most {limit} propert(ies) are allowed here."))
        }
        Kind::Contains => (IssueCode::Required, "An item that is needed here is missing.".to_owned()),
        Kind::AdditionalItems { limit } => (IssueCode::Structure, format!("At most {limit} item(s) are allowed here.")),
        Kind::UnevaluatedItems { .. } => {
            (IssueCode::Structure, "There are more items than are allowed here.".to_owned())
        }
        Kind::PropertyNames { .. } => {
            (IssueCode::Invalid, "A property has a name that is not allowed here.".to_owned())
        }
        Kind::FalseSchema | Kind::Not { .. } => (IssueCode::Invalid, "This is not allowed here.".to_owned()),
        Kind::OneOfMultipleValid { .. } => {
            (IssueCode::Invalid, "Two forms are mixed here of which only one may be used.".to_owned())
        }
        Kind::ContentEncoding { content_encoding } => {
            (IssueCode::Value, format!("The text must be in {content_encoding}."))
        }
        Kind::ContentMediaType { content_media_type } => {
            (IssueCode::Value, format!("The text must be {content_media_type}."))
        }
        // the first three are explained above; the others are faults in the schema or its engine, told without detail
        Kind::AnyOf { .. }
        | Kind::OneOfNotValid { .. }
        | Kind::Required { .. }
        | Kind::AdditionalProperties { .. }
        | Kind::UnevaluatedProperties { .. }
        | Kind::BacktrackLimitExceeded { .. }
        | Kind::RegexEngineFailure { .. }
        | Kind::Custom { .. }
        | Kind::FromUtf8 { .. }
        | Kind::Referencing(_) => (IssueCode::Invalid, "This does not have the form the schema asks for.".to_owned()),
    }
}

fn types(kind: &TypeKind) -> String {
    let named = |kind: jsonschema::types::JsonType| match kind.as_str() {
        "boolean" => "true or false".to_owned(),
        "integer" => "a whole number".to_owned(),
        "null" => "null".to_owned(),
        name @ ("object" | "array") => format!("an {name}"),
        name => format!("a {name}"),
    };
    match kind {
        TypeKind::Single(single) => named(*single),
        TypeKind::Multiple(several) => several.iter().map(named).collect::<Vec<_>>().join(" or "),
    }
}

fn listed(options: &Value) -> String {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    options.iter().map(|o| o.as_str().map_or_else(|| o.to_string(), str::to_owned)).collect::<Vec<_>>().join(", ")
}

fn format_text(format: &str) -> String {
    match format {
        "date" => "The value must be a date, written 2026-01-31.".to_owned(),
        "date-time" => "The value must be a date and time with time zone, written 2026-01-31T09:30:00Z.".to_owned(),
        "time" => "The value must be a time, written 09:30:00Z.".to_owned(),
        "email" => "The value must be an e-mail address.".to_owned(),
        "uri" => "The value must be an absolute URI.".to_owned(),
        "uuid" => "The value must be a UUID.".to_owned(),
        other => format!("The value must be a valid {other}."),
    }
}

#[cfg(test)]
mod tests {
    use super::{SchemaFault, Schemas, Shape};
    use crate::model::{DocumentKind, Issue};

    const SCHEMA: &str = r#"{
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": false,
        "required": ["id", "person"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "urgency": {"enum": ["routine", "urgent"]},
            "count": {"type": "integer", "minimum": 1, "maximum": 9},
            "notes": {"type": "array", "minItems": 1, "uniqueItems": true, "items": {"type": "string", "minLength": 1, "maxLength": 5}},
            "kind": {"const": "referral"},
            "contact": {"oneOf": [
                {"type": "object", "required": ["phone"], "properties": {"phone": {"type": "string", "pattern": "^[0-9 ]+$", "description": "Digits and spaces."}}, "additionalProperties": false},
                {"type": "null"}]},
            "person": {"type": "object", "required": ["born"], "properties": {
                "born": {"type": "string", "format": "date"}, "a/b": {"type": ["string", "boolean"]}}}
        }
    }"#;

    fn check(text: &str) -> Vec<Issue> {
        let schemas = Schemas::load(&[(DocumentKind::Referral, SCHEMA)]).unwrap();
        schemas.check(DocumentKind::Referral, &serde_json::from_str(text).unwrap(), text.as_bytes())
    }

    const PERSON: &str = r#""id": "6f3f1b8e-5f0c-4f57-9d5e-0d8f6f1f2a3b", "person": {"born": "1970-01-31"}"#;

    #[test]
    fn a_sound_document_has_no_findings() {
        assert_eq!(check(&format!("{{{PERSON}, \"contact\": null, \"kind\": \"referral\"}}")), []);
    }

    #[test]
    fn each_fault_says_what_was_expected_and_where() {
        let table = [
            (r#""urgency": "Zebedee""#, "code-invalid", "/urgency", "one of routine, urgent"),
            (r#""count": "Zebedee""#, "structure", "/count", "a whole number"),
            (r#""count": 0"#, "value", "/count", "1 or more"),
            (r#""count": 10"#, "value", "/count", "9 or less"),
            (r#""count": 1.5"#, "structure", "/count", "a whole number"),
            (r#""notes": []"#, "required", "/notes", "At least 1"),
            (r#""notes": ["a", ""]"#, "value", "/notes/1", "empty"),
            (r#""notes": ["Zebedee"]"#, "too-long", "/notes/0", "at most 5"),
            (r#""notes": ["a", "a"]"#, "duplicate", "/notes", "twice"),
            (r#""kind": "Zebedee""#, "value", "/kind", "\"referral\""),
            (r#""contact": {"phone": "Zebedee"}"#, "value", "/contact/phone", "Digits and spaces."),
            (r#""contact": {"phone": "1", "Fax": 1}"#, "invalid", "/contact/Fax", "not known"),
            (r#""colour": 1"#, "invalid", "/colour", "not known"),
            (r#""person": {"born": "Zebedee"}"#, "value", "/person/born", "2026-01-31"),
            (r#""person": {"born": "1970-02-30"}"#, "value", "/person/born", "date"),
            (r#""person": {}"#, "required", "/person/born", "born is required"),
            (r#""person": {"born": "1970-01-31", "a/b": 1}"#, "structure", "/person/a~1b", "or"),
            (r#""id": "Zebedee""#, "value", "/id", "UUID"),
        ];
        for (part, code, path, words) in table {
            let issues = check(&merged(part));
            let [issue] = issues.as_slice() else { panic!("{part}: {issues:?}") };
            assert_eq!((issue.code.code(), issue.path.as_deref()), (code, Some(path)), "{part}");
            assert!(issue.text.contains(words), "{part}: {}", issue.text);
            assert!(!issue.text.contains("Zebedee"), "{part}: {}", issue.text);
            assert!(issue.position.is_some(), "{part}");
        }
    }

    /// The sound document with one member put in or replaced.
    fn merged(part: &str) -> String {
        let mut document: serde_json::Value = serde_json::from_str(&format!("{{{PERSON}}}")).unwrap();
        let part: serde_json::Value = serde_json::from_str(&format!("{{{part}}}")).unwrap();
        document.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
        document.to_string()
    }

    #[test]
    fn all_faults_are_told_at_once_each_at_its_place() {
        let issues = check("{\n  \"count\": 0,\n  \"person\": {\n    \"born\": 1\n  },\n  \"x\": 2\n}");
        let mut found: Vec<_> = issues.iter().map(|i| (i.path.as_deref().unwrap(), i.position.unwrap())).collect();
        found.sort_unstable();
        assert_eq!(found, [("/count", (2, 12)), ("/id", (1, 1)), ("/person/born", (4, 13)), ("/x", (6, 8))]);
    }

    #[test]
    fn a_shared_part_is_explained_in_its_own_words() {
        let text =
            r#"{"properties": {"name": {"$ref": "https://fhir.cmht-gateway.example/schema/parts/v1#/$defs/line"}}}"#;
        let schemas = Schemas::load(&[(DocumentKind::SafetyPlan, text)]).unwrap();
        let document = serde_json::json!({"name": "a\nb"});
        let issues = schemas.check(DocumentKind::SafetyPlan, &document, document.to_string().as_bytes());
        assert!(issues.len() == 1 && issues[0].text.contains("no line breaks"), "{issues:?}");
    }

    #[test]
    fn a_kind_without_schema_is_not_accepted() {
        let schemas = Schemas::load(&[]).unwrap();
        let issues = schemas.check(DocumentKind::Referral, &serde_json::json!({}), b"{}");
        assert_eq!(issues[0].code.code(), "not-supported");
    }

    #[test]
    fn a_document_inside_a_text_is_told_of_where_it_stands() {
        let schemas = Schemas::load(&[(DocumentKind::Referral, SCHEMA)]).unwrap();
        let text = r#"{"document": {"id": "6f3f1b8e-5f0c-4f57-9d5e-0d8f6f1f2a3b", "person": {"born": 1}}}"#;
        let whole: serde_json::Value = serde_json::from_str(text).unwrap();
        let issues = schemas.check_inside(DocumentKind::Referral, &whole["document"], text.as_bytes(), "/document");
        assert_eq!(issues[0].path.as_deref(), Some("/document/person/born"));
        assert_eq!(issues[0].position, Some((1, 80)));
    }

    #[test]
    fn a_schema_by_itself_finds_the_faults_of_what_is_no_document() {
        let shape = Shape::load(r#"{"required": ["a"], "properties": {"b": {"type": "string"}}}"#).unwrap();
        let paths: Vec<_> =
            shape.check(&serde_json::json!({"b": 1}), b"{\"b\": 1}").into_iter().filter_map(|i| i.path).collect();
        assert_eq!(paths.len(), 2);
        assert!(paths.contains(&"/a".to_owned()) && paths.contains(&"/b".to_owned()), "{paths:?}");
        assert!(Shape::load("[").is_err());
    }

    #[test]
    fn what_is_not_a_schema_is_told_at_start() {
        let load = |text| Schemas::load(&[(DocumentKind::Referral, text)]).err().unwrap();
        assert!(matches!(load("{"), SchemaFault::NotJson(..)));
        assert!(matches!(load(r#"{"type": "nonsense"}"#), SchemaFault::NotASchema(..)));
    }
}
