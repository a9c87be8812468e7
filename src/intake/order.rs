//! What JSON Schema cannot say of a native document: that nothing in it ends before it begins. FHIR asks the same of every
//! period (per-1, <https://hl7.org/fhir/R4/datatypes.html#Period>); said here it has the names its sender knows.
//! Sees documents that fit their schema; judges no other sense of theirs.

use std::cmp::Ordering;

use serde_json::Value;

use crate::model::{Issue, IssueCode};

/// The names under which native documents have a beginning and an end.
const SPANS: [(&str, &str); 3] = [("from", "until"), ("started", "ended"), ("admitted", "discharged")];

/// Every span that ends before it begins, or of which that cannot be told, with the JSON pointer of its end.
pub(super) fn check(document: &Value) -> Vec<Issue> {
    let mut issues = Vec::new();
    inner(document, &mut String::new(), &mut issues);
    issues
}

/// Documents have been read within a limit of depth, so this may call itself.
fn inner(value: &Value, path: &mut String, issues: &mut Vec<Issue>) {
    let length = path.len();
    match value {
        Value::Object(map) => {
            for (first, last) in SPANS {
                let text = |key: &str| map.get(key).and_then(Value::as_str);
                let fault = text(first).zip(text(last)).and_then(|(from, until)| fault(first, last, from, until));
                issues.extend(fault.map(|text| Issue::error(IssueCode::Value, text).at(format!("{path}/{last}"))));
            }
            for (key, value) in map.iter().filter(|(_, value)| value.is_object() || value.is_array()) {
                path.push('/');
                path.push_str(&key.replace('~', "~0").replace('/', "~1"));
                inner(value, path, issues);
                path.truncate(length);
            }
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                path.push('/');
                path.push_str(&place.to_string());
                inner(item, path, issues);
                path.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn fault(first: &str, last: &str, from: &str, until: &str) -> Option<String> {
    match compared(from, until) {
        Some(Ordering::Greater) => {
            Some(format!("This ends before it begins: {last} must not be earlier than {first}."))
        }
        None => Some(format!(
            "Whether this ends after it begins cannot be told. Write {first} and {last} alike: both as dates, or both with the time."
        )),
        Some(_) => None,
    }
}

/// Which of two moments is earlier; `None` where one is told less exactly than the other and they may be the same.
fn compared(a: &str, b: &str) -> Option<Ordering> {
    let time = |text: &str| text.parse::<jiff::Timestamp>().ok();
    if let (Some(a), Some(b)) = (time(a), time(b)) {
        return Some(a.cmp(&b));
    }
    let parts = |text: &str| text.split(['-', 'T']).take(3).map(str::to_owned).collect::<Vec<_>>();
    let (own, other) = (parts(a), parts(b));
    let differs = own.iter().zip(&other).map(|(a, b)| a.cmp(b)).find(|order| order.is_ne());
    differs.or_else(|| (a.len() == b.len()).then_some(Ordering::Equal))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::check;

    #[test]
    fn what_ends_before_it_begins_is_told_at_its_end() {
        let table = [
            ("2026-11-22", "2026-11-22", true),
            ("2026-11-22", "2026-11-23", true),
            ("2026-11-23", "2026-11-22", false),
            ("2026", "2025", false),
            ("2026-11", "2026-12-01", true),
            ("2026-12", "2026-11-30", false),
            // either may be the earlier
            ("2026-11", "2026-11-30", false),
            ("2026-11-22", "2026-11-22T10:00:00Z", false),
            ("2026-11-22", "2026-11-23T10:00:00Z", true),
            ("2026-11-22T10:00:00Z", "2026-11-22T10:30:00+01:00", false),
            ("2026-11-22T10:00:00+01:00", "2026-11-22T09:30:00Z", true),
        ];
        for (from, until, sound) in table {
            let document = json!({"consent": {"permissions": [{}, {"from": from, "until": until}]}});
            let found: Vec<_> = check(&document).into_iter().filter_map(|issue| issue.path).collect();
            let expected: &[&str] = if sound { &[] } else { &["/consent/permissions/1/until"] };
            assert_eq!(found, expected, "{from} {until}");
        }
    }

    #[test]
    fn every_span_of_native_documents_is_looked_at() {
        for (first, last) in super::SPANS {
            let document = json!({"a/b": {first: "2026-02-01", last: "2026-01-01"}});
            let issues = check(&document);
            assert_eq!(issues[0].path.as_deref(), Some(format!("/a~1b/{last}").as_str()));
            assert!(issues[0].text.contains(last) && !issues[0].text.contains("2026"), "{}", issues[0].text);
        }
        assert_eq!(check(&json!({"from": "2026", "until": 1, "started": "2026"})), []);
    }
}
