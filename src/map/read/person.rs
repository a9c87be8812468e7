//! Patient and RelatedPerson.

use serde_json::Value;

use super::Subject;
use super::datatypes::{address, code_of, name, telecoms, words};
use super::parties::{logical_organisation, organisation};
use crate::documents::parts::{
    ContactPreferences, ETHNIC_CATEGORIES, EthnicOrigin, Gender, Identifier, Language, NhsNumberAnswer, Person,
    PersonName, RelatedPerson,
};
use crate::fhir::codes;
use crate::map::code_table::{METHOD, Table, UNAVAILABLE, VERIFICATION, WRITTEN, native_code};
use crate::map::element::Element;
use crate::map::extensions;
use crate::map::source::Target;

/// What a related person is to the person the document is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::map) enum Relation {
    NextOfKin,
    Carer,
    Dependant,
    Other,
}

impl<'b> Subject<'_, 'b> {
    /// Patient, and the contacts that stand in it.
    pub(in crate::map) fn person(&self) -> (Person, Vec<(Relation, RelatedPerson)>) {
        let value = self.source.value(self.patient);
        let mut patient = self.source.open(self.patient);
        let mut person = Person::default();
        patient.active();
        number(&mut patient, &mut person);
        for candidate in patient.children("name") {
            person.names.extend(name(candidate));
        }
        identifiable(&patient, &mut person);
        person.telecoms = telecoms(&mut patient, "telecom");
        person.gender = patient.parsed("gender", Gender::from_code);
        person.birth_date = patient.string("birthDate");
        person.addresses = patient.children("address").into_iter().filter_map(address).collect();
        person.ethnic_origin = ethnic_origin(&mut patient);
        person.language = language(&mut patient);
        person.interpreter_required = patient.extension_boolean(extensions::INTERPRETER_REQUIRED);
        person.contact_preferences = preferences(&mut patient);
        for reference in patient.children("generalPractitioner") {
            self.practice(reference, value, &mut person);
        }
        let contacts = patient.children("contact").into_iter().filter_map(contact).collect();
        (person, contacts)
    }

    fn practice(&self, reference: Element<'_>, holder: &'b Value, person: &mut Person) {
        match self.source.follow(reference, holder) {
            Target::Resource { kind: "Organization", element, .. } if person.gp_practice.is_none() => {
                person.gp_practice = organisation(element);
            }
            Target::Resource { kind: "PractitionerRole", mut element, value } => {
                if let Some(at) = element.child("organization") {
                    person.gp_practice = person.gp_practice.take().or(self.organisation_at(at, value));
                }
                if let Some(doctor) = element.child("practitioner") {
                    self.practice(doctor, value, person);
                }
            }
            Target::Resource { kind: "Practitioner", mut element, .. } if person.usual_gp.is_none() => {
                person.usual_gp = super::datatypes::name_line(&mut element);
            }
            Target::Resource { element, .. } => drop(element),
            Target::Logical(element) => {
                let system = element.peek("identifier").and_then(|identifier| identifier.get("system")?.as_str());
                if matches!(system, Some(codes::ODS_ORGANISATION | codes::PARTY_ID)) && person.gp_practice.is_none() {
                    person.gp_practice = logical_organisation(element);
                } else if person.usual_gp.is_none() {
                    let mut element = element;
                    element.ignore(&["type"]);
                    person.usual_gp = element.string("display");
                }
            }
        }
    }

    /// RelatedPerson; `None` when it says nothing.
    pub(in crate::map) fn related(&self, place: usize) -> Option<(Relation, RelatedPerson)> {
        let mut element = self.source.open(place);
        element.ignore(&["patient"]);
        element.active();
        let (relation, relationship) = relation(element.children("relationship"));
        let copy_url = codes::ukcore_extension("CopyCorrespondenceIndicator");
        let related = RelatedPerson {
            name: first(&mut element, "name", name),
            relationship,
            birth_date: element.string("birthDate"),
            lives_with_person: element.extension_boolean(extensions::LIVES_WITH_PERSON),
            telecoms: telecoms(&mut element, "telecom"),
            address: first(&mut element, "address", address),
            may_receive_letters: element.extension_boolean(&copy_url),
            notes: element.extension_string(extensions::RELATED_PERSON_NOTE),
        };
        (related != RelatedPerson::default()).then_some((relation, related))
    }
}

/// Patient.contact, which others use where we have RelatedPerson.
fn contact(mut contact: Element<'_>) -> Option<(Relation, RelatedPerson)> {
    let (relation, relationship) = relation(contact.children("relationship"));
    let related = RelatedPerson {
        name: contact.child("name").and_then(name),
        relationship,
        telecoms: telecoms(&mut contact, "telecom"),
        address: contact.child("address").and_then(address),
        ..RelatedPerson::default()
    };
    (related != RelatedPerson::default()).then_some((relation, related))
}

/// The first element of a list that says something; the others are reported.
fn first<'n, T>(element: &mut Element<'n>, key: &str, read: impl Fn(Element<'n>) -> Option<T>) -> Option<T> {
    let mut found = None;
    for candidate in element.children(key) {
        if found.is_none() {
            found = read(candidate);
        }
    }
    found
}

/// A person must have a family or a given name somewhere; a name in one text becomes the family name.
fn identifiable(patient: &Element<'_>, person: &mut Person) {
    let in_parts = |name: &PersonName| name.family.is_some() || !name.given.is_empty();
    if person.names.iter().any(in_parts) {
        return;
    }
    if let Some(name) = person.names.first_mut() {
        name.family = name.text.take();
        patient.coerced("name", "The name came in one text and is kept as family name.");
    }
}

fn number(patient: &mut Element<'_>, person: &mut Person) {
    for mut identifier in patient.children("identifier") {
        let system = identifier.peek("system").and_then(Value::as_str).map(str::to_owned);
        let taken = person.nhs_number.is_some();
        match system.as_deref() {
            Some(codes::NHS_NUMBER) if !taken && identifier.peek("value").is_some() => {
                identifier.ignore(&["system"]);
                if matches!(identifier.peek("use").and_then(Value::as_str), Some("official" | "usual")) {
                    identifier.keep(&["use"]);
                }
                let url = codes::ukcore_extension("NHSNumberVerificationStatus");
                let status = identifier.extension(&url).and_then(|mut mark| mark.child("valueCodeableConcept"));
                let verification = status.and_then(|mut concept| {
                    code_of(&mut concept, codes::NHS_NUMBER_VERIFICATION, |code| native_code(VERIFICATION, code))
                });
                let value = identifier.string("value");
                person.nhs_number = Some(NhsNumberAnswer { value, verification, ..NhsNumberAnswer::default() });
            }
            Some(codes::NHS_NUMBER) | None => {}
            Some(other) => {
                if let Some(value) = identifier.string("value") {
                    identifier.ignore(&["system"]);
                    person.other_identifiers.push(Identifier { system: other.to_owned(), value });
                }
            }
        }
    }
    let url = codes::ukcore_extension("NHSNumberUnavailableReason");
    let reason = patient.extension(&url).and_then(|mut mark| mark.child("valueCodeableConcept"));
    if let (Some(mut reason), None) = (reason, &person.nhs_number) {
        let code = code_of(&mut reason, codes::NHS_NUMBER_UNAVAILABLE, |code| native_code(UNAVAILABLE, code));
        if code.is_some() {
            let detail = reason.string("text");
            person.nhs_number = Some(NhsNumberAnswer { unavailable: code, detail, ..NhsNumberAnswer::default() });
        }
    }
}

fn ethnic_origin(patient: &mut Element<'_>) -> Option<EthnicOrigin> {
    let mut concept = patient.extension(&codes::ukcore_extension("EthnicCategory"))?.child("valueCodeableConcept")?;
    let known = |code: &str| ETHNIC_CATEGORIES.iter().any(|(entry, _)| *entry == code).then(|| code.to_owned());
    let code = code_of(&mut concept, codes::ETHNIC_CATEGORY, known);
    let text = if code.is_some() { concept.string("text") } else { words(concept) };
    (code.is_some() || text.is_some()).then_some(EthnicOrigin { code, text })
}

/// The preferred language, else the first.
fn language(patient: &mut Element<'_>) -> Option<Language> {
    let mut spoken = patient.children("communication");
    let preferred = spoken.iter().position(|one| one.peek("preferred").and_then(Value::as_bool) == Some(true));
    if spoken.is_empty() {
        return None;
    }
    let mut one = spoken.swap_remove(preferred.unwrap_or(0));
    if one.peek("preferred") == Some(&Value::Bool(true)) {
        one.boolean("preferred");
    }
    one.keep(&["preferred"]);
    let mut concept = one.child("language")?;
    let tag = code_of(&mut concept, codes::BCP47, |code| Some(code.to_owned()));
    let code = tag.filter(|code| code != "und");
    let name = if concept.peek("text").is_some() || code.is_none() { words(concept) } else { None };
    let name = name.or_else(|| {
        one.coerced("language", "The language has no name but its tag.");
        code.clone()
    })?;
    Some(Language { code, name })
}

fn preferences(patient: &mut Element<'_>) -> Option<ContactPreferences> {
    let mut wish = ContactPreferences::default();
    if let Some(mut mark) = patient.extension(&codes::ukcore_extension("ContactPreference")) {
        wish.method = preferred(&mut mark, "PreferredContactMethod", codes::CONTACT_METHOD, METHOD);
        wish.times = mark.extension_string("PreferredContactTimes");
        wish.written_format =
            preferred(&mut mark, "PreferredWrittenCommunicationFormat", codes::WRITTEN_FORMAT, WRITTEN);
    }
    wish.notes = patient.extension_string(extensions::CONTACT_NOTES);
    (wish != ContactPreferences::default()).then_some(wish)
}

fn preferred<T: Copy>(mark: &mut Element<'_>, url: &str, system: &str, table: Table<T>) -> Option<T> {
    let mut concept = mark.extension(url)?.child("valueCodeableConcept")?;
    code_of(&mut concept, system, |code| native_code(table, code))
}

/// What the relationships of somebody amount to, and how they are put in words.
fn relation(concepts: Vec<Element<'_>>) -> (Relation, Option<String>) {
    let mut relation = Relation::Other;
    let mut text = None;
    for mut concept in concepts {
        if relation == Relation::Other {
            let role = code_of(&mut concept, codes::PERSON_RELATIONSHIP, |code| match code {
                "Carer" => Some(Relation::Carer),
                "Dependant" => Some(Relation::Dependant),
                _ => None,
            });
            let kin =
                || code_of(&mut concept, codes::CONTACT_ROLE, |code| (code == "N").then_some(Relation::NextOfKin));
            relation = role.or_else(kin).unwrap_or(Relation::Other);
        }
        if text.is_none() {
            text = words(concept);
        }
    }
    (relation, text)
}
