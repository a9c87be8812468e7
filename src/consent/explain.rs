//! Why a label is not permitted and what would change it: found by asking policy again with facts changed one by one,
//! so that rules added later explain themselves. Decides nothing.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::engine::{Asking, Engine, Fired, Verdict};
use super::facts::Evidence;
use super::label::Label;
use super::lever::{Lever, Levers};
use super::rule::RuleId;
use crate::model::DataCategory;

/// The reason for a label that is not permitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Why {
    pub rule: RuleId,
    pub reason: String,
    pub would_change: String,
    /// A professional must judge: the answer is "refer to a person" (CS-19).
    pub refer: bool,
}

/// Explains one decision. What policy was asked about once is not built again for the next label.
pub(super) struct Explainer<'e> {
    engine: &'e Engine,
    evidence: &'e Evidence,
    /// Every lever that would change something.
    all: Levers,
    asked: RefCell<BTreeMap<Levers, Option<Rc<Asking<'e>>>>>,
    /// What was found for the label before: the next often needs the same.
    last: RefCell<Option<Levers>>,
}

impl<'e> Explainer<'e> {
    pub(super) fn new(engine: &'e Engine, evidence: &'e Evidence) -> Self {
        let all = Lever::that_count(evidence);
        Self { engine, evidence, all, asked: RefCell::default(), last: RefCell::default() }
    }

    /// Explains a verdict that does not allow.
    pub(super) fn why(&self, label: Label, verdict: &Verdict) -> Why {
        if let Verdict::Faulty(fault) = verdict {
            return Why {
                rule: RuleId::fault(),
                reason: format!("The consent policy could not be evaluated, so nothing goes: {fault}"),
                would_change: "An administrator of the gateway corrects the policy.".to_owned(),
                refer: false,
            };
        }
        let levers = self.levers(label);
        let Some(first) = levers.iter().next() else { return self.unchangeable(label) };
        let rule = self.blamed(label, first, levers);
        let changes: Vec<&str> = levers.iter().map(Lever::change).collect();
        Why {
            refer: rule == RuleId::needs_a_person(),
            rule,
            reason: first.reason(&self.evidence.facts, label),
            would_change: format!("It would go if {}.", changes.join(", and ")),
        }
    }

    fn unchangeable(&self, label: Label) -> Why {
        let rule = self.fired(self.all, label).forbids.into_iter().next();
        let reason = rule.as_ref().and_then(|id| self.engine.rule(id)).map(|rule| rule.reason.clone());
        let kind = self.evidence.facts.recipient_kind.code().replace('-', " ");
        Why {
            refer: false,
            rule: rule.unwrap_or_else(RuleId::no_rule),
            reason: reason.unwrap_or_else(|| format!("No rule lets a recipient of this kind ({kind}) receive this.")),
            would_change: "Nothing the person, the sender or the recipient can record under the present rules; it needs a rule that covers it, or a professional who shares it in another way.".to_owned(),
        }
    }

    /// The rule that must change first: the one that forbids and that the first lever lifts; but where the lever is there
    /// for a rule that permits and none does, a rule that narrows is not to blame, and the one that is missing is.
    fn blamed(&self, label: Label, first: Lever, levers: Levers) -> RuleId {
        if first.has_run_out() {
            return RuleId::run_out();
        }
        let now = self.fired(Levers::NONE, label);
        let opened = || self.fired(levers, label).permits.into_iter().next();
        if first.opens() && now.permits.is_empty() {
            // What the recipient has without caring for the person is under a rule of its own, which leaves this out.
            let besides = (first == Lever::CareRelationship)
                .then(|| self.fired(Levers::NONE, DataCategory::Demographics.into()).permits.into_iter().next());
            return besides.flatten().or_else(opened).unwrap_or_else(RuleId::no_rule);
        }
        let others = self.all.without(first).without(Lever::Override).without(Lever::RenewedOverride);
        let own = self.fired(others, label).forbids;
        let lifted: BTreeSet<&RuleId> = now.forbids.intersection(&own).collect();
        let blamed = lifted.into_iter().next().or_else(|| now.forbids.first()).cloned();
        blamed.or_else(opened).unwrap_or_else(RuleId::no_rule)
    }

    /// A smallest set of levers that, pulled, would permit the label; empty when none does.
    fn levers(&self, label: Label) -> Levers {
        let lapsed = &self.evidence.lapsed;
        let varied = !lapsed.named.is_empty() || !lapsed.unnamed.is_empty() || !lapsed.agreed.is_empty();
        if let Some(last) = *self.last.borrow()
            && !varied
            && lapsed.overriding.is_none()
            && self.allows(last, label)
            && last.iter().all(|lever| !self.allows(last.without(lever), label))
        {
            return last;
        }
        if !self.allows(self.all, label) {
            return Levers::NONE;
        }
        let mut set = self.all;
        for lever in self.all.iter().rev() {
            if self.allows(set.without(lever), label) {
                set = set.without(lever);
            }
        }
        *self.last.borrow_mut() = Some(set);
        set
    }

    fn allows(&self, levers: Levers, label: Label) -> bool {
        let fired = self.fired(levers, label);
        fired.forbids.is_empty() && !fired.permits.is_empty()
    }

    fn fired(&self, levers: Levers, label: Label) -> Fired {
        let asking = self.asked.borrow_mut().entry(levers).or_insert_with(|| self.asking(levers)).clone();
        asking.and_then(|asking| asking.fired(label).ok()).unwrap_or_default()
    }

    fn asking(&self, levers: Levers) -> Option<Rc<Asking<'e>>> {
        let mut facts = self.evidence.facts.clone();
        for lever in levers.iter() {
            lever.pull(&mut facts, self.evidence);
        }
        self.engine.asking(&facts).ok().map(Rc::new)
    }
}
