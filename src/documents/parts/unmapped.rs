//! What a document by another system says that has no place in ours. Kept as it came, so that nothing is lost; nobody
//! decides anything by it, and it has no data category.

use serde::{Deserialize, Serialize};
use serde_json::Value;

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
