//! Rules as people meet them: an id, a reason in plain English, a source. The policy text itself is Cedar's business.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Identifier of a rule, such as `CS-04`: two to four capitals, a hyphen, two to four digits.
/// The closed shape lets an id appear in documents that leave without carrying anything else along.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct RuleId(String);

impl TryFrom<String> for RuleId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a rule id has the form CS-04")
    }
}

impl RuleId {
    /// Reads an id; `None` when it has another shape.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (letters, digits) = text.split_once('-')?;
        let shaped = (2..=4).contains(&letters.len())
            && letters.bytes().all(|b| b.is_ascii_uppercase())
            && (2..=4).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit());
        shaped.then(|| Self(text.to_owned()))
    }

    /// No rule permits it: the default when policy is silent.
    #[must_use]
    pub fn no_rule() -> Self {
        Self("GW-00".to_owned())
    }

    /// What would remain after withholding cannot be sent without changing its meaning.
    #[must_use]
    pub fn not_reducible() -> Self {
        Self("GW-90".to_owned())
    }

    /// The policy could not be evaluated. A fault of ours, to be reported, and always a denial.
    #[must_use]
    pub fn fault() -> Self {
        Self("GW-99".to_owned())
    }

    /// What a decision rested on has run out (CS-18): explanations name it, though what has run out never reaches policy.
    pub(super) fn run_out() -> Self {
        Self("CS-18".to_owned())
    }

    /// Capacity in doubt: where this forbids, a person must decide (CS-19).
    pub(super) fn needs_a_person() -> Self {
        Self("CS-19".to_owned())
    }

    /// Whether a policy may take this id: those of the gateway's own answers are taken.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        [Self::no_rule(), Self::not_reducible(), Self::fault()].contains(self)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A loaded rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub id: RuleId,
    /// Why, in a sentence a ward clerk understands (`@reason`).
    pub reason: String,
    /// Where the rule comes from (`@source`).
    pub source: String,
}

#[cfg(test)]
mod tests {
    use super::RuleId;

    #[test]
    fn a_rule_id_has_one_shape() {
        for good in ["CS-04", "GW-01", "SITE-1001"] {
            assert!(RuleId::parse(good).is_some(), "{good}");
        }
        for bad in ["", "CS", "CS-", "cs-04", "CS-4", "CS-04 heroin", "CS-04\n", "TOOLONG-01"] {
            assert!(RuleId::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn the_ids_of_the_gateways_own_answers_are_reserved() {
        assert!(RuleId::fault().is_reserved());
        assert!(!RuleId::parse("CS-01").unwrap().is_reserved());
    }
}
