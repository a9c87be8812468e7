//! What letters hold beyond what plans do, in native JSON, every part optional. They fit the schema.

use proptest::prelude::*;
use serde_json::{Value, json};

use cmht_gateway::documents::parts as native;

use super::document::contact;
use super::parts::{always, boolean, codes, date, instant, line, maybe, object, text};
use super::shared::{addressee, coded};

macro_rules! code {
    ($name:ident) => {
        codes(native::$name::ALL.iter().map(|entry| entry.code()).collect())
    };
}

fn moment() -> BoxedStrategy<Value> {
    prop_oneof![date(), instant()].boxed()
}

pub(crate) fn answer() -> BoxedStrategy<Value> {
    let fields =
        vec![always("answer", code!(YesNo)), maybe("by", line()), maybe("date", date()), maybe("notes", text())];
    object(fields, Value::Null)
}

pub(crate) fn team_care() -> BoxedStrategy<Value> {
    let fields = vec![
        maybe("started", moment()),
        maybe("ended", moment()),
        maybe("team", addressee()),
        maybe("key_worker", line()),
        maybe("discharged_by", line()),
        maybe("notes", text()),
    ];
    object(fields, json!({"ended": "2026"}))
}

pub(crate) fn hospital_stay() -> BoxedStrategy<Value> {
    let fields = vec![
        maybe("admitted", moment()),
        maybe("admission_method", code!(AdmissionMethod)),
        maybe("ward", line()),
        maybe("hospital", addressee()),
        maybe("responsible", line()),
        maybe("discharged", moment()),
        maybe("discharge_method", code!(DischargeMethod)),
        maybe("destination", line()),
        maybe("discharged_by", line()),
        maybe("notes", text()),
    ];
    object(fields, json!({"ward": "A"}))
}

pub(crate) fn legal_status() -> BoxedStrategy<Value> {
    let fields = vec![
        always("status", code!(LegalClassification)),
        maybe("at", code!(LegalMoment)),
        maybe("from", moment()),
        maybe("until", moment()),
        maybe("notes", text()),
    ];
    object(fields, Value::Null).prop_map(super::shared::in_order).boxed()
}

pub(crate) fn service() -> BoxedStrategy<Value> {
    let fields = vec![
        always("status", code!(ServiceStatus)),
        always("provider", contact()),
        maybe("purpose", text()),
        maybe("date", date()),
        maybe("arrangements", text()),
        maybe("agreed", boolean()),
    ];
    object(fields, Value::Null)
}

pub(crate) fn follow_up() -> BoxedStrategy<Value> {
    let fields = vec![
        always("kind", code!(FollowUpKind)),
        always("status", code!(FollowUpStatus)),
        maybe("when", moment()),
        maybe("by", line()),
        maybe("how", line()),
        maybe("notes", text()),
    ];
    object(fields, Value::Null)
}

pub(crate) fn procedure() -> BoxedStrategy<Value> {
    coded(vec![maybe("date", date()), maybe("notes", text())])
}
