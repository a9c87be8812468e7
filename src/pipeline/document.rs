//! Received bytes to a document in both its forms. Refuses what cannot be read, is not what the address says, or is not
//! taken; routes and releases nothing. Who it comes from is `sender`'s to say.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::outline::Outline;
use super::reply::Reply;
use super::{Entrance, Parts, Received, revision, sender};
use crate::documents;
use crate::documents::Missing;
use crate::documents::referral::Referral;
use crate::fhir::tree::Tree;
use crate::fhir::{self, Bundle, Format, codes, envelope};
use crate::intake::{self, Incoming, Refusal};
use crate::map::{self, Note};
use crate::model::{Category, DocumentKind, Issue, IssueCode};
use crate::validate::{self, Validator};

/// A document read, in both its forms.
pub(super) struct Document {
    pub kind: DocumentKind,
    /// Identifier of the document in the sender's own terms; the idempotency key.
    pub key: String,
    /// Identifier of the message it came in, for the answer; the key, where it came by itself.
    pub identifier: String,
    pub digest: String,
    pub content: Content,
    /// The FHIR form: a message for a referral, a document for everything else.
    pub bundle: Bundle,
    /// Every identifier, system and value, by which it names the organisation it comes from.
    pub names: Vec<(String, String)>,
    /// By which the earlier version may be known that this one replaces, `system|value`; empty for what is new.
    pub supersedes: Vec<String>,
    pub findings: Vec<Issue>,
    pub media_type: String,
    /// What validation finds in it as it came, if it came as FHIR; places are told in its terms then.
    pub said: Option<Vec<Issue>>,
}

/// What routing and authority need to know of the content.
pub(super) enum Content {
    Referral(Box<Referral>),
    /// With what the trust asks for and it lacks.
    Document(Box<Outline>, Vec<Missing>),
}

impl Content {
    /// What it answers, where it answers a request.
    pub(super) fn reply(&self) -> Option<&Reply> {
        match self {
            Self::Referral(_) => None,
            Self::Document(outline, _) => outline.reply.as_ref(),
        }
    }

    fn of(kind: DocumentKind, native: Value) -> Result<Self, Refusal> {
        if kind != DocumentKind::Referral {
            let outline = Outline::of(kind, &native);
            let missing = map::missing(kind, native).map_err(invalid)?;
            return Ok(Self::Document(Box::new(outline), missing));
        }
        let referral = Referral::from_json(native).map_err(|issue| invalid(vec![issue]))?;
        Ok(Self::Referral(Box::new(referral)))
    }
}

/// Bytes to a document in both forms.
pub(super) fn read(parts: &Parts, received: &Received) -> Result<Document, Refusal> {
    let (content_type, bytes) = (received.content_type.as_deref(), &received.bytes);
    let incoming = match received.entrance {
        Entrance::Message => Incoming::Fhir(intake::fhir_message(bytes, content_type, &parts.limits)?),
        Entrance::Document(kind) => intake::document(&parts.schemas, kind, bytes, content_type, &parts.limits)?,
    };
    let mut document = match (incoming, received.entrance) {
        (Incoming::Native(value), Entrance::Document(kind)) => from_native(kind, value),
        (Incoming::Fhir(bundle), entrance) => {
            let format = intake::fhir_format(content_type).unwrap_or(Format::Json);
            let tree = Tree::read(bytes, format, &parts.limits).map_err(|issue| invalid(vec![issue]))?;
            from_fhir(&parts.validator, bundle, entrance, &tree)
                .map_err(|refusal| Refusal { issues: validate::located(refusal.issues, tree.root()), ..refusal })
        }
        (Incoming::Native(_), Entrance::Message) => Err(unlike("A message is FHIR.", "Bundle")),
    }?;
    content_type.unwrap_or_default().clone_into(&mut document.media_type);
    Ok(document)
}

/// An accepted document, read again from what is stored, as it was decided on.
pub(super) fn stored(parts: &Parts, entrance: Entrance, media_type: &str, bytes: Vec<u8>) -> Option<Document> {
    let content_type = Some(media_type.to_owned()).filter(|media_type| !media_type.is_empty());
    let mut read = read(parts, &Received { entrance, content_type, bytes }).ok()?;
    validate::mark_unverified(&mut read.bundle);
    Some(read)
}

fn from_native(kind: DocumentKind, value: Value) -> Result<Document, Refusal> {
    let digest = digest(&value);
    let content = Content::of(kind, value.clone())?;
    let mapped = map::to_fhir(kind, value).map_err(invalid)?;
    let findings = findings(&mapped.notes);
    let bundle = mapped.value;
    let key = bundle.message_key().unwrap_or_default();
    Ok(Document {
        kind,
        identifier: key.clone(),
        key,
        digest,
        names: sender::names(&bundle, &content),
        supersedes: revision::supersedes(&bundle),
        content,
        bundle,
        findings,
        media_type: String::new(),
        said: None,
    })
}

/// A message about a referral, a message that carries a document, or a document by itself; `tree` is the same.
fn from_fhir(
    validator: &Validator,
    received: Bundle,
    entrance: Entrance,
    tree: &Tree<'_>,
) -> Result<Document, Refusal> {
    let carried = envelope::payload(&received);
    let place = carried.as_ref().map(|(place, _)| *place);
    // Told from the message it is in.
    let told = |refusal: Refusal| match place {
        Some(place) => Refusal { issues: inside(refusal.issues, place), ..refusal },
        None => refusal,
    };
    let alone = received.kind() == Some("document");
    if alone && entrance == Entrance::Message {
        let text = "This is a document by itself. Send it to /documents/{kind}, or as the focus of a MessageHeader.";
        return Err(unlike(text, "Bundle.type"));
    }
    let (message, bundle) = match carried {
        Some((_, document)) => (Some(received), document),
        None => (None, received),
    };
    let kind = kind(&bundle, entrance).map_err(told)?;
    let missing = || {
        let what = if kind == DocumentKind::Referral { "message" } else { "document" };
        let text = format!(
            "The {what} has no identifier. Give Bundle.identifier, so that a repeat can be told from a new {what}."
        );
        Refusal::one(Category::Malformed, IssueCode::Required, text)
    };
    let key = bundle.message_key().ok_or_else(missing)?;
    let digest = digest(bundle.value());
    let new = if kind == DocumentKind::Referral {
        workflow(&bundle).and_then(|()| one_person(&bundle))
    } else {
        message.as_ref().map_or(Ok(()), answers)
    };
    // Whole, so that what is wrong is told where the sender finds it.
    let said = validator.received(tree, message.as_ref().unwrap_or(&bundle));
    let mapped = map::to_native(kind, &bundle).map_err(|issues| {
        let mut refusal = told(invalid(issues));
        // What could not be found is often there, in a place or shape where R4 has nothing like it.
        if refuses(&said) {
            let seen: Vec<_> = refusal.issues.iter().filter_map(|issue| issue.path.clone()).collect();
            let unseen = |issue: &&Issue| !issue.path.as_ref().is_some_and(|path| seen.contains(path));
            refusal.issues.extend(said.iter().filter(unseen).cloned());
        }
        refusal
    })?;
    new?;
    let findings = findings(&mapped.notes);
    let content = Content::of(kind, mapped.value)?;
    let mut names = sender::names(&bundle, &content);
    names.extend(message.iter().flat_map(sender::header_names));
    Ok(Document {
        kind,
        identifier: message.as_ref().and_then(Bundle::message_key).unwrap_or_else(|| key.clone()),
        key,
        digest,
        names,
        supersedes: revision::supersedes(&bundle),
        content,
        bundle,
        findings,
        media_type: String::new(),
        said: Some(said),
    })
}

/// Findings in a carried document, told from the message whose entry it is.
fn inside(mut issues: Vec<Issue>, place: usize) -> Vec<Issue> {
    for issue in &mut issues {
        let rest = issue.path.as_deref().and_then(|path| path.strip_prefix("Bundle"));
        issue.path = rest.map(|rest| format!("Bundle.entry[{place}].resource{rest}"));
    }
    issues
}

/// The kind of document a bundle is, which must be the one it was sent as.
fn kind(bundle: &Bundle, entrance: Entrance) -> Result<DocumentKind, Refusal> {
    let place = "Bundle.entry[0].resource.type";
    let native = |kind: &DocumentKind| documents::SCHEMAS.iter().any(|(known, _)| known == kind);
    match (map::kind_of(bundle), entrance) {
        (Some(kind), Entrance::Document(wanted)) if kind != wanted => {
            let text = format!(
                "This is a {}, and this address takes a {}. Send it to /documents/{}.",
                kind.title().to_lowercase(),
                wanted.title().to_lowercase(),
                kind.code()
            );
            Err(unlike(text, place))
        }
        // Neither message nor document: read as the message it should be, it is told all that is wrong with it.
        (None, Entrance::Message) if bundle.kind() != Some("document") => Ok(DocumentKind::Referral),
        // A document that does not say what it is, is what it is sent as.
        (Some(kind), _) | (None, Entrance::Document(kind)) if native(&kind) => Ok(kind),
        _ => {
            let known: Vec<&str> = documents::SCHEMAS.iter().map(|(kind, _)| kind.code()).collect();
            let text = format!(
                "The gateway does not know this kind of document. Give Composition.type a code of {}: {}.",
                codes::DOCUMENT_KIND,
                known.join(", ")
            );
            Err(unlike(text, place))
        }
    }
}

pub(super) fn invalid(issues: Vec<Issue>) -> Refusal {
    Refusal::new(Category::Invalid, issues)
}

/// Whether any of the findings refuses.
pub(super) fn refuses(issues: &[Issue]) -> bool {
    issues.iter().any(|issue| issue.severity.refuses())
}

/// Refuses content that is not what the address or the message says.
fn unlike(text: impl Into<String>, path: &str) -> Refusal {
    invalid(vec![Issue::error(IssueCode::NotSupported, text).at(path).rule("document-kind")])
}

/// A document is taken when it is sent, not when somebody answers for one.
fn answers(message: &Bundle) -> Result<(), Refusal> {
    let header = message.first("MessageHeader");
    if header.is_none_or(|header| header.get("response").is_none()) {
        return Ok(());
    }
    let text = "The gateway takes documents that are sent, and this message is an answer. Nothing was passed on.";
    let issue = Issue::error(IssueCode::NotSupported, text).at("MessageHeader.response").rule("message-workflow");
    Err(invalid(vec![issue]))
}

/// A referral is taken as new or as a new version. A cancellation or an answer read as one would send a person round
/// again: those `incoming` has seen before, and what it does not know is refused by name (BaRS workflow triple, `exchange.md` §1).
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
    } else if reason.is_some_and(|reason| !matches!(reason.as_str(), "new" | "update")) {
        ("MessageHeader.reason", "takes new referrals, updates and cancellations")
    } else if status.is_some_and(|status| !matches!(status.as_str(), "active" | "draft")) {
        ("ServiceRequest.status", "takes referrals that are active only")
    } else {
        return Ok(());
    };
    let text = format!("The gateway {what}. Nothing was passed on: tell the receiving team by telephone.");
    let issue = Issue::error(IssueCode::NotSupported, text).at(path).rule("message-workflow");
    Err(Refusal::new(Category::Invalid, vec![issue]))
}

/// A referral is about one person: what it says of a second would be read as the first one's, or be lost.
fn one_person(bundle: &Bundle) -> Result<(), Refusal> {
    let subject = bundle.first("ServiceRequest").and_then(|request| bundle.follow(request.get("subject")));
    let Some(subject) = subject else { return Ok(()) };
    let patients = bundle.numbered().filter(|(_, resource)| fhir::resource_type(resource) == Some("Patient"));
    let others = patients.filter(|(_, patient)| !std::ptr::eq(*patient, subject));
    let issues: Vec<Issue> = others
        .map(|(place, _)| {
            let text = "A referral is about one person, and this is a second Patient. Leave out what is about them, or \
                        name them as a RelatedPerson.";
            let path = format!("Bundle.entry[{place}].resource");
            Issue::error(IssueCode::BusinessRule, text).at(path).rule("message-one-person")
        })
        .collect();
    if issues.is_empty() { Ok(()) } else { Err(invalid(issues)) }
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
