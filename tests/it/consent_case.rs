//! A made-up referral and the parties around it, for tests of the consent engine. Every part carries a marker string of
//! its own, so that a test can see what arrived and what leaked.

use cmht_gateway::consent::{Decision, Denial, Engine, Permit, Question, Records, Reduction};
use cmht_gateway::fhir::{self, Bundle, Format, build, codes};
use cmht_gateway::model::{
    Agreement, DataCategory, DocumentKind, OdsCode, Party, PartyId, PartyKind, Purpose, Wording,
};
use cmht_gateway::validate::Validated;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::sealed;

pub(crate) const NOW: &str = "2026-03-02T09:30:00Z";

pub(crate) fn now() -> Timestamp {
    NOW.parse().unwrap()
}

pub(crate) fn party(id: &str, kind: PartyKind, ods: Option<&str>, part_of: Option<&str>) -> Party {
    Party {
        id: PartyId::parse(id).unwrap(),
        name: format!("Made-up {id}"),
        kind,
        ods: ods.map(|code| OdsCode::parse(code).unwrap()),
        part_of: part_of.map(|id| PartyId::parse(id).unwrap()),
        person_access: None,
    }
}

/// What a permission without categories opens (CS-05).
pub(crate) const HANDOVER: &[DataCategory] = &[
    DataCategory::Demographics,
    DataCategory::ContactAndCommunication,
    DataCategory::ReferralReason,
    DataCategory::NeedsAndGoals,
    DataCategory::Actions,
];

/// The full URL of an entry of the referral.
pub(crate) fn url(name: &str) -> String {
    format!("urn:uuid:{}", uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, name.as_bytes()))
}

pub(crate) fn tag(category: DataCategory) -> Value {
    json!({"tag": [{"system": codes::DATA_CATEGORY, "code": category.code()}]})
}

/// The marker that everything of one kind carries.
pub(crate) fn mark(name: &str) -> String {
    format!("MARK-{name}-KRAM")
}

/// A clinical resource of one category, marked wherever something can hide.
pub(crate) fn clinical(category: DataCategory, points_at: &[DataCategory]) -> Value {
    let mark = mark(category.code());
    let evidence: Vec<Value> =
        points_at.iter().map(|c| json!({"reference": url(c.code()), "display": self::mark(c.code())})).collect();
    let mut resource = json!({
        "resourceType": "Observation", "status": "final",
        "id": format!("c-{}", category.code()),
        "meta": tag(category),
        "text": build::narrative(&[mark.as_str()]),
        "contained": [{"resourceType": "Observation", "id": "inner", "meta": tag(category), "status": "final",
                       "code": {"text": mark}}],
        "extension": [{"url": "https://example.org/extension", "valueString": mark}],
        "identifier": [{"system": "https://example.org/id", "value": mark}],
        "code": {"text": mark},
        "subject": {"reference": url("patient"), "display": "the person"},
        "note": [{"text": mark}],
    });
    let mut detail = vec![json!({"reference": "#inner"})];
    detail.extend(evidence);
    resource["derivedFrom"] = detail.into();
    resource
}

/// What a referral holds; the tests change it before building.
#[derive(Debug, Clone)]
pub(crate) struct Referral {
    /// Categories that have a clinical resource of their own.
    pub(crate) clinical: Vec<DataCategory>,
    /// A letter nobody has put in a category.
    pub(crate) letter: bool,
    /// Nested provisions; each makes a Consent of its own.
    pub(crate) provisions: Vec<Value>,
    /// Further resources, by entry name.
    pub(crate) more: Vec<(String, Value)>,
}

impl Default for Referral {
    fn default() -> Self {
        use DataCategory::{Medication, MentalHealthHistory, RiskSummary, SubstanceUse};
        Self {
            clinical: vec![Medication, MentalHealthHistory, RiskSummary, SubstanceUse],
            letter: false,
            provisions: Vec::new(),
            more: Vec::new(),
        }
    }
}

impl Referral {
    pub(crate) fn with(mut self, provision: Value) -> Self {
        self.provisions.push(provision);
        self
    }

    pub(crate) fn bundle(&self) -> Validated<Bundle> {
        let mut entries = vec![
            ("header".to_owned(), header()),
            ("request".to_owned(), self.request()),
            ("patient".to_owned(), patient()),
            ("gp".to_owned(), sender()),
            ("drug-service".to_owned(), organisation("drug-org", &mark("substance-use"))),
        ];
        for category in &self.clinical {
            let mut resource = clinical(*category, &self.clinical);
            if *category == DataCategory::SubstanceUse {
                resource["performer"] = json!([{"reference": url("drug-worker")}]);
            }
            entries.push((category.code().to_owned(), resource));
        }
        entries.push((
            "drug-worker".to_owned(),
            json!({
                "resourceType": "PractitionerRole", "organization": {"reference": url("drug-service")},
            }),
        ));
        if self.letter {
            entries.push((
                "letter".to_owned(),
                json!({
                    "resourceType": "DocumentReference", "status": "current",
                    "text": build::narrative(&[mark("unassigned")]),
                    "content": [{"attachment": {"contentType": "text/plain", "title": mark("unassigned")}}],
                }),
            ));
        }
        for (number, provision) in self.provisions.iter().enumerate() {
            entries.push((format!("consent-{number}"), consent(number, provision)));
        }
        entries.extend(self.more.iter().cloned());
        let entries: Vec<Value> =
            entries.into_iter().map(|(name, resource)| json!({"fullUrl": url(&name), "resource": resource})).collect();
        validated(json!({
            "resourceType": "Bundle", "id": "referral", "type": "message", "timestamp": "2026-03-01T10:00:00+00:00",
            "identifier": {"system": codes::DOCUMENT_ID, "value": "made-up-1"},
            "meta": {"tag": [{"system": "https://example.org/tag", "code": "x", "display": mark("unassigned")}]},
            "entry": entries,
        }))
    }

    fn request(&self) -> Value {
        let mut info: Vec<Value> = self
            .clinical
            .iter()
            .map(|category| json!({"reference": url(category.code()), "display": mark(category.code())}))
            .collect();
        if self.letter {
            info.push(json!({"reference": url("letter"), "display": mark("unassigned")}));
        }
        let mut request = json!({
            "resourceType": "ServiceRequest", "id": "request",
            "text": build::narrative(&std::iter::once("A request".to_owned()).chain(self.clinical.iter().map(|c| mark(c.code()))).collect::<Vec<_>>()),
            "identifier": [{"system": codes::DOCUMENT_ID, "value": "made-up-1"}],
            "status": "active", "intent": "order", "priority": "routine",
            "category": [build::concept(codes::SNOMED, "3457005", "Patient referral")],
            "subject": {"reference": url("patient")},
            "requester": {"reference": url("gp")},
            "reasonCode": [{"text": mark("referral-reason")}],
            "note": [{"text": mark("referral-reason")}],
        });
        if !info.is_empty() {
            request["supportingInfo"] = info.into();
        }
        request
    }
}

fn header() -> Value {
    json!({
        "resourceType": "MessageHeader",
        "eventCoding": {"system": codes::BARS_EVENTS, "code": "servicerequest-request"},
        "destination": [{"name": mark("others"), "endpoint": "https://other.example/fhir"}],
        "source": {"name": "Made-up GP system", "endpoint": "https://gp.example/fhir"},
        "focus": [{"reference": url("request")}],
    })
}

fn patient() -> Value {
    json!({
        "resourceType": "Patient", "id": "person", "meta": tag(DataCategory::Demographics),
        "text": build::narrative(&[mark("demographics"), mark("contact-and-communication"), mark("carer")]),
        "identifier": [{"system": codes::NHS_NUMBER, "value": "9990000018"}],
        "name": [{"family": mark("demographics"), "given": ["Person"]}],
        "birthDate": "1980-02-03",
        "_birthDate": {"extension": [{"url": "https://example.org/unknown", "valueString": mark("unassigned")}]},
        "telecom": [{"system": "phone", "value": mark("contact-and-communication")}],
        "address": [{"line": [mark("contact-and-communication")]}],
        "contact": [{"name": {"text": mark("carer")}}],
        "generalPractitioner": [{"reference": url("gp"), "display": "Made-up demo-gp"}],
    })
}

fn organisation(id: &str, name: &str) -> Value {
    json!({"resourceType": "Organization", "id": id, "name": name, "text": build::narrative(&[mark("unassigned")]),
           "identifier": [{"system": codes::PARTY_ID, "value": id}]})
}

/// The practice the referral comes from, which says that it is NHS (CS-13).
fn sender() -> Value {
    let mut practice = organisation("gp-org", "Made-up demo-gp");
    practice["type"] = json!([build::concept(codes::SECTOR, "nhs", "NHS")]);
    practice
}

/// A Consent as the mapper writes it: a root that only holds the given provision.
pub(crate) fn consent(number: usize, provision: &Value) -> Value {
    json!({
        "resourceType": "Consent",
        "identifier": [{"system": "https://example.org/consent", "value": format!("consent-{number}")}],
        "status": "active",
        "scope": {"coding": [{"system": codes::CONSENT_SCOPE, "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": codes::ACT_CODE, "code": "IDSCL"}]}],
        "patient": {"reference": url("patient")},
        "dateTime": "2026-02-01",
        "policyRule": {"coding": [{"system": codes::ACT_CODE, "code": "OPTIN"}]},
        "provision": {"provision": [provision]},
    })
}

/// A nested provision about one actor, given by identifier.
pub(crate) fn provision(effect: &str, system: &str, value: &str, categories: &[DataCategory]) -> Value {
    let mut provision = json!({
        "type": effect,
        "actor": [{
            "role": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP"}]},
            "reference": {"identifier": {"system": system, "value": value}, "display": format!("{value} {}", mark("others"))},
        }],
        "purpose": [{"system": codes::ACT_REASON, "code": "TREAT"}],
    });
    if !categories.is_empty() {
        let classes: Vec<Value> =
            categories.iter().map(|c| json!({"system": codes::DATA_CATEGORY, "code": c.code()})).collect();
        provision["class"] = classes.into();
    }
    provision
}

pub(crate) fn permit(party: &str, categories: &[DataCategory]) -> Value {
    provision("permit", codes::PARTY_ID, party, categories)
}

pub(crate) fn deny(party: &str, categories: &[DataCategory]) -> Value {
    provision("deny", codes::PARTY_ID, party, categories)
}

/// A name or a reason.
pub(crate) fn said(text: &str) -> Wording {
    Wording::parse(text).unwrap()
}

pub(crate) fn agreement(between: [&str; 2], categories: &[DataCategory]) -> Agreement {
    Agreement {
        id: format!("{}--{}", between[0], between[1]),
        version: "3".to_owned(),
        between: between.map(|id| PartyId::parse(id).unwrap()),
        purposes: vec![Purpose::DirectCare],
        categories: categories.to_vec(),
        from: "2025-01-01T00:00:00Z".parse().unwrap(),
        until: None,
    }
}

pub(crate) fn validated(value: Value) -> Validated<Bundle> {
    sealed(Bundle::new(value).unwrap()).map_err(|issues| format!("{issues:#?}")).unwrap()
}

/// A recipient and what is known about it.
pub(crate) struct Case {
    pub(crate) sender: Party,
    pub(crate) recipient: Party,
    pub(crate) organisation: Option<Party>,
    pub(crate) care_relationship: bool,
    pub(crate) registered_gp: bool,
    pub(crate) records: Records,
    pub(crate) agreements: Vec<Agreement>,
    pub(crate) purpose: Purpose,
    pub(crate) now: Timestamp,
}

impl Case {
    pub(crate) fn of(recipient: Party) -> Self {
        Self {
            sender: party("demo-gp", PartyKind::GpPractice, Some("Y90001"), None),
            recipient,
            organisation: None,
            care_relationship: false,
            registered_gp: false,
            records: Records::default(),
            agreements: Vec::new(),
            purpose: Purpose::DirectCare,
            now: now(),
        }
    }

    /// An NHS team that the referral goes to.
    pub(crate) fn team() -> Self {
        Self {
            organisation: Some(party("lpt", PartyKind::NhsTrust, Some("Y90010"), None)),
            care_relationship: true,
            ..Self::of(party("lpt-cap", PartyKind::AccessPoint, None, Some("lpt")))
        }
    }

    /// A charity with an agreement that covers everything.
    pub(crate) fn charity() -> Self {
        Self {
            agreements: vec![agreement(["demo-gp", "wellbeing-roots"], DataCategory::ALL)],
            ..Self::of(party("wellbeing-roots", PartyKind::Vcse, None, None))
        }
    }

    pub(crate) fn question<'a>(&'a self, bundle: &'a Validated<Bundle>) -> Question<'a> {
        Question {
            bundle,
            kind: DocumentKind::Referral,
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

    pub(crate) fn decide(&self, referral: &Referral) -> Decision {
        let bundle = referral.bundle();
        engine().decide(&self.question(&bundle))
    }

    /// Decides and, where parts are withheld, validates and confirms, as the pipeline does.
    pub(crate) fn release(&self, referral: &Referral) -> Result<Permit, Denial> {
        let bundle = referral.bundle();
        let question = self.question(&bundle);
        match engine().decide(&question) {
            Decision::Permit(permit) => Ok(permit),
            Decision::Reduce(reduction) => Ok(confirmed(reduction, &question)),
            Decision::Deny(denial) => Err(denial),
        }
    }
}

pub(crate) fn confirmed(reduction: Reduction, question: &Question<'_>) -> Permit {
    let draft = validated(reduction.draft().into_value());
    let shown = format!("{:#}", draft.content().value());
    reduction.confirm(engine(), draft, question).map_err(|error| format!("{error}\n{shown}")).unwrap()
}

pub(crate) fn engine() -> &'static Engine {
    static ENGINE: std::sync::OnceLock<Engine> = std::sync::OnceLock::new();
    ENGINE.get_or_init(|| Engine::embedded().unwrap())
}

/// Everything that leaves, in both formats, as text.
pub(crate) fn bytes(permit: &Permit) -> String {
    let value = permit.bundle().content().value();
    let both = [Format::Json, Format::Xml].map(|format| fhir::write(value, format).unwrap());
    both.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect()
}

/// The categories whose markers arrive.
pub(crate) fn arrived(permit: &Permit) -> Vec<&'static str> {
    let text = bytes(permit);
    DataCategory::ALL.iter().map(|c| c.code()).filter(|code| text.contains(&mark(code))).collect()
}
