//! FHIR CodeSystems and ValueSets to their facts: codes and displays, the hierarchy, what filters look at.

use std::collections::HashSet;

use serde_json::Value;

use super::codes::{CodeSystem, Compose, Concept, Filter, Include, Listed, Property, ValueSet};
use super::{flag, items, text, texts};

/// Properties that place a concept or say whether it may be used
/// (<https://hl7.org/fhir/R4/codesystem.html#defined-props>); `subsumedBy` is how HL7's v3 systems write a second parent.
const STRUCTURAL: [&str; 9] =
    ["parent", "child", "subsumedBy", "notSelectable", "abstract", "inactive", "status", "deprecated", "retired"];

impl CodeSystem {
    /// Reads a CodeSystem. `None` where it has no URL or no `content`.
    #[must_use]
    pub fn from_fhir(resource: &Value) -> Option<Self> {
        let filters: Vec<&str> = items(resource, "filter").filter_map(|f| f.get("code")?.as_str()).collect();
        Some(Self {
            url: text(resource, "url")?,
            version: text(resource, "version"),
            content: text(resource, "content")?,
            case_sensitive: flag(resource, "caseSensitive"),
            hierarchy: text(resource, "hierarchyMeaning"),
            value_set: text(resource, "valueSet"),
            supplements: text(resource, "supplements"),
            declared: items(resource, "property")
                .filter_map(|one| Some((text(one, "code")?, text(one, "type")?)))
                .collect(),
            concepts: concepts(resource, &filters),
        })
    }
}

fn concepts(parent: &Value, filters: &[&str]) -> Vec<Concept> {
    let concept = |one: &Value| {
        Some(Concept {
            code: text(one, "code")?,
            display: text(one, "display"),
            designations: designations(one),
            properties: items(one, "property").filter_map(|p| property(p, filters)).collect(),
            concepts: concepts(one, filters),
        })
    };
    items(parent, "concept").filter_map(concept).collect()
}

fn designations(concept: &Value) -> Vec<String> {
    let mut known: HashSet<String> = text(concept, "display").iter().map(|words| words.to_lowercase()).collect();
    let words = items(concept, "designation").filter_map(|one| text(one, "value"));
    words.filter(|words| known.insert(words.to_lowercase())).collect()
}

/// A property worth keeping. "Active" is what a concept is unless it says otherwise, so it is not repeated.
fn property(one: &Value, filters: &[&str]) -> Option<Property> {
    let code = one.get("code")?.as_str()?;
    if !STRUCTURAL.contains(&code) && !filters.contains(&code) {
        return None;
    }
    let value = one.as_object()?.iter().find(|(key, _)| key.starts_with("value"))?.1;
    let value = match value {
        Value::String(text) => text.clone(),
        Value::Object(coding) => coding.get("code")?.as_str()?.to_owned(),
        other => other.to_string(),
    };
    let said_anyway = code == "status" && value.eq_ignore_ascii_case("active");
    (!said_anyway).then(|| Property { code: code.to_owned(), value })
}

impl ValueSet {
    /// Reads a ValueSet. `None` where it has no URL.
    #[must_use]
    pub fn from_fhir(resource: &Value) -> Option<Self> {
        let compose = resource.get("compose").map(|compose| Compose {
            inactive: flag(compose, "inactive"),
            include: items(compose, "include").map(include).collect(),
            exclude: items(compose, "exclude").map(include).collect(),
        });
        let mut expansion = Vec::new();
        if compose.is_none() {
            expand(resource.get("expansion").unwrap_or(&Value::Null), &mut expansion);
        }
        Some(Self { url: text(resource, "url")?, version: text(resource, "version"), compose, expansion })
    }
}

fn include(one: &Value) -> Include {
    let filter = |f: &Value| {
        Some(Filter { property: text(f, "property")?, op: text(f, "op")?, value: text(f, "value").unwrap_or_default() })
    };
    Include {
        system: text(one, "system"),
        version: text(one, "version"),
        concepts: items(one, "concept").filter_map(listed).collect(),
        filters: items(one, "filter").filter_map(filter).collect(),
        value_sets: texts(one, "valueSet"),
    }
}

fn listed(one: &Value) -> Option<Listed> {
    Some(Listed { system: text(one, "system"), code: text(one, "code")?, display: text(one, "display") })
}

/// An expansion without its tree; abstract entries group others and are no codes to use.
fn expand(parent: &Value, into: &mut Vec<Listed>) {
    for one in items(parent, "contains") {
        if flag(one, "abstract") != Some(true) {
            into.extend(listed(one));
        }
        expand(one, into);
    }
}
