//! The table of clinical items: key, words, data category, place in the document. `map`, `readable` and the FHIR
//! CodeSystem `referral-item` all go by this table, so that an item exists in all of them or in none.

use super::Referral;
use crate::documents::parts::{Form, Known, Statement};
use crate::model::DataCategory;

/// An item made of statements.
pub struct Item {
    /// Code in our `referral-item` CodeSystem.
    pub key: &'static str,
    pub title: &'static str,
    pub category: DataCategory,
    /// JSON pointer in the native document.
    pub pointer: &'static str,
    pub form: Form,
    /// The answer, where there is one.
    pub get: fn(&Referral) -> Option<&Known<Statement>>,
    /// Where an answer goes.
    pub slot: fn(&mut Referral) -> &mut Option<Known<Statement>>,
}

/// An item made of structured entries; only "none known" is handled by the table.
pub struct List {
    pub key: &'static str,
    pub title: &'static str,
    pub category: DataCategory,
    pub pointer: &'static str,
    /// Whether the answer is "none known".
    pub none_known: fn(&Referral) -> bool,
    /// Answers "none known", unless there is an answer already; says whether it did.
    pub answer_none: fn(&mut Referral) -> bool,
}

macro_rules! statements {
    ($($key:literal, $title:literal, $category:ident, $form:ident, $pointer:literal, $($field:ident).+;)+) => {
        /// Every item made of statements.
        pub const STATEMENTS: &[Item] = &[$(Item {
            key: $key,
            title: $title,
            category: DataCategory::$category,
            pointer: $pointer,
            form: Form::$form,
            get: |referral| referral.$($field).+.as_ref(),
            slot: |referral| &mut referral.$($field).+,
        },)+];
    };
}

statements! {
    "alerts", "Alerts for visitors", RiskSummary, Flag, "/alerts", alerts;
    "risk-to-self-current", "Risk to self, now", RiskSummary, Risk, "/risk/to_self/current", risk.to_self.current;
    "risk-to-self-historical", "Risk to self, in the past", RiskSummary, Risk, "/risk/to_self/historical",
        risk.to_self.historical;
    "risk-to-others-current", "Risk to others, now", RiskSummary, Risk, "/risk/to_others/current",
        risk.to_others.current;
    "risk-to-others-historical", "Risk to others, in the past", RiskSummary, Risk, "/risk/to_others/historical",
        risk.to_others.historical;
    "formulation-problem", "Formulation: problem", RiskSummary, Risk, "/risk/formulation/problem",
        risk.formulation.problem;
    "formulation-predisposing", "Formulation: predisposing", RiskSummary, Risk, "/risk/formulation/predisposing",
        risk.formulation.predisposing;
    "formulation-precipitating", "Formulation: precipitating", RiskSummary, Risk, "/risk/formulation/precipitating",
        risk.formulation.precipitating;
    "formulation-perpetuating", "Formulation: perpetuating", RiskSummary, Risk, "/risk/formulation/perpetuating",
        risk.formulation.perpetuating;
    "formulation-protective", "Formulation: protective", RiskSummary, Risk, "/risk/formulation/protective",
        risk.formulation.protective;
    "safeguarding-concerns", "Safeguarding concerns", Safeguarding, Flag, "/safeguarding/concerns",
        safeguarding.concerns;
    "needs-and-goals", "What the person wants and needs", NeedsAndGoals, Observation, "/needs_and_goals",
        needs_and_goals;
    "communication-needs", "Communication and access needs", ContactAndCommunication, Observation,
        "/communication_needs", communication_needs;
    "significant-life-events", "Significant life events", FamilyHistory, Observation, "/significant_life_events",
        significant_life_events;
    "treatments-tried", "Treatments already tried", MentalHealthHistory, Observation, "/treatments_tried",
        treatments_tried;
    "previous-psychiatric-history", "Previous psychiatric history", MentalHealthHistory, Observation,
        "/previous_psychiatric_history", previous_psychiatric_history;
    "personal-history", "Personal history", FamilyHistory, Observation, "/personal_history", personal_history;
    "family-history", "Family history", FamilyHistory, Observation, "/family_history", family_history;
    "substance-use", "Drugs and alcohol", SubstanceUse, Observation, "/substance_use", substance_use;
    "forensic-history", "Forensic history", Forensic, Observation, "/forensic_history", forensic_history;
    "legal-status", "Legal status", LegalStatus, Observation, "/legal_status", legal_status;
    "support-networks", "Support networks", Carer, Observation, "/support_networks", support_networks;
    "housing-money-work", "Housing, money and work", FinanceHousingEmployment, Observation, "/housing_money_work",
        housing_money_work;
    "pregnancy-and-sexual-health", "Pregnancy and sexual health", ReproductiveAndSexualHealth, Observation,
        "/pregnancy_and_sexual_health", pregnancy_and_sexual_health;
    "advance-statement", "Advance statement", AdvanceStatement, Observation, "/advance_statement", advance_statement;
    "statements-by-others", "What other people say", ThirdPartyStatement, Observation, "/statements_by_others",
        statements_by_others;
}

macro_rules! lists {
    ($($key:literal, $title:literal, $category:ident, $pointer:literal, $field:ident;)+) => {
        /// Every item made of structured entries.
        pub const LISTS: &[List] = &[$(List {
            key: $key,
            title: $title,
            category: DataCategory::$category,
            pointer: $pointer,
            none_known: |referral| matches!(referral.$field, Some(Known::NoneKnown)),
            answer_none: |referral| {
                let free = referral.$field.is_none();
                if free {
                    referral.$field = Some(Known::NoneKnown);
                }
                free
            },
        },)+];
    };
}

// Dependants are `safeguarding`: a child in the household is told of only as CS-20 allows.
lists! {
    "dependants", "Dependants", Safeguarding, "/dependants", dependants;
    "next-of-kin", "Next of kin", Carer, "/next_of_kin", next_of_kin;
    "working-diagnosis", "Working diagnosis", MentalHealthHistory, "/working_diagnosis", working_diagnosis;
    "medical-conditions", "Medical conditions", PhysicalHealth, "/medical_conditions", medical_conditions;
    "medication", "Medication", Medication, "/medication", medication;
    "allergies", "Allergies", PhysicalHealth, "/allergies", allergies;
    "carers", "Carers", Carer, "/carers", carers;
}

#[cfg(test)]
mod tests {
    use super::{LISTS, STATEMENTS};
    use crate::documents::Referral;
    use crate::documents::parts::Known;
    use serde_json::json;

    fn smallest() -> Referral {
        Referral::from_json(json!({
            "id": "a", "response": "routine", "person": {"names": [{"family": "Test"}]},
            "referrer": {"kind": "self"}, "reasons": [{"text": "low"}],
        }))
        .unwrap()
    }

    #[test]
    fn every_item_writes_where_it_reads_and_where_its_pointer_says() {
        for item in STATEMENTS {
            let mut referral = smallest();
            assert!((item.get)(&referral).is_none());
            *(item.slot)(&mut referral) = Some(Known::NoneKnown);
            assert!((item.get)(&referral).is_some(), "{}", item.key);
            assert_eq!(referral.to_json().pointer(item.pointer), Some(&json!("none-known")), "{}", item.key);
        }
        for list in LISTS {
            let mut referral = smallest();
            assert!((list.answer_none)(&mut referral) && (list.none_known)(&referral), "{}", list.key);
            assert!(!(list.answer_none)(&mut referral));
            assert_eq!(referral.to_json().pointer(list.pointer), Some(&json!("none-known")), "{}", list.key);
        }
    }

    #[test]
    fn no_key_is_used_twice() {
        let mut keys: Vec<_> = STATEMENTS.iter().map(|i| i.key).chain(LISTS.iter().map(|l| l.key)).collect();
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }
}
