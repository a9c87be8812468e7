//! Received bytes to a document in both its forms, and who it comes from. Refuses what cannot be read or is sent in
//! somebody else's name; routes and releases nothing.

use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Entrance, Parts, Received, refusal};
use crate::auth::Caller;
use crate::directory::Directory;
use crate::documents;
use crate::documents::referral::Referral;
use crate::fhir::Bundle;
use crate::intake::{self, Refusal};
use crate::map::{self, Note};
use crate::model::{Category, DocumentKind, Issue, IssueCode, OdsCode, Party, PartyId};
use crate::route::SenderRole;
use crate::validate;

/// A document read, in both its forms.
pub(super) struct Document {
    pub kind: DocumentKind,
    /// Identifier by which the sender knows the message; the idempotency key.
    pub key: String,
    pub digest: String,
    pub referral: Referral,
    pub bundle: Bundle,
    pub findings: Vec<Issue>,
    pub media_type: String,
}

/// Bytes to a document in both forms.
pub(super) fn read(parts: &Parts, received: &Received) -> Result<Document, Refusal> {
    let content_type = received.content_type.as_deref();
    let media_type = content_type.unwrap_or_default().to_owned();
    match received.entrance {
        Entrance::Message => {
            let bundle = intake::fhir_message(&received.bytes, content_type, &parts.limits)?;
            let key = bundle.message_key().ok_or_else(|| {
                refusal(
                    Category::Malformed,
                    IssueCode::Required,
                    "The message has no identifier. Give Bundle.identifier (or Bundle.id), so that a repeat can be told from a new message.",
                )
            })?;
            let digest = digest(bundle.value());
            let new = workflow(&bundle);
            let mapped = map::referral::from_fhir(&bundle).map_err(|mut issues| {
                // What could not be found is often there, in a place or shape where R4 has nothing like it.
                issues.extend(validate::bundle(bundle.clone()).err().unwrap_or_default());
                Refusal { category: Category::Invalid, issues }
            })?;
            new?;
            let findings = mapped.notes.iter().map(finding).collect();
            Ok(Document {
                kind: DocumentKind::Referral,
                key,
                digest,
                referral: mapped.value,
                bundle,
                findings,
                media_type,
            })
        }
        Entrance::Document(kind) => {
            let value = intake::native(&parts.schemas, kind, &received.bytes, content_type, &parts.limits)?;
            let digest = digest(&value);
            let referral = Referral::from_json(value)
                .map_err(|issue| Refusal { category: Category::Invalid, issues: vec![issue] })?;
            let mapped = map::referral::to_fhir(&referral);
            let findings = mapped.notes.iter().map(finding).collect();
            let bundle = mapped.value;
            let key = bundle.message_key().unwrap_or_default();
            Ok(Document { kind, key, digest, referral, bundle, findings, media_type })
        }
    }
}

/// Only a new referral is taken. An update, a cancellation or an answer read as one would send a person round again,
/// so what the gateway does not do yet it refuses by name (BaRS workflow triple, `exchange.md` §1).
fn workflow(bundle: &Bundle) -> Result<(), Refusal> {
    let text = |resource: Option<&Value>, pointer: &str| -> Option<String> {
        resource?.pointer(pointer)?.as_str().map(str::to_owned)
    };
    let (header, request) = (bundle.first("MessageHeader"), bundle.first("ServiceRequest"));
    let event = text(header, "/eventCoding/code");
    let reason = text(header, "/reason/coding/0/code");
    let status = text(request, "/status");
    let (path, what) = if event.as_deref() != Some("servicerequest-request") {
        ("MessageHeader.event", "takes the event servicerequest-request only")
    } else if reason.is_some_and(|reason| reason != "new") {
        ("MessageHeader.reason", "takes new referrals only, no updates or cancellations")
    } else if status.is_some_and(|status| !matches!(status.as_str(), "active" | "draft")) {
        ("ServiceRequest.status", "takes referrals that are active only")
    } else {
        return Ok(());
    };
    let text = format!("The gateway {what}. Nothing was passed on: tell the receiving team by telephone.");
    let issue = Issue::error(IssueCode::NotSupported, text).at(path).rule("message-workflow");
    Err(Refusal { category: Category::Invalid, issues: vec![issue] })
}

/// SHA-256 over the canonical form: white space, key order and wire format do not make another message.
fn digest(value: &Value) -> String {
    format!("{:x}", Sha256::digest(documents::canonical(value)))
}

/// What mapping could not carry, told to the sender; it went on in the FHIR form all the same.
fn finding(note: &Note) -> Issue {
    Issue::information(IssueCode::Informational, note.text.clone()).at(note.path.clone())
}

/// The party a referral comes from. An organisation sends only as itself; what a person, or an organisation without a
/// connection of its own, says on the telephone or on paper is entered by the trust that runs this gateway.
///
/// # Errors
/// When the caller does not speak for that party.
pub(super) fn sender<'a>(
    parts: &'a Parts,
    caller: &'a Caller,
    referral: &Referral,
    now: Timestamp,
) -> Result<(&'a Party, SenderRole), Refusal> {
    let referrer = &referral.referrer;
    let organisation = referrer.organisation.as_ref().filter(|_| !referrer.is_self());
    let known = organisation.and_then(|o| find(&parts.directory, o.party.as_ref(), o.ods.as_ref(), now));
    let role = referrer.kind.map_or(SenderRole::Other, |kind| SenderRole::from_code(kind.code()));
    match known {
        Some(from) if caller.speaks_for(from) => return Ok((from, role)),
        None if caller.party.organisation() == &parts.own => {
            let role = if referrer.is_self() { role } else { SenderRole::Unconnected };
            return Ok((&caller.party, role));
        }
        _ => {}
    }
    Err(Refusal {
        category: Category::Forbidden,
        issues: vec![
            Issue::error(
                IssueCode::Forbidden,
                "An organisation sends only as itself: the referrer's organisation in the message is not the organisation these credentials belong to.",
            )
            .rule("sender-is-caller"),
        ],
    })
}

/// The directory's entry for a party named by directory id or ODS code.
pub(super) fn find<'a>(
    directory: &'a Directory,
    id: Option<&PartyId>,
    ods: Option<&OdsCode>,
    now: Timestamp,
) -> Option<&'a Party> {
    id.and_then(|id| directory.party(id, now)).or_else(|| ods.and_then(|ods| directory.by_ods(ods, now)))
}
