//! What is queued, decided again when what is kept about the person has changed (CS-17): from the stored message, with the
//! grounds of the first decision and the records of now. What cannot be decided does not go.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::document;
use super::holding::Holding;
use super::notice::{self, Notice, person_of};
use super::release::{Grounds, Released, release, way};
use super::{Entrance, Gateway, Parts, Received};
use crate::audit::{Entry, Event, WithheldPart};
use crate::consent::{Permit, RuleId};
use crate::fhir::Bundle;
use crate::fhir::envelope::Envelope;
use crate::model::{DocumentKind, MessageId, Party, PartyId, Purpose};
use crate::outbox::{self, Enqueued, PersonKey, RestsOn};
use crate::store::{Fate, PersonRecord, Queued, Reconsider, Reconsidered};
use crate::validate;

/// What a release was decided on, as it is kept with the delivery.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeptGrounds {
    /// It came as a message, and not as a document by itself.
    pub message: bool,
    pub kind: DocumentKind,
    pub sender: PartyId,
    pub care_relationship: bool,
    pub registered_gp: bool,
    /// What a status update tells: it is made again from this, and not read from the message it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<Notice>,
    /// Codes of the labels that were withheld: a copy that would hold back no more than these may still go.
    pub withheld: Vec<String>,
}

impl KeptGrounds {
    /// What the delivery's row keeps of a permitted release.
    pub(super) fn of(permit: &Permit, grounds: Grounds<'_>, recipient: &Party, message: bool) -> RestsOn {
        let kept = Self {
            message,
            kind: grounds.kind,
            sender: grounds.sender.id.clone(),
            care_relationship: grounds.care_relationship,
            registered_gp: grounds.registered_gp,
            withheld: withheld(permit),
            notice: None,
        };
        kept.resting(permit, grounds, recipient)
    }

    /// The same of a status update.
    pub(super) fn of_notice(permit: &Permit, grounds: Grounds<'_>, recipient: &Party, notice: Notice) -> RestsOn {
        let kept = Self {
            message: false,
            kind: grounds.kind,
            sender: grounds.sender.id.clone(),
            care_relationship: grounds.care_relationship,
            registered_gp: grounds.registered_gp,
            withheld: withheld(permit),
            notice: Some(notice),
        };
        kept.resting(permit, grounds, recipient)
    }

    fn resting(&self, permit: &Permit, grounds: Grounds<'_>, recipient: &Party) -> RestsOn {
        // A struct of strings and flags: this cannot fail, and grounds that cannot be read stop the delivery.
        RestsOn {
            grounds: serde_json::to_string(self).unwrap_or_default(),
            until: relied_until(permit, grounds, recipient),
        }
    }
}

fn withheld(permit: &Permit) -> Vec<String> {
    let mut codes: Vec<String> = permit.withheld().iter().map(|w| w.category.code().to_owned()).collect();
    codes.dedup();
    codes
}

/// The first moment at which something the release rests on has run out, a stated emergency among it (CS-10, CS-18).
fn relied_until(permit: &Permit, grounds: Grounds<'_>, recipient: &Party) -> Option<Timestamp> {
    let on_emergency = permit.basis().rules.iter().any(|rule| rule.as_str() == "CS-10");
    let emergency = grounds.holding.emergency_until(recipient).filter(|_| on_emergency);
    [permit.basis().relied_until, emergency].into_iter().flatten().min()
}

/// The audit entry of a permitted release; `entry` says who, what and to whom.
pub(super) fn disclosed(mut entry: Entry, permit: &Permit, row: &Enqueued, grounds: Grounds<'_>, to: &Party) -> Entry {
    let basis = permit.basis();
    entry = entry
        .outcome(if row.withheld().is_empty() { "whole" } else { "reduced" })
        .delivery(row.id())
        .digest(format!("{:x}", Sha256::digest(row.body())));
    entry.rules = basis.rules.iter().map(ToString::to_string).collect();
    entry.consents.clone_from(&basis.consents);
    entry.agreements = basis.agreements.iter().map(|(id, version)| format!("{id}@{version}")).collect();
    if basis.rules.iter().any(|rule| rule.as_str() == "CS-09") {
        entry.overrides = grounds.holding.overrides_for(to, grounds.now).map(str::to_owned).collect();
    }
    entry.purpose = Some(grounds.purpose.code().to_owned());
    let note = |w: &outbox::WithheldNote| WithheldPart { category: w.category.clone(), rule: w.rule.clone() };
    entry.withheld = row.withheld().iter().map(note).collect();
    entry
}

/// Decides the queue again for the gateway, on behalf of whoever changed the records.
pub(super) struct Again {
    pub gateway: Arc<Gateway>,
    pub now: Timestamp,
    /// Who made the change.
    pub actor: PartyId,
    pub agent: String,
}

impl Reconsider for Again {
    fn reconsider(&self, person: &PersonKey, records: &[PersonRecord], queued: Vec<Queued>) -> Vec<Reconsidered> {
        let holding = Holding::of(records, self.now);
        let mut read: HashMap<MessageId, Option<Bundle>> = HashMap::new();
        queued
            .into_iter()
            .map(|item| {
                let fate = match &holding {
                    Ok(holding) => self.fate(&item, holding, person, &mut read),
                    // An unreadable record may be an objection.
                    Err(_) => Err(RuleId::fault()),
                };
                self.recorded(&item, person, fate)
            })
            .collect()
    }
}

/// A delivery that may go on: as it is, or as another copy.
enum Goes {
    Asis(Option<Timestamp>),
    Anew { rule: String, row: Box<Enqueued>, entry: Box<Entry> },
}

impl Again {
    fn recorded(&self, item: &Queued, person: &PersonKey, fate: Result<Goes, RuleId>) -> Reconsidered {
        let entry = |event: Event, rule: &str, outcome: &str| {
            let mut entry = self.entry(event, item, person).delivery(item.delivery);
            entry.rules = vec![rule.to_owned()];
            entry.outcome(if item.leased { "under-way" } else { outcome }).record()
        };
        let (fate, audit) = match fate {
            Ok(Goes::Asis(relied_until)) => (Fate::Keep { relied_until }, Vec::new()),
            Ok(Goes::Anew { rule, row, entry: disclosed }) => {
                let stopped = entry(Event::DeliveryStopped, &rule, "replaced");
                (Fate::Replace { rule, with: row }, vec![stopped, disclosed.record()])
            }
            Err(rule) => {
                let stopped = entry(Event::DeliveryStopped, rule.as_str(), "stopped");
                (Fate::Stop { rule: rule.to_string() }, vec![stopped])
            }
        };
        Reconsidered { delivery: item.delivery, fate, audit }
    }

    fn entry(&self, event: Event, item: &Queued, person: &PersonKey) -> Entry {
        Entry::new(event, self.now)
            .actor(&self.actor, &self.agent)
            .message(&item.message)
            .kind(item.kind)
            .recipient(&item.recipient)
            .person(person.as_str())
    }

    /// Whether one delivery may still go; the rule that stops it otherwise.
    fn fate(
        &self,
        item: &Queued,
        holding: &Holding,
        person: &PersonKey,
        read: &mut HashMap<MessageId, Option<Bundle>>,
    ) -> Result<Goes, RuleId> {
        let parts = &self.gateway.parts;
        let Some(text) = &item.grounds else {
            // What asks a sender for missing items tells nothing about any person.
            let harmless = matches!(item.kind, DocumentKind::InformationRequest | DocumentKind::StatusUpdate);
            return if harmless { Ok(Goes::Asis(None)) } else { Err(RuleId::fault()) };
        };
        let kept: KeptGrounds = serde_json::from_str(text).map_err(|_| RuleId::fault())?;
        let again = read.entry(item.message.clone()).or_insert_with(|| message(parts, item, &kept));
        let bundle = again.as_ref().ok_or_else(RuleId::fault)?;
        let told = kept.notice.as_ref().map(|notice| (notice, bundle));
        // Who is in the directory no longer has no agreement and no standing.
        let known = |id: &PartyId| parts.directory.party(id, self.now).ok_or_else(RuleId::no_rule);
        let (sender, recipient) = (known(&kept.sender)?, known(&item.recipient)?);
        let (way, endpoint) = way(&parts.directory, &recipient.id, &parts.base_url, item.priority, self.now);
        let grounds = Grounds {
            kind: kept.kind,
            sender,
            care_relationship: kept.care_relationship,
            registered_gp: kept.registered_gp,
            purpose: Purpose::DirectCare,
            holding,
            now: self.now,
        };
        let made = told.map(|(notice, about)| notice.bundle(&parts.directory, recipient, person_of(about), self.now));
        let bundle = made.as_ref().unwrap_or(bundle);
        let permit = match release(parts, bundle, recipient, &endpoint, grounds).map(|(released, _)| released) {
            Ok(Released::Permitted(permit)) => permit,
            Ok(Released::Denied(denial)) => return self.barely(item, &kept, recipient, person, denial.rule),
            Err(_) => return self.barely(item, &kept, recipient, person, RuleId::not_reducible()),
        };
        let more = permit.withheld().iter().find(|w| !kept.withheld.iter().any(|code| code == w.category.code()));
        let Some(more) = more else { return Ok(Goes::Asis(relied_until(&permit, grounds, recipient))) };
        let rule = more.rule.to_string();
        let id = Uuid::new_v5(&item.delivery, self.now.to_string().as_bytes());
        let envelope = Envelope {
            id,
            sender,
            recipient,
            endpoint: &endpoint,
            source: &format!("{}/fhir/$process-message", parts.base_url),
            at: &self.now.to_string(),
        };
        let row = outbox::enqueue(id, &permit, item.kind, person.clone(), way, &envelope)
            .map_err(|_| RuleId::not_reducible())?
            .resting_on(match kept.notice {
                Some(notice) => KeptGrounds::of_notice(&permit, grounds, recipient, notice),
                None => KeptGrounds::of(&permit, grounds, recipient, kept.message),
            });
        let mut entry = disclosed(self.entry(Event::Disclosed, item, person), &permit, &row, grounds, recipient);
        entry.replaces = Some(item.delivery.to_string());
        Ok(Goes::Anew { rule, row: Box::new(row), entry: Box::new(entry) })
    }
}

impl Again {
    /// Who may not have a status update any more is told in the bare form: nobody with standing is left untold.
    fn barely(
        &self,
        item: &Queued,
        kept: &KeptGrounds,
        recipient: &Party,
        person: &PersonKey,
        rule: RuleId,
    ) -> Result<Goes, RuleId> {
        let Some(notice) = kept.notice.as_ref().filter(|notice| notice.standing) else { return Err(rule) };
        let parts = &self.gateway.parts;
        let (way, endpoint) = way(&parts.directory, &recipient.id, &parts.base_url, item.priority, self.now);
        let nobody = Holding::default();
        let grounds = notice::bare(recipient, &nobody, self.now);
        let bundle = notice.bundle(&parts.directory, recipient, None, self.now);
        let released = release(parts, &bundle, recipient, &endpoint, grounds);
        let Ok((Released::Permitted(permit), _)) = released else { return Err(rule) };
        let id = Uuid::new_v5(&item.delivery, self.now.to_string().as_bytes());
        let envelope = Envelope {
            id,
            sender: recipient,
            recipient,
            endpoint: &endpoint,
            source: &format!("{}/fhir/$process-message", parts.base_url),
            at: &self.now.to_string(),
        };
        let row = outbox::enqueue(id, &permit, item.kind, person.clone(), way, &envelope)
            .map_err(|_| RuleId::not_reducible())?;
        let mut entry = disclosed(self.entry(Event::Disclosed, item, person), &permit, &row, grounds, recipient);
        entry.replaces = Some(item.delivery.to_string());
        Ok(Goes::Anew { rule: rule.to_string(), row: Box::new(row), entry: Box::new(entry) })
    }
}

/// The stored message as it was decided on.
fn message(parts: &Parts, item: &Queued, kept: &KeptGrounds) -> Option<Bundle> {
    let received = Received {
        entrance: match &kept.notice {
            Some(notice) => Entrance::Document(notice.about),
            None if kept.message => Entrance::Message,
            None => Entrance::Document(kept.kind),
        },
        content_type: Some(item.media_type.clone()),
        bytes: item.body.clone(),
    };
    let again = || document::read(parts, &Received { entrance: Entrance::Message, ..received.clone() });
    let first = document::read(parts, &received);
    let mut read = if kept.notice.is_some() { first.or_else(|_| again()).ok()? } else { first.ok()? };
    validate::mark_unverified(&mut read.bundle);
    Some(read.bundle)
}
