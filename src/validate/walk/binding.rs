//! Bindings: whether codes are in the value set that an element binds, and at what severity if not
//! (<https://hl7.org/fhir/R4/terminologies.html#strength>). What codes mean is for `terminology`.

use super::Walk;
use crate::definitions::facts::Strength;
use crate::fhir::tree::{Name, Node};
use crate::fhir::{show, shown};
use crate::model::{IssueCode, Severity};
use crate::validate::structure::{Binding, Bound, Data, Rule, Structure, Type};
use crate::validate::terminology::{Answer, Code, DisplayVerdict, Server, Why};

/// A code as an instance gives it.
#[derive(Debug, Clone, Copy)]
struct Coded<'t> {
    system: Option<&'t str>,
    code: &'t str,
}

/// What is asked of a code, and by what.
#[derive(Clone, Copy)]
struct Asked<'a> {
    structure: &'a Structure,
    rule: &'a Rule,
    bound: &'a Bound,
    strength: Strength,
    kind: &'a Type,
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
            self.bound(node, Asked { structure, rule, bound, strength: binding.strength, kind });
        }
        if let Some(bound) = &binding.max_value_set {
            self.bound(node, Asked { structure, rule, bound, strength: Strength::Required, kind });
        }
    }

    fn bound(&mut self, node: Node<'t>, asked: Asked<'_>) {
        let Asked { structure, rule, bound, strength, kind } = asked;
        let mut unknown = None;
        let mut some = false;
        for coded in codes(node, kind) {
            some = true;
            match self.membership(&coded, bound) {
                Answer::Yes { .. } => return,
                Answer::No { .. } => {}
                Answer::Unknown { why, server } => unknown = unknown.or(Some((why, server))),
            }
        }
        if some {
            return self.not_member(node, asked, unknown);
        }
        let is_concept = kind.data == Data::CodeableConcept;
        if is_concept && strength == Strength::Required && node.child(Name::CODING).is_none() {
            let text = format!("A code of {} is required here; there is none.", bound.url);
            self.error(node, IssueCode::CodeInvalid, rule.id.clone(), text);
            self.detail(structure, Some(bound.url.clone()), None);
        }
    }

    fn not_member(&mut self, node: Node<'t>, asked: Asked<'_>, unknown: Option<(Why, Server)>) {
        let Asked { structure, rule, bound, strength, kind } = asked;
        let severity = match strength {
            _ if unknown.is_some() => Severity::Information,
            Strength::Required => Severity::Error,
            Strength::Extensible => Severity::Warning,
            Strength::Preferred | Strength::Example => Severity::Information,
        };
        if self.quick {
            self.failed |= severity.refuses();
            return;
        }
        let listed = told(codes(node, kind));
        if let Some((why, server)) = unknown {
            let text = format!("{listed} was not checked against {}: {server} ({why}).", bound.url);
            self.say(node, severity, IssueCode::NotFound, rule.id.clone(), text);
            return self.detail(structure, Some(bound.url.clone()), None);
        }
        let text = [&listed, " is not in the value set ", &bound.url, " (", strength.code(), ")."].concat();
        self.say(node, severity, IssueCode::CodeInvalid, rule.id.clone(), text);
        self.detail(structure, Some(bound.url.clone()), Some(listed));
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
fn codes<'t>(node: Node<'t>, kind: &Type) -> impl Iterator<Item = Coded<'t>> + use<'t> {
    let is_concept = kind.data == Data::CodeableConcept;
    let itself = match kind.data {
        Data::CodeableConcept => None,
        Data::Coding | Data::Quantity | Data::Amount => of_coding(node),
        _ => plain(node),
    };
    let inner = is_concept.then(|| node.all(Name::CODING).filter_map(of_coding));
    inner.into_iter().flatten().chain(itself)
}

/// The codes of an element whose type only its shape tells.
fn any_codes(node: Node<'_>) -> impl Iterator<Item = Coded<'_>> {
    let value = plain(node);
    let inner = move || node.all(Name::CODING).filter_map(of_coding);
    let concept = value.is_none().then(inner);
    let itself = value.or_else(|| if inner().next().is_none() { of_coding(node) } else { None });
    concept.into_iter().flatten().chain(itself)
}

fn plain(node: Node<'_>) -> Option<Coded<'_>> {
    Some(Coded { system: None, code: node.value()? })
}

fn of_coding(node: Node<'_>) -> Option<Coded<'_>> {
    let code = node.text(Name::CODE)?;
    Some(Coded { system: node.text(Name::SYSTEM), code })
}

/// Codes in a message, with commas between them.
fn told<'t>(all: impl Iterator<Item = Coded<'t>>) -> String {
    let mut out = String::with_capacity(96);
    for coded in all {
        if !out.is_empty() {
            out.push_str(", ");
        }
        if let Some(system) = coded.system {
            show(system, &mut out);
            out.push('#');
            show(coded.code, &mut out);
        } else {
            out.push('"');
            show(coded.code, &mut out);
            out.push('"');
        }
    }
    out
}
