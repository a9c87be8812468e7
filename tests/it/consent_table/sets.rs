//! Sets of labels in few words, so that a row of the table fits a line.

use std::collections::BTreeSet;

use cmht_gateway::consent::Label;

/// What the names of sets mean.
pub(super) const LEGEND: &str = "\
A row: what is asked | the outcome | what goes; and what does not, by the rules that keep it back. \"-\" is no rule:
nothing permits it. HANDOVER is the message itself, demographics, contact-and-communication, referral-reason,
needs-and-goals, actions. CLINICAL is HANDOVER and risk-summary, medication, mental-health-history, physical-health,
safety-plan, contingency-plan, dialog-scores, legal-status, advance-statement. NOW is HANDOVER and safety-plan,
contingency-plan, risk-summary, medication, physical-health, legal-status, advance-statement, carer. Of each, what there is.
";

const HANDOVER: &[&str] =
    &["administrative", "demographics", "contact-and-communication", "referral-reason", "needs-and-goals", "actions"];
const CLINICAL: &[&str] = &[
    "risk-summary",
    "medication",
    "mental-health-history",
    "physical-health",
    "safety-plan",
    "contingency-plan",
    "dialog-scores",
    "legal-status",
    "advance-statement",
];
const NOW: &[&str] = &[
    "safety-plan",
    "contingency-plan",
    "risk-summary",
    "medication",
    "physical-health",
    "legal-status",
    "advance-statement",
    "carer",
];

type Labels = BTreeSet<Label>;

fn of(codes: &[&[&str]]) -> Labels {
    codes.concat().iter().map(|code| Label::from_code(code).unwrap()).collect()
}

/// A set in the fewest words, `whole` being all there could be.
pub(super) fn named(labels: &Labels, whole: &Labels) -> String {
    if labels == whole {
        return "all".to_owned();
    }
    let plain = |labels: &Labels| labels.iter().map(|label| label.code()).collect::<Vec<_>>();
    let mut ways = vec![plain(labels).join(", ")];
    let missing: Labels = whole.difference(labels).copied().collect();
    ways.push(format!("all but {}", plain(&missing).join(", ")));
    // A document may hold only some of them; where it then says no more than another name does, a name would mislead.
    let here = |codes: &[&[&str]]| -> Labels { of(codes).intersection(whole).copied().collect() };
    let (handover, clinical, now) = (here(&[HANDOVER]), here(&[HANDOVER, CLINICAL]), here(&[HANDOVER, NOW]));
    let is_own = |set: &Labels, other: &Labels| *set != handover && set != other;
    let sets = [
        ("HANDOVER", &handover, handover.len() > 2),
        ("CLINICAL", &clinical, is_own(&clinical, &now)),
        ("NOW", &now, is_own(&now, &clinical)),
    ];
    for (name, set, _) in sets.into_iter().filter(|(.., speaks)| *speaks) {
        if set.is_subset(labels) {
            let more: Labels = labels.difference(set).copied().collect();
            ways.push(std::iter::once(name).chain(plain(&more)).collect::<Vec<_>>().join(", "));
        }
        if set.is_disjoint(labels) {
            let more: Labels = missing.difference(set).copied().collect();
            ways.push(format!("all but {}", std::iter::once(name).chain(plain(&more)).collect::<Vec<_>>().join(", ")));
        }
    }
    ways.into_iter().min_by_key(String::len).unwrap_or_default()
}
