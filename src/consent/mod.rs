//! Decides every release of every document to every recipient, reduces it, and explains. The only maker of [`Permit`].
//! Pure: facts and `now` come in, a decision goes out; no I/O, no clock, no directory look-ups.
//!
//! How it hangs together: `directive` reads the person's wishes, `facts` turns a [`Question`] into what policy speaks
//! of, `engine` asks Cedar once per label, `parts` and `elements` say which label everything has, `reduce` makes the
//! bundle that goes, `explain` says why. Rules live in `profiles/policy`, one file each; code holds none of them, save
//! that content without a category goes only where everything may go.

mod account;
mod clean;
mod decide;
mod decision;
mod directive;
mod document;
mod edition;
mod elements;
mod engine;
mod error;
mod explain;
mod facts;
mod in_force;
mod label;
mod lever;
mod load;
mod narrate;
mod nesting;
mod origin;
mod parts;
mod person;
mod pointers;
mod records;
mod reduce;
mod references;
mod replay;
mod request;
mod rule;
mod shapes;
mod slice;
mod statement;
mod strip;
mod tags;
mod told;
mod trail;
mod words;
#[cfg(test)]
mod world;

use jiff::Timestamp;
use serde_json::Value;

use crate::fhir::Bundle;
use crate::model::{Agreement, DocumentKind, Party, Purpose};
use crate::validate::Validated;

pub use account::{Account, Because, Outcome, RuleTold, Ruling, Share, Verdicts};
pub use decision::{Basis, Decision, Denial, Permit, Reduction, Withheld};
pub use directive::unclear_performers;
pub use engine::Engine;
pub use error::{ConsentError, PolicyFault};
pub use label::Label;
pub use records::{Capacity, CapacityFinding, Emergency, Override, OverrideBasis, Records};
pub use replay::{Difference, RecordFault, Replay};
pub use rule::{Rule, RuleId};
pub use trail::Trail;

/// The places (`Consent.provision…`) of the actors of objections in a Consent that match none of the parties, each given with
/// the organisation it is a team of: such an objection would keep nothing back (CS-02). People are in no directory, so who is
/// said to be one is not told of.
#[must_use]
pub fn unmatched_objections(consent: &Value, parties: &[(&Party, Option<&Party>)]) -> Vec<String> {
    directive::unmatched(consent, parties)
}

/// Everything a decision takes in.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    pub bundle: &'a Validated<Bundle>,
    pub kind: DocumentKind,
    /// Who sent the document; for [`Purpose::MessageOutcome`], the sender of the message that is answered.
    pub sender: &'a Party,
    pub recipient: &'a Party,
    /// The organisation the recipient is a team of, so that wishes about the organisation reach its teams.
    /// `None` for an organisation; for a team whose organisation is not told, objections by ODS code are read widely.
    pub recipient_organisation: Option<&'a Party>,
    /// The recipient is the referral's destination, the addressee of a letter, or in the care team.
    pub care_relationship: bool,
    /// The recipient is the GP practice the person is registered with.
    pub registered_gp: bool,
    /// What is kept about the person beyond this document.
    pub records: &'a Records,
    /// Agreements that somebody holds: those that join the sender's organisation with the recipient's count (CS-04).
    /// Parties, dates, purposes and categories are weighed here.
    pub agreements: &'a [Agreement],
    pub purpose: Purpose,
    pub now: Timestamp,
}
