//! One FHIR ElementDefinition to its facts. Prose, examples and mappings stay behind.

use serde_json::Value;

use super::element::{
    BaseElement, Binding, Constraint, Discriminator, Element, ElementType, Slicing, Strength, TypedValue,
};
use super::{flag, items, text, texts};

const EXTENSIONS: &str = "http://hl7.org/fhir/StructureDefinition/";
const R5: &str = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.";

impl Element {
    /// Reads an ElementDefinition; with `words` also what its constraints say in words. `None` where it has no path.
    #[must_use]
    pub fn from_fhir(element: &Value, words: bool) -> Option<Self> {
        let path = text(element, "path")?;
        Some(Self {
            id: text(element, "id").unwrap_or_default(),
            representation: texts(element, "representation"),
            slice_name: text(element, "sliceName"),
            slicing: element.get("slicing").map(slicing),
            min: number(element, "min").and_then(|min| u32::try_from(min).ok()),
            max: text(element, "max"),
            base: element.get("base").and_then(base),
            content_reference: text(element, "contentReference"),
            types: items(element, "type").filter_map(element_type).collect(),
            fixed: typed(element, "fixed"),
            pattern: typed(element, "pattern"),
            min_value: typed(element, "minValue"),
            max_value: typed(element, "maxValue"),
            max_length: number(element, "maxLength"),
            min_length: extension(element, "minLength").and_then(|length| length.parse().ok()),
            must_have_value: later(element, "mustHaveValue").find_map(Value::as_bool),
            value_alternatives: later(element, "valueAlternatives")
                .filter_map(|value| Some(value.as_str()?.to_owned()))
                .collect(),
            constraints: items(element, "constraint").filter_map(|one| constraint(one, words)).collect(),
            must_support: flag(element, "mustSupport"),
            is_modifier: flag(element, "isModifier"),
            is_summary: flag(element, "isSummary"),
            binding: element.get("binding").and_then(binding),
            words: None,
            path,
        })
    }
}

fn number(element: &Value, key: &str) -> Option<u64> {
    element.get(key)?.as_u64()
}

/// The value of a choice such as `fixed[x]`.
fn typed(element: &Value, stem: &str) -> Option<TypedValue> {
    element.as_object()?.iter().find_map(|(key, value)| {
        let kind = key.strip_prefix(stem).filter(|kind| kind.starts_with(|c: char| c.is_ascii_uppercase()))?;
        Some(TypedValue { kind: kind.to_owned(), value: value.clone() })
    })
}

fn slicing(slicing: &Value) -> Slicing {
    let discriminator = |one: &Value| Some(Discriminator { kind: text(one, "type")?, path: text(one, "path")? });
    Slicing {
        discriminators: items(slicing, "discriminator").filter_map(discriminator).collect(),
        ordered: flag(slicing, "ordered"),
        rules: text(slicing, "rules").unwrap_or_default(),
    }
}

fn base(base: &Value) -> Option<BaseElement> {
    let min = number(base, "min").and_then(|min| u32::try_from(min).ok())?;
    Some(BaseElement { path: text(base, "path")?, min, max: text(base, "max")? })
}

/// The value of an extension of HL7's, whichever type it has.
fn extension(object: &Value, name: &str) -> Option<String> {
    items(object, "extension").find_map(|one| {
        let url = one.get("url")?.as_str()?;
        if url.strip_prefix(EXTENSIONS) != Some(name) {
            return None;
        }
        let value = one.as_object()?.iter().find(|(key, _)| key.starts_with("value"))?.1;
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
            _ => None,
        }
    })
}

/// The values of what R5 says of elements and R4 only in extensions.
fn later<'a>(element: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    let mine = items(element, "extension").filter(move |one| {
        let url = one.get("url").and_then(Value::as_str).unwrap_or_default();
        url.strip_prefix(R5).is_some_and(|rest| rest == name)
    });
    mine.filter_map(|one| Some(one.as_object()?.iter().find(|(key, _)| key.starts_with("value"))?.1))
}

fn element_type(one: &Value) -> Option<ElementType> {
    let fhir_type = extension(one, "structuredefinition-fhir-type");
    Some(ElementType {
        // R4's `Resource.id` hides its code behind the extension in some packages
        code: text(one, "code").or_else(|| fhir_type.clone())?,
        fhir_type,
        regex: extension(one, "regex"),
        profiles: texts(one, "profile"),
        target_profiles: texts(one, "targetProfile"),
        aggregation: texts(one, "aggregation"),
        versioning: text(one, "versioning"),
    })
}

fn constraint(one: &Value, words: bool) -> Option<Constraint> {
    Some(Constraint {
        key: text(one, "key")?,
        severity: text(one, "severity").unwrap_or_else(|| "error".to_owned()),
        expression: text(one, "expression"),
        source: text(one, "source"),
        best_practice: extension(one, "elementdefinition-bestpractice").as_deref() == Some("true"),
        human: text(one, "human").filter(|_| words),
        requirements: text(one, "requirements").filter(|_| words),
    })
}

fn binding(binding: &Value) -> Option<Binding> {
    Some(Binding {
        strength: Strength::from_code(binding.get("strength")?.as_str()?)?,
        value_set: text(binding, "valueSet"),
        max_value_set: extension(binding, "elementdefinition-maxValueSet"),
    })
}
