//! Policies broken on purpose, one a file in `broken/`: each takes the place of the rule with its id, or comes on top.
//! The snapshots hold which proofs fail and the case that is shown.

use cmht_gateway::consent::Engine;
use cmht_gateway::prove::{ProveError, Prover};

use super::solver;

/// Proofs that ask about each rule for itself; long, and run where they are what should fail.
const OF_RULES: [&str; 4] = ["no-rule-fails", "every-rule-can-fire", "no-rule-is-shadowed", "no-condition-is-idle"];

/// Everything that fails of the policy with this file in it, and what the proof that must fail says.
fn verdict(file: &str, expected: &str) -> String {
    let (own, schema) = Engine::embedded_files();
    let path = format!("{}/tests/it/prove/broken/{file}.cedar", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let id = text.split("@id(\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_lowercase();
    let place = format!("{id}.cedar");
    let (mut own, mut site) = (own.to_vec(), Vec::new());
    match own.iter_mut().find(|(name, _)| *name == place) {
        Some(rule) => rule.1 = &text,
        None => site.push((place.as_str(), text.as_str())),
    }
    let prover = Prover::over(&own, &site, schema).unwrap();
    let (mut failing, mut shown) = (Vec::new(), None);
    for proof in prover.proofs().iter().filter(|proof| proof.name == expected || !OF_RULES.contains(&&*proof.name)) {
        match prover.prove(proof) {
            Ok(()) => {}
            Err(ProveError::Refuted(refutation)) => {
                failing.push(proof.name.clone());
                if proof.name == expected {
                    shown = Some(refutation.to_string());
                }
            }
            Err(other) => panic!("{}: {other}", proof.name),
        }
    }
    let shown = shown.unwrap_or_else(|| panic!("{expected} does not fail; what does: {failing:?}"));
    let others: Vec<String> = failing.into_iter().filter(|name| name != expected).collect();
    format!("{shown}\n\nalso not proved: {}", if others.is_empty() { "nothing".to_owned() } else { others.join(", ") })
}

macro_rules! broken {
    ($($name:ident: $file:literal => $expected:literal;)+) => {
        $(
            #[test]
            fn $name() {
                if solver() {
                    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false }, {
                        insta::assert_snapshot!($file, verdict($file, $expected));
                    });
                }
            }
        )+

        #[test]
        fn every_broken_policy_of_the_shelf_is_tried() {
            let tried = [$($file),+];
            let folder = format!("{}/tests/it/prove/broken", env!("CARGO_MANIFEST_DIR"));
            let mut files: Vec<String> = std::fs::read_dir(folder)
                .unwrap()
                .filter_map(|file| file.unwrap().file_name().to_str()?.strip_suffix(".cedar").map(str::to_owned))
                .collect();
            files.sort();
            let mut tried = tried.map(str::to_owned).to_vec();
            tried.sort();
            assert_eq!(files, tried);
            assert!(tried.len() >= 10);
        }
    };
}

broken! {
    an_agreement_that_is_forgotten_is_found: "charity-without-agreement" => "voluntary-and-justice-need-consent-and-agreement";
    a_carer_who_gets_more_than_agreed_is_found: "carer-without-consent" => "carers-need-capacitous-consent";
    an_exception_to_what_has_none_is_found: "confidence-lifted-by-override" => "told-in-confidence-never-reaches-the-person";
    an_objection_that_does_not_count_for_the_care_team_is_found: "care-team-beats-objection" => "objection-beats-every-consent";
    a_withdrawal_that_opens_something_is_found: "withdrawal-opens" => "withdrawing-consent-never-widens";
    a_rule_that_looks_at_a_score_is_found: "score-opens" => "no-rule-looks-at-a-score";
    an_override_nobody_signed_is_found: "nameless-override" => "override-names-professional-and-rationale";
    an_override_that_opens_more_than_it_names_is_found: "override-opens-all" => "an-override-opens-what-it-names";
    a_private_provider_that_does_not_care_for_the_person_is_found: "stranger-in-private-care" => "private-providers-only-whom-they-care-for";
    an_emergency_for_everybody_is_found: "emergency-for-everybody" => "an-emergency-opens-what-is-needed-now";
    one_moment_too_long_is_found: "last-moment-counts" => "expired-is-the-same-as-none";
    an_emergency_that_settles_capacity_is_found: "emergency-settles-capacity" => "capacity-in-doubt-is-for-a-person-to-decide";
    a_child_behind_any_override_is_found: "child-by-any-override" => "children-by-safeguarding-override-only";
    a_hint_that_gives_it_away_is_found: "hint-of-substance-use" => "restricted-kinds-are-hinted-at-to-care-teams-only";
    carers_details_in_the_gps_copy_are_found: "gp-gets-carers-details" => "gp-copy-without-what-others-said";
    over_withholding_is_found: "objection-stops-signposting" => "carers-always-get-general-information";
    a_rule_that_can_fail_is_found: "sum-overflows" => "no-rule-fails";
    a_rule_that_never_fires_is_found: "never-fires" => "every-rule-can-fire";
    a_rule_that_others_shadow_is_found: "shadowed" => "no-rule-is-shadowed";
}
