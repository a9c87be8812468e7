//! What a referrer says that routing and eligibility advice go by and no other field of a referral tells in a code
//! (L430-465). Said by the referrer and never worked out from text.

use super::vocabulary::vocabulary;

vocabulary! {
    /// A statement about the pathway a person is on.
    pub enum Pathway {
        /// L459-460.
        FirstEpisodePsychosis => "first-episode-psychosis", "suspected first episode of psychosis";
        /// L461-462.
        Perinatal => "perinatal", "pregnant, or gave birth within the last 12 months";
        /// L465.
        EatingDisorder => "eating-disorder", "an eating disorder is the primary diagnosis";
        /// L545-546.
        OutOfAreaReturn => "out-of-area-return", "returning from an out-of-area or alternative hospital placement";
        /// L461-462: who is, does not go to the perinatal team for that alone.
        KnownToServices => "known-to-services", "known to mental health services at present";
        /// L433-435.
        KnownToAdultServices => "known-to-adult-services", "known to adult mental health services in the past";
        /// L453-455.
        PrimaryCareTried => "primary-care-tried", "treated in primary care by the pathway and NICE guidelines";
        /// L453-455.
        PrimaryCareNotTried => "primary-care-not-tried", "not yet treated in primary care by the pathway and NICE guidelines";
        /// L456-457.
        AutismLearningDisabilityOnly => "autism-learning-disability-only",
            "autism with a learning disability, and no mental health problem";
        /// L458.
        SubstanceUseOnly => "substance-use-only", "substance use, and no mental health need";
        /// L463.
        OrganicCondition => "organic-condition", "an organic condition";
        /// L464.
        PhysicalIllness => "physical-illness", "mental health difficulties that go with a physical illness";
        /// L439-440.
        PoorAdherence => "poor-adherence", "a longer-term disorder in which treatment is not followed and must be followed up";
        /// L445-447.
        AssertiveOutreach => "assertive-outreach", "taken on by an assertive outreach team";
        /// L552-554.
        TherapyCompleted => "therapy-completed", "recently completed exploratory psychological therapy";
        /// L555-556.
        Polypharmacy => "polypharmacy", "help with several medicines at once is asked for";
    }
}

#[cfg(test)]
mod tests {
    use super::Pathway;

    #[test]
    fn codes_are_read_as_they_are_written_and_none_twice() {
        for pathway in Pathway::ALL {
            assert_eq!(Pathway::from_code(pathway.code()), Some(*pathway));
            assert_eq!(serde_json::to_value(pathway).unwrap(), pathway.code());
        }
    }
}
