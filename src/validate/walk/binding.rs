//! Bindings: whether codes are in the value set that an element binds, and at what severity if not
//! (<https://hl7.org/fhir/R4/terminologies.html#strength>). What codes mean is for `terminology`.

use super::Walk;
use crate::definitions::facts::Strength;
use crate::fhir::shown;
use crate::fhir::tree::{Name, Node};
use crate::model::{IssueCode, Severity};
use crate::validate::structure::{Binding, Bound, Rule, Structure, Type};
use crate::validate::terminology::{Answer, Code, DisplayVerdict};

/// A code as an instance gives it.
#[derive(Debug, Clone, Copy)]
struct Coded<'t> {
    node: Node<'t>,
    system: Option<&'t str>,
    version: Option<&'t str>,
    code: &'t str,
}

impl<'t> Walk<'t, '_> {
    /// An element that is bound.
    pub(super) fn binding(
        &mut self,
        node: Node<'t>,
        structure: &Structure,
        rule: &Rule,
        binding: &Binding,
        kind: &Type,
    ) {
        if binding.strength == Strength::Example {
            return;
        }
        if let Some(bound) = &binding.value_set {
            self.bound(node, structure, rule, bound, binding.strength, kind);
        }
        if let Some(most) = &binding.max_value_set {
            self.bound(node, structure, rule, most, Strength::Required, kind);
        }
    }

    fn bound(
        &mut self,
        node: Node<'t>,
        structure: &Structure,
        rule: &Rule,
        bound: &Bound,
        strength: Strength,
        kind: &Type,
    ) {
        let codes = codes(node, kind);
        match codes.as_slice() {
            [] => {
                let is_concept = kind.name == Name::CODEABLE_CONCEPT;
                if is_concept && strength == Strength::Required && node.child(Name::CODING).is_none() {
                    let text = format!("A code of {} is required here; there is none.", bound.url);
                    self.error(node, IssueCode::CodeInvalid, rule.id.clone(), text);
                    self.detail(structure, Some(bound.url.clone()), None);
                }
            }
            all => {
                let answers: Vec<_> = all.iter().map(|one| (one, self.membership(one, bound))).collect();
                if answers.iter().any(|(_, answer)| matches!(answer, Answer::Yes { .. })) {
                    return;
                }
                self.not_member(node, structure, rule, bound, strength, &answers);
            }
        }
    }

    fn not_member(
        &mut self,
        node: Node<'t>,
        structure: &Structure,
        rule: &Rule,
        bound: &Bound,
        strength: Strength,
        answers: &[(&Coded<'t>, Answer)],
    ) {
        let listed: Vec<_> = answers.iter().map(|(coded, _)| told(coded)).collect();
        if let Some(Answer::Unknown { why, server }) =
            answers.iter().map(|(_, answer)| answer).find(|answer| matches!(answer, Answer::Unknown { .. }))
        {
            let text = format!("{} was not checked against {}: {server} ({why}).", listed.join(", "), bound.url);
            self.information(node, IssueCode::NotFound, rule.id.clone(), text);
            self.detail(structure, Some(bound.url.clone()), None);
            return;
        }
        let severity = match strength {
            Strength::Required => Severity::Error,
            Strength::Extensible => Severity::Warning,
            Strength::Preferred | Strength::Example => Severity::Information,
        };
        let text = format!("{} is not in the value set {} ({}).", listed.join(", "), bound.url, strength.code());
        self.say(node, severity, IssueCode::CodeInvalid, rule.id.clone(), text);
        self.detail(structure, Some(bound.url.clone()), Some(listed.join(", ")));
    }

    fn membership(&self, coded: &Coded<'t>, bound: &Bound) -> Answer {
        let terminology = self.registry.terminology();
        match bound.get(self.registry) {
            Some(set) => terminology.member_of(set, coded.system, coded.code),
            None => terminology.member(&bound.url, coded.system, coded.code),
        }
    }

    /// Whether a code, Coding or CodeableConcept is in a value set; `None` where that cannot be known.
    pub(super) fn is_member(&self, node: Node<'t>, bound: &Bound) -> Option<bool> {
        let mut unknown = false;
        for coded in any_codes(node) {
            match self.membership(&coded, bound) {
                Answer::Yes { .. } => return Some(true),
                Answer::No { .. } => {}
                Answer::Unknown { .. } => unknown = true,
            }
        }
        (!unknown).then_some(false)
    }

    /// A Coding by itself: its system has the code, under these words.
    pub(super) fn coding(&mut self, node: Node<'t>, bound: bool) {
        let (Some(system), Some(code)) = (node.text(Name::SYSTEM), node.text(Name::CODE)) else { return };
        let terminology = self.registry.terminology();
        let version = node.text(Name::VERSION);
        match terminology.code(system, version, code) {
            Code::Missing { .. } => {
                let text = format!("The code system {} has no code \"{}\".", shown(system), shown(code));
                self.error(node, IssueCode::CodeInvalid, "code-known", text);
            }
            Code::Known(known) => {
                let Some(given) = node.text(Name::DISPLAY) else { return };
                // most senders copy the words as they are
                if known.display.as_deref() == Some(given) {
                    return;
                }
                if let DisplayVerdict::Differs { expected, .. } =
                    terminology.display(system, version, code, None, given)
                {
                    let expected: Vec<_> = expected.iter().map(|one| format!("\"{one}\"")).collect();
                    let text = format!(
                        "\"{}\" is not the display of {}: {} is.",
                        shown(given),
                        shown(code),
                        expected.join(" or ")
                    );
                    self.warning(node, IssueCode::CodeInvalid, "code-display", text);
                }
            }
            Code::Unknown { why, .. } => self.unknown_system(node, system, &why, bound),
        }
    }
}

/// The codes an element of a type has.
fn codes<'t>(node: Node<'t>, kind: &Type) -> Vec<Coded<'t>> {
    match kind.name.text() {
        _ if kind.name == Name::CODEABLE_CONCEPT => node.all(Name::CODING).filter_map(of_coding).collect(),
        "Coding" | "Quantity" | "SimpleQuantity" | "Age" | "Duration" | "Count" | "Distance" | "MoneyQuantity" => {
            of_coding(node).into_iter().collect()
        }
        _ => node.value().map(|code| Coded { node, system: None, version: None, code }).into_iter().collect(),
    }
}

/// The codes of an element whose type only its shape tells.
fn any_codes(node: Node<'_>) -> Vec<Coded<'_>> {
    if let Some(code) = node.value() {
        return vec![Coded { node, system: None, version: None, code }];
    }
    let inner: Vec<_> = node.all(Name::CODING).filter_map(of_coding).collect();
    if inner.is_empty() { of_coding(node).into_iter().collect() } else { inner }
}

fn of_coding(node: Node<'_>) -> Option<Coded<'_>> {
    let code = node.text(Name::CODE)?;
    Some(Coded { node, system: node.text(Name::SYSTEM), version: node.text(Name::VERSION), code })
}

fn told(coded: &Coded<'_>) -> String {
    let _ = (coded.node, coded.version);
    match coded.system {
        Some(system) => format!("{}#{}", shown(system), shown(coded.code)),
        None => format!("\"{}\"", shown(coded.code)),
    }
}
