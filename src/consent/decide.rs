//! The decision itself: every label once, then permit, reduce or deny.

use std::collections::{BTreeMap, BTreeSet};

use super::Question;
use super::decision::{self, Basis, Decision, Denial, Grant, Permit, Reduction, Withheld};
use super::engine::{Engine, Verdict};
use super::explain::{self, Why};
use super::facts::{self, Evidence, Facts};
use super::label::Label;
use super::reduce;
use super::rule::RuleId;
use super::trail::Trail;
use crate::fhir::Bundle;
use crate::model::DataCategory;

impl Engine {
    /// Decides one release: one document to one recipient for one purpose at one moment.
    /// The same question always has the same answer.
    #[must_use]
    pub fn decide(&self, question: &Question<'_>) -> Decision {
        self.decide_on_record(question).0
    }

    /// The same, with everything it rested on: to be stored, told and replayed.
    #[must_use]
    pub fn decide_on_record(&self, question: &Question<'_>) -> (Decision, Trail) {
        let evidence = facts::gather(question);
        let verdicts = self.verdicts(&evidence.facts);
        let mut held = reduce::labels(question.audience());
        held.insert(Label::Administrative);
        let decision = self.settle(question, &evidence, &verdicts, &held);
        let trail = Trail::new(self, question.recipient, evidence, verdicts, held, &decision);
        (decision, trail)
    }

    fn settle(
        &self,
        question: &Question<'_>,
        evidence: &Evidence,
        verdicts: &BTreeMap<Label, Verdict>,
        held: &BTreeSet<Label>,
    ) -> Decision {
        if let Some(denial) = self.denied(evidence, verdicts) {
            return Decision::Deny(denial);
        }
        let released: BTreeSet<Label> =
            verdicts.iter().filter(|(_, verdict)| verdict.allows()).map(|(label, _)| *label).collect();
        let going: BTreeSet<Label> = held.intersection(&released).copied().collect();
        let basis = self.basis(evidence, verdicts, &going);
        let mut grant = Grant {
            recipient: question.recipient.id.clone(),
            purpose: question.purpose,
            basis,
            withheld: Vec::new(),
            remarks: evidence.remarks.clone(),
        };
        if released.contains(&Label::Unassigned) {
            return Decision::Permit(Permit { bundle: question.bundle.clone(), grant });
        }
        let cut = reduce::cut(question.audience(), &released);
        if let Some(kind) = &cut.broken {
            return Decision::Deny(not_reducible(kind, evidence.remarks.clone(), self.only_doubt_forbids(evidence)));
        }
        if cut.losses.is_empty() && cut.plain() == *question.bundle.content().value() {
            return Decision::Permit(Permit { bundle: question.bundle.clone(), grant });
        }
        grant.withheld = self.withheld(&evidence.facts, verdicts, &cut.losses);
        let said = grant.withheld.iter().map(|w| (w.category, w.rule.clone())).collect();
        let on_consent = !grant.basis.consents.is_empty();
        let value = if grant.withheld.is_empty() { cut.plain() } else { cut.labelled(&said, on_consent) };
        match Bundle::new(value) {
            Ok(draft) => Decision::Reduce(Reduction { draft, grant }),
            Err(_) => Decision::Deny(not_reducible("Bundle", grant.remarks, false)),
        }
    }

    /// Every label, once. What nobody has put in a category goes only when everything may go, whatever policy says.
    pub(super) fn verdicts(&self, facts: &Facts) -> BTreeMap<Label, Verdict> {
        let asking = match self.asking(facts) {
            Ok(asking) => asking,
            Err(fault) => return Label::all().map(|label| (label, Verdict::Faulty(fault.clone()))).collect(),
        };
        let mut verdicts: BTreeMap<Label, Verdict> = Label::all().map(|label| (label, asking.about(label))).collect();
        if !verdicts.values().all(Verdict::allows) && verdicts.get(&Label::Unassigned).is_some_and(Verdict::allows) {
            verdicts.insert(Label::Unassigned, Verdict::Silent);
        }
        verdicts
    }

    /// A denial of everything: policy failed somewhere, or not even the message, or not even who the person is, may go.
    pub(super) fn denied(&self, evidence: &Evidence, verdicts: &BTreeMap<Label, Verdict>) -> Option<Denial> {
        let faulty = verdicts.iter().find(|(_, verdict)| matches!(verdict, Verdict::Faulty(_)));
        let demographics = Label::from(DataCategory::Demographics);
        let needed = [demographics, Label::Administrative];
        let needed = needed.iter().filter(|label| evidence.facts.holds_person || **label != demographics);
        let refused = needed.filter_map(|label| verdicts.get_key_value(label)).find(|(_, verdict)| !verdict.allows());
        let (label, verdict) = faulty.or(refused)?;
        let Why { rule, reason, would_change } = explain::why(self, &evidence.facts, *label, verdict);
        let unreadable = self.only_doubt_forbids(evidence);
        Some(Denial { rule, reason, would_change, remarks: evidence.remarks.clone(), unreadable, irreducible: false })
    }

    /// Why a label is not permitted.
    pub(super) fn why(&self, evidence: &Evidence, label: Label, verdict: &Verdict) -> Why {
        explain::why(self, &evidence.facts, label, verdict)
    }

    /// Whether everything would go if only objections counted that can be read with certainty.
    fn only_doubt_forbids(&self, evidence: &Evidence) -> bool {
        let sure = Facts { objected: evidence.surely_objected.clone(), ..evidence.facts.clone() };
        sure.objected != evidence.facts.objected && self.verdicts(&sure).values().all(Verdict::allows)
    }

    /// What the release of the labels that go rests on. Consents and agreements count where, without them, policy
    /// would not have permitted.
    fn basis(&self, evidence: &Evidence, verdicts: &BTreeMap<Label, Verdict>, going: &BTreeSet<Label>) -> Basis {
        let facts = &evidence.facts;
        let unconsented = Facts { named: BTreeSet::new(), unnamed: BTreeSet::new(), ..facts.clone() };
        let unagreed = Facts { agreed: BTreeSet::new(), ..facts.clone() };
        let mut rules = BTreeSet::new();
        let mut consents = BTreeSet::new();
        let mut agreements = BTreeSet::new();
        for label in going {
            if let Some(Verdict::Allowed(ids)) = verdicts.get(label) {
                rules.extend(ids.iter().cloned());
            }
            let Label::Category(category) = label else { continue };
            if let Some(cited) = evidence.consents.get(category)
                && !self.ask(&unconsented, *label).allows()
            {
                consents.extend(cited.iter().cloned());
            }
            if let Some(cited) = evidence.agreements.get(category)
                && !self.ask(&unagreed, *label).allows()
            {
                agreements.extend(cited.iter().cloned());
            }
        }
        Basis {
            rules: rules.into_iter().collect(),
            consents: consents.into_iter().collect(),
            agreements: agreements.into_iter().collect(),
        }
    }

    /// What was left out, by label, each with the reason that would have to change first.
    fn withheld(
        &self,
        facts: &Facts,
        verdicts: &BTreeMap<Label, Verdict>,
        losses: &[(Label, String)],
    ) -> Vec<Withheld> {
        let mut by_label: BTreeMap<Label, Vec<String>> = BTreeMap::new();
        for (label, name) in losses {
            by_label.entry(*label).or_default().push(name.clone());
        }
        let explained = |label: Label| {
            let verdict = verdicts.get(&label).unwrap_or(&Verdict::Silent);
            explain::why(self, facts, label, verdict)
        };
        let refused = verdicts.iter().find(|(label, verdict)| **label != Label::Unassigned && !verdict.allows());
        by_label
            .into_iter()
            .map(|(label, names)| {
                let why = match (label, refused) {
                    (Label::Unassigned, Some((first, _))) => unassigned(explained(*first)),
                    _ => explained(label),
                };
                let Why { rule, reason, would_change } = why;
                Withheld { category: label, what: decision::what(&names), rule, reason, would_change }
            })
            .collect()
    }
}

/// What nobody has put in a category is withheld because something else is.
pub(super) fn unassigned(because: Why) -> Why {
    Why {
        rule: because.rule,
        reason: "What has no category goes only where everything may go, and here not everything may.".to_owned(),
        would_change: "The sender gives each part a category, or everything may go to this recipient.".to_owned(),
    }
}

fn not_reducible(kind: &str, remarks: Vec<String>, unreadable: bool) -> Denial {
    Denial {
        rule: RuleId::not_reducible(),
        reason: format!("Parts must be withheld, and without them the {kind} would not mean what it says."),
        would_change: format!(
            "The sender sends the {kind} without modifier extensions, implicit rules or labels that hold back all of it."
        ),
        remarks,
        unreadable,
        irreducible: true,
    }
}
