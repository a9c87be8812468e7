//! A stored decision taken again: the facts of its record are put to the policy of today. The same policy must give the
//! same answer; another policy may not, and then what differs is told. The old answer stands either way.

use serde::Serialize;

use super::account::Outcome;
use super::engine::{Engine, Verdict};
use super::label::Label;
use super::rule::RuleId;
use super::trail::{FORM, Trail};

/// What came of taking a decision again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replay {
    /// What was decided, and stands.
    pub outcome: Outcome,
    /// Every label has the verdict it had.
    pub same: bool,
    pub differences: Vec<Difference>,
    /// How policy has changed since: rules changed, added or removed. Empty when it is the same.
    pub policy_changes: Vec<String>,
}

/// One label on which policy says something else now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    pub label: Label,
    /// The document held such a part, so that the answer about it would be another.
    pub held: bool,
    pub then: String,
    pub now: String,
}

/// Why a record cannot be replayed. Says nothing of what the record holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordFault {
    #[error("this is no record of a decision, or it is damaged")]
    Unreadable,
    #[error("the record has a form that this version of the gateway does not read")]
    OtherForm,
}

impl Trail {
    /// Reads a record.
    ///
    /// # Errors
    /// It is none, or one of another form.
    pub fn read(record: &str) -> Result<Self, RecordFault> {
        #[derive(serde::Deserialize)]
        struct Form {
            form: u32,
        }
        let Form { form } = serde_json::from_str(record).map_err(|_| RecordFault::Unreadable)?;
        if form != FORM {
            return Err(RecordFault::OtherForm);
        }
        serde_json::from_str(record).map_err(|_| RecordFault::Unreadable)
    }
}

impl Engine {
    /// Takes a recorded decision again.
    #[must_use]
    pub fn replay(&self, trail: &Trail) -> Replay {
        let now = self.verdicts(&trail.facts);
        let silent = Verdict::Silent;
        let differences: Vec<Difference> = Label::all()
            .filter_map(|label| {
                let then = trail.verdicts.get(&label).unwrap_or(&silent);
                let now = now.get(&label).unwrap_or(&silent);
                let held = trail.held.contains(&label);
                (then != now).then(|| Difference { label, held, then: told(then), now: told(now) })
            })
            .collect();
        Replay {
            outcome: trail.outcome,
            same: differences.is_empty(),
            differences,
            policy_changes: trail.edition.differences(self.edition()),
        }
    }
}

fn told(verdict: &Verdict) -> String {
    let listed =
        |rules: &std::collections::BTreeSet<RuleId>| rules.iter().map(RuleId::as_str).collect::<Vec<_>>().join(", ");
    match verdict {
        Verdict::Allowed(rules) => format!("permitted by {}", listed(rules)),
        Verdict::Forbidden(rules) => format!("forbidden by {}", listed(rules)),
        Verdict::Silent => "permitted by no rule".to_owned(),
        Verdict::Faulty(_) => "not decided: policy could not be evaluated".to_owned(),
    }
}
