//! Who agreed to a document and when, and when it is looked at again. Holds no signature: a signed page is an attachment.

use serde::{Deserialize, Serialize};

use super::moment::spoken;
use super::phrase::{capital, sentences};

code_list! {
    /// On whose side somebody agreed.
    Side {
        Person => "person", "the person";
        Practitioner => "practitioner", "practitioner";
        Carer => "carer", "carer";
        Gp => "gp", "GP";
    }
}

/// One agreement (L2508-2510: service user and practitioner).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    pub by: Side,
    /// Their name; the person's own name need not be repeated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A year, a month or a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Agreement {
    /// The agreement in one line.
    #[must_use]
    pub fn line(&self) -> String {
        self.line_as(self.by.title())
    }

    /// The same with other words for the side.
    pub(in crate::documents) fn line_as(&self, side: &str) -> String {
        let name = self.name.as_deref().map(|name| format!(": {name}")).unwrap_or_default();
        let date = self.date.as_deref().map(|date| format!(", {}", spoken(date))).unwrap_or_default();
        sentences(std::iter::once(format!("{}{name}{date}", capital(side))).chain(self.note.clone()))
    }
}

/// When a plan is looked at again, and who sees to it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// A year, a month or a day.
    pub date: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Who may ask for one sooner, and how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sooner: Option<String>,
}

impl Review {
    /// The review in one line.
    #[must_use]
    pub fn line(&self) -> String {
        let by = self.by.as_deref().map(|by| format!(", {by}")).unwrap_or_default();
        sentences(std::iter::once(format!("{}{by}", spoken(&self.date))).chain(self.sooner.clone()))
    }
}
