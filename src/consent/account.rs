//! A decision told: the outcome of each part with the rules that fired and those that would have, what would change the
//! answer, a paragraph in plain English, and the facts. Made from a trail, so that a stored decision is told like a new
//! one. Decides nothing: what it asks of policy again is why, never whether.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::decision::{Denial, Withheld};
use super::engine::{Asking, Engine, Verdict};
use super::explain::{Explainer, Why};
use super::facts;
use super::label::Label;
use super::rule::RuleId;
use super::trail::Trail;
use super::{Question, decide, words};

/// What a decision comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Permit,
    #[serde(rename = "permit-with-parts-withheld")]
    PermitInPart,
    Deny,
    /// The rules need a professional's judgement.
    #[serde(rename = "refer-to-a-person")]
    Refer,
}

impl Outcome {
    /// The code used in records and answers.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Permit => "permit",
            Self::PermitInPart => "permit-with-parts-withheld",
            Self::Deny => "deny",
            Self::Refer => "refer-to-a-person",
        }
    }

    /// Words for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Permit => "It may go, whole",
            Self::PermitInPart => "It may go, with parts withheld",
            Self::Deny => "It may not go",
            Self::Refer => "A professional must decide",
        }
    }

    pub(super) const fn of(denial: &Denial) -> Self {
        if denial.refer { Self::Refer } else { Self::Deny }
    }

    pub(super) const fn of_release(withheld: &[Withheld]) -> Self {
        if withheld.is_empty() { Self::Permit } else { Self::PermitInPart }
    }
}

/// What policy says of one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdicts {
    Permitted,
    Withheld,
    /// A professional must decide on this part.
    Refer,
}

/// One part: everything of one label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Share {
    pub label: Label,
    pub title: &'static str,
    pub verdict: Verdicts,
    /// The rules that decided: those that permit it, or those that forbid it.
    pub fired: Vec<RuleId>,
    /// The rules that permit it, and are beaten by those that fired.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overridden: Vec<RuleId>,
    /// Why it is withheld, what would have to change, and which rule that is about.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub because: Option<Because>,
    /// Whether the recipient may be told that it was withheld (CS-22).
    pub recipient_may_be_told: bool,
}

/// Why a part is withheld.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Because {
    pub rule: RuleId,
    pub reason: String,
    pub would_change: String,
}

/// A decision told.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    pub outcome: Outcome,
    /// One paragraph in plain English.
    pub summary: String,
    pub parts: Vec<Share>,
    /// Everything that would change the answer, each once.
    pub would_change: Vec<String>,
    /// What a person should know about how the recorded wishes were read.
    pub remarks: Vec<String>,
    /// The facts it rests on, each a heading and a value.
    pub facts: Vec<(&'static str, String)>,
    /// The rules that fired or were beaten, each with its reason and source.
    pub rules: Vec<RuleTold>,
    /// SHA-256 over the policy that decided.
    pub policy: String,
}

/// Without the facts, which are about a person.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("outcome", &self.outcome).field("parts", &self.parts).finish_non_exhaustive()
    }
}

/// A rule as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleTold {
    pub id: RuleId,
    pub reason: String,
    pub source: String,
}

/// The rules that hold for one label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    pub label: Label,
    pub permitted: bool,
    /// The rules that permit it, also where a forbid beats them.
    pub permits: Vec<RuleId>,
    pub forbids: Vec<RuleId>,
    pub recipient_may_be_told: bool,
}

impl Engine {
    /// The labels whose parts may go, whatever the document holds: the decision for each part, before anything is cut.
    #[must_use]
    pub fn permitted(&self, question: &Question<'_>) -> BTreeSet<Label> {
        let verdicts = self.verdicts(&facts::gather(question).facts);
        verdicts.into_iter().filter(|(_, verdict)| verdict.allows()).map(|(label, _)| label).collect()
    }

    /// What policy says of every label, whatever the document holds; nothing where policy could not be evaluated.
    #[must_use]
    pub fn rulings(&self, question: &Question<'_>) -> Vec<Ruling> {
        let facts = facts::gather(question).facts;
        let verdicts = self.verdicts(&facts);
        let Ok(asking) = self.asking(&facts) else { return Vec::new() };
        let ruling = |label: Label| {
            let fired = asking.fired(label).ok()?;
            Some(Ruling {
                label,
                permitted: verdicts.get(&label).is_some_and(Verdict::allows),
                permits: fired.permits.into_iter().collect(),
                forbids: fired.forbids.into_iter().collect(),
                recipient_may_be_told: asking.may_be_told(label),
            })
        };
        Label::all().filter_map(ruling).collect()
    }

    /// Decides on labels alone: what somebody asks about who has no document at hand. The bundle of the question says
    /// whom it is about, and is not cut.
    #[must_use]
    pub fn decide_labels(&self, question: &Question<'_>, labels: &BTreeSet<Label>) -> Trail {
        let held = labels.iter().copied().chain([Label::Administrative]).collect();
        Trail::of_labels(self, question.recipient, facts::gather(question), held)
    }

    /// Tells a decision.
    #[must_use]
    pub fn account(&self, trail: &Trail) -> Account {
        let evidence = trail.evidence();
        let asking = self.asking(&trail.facts).ok();
        let explainer = Explainer::new(self, &evidence);
        let share = |label: &Label| share(trail, &explainer, asking.as_ref(), *label);
        let parts: Vec<Share> = trail.held.iter().map(share).collect();
        let mut would_change: Vec<String> = trail.refusal.iter().map(|refusal| refusal.would_change.clone()).collect();
        for because in parts.iter().filter_map(|part| part.because.as_ref()) {
            if !would_change.contains(&because.would_change) {
                would_change.push(because.would_change.clone());
            }
        }
        let named = parts.iter().flat_map(|part| part.fired.iter().chain(&part.overridden));
        let because = parts.iter().filter_map(|part| Some(&part.because.as_ref()?.rule));
        let ids: BTreeSet<&RuleId> = named.chain(because).collect();
        let rules = ids.into_iter().filter_map(|id| self.rule(id)).map(|rule| RuleTold {
            id: rule.id.clone(),
            reason: rule.reason.clone(),
            source: rule.source.clone(),
        });
        Account {
            outcome: trail.outcome,
            summary: words::summary(self, trail, &parts),
            would_change,
            remarks: trail.remarks.clone(),
            facts: words::facts(&trail.facts, &trail.recipient_name),
            rules: rules.collect(),
            policy: trail.edition.policy.clone(),
            parts,
        }
    }
}

/// What is told of one label.
fn share(trail: &Trail, explainer: &Explainer<'_>, asking: Option<&Asking<'_>>, label: Label) -> Share {
    let verdict = trail.verdicts.get(&label).unwrap_or(&Verdict::Silent);
    let now = asking.and_then(|asking| asking.fired(label).ok()).unwrap_or_default();
    let (fired, overridden) = match verdict {
        Verdict::Allowed(permits) => (permits.clone(), BTreeSet::new()),
        Verdict::Forbidden(forbids) => (forbids.clone(), now.permits),
        // Nothing fires for what has no category and could go, were it not for something else that may not.
        Verdict::Silent => (BTreeSet::new(), now.permits),
        Verdict::Faulty(_) => (BTreeSet::new(), BTreeSet::new()),
    };
    let why = (!verdict.allows()).then(|| why(trail, explainer, label, verdict));
    Share {
        label,
        title: label.title(),
        verdict: match &why {
            None => Verdicts::Permitted,
            Some(why) if why.refer => Verdicts::Refer,
            Some(_) => Verdicts::Withheld,
        },
        fired: fired.into_iter().collect(),
        overridden: overridden.into_iter().collect(),
        because: why.map(|Why { rule, reason, would_change, .. }| Because { rule, reason, would_change }),
        recipient_may_be_told: asking.is_some_and(|asking| asking.may_be_told(label)),
    }
}

fn why(trail: &Trail, explainer: &Explainer<'_>, label: Label, verdict: &Verdict) -> Why {
    // What has no category is withheld because something else is.
    let counts = |other: &Label| other.sensitivity().is_none() || trail.held.contains(other);
    let mut others = trail.verdicts.iter().filter(|(other, _)| **other != Label::Unassigned && counts(other));
    match (label, others.find(|(_, verdict)| !verdict.allows())) {
        (Label::Unassigned, Some((other, verdict))) => decide::unassigned(explainer.why(*other, verdict)),
        _ => explainer.why(label, verdict),
    }
}
