//! What a document by another system says that has no place in ours. Kept as it came, so that nothing is lost; nobody
//! decides anything by it, and it has no data category.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::narrative::plain_text;

/// A part of the FHIR bundle a document was read from: an element, or a whole entry (`Bundle.entry[4]`).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unmapped {
    /// FHIRPath in the bundle as it was received.
    pub path: String,
    /// What stood there, in FHIR's JSON form.
    pub value: Value,
}

impl Unmapped {
    /// What a reader of the document is told: that there is more, and the words of every narrative in it, each under the
    /// title it came with. Words that were in no field may be the ones that matter most.
    #[must_use]
    pub fn words(list: &[Self]) -> Vec<String> {
        let narrative = |one: &Self| {
            let holder = one.path.strip_suffix(".text")?;
            let words = plain_text(one.value.get("div")?.as_str()?)?;
            Some(Self::title(list, holder).map_or_else(|| words.clone(), |title| format!("{title}: {words}")))
        };
        Self::lines(list).into_iter().chain(list.iter().filter_map(narrative)).collect()
    }

    /// The title of an element of which the parts were kept, else the words of its code.
    fn title<'l>(list: &'l [Self], holder: &str) -> Option<&'l str> {
        let beside = |key: &str| {
            let is_it =
                |one: &&Self| one.path.strip_prefix(holder).and_then(|rest| rest.strip_prefix('.')) == Some(key);
            list.iter().find(is_it).map(|one| &one.value)
        };
        let text =
            |key: &str, inner: &str| beside(key)?.pointer(inner)?.as_str().filter(|text| !text.trim().is_empty());
        let table = [
            ("title", ""),
            ("code", "/text"),
            ("code.text", ""),
            ("code", "/coding/0/display"),
            ("code.coding", "/0/display"),
            ("code.coding[0]", "/display"),
        ];
        table.into_iter().find_map(|(key, inner)| text(key, inner))
    }

    /// What a reader is told of parts that are not shown; none where there are none.
    #[must_use]
    pub fn lines(list: &[Self]) -> Vec<String> {
        match list.len() {
            0 => Vec::new(),
            1 => vec!["One part of the message is kept with this document and not shown here.".to_owned()],
            count => vec![format!("{count} parts of the message are kept with this document and not shown here.")],
        }
    }
}

/// Says nothing of what it holds: paths may carry addresses of others, values anything.
impl std::fmt::Debug for Unmapped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unmapped(…)")
    }
}
