//! What is queued, decided again when what is kept about the person has changed (CS-17): from the stored message, with the
//! grounds of the first decision and the records of now. What cannot be decided does not go. Every decision is stored as
//! the first one was, and named in its audit entry, also where it changes nothing.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::document;
use super::holding::Holding;
use super::notice::{Notice, person_of};
use super::release::{Grounds, Released, release, to_store, way};
use super::told;
use super::{Entrance, Gateway, Parts};
use crate::audit::{Entry, Event, WithheldPart};
use crate::consent::{Permit, RuleId};
use crate::fhir::Bundle;
use crate::fhir::envelope::Envelope;
use crate::model::{DocumentKind, MessageId, Party, PartyId, Purpose};
use crate::outbox::{self, Enqueued, PersonKey, RestsOn, Way};
use crate::store::{Fate, NewDecision, PersonRecord, Queued, Reconsider, Reconsidered};

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
    /// What the gateway added to the copy as notes of the request, so that another copy has it too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Codes of the labels that were withheld: a copy that would hold back no more than these may still go.
    pub withheld: Vec<String>,
}

impl KeptGrounds {
    /// What the delivery's row keeps of a permitted release: of a message or document, with notes of the gateway.
    pub(super) fn of(
        permit: &Permit,
        grounds: Grounds<'_>,
        recipient: &Party,
        (message, notes): (bool, &[String]),
    ) -> RestsOn {
        let kept = Self {
            message,
            kind: grounds.kind,
            sender: grounds.sender.id.clone(),
            care_relationship: grounds.care_relationship,
            registered_gp: grounds.registered_gp,
            withheld: withheld(permit),
            notes: notes.to_vec(),
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
            notes: Vec::new(),
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
                let fresh = fate.unwrap_or_else(|rule| Fresh { goes: Err(rule), decision: None });
                self.recorded(&item, person, fresh)
            })
            .collect()
    }
}

/// A delivery that may go on: as it is, by these rules and until then, or as another copy.
enum Goes {
    Asis { rules: Vec<String>, until: Option<Timestamp> },
    Anew { rule: String, row: Box<Enqueued>, entry: Box<Entry> },
}

/// What came of one delivery: how it goes on, or the rule that stops it; with the decision, where it came to one.
struct Fresh {
    goes: Result<Goes, RuleId>,
    decision: Option<NewDecision>,
}

impl Again {
    fn recorded(&self, item: &Queued, person: &PersonKey, Fresh { goes, decision }: Fresh) -> Reconsidered {
        let named = decision.as_ref().map(|decision| decision.id.to_string());
        // Where an attempt is under way nobody can tell yet how it ends.
        let stopped = |rule: &str, outcome: &str| {
            let mut entry = self.entry(Event::DeliveryStopped, item, person).delivery(item.delivery);
            entry.rules = vec![rule.to_owned()];
            entry.decision.clone_from(&named);
            [outcome, "under-way"].map(|outcome| entry.clone().outcome(outcome).record())
        };
        let (fate, audit, under_way) = match goes {
            Ok(Goes::Asis { rules, until }) => {
                let mut entry = self.entry(Event::DecidedAgain, item, person).delivery(item.delivery).outcome("stands");
                entry.rules = rules;
                entry.decision.clone_from(&named);
                // What says nothing about a person was not decided on.
                let audit: Vec<_> = named.iter().map(|_| entry.record()).collect();
                (Fate::Keep { relied_until: until }, audit.clone(), audit)
            }
            Ok(Goes::Anew { rule, row, entry: mut disclosed }) => {
                disclosed.decision.clone_from(&named);
                let [waiting, leased] = stopped(&rule, "replaced");
                let disclosed = disclosed.record();
                (Fate::Replace { rule, with: row }, vec![waiting, disclosed.clone()], vec![leased, disclosed])
            }
            Err(rule) => {
                let [waiting, leased] = stopped(rule.as_str(), "stopped");
                (Fate::Stop { rule: rule.to_string() }, vec![waiting], vec![leased])
            }
        };
        Reconsidered { delivery: item.delivery, fate, decision, audit, under_way }
    }

    fn entry(&self, event: Event, item: &Queued, person: &PersonKey) -> Entry {
        Entry::new(event, self.now)
            .actor(&self.actor, &self.agent)
            .message(&item.message)
            .kind(item.kind)
            .recipient(&item.recipient)
            .person(person.as_str())
    }

    /// Whether one delivery may still go.
    ///
    /// # Errors
    /// The rule that stops it, where it cannot even be asked.
    fn fate(
        &self,
        item: &Queued,
        holding: &Holding,
        person: &PersonKey,
        read: &mut HashMap<MessageId, Option<Bundle>>,
    ) -> Result<Fresh, RuleId> {
        let parts = &self.gateway.parts();
        let Some(text) = &item.grounds else {
            // What asks a sender for missing items, tells of a clock, or how a request stands in the bare form, tells nothing about any person.
            let harmless = !item.kind.is_document();
            let goes = || Fresh { goes: Ok(Goes::Asis { rules: Vec::new(), until: None }), decision: None };
            return if harmless { Ok(goes()) } else { Err(RuleId::fault()) };
        };
        let kept: KeptGrounds = serde_json::from_str(text).map_err(|_| RuleId::fault())?;
        let again = read.entry(item.message.clone()).or_insert_with(|| message(parts, item, &kept));
        let bundle = again.as_ref().ok_or_else(RuleId::fault)?;
        let tells = kept.notice.as_ref().map(|notice| (notice, bundle));
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
        let made = tells.map(|(notice, about)| notice.bundle(&parts.directory, recipient, person_of(about), self.now));
        let bundle = made.as_ref().unwrap_or(bundle);
        let noted = (!kept.notes.is_empty()).then(|| told::noted(bundle.clone(), &kept.notes));
        let bundle = noted.as_ref().unwrap_or(bundle);
        let Ok((released, trail)) = release(parts, bundle, recipient, &endpoint, grounds) else {
            let goes = self.barely(item, &kept, recipient, person, RuleId::not_reducible())?;
            return Ok(Fresh { goes: Ok(goes), decision: None });
        };
        let decision = Some(to_store(Uuid::now_v7(), &item.message, recipient, self.now, &trail));
        let goes = match released {
            Released::Permitted(permit) => {
                self.goes(item, person, &permit, grounds, &kept, (way, recipient, &endpoint))
            }
            Released::Denied(denial) => self.barely(item, &kept, recipient, person, denial.rule),
        };
        Ok(Fresh { goes, decision })
    }

    /// How a delivery that is still permitted goes on.
    fn goes(
        &self,
        item: &Queued,
        person: &PersonKey,
        permit: &Permit,
        grounds: Grounds<'_>,
        kept: &KeptGrounds,
        (way, recipient, endpoint): (Way, &Party, &str),
    ) -> Result<Goes, RuleId> {
        let more = permit.withheld().iter().find(|w| !kept.withheld.iter().any(|code| code == w.category.code()));
        let Some(more) = more else {
            let rules = permit.basis().rules.iter().map(ToString::to_string).collect();
            return Ok(Goes::Asis { rules, until: relied_until(permit, grounds, recipient) });
        };
        let rule = more.rule.to_string();
        let id = Uuid::new_v5(&item.delivery, self.now.to_string().as_bytes());
        let envelope = Envelope {
            id,
            sender: grounds.sender,
            recipient,
            endpoint,
            base_url: &self.gateway.parts().base_url,
            at: self.now,
        };
        let row = outbox::enqueue(id, permit, item.kind, person.clone(), way, &envelope)
            .map_err(|_| RuleId::not_reducible())?
            .resting_on(match kept.notice.clone() {
                Some(notice) => KeptGrounds::of_notice(permit, grounds, recipient, notice),
                None => KeptGrounds::of(permit, grounds, recipient, (kept.message, &kept.notes)),
            });
        let mut entry = disclosed(self.entry(Event::Disclosed, item, person), permit, &row, grounds, recipient);
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
        let parts = &self.gateway.parts();
        let (way, endpoint) = way(&parts.directory, &recipient.id, &parts.base_url, item.priority, self.now);
        let nobody = Holding::default();
        let grounds = Grounds::of_outcome(item.kind, recipient, &nobody, self.now);
        let bundle = notice.bundle(&parts.directory, recipient, None, self.now);
        let released = release(parts, &bundle, recipient, &endpoint, grounds);
        let Ok((Released::Permitted(permit), _)) = released else { return Err(rule) };
        let id = Uuid::new_v5(&item.delivery, self.now.to_string().as_bytes());
        let envelope =
            Envelope { id, sender: recipient, recipient, endpoint: &endpoint, base_url: &parts.base_url, at: self.now };
        let row = outbox::enqueue(id, &permit, item.kind, person.clone(), way, &envelope)
            .map_err(|_| RuleId::not_reducible())?;
        let mut entry = disclosed(self.entry(Event::Disclosed, item, person), &permit, &row, grounds, recipient);
        entry.replaces = Some(item.delivery.to_string());
        Ok(Goes::Anew { rule: rule.to_string(), row: Box::new(row), entry: Box::new(entry) })
    }
}

/// The stored message as it was decided on.
fn message(parts: &Parts, item: &Queued, kept: &KeptGrounds) -> Option<Bundle> {
    let stored =
        |entrance| document::stored(parts, entrance, &item.media_type, item.body.clone()).map(|read| read.bundle);
    match &kept.notice {
        Some(notice) => stored(Entrance::Document(notice.about)).or_else(|| stored(Entrance::Message)),
        None if kept.message => stored(Entrance::Message),
        None => stored(Entrance::Document(kept.kind)),
    }
}
