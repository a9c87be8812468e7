//! Why a step is not taken, in words: how the request stands, and what whoever asked may say of it. Which step may follow
//! which is `workflow`'s.

use super::steps::INFORMATION_GIVEN;
use crate::intake::Refusal;
use crate::model::{Category, Issue, IssueCode, RequestStatus, RequestTask};
use crate::workflow::{self, Capacity, Illegal, Wish};

/// How it stands and what may be said now, in words.
fn standing(task: &RequestTask, capacities: &[Capacity]) -> String {
    let status = RequestStatus::from_code(&task.status);
    let title = status.map_or(task.status.as_str(), |status| status.title());
    let mut may: Vec<&str> = Vec::new();
    for capacity in capacities {
        for (wish, _) in workflow::wishes(task, *capacity) {
            may.push(match wish {
                Wish::To(status) => status.code(),
                Wish::GiveInformation => INFORMATION_GIVEN,
            });
        }
    }
    may.dedup();
    let may = if may.is_empty() { "nothing more".to_owned() } else { may.join(", ") };
    format!("It is {title} (status {}, version {}); from here you may say: {may}.", task.status, task.version)
}

/// The refusal of a step that is none here.
pub(super) fn illegal(task: &RequestTask, why: Illegal, capacities: &[Capacity]) -> Refusal {
    let stands = standing(task, capacities);
    let (category, code, text) = match why {
        Illegal::NotNow => (Category::Conflict, IssueCode::Conflict, format!("This cannot be said now. {stands}")),
        Illegal::NotYours => {
            (Category::Forbidden, IssueCode::Forbidden, format!("This is for another party to say. {stands}"))
        }
        Illegal::ReasonWanted => {
            (Category::Invalid, IssueCode::Required, "Say why, in words the others can act on.".to_owned())
        }
        Illegal::TeamWanted => {
            (Category::Invalid, IssueCode::Required, "Name the team that has it from now on.".to_owned())
        }
        Illegal::InTheFuture => {
            (Category::Invalid, IssueCode::Value, "This lies in the future. Tell it when it has happened.".to_owned())
        }
        Illegal::BeforeItCame => {
            (Category::Invalid, IssueCode::Value, "This was before the request came. Check the time.".to_owned())
        }
        Illegal::Unreadable => (Category::Internal, IssueCode::Exception, "The request cannot be followed.".to_owned()),
    };
    let place = match why {
        Illegal::ReasonWanted => Some("/reason"),
        Illegal::TeamWanted => Some("/team"),
        Illegal::InTheFuture | Illegal::BeforeItCame => Some("/at"),
        _ => None,
    };
    let mut issue = Issue::error(code, text).rule("request-step");
    issue.path = place.map(str::to_owned);
    Refusal::new(category, vec![issue])
}

/// The refusal of a step from a version that is gone.
pub(super) fn other_version(task: &RequestTask, told: u32) -> Refusal {
    let text = format!(
        "Version {told} is no longer the current one. {} Read it again, and send the step with its version.",
        standing(task, &[]).split("; from here").next().map(|text| format!("{text}.")).unwrap_or_default()
    );
    Refusal::one(Category::Stale, IssueCode::Conflict, text)
}

/// A step id that was used for another step.
pub(super) fn other_step() -> Refusal {
    let text = "A step with this identifier, but another content, was taken before. A new step needs one of its own.";
    Refusal::one(Category::Duplicate, IssueCode::Duplicate, text)
}
