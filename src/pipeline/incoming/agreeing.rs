//! Whether a message that is a step of a request agrees with itself: it names the task, and may name request and person
//! besides. One that names another of either was put together wrongly, and is no step of anything.

use jiff::Timestamp;

use super::super::{Gateway, notice, unavailable};
use super::StepTold;
use crate::auth::Caller;
use crate::fhir::identifier;
use crate::intake::Refusal;
use crate::model::{Category, Issue, IssueCode, NhsNumber, RequestTask};
use crate::store::TasksWanted;
use crate::validate;

/// What a step says of the request and the person beside naming its task, each with its place.
#[derive(Debug, Default)]
pub(in crate::pipeline) struct Beside {
    /// Identifiers of the request, `system|value`.
    pub requests: Vec<(&'static str, String)>,
    /// What it says it answers: an identifier of the request, or of the message that brought it.
    pub answers: Option<String>,
    pub numbers: Vec<(&'static str, NhsNumber)>,
}

impl Gateway {
    /// Checks a step against the task it names, for a caller who has standing in that.
    ///
    /// # Errors
    /// 422 with everything that names another request or person.
    pub(in crate::pipeline) async fn agrees(
        &self,
        caller: &Caller,
        task: &RequestTask,
        told: &StepTold,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let mut issues = Vec::new();
        let mut wrong = |place: &str, text: &str| {
            issues.push(Issue::error(IssueCode::Invalid, text).at(place).rule("request-step"));
        };
        let another = "This names another request than the task does. Send the step of one request.";
        for (place, key) in &told.beside.requests {
            if !is_named(task, key) && self.of_version(&[task], value(key), now).await?.as_ref() != Some(&task.request)
            {
                wrong(place, another);
            }
        }
        if let Some(answers) = &told.beside.answers
            && self.names_another(caller, task, answers, now).await?
        {
            wrong("MessageHeader.response.identifier", another);
        }
        for (place, number) in &told.beside.numbers {
            if self.person(number) != task.person && self.has_number(task).await? {
                wrong(place, "This is another person than the one the request is about.");
            }
        }
        if issues.is_empty() { Ok(()) } else { Err(Refusal::new(Category::Invalid, issues)) }
    }

    /// Whether a reference is that of another request which the caller has or has sent.
    async fn names_another(
        &self,
        caller: &Caller,
        task: &RequestTask,
        reference: &str,
        now: Timestamp,
    ) -> Result<bool, Refusal> {
        if value(&task.identifier) == reference {
            return Ok(false);
        }
        for party in self.readable(&caller.party.id, now) {
            for wanted in [TasksWanted::Owner(party.clone()), TasksWanted::Requester(party, None)] {
                let known = self.store.tasks(&wanted).await.map_err(|error| unavailable(&error))?;
                if known.iter().any(|one| one.request != task.request && value(&one.identifier) == reference) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Whether the request itself says who the person is by a number.
    async fn has_number(&self, task: &RequestTask) -> Result<bool, Refusal> {
        let stored = self.store.message(&task.request).await.map_err(|error| unavailable(&error))?;
        let Some(stored) = stored else { return Ok(false) };
        let read = notice::reread(&self.parts(), &stored)?;
        Ok(validate::usable_nhs_number(&read.document.bundle).is_some_and(|number| self.person(&number) == task.person))
    }
}

fn value(key: &str) -> &str {
    identifier::split(key).1
}

/// Systems differ in what they put before an identifier: it is the value that names the request.
fn is_named(task: &RequestTask, key: &str) -> bool {
    value(&task.identifier) == value(key)
}
