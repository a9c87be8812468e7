//! Data categories: what kind of fact a part of a document holds.
//! The list is the one of `consent-and-sharing.md`; assigning a part to a category is not done here.

use super::vocabulary::vocabulary;

vocabulary! {
    /// What kind of fact a part of a document holds ("Data categories and labels").
    pub enum DataCategory {
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
