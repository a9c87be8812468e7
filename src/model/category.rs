//! Data categories: what kind of fact a part of a document holds.
//! The list is the one of `consent-and-sharing.md`; assigning a part to a category is not done here.

use serde::{Deserialize, Serialize};

macro_rules! categories {
    ($($variant:ident => $code:literal, $title:literal;)+) => {
        /// What kind of fact a part of a document holds ("Data categories and labels").
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum DataCategory { $(#[serde(rename = $code)] $variant,)+ }

        impl DataCategory {
            /// Every category, in the order of the source list.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code used in policy, FHIR tags, agreements and the audit log.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// Words for people, fit for "we withheld: …".
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }

            /// The category with this code, if there is one.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

categories! {
    Demographics => "demographics", "who the person is";
    ContactAndCommunication => "contact-and-communication", "how to reach and talk with the person";
    ReferralReason => "referral-reason", "why the person is referred";
    NeedsAndGoals => "needs-and-goals", "needs and goals";
    Actions => "actions", "agreed actions";
    SafetyPlan => "safety-plan", "safety plan";
    ContingencyPlan => "contingency-plan", "contingency plan";
    RiskSummary => "risk-summary", "risk summary";
    Medication => "medication", "medication";
    MentalHealthHistory => "mental-health-history", "mental health history";
    PhysicalHealth => "physical-health", "physical health";
    FamilyHistory => "family-history", "personal and family history";
    Safeguarding => "safeguarding", "safeguarding";
    SubstanceUse => "substance-use", "drug and alcohol information";
    Forensic => "forensic", "forensic history";
    DialogScores => "dialog-scores", "DIALOG scores";
    LegalStatus => "legal-status", "legal status";
    Carer => "carer", "carer and next of kin";
    ThirdPartyStatement => "third-party-statement", "statements by other people";
    FinanceHousingEmployment => "finance-housing-employment", "money, housing and work";
    ReproductiveAndSexualHealth => "reproductive-and-sexual-health", "reproductive and sexual health";
    AdvanceStatement => "advance-statement", "advance statement";
}

impl std::fmt::Display for DataCategory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::DataCategory;

    #[test]
    fn every_code_leads_back_to_its_category() {
        assert_eq!(DataCategory::ALL.len(), 22);
        for category in DataCategory::ALL {
            assert_eq!(DataCategory::from_code(category.code()), Some(*category));
        }
        assert_eq!(DataCategory::from_code("Medication"), None);
    }
}
