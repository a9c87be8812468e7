//! Who leads on which area of care, a CareTeam (UKCore-CareTeam) an area, both ways. Sector and funding stand in
//! extensions, so that NHS and private care stay apart wherever the statement goes (CS-13).

use serde_json::{Map, Value, json};

use super::letter::Here;
use crate::documents::Document;
use crate::documents::parts::{Funding, Lead};
use crate::fhir::build::put;
use crate::map::document::write::Writer;
use crate::map::extensions;
use crate::map::read::datatypes::{annotations, date, telecoms as read_telecoms, words};
use crate::map::write::datatypes::{addressee, telecoms};
use crate::model::{DataCategory, Sector};

impl<D: Document> Writer<'_, D> {
    /// CareTeam.
    pub(in crate::map::document) fn lead(&mut self, role: &str, lead: &Lead, category: DataCategory) {
        let mut out = self.out.resource("CareTeam", role, true, Some(category), &[lead.line()]);
        let sector = lead.sector.map(|s| json!({"url": extensions::STATED_IN_SECTOR, "valueCode": s.code()}));
        let funding = lead.funding.map(|f| json!({"url": extensions::FUNDED_BY, "valueCode": f.code()}));
        put(&mut out, "extension", sector.into_iter().chain(funding).collect::<Vec<_>>());
        put(&mut out, "status", "active");
        put(&mut out, "name", lead.area.clone());
        put(&mut out, "subject", self.out.refer("patient"));
        put(&mut out, "period", lead.since.as_ref().map(|since| json!({"start": since})));
        let mut who = Map::new();
        put(&mut who, "role", lead.role.as_ref().map(|role| json!([{"text": role}])));
        put(&mut who, "member", lead.name.as_ref().map(|name| json!({"type": "Practitioner", "display": name})));
        put(&mut out, "participant", (!who.is_empty()).then(|| Value::Array(vec![Value::Object(who)])));
        put(&mut out, "managingOrganization", lead.organisation.as_ref().map(|at| json!([addressee(at)])));
        put(&mut out, "telecom", telecoms(&lead.telecoms));
        put(&mut out, "note", lead.notes.as_ref().map(|text| json!([{"text": text}])));
        self.out.push_item(role, out);
    }
}

impl Here<'_, '_> {
    /// CareTeam as an area of care; `None`, and unread, where it does not say which area.
    pub(in crate::map::document) fn lead(&self) -> Option<Lead> {
        let named = self.value().get("name").and_then(Value::as_str).is_some_and(|name| !name.trim().is_empty());
        if !named && self.value().get("category").is_none() {
            return None;
        }
        let mut element = self.open("subject", "date");
        element.expect("status", &["active"]);
        let area = element.string("name").or_else(|| element.children("category").into_iter().find_map(words))?;
        let sector = element.extension(extensions::STATED_IN_SECTOR);
        let funding = element.extension(extensions::FUNDED_BY);
        let mut out = Lead {
            area,
            name: None,
            role: None,
            organisation: None,
            sector: sector.and_then(|mut mark| mark.parsed("valueCode", Sector::from_code)),
            funding: funding.and_then(|mut mark| mark.parsed("valueCode", Funding::from_code)),
            since: element.child("period").and_then(|mut period| date(&mut period, "start")),
            telecoms: read_telecoms(&mut element, "telecom"),
            notes: annotations(&mut element, "note"),
        };
        for mut participant in element.children("participant") {
            if out.name.is_some() || out.role.is_some() {
                continue;
            }
            out.role = participant.children("role").into_iter().find_map(words);
            let member = participant.child("member").map(|member| self.at.source_of(member, self.value()));
            out.name = member.and_then(|(name, organisation)| name.or(organisation));
        }
        for reference in element.children("managingOrganization") {
            if out.organisation.is_none() {
                out.organisation = self.addressee(reference);
            }
        }
        Some(out)
    }
}
