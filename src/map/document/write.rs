//! Document → document Bundle: which resources there are and in which order. Deterministic: every id is derived from
//! the author's organisation, the kind and the document id.

use serde_json::{Map, Value, json};

use super::instant;
use crate::documents::parts::Unmapped;
use crate::documents::{Document, Frame, Heading};
use crate::fhir::build::{coding, concept, narrative, put, reference};
use crate::fhir::bundle::resource_type;
use crate::fhir::{Bundle, codes};
use crate::map::write::Entries;
use crate::map::write::parties::Roles;
use crate::map::{Mapped, extensions};
use crate::model::DataCategory;

/// How the author's resources are called in the bundle.
const AUTHOR: Roles =
    Roles { organisation: "organisation:author", practitioner: "practitioner", role: "role", words: "Author" };

/// Section of what another system said that has no place in the document: key and title.
const UNMAPPED: (&str, &str) = ("unmapped", "Content of other systems");

pub(super) fn bundle<D: Document>(document: &D) -> Mapped<Bundle> {
    let mut writer = Writer::new(document);
    writer.out.patient(writer.frame.person);
    writer.out.professional(writer.frame.author, &AUTHOR, writer.frame.author.is_professional());
    writer.out.take_items();
    for heading in D::HEADINGS {
        writer.heading(heading);
    }
    writer.attachments();
    writer.consent();
    if D::KIND.is_plan() {
        writer.care_plan();
    }
    writer.provenance();
    writer.unmapped();
    let frame = writer.frame;
    let id = writer.out.id("bundle");
    let mut entries = vec![writer.composition()];
    entries.append(&mut writer.out.into_list());
    let mut out = Map::new();
    put(&mut out, "id", id);
    put(
        &mut out,
        "meta",
        json!({"profile": [codes::ukcore("Bundle"), codes::own_profile(&codes::bundle_profile(D::KIND))]}),
    );
    put(&mut out, "identifier", json!({"system": codes::DOCUMENT_ID, "value": frame.id}));
    put(&mut out, "type", "document");
    put(&mut out, "timestamp", instant(frame.written));
    put(&mut out, "entry", entries);
    Mapped { value: Bundle::from_fields(out), notes: Vec::new() }
}

/// The document, the entries and the sections made of it.
pub(super) struct Writer<'a, D> {
    pub(super) document: &'a D,
    pub(super) frame: Frame<'a>,
    pub(super) out: Entries,
    pub(super) sections: Vec<Value>,
    /// Code system of the questions.
    pub(super) system: String,
    /// fullUrls of every resource that carries content.
    items: Vec<String>,
}

impl<'a, D: Document> Writer<'a, D> {
    fn new(document: &'a D) -> Self {
        let frame = document.frame();
        let sender = frame.author.organisation.as_ref().map_or("self", |organisation| organisation.label());
        let seed = format!("{sender}\u{1f}{}\u{1f}{}", D::KIND.code(), frame.id);
        Self {
            document,
            frame,
            out: Entries::new(&seed),
            sections: Vec::new(),
            system: codes::item_system(D::KIND),
            items: Vec::new(),
        }
    }

    /// Role in the bundle of the Organization of the author.
    pub(super) fn organisation(&self) -> Option<&'static str> {
        self.frame.author.organisation.as_ref().map(|_| AUTHOR.organisation)
    }

    /// The professional who wrote the document, in their role, or their organisation.
    fn professional(&self) -> Option<Value> {
        let role = self.frame.author.is_professional().then_some(AUTHOR.role);
        role.or_else(|| self.organisation()).map(|role| self.out.refer(role))
    }

    /// Everybody who wrote the document, the person first.
    pub(super) fn authors(&self) -> Vec<Value> {
        let person = self.frame.author.person.then(|| self.out.refer("patient"));
        person.into_iter().chain(self.professional()).collect()
    }

    /// One section with everything under its heading; none where there is nothing.
    fn heading(&mut self, heading: &Heading<D>) {
        for field in heading.fields {
            self.field(heading, field);
        }
        let national = heading.record_heading.map(|(code, words)| coding(codes::RECORD_HEADINGS, code, words));
        let snomed = heading.record_heading.and_then(|(key, _)| {
            let (_, code, words) = codes::SNOMED_HEADINGS.iter().find(|(known, ..)| *known == key)?;
            Some(coding(codes::SNOMED, code, words))
        });
        let ours = coding(codes::DOCUMENT_SECTION, heading.key, heading.title);
        let code = json!({"coding": national.into_iter().chain(snomed).chain([ours]).collect::<Vec<_>>()});
        let lines = heading.lines(self.document);
        self.section(heading.title, code, Some(heading.category), &lines);
    }

    /// A section of the resources added since the last one.
    fn section(&mut self, title: &str, code: Value, category: Option<DataCategory>, lines: &[String]) {
        let items = self.out.take_items();
        if items.is_empty() {
            return;
        }
        let category = category.map(|c| {
            let value = coding(codes::DATA_CATEGORY, c.code(), c.title());
            json!([{"url": extensions::SECTION_CATEGORY, "valueCoding": value}])
        });
        let mut out = Map::new();
        put(&mut out, "extension", category);
        put(&mut out, "title", title);
        put(&mut out, "code", code);
        put(&mut out, "text", narrative(lines));
        put(&mut out, "entry", items.iter().map(|url| reference(url)).collect::<Vec<_>>());
        self.sections.push(Value::Object(out));
        self.items.extend(items);
    }

    /// Attachments differ in category, so the section has none and its narrative names no file.
    fn attachments(&mut self) {
        self.out.attachments(self.frame.attachments);
        let code = concept(codes::DOCUMENT_SECTION, "attachments", "Attachments");
        let count = self.frame.attachments.len();
        self.section("Attachments", code, None, &[format!("Files sent along: {count}")]);
    }

    /// The position on sharing. The section's narrative is administrative: the wishes stand in the Consent.
    fn consent(&mut self) {
        let Some(position) = self.frame.consent else { return };
        self.out.consent(position, self.organisation());
        let mut section = Map::new();
        let national =
            coding(codes::RECORD_HEADINGS, "consent-for-information-sharing", "Consent for information sharing");
        let ours = coding(codes::DOCUMENT_SECTION, "consent", "Consent to share");
        put(&mut section, "title", "Consent to share");
        put(&mut section, "code", json!({"coding": [national, ours]}));
        put(&mut section, "text", narrative(&["Recorded wishes about sharing"]));
        put(&mut section, "entry", json!([self.out.refer("consent")]));
        self.sections.push(Value::Object(section));
    }

    /// What another system said that has no place here. It has no data category, and the narrative only counts it.
    fn unmapped(&mut self) {
        let urls = self.out.unmapped(self.frame.unmapped);
        if urls.is_empty() {
            return;
        }
        let mut section = Map::new();
        put(&mut section, "title", UNMAPPED.1);
        put(&mut section, "code", concept(codes::DOCUMENT_SECTION, UNMAPPED.0, UNMAPPED.1));
        put(&mut section, "text", narrative(&Unmapped::lines(self.frame.unmapped)));
        put(&mut section, "entry", urls.iter().map(|url| reference(url)).collect::<Vec<_>>());
        self.sections.push(Value::Object(section));
    }

    /// CarePlan (UKCore-CarePlan): the plan as record systems file it, pointing at everything in it. Kinds that are a data
    /// category of their own carry it here; the others mix many, and their CarePlan says nothing but where to look.
    fn care_plan(&mut self) {
        let category = DataCategory::from_code(D::KIND.code());
        let (code, words) = codes::CARE_PLAN;
        let wide = category.is_none().then(|| concept(codes::SNOMED, code, words));
        let mut out = self.out.resource("CarePlan", "plan", true, category, &[D::KIND.title()]);
        put(&mut out, "status", if self.frame.interim { "draft" } else { "active" });
        put(&mut out, "intent", "plan");
        put(&mut out, "category", std::iter::once(super::composition::kind::<D>()).chain(wide).collect::<Vec<_>>());
        put(&mut out, "title", D::KIND.title());
        put(&mut out, "subject", self.out.refer("patient"));
        put(&mut out, "created", self.frame.written);
        put(&mut out, "author", self.authors().into_iter().next());
        let by_url = self.out.by_url();
        let (mut goals, mut teams, mut actions, mut others) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for url in &self.items {
            let resource = by_url.get(url.as_str()).copied().unwrap_or(&Value::Null);
            match (resource_type(resource), resource.get("focus")) {
                (Some("Goal"), _) => goals.push(reference(url)),
                (Some("CareTeam"), _) => teams.push(reference(url)),
                (Some("Task"), Some(_)) => actions.push(json!({"reference": reference(url)})),
                _ => others.push(reference(url)),
            }
        }
        put(&mut out, "careTeam", teams);
        put(&mut out, "supportingInfo", others);
        put(&mut out, "goal", goals);
        put(&mut out, "activity", actions);
        self.out.push("plan", out);
    }

    /// Provenance of the document: who wrote it, in which organisation.
    fn provenance(&mut self) {
        let author = concept(codes::PROVENANCE_PARTICIPANT, "author", "Author");
        let agents: Vec<Value> =
            self.authors().into_iter().map(|who| json!({"type": author.clone(), "who": who})).collect();
        let mut out = self.out.resource("Provenance", "provenance", true, None, &["Who wrote the document"]);
        put(&mut out, "target", json!([self.out.refer("composition")]));
        put(&mut out, "recorded", instant(self.frame.written));
        put(&mut out, "agent", agents);
        self.out.push("provenance", out);
    }
}
