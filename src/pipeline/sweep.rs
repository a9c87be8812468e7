//! Telling owners of clocks what is due soon, and owners and escalation what is breached: each once, however many look at
//! once and whenever one is killed. Notice, mark and audit entry are one commit, taken only on the care it was decided on.

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use super::holding::Holding;
use super::release::{Grounds, Released, release, way};
use super::{Gateway, MOST_TRIES, again, unavailable};
use crate::audit::{Entry, Event};
use crate::clocks::calendar::words;
use crate::clocks::{self, Notice, NoticeKind, clock_id};
use crate::fhir::codes;
use crate::fhir::envelope::Envelope;
use crate::intake::Refusal;
use crate::map::clock_notice::{self, ClockTask};
use crate::map::task_message::About;
use crate::model::{Category, Clock, DocumentKind, MessageId, Party, PartyId, PersonKey};
use crate::outbox::{self, Enqueued};
use crate::store::{AuditRecord, Care, CareChanges, CareCommit, CareStored, ClocksWanted};

/// Clocks looked at in one go.
const PAGE: u32 = 500;
/// Who tells, in the audit log.
const AGENT: &str = "clocks";

impl Gateway {
    /// Tells of every clock that is due soon or breached at `now`; how many notices were given.
    ///
    /// # Errors
    /// The store does not answer. What was told stays told, the rest is for the next time.
    pub async fn sweep_clocks(self: &Arc<Self>, now: Timestamp) -> Result<usize, Refusal> {
        let warn = now.checked_add(self.parts().clocks.longest_warning()).unwrap_or(Timestamp::MAX);
        let (mut told, mut after) = (0, None);
        loop {
            let wanted = ClocksWanted::Due { now, warn, after };
            let page = self.store.clocks(&wanted, PAGE).await.map_err(|error| unavailable(&error))?;
            let Some(last) = page.last() else { break };
            after = Some((last.due, last.id));
            for clock in clocks::due(&self.parts().clocks, &page, now) {
                let person = page.iter().find(|one| one.id == clock.clock).map(|one| one.person.clone());
                if let Some(person) = person {
                    match self.tell(&person, clock.clock, now).await {
                        Ok(one) => told += usize::from(one),
                        // a fault of ours in one notice keeps nobody else from theirs
                        Err(refusal) if refusal.category == Category::Internal => {
                            tracing::error!(clock.id = %clock.clock, rule = clock.rule, "a notice could not be given");
                        }
                        Err(refusal) => return Err(refusal),
                    }
                }
            }
        }
        if told > 0 {
            tracing::info!(told, "owners of clocks were told");
            self.parts().wake.notify_one();
        }
        Ok(told)
    }

    /// Tells of one clock, if it is still to be told of.
    async fn tell(self: &Arc<Self>, person: &PersonKey, id: Uuid, now: Timestamp) -> Result<bool, Refusal> {
        for _ in 0..MOST_TRIES {
            let care = self.store.care(person).await.map_err(|error| unavailable(&error))?;
            let found = care.clocks.iter().find(|clock| clock.id == id).cloned();
            let Some(clock) = found else { return Ok(false) };
            let Some(notice) = clocks::due(&self.parts().clocks, std::slice::from_ref(&clock), now).pop() else {
                return Ok(false);
            };
            let gateway = self.clone();
            let commit = self.apart(move || gateway.notices(&care, clock, &notice, now)).await?;
            match self.store.commit_care(commit).await.map_err(|error| unavailable(&error))? {
                CareStored::Stored => return Ok(true),
                // somebody else told of it, or something happened: look again
                CareStored::Stale => {}
            }
        }
        Ok(false)
    }

    /// Everything that telling of a clock commits.
    fn notices(&self, care: &Care, mut clock: Clock, notice: &Notice, now: Timestamp) -> Result<CareCommit, Refusal> {
        let mut recipients = vec![clock.owner.clone()];
        match notice.kind {
            NoticeKind::Warn => clock.warned = Some(now),
            NoticeKind::Escalate => {
                clock.escalated = Some(now);
                recipients.push(self.escalation(&clock, now));
            }
        }
        recipients.dedup();
        let message = Self::message_of(care, &clock);
        let mut audit = vec![self.told(&clock, notice, message.as_ref(), now)];
        let mut deliveries = Vec::new();
        let directory = self.directory();
        for id in &recipients {
            let recipient = directory.party(id, now);
            if let (Some(recipient), Some(message)) = (recipient, &message) {
                let (row, entry) = self.notice(care, &clock, notice.kind, recipient, message, now)?;
                audit.push(entry);
                deliveries.push((message.clone(), row));
            }
        }
        let changes = CareChanges { based_on: care.revision, clocks: vec![clock.clone()], ..CareChanges::default() };
        Ok(CareCommit { person: clock.person, at: now, changes, deliveries, audit })
    }

    /// Who is told of a breach beside the owner: the first party of the kind the rule names in the owner's organisation,
    /// else in the one that runs the gateway, else that itself.
    fn escalation(&self, clock: &Clock, now: Timestamp) -> PartyId {
        let parts = self.parts();
        let own = &parts.own;
        let Some(rule) = parts.clocks.rule(&clock.rule) else { return own.clone() };
        let organisation = parts.directory.party(&clock.owner, now).map(Party::organisation);
        let of = |organisation: &PartyId| {
            let mut parties = parts.directory.of_kind(rule.escalate, now);
            parties.find(|party| party.organisation() == organisation).map(|party| party.id.clone())
        };
        organisation.and_then(of).or_else(|| of(own)).unwrap_or_else(|| own.clone())
    }

    /// The message a clock is about: the request, or what told of the event that started it.
    fn message_of(care: &Care, clock: &Clock) -> Option<MessageId> {
        let started = care.events.iter().find(|event| clock_id(&clock.rule, event.id) == clock.id);
        clock.request.clone().or_else(|| started?.message.clone())
    }

    fn told(&self, clock: &Clock, notice: &Notice, message: Option<&MessageId>, now: Timestamp) -> AuditRecord {
        let mut entry = Entry::new(Event::ClockTold, now)
            .actor(&self.parts().own, AGENT)
            .person(clock.person.as_str())
            .outcome(notice.kind.code());
        entry.message = message.cloned();
        entry.rules = vec![clock.rule.clone()];
        entry.record()
    }

    /// One notice to one recipient, with its audit entry.
    fn notice(
        &self,
        care: &Care,
        clock: &Clock,
        kind: NoticeKind,
        recipient: &Party,
        message: &MessageId,
        now: Timestamp,
    ) -> Result<(Enqueued, AuditRecord), Refusal> {
        let parts = &self.parts();
        let ours = |what: &str| Refusal::one(Category::Internal, crate::model::IssueCode::Exception, what);
        let from = parts.directory.party(&parts.own, now).ok_or_else(|| ours("Nobody runs this gateway."))?;
        let owner = parts.directory.party(&clock.owner, now).unwrap_or(from);
        let name = format!("{}/{}/{}", clock.id, recipient.id, kind.code());
        let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes());
        let rule = parts.clocks.rule(&clock.rule);
        let task = ClockTask {
            clock,
            code: match kind {
                NoticeKind::Warn => codes::TASK_DUE_SOON,
                NoticeKind::Escalate => codes::TASK_BREACHED,
            },
            rule: rule.map_or(clock.rule.as_str(), |rule| rule.name.as_str()),
            due: &words(clock.due),
            from,
            owner,
            about: Some(called(care, message)),
            at: now,
        };
        let bundle = clock_notice::to_fhir(id, &task, recipient);
        let (way, endpoint) = way(&parts.directory, &recipient.id, &parts.base_url, 1, now);
        let nobody = Holding::default();
        let grounds = Grounds::of_outcome(DocumentKind::ClockNotice, recipient, &nobody, now);
        let (released, _) = release(parts, &bundle, recipient, &endpoint, grounds)
            .map_err(|issues| Refusal::new(Category::Internal, issues))?;
        let Released::Permitted(permit) = released else { return Err(ours("A notice of a clock was denied.")) };
        let envelope =
            Envelope { id, sender: from, recipient, endpoint: &endpoint, base_url: &parts.base_url, at: now };
        let row = outbox::enqueue(id, &permit, DocumentKind::ClockNotice, clock.person.clone(), way, &envelope)
            .map_err(|issue| Refusal::new(Category::Internal, vec![issue]))?;
        let entry = Entry::new(Event::Disclosed, now)
            .actor(&parts.own, AGENT)
            .message(message)
            .kind(DocumentKind::ClockNotice)
            .recipient(&recipient.id)
            .person(clock.person.as_str());
        let entry = again::disclosed(entry, &permit, &row, grounds, recipient).record();
        Ok((row, entry))
    }
}

/// How a request is called: by its sender's identifier where a task knows it, which its recipients have, else by ours.
fn called<'a>(care: &'a Care, message: &'a MessageId) -> About<'a> {
    let known = care.tasks.iter().find(|task| task.request == *message);
    known.map_or(About { system: codes::DOCUMENT_ID, value: message.as_str() }, |task| About::of_key(&task.identifier))
}
