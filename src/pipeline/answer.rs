//! What the sender is told: who gets it, what is withheld and why, what is missing. Stored, so that the same message
//! again gets the same answer. Names rules and categories; repeats nothing clinical.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::fhir::build::{coding, reference};
use crate::fhir::outcome::operation_outcome;
use crate::fhir::{codes, envelope, identifier};
use crate::model::{DocumentKind, Issue, IssueCode, MessageId, PartyId};
use crate::outbox::{self, WithheldNote};

/// What became of the release to one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Release {
    Whole,
    Reduced,
    Denied,
}

/// One recipient, why it is one, and what it gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipientAnswer {
    pub party: PartyId,
    pub name: String,
    /// `responsible`, `crisis`, `addressee`, `gp`, `care-team` or `copy`.
    pub role: String,
    /// The routing rule that chose it, and why.
    pub rule: String,
    pub reason: String,
    pub release: Release,
    /// Consent rules the release rests on, or that deny it.
    pub consent_rules: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<WithheldNote>,
    /// Why it gets nothing, and what would change that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denied: Option<String>,
    /// That not all of it goes, where no more than that may be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// One item that the trust asks for and that is missing, and what to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingAnswer {
    /// Number of the item, where the list has numbers: the 16 of a referral.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<u8>,
    /// Identifier of the requirement.
    pub rule: String,
    pub key: String,
    pub title: String,
    pub ask: String,
    /// JSON pointer in the native form.
    pub pointer: String,
    /// FHIRPath in the FHIR form.
    pub fhir_path: String,
}

/// The whole answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub message: MessageId,
    pub kind: DocumentKind,
    pub received: Timestamp,
    /// Identifier of the message in the sender's own terms, for `MessageHeader.response.identifier`.
    pub identifier: String,
    /// Whether the message came as FHIR, so that paths are given in its terms.
    pub fhir: bool,
    pub recipients: Vec<RecipientAnswer>,
    pub missing: Vec<MissingAnswer>,
    /// Warnings found by validation and mapping.
    pub findings: Vec<Issue>,
    /// The message that first brought the request, where this is a new version of one that is followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updates: Option<MessageId>,
    /// The first of all versions, where this is a later one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_of: Option<MessageId>,
}

impl Answer {
    /// Reads an answer as stored.
    pub fn from_stored(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The text that is stored.
    pub fn to_stored(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Everything as issues: acceptance first, then recipients, missing items, warnings.
    pub fn issues(&self) -> Vec<Issue> {
        let mut issues = vec![Issue::information(
            IssueCode::Informational,
            format!("{} accepted as message {}.", self.kind.title(), self.message),
        )];
        issues.extend(self.recipients.iter().map(recipient_issue));
        issues.extend(self.missing.iter().map(|missing| self.missing_issue(missing)));
        issues.extend(self.findings.iter().cloned());
        issues
    }

    fn missing_issue(&self, missing: &MissingAnswer) -> Issue {
        let path = if self.fhir { &missing.fhir_path } else { &missing.pointer };
        let what = missing.item.map_or_else(|| "This is".to_owned(), |number| format!("Item {number} is"));
        let text = format!("{what} missing: {}. {}", missing.title, missing.ask);
        Issue::warning(IssueCode::Incomplete, text).at(path).rule(&missing.rule)
    }

    /// The answer to a native document.
    pub fn document(&self) -> Value {
        json!({
            "message": self.message.as_str(),
            "status": "accepted",
            "kind": self.kind.code(),
            "received": self.received.to_string(),
            "recipients": self.recipients,
            "missing": self.missing,
            "outcome": operation_outcome(&self.issues()),
        })
    }

    /// The answer to a FHIR message: a response message holding an OperationOutcome
    /// (<https://hl7.org/fhir/R4/messaging.html#synchronous>).
    pub fn message_bundle(&self, base_url: &str) -> Value {
        let url = |role: &str| {
            format!("urn:uuid:{}", Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{}/{role}", self.message).as_bytes()))
        };
        let event = if matches!(self.kind, DocumentKind::Referral | DocumentKind::StatusUpdate) {
            coding(codes::BARS_EVENTS, codes::EVENT_RESPONSE.0, codes::EVENT_RESPONSE.1)
        } else {
            coding(codes::MESSAGE_EVENT, codes::EVENT_DOCUMENT_RESPONSE.0, codes::EVENT_DOCUMENT_RESPONSE.1)
        };
        let (header, outcome) = (url("response-header"), url("response-outcome"));
        json!({
            "resourceType": "Bundle",
            "identifier": {"system": codes::DOCUMENT_ID, "value": format!("{}-response", self.message)},
            "type": "message",
            "timestamp": self.received.to_string(),
            "entry": [
                {
                    "fullUrl": header,
                    "resource": {
                        "resourceType": "MessageHeader",
                        "meta": {"profile": [codes::ukcore("MessageHeader")]},
                        "eventCoding": event,
                        "source": envelope::source(base_url),
                        "response": {"identifier": self.response_identifier(), "code": "ok", "details": reference(&outcome)}
                    }
                },
                {"fullUrl": outcome, "resource": operation_outcome(&self.issues())}
            ]
        })
    }

    /// `MessageHeader.response.identifier` is a FHIR id: letters, digits, `-` and `.`, at most 64. What does not fit is
    /// answered under the message's own id; the identifier itself is in the sender's hands.
    fn response_identifier(&self) -> &str {
        let (_, value) = identifier::split(&self.identifier);
        let fits = (1..=64).contains(&value.len())
            && value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'));
        if fits { value } else { self.message.as_str() }
    }
}

/// What is withheld, as far as it may be told.
fn withheld(recipient: &RecipientAnswer) -> String {
    let named = (!recipient.withheld.is_empty())
        .then(|| format!("Withheld: {}", outbox::in_words(&recipient.withheld).join(" ")));
    named.into_iter().chain(recipient.note.clone()).collect::<Vec<_>>().join(" ")
}

fn recipient_issue(recipient: &RecipientAnswer) -> Issue {
    let RecipientAnswer { name, rule, reason, .. } = recipient;
    let (text, consent_rule) = match recipient.release {
        Release::Whole => (format!("Goes to {name}, whole. {rule}: {reason}"), None),
        Release::Reduced => (
            format!("Goes to {name} with parts withheld. {rule}: {reason} {}", withheld(recipient)),
            recipient.withheld.first().map(|w| w.rule.clone()),
        ),
        Release::Denied => (
            format!("Does not go to {name}: {}", recipient.denied.as_deref().unwrap_or("no rule permits it.")),
            recipient.consent_rules.first().cloned(),
        ),
    };
    let issue = match recipient.release {
        Release::Whole => Issue::information(IssueCode::Informational, text),
        Release::Reduced | Release::Denied => Issue::information(IssueCode::Suppressed, text),
    };
    match consent_rule {
        Some(rule) => issue.rule(rule),
        None => issue,
    }
}
