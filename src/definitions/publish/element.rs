//! Facts of an element to a FHIR ElementDefinition.

use serde_json::{Map, Value, json};

use crate::definitions::FHIR;
use crate::definitions::facts::{Binding, Constraint, Element, ElementType, Slicing, TypedValue};

/// Types whose elements every resource has; what comes from there reads best as coming from the base.
const ABOVE: [&str; 4] = ["Resource", "DomainResource", "Element", "BackboneElement"];

/// An element of a differential: what is said, and only that. Constraints are those of the profile `url`.
pub(super) fn differential(element: &Element, url: &str) -> Value {
    let words = element.words.clone().unwrap_or_default();
    Value::Object(facts(element, [words.short, words.definition, words.comment, words.requirements], url))
}

/// An element of a snapshot, with the words that FHIR requires there. `base` is the name of the profile's base.
pub(super) fn snapshot(element: &Element, base: &str) -> Value {
    let words = element.words.clone().unwrap_or_default();
    let origin = origin(element, base);
    let short = words.short.unwrap_or_else(|| origin.clone());
    let definition = words.definition.unwrap_or_else(|| short.clone());
    // sdf-9: the root has no requirements
    let requirements = words.requirements.filter(|_| element.path.contains('.'));
    let mut object = facts(element, [Some(short), Some(definition), words.comment, requirements], base);
    object.entry("isModifier").or_insert(json!(false));
    if element.is_modifier == Some(true) {
        object.insert("isModifierReason".to_owned(), json!(origin));
    }
    Value::Object(object)
}

/// Where an element comes from, as a sentence.
fn origin(element: &Element, base: &str) -> String {
    let own = element.path.split('.').next().unwrap_or_default();
    let first = element.base.as_ref().map_or(element.path.as_str(), |base| base.path.as_str());
    let home = first.split('.').next().unwrap_or_default();
    if home == own || ABOVE.contains(&home) {
        format!("As {} of {base}.", element.path)
    } else {
        format!("As {first} of FHIR R4.")
    }
}

fn facts(element: &Element, words: [Option<String>; 4], source: &str) -> Map<String, Value> {
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| {
        if !value.is_null() && value.as_array().is_none_or(|items| !items.is_empty()) {
            object.insert(key.to_owned(), value);
        }
    };
    let [short, definition, comment, requirements] = words;
    put("id", json!(identifier(element)));
    put("path", json!(element.path));
    put("representation", json!(element.representation));
    put("sliceName", json!(element.slice_name));
    put("slicing", element.slicing.as_ref().map_or(Value::Null, slicing));
    put("short", json!(short));
    put("definition", json!(definition));
    put("comment", json!(comment));
    put("requirements", json!(requirements));
    put("min", json!(element.min));
    put("max", json!(element.max));
    if let Some(base) = &element.base {
        put("base", json!({"path": base.path, "min": base.min, "max": base.max}));
    }
    put("contentReference", json!(element.content_reference));
    put("type", element.types.iter().map(element_type).collect());
    let typed = [
        ("fixed", &element.fixed),
        ("pattern", &element.pattern),
        ("minValue", &element.min_value),
        ("maxValue", &element.max_value),
    ];
    for (stem, value) in typed {
        if let Some(TypedValue { kind, value }) = value {
            put(&format!("{stem}{kind}"), value.clone());
        }
    }
    put("maxLength", json!(element.max_length));
    put("constraint", element.constraints.iter().map(|one| constraint(one, source)).collect());
    put("mustSupport", json!(element.must_support));
    put("isModifier", json!(element.is_modifier));
    put("isSummary", json!(element.is_summary));
    put("binding", element.binding.as_ref().map_or(Value::Null, binding));
    object
}

/// Its identifier; sdf-14 requires one, so an author who left it out is given the path with the slice.
fn identifier(element: &Element) -> String {
    match &element.slice_name {
        _ if !element.id.is_empty() => element.id.clone(),
        Some(slice) => format!("{}:{slice}", element.path),
        None => element.path.clone(),
    }
}

fn slicing(slicing: &Slicing) -> Value {
    let mut object = Map::new();
    let kind = |one: &crate::definitions::facts::Discriminator| json!({"type": one.kind, "path": one.path});
    if !slicing.discriminators.is_empty() {
        object.insert("discriminator".into(), slicing.discriminators.iter().map(kind).collect());
    }
    if let Some(ordered) = slicing.ordered {
        object.insert("ordered".into(), json!(ordered));
    }
    if !slicing.rules.is_empty() {
        object.insert("rules".into(), json!(slicing.rules));
    }
    Value::Object(object)
}

fn extension(name: &str, value: &str, of: impl Into<Value>) -> Value {
    json!({"url": format!("{FHIR}{name}"), value: of.into()})
}

fn element_type(one: &ElementType) -> Value {
    let fhir_type =
        one.fhir_type.iter().map(|kind| extension("structuredefinition-fhir-type", "valueUrl", kind.as_str()));
    let regex = one.regex.iter().map(|regex| extension("regex", "valueString", regex.as_str()));
    let extensions: Vec<Value> = fhir_type.chain(regex).collect();
    let lists = [
        ("extension", json!(extensions)),
        ("code", json!(one.code)),
        ("profile", json!(one.profiles)),
        ("targetProfile", json!(one.target_profiles)),
        ("aggregation", json!(one.aggregation)),
        ("versioning", json!(one.versioning)),
    ];
    let said = |value: &Value| !value.is_null() && value.as_array().is_none_or(|items| !items.is_empty());
    lists.into_iter().filter(|(_, value)| said(value)).map(|(key, value)| (key.to_owned(), value)).collect()
}

fn constraint(one: &Constraint, source: &str) -> Value {
    let from = one.source.as_deref().unwrap_or(source);
    let mut object = Map::new();
    if one.best_practice {
        let flag = extension("elementdefinition-bestpractice", "valueBoolean", true);
        object.insert("extension".into(), json!([flag]));
    }
    let human = || format!("Rule {} of {}.", one.key, from.rsplit('/').next().unwrap_or(from));
    object.insert("key".into(), json!(one.key));
    if let Some(requirements) = &one.requirements {
        object.insert("requirements".into(), json!(requirements));
    }
    object.insert("severity".into(), json!(one.severity));
    object.insert("human".into(), json!(one.human.clone().unwrap_or_else(human)));
    if let Some(expression) = &one.expression {
        object.insert("expression".into(), json!(expression));
    }
    if let Some(source) = &one.source {
        object.insert("source".into(), json!(source));
    }
    Value::Object(object)
}

fn binding(binding: &Binding) -> Value {
    let mut object = Map::new();
    if let Some(most) = &binding.max_value_set {
        let most = extension("elementdefinition-maxValueSet", "valueCanonical", most.as_str());
        object.insert("extension".into(), json!([most]));
    }
    object.insert("strength".into(), json!(binding.strength.code()));
    match &binding.value_set {
        Some(set) => object.insert("valueSet".into(), json!(set)),
        // sdf-10 requires one or the other
        None => object.insert("description".into(), json!("The base names no value set.")),
    };
    Value::Object(object)
}
