//! FHIR XML bytes to the JSON form and back (<https://hl7.org/fhir/R4/xml.html>), over quick-xml and R4's element
//! tree.
//! Reading and writing are inverse; rules beyond structure are for `validate`.

pub mod div;
mod read;
#[cfg(test)]
pub(in crate::fhir) mod round_trip;
mod safe;
pub(in crate::fhir) mod text;
pub(in crate::fhir) mod tokens;
mod write;
pub(in crate::fhir) mod xhtml;

use serde_json::Value;

use super::Limits;
use super::source::decode;
use crate::model::Issue;

pub(super) use self::safe::refuse as refuse_narrative;
pub(super) use self::xhtml::embed as embed_narrative;

pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Value, Issue> {
    read::document(decode(bytes, limits)?, limits.depth())
}

pub(super) fn write(value: &Value) -> Result<Vec<u8>, Issue> {
    write::document(value).map(String::into_bytes)
}
