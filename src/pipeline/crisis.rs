//! A request that an event re-grades to a crisis: the crisis team has it at once, in its newest version, as it would have a
//! new one (L540-541). Who may re-grade is `care_events`' to say. Where the person's wishes keep the request from that team,
//! it still answers for the clock, and is told by it.

use std::sync::Arc;

use jiff::Timestamp;

use super::document::Content;
use super::holding::Holding;
use super::notice::{self, Reread, Teller};
use super::passing::Passing;
use super::planned;
use super::revision::is_open;
use super::versions::InForce;
use super::{Gateway, Parts, unavailable};
use crate::auth::Caller;
use crate::intake::Refusal;
use crate::model::{
    CareEvent, Category, DocumentKind, EventKind, MessageId, Party, PartyKind, RequestStatus, RequestTask, Urgency,
};
use crate::route::{Role, delivery_priority};
use crate::store::{AuditRecord, Care, CareChanges, Kept};
use crate::workflow::{answers, role};

/// What an event is decided on.
struct Call {
    event: CareEvent,
    request: MessageId,
    force: InForce,
    /// A task of the request, and all of them.
    task: RequestTask,
    tasks: Vec<RequestTask>,
    kept: Kept,
    agent: String,
}

fn nothing() -> (CareChanges, Vec<AuditRecord>) {
    (CareChanges::default(), Vec::new())
}

impl Gateway {
    /// What follows of an event besides its clocks; the event names the crisis team from then on.
    pub(super) async fn call_out(
        self: &Arc<Self>,
        caller: &Caller,
        event: &mut CareEvent,
        (kept, care): (&Kept, &Care),
        now: Timestamp,
    ) -> Result<(CareChanges, Vec<AuditRecord>), Refusal> {
        let crisis = event.kind == EventKind::Regraded && event.detail("to") == Some(Urgency::Crisis.code());
        let Some(request) = event.request.clone().filter(|_| crisis) else { return Ok(nothing()) };
        let Some(force) = self.in_force(&request).await? else { return Ok(nothing()) };
        let of = |task: &&RequestTask| task.request == request && task.kind != DocumentKind::InformationRequest;
        let tasks: Vec<RequestTask> = care.tasks.iter().filter(of).cloned().collect();
        let Some(task) = tasks.first().cloned() else { return Ok(nothing()) };
        let (kept, agent) = (kept.clone(), caller.client_id.clone());
        let call = Call { event: event.clone(), request, force, task, tasks, kept, agent };
        let parts = self.parts();
        let (with_team, changes, audit) = self.apart(move || call.decide(&parts, now)).await?;
        *event = with_team;
        Ok((changes, audit))
    }
}

impl Call {
    fn decide(mut self, parts: &Parts, now: Timestamp) -> Result<(CareEvent, CareChanges, Vec<AuditRecord>), Refusal> {
        let (mut changes, mut audit) = nothing();
        let Reread { document, message } = notice::reread(parts, &self.force.stored)?;
        let Some(team) = crisis_team(parts, &document.content, &self.task, now) else {
            return Ok((self.event, changes, audit));
        };
        self.event.detail.insert("receiver".to_owned(), team.id.to_string());
        let has = |task: &RequestTask| task.owner == team.id && is_open(task) && answers(task);
        if self.tasks.iter().any(has) {
            return Ok((self.event, changes, audit));
        }
        let holding = Holding::of(&self.kept.records, now).map_err(|error| unavailable(&error))?;
        let teller = Teller {
            parts,
            holding: &holding,
            person: &self.task.person,
            message: &self.force.stored.id,
            kind: self.force.stored.kind,
            document: &document,
            now,
            actor: &self.event.by,
            agent: &self.agent,
        };
        let passing = Passing {
            teller: &teller,
            task: &self.task,
            id: self.event.id,
            message,
            status: RequestStatus::Received,
            team,
            role: role::CRISIS,
            priority: delivery_priority(Urgency::Crisis),
        };
        match passing.deliver(&self.force.stored, &mut changes, &mut audit) {
            Ok(()) => {
                let (task, step) = passing.open();
                changes.tasks.push(task);
                changes.steps.push(step);
                changes.newest = Some(InForce::newest(&self.force.stored, &self.request));
            }
            Err(refusal) if refusal.category == Category::Invalid => {}
            Err(refusal) => return Err(refusal),
        }
        Ok((self.event, changes, audit))
    }
}

/// The crisis team a request would go to if it were new; of another kind than a referral, that of the trust.
fn crisis_team<'p>(parts: &'p Parts, content: &Content, task: &RequestTask, now: Timestamp) -> Option<&'p Party> {
    let directory = &parts.directory;
    let planned = || {
        let Content::Referral(referral) = content else { return None };
        let sender = directory.party(&task.requester, now)?;
        let planned = planned::plan_as(referral, Urgency::Crisis, sender, directory, &parts.rules, now).ok()?;
        let crisis = planned.routing.destinations.into_iter().find(|one| one.role == Role::Crisis)?;
        directory.party(&crisis.party, now)
    };
    let ours = |party: &&Party| party.organisation() == &parts.own;
    planned()
        .or_else(|| directory.of_kind(PartyKind::Crht, now).find(ours))
        .or_else(|| directory.of_kind(PartyKind::Crht, now).next())
}
