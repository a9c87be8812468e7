//! What a sender outside the NHS is told of a release. Anybody may ask about any NHS number by sending a document, so what is
//! kept about the person must not show in the answer (CS-22, CS-12): told is what the document by itself comes to. Where what
//! is kept makes a difference it is told that something does not go, for a sender that does not know would not ring, and
//! neither rule nor reason. Decides no release.

use super::answer::{RecipientAnswer, Release};
use super::release::Released;
use crate::consent::Denial;
use crate::intake::Refusal;
use crate::model::{Category, DocumentKind, Issue, IssueCode, Party, Sector};
use crate::outbox;

/// Instead of a rule and a reason: what was not passed on.
pub(super) const NOT_PASSED_ON: &str = "This was not passed on to them. Ring them if they need to know.";
/// The same of some of it.
pub(super) const IN_PART: &str = "Not all of it was passed on to them. Ring them if they need to know more.";

/// Why a delivery stands as it does, for a sender outside the NHS: why an attempt failed, and never which rule stopped it.
pub fn told_outside(state: &str, reason: Option<&str>) -> Option<String> {
    let by_rule = |text: &str| text.split_once('-').is_some_and(|(set, _)| matches!(set, "CS" | "GW"));
    match (state, reason) {
        ("pending" | "failed" | "delivered", Some(text)) if !by_rule(text) => Some(text.to_owned()),
        ("pending" | "delivered", _) | ("failed", None) => None,
        _ => Some(NOT_PASSED_ON.to_owned()),
    }
}

/// What came of the document by itself, as if nothing were kept about the person.
pub(super) struct Alone(Option<Released>);

/// Whether a caller is told no more than its own document comes to.
pub(super) fn is_outside(caller: &Party) -> bool {
    caller.sector() != Sector::Nhs
}

impl Alone {
    /// `None` in it where no copy could be made.
    pub(super) fn new<E>(released: Result<Released, E>) -> Self {
        Self(released.ok())
    }

    /// The denial of the document by itself.
    pub(super) fn denial(&self) -> Option<&Denial> {
        match &self.0 {
            Some(Released::Denied(denial)) => Some(denial),
            Some(Released::Permitted(_)) | None => None,
        }
    }

    /// Whether no copy could be made of the document by itself either.
    pub(super) const fn is_irreducible(&self) -> bool {
        self.0.is_none()
    }

    /// How the person's wishes in the document were read.
    pub(super) fn remarks(&self) -> &[String] {
        match &self.0 {
            Some(Released::Permitted(permit)) => permit.remarks(),
            Some(Released::Denied(denial)) => &denial.remarks,
            None => &[],
        }
    }

    /// Takes from an answer about something that goes whatever rests on what is kept.
    pub(super) fn of_permitted(&self, answer: &mut RecipientAnswer) {
        let Some(Released::Permitted(permit)) = &self.0 else {
            answer.consent_rules.clear();
            if !answer.withheld.is_empty() {
                answer.withheld.clear();
                answer.note = Some(IN_PART.to_owned());
            }
            return;
        };
        let own = outbox::notes(permit);
        let actual = std::mem::take(&mut answer.withheld);
        // What the document by itself withholds as well is told in its words; the rest of what is withheld in none.
        let (both, more): (Vec<_>, Vec<_>) =
            actual.into_iter().partition(|note| own.iter().any(|one| one.category == note.category));
        answer.withheld =
            own.iter().filter(|one| both.iter().any(|note| note.category == one.category)).cloned().collect();
        if more.is_empty() && answer.withheld.len() == own.len() {
            answer.consent_rules = permit.basis().rules.iter().map(ToString::to_string).collect();
            return;
        }
        answer.consent_rules.clear();
        answer.note = (!more.is_empty()).then(|| IN_PART.to_owned());
    }

    /// Says of something that does not go why the document by itself would not, or else nothing but that.
    pub(super) fn of_denied(&self, answer: &mut RecipientAnswer) {
        answer.release = Release::Denied;
        (answer.consent_rules, answer.denied) = match self.denial() {
            Some(denial) => (vec![denial.rule.to_string()], Some(format!("{} {}", denial.reason, denial.would_change))),
            None => (Vec::new(), Some(NOT_PASSED_ON.to_owned())),
        };
    }

    /// The refusal of a document that goes to nobody who would be responsible; `rule` is for the audit record alone.
    pub(super) fn refusal(&self, kind: DocumentKind, recipient: &Party, rule: &str) -> Refusal {
        let (what, who) = (kind.title().to_lowercase(), &recipient.name);
        let nobody = format!("The {what} cannot go to {who}, which would be responsible for it.");
        let issue = match self.denial() {
            Some(denial) => {
                let text = format!("{nobody} {} {}", denial.reason, denial.would_change);
                Issue::error(IssueCode::BusinessRule, text).rule(denial.rule.to_string())
            }
            None => Issue::error(IssueCode::BusinessRule, format!("{nobody} {NOT_PASSED_ON}")),
        };
        Refusal { unsaid: vec![rule.to_owned()], ..Refusal::new(Category::Invalid, vec![issue]) }
    }
}
