//! Which of what professionals and organisations have recorded holds at the moment of the decision and for the recipient
//! at hand: findings on capacity, overrides, agreements. Expired is the same as none (CS-18); a record that leaves out
//! what it is about is none either (who and why it always says: `model::Wording`). Decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Question;
use super::records::{Capacity, CapacityFinding, Override, OverrideBasis};
use crate::model::{DataCategory, Wording};

/// The finding on capacity that holds, and until when; presumed where there is none (CS-19). `positions` are the
/// person's positions on sharing as Consents record them: when, and whether one says that the person lacks capacity.
pub(super) fn capacity(
    findings: &[CapacityFinding],
    positions: &[(Option<Timestamp>, bool)],
    now: Timestamp,
) -> (Capacity, Option<Timestamp>) {
    // One that does not say when is taken for the latest.
    let lacks = |(recorded, lacks): &(Option<Timestamp>, bool)| (recorded.unwrap_or(now).min(now), *lacks);
    let position = positions.iter().map(lacks).max().filter(|(_, lacks)| *lacks);
    let said = position.map(|(recorded, _)| (recorded, Capacity::Lacks, None));
    let assessed = findings.iter().filter(|f| f.assessed <= now && f.until.is_none_or(|until| now < until));
    let assessed = assessed.map(|f| (f.assessed, f.finding, f.until));
    // Of two findings at one moment the more cautious counts; they are in that order.
    let latest = assessed.chain(said).max_by_key(|(at, finding, _)| (*at, *finding));
    latest.map_or((Capacity::Presumed, None), |(_, finding, until)| (finding, until))
}

/// What an override opens for the recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InForce {
    pub ids: Vec<String>,
    pub basis: OverrideBasis,
    pub categories: BTreeSet<DataCategory>,
    pub professional: Wording,
    pub rationale: Wording,
    pub until: Timestamp,
}

/// Overrides for this recipient or its organisation.
#[derive(Debug, Clone, Default)]
pub(super) struct Overrides {
    pub in_force: Option<InForce>,
    /// What has run out.
    pub lapsed: Option<InForce>,
    /// Overrides on another basis are in force too, and not used.
    pub others: Vec<String>,
}

/// Finds them. Those on one basis add up; where there are several bases, the latest recorded counts, since a decision
/// rests on one.
pub(super) fn overrides(question: &Question<'_>) -> Overrides {
    let recipient = question.recipient;
    let mine = |one: &&Override| one.recipient == recipient.id || one.recipient == *recipient.organisation();
    let all: Vec<&Override> = question.records.overrides.iter().filter(|one| is_complete(one)).filter(mine).collect();
    let now = question.now;
    let (current, other): (Vec<&Override>, Vec<&Override>) =
        all.into_iter().partition(|o| o.from <= now && now < o.until);
    let lapsed: Vec<&Override> = other.into_iter().filter(|one| one.until <= now).collect();
    let in_force = together(&current);
    let used = in_force.as_ref().map(|one| one.basis);
    let others = current.iter().filter(|one| Some(one.basis) != used).map(|one| one.id.clone()).collect();
    Overrides { in_force, lapsed: together(&lapsed), others }
}

fn is_complete(one: &Override) -> bool {
    !one.categories.is_empty() && one.from < one.until
}

fn together(all: &[&Override]) -> Option<InForce> {
    let latest = all.iter().max_by_key(|one| (one.from, &one.id))?;
    let same = || all.iter().filter(|one| one.basis == latest.basis);
    let mut ids: Vec<String> = same().map(|one| one.id.clone()).collect();
    ids.sort_unstable();
    Some(InForce {
        ids,
        basis: latest.basis,
        categories: same().flat_map(|one| one.categories.iter().copied()).collect(),
        professional: latest.professional.clone(),
        rationale: latest.rationale.clone(),
        until: same().map(|one| one.until).min()?,
    })
}

/// Id and version of an agreement.
pub(super) type Cited = (String, String);

/// Agreements between the sender's organisation and the recipient's that cover the purpose (CS-04).
#[derive(Debug, Clone, Default)]
pub(super) struct Agreements {
    /// In force, by category.
    pub covered: BTreeMap<DataCategory, BTreeSet<Cited>>,
    /// When each that ends does.
    pub ends: BTreeMap<Cited, Timestamp>,
    /// What those that have ended covered.
    pub lapsed: BTreeSet<DataCategory>,
}

/// Finds them.
pub(super) fn agreements(question: &Question<'_>) -> Agreements {
    let mut found = Agreements::default();
    for agreement in question.agreements {
        let binds = agreement.joins(question.sender.organisation(), question.recipient.organisation());
        if !binds || !agreement.purposes.contains(&question.purpose) {
            continue;
        }
        let cited = (agreement.id.clone(), agreement.version.clone());
        if agreement.in_force(question.now) {
            for category in &agreement.categories {
                found.covered.entry(*category).or_default().insert(cited.clone());
            }
            found.ends.extend(agreement.until.map(|until| (cited, until)));
        } else if agreement.from <= question.now {
            found.lapsed.extend(agreement.categories.iter().copied());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Capacity, CapacityFinding, Timestamp, Wording, capacity};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn cs_19_the_latest_finding_in_force_counts_and_without_one_capacity_is_presumed() {
        use Capacity::{Has, InDoubt, Lacks, Presumed};
        let finding = |finding: Capacity, assessed: &str, until: Option<&str>| CapacityFinding {
            finding,
            assessed: at(assessed),
            until: until.map(at),
            assessor: Wording::parse("Made-up assessor").unwrap(),
        };
        let (january, march, june) = ("2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z", "2026-06-01T00:00:00Z");
        let table = [
            (vec![], vec![], Presumed),
            (vec![finding(Lacks, january, None)], vec![], Lacks),
            (vec![finding(Lacks, january, None), finding(Has, march, None)], vec![], Has),
            (vec![finding(Lacks, january, None), finding(Has, june, None)], vec![], Lacks),
            (vec![finding(Lacks, january, Some(march))], vec![], Presumed),
            (vec![finding(InDoubt, january, None), finding(Has, january, None)], vec![], InDoubt),
            (vec![finding(InDoubt, january, None), finding(Has, january, Some(march))], vec![], InDoubt),
            (vec![finding(Has, march, None)], vec![(Some(at(january)), true)], Has),
            (vec![finding(Has, january, None)], vec![(Some(at(march)), true)], Lacks),
            (vec![finding(Has, january, None)], vec![(None, true)], Lacks),
            (vec![], vec![(Some(at(january)), true), (Some(at(march)), false)], Presumed),
        ];
        for (findings, positions, expected) in table {
            let found = capacity(&findings, &positions, at("2026-04-01T00:00:00Z")).0;
            assert_eq!(found, expected, "{findings:?} {positions:?}");
        }
    }
}
