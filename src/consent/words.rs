//! A decision in plain English: the paragraph for whoever asks at the desk, and the facts as lines. Speaks of kinds of
//! information and of rules, never of content. Decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::account::{Outcome, Share, Verdicts};
use super::engine::Engine;
use super::facts::{Facts, Overriding};
use super::label::Label;
use super::records::Emergency;
use super::rule::RuleId;
use super::trail::Trail;
use crate::model::{DataCategory, PartyKind, Purpose};

/// The paragraph.
pub(super) fn summary(engine: &Engine, trail: &Trail, parts: &[Share]) -> String {
    let document = format!("this {}", trail.facts.document.title().to_lowercase());
    let to = &trail.recipient_name;
    let why = match &trail.refusal {
        Some(refusal) => format!("{} (rule {}) {}", refusal.reason, refusal.rule, refusal.would_change),
        None => String::new(),
    };
    let sentence = match trail.outcome {
        Outcome::Permit => {
            let permits = permitting(engine, parts);
            format!("All of {document} may go to {to}. {permits}")
        }
        Outcome::PermitInPart => {
            let (goes, stays): (Vec<&Share>, Vec<&Share>) =
                parts.iter().partition(|part| part.verdict == Verdicts::Permitted);
            let goes = listed(goes.into_iter().filter(|part| part.label != Label::Administrative).map(|p| p.title));
            let goes = if goes.is_empty() { "the message itself".to_owned() } else { goes };
            let permits = permitting(engine, parts);
            let kept = if stays.is_empty() {
                "Details that nobody has put in a category are left out.".to_owned()
            } else {
                withheld(engine, &stays)
            };
            format!("Part of {document} may go to {to}: {goes}. {permits} {kept}")
        }
        Outcome::Deny => format!("Nothing of {document} may go to {to}. {why}{}", alone(parts)),
        Outcome::Refer => {
            format!("A professional must decide whether {document} may go to {to}; until then nothing goes. {why}")
        }
    };
    let mut sentence = sentence.trim_end().to_owned();
    if !trail.remarks.is_empty() {
        sentence.push_str(" Somebody should look at how the recorded wishes were read: see the remarks.");
    }
    sentence
}

/// What is permitted by itself and has nothing to go with, so that nobody takes the parts for the answer.
fn alone(parts: &[Share]) -> String {
    let goes = parts.iter().filter(|part| part.verdict == Verdicts::Permitted && part.label != Label::Administrative);
    let titles = listed(goes.map(|part| part.title));
    if titles.is_empty() {
        return titles;
    }
    format!(
        " By themselves these would be permitted: {titles}. They do not go, for nothing goes without who the person is."
    )
}

/// Why what goes may go: each rule once.
fn permitting(engine: &Engine, parts: &[Share]) -> String {
    let goes = parts.iter().filter(|part| part.verdict == Verdicts::Permitted);
    let rules: BTreeSet<&RuleId> = goes.flat_map(|part| &part.fired).collect();
    let reasons = rules.into_iter().map(|id| told(engine, id));
    reasons.collect::<Vec<_>>().join(" ")
}

fn told(engine: &Engine, id: &RuleId) -> String {
    let reason = engine.rule(id).map_or("Policy decided so.", |rule| rule.reason.as_str());
    format!("{reason} (rule {id})")
}

/// What does not go: by reason, the kinds of information each keeps back, and what would change it.
fn withheld(engine: &Engine, stays: &[&Share]) -> String {
    let mut by_rule: BTreeMap<(&RuleId, bool), Vec<&Share>> = BTreeMap::new();
    for part in stays {
        if let Some(because) = &part.because {
            by_rule.entry((&because.rule, part.verdict == Verdicts::Refer)).or_default().push(part);
        }
    }
    let mut out = Vec::new();
    for ((rule, refer), parts) in by_rule {
        let titles = listed(parts.iter().map(|part| part.title));
        let change = parts.iter().filter_map(|part| Some(part.because.as_ref()?.would_change.as_str()));
        let changes: BTreeSet<&str> = change.collect();
        let changes = changes.into_iter().collect::<Vec<_>>().join(" ");
        let what = if refer { "A professional must decide about" } else { "Withheld:" };
        let reason = match engine.rule(rule) {
            // A rule that would have permitted says what it asks for; what is missing of it is the part's own reason.
            Some(known) if parts.iter().any(|part| part.fired.contains(rule)) => known.reason.clone(),
            _ => parts.first().and_then(|part| Some(part.because.as_ref()?.reason.clone())).unwrap_or_default(),
        };
        out.push(format!("{what} {titles}. {reason} (rule {rule}) {changes}"));
    }
    out.join(" ")
}

/// "a, b and c".
fn listed<'a>(titles: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<&str> = titles.collect();
    match all.split_last() {
        None => String::new(),
        Some((only, [])) => (*only).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// The facts, each a heading and a value. What is not so is left out, save what people ask about first.
pub(super) fn facts(facts: &Facts, recipient_name: &str) -> Vec<(&'static str, String)> {
    let kind = facts.recipient_kind;
    let mut lines = vec![
        ("Document", facts.document.title().to_owned()),
        ("Recipient", format!("{recipient_name} ({}, {})", kind.code().replace('-', " "), kind.sector().title())),
        ("Sent from", facts.sender_sector.title().to_owned()),
        ("Purpose", purpose(facts.purpose).to_owned()),
        ("Decided at", facts.now.to_string()),
    ];
    let relations: [(bool, &str); 6] = [
        (facts.care_relationship, "destination, addressee or in the care team"),
        (facts.registered_gp, "the GP practice the person is registered with"),
        (facts.cares_for_person && !facts.care_relationship, "named by the person's own consent as caring for them"),
        (facts.own_record, "the person themselves"),
        (facts.recipient_is_sender, "the sender of the message this answers"),
        (facts.person_access, "the person can read there what is sent"),
    ];
    let relations: Vec<&str> = relations.into_iter().filter(|(holds, _)| *holds).map(|(_, words)| words).collect();
    lines.push(("Relationship", if relations.is_empty() { "none known".to_owned() } else { relations.join("; ") }));
    let mut consent = Vec::new();
    if !facts.named.is_empty() {
        let along = Label::from(DataCategory::Demographics);
        let mut named = facts.named.clone();
        let whose =
            if facts.whose_goes_along && named.remove(&along) { ", and so lets it be known whose it is" } else { "" };
        consent.push(format!("names {}{whose}", kinds(&named)));
    }
    if !facts.unnamed.is_empty() {
        consent.push(format!("without naming it, {}", kinds(&facts.unnamed)));
    }
    let consent = if consent.is_empty() { "none in force for this recipient".to_owned() } else { consent.join("; ") };
    lines.push(("Consent to share", consent));
    for (heading, labels) in [
        ("Objection", &facts.objected),
        ("Safety plan: not to inform", &facts.not_informed),
        ("Consent withdrawn", &facts.withdrawn),
        ("Carer's own consent", &facts.carer_agreed),
        ("Sharing agreement", &facts.agreed),
    ] {
        if !labels.is_empty() {
            lines.push((heading, kinds(labels)));
        }
    }
    let more = [
        (facts.unmatched_objection, "Objection", "one names somebody who cannot be matched to an organisation or team"),
        (!facts.holds_person, "Content", "tells nothing about any person"),
        (facts.copied_to_person, "Copies", "the person reads this document"),
        (!facts.origin_stated, "Origin", "the document does not say from which sector it comes"),
    ];
    lines.extend(more.into_iter().filter(|(holds, ..)| *holds).map(|(_, heading, words)| (heading, words.to_owned())));
    if facts.recipient_kind != PartyKind::Person {
        lines.push(("Capacity to decide", facts.capacity.title().to_owned()));
    }
    if let Some(Overriding { basis, labels, professional, rationale }) = &facts.overriding {
        let text = format!("by {professional}, on {}, for {}: {rationale}", basis.title(), kinds(labels));
        lines.push(("Override", text));
    }
    if let Some(Emergency { professional, reason }) = &facts.emergency {
        lines.push(("Emergency", format!("stated by {professional}: {reason}")));
    }
    if let Some(until) = facts.relied_until {
        lines.push(("Rests on this until", until.to_string()));
    }
    lines
}

const fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::DirectCare => "the person's own direct care",
        Purpose::MessageOutcome => "telling a sender what became of its message",
        Purpose::GeneralInformation => "general information and signposting",
    }
}

/// Labels in words; where it is nearly all of them, by what is missing.
fn kinds(labels: &BTreeSet<Label>) -> String {
    let all: BTreeSet<Label> = Label::all().filter(|label| matches!(label, Label::Category(_))).collect();
    let named: BTreeSet<Label> = labels.intersection(&all).copied().collect();
    let missing: Vec<&str> = all.difference(&named).map(|label| label.title()).collect();
    match missing.len() {
        0 => "everything".to_owned(),
        1..=4 => format!("everything but {}", listed(missing.into_iter())),
        _ => listed(named.iter().map(|label| label.title())),
    }
}

#[cfg(test)]
mod tests {
    use super::{kinds, listed};
    use crate::consent::Label;
    use crate::model::DataCategory;

    #[test]
    fn lists_are_written_as_people_write_them() {
        assert_eq!(listed(["a"].into_iter()), "a");
        assert_eq!(listed(["a", "b", "c"].into_iter()), "a, b and c");
        let mut labels: std::collections::BTreeSet<Label> = Label::all().collect();
        assert_eq!(kinds(&labels), "everything");
        labels.remove(&Label::from(DataCategory::Forensic));
        assert_eq!(kinds(&labels), "everything but forensic history");
        assert_eq!(kinds(&[Label::from(DataCategory::Actions)].into()), "agreed actions");
    }
}
