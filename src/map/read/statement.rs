//! Statements in Observation, RiskAssessment and Flag, ours and those of others.

use serde_json::Value;

use super::Subject;
use super::datatypes::{annotations, code_of, date, words};
use crate::documents::parts::{Known, Statement};
use crate::fhir::{codes, resource_type};
use crate::map::element::Element;
use crate::map::extensions;
use crate::model::{DataCategory, Sector};

/// What a resource says about an item.
pub(in crate::map) enum Said {
    NoneKnown,
    Statement(Statement),
    /// Nothing that has a place; what is in it has been reported.
    Nothing,
}

impl Said {
    /// Puts what was said where it belongs; says whether there was room: an entry beats "none known".
    pub(in crate::map) fn put(self, slot: &mut Option<Known<Statement>>) -> bool {
        match self {
            Self::Statement(statement) => Known::add(slot, statement),
            Self::NoneKnown => return matches!(slot.get_or_insert(Known::NoneKnown), Known::NoneKnown),
            Self::Nothing => {}
        }
        true
    }
}

impl<'b> Subject<'_, 'b> {
    /// Observation that carries an item of `system`. Without `in_words` only "none known" is taken.
    pub(in crate::map) fn observation(&self, place: usize, system: &str, in_words: bool) -> Said {
        let value = self.source.value(place);
        let mut element = if in_words && !says_none_known(value) { self.open(place) } else { self.source.open(place) };
        element.ignore(&["subject"]);
        settled(&mut element);
        take_key(&mut element, system);
        if take_none_known(&mut element, "valueCodeableConcept") {
            return Said::NoneKnown;
        }
        if !in_words {
            return Said::Nothing;
        }
        let text = element.string("valueString").or_else(|| element.child("valueCodeableConcept").and_then(words));
        let Some(text) = text else { return Said::Nothing };
        let mut statement = stated(&mut element, value, text);
        statement.date = date(&mut element, "effectiveDateTime");
        for performer in element.children("performer") {
            self.attribute(performer, value, &mut statement);
        }
        Said::Statement(statement)
    }

    /// RiskAssessment. Scores and probabilities have no place: `prediction` is reported, never used.
    pub(in crate::map) fn risk(&self, place: usize, system: &str) -> Said {
        let value = self.source.value(place);
        let mut element = if no_risk_known(value) { self.source.open(place) } else { self.open(place) };
        element.ignore(&["subject"]);
        settled(&mut element);
        if item_key(value, system).is_some() {
            take_key(&mut element, system);
        } else {
            element.coerced("code", "Put with the risk information it fits best.");
        }
        if no_risk_known(value) {
            for mut prediction in element.children("prediction") {
                if let Some(mut outcome) = prediction.child("outcome") {
                    none_known(&mut outcome);
                }
            }
            return Said::NoneKnown;
        }
        let Some(text) = annotations(&mut element, "note") else { return Said::Nothing };
        let mut statement = stated(&mut element, value, text);
        statement.date = date(&mut element, "occurrenceDateTime");
        if let Some(performer) = element.child("performer") {
            self.attribute(performer, value, &mut statement);
        }
        Said::Statement(statement)
    }

    /// Flag.
    pub(in crate::map) fn flag(&self, place: usize, system: &str) -> Said {
        let value = self.source.value(place);
        let mut element = self.open(place);
        element.ignore(&["subject"]);
        for mut category in element.children("category") {
            code_of(&mut category, codes::BARS_FLAG_CATEGORY, |code| ["SG", "API"].contains(&code).then_some(()));
            category.keep_rest();
        }
        element.expect("status", &["active"]);
        let Some(mut code) = element.child("code") else { return Said::Nothing };
        code_of(&mut code, system, |_| Some(()));
        let Some(text) = words(code) else { return Said::Nothing };
        let mut statement = stated(&mut element, value, text);
        if let Some(mut period) = element.child("period") {
            statement.date = date(&mut period, "start");
        }
        if let Some(author) = element.child("author") {
            self.attribute(author, value, &mut statement);
        }
        Said::Statement(statement)
    }

    /// An entry of which a statement is made, with the labels that a statement has a place for.
    fn open(&self, place: usize) -> Element<'_> {
        self.source.open_labelled(place, |coding| guard(coding).is_some())
    }

    /// Adds who made a statement and where they work; what is known already stays.
    fn attribute(&self, reference: Element<'_>, holder: &'b Value, statement: &mut Statement) {
        let place = reference.peek("reference").and_then(Value::as_str).and_then(|url| self.source.find(url));
        let target = place.and_then(|place| resource_type(self.source.value(place)));
        let kind = target.or_else(|| reference.peek("type").and_then(Value::as_str));
        let known = if kind == Some("Organization") { &statement.organisation } else { &statement.author };
        if known.is_some() {
            return; // a statement has one author: a second one is reported, and whoever it is stays unread
        }
        let (author, organisation) = self.source_of(reference, holder);
        statement.author = statement.author.take().or(author);
        statement.organisation = statement.organisation.take().or(organisation);
    }
}

/// Passes over a status that says the statement holds; that it was amended is kept.
fn settled(element: &mut Element<'_>) {
    element.expect("status", &["final"]);
    if matches!(element.peek("status").and_then(Value::as_str), Some("amended" | "corrected")) {
        element.keep(&["status"]);
    }
}

/// A statement with what our extensions say about it.
fn stated(element: &mut Element<'_>, resource: &Value, text: String) -> Statement {
    let labels = resource.pointer("/meta/security").and_then(Value::as_array);
    let guards: Vec<Guard> = labels.into_iter().flatten().filter_map(guard).collect();
    let organisation = element.extension_string(extensions::STATED_BY_ORGANISATION);
    let sector = element.extension(extensions::STATED_IN_SECTOR);
    let sector = sector.and_then(|mut mark| mark.parsed("valueCode", Sector::from_code));
    Statement {
        organisation,
        sector,
        told_in_confidence: guards.contains(&Guard::Confidence),
        about_a_child: guards.contains(&Guard::Child),
        ..Statement::of(text)
    }
}

/// What guards a statement more closely than its category.
#[derive(PartialEq, Eq)]
enum Guard {
    Confidence,
    Child,
}

/// The guard a security label stands for, ours or HL7's; one that says more than its code is kept.
fn guard(coding: &Value) -> Option<Guard> {
    let plain = coding.as_object()?.keys().all(|key| matches!(key.as_str(), "system" | "code" | "display"));
    let text = |key: &str| coding.get(key).and_then(Value::as_str);
    match (text("system")?, text("code")?) {
        _ if !plain => None,
        (codes::SENSITIVITY, code) if code == codes::TOLD_IN_CONFIDENCE.0 => Some(Guard::Confidence),
        (codes::SENSITIVITY, code) if code == codes::ABOUT_A_CHILD.0 => Some(Guard::Child),
        (codes::ACT_CODE, codes::NOT_TO_PATIENT) => Some(Guard::Confidence),
        _ => None,
    }
}

/// Whether the prediction of a RiskAssessment is our "none known" and nothing else.
pub(in crate::map) fn no_risk_known(assessment: &Value) -> bool {
    let predictions = assessment.get("prediction").and_then(Value::as_array);
    predictions.is_some_and(|list| {
        list.len() == 1 && list.iter().all(|one| code_in(one.get("outcome"), codes::ANSWER) == Some("none-known"))
    })
}

/// Code of one system in a CodeableConcept.
pub(in crate::map) fn code_in<'v>(concept: Option<&'v Value>, system: &str) -> Option<&'v str> {
    let codings = concept?.get("coding")?.as_array()?;
    let coding = codings.iter().find(|coding| coding.get("system").and_then(Value::as_str) == Some(system))?;
    coding.get("code")?.as_str()
}

/// Which item of `system` a resource carries, by its `code`.
pub(in crate::map) fn item_key<'v>(resource: &'v Value, system: &str) -> Option<&'v str> {
    code_in(resource.get("code"), system)
}

/// The same, where `code` says something else: by a `category` that is ours.
pub(in crate::map) fn category_key<'v>(resource: &'v Value, system: &str) -> Option<&'v str> {
    let category = resource.get("category")?;
    let categories = category.as_array().map_or(std::slice::from_ref(category), Vec::as_slice);
    categories.iter().find_map(|category| code_in(Some(category), system))
}

/// Whether a resource answers that nothing is known.
pub(in crate::map) fn says_none_known(resource: &Value) -> bool {
    code_in(resource.get("valueCodeableConcept"), codes::ANSWER) == Some("none-known")
}

/// Data category of a resource, by its tag.
pub(in crate::map) fn tagged(resource: &Value) -> Option<DataCategory> {
    let tags = resource.pointer("/meta/tag")?.as_array()?;
    let tag = tags.iter().find(|tag| tag.get("system").and_then(Value::as_str) == Some(codes::DATA_CATEGORY))?;
    DataCategory::from_code(tag.get("code")?.as_str()?)
}

/// Takes the item's code out of `code`.
pub(in crate::map) fn take_key(element: &mut Element<'_>, system: &str) {
    if let Some(mut code) = element.child("code") {
        code_of(&mut code, system, |_| Some(()));
    }
}

/// Takes a "none known" answer, if that is what the element holds.
fn take_none_known(element: &mut Element<'_>, key: &str) -> bool {
    let none = code_in(element.peek(key), codes::ANSWER) == Some("none-known");
    if none && let Some(mut concept) = element.child(key) {
        none_known(&mut concept);
    }
    none
}

/// Takes our code for "none known" and the words we write for it.
fn none_known(concept: &mut Element<'_>) {
    code_of(concept, codes::ANSWER, |code| (code == "none-known").then_some(()));
    concept.implied("text", "None known");
}
