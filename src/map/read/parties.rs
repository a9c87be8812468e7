//! Organisations, professionals and teams, whether they are resources of the bundle, contained, or only named.

use serde_json::Value;

use super::Subject;
use super::datatypes::{address, code_of, name, telecoms, words};
use crate::documents::parts::{Addressee, Author, Organisation, PersonName, Recipient, Registration};
use crate::fhir::codes;
use crate::map::code_table::{REGISTERS, native_code};
use crate::map::element::Element;
use crate::map::source::Target;
use crate::model::{OdsCode, PartyId, PartyKind, Sector};

impl<'b> Subject<'_, 'b> {
    /// Reads whoever a reference leads to: a professional, their organisation, or the person.
    pub(in crate::map) fn professional(&self, reference: Element<'_>, holder: &'b Value, who: &mut Author) {
        match self.source.follow(reference, holder) {
            Target::Resource { kind: "PractitionerRole", element, value } => self.role(element, value, who),
            Target::Resource { kind: "Practitioner", element, .. } => practitioner(element, who),
            Target::Resource { kind: "Organization", element, .. } => who.organisation = organisation(element),
            Target::Resource { kind: "Patient", element, .. } => {
                element.discard();
                who.person = true;
            }
            Target::Resource { kind: "RelatedPerson", mut element, value } => {
                // read in full among the related people; here only who it was
                who.name = glance(&mut element);
                self.source.give_back(element, value);
            }
            Target::Resource { element, .. } => drop(element),
            Target::Logical(element) => logical_professional(element, who),
        }
    }

    fn role(&self, mut element: Element<'_>, value: &'b Value, who: &mut Author) {
        element.active();
        who.telecoms = telecoms(&mut element, "telecom");
        for concept in element.children("code") {
            if who.role.is_none() {
                who.role = words(concept);
            }
        }
        if let Some(reference) = element.child("practitioner") {
            self.professional(reference, value, who);
        }
        if let Some(reference) = element.child("organization") {
            who.organisation = self.organisation_at(reference, value);
        }
    }

    /// The organisation a reference leads to.
    pub(in crate::map) fn organisation_at(&self, reference: Element<'_>, holder: &'b Value) -> Option<Organisation> {
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
    pub(in crate::map) fn addressee_at(&self, reference: Element<'_>, holder: &'b Value) -> Option<Addressee> {
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
    pub(in crate::map) fn recipient_at(&self, reference: Element<'_>, holder: &'b Value) -> Option<Recipient> {
        let target =
            if is_logical(&reference) { Target::Logical(reference) } else { self.source.follow(reference, holder) };
        match target {
            Target::Resource { kind: "Organization", element, .. } => {
                let found = organisation(element)?;
                let ods = if found.party.is_some() { None } else { found.ods };
                Some(Recipient { party: found.party, ods, kind: None, name: found.name })
            }
            Target::Resource { mut element, value, .. } => {
                let found = glance(&mut element);
                self.source.give_back(element, value);
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
    pub(in crate::map) fn source_of(
        &self,
        reference: Element<'_>,
        holder: &'b Value,
    ) -> (Option<String>, Option<String>) {
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
                let mut found = Author::default();
                self.role(element, value, &mut found);
                let author = found.name.map(|name| name.line()).or(found.role);
                (author, found.organisation.map(|organisation| organisation.label().to_owned()))
            }
            Target::Resource { mut element, value, .. } => {
                let author = glance(&mut element).map(|name: PersonName| name.line());
                self.source.give_back(element, value);
                (author, None)
            }
        }
    }
}

/// Whether a reference names somebody by identifier or words alone. Such a one is kept as it stands where a document
/// keeps it as it stands: the bundle may hold the same organisation under another identifier as well.
pub(in crate::map) fn is_logical(reference: &Element<'_>) -> bool {
    reference.peek("reference").is_none()
}

/// The first name of a resource that is given back afterwards: nothing of it is reported here.
fn glance(element: &mut Element<'_>) -> Option<PersonName> {
    let mut found = None;
    for mut candidate in element.children("name") {
        if found.is_none() {
            let parts = candidate.split(&["use", "text", "family", "given", "prefix", "suffix"]);
            found = name(parts);
        }
        candidate.discard();
    }
    found
}

/// Practitioner: name and entry in a professional register.
fn practitioner(mut element: Element<'_>, who: &mut Author) {
    element.active();
    for mut identifier in element.children("identifier") {
        let body = identifier.parsed("system", |system| native_code(REGISTERS, system));
        if let (Some(body), None) = (body, &who.registration) {
            if matches!(identifier.peek("use").and_then(Value::as_str), Some("official" | "usual")) {
                identifier.keep(&["use"]);
            }
            who.registration = identifier.string("value").map(|number| Registration { body, number });
        }
    }
    for candidate in element.children("name") {
        if who.name.is_none() {
            who.name = name(candidate);
        }
    }
    let more = telecoms(&mut element, "telecom");
    who.telecoms.extend(more);
}

/// Organization, wherever it was found.
pub(in crate::map) fn organisation(mut element: Element<'_>) -> Option<Organisation> {
    element.active();
    let mut out = Organisation { name: element.string("name"), ..Organisation::default() };
    party_of(&mut element, &mut out.ods, &mut out.party);
    for mut kind in element.children("type") {
        out.sector = out.sector.or(code_of(&mut kind, codes::SECTOR, Sector::from_code));
    }
    out.telecoms = telecoms(&mut element, "telecom");
    for candidate in element.children("address") {
        if out.address.is_none() {
            out.address = address(candidate);
        }
    }
    (out.name.is_some() || out.ods.is_some() || out.party.is_some()).then_some(out)
}

/// Takes ODS code and directory id out of `identifier`; other identifiers are reported.
pub(in crate::map) fn party_of(element: &mut Element<'_>, ods: &mut Option<OdsCode>, party: &mut Option<PartyId>) {
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
pub(in crate::map) fn logical_organisation(element: Element<'_>) -> Option<Organisation> {
    let to = logical_addressee(element)?;
    Some(Organisation { name: to.name, ods: to.ods, party: to.party, ..Organisation::default() })
}

/// A team or organisation known only by identifier and display.
pub(in crate::map) fn logical_addressee(mut element: Element<'_>) -> Option<Addressee> {
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
fn logical_professional(element: Element<'_>, who: &mut Author) {
    let system = element.peek("identifier").and_then(|identifier| identifier.get("system")?.as_str());
    let typed = element.peek("type").and_then(Value::as_str);
    let is_organisation =
        matches!(system, Some(codes::ODS_ORGANISATION | codes::PARTY_ID)) || typed == Some("Organization");
    if is_organisation {
        who.organisation = logical_organisation(element);
        return;
    }
    let mut element = element;
    element.ignore(&["type"]);
    if let Some(display) = element.string("display") {
        who.name = Some(PersonName { text: Some(display), ..PersonName::default() });
    }
}
