//! Questionnaires, and responses against them (<https://hl7.org/fhir/R4/questionnaire.html>, `questionnaireresponse.html`).
//! [`form`]: a questionnaire laid out to be asked; [`enabled`]: whether a question is put; `response`: the items of a
//! response; `answer`: the values of its answers; `measured`: those that are quantities, references or words of a list.

mod answer;
mod enabled;
mod form;
mod measured;
mod response;

use super::Walk;
use super::special::{child, text};
use crate::fhir::shown;
use crate::fhir::tree::{Name, Node, Tree};
use crate::model::{IssueCode, Severity};
use form::Form;

impl<'t> Walk<'t, '_> {
    /// A questionnaire: its conditions ask for questions that stand before them.
    pub(super) fn questionnaire(&mut self, node: Node<'t>) {
        let form = Form::of(node);
        for (at, item) in form.items.iter().enumerate() {
            for condition in item.node.all(Name::of("enableWhen")) {
                let Some(question) = child(condition, "question") else { continue };
                let Some(link_id) = question.value() else { continue };
                let says = match form.find(link_id) {
                    None => "There is no question with this linkId.",
                    Some(target) if target == at => "A question cannot be asked for depending on itself.",
                    Some(target) if form.is_inside(target, at) => {
                        "A question cannot be asked for depending on one inside it."
                    }
                    Some(target) if target > at => {
                        let says = "The question this depends on comes after it.";
                        self.warning(question, IssueCode::BusinessRule, "questionnaire-condition", says.to_owned());
                        continue;
                    }
                    Some(_) => continue,
                };
                self.error(question, IssueCode::BusinessRule, "questionnaire-condition", says.to_owned());
            }
        }
        for base in node.all(Name::of("derivedFrom")) {
            if let Some(url) = base.value()
                && self.questionnaire_of(node, url).is_none()
                && self.registry.library().questionnaire(url).is_none()
            {
                let says = format!(
                    "The questionnaire {} is not known, so what this takes from it was not checked.",
                    shown(url)
                );
                self.warning(base, IssueCode::BusinessRule, "questionnaire-derived", says);
            }
        }
    }

    /// A response against its questionnaire.
    pub(super) fn questionnaire_response(&mut self, node: Node<'t>) {
        let Some(at) = node.child(Name::QUESTIONNAIRE) else {
            let says = "The response names no questionnaire, so its answers were not checked.";
            return self.information(node, IssueCode::Required, "questionnaire-known", says.to_owned());
        };
        let Some(url) = at.value() else { return };
        let published = || self.registry.library().questionnaire(url);
        if let Some(found) = self.questionnaire_of(node, url) {
            self.response_answers(node, &Form::of(found));
        } else if let Some(tree) = published().and_then(|found| Tree::of_value(&found).ok()) {
            self.response_answers(node, &Form::of(tree.root()));
        } else {
            let is_example = url.starts_with("http://example.org") || url.starts_with("https://example.org");
            let severity = if is_example { Severity::Information } else { Severity::Warning };
            let says =
                format!("The questionnaire {} is not known, so the answers were not checked against it.", shown(url));
            self.say(at, severity, IssueCode::Required, "questionnaire-known", says);
        }
    }

    /// The questionnaire of an address: contained, or in the bundle.
    fn questionnaire_of(&mut self, node: Node<'t>, url: &str) -> Option<Node<'t>> {
        if let Some(id) = url.strip_prefix('#') {
            let inner = node.all(Name::CONTAINED).find(|one| one.text(Name::ID) == Some(id))?;
            return (inner.resource_type().text() == "Questionnaire").then_some(inner);
        }
        let (plain, version) = url.split_once('|').map_or((url, None), |(plain, version)| (plain, Some(version)));
        let root = node.tree().root();
        let forms = self.forms.get_or_insert_with(|| {
            let resources = root.all(Name::ENTRY).filter_map(|entry| entry.child(Name::RESOURCE));
            let forms = resources.filter(|one| one.resource_type().text() == "Questionnaire");
            forms.filter_map(|form| Some((form.text(Name::URL)?, form))).collect()
        });
        let found = *forms.get(plain)?;
        (version.is_none() || text(found, "version") == version).then_some(found)
    }
}
