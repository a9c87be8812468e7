//! A message on its way through the gateway: its audit entry is opened, it is read and decided on, and committed or refused.
//! What is decided is `process`'s.

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Answer, Entrance, Gateway, MOST_TRIES, Received, Ticket, busy, document, incoming, is_kept, notice, other_content,
    person, process, revision, unavailable,
};
use crate::audit::{Entry, Event};
use crate::auth::Caller;
use crate::intake::Refusal;
use crate::model::MessageId;
use crate::store::{Accepted, Refused, StoreError};
use crate::validate;

impl Gateway {
    /// Opens the audit entry of a message, before anything is known about it.
    ///
    /// # Errors
    /// When it cannot be written; nothing may then be taken.
    pub async fn open(&self, entrance: Entrance, now: Timestamp) -> Result<Ticket, Refusal> {
        let id = MessageId::new(Uuid::now_v7());
        // Which door it came through; what it is, the entry of its acceptance says.
        let door = match entrance {
            Entrance::Message => "fhir-message",
            Entrance::Document(_) => "document",
        };
        self.record(Entry::new(Event::Received, now).message(&id).outcome(door)).await?;
        Ok(Ticket { id, at: now })
    }

    /// Completes the audit entry of a message that is not taken, keeps the findings for a sender that is known, and hands
    /// the refusal back to be answered.
    pub async fn refuse(&self, ticket: &Ticket, caller: Option<&Caller>, refusal: Refusal) -> Refusal {
        let code = refusal.issues.first().map_or("exception", |issue| issue.code.code());
        let mut entry = Entry::new(Event::Refused, Timestamp::now()).message(&ticket.id).outcome(code);
        if let Some(caller) = caller {
            entry = entry.actor(&caller.party.id, &caller.client_id);
        }
        let said = refusal.issues.iter().filter_map(|issue| issue.rule.clone());
        entry.rules = said.chain(refusal.unsaid.iter().cloned()).collect();
        entry.rules.dedup();
        tracing::info!(message.id = ticket.id.as_str(), outcome = code, "message refused");
        let kept = caller.filter(|_| is_kept(refusal.category)).map(|caller| Refused {
            message: ticket.id.clone(),
            sender: caller.party.id.clone(),
            at: ticket.at,
            findings: refusal.issues.clone(),
        });
        let written = match kept {
            Some(refused) => self.store.refuse(refused, entry.record()).await.map_err(|e| unavailable(&e)),
            None => self.record(entry).await,
        };
        written.map_or_else(|unwritten| unwritten, |()| refusal)
    }

    /// Takes a message: all of it is on disk when this returns an answer, or none of it.
    ///
    /// # Errors
    /// What was wrong with it, in full; or that the gateway cannot take anything now.
    pub async fn submit(
        self: &Arc<Self>,
        ticket: Ticket,
        caller: Caller,
        received: Received,
    ) -> Result<Answer, Refusal> {
        let result = self.try_submit(&ticket, &caller, received).await;
        match result {
            Ok(answer) => Ok(answer),
            Err(refusal) => Err(self.refuse(&ticket, Some(&caller), refusal).await),
        }
    }

    async fn try_submit(
        self: &Arc<Self>,
        ticket: &Ticket,
        caller: &Caller,
        received: Received,
    ) -> Result<Answer, Refusal> {
        let Ok(_place) = self.room.try_acquire() else { return Err(busy()) };
        let parts = self.parts();
        let at = ticket.at;
        let reading = parts.clone();
        let (received, incoming) =
            self.apart(move || incoming::read(&reading, &received, at).map(|incoming| (received, incoming))).await?;
        if let Some(incoming) = incoming {
            return self.take_incoming(ticket, caller, incoming).await;
        }
        let reading = parts.clone();
        let (received, read) = self
            .apart(move || {
                let read = document::read(&reading, &received);
                read.map(|read| (received, read))
            })
            .await?;
        // Asked before anything is decided: what was accepted stays accepted, whatever has changed since.
        let earlier = parts.store.earlier(&caller.party.id, &read.key).await.map_err(|error| unavailable(&error))?;
        if let Some(earlier) = earlier {
            return if earlier.digest == read.digest {
                self.repeat(ticket, caller, earlier.message, &earlier.answer).await
            } else {
                Err(other_content(&earlier.message))
            };
        }
        let (number, mut read) = (validate::usable_nhs_number(&read.bundle), Some(read));
        let key = read.as_ref().map_or("", |read| read.key.as_str()).to_owned();
        // What is known of the person may change while the message is decided on: then it is decided again.
        let supersedes = read.as_ref().map(|read| (read.kind, read.supersedes.clone()));
        let followed = match &supersedes {
            Some((kind, identifiers)) if number.is_none() => self.before(caller, *kind, identifiers, at).await?,
            _ => None,
        };
        let mut person = followed.as_ref().and_then(revision::Before::person).cloned();
        let reply = read.as_ref().and_then(|read| read.content.reply().cloned());
        if let Some(reply) = reply.as_ref().filter(|_| number.is_none() && person.is_none()) {
            let patient = read.as_ref().and_then(|read| notice::person_of(&read.bundle).cloned());
            person = self.person_answered(caller, reply, patient.as_ref(), at).await?;
        }
        let person =
            person.unwrap_or_else(|| person::key(&self.person_secret, number.as_ref(), &caller.party.id, &key));
        for tried in 0..MOST_TRIES {
            let _turn = self.turns.wait(&person, tried).await;
            let kept = parts.store.kept(&person).await.map_err(|error| unavailable(&error))?;
            let care = parts.store.care(&person).await.map_err(|error| unavailable(&error))?;
            // after the care it is held against: what is newer than that is decided on again
            let before = match &supersedes {
                Some((kind, identifiers)) => self.before(caller, *kind, identifiers, at).await?,
                None => None,
            };
            let answered = match &reply {
                Some(reply) => Some(self.answered(caller, reply, &care, at).await?),
                None => None,
            };
            let (parts, id, at, caller_in) = (parts.clone(), ticket.id.clone(), ticket.at, caller.clone());
            let (person, number, received) = (person.clone(), number.clone(), received.clone());
            let again = read.take();
            let prepared = self
                .apart(move || {
                    let read = again.map_or_else(|| document::read(&parts, &received), Ok)?;
                    let about = process::About {
                        person,
                        number: number.as_ref(),
                        kept: &kept,
                        care: &care,
                        before: before.as_ref(),
                        answered: answered.as_ref(),
                    };
                    process::process(&parts, about, &id, &caller_in, received, read, at)
                })
                .await?;
            if let Some(answer) = self.accept(ticket, caller, prepared).await? {
                return Ok(answer);
            }
        }
        Err(busy())
    }

    /// Commits a message that was decided on; `None` when what is kept about the person has changed meanwhile.
    async fn accept(
        self: &Arc<Self>,
        ticket: &Ticket,
        caller: &Caller,
        prepared: process::Prepared,
    ) -> Result<Option<Answer>, Refusal> {
        let answer = prepared.answer;
        let queued = prepared.acceptance.deliveries.len();
        let again = self.again(caller, ticket.at);
        // Of two equal messages that arrive together, the store takes one and tells of it to the other.
        match self.store.accept(prepared.acceptance, again).await.map_err(|error| unavailable(&error))? {
            Accepted::Stored => {
                tracing::info!(
                    message.id = ticket.id.as_str(),
                    sender.id = caller.party.id.as_str(),
                    deliveries = queued,
                    "message accepted"
                );
                self.parts().wake.notify_one();
                Ok(Some(answer))
            }
            Accepted::SameAgain { message, answer } => self.repeat(ticket, caller, message, &answer).await.map(Some),
            Accepted::OtherContent { message } => Err(other_content(&message)),
            Accepted::Stale => Ok(None),
        }
    }

    /// The answer that was given before.
    async fn repeat(
        &self,
        ticket: &Ticket,
        caller: &Caller,
        earlier: MessageId,
        answer: &str,
    ) -> Result<Answer, Refusal> {
        let mut entry = Entry::new(Event::Repeated, Timestamp::now()).message(&ticket.id);
        entry.repeats = Some(earlier);
        self.record(entry.actor(&caller.party.id, &caller.client_id)).await?;
        Answer::from_stored(answer).ok_or_else(|| unavailable(&StoreError::Corrupt("answer")))
    }
}
