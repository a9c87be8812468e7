//! A referral in words, most important first, for a ward clerk, a charity worker or the demonstration.
//! Says only what the document says; what was withheld is the caller's to add.

use super::items::STATEMENTS;
use super::known::{Known, Statement};
use super::{
    Address, Addressee, Allergy, Diagnosis, Medication, Person, PersonName, Referral, Referrer, RelatedPerson, Telecom,
};

/// A heading and the lines under it.
#[derive(Clone, PartialEq, Eq)]
pub struct Section {
    pub heading: String,
    pub lines: Vec<String>,
}

/// The words for [`Known::NoneKnown`].
const NONE: &str = "None known";

impl Referral {
    /// The referral in words. Sections without content are left out.
    #[must_use]
    pub fn readable(&self) -> Vec<Section> {
        let mut out = Sections(Vec::new());
        out.add("Who", self.person.who());
        out.add("Response asked for", vec![self.response.title().to_owned()]);
        let mut reasons: Vec<String> = self.reasons.iter().map(|reason| reason.text.clone()).collect();
        reasons.extend(self.why_now.as_ref().map(|why| format!("Why now: {why}")));
        out.add("Reasons for referral", reasons);
        out.add("How to reach the person", self.person.reach());
        self.statements(&mut out, "/alerts");
        self.statements(&mut out, "/risk");
        self.statements(&mut out, "/safeguarding");
        let police = self.safeguarding.police.as_ref().map(|police| {
            let date = police.date.as_deref().map(|date| format!(", {date}")).unwrap_or_default();
            let details = police.details.as_deref().map(|text| format!(": {text}")).unwrap_or_default();
            format!("{}{date}{details}", police.reported.title())
        });
        out.add("Reported to the police", police.into_iter().collect());
        out.known("Dependants", self.dependants.as_ref(), RelatedPerson::line);
        self.statements(&mut out, "/needs_and_goals");
        self.statements(&mut out, "/communication_needs");
        out.known("Working diagnosis", self.working_diagnosis.as_ref(), Diagnosis::line);
        out.known("Medication", self.medication.as_ref(), Medication::line);
        out.known("Allergies", self.allergies.as_ref(), Allergy::line);
        out.known("Medical conditions", self.medical_conditions.as_ref(), Diagnosis::line);
        self.remaining_statements(&mut out);
        out.known("Next of kin", self.next_of_kin.as_ref(), RelatedPerson::line);
        out.known("Carers", self.carers.as_ref(), RelatedPerson::line);
        out.add("Other contacts", self.other_contacts.iter().map(RelatedPerson::line).collect());
        out.add("Further information", self.further_information.clone());
        self.administration(&mut out);
        out.0
    }

    /// Statement items whose pointer begins so, in table order.
    fn statements(&self, out: &mut Sections, prefix: &str) {
        for item in STATEMENTS.iter().filter(|item| item.pointer.starts_with(prefix)) {
            out.known(item.title, (item.get)(self), Statement::line);
        }
    }

    /// Statement items that have not had an earlier place of their own.
    fn remaining_statements(&self, out: &mut Sections) {
        const PLACED: &[&str] = &["/alerts", "/risk", "/safeguarding", "/needs_and_goals", "/communication_needs"];
        for item in STATEMENTS.iter().filter(|item| !PLACED.iter().any(|prefix| item.pointer.starts_with(prefix))) {
            out.known(item.title, (item.get)(self), Statement::line);
        }
    }

    fn administration(&self, out: &mut Sections) {
        out.add("Referred by", self.referrer.lines());
        out.add("GP practice", {
            let practice = self.person.gp_practice.iter().map(|practice| practice.label().to_owned());
            practice.chain(self.person.usual_gp.clone()).collect()
        });
        out.add("Service asked for", self.service.iter().map(|service| service.label().to_owned()).collect());
        out.add("Copies to", self.copies.iter().map(Addressee::label).map(str::to_owned).collect());
        if let Some(consent) = &self.consent {
            let by = consent.recorded_by.as_deref().map(|by| format!(", recorded by {by}")).unwrap_or_default();
            let when = consent.recorded.as_deref().map(|at| format!(", {at}")).unwrap_or_default();
            let mut lines = vec![format!("The person {}{by}{when}", consent.sharing.title())];
            lines.extend(consent.permissions.iter().map(|w| format!("May have: {}", w.line("the handover minimum"))));
            lines.extend(consent.objections.iter().map(|w| format!("Must not have: {}", w.line("everything"))));
            out.add("Consent to share", lines);
        }
        out.add("Attachments", self.attachments.iter().map(|file| file.title.clone()).collect());
        let sent = self.sent.as_ref().map(|sent| format!("Sent {sent}"));
        out.add("Reference", std::iter::once(format!("Sender's reference {}", self.id)).chain(sent).collect());
    }
}

impl Person {
    fn who(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.names.iter().map(PersonName::line).collect();
        lines.extend(self.birth_date.as_ref().map(|date| format!("Born {date}")));
        lines.extend(self.gender.map(|gender| format!("Gender: {}", gender.title())));
        if let Some(number) = &self.nhs_number {
            let status = number.verification.map(|v| format!(" ({})", v.title())).unwrap_or_default();
            lines.extend(number.value.as_ref().map(|value| format!("NHS number {value}{status}")));
            lines.extend(number.unavailable.map(|why| format!("No NHS number: {}", why.title())));
            lines.extend(number.detail.clone());
        }
        lines.extend(self.other_identifiers.iter().map(|other| format!("{}: {}", other.system, other.value)));
        lines.extend(self.ethnic_origin.as_ref().map(|origin| {
            let words = origin.text.as_deref().or_else(|| origin.display()).or(origin.code.as_deref());
            format!("Ethnic origin: {}", words.unwrap_or_default())
        }));
        lines
    }

    fn reach(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.telecoms.iter().map(Telecom::line).collect();
        lines.extend(self.addresses.iter().map(Address::line));
        lines.extend(self.language.as_ref().map(|language| format!("Language: {}", language.name)));
        lines.extend(self.interpreter_required.map(|needed| {
            (if needed { "An interpreter is required" } else { "No interpreter is required" }).to_owned()
        }));
        if let Some(wish) = &self.contact_preferences {
            lines.extend(wish.method.map(|method| format!("Prefers: {}", method.title())));
            lines.extend(wish.times.as_ref().map(|times| format!("Best times: {times}")));
            lines.extend(wish.written_format.map(|format| format!("In writing: {}", format.title())));
            lines.extend(wish.notes.clone());
        }
        lines
    }
}

impl Referrer {
    fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        lines.extend(self.name.as_ref().map(PersonName::line));
        lines.extend(self.role.clone());
        lines.extend(self.organisation.as_ref().map(|organisation| organisation.label().to_owned()));
        lines.extend(self.kind.map(|kind| kind.title().to_owned()));
        lines.extend(self.telecoms.iter().map(Telecom::line));
        lines
    }
}

struct Sections(Vec<Section>);

impl Sections {
    fn add(&mut self, heading: &str, lines: Vec<String>) {
        if !lines.is_empty() {
            self.0.push(Section { heading: heading.to_owned(), lines });
        }
    }

    fn known<T>(&mut self, heading: &str, answer: Option<&Known<T>>, line: impl Fn(&T) -> String) {
        match answer {
            None => {}
            Some(Known::NoneKnown) => self.add(heading, vec![NONE.to_owned()]),
            Some(Known::Listed(entries)) => self.add(heading, entries.iter().map(line).collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::documents::Referral;

    #[test]
    fn the_complete_example_reads_in_the_order_of_importance_and_says_none_known() {
        let text = include_str!("../../../profiles/cmht/examples/referral/complete.json");
        let sections = Referral::from_json(serde_json::from_str(text).unwrap()).unwrap().readable();
        let headings: Vec<&str> = sections.iter().map(|s| s.heading.as_str()).collect();
        let order =
            ["Who", "Response asked for", "Reasons for referral", "How to reach the person", "Risk to self, now"];
        let places: Vec<_> = order.iter().map(|wanted| headings.iter().position(|h| h == wanted).unwrap()).collect();
        assert!(places.is_sorted(), "{headings:?}");
        let past = sections.iter().find(|s| s.heading == "Risk to others, in the past").unwrap();
        assert_eq!(past.lines, ["None known"]);
        let mut once = headings.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), headings.len(), "no section twice");
    }
}
