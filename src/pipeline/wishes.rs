//! A person's Consents over FHIR (<https://hl7.org/fhir/R4/consent.html>, <https://hl7.org/fhir/R4/http.html>): recorded,
//! read, searched for, changed and withdrawn. Each change decides the queue again before it is acknowledged. For the trust
//! that runs the gateway and for the organisation that recorded it; for anybody else there is nothing here (CS-22).

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::consent_checks::{self, dated, is_about_caller_only, no_standing, one_person};
use super::remember::{objections_only, signed, stamp};
use super::{Gateway, MOST_TRIES, busy, unavailable};
use crate::audit::{Entry, Event};
use crate::auth::Caller;
use crate::consent::unclear_performers;
use crate::fhir::build::{put, urn};
use crate::fhir::tree::Tree;
use crate::fhir::{self, codes, resource_type};
use crate::intake::{self, Refusal};
use crate::model::{Category, Issue, IssueCode, NhsNumber, Sector, Severity};
use crate::outbox::PersonKey;
use crate::store::{Changed, NewRecord, PersonRecord, RecordChange, RecordKind};

/// A Consent as it is kept, and what its recording did.
#[derive(Clone)]
pub struct RecordedConsent {
    pub id: Uuid,
    pub version: u32,
    pub at: Timestamp,
    pub resource: Value,
    /// Deliveries that go no more, or not as they were.
    pub stopped: usize,
}

/// A Consent as it came in.
pub struct SentConsent {
    pub content_type: Option<String>,
    pub bytes: Vec<u8>,
}

/// One that fits.
struct Fitting {
    number: NhsNumber,
    status: String,
    resource: Value,
}

impl Gateway {
    /// Records a Consent (`POST /fhir/Consent`).
    ///
    /// # Errors
    /// What is wrong with it, by path; or that the caller may not record it.
    pub async fn record_consent(
        self: &Arc<Self>,
        caller: &Caller,
        sent: SentConsent,
        now: Timestamp,
    ) -> Result<RecordedConsent, Refusal> {
        let fitting = self.fitting(caller, sent, now).await?;
        let person = self.person(&fitting.number);
        let id = Uuid::now_v7();
        self.keep_consent(caller, &person, fitting, None, id, now).await
    }

    /// Changes or withdraws a Consent (`PUT /fhir/Consent/{id}`); `None` where there is none that this caller may see.
    ///
    /// # Errors
    /// What is wrong with it; or that another version is the current one.
    pub async fn change_consent(
        self: &Arc<Self>,
        caller: &Caller,
        id: Uuid,
        of_version: u32,
        sent: SentConsent,
        now: Timestamp,
    ) -> Result<Option<RecordedConsent>, Refusal> {
        let Some((person, before)) = self.visible(caller, id, None).await? else { return Ok(None) };
        let fitting = self.fitting(caller, sent, now).await?;
        if self.person(&fitting.number) != person {
            let text = "A Consent stays with the person it was recorded for. Withdraw it, and record another.";
            return Err(invalid("Consent.patient", IssueCode::BusinessRule, text));
        }
        let named = fitting.resource.get("id").and_then(Value::as_str);
        if named.is_some_and(|named| named != id.to_string()) {
            let text = "The id is not the one of the address. Send the resource as it was read, with what changed.";
            return Err(invalid("Consent.id", IssueCode::Invalid, text));
        }
        if before.version != of_version {
            return Err(other_version(before.version));
        }
        self.keep_consent(caller, &person, fitting, Some(before), id, now).await.map(Some)
    }

    /// One Consent, the current version or the one asked for.
    ///
    /// # Errors
    /// The store does not answer, or the look cannot be recorded.
    pub async fn read_consent(
        &self,
        caller: &Caller,
        id: Uuid,
        version: Option<u32>,
        now: Timestamp,
    ) -> Result<Option<RecordedConsent>, Refusal> {
        let Some((person, record)) = self.visible(caller, id, version).await? else { return Ok(None) };
        let entry = Entry::new(Event::ConsentRead, now).actor(&caller.party.id, &caller.client_id);
        self.record(entry.person(person.as_str()).about(&record)).await?;
        kept(&record).map(Some)
    }

    /// The Consents of a person that this caller may see, as a Bundle: empty alike for nobody known and for nothing to see.
    ///
    /// # Errors
    /// As [`Self::read_consent`].
    pub async fn search_consents(
        &self,
        caller: &Caller,
        number: &NhsNumber,
        statuses: &[String],
        now: Timestamp,
    ) -> Result<Value, Refusal> {
        let person = self.person(number);
        let held = self.store.kept(&person).await.map_err(|error| unavailable(&error))?;
        let entry = Entry::new(Event::ConsentRead, now).actor(&caller.party.id, &caller.client_id).outcome("search");
        self.record(entry.person(person.as_str())).await?;
        let mut entries = Vec::new();
        for record in held.records.iter().filter(|r| r.kind == RecordKind::Consent && self.may_see(caller, r)) {
            if statuses.is_empty() || statuses.contains(&record.status) {
                let resource = kept(record)?.resource;
                let url = format!("{}/fhir/Consent/{}", self.base_url(), record.id);
                entries.push(json!({"fullUrl": url, "resource": resource, "search": {"mode": "match"}}));
            }
        }
        let mut bundle = serde_json::Map::new();
        put(&mut bundle, "resourceType", "Bundle");
        put(&mut bundle, "identifier", json!({"system": "urn:ietf:rfc:3986", "value": urn(Uuid::now_v7())}));
        put(&mut bundle, "type", "searchset");
        put(&mut bundle, "timestamp", now.to_string());
        put(&mut bundle, "total", entries.len());
        // the words of the search are not repeated here: they hold an identifier
        put(
            &mut bundle,
            "link",
            json!([{"relation": "self", "url": format!("{}/fhir/Consent/_search", self.base_url())}]),
        );
        if !entries.is_empty() {
            put(&mut bundle, "entry", entries);
        }
        Ok(Value::Object(bundle))
    }

    /// A Consent record this caller may see.
    async fn visible(
        &self,
        caller: &Caller,
        id: Uuid,
        version: Option<u32>,
    ) -> Result<Option<(PersonKey, PersonRecord)>, Refusal> {
        let found = self.store.record(id, version).await.map_err(|error| unavailable(&error))?;
        Ok(found.filter(|(_, record)| record.kind == RecordKind::Consent && self.may_see(caller, record)))
    }

    fn may_see(&self, caller: &Caller, record: &PersonRecord) -> bool {
        self.is_trust(caller) || *caller.party.organisation() == record.recorder
    }

    /// Whether the caller may record this: from outside the NHS an objection to anybody but itself only where it has to do
    /// with the person, or anybody could cut anybody's care by an NHS number. Asked of everybody alike (CS-22).
    async fn may_object(
        &self,
        caller: &Caller,
        person: &PersonKey,
        fitting: &Fitting,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let own = is_about_caller_only(&fitting.resource, caller);
        if caller.party.sector() == Sector::Nhs || fitting.status != "active" || own {
            return Ok(());
        }
        let knows = self.has_standing(caller, person, now).await?;
        if knows { Ok(()) } else { Err(no_standing()) }
    }

    async fn keep_consent(
        self: &Arc<Self>,
        caller: &Caller,
        person: &PersonKey,
        fitting: Fitting,
        before: Option<PersonRecord>,
        id: Uuid,
        now: Timestamp,
    ) -> Result<RecordedConsent, Refusal> {
        self.may_object(caller, person, &fitting, now).await?;
        let version = before.as_ref().map_or(1, |before| before.version + 1);
        let mut resource = fitting.resource;
        stamp(&mut resource, id, version, now);
        let record = PersonRecord {
            id,
            version,
            kind: RecordKind::Consent,
            // Whoever recorded it first may go on reading it, whoever changes it.
            recorder: before.as_ref().map_or_else(|| caller.party.organisation().clone(), |b| b.recorder.clone()),
            agent: caller.client_id.clone(),
            recorded: now,
            status: fitting.status,
            origin: before.as_ref().and_then(|b| b.origin.clone()),
            message: before.as_ref().and_then(|b| b.message.clone()),
            body: resource.to_string(),
        };
        let entry = Entry::new(Event::ConsentRecorded, now)
            .actor(&caller.party.id, &caller.client_id)
            .person(person.as_str())
            .outcome(&record.status)
            .about(&record);
        let audit = vec![entry.record()];
        let new = NewRecord { record, replaces: Vec::new(), to_review: false };
        for _ in 0..MOST_TRIES {
            let held = self.store.kept(person).await.map_err(|error| unavailable(&error))?;
            // Of two changes of one version the second is told, whichever way they crossed.
            let current = held.records.iter().find(|record| record.id == id).map(|record| record.version);
            if current != before.as_ref().map(|before| before.version) {
                return Err(other_version(current.unwrap_or(version)));
            }
            let change = RecordChange {
                person: person.clone(),
                based_on: held.revision,
                at: now,
                records: vec![new.clone()],
                review: None,
                audit: audit.clone(),
                opened: None,
            };
            let changed = self.store.change_records(change, self.again(caller, now)).await;
            if let Changed::Stored { stopped, .. } = changed.map_err(|error| unavailable(&error))? {
                tracing::info!(record.id = %id, version, stopped, "consent recorded");
                // Copies with fewer parts may wait now.
                self.parts().wake.notify_one();
                return Ok(RecordedConsent { id, version, at: now, resource, stopped });
            }
        }
        Err(busy())
    }

    /// Reads and validates a Consent, and asks what is asked of one that decides about sharing.
    async fn fitting(self: &Arc<Self>, caller: &Caller, sent: SentConsent, now: Timestamp) -> Result<Fitting, Refusal> {
        let gateway = self.clone();
        let outside = caller.party.sector() != Sector::Nhs;
        self.apart(move || {
            let format = intake::fhir_format(sent.content_type.as_deref())
                .map_err(|issue| Refusal::new(Category::UnsupportedMediaType, vec![issue]))?;
            let refused = |issue: Issue| {
                let malformed = matches!(issue.code, IssueCode::Structure | IssueCode::TooLong);
                Refusal::new(if malformed { Category::Malformed } else { Category::Invalid }, vec![issue])
            };
            let limits = &gateway.limits;
            let resource = fhir::read(&sent.bytes, format, limits).map_err(refused)?;
            let tree = Tree::read(&sent.bytes, format, limits).map_err(refused)?;
            if resource_type(&resource) != Some("Consent") {
                return Err(invalid("Consent", IssueCode::Invalid, "This address takes resources of type Consent."));
            }
            let mut found = gateway.parts().validator.resource(tree.root(), Vec::new(), None);
            found.extend(asked(&resource));
            found.extend(dated(&resource, now));
            found.extend(number_of(&resource).and_then(|number| one_person(&resource, &number)));
            found.extend(consent_checks::matched(&resource, &gateway.parts().directory, now));
            if outside {
                found.extend(restricts(&resource));
            }
            match number_of(&resource) {
                Some(number) if !found.iter().any(|issue| issue.severity.refuses()) => {
                    let status = resource.get("status").and_then(Value::as_str).unwrap_or_default().to_owned();
                    Ok(Fitting { number, status, resource })
                }
                _ => {
                    found.retain(|issue| issue.severity >= Severity::Warning);
                    Err(Refusal::new(Category::Invalid, found))
                }
            }
        })
        .await
    }
}

fn number_of(consent: &Value) -> Option<NhsNumber> {
    let identifier = consent.pointer("/patient/identifier")?;
    let text = |key: &str| identifier.get(key).and_then(Value::as_str);
    (text("system") == Some(codes::NHS_NUMBER)).then(|| NhsNumber::parse(text("value")?).ok()).flatten()
}

/// What the gateway asks of a Consent beyond the profile: whom it is of, what it is about, and when it was given.
fn asked(consent: &Value) -> Vec<Issue> {
    let mut issues = Vec::new();
    let mut wrong =
        |path: &str, code: IssueCode, text: &str| issues.push(Issue::error(code, text).at(path).rule("consent-kept"));
    if number_of(consent).is_none() {
        let text = "Name the person by their NHS number: identifier with system https://fhir.nhs.uk/Id/nhs-number and ten \
                    digits, the last of which is the right check digit.";
        wrong("Consent.patient.identifier", IssueCode::Required, text);
    }
    let scopes = consent.pointer("/scope/coding").and_then(Value::as_array).into_iter().flatten();
    let about_sharing = |coding: &Value| {
        coding.get("system").and_then(Value::as_str) == Some(codes::CONSENT_SCOPE)
            && coding.get("code").and_then(Value::as_str) == Some("patient-privacy")
    };
    if !scopes.into_iter().any(about_sharing) {
        let text = "The gateway keeps consents to share. Give scope the code patient-privacy; consent to treatment or \
                    research belongs in the care record.";
        wrong("Consent.scope", IssueCode::BusinessRule, text);
    }
    // What was kept from a document may be withdrawn as it stands.
    let counts = consent.get("status").and_then(Value::as_str) == Some("active");
    if counts && consent.get("implicitRules").is_some() {
        let text = "The gateway knows no rules but those of FHIR and its own, and a Consent made under others may mean \
                    something else. Send it without implicitRules.";
        wrong("Consent.implicitRules", IssueCode::NotSupported, text);
    }
    for path in untyped(consent).into_iter().filter(|_| counts) {
        let text = "Say whether this permits or denies: type is required in every provision but the outermost (FHIR R4, \
                    Consent.provision.type).";
        wrong(&path, IssueCode::Required, text);
    }
    if signed(consent).is_none() {
        let text = "Say when the person gave or refused this: of two wishes the later counts.";
        wrong("Consent.dateTime", IssueCode::Required, text);
    }
    // An objection counts whoever made it, and what is taken back is.
    for place in unclear_performers(consent).into_iter().filter(|_| permits(consent)) {
        let text = "It cannot be told whether this is the person or a relative or carer, whose consent opens their own details \
                    only. Add type: Patient or RelatedPerson (Practitioner or Organization for who recorded it); or point at a \
                    contained RelatedPerson; or give the person's NHS number as identifier. Leave performer out where the \
                    person themself gave this.";
        wrong(&format!("Consent.performer[{place}]"), IssueCode::Required, text);
    }
    issues
}

/// Whether a Consent in force does anything but object.
fn permits(consent: &Value) -> bool {
    let active = consent.get("status").and_then(Value::as_str) == Some("active");
    active && objections_only(consent).is_none_or(|left| left.get("provision") != consent.get("provision"))
}

/// Where a provision within another says neither permit nor deny.
fn untyped(consent: &Value) -> Vec<String> {
    fn within(provision: &Value, path: &str, found: &mut Vec<String>) {
        let inner = provision.get("provision").and_then(Value::as_array).into_iter().flatten();
        for (place, one) in inner.enumerate() {
            let path = format!("{path}.provision[{place}]");
            if one.get("type").is_none() {
                found.push(format!("{path}.type"));
            }
            within(one, &path, found);
        }
    }
    let mut found = Vec::new();
    if let Some(outermost) = consent.get("provision") {
        within(outermost, "Consent.provision", &mut found);
    }
    found
}

/// From outside the NHS come objections and withdrawals; a permission it is told of the trust or the GP records.
fn restricts(consent: &Value) -> Vec<Issue> {
    if !permits(consent) {
        return Vec::new();
    }
    let text = "An organisation outside the NHS can record what a person objects to, and withdraw what it recorded. A \
                permission is recorded by the person's GP or the trust: send it to them.";
    vec![Issue::error(IssueCode::BusinessRule, text).at("Consent.provision").rule("consent-kept")]
}

fn kept(record: &PersonRecord) -> Result<RecordedConsent, Refusal> {
    let resource =
        serde_json::from_str(&record.body).map_err(|_| unavailable(&crate::store::StoreError::Corrupt("consent")))?;
    Ok(RecordedConsent { id: record.id, version: record.version, at: record.recorded, resource, stopped: 0 })
}

fn invalid(path: &str, code: IssueCode, text: &str) -> Refusal {
    Refusal::new(Category::Invalid, vec![Issue::error(code, text).at(path).rule("consent-kept")])
}

fn other_version(current: u32) -> Refusal {
    let text = format!(
        "This Consent has changed: version {current} is the current one. Read it again, and send the change with If-Match: \
         W/\"{current}\"."
    );
    Refusal::one(Category::Stale, IssueCode::Conflict, text)
}

#[cfg(test)]
mod tests {
    use super::asked;
    use crate::fhir::codes;
    use serde_json::{Value, json};

    fn consent(effect: &str, status: &str, performer: &Value) -> Value {
        json!({
            "resourceType": "Consent", "status": status, "dateTime": "2026-02-01",
            "scope": {"coding": [{"system": codes::CONSENT_SCOPE, "code": "patient-privacy"}]},
            "patient": {"identifier": {"system": codes::NHS_NUMBER, "value": "9990000018"}},
            "performer": [{"type": "Patient"}, performer],
            "provision": {"provision": [{"type": effect}]},
        })
    }

    #[test]
    fn a_permission_says_whether_the_person_or_a_carer_gave_it_and_the_refusal_says_how() {
        let unclear = json!({"display": "her sister"});
        let found = asked(&consent("permit", "active", &unclear));
        let [issue] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(issue.path.as_deref(), Some("Consent.performer[1]"));
        assert!(
            issue.text.contains("type: Patient or RelatedPerson") && issue.text.contains("NHS number"),
            "{issue:?}"
        );
        let told = [
            consent("permit", "active", &json!({"reference": "RelatedPerson/7"})),
            consent("permit", "active", &json!({"type": "RelatedPerson", "display": "her sister"})),
            consent("deny", "active", &unclear),
            consent("permit", "inactive", &unclear),
        ];
        for consent in told {
            assert!(asked(&consent).is_empty(), "{consent}");
        }
    }
}
