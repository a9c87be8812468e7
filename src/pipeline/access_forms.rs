//! The access report in its forms: a Bundle of AuditEvents (<https://hl7.org/fhir/R4/auditevent.html>) and a letter, for
//! text and PDF. Adds nothing to the report and leaves nothing out.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::access_report::{AccessReport, Disclosure, Standing, spoken};
use super::{Gateway, unavailable};
use crate::documents::parts::Section;
use crate::fhir::build::{coding, put, stable_uuid, urn};
use crate::fhir::codes;
use crate::fhir::tree::Tree;
use crate::intake::Refusal;
use crate::model::{DocumentKind, PartyId};
use crate::render::Letter;
use crate::store::StoreError;

const DICOM: &str = "http://dicom.nema.org/resources/ontology/DCM";
const LIFECYCLE: &str = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle";
const ENTITY_TYPE: &str = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
const ENTITY_ROLE: &str = "http://terminology.hl7.org/CodeSystem/object-role";

impl Gateway {
    /// The report as a Bundle of AuditEvents, validated.
    ///
    /// # Errors
    /// It does not come out valid: a fault of ours, and nothing is handed out.
    pub fn report_bundle(&self, report: &AccessReport) -> Result<Value, Refusal> {
        let value = bundle(report);
        let tree = Tree::of_value(&value).map_err(|_| unavailable(&StoreError::Corrupt("access report")))?;
        let found = self.parts().validator.resource(tree.root(), Vec::new(), None);
        if found.iter().any(|issue| issue.severity.refuses()) {
            let rules: Vec<&str> = found.iter().filter_map(|issue| issue.rule.as_deref()).collect();
            tracing::error!(rules = ?rules, "an access report did not come out valid");
            return Err(unavailable(&StoreError::Corrupt("access report")));
        }
        Ok(value)
    }
}

fn bundle(report: &AccessReport) -> Value {
    let seed = format!("access-report/{}/{}", report.by.0, report.made);
    let mut entries = Vec::new();
    for line in report.disclosures.iter().chain(&report.denials) {
        let id = stable_uuid(&seed, &line.entry.to_string());
        entries.push(json!({"fullUrl": urn(id), "resource": event(report, line, id)}));
    }
    let mut out = Map::new();
    put(&mut out, "resourceType", "Bundle");
    put(&mut out, "identifier", json!({"system": "urn:ietf:rfc:3986", "value": urn(stable_uuid(&seed, "bundle"))}));
    put(&mut out, "type", "collection");
    put(&mut out, "timestamp", report.made.to_string());
    if !entries.is_empty() {
        put(&mut out, "entry", entries);
    }
    Value::Object(out)
}

/// One copy as an AuditEvent. The rules stand as policies of the agent that sent it, the rest of the basis as entities.
fn event(report: &AccessReport, line: &Disclosure, id: Uuid) -> Value {
    let denied = line.standing == Standing::NotMade;
    let policies: Vec<String> = line.rules.iter().map(|(rule, _)| format!("{}/policy/{rule}", codes::BASE)).collect();
    let agent = |(id, name): &(PartyId, String), role: &str, requestor: bool| {
        let mut out = Map::new();
        put(&mut out, "type", json!({"coding": [{"system": DICOM, "code": role}]}));
        put(&mut out, "who", party(id, name));
        put(&mut out, "requestor", requestor);
        out
    };
    let mut source = agent(&line.from, "110153", true);
    if !policies.is_empty() {
        put(&mut source, "policy", policies);
    }
    let purpose =
        (line.purpose == "direct-care").then(|| json!([{"coding": [coding(codes::ACT_REASON, "TREAT", "treatment")]}]));
    let mut out = Map::new();
    put(&mut out, "resourceType", "AuditEvent");
    put(&mut out, "id", id.to_string());
    put(&mut out, "type", json!({"system": DICOM, "code": "110106"}));
    put(&mut out, "subtype", json!([{"system": LIFECYCLE, "code": "disclose"}]));
    put(&mut out, "action", "R");
    put(&mut out, "recorded", line.at.to_string());
    // "4" is a minor failure: it was asked for, and no copy was made
    put(&mut out, "outcome", if denied { "4" } else { "0" });
    put(&mut out, "outcomeDesc", standing(line.standing));
    put(&mut out, "purposeOfEvent", purpose);
    put(&mut out, "agent", json!([source, agent(&line.to, "110152", false)]));
    put(&mut out, "source", json!({"observer": party(&report.by.0, &report.by.1)}));
    put(&mut out, "entity", entities(report, line));
    Value::Object(out)
}

fn party(id: &PartyId, name: &str) -> Value {
    json!({"identifier": {"system": codes::PARTY_ID, "value": id.as_str()}, "display": name})
}

fn entities(report: &AccessReport, line: &Disclosure) -> Vec<Value> {
    let person = json!({
        "what": {"identifier": {"system": codes::NHS_NUMBER, "value": report.number.as_str()}},
        "type": {"system": ENTITY_TYPE, "code": "1"},
        "role": {"system": ENTITY_ROLE, "code": "1"},
    });
    let details: Vec<Value> = line
        .withheld
        .iter()
        .map(|words| json!({"type": "withheld", "valueString": words}))
        .chain(line.rules.iter().map(|(rule, reason)| json!({"type": rule, "valueString": reason})))
        .chain(line.overrides.iter().map(|words| json!({"type": "override", "valueString": words})))
        .filter(|detail| detail.get("valueString").and_then(Value::as_str).is_some_and(|text| !text.is_empty()))
        .collect();
    let mut document = Map::new();
    let message = line.message.as_ref().map(|id| json!({"identifier": {"system": codes::DOCUMENT_ID, "value": id}}));
    put(&mut document, "what", message);
    put(&mut document, "type", json!({"system": ENTITY_TYPE, "code": "2"}));
    put(&mut document, "role", json!({"system": ENTITY_ROLE, "code": "3"}));
    put(&mut document, "name", line.kind.map_or("Document", DocumentKind::title));
    if !details.is_empty() {
        put(&mut document, "detail", details);
    }
    let relied = line.consents.iter().map(|id| (id, "Consent relied on"));
    let relied = relied.chain(line.agreements.iter().map(|id| (id, "Sharing agreement relied on")));
    let relied = relied.map(|(id, name)| {
        json!({
            "what": {"identifier": {"value": id}},
            "type": {"system": ENTITY_TYPE, "code": "2"},
            "name": name,
        })
    });
    [person, Value::Object(document)].into_iter().chain(relied).collect()
}

/// The report as a letter to the person.
#[must_use]
pub fn report_letter(report: &AccessReport) -> Letter {
    let by = &report.by.1;
    let mut sections = vec![Section {
        heading: "What this is".to_owned(),
        lines: vec![
            format!(
                "This lists every copy of information about you that went through the gateway of {by}, up to {}.",
                spoken(report.made)
            ),
            "It says who got what, when and why, on what basis, and what was held back.".to_owned(),
            "If something here surprises you or looks wrong, ask us. You can withdraw a consent at any time."
                .to_owned(),
        ],
    }];
    if report.disclosures.is_empty() {
        let lines = vec!["Nothing about you went to anybody.".to_owned()];
        sections.push(Section { heading: "Copies".to_owned(), lines });
    }
    sections.extend(report.disclosures.iter().map(copy));
    if !report.denials.is_empty() {
        let line = |line: &Disclosure| {
            let why: Vec<&str> = line.rules.iter().map(|(_, reason)| reason.as_str()).collect();
            format!("{}: {} did not go to {}. {}", spoken(line.at), what(line), line.to.1, why.join(" "))
        };
        let lines = report.denials.iter().map(|denial| line(denial).trim_end().to_owned()).collect();
        sections.push(Section { heading: "What was asked for and did not go".to_owned(), lines });
    }
    if !report.claims.is_empty() {
        let lines = report.claims.iter().map(|claim| format!("{}: {}", spoken(claim.at), claim.words)).collect();
        sections.push(Section { heading: "Decisions to share without your consent".to_owned(), lines });
    }
    Letter::plain("Who was given information about you", sections)
}

fn copy(line: &Disclosure) -> Section {
    let purpose = if line.purpose == "direct-care" { "your own care" } else { line.purpose.as_str() };
    let mut lines = vec![format!("From {}, for {purpose}.", line.from.1), standing(line.standing)];
    lines.extend(line.rules.iter().map(|(rule, reason)| format!("{reason} ({rule})")));
    if !line.consents.is_empty() {
        lines.push(format!("It rests on your consent: {}.", line.consents.join(", ")));
    }
    if !line.agreements.is_empty() {
        lines.push(format!("Agreement between the organisations: {}.", line.agreements.join(", ")));
    }
    lines.extend(line.overrides.iter().map(|words| format!("Without your consent: {words}.")));
    if !line.withheld.is_empty() {
        lines.push(format!("Held back from them: {}.", line.withheld.join(", ")));
    }
    Section { heading: format!("{}: {} to {}", spoken(line.at), what(line), line.to.1), lines }
}

fn what(line: &Disclosure) -> &'static str {
    line.kind.map_or("Document", DocumentKind::title)
}

/// How a copy stands, in a sentence.
fn standing(standing: Standing) -> String {
    match standing {
        Standing::Sent(at) => format!("They got it on {}.", spoken(at)),
        Standing::Opened(at) => format!("They opened it on {}.", spoken(at)),
        Standing::Unopened => "It waits for them, and they have not opened it.".to_owned(),
        Standing::Waiting => "It has not gone yet.".to_owned(),
        Standing::Stopped => "It was stopped before it went: they did not get it.".to_owned(),
        Standing::Unanswered => {
            "It was stopped while it was being sent. We cannot tell whether they got it.".to_owned()
        }
        Standing::Failed => "They did not take it.".to_owned(),
        Standing::NotMade => "No copy was made.".to_owned(),
    }
}
