//! Referral ⇄ FHIR message Bundle (`design.md`, "FHIR form"; BaRS event servicerequest-request).
//! Native → FHIR → native is the identity. FHIR → native takes bundles by others as they come and reports what has no
//! place. One data category per resource, in `meta.tag`, so that `consent` can withhold it whole.

mod codes;
mod read;
mod write;

use super::Mapped;
use crate::documents::Referral;
use crate::fhir::Bundle;
use crate::model::Issue;

/// Turns a referral into a message Bundle. Everything in a referral has a place in FHIR, so the notes only tell of
/// elements FHIR requires and the document does not have.
#[must_use]
pub fn to_fhir(referral: &Referral) -> Mapped<Bundle> {
    write::bundle(referral)
}

/// Turns a message Bundle into a referral; what is missing stays missing, what has no place is noted as dropped.
///
/// # Errors
/// When there is no ServiceRequest or no Patient, or the patient has no name of any kind: nobody could act on it.
pub fn from_fhir(bundle: &Bundle) -> Result<Mapped<Referral>, Vec<Issue>> {
    read::referral(bundle)
}
