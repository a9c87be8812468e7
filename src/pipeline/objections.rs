//! Objections that stay although the list they stood in does not: a later list that is silent about them lifts none, and one
//! that arrives late counts all the same (CS-02, deny wins). What lifts one is a later permission that names the recipient,
//! or that it is taken back. Works on Consents that stand by themselves; decides no release.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::remember::objections_only;
use crate::fhir::codes;

/// Where the objections of a list are kept that no longer stand in it.
pub(super) fn origin(list: &str) -> String {
    format!("{list}{APART}")
}

const APART: &str = "#objections";

/// Whether a record is such objections.
pub(super) fn is_apart(origin: Option<&str>) -> bool {
    origin.is_some_and(|origin| origin.ends_with(APART))
}

/// Whether silence lifts nothing in this list: the position of a consent block, and Consents that no list or identifier
/// tells apart. A plan's list of people, and a Consent that is sent again under its own identifier, are restated whole.
pub(super) fn outlast(list: &str) -> bool {
    list.ends_with('|') || list.ends_with(codes::SHARING_POSITION)
}

/// The objections of a Consent, by themselves.
pub(super) fn of(consent: &Value) -> Vec<Value> {
    if consent.get("status").and_then(Value::as_str) != Some("active") {
        return Vec::new();
    }
    objections_only(consent).map(|left| provisions(&left, "deny")).unwrap_or_default()
}

/// Those of an earlier Consent that a later list neither lifts nor says again.
pub(super) fn left(earlier: &Value, later: &[Value]) -> Vec<Value> {
    let mut all = of(earlier);
    all.retain(|objection| {
        !later.iter().any(|one| lifts(one, (objection, earlier))) && !stand_in((objection, earlier), later)
    });
    all
}

/// Whether Consents say the same objection.
pub(super) fn stand_in((objection, of_consent): (&Value, &Value), consents: &[Value]) -> bool {
    consents.iter().any(|other| of(other).iter().any(|one| is_same((one, other), (objection, of_consent))))
}

/// Whether a Consent that was changed by hand says, or said, the same objection; it is not kept again after that.
pub(super) fn was_answered((objection, of_consent): (&Value, &Value), by_hand: &Value) -> bool {
    provisions(by_hand, "deny").iter().any(|one| is_same((one, by_hand), (objection, of_consent)))
}

/// A Consent with these objections and nothing else.
pub(super) fn alone(mut consent: Value, objections: &[Value]) -> Value {
    if let Some(fields) = consent.as_object_mut() {
        fields.insert("provision".into(), json!({"provision": objections}));
        // The position of the list it comes from is the list's to tell.
        fields.insert("policyRule".into(), json!({"text": "Objections that still stand"}));
    }
    consent
}

/// The root and what stands in it, of one type.
fn provisions(consent: &Value, kind: &str) -> Vec<Value> {
    let root = consent.get("provision").into_iter();
    let nested = root.clone().filter_map(|root| root.get("provision")?.as_array()).flatten();
    root.chain(nested).filter(|one| one.get("type").and_then(Value::as_str) == Some(kind)).cloned().collect()
}

/// Whether a later Consent permits every recipient an objection names, by name, or takes the objection to them back.
fn lifts(later: &Value, (objection, earlier): (&Value, &Value)) -> bool {
    let kind = match later.get("status").and_then(Value::as_str) {
        Some("active") => "permit",
        Some("inactive") => "deny",
        _ => return false,
    };
    let said = provisions(later, kind);
    let named: Vec<Who> = said.iter().flat_map(|one| actors(one, later)).collect();
    let objected = actors(objection, earlier);
    !objected.is_empty() && objected.iter().all(|who| named.iter().any(|one| one.is(who)))
}

fn is_same((one, of_one): (&Value, &Value), (other, of_other): (&Value, &Value)) -> bool {
    let narrowed = |provision: &Value| {
        let mut bare = provision.clone();
        if let Some(fields) = bare.as_object_mut() {
            fields.shift_remove("actor");
        }
        bare
    };
    let (own, others) = (actors(one, of_one), actors(other, of_other));
    own.len() == others.len()
        && own.iter().all(|who| others.iter().any(|other| who.is(other)))
        && narrowed(one) == narrowed(other)
}

/// By what somebody is recognised.
struct Who {
    identifiers: BTreeSet<String>,
    names: BTreeSet<String>,
}

impl Who {
    /// By identifier where both have one, else by name.
    fn is(&self, other: &Self) -> bool {
        if self.identifiers.is_empty() || other.identifiers.is_empty() {
            !self.names.is_disjoint(&other.names)
        } else {
            !self.identifiers.is_disjoint(&other.identifiers)
        }
    }
}

fn actors(provision: &Value, consent: &Value) -> Vec<Who> {
    let all = provision.get("actor").and_then(Value::as_array).into_iter().flatten();
    all.map(|actor| {
        let reference = actor.get("reference");
        let inside = reference.and_then(|one| one.get("reference")?.as_str()?.strip_prefix('#')).and_then(|id| {
            let contained = consent.get("contained")?.as_array()?;
            contained.iter().find(|one| one.get("id").and_then(Value::as_str) == Some(id))
        });
        let lower =
            |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_lowercase();
        let own = reference.and_then(|one| one.get("identifier")).into_iter();
        let of_inside = inside.and_then(|one| one.get("identifier")?.as_array()).into_iter().flatten();
        let identifiers = own.chain(of_inside).map(|one| format!("{}|{}", lower(one, "system"), lower(one, "value")));
        let texts = [reference.map(|one| lower(one, "display")), inside.map(|one| lower(one, "name"))];
        let names = texts.into_iter().flatten().filter(|name| !name.is_empty());
        Who { identifiers: identifiers.collect(), names: names.collect() }
    })
    .collect()
}
