//! The children of an element: which there may be, how many, in which order, in which slice.

use super::Walk;
use crate::fhir::Format;
use crate::fhir::tree::{Kind, Node};
use crate::model::IssueCode;
use crate::validate::structure::{Content, Form, Rule, Structure};

impl<'t> Walk<'t, '_> {
    /// Every child of a node against the children a rule has.
    pub(super) fn group(&mut self, node: Node<'t>, structure: &Structure, rule: &Rule) {
        let registry = self.registry;
        match &rule.content {
            None => self.children(node, structure, rule),
            Some(Content::Here(id)) => self.children(node, structure, structure.rule(*id)),
            Some(Content::There(link, id)) => {
                let Some(other) = link.get(registry) else { return };
                if let Some(rule) = other.rules.iter().find(|rule| rule.id == *id) {
                    self.children(node, other, rule);
                }
            }
        }
    }

    fn children(&mut self, node: Node<'t>, structure: &Structure, rule: &Rule) {
        let base = self.counts.len();
        self.counts.resize(base + usize::from(rule.counters), 0);
        let mut furthest = 0;
        let mut before: Option<Node<'t>> = None;
        let mut exceeded = false;
        for child in node.children() {
            self.spend(1);
            let Some(found) = rule.lookup.get(child.name()) else {
                self.stranger(child, structure, rule);
                continue;
            };
            let Some(id) = rule.children.get(usize::from(found.child)) else { continue };
            let child_rule = structure.rule(*id);
            if let Some(count) = self.counts.get_mut(base + usize::from(found.child)) {
                *count += 1;
                exceeded |= *count > child_rule.max;
            }
            if !self.again {
                self.shape(child, child_rule);
                // attributes stand before all elements, whatever their place in the definition
                if !child_rule.is_attribute {
                    if child.tree().format() == Format::Xml {
                        // the tree has repetitions side by side; where they stood apart only the source shows
                        if let Some(late) = before.filter(|before| before.offset() > child.offset()) {
                            self.order(late);
                        } else if found.child < furthest {
                            self.order(child);
                        }
                        before = Some(child);
                    }
                    furthest = furthest.max(found.child);
                }
            }
            self.one(child, structure, child_rule, found.of, base);
            if self.quick && self.failed {
                break;
            }
        }
        if exceeded || self.options.must_support {
            for (id, place) in rule.children.iter().zip(0..) {
                self.counted(node, structure, structure.rule(*id), base, place);
            }
        } else {
            // of most elements there are none, and nothing is wrong with that
            for place in &rule.needed {
                let Some(id) = rule.children.get(usize::from(*place)) else { continue };
                self.counted(node, structure, structure.rule(*id), base, usize::from(*place));
            }
        }
        self.counts.truncate(base);
    }

    /// How many there are of a child, and of each of its slices.
    fn counted(&mut self, node: Node<'t>, structure: &Structure, rule: &Rule, base: usize, place: usize) {
        let count = self.counts.get(base + place).copied().unwrap_or(0);
        if count < rule.min || count > rule.max {
            self.cardinality(node, structure, rule, count);
        } else if count == 0 && rule.must_support && self.options.must_support {
            self.unsupported(node, structure, rule);
        }
        if rule.slicing.is_some() {
            self.slice_counts(node, structure, rule, base, count);
        }
    }

    /// A child nobody knows.
    fn stranger(&mut self, child: Node<'t>, structure: &Structure, rule: &Rule) {
        if self.again || (child.is_resource() && child.number() == 0) {
            return;
        }
        let name = crate::fhir::shown(child.written_name());
        let choice = rule
            .children
            .iter()
            .map(|id| structure.rule(*id))
            .find(|one| one.id.ends_with("[x]") && super::slices::is_choice(&name, &one.stem));
        if let Some(choice) = choice {
            let types: Vec<_> = choice.types.iter().map(|kind| kind.name.text()).collect();
            let text =
                format!("`{name}` has a type that is not allowed here: {} may be {}.", choice.id, types.join(", "));
            return self.error(child, IssueCode::Structure, "unknown-element", text);
        }
        // a document of nothing but unknown names gets no advice on each of them
        self.strangers += 1;
        let advised = if self.strangers > ADVISED { &[] } else { rule.children.as_slice() };
        let known: Vec<&str> = advised.iter().map(|id| structure.rule(*id).stem.as_str()).collect();
        let near = known
            .iter()
            .filter(|known| strsim::damerau_levenshtein(known, &name) <= 2)
            .min_by_key(|known| strsim::damerau_levenshtein(known, &name));
        let advice = near.map_or_else(String::new, |near| format!(" Is `{near}` meant?"));
        let text = format!("`{name}` is not an element of {}.{advice}", rule.id);
        self.error(child, IssueCode::Structure, "unknown-element", text);
    }

    /// Whether JSON writes it as an array where it is one, and only there.
    fn shape(&mut self, child: Node<'t>, rule: &Rule) {
        if child.tree().format() != Format::Json || child.is_listed() == rule.many || child.place() > 0 {
            return;
        }
        let text = if rule.many {
            format!(
                "`{}` may repeat, so JSON has it as an array, even if there is only one: put it between [ and ].",
                child.written_name()
            )
        } else {
            format!("`{}` does not repeat, so JSON has it without an array: leave out [ and ].", child.written_name())
        };
        self.error(child, IssueCode::Structure, "json-array", text);
    }

    fn order(&mut self, child: Node<'t>) {
        let text = format!(
            "`{}` stands too late: XML needs the elements in the order of the definition.",
            child.written_name()
        );
        self.error(child, IssueCode::Structure, "xml-order", text);
    }

    fn cardinality(&mut self, node: Node<'t>, structure: &Structure, rule: &Rule, count: u32) {
        // what the instance lacks of an attribute-like `value` of a primitive is said elsewhere
        let name = named(rule);
        let (text, code) = if count < rule.min {
            let least = if rule.min == 1 {
                "is required".to_owned()
            } else {
                format!("is required at least {} times", rule.min)
            };
            let there = if count == 0 { "is not there".to_owned() } else { format!("is there {count} times") };
            (format!("`{name}` {least} and {there}."), IssueCode::Required)
        } else if rule.max == 0 {
            (format!("`{name}` is not allowed here."), IssueCode::Structure)
        } else {
            (
                format!("`{name}` is allowed at most {} and is there {count} times.", times(rule.max)),
                IssueCode::Structure,
            )
        };
        let most = if rule.max == u32::MAX { "*".to_owned() } else { rule.max.to_string() };
        self.error(node, code, rule.id.clone(), text);
        self.detail(structure, Some(format!("{}..{most}", rule.min)), Some(count.to_string()));
    }

    fn unsupported(&mut self, node: Node<'t>, structure: &Structure, rule: &Rule) {
        let text = format!("`{}` must be supported by senders who hold it, and is not there.", named(rule));
        self.information(node, IssueCode::Informational, rule.id.clone(), text);
        self.detail(structure, None, None);
    }

    /// What a choice is written as, or an object where a value belongs, and the other way round.
    pub(super) fn is_object(&mut self, node: Node<'t>, form: Form) -> bool {
        let wants_value = matches!(form, Form::Primitive(_) | Form::Xhtml);
        let text = match (node.kind(), wants_value) {
            (Kind::Nothing | Kind::Object, false) => return true,
            (_, false) => format!("`{}` has elements of its own, so it is no plain value.", node.written_name()),
            _ => return true,
        };
        if !self.again {
            self.error(node, IssueCode::Structure, "json-object", text);
        }
        false
    }
}

fn times(count: u32) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

/// How many unknown elements are given advice.
const ADVISED: usize = 20;

/// An element's name with its slice.
pub(super) fn named(rule: &Rule) -> String {
    rule.id.rsplit('.').next().unwrap_or(&rule.id).to_owned()
}
