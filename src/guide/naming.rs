//! NamingSystems (<https://hl7.org/fhir/R4/namingsystem.html>): the identifier systems that are ours.

use serde_json::{Value, json};

use super::publication::{begin, published};
use crate::fhir::build::put;
use crate::fhir::codes;

/// Identifier systems of ours: id, address, title, what it identifies.
const SYSTEMS: &[(&str, &str, &str, &str)] = &[
    (
        "document-id",
        codes::DOCUMENT_ID,
        "Document identifier",
        "Identifies a document or message within the organisation that sent it, where the sender uses no system of its \
         own. Two senders may use the same value.",
    ),
    (
        "party-id",
        codes::PARTY_ID,
        "Directory entry",
        "Identifies an organisation or team that has no ODS code, by its name in the gateway's directory.",
    ),
    (
        "directory-id",
        codes::DIRECTORY_ID,
        "Part of a directory",
        "Identifies a place, a role, a person or a sharing agreement by its name in the gateway's directory, after the \
         section it is in.",
    ),
];

pub(super) fn resources() -> Vec<Value> {
    SYSTEMS.iter().map(|(id, url, title, words)| system(id, url, title, words)).collect()
}

fn system(id: &str, url: &str, title: &str, words: &str) -> Value {
    let mut out = begin("NamingSystem", id, title, words);
    put(&mut out, "kind", "identifier");
    published(&mut out, words);
    put(&mut out, "uniqueId", json!([{"type": "uri", "value": url, "preferred": true}]));
    Value::Object(out)
}
