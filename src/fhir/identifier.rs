//! Identifiers as they are kept and compared: one string for system and value, and back. What an identifier is of, and
//! whether it is known, is not said here.

use serde_json::Value;

/// Stands before the bare id of what has no identifier.
const ID: &str = "id";

/// `system|value`. A `|` in the system is written `%7C`, so that the first `|` ends the system and no two identifiers make
/// one key.
#[must_use]
pub fn key(system: &str, value: &str) -> String {
    format!("{}|{value}", system.replace('|', "%7C"))
}

/// The key of an Identifier element; `None` without a value (<https://hl7.org/fhir/R4/datatypes.html#Identifier>).
#[must_use]
pub fn key_of(identifier: &Value) -> Option<String> {
    let value = identifier.get("value")?.as_str()?;
    Some(key(identifier.get("system").and_then(Value::as_str).unwrap_or_default(), value))
}

/// The key of what is known by its id alone.
#[must_use]
pub fn key_of_id(id: &str) -> String {
    format!("{ID}|{id}")
}

/// System and value of a key; an id has no system.
#[must_use]
pub fn split(key: &str) -> (&str, &str) {
    match key.split_once('|') {
        Some((system, value)) if system != ID => (system, value),
        Some((_, value)) => ("", value),
        None => ("", key),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{key_of, key_of_id, split};

    #[test]
    fn no_two_identifiers_make_one_key_and_an_id_has_no_system() {
        let key = |system: &str, value: &str| key_of(&json!({"system": system, "value": value})).unwrap();
        assert_eq!(key("urn:a|b", "c"), "urn:a%7Cb|c");
        assert_ne!(key("urn:a|b", "c"), key("urn:a", "b|c"));
        assert_eq!(key_of(&json!({"value": "v"})).as_deref(), Some("|v"));
        assert_eq!(key_of(&json!({"system": "urn:a"})), None);
        assert_eq!(split("urn:a|b|c"), ("urn:a", "b|c"));
        assert_eq!(split(&key_of_id("m-1")), ("", "m-1"));
    }
}
