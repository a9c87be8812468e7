//! Referral → message Bundle: which resources there are and in which order; the files beside this one write them.
//! Deterministic: every id is derived from the referrer and the document id.

mod clinical;
mod message;
mod people;

use serde_json::{Map, json};

use crate::documents::Referral;
use crate::fhir::build::put;
use crate::fhir::{Bundle, codes};
use crate::map::Mapped;
use crate::map::write::Entries;

pub(super) fn bundle(referral: &Referral) -> Mapped<Bundle> {
    let mut writer = Writer::new(referral);
    writer.out.patient(&referral.person);
    writer.referrer();
    writer.service();
    writer.related_people();
    writer.statements();
    writer.lists();
    writer.out.attachments(&referral.attachments);
    if let Some(position) = &referral.consent {
        writer.out.consent(position, referral.referrer.organisation.as_ref().map(|_| "organisation:referrer"));
    }
    writer.task();
    writer.provenance();
    writer.out.unmapped(&referral.unmapped);
    let id = writer.out.id("bundle");
    let mut entries = vec![writer.header(), writer.service_request()];
    entries.append(&mut writer.out.into_list());
    let mut out = Map::new();
    put(&mut out, "id", id);
    put(&mut out, "meta", json!({"profile": [codes::ukcore("Bundle"), codes::own_profile(codes::REFERRAL_MESSAGE)]}));
    put(&mut out, "identifier", json!({"system": codes::DOCUMENT_ID, "value": referral.id}));
    put(&mut out, "type", "message");
    put(&mut out, "timestamp", referral.sent.clone());
    put(&mut out, "entry", entries);
    Mapped { value: Bundle::from_fields(out), notes: Vec::new() }
}

/// The referral and the entries made of it.
struct Writer<'a> {
    referral: &'a Referral,
    out: Entries,
}

impl<'a> Writer<'a> {
    fn new(referral: &'a Referral) -> Self {
        let organisation = referral.referrer.organisation.as_ref();
        let sender = organisation.map_or("self", |organisation| organisation.label());
        Self { referral, out: Entries::new(&format!("{sender}\u{1f}{}", referral.id)) }
    }
}
