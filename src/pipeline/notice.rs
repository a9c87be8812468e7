//! What somebody with standing is told of a request or an earlier document: made, decided on for each, and queued. The
//! full form says why and names the person, and goes by consent like any document; whoever may not have it is told in the
//! bare form, which names the request and nobody (GW-01). Which step it is of is not this module's business.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::Parts;
use super::again::{self, KeptGrounds};
use super::document::{self, Content, Document};
use super::holding::Holding;
use super::release::{Grounds, Released, release, way};
use super::routing::practice_of;
use super::{Entrance, Received};
use crate::audit::{Entry, Event};
use crate::directory::Directory;
use crate::documents::referral::Response;
use crate::fhir::envelope::Envelope;
use crate::fhir::{Bundle, resource_type};
use crate::intake::Refusal;
use crate::map::status_update::{self, Matter, StatusUpdate};
use crate::map::task_message::About;
use crate::model::{Category, DocumentKind, MessageId, Party, PartyId, PartyKind, Purpose, RequestStatus, Urgency};
use crate::outbox::{self, Enqueued, PersonKey};
use crate::route;
use crate::store::{AuditRecord, StoredMessage};
use crate::validate;
use crate::workflow::Told;

/// What is told, as it is kept with a delivery that has not gone, so that it can be decided on again.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Notice {
    /// The step, or the document that takes the earlier one's place.
    pub id: Uuid,
    pub task: Uuid,
    pub fhir_status: String,
    /// Business status; `None` where an earlier copy is out of force.
    pub status: Option<String>,
    /// The sender's own identifier of the request or document, `system|value`.
    pub identifier: String,
    pub sentence: String,
    pub reason: Option<String>,
    pub items: Vec<String>,
    pub from: PartyId,
    pub owner: PartyId,
    pub requester: PartyId,
    pub next: Option<PartyId>,
    /// Whoever may not have it is told in the bare form.
    pub standing: bool,
    pub opened: Timestamp,
    pub at: Timestamp,
    /// Kind of the message it is about.
    pub about: DocumentKind,
}

impl std::fmt::Debug for Notice {
    /// Without the reason.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Notice({} of {})", self.id, self.task)
    }
}

impl Notice {
    /// The message for one recipient; `person` is the Patient of the request.
    pub(super) fn bundle(&self, directory: &Directory, to: &Party, person: Option<&Value>, now: Timestamp) -> Bundle {
        let named = |id: &PartyId| known(directory, id, now);
        let (from, owner, requester) = (named(&self.from), named(&self.owner), named(&self.requester));
        let next = self.next.as_ref().map(named);
        let status = self.status.as_deref().and_then(RequestStatus::from_code);
        // The same step told to the same party in the same form is the same message.
        let form = if person.is_some() { "full" } else { "bare" };
        let id = Uuid::new_v5(&self.id, format!("{}/{}/{form}", self.task, to.id).as_bytes());
        let update = StatusUpdate {
            id,
            matter: status.map_or(Matter::OutOfForce, Matter::Status),
            task: self.task,
            fhir_status: &self.fhir_status,
            about: About::of_key(&self.identifier),
            sentence: &self.sentence,
            reason: self.reason.as_deref(),
            items: &self.items,
            from: &from,
            to,
            owner: &owner,
            requester: &requester,
            next: next.as_ref(),
            opened: self.opened,
            at: self.at,
        };
        status_update::to_fhir(&update, person)
    }
}

/// A party, or what is left of one that the directory no longer knows: its id.
fn known(directory: &Directory, id: &PartyId, now: Timestamp) -> Party {
    directory.party(id, now).cloned().unwrap_or_else(|| Party {
        id: id.clone(),
        name: id.to_string(),
        kind: PartyKind::OtherNhs,
        ods: None,
        part_of: None,
        person_access: None,
    })
}

/// A stored message, read again.
pub(super) struct Reread {
    pub document: Document,
    /// It came as a message, and not as a document by itself.
    pub message: bool,
}

/// Reads a stored message as it was read when it came, whichever door it came through.
pub(super) fn reread(parts: &Parts, stored: &StoredMessage) -> Result<Reread, Refusal> {
    let read = |entrance| {
        let content_type = Some(stored.media_type.clone());
        document::read(parts, &Received { entrance, content_type, bytes: stored.body.clone() })
    };
    let (mut document, message) = match read(Entrance::Document(stored.kind)) {
        Ok(document) => (document, false),
        Err(_) => (read(Entrance::Message)?, true),
    };
    validate::mark_unverified(&mut document.bundle);
    Ok(Reread { document, message })
}

/// The Patient a message is about.
pub(super) fn person_of(bundle: &Bundle) -> Option<&Value> {
    let holder = bundle.first("Composition").or_else(|| bundle.first("ServiceRequest"))?;
    bundle.follow(holder.get("subject")).filter(|found| resource_type(found) == Some("Patient"))
}

/// How soon copies of a document go.
pub(super) fn priority(content: &Content) -> u8 {
    let urgency = match content {
        Content::Referral(referral) => match referral.response() {
            Response::Routine => Urgency::Routine,
            Response::Urgent => Urgency::Urgent,
            Response::Crisis => Urgency::Crisis,
        },
        Content::Document(..) => Urgency::Routine,
    };
    route::delivery_priority(urgency)
}

/// Tells those with standing of what concerns one message.
pub(super) struct Teller<'a> {
    pub parts: &'a Parts,
    pub holding: &'a Holding,
    pub person: &'a PersonKey,
    /// The message it is about.
    pub message: &'a MessageId,
    pub kind: DocumentKind,
    pub document: &'a Document,
    pub now: Timestamp,
    /// Who took the step.
    pub actor: &'a PartyId,
    pub agent: &'a str,
}

impl Teller<'_> {
    /// The message to one party, with its audit entries; `None` for whoever may not have it and has no standing.
    ///
    /// # Errors
    /// A notice of our own is not sound, which is our fault.
    pub(super) fn tell(
        &self,
        notice: &Notice,
        to: &PartyId,
        why: Told,
    ) -> Result<Option<(Enqueued, AuditRecord)>, Refusal> {
        let Some(to) = self.parts.directory.party(to, self.now) else { return Ok(None) };
        let notice = &Notice { standing: why != Told::Gp, ..notice.clone() };
        if let Some(person) = person_of(&self.document.bundle)
            && let Some(from) = self.parts.directory.party(&notice.from, self.now)
        {
            let grounds = Grounds {
                kind: DocumentKind::StatusUpdate,
                sender: from,
                care_relationship: matches!(why, Told::Requester | Told::Holder),
                registered_gp: practice_of(&self.parts.directory, &self.document.content, self.now)
                    .is_some_and(|practice| practice.id == to.id),
                purpose: Purpose::DirectCare,
                holding: self.holding,
                now: self.now,
            };
            if let Some(told) = self.queued(notice, to, Some(person), grounds)? {
                return Ok(Some(told));
            }
        }
        if why == Told::Gp {
            return Ok(None);
        }
        self.queued(
            notice,
            to,
            None,
            Grounds::of_outcome(DocumentKind::StatusUpdate, to, &Holding::default(), self.now),
        )
    }

    fn queued(
        &self,
        notice: &Notice,
        to: &Party,
        person: Option<&Value>,
        grounds: Grounds<'_>,
    ) -> Result<Option<(Enqueued, AuditRecord)>, Refusal> {
        let parts = self.parts;
        let urgency = priority(&self.document.content);
        let (way, endpoint) = way(&parts.directory, &to.id, &parts.base_url, urgency, self.now);
        let bundle = notice.bundle(&parts.directory, to, person, self.now);
        let permit = match release(parts, &bundle, to, &endpoint, grounds).map(|(released, _)| released) {
            Ok(Released::Permitted(permit)) => permit,
            Ok(Released::Denied(_)) => return Ok(None),
            // what cannot be cut for somebody is told bare
            Err(_) if person.is_some() => return Ok(None),
            Err(issues) => return Err(Refusal::new(Category::Internal, issues)),
        };
        // the items that are asked for would be lost, and without them nobody can answer
        if person.is_some() && !notice.items.is_empty() && !permit.withheld().is_empty() {
            return Ok(None);
        }
        let form = if person.is_some() { "" } else { "/bare" };
        let name = format!("{}/{}/{}{form}", self.message, to.id, notice.task);
        let id = Uuid::new_v5(&notice.id, name.as_bytes());
        let envelope = Envelope {
            id,
            sender: grounds.sender,
            recipient: to,
            endpoint: &endpoint,
            base_url: &parts.base_url,
            at: self.now,
        };
        let kind = DocumentKind::StatusUpdate;
        let mut row = outbox::enqueue(id, &permit, kind, self.person.clone(), way, &envelope)
            .map_err(|issue| Refusal::new(Category::Internal, vec![issue]))?;
        if person.is_some() {
            row = row.resting_on(KeptGrounds::of_notice(&permit, grounds, to, notice.clone()));
        }
        let entry = self.entry(Event::Disclosed).kind(kind).recipient(&to.id);
        let entry = again::disclosed(entry, &permit, &row, grounds, to);
        Ok(Some((row, entry.record())))
    }

    /// An audit entry of what is done.
    pub(super) fn entry(&self, event: Event) -> Entry {
        Entry::new(event, self.now).actor(self.actor, self.agent).message(self.message).person(self.person.as_str())
    }
}
