//! Answers to shapes: one node, no collections, nothing allocated. Each gives what the evaluator in `run` would give for
//! the expression the shape was made from; a test compares the two.

use std::borrow::Cow;
use std::ops::ControlFlow::{Break, Continue};

use super::compare::equal;
use super::fault::Fault;
use super::item::{Item, Node, System, is_there};
use super::operators::ordered;
use super::program::{Comparison, Logic, Start, borrowed};
use super::run::{Frame, Run, as_truth, is_a};
use super::shape::{Like, Shape, Side, Way};
use super::tree::along;
use super::types::Reading;
use crate::fhir::tree::Name;

/// An answer that fits in a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    True,
    False,
    Empty,
    /// There is none; why is told to the run.
    Broken,
}

impl Answer {
    const fn of(flag: bool) -> Self {
        if flag { Self::True } else { Self::False }
    }

    const fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            other => other,
        }
    }
}

impl<'a> Run<'a, '_> {
    fn broken(&self, fault: Fault) -> Answer {
        self.note(fault);
        Answer::Broken
    }

    fn answered(&self, answer: Result<Option<bool>, Fault>) -> Answer {
        match answer {
            Ok(Some(flag)) => Answer::of(flag),
            Ok(None) => Answer::Empty,
            Err(fault) => self.broken(fault),
        }
    }

    /// Hands on the nodes a way leads to; `true` when the taker wants no more.
    #[inline]
    fn on(&self, way: &'a Way, node: Node<'a>, to: &mut impl FnMut(Node<'a>) -> bool) -> bool {
        let from = match (way.start, self.scope()) {
            (Start::Focus, _) => node,
            (Start::Resource, Ok(scope)) => Node::resource(scope.resource),
            (Start::Root, Ok(scope)) => Node::resource(scope.root),
            (Start::Context, Ok(scope)) => scope.context,
            // only while constants are folded, which have no shape
            (_, Err(_)) => return false,
        };
        along(self, from, &way.keys, &mut |node| if to(node) { Break(()) } else { Continue(()) }).is_break()
    }

    /// The answer to a shape about a node, which is the `index`th of those looked at.
    pub(super) fn answer(&self, shape: &'a Shape, node: Node<'a>, index: usize) -> Answer {
        if let Err(fault) = self.fuel.charge(1) {
            return self.broken(fault);
        }
        match shape {
            Shape::Always(answer) => answer.map_or(Answer::Empty, Answer::of),
            Shape::Exists(way) => Answer::of(self.on(way, node, &mut |_| true)),
            Shape::Not(inner) => self.answer(inner, node, index).not(),
            Shape::Logic(what, a, b) => self.joined(*what, a, b, node, index),
            Shape::HasValue(way) => {
                let (mut count, mut has) = (0, false);
                let several = self.on(way, node, &mut |one| {
                    (count, has) = (count + 1, one.has_value());
                    count > 1
                });
                Answer::of(!several && has)
            }
            Shape::Filled => Answer::of(node.has_value() || self.is_fuller(node)),
            Shape::Fuller => Answer::of(self.is_fuller(node)),
            Shape::IsA(wanted) => Answer::of(is_a(&Item::Node(node), *wanted)),
            Shape::Equals(way, text) => self.equals(way, text, node),
            Shape::OneOf(way, list) => self.one_of(way, list, node),
            Shape::Some(way, asked) => self.some(way, asked, node),
            Shape::Every(way, asked) => self.every(way, asked, node),
            _ => self.less_usual(shape, node, index),
        }
    }

    #[inline(never)]
    fn less_usual(&self, shape: &'a Shape, node: Node<'a>, index: usize) -> Answer {
        match shape {
            Shape::Truth(way) => self.of_single(way, node, "a truth value", |one| Ok(Some(as_truth(&Item::Node(one))))),
            Shape::Is(way, wanted) => self.of_single(way, node, "is", |one| Ok(Some(is_a(&Item::Node(one), *wanted)))),
            Shape::Like(like, way, part) => self.of_single(way, node, "a function of one value", |one| {
                let text = Self::text_of(one)?;
                self.fuel.charge_text(text.len())?;
                Ok(Some(match like {
                    Like::StartsWith => text.starts_with(&**part),
                    Like::EndsWith => text.ends_with(&**part),
                    Like::Contains => text.contains(&**part),
                }))
            }),
            Shape::Matches(way, pattern) => self.of_single(way, node, "matches()", |one| {
                let text = one.text().ok_or(Fault::Type("matches()"))?;
                self.fuel.charge_text(text.len())?;
                pattern.is_match(text).map(Some)
            }),
            Shape::Count(ways, what, number) => {
                let mut count = 0_usize;
                for way in ways {
                    self.on(way, node, &mut |_| {
                        count += 1;
                        false
                    });
                }
                Answer::of(what.holds(count.cmp(number)))
            }
            Shape::Ordered(what, left, right) => self.ordered(*what, left, right, node),
            Shape::Other(expr) => {
                let focus = [Item::Node(node)];
                self.answered(self.truth(expr, &Frame { focus: &focus, index, total: &[] }))
            }
            _ => self.broken(Fault::NotAnswered("this shape")),
        }
    }

    fn ordered(&self, what: Comparison, left: &'a Way, right: &'a Side, node: Node<'a>) -> Answer {
        let single = |way: &'a Way| {
            let mut found = None;
            let several = self.on(way, node, &mut |one| found.replace(one).is_some());
            if several { Err(Fault::Several("a comparison")) } else { Ok(found.map(Item::Node)) }
        };
        let compared = || {
            let left = single(left)?;
            let right = match right {
                Side::Way(way) => single(way)?,
                Side::Constant(value) => Some(borrowed(value)),
            };
            let (Some(left), Some(right)) = (left, right) else { return Ok(None) };
            Ok(ordered(&left, &right)?.map(|order| what.holds(order)))
        };
        self.answered(compared())
    }

    fn joined(&self, what: Logic, a: &'a Shape, b: &'a Shape, node: Node<'a>, index: usize) -> Answer {
        let left = self.answer(a, node, index);
        match (what, left) {
            (_, Answer::Broken) => return Answer::Broken,
            (Logic::And, Answer::False) => return Answer::False,
            (Logic::Or, Answer::True) | (Logic::Implies, Answer::False) => return Answer::True,
            (Logic::Xor, Answer::Empty) => return Answer::Empty,
            _ => {}
        }
        let right = self.answer(b, node, index);
        match (what, left, right) {
            (_, _, Answer::Broken) => Answer::Broken,
            (Logic::And, _, Answer::False) => Answer::False,
            (Logic::Or | Logic::Xor, Answer::False, right) | (Logic::And | Logic::Implies, Answer::True, right) => {
                right
            }
            (Logic::Or | Logic::Implies, _, Answer::True) => Answer::True,
            (Logic::Xor, Answer::True, right) => right.not(),
            _ => Answer::Empty,
        }
    }

    fn is_fuller(&self, node: Node<'a>) -> bool {
        let mut count = 0;
        let found = node.at.children().any(|child| {
            count += 1;
            child.name() != Name::ID && is_there(child)
        });
        self.fuel.burn(count);
        found
    }

    fn some(&self, way: &'a Way, asked: &'a Shape, node: Node<'a>) -> Answer {
        let (mut at, mut broken) = (0, false);
        let found = self.on(way, node, &mut |one| {
            let answer = self.answer(asked, one, at);
            at += 1;
            broken = answer == Answer::Broken;
            broken || answer == Answer::True
        });
        if broken { Answer::Broken } else { Answer::of(found) }
    }

    fn every(&self, way: &'a Way, asked: &'a Shape, node: Node<'a>) -> Answer {
        let (mut at, mut broken) = (0, false);
        let found = self.on(way, node, &mut |one| {
            let answer = self.answer(asked, one, at);
            at += 1;
            broken = answer == Answer::Broken;
            answer != Answer::True
        });
        if broken { Answer::Broken } else { Answer::of(!found) }
    }

    /// Asks about the only node a way leads to.
    fn of_single(
        &self,
        way: &'a Way,
        node: Node<'a>,
        what: &'static str,
        ask: impl FnOnce(Node<'a>) -> Result<Option<bool>, Fault>,
    ) -> Answer {
        let mut found = None;
        if self.on(way, node, &mut |one| found.replace(one).is_some()) {
            return self.broken(Fault::Several(what));
        }
        found.map_or(Answer::Empty, |one| self.answered(ask(one)))
    }

    fn text_of(node: Node<'a>) -> Result<&'a str, Fault> {
        match node.system() {
            Some(System::Text(Cow::Borrowed(text))) => Ok(text),
            Some(_) => Err(Fault::Type("a function of strings")),
            None => Err(Fault::Type("a function of one value")),
        }
    }

    /// Whether the node is equal to a text, as `=` has it.
    fn same_text(&self, node: Node<'a>, text: &'a str) -> Answer {
        if self.types.reading(node.of) == Reading::Text {
            return Answer::of(node.at.value() == Some(text));
        }
        self.answered(equal(&self.fuel, &Item::Node(node), &Item::text(text)))
    }

    fn equals(&self, way: &'a Way, text: &'a str, node: Node<'a>) -> Answer {
        let (mut count, mut answer) = (0, Answer::Empty);
        self.on(way, node, &mut |one| {
            count += 1;
            answer = if count > 1 { Answer::False } else { self.same_text(one, text) };
            count > 1
        });
        answer
    }

    fn one_of(&self, way: &'a Way, list: &'a [Box<str>], node: Node<'a>) -> Answer {
        let mut answer = Answer::Empty;
        self.on(way, node, &mut |one| {
            answer = Answer::of(list.iter().any(|text| self.same_text(one, text) == Answer::True));
            answer == Answer::False
        });
        answer
    }
}
