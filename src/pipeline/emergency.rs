//! Emergency access (CS-10): a crisis service states why it must read now. What is held about the person is decided for it on
//! that ground alone, and what policy permits goes to it at once: of each kind the newest document that still stands. The
//! statement, the decisions, the copies and their audit entries are one commit. Which kinds of information go is policy's to
//! say (`profiles/policy/cs-10.cedar`); who may state an emergency, and of which documents, is said here.
//!
//! Somebody about whom nothing is held gets the same answer with empty lists, and nothing is named that the crisis service
//! may not be told of (CS-22).

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::again::{self, KeptGrounds};
use super::claims::made;
use super::fields::Fields;
use super::holding::{Claim, Holding};
use super::newest::{self, Standing};
use super::release::{Grounds, Released, release, to_store, way};
use super::{Gateway, MOST_TRIES, Parts, busy, unavailable};
use crate::audit::{Entry, Event};
use crate::auth::Caller;
use crate::consent::{Emergency, Permit};
use crate::directory::Directory;
use crate::fhir::envelope::Envelope;
use crate::intake::Refusal;
use crate::model::{Category, IssueCode, Party, PartyKind, Purpose, Urgency};
use crate::outbox::{self, Channel, PersonKey, WithheldNote};
use crate::route;
use crate::store::{
    AuditRecord, Changed, GivenCopy, HeldAbout, NewDecision, NewRecord, Opened, Opening, PersonRecord, RecordChange,
    RecordKind, Spared, StoreError,
};

/// An emergency counts this long unless its end is stated, and no longer than that in any case: it is for what is needed
/// now (CS-10; the source gives no number, so these are ours).
const USUAL: SignedDuration = SignedDuration::from_hours(24);
const LONGEST: SignedDuration = SignedDuration::from_hours(72);

/// Crisis services, as policy knows them too: to any other kind CS-10 opens nothing, whoever states what.
const CRISIS: [PartyKind; 2] = [PartyKind::Crht, PartyKind::AccessPoint];

/// What every answer ends with, whoever it is about.
const NOTE: &str = "Listed is what is held here and may be named to you. There may be more, here or elsewhere: ask the team \
                    that leads on the person's care.";

impl Gateway {
    /// `POST /consent/emergency`: a crisis service states why it must read now, and is given what that opens. It is reviewed
    /// at the next opportunity.
    ///
    /// # Errors
    /// What is missing or wrong, by JSON pointer; or that the caller speaks for no crisis service.
    pub async fn record_emergency(
        self: &Arc<Self>,
        caller: &Caller,
        body: &Value,
        now: Timestamp,
    ) -> Result<Value, Refusal> {
        let directory = self.directory();
        let services = crisis_services(&directory, caller, now);
        if services.is_empty() {
            let text = "An emergency is stated by the crisis service that must read now: a crisis team or an access point, \
                        or the organisation it is part of. Ring the crisis team.";
            return Err(Refusal::one(Category::Forbidden, IssueCode::Forbidden, text));
        }
        let mut fields = Fields::of(body, &["person", "professional", "reason", "until", "team"])?;
        let person = fields.person();
        let professional = fields.wording("professional", "the professional who needs to know, by name and role");
        let reason = fields.wording("reason", "what the emergency is, in words a reviewer can judge");
        let until = fields.moment_if("until").unwrap_or_else(|| now.checked_add(USUAL).unwrap_or(Timestamp::MAX));
        if until <= now {
            fields.wrong("until", "This is over already. Leave it out, or give the moment at which it ends.");
        } else if until.duration_since(now) > LONGEST {
            fields.wrong("until", "This is more than 72 hours away. An emergency is for what is needed now.");
        }
        let team = service(&mut fields, &services);
        let (((person, professional), reason), team) = fields.done(person.zip(professional).zip(reason).zip(team))?;
        let claim = Claim::new(&person, Emergency { professional, reason }, Some(until)).of(&team.id);
        let stored = claim.stored().map_err(|error| unavailable(&error))?;
        let record = made(caller, RecordKind::Emergency, Uuid::now_v7(), stored, now);
        let mut answer = self.claimed(RecordKind::Emergency, record.id, Some(until), now);
        let lines = self.open_for(caller, team, &self.person(&person), record, now).await?;
        if let Some(fields) = answer.as_object_mut() {
            fields.insert("team".to_owned(), team.id.as_str().into());
            fields.insert("released".to_owned(), lines.released.into());
            fields.insert("not_released".to_owned(), lines.not_released.into());
            fields.insert("note".to_owned(), NOTE.into());
        }
        Ok(answer)
    }

    /// Records the emergency, and gives the service what it opens. Decided on what is held at one moment, and decided again
    /// when that has changed before it is stored.
    async fn open_for(
        self: &Arc<Self>,
        caller: &Caller,
        team: &Party,
        person: &PersonKey,
        record: PersonRecord,
        now: Timestamp,
    ) -> Result<Lines, Refusal> {
        let failed = |error: StoreError| unavailable(&error);
        let store = &self.store;
        let stated = Entry::new(Event::EmergencyStated, now)
            .actor(&caller.party.id, &caller.client_id)
            .person(person.as_str())
            .recipient(&team.id)
            .outcome(&record.status)
            .about(&record);
        for _ in 0..MOST_TRIES {
            let kept = store.kept(person).await.map_err(failed)?;
            let held = store.held(person, &team.id, newest::OF_EACH).await.map_err(failed)?;
            let based_on = kept.revision;
            let (gateway, caller_in, team, person_in, emergency) =
                (self.clone(), caller.clone(), team.clone(), person.clone(), record.clone());
            let made = self.apart(move || {
                let holding = Holding::of(kept.records.iter().chain([&emergency]), now).map_err(|e| unavailable(&e))?;
                let access = Access {
                    parts: &gateway.parts(),
                    caller: &caller_in,
                    team: &team,
                    person: &person_in,
                    emergency: &emergency,
                    holding: &holding,
                    now,
                };
                Ok(access.open(held))
            });
            let Given { lines, opened, mut audit } = made.await?;
            audit.insert(0, stated.record());
            let change = RecordChange {
                person: person.clone(),
                based_on,
                at: now,
                records: vec![NewRecord { record: record.clone(), replaces: Vec::new(), to_review: true }],
                review: None,
                audit,
                opened: Some(opened),
            };
            if let Changed::Stored { spared, .. } =
                store.change_records(change, self.again(caller, now)).await.map_err(failed)?
            {
                tracing::info!(record.id = %record.id, copies = lines.released.len(), "emergency stated");
                self.parts().wake.notify_one();
                return Ok(lines.with(&spared, self.base_url()));
            }
        }
        Err(busy())
    }
}

/// The crisis service that is to read.
fn service<'p>(fields: &mut Fields<'_>, services: &[&'p Party]) -> Option<&'p Party> {
    if let ([only], None) = (services, fields.text_if("team")) {
        return Some(only);
    }
    let listed = services.iter().map(|party| party.id.as_str()).collect::<Vec<_>>().join(", ");
    let id = fields.text("team", &format!("the crisis service that must read, by its directory id: {listed}"))?;
    let found = services.iter().copied().find(|party| party.id.as_str() == id);
    if found.is_none() {
        fields.wrong("team", format!("This is none of your crisis services: {listed}."));
    }
    found
}

/// One emergency, and what it is decided on.
struct Access<'a> {
    parts: &'a Parts,
    caller: &'a Caller,
    /// The crisis service.
    team: &'a Party,
    person: &'a PersonKey,
    emergency: &'a PersonRecord,
    /// What is kept about the person, the emergency among it.
    holding: &'a Holding,
    now: Timestamp,
}

/// What an emergency opens: to be stored, and to be answered.
struct Given {
    lines: Lines,
    opened: Opened,
    /// Of what does not go.
    audit: Vec<AuditRecord>,
}

/// What is answered.
#[derive(Default)]
struct Lines {
    released: Vec<Value>,
    not_released: Vec<Value>,
}

impl Lines {
    /// Names the copy that the service has, where it needed none.
    fn with(mut self, spared: &[Spared], base_url: &str) -> Self {
        for line in &mut self.released {
            let Some(fields) = line.as_object_mut() else { continue };
            let text = |key: &str| fields.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            let (delivery, inbox) = (text("delivery"), text("channel") == Channel::Inbox.code());
            let has = spared.iter().find(|one| one.copy.to_string() == delivery).map(|one| one.has.to_string());
            fields.insert("already".to_owned(), has.is_some().into());
            let delivery = has.unwrap_or(delivery);
            fields.insert("link".to_owned(), inbox.then(|| format!("{base_url}/inbox/{delivery}")).into());
            fields.insert("delivery".to_owned(), delivery.into());
        }
        self
    }
}

impl Access<'_> {
    fn open(&self, held: HeldAbout) -> Given {
        let HeldAbout { accepted, documents, given } = held;
        let mut out = Given {
            lines: Lines::default(),
            opened: Opened { accepted, copies: Vec::new(), denied: Vec::new() },
            audit: Vec::new(),
        };
        for standing in newest::of_each_kind(self.parts, documents) {
            self.decide(&standing, &given, &mut out);
        }
        out
    }

    /// Decides one document for the service. The emergency is all it rests on: whoever has a care relationship too is sent
    /// what that opens in the ordinary way, and may have it already.
    fn decide(&self, document: &Standing, given: &[GivenCopy], out: &mut Given) {
        let Parts { directory, base_url, engine, .. } = self.parts;
        let priority = route::delivery_priority(Urgency::Crisis);
        let (way, endpoint) = way(directory, &self.team.id, base_url, priority, self.now);
        let grounds = Grounds {
            kind: document.kind,
            sender: &document.sender,
            care_relationship: false,
            registered_gp: false,
            purpose: Purpose::DirectCare,
            holding: self.holding,
            now: self.now,
        };
        let Ok((released, trail)) = release(self.parts, &document.bundle, self.team, &endpoint, grounds) else {
            out.audit.push(self.entry(Event::Denied, document).outcome("irreducible").record());
            return;
        };
        let decision = to_store(Uuid::now_v7(), &document.message, self.team, self.now, &trail);
        let (rule, reason) = match released {
            Released::Permitted(permit) => {
                let copy = self.copy(document, &permit, grounds, way, &endpoint);
                match copy {
                    Some(copy) => {
                        out.lines.released.push(told(document, &copy, &permit));
                        out.opened.copies.push(self.opening(document, copy, given, &permit, grounds, decision));
                        return;
                    }
                    None => (None, "No copy could be made.".to_owned()),
                }
            }
            Released::Denied(denial) => (Some(denial.rule), denial.reason),
        };
        let mut entry = self.entry(Event::Denied, document).outcome("denied");
        entry.rules = rule.iter().map(ToString::to_string).collect();
        entry.decision = Some(decision.id.to_string());
        out.audit.push(entry.record());
        out.opened.denied.push(decision);
        if trail.may_be_told_of(engine) {
            let rule = rule.map(|rule| rule.to_string());
            out.lines.not_released.push(json!({
                "document": document.kind.code(),
                "title": document.kind.title(),
                "received": document.received.to_string(),
                "rule": rule,
                "reason": reason,
            }));
        }
    }

    fn copy(
        &self,
        document: &Standing,
        permit: &Permit,
        grounds: Grounds<'_>,
        way: outbox::Way,
        endpoint: &str,
    ) -> Option<outbox::Enqueued> {
        let id = Uuid::new_v5(&self.emergency.id, format!("{}/{}", document.message, self.team.id).as_bytes());
        let envelope = Envelope {
            id,
            sender: &document.sender,
            recipient: self.team,
            endpoint,
            base_url: &self.parts.base_url,
            at: self.now,
        };
        let row = outbox::enqueue(id, permit, document.kind, self.person.clone(), way, &envelope).ok()?;
        Some(row.resting_on(KeptGrounds::of(permit, grounds, self.team, (document.as_message, &[]))))
    }

    fn opening(
        &self,
        document: &Standing,
        copy: outbox::Enqueued,
        given: &[GivenCopy],
        permit: &Permit,
        grounds: Grounds<'_>,
        decision: NewDecision,
    ) -> Opening {
        let mut entry = self.entry(Event::Disclosed, document);
        entry.decision = Some(decision.id.to_string());
        let entry = again::disclosed(entry, permit, &copy, grounds, self.team);
        let unless = given
            .iter()
            .filter(|other| other.message == document.message && says_as_much(&other.withheld, copy.withheld()))
            // What lies where they read no longer is not at hand.
            .filter(|other| other.channel == copy.way().channel)
            .map(|other| other.delivery)
            .collect();
        Opening { copy, by: self.emergency.id, unless, decision, audit: vec![entry.record()] }
    }

    fn entry(&self, event: Event, document: &Standing) -> Entry {
        Entry::new(event, self.now)
            .actor(&self.caller.party.id, &self.caller.client_id)
            .message(&document.message)
            .kind(document.kind)
            .recipient(&self.team.id)
            .person(self.person.as_str())
            .about(self.emergency)
    }
}

/// One line of the answer. Withheld parts are told where the copy itself may tell of them.
fn told(document: &Standing, copy: &outbox::Enqueued, permit: &Permit) -> Value {
    let withheld: Vec<Value> = copy
        .withheld()
        .iter()
        .filter(|note| note.told)
        .map(|note| json!({"category": note.category, "title": note.title, "rule": note.rule, "reason": note.reason}))
        .collect();
    let rules: Vec<String> = permit.basis().rules.iter().map(ToString::to_string).collect();
    json!({
        "document": document.kind.code(),
        "title": document.kind.title(),
        "message": document.message.as_str(),
        "from": {"party": document.sender.id.as_str(), "name": document.sender.name},
        "received": document.received.to_string(),
        "delivery": copy.id().to_string(),
        "channel": copy.way().channel.code(),
        "rules": rules,
        "withheld": withheld,
    })
}

/// Whether a copy that was given holds back nothing that the new one tells.
fn says_as_much(given: &[WithheldNote], new: &[WithheldNote]) -> bool {
    let of = |notes: &[WithheldNote]| notes.iter().map(|note| note.category.clone()).collect::<BTreeSet<_>>();
    of(given).is_subset(&of(new))
}

/// The crisis services a caller speaks for.
fn crisis_services<'d>(directory: &'d Directory, caller: &Caller, now: Timestamp) -> Vec<&'d Party> {
    directory.parties(now).filter(|party| CRISIS.contains(&party.kind) && caller.speaks_for(party)).collect()
}
