//! The value at a path the readers write ([`super::path::Path`]): for remarks that come without their value.

use serde_json::Value;

/// What stands in the bundle at a FHIRPath of the form `Bundle.entry[1].resource.name[0].extension('url').period`.
pub(super) fn at<'b>(bundle: &'b Value, path: &str) -> Option<&'b Value> {
    let mut rest = path.strip_prefix("Bundle")?;
    let mut value = bundle;
    while let Some(step) = rest.strip_prefix('.') {
        if let Some(quoted) = step.strip_prefix("extension('") {
            let (url, after) = quoted.split_once("')")?;
            let all = value.get("extension")?.as_array()?;
            value = all.iter().find(|one| one.get("url").and_then(Value::as_str) == Some(url))?;
            rest = after;
            continue;
        }
        let end = step.find(['.', '[']).unwrap_or(step.len());
        let (name, after) = step.split_at(end);
        value = value.get(name)?;
        rest = after;
        if let Some(index) = rest.strip_prefix('[') {
            let (number, after) = index.split_once(']')?;
            value = value.get(number.parse::<usize>().ok()?)?;
            rest = after;
        }
    }
    rest.is_empty().then_some(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::at;

    #[test]
    fn a_path_leads_to_its_value_or_nowhere() {
        let bundle = json!({"entry": [{"resource": {"name": [{"family": "A"}],
            "extension": [{"url": "urn:a.b[1]", "valueString": "x"}]}}]});
        let table = [
            ("Bundle.entry[0].resource.name[0].family", Some(json!("A"))),
            ("Bundle.entry[0].resource.extension('urn:a.b[1]').valueString", Some(json!("x"))),
            ("Bundle.entry[1]", None),
            ("Bundle.entry[0].resource.subject.resolve().name", None),
            ("Patient.name", None),
        ];
        for (path, expected) in table {
            assert_eq!(at(&bundle, path), expected.as_ref(), "{path}");
        }
    }
}
