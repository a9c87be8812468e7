//! The decision itself: every label once, then permit, reduce or deny.

use std::collections::{BTreeMap, BTreeSet};

use super::Question;
use super::decision::{self, Basis, Decision, Denial, Grant, Permit, Reduction, Withheld};
use super::engine::{Asking, Engine, Verdict};
use super::explain::{Explainer, Why};
use super::facts::{self, Evidence, Facts};
use super::label::Label;
use super::records::Capacity;
use super::reduce;
use super::rule::RuleId;
use super::trail::Trail;
use crate::fhir::Bundle;
use crate::model::DataCategory;
use crate::validate::Validated;

impl Engine {
    /// Decides one release: one document to one recipient for one purpose at one moment.
    /// The same question always has the same answer.
    #[must_use]
    pub fn decide(&self, question: &Question<'_>) -> Decision {
        self.decide_on(question, &facts::gather(question)).0
    }

    /// The same, with everything it rested on: to be stored, told and replayed.
    #[must_use]
    pub fn decide_on_record(&self, question: &Question<'_>) -> (Decision, Trail) {
        let evidence = facts::gather(question);
        let (decision, verdicts, held) = self.decide_on(question, &evidence);
        let trail = Trail::new(self, question.recipient, evidence, verdicts, held, &decision);
        (decision, trail)
    }

    /// Decides on what was cut for the question, under the facts of the whole document.
    pub(super) fn decide_again(&self, reduced: &Validated<Bundle>, question: &Question<'_>) -> Decision {
        self.decide_on(&Question { bundle: reduced, ..*question }, &facts::gather(question)).0
    }

    fn decide_on(
        &self,
        question: &Question<'_>,
        evidence: &Evidence,
    ) -> (Decision, BTreeMap<Label, Verdict>, BTreeSet<Label>) {
        let verdicts = self.verdicts(&evidence.facts);
        let mut held = reduce::labels(question.audience());
        held.insert(Label::Administrative);
        (self.settle(question, evidence, &verdicts, &held), verdicts, held)
    }

    fn settle(
        &self,
        question: &Question<'_>,
        evidence: &Evidence,
        verdicts: &BTreeMap<Label, Verdict>,
        held: &BTreeSet<Label>,
    ) -> Decision {
        let explainer = Explainer::new(self, evidence);
        if let Some(denial) = self.denied(&explainer, evidence, verdicts) {
            return Decision::Deny(denial);
        }
        let mut released: BTreeSet<Label> =
            verdicts.iter().filter(|(_, verdict)| verdict.allows()).map(|(label, _)| *label).collect();
        let going: BTreeSet<Label> = held.intersection(&released).copied().collect();
        let mut grant = Grant {
            recipient: question.recipient.id.clone(),
            purpose: question.purpose,
            basis: self.basis(evidence, verdicts, &going),
            withheld: Vec::new(),
            told: BTreeSet::new(),
            remarks: evidence.remarks.clone(),
        };
        if going == *held && released.contains(&Label::Unassigned) {
            return Decision::Permit(Permit { bundle: question.bundle.clone(), grant });
        }
        // Something is withheld: what nobody has put in a category may be about just that.
        released.remove(&Label::Unassigned);
        let told = self.told(&explainer, &evidence.facts, verdicts, held);
        let cut = reduce::cut(question.audience(), &released, told.labels());
        if let Some(kind) = &cut.broken {
            return Decision::Deny(not_reducible(kind, evidence.remarks.clone(), self.only_doubt_forbids(evidence)));
        }
        if cut.losses.is_empty() && cut.plain() == *question.bundle.content().value() {
            return Decision::Permit(Permit { bundle: question.bundle.clone(), grant });
        }
        grant.withheld = withheld(&explainer, verdicts, held, &cut.losses);
        let said = told.of(&grant.withheld);
        grant.told = told.into_labels();
        let on_consent = !grant.basis.consents.is_empty();
        let value = if said.is_empty() { cut.plain() } else { cut.labelled(&said, on_consent) };
        match Bundle::new(value) {
            Ok(draft) => Decision::Reduce(Reduction { draft, grant }),
            Err(_) => Decision::Deny(not_reducible("Bundle", grant.remarks, false)),
        }
    }

    /// Every label, once. What nobody has put in a category goes only when no category is forbidden, whatever policy says
    /// of it, and all that the document holds may go (see [`Self::settle`]).
    pub(super) fn verdicts(&self, facts: &Facts) -> BTreeMap<Label, Verdict> {
        let asking = match self.asking(facts) {
            Ok(asking) => asking,
            Err(fault) => return Label::all().map(|label| (label, Verdict::Faulty(fault.clone()))).collect(),
        };
        let mut verdicts: BTreeMap<Label, Verdict> = Label::all().map(|label| (label, asking.about(label))).collect();
        let forbidden = verdicts.iter().any(|(label, verdict)| {
            label.sensitivity().is_none() && matches!(verdict, Verdict::Forbidden(_) | Verdict::Faulty(_))
        });
        if forbidden && verdicts.get(&Label::Unassigned).is_some_and(Verdict::allows) {
            verdicts.insert(Label::Unassigned, Verdict::Silent);
        }
        verdicts
    }

    /// A denial of everything: policy failed somewhere, or not even the message, or not even who the person is, may go.
    pub(super) fn denied(
        &self,
        explainer: &Explainer<'_>,
        evidence: &Evidence,
        verdicts: &BTreeMap<Label, Verdict>,
    ) -> Option<Denial> {
        let faulty = verdicts.iter().find(|(_, verdict)| matches!(verdict, Verdict::Faulty(_)));
        let demographics = Label::from(DataCategory::Demographics);
        let needed = [demographics, Label::Administrative];
        let needed = needed.iter().filter(|label| evidence.facts.holds_person || **label != demographics);
        let refused = needed.filter_map(|label| verdicts.get_key_value(label)).find(|(_, verdict)| !verdict.allows());
        let (label, verdict) = faulty.or(refused)?;
        let Why { rule, reason, would_change, refer } = explainer.why(*label, verdict);
        let (remarks, unreadable) = (evidence.remarks.clone(), self.only_doubt_forbids(evidence));
        Some(Denial { rule, reason, would_change, remarks, unreadable, irreducible: false, refer })
    }

    /// Whether everything would go if only what can be read with certainty kept anything back.
    fn only_doubt_forbids(&self, evidence: &Evidence) -> bool {
        let guarded = |label: &Label| label.sensitivity().is_some();
        evidence.certain != evidence.facts
            && self.verdicts(&evidence.certain).iter().all(|(label, verdict)| guarded(label) || verdict.allows())
    }

    /// What the release of the labels that go rests on: whatever, had it not been there, policy would not have permitted
    /// without, and until when it holds.
    fn basis(&self, evidence: &Evidence, verdicts: &BTreeMap<Label, Verdict>, going: &BTreeSet<Label>) -> Basis {
        let without = |there: bool, change: &dyn Fn(&mut Facts)| {
            let mut facts = evidence.facts.clone();
            change(&mut facts);
            there.then(|| self.asking(&facts).ok()).flatten()
        };
        let unconsented = without(!evidence.consents.is_empty(), &|facts| {
            facts.named.clear();
            facts.unnamed.clear();
            facts.cares_for_person = facts.care_relationship;
        });
        let unagreed = without(!evidence.agreements.is_empty(), &|facts| facts.agreed.clear());
        let unoverridden = without(!evidence.overrides.is_empty(), &|facts| facts.overriding = None);
        let doubted = without(evidence.ends.capacity.is_some(), &|facts| facts.capacity = Capacity::InDoubt);
        let needed =
            |asking: &Option<Asking<'_>>, label| asking.as_ref().is_some_and(|asking| !asking.about(label).allows());
        let mut basis = Basis::default();
        let (mut rules, mut consents, mut agreements) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let (mut overridden, mut able) = (false, false);
        for label in going {
            if let Some(Verdict::Allowed(ids)) = verdicts.get(label) {
                rules.extend(ids.iter().cloned());
            }
            overridden |= needed(&unoverridden, *label);
            able |= needed(&doubted, *label);
            let Label::Category(category) = label.base() else { continue };
            if needed(&unconsented, *label) {
                consents.extend(evidence.consents.get(&category).into_iter().flatten().cloned());
            }
            if needed(&unagreed, *label) {
                agreements.extend(evidence.agreements.get(&category).into_iter().flatten().cloned());
            }
        }
        let ends = &evidence.ends;
        let of_consents = consents.iter().filter_map(|id| ends.consents.get(id));
        let of_agreements = agreements.iter().filter_map(|cited| ends.agreements.get(cited));
        let of_override = ends.overriding.as_ref().filter(|_| overridden);
        let of_capacity = ends.capacity.as_ref().filter(|_| able);
        let others = of_override.into_iter().chain(of_capacity).chain(ends.objection_begins.as_ref());
        basis.relied_until = of_consents.chain(of_agreements).chain(others).min().copied();
        basis.rules.extend(rules);
        basis.consents.extend(consents);
        basis.agreements.extend(agreements);
        if overridden {
            basis.overrides.clone_from(&evidence.overrides);
        }
        basis
    }
}

/// What was left out, by label, each with the reason that would have to change first.
fn withheld(
    explainer: &Explainer<'_>,
    verdicts: &BTreeMap<Label, Verdict>,
    held: &BTreeSet<Label>,
    losses: &[(Label, String)],
) -> Vec<Withheld> {
    let mut by_label: BTreeMap<Label, Vec<String>> = BTreeMap::new();
    for (label, name) in losses {
        by_label.entry(*label).or_default().push(name.clone());
    }
    let why = |label: Label| explainer.why(label, verdicts.get(&label).unwrap_or(&Verdict::Silent));
    let refused = || verdicts.iter().filter(|(label, verdict)| **label != Label::Unassigned && !verdict.allows());
    let held_back = |(label, verdict): &(&Label, &Verdict)| {
        held.contains(label) || (label.sensitivity().is_none() && matches!(verdict, Verdict::Forbidden(_)))
    };
    let first = refused().find(held_back).or_else(|| refused().next());
    by_label
        .into_iter()
        .map(|(label, names)| {
            let Why { rule, reason, would_change, refer } = match (label, first) {
                (Label::Unassigned, Some((first, _))) => unassigned(why(*first)),
                _ => why(label),
            };
            Withheld { category: label, what: decision::what(&names), rule, reason, would_change, refer }
        })
        .collect()
}

/// What nobody has put in a category is withheld because something else is.
pub(super) fn unassigned(because: Why) -> Why {
    Why {
        rule: because.rule,
        reason: "What has no category goes only where everything may go, and here not everything may.".to_owned(),
        would_change: "The sender gives each part a category, or everything may go to this recipient.".to_owned(),
        refer: because.refer,
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
        refer: false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Engine, Facts, Label};
    use crate::consent::facts::Overriding;
    use crate::consent::records::OverrideBasis;
    use crate::model::{DataCategory, PartyKind, Wording};

    fn team() -> Facts {
        Facts { care_relationship: true, ..Facts::none(PartyKind::Cmht) }
    }

    /// Holds what may go under some facts of what is more closely guarded.
    fn hold(label: Label, table: Vec<(&str, Facts, bool)>) {
        let engine = Engine::embedded().unwrap();
        for (name, facts, goes) in table {
            assert_eq!(engine.verdicts(&facts)[&label].allows(), goes, "{name}");
        }
    }

    #[test]
    fn cs_07_what_a_carer_told_in_confidence_reaches_nobody_who_gives_the_person_access() {
        let overriding = |label: Label| {
            let labels = [label.base(), Label::Administrative].into();
            let (professional, rationale) = (Wording::parse("Made-up").unwrap(), Wording::parse("stated").unwrap());
            Some(Overriding { basis: OverrideBasis::RiskToOthers, labels, professional, rationale })
        };
        let said = Label::ToldInConfidence;
        let all = || Label::all().collect();
        hold(
            said,
            vec![
                ("the team that cares", team(), true),
                ("a team whose records the person reads", Facts { person_access: true, ..team() }, false),
                ("a letter copied to the person", Facts { copied_to_person: true, ..team() }, false),
                (
                    "the person",
                    Facts { own_record: true, overriding: overriding(said), ..Facts::none(PartyKind::Person) },
                    false,
                ),
                (
                    "another carer",
                    Facts { named: all(), overriding: overriding(said), ..Facts::none(PartyKind::Carer) },
                    false,
                ),
                (
                    "the GP's online record",
                    Facts { registered_gp: true, person_access: true, ..Facts::none(PartyKind::GpPractice) },
                    false,
                ),
                (
                    "the police, on an override",
                    Facts { overriding: overriding(said), ..Facts::none(PartyKind::Police) },
                    true,
                ),
            ],
        );
    }

    #[test]
    fn cs_20_safeguarding_of_a_child_flows_by_a_safeguarding_override_alone() {
        let overriding = |basis: OverrideBasis, category: DataCategory| {
            let (professional, rationale) = (Wording::parse("Made-up").unwrap(), Wording::parse("stated").unwrap());
            Some(Overriding { basis, labels: [Label::from(category)].into(), professional, rationale })
        };
        let council = || Facts::none(PartyKind::LocalAuthority);
        let safeguarding = overriding(OverrideBasis::Safeguarding, DataCategory::Safeguarding);
        let other = overriding(OverrideBasis::RiskToOthers, DataCategory::Safeguarding);
        let elsewhere = overriding(OverrideBasis::Safeguarding, DataCategory::RiskSummary);
        hold(
            Label::AboutAChild,
            vec![
                ("the team that cares", team(), false),
                ("the team, on an override", Facts { overriding: safeguarding.clone(), ..team() }, true),
                ("the council, on an override", Facts { overriding: safeguarding, ..council() }, true),
                ("on another basis", Facts { overriding: other, ..council() }, false),
                ("on one for other things", Facts { overriding: elsewhere, ..council() }, false),
                (
                    "on consent and agreement",
                    Facts { named: Label::all().collect(), agreed: Label::all().collect(), ..council() },
                    false,
                ),
            ],
        );
    }
}
