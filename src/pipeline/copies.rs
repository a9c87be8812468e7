//! The copies of one message: what each destination gets, decided on and queued, and the question to its sender about what is
//! missing. Where it goes and what is committed with it is said elsewhere.

use std::borrow::Cow;

use uuid::Uuid;

use super::again::{self, KeptGrounds};
use super::answer::{RecipientAnswer, Release};
use super::holding::Holding;
use super::outsider::{self, Alone};
use super::process::Run;
use super::release::{Grounds, Released, release, to_store, way};
use super::told::{noted, notes};
use super::{Parts, document, following};
use crate::audit::{Entry, Event};
use crate::consent::Permit;
use crate::documents::referral::MissingItem;
use crate::fhir::Bundle;
use crate::fhir::envelope::Envelope;
use crate::intake::Refusal;
use crate::map::information_request::{self, InformationRequest};
use crate::map::task_message;
use crate::model::{Category, DocumentKind, Issue, IssueCode, Party, Purpose};
use crate::outbox::{self, Enqueued};
use crate::route::{self, Advice, Destination, Role};
use crate::store::{AuditRecord, NewDecision};

/// What routing and release have made so far.
#[derive(Default)]
pub(super) struct Made {
    pub recipients: Vec<RecipientAnswer>,
    pub deliveries: Vec<Enqueued>,
    /// What each release of the document rests on, to be replayed.
    pub decisions: Vec<NewDecision>,
    /// A crisis team has it; destinations come in that order. Then nothing that follows may refuse the referral.
    pub crisis: bool,
    pub audit: Vec<AuditRecord>,
    /// How the person's recorded wishes were read, where a person should know.
    pub remarks: Vec<Issue>,
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
    /// Decides the release to one destination, and queues what may go.
    pub(super) fn release_to(
        &self,
        destination: &Destination,
        advice: &[Advice],
        made: &mut Made,
    ) -> Result<(), Refusal> {
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
    pub(super) fn ask_back(&self, missing: &[MissingItem], made: &mut Made) -> Result<(), Refusal> {
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
