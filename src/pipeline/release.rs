//! One release to one recipient: address, validate, decide, and where parts are withheld validate and decide again.
//! The order is fixed here; the deciding is `consent`'s and the judging `validate`'s.

use jiff::Timestamp;
use uuid::Uuid;

use super::Parts;
use super::holding::Holding;
use crate::consent::{Decision, Denial, Engine, Permit, Question, Trail};
use crate::directory::{Delivery, Directory, EndpointFormat};
use crate::fhir::{Bundle, Format};
use crate::model::{DocumentKind, Issue, IssueCode, MessageId, Party, PartyId, Purpose, Sector};
use crate::outbox::{Channel, Way};
use crate::store::NewDecision;
use crate::validate::Validator;

/// What a release rests on, besides the bundle and the recipient.
#[derive(Clone, Copy)]
pub(super) struct Grounds<'a> {
    pub kind: DocumentKind,
    pub sender: &'a Party,
    pub care_relationship: bool,
    pub registered_gp: bool,
    pub purpose: Purpose,
    /// What is kept about the person.
    pub holding: &'a Holding,
    pub now: Timestamp,
}

impl<'a> Grounds<'a> {
    /// Of what tells how a message fares and names nobody: its reader has the message, as its sender or a recipient (GW-01).
    pub(super) const fn of_outcome(kind: DocumentKind, to: &'a Party, nobody: &'a Holding, now: Timestamp) -> Self {
        Self {
            kind,
            sender: to,
            care_relationship: false,
            registered_gp: false,
            purpose: Purpose::MessageOutcome,
            holding: nobody,
            now,
        }
    }
}

/// What came of it.
pub(super) enum Released {
    Permitted(Box<Permit>),
    Denied(Denial),
}

/// Decides one release; with what the decision rested on.
///
/// # Errors
/// The findings that make the bundle, or what is left of it, invalid. For the bundle as received this is the sender's
/// fault; for a reduced one ours.
pub(super) fn release(
    parts: &Parts,
    bundle: &Bundle,
    recipient: &Party,
    endpoint: &str,
    grounds: Grounds<'_>,
) -> Result<(Released, Trail), Vec<Issue>> {
    let Parts { directory, engine, validator, .. } = parts;
    let agreements = directory.agreements_between(grounds.sender.organisation(), recipient.organisation(), grounds.now);
    let mut addressed = bundle.clone().addressed_to(recipient, endpoint);
    // Between private and NHS care every copy says which it is from (CS-13); the directory knows where the sender did not.
    if [recipient.sector(), grounds.sender.sector()].contains(&Sector::Private) {
        addressed = addressed.stating_sector(grounds.sender);
    }
    let addressed = validator.bundle(addressed)?;
    let records = grounds.holding.records_for(recipient);
    let question = |bundle| Question {
        bundle,
        kind: grounds.kind,
        sender: grounds.sender,
        recipient,
        recipient_organisation: recipient.part_of.as_ref().and_then(|id| directory.party(id, grounds.now)),
        care_relationship: grounds.care_relationship,
        registered_gp: grounds.registered_gp,
        records: &records,
        agreements: &agreements,
        purpose: grounds.purpose,
        now: grounds.now,
    };
    settled(engine, validator, &question(&addressed))
}

/// Decides a question, and where parts are withheld has the reduced copy validated and decided again; with what the
/// decision rested on.
///
/// # Errors
/// As [`release`], of a reduced copy.
pub(super) fn settled(
    engine: &Engine,
    validator: &Validator,
    question: &Question<'_>,
) -> Result<(Released, Trail), Vec<Issue>> {
    let (decision, trail) = engine.decide_on_record(question);
    let released = match decision {
        Decision::Permit(permit) => Released::Permitted(Box::new(permit)),
        Decision::Deny(denial) => Released::Denied(denial),
        Decision::Reduce(reduction) => {
            let reduced = validator.bundle(reduction.draft())?;
            let permit = reduction.confirm(engine, reduced, question).map_err(|error| {
                vec![Issue::error(IssueCode::Exception, format!("A reduced copy could not be released: {error}."))]
            })?;
            Released::Permitted(Box::new(permit))
        }
    };
    Ok((released, trail))
}

/// A decision as it is stored, to be explained and taken again years later.
pub(super) fn to_store(id: Uuid, message: &MessageId, recipient: &Party, at: Timestamp, trail: &Trail) -> NewDecision {
    NewDecision {
        id,
        message: message.clone(),
        recipient: recipient.id.clone(),
        at,
        policy: trail.policy().to_owned(),
        facts: trail.record(),
        answer: trail.outcome().code().to_owned(),
    }
}

/// How a recipient gets its copy now, and the address the copy carries.
pub(super) fn way(
    directory: &Directory,
    recipient: &PartyId,
    base_url: &str,
    priority: u8,
    now: Timestamp,
) -> (Way, String) {
    match directory.delivery(recipient, now) {
        Delivery::Fhir(endpoint) => {
            (Way { channel: Channel::Fhir, format: format(endpoint.format), priority }, endpoint.url.clone())
        }
        Delivery::Inbox => {
            (Way { channel: Channel::Inbox, format: Format::Json, priority }, format!("{base_url}/inbox"))
        }
    }
}

/// The directory keeps clear of FHIR, so its word for a format is turned into FHIR's here.
const fn format(wanted: EndpointFormat) -> Format {
    match wanted {
        EndpointFormat::Json => Format::Json,
        EndpointFormat::Xml => Format::Xml,
    }
}
