//! Content of other systems that has no native place, on its way out and back. A whole entry becomes an entry again,
//! tagged; an element becomes one extension, path and JSON text, of a Basic that carries them all in their order. So
//! native → FHIR → native is the identity for it too. Neither has a data category: `consent` sends both only whole.

mod carrier;
mod succession;
mod write;

use serde_json::Value;

use crate::fhir::codes;
use crate::model::DataCategory;

pub(super) use carrier::{Carried, read as read_carrier};
pub(super) use succession::{Succession, point_at_successors};
pub(super) use write::loosen;

/// Whether a tag gives one of our data categories: the mapping gives each resource its own.
pub(super) fn is_category(tag: &Value) -> bool {
    let text = |key: &str| tag.get(key).and_then(Value::as_str);
    text("system") == Some(codes::DATA_CATEGORY) && text("code").and_then(DataCategory::from_code).is_some()
}

/// Whether a Coding is our mark of such content.
pub(super) fn is_mark(coding: &Value) -> bool {
    let text = |key: &str| coding.get(key).and_then(Value::as_str);
    text("system") == Some(codes::CARRIER) && text("code") == Some(codes::UNMAPPED.0)
}

/// Whether a resource is a carrier of elements.
pub(super) fn is_carrier(resource: &Value) -> bool {
    let codings = resource.pointer("/code/coding").and_then(Value::as_array);
    crate::fhir::resource_type(resource) == Some("Basic") && codings.into_iter().flatten().any(is_mark)
}

/// Whether a resource came back as an entry of its own.
pub(super) fn is_returned(resource: &Value) -> bool {
    let tags = resource.pointer("/meta/tag").and_then(Value::as_array);
    tags.into_iter().flatten().any(is_mark)
}

/// The resource without our mark.
pub(super) fn unmarked(resource: &Value) -> Value {
    let mut out = resource.clone();
    let Some(fields) = out.as_object_mut() else { return out };
    let Some(meta) = fields.get_mut("meta").and_then(Value::as_object_mut) else { return out };
    if let Some(tags) = meta.get_mut("tag").and_then(Value::as_array_mut) {
        tags.retain(|tag| !is_mark(tag));
        if tags.is_empty() {
            meta.shift_remove("tag");
        }
    }
    if meta.is_empty() {
        fields.shift_remove("meta");
    }
    out
}

/// Whether a path names a whole entry of the bundle.
pub(super) fn is_entry(path: &str) -> bool {
    let number = path.strip_prefix("Bundle.entry[").and_then(|rest| rest.strip_suffix(']'));
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{is_category, is_entry, is_returned, unmarked};
    use crate::fhir::codes;

    #[test]
    fn the_mark_goes_and_every_other_label_stays() {
        let mark = json!({"system": codes::CARRIER, "code": codes::UNMAPPED.0});
        let other = json!({"system": "urn:x", "code": "y"});
        let both = json!({"resourceType": "Basic", "meta": {"tag": [other, mark]}});
        assert!(is_returned(&both));
        assert_eq!(unmarked(&both), json!({"resourceType": "Basic", "meta": {"tag": [other]}}));
        let alone = json!({"resourceType": "Basic", "meta": {"tag": [mark]}});
        assert_eq!(unmarked(&alone), json!({"resourceType": "Basic"}));
        assert!(!is_returned(&unmarked(&alone)) && !is_category(&mark));
    }

    #[test]
    fn only_a_whole_entry_is_one() {
        let table = [("Bundle.entry[12]", true), ("Bundle.entry[]", false), ("Bundle.entry[1].resource", false)];
        for (path, expected) in table {
            assert_eq!(is_entry(path), expected, "{path}");
        }
    }
}
