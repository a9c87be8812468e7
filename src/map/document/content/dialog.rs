//! DIALOG ⇄ QuestionnaireResponse (UKCore-QuestionnaireResponse) of our own Questionnaire, and an Observation for each score
//! with its SNOMED CT code (`codes.md` §4). A survey of others may be the Observations alone. Adds up nothing.

use serde_json::{Value, json};

use crate::documents::Document;
use crate::documents::parts::{Dialog, DialogAnswer, DialogArea, DialogAreas, Known};
use crate::fhir::build::{also_profile, coding, put};
use crate::fhir::bundle::resource_type;
use crate::fhir::codes;
use crate::map::NoteKind;
use crate::map::document::write::Writer;
use crate::map::element::Element;
use crate::map::read::Subject;
use crate::map::read::datatypes::{code_of, date};
use crate::map::read::statement::code_in;
use crate::map::write::statement::Asked;

/// `linkId` of what else was said, and its words.
const NOTES: &str = "notes";
const NOTES_WORDS: &str = "Anything else";

impl<D: Document> Writer<'_, D> {
    /// Every survey of an answer.
    pub(in crate::map::document) fn dialogs(&mut self, asked: &Asked<'_>, answer: Option<&Known<Dialog>>) {
        for (role, dialog) in self.listed(asked, answer) {
            self.survey(asked, &role, dialog);
            for area in DialogArea::ALL {
                if let Some(score) = (area.get)(&dialog.areas).and_then(|answer| answer.score) {
                    self.score(asked, &role, dialog, area, score);
                }
            }
        }
    }

    fn survey(&mut self, asked: &Asked<'_>, role: &str, dialog: &Dialog) {
        let mut out =
            self.out.resource("QuestionnaireResponse", role, true, Some(asked.category), &[dialog.in_words()]);
        put(&mut out, "questionnaire", codes::DIALOG_QUESTIONNAIRE);
        put(&mut out, "status", "completed");
        put(&mut out, "subject", self.out.refer("patient"));
        put(&mut out, "authored", dialog.date.clone());
        put(&mut out, "author", dialog.helped_by.as_ref().map(|name| json!({"display": name})));
        put(&mut out, "source", self.out.refer("patient"));
        let mut items: Vec<Value> = Vec::new();
        for area in DialogArea::ALL {
            let Some(answer) = (area.get)(&dialog.areas) else { continue };
            let mut item = |link: String, text: String, value: Value| {
                items.push(json!({"linkId": link, "text": text, "answer": [value]}));
            };
            if let Some(score) = answer.score {
                item(area.number.to_string(), area.title.to_owned(), json!({"valueInteger": score}));
            }
            if let Some(wanted) = answer.more_help {
                item(area.help_link(), help_words(area), json!({"valueBoolean": wanted}));
            }
        }
        if let Some(notes) = &dialog.notes {
            items.push(json!({"linkId": NOTES, "text": NOTES_WORDS, "answer": [{"valueString": notes}]}));
        }
        put(&mut out, "item", items);
        self.out.push_item(role, out);
    }

    fn score(&mut self, asked: &Asked<'_>, survey: &str, dialog: &Dialog, area: &DialogArea, score: u8) {
        let role = format!("{survey}:{}", area.number);
        let lines = [format!("{}: {score} of {}", area.title, DialogArea::SCORES.end())];
        let mut out = self.out.resource("Observation", &role, true, Some(asked.category), &lines);
        also_profile(&mut out, codes::DIALOG_SCORE);
        put(&mut out, "status", "final");
        let code = coding(codes::SNOMED, area.code, &area.display());
        put(&mut out, "code", json!({"coding": [code], "text": area.title}));
        put(&mut out, "subject", self.out.refer("patient"));
        put(&mut out, "effectiveDateTime", dialog.date.clone());
        put(&mut out, "valueInteger", score);
        put(&mut out, "derivedFrom", json!([self.out.refer(survey)]));
        self.out.push_item(&role, out);
    }
}

/// The Questionnaire the surveys answer (UKCore-Questionnaire), for whoever publishes our definitions: an area of life or
/// care a question, in our own words, and whether more help is wanted.
#[must_use]
pub fn questionnaire() -> Value {
    let mut items: Vec<Value> = Vec::new();
    for area in DialogArea::ALL {
        let code = coding(codes::SNOMED, area.code, &area.display());
        let scores: Vec<Value> = DialogArea::SCORES.map(|score| json!({"valueInteger": score})).collect();
        items.push(json!({
            "linkId": area.number.to_string(), "code": [code], "text": area.title, "type": "integer",
            "answerOption": scores,
        }));
        items.push(json!({"linkId": area.help_link(), "text": help_words(area), "type": "boolean"}));
    }
    items.push(json!({"linkId": NOTES, "text": NOTES_WORDS, "type": "text"}));
    json!({
        "resourceType": "Questionnaire",
        "id": "dialog",
        "meta": {"profile": [codes::ukcore("Questionnaire")]},
        "url": codes::DIALOG_QUESTIONNAIRE,
        "name": "Dialog",
        "title": "DIALOG: eleven areas, each from 1, totally dissatisfied, to 7, totally satisfied",
        "status": "active",
        "subjectType": ["Patient"],
        "item": items,
    })
}

/// The question whether more help is wanted.
fn help_words(area: &DialogArea) -> String {
    format!("{}: more help wanted", area.title)
}

/// The area whose score an Observation is, by its SNOMED CT code.
pub(in crate::map::document) fn area_of(value: &Value) -> Option<&'static DialogArea> {
    let code = code_in(value.get("code"), codes::SNOMED)?;
    DialogArea::ALL.iter().find(|area| area.code == code)
}

/// Puts a survey into the list, with the Observations that follow it, or an Observation that follows none.
pub(in crate::map::document) fn take<'b>(
    at: &Subject<'_, 'b>,
    place: usize,
    value: &'b Value,
    scores: &[usize],
    slot: &mut Option<Known<Dialog>>,
) {
    match resource_type(value) {
        Some("Observation") => join(at, place, slot),
        Some("QuestionnaireResponse") => {
            let Some(dialog) = survey(at, place, value, scores) else { return };
            if dialog.areas == DialogAreas::default() {
                let path = format!("Bundle.entry[{place}].resource");
                at.source.notes.add(NoteKind::Dropped, path, "The survey holds no answer for any area.");
            } else {
                Known::add(slot, dialog);
            }
        }
        _ => {}
    }
}

/// A survey; `None` where it is of another questionnaire.
fn survey<'b>(at: &Subject<'_, 'b>, place: usize, value: &'b Value, scores: &[usize]) -> Option<Dialog> {
    let canonical = value.get("questionnaire").and_then(Value::as_str)?;
    if canonical.split('|').next() != Some(codes::DIALOG_QUESTIONNAIRE) {
        return None;
    }
    let mut response = at.source.open(place);
    response.ignore(&["questionnaire", "subject"]);
    response.accept("status", "completed", &["in-progress", "amended"]);
    let mut dialog = Dialog { date: date(&mut response, "authored"), ..Dialog::default() };
    if let Some(author) = response.child("author") {
        let (person, organisation) = at.source_of(author, value);
        dialog.helped_by = person.or(organisation);
    }
    if let Some(source) = response.child("source") {
        let person = value.get("source").and_then(|source| at.source.locate(source)) == Some(at.patient);
        if person {
            source.followed();
        }
    }
    for item in response.children("item") {
        read_item(item, &mut dialog);
    }
    for score in scores {
        read_score(at, *score, &mut dialog);
    }
    Some(dialog)
}

fn read_item(mut item: Element<'_>, dialog: &mut Dialog) {
    let Some(link) = item.peek("linkId").and_then(Value::as_str).map(str::to_owned) else { return };
    let area = DialogArea::ALL.iter().find(|area| link == area.number.to_string() || link == area.help_link());
    if area.is_none() && link != NOTES {
        return;
    }
    item.ignore(&["linkId", "text"]);
    for mut answer in item.children("answer") {
        match area {
            None => dialog.notes = dialog.notes.take().or_else(|| answer.string("valueString")),
            // a second answer to a question stays and so is reported
            Some(area) => {
                let known = (area.get)(&dialog.areas).unwrap_or_default();
                if link == area.help_link() && known.more_help.is_none() {
                    if let Some(wanted) = answer.boolean("valueBoolean") {
                        (area.slot)(&mut dialog.areas).get_or_insert_default().more_help = Some(wanted);
                    }
                } else if link != area.help_link()
                    && known.score.is_none()
                    && let Some(score) = score_in(&answer)
                {
                    answer.ignore(&["valueInteger"]);
                    (area.slot)(&mut dialog.areas).get_or_insert_default().score = Some(score);
                }
            }
        }
    }
}

/// A score within the range; any other stays and so is reported.
fn score_in(element: &Element<'_>) -> Option<u8> {
    let score = element.peek("valueInteger").and_then(Value::as_u64).and_then(|score| u8::try_from(score).ok());
    score.filter(|score| DialogArea::SCORES.contains(score))
}

/// Puts the score of an Observation into a survey; what the survey itself says counts.
fn read_score(at: &Subject<'_, '_>, place: usize, dialog: &mut Dialog) {
    let Some(area) = area_of(at.source.value(place)) else { return };
    let mut element = at.source.open(place);
    element.ignore(&["subject", "category"]);
    for source in element.children("derivedFrom") {
        let url = source.peek("reference").and_then(Value::as_str);
        if url.is_some_and(|url| at.source.find(url).is_some()) {
            source.followed();
        }
    }
    element.accept("status", "final", &["amended", "corrected"]);
    if let Some(mut code) = element.child("code") {
        code_of(&mut code, codes::SNOMED, |code| (code == area.code).then_some(()));
        code.ignore(&["text"]);
    }
    let when = date(&mut element, "effectiveDateTime");
    if dialog.date.is_none() {
        dialog.date = when;
    } else if when.is_some() && when != dialog.date {
        element.coerced("effectiveDateTime", "The date of the survey is kept.");
    }
    let Some(score) = score_in(&element) else { return };
    element.ignore(&["valueInteger"]);
    let slot: &mut DialogAnswer = (area.slot)(&mut dialog.areas).get_or_insert_default();
    match slot.score {
        None => slot.score = Some(score),
        Some(known) if known != score => element.coerced("valueInteger", "The score in the survey is kept."),
        Some(_) => {}
    }
}

/// An Observation that follows no survey: it joins the one of its date, or begins one.
fn join(at: &Subject<'_, '_>, place: usize, slot: &mut Option<Known<Dialog>>) {
    let Some(area) = area_of(at.source.value(place)) else { return };
    let mut alone = Dialog::default();
    read_score(at, place, &mut alone);
    let Some(answer) = (area.get)(&alone.areas) else { return };
    let free = |dialog: &Dialog| (area.get)(&dialog.areas).is_none_or(|known| known.score.is_none());
    if let Some(Known::Listed(surveys)) = slot
        && let Some(survey) = surveys.iter_mut().find(|survey| survey.date == alone.date && free(survey))
    {
        (area.slot)(&mut survey.areas).get_or_insert_default().score = answer.score;
    } else {
        Known::add(slot, alone);
    }
    let path = format!("Bundle.entry[{place}].resource");
    at.source.notes.add(NoteKind::Coerced, path, "Scores of one date are kept as one survey.");
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::questionnaire;
    use crate::documents::{CarePlan, Document};
    use crate::fhir;
    use crate::map::document::to_fhir;

    #[test]
    fn the_questionnaire_is_sound_and_has_every_question_a_survey_answers_in_the_same_words() {
        let published = questionnaire();
        assert_eq!(fhir::strict(&published), []);
        let example = include_str!("../../../../profiles/cmht/examples/care-plan/full.json");
        let plan = CarePlan::from_json(serde_json::from_str(example).unwrap()).unwrap();
        let made = to_fhir(&plan).value;
        let asked = |value: &Value| -> Vec<(Value, Value)> {
            let items = value["item"].as_array().unwrap().iter();
            items.map(|item| (item["linkId"].clone(), item["text"].clone())).collect()
        };
        let (questions, full) = (asked(&published), asked(made.all("QuestionnaireResponse").last().unwrap()));
        assert_eq!(questions.len(), 23);
        assert_eq!(full, questions, "the last survey of the full example answers all of them in their order");
    }
}
