//! Referral → message Bundle: which resources there are and in which order; the files beside this one write them.
//! Deterministic: every id is derived from the referrer and the document id.

mod clinical;
mod consent;
mod datatypes;
mod message;
mod parties;
mod person;

use serde_json::{Map, Value, json};

use crate::documents::Referral;
use crate::fhir::build::{self, put, reference};
use crate::fhir::{Bundle, codes};
use crate::map::Mapped;
use crate::model::DataCategory;

pub(super) fn bundle(referral: &Referral) -> Mapped<Bundle> {
    let mut writer = Writer::new(referral);
    writer.patient();
    writer.referrer();
    writer.service();
    writer.related_people();
    writer.statements();
    writer.lists();
    writer.attachments();
    writer.consent();
    writer.task();
    writer.provenance();
    let mut entries = vec![writer.header(), writer.service_request()];
    entries.append(&mut writer.entries);
    let mut out = Map::new();
    put(&mut out, "id", build::stable_uuid(&writer.seed, "bundle").hyphenated().to_string());
    put(&mut out, "meta", json!({"profile": [codes::ukcore("Bundle")]}));
    put(&mut out, "identifier", json!({"system": codes::DOCUMENT_ID, "value": referral.id}));
    put(&mut out, "type", "message");
    put(&mut out, "timestamp", referral.sent.clone());
    put(&mut out, "entry", entries);
    Mapped { value: Bundle::from_fields(out), notes: Vec::new() }
}

/// Collects entries; knows how to name them.
struct Writer<'a> {
    referral: &'a Referral,
    /// What all ids derive from: two senders may use the same document id.
    seed: String,
    entries: Vec<Value>,
    /// fullUrls of the item resources, for ServiceRequest.supportingInfo.
    items: Vec<String>,
}

impl<'a> Writer<'a> {
    fn new(referral: &'a Referral) -> Self {
        let organisation = referral.referrer.organisation.as_ref();
        let sender = organisation.map_or("self", |organisation| organisation.label());
        let seed = format!("{sender}\u{1f}{}", referral.id);
        Self { referral, seed, entries: Vec::new(), items: Vec::new() }
    }

    /// fullUrl of the resource with this role in the message.
    fn url(&self, role: &str) -> String {
        build::urn(build::stable_uuid(&self.seed, role))
    }

    fn refer(&self, role: &str) -> Value {
        reference(&self.url(role))
    }

    /// Begins a resource; `profile` is the name of a UK Core profile.
    fn resource<S: AsRef<str>>(
        &self,
        kind: &str,
        role: &str,
        profiled: bool,
        category: Option<DataCategory>,
        lines: &[S],
    ) -> Map<String, Value> {
        let profile = profiled.then(|| codes::ukcore(kind));
        build::resource(kind, build::stable_uuid(&self.seed, role), profile.as_deref(), category, lines)
    }

    fn push(&mut self, role: &str, resource: Map<String, Value>) {
        self.entries.push(build::entry(&self.url(role), resource));
    }

    /// Adds a resource that carries an item of the referral.
    fn push_item(&mut self, role: &str, resource: Map<String, Value>) {
        self.items.push(self.url(role));
        self.push(role, resource);
    }
}
