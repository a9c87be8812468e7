//! The proofs that come with the gateway, as (name, text). A test holds that no file of the folder is left out.

macro_rules! embedded {
    ($folder:literal: $($name:literal,)+) => {
        &[$(($name, include_str!(concat!("../../profiles/policy/proofs/", $folder, $name, ".cedar"))),)+]
    };
}

/// What proofs take for granted about facts.
pub(super) const WORLD: &[(&str, &str)] = embedded! { "world/":
    "sector-follows-kind",
    "sensitivity-goes-with-a-category",
};

/// What is proved, in the order in which it is told.
pub(super) const PROOFS: &[(&str, &str)] = embedded! { "":
    "no-rule-fails",
    "voluntary-and-justice-need-consent-and-agreement",
    "drug-service-needs-consent-or-its-agreement",
    "local-authority-needs-consent-and-agreement",
    "carers-need-capacitous-consent",
    "private-providers-only-whom-they-care-for",
    "private-providers-need-consent",
    "told-in-confidence-never-reaches-the-person",
    "closely-guarded-parts-are-never-hinted-at",
    "restricted-kinds-are-hinted-at-to-care-teams-only",
    "who-has-no-standing-learns-nothing",
    "objection-beats-every-consent",
    "not-to-be-informed-is-not-informed",
    "withdrawn-consent-opens-nothing",
    "override-names-professional-and-rationale",
    "emergency-names-professional-and-reason",
    "substance-use-stays-in-the-care-team",
    "children-by-safeguarding-override-only",
    "unnamed-consent-opens-the-handover-view",
    "unnamed-consent-opens-no-restricted-kind-to-private-care",
    "gp-copy-without-what-others-said",
    "carers-details-are-the-carers",
    "expired-is-the-same-as-none",
    "capacity-in-doubt-is-for-a-person-to-decide",
    "nothing-known-nothing-goes",
    "other-purposes-tell-nothing-about-anybody",
    "people-get-their-own-record-only",
    "own-record-without-what-others-said",
    "private-and-nhs-stay-distinguishable",
    "withdrawing-consent-never-widens",
    "ending-an-agreement-never-widens",
    "recording-an-objection-never-widens",
    "a-plan-that-says-not-to-inform-never-widens",
    "withdrawing-the-carers-consent-never-widens",
    "doubt-about-capacity-never-widens",
    "time-passing-never-widens",
    "no-rule-looks-at-a-score",
    "an-emergency-opens-what-is-needed-now",
    "an-override-opens-what-it-names",
    "best-interests-is-for-a-person-who-lacks-capacity",
    "an-override-that-ends-never-widens",
    "an-emergency-that-is-over-never-widens",
    "marking-a-part-more-sensitive-never-widens",
    "giving-the-person-access-never-widens",
    "a-care-relationship-that-ends-never-widens",
    "carers-always-get-general-information",
    "senders-are-always-told-what-became-of-it",
    "care-teams-get-everything",
    "care-teams-know-what-is-missing",
    "gp-gets-its-copy",
    "crisis-services-get-what-is-needed-now",
    "consent-and-agreement-open-the-handover-view",
    "consent-opens-to-a-private-provider-in-care",
    "override-opens-what-it-names",
    "every-rule-can-fire",
    "no-rule-is-shadowed",
    "no-condition-is-idle",
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{PROOFS, WORLD};

    #[test]
    fn every_file_of_the_folder_is_among_the_proofs() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/profiles/policy/proofs");
        for (folder, listed) in [(root.to_owned(), PROOFS), (format!("{root}/world"), WORLD)] {
            let there: BTreeSet<String> = std::fs::read_dir(folder)
                .unwrap()
                .filter_map(|file| file.unwrap().file_name().to_str()?.strip_suffix(".cedar").map(str::to_owned))
                .collect();
            assert_eq!(there, listed.iter().map(|(name, _)| (*name).to_owned()).collect());
        }
    }
}
