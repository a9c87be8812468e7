//! A case as it was written, read into what a decision takes in. What fits the schema is turned into types here, and a
//! document into the bundle that would go. Decides nothing.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Bench;
use crate::consent::{Label, Question, Records};
use crate::fhir::{Bundle, build, codes, envelope};
use crate::intake::Refusal;
use crate::map;
use crate::model::{Agreement, Category, DataCategory, DocumentKind, Issue, IssueCode, Party, PartyId, Purpose};
use crate::validate::{self, Validated};

/// A case to decide.
pub(super) struct Case {
    kind: DocumentKind,
    pub(super) bundle: Bundle,
    /// What is asked about, where no document is there to say.
    pub(super) labels: Option<BTreeSet<Label>>,
    pub(super) sender: Party,
    recipient: Party,
    organisation: Option<Party>,
    care_relationship: bool,
    registered_gp: bool,
    purpose: Purpose,
    now: Timestamp,
    agreements: Vec<Agreement>,
    records: Records,
    /// Where in the case the document stands, as a JSON pointer.
    place: &'static str,
}

/// The case as JSON has it.
#[derive(Deserialize)]
struct Written {
    kind: DocumentKind,
    document: Option<Value>,
    bundle: Option<Value>,
    parts: Option<Vec<Part>>,
    sender: Value,
    recipient: Value,
    recipient_organisation: Option<Value>,
    #[serde(default)]
    care_relationship: bool,
    #[serde(default)]
    registered_gp: bool,
    purpose: Option<Purpose>,
    now: Timestamp,
    #[serde(default)]
    agreements: Vec<WrittenAgreement>,
    #[serde(default)]
    records: Value,
}

#[derive(Deserialize)]
struct Part {
    category: Label,
    #[serde(default)]
    sensitivity: Vec<Label>,
}

#[derive(Deserialize)]
struct WrittenAgreement {
    id: String,
    version: Option<String>,
    between: [PartyId; 2],
    purposes: Option<Vec<Purpose>>,
    categories: Value,
    from: Timestamp,
    until: Option<Timestamp>,
}

/// Moments beyond the year 2200, each with its place: a slip, or "for ever", of which nobody was asked.
pub(super) fn too_late(case: &Value) -> Vec<Issue> {
    let year = |text: &str| text.split('-').next().and_then(|year| year.trim_start_matches('+').parse::<u32>().ok());
    let mut found = Vec::new();
    let mut look = |holder: &Value, place: &str, names: &[&str]| {
        for name in names {
            let text = holder.get(name).and_then(Value::as_str);
            if text.and_then(year).is_some_and(|year| year > 2200) {
                let text = "This lies beyond the year 2200. Give the moment that is meant.";
                found.push(Issue::error(IssueCode::Value, text).at(format!("{place}/{name}")));
            }
        }
    };
    look(case, "", &["now"]);
    for (list, names) in [
        ("/agreements", ["from", "until"]),
        ("/records/capacity", ["assessed", "until"]),
        ("/records/overrides", ["from", "until"]),
    ] {
        for (number, one) in case.pointer(list).and_then(Value::as_array).into_iter().flatten().enumerate() {
            look(one, &format!("{list}/{number}"), &names);
        }
    }
    found
}

impl Case {
    /// Reads a case that fits the schema; `bytes` is the same as text, to say where a fault stands.
    ///
    /// # Errors
    /// The document does not fit the schema of its kind or cannot be mapped; the bundle is of another kind.
    pub(super) fn read(bench: Bench<'_>, value: Value, bytes: &[u8]) -> Result<Self, Refusal> {
        let written: Written = typed(value, "")?;
        let sender = party(written.sender, "/sender")?;
        let recipient = party(written.recipient, "/recipient")?;
        let records: Records =
            if written.records.is_null() { Records::default() } else { typed(written.records, "/records")? };
        let (bundle, labels, place) = match (written.document, written.bundle, written.parts) {
            (Some(document), ..) => (mapped(bench, written.kind, document, bytes)?, None, "/document"),
            (None, Some(bundle), _) => (carried(written.kind, bundle)?, None, "/bundle"),
            (None, None, parts) => {
                let labels: BTreeSet<Label> = parts.into_iter().flatten().flat_map(Part::labels).collect();
                (bare(&labels, &sender, &records.consents), Some(labels), "/parts")
            }
        };
        let mut bundle = bundle.addressed_to(&recipient, ADDRESS);
        let _ = validate::mark_unverified(&mut bundle);
        Ok(Self {
            kind: written.kind,
            bundle,
            labels,
            sender,
            recipient,
            organisation: written
                .recipient_organisation
                .map(|one| party(one, "/recipient_organisation"))
                .transpose()?,
            care_relationship: written.care_relationship,
            registered_gp: written.registered_gp,
            purpose: written.purpose.unwrap_or(Purpose::DirectCare),
            now: written.now,
            agreements: written.agreements.into_iter().map(WrittenAgreement::agreement).collect(),
            records,
            place,
        })
    }

    /// The question it puts, about the bundle once it is sealed.
    pub(super) fn question<'a>(&'a self, bundle: &'a Validated<Bundle>) -> Question<'a> {
        Question {
            bundle,
            kind: self.kind,
            sender: &self.sender,
            recipient: &self.recipient,
            recipient_organisation: self.organisation.as_ref(),
            care_relationship: self.care_relationship,
            registered_gp: self.registered_gp,
            records: &self.records,
            agreements: &self.agreements,
            purpose: self.purpose,
            now: self.now,
        }
    }

    /// A finding about the bundle, told as one about the part of the case it was made from.
    pub(super) fn placed(&self, mut issue: Issue) -> Issue {
        if let Some(path) = &issue.path {
            issue.text = format!("{} ({path})", issue.text);
        }
        issue.at(self.place)
    }
}

/// The address a copy would carry: nobody is sent to, and an address is asked for.
const ADDRESS: &str = "https://dry-run.invalid/fhir";

impl Part {
    /// A part with a sensitivity is guarded by that label, and by its category where the label stands for another.
    fn labels(self) -> Vec<Label> {
        let guarded = self.sensitivity.iter().any(|label| label.base() == self.category);
        let own = (!guarded).then_some(self.category);
        own.into_iter().chain(self.sensitivity).collect()
    }
}

impl WrittenAgreement {
    fn agreement(self) -> Agreement {
        // The schema allows a list, or the one word for everything.
        let listed = self.categories.as_array().map(|all| {
            all.iter().filter_map(|code| DataCategory::from_code(code.as_str()?)).collect::<Vec<DataCategory>>()
        });
        Agreement {
            id: self.id,
            version: self.version.unwrap_or_else(|| "1".to_owned()),
            between: self.between,
            purposes: self.purposes.unwrap_or_else(|| vec![Purpose::DirectCare]),
            categories: listed.unwrap_or_else(|| DataCategory::ALL.to_vec()),
            from: self.from,
            until: self.until,
        }
    }
}

/// A party, or the person or carer, whom no directory has.
fn party(mut written: Value, place: &str) -> Result<Party, Refusal> {
    if let Some(fields) = written.as_object_mut() {
        let kind = fields.get("kind").cloned().unwrap_or_default();
        let id = fields.entry("id").or_insert_with(|| kind.clone()).clone();
        let name = match kind.as_str() {
            Some("person") => "the person".into(),
            Some("carer") => "the carer".into(),
            _ => id,
        };
        fields.entry("name").or_insert(name);
    }
    typed(written, place)
}

/// What fits the schema fits the type, but for what a schema cannot say.
fn typed<T: DeserializeOwned>(value: Value, place: &str) -> Result<T, Refusal> {
    serde_json::from_value(value).map_err(|error| {
        let text = format!("This cannot be read: {error}");
        Refusal::new(Category::Invalid, vec![Issue::error(IssueCode::Structure, text).at(place)])
    })
}

fn mapped(bench: Bench<'_>, kind: DocumentKind, document: Value, bytes: &[u8]) -> Result<Bundle, Refusal> {
    let invalid = |issues| Refusal::new(Category::Invalid, issues);
    let faults = bench.schemas.check_inside(kind, &document, bytes, "/document");
    if !faults.is_empty() {
        return Err(invalid(faults));
    }
    let inside = |issue: Issue| {
        let path = format!("/document{}", issue.path.as_deref().unwrap_or_default());
        issue.at(path)
    };
    let mapped = map::to_fhir(kind, document);
    mapped.map(|mapped| mapped.value).map_err(|issues| invalid(issues.into_iter().map(inside).collect()))
}

/// Kinds that are messages of the gateway's own, with no document of their kind in them.
const fn is_notice(kind: DocumentKind) -> bool {
    matches!(kind, DocumentKind::InformationRequest | DocumentKind::StatusUpdate)
}

/// The bundle, or the document that a message carries.
fn carried(kind: DocumentKind, value: Value) -> Result<Bundle, Refusal> {
    let refused = |issue: Issue| Refusal::new(Category::Invalid, vec![issue.at("/bundle")]);
    let bundle = Bundle::new(value).map_err(refused)?;
    let bundle = envelope::payload(&bundle).map_or(bundle, |(_, document)| document);
    match map::kind_of(&bundle) {
        Some(found) if found != kind && !is_notice(kind) => {
            let text = format!("This is a {}, and the case is about a {}.", found.title(), kind.title());
            Err(refused(Issue::error(IssueCode::BusinessRule, text)))
        }
        _ => Ok(bundle),
    }
}

/// A bundle of nobody's making about a person who is not described, so that there is somebody whose wishes count; about
/// nobody where nothing but the message itself is asked about. It says where it comes from, as every document made here
/// does (CS-13).
fn bare(labels: &BTreeSet<Label>, sender: &Party, consents: &[Value]) -> Bundle {
    let sector = sender.sector();
    let [header, organisation, patient] = ["header", "organisation", "patient"].map(stable);
    let focus = build::reference(&organisation);
    let mut resources = vec![
        (
            header,
            json!({
                "resourceType": "MessageHeader",
                "eventCoding": {"system": codes::BARS_EVENTS, "code": codes::EVENT_RESPONSE.0},
                "source": {"endpoint": ADDRESS},
                "focus": [focus],
            }),
        ),
        (
            organisation,
            json!({
                "resourceType": "Organization", "name": sender.name,
                "identifier": [{"system": codes::PARTY_ID, "value": sender.id.as_str()}],
                "type": [build::concept(codes::SECTOR, sector.code(), sector.title())],
            }),
        ),
    ];
    if labels.iter().any(|label| *label != Label::Administrative) {
        let mut person = json!({"resourceType": "Patient", "gender": "unknown"});
        // Wishes that were kept may name the person by identifier.
        let named = consents.iter().find_map(|consent| consent.pointer("/patient/identifier"));
        if let (Some(identifier), Some(fields)) = (named, person.as_object_mut()) {
            fields.insert("identifier".to_owned(), json!([identifier]));
        }
        resources.push((patient, person));
    }
    let entries: Vec<Value> =
        resources.into_iter().map(|(url, one)| json!({"fullUrl": url, "resource": one})).collect();
    let fields = json!({
        "id": "case", "type": "message", "timestamp": "2026-01-01T00:00:00Z",
        "identifier": {"system": codes::DOCUMENT_ID, "value": "case"}, "entry": entries,
    });
    Bundle::from_fields(fields.as_object().cloned().unwrap_or_default())
}

/// An address in the bundle, the same each time.
fn stable(role: &str) -> String {
    build::urn(build::stable_uuid("case", role))
}
