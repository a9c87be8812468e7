//! What a recipient may be told was withheld, and by which rule (CS-22). Asks policy; cuts nothing.
//!
//! Content that nobody has put in a category is withheld with anything else: where it is withheld only because of something
//! the recipient may not be told of, saying so would tell of that, and so it is not said either.

use std::collections::{BTreeMap, BTreeSet};

use super::decision::Withheld;
use super::engine::{Engine, Verdict};
use super::explain::Explainer;
use super::facts::Facts;
use super::label::Label;
use super::rule::RuleId;
use super::statement::Said;

/// What may be told.
pub(super) struct Told {
    labels: BTreeSet<Label>,
    /// The rule named for content of no category: one that does not tell of what may not be told.
    unassigned: Option<RuleId>,
}

impl Engine {
    /// What the recipient may be told of what is withheld. `held` is everything the document holds.
    pub(super) fn told(
        &self,
        explainer: &Explainer<'_>,
        facts: &Facts,
        verdicts: &BTreeMap<Label, Verdict>,
        held: &BTreeSet<Label>,
    ) -> Told {
        let asking = self.asking(facts);
        let may = |label: &Label| asking.as_ref().is_ok_and(|asking| asking.may_be_told(*label));
        let mut labels: BTreeSet<Label> = Label::all().filter(may).collect();
        let why = |label: Label, verdict: &Verdict| explainer.why(label, verdict).rule;
        let by_itself = verdicts.get_key_value(&Label::Unassigned).filter(|(_, verdict)| !verdict.allows());
        let with_another = verdicts.iter().find(|(label, verdict)| {
            !verdict.allows() && **label != Label::Unassigned && held.contains(label) && labels.contains(label)
        });
        let unassigned = with_another.or(by_itself).map(|(label, verdict)| why(*label, verdict));
        if unassigned.is_none() {
            labels.remove(&Label::Unassigned);
        }
        Told { labels, unassigned }
    }
}

impl Told {
    pub(super) const fn labels(&self) -> &BTreeSet<Label> {
        &self.labels
    }

    pub(super) fn into_labels(self) -> BTreeSet<Label> {
        self.labels
    }

    /// What is said of what was withheld.
    pub(super) fn of(&self, withheld: &[Withheld]) -> Said {
        let said = withheld.iter().filter(|part| self.labels.contains(&part.category));
        said.map(|part| {
            let own = self.unassigned.as_ref().filter(|_| part.category == Label::Unassigned);
            (part.category, own.unwrap_or(&part.rule).clone())
        })
        .collect()
    }
}
