//! What waits to be sent, and the rules of trying: rows made from permits, attempt outcomes, backoff.
//! The only way into the outbox is a [`Permit`], so nothing unvalidated or unconsented can be queued. Holds no I/O:
//! `store` keeps the rows and `deliver` sends them.

pub mod attempt;
pub mod backoff;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::consent::Permit;
use crate::fhir::envelope::Envelope;
use crate::fhir::{self, Format};
use crate::model::{DocumentKind, Issue, IssueCode, PartyId};

// a delivery is about a person, so whoever makes one has the key at hand
pub use crate::model::PersonKey;

pub use attempt::{Attempt, AttemptOutcome};
pub use backoff::Backoff;

/// How a recipient gets its copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// Posted to the recipient's FHIR endpoint.
    Fhir,
    /// Kept for the recipient to read in the portal or by `GET /inbox`.
    Inbox,
}

impl Channel {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Fhir => "fhir",
            Self::Inbox => "inbox",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "fhir" => Some(Self::Fhir),
            "inbox" => Some(Self::Inbox),
            _ => None,
        }
    }
}

/// One thing withheld from one recipient, as told to the sender and, where it may be told, shown to the recipient: never
/// the content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithheldNote {
    /// Data category code.
    pub category: String,
    /// The category in words.
    pub title: String,
    pub rule: String,
    pub reason: String,
    /// Whether the recipient may be told (CS-22); the sender, whose document it is, always is.
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    pub told: bool,
}

const fn yes() -> bool {
    true
}

/// What was withheld, one sentence for each rule and reason: `The person's consent does not name this: medication,
/// physical health. (CS-04)`.
#[must_use]
pub fn in_words(withheld: &[WithheldNote]) -> Vec<String> {
    let mut groups: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    for note in withheld {
        // Reasons end by naming the category; told once each, they read as one list.
        let base = note.reason.strip_suffix('.').and_then(|text| text.strip_suffix(note.title.as_str()));
        let base = base.map_or(note.reason.as_str(), |text| text.trim_end_matches([':', ' ']));
        match groups.iter_mut().find(|(rule, reason, _)| *rule == note.rule && *reason == base) {
            Some((_, _, titles)) => titles.push(&note.title),
            None => groups.push((&note.rule, base, vec![&note.title])),
        }
    }
    groups
        .iter()
        .map(|(rule, reason, titles)| format!("{}: {}. ({rule})", reason.trim_end_matches('.'), titles.join(", ")))
        .collect()
}

/// How and how soon a permitted bundle goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    pub channel: Channel,
    pub format: Format,
    /// 0 goes first: crisis, then urgent (1), then the rest (2).
    pub priority: u8,
}

/// A row of the outbox. Private fields: only [`enqueue`] makes one, and it needs a permit.
#[derive(Debug, Clone)]
pub struct Enqueued {
    id: Uuid,
    recipient: PartyId,
    kind: DocumentKind,
    person: PersonKey,
    way: Way,
    body: Vec<u8>,
    withheld: Vec<WithheldNote>,
    rests_on: Option<RestsOn>,
}

/// What a release was decided on, as it is kept with the row so that it can be decided again (CS-17), and until when it
/// may be sent at all (CS-18).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestsOn {
    /// JSON; `pipeline` writes and reads it.
    pub grounds: String,
    /// The first moment at which something relied on has run out.
    pub until: Option<Timestamp>,
}

/// Turns a permit into an outbox row, serialised as the recipient wants it. A message goes as it is; a document goes in
/// an envelope, for it does not say by itself who sends it to whom.
///
/// # Errors
/// When the bundle cannot be written in the wanted format, or the envelope is made out to somebody else; nothing is
/// queued then.
pub fn enqueue(
    id: Uuid,
    permit: &Permit,
    kind: DocumentKind,
    person: PersonKey,
    way: Way,
    envelope: &Envelope<'_>,
) -> Result<Enqueued, Issue> {
    let content = permit.bundle().content();
    let body = if content.kind() == Some("document") {
        if envelope.recipient.id != *permit.recipient() {
            return Err(Issue::error(IssueCode::Exception, "The envelope and the permit name different recipients."));
        }
        fhir::write(envelope.around(content).value(), way.format)?
    } else {
        fhir::write(content.value(), way.format)?
    };
    Ok(Enqueued {
        id,
        recipient: permit.recipient().clone(),
        kind,
        person,
        way,
        body,
        withheld: notes(permit),
        rests_on: None,
    })
}

/// What a permit withheld, in the form that is stored and shown.
#[must_use]
pub fn notes(permit: &Permit) -> Vec<WithheldNote> {
    permit
        .withheld()
        .iter()
        .map(|w| WithheldNote {
            category: w.category.code().to_owned(),
            title: w.category.title().to_owned(),
            rule: w.rule.to_string(),
            reason: w.reason.clone(),
            told: permit.may_tell(w.category),
        })
        .collect()
}

impl Enqueued {
    #[must_use]
    pub const fn id(&self) -> Uuid {
        self.id
    }

    #[must_use]
    pub const fn recipient(&self) -> &PartyId {
        &self.recipient
    }

    #[must_use]
    pub const fn kind(&self) -> DocumentKind {
        self.kind
    }

    #[must_use]
    pub const fn person(&self) -> &PersonKey {
        &self.person
    }

    #[must_use]
    pub const fn way(&self) -> Way {
        self.way
    }

    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    #[must_use]
    pub fn withheld(&self) -> &[WithheldNote] {
        &self.withheld
    }

    /// The same row with what its release rests on; without it nothing about a person was decided.
    #[must_use]
    pub fn resting_on(mut self, what: RestsOn) -> Self {
        self.rests_on = Some(what);
        self
    }

    #[must_use]
    pub const fn rests_on(&self) -> Option<&RestsOn> {
        self.rests_on.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::{WithheldNote, in_words};

    fn note(title: &str, rule: &str, reason: &str) -> WithheldNote {
        WithheldNote {
            category: title.into(),
            title: title.into(),
            rule: rule.into(),
            reason: reason.into(),
            told: true,
        }
    }

    #[test]
    fn reasons_that_differ_only_in_the_category_are_told_once() {
        let notes = [
            note("medication", "CS-04", "Consent does not name this: medication."),
            note("forensic history", "CS-02", "The person objects to this: forensic history."),
            note("physical health", "CS-04", "Consent does not name this: physical health."),
            note("carer", "CS-04", "No agreement."),
        ];
        let expected = [
            "Consent does not name this: medication, physical health. (CS-04)",
            "The person objects to this: forensic history. (CS-02)",
            "No agreement: carer. (CS-04)",
        ];
        assert_eq!(in_words(&notes), expected);
    }
}
