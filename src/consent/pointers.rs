//! Closed copies of what points at somebody or names something: references by purpose, identifiers, destinations,
//! languages. Decides on no label.

use serde_json::{Map, Value, json};

use super::directive::{self, Match};
use super::strip::Cutter;
use super::{clean, parts, shapes};
use crate::fhir::{build, codes};

impl Cutter<'_> {
    /// An Identifier and how far it was traced.
    pub(super) fn identifier(&self, value: &Value) -> Option<Value> {
        let mut kept = clean::identifier(value)?;
        let marks = value.get("extension").and_then(|marks| self.extensions(marks, &mut |_, _| ()));
        if let (Some(object), Some(marks)) = (kept.as_object_mut(), marks) {
            object.insert("extension".into(), marks);
        }
        Some(kept)
    }

    /// A number of the person: one of some other system would tell whom else the person is known to.
    pub(super) fn number(&self, value: &Value) -> Option<Value> {
        self.identifier(value).filter(clean::of_person)
    }

    /// Whoever agreed: may be family, whose names are their own.
    pub(super) fn attester(&self, reference: &Value) -> Option<Value> {
        self.party(reference).map(|party| match party.get("display") {
            Some(_) if !clean::is_masked(&party) => clean::masked(),
            _ => party,
        })
    }

    /// A Reference to a party: by entry, else by a code of the party, else by type and name.
    pub(super) fn party(&self, reference: &Value) -> Option<Value> {
        if clean::is_masked(reference) {
            return Some(reference.clone());
        }
        let text = |key: &str| reference.get(key).and_then(Value::as_str);
        let literal =
            text("reference").filter(|literal| literal.starts_with('#') || self.index.by_url(literal).is_some());
        if let Some(literal) = literal {
            return Some(json!({"reference": literal}));
        }
        let identifier = reference.get("identifier").and_then(clean::identifier);
        let system = identifier.as_ref().and_then(|i| i.get("system")).and_then(Value::as_str);
        let by_code = system.is_some_and(|s| PARTY_SYSTEMS.iter().any(|known| s.eq_ignore_ascii_case(known)));
        let typed = text("type").filter(|kind| matches!(*kind, "Organization" | "Practitioner" | "PractitionerRole"));
        if !by_code && typed.is_none() {
            return None;
        }
        let mut kept = Map::new();
        build::put(&mut kept, "type", typed);
        build::put(&mut kept, "identifier", identifier.filter(|_| by_code));
        build::put(&mut kept, "display", text("display"));
        (kept.contains_key("identifier") || kept.contains_key("display")).then_some(Value::Object(kept))
    }

    /// A Reference to what goes along, and is no party.
    pub(super) fn local(&self, reference: &Value) -> Option<Value> {
        if clean::is_masked(reference) {
            return Some(reference.clone());
        }
        let literal = reference.get("reference").and_then(Value::as_str)?;
        let found = self.index.by_url(literal);
        let party = found.is_some_and(|position| parts::POINTED_AT.contains(&self.index.kind(position)));
        ((found.is_some() && !party) || literal.starts_with('#')).then(|| json!({"reference": literal}))
    }

    /// The recipient, by its identifier in the directory; `None` for any other.
    pub(super) fn recipient(&self, reference: &Value, holder: &Value) -> Option<Value> {
        let ours = directive::recipient(self.audience);
        let found =
            *reference == ours || self.audience.matches(&json!({"reference": reference}), holder) == Match::Named;
        found.then_some(ours)
    }

    /// The destination that is the recipient itself, in words the recipient chose; `None` for any other.
    pub(super) fn destination(&self, value: &Value) -> Option<Value> {
        let receiver = value.get("receiver").cloned().unwrap_or_default();
        let found = self.audience.matches(&json!({"reference": receiver}), value);
        if !matches!(found, Match::Named | Match::Possible) {
            return None;
        }
        let mut kept = Map::new();
        let name = Value::from(self.audience.recipient.name.clone());
        build::put(&mut kept, "name", value.get("name").filter(|given| **given == name).cloned());
        let endpoint = value.get("endpoint").filter(|url| url.as_str().is_some_and(shapes::is_url));
        build::put(&mut kept, "endpoint", endpoint.cloned());
        build::put(&mut kept, "receiver", directive::recipient(self.audience));
        Some(Value::Object(kept))
    }
}

/// Identifier systems whose values name organisations and teams.
const PARTY_SYSTEMS: &[&str] = &[codes::ODS_ORGANISATION, codes::PARTY_ID];

/// A language the person speaks: its tag, whether it is preferred, and its name where that is a few letters.
pub(super) fn language(value: &Value) -> Option<Value> {
    let given = value.get("language")?;
    let tags: Vec<Value> = given
        .get("coding")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|coding| coding.get("system").and_then(Value::as_str) == Some(codes::BCP47))
        .filter_map(|coding| coding.get("code").and_then(Value::as_str))
        .filter(|code| code.len() <= 12 && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
        .map(|code| json!({"system": codes::BCP47, "code": code}))
        .collect();
    let plain = |name: &&str| {
        name.len() <= 40
            && name.split(' ').count() <= 3
            && name.chars().all(|c| c.is_alphabetic() || " -'()".contains(c))
    };
    let mut kept = Map::new();
    build::put(&mut kept, "coding", tags);
    build::put(&mut kept, "text", given.get("text").and_then(Value::as_str).filter(plain));
    if kept.is_empty() {
        return None;
    }
    let mut out = Map::new();
    out.insert("language".into(), Value::Object(kept));
    build::put(&mut out, "preferred", value.get("preferred").and_then(Value::as_bool));
    Some(Value::Object(out))
}
