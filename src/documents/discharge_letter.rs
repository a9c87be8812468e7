//! The discharge letter, from a community team or from hospital (`cmht-documents.md` §4; L1499-1545, L1698-1730,
//! L2236-2256, L4532-4560): a letter to the person, copied to the GP, so its questions are put in words to the person.
//! Places for every heading of the national mental health discharge standard (`exchange.md` §2). Declares what the trust
//! requires of it; a letter that lacks some of that is still a letter.

use super::parts::{
    self, Allergy, Answer, Contact, ContactKind, Diagnosis, FollowUp, FollowUpKind, Formulation, HospitalStay, Known,
    LegalStatus, Medication, MedicationStatus, Procedure, RelatedPerson, Service, Statement, TeamCare,
};
use super::required::{has_entries, listed};

code_list! {
    /// Where the person is discharged from.
    DischargeSetting {
        Community => "community", "a community mental health team";
        Inpatient => "inpatient", "a mental health ward";
        LearningDisability => "learning-disability-inpatient", "a learning disability inpatient unit";
    }
}

impl DischargeSetting {
    /// Whether the person leaves a hospital, where contact within 72 hours follows.
    #[must_use]
    pub const fn is_inpatient(self) -> bool {
        matches!(self, Self::Inpatient | Self::LearningDisability)
    }
}

document! {
    /// A discharge letter. Every question is optional: what the trust requires and the letter lacks is told, not refused.
    DischargeLetter, "discharge-letter.schema.json",
        types &[("823701000000103", "Discharge letter"), ("373942005", "Discharge summary")], required REQUIREMENTS;
    mark setting: DischargeSetting, "discharge-setting", "You were discharged from";

    "clinical-summary", "Clinical summary", MentalHealthHistory, "clinical-summary" "Clinical summary" => {
        summary: Known<Statement> as Observation, "summary", "What happened while we worked with you";
        /// The discussion with the person and the team (L1526-1528).
        discharge_discussion: Known<Statement> as Observation, "discharge-discussion",
            "What we talked about before your discharge";
    }
    "discharge-details", "Discharge details", MentalHealthHistory, "discharge-details" "Discharge details" => {
        team_care: TeamCare as EpisodeOfCare, "team-care", "Your time with our community team";
        hospital_stay: HospitalStay as Encounter, "hospital-stay", "Your stay in hospital";
    }
    "discharge-route", "How the discharge was planned", Actions => {
        /// Option 1 (L2246-2249).
        route_access_point: Answer as Answer, "route-access-point",
            "Coming back quickly through the Central Access Point if things get worse";
        /// Option 2 (L1698-1715, L2242-2245).
        route_connector: Answer as Answer, "route-connector", "A plan with community organisations";
        /// Option 3 (L1650-1659, L2237-2241).
        route_medication: Answer as Answer, "route-medication", "Arrangements for your medicines";
    }
    "services-and-care", "Services and care", Actions, "services-and-care" "Services and care" => {
        /// The trust's first required content (L1536).
        services: Known<Service> as ServiceRequest, "services", "The services you will go on using, or that we referred you to";
    }
    "community-connector", "Community connector plan", Actions => {
        community_organisations: Known<Service> as ServiceRequest, "community-organisations",
            "The community organisations in your plan";
    }
    "informal-support", "Informal support", Carer => {
        /// The second (L1537).
        support_network: Known<RelatedPerson> as RelatedPerson, "support-network", "The people around you who support you";
        support_groups: Known<Statement> as Observation, "support-groups", "Other support in your daily life";
    }
    "medication", "Medication", Medication, "medications-and-medical-devices" "Medications and medical devices" => {
        /// The third, with adverse effects (L1538).
        medication: Known<Medication> as MedicationStatement, "medication", "Your medicines";
        medication_arrangements: Known<Statement> as Observation, "medication-arrangements",
            "How you get your medicines from now on";
        medication_advice: Known<Statement> as Observation, "medication-advice", "Good to know about your medicines";
        shared_care: Answer as Answer, "shared-care", "Your GP has agreed to prescribe (shared care)";
    }
    "allergies", "Allergies and adverse reactions", PhysicalHealth,
        "allergies-and-adverse-reaction" "Allergies and adverse reaction" => {
        allergies: Known<Allergy> as AllergyIntolerance, "allergies", "Your allergies and bad reactions";
    }
    "relapse-plan", "Relapse plan", ContingencyPlan => {
        /// The fourth (L1539).
        relapse_signatures: Known<Statement> as Observation, "relapse-signatures",
            "Signs that you may be becoming unwell again";
        relapse_actions: Known<Statement> as Observation, "relapse-actions", "What to do if you notice these signs";
        contingency_plan: Known<Statement> as Observation, "contingency-plan", "Your crisis and contingency plan";
    }
    "getting-help", "Getting help", ContingencyPlan, "contact-for-further-information" "Contact for further information" => {
        /// The fifth (L1540, L1716-1717).
        contacts: Known<Contact> as Contact, "contacts", "Who to turn to if your mental health gets worse";
        getting_help: Known<Statement> as Observation, "getting-help", "How to get help, and how to come back to us";
    }
    "follow-up", "Follow-up", Actions => {
        /// Contact within 72 hours of leaving hospital among them (L3798-3816).
        follow_up: Known<FollowUp> as FollowUp, "follow-up", "What follows your discharge, and when";
    }
    "plan-and-requested-actions", "Plan and requested actions", Actions,
        "plan-and-requested-actions" "Plan and requested actions" => {
        person_actions: Known<Statement> as Observation, "person-actions", "What you have said you will do";
        gp_actions: Known<Statement> as Observation, "gp-actions", "What we have asked your GP to do";
        service_actions: Known<Statement> as Observation, "service-actions", "What we and others will do";
        /// Told with the person's consent (L1726-1730).
        others_told: Known<Statement> as Observation, "others-told", "Who else we have told, with your agreement";
    }
    "safety-alerts", "Safety alerts", RiskSummary, "safety-alerts" "Safety alerts" => {
        safety_alerts: Known<Statement> as Flag, "safety-alerts", "Things anybody helping you should know at once";
        risk_to_self: Known<Statement> as Flag, "risk-to-self", "Risks to yourself that we talked about";
        risk_to_others: Known<Statement> as Flag, "risk-to-others", "Risks to other people that we talked about";
        risk_from_others: Known<Statement> as Flag, "risk-from-others", "Risks to you from other people";
    }
    "risk", "Risk summary", RiskSummary, "clinical-risk-assessment" "Clinical risk assessment" => {
        /// The five Ps, in words.
        risk: Formulation as Formulation, "risk", "How we understand the risks together";
    }
    "safeguarding", "Safeguarding", Safeguarding, "safeguarding" "Safeguarding" => {
        safeguarding: Known<Statement> as Flag, "safeguarding", "Keeping you and others safe from harm or neglect";
    }
    "diagnoses", "Diagnoses", MentalHealthHistory, "diagnoses" "Diagnoses" => {
        diagnoses: Known<Diagnosis> as Condition, "diagnoses", "Your diagnoses";
    }
    "physical-health", "Physical health", PhysicalHealth => {
        physical_conditions: Known<Diagnosis> as Condition, "physical-conditions", "Your physical health conditions";
        physical_health: Known<Statement> as Observation, "physical-health", "Your physical health while with us";
    }
    "investigation-results", "Investigation results", PhysicalHealth, "investigation-results" "Investigation results" => {
        investigation_results: Known<Statement> as Observation, "investigation-results", "Results of your tests";
    }
    "procedures", "Procedures", PhysicalHealth, "procedures" "Procedures" => {
        procedures: Known<Procedure> as Procedure, "procedures", "Treatments and procedures you had";
    }
    "assessment-scales", "Assessment scales", MentalHealthHistory, "assessment-scales" "Assessment scales" => {
        assessment_scales: Known<Statement> as Observation, "assessment-scales", "Questionnaires you filled in with us";
    }
    "legal-information", "Legal information", LegalStatus, "legal-information" "Legal information" => {
        legal_status: Known<LegalStatus> as LegalStatus, "legal-status", "The Mental Health Act and you";
        /// Section 117 of the Mental Health Act (L1529-1530).
        section_117: Answer as Answer, "section-117", "You have a right to section 117 aftercare";
        section_117_aftercare: Known<Statement> as Observation, "section-117-aftercare", "Your section 117 aftercare";
        mental_capacity: Known<Statement> as Observation, "mental-capacity", "Decisions you may need support with";
        legal_information: Known<Statement> as Observation, "legal-information", "Other legal matters";
    }
    "information-given", "Information and advice given", Actions,
        "information-and-advice-given" "Information and advice given" => {
        /// My Recovery Plan (L1637-1642).
        recovery_plan: Answer as Answer, "recovery-plan", "You have My Recovery Plan";
        /// Mental Health and Well Being Workbook (L1621-1624).
        workbook: Answer as Answer, "workbook", "You have the Mental Health and Wellbeing Workbook";
        information_given: Known<Statement> as Observation, "information-given", "Information and advice we gave you";
        /// What an inpatient takes along (L4535-4560).
        discharge_pack: Known<Statement> as Observation, "discharge-pack", "What is in your discharge pack";
    }
    "patient-and-carer-concerns", "Concerns, expectations and wishes", NeedsAndGoals,
        "patient-and-carer-concerns-expectations-and-wishes" "Patient and carer concerns, expectations and wishes" => {
        concerns: Known<Statement> as Observation, "concerns", "What worries you, and what you hope for";
    }
    "carer-concerns", "Concerns of carers", Carer => {
        carer_concerns: Known<Statement> as Observation, "carer-concerns", "What the people close to you told us";
    }
    "individual-requirements", "Individual requirements", ContactAndCommunication,
        "individual-requirements" "Individual requirements" => {
        individual_requirements: Known<Statement> as Observation, "individual-requirements",
            "What others should do differently so that you can use their services";
    }
    "social-context", "Social context", FinanceHousingEmployment, "social-context" "Social context" => {
        social_context: Known<Statement> as Observation, "social-context", "Your home, money, work and daily life";
    }
    "family-history", "Family history", FamilyHistory, "family-history" "Family history" => {
        family_history: Known<Statement> as Observation, "family-history", "Your family's health";
    }
    "referrer-details", "Referrer details", ContactAndCommunication, "referrer-details" "Referrer details" => {
        referrer: Known<Contact> as Contact, "referrer", "Who asked us to see you";
    }
    "admission-details", "Admission details", ReferralReason, "admission-details" "Admission details" => {
        admission_reason: Known<Statement> as Observation, "admission-reason", "Why you came to us";
    }
    "participation-in-research", "Participation in research", MentalHealthHistory,
        "participation-in-research" "Participation in research" => {
        research: Known<Statement> as Observation, "research", "Research you take part in";
    }
}

requirements! {
    REQUIREMENTS of DischargeLetter:
    "DL-1", "Services", "L1536", "/services", "Bundle.entry.resource.ofType(ServiceRequest)",
        "Name the services the person will go on using or has been referred to, or say that there are none.",
        "{services}.exists() or {community-organisations}.exists()",
        |letter| letter.services.is_some() || letter.community_organisations.is_some();
    "DL-2", "Informal support networks", "L1537", "/support_network", "Bundle.entry.resource.ofType(RelatedPerson)",
        "Say who supports the person in daily life, or that nobody is known.",
        "{support-network}.exists() or {support-groups}.exists()",
        |letter| letter.support_network.is_some() || letter.support_groups.is_some();
    "DL-3a", "Medication", "L1538", "/medication", "Bundle.entry.resource.ofType(MedicationStatement)",
        "List the medicines with their doses, or say that there are none.",
        "{medication}.exists() and {+medication}.all({not-taken} or dosage.exists())",
        |letter| letter.medication.as_ref().is_some_and(|list| list.entries().iter().all(has_dose));
    "DL-3b", "Adverse effects", "L1538", "/medication", "Bundle.entry.resource.ofType(MedicationStatement).extension",
        "Say for each medicine which adverse effects to look out for.",
        "{+medication}.all({not-taken} or {extension adverse-effects}.exists())",
        |letter| listed(letter.medication.as_ref()).iter().all(has_effects);
    "DL-4a", "Relapse signatures", "L1539", "/relapse_signatures", "Bundle.entry.resource.ofType(Observation)",
        "Describe the signs of relapse, or say that none are known.",
        "{relapse-signatures}.exists()", |letter| letter.relapse_signatures.is_some();
    "DL-4b", "Action plans", "L1539", "/relapse_actions", "Bundle.entry.resource.ofType(Observation)",
        "Say what to do if these signs show.",
        "{+relapse-actions}.exists()", |letter| has_entries(letter.relapse_actions.as_ref());
    "DL-5a", "How to get help", "L1540", "/contacts", "Bundle.entry.resource.ofType(HealthcareService)",
        "Say who to turn to if the person's mental health gets worse.",
        "{+contacts}.exists()", |letter| has_entries(letter.contacts.as_ref());
    "DL-5b", "Central Access Point", "L1716-1717", "/contacts", "Bundle.entry.resource.ofType(HealthcareService)",
        "Give the details of the Central Access Point.",
        "{+contacts}.type.{of contact-kind access-point}", names_access_point;
    "DL-6", "Copy to the GP", "L1532-1533", "/copies", "Bundle.entry.resource.ofType(Composition).extension",
        "Name the person's GP practice among the copies.",
        "{copied-to-gp}", |letter| super::Document::frame(letter).copied_to_gp();
    "DL-7", "Date of discharge", "L1532-1535", "/team_care", "Bundle.entry.resource.ofType(EpisodeOfCare).period",
        "Give the date of discharge: the letter is due within 10 working days of it.",
        "{team-care}.period.end.exists() or {hospital-stay}.period.end.exists()", has_discharge_date;
    "DL-8", "Contact within 72 hours", "L3798-3816", "/follow_up", "Bundle.entry.resource.ofType(Task)",
        "Say when and by whom the person is contacted within 72 hours of leaving hospital.",
        "({is discharge-setting inpatient} or {is discharge-setting learning-disability-inpatient}) implies \
         {+follow-up}.code.{of follow-up-kind 72-hour-contact}",
        |letter| !letter.is_inpatient() || letter.follows_up(FollowUpKind::Within72Hours);
    "DL-9", "Discharge summary within 14 days", "L4532", "/follow_up", "Bundle.entry.resource.ofType(Task)",
        "Say when the learning disability unit sends its discharge summary.",
        "{is discharge-setting learning-disability-inpatient} implies {+follow-up}.code.{of follow-up-kind discharge-summary}",
        |letter| letter.setting != Some(DischargeSetting::LearningDisability) || letter.follows_up(FollowUpKind::Summary);
}

/// Whether the person takes it, or it is not said that they do not.
fn is_taken(medicine: &Medication) -> bool {
    use MedicationStatus as S;
    !matches!(medicine.status, Some(S::Completed | S::Stopped | S::NotTaken))
}

fn has_dose(medicine: &Medication) -> bool {
    !is_taken(medicine) || medicine.dose.is_some()
}

fn has_effects(medicine: &Medication) -> bool {
    !is_taken(medicine) || medicine.adverse_effects.is_some()
}

fn names_access_point(letter: &DischargeLetter) -> bool {
    listed(letter.contacts.as_ref()).iter().any(|contact| contact.kind == ContactKind::AccessPoint)
}

fn has_discharge_date(letter: &DischargeLetter) -> bool {
    let community = letter.team_care.as_ref().is_some_and(|care| care.ended.is_some());
    community || letter.hospital_stay.as_ref().is_some_and(|stay| stay.discharged.is_some())
}

impl DischargeLetter {
    fn is_inpatient(&self) -> bool {
        self.setting.is_some_and(DischargeSetting::is_inpatient)
    }

    fn follows_up(&self, kind: FollowUpKind) -> bool {
        listed(self.follow_up.as_ref()).iter().any(|follow_up| follow_up.kind == kind)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{DischargeLetter, REQUIREMENTS};
    use crate::documents::Document;

    fn example(name: &str) -> Value {
        let text = match name {
            "full" => include_str!("../../profiles/cmht/examples/discharge-letter/full.json"),
            "inpatient" => include_str!("../../profiles/cmht/examples/discharge-letter/inpatient.json"),
            _ => include_str!("../../profiles/cmht/examples/discharge-letter/sparse.json"),
        };
        serde_json::from_str(text).unwrap()
    }

    fn missing(document: Value) -> Vec<&'static str> {
        DischargeLetter::from_json(document).unwrap().missing().into_iter().map(|item| item.id).collect()
    }

    #[test]
    fn the_full_letters_lack_nothing_and_the_sparse_one_all_but_the_date() {
        assert_eq!(missing(example("full")), Vec::<&str>::new());
        assert_eq!(missing(example("inpatient")), Vec::<&str>::new());
        let lacking = ["DL-1", "DL-2", "DL-3a", "DL-4a", "DL-4b", "DL-5a", "DL-5b", "DL-6"];
        assert_eq!(missing(example("sparse")), lacking);
    }

    #[test]
    fn each_requirement_taken_away_is_named_and_no_other() {
        type Row<'a> = (&'a str, &'a [(&'a str, Value)], &'a [&'a str]);
        let gp_gone = json!([{"party": "wellbeing-roots"}]);
        let pills = |extra: Value| {
            let mut medicine = json!({"text": "Lithium", "dose": "one", "adverse_effects": "thirst"});
            medicine.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            medicine.as_object_mut().unwrap().retain(|_, value| !value.is_null());
            json!([medicine])
        };
        let line_only = json!([{"kind": "helpline", "name": "Samaritans"}]);
        let rows: &[Row<'_>] = &[
            ("full", &[("services", Value::Null), ("community_organisations", Value::Null)], &["DL-1"]),
            ("full", &[("support_network", Value::Null), ("support_groups", Value::Null)], &["DL-2"]),
            ("full", &[("medication", Value::Null)], &["DL-3a"]),
            ("full", &[("medication", pills(json!({"dose": null})))], &["DL-3a"]),
            ("full", &[("medication", pills(json!({"adverse_effects": null})))], &["DL-3b"]),
            (
                "full",
                &[("medication", pills(json!({"adverse_effects": null, "dose": null, "status": "stopped"})))],
                &[],
            ),
            ("full", &[("relapse_signatures", Value::Null)], &["DL-4a"]),
            ("full", &[("relapse_actions", json!("none-known"))], &["DL-4b"]),
            ("full", &[("contacts", line_only)], &["DL-5b"]),
            ("full", &[("copies", gp_gone)], &["DL-6"]),
            ("full", &[("team_care", Value::Null), ("hospital_stay", Value::Null)], &["DL-7"]),
            ("inpatient", &[("follow_up", Value::Null)], &["DL-8"]),
            ("inpatient", &[("setting", json!("learning-disability-inpatient"))], &["DL-9"]),
            ("full", &[("medication", json!("none-known")), ("services", json!("none-known"))], &[]),
        ];
        let mut named: Vec<&str> = Vec::new();
        for (name, changes, lacking) in rows {
            let mut document = example(name);
            let fields = document.as_object_mut().unwrap();
            for (key, value) in *changes {
                fields.insert((*key).to_owned(), value.clone());
            }
            fields.retain(|_, value| !value.is_null());
            assert_eq!(missing(document), *lacking, "{changes:?}");
            named.extend(*lacking);
        }
        let all: Vec<&str> = REQUIREMENTS.iter().map(|requirement| requirement.item.id).collect();
        assert!(all.iter().all(|id| named.contains(id) || *id == "DL-5a"), "{named:?}");
    }

    #[test]
    fn a_letter_speaks_to_the_person() {
        let sections = DischargeLetter::from_json(example("full")).unwrap().readable();
        let headings: Vec<&str> = sections.iter().map(|section| section.heading.as_str()).collect();
        let first = [
            "About you",
            "Who to turn to if your mental health gets worse",
            "How to get help, and how to come back to us",
        ];
        assert_eq!(headings[..3], first);
        assert_eq!(headings[3], "You were discharged from");
        for section in &sections {
            assert!(!section.heading.to_lowercase().contains("the person"), "{}", section.heading);
        }
        let agreed = sections.iter().find(|section| section.heading == "Agreed by").unwrap();
        assert_eq!(agreed.lines[0], "You, 12 November 2026");
        let said: String = sections.iter().flat_map(|section| section.lines.clone()).collect();
        assert!(said.contains("Admitted 2 April 2025 at 11:15pm") && said.contains("does not live with you"));
        assert!(agreed.lines[1].starts_with("Your GP: Dr Helen Marwood"));
    }
}
