//! A case that speaks against a claim: taken from the solver's model, checked with Cedar's authoriser, made as plain as
//! it can be while it still speaks against it, and told.

use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request, RequestEnv, Schema};
use cedar_policy_symcc::Env;
use serde_json::{Value, json};

use super::proof::Kind;
use super::shrink::{self, Choices};
use super::text::Made;
use super::words;

/// Whatever `what` permits, `bound` permits.
pub(super) struct Claim<'a> {
    pub what: &'a PolicySet,
    pub bound: &'a PolicySet,
    pub schema: &'a Schema,
    pub environment: &'a RequestEnv,
}

/// What makes a request a case.
type Fails<'a> = &'a dyn Fn(&Request, &Entities) -> bool;

/// A request as data: the recipient's attributes, the part's, the facts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Case {
    pub recipient: Value,
    pub part: Value,
    pub facts: Value,
}

impl Case {
    /// # Errors
    /// The model is not of the shape of our requests.
    pub(super) fn of(found: &Env) -> Made<Self> {
        let request = &found.request;
        let entities = found.entities.to_json_value().map_err(|error| error.to_string())?;
        let attributes = |uid: Option<&EntityUid>| -> Made<Value> {
            let uid = uid.ok_or("the model names nobody")?;
            let is = |entity: &&Value| {
                entity["uid"]["type"] == uid.type_name().to_string() && entity["uid"]["id"] == uid.id().unescaped()
            };
            let entity = entities.as_array().into_iter().flatten().find(is);
            Ok(entity.ok_or("the model leaves an entity out")?["attrs"].clone())
        };
        let context = request.context().ok_or("the model has no facts")?;
        Ok(Self {
            recipient: attributes(request.principal())?,
            part: attributes(request.resource())?,
            facts: context.to_json_value().map_err(|error| error.to_string())?,
        })
    }

    /// The request Cedar answers; `None` when the case does not fit the schema.
    fn request(&self, schema: &Schema, action: &EntityUid) -> Option<(Request, Entities)> {
        let recipient = json!({"type": "Recipient", "id": "the recipient"});
        let part = json!({"type": "Part", "id": "the part"});
        let entities = json!([
            {"uid": recipient, "attrs": self.recipient, "parents": []},
            {"uid": part, "attrs": self.part, "parents": []},
        ]);
        let entities = Entities::from_json_value(entities, Some(schema)).ok()?;
        let context = Context::from_json_value(self.facts.clone(), Some((schema, action))).ok()?;
        let uid = |value| EntityUid::from_json(value).ok();
        let request = Request::new(uid(recipient)?, action.clone(), uid(part)?, context, Some(schema)).ok()?;
        Some((request, entities))
    }
}

impl Claim<'_> {
    /// The case as lines for people; what the two sides answer is told by the kind of the proof.
    ///
    /// # Errors
    /// As [`smallest`].
    pub(super) fn case(&self, found: &Env, kind: &Kind, choices: &Choices) -> Made<Vec<String>> {
        let permits = |set: &PolicySet, request: &Request, entities: &Entities| {
            Authorizer::new().is_authorized(request, set, entities).decision() == Decision::Allow
        };
        let action = self.environment.action();
        let (case, request, entities) = smallest(found, self.schema, action, choices, &|request, entities| {
            permits(self.what, request, entities) && !permits(self.bound, request, entities)
        })?;
        let mut lines = words::of(&case, action);
        let told = |set| words::verdict(&Authorizer::new().is_authorized(&request, set, &entities), set);
        lines.extend(match kind {
            Kind::Due => vec![format!("It is {}", told(self.bound))],
            Kind::Change(_) => {
                vec![format!("Before it is {}", told(self.bound)), format!("Afterwards it is {}", told(self.what))]
            }
            Kind::Bound | Kind::Rules(_) | Kind::World => vec![format!("It is {}", told(self.what))],
        });
        Ok(lines)
    }
}

/// A rule that fails to evaluate, as lines for people.
///
/// # Errors
/// As [`smallest`].
pub(super) fn failing(
    found: &Env,
    rule: &PolicySet,
    schema: &Schema,
    environment: &RequestEnv,
    choices: &Choices,
) -> Made<Vec<String>> {
    let action = environment.action();
    let (case, request, entities) = smallest(found, schema, action, choices, &|request, entities| {
        Authorizer::new().is_authorized(request, rule, entities).diagnostics().errors().next().is_some()
    })?;
    let mut lines = words::of(&case, action);
    let response = Authorizer::new().is_authorized(&request, rule, &entities);
    lines.extend(response.diagnostics().errors().map(|error| format!("It fails: {error}")));
    Ok(lines)
}

/// The plainest request that is still a case, as data and as Cedar takes it.
///
/// # Errors
/// The solver's case is none by Cedar's own word: the two disagree, and nothing is shown either way.
fn smallest(
    found: &Env,
    schema: &Schema,
    action: &EntityUid,
    choices: &Choices,
    fails: Fails<'_>,
) -> Made<(Case, Request, Entities)> {
    let mut case = Case::of(found)?;
    let still =
        |case: &Case| case.request(schema, action).is_some_and(|(request, entities)| fails(&request, &entities));
    if !still(&case) {
        return Err("Cedar does not confirm the solver's case".to_owned());
    }
    shrink::plainest(&mut case, choices, &still);
    let (request, entities) = case.request(schema, action).ok_or("the case does not fit the schema")?;
    Ok((case, request, entities))
}
