//! From received bytes to everything one commit holds. Pure but for the identifiers it is given and makes:
//! no clock, no network, no database; the same bytes and directory give the same decisions.

use std::borrow::Cow;

use jiff::Timestamp;
use uuid::Uuid;

use super::again::{self, KeptGrounds};
use super::answer::{Answer, RecipientAnswer, Release};
use super::answering::{self, Answered};
use super::care;
use super::consent_checks::dated_in;
use super::document::{self, Content, Document};
use super::following;
use super::holding::Holding;
use super::objections::is_apart;
use super::outsider::{self, Alone};
use super::release::{Grounds, Released, release, to_store, way};
use super::remember::Memory;
use super::revision::{Before, Version};
use super::sender;
use super::steps::Moved;
use super::told::{noted, notes, told};
use super::{Entrance, Parts, Received, requirements};
use crate::audit::{Entry, Event};
use crate::auth::Caller;
use crate::consent::Permit;
use crate::documents::referral::MissingItem;
use crate::fhir::Bundle;
use crate::fhir::envelope::Envelope;
use crate::intake::Refusal;
use crate::map::information_request::{self, InformationRequest};
use crate::map::task_message;
use crate::model::{Category, DocumentKind, Issue, IssueCode, MessageId, NhsNumber, Party, Purpose, Severity, Urgency};
use crate::outbox::{self, Enqueued, PersonKey};
use crate::route::{self, Advice, Destination, Role, SenderRole};
use crate::store::{
    Acceptance, AuditRecord, Care, CareChanges, Kept, NewDecision, NewMessage, NewRecord, PersonRecord,
};
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
    message: bool,
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

/// What routing and release have made so far.
#[derive(Default)]
struct Made {
    recipients: Vec<RecipientAnswer>,
    deliveries: Vec<Enqueued>,
    /// What each release of the document rests on, to be replayed.
    decisions: Vec<NewDecision>,
    /// A crisis team has it; destinations come in that order. Then nothing that follows may refuse the referral.
    crisis: bool,
    audit: Vec<AuditRecord>,
    /// How the person's recorded wishes were read, where a person should know.
    remarks: Vec<Issue>,
}

impl Made {
    fn remark(&mut self, remarks: &[String]) {
        for text in remarks {
            let issue = Issue::warning(IssueCode::BusinessRule, text).rule("CS-02");
            if !self.remarks.contains(&issue) {
                self.remarks.push(issue);
            }
        }
    }
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

    /// Decides the release to one destination, and queues what may go.
    fn release_to(&self, destination: &Destination, advice: &[Advice], made: &mut Made) -> Result<(), Refusal> {
        let Parts { directory, base_url, .. } = self.parts;
        let Some(recipient) = directory.party(&destination.party, self.now) else { return Ok(()) };
        let (way, endpoint) =
            way(directory, &recipient.id, base_url, route::delivery_priority(self.urgency()), self.now);
        let grounds = Grounds {
            kind: self.read.kind,
            sender: self.sender,
            care_relationship: self.is_in_care_of(destination),
            registered_gp: self.is_own_gp(recipient),
            purpose: Purpose::DirectCare,
            holding: &self.holding,
            now: self.now,
        };
        let mut answer = RecipientAnswer {
            party: recipient.id.clone(),
            name: recipient.name.clone(),
            role: destination.role.code().to_owned(),
            rule: destination.rule.clone(),
            reason: destination.reason.clone(),
            release: Release::Whole,
            consent_rules: Vec::new(),
            withheld: Vec::new(),
            denied: None,
            note: None,
        };
        let (bundle, notes) = self.copy_for(destination.role, advice);
        // Always asked, so that the time it takes tells nothing either.
        let nothing = Holding::default();
        let alone = outsider::is_outside(&self.caller.party).then(|| {
            let grounds = Grounds { holding: &nothing, ..grounds };
            Alone::new(release(self.parts, &bundle, recipient, &endpoint, grounds).map(|(released, _)| released))
        });
        let released = match release(self.parts, &bundle, recipient, &endpoint, grounds) {
            Ok((released, trail)) => {
                made.decisions.push(to_store(self.decision(recipient), self.id, recipient, self.now, &trail));
                released
            }
            Err(issues) if destination.role == Role::Responsible && !made.crisis => {
                return Err(match &alone {
                    Some(alone) if !alone.is_irreducible() => alone.refusal(self.read.kind, recipient, "irreducible"),
                    _ => document::invalid(issues),
                });
            }
            // The message is sound, so a copy that cannot be cut is no reason to keep it from anybody else.
            Err(_) => {
                match &alone {
                    Some(alone) if !alone.is_irreducible() => alone.of_denied(&mut answer),
                    _ => {
                        let text =
                            format!("No copy could be made for {}. Send it to them another way.", recipient.name);
                        made.remarks.push(Issue::warning(IssueCode::Exception, &text));
                        answer.release = Release::Denied;
                        answer.denied = Some(text);
                    }
                }
                made.audit.push(self.entry(Event::Denied, self.read.kind, recipient).outcome("irreducible").record());
                made.recipients.push(answer);
                return Ok(());
            }
        };
        match released {
            Released::Permitted(permit) => {
                answer.withheld = outbox::notes(&permit);
                answer.release = if answer.withheld.is_empty() { Release::Whole } else { Release::Reduced };
                made.remark(alone.as_ref().map_or(permit.remarks(), Alone::remarks));
                answer.consent_rules = permit.basis().rules.iter().map(ToString::to_string).collect();
                if let Some(alone) = &alone {
                    alone.of_permitted(&mut answer);
                }
                self.queue(&permit, grounds, way, (&endpoint, &notes), made)?;
                made.crisis |= destination.role == Role::Crisis;
            }
            Released::Denied(denial) if destination.role == Role::Responsible && !made.crisis => {
                // Nobody would be responsible for the person: the sender must know now, not find out later.
                let rule = denial.rule.to_string();
                return Err(alone.unwrap_or_else(|| Alone::new::<()>(Ok(Released::Denied(denial)))).refusal(
                    self.read.kind,
                    recipient,
                    &rule,
                ));
            }
            Released::Denied(denial) => {
                made.remark(alone.as_ref().map_or(denial.remarks.as_slice(), Alone::remarks));
                let rule = denial.rule.to_string();
                alone.unwrap_or_else(|| Alone::new::<()>(Ok(Released::Denied(denial)))).of_denied(&mut answer);
                let unserved = match destination.role {
                    Role::Responsible | Role::Crisis => Some("does not get this referral. Ring them now."),
                    Role::Addressee => Some("does not get this letter, which is written to them."),
                    Role::Gp | Role::CareTeam | Role::Copy => None,
                };
                if let Some(what) = unserved {
                    let mut issue = Issue::warning(IssueCode::BusinessRule, format!("{} {what}", recipient.name));
                    issue.rule = answer.consent_rules.first().cloned();
                    made.remarks.push(issue);
                }
                let mut entry = self.entry(Event::Denied, self.read.kind, recipient).outcome("denied");
                entry.rules = vec![rule];
                made.audit.push(entry.record());
            }
        }
        made.recipients.push(answer);
        Ok(())
    }

    /// Whoever was asked to care for the person on an earlier version gets its correction on the same ground.
    fn is_in_care_of(&self, destination: &Destination) -> bool {
        !matches!(destination.role, Role::Copy | Role::Gp)
            || self.before.is_some_and(|before| before.cared(&destination.party))
    }

    /// What a destination is to get, before consent, and the notes in it that are ours: whoever answers for the referral
    /// gets the advice with it.
    fn copy_for(&self, role: Role, advice: &[Advice]) -> (Cow<'_, Bundle>, Vec<String>) {
        if role == Role::Responsible && !advice.is_empty() {
            let notes = notes(advice);
            (Cow::Owned(noted(self.read.bundle.clone(), &notes)), notes)
        } else {
            (Cow::Borrowed(&self.read.bundle), Vec::new())
        }
    }

    /// Asks the referrer for what is missing (L528-529). The request names items, never the person.
    fn ask_back(&self, missing: &[MissingItem], made: &mut Made) -> Result<(), Refusal> {
        let Parts { directory, base_url, own, .. } = self.parts;
        let Some(from) = directory.party(own, self.now) else { return Ok(()) };
        let to = &self.caller.party;
        let id = following::asking(self.id);
        let request = information_request::to_fhir(&InformationRequest {
            id,
            about: task_message::About::of_key(&self.read.key),
            from,
            to,
            items: missing,
            at: self.now,
        });
        let (way, endpoint) = way(directory, &to.id, base_url, 1, self.now);
        let nobody = Holding::default();
        let grounds = Grounds::of_outcome(DocumentKind::InformationRequest, to, &nobody, self.now);
        let (released, _) = release(self.parts, &request, to, &endpoint, grounds)
            .map_err(|issues| Refusal::new(Category::Internal, issues))?;
        if let Released::Permitted(permit) = released {
            self.queue(&permit, grounds, way, (&endpoint, &[]), made)?;
        }
        Ok(())
    }

    /// Puts a permitted bundle in the outbox, with its audit entry; `notes` are what the gateway added to it.
    fn queue(
        &self,
        permit: &Permit,
        grounds: Grounds<'_>,
        way: outbox::Way,
        (endpoint, notes): (&str, &[String]),
        made: &mut Made,
    ) -> Result<(), Refusal> {
        let Some(recipient) = self.parts.directory.party(permit.recipient(), self.now) else { return Ok(()) };
        let kind = grounds.kind;
        let name = format!("{}/{}/{}", self.id, permit.recipient(), kind.code());
        let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes());
        let envelope =
            Envelope { id, sender: self.sender, recipient, endpoint, base_url: &self.parts.base_url, at: self.now };
        let mut row = outbox::enqueue(id, permit, kind, self.person.clone(), way, &envelope)
            .map_err(|issue| document::invalid(vec![issue]))?;
        if grounds.purpose == Purpose::DirectCare {
            row = row.resting_on(KeptGrounds::of(permit, grounds, recipient, (self.message, notes)));
        }
        let entry = self.entry(Event::Disclosed, kind, recipient);
        made.audit.push(again::disclosed(entry, permit, &row, grounds, recipient).record());
        made.deliveries.push(row);
        Ok(())
    }

    /// The id of the decision on the document for one recipient; the same message always has the same.
    fn decision(&self, recipient: &Party) -> Uuid {
        Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{}/{}/decision", self.id, recipient.id).as_bytes())
    }

    fn entry(&self, event: Event, kind: DocumentKind, recipient: &Party) -> Entry {
        let decided = kind == self.read.kind && matches!(event, Event::Disclosed | Event::Denied);
        let entry =
            Entry { decision: decided.then(|| self.decision(recipient).to_string()), ..Entry::new(event, self.now) };
        entry
            .actor(&self.caller.party.id, &self.caller.client_id)
            .message(self.id)
            .kind(kind)
            .recipient(&recipient.id)
            .person(self.person.as_str())
    }
}
