//! From received bytes to everything one commit holds. Pure but for the identifiers it is given and makes:
//! no clock, no network, no database; the same bytes and directory give the same decisions.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::answer::{Answer, MissingAnswer, RecipientAnswer, Release};
use super::document::{self, Document, find};
use super::release::{Grounds, Released, release, way};
use super::{Entrance, Parts, Received, person};
use crate::audit::{Entry, Event, WithheldPart};
use crate::auth::Caller;
use crate::consent::Permit;
use crate::documents::referral::{Addressee, MissingItem, Response};
use crate::intake::Refusal;
use crate::map::information_request::{self, About, InformationRequest};
use crate::model::{Category, DocumentKind, Issue, IssueCode, MessageId, Party, Purpose, Urgency};
use crate::outbox::{self, Enqueued, PersonKey};
use crate::route::{self, Destination, Role, Routing, SenderRole};
use crate::store::{Acceptance, AuditRecord, NewMessage};
use crate::validate;

/// What is ready to be committed, and what is answered once it is.
pub(super) struct Prepared {
    pub acceptance: Acceptance,
    pub answer: Answer,
}

/// Runs the rest of the path for one message that was read.
pub(super) fn process(
    parts: &Parts,
    person_secret: &[u8; 32],
    id: &MessageId,
    caller: &Caller,
    received: Received,
    mut read: Document,
    now: Timestamp,
) -> Result<Prepared, Refusal> {
    let (sender, sender_role) = document::sender(parts, caller, &read.bundle, &read.referral, now)?;
    // A doubtful number travels on, marked; it is never used to say who somebody is.
    read.findings.extend(validate::mark_unverified(&mut read.bundle));
    let sealed =
        validate::bundle(read.bundle.clone()).map_err(|issues| Refusal { category: Category::Invalid, issues })?;
    read.findings.extend(sealed.findings().iter().cloned());
    let number = validate::usable_nhs_number(&read.bundle);
    let run = Run {
        parts,
        caller,
        sender,
        sender_role,
        id,
        now,
        person: person::key(person_secret, number.as_ref(), &caller.party.id, &read.key),
        read,
    };
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

/// One message on its way through routing and release.
struct Run<'a> {
    parts: &'a Parts,
    caller: &'a Caller,
    sender: &'a Party,
    sender_role: SenderRole,
    id: &'a MessageId,
    now: Timestamp,
    person: PersonKey,
    read: Document,
}

/// What routing and release have made so far.
#[derive(Default)]
struct Made {
    recipients: Vec<RecipientAnswer>,
    deliveries: Vec<Enqueued>,
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
        let (routing, mut unknown) = self.route()?;
        let mut made = Made::default();
        for destination in &routing.destinations {
            self.release_to(destination, &mut made)?;
        }
        let missing = self.read.referral.missing();
        if !missing.is_empty() {
            self.ask_back(&missing, &mut made)?;
        }
        let mut findings = self.read.findings.clone();
        findings.extend(routing.unplaced.iter().map(|u| Issue::warning(IssueCode::NotFound, &u.why).rule(u.rule)));
        findings.append(&mut unknown);
        findings.append(&mut made.remarks);
        let answer = Answer {
            message: self.id.clone(),
            kind: self.read.kind,
            received: self.now,
            identifier: self.read.key.clone(),
            fhir: received.entrance == Entrance::Message,
            recipients: made.recipients,
            missing: missing.iter().map(missing_answer).collect(),
            findings,
        };
        let accepted = Entry::new(Event::Accepted, self.now)
            .actor(&self.caller.party.id, &self.caller.client_id)
            .message(self.id)
            .kind(self.read.kind)
            .person(self.person.as_str())
            .digest(&self.read.digest);
        let mut audit = vec![accepted.record()];
        audit.append(&mut made.audit);
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
        };
        Ok(Prepared { acceptance: Acceptance { message, deliveries: made.deliveries, audit }, answer })
    }

    /// Where the referral goes, and a warning for each recipient that is asked for and unknown.
    fn route(&self) -> Result<(Routing, Vec<Issue>), Refusal> {
        let referral = &self.read.referral;
        let directory = &self.parts.directory;
        let mut unknown = Vec::new();
        let mut place = |wanted: &Addressee, pointer: String| {
            let party = find(directory, wanted.party.as_ref(), wanted.ods.as_ref(), self.now).map(|p| p.id.clone());
            if party.is_none() {
                let text = "This recipient is not in the directory, so nothing was sent to it.";
                unknown.push(Issue::warning(IssueCode::NotFound, text).at(pointer).rule("recipient-known"));
            }
            party
        };
        let requested = referral.service.as_ref().and_then(|service| place(service, "/service".to_owned()));
        let copies = referral.copies.iter().enumerate();
        let copies = copies.filter_map(|(index, copy)| place(copy, format!("/copies/{index}"))).collect();
        let facts = route::Facts {
            sender: self.sender,
            sender_role: self.sender_role,
            response: self.urgency(),
            requested,
            copies,
        };
        let routing = route::destinations(&facts, directory, self.now)
            .map_err(|error| Refusal::one(error.category(), IssueCode::Exception, error.to_string()))?;
        Ok((routing, unknown))
    }

    fn urgency(&self) -> Urgency {
        match self.read.referral.response() {
            Response::Routine => Urgency::Routine,
            Response::Urgent => Urgency::Urgent,
            Response::Crisis => Urgency::Crisis,
        }
    }

    /// Decides the release to one destination, and queues what may go.
    fn release_to(&self, destination: &Destination, made: &mut Made) -> Result<(), Refusal> {
        let Parts { directory, engine, base_url, .. } = self.parts;
        let Some(recipient) = directory.party(&destination.party, self.now) else { return Ok(()) };
        let (way, endpoint) =
            way(directory, &recipient.id, base_url, route::delivery_priority(self.urgency()), self.now);
        let grounds = Grounds {
            kind: self.read.kind,
            sender: self.sender,
            care_relationship: destination.role != Role::Copy || self.is_own_gp(recipient),
            purpose: Purpose::DirectCare,
            now: self.now,
        };
        let mut answer = RecipientAnswer {
            party: recipient.id.clone(),
            name: recipient.name.clone(),
            role: destination.role.code().to_owned(),
            rule: destination.rule.to_owned(),
            reason: destination.reason.clone(),
            release: Release::Whole,
            consent_rules: Vec::new(),
            withheld: Vec::new(),
            denied: None,
        };
        let released = match release(engine, directory, &self.read.bundle, recipient, &endpoint, grounds) {
            Ok(released) => released,
            Err(issues) if destination.role == Role::Responsible && !made.crisis => {
                return Err(Refusal { category: Category::Invalid, issues });
            }
            // The message is sound, so a copy that cannot be cut is no reason to keep it from anybody else.
            Err(_) => {
                let text = format!("No copy could be made for {}. Send it to them another way.", recipient.name);
                made.remarks.push(Issue::warning(IssueCode::Exception, &text));
                answer.release = Release::Denied;
                answer.denied = Some(text);
                made.audit.push(self.entry(Event::Denied, self.read.kind, recipient).outcome("irreducible").record());
                made.recipients.push(answer);
                return Ok(());
            }
        };
        match released {
            Released::Permitted(permit) => {
                answer.withheld = outbox::notes(&permit);
                answer.release = if answer.withheld.is_empty() { Release::Whole } else { Release::Reduced };
                made.remark(permit.remarks());
                answer.consent_rules = permit.basis().rules.iter().map(ToString::to_string).collect();
                self.queue(&permit, self.read.kind, way, made)?;
                made.crisis |= destination.role == Role::Crisis;
            }
            Released::Denied(denial) if destination.role == Role::Responsible && !made.crisis => {
                // Nobody would be responsible for the person: the sender must know now, not find out later.
                return Err(Refusal {
                    category: Category::Invalid,
                    issues: vec![
                        Issue::error(
                            IssueCode::BusinessRule,
                            format!(
                                "The referral cannot go to {}, which would be responsible for it. {} {}",
                                recipient.name, denial.reason, denial.would_change
                            ),
                        )
                        .rule(denial.rule.to_string()),
                    ],
                });
            }
            Released::Denied(denial) => {
                made.remark(&denial.remarks);
                if destination.role != Role::Copy {
                    let text = format!("{} does not get this referral. Ring them now.", recipient.name);
                    made.remarks.push(Issue::warning(IssueCode::BusinessRule, text).rule(denial.rule.to_string()));
                }
                answer.release = Release::Denied;
                answer.consent_rules = vec![denial.rule.to_string()];
                answer.denied = Some(format!("{} {}", denial.reason, denial.would_change));
                let mut entry = self.entry(Event::Denied, self.read.kind, recipient).outcome("denied");
                entry.rules = vec![denial.rule.to_string()];
                made.audit.push(entry.record());
            }
        }
        made.recipients.push(answer);
        Ok(())
    }

    /// Whether a recipient is the GP practice the person is registered with (CS-14's care relationship).
    fn is_own_gp(&self, recipient: &Party) -> bool {
        let practice = self.read.referral.person.gp_practice.as_ref();
        let found = practice.and_then(|p| find(&self.parts.directory, p.party.as_ref(), p.ods.as_ref(), self.now));
        found.is_some_and(|party| party.id == recipient.id)
    }

    /// Asks the referrer for what is missing (L528-529). The request names items, never the person.
    fn ask_back(&self, missing: &[MissingItem], made: &mut Made) -> Result<(), Refusal> {
        let Parts { directory, engine, base_url, own, .. } = self.parts;
        let Some(from) = directory.party(own, self.now) else { return Ok(()) };
        let to = &self.caller.party;
        let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{}/information-request", self.id).as_bytes());
        let (key_system, key_value) = self.read.key.split_once('|').unwrap_or(("", &self.read.key));
        let request = information_request::to_fhir(&InformationRequest {
            id,
            about: About { system: key_system, value: key_value },
            from,
            to,
            items: missing,
            at: self.now,
        });
        let (way, endpoint) = way(directory, &to.id, base_url, 1, self.now);
        let grounds = Grounds {
            kind: DocumentKind::InformationRequest,
            sender: to,
            care_relationship: false,
            purpose: Purpose::MessageOutcome,
            now: self.now,
        };
        let released = release(engine, directory, &request, to, &endpoint, grounds)
            .map_err(|issues| Refusal { category: Category::Internal, issues })?;
        if let Released::Permitted(permit) = released {
            self.queue(&permit, DocumentKind::InformationRequest, way, made)?;
        }
        Ok(())
    }

    /// Puts a permitted bundle in the outbox, with its audit entry.
    fn queue(&self, permit: &Permit, kind: DocumentKind, way: outbox::Way, made: &mut Made) -> Result<(), Refusal> {
        let name = format!("{}/{}/{}", self.id, permit.recipient(), kind.code());
        let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes());
        let row = outbox::enqueue(id, permit, kind, self.person.clone(), way)
            .map_err(|issue| Refusal { category: Category::Invalid, issues: vec![issue] })?;
        let Some(recipient) = self.parts.directory.party(permit.recipient(), self.now) else { return Ok(()) };
        let basis = permit.basis();
        let mut entry = self
            .entry(Event::Disclosed, kind, recipient)
            .outcome(if row.withheld().is_empty() { "whole" } else { "reduced" })
            .delivery(id)
            .digest(format!("{:x}", Sha256::digest(row.body())));
        entry.rules = basis.rules.iter().map(ToString::to_string).collect();
        entry.consents.clone_from(&basis.consents);
        entry.agreements = basis.agreements.iter().map(|(id, version)| format!("{id}@{version}")).collect();
        entry.withheld = row
            .withheld()
            .iter()
            .map(|w| WithheldPart { category: w.category.clone(), rule: w.rule.clone() })
            .collect();
        made.audit.push(entry.record());
        made.deliveries.push(row);
        Ok(())
    }

    fn entry(&self, event: Event, kind: DocumentKind, recipient: &Party) -> Entry {
        Entry::new(event, self.now)
            .actor(&self.caller.party.id, &self.caller.client_id)
            .message(self.id)
            .kind(kind)
            .recipient(&recipient.id)
            .person(self.person.as_str())
    }
}

fn missing_answer(item: &MissingItem) -> MissingAnswer {
    MissingAnswer {
        item: item.number,
        key: item.key.to_owned(),
        title: item.title.to_owned(),
        ask: item.ask.to_owned(),
        pointer: item.pointer.to_owned(),
        fhir_path: item.fhir_path.to_owned(),
    }
}
