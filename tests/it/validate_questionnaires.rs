//! Questionnaires and responses to them: one row a rule, each a change to a sound resource and what is then found.

use cmht_gateway::validate::walk::Guide;
use serde_json::{Value, json};

use crate::support::walked::{found, table, told};

const EXT: &str = "http://hl7.org/fhir/StructureDefinition/";

fn narrative(text: &str) -> Value {
    json!({"status": "generated", "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{text}</div>")})
}

fn questionnaire() -> Value {
    let yes_no = json!([
        {"valueCoding": {"system": "https://example.org/answers", "code": "yes", "display": "Yes"}},
        {"valueCoding": {"system": "https://example.org/answers", "code": "no"}}
    ]);
    json!({
        "resourceType": "Questionnaire", "id": "q1", "url": "https://forms.example/Questionnaire/q1", "status": "active",
        "text": narrative("Questions"),
        "item": [
            {"linkId": "1", "type": "group", "text": "About you", "item": [
                {"linkId": "1.1", "type": "string", "text": "Name", "required": true, "maxLength": 10},
                {"linkId": "1.2", "type": "integer", "text": "Age", "extension": [
                    {"url": format!("{EXT}minValue"), "valueInteger": 18}, {"url": format!("{EXT}maxValue"), "valueInteger": 120}]},
                {"linkId": "1.3", "type": "choice", "repeats": true, "answerOption": yes_no.clone()}
            ]},
            {"linkId": "2", "type": "boolean", "text": "Pets?", "item": [{"linkId": "2.1", "type": "string"}]},
            {"linkId": "3", "type": "open-choice", "answerOption": yes_no, "required": true,
                "enableWhen": [{"question": "2", "operator": "=", "answerBoolean": true}]},
            {"linkId": "4", "type": "display", "text": "Thank you"},
            {"linkId": "5", "type": "choice", "answerValueSet": "http://hl7.org/fhir/ValueSet/administrative-gender"},
            {"linkId": "6", "type": "date", "answerOption": [{"valueDate": "2026-01-01"}]}
        ]
    })
}

fn response() -> Value {
    let mut form = questionnaire();
    form.as_object_mut().unwrap().remove("text");
    json!({
        "resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": "#q1", "contained": [form],
        "text": narrative("Answers"),
        "item": [
            {"linkId": "1", "text": "About you", "item": [
                {"linkId": "1.1", "answer": [{"valueString": "Example"}]},
                {"linkId": "1.2", "answer": [{"valueInteger": 44}]},
                {"linkId": "1.3", "answer": [
                    {"valueCoding": {"system": "https://example.org/answers", "code": "yes"}},
                    {"valueCoding": {"system": "https://example.org/answers", "code": "no"}}]}
            ]},
            {"linkId": "2", "answer": [{"valueBoolean": true, "item": [{"linkId": "2.1", "answer": [{"valueString": "Cat"}]}]}]},
            {"linkId": "3", "answer": [{"valueString": "Perhaps"}]},
            {"linkId": "5", "answer": [{"valueCoding": {"system": "http://hl7.org/fhir/administrative-gender", "code": "other"}}]},
            {"linkId": "6", "answer": [{"valueDate": "2026-01-01"}]}
        ]
    })
}

#[test]
fn a_response_that_fits_its_questionnaire_is_not_remarked_on() {
    let told: Vec<_> = found(&response(), Guide::R4).iter().map(told).filter(|one| one.contains("response-")).collect();
    assert_eq!(told, [] as [&str; 0]);
}

#[test]
fn items_are_where_the_questionnaire_has_them() {
    table(
        &response(),
        Guide::R4,
        &[
            (
                "unknown",
                |r| r["item"][0]["linkId"] = "9".into(),
                &["error response-item QuestionnaireResponse.item[0].linkId"],
            ),
            (
                "misplaced",
                |r| r["item"][4]["linkId"] = "2.1".into(),
                &[
                    "error response-item QuestionnaireResponse.item[4].linkId",
                    "error response-type QuestionnaireResponse.item[4].answer[0].value",
                ],
            ),
            (
                "order",
                |r| r["item"].as_array_mut().unwrap().swap(3, 4),
                &["error response-order QuestionnaireResponse.item[4].linkId"],
            ),
            (
                "text",
                |r| r["item"][0]["text"] = "About me".into(),
                &["error response-text QuestionnaireResponse.item[0].text"],
            ),
            (
                "required",
                |r| r["item"][0]["item"][0] = json!({"linkId": "1.1"}),
                &["error response-required QuestionnaireResponse.item[0].item[0]"],
            ),
            (
                "required and not there",
                |r| drop(r["item"][0]["item"].as_array_mut().unwrap().remove(0)),
                &["error response-required QuestionnaireResponse.item[0]"],
            ),
            (
                "required, in progress",
                |r| {
                    r["item"][0]["item"].as_array_mut().unwrap().remove(0);
                    r["status"] = "in-progress".into();
                },
                &["warning response-required QuestionnaireResponse.item[0]"],
            ),
            (
                "twice",
                |r| {
                    r["item"]
                        .as_array_mut()
                        .unwrap()
                        .insert(1, json!({"linkId": "2", "answer": [{"valueBoolean": true}]}));
                },
                &["error response-repeats QuestionnaireResponse.item[2]"],
            ),
            (
                "answers",
                |r| r["item"][0]["item"][1]["answer"].as_array_mut().unwrap().push(json!({"valueInteger": 45})),
                &["error response-repeats QuestionnaireResponse.item[0].item[1].answer[1]"],
            ),
            (
                "beside the answer",
                |r| r["item"][1] = json!({"linkId": "2", "item": [{"linkId": "2.1"}]}),
                &[
                    "error response-nesting QuestionnaireResponse.item[1].item[0]",
                    "error response-enabled QuestionnaireResponse.item[2]",
                ],
            ),
            (
                "group with an answer",
                |r| r["item"][0] = json!({"linkId": "1", "answer": [{"valueBoolean": true}]}),
                &[
                    "error response-required QuestionnaireResponse.item[0]",
                    "error response-answer QuestionnaireResponse.item[0].answer[0]",
                ],
            ),
            (
                "answer to a text",
                |r| {
                    r["item"]
                        .as_array_mut()
                        .unwrap()
                        .insert(3, json!({"linkId": "4", "answer": [{"valueString": "x"}]}));
                },
                &["error response-answer QuestionnaireResponse.item[3].answer[0]"],
            ),
        ],
    );
}

#[test]
fn a_question_that_is_not_put_is_not_answered_nor_missed() {
    table(
        &response(),
        Guide::R4,
        &[
            (
                "answered",
                |r| r["item"][1]["answer"][0]["valueBoolean"] = false.into(),
                &["error response-enabled QuestionnaireResponse.item[2]"],
            ),
            (
                "not answered",
                |r| {
                    r["item"][1]["answer"][0]["valueBoolean"] = false.into();
                    r["item"].as_array_mut().unwrap().remove(2);
                },
                &[],
            ),
            (
                "missed",
                |r| drop(r["item"].as_array_mut().unwrap().remove(2)),
                &["error response-required QuestionnaireResponse"],
            ),
            (
                "any of two",
                |r| {
                    r["item"][1]["answer"][0]["valueBoolean"] = false.into();
                    r["contained"][0]["item"][2]["enableBehavior"] = "any".into();
                    r["contained"][0]["item"][2]["enableWhen"]
                        .as_array_mut()
                        .unwrap()
                        .push(json!({"question": "1.2", "operator": ">", "answerInteger": 40}));
                },
                &[],
            ),
            (
                "all of two",
                |r| {
                    r["contained"][0]["item"][2]["enableBehavior"] = "all".into();
                    r["contained"][0]["item"][2]["enableWhen"]
                        .as_array_mut()
                        .unwrap()
                        .push(json!({"question": "1.2", "operator": "exists", "answerBoolean": false}));
                },
                &["error response-enabled QuestionnaireResponse.item[2]"],
            ),
            (
                "a code",
                |r| {
                    r["contained"][0]["item"][2]["enableWhen"] = json!([{"question": "1.3", "operator": "=",
                    "answerCoding": {"system": "https://example.org/answers", "code": "maybe"}}]);
                },
                &["error response-enabled QuestionnaireResponse.item[2]"],
            ),
        ],
    );
}

#[test]
fn answers_are_of_the_type_and_within_the_limits_and_options_of_the_question() {
    table(
        &response(),
        Guide::R4,
        &[
            (
                "type",
                |r| r["item"][0]["item"][1]["answer"][0] = json!({"valueString": "44"}),
                &["error response-type QuestionnaireResponse.item[0].item[1].answer[0].value"],
            ),
            (
                "too small",
                |r| r["item"][0]["item"][1]["answer"][0]["valueInteger"] = 9.into(),
                &["error response-limit QuestionnaireResponse.item[0].item[1].answer[0].value"],
            ),
            (
                "too great",
                |r| r["item"][0]["item"][1]["answer"][0]["valueInteger"] = 121.into(),
                &["error response-limit QuestionnaireResponse.item[0].item[1].answer[0].value"],
            ),
            (
                "too long",
                |r| r["item"][0]["item"][0]["answer"][0]["valueString"] = "Example-Sample".into(),
                &["error response-length QuestionnaireResponse.item[0].item[0].answer[0].value"],
            ),
            (
                "lines",
                |r| r["item"][0]["item"][0]["answer"][0]["valueString"] = "A\nB".into(),
                &["warning response-lines QuestionnaireResponse.item[0].item[0].answer[0].value"],
            ),
            (
                "no option",
                |r| r["item"][0]["item"][2]["answer"][0]["valueCoding"]["code"] = "maybe".into(),
                &["error response-option QuestionnaireResponse.item[0].item[2].answer[0].value"],
            ),
            (
                "text for a choice",
                |r| r["item"][0]["item"][2]["answer"][0] = json!({"valueString": "yes"}),
                &["error response-option QuestionnaireResponse.item[0].item[2].answer[0].value"],
            ),
            (
                "words of an option",
                |r| r["item"][2]["answer"][0]["valueString"] = "yes".into(),
                &["warning response-option QuestionnaireResponse.item[2].answer[0].value"],
            ),
            ("value set", |r| r["item"][3]["answer"][0]["valueCoding"]["code"] = "unknown".into(), &[]),
            (
                "not in it",
                |r| {
                    r["item"][3]["answer"][0]["valueCoding"] =
                        json!({"system": "http://hl7.org/fhir/contact-point-use", "code": "home"});
                },
                &["error response-option QuestionnaireResponse.item[3].answer[0].value"],
            ),
            (
                "date",
                |r| r["item"][4]["answer"][0]["valueDate"] = "2026-01-02".into(),
                &["error response-option QuestionnaireResponse.item[4].answer[0].value"],
            ),
        ],
    );
}

#[test]
fn the_questionnaire_is_found_in_the_bundle_and_told_where_it_is_not() {
    let mut outside = response();
    outside.as_object_mut().unwrap().remove("contained");
    outside["questionnaire"] = "https://forms.example/Questionnaire/q1".into();
    let all: Vec<_> = found(&outside, Guide::R4).iter().map(told).collect();
    assert!(all.contains(&"warning questionnaire-known QuestionnaireResponse.questionnaire".to_owned()), "{all:?}");
    outside["item"][1]["answer"][0]["valueBoolean"] = false.into();
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"fullUrl": "https://forms.example/Questionnaire/q1", "resource": questionnaire()},
        {"fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000001", "resource": outside}
    ]});
    let all: Vec<_> = found(&bundle, Guide::R4).iter().map(told).collect();
    assert!(all.contains(&"error response-enabled Bundle.entry[1].resource.item[2]".to_owned()), "{all:?}");
    assert!(!all.iter().any(|one| one.contains("questionnaire-known")), "{all:?}");
}

#[test]
fn a_questionnaire_asks_conditions_of_what_stands_before() {
    table(
        &questionnaire(),
        Guide::R4,
        &[
            (
                "unknown",
                |q| q["item"][2]["enableWhen"][0]["question"] = "9".into(),
                &["error questionnaire-condition Questionnaire.item[2].enableWhen[0].question"],
            ),
            (
                "itself",
                |q| q["item"][2]["enableWhen"][0]["question"] = "3".into(),
                &["error questionnaire-condition Questionnaire.item[2].enableWhen[0].question"],
            ),
            (
                "after",
                |q| q["item"][2]["enableWhen"][0]["question"] = "5".into(),
                &["warning questionnaire-condition Questionnaire.item[2].enableWhen[0].question"],
            ),
            (
                "inside",
                |q| {
                    q["item"][1]["enableWhen"] =
                        json!([{"question": "2.1", "operator": "exists", "answerBoolean": true}]);
                },
                &["error questionnaire-condition Questionnaire.item[1].enableWhen[0].question"],
            ),
            (
                "derived",
                |q| q["derivedFrom"] = json!(["https://forms.example/Questionnaire/q0"]),
                &["warning questionnaire-derived Questionnaire.derivedFrom[0]"],
            ),
        ],
    );
}
