//! The administrative frame: MessageHeader, ServiceRequest, Task, Provenance. No clinical text but
//! `ServiceRequest.reasonCode` and `.note`, which are the reasons for referral.

use serde_json::{Map, Value, json};

use super::Writer;
use crate::fhir::build::{self, coding, concept, put, reference};
use crate::fhir::codes;
use crate::map::code_table::fhir_code;
use crate::map::extensions;
use crate::map::referral::codes::{PRIORITY, SOURCE};
use crate::map::write::datatypes::{addressee, coded, placeholder_endpoint};

impl Writer<'_> {
    /// MessageHeader (<https://hl7.org/fhir/R4/messageheader.html>); copies are destinations marked as such, which
    /// addressing the message to one recipient replaces, so that nobody learns who else was written to.
    pub(super) fn header(&mut self) -> Value {
        let referral = self.referral;
        let organisation = referral.referrer.organisation.as_ref();
        let destinations: Vec<Value> = referral
            .copies
            .iter()
            .map(|copy| {
                json!({
                    "extension": [{"url": extensions::COPY_RECIPIENT, "valueBoolean": true}],
                    "endpoint": placeholder_endpoint(copy.ods.as_ref(), copy.party.as_ref()),
                    "receiver": addressee(copy),
                })
            })
            .collect();
        let mut source = Map::new();
        put(&mut source, "name", organisation.and_then(|o| o.name.clone()));
        let (ods, party) = organisation.map_or((None, None), |o| (o.ods.as_ref(), o.party.as_ref()));
        put(&mut source, "endpoint", placeholder_endpoint(ods, party));

        let (event, words) = codes::EVENT_REQUEST;
        let mut out = self.out.resource("MessageHeader", "header", true, None, &["Referral message"]);
        put(&mut out, "eventCoding", coding(codes::BARS_EVENTS, event, words));
        put(&mut out, "destination", destinations);
        put(&mut out, "sender", organisation.map(|_| self.out.refer("organisation:referrer")));
        put(&mut out, "source", source);
        let reason = if referral.replaces.is_some() { ("update", "Update") } else { ("new", "New") };
        put(&mut out, "reason", concept(codes::BARS_REASON, reason.0, reason.1));
        put(&mut out, "focus", json!([self.out.refer("request")]));
        build::entry(&self.out.url("header"), out)
    }

    /// ServiceRequest (UKCore-ServiceRequest). Its narrative is administrative: the reasons are withheld by element.
    pub(super) fn service_request(&mut self) -> Value {
        let referral = self.referral;
        let mut out = self.out.resource("ServiceRequest", "request", true, None, &["Referral to a mental health team"]);
        let mut marks: Vec<Value> = Vec::new();
        if let Some(kind) = referral.referrer.kind {
            let national = fhir_code(SOURCE, kind).map(|(code, words)| coding(codes::SNOMED, code, words));
            let ours = coding(codes::SENDER_KIND, kind.code(), kind.title());
            let codings: Vec<Value> = national.into_iter().chain([ours]).collect();
            let url = codes::ukcore_extension("SourceOfServiceRequest");
            marks.push(json!({"url": url, "valueCodeableConcept": {"coding": codings}}));
        }
        if let (true, Some(role)) = (referral.referrer.is_self(), self.referrer_role()) {
            let url = codes::ukcore_extension("AdditionalContact");
            marks.push(json!({"url": url, "valueReference": self.out.refer(role)}));
        }
        marks
            .extend(referral.mdt_decided.iter().map(|at| json!({"url": extensions::MDT_DECIDED, "valueDateTime": at})));
        let (code, words) = codes::PATIENT_REFERRAL;
        let pathway = referral.pathway.iter().map(|said| concept(codes::REFERRAL_PATHWAY, said.code(), said.title()));
        put(&mut out, "extension", marks);
        put(&mut out, "identifier", json!([{"system": codes::DOCUMENT_ID, "value": referral.id}]));
        let earlier = referral
            .replaces
            .as_ref()
            .map(|id| json!([{"type": "ServiceRequest", "identifier": {"system": codes::DOCUMENT_ID, "value": id}}]));
        put(&mut out, "replaces", earlier);
        put(&mut out, "status", "active");
        put(&mut out, "intent", "plan");
        let category = concept(codes::BARS_SERVICE_REQUEST_CATEGORY, "referral", "Transfer of Care");
        put(&mut out, "category", json!([category]));
        put(&mut out, "priority", fhir_code(PRIORITY, referral.response()).map(|(code, _)| code));
        put(&mut out, "code", concept(codes::SNOMED, code, words));
        put(&mut out, "orderDetail", pathway.collect::<Vec<_>>());
        put(&mut out, "subject", self.out.refer("patient"));
        put(&mut out, "authoredOn", referral.sent.clone());
        put(&mut out, "requester", self.requester());
        put(&mut out, "performer", referral.service.as_ref().map(|_| json!([self.out.refer("service")])));
        let reasons: Vec<Value> = referral.reasons.iter().map(|r| coded(&r.text, r.code.as_ref())).collect();
        put(&mut out, "reasonCode", reasons);
        put(&mut out, "supportingInfo", self.out.take_items().iter().map(|url| reference(url)).collect::<Vec<_>>());
        put(&mut out, "note", self.notes_of_request());
        build::entry(&self.out.url("request"), out)
    }

    /// "Why now" is marked as such; further information is plain notes.
    fn notes_of_request(&self) -> Vec<Value> {
        let marked = self.referral.why_now.iter().map(
            |text| json!({"extension": [{"url": extensions::REFERRAL_ITEM_OF, "valueCode": "why-now"}], "text": text}),
        );
        let plain = self.referral.further_information.iter().map(|text| json!({"text": text}));
        marked.chain(plain).collect()
    }

    /// Task that carries the referral's progress (BaRS; <https://hl7.org/fhir/R4/task.html>).
    pub(super) fn task(&mut self) {
        let mut out = self.out.resource("Task", "task", true, None, &["Deal with the referral"]);
        put(&mut out, "status", "requested");
        put(&mut out, "intent", "order");
        put(&mut out, "code", concept(codes::TASK_CODE, "fulfill", "Fulfill the focal request"));
        put(&mut out, "focus", self.out.refer("request"));
        put(&mut out, "for", self.out.refer("patient"));
        put(&mut out, "authoredOn", self.referral.sent.clone());
        put(&mut out, "requester", self.requester());
        put(&mut out, "owner", self.referral.service.as_ref().map(|_| self.out.refer("service")));
        self.out.push("task", out);
    }

    /// Provenance of the request. FHIR requires the time of recording, so a document without one has no Provenance.
    pub(super) fn provenance(&mut self) {
        let Some(sent) = self.referral.sent.clone() else { return };
        let mut out = self.out.resource("Provenance", "provenance", true, None, &["Who made the referral"]);
        put(&mut out, "target", json!([self.out.refer("request")]));
        put(&mut out, "recorded", sent);
        let Some(who) = self.requester() else { return };
        let author = concept(codes::PROVENANCE_PARTICIPANT, "author", "Author");
        put(&mut out, "agent", json!([{"type": author, "who": who}]));
        self.out.push("provenance", out);
    }

    /// Who asks: the person, the professional in their role, or the organisation.
    fn requester(&self) -> Option<Value> {
        let referrer = &self.referral.referrer;
        let role = if referrer.is_self() { Some("patient") } else { self.referrer_role() };
        role.or_else(|| referrer.organisation.as_ref().map(|_| "organisation:referrer"))
            .map(|role| self.out.refer(role))
    }
}
