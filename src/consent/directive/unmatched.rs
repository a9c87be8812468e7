//! Objections that name nobody there is, of a Consent that somebody is about to record. Weighs nothing else of it.

use serde_json::Value;

use super::Effect;
use super::audience::{Audience, Match};
use super::provision::each;
use crate::fhir::bundle::resource_type;
use crate::fhir::{Bundle, codes};
use crate::model::{Party, PartyKind};

/// Deepest nesting looked into; validation has refused what is deeper.
const DEEPEST: u8 = 24;

/// Types of resource that stand for people, who are in no directory.
const PEOPLE: &[&str] = &["RelatedPerson", "Person", "Patient"];

/// The places of the actors of objections that match none of these parties, each with its organisation.
pub(in crate::consent) fn unmatched(consent: &Value, parties: &[(&Party, Option<&Party>)]) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(root) = consent.get("provision") {
        below(root, None, "Consent.provision", (consent, parties), DEEPEST, &mut found);
    }
    found
}

type World<'a> = (&'a Value, &'a [(&'a Party, Option<&'a Party>)]);

fn below(provision: &Value, parent: Option<Effect>, path: &str, world: World<'_>, depth: u8, found: &mut Vec<String>) {
    let effect = Effect::of(provision, parent);
    if effect == Some(Effect::Deny) {
        let strangers = each(provision, "actor").enumerate().filter(|(_, actor)| !is_known(actor, world));
        found.extend(strangers.map(|(place, _)| format!("{path}.actor[{place}]")));
    }
    let Some(deeper) = depth.checked_sub(1) else { return };
    for (place, inner) in each(provision, "provision").enumerate() {
        below(inner, effect, &format!("{path}.provision[{place}]"), world, deeper, found);
    }
}

fn is_known(actor: &Value, (consent, parties): World<'_>) -> bool {
    let text = |pointer: &str| actor.pointer(pointer).and_then(Value::as_str);
    let literal = text("/reference/reference").unwrap_or_default();
    let inside = literal
        .strip_prefix('#')
        .and_then(|id| each(consent, "contained").find(|one| one.get("id").and_then(Value::as_str) == Some(id)));
    let spelt = literal.rsplit('/').nth(1);
    let kind = inside.and_then(resource_type).or_else(|| text("/reference/type")).or(spelt);
    if kind.is_some_and(|kind| PEOPLE.contains(&kind)) {
        return true;
    }
    if text("/reference/identifier/system") == Some(codes::PARTY_KIND) {
        // A kind may have nobody of it yet.
        return text("/reference/identifier/value").and_then(PartyKind::from_code).is_some();
    }
    let nothing = Bundle::from_fields(serde_json::Map::new());
    parties.iter().any(|(recipient, organisation)| {
        let audience = Audience { recipient, organisation: *organisation, bundle: &nothing };
        matches!(audience.matches(actor, consent), Match::Named | Match::Possible)
    })
}
