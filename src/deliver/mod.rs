//! Sends what waits in the outbox: leases rows, posts them, records every attempt. At least once, never silently.
//! Decides nothing about content; the HTTP call never happens inside a database transaction.

mod post;

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::audit::{Entry, Event};
use crate::directory::{CurrentDirectory, Delivery};
use crate::fhir::{self, Format, Limits};
use crate::model::PartyId;
use crate::outbox::{Attempt, AttemptOutcome, Backoff};
use crate::store::{AuditRecord, Leased, QueueAudit, Stopped, Store, StoreError};

pub use post::{ClientError, Poster};

/// How the worker works.
#[derive(Debug, Clone)]
pub struct Pace {
    /// How many deliveries are under way at once.
    pub concurrency: u32,
    /// How long a recipient may take to answer.
    pub timeout: Duration,
    /// How long a worker may hold a row; longer than `timeout`, or two workers would send the same row.
    pub lease: Duration,
    /// How often the outbox is looked at when nothing wakes the worker.
    pub poll: Duration,
    pub backoff: Backoff,
}

/// The audit entries of a look into the queue.
struct Entries<'a> {
    own: &'a PartyId,
    now: Timestamp,
}

impl QueueAudit for Entries<'_> {
    fn opened(&self, item: &Leased) -> AuditRecord {
        Entry::new(Event::DeliveryStarted, self.now)
            .actor(self.own, "deliver")
            .message(&item.message)
            .kind(item.kind)
            .recipient(&item.recipient)
            .delivery(item.delivery)
            .attempt(item.attempt)
            .record()
    }

    fn stopped(&self, item: &Stopped) -> AuditRecord {
        let mut entry = Entry::new(Event::DeliveryStopped, self.now)
            .actor(self.own, "deliver")
            .message(&item.message)
            .kind(item.kind)
            .recipient(&item.recipient)
            .delivery(item.delivery)
            .person(item.person.as_str())
            .outcome(if item.may_have_gone { "unanswered" } else { "stopped" });
        entry.rules = vec![item.rule.clone()];
        entry.record()
    }
}

/// The delivery worker.
#[derive(Debug, Clone)]
pub struct Deliverer {
    store: Arc<dyn Store>,
    directory: Arc<dyn CurrentDirectory>,
    poster: Poster,
    pace: Pace,
    /// The organisation that runs this gateway; the actor of delivery audit entries.
    own: PartyId,
    wake: Arc<Notify>,
}

impl Deliverer {
    /// A worker over a store and a directory; `wake` is notified when new rows were committed.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up (no TLS roots on this machine).
    pub fn new(
        store: Arc<dyn Store>,
        directory: Arc<dyn CurrentDirectory>,
        pace: Pace,
        own: PartyId,
        wake: Arc<Notify>,
    ) -> Result<Self, ClientError> {
        let poster = Poster::new(pace.timeout)?;
        Ok(Self { store, directory, poster, pace, own, wake })
    }

    /// Works until told to stop; deliveries under way are finished first.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut running = JoinSet::new();
        while !*stop.borrow() {
            while running.try_join_next().is_some() {}
            match self.lease(u32::try_from(running.len()).unwrap_or(u32::MAX)).await {
                Ok(leased) if !leased.is_empty() => {
                    for item in leased {
                        let worker = self.clone();
                        running.spawn(async move { worker.attempt(item).await });
                    }
                    continue;
                }
                Ok(_) => {}
                Err(error) => tracing::error!(error = %error, "the outbox could not be read"),
            }
            tokio::select! {
                () = self.wake.notified() => {}
                () = tokio::time::sleep(self.pace.poll) => {}
                // A finished delivery may free the next one of the same person.
                Some(_) = running.join_next(), if !running.is_empty() => {}
                _ = stop.changed() => {}
            }
        }
        while running.join_next().await.is_some() {}
    }

    /// Takes what there is room for. A quarter of the places is kept for crisis deliveries, so that recipients that
    /// hang can never hold one up.
    async fn lease(&self, running: u32) -> Result<Vec<Leased>, StoreError> {
        let ordinary = self.pace.concurrency - (self.pace.concurrency / 4).max(1);
        let (free, least_urgent) = match ordinary.saturating_sub(running) {
            0 => (self.pace.concurrency.saturating_sub(running), 0),
            free => (free, u8::MAX),
        };
        if free == 0 {
            return Ok(Vec::new());
        }
        let now = Timestamp::now();
        let hold = SignedDuration::try_from(self.pace.lease).unwrap_or(SignedDuration::from_mins(2));
        let until = now.checked_add(hold).unwrap_or(Timestamp::MAX);
        self.store.lease(now, until, free, least_urgent, &Entries { own: &self.own, now }).await
    }

    async fn attempt(&self, item: Leased) {
        let (directory, now) = (self.directory.directory(), Timestamp::now());
        let outcome = match directory.delivery(&item.recipient, now) {
            // Whoever has left the directory gets nothing more, not even what was decided while they were in it; a
            // person sees to it that somebody else does.
            _ if directory.party(&item.recipient, now).is_none() => {
                AttemptOutcome::Refused { reason: "the recipient is no longer in the directory".to_owned() }
            }
            Delivery::Fhir(endpoint) => self.poster.post(&endpoint.url, &item).await,
            Delivery::Inbox => to_inbox(&item),
        };
        let finished = Timestamp::now();
        let next = match &outcome {
            AttemptOutcome::Retry { .. } => self.pace.backoff.next(item.attempt, finished, rand::random()),
            AttemptOutcome::Delivered | AttemptOutcome::Inbox { .. } | AttemptOutcome::Refused { .. } => None,
        };
        let given_up =
            matches!((&outcome, next), (AttemptOutcome::Refused { .. } | AttemptOutcome::Retry { .. }, None));
        let entry = Entry::new(Event::DeliveryFinished, finished)
            .actor(&self.own, "deliver")
            .message(&item.message)
            .kind(item.kind)
            .recipient(&item.recipient)
            .delivery(item.delivery)
            .attempt(item.attempt)
            .outcome(if given_up { "given-up" } else { outcome.code() });
        let reason = outcome.reason().map(str::to_owned);
        let attempt =
            Attempt { delivery: item.delivery, lease: item.lease, number: item.attempt, finished, outcome, next };
        let recorded = self.store.finish(&attempt, entry.record()).await;
        let (message, recipient, number) = (item.message.as_str(), item.recipient.as_str(), item.attempt);
        match recorded {
            Ok(true) if given_up => tracing::error!(
                message.id = message,
                recipient.id = recipient,
                attempt = number,
                reason,
                "a delivery was given up and waits for a person"
            ),
            Ok(true) => tracing::info!(
                message.id = message,
                recipient.id = recipient,
                attempt = number,
                outcome = attempt.outcome.code(),
                reason,
                "delivery attempt"
            ),
            Ok(false) => {
                tracing::warn!(message.id = message, recipient.id = recipient, "a delivery outlived its lease");
            }
            // The lease runs out and the delivery is tried again: at least once.
            Err(error) => tracing::error!(message.id = message, error = %error, "an attempt could not be recorded"),
        }
    }
}

/// What a recipient that has no endpoint any more gets: the same copy in its inbox, which holds JSON.
fn to_inbox(item: &Leased) -> AttemptOutcome {
    if item.media_type == Format::Json.media_type() {
        return AttemptOutcome::Inbox { copy: None };
    }
    let limits = Limits { max_bytes: item.body.len().max(Limits::default().max_bytes), ..Limits::default() };
    let read = fhir::read(&item.body, Format::Xml, &limits).and_then(|copy| fhir::write(&copy, Format::Json));
    read.map_or_else(
        |_| AttemptOutcome::Refused { reason: "the copy could not be put in the inbox".to_owned() },
        |body| AttemptOutcome::Inbox { copy: Some((Format::Json.media_type(), body)) },
    )
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::to_inbox;
    use crate::fhir::Format;
    use crate::model::{DocumentKind, MessageId, PartyId};
    use crate::outbox::AttemptOutcome;
    use crate::store::Leased;

    fn item(format: Format, body: &[u8]) -> Leased {
        Leased {
            delivery: Uuid::nil(),
            lease: Uuid::nil(),
            message: MessageId::new(Uuid::nil()),
            recipient: PartyId::parse("harbour-clinic").unwrap(),
            kind: DocumentKind::Referral,
            media_type: format.media_type().to_owned(),
            body: body.to_vec(),
            attempt: 1,
        }
    }

    #[test]
    fn what_was_made_out_in_xml_lies_in_the_inbox_as_json() {
        assert_eq!(to_inbox(&item(Format::Json, b"{}")), AttemptOutcome::Inbox { copy: None });
        let xml = b"<Bundle xmlns=\"http://hl7.org/fhir\"><type value=\"message\"/></Bundle>";
        let AttemptOutcome::Inbox { copy: Some((_, body)) } = to_inbox(&item(Format::Xml, xml)) else {
            panic!("no body")
        };
        let read: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(read, serde_json::json!({"resourceType": "Bundle", "type": "message"}));
        assert!(matches!(to_inbox(&item(Format::Xml, b"<")), AttemptOutcome::Refused { .. }));
    }
}
