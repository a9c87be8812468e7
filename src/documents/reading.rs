//! A plan or letter in words: its headings in the order in which a reader needs them, its fields each by what it holds.
//! Says only what the document says; in a letter to the person how to get help comes first, and what was asked about and
//! came to nothing stands together at the end.

use super::parts::{
    Allergy, Contact, Diagnosis, Dialog, FollowUp, HelpWanted, Informed, Lead, LegalStatus, Medication, Need,
    Procedure, RelatedPerson, Service, TeamMember,
};
use super::parts::{
    Asking, Consultation, Formulation, NONE, Progress, Reader, Request, Section, Sections, Statement, Telling, capital,
};
use super::table::{Content, Document, Field, Heading};

/// Headings that stand before all others in a letter to the person (L1540): whoever needs them does not read far.
const FIRST: &[&str] = &["getting-help"];

/// Questions with a yes or no that are put as a claim ("You have My Recovery Plan"): under these words "no" is no riddle.
const ASKED: &[(&str, &str)] = &[
    ("shared-care", "Whether your GP prescribes for you (shared care)"),
    ("section-117", "Section 117 aftercare (free care after being detained)"),
    ("recovery-plan", "My Recovery Plan"),
    ("workbook", "The Mental Health and Wellbeing Workbook"),
];

/// Over the questions that came to nothing.
const NOTHING: &str = "We also asked about these, and know of nothing to add";

/// The document in words. Headings without content are left out.
pub(super) fn readable<D: Document>(document: &D) -> Vec<Section> {
    let frame = document.frame();
    let reader = frame.reader(D::KIND);
    let mut out = Sections::default();
    out.add(reader.say("Who", "About you", "About me"), frame.person.who(reader));
    let first = |heading: &&Heading<D>| reader.is_you() && FIRST.contains(&heading.key);
    let mut nothing = Vec::new();
    for heading in D::HEADINGS.iter().filter(first) {
        heading.read_out(document, &mut nothing, &mut out);
    }
    for mark in D::MARKS {
        out.add(mark.title, (mark.get)(document).map(|(_, words)| capital(words)).into_iter().collect());
    }
    if frame.interim {
        out.add("Interim", vec!["A full document follows.".to_owned()]);
    }
    for heading in D::HEADINGS.iter().filter(|heading| !first(heading)) {
        heading.read_out(document, &mut nothing, &mut out);
    }
    out.add(NOTHING, nothing);
    frame.read_out(reader, &mut out);
    out.into_vec()
}

impl<D: Document> Heading<D> {
    /// Reads out every field; in a letter to the person the questions that came to nothing are handed back.
    fn read_out(&self, document: &D, nothing: &mut Vec<String>, out: &mut Sections) {
        let frame = document.frame();
        let reader = frame.reader(D::KIND);
        for field in self.fields {
            let said = field.said(document, reader);
            let none = said.iter().all(|section| section.lines == [NONE]);
            if reader.is_you() && none && !field.matters() {
                nothing.extend(said.into_iter().map(|section| section.heading));
            } else {
                out.append(said);
            }
        }
    }

    /// What stands under this heading, one line an entry, each beginning with its question.
    #[must_use]
    pub fn lines(&self, document: &D) -> Vec<String> {
        let frame = document.frame();
        let reader = frame.reader(D::KIND);
        let sections = self.fields.iter().flat_map(|field| field.said(document, reader));
        sections.flat_map(|s| s.lines.into_iter().map(move |line| format!("{}: {line}", s.heading))).collect()
    }
}

impl<D: Document> Field<D> {
    /// Whether "none known" is an answer in its own right: the trust requires it, or lives hang on it.
    fn matters(&self) -> bool {
        let asked = |pointer: &str| pointer.trim_start_matches('/').replace('_', "-") == self.key;
        matches!(self.content, Content::AllergyIntolerance(_))
            || D::REQUIRED.iter().any(|requirement| asked(requirement.item.pointer))
    }

    fn said(&self, document: &D, reader: Reader<'_>) -> Vec<Section> {
        let put = ASKED.iter().find(|(key, _)| *key == self.key && matches!(self.content, Content::Answer(_)));
        let title = put.filter(|_| reader.is_you()).map_or(self.title, |(_, words)| *words);
        let mut out = Sections::default();
        self.content.read_out(document, title, reader, &mut out);
        out.into_vec()
    }
}

impl<D: Document> Content<D> {
    fn read_out(&self, document: &D, title: &str, reader: Reader<'_>, out: &mut Sections) {
        match self {
            Self::Observation(slot) | Self::Flag(slot) => {
                out.known(title, (slot.get)(document), |said: &Statement| said.line_for(reader));
            }
            Self::Answer(slot) => out.add(title, (slot.get)(document).iter().map(|answer| answer.line()).collect()),
            Self::LegalStatus(slot) => out.known(title, (slot.get)(document), LegalStatus::line),
            Self::Condition(slot) => out.known(title, (slot.get)(document), Diagnosis::line),
            Self::AllergyIntolerance(slot) => out.known(title, (slot.get)(document), Allergy::line),
            Self::Procedure(slot) => out.known(title, (slot.get)(document), Procedure::line),
            Self::Encounter(slot) => out.add(title, (slot.get)(document).iter().map(|stay| stay.line()).collect()),
            Self::EpisodeOfCare(slot) => out.add(title, (slot.get)(document).iter().map(|care| care.line()).collect()),
            Self::ServiceRequest(slot) => {
                out.known(title, (slot.get)(document), |service: &Service| service.line_for(reader));
            }
            Self::FollowUp(slot) => out.known(title, (slot.get)(document), FollowUp::line),
            Self::RelatedPerson(slot) => {
                out.known(title, (slot.get)(document), |related: &RelatedPerson| related.line_for(reader));
            }
            Self::HelpWanted(slot) => out.known(title, (slot.get)(document), HelpWanted::line),
            Self::Lead(slot) => out.known(title, (slot.get)(document), Lead::line),
            Self::Asking(slot) => out.add(title, (slot.get)(document).map(Asking::lines).unwrap_or_default()),
            Self::Telling(slot) => out.add(title, (slot.get)(document).map(Telling::lines).unwrap_or_default()),
            Self::Request(slot) => out.add(title, (slot.get)(document).map(Request::lines).unwrap_or_default()),
            Self::Outcome(slot) => out.add(title, (slot.get)(document).map(Progress::lines).unwrap_or_default()),
            Self::Decision(slot) => out.add(title, (slot.get)(document).map(Progress::lines).unwrap_or_default()),
            Self::Consultation(slot) => {
                out.add(title, (slot.get)(document).map(Consultation::lines).unwrap_or_default());
            }
            Self::Contact(slot) => {
                out.known(title, (slot.get)(document), |contact: &Contact| contact.line_for(reader));
            }
            Self::MedicationStatement(slot) => {
                out.known(title, (slot.get)(document), |medicine: &Medication| medicine.line_for(reader));
            }
            Self::Inform(slot) | Self::DoNotInform(slot) => out.known(title, (slot.get)(document), Informed::line),
            Self::Review(slot) => out.add(title, (slot.get)(document).iter().map(|review| review.line()).collect()),
            Self::Goal(slot) => out.known(title, (slot.get)(document), |need: &Need| need.in_words_for(reader)),
            Self::CareTeam(slot) => out.known(title, (slot.get)(document), TeamMember::line),
            Self::QuestionnaireResponse(slot) => out.known(title, (slot.get)(document), Dialog::in_words),
            Self::Formulation(slot) => {
                let answers = (slot.get)(document).map(Formulation::answers).into_iter().flatten();
                let mut sides = Sections::default();
                for (place, answer) in Formulation::PLACES.iter().zip(answers) {
                    let side =
                        if reader.is_you() { place.to_person.to_owned() } else { format!("{title}: {}", place.title) };
                    sides.known(&side, answer, |said: &Statement| said.line_for(reader));
                }
                formulation(title, sides.into_vec(), reader, out);
            }
        }
    }
}

/// The five Ps: each under its own heading, or, in a letter to the person, as one list.
fn formulation(title: &str, sides: Vec<Section>, reader: Reader<'_>, out: &mut Sections) {
    if !reader.is_you() {
        out.append(sides);
    } else if sides.iter().all(|side| side.lines == [NONE]) {
        out.add(title, sides.into_iter().take(1).flat_map(|side| side.lines).collect());
    } else {
        let lines = sides.into_iter().flat_map(|side| {
            let heading = capital(&side.heading);
            side.lines.into_iter().map(move |line| format!("{heading}: {line}"))
        });
        out.add(title, lines.collect());
    }
}
