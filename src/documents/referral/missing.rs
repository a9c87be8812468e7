//! Which of the 16 items of a complete referral (L509-527) are absent, and what to send for each.
//! Never a reason to refuse: the referral goes on and the referrer is asked (L528-529).

use super::Referral;

/// One absent item, or one absent answer of an item that has several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissingItem {
    /// Number in the list of 16.
    pub number: u8,
    pub key: &'static str,
    pub title: &'static str,
    /// What to send, in plain English.
    pub ask: &'static str,
    /// Where in the native document.
    pub pointer: &'static str,
    /// Where in the FHIR message.
    pub fhir_path: &'static str,
}

struct Check {
    item: MissingItem,
    present: fn(&Referral) -> bool,
}

macro_rules! checks {
    ($($number:literal, $key:literal, $title:literal, $pointer:literal, $path:literal, $ask:literal, $present:expr;)+) => {
        const CHECKS: &[Check] = &[$(Check {
            item: MissingItem {
                number: $number, key: $key, title: $title, ask: $ask, pointer: $pointer, fhir_path: $path,
            },
            present: $present,
        },)+];
    };
}

checks! {
    1, "nhs-number", "NHS number", "/person/nhs_number", "Bundle.entry.resource.ofType(Patient).identifier",
        "Send the NHS number, or say why there is none.", |r| r.person.nhs_number.is_some();
    2, "ethnic-origin", "Ethnic origin", "/person/ethnic_origin", "Bundle.entry.resource.ofType(Patient).extension",
        "Send the person's ethnic origin; 'not stated' is an answer.", |r| r.person.ethnic_origin.is_some();
    3, "language", "Language", "/person/language", "Bundle.entry.resource.ofType(Patient).communication",
        "Send the language the person prefers.", |r| r.person.language.is_some();
    3, "interpreter", "Interpreter", "/person/interpreter_required",
        "Bundle.entry.resource.ofType(Patient).extension", "Say whether an interpreter is required.",
        |r| r.person.interpreter_required.is_some();
    4, "reasons", "Reasons for referral", "/reasons", "Bundle.entry.resource.ofType(ServiceRequest).reasonCode",
        "Send the reasons for the referral.", |r| !r.reasons.is_empty();
    4, "why-now", "Why now", "/why_now", "Bundle.entry.resource.ofType(ServiceRequest).note",
        "Say why you are referring now.", |r| r.why_now.is_some();
    6, "significant-life-events", "Significant life events", "/significant_life_events",
        "Bundle.entry.resource.ofType(Observation)", "Send significant life events, or say that none are known.",
        |r| r.significant_life_events.is_some();
    7, "dependants", "Dependants", "/dependants", "Bundle.entry.resource.ofType(RelatedPerson)",
        "Say who depends on the person, children in the home above all, or that nobody is known.",
        |r| r.dependants.is_some();
    8, "next-of-kin", "Next of kin", "/next_of_kin", "Bundle.entry.resource.ofType(RelatedPerson)",
        "Send the next of kin and how to reach them, or say that none are known.", |r| r.next_of_kin.is_some();
    9, "working-diagnosis", "Working diagnosis", "/working_diagnosis", "Bundle.entry.resource.ofType(Condition)",
        "Send your working diagnosis, or say that there is none.", |r| r.working_diagnosis.is_some();
    9, "treatments-tried", "Treatments already tried", "/treatments_tried",
        "Bundle.entry.resource.ofType(Observation)", "Say which treatments have been tried, or that none have.",
        |r| r.treatments_tried.is_some();
    10, "previous-psychiatric-history", "Previous psychiatric history", "/previous_psychiatric_history",
        "Bundle.entry.resource.ofType(Observation)", "Send the previous psychiatric history, or say that none is known.",
        |r| r.previous_psychiatric_history.is_some();
    11, "personal-history", "Relevant personal history", "/personal_history",
        "Bundle.entry.resource.ofType(Observation)", "Send relevant personal history, or say that none is known.",
        |r| r.personal_history.is_some();
    11, "family-history", "Relevant family history", "/family_history", "Bundle.entry.resource.ofType(Observation)",
        "Send relevant family history, or say that none is known.", |r| r.family_history.is_some();
    12, "medical-conditions", "Co-existing medical conditions", "/medical_conditions",
        "Bundle.entry.resource.ofType(Condition)", "Send co-existing medical conditions, or say that none are known.",
        |r| r.medical_conditions.is_some();
    12, "medication", "Medication", "/medication", "Bundle.entry.resource.ofType(MedicationStatement)",
        "Send all medication with doses, or say that there is none.", |r| r.medication.is_some();
    13, "risk-to-self-current", "Risk to self, now", "/risk/to_self/current",
        "Bundle.entry.resource.ofType(RiskAssessment)", "Describe any current risk to self, or say that none is known.",
        |r| r.risk.to_self.current.is_some();
    13, "risk-to-self-historical", "Risk to self, in the past", "/risk/to_self/historical",
        "Bundle.entry.resource.ofType(RiskAssessment)", "Describe any past risk to self, or say that none is known.",
        |r| r.risk.to_self.historical.is_some();
    13, "risk-to-others-current", "Risk to others, now", "/risk/to_others/current",
        "Bundle.entry.resource.ofType(RiskAssessment)",
        "Describe any current risk to others, or say that none is known.", |r| r.risk.to_others.current.is_some();
    13, "risk-to-others-historical", "Risk to others, in the past", "/risk/to_others/historical",
        "Bundle.entry.resource.ofType(RiskAssessment)", "Describe any past risk to others, or say that none is known.",
        |r| r.risk.to_others.historical.is_some();
    14, "safeguarding-concerns", "Safeguarding concerns", "/safeguarding/concerns",
        "Bundle.entry.resource.ofType(Flag)", "Send any safeguarding concerns, or say that none are known.",
        |r| r.safeguarding.concerns.is_some();
    14, "safeguarding-police", "Reported to the police", "/safeguarding/police",
        "Bundle.entry.resource.ofType(Observation)", "Say whether safeguarding concerns were reported to the police.",
        Referral::police_answered;
    15, "support-networks", "Existing support networks", "/support_networks",
        "Bundle.entry.resource.ofType(Observation)", "Say who and what supports the person, or that nothing is known.",
        |r| r.support_networks.is_some();
    16, "carers", "Carer details", "/carers", "Bundle.entry.resource.ofType(RelatedPerson)",
        "Send the details of any carer involved, or say that there is none.", |r| r.carers.is_some();
}

/// Where an item stands in the native document, by its code.
#[must_use]
pub fn item_pointer(key: &str) -> Option<&'static str> {
    CHECKS.iter().find(|check| check.item.key == key).map(|check| check.item.pointer)
}

impl Referral {
    /// What is absent of the 16 items, in their order. Item 5 (response) cannot be: the document has it or is refused.
    #[must_use]
    pub fn missing(&self) -> Vec<MissingItem> {
        CHECKS.iter().filter(|check| !(check.present)(self)).map(|check| check.item).collect()
    }

    /// Without a safeguarding concern there was nothing to report, so the question is answered.
    fn police_answered(&self) -> bool {
        self.safeguarding.police.is_some() || self.safeguarding.concerns == Some(super::Known::NoneKnown)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::CHECKS;
    use crate::documents::Referral;

    fn complete() -> Value {
        serde_json::from_str(include_str!("../../../profiles/cmht/examples/referral/complete.json")).unwrap()
    }

    fn remove(document: &mut Value, pointer: &str) {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(key).unwrap();
    }

    #[test]
    fn the_complete_example_misses_nothing() {
        assert_eq!(Referral::from_json(complete()).unwrap().missing(), []);
    }

    #[test]
    fn each_item_taken_away_is_named_and_no_other() {
        for check in CHECKS {
            let mut document = complete();
            if check.item.key == "reasons" {
                continue; // required by the schema; the row serves messages in FHIR form
            }
            remove(&mut document, check.item.pointer);
            let missing = Referral::from_json(document).unwrap().missing();
            assert_eq!(missing, [check.item], "{}", check.item.key);
        }
    }

    #[test]
    fn a_reason_for_lacking_the_nhs_number_is_an_answer() {
        let mut document = complete();
        document["person"]["nhs_number"] = json!({"unavailable": "not-known"});
        assert_eq!(Referral::from_json(document).unwrap().missing(), []);
    }

    #[test]
    fn none_known_is_an_answer_and_settles_the_police_question() {
        let mut document = complete();
        document["safeguarding"] = json!({"concerns": "none-known"});
        document["risk"]["to_others"]["current"] = json!("none-known");
        assert_eq!(Referral::from_json(document).unwrap().missing(), []);
    }

    #[test]
    fn every_number_from_1_to_16_but_5_can_be_missing() {
        let mut numbers: Vec<u8> = CHECKS.iter().map(|check| check.item.number).collect();
        numbers.dedup();
        assert_eq!(numbers, [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
    }
}
