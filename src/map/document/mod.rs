//! Plans and letters ⇄ FHIR document Bundle (`design.md`, "FHIR form"; <https://hl7.org/fhir/R4/documents.html>), by
//! the table each document declares. Native → FHIR → native is the identity. FHIR → native takes documents by others as
//! they come and reports what has no place. One data category a resource and a section, so that `consent` can withhold
//! either whole.

mod composition;
mod content;
mod fields;
mod kinds;
mod read;
mod sections;
mod write;

pub use content::dialog::questionnaire as dialog_questionnaire;

use super::Mapped;
use crate::documents::Document;
use crate::fhir::Bundle;
use crate::model::Issue;

/// Turns a document into a document Bundle. Everything in it has a place in FHIR, so there are no notes.
#[must_use]
pub fn to_fhir<D: Document>(document: &D) -> Mapped<Bundle> {
    write::bundle(document)
}

/// Turns a document Bundle into a document; what is missing stays missing, what has no place is noted as dropped.
///
/// # Errors
/// When there is no Composition, it was entered in error, or it is about nobody with a name.
pub fn from_fhir<D: Document>(bundle: &Bundle) -> Result<Mapped<D>, Vec<Issue>> {
    read::document(bundle)
}

/// A moment as FHIR `instant`, which has no months or years alone: what the document leaves open is its beginning.
fn instant(moment: &str) -> String {
    if moment.contains('T') {
        return moment.to_owned();
    }
    let mut parts = moment.split('-');
    let mut next = |other: &'static str| parts.next().unwrap_or(other).to_owned();
    format!("{}-{}-{}T00:00:00Z", next("0001"), next("01"), next("01"))
}

#[cfg(test)]
mod tests {
    use super::instant;

    #[test]
    fn a_day_month_or_year_becomes_the_moment_it_begins() {
        for (moment, wanted) in [
            ("2026", "2026-01-01T00:00:00Z"),
            ("2026-03", "2026-03-01T00:00:00Z"),
            ("2026-03-31", "2026-03-31T00:00:00Z"),
            ("2026-03-31T09:30:00+01:00", "2026-03-31T09:30:00+01:00"),
        ] {
            assert_eq!(instant(moment), wanted);
        }
    }
}
