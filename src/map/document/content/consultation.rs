//! The first private consultation as Encounter (UKCore-Encounter), both ways: the day of it is the person's position on
//! the NHS waiting list (L2821-2823).

use serde_json::{Value, json};

use super::letter::Here;
use crate::documents::Document;
use crate::documents::parts::Consultation;
use crate::fhir::build::{coding, concept, put};
use crate::fhir::codes;
use crate::map::document::write::Writer;
use crate::map::extensions;
use crate::map::read::datatypes::date;
use crate::map::write::datatypes::addressee;
use crate::map::write::statement::Asked;
use crate::model::Sector;

impl<D: Document> Writer<'_, D> {
    /// Encounter.
    pub(in crate::map::document) fn consultation(&mut self, asked: &Asked<'_>, consultation: &Consultation) {
        let mut out = self.out.resource("Encounter", asked.key, true, Some(asked.category), &consultation.lines());
        let sector = consultation.sector.map(|s| json!({"url": extensions::STATED_IN_SECTOR, "valueCode": s.code()}));
        let on = consultation.referred.as_ref().map(|on| json!({"url": extensions::REFERRED_ON, "valueDate": on}));
        put(&mut out, "extension", sector.into_iter().chain(on).collect::<Vec<_>>());
        put(&mut out, "status", "finished");
        put(&mut out, "class", coding(codes::ACT_CODE, "AMB", "ambulatory"));
        put(&mut out, "type", json!([concept(asked.system, asked.key, asked.title)]));
        put(&mut out, "subject", self.out.refer("patient"));
        let by = consultation.referred_by.as_ref();
        put(&mut out, "basedOn", by.map(|by| json!([{"type": "ServiceRequest", "display": by}])));
        let with = consultation.with.as_ref();
        put(&mut out, "participant", with.map(|who| json!([{"individual": {"type": "Practitioner", "display": who}}])));
        put(&mut out, "period", json!({"start": consultation.date}));
        put(&mut out, "serviceProvider", consultation.organisation.as_ref().map(addressee));
        self.out.push_item(asked.key, out);
    }
}

impl Here<'_, '_> {
    /// Encounter as the first private consultation; `None`, and unread, without a day.
    pub(in crate::map::document) fn consultation(&self) -> Option<Consultation> {
        self.value().pointer("/period/start").and_then(Value::as_str)?;
        let mut element = self.open("subject", "authoredOn");
        element.expect("status", &["finished"]);
        if let Some(mut class) = element.child("class") {
            let ambulatory = class.peek("code").and_then(Value::as_str) == Some("AMB");
            class.ignore_if(ambulatory, "code");
            class.ignore_if(ambulatory, "system");
            class.ignore_if(ambulatory, "display");
        }
        self.take_question(&mut element, "type");
        let start = element.child("period").and_then(|mut period| date(&mut period, "start"))?;
        let sector = element.extension(extensions::STATED_IN_SECTOR);
        let referred = element.extension(extensions::REFERRED_ON);
        let mut out = Consultation {
            date: start,
            with: None,
            organisation: element.child("serviceProvider").and_then(|provider| self.addressee(provider)),
            sector: sector.and_then(|mut mark| mark.parsed("valueCode", Sector::from_code)),
            referred: referred.and_then(|mut mark| mark.string("valueDate")),
            referred_by: None,
        };
        for mut participant in element.children("participant") {
            if let (None, Some(individual)) = (&out.with, participant.child("individual")) {
                out.with = self.at.source_of(individual, self.value()).0;
            }
        }
        for mut request in element.children("basedOn") {
            if out.referred_by.is_none() {
                out.referred_by = request.string("display");
                request.ignore_if(out.referred_by.is_some(), "type");
            }
        }
        Some(out)
    }
}
