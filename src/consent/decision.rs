//! What a decision gives out. Only this module's parent can make a [`Permit`]: holding one means that its bundle was
//! validated and may go to the one recipient it names. Debug texts show no content.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;

use super::error::ConsentError;
use super::label::Label;
use super::rule::RuleId;
use super::{Engine, Question};
use crate::fhir::Bundle;
use crate::model::{PartyId, Purpose};
use crate::validate::Validated;

/// The answer to a [`Question`].
#[derive(Debug)]
pub enum Decision {
    /// The bundle goes as it is.
    Permit(Permit),
    /// The bundle goes with parts withheld, once the draft has been validated and confirmed.
    Reduce(Reduction),
    /// Nothing goes.
    Deny(Denial),
}

/// What a release rests on (for the audit record).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Basis {
    /// The rules that permitted what goes.
    pub rules: Vec<RuleId>,
    /// The Consents relied on, each by a digest of its content (`Consent/` and 16 hexadecimal digits).
    pub consents: Vec<String>,
    /// The sharing agreements relied on: id and version.
    pub agreements: Vec<(String, String)>,
    /// The overrides relied on, by id (CS-09).
    pub overrides: Vec<String>,
    /// When the first of what is relied on runs out, or an objection that is recorded already comes into force. A copy is
    /// not sent from then on without being decided again (CS-18).
    pub relied_until: Option<Timestamp>,
}

/// One label withheld from a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    pub category: Label,
    /// Which resources and elements, by type and number; never content.
    pub what: String,
    pub rule: RuleId,
    /// Why, in plain English: the reason that would have to change first.
    pub reason: String,
    /// Everything that would have to change.
    pub would_change: String,
    /// A professional must judge this part: "refer to a person" (CS-19).
    pub refer: bool,
}

/// Leave to send one validated bundle to one recipient.
pub struct Permit {
    pub(super) bundle: Validated<Bundle>,
    pub(super) grant: Grant,
}

/// All of a permit but the bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grant {
    pub recipient: PartyId,
    pub purpose: Purpose,
    pub basis: Basis,
    pub withheld: Vec<Withheld>,
    /// What the recipient may be told was withheld (CS-22).
    pub told: BTreeSet<Label>,
    pub remarks: Vec<String>,
}

impl Permit {
    #[must_use]
    pub const fn recipient(&self) -> &PartyId {
        &self.grant.recipient
    }

    #[must_use]
    pub const fn bundle(&self) -> &Validated<Bundle> {
        &self.bundle
    }

    #[must_use]
    pub const fn basis(&self) -> &Basis {
        &self.grant.basis
    }

    /// Everything that was withheld, for the sender and the audit record.
    #[must_use]
    pub fn withheld(&self) -> &[Withheld] {
        &self.grant.withheld
    }

    /// Whether the recipient may be told that something with this label was withheld (CS-22). Of what they may not be
    /// told the copy gives no sign, and nothing that is shown to them may.
    #[must_use]
    pub fn may_tell(&self, label: Label) -> bool {
        self.grant.told.contains(&label)
    }

    /// What a person should know about how the recorded wishes were read, e.g. that an objection names somebody the
    /// gateway cannot match. Names nobody.
    #[must_use]
    pub fn remarks(&self) -> &[String] {
        &self.grant.remarks
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").field("grant", &self.grant).finish_non_exhaustive()
    }
}

/// A reduced bundle that is not a permit yet: it must be validated, and decided again.
pub struct Reduction {
    pub(super) draft: Bundle,
    pub(super) grant: Grant,
}

impl Reduction {
    /// The reduced bundle, to be validated.
    #[must_use]
    pub fn draft(&self) -> Bundle {
        self.draft.clone()
    }

    #[must_use]
    pub fn withheld(&self) -> &[Withheld] {
        &self.grant.withheld
    }

    #[must_use]
    pub fn remarks(&self) -> &[String] {
        &self.grant.remarks
    }

    /// Turns the validated draft into a permit. `question` is the one this reduction came from: the facts are those of
    /// its bundle, and of the draft it is held that under them everything in it may go. A copy says less of the person's
    /// wishes than the document does, so that facts of its own would be others.
    ///
    /// # Errors
    /// When the validated bundle is not the draft, when the question is about another recipient or purpose, or when
    /// the draft, decided again, does not come out whole.
    pub fn confirm(
        self,
        engine: &Engine,
        validated: Validated<Bundle>,
        question: &Question<'_>,
    ) -> Result<Permit, ConsentError> {
        if question.recipient.id != self.grant.recipient || question.purpose != self.grant.purpose {
            return Err(ConsentError::OtherQuestion);
        }
        if *validated.content() != self.draft {
            return Err(ConsentError::NotTheDraft);
        }
        match engine.decide_again(&validated, question) {
            Decision::Permit(again) => {
                Ok(Permit { bundle: validated, grant: Grant { basis: again.grant.basis, ..self.grant } })
            }
            Decision::Reduce(again) => {
                let rule = again.grant.withheld.first().map_or_else(RuleId::not_reducible, |w| w.rule.clone());
                Err(ConsentError::NotWhole(rule.to_string()))
            }
            Decision::Deny(denial) => Err(ConsentError::NotWhole(denial.rule.to_string())),
        }
    }
}

impl fmt::Debug for Reduction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reduction").field("grant", &self.grant).finish_non_exhaustive()
    }
}

/// Nothing goes to this recipient. For the sender and the audit record; the recipient is told nothing (CS-22).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    pub rule: RuleId,
    pub reason: String,
    /// What would change the answer, in plain English.
    pub would_change: String,
    pub remarks: Vec<String>,
    /// Everything would go but for objections that could not be read with certainty.
    pub unreadable: bool,
    /// Parts must be withheld, and the rest cannot be cut so that it still means what it says.
    pub irreducible: bool,
    /// A professional must judge: the answer is "refer to a person" (CS-19).
    pub refer: bool,
}

/// What was left out of one label: counted resource types, then element names.
pub(super) fn what(names: &[String]) -> String {
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    let mut elements: BTreeSet<&str> = BTreeSet::new();
    for name in names {
        if name.contains('.') {
            elements.insert(name);
        } else {
            *counted.entry(name).or_default() += 1;
        }
    }
    let counted = counted.into_iter().map(|(name, count)| format!("{count} {name}"));
    counted.chain(elements.into_iter().map(str::to_owned)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::what;

    #[test]
    fn what_was_withheld_is_counted_by_type_and_never_quoted() {
        let names = ["Condition", "Patient.telecom", "MedicationStatement", "Condition", "Patient.telecom"];
        let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
        assert_eq!(what(&names), "2 Condition, 1 MedicationStatement, Patient.telecom");
    }
}
