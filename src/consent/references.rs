//! Who points at whom within a bundle, and cutting the pointers to what does not go
//! (<https://hl7.org/fhir/R4/bundle.html#references>). Reads generously: a reference that may lead to a withheld
//! resource counts as leading there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::clean;
use crate::fhir::Bundle;
use crate::fhir::bundle::resource_type;

/// Where each entry of a bundle can be found by a reference.
pub(super) struct Index {
    by_url: BTreeMap<String, usize>,
    by_identifier: BTreeMap<(String, String), BTreeSet<usize>>,
    kinds: Vec<String>,
}

impl Index {
    pub(super) fn new(bundle: &Bundle) -> Self {
        let mut index = Self { by_url: BTreeMap::new(), by_identifier: BTreeMap::new(), kinds: Vec::new() };
        for (position, (url, resource)) in bundle.entries().enumerate() {
            let kind = resource_type(resource).unwrap_or_default();
            index.kinds.push(kind.to_owned());
            if let Some(id) = resource.get("id").and_then(Value::as_str) {
                index.by_url.entry(format!("{kind}/{id}")).or_insert(position);
            }
            if let Some(url) = url {
                index.by_url.insert(url.to_owned(), position);
                if let Some(tail) = type_and_id(url) {
                    index.by_url.entry(tail).or_insert(position);
                }
            }
            let identifiers = match resource.get("identifier") {
                Some(Value::Array(all)) => all.as_slice(),
                Some(one) => std::slice::from_ref(one),
                None => &[],
            };
            for key in identifiers.iter().filter_map(identifier_key) {
                index.by_identifier.entry(key).or_default().insert(position);
            }
        }
        index
    }

    /// The entry a literal reference or URL leads to, whichever version or base it names.
    pub(super) fn by_url(&self, text: &str) -> Option<usize> {
        let bare = text.split_once('#').map_or(text, |(before, _)| before);
        let bare = bare.split_once("/_history/").map_or(bare, |(before, _)| before);
        self.by_url.get(bare).or_else(|| self.by_url.get(&type_and_id(bare)?)).copied()
    }

    /// Every entry a Reference leads to, literally or by identifier.
    pub(super) fn targets(&self, reference: &Value) -> BTreeSet<usize> {
        let literal = reference.get("reference").and_then(Value::as_str).and_then(|text| self.by_url(text));
        let logical = reference.get("identifier").and_then(identifier_key).and_then(|key| self.by_identifier.get(&key));
        literal.into_iter().chain(logical.into_iter().flatten().copied()).collect()
    }

    /// Resource type of an entry.
    pub(super) fn kind(&self, position: usize) -> &str {
        self.kinds.get(position).map_or("", String::as_str)
    }

    /// Every entry that anything in a resource points at.
    pub(super) fn outgoing(&self, value: &Value) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        each_reference(value, &mut |reference| found.extend(self.targets(reference)));
        found
    }
}

/// What does not go: entries of the bundle and, within one resource, contained resources.
pub(super) struct Gone<'a> {
    pub index: &'a Index,
    pub entries: &'a BTreeSet<usize>,
    /// Ids of contained resources that were cut from the resource being scrubbed.
    pub contained: &'a BTreeSet<String>,
    /// Entries of which the recipient may not be told that they were withheld: pointers to them leave no mark (CS-22).
    pub quiet: &'a BTreeSet<usize>,
    /// The same of the contained resources.
    pub hushed: bool,
    /// A Reference that is never cut: the recipient's own.
    pub spared: &'a Value,
}

impl Gone<'_> {
    fn hit(&self, reference: &Value) -> bool {
        if reference == self.spared {
            return false;
        }
        if let Some(text) = reference.get("reference").and_then(Value::as_str) {
            if let Some(id) = text.strip_prefix('#') {
                return self.contained.contains(id);
            }
            if let Some(position) = self.index.by_url(text) {
                return self.entries.contains(&position);
            }
        }
        // By identifier: several resources may share one; what still goes may still be pointed at.
        let targets = self.index.targets(reference);
        !targets.is_empty() && targets.is_subset(self.entries)
    }

    fn hit_url(&self, text: &str) -> bool {
        self.index.by_url(text).is_some_and(|position| self.entries.contains(&position))
    }

    /// Whether a pointer that is cut may not be seen to have been there.
    fn is_quiet(&self, reference: &Value) -> bool {
        if reference.get("reference").and_then(Value::as_str).is_some_and(|text| text.starts_with('#')) {
            return self.hushed;
        }
        let targets = self.index.targets(reference);
        !targets.is_empty() && targets.is_subset(self.quiet)
    }
}

/// Elements that FHIR asks for, of resources that may point at what is withheld: these say that they are not known.
const REQUIRED: &[&str] = &["subject", "patient", "who", "item", "condition", "medicationReference"];

/// Cuts every pointer to what is gone: from lists it is removed; where one stands alone, and may be required,
/// a masked reference says that it was withheld. What is gone quietly leaves no mark. Returns whether anything was cut
/// that may be told of.
pub(super) fn scrub(value: &mut Value, gone: &Gone<'_>) -> bool {
    match value {
        Value::Object(object) => scrub_object(object, gone),
        Value::Array(items) => {
            let mut cut = false;
            items.retain(|item| {
                let hit = is_reference(item) && gone.hit(item);
                cut |= hit && !gone.is_quiet(item);
                !hit
            });
            for item in items.iter_mut() {
                cut |= scrub(item, gone);
            }
            // FHIR has no empty elements: what held nothing but a pointer goes with it.
            items.retain(|item| !item.as_object().is_some_and(Map::is_empty));
            cut
        }
        _ => false,
    }
}

fn scrub_object(object: &mut Map<String, Value>, gone: &Gone<'_>) -> bool {
    let mut cut = false;
    let mut emptied = Vec::new();
    for (key, inner) in object.iter_mut() {
        if is_reference(inner) && gone.hit(inner) {
            match (gone.is_quiet(inner), REQUIRED.contains(&key.as_str())) {
                (false, _) => {
                    *inner = clean::masked();
                    cut = true;
                }
                (true, true) => *inner = clean::unknown(),
                (true, false) => emptied.push(key.clone()),
            }
            continue;
        }
        // A uri or url may name the entry without being a Reference.
        let names_it = key != "reference" && key != "fullUrl" && inner.as_str().is_some_and(|text| gone.hit_url(text));
        let loud = names_it
            && inner.as_str().and_then(|text| gone.index.by_url(text)).is_none_or(|at| !gone.quiet.contains(&at));
        cut |= loud || scrub(inner, gone);
        let hollow = inner.as_array().is_some_and(Vec::is_empty) || inner.as_object().is_some_and(Map::is_empty);
        if names_it || hollow {
            emptied.push(key.clone());
        }
    }
    for key in emptied {
        object.shift_remove(&key);
    }
    cut
}

/// Ids of the contained resources a resource points at, `#id`, other than from within themselves alone.
pub(super) fn contained_ids(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    each_reference(value, &mut |reference| {
        let text = reference.get("reference").and_then(Value::as_str);
        found.extend(text.and_then(|t| t.strip_prefix('#')).map(str::to_owned));
    });
    found
}

fn each_reference(value: &Value, see: &mut impl FnMut(&Value)) {
    match value {
        Value::Object(object) => {
            if is_reference(value) {
                see(value);
            }
            object.values().for_each(|inner| each_reference(inner, see));
        }
        Value::Array(items) => items.iter().for_each(|item| each_reference(item, see)),
        _ => {}
    }
}

/// What a Reference may hold.
const MEMBERS: &[&str] = &["id", "extension", "reference", "type", "identifier", "display"];

/// Whether an object is a Reference: it has a literal or an identifier, and nothing a Reference does not have.
pub(super) fn is_reference(value: &Value) -> bool {
    let Some(object) = value.as_object() else { return false };
    let points =
        object.get("reference").is_some_and(Value::is_string) || object.get("identifier").is_some_and(Value::is_object);
    points && object.keys().all(|key| MEMBERS.contains(&key.trim_start_matches('_')))
}

fn identifier_key(identifier: &Value) -> Option<(String, String)> {
    let system = identifier.get("system").and_then(Value::as_str).unwrap_or_default();
    let value = identifier.get("value")?.as_str()?;
    Some((system.to_owned(), value.to_owned()))
}

/// The last two segments of a URL, where they read `Type/id`.
fn type_and_id(url: &str) -> Option<String> {
    let (before, id) = url.rsplit_once('/')?;
    let kind = before.rsplit('/').next()?;
    let shaped = kind.starts_with(|c: char| c.is_ascii_uppercase()) && !id.is_empty();
    shaped.then(|| format!("{kind}/{id}"))
}

#[cfg(test)]
mod tests {
    use super::{Gone, Index, scrub};
    use crate::fhir::Bundle;
    use serde_json::{Value, json};
    use std::collections::BTreeSet;

    fn index() -> Index {
        let bundle = Bundle::new(json!({"resourceType": "Bundle", "entry": [
            {"fullUrl": "urn:uuid:kept", "resource": {"resourceType": "Patient", "id": "p"}},
            {"fullUrl": "urn:uuid:gone", "resource": {"resourceType": "Condition", "id": "c",
                "identifier": [{"system": "s", "value": "c-1"}]}},
        ]}));
        Index::new(&bundle.unwrap())
    }

    fn scrubbed(mut value: Value) -> Value {
        let contained = BTreeSet::from(["cut".to_owned()]);
        scrub(
            &mut value,
            &Gone {
                index: &index(),
                entries: &BTreeSet::from([1]),
                contained: &contained,
                quiet: &BTreeSet::new(),
                hushed: false,
                spared: &Value::Null,
            },
        );
        value
    }

    #[test]
    fn what_is_gone_quietly_leaves_no_mark() {
        let (contained, gone) = (BTreeSet::from(["cut".to_owned()]), BTreeSet::from([1]));
        let index = index();
        let quietly = Gone {
            index: &index,
            entries: &gone,
            contained: &contained,
            quiet: &gone,
            hushed: true,
            spared: &Value::Null,
        };
        let entry = json!({"reference": "urn:uuid:gone", "display": "MARK"});
        let inner = json!({"reference": "#cut"});
        let mut value = json!({"list": [entry], "one": entry, "inner": inner, "url": "urn:uuid:gone", "title": "t",
                               "entry": [{"item": entry}]});
        assert!(!scrub(&mut value, &quietly), "nothing was cut that may be told of");
        let unknown = json!({"extension": [{"url": crate::fhir::codes::DATA_ABSENT_REASON, "valueCode": "unknown"}]});
        assert_eq!(value, json!({"title": "t", "entry": [{"item": unknown}]}));
    }

    #[test]
    fn every_way_of_pointing_at_a_withheld_resource_is_cut() {
        for reference in [
            json!({"reference": "urn:uuid:gone", "display": "MARK"}),
            json!({"reference": "Condition/c"}),
            json!({"reference": "Condition/c/_history/2"}),
            json!({"reference": "https://ehr.example/fhir/Condition/c"}),
            json!({"identifier": {"system": "s", "value": "c-1"}, "display": "MARK"}),
            json!({"reference": "#cut", "display": "MARK"}),
        ] {
            let out = scrubbed(json!({"evidence": [{"detail": [reference.clone()]}], "one": reference.clone()}));
            assert_eq!(out["one"]["display"], "Withheld", "{reference}");
            assert!(out["evidence"][0].get("detail").is_none(), "{reference}");
        }
        assert_eq!(scrubbed(json!({"url": "urn:uuid:gone", "title": "t"})), json!({"title": "t"}));
        let event = json!({"event": [{"detail": [{"reference": "urn:uuid:gone"}]}], "title": "t"});
        assert_eq!(scrubbed(event), json!({"title": "t"}), "nothing empty stays");
    }

    #[test]
    fn other_references_stay() {
        for reference in [
            json!({"reference": "urn:uuid:kept", "display": "somebody"}),
            json!({"reference": "#kept"}),
            json!({"identifier": {"system": "s", "value": "c-2"}}),
        ] {
            assert_eq!(scrubbed(json!({"one": reference.clone()}))["one"], reference);
        }
    }
}
