//! What routing has to tell beside destinations: advice for whoever triages, copies that somebody must hand over, people
//! whom nobody covers. In the answer to the sender, and advice in the copy of the team that answers for the referral.

use serde_json::{Value, json};

use crate::fhir::Bundle;
use crate::model::{Issue, IssueCode};
use crate::route::{Advice, Routing, Says};

/// Issues for the answer: all of them information, since nobody is refused for any of it.
pub(super) fn told(routing: &Routing, advice: &[Advice]) -> Vec<Issue> {
    let information = |text: String, rule: &str| Issue::information(IssueCode::Informational, text).rule(rule);
    let mut issues: Vec<Issue> =
        advice.iter().map(|one| information(format!("For whoever triages: {}", one.text), &one.rule)).collect();
    issues.extend(routing.by_hand.iter().map(|copy| information(copy.reason.clone(), &copy.rule)));
    if let Some(placed) = routing.catchment.as_ref().filter(|_| routing.fallback) {
        let text = format!("No team covers this address and practice. {}", placed.reason);
        issues.push(information(text, &placed.rule));
    }
    issues
}

/// The advice as the team that answers for the referral reads it, each marked as the gateway's.
pub(super) fn notes(advice: &[Advice]) -> Vec<String> {
    let note = |one: &Advice| {
        let verdict = match one.says {
            Says::For => "speaks for the team",
            Says::Against => "speaks against the team",
            Says::Note => "to be looked at",
        };
        format!("Eligibility advice of the gateway, {verdict} ({}): {} ({})", one.rule, one.text, one.source)
    };
    advice.iter().map(note).collect()
}

/// The referral with these as notes of its request.
pub(super) fn noted(bundle: Bundle, notes: &[String]) -> Bundle {
    let notes: Vec<Value> = notes.iter().map(|text| json!({"text": text})).collect();
    bundle.with_notes("ServiceRequest", &notes)
}
