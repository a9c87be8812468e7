//! What the trust requires beyond UK Core, as FHIR invariants: key, severity, words, source and FHIRPath. An `error` breaks
//! a rule about what may be said; a `warning` is content the trust asks for, whose absence is told and refuses nobody
//! (L528-529). The contents of plans and letters come from the requirements their kinds declare.

use super::invariants;
use super::publication::canonical;
use crate::definitions::facts;
use crate::documents::Outline;
use crate::fhir::codes;
use crate::model::DocumentKind;

/// An invariant of ours.
pub(super) struct Constraint {
    /// Key, unique in the guide.
    key: String,
    severity: &'static str,
    words: String,
    /// Where it comes from: lines of the trust's procedures, or a rule id.
    source: String,
    expression: String,
}

impl Constraint {
    /// As the facts of an element of a profile of ours.
    pub(super) fn facts(self, profile: &str) -> facts::Constraint {
        facts::Constraint {
            key: self.key,
            severity: self.severity.to_owned(),
            expression: Some(self.expression),
            source: Some(canonical("StructureDefinition", profile)),
            best_practice: false,
            human: Some(self.words),
            requirements: Some(self.source),
        }
    }
}

/// Requirements that are rules about what may be said, and so errors: a "no" without a reason helps nobody.
const RULES: &[&str] = &["HO-3", "IL-73"];

/// Key of the constraint of a requirement: `cmht-dl-3a` of `DL-3a`.
#[must_use]
pub fn key_of(id: &str) -> String {
    format!("cmht-{}", id.to_lowercase())
}

pub(super) fn rule(
    key: &str,
    severity: &'static str,
    words: &str,
    source: &str,
    expression: impl Into<String>,
) -> Constraint {
    Constraint {
        key: format!("cmht-{key}"),
        severity,
        words: words.to_owned(),
        source: source.to_owned(),
        expression: expression.into(),
    }
}

/// What a kind of plan or letter must hold, on its document Bundle.
pub(super) fn document(outline: &Outline) -> Vec<Constraint> {
    let required = outline.required.iter().map(|(item, invariant)| Constraint {
        key: key_of(item.id),
        severity: if RULES.contains(&item.id) { "error" } else { "warning" },
        words: format!("{}. {}", item.title, item.ask),
        source: item.source.to_owned(),
        expression: invariants::fill(invariant, outline),
    });
    let history = (outline.kind == DocumentKind::SocialPrescribingHandover).then(handover);
    required.chain(history).collect()
}

/// A handover carries what the service needs, and no clinical history.
fn handover() -> Constraint {
    let kinds =
        ["Condition", "MedicationStatement", "MedicationRequest", "AllergyIntolerance", "Procedure", "RiskAssessment"];
    let kinds: Vec<String> = kinds.iter().map(|kind| format!("entry.resource.ofType({kind}).empty()")).collect();
    let categories = ["mental-health-history", "family-history", "medication", "physical-health"];
    let categories: Vec<String> = categories.iter().map(|code| format!("code = '{code}'")).collect();
    rule(
        "handover-1",
        "error",
        "A social prescribing handover carries no clinical history: no diagnoses, medication, allergies, procedures or \
         risk formulation, and nothing in the categories of history, medication and physical health.",
        "CS-05, L3404-3415",
        format!(
            "{} and entry.resource.meta.tag.where(system = '{}' and ({})).empty()",
            kinds.join(" and "),
            codes::DATA_CATEGORY,
            categories.join(" or ")
        ),
    )
}

/// What holds for the Composition of every plan and letter.
pub(super) fn composition() -> Vec<Constraint> {
    vec![
        rule(
            "doc-1",
            "error",
            "A section says which data category it holds, unless it is about consent, files, content of other systems \
             or what is withheld: consent is decided for each category.",
            "consent-and-sharing.md, data categories",
            format!(
                "section.all(extension('{}').exists() or code.coding.exists(system = '{}' and (code = 'consent' or \
                 code = 'attachments' or code = 'unmapped' or code = 'withheld')))",
                codes::SECTION_CATEGORY,
                codes::DOCUMENT_SECTION
            ),
        ),
        rule(
            "doc-2",
            "error",
            "A section says what it holds in words, so that it survives a system that reads no entries.",
            "exchange.md §2",
            "section.all(text.exists())",
        ),
        rule(
            "doc-3",
            "warning",
            "The document says who wrote it.",
            "CS-13",
            "author.exists(reference.exists() or identifier.exists() or display.exists())",
        ),
    ]
}

/// What a statement about risk is: words of somebody, never a figure.
pub(super) fn risk() -> Vec<Constraint> {
    vec![
        rule(
            "risk-1",
            "error",
            "A statement about risk carries no probability, relative risk, rating or score: nothing may predict suicide \
             or decide who is treated.",
            "L8909-8940, L8728-8732",
            "prediction.all(probability.empty() and relativeRisk.empty() and qualitativeRisk.empty())",
        ),
        rule(
            "risk-2",
            "warning",
            "A statement about risk says who made it and when.",
            "L8546-8558",
            format!(
                "prediction.outcome.coding.exists(system = '{}' and code = 'none-known') or (occurrence.exists() and \
                 (performer.exists() or extension('{}').exists()))",
                codes::ANSWER,
                canonical("StructureDefinition", "stated-by-organisation")
            ),
        ),
    ]
}

/// A DIALOG answer.
pub(super) fn dialog_score() -> Vec<Constraint> {
    vec![rule(
        "dialog-1",
        "error",
        "A DIALOG score is a whole number from 1 (totally dissatisfied) to 7 (totally satisfied).",
        "L4261-4300",
        "value.exists() implies (value.ofType(integer) >= 1 and value.ofType(integer) <= 7)",
    )]
}

/// The two people lists of a plan.
pub(super) fn people_list() -> Vec<Constraint> {
    vec![rule(
        "people-1",
        "error",
        "An objection to somebody being informed covers everything from the moment it is received: it names no class, \
         purpose or period.",
        "CS-03",
        "provision.provision.where(type = 'deny').all(class.empty() and purpose.empty() and period.empty())",
    )]
}
