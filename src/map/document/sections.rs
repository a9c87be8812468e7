//! Sections of a Composition and the resources in them, put into the fields of the document. A section is known by our
//! code, else by the record standard heading; a resource by our item code, else by its type. What fits nowhere is left
//! unread and so reported.

use std::rc::Rc;

use serde_json::Value;

use super::content::letter::{Here, Own};
use super::content::{Carried, Followers, care_team, dialog, goal, key_of};
use super::kinds::{accepts, field_of, is_plain, is_score, kinds, reads_itself, stands_alone, subject};
use crate::documents::parts::{Formulation, HelpWanted, Informed, Known, Review, Statement, plain_text};
use crate::documents::{Content, Document, Field, Heading};
use crate::fhir::bundle::resource_type;
use crate::fhir::codes;
use crate::map::element::Element;
use crate::map::read::Subject;
use crate::map::read::about::{INACTIVE, disavowed};
use crate::map::read::datatypes::{annotations, code_of, date};
use crate::map::read::person::Relation;
use crate::map::read::statement::{Said, item_key, says_none_known, take_key};
use crate::map::{NoteKind, extensions};
use crate::model::DataCategory;

/// The document being filled, and which entries have been read into it.
pub(super) struct Sections<'s, 'b, D> {
    at: Subject<'s, 'b>,
    /// Code system of the questions.
    system: String,
    out: D,
    read: Vec<usize>,
    followers: Followers,
    own: Rc<Own>,
}

impl<'s, 'b, D: Document> Sections<'s, 'b, D> {
    pub(super) fn new(at: Subject<'s, 'b>, out: D) -> Self {
        let followers = Followers::of_bundle(&at);
        let system = codes::item_system(D::KIND);
        let own = Rc::new(Own::new(&system, &out.frame()));
        Self { at, system, out, read: Vec::new(), followers, own }
    }

    /// The document, and the places of the entries that are in it. Statements with an item code of ours that no section
    /// named are taken here, and needs, teams and surveys, which can only be meant in one way.
    pub(super) fn finish(mut self) -> (D, Vec<usize>) {
        for kind in ["Goal", "CareTeam", "QuestionnaireResponse", "Observation", "RiskAssessment"] {
            for (place, value) in self.at.about_patient(kind, "subject") {
                let key = key_of(value, &self.system);
                let heading = key.and_then(|key| D::HEADINGS.iter().find(|heading| field_of(heading, key).is_some()));
                let heading = heading.or_else(|| D::HEADINGS.iter().find(|heading| is_plain(heading, value)));
                if let Some(heading) = heading {
                    self.entry(heading, place, &[]);
                }
            }
        }
        self.outside_sections();
        (self.out, self.read)
    }

    /// Letters, requests and their outcomes of systems that put them in no section: the type says where they belong.
    fn outside_sections(&mut self) {
        for heading in D::HEADINGS {
            let alone = heading.fields.iter().filter(|field| stands_alone(&field.content));
            let kinds: Vec<&str> = alone.flat_map(|field| kinds(&field.content)).copied().collect();
            for kind in kinds {
                for (place, _) in self.at.about_patient(kind, subject(Some(kind)).unwrap_or("subject")) {
                    self.entry(heading, place, &[]);
                }
            }
        }
    }

    /// One section with the sections in it.
    pub(super) fn read(&mut self, mut section: Element<'_>) {
        for inner in section.children("section") {
            self.read(inner);
        }
        self.without_refused(&mut section);
        let mut ours = None;
        let whole = section.peek("code");
        if let Some(mut code) = section.child("code") {
            ours = code_of(&mut code, codes::DOCUMENT_SECTION, |key| Some(key.to_owned()));
            let snomed = code_of(&mut code, codes::SNOMED, |key| {
                codes::SNOMED_HEADINGS
                    .iter()
                    .find(|(_, known, _)| *known == key)
                    .map(|(heading, ..)| (*heading).to_owned())
            });
            let national = code_of(&mut code, codes::RECORD_HEADINGS, |key| Some(key.to_owned())).or(snomed);
            let by_key = ours.as_ref().and_then(|key| D::HEADINGS.iter().find(|heading| heading.key == key));
            let heading = by_key.or_else(|| {
                let wanted = national.as_ref().filter(|_| ours.is_none())?;
                D::HEADINGS.iter().find(|heading| heading.record_heading.is_some_and(|(key, _)| key == wanted))
            });
            if let Some(heading) = heading {
                code.keep(&["text"]);
                drop(code);
                self.under(heading, whole, section);
                return;
            }
        }
        if matches!(ours.as_deref(), Some("attachments" | "consent" | "unmapped")) {
            // made anew from the resources, which are read by their type
            section.ignore(&["title", "text", "entry"]);
        }
    }

    /// The narrative of a section that was made from entries which must not be read as facts is no fact either; the
    /// entries are kept whole.
    fn without_refused(&self, section: &mut Element<'_>) {
        let entries = section.peek("entry").and_then(Value::as_array).into_iter().flatten();
        let refused = entries.filter_map(|reference| self.at.source.locate(reference)).any(|place| {
            let value = self.at.source.value(place);
            disavowed(value).is_some() || self.at.is_others(value, subject(resource_type(value)))
        });
        let status = section.peek("text").and_then(|text| text.get("status")?.as_str());
        section.ignore_if(refused && matches!(status, Some("generated" | "extensions")), "text");
    }

    /// A section of ours, `code` as it came. Where nothing came of it, its title and code are kept for its words.
    fn under<'n>(&mut self, heading: &Heading<D>, code: Option<&'n Value>, mut section: Element<'n>) {
        let (notes, path, title) = (section.notes(), section.path(), section.peek("title"));
        section.implied("title", heading.title);
        section.keep(&["mode"]);
        let entries = section.children("entry");
        let mut found: Vec<usize> = entries
            .into_iter()
            .filter_map(|mut reference| {
                let place =
                    reference.peek("reference").and_then(Value::as_str).and_then(|url| self.at.source.find(url))?;
                reference.ignore(&["reference", "type"]);
                reference.keep_rest();
                Some(place)
            })
            .collect();
        // what holds others is read with them; a Consent speaks of the people beside it, so they come first
        found.sort_by_key(|place| match resource_type(self.at.source.value(*place)) {
            Some("CareTeam" | "Goal" | "QuestionnaireResponse") => 0,
            Some("Task") => 2,
            Some("Consent") => 3,
            _ => 1,
        });
        let read = found.iter().filter(|place| self.entry(heading, **place, &found)).count();
        let added = section.peek("text").and_then(|text| text.get("status")?.as_str()) == Some("additional");
        if read > 0 {
            category(heading, &mut section);
            section.ignore_if(!added, "text");
        }
        let worded = read == 0 && found.is_empty() && self.words(heading, &mut section);
        if read == 0 && !worded {
            for (key, value) in [("title", title), ("code", code)].into_iter().filter_map(|(k, v)| Some((k, v?))) {
                notes.keep(&format!("{path}.{key}"), value);
            }
        }
    }

    /// A section that is nothing but words: they become a statement, if the heading has a place for one; says whether
    /// they did.
    fn words(&mut self, heading: &Heading<D>, section: &mut Element<'_>) -> bool {
        let Some(slot) = heading.fields.iter().find_map(|field| match &field.content {
            Content::Observation(slot) | Content::Flag(slot) => Some(slot),
            _ => None,
        }) else {
            return false;
        };
        let Some(text) = section.peek("text").and_then(|text| text.get("div")?.as_str()).and_then(plain_text) else {
            return false;
        };
        section.ignore(&["text"]);
        category(heading, section);
        section.coerced("text", "The narrative of the section is kept as a statement.");
        let statement = Statement::of(text);
        Known::add((slot.slot)(&mut self.out), statement);
        true
    }

    /// Reads one resource of a section; says whether there was a place for it. `beside` are all the entries of the section.
    fn entry(&mut self, heading: &Heading<D>, place: usize, beside: &[usize]) -> bool {
        let value = self.at.source.value(place);
        if self.read.contains(&place) {
            return false;
        }
        let key = key_of(value, &self.system);
        let field = key
            .and_then(|key| std::iter::once(heading).chain(D::HEADINGS).find_map(|heading| field_of(heading, key)))
            .or_else(|| D::HEADINGS.iter().flat_map(|heading| heading.fields).find(|field| is_score(field, value)))
            .or_else(|| heading.fields.iter().find(|field| accepts(&field.content, resource_type(value))));
        let Some(field) = field else { return false };
        // an objection to somebody holds whatever has become of them
        let objection = matches!(field.content, Content::DoNotInform(_)) && disavowed(value) == Some(INACTIVE);
        let key = subject(resource_type(value));
        let admitted = if objection { self.at.is_ours(place, value, key) } else { self.at.admits(place, value, key) };
        if !admitted {
            return false;
        }
        self.read.push(place);
        if !self.take(field, place, value, beside) {
            let path = format!("Bundle.entry[{place}].resource");
            self.at.source.notes.add(NoteKind::Coerced, path, "Something is known after all: the entries count.");
        }
        true
    }

    /// Puts a resource into its field; says whether there was room, for "none known" has none beside entries.
    fn take(&mut self, field: &Field<D>, place: usize, value: &'b Value, beside: &[usize]) -> bool {
        let kind = resource_type(value).unwrap_or_default();
        let in_words = matches!(field.content, Content::Observation(_) | Content::Flag(_));
        let here = Here { at: self.at, place, own: Rc::clone(&self.own) };
        let said = match kind {
            "Observation" if reads_itself(&field.content) && !says_none_known(value) => Said::Nothing,
            "Observation" if is_score(field, value) => Said::Nothing,
            "Observation" => self.at.observation(place, &self.system, in_words),
            "Flag" if in_words => self.at.flag(place, &self.system),
            "RiskAssessment" => self.at.risk(place, &self.system),
            _ => Said::Nothing,
        };
        match &field.content {
            Content::Observation(slot) | Content::Flag(slot) => said.put((slot.slot)(&mut self.out)),
            Content::Answer(slot) => self.one(slot.slot, place, kind),
            Content::Encounter(slot) => self.one(slot.slot, place, kind),
            Content::EpisodeOfCare(slot) => self.one(slot.slot, place, kind),
            Content::LegalStatus(slot) => self.each(slot.slot, place, kind, &said),
            Content::Condition(slot) => self.each(slot.slot, place, kind, &said),
            Content::AllergyIntolerance(slot) => self.each(slot.slot, place, kind, &said),
            Content::Procedure(slot) => self.each(slot.slot, place, kind, &said),
            Content::ServiceRequest(slot) => self.each(slot.slot, place, kind, &said),
            Content::FollowUp(slot) => self.each(slot.slot, place, kind, &said),
            Content::HelpWanted(slot) => self.help_wanted(slot.slot, &here, &said),
            Content::Lead(slot) => {
                let found = (kind == "CareTeam").then(|| here.lead()).flatten();
                if kind == "CareTeam" && found.is_none() {
                    self.at.source.keep_whole(place);
                }
                list((slot.slot)(&mut self.out), &said, found)
            }
            Content::Asking(slot) => self.only(slot.slot, place, || here.asking()),
            Content::Telling(slot) => self.only(slot.slot, place, || here.telling()),
            Content::Request(slot) => self.only(slot.slot, place, || here.request(D::KIND)),
            Content::Outcome(slot) => self.only(slot.slot, place, || here.progress()),
            Content::Decision(slot) => self.only(slot.slot, place, || here.progress()),
            Content::Consultation(slot) => self.only(slot.slot, place, || here.consultation()),
            Content::Formulation(slot) => {
                let key = item_key(value, &self.system);
                let answer = Formulation::PLACES.iter().find(|p| Some(p.key) == key).or(Formulation::PLACES.first());
                let formulation = (slot.slot)(&mut self.out).get_or_insert_default();
                answer.is_none_or(|answer| said.put((answer.slot)(formulation)))
            }
            Content::RelatedPerson(slot) => {
                let found = if kind == "RelatedPerson" { self.at.related(place) } else { None };
                if found.as_ref().is_some_and(|(relation, _)| *relation != Relation::Other) {
                    let path = format!("Bundle.entry[{place}].resource.relationship");
                    self.at.source.notes.add(
                        NoteKind::Dropped,
                        path,
                        "The list does not say who is carer or next of kin.",
                    );
                }
                list((slot.slot)(&mut self.out), &said, found.map(|(_, person)| person))
            }
            Content::Contact(slot) => {
                let found = self.at.contact(place, value);
                list((slot.slot)(&mut self.out), &said, found)
            }
            Content::MedicationStatement(slot) => {
                let found = if kind.starts_with("Medication") { self.at.medication(place) } else { None };
                list((slot.slot)(&mut self.out), &said, found)
            }
            Content::Inform(slot) if kind == "Consent" => self.wishes(slot.slot, place, beside, "permit"),
            Content::DoNotInform(slot) if kind == "Consent" => self.wishes(slot.slot, place, beside, "deny"),
            Content::Inform(slot) | Content::DoNotInform(slot) => {
                list((slot.slot)(&mut self.out), &said, self.at.informed(place, value))
            }
            Content::Goal(slot) => {
                let tasks = self.followers.of(place);
                let found = goal::read(&self.at, place, value, tasks, &self.system);
                self.read.extend(tasks);
                list((slot.slot)(&mut self.out), &said, found)
            }
            Content::CareTeam(slot) => {
                let slot = (slot.slot)(&mut self.out);
                self.read.extend(care_team::take(&self.at, place, value, &self.system, slot));
                list(slot, &said, None)
            }
            Content::QuestionnaireResponse(slot) => {
                let slot = (slot.slot)(&mut self.out);
                let scores = self.followers.of(place);
                self.read.extend(scores);
                dialog::take(&self.at, place, value, scores, slot);
                list(slot, &said, None)
            }
            Content::Review(slot) => {
                let system = self.system.clone();
                self.only(slot.slot, place, || review(&here.at, place, &system))
            }
        }
    }

    /// An entry of a field that has one resource an entry; says whether there was room.
    fn each<T: Carried>(&mut self, slot: Place<D, Known<T>>, place: usize, kind: &str, said: &Said) -> bool {
        let reads = kind == T::RESOURCE && !matches!(said, Said::NoneKnown);
        let found = if reads { self.carried(place) } else { None };
        list(slot(&mut self.out), said, found)
    }

    /// The answer to a question that has one answer only; a second is reported.
    fn one<T: Carried>(&mut self, slot: Place<D, T>, place: usize, kind: &str) -> bool {
        // a second answer is left unread, and so kept and reported
        if kind == T::RESOURCE && slot(&mut self.out).is_none() {
            *slot(&mut self.out) = self.carried(place);
        }
        true
    }

    /// The Consent that makes wishes of a list of people.
    fn wishes(&mut self, slot: Place<D, Known<Informed>>, place: usize, beside: &[usize], effect: &str) -> bool {
        let plan = DataCategory::from_code(D::KIND.code()).unwrap_or(DataCategory::SafetyPlan);
        let covered = super::fields::covered(plan);
        let covers: &[DataCategory] = if effect == "permit" { &covered } else { &[] };
        self.at.informed_consent(place, slot(&mut self.out), beside, effect, covers);
        true
    }

    fn help_wanted(&mut self, slot: Place<D, Known<HelpWanted>>, here: &Here<'_, '_>, said: &Said) -> bool {
        match here.help_wanted() {
            Some(Known::NoneKnown) => list(slot(&mut self.out), &Said::NoneKnown, None),
            Some(Known::Listed(found)) => list(slot(&mut self.out), said, found.into_iter().next()),
            None => {
                self.at.source.keep_whole(here.place);
                true
            }
        }
    }

    /// Fills a field that holds one entry; a second resource is left unread, and so kept and reported.
    fn only<T>(&mut self, slot: Place<D, T>, place: usize, read: impl FnOnce() -> Option<T>) -> bool {
        if slot(&mut self.out).is_none() {
            let found = read();
            if found.is_none() {
                self.at.source.keep_whole(place);
            }
            *slot(&mut self.out) = found;
        }
        true
    }

    /// What one resource says; where it says nothing we understand, it is kept whole.
    fn carried<T: Carried>(&self, place: usize) -> Option<T> {
        let found = T::read(&self.at, place, &self.system);
        if found.is_none() {
            self.at.source.keep_whole(place);
        }
        found
    }
}

/// Where in a document something goes.
type Place<D, T> = fn(&mut D) -> &mut Option<T>;

/// Passes over the data category of a section, if it is the one its heading has in a document of ours.
fn category<D>(heading: &Heading<D>, section: &mut Element<'_>) {
    let Some(mark) = section.extension(extensions::SECTION_CATEGORY) else { return };
    let said = mark.peek("valueCoding").and_then(|coding| coding.get("code")?.as_str());
    if said == Some(heading.category.code()) {
        mark.discard();
    } else {
        mark.keep_rest();
    }
}

/// Adds an entry, or "none known" where there is no answer yet; says whether there was room.
fn list<T>(slot: &mut Option<Known<T>>, said: &Said, found: Option<T>) -> bool {
    match found {
        Some(entry) => Known::add(slot, entry),
        None if matches!(said, Said::NoneKnown) => {
            return matches!(slot.get_or_insert(Known::NoneKnown), Known::NoneKnown);
        }
        None => {}
    }
    true
}

fn review(at: &Subject<'_, '_>, place: usize, system: &str) -> Option<Review> {
    let status = at.source.value(place).get("status").and_then(Value::as_str);
    if matches!(status, Some("cancelled" | "rejected" | "failed")) {
        at.source.refuse(place, "It says that the review is not to be.");
        return None;
    }
    let mut task = at.source.open(place);
    task.ignore(&["for"]);
    task.accept("intent", "plan", &["order", "proposal"]);
    task.expect("status", &["requested"]);
    take_key(&mut task, system);
    let by = task.child("owner").and_then(|mut owner| owner.string("display"));
    let sooner = annotations(&mut task, "note");
    let mut period = task.child("restriction")?.child("period")?;
    let date = date(&mut period, "end")?;
    Some(Review { date, by, sooner })
}
