//! What care plans and carers' plans hold beside the shared parts, in native JSON. It fits the schema.

use proptest::prelude::*;
use serde_json::{Value, json};

use cmht_gateway::documents::care_plan::{PlanStanding, Programme};
use cmht_gateway::documents::carers_plan::CaredForAccess;
use cmht_gateway::documents::parts::{ActionStatus, DialogAreas, Doer, MemberKind, NeedStatus};
use cmht_gateway::model::Sector;

use super::parts::{Field, always, boolean, codes, date, ensure, line, list, maybe, object, text};
use super::shared::{at_work, ods, party, telecom};

macro_rules! all {
    ($name:ident) => {
        codes($name::ALL.iter().map(|entry| entry.code()).collect())
    };
}

pub(crate) fn standing() -> BoxedStrategy<Value> {
    all!(PlanStanding)
}

pub(crate) fn programme() -> BoxedStrategy<Value> {
    all!(Programme)
}

pub(crate) fn access() -> BoxedStrategy<Value> {
    all!(CaredForAccess)
}

fn action() -> BoxedStrategy<Value> {
    let with = |fields: Vec<Field>| {
        let shared = vec![
            always("text", text()),
            maybe("name", line()),
            maybe("by_when", date()),
            maybe("status", all!(ActionStatus)),
            maybe("notes", text()),
        ];
        object(shared.into_iter().chain(fields).collect(), Value::Null)
    };
    let service = || always("who", Just(json!("service")));
    prop_oneof![
        3 => with(vec![maybe("who", all!(Doer))]),
        1 => with(vec![service(), always("party", party())]),
        1 => with(vec![service(), always("ods", ods())]),
    ]
    .boxed()
}

pub(crate) fn need() -> BoxedStrategy<Value> {
    let fields = vec![
        always("text", text()),
        maybe("strengths", list(text(), 3)),
        maybe("goal", text()),
        maybe("by_when", date()),
        maybe("actions", list(action(), 3)),
        maybe("unmet", text()),
        maybe("status", all!(NeedStatus)),
        maybe("raised_by", line()),
        maybe("since", date()),
        maybe("outcome", text()),
        maybe("notes", text()),
    ];
    object(fields, Value::Null)
}

pub(crate) fn team_member() -> BoxedStrategy<Value> {
    let with = |key: Option<Field>| {
        let mut fields = vec![
            always("kind", all!(MemberKind)),
            maybe("key_worker", Just(json!(true)).boxed()),
            maybe("name", line()),
            maybe("role", line()),
            maybe("organisation", line()),
            maybe("sector", codes(Sector::of_organisations().map(Sector::code).collect())),
            maybe("telecoms", list(telecom(), 2)),
            maybe("notes", text()),
        ];
        fields.extend(key);
        let member = object(fields, Value::Null);
        let member = ensure(member, &["name", "role", "organisation", "party", "ods"], "role", "advocate");
        member.prop_map(|member| if member["kind"] == "service" { at_work(member) } else { member })
    };
    prop_oneof![with(None), with(Some(always("party", party()))), with(Some(always("ods", ods())))].boxed()
}

pub(crate) fn dialog() -> BoxedStrategy<Value> {
    const AREAS: [&str; 11] = [
        "mental_health",
        "physical_health",
        "job",
        "accommodation",
        "leisure",
        "friendships",
        "family",
        "safety",
        "medication",
        "practical_help",
        "meetings",
    ];
    // the types know no other and each of these
    let each: Value = AREAS.iter().map(|area| ((*area).to_owned(), json!({}))).collect();
    assert!(serde_json::from_value::<DialogAreas>(each).is_ok());
    let answer = || {
        let score = (1_u8..=7).prop_map(Value::from).boxed();
        object(vec![maybe("score", score), maybe("more_help", boolean())], json!({"score": 4}))
    };
    let areas = object(AREAS.iter().map(|area| maybe(area, answer())).collect(), json!({"job": {"more_help": true}}));
    let fields =
        vec![always("areas", areas), maybe("date", date()), maybe("helped_by", line()), maybe("notes", text())];
    object(fields, Value::Null)
}
