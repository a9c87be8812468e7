//! Why a label is not permitted and what would change it: found by asking policy again with facts changed one by one,
//! so that rules added later explain themselves. Decides nothing.

use super::engine::{Engine, Verdict};
use super::facts::Facts;
use super::label::Label;
use super::rule::RuleId;
use crate::model::Purpose;

/// The reason for a label that is not permitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Why {
    pub rule: RuleId,
    pub reason: String,
    pub would_change: String,
}

/// A fact that could be otherwise. In the order in which people would have to see to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lever {
    Objection,
    Consent,
    Agreement,
    CareRelationship,
    Purpose,
}

impl Lever {
    const ALL: [Self; 5] = [Self::Objection, Self::Consent, Self::Agreement, Self::CareRelationship, Self::Purpose];

    /// Sets the fact in favour of release; leaves it when it is so already.
    fn pull(self, facts: &mut Facts, label: Label) {
        let label = label.base();
        match self {
            Self::Objection => {
                facts.objected.remove(&label);
            }
            Self::Consent => {
                facts.named.insert(label);
            }
            Self::Agreement => {
                facts.agreed.insert(label);
            }
            Self::CareRelationship => facts.care_relationship = true,
            Self::Purpose => facts.purpose = Purpose::DirectCare,
        }
    }

    fn reason(self, facts: &Facts, label: Label) -> String {
        let title = label.title();
        match self {
            Self::Objection => format!("The person objects to this recipient having this: {title}."),
            Self::Consent if facts.unnamed.contains(&label) => format!(
                "The person's consent for this recipient names no kinds of information, so it covers only what a handover needs (CS-05), and not: {title}."
            ),
            Self::Consent if facts.named.is_empty() && facts.unnamed.is_empty() => {
                "There is no explicit consent of the person in force that names this recipient.".to_owned()
            }
            Self::Consent => format!("The person's consent for this recipient does not name this: {title}."),
            Self::Agreement if facts.agreed.is_empty() => {
                "No sharing agreement for this purpose is in force with the recipient's organisation.".to_owned()
            }
            Self::Agreement => {
                format!("The sharing agreement with the recipient's organisation does not cover this: {title}.")
            }
            Self::CareRelationship => "The recipient has no care relationship with the person.".to_owned(),
            Self::Purpose => "The purpose is not the person's own direct care.".to_owned(),
        }
    }

    const fn change(self) -> &'static str {
        match self {
            Self::Objection => "the person withdraws the objection",
            Self::Consent => "the person gives explicit consent that names this recipient and this kind of information",
            Self::Agreement => "a sharing agreement between the organisations that covers this comes into force",
            Self::CareRelationship => {
                "the recipient becomes the destination of the referral or letter, the person's GP, or part of the care team"
            }
            Self::Purpose => "the purpose becomes the person's own direct care",
        }
    }
}

/// Explains a verdict that does not allow.
pub(super) fn why(engine: &Engine, facts: &Facts, label: Label, verdict: &Verdict) -> Why {
    if let Verdict::Faulty(fault) = verdict {
        return Why {
            rule: RuleId::fault(),
            reason: format!("The consent policy could not be evaluated, so nothing goes: {fault}"),
            would_change: "An administrator of the gateway corrects the policy.".to_owned(),
        };
    }
    let levers = levers(engine, facts, label);
    let rule = match verdict {
        Verdict::Forbidden(rules) => rules.first().cloned(),
        _ => engine.ask(&pulled(facts, &levers, label), label).permitting(),
    };
    let (Some(rule), Some(first)) = (rule.clone(), levers.first()) else {
        let reason = rule.as_ref().and_then(|id| engine.rule(id)).map(|rule| rule.reason.clone());
        let kind = facts.recipient_kind.code().replace('-', " ");
        return Why {
            rule: rule.unwrap_or_else(RuleId::no_rule),
            reason: reason.unwrap_or_else(|| format!("No rule lets a recipient of this kind ({kind}) receive this.")),
            would_change: "Nothing the person, the sender or the recipient can record under the present rules; it needs a rule that covers it, or a professional who shares it in another way.".to_owned(),
        };
    };
    let changes: Vec<&str> = levers.iter().map(|lever| lever.change()).collect();
    Why {
        rule,
        reason: first.reason(facts, label),
        would_change: format!("It would go if {}.", changes.join(", and ")),
    }
}

/// A smallest set of facts that, changed, would permit the label; empty when none does.
fn levers(engine: &Engine, facts: &Facts, label: Label) -> Vec<Lever> {
    let mut set: Vec<Lever> = Lever::ALL.to_vec();
    if !engine.ask(&pulled(facts, &set, label), label).allows() {
        return Vec::new();
    }
    for lever in Lever::ALL.into_iter().rev() {
        let without: Vec<Lever> = set.iter().copied().filter(|other| *other != lever).collect();
        if engine.ask(&pulled(facts, &without, label), label).allows() {
            set = without;
        }
    }
    set
}

fn pulled(facts: &Facts, levers: &[Lever], label: Label) -> Facts {
    let mut changed = facts.clone();
    for lever in levers {
        lever.pull(&mut changed, label);
    }
    changed
}

impl Verdict {
    /// The rule that permits, where one does.
    fn permitting(&self) -> Option<RuleId> {
        match self {
            Self::Allowed(rules) => rules.first().cloned(),
            Self::Forbidden(_) | Self::Silent | Self::Faulty(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Facts, Label, Why, why};
    use crate::consent::Engine;
    use crate::model::{DataCategory, PartyKind, Purpose};

    const MEDICATION: Label = Label::Category(DataCategory::Medication);

    fn explained(facts: &Facts) -> Why {
        let engine = Engine::embedded().unwrap();
        why(&engine, facts, MEDICATION, &engine.ask(facts, MEDICATION))
    }

    #[test]
    fn the_reason_is_the_one_that_would_have_to_change_first() {
        let nothing = Facts::none(PartyKind::Vcse);
        let consented = Facts { named: [MEDICATION].into(), ..nothing.clone() };
        let unnamed = Facts { unnamed: [MEDICATION].into(), ..nothing.clone() };
        let agreed = Facts { agreed: [MEDICATION].into(), ..nothing.clone() };
        let objected = Facts { objected: [MEDICATION].into(), ..consented.clone() };
        let table = [
            (nothing, "CS-04", "no explicit consent", "consent that names", "agreement between"),
            (consented, "CS-04", "No sharing agreement", "agreement between", ""),
            (unnamed, "CS-04", "CS-05", "consent that names", ""),
            (agreed, "CS-04", "no explicit consent", "consent that names", ""),
            (objected, "CS-02", "objects", "withdraws the objection", "agreement between"),
            (Facts::none(PartyKind::Cmht), "CS-01", "no care relationship", "destination", ""),
            (
                Facts { purpose: Purpose::MessageOutcome, care_relationship: true, ..Facts::none(PartyKind::Cmht) },
                "CS-01",
                "purpose",
                "direct care",
                "",
            ),
            (Facts::none(PartyKind::LocalAuthority), "GW-00", "No rule", "professional", ""),
        ];
        for (facts, rule, reason, change, second) in table {
            let found = explained(&facts);
            assert_eq!(found.rule.as_str(), rule, "{found:?}");
            assert!(found.reason.contains(reason), "{found:?}");
            assert!(found.would_change.contains(change) && found.would_change.contains(second), "{found:?}");
        }
    }
}
