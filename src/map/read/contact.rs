//! Contacts in a crisis, and people to be informed or not, as resources and as the Consent that binds the gateway.

use serde_json::{Value, json};

use super::Subject;
use super::consent::{consent_frame, is_about_sharing};
use super::datatypes::{code_of, name_line, telecoms, words};
use super::parties::{is_logical, logical_addressee, party_of};
use crate::documents::parts::{Author, Contact, ContactKind, Informed, Known, Wish};
use crate::fhir::bundle::resource_type;
use crate::fhir::codes;
use crate::map::element::Element;
use crate::map::{NoteKind, extensions};
use crate::model::DataCategory;

impl<'b> Subject<'_, 'b> {
    /// PractitionerRole or HealthcareService as a contact.
    pub(in crate::map) fn contact(&self, place: usize, value: &'b Value) -> Option<Contact> {
        let professional = match resource_type(value) {
            Some("PractitionerRole") => true,
            Some("HealthcareService") => false,
            _ => return None,
        };
        let mut element = self.source.open(place);
        element.active();
        let other = if professional { ContactKind::Professional } else { ContactKind::Service };
        let mut out = Contact {
            kind: contact_kind(&mut element, if professional { "code" } else { "type" }).unwrap_or(other),
            name: None,
            party: None,
            ods: None,
            telecoms: telecoms(&mut element, "telecom"),
            available: element.string("availabilityExceptions"),
            notes: None,
        };
        if professional {
            out.name = element.child("practitioner").and_then(|reference| {
                let mut who = Author::default();
                self.professional(reference, value, &mut who);
                who.name.map(|name| name.line())
            });
            out.notes = element.extension_string(extensions::CONTACT_NOTE);
        } else {
            out.name = element.string("name");
            out.notes = element.string("comment");
            party_of(&mut element, &mut out.ods, &mut out.party);
        }
        let at = element.child(if professional { "organization" } else { "providedBy" });
        let at = at.and_then(|reference| {
            if is_logical(&reference) { logical_addressee(reference) } else { self.addressee_at(reference, value) }
        });
        if let Some(at) = at {
            out.party = out.party.or(at.party);
            out.ods = out.ods.or(at.ods);
            out.name = out.name.or(at.name);
        }
        Some(out)
    }

    /// RelatedPerson or Organization as somebody to be informed or not.
    pub(in crate::map) fn informed(&self, place: usize, value: &'b Value) -> Option<Informed> {
        let organisation = match resource_type(value) {
            Some("Organization") => true,
            Some("RelatedPerson") => false,
            _ => return None,
        };
        let mut element = self.source.open(place);
        element.active();
        let mut out = Informed { telecoms: telecoms(&mut element, "telecom"), ..Informed::default() };
        if organisation {
            out.name = element.string("name");
            party_of(&mut element, &mut out.ods, &mut out.party);
            out.notes = element.extension_string(extensions::CONTACT_NOTE);
        } else {
            element.ignore(&["patient"]);
            out.name = name_line(&mut element);
            out.relationship = element.children("relationship").into_iter().find_map(words);
            out.notes = element.extension_string(extensions::RELATED_PERSON_NOTE);
        }
        (out.name.is_some() || out.is_organisation()).then_some(out)
    }

    /// The Consent of a list: what it says of the people in the list is made anew from them; whoever it names beyond
    /// them joins the list. `effect` and `covers` are what a provision of this list says.
    pub(in crate::map) fn informed_consent(
        &self,
        place: usize,
        slot: &mut Option<Known<Informed>>,
        listed: &[usize],
        effect: &str,
        covers: &[DataCategory],
    ) {
        let value = self.source.value(place);
        if !is_about_sharing(value) {
            return;
        }
        let mut element = self.source.open(place);
        consent_frame(&mut element);
        element.ignore(&["dateTime"]);
        if let Some(mut rule) = element.child("policyRule") {
            rule.take_coding(|system, _| system.starts_with(codes::BASE).then_some(()));
            code_of(&mut rule, codes::ACT_CODE, |code| (code == "OPTIN").then_some(()));
        }
        let known = slot.as_ref().map_or(0, |list| list.entries().len());
        let nested = value.pointer("/provision/provision").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let ours = nested.len() <= known
            && nested.iter().all(|provision| {
                let actor = provision.pointer("/actor/0/reference");
                let of_list = actor.and_then(|actor| self.source.locate(actor)).is_some_and(|at| listed.contains(&at));
                of_list && is_plain(provision, effect, covers)
            });
        if ours && value.pointer("/provision").is_some_and(|root| root.as_object().is_some_and(|root| root.len() == 1))
        {
            element.apart(&["provision"]); // made anew from the list, as was just seen
            return;
        }
        let (permissions, objections) = self.wishes(&mut element, value);
        let (fitting, others) = if effect == "permit" { (permissions, objections) } else { (objections, permissions) };
        for wish in fitting {
            self.join(slot, wish, place);
        }
        if !others.is_empty() {
            let path = format!("Bundle.entry[{place}].resource.provision");
            self.source.notes.add(NoteKind::Dropped, path, "The list has no place for wishes of the other sort.");
        }
    }

    fn join(&self, slot: &mut Option<Known<Informed>>, wish: Wish, place: usize) {
        let path = format!("Bundle.entry[{place}].resource.provision");
        let plain = wish.from.is_none() && wish.until.is_none() && wish.categories.is_empty();
        let Some(to) = wish.recipient.filter(|to| to.kind.is_none()) else {
            self.source.notes.add(NoteKind::Dropped, path, "The list names people and organisations only.");
            return;
        };
        if !plain {
            self.source.notes.add(
                NoteKind::Dropped,
                path.as_str(),
                "The list has no period and no kinds of information.",
            );
        }
        let found = Informed { name: to.name, party: to.party, ods: to.ods, ..Informed::default() };
        let known = slot.as_ref().map_or(&[][..], Known::entries);
        if !known.iter().any(|entry| same(entry, &found)) {
            self.source.notes.add(NoteKind::Coerced, path, "Named in the Consent alone: put in the list.");
            Known::add(slot, found);
        }
    }
}

/// Whether two entries name the same party.
fn same(one: &Informed, other: &Informed) -> bool {
    let party = one.party.is_some() && one.party == other.party;
    let ods = one.ods.is_some() && one.ods == other.ods;
    party || ods || (!one.is_organisation() && one.name == other.name)
}

/// Whether a provision says no more than the list does: the effect, one actor, treatment, what the plan covers.
fn is_plain(provision: &Value, effect: &str, covers: &[DataCategory]) -> bool {
    let text = |pointer: &str| provision.pointer(pointer).and_then(Value::as_str);
    let keys_known = provision
        .as_object()
        .is_some_and(|fields| fields.keys().all(|key| ["type", "actor", "purpose", "class"].contains(&key.as_str())));
    let length = |key: &str| provision.get(key).and_then(Value::as_array).map_or(0, Vec::len);
    let classes = provision.get("class").and_then(Value::as_array).into_iter().flatten();
    let classes: Vec<&str> = classes.filter_map(|class| class.get("code")?.as_str()).collect();
    let only = |pointer: &str, known: &[&str]| {
        let found = provision.pointer(pointer).and_then(Value::as_object);
        found.is_none_or(|fields| fields.keys().all(|key| known.contains(&key.as_str())))
    };
    let roles = provision.pointer("/actor/0/role/coding").and_then(Value::as_array).map_or(0, Vec::len);
    let coded = ["system", "code", "display"];
    keys_known
        && roles <= 1
        && only("/actor/0", &["role", "reference"])
        && only("/actor/0/role", &["coding"])
        && only("/actor/0/role/coding/0", &coded)
        && only("/actor/0/reference", &["reference", "identifier", "display", "type"])
        && only("/purpose/0", &coded)
        && text("/type") == Some(effect)
        && length("actor") == 1
        && (length("purpose") == 0 || (length("purpose") == 1 && text("/purpose/0/code") == Some("TREAT")))
        && json!(classes) == json!(covers.iter().map(|category| category.code()).collect::<Vec<_>>())
}

/// The kind of a contact; a role in words of others is reported.
fn contact_kind(element: &mut Element<'_>, key: &str) -> Option<ContactKind> {
    let mut found = None;
    for mut concept in element.children(key) {
        found = found.or(code_of(&mut concept, codes::CONTACT_KIND, ContactKind::from_code));
    }
    found
}
