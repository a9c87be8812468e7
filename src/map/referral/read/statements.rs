//! Items made of statements: Observation, RiskAssessment and Flag with a code of our `referral-item` CodeSystem, and
//! what others send in their place.

use serde_json::Value;

use super::Reader;
use super::datatypes::{annotations, code_of, date, words};
use crate::documents::referral::{Item, Known, LISTS, PoliceReport, Reported, STATEMENTS, Statement};
use crate::fhir::codes;
use crate::map::element::Element;
use crate::map::extensions;
use crate::model::DataCategory;

impl<'b> Reader<'_, 'b> {
    /// Reads every statement. Observations without a code of ours have no place and are reported whole.
    pub(super) fn statements(&mut self) {
        for (place, value) in self.about_patient("Observation", "subject") {
            match item_key(value) {
                Some("safeguarding-police") => self.police(place),
                Some(key) => self.observation(place, key),
                None => {}
            }
        }
        for (place, value) in self.about_patient("RiskAssessment", "subject") {
            self.risk(place, value);
        }
        for (place, value) in self.about_patient("Flag", "subject") {
            self.flag(place, value);
        }
    }

    fn observation(&mut self, place: usize, key: &str) {
        let list = LISTS.iter().find(|list| list.key == key);
        let Some((item, list)) = by_key(key).map(|item| (Some(item), list)).or(list.map(|list| (None, Some(list))))
        else {
            return;
        };
        let value = self.source.value(place);
        let mut element = self.source.open(place);
        element.ignore(&["subject", "category"]);
        element.expect("status", &["final", "amended", "corrected"]);
        take_key(&mut element);
        if take_none_known(&mut element, "valueCodeableConcept") {
            let answered = match (item, list) {
                (Some(item), _) => answer_none(self, item),
                (None, Some(list)) => (list.answer_none)(&mut self.out),
                (None, None) => true,
            };
            if !answered {
                element.coerced("value", "Something is known after all: the entries count.");
            }
            return;
        }
        let Some(item) = item else { return };
        let text = element.string("valueString").or_else(|| element.child("valueCodeableConcept").and_then(words));
        let Some(text) = text else { return };
        let mut statement = Statement { text, author: None, organisation: None, date: None };
        statement.date = date(&mut element, "effectiveDateTime");
        for performer in element.children("performer") {
            let (author, organisation) = self.source_of(performer, value);
            statement.author = statement.author.or(author);
            statement.organisation = statement.organisation.or(organisation);
        }
        Known::add((item.slot)(&mut self.out), statement);
    }

    fn police(&mut self, place: usize) {
        let mut element = self.source.open(place);
        element.ignore(&["subject", "status"]);
        take_key(&mut element);
        let answer = element.child("valueCodeableConcept").and_then(|mut concept| {
            concept.ignore(&["text"]);
            code_of(&mut concept, codes::ANSWER, Reported::from_code)
        });
        let Some(reported) = answer else { return };
        let date = date(&mut element, "effectiveDateTime");
        let details = annotations(&mut element, "note");
        self.out.safeguarding.police = Some(PoliceReport { reported, date, details });
    }

    /// RiskAssessment. Scores and probabilities have no place: `prediction` is reported, never used.
    fn risk(&mut self, place: usize, value: &'b Value) {
        let ours = item_key(value).and_then(by_key);
        let heading = code_in(value.get("code"), codes::RECORD_HEADINGS);
        let item = ours.or_else(|| match heading {
            Some("risks-to-self") => by_key("risk-to-self-current"),
            Some("risks-to-others") => by_key("risk-to-others-current"),
            _ => by_key("alerts"),
        });
        let none = value.get("prediction").is_some_and(|prediction| {
            prediction.as_array().is_some_and(|list| {
                list.len() == 1
                    && list.iter().all(|one| code_in(one.get("outcome"), codes::ANSWER) == Some("none-known"))
            })
        });
        let says = value.pointer("/note/0/text").is_some();
        let Some(item) = item.filter(|_| none || says) else { return };
        let mut element = self.source.open(place);
        element.ignore(&["subject"]);
        element.expect("status", &["final", "amended", "corrected"]);
        if ours.is_some() {
            take_key(&mut element);
        } else {
            element.coerced("code", "Put with the risk information it fits best.");
        }
        if none {
            element.ignore(&["prediction"]);
            if !answer_none(self, item) {
                element.coerced("prediction", "Something is known after all: the entries count.");
            }
            return;
        }
        let Some(text) = annotations(&mut element, "note") else { return };
        let organisation = element.extension_string(extensions::STATED_BY_ORGANISATION);
        let mut statement = Statement { text, author: None, organisation, date: None };
        statement.date = date(&mut element, "occurrenceDateTime");
        if let Some(performer) = element.child("performer") {
            let (author, organisation) = self.source_of(performer, value);
            statement.author = author;
            statement.organisation = statement.organisation.or(organisation);
        }
        Known::add((item.slot)(&mut self.out), statement);
    }

    fn flag(&mut self, place: usize, value: &'b Value) {
        let ours = item_key(value).and_then(by_key);
        let categories = value.get("category").and_then(Value::as_array).into_iter().flatten();
        let safeguarding = categories.into_iter().any(|c| code_in(Some(c), codes::BARS_FLAG_CATEGORY) == Some("SG"))
            || tagged(value) == Some(DataCategory::Safeguarding);
        let fallback = if safeguarding { by_key("safeguarding-concerns") } else { by_key("alerts") };
        let Some(item) = ours.or(fallback) else { return };
        let mut element = self.source.open(place);
        element.ignore(&["subject", "category"]);
        element.expect("status", &["active"]);
        let Some(mut code) = element.child("code") else { return };
        if ours.is_some() {
            code_of(&mut code, codes::REFERRAL_ITEM, |_| Some(()));
        }
        let Some(text) = words(code) else { return };
        let organisation = element.extension_string(extensions::STATED_BY_ORGANISATION);
        let mut statement = Statement { text, author: None, organisation, date: None };
        if let Some(mut period) = element.child("period") {
            statement.date = date(&mut period, "start");
        }
        if let Some(author) = element.child("author") {
            let (author, organisation) = self.source_of(author, value);
            statement.author = author;
            statement.organisation = statement.organisation.or(organisation);
        }
        Known::add((item.slot)(&mut self.out), statement);
    }
}

fn by_key(key: &str) -> Option<&'static Item> {
    STATEMENTS.iter().find(|item| item.key == key)
}

/// Answers "none known" unless there is an answer already.
fn answer_none(reader: &mut Reader<'_, '_>, item: &Item) -> bool {
    let slot = (item.slot)(&mut reader.out);
    let free = slot.is_none();
    if free {
        *slot = Some(Known::NoneKnown);
    }
    free
}

/// Code of one system in a CodeableConcept.
pub(super) fn code_in<'v>(concept: Option<&'v Value>, system: &str) -> Option<&'v str> {
    let codings = concept?.get("coding")?.as_array()?;
    let coding = codings.iter().find(|coding| coding.get("system").and_then(Value::as_str) == Some(system))?;
    coding.get("code")?.as_str()
}

/// Which referral item a resource carries, by its `code`.
fn item_key(resource: &Value) -> Option<&str> {
    code_in(resource.get("code"), codes::REFERRAL_ITEM)
}

/// Data category of a resource, by its tag.
pub(super) fn tagged(resource: &Value) -> Option<DataCategory> {
    let tags = resource.pointer("/meta/tag")?.as_array()?;
    let tag = tags.iter().find(|tag| tag.get("system").and_then(Value::as_str) == Some(codes::DATA_CATEGORY))?;
    DataCategory::from_code(tag.get("code")?.as_str()?)
}

fn take_key(element: &mut Element<'_>) {
    if let Some(mut code) = element.child("code") {
        code_of(&mut code, codes::REFERRAL_ITEM, |_| Some(()));
    }
}

/// Takes a "none known" answer, if that is what the element holds.
fn take_none_known(element: &mut Element<'_>, key: &str) -> bool {
    let none = code_in(element.peek(key), codes::ANSWER) == Some("none-known");
    if none {
        element.ignore(&[key]);
    }
    none
}
