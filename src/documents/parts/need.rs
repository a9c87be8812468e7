//! Needs of a care plan (`cmht-documents.md` §2; L694-699, L3893-3895): what the need is, the strengths and the goal, how it
//! is met, by whom and by when, or that it is not met and why. Says nothing about which document asks for which needs.

use serde::{Deserialize, Serialize};

use super::moment::spoken;
use super::phrase::sentences;
use super::reader::Reader;
use crate::model::{OdsCode, PartyId};

/// One need.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// What is needed.
    pub text: String,
    /// Strengths it can build on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strengths: Vec<String>,
    /// What the person wants to reach, in their words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<String>,
    /// A year, a month or a day by which the goal is to be reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_when: Option<String>,
    /// How it is met.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
    /// Why it is not met, or not met in full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmet: Option<String>,
    /// Absent: it is being worked on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<NeedStatus>,
    /// Who named the need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raised_by: Option<String>,
    /// Since when it is in the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// What came of it so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

code_list! {
    /// Where a need stands, other than being worked on (FHIR goal-status).
    NeedStatus {
        Proposed => "proposed", "suggested, not agreed yet";
        Planned => "planned", "work has not begun";
        Accepted => "accepted", "agreed";
        Completed => "completed", "met";
        Cancelled => "cancelled", "no longer wanted";
        Rejected => "rejected", "not wanted by the person";
    }
}

/// One action that meets a need.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<Doer>,
    /// What they are called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Directory id of a service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<PartyId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ods: Option<OdsCode>,
    /// A year, a month or a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_when: Option<String>,
    /// Absent: agreed and not begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ActionStatus>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

code_list! {
    /// Who does something (L3893-3895).
    Doer {
        Person => "person", "the person";
        Carer => "carer", "carer or family";
        Professional => "professional", "professional";
        Service => "service", "service";
    }
}

code_list! {
    /// Where an action stands, other than being agreed (FHIR task-status).
    ActionStatus {
        Accepted => "accepted", "taken on";
        InProgress => "in-progress", "under way";
        OnHold => "on-hold", "paused";
        Completed => "completed", "done";
        Rejected => "rejected", "declined";
        Cancelled => "cancelled", "no longer needed";
        Failed => "failed", "did not work out";
    }
}

impl Need {
    /// The need in words, in one text with a line for each of its sides: they belong together.
    #[must_use]
    pub fn in_words(&self) -> String {
        self.in_words_for(Reader::PROFESSIONAL)
    }

    /// The same in the words of a reader.
    pub(in crate::documents) fn in_words_for(&self, reader: Reader<'_>) -> String {
        let said = |words: &str, text: &Option<String>| text.as_ref().map(|text| format!("{words}: {text}"));
        let mut lines = vec![self.text.clone()];
        if !self.strengths.is_empty() {
            lines.push(format!("Strengths: {}", self.strengths.join("; ")));
        }
        lines.extend(said("Goal", &self.goal));
        lines.extend(said("To be reached by", &self.by_when.as_deref().map(spoken)));
        lines.extend(self.actions.iter().map(|action| format!("Action: {}", action.line_for(reader))));
        lines.extend(said("Not met, because", &self.unmet));
        lines.extend(self.status.map(|status| format!("Where it stands: {}", status.title())));
        lines.extend(said("So far", &self.outcome));
        lines.extend(said("Named by", &self.raised_by));
        lines.extend(said("Since", &self.since.as_deref().map(spoken)));
        lines.extend(said("Note", &self.notes));
        lines.join("\n")
    }
}

impl Action {
    /// The action in one line: what, then who and by when in brackets.
    #[must_use]
    pub fn line(&self) -> String {
        self.line_for(Reader::PROFESSIONAL)
    }

    fn line_for(&self, reader: Reader<'_>) -> String {
        let title = |who: Doer| if who == Doer::Person { reader.say(who.title(), "you", "me") } else { who.title() };
        let who = match (&self.who, &self.name) {
            (Some(Doer::Professional), Some(name)) => Some(name.clone()),
            (Some(who), Some(name)) => Some(format!("{name}, {}", title(*who))),
            (Some(who), None) => Some(title(*who).to_owned()),
            (None, name) => name.clone(),
        };
        let at = self.party.as_ref().map(ToString::to_string).or_else(|| self.ods.as_ref().map(ToString::to_string));
        let by_when = self.by_when.as_deref().map(|date| format!("by {}", spoken(date)));
        let status = self.status.map(|status| status.title().to_owned());
        let missing = who.is_none() && at.is_none();
        let by: Vec<String> = who.into_iter().chain(at.filter(|_| self.name.is_none())).collect();
        let mut parts = by;
        parts.extend(missing.then(|| "nobody named".to_owned()));
        parts.extend(by_when);
        parts.extend(status);
        sentences(std::iter::once(format!("{} ({})", self.text, parts.join("; "))).chain(self.notes.clone()))
    }
}
