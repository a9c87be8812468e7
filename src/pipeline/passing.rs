//! A request on its way to another team: a task of its own, and the request itself, decided on like any copy. Which team
//! that is has been said before.

use uuid::Uuid;

use super::again::{self, KeptGrounds};
use super::notice::Teller;
use super::release::{Grounds, Released, release, to_store, way};
use super::routing::practice_of;
use crate::audit::{Entry, Event};
use crate::fhir::envelope::Envelope;
use crate::intake::Refusal;
use crate::model::{Category, Issue, IssueCode, Party, Purpose, RequestStatus, RequestTask, TaskStep};
use crate::outbox;
use crate::store::{AuditRecord, CareChanges, StoredMessage};
use crate::workflow::{self, Opening};

/// A request on its way to another team.
pub(super) struct Passing<'a> {
    pub teller: &'a Teller<'a>,
    pub task: &'a RequestTask,
    /// The step that passes it on.
    pub id: Uuid,
    pub message: bool,
    pub status: RequestStatus,
    pub team: &'a Party,
    /// As what the team has it.
    pub role: &'a str,
    /// How soon its copy goes.
    pub priority: u8,
}

impl Passing<'_> {
    /// The new team's task, with its first step.
    pub(super) fn open(&self) -> (RequestTask, TaskStep) {
        let task = self.task;
        workflow::open(&Opening {
            request: &task.request,
            identifier: &task.identifier,
            kind: task.kind,
            person: &task.person,
            requester: &task.requester,
            owner: &self.team.id,
            role: self.role,
            status: self.status,
            reason: None,
            by: &task.owner,
            agent: self.teller.agent,
            now: self.teller.now,
        })
    }

    /// The request itself, decided on like any copy.
    pub(super) fn deliver(
        &self,
        stored: &StoredMessage,
        changes: &mut CareChanges,
        audit: &mut Vec<AuditRecord>,
    ) -> Result<(), Refusal> {
        let Teller { parts, holding, document, now, .. } = *self.teller;
        let Some(sender) = parts.directory.party(&self.task.requester, now) else {
            return Err(nobody(self.team, "Whoever sent it is no longer in the directory.", "GW-01"));
        };
        let (way, endpoint) = way(&parts.directory, &self.team.id, &parts.base_url, self.priority, now);
        let grounds = Grounds {
            kind: stored.kind,
            sender,
            care_relationship: true,
            registered_gp: practice_of(&parts.directory, &document.content, now)
                .is_some_and(|practice| practice.id == self.team.id),
            purpose: Purpose::DirectCare,
            holding,
            now,
        };
        let (released, trail) = release(parts, &document.bundle, self.team, &endpoint, grounds)
            .map_err(|issues| Refusal::new(Category::Internal, issues))?;
        let permit = match released {
            Released::Permitted(permit) => permit,
            Released::Denied(denial) => {
                let why = format!("{} {}", denial.reason, denial.would_change);
                return Err(nobody(self.team, &why, denial.rule.as_str()));
            }
        };
        let name = |what: &str| format!("{}/{}/{what}", stored.id, self.team.id);
        let decision = Uuid::new_v5(&self.id, name("decision").as_bytes());
        changes.decisions.push(to_store(decision, &stored.id, self.team, now, &trail));
        let id = Uuid::new_v5(&self.id, name(stored.kind.code()).as_bytes());
        let envelope =
            Envelope { id, sender, recipient: self.team, endpoint: &endpoint, base_url: &parts.base_url, at: now };
        let row = outbox::enqueue(id, &permit, stored.kind, self.task.person.clone(), way, &envelope)
            .map_err(|issue| Refusal::new(Category::Internal, vec![issue]))?
            .resting_on(KeptGrounds::of(&permit, grounds, self.team, (self.message, &[])));
        let entry = Entry {
            decision: Some(decision.to_string()),
            ..self.teller.entry(Event::Disclosed).kind(stored.kind).recipient(&self.team.id)
        };
        audit.push(again::disclosed(entry, &permit, &row, grounds, self.team).record());
        changes.notices.push((stored.id.clone(), row));
        Ok(())
    }
}

fn nobody(team: &Party, why: &str, rule: &str) -> Refusal {
    let text = format!("The request cannot go to {}, so nothing was changed. {why}", team.name);
    Refusal::new(Category::Invalid, vec![Issue::error(IssueCode::BusinessRule, text).rule(rule)])
}
