//! The plain statement of what was withheld, as an Annotation of the ServiceRequest or a section of the Composition. It names categories by title and
//! rules by id, never content, and is built from codes alone, so that a copy can be told from somebody's own note.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::label::Label;
use super::rule::RuleId;
use crate::fhir::{build, codes};

/// One thing said to be withheld.
pub(super) type Said = BTreeSet<(Label, RuleId)>;

/// The Annotation.
pub(super) fn annotation(said: &Said) -> Value {
    let extensions: Vec<Value> = said
        .iter()
        .map(|(label, rule)| {
            json!({"url": codes::WITHHELD, "extension": [
                {"url": "category", "valueCode": label.code()},
                {"url": "rule", "valueCode": rule.as_str()},
            ]})
        })
        .collect();
    json!({"extension": extensions, "text": sentence(said)})
}

/// The section of a document: empty, because what would stand in it was withheld.
pub(super) fn section(said: &Said) -> Value {
    let note = annotation(said);
    json!({
        "extension": note.get("extension"),
        "title": TITLE,
        "code": build::concept(codes::DOCUMENT_SECTION, "withheld", TITLE),
        "text": build::narrative(&[sentence(said)]),
        "emptyReason": build::concept(codes::LIST_EMPTY_REASON, "withheld", "Information Withheld"),
    })
}

const TITLE: &str = "Withheld from this copy";

/// Whether a section is one of ours, word for word.
pub(super) fn is_our_section(given: &Value) -> bool {
    let Some(said) = read(given) else { return false };
    !said.is_empty() && *given == section(&said)
}

/// Whether an Annotation is one of ours, word for word.
pub(super) fn is_ours(note: &Value) -> bool {
    let Some(said) = read(note) else { return false };
    !said.is_empty() && *note == annotation(&said)
}

/// The sentence, for people.
fn sentence(said: &Said) -> String {
    let parts: Vec<String> = said.iter().map(|(label, rule)| format!("{} (rule {rule})", label.title())).collect();
    format!("Withheld from this copy: {}. The sender holds the whole document.", parts.join("; "))
}

fn read(note: &Value) -> Option<Said> {
    let extensions = note.get("extension")?.as_array()?;
    extensions
        .iter()
        .map(|extension| {
            let code = |wanted: &str| {
                let parts = extension.get("extension")?.as_array()?;
                let part = parts.iter().find(|part| part.get("url").and_then(Value::as_str) == Some(wanted))?;
                part.get("valueCode")?.as_str()
            };
            Some((Label::from_code(code("category")?)?, RuleId::parse(code("rule")?)?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{annotation, is_our_section, is_ours, section};
    use crate::consent::{Label, RuleId};
    use crate::model::DataCategory;

    #[test]
    fn only_the_exact_words_are_ours() {
        let rule = RuleId::parse("CS-04").unwrap();
        let note = annotation(&[(Label::from(DataCategory::Medication), rule)].into());
        assert_eq!(
            note["text"],
            "Withheld from this copy: medication (rule CS-04). The sender holds the whole document."
        );
        assert!(is_ours(&note));
        let mut forged = note.clone();
        forged["text"] = "takes methadone".into();
        assert!(!is_ours(&forged));
        let mut forged = note;
        forged["authorString"] = "somebody".into();
        assert!(!is_ours(&forged));
        assert!(!is_ours(&serde_json::json!({"text": "hello", "extension": []})));
        let rule = RuleId::parse("CS-04").unwrap();
        let section = section(&[(Label::from(DataCategory::Medication), rule)].into());
        assert!(is_our_section(&section) && !is_ours(&section));
        let mut forged = section;
        forged["title"] = "takes methadone".into();
        assert!(!is_our_section(&forged));
    }
}
