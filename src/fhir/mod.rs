//! FHIR R4 on the wire: JSON and XML in and out, bundle access, codes, OperationOutcome.
//! Knows the format, not our documents, our rules or our partners.

pub mod build;
pub mod bundle;
pub mod codes;
mod encoding;
pub mod envelope;
pub mod facts;
pub mod headings;
pub mod identifier;
mod json;
pub mod outcome;
mod schema;
mod source;
mod strict;
mod structure;
pub mod tree;
mod xml;

use serde_json::Value;

use crate::model::Issue;

pub use bundle::{Bundle, resource_type};
pub use encoding::utf8;
pub use json::{locate, read_document};
pub use source::{show, shown};
pub use strict::strict;
pub use xml::div as xhtml;

/// The two FHIR wire formats the gateway speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    Json,
    Xml,
}

impl Format {
    /// Media type with which the gateway answers and sends (<https://hl7.org/fhir/R4/http.html#mime-type>).
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/fhir+json",
            Self::Xml => "application/fhir+xml",
        }
    }
}

/// How much input the gateway reads before it refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest body, in bytes.
    pub max_bytes: usize,
    /// Deepest nesting of objects, arrays or elements.
    pub max_depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 5 * 1024 * 1024, max_depth: 64 }
    }
}

/// Whether R4 has a resource type of this name.
#[must_use]
pub fn is_resource_type(name: &str) -> bool {
    schema::Place::resource(name).is_some()
}

/// Reads one resource from bytes into the FHIR JSON form, whichever format it came in.
///
/// # Errors
/// One issue with line and column: not UTF-8, not well formed, a key twice, too deep, a DOCTYPE, not a FHIR resource.
pub fn read(bytes: &[u8], format: Format, limits: &Limits) -> Result<Value, Issue> {
    match format {
        Format::Json => json::read(bytes, limits),
        Format::Xml => xml::read(bytes, limits),
    }
}

/// Writes one resource, held in the FHIR JSON form, as bytes of the wanted format.
///
/// # Errors
/// An issue where the value is not an R4 resource and so has no XML form; JSON always succeeds.
pub fn write(value: &Value, format: Format) -> Result<Vec<u8>, Issue> {
    match format {
        Format::Json => Ok(json::write(value)),
        Format::Xml => xml::write(value),
    }
}
