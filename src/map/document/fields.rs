//! One field of a document as FHIR resources: an arm for each sort of content. `sections` reads what this writes.

use serde_json::json;

use super::content::Carried;
use super::write::Writer;
use crate::documents::parts::{Form, Formulation, Informed, Known, Review};
use crate::documents::{Content, Document, Field, Heading, Slot};
use crate::fhir::build::{also_profile, coding, concept, put};
use crate::fhir::codes;
use crate::map::write::consent::provision;
use crate::map::write::statement::Asked;
use crate::model::DataCategory;

/// What somebody the person wants informed may be told: the plan, and whose it is (CS-03).
pub(super) fn covered(plan: DataCategory) -> [DataCategory; 2] {
    [DataCategory::Demographics, plan]
}

impl<D: Document> Writer<'_, D> {
    /// The resources of one field, in the order of its entries.
    pub(super) fn field(&mut self, heading: &Heading<D>, field: &Field<D>) {
        let category = heading.category;
        let system = self.system.clone();
        let asked = Asked { system: &system, key: field.key, title: field.title, category, form: Form::Observation };
        match &field.content {
            Content::Observation(slot) => self.out.answer(&asked, (slot.get)(self.document)),
            Content::Flag(slot) => {
                self.out.answer(&Asked { form: Form::Flag, ..asked }, (slot.get)(self.document));
            }
            Content::Answer(slot) => self.one(&asked, (slot.get)(self.document)),
            Content::Encounter(slot) => self.one(&asked, (slot.get)(self.document)),
            Content::EpisodeOfCare(slot) => self.one(&asked, (slot.get)(self.document)),
            Content::LegalStatus(slot) => self.each(&asked, (slot.get)(self.document)),
            Content::Condition(slot) => self.each(&asked, (slot.get)(self.document)),
            Content::AllergyIntolerance(slot) => self.each(&asked, (slot.get)(self.document)),
            Content::Procedure(slot) => self.each(&asked, (slot.get)(self.document)),
            Content::ServiceRequest(slot) => self.each(&asked, (slot.get)(self.document)),
            Content::FollowUp(slot) => self.each(&asked, (slot.get)(self.document)),
            Content::Formulation(slot) => {
                let answers = (slot.get)(self.document).map(Formulation::answers).into_iter().flatten();
                for (place, answer) in Formulation::PLACES.iter().zip(answers) {
                    let title = format!("{}: {}", field.title, place.title);
                    self.out.answer(&Asked { key: place.key, title: &title, form: Form::Risk, ..asked }, answer);
                }
            }
            Content::RelatedPerson(slot) => {
                for (role, person) in self.listed(&asked, (slot.get)(self.document)) {
                    self.out.related(&role, person, None, category);
                }
            }
            Content::Contact(slot) => {
                for (role, contact) in self.listed(&asked, (slot.get)(self.document)) {
                    self.out.contact(&role, contact, category);
                }
            }
            Content::MedicationStatement(slot) => {
                let answer = (slot.get)(self.document);
                self.listed(&asked, answer);
                self.out.medication(field.key, answer.map_or(&[][..], Known::entries));
            }
            Content::Inform(slot) => self.informed(&asked, (slot.get)(self.document), "permit"),
            Content::DoNotInform(slot) => self.informed(&asked, (slot.get)(self.document), "deny"),
            Content::Goal(slot) => self.needs(&asked, (slot.get)(self.document)),
            Content::CareTeam(slot) => self.care_team(&asked, (slot.get)(self.document)),
            Content::QuestionnaireResponse(slot) => self.dialogs(&asked, (slot.get)(self.document)),
            Content::HelpWanted(slot) => {
                for (role, wanted) in self.listed(&asked, (slot.get)(self.document)) {
                    self.help_wanted(&role, &asked, wanted);
                }
            }
            Content::Lead(slot) => {
                for (role, lead) in self.listed(&asked, (slot.get)(self.document)) {
                    self.lead(&role, lead, category);
                }
            }
            Content::Asking(slot) => self.once(slot, |out, asking| out.asking(&asked, asking)),
            Content::Telling(slot) => self.once(slot, |out, telling| out.telling(&asked, telling)),
            Content::Request(slot) => self.once(slot, |out, request| out.request(&asked, request)),
            Content::Outcome(slot) => self.once(slot, |out, outcome| out.progress(&asked, outcome)),
            Content::Decision(slot) => self.once(slot, |out, decision| out.progress(&asked, decision)),
            Content::Consultation(slot) => self.once(slot, |out, first| out.consultation(&asked, first)),
            Content::Review(slot) => self.once(slot, |out, review| out.review(&asked, review)),
        }
    }

    /// A field that holds one entry.
    fn once<T: 'static>(&mut self, slot: &Slot<D, T>, write: impl FnOnce(&mut Self, &T)) {
        if let Some(entry) = (slot.get)(self.document) {
            write(self, entry);
        }
    }

    /// The resource of an answer that has one.
    fn one<T: Carried>(&mut self, asked: &Asked<'_>, answer: Option<&T>) {
        if let Some(entry) = answer {
            entry.write(&mut self.out, asked.key, asked);
        }
    }

    /// One resource an entry.
    fn each<T: Carried>(&mut self, asked: &Asked<'_>, answer: Option<&Known<T>>) {
        for (role, entry) in self.listed(asked, answer) {
            entry.write(&mut self.out, &role, asked);
        }
    }

    /// Entries of an answer with the role each has in the bundle; "none known" is written here.
    pub(super) fn listed<'e, T>(&mut self, asked: &Asked<'_>, answer: Option<&'e Known<T>>) -> Vec<(String, &'e T)> {
        if matches!(answer, Some(Known::NoneKnown)) {
            self.out.none_known(asked);
        }
        let entries = answer.map_or(&[][..], Known::entries).iter().enumerate();
        entries.map(|(place, entry)| (format!("{}:{place}", asked.key), entry)).collect()
    }

    /// A list of people as resources, and the Consent that makes a wish of each of them: the resources are for people to
    /// read, the Consent is what binds the gateway.
    fn informed(&mut self, asked: &Asked<'_>, answer: Option<&Known<Informed>>, kind: &str) {
        let people = self.listed(asked, answer);
        if people.is_empty() {
            return;
        }
        let covered = covered(asked.category);
        let covers: &[DataCategory] = if kind == "permit" { &covered } else { &[] };
        let mut provisions = Vec::new();
        for (role, who) in people {
            self.out.informed(&role, who, asked.category);
            provisions.push(provision(kind, &who.wish(covers), Some(&self.out.url(&role))));
        }
        let role = format!("{}:consent", asked.key);
        let mut out = self.out.consent_frame(&role, self.organisation(), (Some(self.frame.written), None), asked.title);
        also_profile(&mut out, codes::PEOPLE_LIST);
        let ours = coding(asked.system, asked.key, asked.title);
        let opt_in = (kind == "permit").then(|| coding(codes::ACT_CODE, "OPTIN", "opt-in"));
        put(&mut out, "policyRule", json!({"coding": std::iter::once(ours).chain(opt_in).collect::<Vec<_>>()}));
        put(&mut out, "provision", json!({"provision": provisions}));
        self.out.push_item(&role, out);
    }

    /// Task: look at the plan again.
    fn review(&mut self, asked: &Asked<'_>, review: &Review) {
        let lines = [format!("{}: {}", asked.title, review.line())];
        let mut out = self.out.resource("Task", asked.key, true, Some(asked.category), &lines);
        put(&mut out, "status", "requested");
        put(&mut out, "intent", "plan");
        put(&mut out, "code", concept(asked.system, asked.key, asked.title));
        put(&mut out, "for", self.out.refer("patient"));
        put(&mut out, "owner", review.by.as_ref().map(|by| json!({"display": by})));
        put(&mut out, "note", review.sooner.as_ref().map(|text| json!([{"text": text}])));
        put(&mut out, "restriction", json!({"period": {"end": review.date}}));
        self.out.push_item(asked.key, out);
    }
}
