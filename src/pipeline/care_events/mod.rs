//! `POST /events`: what record systems tell of a person's care, contacts, assessments, admissions and the like, in codes
//! and times. Taken from those with a part in the care alone, once each, and never of the future; passed on to nobody.

mod telling;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Gateway, MOST_TRIES, busy, care, event_in_fhir, other_content, unavailable};
use crate::audit::{Entry, Event};
use crate::auth::Caller;
use crate::clocks::calendar::day_in;
use crate::documents;
use crate::fhir::{self, identifier};
use crate::intake::{self, Refusal, Shape};
use crate::model::{
    CareEvent, Category, DocumentKind, EventKind, Issue, IssueCode, MessageId, NhsNumber, Party, PartyId, PersonKey,
};
use crate::store::{Acceptance, Accepted, CareChanges, NewMessage};

/// The JSON Schema of an event.
pub const EVENT_SCHEMA: &str = include_str!("../../../profiles/cmht/care-event.schema.json");

/// Compiled once; `None` would be a fault of ours, which a test rules out.
static SHAPE: LazyLock<Option<Shape>> = LazyLock::new(|| Shape::load(EVENT_SCHEMA).ok());

/// An event as it was told, before it is known whom it is about.
struct Told {
    id: String,
    kind: EventKind,
    at: Timestamp,
    by: Party,
    team: Option<PartyId>,
    detail: BTreeMap<String, String>,
}

/// An event as it came in.
struct Sent {
    id: MessageId,
    /// The caller's own identifier, by which a repeat is known.
    key: String,
    digest: String,
    media_type: String,
    bytes: Vec<u8>,
    /// The version of the directory it is taken under.
    directory: i64,
}

impl Told {
    fn event(
        &self,
        caller: &Caller,
        sent: &Sent,
        person: PersonKey,
        request: Option<MessageId>,
        now: Timestamp,
    ) -> CareEvent {
        CareEvent {
            id: Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{}/{}", caller.party.id, sent.key).as_bytes()),
            kind: self.kind,
            at: self.at,
            recorded: now,
            person,
            request,
            message: Some(sent.id.clone()),
            by: self.by.id.clone(),
            team: self.team.clone(),
            detail: self.detail.clone(),
        }
    }
}

impl Sent {
    /// Everything that taking it commits.
    fn accepted(
        &self,
        caller: &Caller,
        told: &Told,
        (person, revision): (&PersonKey, i64),
        (care, answer): (CareChanges, &Value),
        now: Timestamp,
    ) -> Acceptance {
        let entry = Entry::new(Event::CareTold, now)
            .actor(&caller.party.id, &caller.client_id)
            .message(&self.id)
            .kind(DocumentKind::CareEvent)
            .person(person.as_str())
            .outcome(told.kind.code())
            .digest(&self.digest);
        let message = NewMessage {
            id: self.id.clone(),
            sender: caller.party.id.clone(),
            key: self.key.clone(),
            digest: self.digest.clone(),
            kind: DocumentKind::CareEvent,
            received: now,
            media_type: self.media_type.clone(),
            body: self.bytes.clone(),
            answer: answer.to_string(),
            directory: self.directory,
        };
        Acceptance {
            message,
            deliveries: Vec::new(),
            audit: vec![entry.record()],
            person: person.clone(),
            based_on: revision,
            remembered: Vec::new(),
            decisions: Vec::new(),
            care,
        }
    }
}

/// What is answered to an event that was taken.
fn answer(event: &CareEvent, message: &MessageId) -> Value {
    json!({
        "id": event.id.to_string(),
        "message": message.as_str(),
        "kind": event.kind.code(),
        "at": event.at.to_string(),
        "recorded": event.recorded.to_string(),
        "request": event.request.as_ref().map(MessageId::as_str),
    })
}

/// Whom it is about.
enum About {
    Person(NhsNumber),
    Request(MessageId),
    /// The request's identifier as its sender gave it, and that sender.
    Named(PartyId, String),
}

impl Gateway {
    /// Takes an event; the answer says what became of it.
    ///
    /// # Errors
    /// Everything that is wrong with it, by JSON pointer; 404 where the caller has no part in the care it is about.
    pub async fn take_event(
        self: &Arc<Self>,
        caller: &Caller,
        content_type: Option<String>,
        bytes: Vec<u8>,
        now: Timestamp,
    ) -> Result<Value, Refusal> {
        let (value, told, about) = if intake::json_only(content_type.as_deref()).is_ok() {
            let value = self.event_shape(&bytes)?;
            let (told, about) = self.event_read(caller, &value, now)?;
            (value, told, about)
        } else {
            let format = intake::fhir_format(content_type.as_deref())
                .map_err(|issue| Refusal::new(Category::UnsupportedMediaType, vec![issue]))?;
            let value = self.event_of_fhir(caller, format, bytes.clone(), now).await?;
            let placed = |refusal: Refusal| Refusal { issues: event_in_fhir::placed(refusal.issues), ..refusal };
            let value = self.event_shape(value.to_string().as_bytes()).map_err(placed)?;
            let (told, about) = self.event_read(caller, &value, now).map_err(placed)?;
            (value, told, about)
        };
        let sent = Sent {
            id: MessageId::new(Uuid::now_v7()),
            key: format!("care-event|{}", told.id),
            digest: format!("{:x}", Sha256::digest(documents::canonical(&value))),
            media_type: content_type.unwrap_or_default(),
            bytes,
            directory: self.parts().directory_version,
        };
        let failed = |error| unavailable(&error);
        if let Some(earlier) = self.store.earlier(&caller.party.id, &sent.key).await.map_err(failed)? {
            return repeated(&earlier.digest, &sent.digest, &earlier.message, &earlier.answer);
        }
        let (person, request) = self.event_about(caller, &about).await?;
        for _ in 0..MOST_TRIES {
            let held = self.store.kept(&person).await.map_err(failed)?;
            let known = self.store.care(&person).await.map_err(failed)?;
            self.has_part(caller, &person, request.as_ref(), (&known, now)).await?;
            let at = self.may_tell(caller, &told, request.as_ref(), (&known, now)).await?;
            let mut event = CareEvent { at, ..told.event(caller, &sent, person.clone(), request.clone(), now) };
            let of = known.tasks.iter().find(|task| Some(&task.request) == request.as_ref());
            if let Some(task) = of.filter(|task| task.kind != DocumentKind::InformationRequest) {
                // as the steps of a task say what they are of
                event.detail.insert("kind".to_owned(), task.kind.code().to_owned());
            }
            let (follows, audit) = self.call_out(caller, &mut event, (&held, &known), now).await?;
            let answer = answer(&event, &sent.id);
            let parts = self.parts();
            let changes = care::changes(&parts.clocks, &parts.directory, &known, vec![event], now);
            let CareChanges { based_on, events, clocks, .. } = changes;
            let changes = CareChanges { based_on, events, clocks, ..follows };
            let mut acceptance = sent.accepted(caller, &told, (&person, held.revision), (changes, &answer), now);
            acceptance.audit.extend(audit);
            match self.store.accept(acceptance, self.again(caller, now)).await.map_err(failed)? {
                Accepted::Stored => return Ok(answer),
                Accepted::SameAgain { message, answer } => {
                    return repeated(&sent.digest, &sent.digest, &message, &answer);
                }
                Accepted::OtherContent { message } => return Err(other_content(&message)),
                Accepted::Stale => {}
            }
        }
        Err(busy())
    }

    fn event_shape(&self, bytes: &[u8]) -> Result<Value, Refusal> {
        let value = fhir::read_document(bytes, self.limits()).map_err(|issue| {
            let category = if issue.code == IssueCode::TooLong { Category::TooLarge } else { Category::Malformed };
            Refusal::new(category, vec![issue])
        })?;
        let ours = || Refusal::one(Category::Internal, IssueCode::Exception, "The schema of an event cannot be used.");
        match SHAPE.as_ref().ok_or_else(ours)?.check(&value, bytes) {
            issues if issues.is_empty() => Ok(value),
            issues => Err(Refusal::new(Category::Invalid, issues)),
        }
    }

    /// Reads an event that fits its schema; everything the schema cannot know is told at once.
    fn event_read(&self, caller: &Caller, value: &Value, now: Timestamp) -> Result<(Told, About), Refusal> {
        let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
        let mut issues = Vec::new();
        let mut wrong = |path: &str, words: &str| {
            issues.push(Issue::error(IssueCode::Value, words).at(path).rule("care-event"));
        };
        let kind = text("/kind").and_then(EventKind::from_code);
        let at: Option<Timestamp> = text("/at").and_then(|at| at.parse().ok());
        match at {
            Some(at) if at > now => wrong("/at", "This is in the future. An event is told when it has happened."),
            Some(_) => {}
            None => wrong("/at", "This is no moment with its time zone, such as 2026-03-12T14:30:00Z."),
        }
        let directory = self.directory();
        let by = match text("/by") {
            None => Some(caller.party.clone()),
            Some(id) => {
                let found = PartyId::parse(id).and_then(|id| directory.party(&id, now));
                let found = found.filter(|party| caller.speaks_for(party));
                if found.is_none() {
                    wrong("/by", "This is neither your organisation nor a team of it. Give its directory id.");
                }
                found.cloned()
            }
        };
        let team = text("/team").and_then(PartyId::parse);
        if text("/team").is_some() && team.as_ref().and_then(|id| directory.party(id, now)).is_none() {
            wrong("/team", "The directory has no such team. Give its directory id.");
        }
        let details = value.get("detail").and_then(Value::as_object).into_iter().flatten();
        let detail: BTreeMap<String, String> =
            details.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
        if detail.get("on").is_some_and(|on| day_in(on).is_none()) {
            wrong("/detail/on", "This is no date, such as 2026-03-12.");
        }
        let about = about(value, &mut wrong);
        match (kind, at, by, about) {
            (Some(kind), Some(at), Some(by), Some(about)) if issues.is_empty() => {
                let id = text("/id").unwrap_or_default().to_owned();
                Ok((Told { id, kind, at, by, team, detail }, about))
            }
            _ => Err(Refusal::new(Category::Invalid, issues)),
        }
    }

    /// The person and the request an event is about.
    async fn event_about(&self, caller: &Caller, about: &About) -> Result<(PersonKey, Option<MessageId>), Refusal> {
        let request = match about {
            About::Person(number) => return Ok((self.person(number), None)),
            About::Request(request) => Some(request.clone()),
            About::Named(sender, key) => {
                let found = self.store.earlier(sender, key).await.map_err(|error| unavailable(&error))?;
                found.map(|earlier| earlier.message)
            }
        };
        let person = match &request {
            Some(request) => self.store.person_of(request).await.map_err(|error| unavailable(&error))?,
            None => None,
        };
        match person {
            Some(person) => Ok((person, request)),
            None => Err(self.no_part(caller).await),
        }
    }
}

fn about(value: &Value, wrong: &mut impl FnMut(&str, &str)) -> Option<About> {
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
    if let Some(person) = text("/person") {
        let number = NhsNumber::parse(person).ok();
        if number.is_none() {
            wrong("/person", "This is no NHS number.");
        }
        return number.map(About::Person);
    }
    if let Some(message) = text("/request/message") {
        let id = MessageId::parse(message);
        if id.is_none() {
            wrong("/request/message", "This is no id of a message, as the gateway's answer gave it.");
        }
        return id.map(About::Request);
    }
    let sender = text("/request/sender").and_then(PartyId::parse);
    if sender.is_none() {
        wrong("/request/sender", "This is no directory id.");
    }
    let (system, value) = (text("/request/identifier/system")?, text("/request/identifier/value")?);
    Some(About::Named(sender?, identifier::key(system, value)))
}

/// What was answered before, if it was the same event.
fn repeated(known: &str, digest: &str, message: &MessageId, answer: &str) -> Result<Value, Refusal> {
    if known != digest {
        return Err(other_content(message));
    }
    serde_json::from_str(answer).map_err(|_| unavailable(&crate::store::StoreError::Corrupt("answer")))
}

#[cfg(test)]
mod tests {
    use super::{EVENT_SCHEMA, SHAPE};
    use crate::model::EventKind;

    #[test]
    fn the_schema_can_be_used_and_names_only_kinds_there_are() {
        assert!(SHAPE.is_some());
        let schema: serde_json::Value = serde_json::from_str(EVENT_SCHEMA).unwrap();
        let kinds = schema["properties"]["kind"]["enum"].as_array().unwrap();
        assert!(kinds.len() > 20 && kinds.iter().all(|kind| EventKind::from_code(kind.as_str().unwrap()).is_some()));
    }
}
