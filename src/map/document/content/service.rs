//! A service somebody goes on using or is referred to as ServiceRequest (UKCore-ServiceRequest), with whoever provides it as
//! a resource beside it (HealthcareService or PractitionerRole) of the same data category.

use serde_json::{Value, json};

use super::Carried;
use crate::documents::parts::{Contact, ContactKind, Service, ServiceStatus};
use crate::fhir::build::{coding, concept, put};
use crate::fhir::codes;
use crate::map::element::Element;
use crate::map::extensions;
use crate::map::read::Subject;
use crate::map::read::datatypes::{annotations, code_of, date, words};
use crate::map::read::statement::item_key;
use crate::map::write::Entries;
use crate::map::write::statement::Asked;

/// How far a service is asked for (<https://hl7.org/fhir/R4/valueset-request-intent.html>).
const fn intent(status: ServiceStatus) -> &'static str {
    match status {
        ServiceStatus::Continuing => "plan",
        ServiceStatus::Referred => "order",
        ServiceStatus::SelfAccess => "proposal",
    }
}

impl Carried for Service {
    const RESOURCE: &'static str = "ServiceRequest";

    fn write(&self, out: &mut Entries, role: &str, asked: &Asked<'_>) {
        let provider = format!("{role}:provider");
        let lines = [format!("{}: {}", asked.title, self.line())];
        let is_referral = self.status == ServiceStatus::Referred;
        let (code, words) = codes::PATIENT_REFERRAL;
        let ours = coding(asked.system, asked.key, asked.title);
        let national = is_referral.then(|| coding(codes::SNOMED, code, words));
        let agreed = self.agreed.map(|yes| json!([{"url": extensions::REFERRAL_AGREED, "valueBoolean": yes}]));
        let mut made = out.resource("ServiceRequest", role, true, Some(asked.category), &lines);
        put(&mut made, "extension", agreed);
        put(&mut made, "status", "active");
        put(&mut made, "intent", intent(self.status));
        let status = concept(codes::SERVICE_STATUS, self.status.code(), self.status.title());
        put(&mut made, "category", json!([status]));
        put(&mut made, "code", json!({"coding": std::iter::once(ours).chain(national).collect::<Vec<_>>()}));
        put(&mut made, "subject", out.refer("patient"));
        put(&mut made, "authoredOn", self.date.clone());
        put(&mut made, "performer", json!([out.refer(&provider)]));
        put(&mut made, "reasonCode", self.purpose.as_ref().map(|text| json!([{"text": text}])));
        put(&mut made, "note", self.arrangements.as_ref().map(|text| json!([{"text": text}])));
        out.push_item(role, made);
        out.contact(&provider, &self.provider, asked.category);
    }

    /// The service a ServiceRequest speaks of; nothing, and unread, where nobody is named who provides it.
    fn read(at: &Subject<'_, '_>, place: usize, system: &str) -> Option<Self> {
        let value = at.source.value(place);
        value.pointer("/performer/0")?;
        let mut element = at.source.open(place);
        element.ignore(&["subject"]);
        element.expect("status", &["active"]);
        let mut status = None;
        for mut category in element.children("category") {
            status = status.or(code_of(&mut category, codes::SERVICE_STATUS, ServiceStatus::from_code));
        }
        let status = status.unwrap_or_else(|| {
            element.coerced("category", "A request without our code is read as a referral.");
            ServiceStatus::Referred
        });
        element.accept("intent", intent(status), &["plan", "order", "proposal"]);
        let mut purposes: Vec<String> = Vec::new();
        if let Some(mut code) = element.child("code") {
            if item_key(value, system).is_some() {
                code_of(&mut code, system, |_| Some(()));
                let referral = |code: &str| (code == codes::PATIENT_REFERRAL.0).then_some(());
                code_of(&mut code, codes::SNOMED, referral);
            } else {
                purposes.extend(words(code));
            }
        }
        purposes.extend(element.children("reasonCode").into_iter().filter_map(words));
        let purpose = (!purposes.is_empty()).then(|| purposes.join("; "));
        let date = date(&mut element, "authoredOn");
        let arrangements = annotations(&mut element, "note");
        let agreed = element.extension_boolean(extensions::REFERRAL_AGREED);
        let mut provider = None;
        for performer in element.children("performer") {
            if provider.is_none() {
                provider = at.provider(performer, value);
            }
        }
        Some(Service { status, provider: provider?, purpose, date, arrangements, agreed })
    }
}

impl<'b> Subject<'_, 'b> {
    /// Whoever provides a service: a resource of the bundle as contact, else what the reference says.
    fn provider(&self, reference: Element<'_>, holder: &'b Value) -> Option<Contact> {
        let url = reference.peek("reference").and_then(Value::as_str);
        let found = url.and_then(|url| self.source.find(url)).and_then(|at| self.contact(at, self.source.value(at)));
        if found.is_some() {
            reference.followed();
            return found;
        }
        let to = self.addressee_at(reference, holder)?;
        let ods = if to.party.is_some() { None } else { to.ods };
        Some(Contact {
            kind: ContactKind::Service,
            name: to.name,
            party: to.party,
            ods,
            telecoms: Vec::new(),
            available: None,
            notes: None,
        })
    }
}
