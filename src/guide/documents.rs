//! Profiles of plans and letters, made from the table each kind declares: the Composition with a slice for each section,
//! and the document Bundle that begins with it.

use serde_json::json;

use super::constraints;
use super::structure::{Structure, at_least_one, element, of_type, root, said, structure, typed};
use crate::definitions::facts::{Discriminator, Element, Slicing};
use crate::documents::{Outline, OutlineHeading};
use crate::fhir::codes;

pub(super) fn structures(outlines: &[Outline]) -> Vec<Structure> {
    outlines.iter().flat_map(|outline| [composition(outline), bundle(outline)]).collect()
}

/// Slices told apart by one thing, beside which others may stand.
pub(super) fn sliced_by(kind: &str, path: &str) -> Slicing {
    let discriminators = vec![Discriminator { kind: kind.to_owned(), path: path.to_owned() }];
    Slicing { discriminators, ordered: None, rules: "open".to_owned() }
}

fn composition(outline: &Outline) -> Structure {
    let id = codes::composition_profile(outline.kind);
    let title = format!("{} composition", outline.kind.title());
    let words = format!("The Composition of a document of the kind: {}.", outline.kind.title());
    let kind = json!({"coding": [{"system": codes::DOCUMENT_KIND, "code": outline.kind.code()}]});
    let mut elements = vec![
        root("Composition", &id, &words, constraints::composition()),
        at_least_one("Composition.identifier"),
        Element { pattern: Some(typed("CodeableConcept", kind)), ..element("Composition.type") },
        at_least_one("Composition.subject"),
        Element { slicing: Some(sliced_by("pattern", "code")), ..element("Composition.section") },
    ];
    elements.extend(outline.headings.iter().flat_map(section));
    structure(&id, &title, &words, "Composition", &codes::ukcore("Composition"), elements)
}

/// The slice of one section.
fn section(heading: &OutlineHeading) -> [Element; 3] {
    let slice = format!("Composition.section:{}", heading.key);
    let code = json!({"coding": [{"system": codes::DOCUMENT_SECTION, "code": heading.key}]});
    let questions: Vec<&str> = heading.questions.iter().map(|question| question.title).collect();
    let words = Some(said(heading.title, &format!("{}: {}.", heading.title, questions.join("; "))));
    [
        Element { max: Some("1".to_owned()), words, ..element(&slice) },
        Element { pattern: Some(typed("CodeableConcept", code)), ..at_least_one(&format!("{slice}.code")) },
        at_least_one(&format!("{slice}.text")),
    ]
}

fn bundle(outline: &Outline) -> Structure {
    let id = codes::bundle_profile(outline.kind);
    let title = format!("{} document", outline.kind.title());
    let words = format!("The document Bundle of the kind: {}.", outline.kind.title());
    let composition = codes::own_profile(&codes::composition_profile(outline.kind));
    let elements = vec![
        root("Bundle", &id, &words, constraints::document(outline)),
        at_least_one("Bundle.identifier"),
        Element { fixed: Some(typed("Code", json!("document"))), ..element("Bundle.type") },
        at_least_one("Bundle.timestamp"),
        Element { slicing: Some(sliced_by("type", "resource")), ..at_least_one("Bundle.entry") },
        Element { max: Some("1".to_owned()), ..at_least_one("Bundle.entry:composition") },
        Element { types: of_type("Composition", &[composition]), ..at_least_one("Bundle.entry:composition.resource") },
    ];
    structure(&id, &title, &words, "Bundle", &codes::ukcore("Bundle"), elements)
}
