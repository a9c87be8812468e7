//! MessageHeader and ServiceRequest: response asked for, reasons, referrer, service, copies.

use serde_json::Value;

use super::Reader;
use crate::documents::parts::Author;
use crate::documents::referral::{Reason, Referrer, SenderKind};
use crate::fhir::codes;
use crate::fhir::resource_type;
use crate::map::code_table::native_code;
use crate::map::element::Element;
use crate::map::extensions;
use crate::map::read::datatypes::{code_of, coded};
use crate::map::read::parties::logical_addressee;
use crate::map::referral::codes::SOURCE;
use crate::map::write::datatypes::placeholder_endpoint;
use crate::model::Pathway;

impl<'b> Reader<'_, 'b> {
    /// Copies asked for. Where the message travelled (source, other destinations) is not the document's business.
    pub(super) fn header(&mut self) {
        let Some(place) = self.at.source.of_type("MessageHeader").into_iter().next() else { return };
        let mut header = self.at.source.open(place);
        self.focus(&mut header);
        if let Some(mut event) = header.child("eventCoding")
            && event.peek("code").and_then(Value::as_str) == Some(codes::EVENT_REQUEST.0)
        {
            event.implied("system", codes::BARS_EVENTS);
            event.ignore(&["code", "display"]);
        }
        if let Some(mut reason) = header.child("reason") {
            let usual = if self.earlier().is_some() { "update" } else { "new" };
            code_of(&mut reason, codes::BARS_REASON, |code| (code == usual).then_some(()));
        }
        for mut destination in header.children("destination") {
            if destination.extension_boolean(extensions::COPY_RECIPIENT) == Some(true) {
                destination.ignore(&["endpoint"]);
                self.out.copies.extend(destination.child("receiver").and_then(logical_addressee));
            } else {
                destination.discard();
            }
        }
        if let Some(sender) = header.child("sender") {
            self.out.referrer.organisation = self.at.organisation_at(sender, self.at.source.value(place));
        }
        self.software(&mut header);
    }

    /// The earlier referral that the request says it replaces, by an identifier of ours.
    fn earlier(&self) -> Option<&'b str> {
        let place = self.at.source.of_type("ServiceRequest").into_iter().next()?;
        let identifier = self.at.source.value(place).pointer("/replaces/0/identifier")?;
        let ours = identifier.get("system").and_then(Value::as_str) == Some(codes::DOCUMENT_ID);
        identifier.get("value").and_then(Value::as_str).filter(|_| ours)
    }

    /// What the message is about: our request; other pointers are kept.
    fn focus(&self, header: &mut Element<'_>) {
        for mut reference in header.children("focus") {
            let place = reference.peek("reference").and_then(Value::as_str).and_then(|text| self.at.source.find(text));
            let request = place.is_some_and(|at| resource_type(self.at.source.value(at)) == Some("ServiceRequest"));
            reference.ignore_if(request, "reference");
            reference.keep_rest();
        }
    }

    /// The sending software. What we write there ourselves is made anew; of others it is kept.
    fn software(&self, header: &mut Element<'_>) {
        let Some(mut source) = header.child("source") else { return };
        let organisation = self.out.referrer.organisation.as_ref();
        let (ods, party) = organisation.map_or((None, None), |o| (o.ods.as_ref(), o.party.as_ref()));
        source.expect("endpoint", &[&placeholder_endpoint(ods, party)]);
        source.expect("name", &[organisation.and_then(|o| o.name.as_deref()).unwrap_or_default()]);
        source.keep_rest();
    }

    /// ServiceRequest.
    pub(super) fn request(&mut self, place: usize) {
        let value = self.at.source.value(place);
        let mut request = self.at.source.open(place);
        request.ignore(&["subject", "supportingInfo"]);
        request.implied("intent", "plan");
        request.keep(&["doNotPerform"]);
        request.expect("status", &["active"]);
        if let Some(earlier) = self.earlier() {
            self.out.replaces = Some(earlier.to_owned());
            for (number, mut relation) in request.children("replaces").into_iter().enumerate() {
                if number > 0 {
                    relation.keep_rest();
                    continue;
                }
                relation.expect("type", &["ServiceRequest"]);
                if let Some(mut identifier) = relation.child("identifier") {
                    identifier.expect("system", &[codes::DOCUMENT_ID]);
                    identifier.expect("value", &[earlier]);
                    identifier.keep_rest();
                }
                relation.keep_rest();
            }
        }
        let sent = self.out.sent.clone().unwrap_or_default();
        request.expect("authoredOn", &[&sent]);
        self.plain_codes(&mut request);
        self.priority(place, &mut request);
        self.referrer(&mut request, value);
        for reference in request.children("performer") {
            let found = self.at.addressee_at(reference, value);
            if self.out.service.is_none() {
                self.out.service = found;
            } else if let Some(found) = found {
                request.coerced("performer", "A second performer is kept as a copy.");
                self.out.copies.push(found);
            }
        }
        for concept in request.children("reasonCode") {
            self.out.reasons.extend(coded(concept).map(|(text, code)| Reason { text, code }));
        }
        self.reasons_elsewhere(&mut request);
        for mut concept in request.children("orderDetail") {
            let said = code_of(&mut concept, codes::REFERRAL_PATHWAY, Pathway::from_code);
            self.out.pathway.extend(said.filter(|said| !self.out.pathway.contains(said)));
        }
        let decided = request.extension(extensions::MDT_DECIDED).and_then(|mut mark| mark.string("valueDateTime"));
        self.out.mdt_decided = decided;
        for mut note in request.children("note") {
            let item = note.extension(extensions::REFERRAL_ITEM_OF).and_then(|mut mark| mark.string("valueCode"));
            match (item.as_deref(), note.string("text")) {
                (Some("why-now"), Some(text)) if self.out.why_now.is_none() => self.out.why_now = Some(text),
                (_, Some(text)) => self.out.further_information.push(text),
                (_, None) => {}
            }
        }
        if let Some(text) = request.string("patientInstruction") {
            request.coerced("patientInstruction", "Kept as further information.");
            self.out.further_information.push(text);
        }
    }

    /// Codes every referral carries, which the native form leaves unsaid.
    fn plain_codes(&self, request: &mut Element<'_>) {
        for mut identifier in request.children("identifier") {
            if identifier.peek("value").and_then(Value::as_str) == Some(&self.out.id) {
                identifier.expect("value", &[&self.out.id]);
                identifier.expect("system", &[codes::DOCUMENT_ID]);
                identifier.keep_rest();
            }
        }
        for mut category in request.children("category") {
            let plain = |code: &str| (code == "referral").then_some(());
            code_of(&mut category, codes::BARS_SERVICE_REQUEST_CATEGORY, plain);
        }
        if let Some(mut code) = request.child("code") {
            code_of(&mut code, codes::SNOMED, |code| (code == codes::PATIENT_REFERRAL.0).then_some(()));
        }
    }

    /// Who refers, of which kind, and who helps with a self-referral.
    fn referrer(&mut self, request: &mut Element<'_>, value: &'b Value) {
        let sender = self.out.referrer.organisation.take();
        let mut who = Author::default();
        if let Some(requester) = request.child("requester") {
            self.at.professional(requester, value, &mut who);
        }
        let mut kind = who.person.then_some(SenderKind::Myself);
        let source_url = codes::ukcore_extension("SourceOfServiceRequest");
        if let Some(mut concept) =
            request.extension(&source_url).and_then(|mut mark| mark.child("valueCodeableConcept"))
        {
            let ours = code_of(&mut concept, codes::SENDER_KIND, SenderKind::from_code);
            let national = code_of(&mut concept, codes::SNOMED, |code| native_code(SOURCE, code));
            kind = ours.or(national).or(kind);
        }
        if kind == Some(SenderKind::Myself) {
            let helper_url = codes::ukcore_extension("AdditionalContact");
            if let Some(helper) = request.extension(&helper_url).and_then(|mut mark| mark.child("valueReference")) {
                self.at.professional(helper, value, &mut who);
            }
        }
        self.out.referrer = Referrer {
            kind,
            name: who.name,
            role: who.role,
            registration: who.registration,
            // the sender stands in for an organisation the request does not name
            organisation: who.organisation.or(sender),
            telecoms: who.telecoms,
        };
    }

    /// Reasons given by reference: the condition is read with the others; its words are a reason too.
    fn reasons_elsewhere(&mut self, request: &mut Element<'_>) {
        for mut reference in request.children("reasonReference") {
            let target = reference.peek("reference").and_then(Value::as_str).and_then(|text| self.at.source.find(text));
            let code = target.and_then(|place| self.at.source.value(place).get("code"));
            let words = code.and_then(|code| code.get("text").or_else(|| code.pointer("/coding/0/display")));
            if let Some(words) = words.and_then(Value::as_str) {
                reference.ignore(&["reference", "type", "display"]);
                reference.coerced("reference", "The condition's words are kept as a reason.");
                self.out.reasons.push(Reason { text: words.to_owned(), code: None });
            }
        }
    }
}
