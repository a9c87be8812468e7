//! A yes-or-no question with who answered it and when: was the plan given, does section 117 apply, is shared care agreed.

use serde::{Deserialize, Serialize};

use super::moment::spoken;
use super::phrase::{capital, sentences};

code_list! {
    /// What the answer is. Silence is an absent answer.
    YesNo {
        Yes => "yes", "yes";
        No => "no", "no";
        NotYet => "not-yet", "not yet";
        NotNeeded => "not-needed", "not needed";
        NotKnown => "not-known", "not known";
    }
}

/// An answer to one question.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    pub answer: YesNo,
    /// Who says so or who decided: a name, a role, a practice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// A year, a month or a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

impl Answer {
    /// The answer in one line.
    #[must_use]
    pub fn line(&self) -> String {
        let source: Vec<String> = self.by.clone().into_iter().chain(self.date.as_deref().map(spoken)).collect();
        let mut head = capital(self.answer.title());
        if !source.is_empty() {
            head = format!("{head} ({})", source.join(", "));
        }
        sentences(std::iter::once(head).chain(self.notes.clone()))
    }

    /// Whether the answer is yes.
    #[must_use]
    pub const fn is_yes(&self) -> bool {
        matches!(self.answer, YesNo::Yes)
    }
}
