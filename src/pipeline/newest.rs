//! Of what is held about a person, the newest document of each kind that still stands: by when it was written, and neither
//! entered in error nor replaced by a later one of the same organisation. Reads; decides no release.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use serde_json::Value;

use super::remember::moment;
use super::{Entrance, Parts, document, sender};
use crate::auth::Caller;
use crate::fhir::Bundle;
use crate::model::{DocumentKind, MessageId, Party};
use crate::store::HeldDocument;

/// How many of a kind are read. The last to come in is not always the last written, and may be an error: among these the
/// right one is looked for, and a person with hundreds of letters does not keep a crisis team waiting.
pub(super) const OF_EACH: u32 = 5;

/// A document that stands.
pub(super) struct Standing {
    pub message: MessageId,
    pub kind: DocumentKind,
    /// Whom it came from, as the directory knew them then.
    pub sender: Party,
    pub received: Timestamp,
    /// It came as a message, and not as a document by itself.
    pub as_message: bool,
    pub bundle: Bundle,
}

/// In the order of the kinds.
pub(super) fn of_each_kind(parts: &Parts, documents: Vec<HeldDocument>) -> Vec<Standing> {
    let read: Vec<Standing> = documents.into_iter().filter_map(|held| standing(parts, held)).collect();
    // Only the organisation itself replaces its document: else anybody could make another's plan vanish.
    let replaced: HashSet<(String, String)> = read
        .iter()
        .flat_map(|one| replaces(&one.bundle).into_iter().map(|name| (one.sender.organisation().to_string(), name)))
        .collect();
    let stands = |one: &Standing| {
        let by = one.sender.organisation().to_string();
        !is_in_error(&one.bundle) && !names(&one.bundle).into_iter().any(|name| replaced.contains(&(by.clone(), name)))
    };
    let mut newest: BTreeMap<&'static str, (Timestamp, Standing)> = BTreeMap::new();
    for one in read {
        if !stands(&one) {
            continue;
        }
        let written = written(&one.bundle, one.received);
        let later = |(then, other): &(Timestamp, Standing)| (written, one.received) > (*then, other.received);
        if newest.get(one.kind.code()).is_none_or(later) {
            newest.insert(one.kind.code(), (written, one));
        }
    }
    newest.into_values().map(|(_, one)| one).collect()
}

/// A held document read again; what can no longer be read, or is from somebody never known, cannot be decided on.
fn standing(parts: &Parts, held: HeldDocument) -> Option<Standing> {
    let HeldDocument { message, sender, kind, received, media_type, body } = held;
    let doors = [Entrance::Document(kind), Entrance::Message];
    let found = doors.into_iter().find_map(|door| {
        let read = document::stored(parts, door, &media_type, body.clone())?;
        (read.kind == kind).then_some((door, read))
    });
    let sent_by = parts.directory.party(&sender, received).cloned();
    let Some(((entrance, read), sent_by)) = found.zip(sent_by) else {
        tracing::warn!(message.id = message.as_str(), "an accepted message cannot be read again");
        return None;
    };
    // It was taken from this caller then, so the caller stands where the directory says otherwise now.
    let caller = Caller { client_id: String::new(), party: sent_by };
    let from =
        sender::sender(parts, &caller, &read, received).map_or_else(|_| caller.party.clone(), |(from, _)| from.clone());
    Some(Standing {
        message,
        kind,
        sender: from,
        received,
        as_message: entrance == Entrance::Message,
        bundle: read.bundle,
    })
}

/// When it was written; never later than it came in, so that a wrong date holds no place it has not got.
fn written(bundle: &Bundle, received: Timestamp) -> Timestamp {
    let of = |resource: Option<&Value>, key: &str| resource?.get(key)?.as_str().and_then(moment);
    of(bundle.first("Composition"), "date")
        .or_else(|| of(bundle.first("ServiceRequest"), "authoredOn"))
        .map_or(received, |written| written.min(received))
}

fn is_in_error(bundle: &Bundle) -> bool {
    ["Composition", "ServiceRequest"]
        .into_iter()
        .filter_map(|kind| bundle.first(kind))
        .any(|resource| resource.get("status").and_then(Value::as_str) == Some("entered-in-error"))
}

/// Identifiers of what a document replaces.
fn replaces(bundle: &Bundle) -> Vec<String> {
    let relations = bundle.first("Composition").and_then(|c| c.get("relatesTo")?.as_array()).into_iter().flatten();
    relations
        .filter(|relation| relation.get("code").and_then(Value::as_str) == Some("replaces"))
        .filter_map(|relation| name(relation.get("targetIdentifier")?))
        .collect()
}

/// The identifiers a document goes by.
fn names(bundle: &Bundle) -> Vec<String> {
    let own = bundle.first("Composition").and_then(|composition| composition.get("identifier"));
    [own, bundle.value().get("identifier")].into_iter().flatten().filter_map(name).collect()
}

fn name(identifier: &Value) -> Option<String> {
    let text = |key: &str| identifier.get(key).and_then(Value::as_str);
    Some(format!("{} {}", text("system").unwrap_or_default(), text("value")?))
}
