//! Advice to whoever triages, item by item with its source (L395, L430-465). Never a reason to refuse: nothing here is
//! asked when it is decided where a referral goes.

use super::catchment::Located;
use super::facts::PersonFacts;
use super::rule::Says;
use super::ruleset::Rules;

/// One item of advice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// `EL-03`.
    pub rule: String,
    pub says: Says,
    /// The sentence.
    pub text: String,
    pub source: String,
}

/// What the rules advise about a person.
#[must_use]
pub fn advice(person: &PersonFacts, rules: &Rules) -> Vec<Advice> {
    let located = Located::of(person, &rules.areas);
    let view = located.view();
    let rows = rules.eligibility.iter().filter(|row| row.when.as_ref().is_some_and(|when| when.holds(&view)));
    rows.map(|row| Advice {
        rule: row.heading.id.clone(),
        says: row.says,
        text: row.heading.reason.clone(),
        source: row.heading.source.clone(),
    })
    .collect()
}
