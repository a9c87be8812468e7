//! Fills in what stands in braces in the invariants of the requirements (`documents::Requirement::invariant`), so that
//! each is FHIRPath on the document Bundle. Where an answer stands is said here once: in the section of its heading, by
//! type or by the question's code.

use crate::documents::parts::Formulation;
use crate::documents::{Carrier, Outline, OutlineHeading, OutlineQuestion};
use crate::fhir::codes;

/// The Composition: the first entry of a document.
const COMPOSITION: &str = "entry.first().resource";
const GP: &str = "entry.first().resource.subject.resolve().generalPractitioner.resolve().ofType(Organization)";

/// The invariant with everything filled in; what names nothing stays as it is and will not compile.
pub(super) fn fill(template: &str, outline: &Outline) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(before);
        out.push_str(&one(name, outline).unwrap_or_else(|| format!("{{{name}}}")));
        rest = behind;
    }
    out.push_str(rest);
    out
}

fn one(name: &str, outline: &Outline) -> Option<String> {
    let words: Vec<&str> = name.split(' ').collect();
    match words[..] {
        ["is", system, code] => Some(format!("{COMPOSITION}.category.{}", coded(system, code))),
        ["of", system, code] => Some(coded(system, code)),
        ["marked", system] => {
            Some(format!("{COMPOSITION}.category.coding.exists(system = '{}/CodeSystem/{system}')", codes::BASE))
        }
        ["extension", leaf] => Some(format!("extension('{}/StructureDefinition/{leaf}')", codes::BASE)),
        ["author-sector", code] => {
            let of = coded("sector", code);
            let author = format!("{COMPOSITION}.author.resolve()");
            Some(format!("({author}.organization.resolve().type.{of} or {author}.ofType(Organization).type.{of})"))
        }
        [fixed] => self::fixed(fixed).or_else(|| question(fixed, outline)),
        _ => None,
    }
}

fn coded(system: &str, code: &str) -> String {
    format!("coding.exists(system = '{}/CodeSystem/{system}' and code = '{code}')", codes::BASE)
}

/// What is the same in every kind.
fn fixed(name: &str) -> Option<String> {
    let base = codes::BASE;
    Some(match name {
        "patient" => format!("{COMPOSITION}.subject.resolve()"),
        "interpreter" => "extension('http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired')".to_owned(),
        "consent" => section("consent"),
        "interim" => format!("{COMPOSITION}.status = 'preliminary'"),
        "agreed-by-person" => {
            format!("{COMPOSITION}.attester.exists(mode = 'personal' and party.resolve() is Patient)")
        }
        "agreed-by-practitioner" => format!(
            "{COMPOSITION}.attester.exists(mode = 'professional' and \
             extension('{base}/StructureDefinition/agreement-side').empty())"
        ),
        "copied-to-gp" => {
            let copies = format!("{COMPOSITION}.extension('{}').value", codes::DOCUMENT_COPY);
            format!(
                "({copies}.identifier.value.intersect({GP}.identifier.value).exists() or \
                 {copies}.display.intersect({GP}.name).exists())"
            )
        }
        "not-taken" => "status = 'completed' or status = 'stopped' or status = 'not-taken'".to_owned(),
        "open-goals" => "entry.where(resource is Goal and resource.statusReason.empty() and \
             (resource.lifecycleStatus = 'completed' or resource.lifecycleStatus = 'cancelled' or \
             resource.lifecycleStatus = 'rejected').not()).fullUrl"
            .to_owned(),
        "planned-actions" => {
            format!("entry.resource.ofType(Task).where(code.{})", coded("task", codes::TASK_PLANNED_ACTION))
        }
        _ => return None,
    })
}

/// What the section with this code leads to.
fn section(key: &str) -> String {
    let code = format!("code.coding.exists(system = '{}' and code = '{key}')", codes::DOCUMENT_SECTION);
    format!("{COMPOSITION}.section.where({code}).entry.resolve()")
}

/// The resources that answer a question; with `+` without "none known".
fn question(name: &str, outline: &Outline) -> Option<String> {
    let (key, entries) = name.strip_prefix('+').map_or((name, false), |key| (key, true));
    let mut all = outline.headings.iter().flat_map(|h| h.questions.iter().map(move |question| (h, question)));
    let (heading, question) = all.find(|(_, question)| question.key == key)?;
    Some(answers(heading, question, outline, entries))
}

fn answers(heading: &OutlineHeading, question: &OutlineQuestion, outline: &Outline, entries: bool) -> String {
    let system = codes::item_system(outline.kind);
    let coded = |path: &str| format!("{path}.coding.exists(system = '{system}' and code = '{}')", question.key);
    let none = format!("value.coding.where(system = '{}' and code = 'none-known')", codes::ANSWER);
    let is_one = match question.carrier {
        Carrier::Code => String::new(),
        Carrier::Category(kind) => format!("($this is {kind} and {})", coded("category")),
        Carrier::Types(kinds) => kinds.iter().map(|kind| format!("$this is {kind}")).collect::<Vec<_>>().join(" or "),
        Carrier::Formulation => "$this is RiskAssessment".to_owned(),
    };
    let filter = match (is_one.is_empty(), entries) {
        (true, false) => coded("code"),
        (true, true) => format!("{} and {none}.empty()", coded("code")),
        (false, false) => format!("{is_one} or {}", coded("code")),
        (false, true) => is_one,
    };
    format!("{}.where({filter})", section(heading.key))
}

/// Codes of the five Ps and their words, where a question is answered by them.
pub(super) fn codes_of(question: &OutlineQuestion) -> Vec<(String, String)> {
    let own = (question.key.to_owned(), question.title.to_owned());
    let places = Formulation::PLACES.iter().filter(|_| question.carrier == Carrier::Formulation);
    let places = places.map(|place| (place.key.to_owned(), format!("{}: {}", question.title, place.title)));
    std::iter::once(own).filter(|_| question.carrier != Carrier::Formulation).chain(places).collect()
}
