//! Received bytes to a document in both its forms, and who it comes from. Refuses what cannot be read or is sent in
//! somebody else's name; routes and releases nothing.

use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Entrance, Parts, Received};
use crate::auth::Caller;
use crate::directory::Directory;
use crate::documents;
use crate::documents::referral::Referral;
use crate::fhir::{Bundle, codes};
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
                Refusal::one(
                    Category::Malformed,
                    IssueCode::Required,
                    "The message has no identifier. Give Bundle.identifier (or Bundle.id), so that a repeat can be told from a new message.",
                )
            })?;
            let digest = digest(bundle.value());
            let new = workflow(&bundle);
            let mapped = map::referral::from_fhir(&bundle).map_err(|mut issues| {
                // What could not be found is often there, in a place or shape where R4 has nothing like it.
                let structural = validate::bundle(bundle.clone()).err().unwrap_or_default();
                let told: Vec<_> = issues.iter().filter_map(|issue| issue.path.clone()).collect();
                issues.extend(
                    structural.into_iter().filter(|issue| !issue.path.as_ref().is_some_and(|p| told.contains(p))),
                );
                Refusal { category: Category::Invalid, issues }
            })?;
            new?;
            let findings = findings(&mapped.notes);
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
            let findings = findings(&mapped.notes);
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

/// Remarks of mapping that are told one by one; an answer must stay readable.
const MOST_NOTES: usize = 100;

/// What mapping could not carry, told to the sender; it went on in the FHIR form all the same.
fn findings(notes: &[Note]) -> Vec<Issue> {
    let mut issues: Vec<Issue> = notes
        .iter()
        .take(MOST_NOTES)
        .map(|note| Issue::information(IssueCode::Informational, note.text.clone()).at(note.path.clone()))
        .collect();
    if notes.len() > MOST_NOTES {
        let text = format!("And {} remarks more of the same kind.", notes.len() - MOST_NOTES);
        issues.push(Issue::information(IssueCode::Informational, text));
    }
    issues
}

/// The party a referral comes from. An organisation sends only as itself; what a person, or an organisation without a
/// connection of its own, says on the telephone or on paper is entered by the trust that runs this gateway.
///
/// # Errors
/// When the caller does not speak for that party.
pub(super) fn sender<'a>(
    parts: &'a Parts,
    caller: &'a Caller,
    bundle: &Bundle,
    referral: &Referral,
    now: Timestamp,
) -> Result<(&'a Party, SenderRole), Refusal> {
    let referrer = &referral.referrer;
    let organisation = referrer.organisation.as_ref().filter(|_| !referrer.is_self());
    let role = referrer.kind.map_or(SenderRole::Other, |kind| SenderRole::from_code(kind.code()));
    let trust = caller.party.organisation() == &parts.own;
    // Everything by which the message names its sender, referrer and header alike, must lead to the caller.
    let mut names = header_names(bundle);
    if let Some(organisation) = organisation {
        names.extend(organisation.party.as_ref().map(|id| (codes::PARTY_ID.to_owned(), id.to_string())));
        names.extend(organisation.ods.as_ref().map(|ods| (codes::ODS_ORGANISATION.to_owned(), ods.to_string())));
    }
    let known: Vec<Option<&Party>> = names.iter().map(|(system, value)| named(parts, system, value, now)).collect();
    let speaks = known.iter().all(|party| party.map_or(trust, |party| caller.speaks_for(party)));
    if speaks && let Some(from) = known.iter().flatten().next() {
        return Ok((from, role));
    }
    if speaks && trust {
        return Ok((&caller.party, if referrer.is_self() { role } else { SenderRole::Unconnected }));
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

/// Identifiers, system and value, by which `MessageHeader.sender` names an organisation.
fn header_names(bundle: &Bundle) -> Vec<(String, String)> {
    let sender = bundle.first("MessageHeader").and_then(|header| header.get("sender"));
    let organisation = bundle.follow(sender).and_then(|organisation| organisation.get("identifier")?.as_array());
    let logical = sender.and_then(|sender| sender.get("identifier"));
    let text = |identifier: &Value, key: &str| identifier.get(key).and_then(Value::as_str).map(str::to_owned);
    organisation
        .into_iter()
        .flatten()
        .chain(logical)
        .filter_map(|identifier| Some((text(identifier, "system")?, text(identifier, "value")?)))
        .filter(|(system, _)| [codes::ODS_ORGANISATION, codes::PARTY_ID].contains(&system.as_str()))
        .collect()
}

/// The directory's entry for an identifier.
fn named<'a>(parts: &'a Parts, system: &str, value: &str, now: Timestamp) -> Option<&'a Party> {
    match system {
        codes::PARTY_ID => find(&parts.directory, PartyId::parse(value).as_ref(), None, now),
        _ => find(&parts.directory, None, OdsCode::parse(value).as_ref(), now),
    }
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
