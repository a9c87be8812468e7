//! Plans and letters in native JSON, made from the table each kind declares: a new kind needs no generator of its own.
//! They fit the published schema.

use proptest::prelude::*;
use serde_json::{Value, json};

use cmht_gateway::documents::discharge_letter::DischargeSetting;
use cmht_gateway::documents::parts::{ContactKind, Formulation, HandoverStatus, SharedCareDecision, Side};
use cmht_gateway::documents::safety_plan::SafetyPlanTemplate;
use cmht_gateway::documents::{CarePlan, CarersPlan, Content, ContingencyPlan, DischargeLetter, Document, SafetyPlan};

use super::parts::{Field, always, codes, date, instant, known, line, list, maybe, object, text};
use super::plans::{access, dialog, need, programme, standing, team_member};
use super::shared::{
    addressee, allergy, at_work, attachment, consent, diagnosis, medication, name, ods, organisation, party, person,
    registration, related, statement, telecom, unmapped,
};
use super::{letter, letters};

pub(crate) fn contact() -> BoxedStrategy<Value> {
    let kind = codes(ContactKind::ALL.iter().map(|kind| kind.code()).collect());
    let fields = |key: Option<Field>| {
        let mut fields = vec![
            always("kind", kind.clone()),
            maybe("name", line()),
            maybe("telecoms", list(telecom(), 2)),
            maybe("available", line()),
            maybe("notes", text()),
        ];
        fields.extend(key);
        object(fields, Value::Null)
    };
    prop_oneof![fields(None), fields(Some(always("party", party()))), fields(Some(always("ods", ods())))].boxed()
}

fn informed() -> BoxedStrategy<Value> {
    let more = || vec![maybe("telecoms", list(telecom(), 2)), maybe("notes", text())];
    let with = |fields: Vec<Field>| object(fields.into_iter().chain(more()).collect(), Value::Null);
    prop_oneof![
        with(vec![always("name", line()), maybe("relationship", line())]),
        with(vec![maybe("name", line()), always("party", party()), maybe("ods", ods())]).prop_map(at_work).boxed(),
        with(vec![maybe("name", line()), always("ods", ods())]).prop_map(at_work).boxed(),
    ]
    .boxed()
}

fn formulation() -> BoxedStrategy<Value> {
    const KEYS: [&str; 5] = ["problem", "predisposing", "precipitating", "perpetuating", "protective"];
    assert_eq!(KEYS.len(), Formulation::PLACES.len());
    object(KEYS.iter().map(|key| maybe(key, known(statement()))).collect(), json!({"problem": "none-known"}))
}

fn author() -> BoxedStrategy<Value> {
    let professional = |person: Vec<Field>| {
        let mut fields = vec![
            always("organisation", organisation()),
            maybe("name", name()),
            maybe("role", line()),
            maybe("registration", registration()),
            maybe("telecoms", list(telecom(), 2)),
        ];
        fields.extend(person);
        object(fields, Value::Null)
    };
    let person = || always("person", Just(json!(true)));
    prop_oneof![
        1 => object(vec![person()], Value::Null),
        2 => professional(vec![]),
        2 => professional(vec![person()]),
    ]
    .boxed()
}

fn content<D>(content: &Content<D>) -> BoxedStrategy<Value> {
    match content {
        Content::Observation(_) | Content::Flag(_) => known(statement()),
        Content::Answer(_) => letter::answer(),
        Content::LegalStatus(_) => known(letter::legal_status()),
        Content::Condition(_) => known(diagnosis()),
        Content::AllergyIntolerance(_) => known(allergy()),
        Content::Procedure(_) => known(letter::procedure()),
        Content::Encounter(_) => letter::hospital_stay(),
        Content::EpisodeOfCare(_) => letter::team_care(),
        Content::ServiceRequest(_) => known(letter::service()),
        Content::FollowUp(_) => known(letter::follow_up()),
        Content::HelpWanted(_) => known(letters::help_wanted()),
        Content::Lead(_) => known(letters::lead()),
        Content::Asking(_) => letters::asking(),
        Content::Telling(_) => letters::telling(),
        Content::Request(_) => letters::request(),
        Content::Outcome(_) => letters::progress(HandoverStatus::ALL.iter().map(|status| status.code()).collect()),
        Content::Decision(_) => letters::progress(SharedCareDecision::ALL.iter().map(|status| status.code()).collect()),
        Content::Consultation(_) => letters::consultation(),
        Content::Formulation(_) => formulation(),
        Content::RelatedPerson(_) => known(related()),
        Content::Contact(_) => known(contact()),
        Content::MedicationStatement(_) => known(medication()),
        Content::Inform(_) | Content::DoNotInform(_) => known(informed()),
        Content::Goal(_) => known(need()),
        Content::CareTeam(_) => known(team_member()),
        Content::QuestionnaireResponse(_) => known(dialog()),
        Content::Review(_) => {
            object(vec![always("date", date()), maybe("by", line()), maybe("sooner", line())], Value::Null)
        }
    }
}

/// A document of a kind; `own` are the properties the table does not know.
pub(super) fn document<D: Document>(own: Vec<Field>) -> BoxedStrategy<Value> {
    let side = codes(Side::ALL.iter().map(|side| side.code()).collect());
    let agreement = object(
        vec![always("by", side), maybe("name", line()), maybe("date", date()), maybe("note", line())],
        Value::Null,
    );
    let id = || "[A-Za-z0-9][A-Za-z0-9._:/-]{0,20}".prop_map(Value::from);
    let mut fields = vec![
        always("kind", Just(json!(D::KIND.code()))),
        always("id", id()),
        always("written", prop_oneof![instant(), date()]),
        always("person", person()),
        always("author", author()),
        maybe("interim", Just(json!(true))),
        maybe("replaces", id()),
        maybe("copies", list(addressee(), 3)),
        maybe("consent", consent()),
        maybe("agreements", list(agreement, 3)),
        maybe("attachments", list(attachment(), 2)),
        maybe("unmapped", unmapped()),
    ];
    fields.extend(own);
    // the schema asks for at least one question to be answered: the first always is
    for (place, field) in D::HEADINGS.iter().flat_map(|heading| heading.fields).enumerate() {
        let property: &'static str = field.key.replace('-', "_").leak();
        let answer = content(&field.content);
        fields.push(if place == 0 { always(property, answer) } else { maybe(property, answer) });
    }
    object(fields, Value::Null)
}

pub(crate) fn safety_plan() -> BoxedStrategy<Value> {
    let templates = codes(SafetyPlanTemplate::ALL.iter().map(|template| template.code()).collect());
    document::<SafetyPlan>(vec![maybe("template", templates)])
}

pub(crate) fn contingency_plan() -> BoxedStrategy<Value> {
    document::<ContingencyPlan>(vec![])
}

pub(crate) fn discharge_letter() -> BoxedStrategy<Value> {
    let settings = codes(DischargeSetting::ALL.iter().map(|setting| setting.code()).collect());
    document::<DischargeLetter>(vec![maybe("setting", settings)])
}

pub(crate) fn care_plan() -> BoxedStrategy<Value> {
    document::<CarePlan>(vec![maybe("standing", standing()), maybe("programme", programme())])
}

pub(crate) fn carers_plan() -> BoxedStrategy<Value> {
    document::<CarersPlan>(vec![maybe("cared_for_access", access())])
}
