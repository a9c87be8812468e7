//! ODS organisation codes: upper-case letters and digits, 3 to 12 of them.

use serde::{Deserialize, Serialize};

/// Code of an organisation in the Organisation Data Service. Shape only; whether it exists is the directory's to say.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OdsCode(String);

impl OdsCode {
    /// Reads a code; letter case is folded to upper because senders differ.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let code = text.trim().to_ascii_uppercase();
        let shaped = (3..=12).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
        shaped.then_some(Self(code))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for OdsCode {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or_else(|| "an ODS code is 3 to 12 letters and digits".to_owned())
    }
}

impl From<OdsCode> for String {
    fn from(code: OdsCode) -> Self {
        code.0
    }
}

impl std::fmt::Display for OdsCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
