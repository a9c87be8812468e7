//! Cuts a Consent down to what it says about one recipient, for a copy that goes to that recipient:
//! whom else the person trusts or does not trust is nobody else's business.

use serde_json::{Map, Value, json};

use super::Effect;
use super::audience::{Audience, Match};
use crate::consent::clean;
use crate::fhir::{build, codes};

/// The `provision` of a Consent, reduced to what is about the recipient; `None` when nothing is.
/// `holder` is the entry the Consent stands in. Conditions that narrow a permission in a way we do not read take the
/// permission with them, since it was not relied on; those of an objection go, and the objection stays.
pub(in crate::consent) fn trim(provision: &Value, audience: &Audience<'_>, holder: &Value) -> Option<Value> {
    trimmed(provision, None, audience, holder)
}

fn trimmed(provision: &Value, parent: Option<Effect>, audience: &Audience<'_>, holder: &Value) -> Option<Value> {
    let mut out = Map::new();
    let effect = Effect::of(provision, parent);
    let narrowed = ["securityLabel", "code", "dataPeriod", "data", "modifierExtension"];
    if effect != Some(Effect::Deny) && narrowed.iter().any(|key| provision.get(*key).is_some()) {
        return None;
    }
    if let Some(given) = provision.get("type") {
        out.insert("type".into(), given.clone());
    }
    if let Some(period) = provision.get("period") {
        // A companion says that an end is unknown, which is not the same as open: nothing was permitted by it.
        let unknown_end = ["_start", "_end"].iter().any(|key| period.get(*key).is_some());
        if unknown_end && effect != Some(Effect::Deny) {
            return None;
        }
        let ends = ["start", "end"].iter().filter_map(|key| Some(((*key).to_owned(), period.get(*key)?.clone())));
        build::put(&mut out, "period", ends.collect::<Map<String, Value>>());
    }
    if let Some(actors) = provision.get("actor").and_then(Value::as_array) {
        let kept: Vec<Value> =
            actors.iter().filter_map(|actor| trimmed_actor(actor, effect, audience, holder)).collect();
        if kept.is_empty() {
            return None;
        }
        out.insert("actor".into(), kept.into());
    }
    for (key, copy) in [
        ("action", clean::concept as fn(&Value) -> Option<Value>),
        ("purpose", clean::coding),
        ("class", clean::coding),
    ] {
        let Some(given) = provision.get(key).and_then(Value::as_array) else { continue };
        let kept: Vec<Value> = given.iter().filter_map(copy).collect();
        // Without its conditions a permission would say more than it did.
        let other_purposes = key == "purpose"
            && given.iter().all(|purpose| purpose.get("system").and_then(Value::as_str) == Some(codes::ACT_REASON));
        if kept.is_empty() && (effect != Some(Effect::Deny) || other_purposes) {
            return None;
        }
        build::put(&mut out, key, kept);
    }
    let nested = provision.get("provision").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let kept: Vec<Value> = nested.iter().filter_map(|inner| trimmed(inner, effect, audience, holder)).collect();
    if kept.is_empty() && effect.is_none() {
        return None;
    }
    if !kept.is_empty() {
        out.insert("provision".into(), kept.into());
    }
    Some(Value::Object(out))
}

/// An actor that is the recipient, without names; `None` for anybody else.
fn trimmed_actor(actor: &Value, effect: Option<Effect>, audience: &Audience<'_>, holder: &Value) -> Option<Value> {
    let found = audience.matches(actor, holder);
    let keep = match found {
        Match::Named => true,
        Match::Possible => effect == Some(Effect::Deny),
        Match::Alike | Match::Other | Match::Unknown => false,
    };
    actor.get("reference").filter(|_| keep)?;
    let reference = recipient(*audience);
    let role = actor.get("role").and_then(clean::concept).unwrap_or_else(|| json!({"text": "Recipient"}));
    Some(json!({"role": role, "reference": reference}))
}

/// The recipient as a Reference: by its identifier in the directory, in nobody's words.
pub(in crate::consent) fn recipient(audience: Audience<'_>) -> Value {
    json!({"identifier": {"system": codes::PARTY_ID, "value": audience.recipient.id.as_str()}})
}
