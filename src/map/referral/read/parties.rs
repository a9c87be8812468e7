//! Organisations, professionals and teams, whether they are resources of the bundle, contained, or only named.

use serde_json::Value;

use super::Reader;
use super::datatypes::{address, name, telecoms, words};
use crate::documents::referral::{Addressee, Organisation, PersonName, Recipient, Referrer, Registration};
use crate::fhir::codes;
use crate::map::element::Element;
use crate::map::referral::codes::{REGISTERS, native_code};
use crate::map::source::Target;
use crate::model::{OdsCode, PartyId, PartyKind};

impl<'b> Reader<'_, 'b> {
    /// Reads the referrer from `ServiceRequest.requester` or from whoever helps with a self-referral.
    pub(super) fn professional(&self, reference: Element<'_>, holder: &'b Value, referrer: &mut Referrer) {
        match self.source.follow(reference, holder) {
            Target::Resource { kind: "PractitionerRole", element, value } => self.role(element, value, referrer),
            Target::Resource { kind: "Practitioner", element, .. } => practitioner(element, referrer),
            Target::Resource { kind: "Organization", element, .. } => referrer.organisation = organisation(element),
            Target::Resource { kind: "Patient", element, .. } => {
                element.discard();
                referrer.kind = Some(crate::documents::referral::SenderKind::Myself);
            }
            Target::Resource { kind: "RelatedPerson", mut element, .. } => {
                // read in full among the related people; here only who it was
                referrer.name = element.children("name").into_iter().find_map(name);
                element.discard();
            }
            Target::Resource { element, .. } => drop(element),
            Target::Logical(element) => logical_professional(element, referrer),
        }
    }

    fn role(&self, mut element: Element<'_>, value: &'b Value, referrer: &mut Referrer) {
        element.active();
        referrer.telecoms = telecoms(&mut element, "telecom");
        for concept in element.children("code") {
            if referrer.role.is_none() {
                referrer.role = words(concept);
            }
        }
        if let Some(reference) = element.child("practitioner") {
            self.professional(reference, value, referrer);
        }
        if let Some(reference) = element.child("organization") {
            referrer.organisation = self.organisation_at(reference, value);
        }
    }

    /// The organisation a reference leads to.
    pub(super) fn organisation_at(&self, reference: Element<'_>, holder: &'b Value) -> Option<Organisation> {
        match self.source.follow(reference, holder) {
            Target::Resource { kind: "Organization", element, .. } => organisation(element),
            Target::Resource { element, .. } => {
                drop(element);
                None
            }
            Target::Logical(element) => logical_organisation(element),
        }
    }

    /// The service asked for: HealthcareService, Organization, or only a name.
    pub(super) fn addressee_at(&self, reference: Element<'_>, holder: &'b Value) -> Option<Addressee> {
        match self.source.follow(reference, holder) {
            Target::Resource { kind: "HealthcareService", mut element, value } => {
                element.active();
                let mut to = Addressee { name: element.string("name"), ..Addressee::default() };
                party_of(&mut element, &mut to.ods, &mut to.party);
                if let Some(provider) = element.child("providedBy") {
                    let provider = self.organisation_at(provider, value).unwrap_or_default();
                    if to.party.is_none() {
                        to.ods = to.ods.or(provider.ods);
                    }
                    to.name = to.name.or(if to.ods.is_some() { None } else { provider.name });
                }
                (to != Addressee::default()).then_some(to)
            }
            Target::Resource { kind: "Organization", element, .. } => {
                let found = organisation(element)?;
                let ods = if found.party.is_some() { None } else { found.ods };
                Some(Addressee { party: found.party, ods, name: found.name })
            }
            Target::Resource { element, .. } => {
                drop(element);
                None
            }
            Target::Logical(element) => logical_addressee(element),
        }
    }

    /// Whom a wish is about.
    pub(super) fn recipient_at(&self, reference: Element<'_>, holder: &'b Value) -> Option<Recipient> {
        match self.source.follow(reference, holder) {
            Target::Resource { kind: "Organization", element, .. } => {
                let found = organisation(element)?;
                let ods = if found.party.is_some() { None } else { found.ods };
                Some(Recipient { party: found.party, ods, kind: None, name: found.name })
            }
            Target::Resource { mut element, .. } => {
                let found = element.children("name").into_iter().find_map(name);
                element.discard();
                found.map(|found| Recipient { name: Some(found.line()), ..Recipient::default() })
            }
            Target::Logical(mut element) => {
                let mut to = Recipient { name: element.string("display"), ..Recipient::default() };
                element.ignore(&["type"]);
                if let Some(mut identifier) = element.child("identifier") {
                    match identifier.peek("system").and_then(Value::as_str) {
                        Some(codes::PARTY_KIND) => to.kind = identifier.parsed("value", PartyKind::from_code),
                        Some(codes::PARTY_ID) => to.party = identifier.parsed("value", PartyId::parse),
                        Some(codes::ODS_ORGANISATION) => to.ods = identifier.parsed("value", OdsCode::parse),
                        _ => {}
                    }
                    identifier.ignore_if(to.kind.is_some() || to.party.is_some() || to.ods.is_some(), "system");
                }
                (to != Recipient::default()).then_some(to)
            }
        }
    }

    /// Name and organisation of whoever made a statement.
    pub(super) fn source_of(&self, reference: Element<'_>, holder: &'b Value) -> (Option<String>, Option<String>) {
        let logical_organisation = reference.peek("type").and_then(Value::as_str) == Some("Organization");
        match self.source.follow(reference, holder) {
            Target::Logical(mut element) => {
                element.ignore(&["type"]);
                let display = element.string("display");
                if logical_organisation { (None, display) } else { (display, None) }
            }
            Target::Resource { kind: "Organization", element, .. } => {
                (None, organisation(element).map(|found| found.label().to_owned()))
            }
            Target::Resource { kind: "PractitionerRole", element, value } => {
                let mut found = Referrer::default();
                self.role(element, value, &mut found);
                let author = found.name.map(|name| name.line()).or(found.role);
                (author, found.organisation.map(|organisation| organisation.label().to_owned()))
            }
            Target::Resource { mut element, .. } => {
                let author = element.children("name").into_iter().find_map(name).map(|name: PersonName| name.line());
                element.discard();
                (author, None)
            }
        }
    }
}

/// Practitioner: name and entry in a professional register.
fn practitioner(mut element: Element<'_>, referrer: &mut Referrer) {
    element.active();
    for mut identifier in element.children("identifier") {
        let body = identifier.parsed("system", |system| native_code(REGISTERS, system));
        if let (Some(body), None) = (body, &referrer.registration) {
            identifier.expect("use", &["official", "usual"]);
            referrer.registration = identifier.string("value").map(|number| Registration { body, number });
        }
    }
    for candidate in element.children("name") {
        if referrer.name.is_none() {
            referrer.name = name(candidate);
        }
    }
    let more = telecoms(&mut element, "telecom");
    referrer.telecoms.extend(more);
}

/// Organization, wherever it was found.
pub(super) fn organisation(mut element: Element<'_>) -> Option<Organisation> {
    element.active();
    let mut out = Organisation { name: element.string("name"), ..Organisation::default() };
    party_of(&mut element, &mut out.ods, &mut out.party);
    out.telecoms = telecoms(&mut element, "telecom");
    for candidate in element.children("address") {
        if out.address.is_none() {
            out.address = address(candidate);
        }
    }
    (out.name.is_some() || out.ods.is_some() || out.party.is_some()).then_some(out)
}

/// Takes ODS code and directory id out of `identifier`; other identifiers are reported.
fn party_of(element: &mut Element<'_>, ods: &mut Option<OdsCode>, party: &mut Option<PartyId>) {
    for mut identifier in element.children("identifier") {
        match identifier.peek("system").and_then(Value::as_str) {
            Some(codes::ODS_ORGANISATION) if ods.is_none() => {
                *ods = identifier.parsed("value", OdsCode::parse);
                identifier.ignore_if(ods.is_some(), "system");
            }
            Some(codes::PARTY_ID) if party.is_none() => {
                *party = identifier.parsed("value", PartyId::parse);
                identifier.ignore_if(party.is_some(), "system");
            }
            _ => {}
        }
    }
}

/// An organisation known only by identifier and display.
pub(super) fn logical_organisation(element: Element<'_>) -> Option<Organisation> {
    let to = logical_addressee(element)?;
    Some(Organisation { name: to.name, ods: to.ods, party: to.party, ..Organisation::default() })
}

/// A team or organisation known only by identifier and display.
pub(super) fn logical_addressee(mut element: Element<'_>) -> Option<Addressee> {
    let mut to = Addressee { name: element.string("display"), ..Addressee::default() };
    element.ignore(&["type"]);
    if let Some(mut identifier) = element.child("identifier") {
        match identifier.peek("system").and_then(Value::as_str) {
            Some(codes::ODS_ORGANISATION) => to.ods = identifier.parsed("value", OdsCode::parse),
            Some(codes::PARTY_ID) => to.party = identifier.parsed("value", PartyId::parse),
            _ => {}
        }
        identifier.ignore_if(to.ods.is_some() || to.party.is_some(), "system");
    }
    (to != Addressee::default()).then_some(to)
}

/// Somebody or something known only by identifier and display: an ODS code says organisation, else it is a person.
fn logical_professional(element: Element<'_>, referrer: &mut Referrer) {
    let system = element.peek("identifier").and_then(|identifier| identifier.get("system")?.as_str());
    let typed = element.peek("type").and_then(Value::as_str);
    let is_organisation =
        matches!(system, Some(codes::ODS_ORGANISATION | codes::PARTY_ID)) || typed == Some("Organization");
    if is_organisation {
        referrer.organisation = logical_organisation(element);
        return;
    }
    let mut element = element;
    element.ignore(&["type"]);
    if let Some(display) = element.string("display") {
        referrer.name = Some(PersonName { text: Some(display), ..PersonName::default() });
    }
}
