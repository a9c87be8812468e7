//! Handovers and letters between clinicians in native JSON, and what only they hold. They fit the published schema.

use proptest::prelude::*;
use serde_json::{Value, json};

use cmht_gateway::documents::clinical_information_answer::InformationAnswer;
use cmht_gateway::documents::parts::{Funding, HelpKind, LetterUrgency};
use cmht_gateway::documents::transfer_to_nhs::TransferAssessment;
use cmht_gateway::documents::{
    CareLeadStatement, ClinicalInformationAnswer, ClinicalInformationRequest, HandoverOutcome, PrivateOpinion,
    SharedCareAnswer, SharedCareRequest, SocialPrescribingHandover, TransferToNhs,
};

use super::document::document;
use super::parts::{Field, always, codes, date, line, list, maybe, object, text};
use super::shared::{addressee, sector, telecom};

fn id() -> BoxedStrategy<Value> {
    "[A-Za-z0-9][A-Za-z0-9._:/-]{0,20}".prop_map(Value::from).boxed()
}

/// To whom and how soon: what every letter says first.
fn heading() -> Vec<Field> {
    let urgency = codes(LetterUrgency::ALL.iter().map(|urgency| urgency.code()).collect());
    vec![maybe("to", addressee()), maybe("attention", line()), maybe("urgency", urgency)]
}

fn headed(more: Vec<Field>) -> BoxedStrategy<Value> {
    object(heading().into_iter().chain(more).collect(), json!({"attention": "whoever opens it"}))
}

pub(super) fn asking() -> BoxedStrategy<Value> {
    headed(vec![
        maybe("answer_by", date()),
        maybe("reply_to", addressee()),
        maybe("reminder_of", id()),
        maybe("asks", list(text(), 3)),
    ])
}

pub(super) fn telling() -> BoxedStrategy<Value> {
    headed(vec![maybe("in_reply_to", id()), maybe("says", list(text(), 3))])
}

pub(super) fn request() -> BoxedStrategy<Value> {
    headed(vec![maybe("service", line()), maybe("note", text())])
}

pub(super) fn progress(statuses: Vec<&'static str>) -> BoxedStrategy<Value> {
    let fields = vec![
        always("status", codes(statuses)),
        maybe("about", id()),
        maybe("why", text()),
        maybe("date", date()),
        maybe("note", text()),
    ];
    object(fields, Value::Null)
}

pub(super) fn help_wanted() -> BoxedStrategy<Value> {
    let help = codes(HelpKind::ALL.iter().map(|help| help.code()).collect());
    object(vec![always("help", help), maybe("text", text())], Value::Null)
}

pub(super) fn lead() -> BoxedStrategy<Value> {
    let fields = vec![
        always("area", line()),
        maybe("name", line()),
        maybe("role", line()),
        maybe("organisation", addressee()),
        maybe("sector", sector()),
        maybe("funding", codes(Funding::ALL.iter().map(|funding| funding.code()).collect())),
        maybe("since", date()),
        maybe("telecoms", list(telecom(), 2)),
        maybe("notes", text()),
    ];
    object(fields, Value::Null)
}

pub(super) fn consultation() -> BoxedStrategy<Value> {
    let fields = vec![
        always("date", date()),
        maybe("with", line()),
        maybe("organisation", addressee()),
        maybe("sector", sector()),
        maybe("referred", date()),
        maybe("referred_by", line()),
    ];
    object(fields, Value::Null)
}

pub(crate) fn social_prescribing_handover() -> BoxedStrategy<Value> {
    document::<SocialPrescribingHandover>(vec![])
}

pub(crate) fn handover_outcome() -> BoxedStrategy<Value> {
    document::<HandoverOutcome>(vec![])
}

pub(crate) fn clinical_information_request() -> BoxedStrategy<Value> {
    document::<ClinicalInformationRequest>(vec![])
}

pub(crate) fn clinical_information_answer() -> BoxedStrategy<Value> {
    document::<ClinicalInformationAnswer>(vec![maybe(
        "answered",
        codes(InformationAnswer::ALL.iter().map(|answer| answer.code()).collect()),
    )])
}

pub(crate) fn private_opinion() -> BoxedStrategy<Value> {
    document::<PrivateOpinion>(vec![])
}

pub(crate) fn transfer_to_nhs() -> BoxedStrategy<Value> {
    document::<TransferToNhs>(vec![maybe(
        "assessment",
        codes(TransferAssessment::ALL.iter().map(|how| how.code()).collect()),
    )])
}

pub(crate) fn care_lead_statement() -> BoxedStrategy<Value> {
    document::<CareLeadStatement>(vec![])
}

pub(crate) fn shared_care_request() -> BoxedStrategy<Value> {
    document::<SharedCareRequest>(vec![])
}

pub(crate) fn shared_care_answer() -> BoxedStrategy<Value> {
    document::<SharedCareAnswer>(vec![])
}
