//! Items made of statements: Observation, RiskAssessment and Flag with a code of our `referral-item` CodeSystem, and
//! what others send in their place.

use serde_json::Value;

use super::Reader;
use crate::documents::referral::{Form, Item, LISTS, PoliceReport, Reported, STATEMENTS};
use crate::fhir::codes;
use crate::map::NoteKind;
use crate::map::read::datatypes::{annotations, code_of, date};
use crate::map::read::statement::{Said, code_in, item_key, no_risk_known, tagged, take_key};
use crate::model::DataCategory;

impl<'b> Reader<'_, 'b> {
    /// Reads every statement. Observations without a code of ours have no place and are reported whole.
    pub(super) fn statements(&mut self) {
        for (place, value) in self.at.about_patient("Observation", "subject") {
            match item_key(value, codes::REFERRAL_ITEM) {
                Some("safeguarding-police") => self.police(place),
                Some(key) => self.observation(place, key),
                None => {}
            }
        }
        for (place, value) in self.at.about_patient("RiskAssessment", "subject") {
            self.risk(place, value);
        }
        for (place, value) in self.at.about_patient("Flag", "subject") {
            self.flag(place, value);
        }
    }

    fn observation(&mut self, place: usize, key: &str) {
        if let Some(item) = by_key(key) {
            let said = self.at.observation(place, codes::REFERRAL_ITEM, true);
            self.take(item, said, place, "value");
        } else if let Some(list) = LISTS.iter().find(|list| list.key == key) {
            let said = self.at.observation(place, codes::REFERRAL_ITEM, false);
            if matches!(said, Said::NoneKnown) && !(list.answer_none)(&mut self.out) {
                self.contradicted(place, "value");
            }
        }
    }

    fn police(&mut self, place: usize) {
        let mut element = self.at.source.open(place);
        element.ignore(&["subject"]);
        element.implied("status", "final");
        take_key(&mut element, codes::REFERRAL_ITEM);
        let answer = element
            .child("valueCodeableConcept")
            .and_then(|mut concept| code_of(&mut concept, codes::ANSWER, Reported::from_code));
        let Some(reported) = answer else { return };
        let date = date(&mut element, "effectiveDateTime");
        let details = annotations(&mut element, "note");
        self.out.safeguarding.police = Some(PoliceReport { reported, date, details });
    }

    fn risk(&mut self, place: usize, value: &'b Value) {
        let item = item_key(value, codes::REFERRAL_ITEM).and_then(by_key).or_else(|| {
            match code_in(value.get("code"), codes::RECORD_HEADINGS) {
                Some("risks-to-self") => by_key("risk-to-self-current"),
                Some("risks-to-others") => by_key("risk-to-others-current"),
                _ => by_key("alerts"),
            }
        });
        let says = value.pointer("/note/0/text").is_some() || no_risk_known(value);
        let Some(item) = item.filter(|_| says) else { return };
        let said = self.at.risk(place, codes::REFERRAL_ITEM);
        self.take(item, said, place, "prediction");
    }

    fn flag(&mut self, place: usize, value: &'b Value) {
        let categories = value.get("category").and_then(Value::as_array).into_iter().flatten();
        let safeguarding = categories.into_iter().any(|c| code_in(Some(c), codes::BARS_FLAG_CATEGORY) == Some("SG"))
            || tagged(value) == Some(DataCategory::Safeguarding);
        let marked = |code: &str| {
            let mut all = value.get("category").and_then(Value::as_array).into_iter().flatten();
            all.any(|c| code_in(Some(c), codes::BARS_FLAG_CATEGORY) == Some(code))
        };
        let said = code_in(value.get("code"), codes::SNOMED);
        let fallback = match said {
            // the code says more than the category: BaRS sends the risk of self-harm as a safeguarding flag
            Some(code) if RISK_TO_SELF.contains(&code) => by_key("risk-to-self-current"),
            Some(code) if RISK_TO_OTHERS.contains(&code) => by_key("risk-to-others-current"),
            _ if safeguarding => by_key("safeguarding-concerns"),
            _ if marked("RA") => by_key("communication-needs"),
            _ => by_key("alerts"),
        };
        let Some(item) = item_key(value, codes::REFERRAL_ITEM).and_then(by_key).or(fallback) else { return };
        let made = if item.category == DataCategory::Safeguarding { "SG" } else { "API" };
        let others = value.get("category").and_then(Value::as_array).into_iter().flatten().enumerate();
        for (number, category) in others {
            let anew = item.form == Form::Flag && code_in(Some(category), codes::BARS_FLAG_CATEGORY) == Some(made);
            if !anew {
                self.at.source.notes.keep(&format!("Bundle.entry[{place}].resource.category[{number}]"), category);
            }
        }
        let said = self.at.flag(place, codes::REFERRAL_ITEM);
        self.take(item, said, place, "code");
    }

    /// Puts what was said in its place; an entry beats "none known".
    fn take(&mut self, item: &Item, said: Said, place: usize, key: &str) {
        if !said.put((item.slot)(&mut self.out)) {
            self.contradicted(place, key);
        }
    }

    fn contradicted(&self, place: usize, key: &str) {
        let path = format!("Bundle.entry[{place}].resource.{key}");
        self.at.source.notes.add(NoteKind::Coerced, path, "Something is known after all: the entries count.");
    }
}

/// SNOMED CT codes of flags that are about risk (`codes.md` §10).
const RISK_TO_SELF: &[&str] = &["401206008", "225444004", "6471006", "247650009", "304594002", "248062006"];
const RISK_TO_OTHERS: &[&str] = &["129707006", "391155006"];

fn by_key(key: &str) -> Option<&'static Item> {
    STATEMENTS.iter().find(|item| item.key == key)
}
