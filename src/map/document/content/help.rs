//! What the person wants help with, an Observation each with a code of ours and the person's words, both ways.

use serde_json::{Map, json};

use super::letter::Here;
use crate::documents::Document;
use crate::documents::parts::{HelpKind, HelpWanted, Known};
use crate::fhir::build::{coding, concept, put};
use crate::fhir::codes;
use crate::map::document::write::Writer;
use crate::map::read::datatypes::{code_of, words};
use crate::map::read::statement::{code_in, take_key};
use crate::map::write::statement::Asked;

impl<D: Document> Writer<'_, D> {
    /// Observation.
    pub(in crate::map::document) fn help_wanted(&mut self, role: &str, asked: &Asked<'_>, wanted: &HelpWanted) {
        let lines = [format!("{}: {}", asked.title, wanted.line())];
        let mut out = self.out.resource("Observation", role, true, Some(asked.category), &lines);
        put(&mut out, "status", "final");
        put(&mut out, "code", concept(asked.system, asked.key, asked.title));
        put(&mut out, "subject", self.out.refer("patient"));
        let mut value = Map::new();
        put(&mut value, "coding", json!([coding(codes::HELP_WANTED, wanted.help.code(), wanted.help.title())]));
        put(&mut value, "text", wanted.text.clone());
        put(&mut out, "valueCodeableConcept", value);
        self.out.push_item(role, out);
    }
}

impl Here<'_, '_> {
    /// Observation as a wish for help; words without a code of ours are something else. "None known" is an answer too.
    pub(in crate::map::document) fn help_wanted(&self) -> Option<Known<HelpWanted>> {
        let mut element = self.open("subject", "issued");
        element.accept("status", "final", &["amended", "corrected"]);
        take_key(&mut element, &self.own.system);
        if code_in(element.peek("valueCodeableConcept"), codes::ANSWER) == Some("none-known") {
            element.ignore(&["valueCodeableConcept"]);
            return Some(Known::NoneKnown);
        }
        let (mut help, mut text) = (None, None);
        if let Some(mut value) = element.child("valueCodeableConcept") {
            help = code_of(&mut value, codes::HELP_WANTED, HelpKind::from_code);
            text = words(value);
        }
        let text = text.or_else(|| element.string("valueString"));
        if help.is_none() && text.is_some() {
            element.coerced("value", "There was no code of ours: kept as something else.");
        }
        let help = help.or_else(|| text.is_some().then_some(HelpKind::Other))?;
        Some(Known::Listed(vec![HelpWanted { help, text }]))
    }
}
