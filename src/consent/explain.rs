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
        // An override would do for most labels, and is only told of where nothing else would.
        if let Some(last) = *self.last.borrow()
            && !varied
            && lapsed.overriding.is_none()
            && !last.has(Lever::Override)
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

#[cfg(test)]
mod tests {
    use super::{Evidence, Explainer, Label, Why};
    use crate::consent::facts::{Facts, Lapsed, Overriding};
    use crate::consent::records::{Capacity, OverrideBasis};
    use crate::consent::{Emergency, Engine};
    use crate::model::{DataCategory, PartyKind, Purpose, Sector, Wording};

    const MEDICATION: Label = Label::Category(DataCategory::Medication);

    fn explained(evidence: &Evidence, label: Label) -> Why {
        let engine = Engine::embedded().unwrap();
        let verdict = engine.ask(&evidence.facts, label);
        assert!(!verdict.allows(), "{verdict:?}");
        Explainer::new(&engine, evidence).why(label, &verdict)
    }

    /// Holds each row's rule, a word of its reason and two of what would change it.
    fn hold(table: Vec<(Facts, Label, &str, &str, [&str; 2])>) {
        for (facts, label, rule, reason, changes) in table {
            let found = explained(&Evidence::of(facts), label);
            assert_eq!(found.rule.as_str(), rule, "{found:?}");
            assert!(found.reason.contains(reason), "{found:?}");
            assert!(changes.iter().all(|change| found.would_change.contains(change)), "{found:?}");
            assert_eq!(found.refer, rule == "CS-19", "{found:?}");
        }
    }

    #[test]
    fn the_reason_is_the_one_that_would_have_to_change_first() {
        let nothing = Facts::none(PartyKind::Vcse);
        let consented = Facts { named: [MEDICATION].into(), ..nothing.clone() };
        let unnamed = Facts { unnamed: [MEDICATION].into(), ..nothing.clone() };
        let both = Facts { agreed: [MEDICATION].into(), ..unnamed.clone() };
        let agreed = Facts { agreed: [MEDICATION].into(), ..nothing.clone() };
        let objected = Facts { objected: [MEDICATION].into(), ..consented.clone() };
        let unrelated = Facts::none(PartyKind::Cmht);
        let answered =
            Facts { purpose: Purpose::MessageOutcome, care_relationship: true, ..Facts::none(PartyKind::Cmht) };
        hold(vec![
            (nothing, MEDICATION, "CS-04", "no explicit consent", ["consent that names", "agreement between"]),
            (consented, MEDICATION, "CS-04", "No sharing agreement", ["agreement between", ""]),
            (unnamed, MEDICATION, "CS-04", "CS-05", ["consent that names", "agreement between"]),
            (both, MEDICATION, "CS-05", "CS-05", ["consent that names", ""]),
            (agreed, MEDICATION, "CS-04", "no explicit consent", ["consent that names", ""]),
            (objected, MEDICATION, "CS-02", "objects", ["withdraws the objection", "agreement between"]),
            (unrelated, MEDICATION, "CS-01", "no care relationship", ["destination", ""]),
            (answered, MEDICATION, "CS-01", "purpose", ["direct care", ""]),
            (Facts::none(PartyKind::LocalAuthority), MEDICATION, "GW-02", "no explicit consent", ["agreement", ""]),
            (Facts::none(PartyKind::PrivateProvider), MEDICATION, "CS-11", "no explicit consent", ["consent", ""]),
        ]);
    }

    #[test]
    fn every_fact_that_keeps_something_back_is_named_with_what_would_change_it() {
        let team = Facts { care_relationship: true, ..Facts::none(PartyKind::Cmht) };
        let ours = |label: Label, facts: Facts| Facts { named: [label].into(), agreed: [label].into(), ..facts };
        let charity = ours(MEDICATION, Facts::none(PartyKind::Vcse));
        let carer = Label::Category(DataCategory::Carer);
        let said = Label::Category(DataCategory::ThirdPartyStatement);
        let clinic = Facts { cares_for_person: true, ..ours(MEDICATION, Facts::none(PartyKind::PrivateProvider)) };
        let override_of = |label: Label| Overriding {
            basis: OverrideBasis::RiskToSelf,
            labels: [label].into(),
            professional: Wording::parse("Made-up").unwrap(),
            rationale: Wording::parse("stated").unwrap(),
        };
        let stated =
            Emergency { professional: Wording::parse("Made-up").unwrap(), reason: Wording::parse("stated").unwrap() };
        let letter = Facts { copied_to_person: true, ..team.clone() };
        hold(vec![
            (
                Facts { not_informed: [MEDICATION].into(), ..team.clone() },
                MEDICATION,
                "CS-03",
                "not to be informed",
                ["takes this recipient off", ""],
            ),
            (
                Facts { withdrawn: [MEDICATION].into(), ..team.clone() },
                MEDICATION,
                "CS-17",
                "withdrawn",
                ["consent again", ""],
            ),
            (
                Facts { relied_until: Some(team.now), ..team.clone() },
                MEDICATION,
                "CS-18",
                "runs out",
                ["decided again", ""],
            ),
            (
                Facts { capacity: Capacity::InDoubt, ..charity.clone() },
                MEDICATION,
                "CS-19",
                "in doubt",
                ["best interests", ""],
            ),
            (
                Facts { capacity: Capacity::Lacks, ..Facts::none(PartyKind::Vcse) },
                MEDICATION,
                "CS-19",
                "lacks capacity",
                ["capacity", "agreement"],
            ),
            (ours(carer, charity.clone()), carer, "CS-08", "carer's own details", ["the carer agrees", ""]),
            (
                Facts { origin_stated: false, sender_sector: Sector::Nhs, ..clinic.clone() },
                MEDICATION,
                "CS-13",
                "NHS or private",
                ["NHS or private", ""],
            ),
            (
                Facts {
                    cares_for_person: false,
                    overriding: Some(override_of(MEDICATION)),
                    ..Facts::none(PartyKind::PrivateProvider)
                },
                MEDICATION,
                "CS-12",
                "consent",
                ["", ""],
            ),
            (letter, Label::ToldInConfidence, "CS-07", "copied to the person", ["not copied", ""]),
            (
                Facts { person_access: true, ..team.clone() },
                Label::ToldInConfidence,
                "CS-07",
                "in confidence",
                ["Nothing", ""],
            ),
            (team.clone(), Label::AboutAChild, "CS-20", "named professional", ["records an override", ""]),
            (
                Facts { registered_gp: true, ..Facts::none(PartyKind::GpPractice) },
                said,
                "CS-14",
                "leaves this out",
                ["", ""],
            ),
            (
                Facts { emergency: Some(stated), ..Facts::none(PartyKind::Crht) },
                said,
                "CS-10",
                "leaves this out",
                ["", ""],
            ),
            (Facts { own_record: true, ..Facts::none(PartyKind::Person) }, said, "GW-00", "No rule", ["Nothing", ""]),
            (Facts::none(PartyKind::Carer), MEDICATION, "CS-06", "no explicit consent", ["consent", ""]),
        ]);
    }

    #[test]
    fn cs_18_what_has_run_out_is_named_where_it_would_have_let_it_go() {
        let agreed = Facts { agreed: [MEDICATION].into(), ..Facts::none(PartyKind::Vcse) };
        let consented = Facts { named: [MEDICATION].into(), ..Facts::none(PartyKind::Vcse) };
        let table = [
            (
                agreed,
                Lapsed { named: [MEDICATION].into(), ..Lapsed::default() },
                "consent for this recipient has run out",
            ),
            (consented, Lapsed { agreed: [MEDICATION].into(), ..Lapsed::default() }, "agreement that covered this"),
        ];
        for (facts, lapsed, reason) in table {
            let found = explained(&Evidence { lapsed, ..Evidence::of(facts) }, MEDICATION);
            assert_eq!(found.rule.as_str(), "CS-18", "{found:?}");
            assert!(found.reason.contains(reason) && found.would_change.contains("renew"), "{found:?}");
        }
    }

    #[test]
    fn labels_explained_after_one_another_are_explained_as_on_their_own() {
        let engine = Engine::embedded().unwrap();
        let facts = Facts {
            unnamed: Label::all().collect(),
            objected: [MEDICATION].into(),
            agreed: [MEDICATION, DataCategory::Carer.into()].into(),
            ..Facts::none(PartyKind::Vcse)
        };
        let evidence = Evidence::of(facts);
        let together = Explainer::new(&engine, &evidence);
        for label in Label::all() {
            let verdict = engine.ask(&evidence.facts, label);
            if !verdict.allows() {
                assert_eq!(together.why(label, &verdict), explained(&evidence, label), "{label}");
            }
        }
    }
}
