//! From received bytes to everything one commit holds. Pure but for the identifiers it is given and makes:
//! no clock, no network, no database; the same bytes and directory give the same decisions.

use jiff::Timestamp;

use super::answer::Answer;
use super::answering::{self, Answered};
use super::care;
use super::consent_checks::dated_in;
use super::copies::Made;
use super::document::{self, Content, Document};
use super::following;
use super::holding::Holding;
use super::objections::is_apart;
use super::remember::Memory;
use super::revision::{Before, Version};
use super::sender;
use super::steps::Moved;
use super::told::told;
use super::{Entrance, Parts, Received, requirements};
use crate::audit::{Entry, Event};
use crate::auth::Caller;
use crate::intake::Refusal;
use crate::model::{Issue, IssueCode, MessageId, NhsNumber, Party, Severity, Urgency};
use crate::outbox::PersonKey;
use crate::route::SenderRole;
use crate::store::{Acceptance, Care, CareChanges, Kept, NewMessage, NewRecord, PersonRecord};
use crate::validate;

/// What is ready to be committed, and what is answered once it is.
pub(super) struct Prepared {
    pub acceptance: Acceptance,
    pub answer: Answer,
}

/// Whom a message is about, and what is kept about them.
pub(super) struct About<'a> {
    pub person: PersonKey,
    pub number: Option<&'a NhsNumber>,
    pub kept: &'a Kept,
    pub care: &'a Care,
    /// The earlier version that the message replaces.
    pub before: Option<&'a Before>,
    /// The request that the message answers, where it is one that answers.
    pub answered: Option<&'a Answered>,
}

/// Runs the rest of the path for one message that was read.
pub(super) fn process(
    parts: &Parts,
    about: About<'_>,
    id: &MessageId,
    caller: &Caller,
    received: Received,
    mut read: Document,
    now: Timestamp,
) -> Result<Prepared, Refusal> {
    let (sender, sender_role) = sender::sender(parts, caller, &read, now)?;
    // A doubtful number travels on, marked; it is never used to say who somebody is.
    read.findings.extend(validate::mark_unverified(&mut read.bundle));
    let said = read.said.take_if(|said| document::refuses(said));
    if let Some(issues) = said {
        return Err(document::invalid(issues));
    }
    let sealed = parts.validator.bundle(read.bundle.clone()).map_err(document::invalid)?;
    match &read.said {
        Some(said) => read.findings.extend(said.iter().cloned()),
        None => read.findings.extend(sealed.findings().iter().filter(|issue| is_theirs(issue)).cloned()),
    }
    let memory = about.number.map(|number| Memory {
        bundle: &read.bundle,
        number,
        sender,
        agent: &caller.client_id,
        message: id,
        now,
        kept: &about.kept.records,
    });
    let doubtful = memory.as_ref().map(Memory::doubtful).unwrap_or_default();
    let remembered = memory.map(|memory| memory.records()).unwrap_or_default();
    read.findings.extend(doubtful);
    // An older list that this document replaces does not bear on it.
    let replaced = |record: &&PersonRecord| remembered.iter().any(|new| new.replaces.contains(&record.id));
    // What it takes back, and what outlasts it of what it replaces, does at once.
    let at_once = |record: &&PersonRecord| {
        record.status == "inactive" || (is_apart(record.origin.as_deref()) && record.message.as_ref() != Some(id))
    };
    let new = remembered.iter().map(|new| &new.record).filter(at_once);
    let holding = Holding::of(about.kept.records.iter().filter(|record| !replaced(record)).chain(new), now)
        .map_err(|error| super::unavailable(&error))?;
    let mut run = Run {
        parts,
        caller,
        sender,
        sender_role,
        id,
        now,
        person: about.person,
        message: received.entrance == Entrance::Message,
        holding,
        revision: about.kept.revision,
        care: about.care,
        before: about.before,
        answered: about.answered,
        moved: None,
        remembered,
        read,
    };
    let (moved, told) = answering::moved(&run)?;
    run.moved = moved;
    run.read.findings.extend(told);
    let crisis = run.urgency() == Urgency::Crisis;
    run.finish(received).map_err(|mut refusal| {
        if crisis {
            let text =
                "This referral asks for a crisis response and was passed on to nobody: ring the crisis team now.";
            refusal.issues.insert(0, Issue::error(IssueCode::BusinessRule, text).rule("RT-01"));
        }
        refusal
    })
}

/// Whether a finding in what we made of a native document is about what its sender wrote: a value, whatever the element
/// it went to, and not our choice of elements and codes, which is what definitions speak of.
fn is_theirs(issue: &Issue) -> bool {
    issue.severity >= Severity::Warning && issue.detail.is_none()
}

/// One message on its way through routing and release.
pub(super) struct Run<'a> {
    pub(super) parts: &'a Parts,
    pub(super) caller: &'a Caller,
    pub(super) sender: &'a Party,
    pub(super) sender_role: SenderRole,
    pub(super) id: &'a MessageId,
    pub(super) now: Timestamp,
    pub(super) person: PersonKey,
    /// It came as a message, and not as a document by itself.
    pub(super) message: bool,
    pub(super) holding: Holding,
    pub(super) revision: i64,
    /// The person's care so far.
    pub(super) care: &'a Care,
    pub(super) before: Option<&'a Before>,
    pub(super) answered: Option<&'a Answered>,
    /// The step of that request that the message is.
    pub(super) moved: Option<Moved>,
    remembered: Vec<NewRecord>,
    pub(super) read: Document,
}

impl Run<'_> {
    fn finish(self, received: Received) -> Result<Prepared, Refusal> {
        let late = dated_in(&self.read.bundle, self.read.said.is_some(), self.now);
        if !late.is_empty() {
            return Err(document::invalid(late));
        }
        let (mut routing, mut unknown) = match &self.read.content {
            Content::Referral(referral) => self.route_referral(referral)?,
            Content::Document(outline, _) => self.route_document(outline),
        };
        let version = self.before.map(|before| Version::of(before, &self, &routing));
        if let Some(version) = &version {
            version.redirect(&mut routing);
        }
        let mut made = Made::default();
        let advice = self.advice();
        for destination in &routing.destinations {
            self.release_to(destination, &advice, &mut made)?;
        }
        let mut asked = match &self.read.content {
            Content::Referral(referral) => referral.missing(),
            Content::Document(..) => Vec::new(),
        };
        // what was asked for before is asked for still: it is not asked for twice
        asked.retain(|item| !version.as_ref().is_some_and(|version| version.is_asked(item.key)));
        if !asked.is_empty() {
            self.ask_back(&asked, &mut made)?;
        }
        if made.deliveries.is_empty() {
            let text = "This goes to nobody. Name a recipient the directory knows and the person's wishes allow, or send it another way.";
            made.remarks.push(Issue::warning(IssueCode::BusinessRule, text));
        }
        let mut findings = self.read.findings.clone();
        findings.extend(routing.unplaced.iter().map(|u| Issue::warning(IssueCode::NotFound, &u.why).rule(&u.rule)));
        findings.extend(told(&routing, &advice));
        if self.before.is_none() && !self.read.supersedes.is_empty() {
            let text = "The earlier version that this one replaces is not known here, so it was taken as new.";
            findings.push(Issue::warning(IssueCode::NotFound, text).rule("CS-21"));
        }
        findings.append(&mut unknown);
        findings.append(&mut made.remarks);
        let answer = Answer {
            message: self.id.clone(),
            kind: self.read.kind,
            received: self.now,
            identifier: self.read.identifier.clone(),
            fhir: self.read.said.is_some(),
            recipients: made.recipients,
            missing: requirements::missing(&self.read),
            findings,
            updates: version.as_ref().filter(|version| version.is_open()).map(|version| version.root().clone()),
            version_of: version.as_ref().map(|version| version.first().clone()),
        };
        let accepted = Entry::new(Event::Accepted, self.now)
            .actor(&self.caller.party.id, &self.caller.client_id)
            .message(self.id)
            .kind(self.read.kind)
            .person(self.person.as_str())
            .digest(&self.read.digest);
        let mut audit = vec![accepted.record()];
        audit.append(&mut made.audit);
        let mut care = if let Some(version) = &version {
            version.changes(&self, &answer, &routing, &asked, &mut audit)?
        } else {
            let (tasks, steps) = following::opened(&self, self.id, &answer.recipients, &asked);
            let events = care::events(&self, &routing, &answer.recipients);
            let after = care::changes(&self.parts.clocks, &self.parts.directory, self.care, events, self.now);
            CareChanges { tasks, steps, ..after }
        };
        if let Some(moved) = self.moved {
            moved.join(&mut care, &mut audit);
        }
        let message = NewMessage {
            id: self.id.clone(),
            sender: self.caller.party.id.clone(),
            key: self.read.key,
            digest: self.read.digest,
            kind: self.read.kind,
            received: self.now,
            media_type: self.read.media_type,
            body: received.bytes,
            answer: answer.to_stored(),
            directory: self.parts.directory_version,
        };
        let acceptance = Acceptance {
            message,
            deliveries: made.deliveries,
            audit,
            person: self.person,
            based_on: self.revision,
            remembered: self.remembered,
            decisions: made.decisions,
            care,
        };
        Ok(Prepared { acceptance, answer })
    }

    pub(super) fn urgency(&self) -> Urgency {
        let Content::Referral(referral) = &self.read.content else { return Urgency::Routine };
        super::planned::urgency(referral.response())
    }
}
