//! A request that somebody take the person on, or a part of the care: ServiceRequest (UKCore-ServiceRequest), both ways.
//! Only elements `consent` knows one by one are used, so that a copy can be cut.

use serde_json::json;

use super::letter::{Here, PRIORITY, attention, own_identifier, urgency};
use crate::documents::Document;
use crate::documents::parts::Request;
use crate::fhir::build::{coding, put};
use crate::fhir::codes;
use crate::map::code_table::fhir_code;
use crate::map::document::write::Writer;
use crate::map::extensions;
use crate::map::read::datatypes::{annotations, code_of, words};
use crate::map::write::datatypes::addressee;
use crate::map::write::statement::Asked;
use crate::model::DocumentKind;

/// What is asked for, where a national code says so.
const fn national(kind: DocumentKind) -> Option<(&'static str, &'static str)> {
    match kind {
        DocumentKind::SocialPrescribingHandover => Some(codes::SOCIAL_PRESCRIBING),
        DocumentKind::TransferToNhs => Some(codes::PATIENT_REFERRAL),
        _ => None,
    }
}

/// A shared-care request is a proposal: the GP may decline (L3190-3197).
fn intent(kind: DocumentKind) -> &'static str {
    if kind == DocumentKind::SharedCareRequest { "proposal" } else { "order" }
}

impl<D: Document> Writer<'_, D> {
    /// ServiceRequest.
    pub(in crate::map::document) fn request(&mut self, asked: &Asked<'_>, request: &Request) {
        let mut out = self.out.resource("ServiceRequest", asked.key, true, Some(asked.category), &request.lines());
        put(&mut out, "extension", attention(request.attention.as_deref()));
        put(&mut out, "identifier", json!([own_identifier(self.frame.id)]));
        put(&mut out, "status", "active");
        put(&mut out, "intent", intent(D::KIND));
        put(&mut out, "priority", request.urgency.and_then(|u| fhir_code(PRIORITY, u)).map(|(code, _)| code));
        let national = national(D::KIND).map(|(code, words)| coding(codes::SNOMED, code, words));
        let ours = coding(codes::DOCUMENT_KIND, D::KIND.code(), D::KIND.title());
        put(&mut out, "code", json!({"coding": national.into_iter().chain([ours]).collect::<Vec<_>>()}));
        put(&mut out, "orderDetail", request.service.as_ref().map(|service| json!([{"text": service}])));
        put(&mut out, "subject", self.out.refer("patient"));
        put(&mut out, "authoredOn", self.frame.written);
        put(&mut out, "requester", self.writer());
        put(&mut out, "performer", request.to.iter().map(addressee).collect::<Vec<_>>());
        put(&mut out, "note", request.note.as_ref().map(|text| json!([{"text": text}])));
        self.out.push_item(asked.key, out);
    }
}

impl Here<'_, '_> {
    /// ServiceRequest as a request; `None` where it holds nothing a request has.
    pub(in crate::map::document) fn request(&self, kind: DocumentKind) -> Option<Request> {
        let mut element = self.open("subject", "authoredOn");
        element.expect("status", &["active"]);
        element.accept("intent", intent(kind), &["proposal", "plan", "order"]);
        self.author(&mut element, "requester");
        let mut out = Request {
            attention: element.extension_string(extensions::FOR_ATTENTION_OF),
            urgency: urgency(&mut element),
            service: element.children("orderDetail").into_iter().find_map(words),
            note: annotations(&mut element, "note"),
            to: None,
        };
        if let Some(mut code) = element.child("code") {
            code_of(&mut code, codes::DOCUMENT_KIND, |code| (code == kind.code()).then_some(()));
            code_of(&mut code, codes::SNOMED, |code| national(kind).filter(|(known, _)| *known == code).map(drop));
            if out.service.is_none() {
                out.service = words(code);
            }
        }
        for reference in element.children("performer") {
            if out.to.is_none() {
                out.to = self.addressee(reference);
            }
        }
        (out != Request::default()).then_some(out)
    }
}
