//! A decision asked about and not made: a case, with everything it takes in, is decided by the code that decides releases,
//! told, and forgotten. Nothing is stored, passed on or logged; the directory and the store are not asked.

mod case;

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use serde_json::Value;

use super::Gateway;
use super::release::settled;
use crate::auth::Caller;
use crate::consent::{Account, Engine, Trail};
use crate::fhir::{self, Limits};
use crate::intake::{self, Refusal, Schemas, Shape};
use crate::model::{Category, Issue, IssueCode};
use crate::validate::Validator;
use case::Case;

/// The JSON Schema of a case.
pub const CASE_SCHEMA: &str = include_str!("../../../profiles/policy/case.schema.json");

/// Compiled once; `None` would be a fault of ours, which a test rules out.
static SHAPE: LazyLock<Option<Shape>> = LazyLock::new(|| Shape::load(CASE_SCHEMA).ok());

/// With what cases are decided.
#[derive(Clone, Copy)]
pub struct Bench<'a> {
    pub engine: &'a Engine,
    pub validator: &'a Validator,
    pub schemas: &'a Schemas,
    pub limits: &'a Limits,
}

impl std::fmt::Debug for Bench<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bench").finish_non_exhaustive()
    }
}

/// Decides a case given as JSON.
///
/// # Errors
/// It cannot be read, does not fit its schema, or holds a document that is not valid: every finding, with its path.
pub fn decide(bench: Bench<'_>, bytes: &[u8]) -> Result<Account, Refusal> {
    let case = read(bench, bytes)?;
    Ok(bench.engine.account(&trail(bench, &case)?))
}

fn read(bench: Bench<'_>, bytes: &[u8]) -> Result<Case, Refusal> {
    let value = fhir::read_document(bytes, bench.limits).map_err(|issue| {
        let category = if issue.code == IssueCode::TooLong { Category::TooLarge } else { Category::Malformed };
        Refusal::new(category, vec![issue])
    })?;
    let shape = SHAPE.as_ref().ok_or_else(|| ours("The schema of a case cannot be used."))?;
    match shape.check(&value, bytes) {
        issues if issues.is_empty() => match case::too_late(&value) {
            issues if issues.is_empty() => Case::read(bench, value, bytes),
            issues => Err(Refusal::new(Category::Invalid, issues)),
        },
        issues => Err(Refusal::new(Category::Invalid, issues)),
    }
}

fn trail(bench: Bench<'_>, case: &Case) -> Result<Trail, Refusal> {
    let bundle = bench.validator.bundle(case.bundle.clone()).map_err(|issues| {
        let told = issues.into_iter().map(|issue| case.placed(issue)).collect();
        Refusal::new(Category::Invalid, told)
    })?;
    let question = case.question(&bundle);
    if let Some(labels) = &case.labels {
        return Ok(bench.engine.decide_labels(&question, labels));
    }
    // A reduced copy is made, validated and decided again, as it would be for sending, and then thrown away.
    let settled = settled(bench.engine, bench.validator, &question);
    settled.map(|(_, trail)| trail).map_err(|issues| Refusal::new(Category::Internal, issues))
}

fn ours(text: &str) -> Refusal {
    Refusal::one(Category::Internal, IssueCode::Exception, text)
}

impl Gateway {
    /// Decides a case for somebody who may ask: the trust that runs the gateway, or the sender the case names.
    ///
    /// # Errors
    /// As [`decide`]; somebody else's case; or the gateway is busy.
    pub async fn dry_run(
        self: &Arc<Self>,
        caller: Caller,
        content_type: Option<String>,
        bytes: Vec<u8>,
        now: Timestamp,
    ) -> Result<Value, Refusal> {
        let Ok(_place) = self.room.try_acquire() else { return Err(super::busy()) };
        intake::json_only(content_type.as_deref())
            .map_err(|issue| Refusal::new(Category::UnsupportedMediaType, vec![issue]))?;
        let gateway = self.clone();
        let work = move || {
            let parts = gateway.parts();
            let bench = Bench {
                engine: &parts.engine,
                validator: &parts.validator,
                schemas: &parts.schemas,
                limits: &parts.limits,
            };
            let case = read(bench, &bytes)?;
            let trust = caller.party.organisation() == &parts.own;
            // The case says what it likes of its sender; who that is, the directory says.
            let sender = parts.directory.party(&case.sender.id, now);
            if !trust && !sender.is_some_and(|sender| caller.speaks_for(sender)) {
                return Err(not_theirs());
            }
            let account = parts.engine.account(&trail(bench, &case)?);
            serde_json::to_value(account).map_err(|_| ours("The answer could not be written."))
        };
        self.apart(work).await
    }
}

fn not_theirs() -> Refusal {
    let text = "A case is decided for the trust that runs this gateway and for the sender that it names, and these credentials belong to neither.";
    Refusal::new(
        Category::Forbidden,
        vec![Issue::error(IssueCode::Forbidden, text).at("/sender/id").rule("sender-is-caller")],
    )
}

#[cfg(test)]
mod tests {
    use super::SHAPE;

    #[test]
    fn the_schema_of_a_case_can_be_used() {
        assert!(SHAPE.is_some());
    }
}
