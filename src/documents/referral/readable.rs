//! A referral in words, most important first, for a ward clerk, a charity worker or the demonstration.
//! Says only what the document says; what was withheld is the caller's to add.

use super::items::STATEMENTS;
use super::{Referral, Referrer};
use crate::documents::parts::{
    Addressee, Allergy, ConsentPosition, Diagnosis, Medication, PersonName, Reader, RelatedPerson, Section, Sections,
    Statement, Unmapped, capital, spoken,
};

impl Referral {
    /// The referral in words. Sections without content are left out.
    #[must_use]
    pub fn readable(&self) -> Vec<Section> {
        let mut out = Sections::default();
        out.add("Who", self.person.who(Reader::PROFESSIONAL));
        out.add("Response asked for", vec![capital(self.response.title())]);
        let mut reasons: Vec<String> = self.reasons.iter().map(|reason| reason.text.clone()).collect();
        reasons.extend(self.why_now.as_ref().map(|why| format!("Why now: {why}")));
        out.add("Reasons for referral", reasons);
        out.add("Pathway", self.pathway.iter().map(|said| capital(said.title())).collect());
        let decided = self.mdt_decided.as_deref().map(|at| format!("Decided by the team meeting {}", spoken(at)));
        out.add("Team meeting", decided.into_iter().collect());
        out.add("How to reach the person", self.person.reach(Reader::PROFESSIONAL));
        self.statements(&mut out, "/alerts");
        self.statements(&mut out, "/risk");
        self.statements(&mut out, "/safeguarding");
        let police = self.safeguarding.police.as_ref().map(|police| {
            let date = police.date.as_deref().map(|date| format!(", {}", spoken(date))).unwrap_or_default();
            let details = police.details.as_deref().map(|text| format!(": {text}")).unwrap_or_default();
            capital(&format!("{}{date}{details}", police.reported.title()))
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
        out.into_vec()
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
        out.add("Consent to share", self.consent.as_ref().map(ConsentPosition::lines).unwrap_or_default());
        out.add("Attachments", self.attachments.iter().map(|file| file.title.clone()).collect());
        out.add("Also received", Unmapped::words(&self.unmapped));
        let replaces = self.replaces.as_ref().map(|id| format!("Replaces {id}"));
        let sent = self.sent.as_ref().map(|sent| format!("Sent {}", spoken(sent)));
        out.add(
            "Reference",
            std::iter::once(format!("Sender's reference {}", self.id)).chain(sent).chain(replaces).collect(),
        );
    }
}

impl Referrer {
    fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        lines.extend(self.name.as_ref().map(PersonName::line));
        lines.extend(self.role.clone());
        lines.extend(self.organisation.as_ref().map(|organisation| organisation.label().to_owned()));
        lines.extend(self.kind.map(|kind| capital(kind.title())));
        lines.extend(self.telecoms.iter().map(|telecom| capital(&telecom.at_work())));
        lines
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
