//! The evaluator: a compiled expression over nodes of the tree, item by item, so that `exists()` stops at the first.
//! Work and depth are bounded by `fuel`; errors are values. What operators and functions do stands in their own files.

use std::cell::Cell;
use std::ops::ControlFlow::{self, Break, Continue};

use super::Verdict;
use super::direct::Answer;
use super::fault::Fault;
use super::fuel::Fuel;
use super::item::{Item, Node, System, UCUM};
use super::kept::Slots;
use super::moment::Moment;
use super::program::{Each, Expr, Key, Row, Start, Wanted, borrowed};
use super::scope::Scope;
use super::shape::Shape;
use super::text::Pattern;
use super::types::{Types, r4};
use super::{collections, host, operators, tree};

/// Whether more items are wanted.
pub(super) type Step = Result<ControlFlow<()>, Fault>;
/// Takes the items of a collection one by one.
pub(super) type Sink<'x, 'a> = &'x mut dyn FnMut(Item<'a>) -> Step;

/// What an expression stands in: the items before it, and inside functions their variables.
#[derive(Clone, Copy)]
pub(super) struct Frame<'f, 'a> {
    pub(super) focus: &'f [Item<'a>],
    pub(super) index: usize,
    pub(super) total: &'f [Item<'a>],
}

/// One evaluation.
pub(super) struct Run<'a, 's> {
    /// None while constants are folded.
    scope: Option<&'s Scope<'a, 's>>,
    pub(super) fuel: Fuel,
    pub(super) types: &'static Types,
    /// Why there is no answer, told by what gives only answers.
    fault: Cell<Option<Fault>>,
    pub(super) kept: Slots<'a>,
}

impl<'a, 's> Run<'a, 's> {
    pub(super) fn new(scope: Option<&'s Scope<'a, 's>>) -> Self {
        Self { scope, fuel: Fuel::new(), types: r4(), fault: Cell::new(None), kept: Slots::default() }
    }

    pub(super) fn scope(&self) -> Result<&'s Scope<'a, 's>, Fault> {
        self.scope.ok_or(Fault::NotAnswered("what lies outside"))
    }

    /// Hands each item of the expression's result to the sink, until it breaks.
    pub(super) fn visit(&self, expr: &'a Expr, frame: &Frame<'_, 'a>, sink: Sink<'_, 'a>) -> Step {
        self.fuel.charge(1)?;
        self.fuel.deeper(|| match expr {
            Expr::Constant(values) => each(values.iter().map(borrowed), sink),
            Expr::Path(start, keys) => self.visit_path(*start, keys, frame, sink),
            Expr::Total => each(frame.total.iter().cloned(), sink),
            Expr::Member(input, keys) => self.visit(input, frame, &mut |item| tree::path(self, &item, keys, sink)),
            Expr::Root(key, of) => each_step(frame.focus, |item| match item {
                Item::Node(node) if r4().is_a(node.of, *of) => sink(item.clone()),
                _ => tree::path(self, item, std::slice::from_ref(key), sink),
            }),
            Expr::OfType(input, wanted) => self.visit(input, frame, &mut |item| {
                if is_a(&item, *wanted) { sink(item) } else { Ok(Continue(())) }
            }),
            Expr::Each(Each::Where | Each::Select | Each::Repeat, ..) => self.visit_each(expr, frame, sink),
            Expr::Tree(what, input) => self.visit(input, frame, &mut |item| tree::walk(self, *what, &item, sink)),
            Expr::Extension(input, url) => {
                let Some(url) = self.single(url, frame, "extension()")?.and_then(|url| url.as_text()) else {
                    return Ok(Continue(()));
                };
                self.visit(input, frame, &mut |item| tree::extension(self, &item, &url, sink))
            }
            Expr::Whole(what, input, other) => collections::whole(self, *what, input, other.as_deref(), frame, sink),
            _ => self.visit_single(expr, frame, sink),
        })
    }

    pub(super) fn note(&self, fault: Fault) {
        self.fault.set(Some(fault));
    }

    /// The verdict on a node. Several items, of which none is asked for its truth, are true, as the reference
    /// implementation has it.
    pub(super) fn verdict(&self, shape: &'a Shape, expr: &'a Expr, node: Node<'a>) -> Verdict {
        let fault = match self.answer(shape, node, 0) {
            Answer::True => return Verdict::True,
            Answer::False => return Verdict::False,
            Answer::Empty => return Verdict::Empty,
            Answer::Broken => self.fault.take().unwrap_or(Fault::NotAnswered("an expression")),
        };
        let focus = [Item::Node(node)];
        if matches!(fault, Fault::Several(_))
            && self.collect(expr, &Frame { focus: &focus, index: 0, total: &[] }).is_ok_and(|items| items.len() > 1)
        {
            return Verdict::True;
        }
        Verdict::Error(fault)
    }

    /// Where a path begins; none: at the focus.
    fn start(&self, start: Start) -> Result<Option<Node<'a>>, Fault> {
        Ok(match start {
            Start::Focus => None,
            Start::Resource => Some(Node::resource(self.scope()?.resource)),
            Start::Root => Some(Node::resource(self.scope()?.root)),
            Start::Context => Some(self.scope()?.context),
        })
    }

    fn visit_path(&self, start: Start, keys: &'a [Key], frame: &Frame<'_, 'a>, sink: Sink<'_, 'a>) -> Step {
        match self.start(start)? {
            Some(node) => tree::path(self, &Item::Node(node), keys, sink),
            None if keys.is_empty() => each(frame.focus.iter().cloned(), sink),
            None => each_step(frame.focus, |item| tree::path(self, item, keys, sink)),
        }
    }

    /// Expressions that give one item or none, and those that pass on another's.
    #[inline(never)]
    fn visit_single(&self, expr: &'a Expr, frame: &Frame<'_, 'a>, sink: Sink<'_, 'a>) -> Step {
        let found = match expr {
            Expr::Memo(slot, inner) => return each(self.kept(*slot, inner, frame)?.items(), sink),
            Expr::Variable(name) => return self.variable(name, sink),
            Expr::At(input, index) => return self.at(input, index, frame, sink),
            Expr::Aggregate(input, body, first) => return self.aggregate(input, body, first.as_deref(), frame, sink),
            Expr::Iif(input, given) => return self.iif(input, given, frame, sink),
            Expr::Index => i32::try_from(frame.index).ok().map(|index| Item::System(System::Integer(index))),
            Expr::Now(kind) => {
                let now = self.scope()?.now.ok_or(Fault::NotAnswered("the time"))?;
                Some(Item::System(System::Moment(Moment::of(now, *kind))))
            }
            Expr::Negate(a) => operators::negate(self, a, frame)?,
            Expr::Arithmetic(what, a, b) => operators::arithmetic(self, *what, a, b, frame)?,
            Expr::Scalar(row, input, given) => self.scalar(row, input, given, frame)?,
            truth => self.truth(truth, frame)?.map(Item::boolean),
        };
        found.map_or(Ok(Continue(())), sink)
    }

    #[inline(never)]
    fn visit_each(&self, expr: &'a Expr, frame: &Frame<'_, 'a>, sink: Sink<'_, 'a>) -> Step {
        let Expr::Each(what, input, body) = expr else { return Ok(Continue(())) };
        let mut index = 0;
        match what {
            Each::Repeat => collections::repeat(self, input, body, frame, sink),
            Each::Select => self.visit(input, frame, &mut |item| {
                let inner = Frame { focus: std::slice::from_ref(&item), index, total: frame.total };
                index += 1;
                self.visit(body, &inner, sink)
            }),
            _ => self.visit(input, frame, &mut |item| {
                let inner = Frame { focus: std::slice::from_ref(&item), index, total: frame.total };
                index += 1;
                if self.truth(body, &inner)? == Some(true) { sink(item) } else { Ok(Continue(())) }
            }),
        }
    }

    /// All items of the result.
    pub(super) fn collect(&self, expr: &'a Expr, frame: &Frame<'_, 'a>) -> Result<Vec<Item<'a>>, Fault> {
        let mut out = Vec::new();
        let _: ControlFlow<()> = self.visit(expr, frame, &mut |item| {
            // what is kept costs memory as well
            self.fuel.charge(8)?;
            out.push(item);
            Ok(Continue(()))
        })?;
        Ok(out)
    }

    /// The only item of the result, if there is one.
    pub(super) fn single(
        &self,
        expr: &'a Expr,
        frame: &Frame<'_, 'a>,
        what: &'static str,
    ) -> Result<Option<Item<'a>>, Fault> {
        let mut found = None;
        let _: ControlFlow<()> = self.visit(expr, frame, &mut |item| match found.replace(item) {
            None => Ok(Continue(())),
            Some(_) => Err(Fault::Several(what)),
        })?;
        Ok(found)
    }

    /// The result where one truth value is wanted: of a single item that is no boolean, true
    /// (<http://hl7.org/fhirpath/N1/#singleton-evaluation-of-collections>).
    pub(super) fn truth(&self, expr: &'a Expr, frame: &Frame<'_, 'a>) -> Result<Option<bool>, Fault> {
        self.fuel.charge(1)?;
        self.fuel.deeper(|| match expr {
            Expr::Logic(what, a, b) => operators::logic(self, *what, a, b, frame),
            Expr::Not(a) => Ok(self.truth(a, frame)?.map(|flag| !flag)),
            Expr::Empty(a) => self.is_empty(a, frame).map(Some),
            Expr::Each(Each::Exists | Each::All, ..) => self.truth_each(expr, frame).map(Some),
            Expr::Compare(what, a, b) => operators::compare(self, *what, a, b, frame),
            Expr::In(item, collection) => operators::within(self, item, collection, frame),
            Expr::Is(a, wanted) => Ok(self.single(a, frame, "is")?.map(|item| is_a(&item, *wanted))),
            Expr::HasValue(a) => self.has_value(a, frame).map(Some),
            Expr::Matches(a, pattern) => self.matches(a, pattern, frame),
            Expr::Ask(ask, a, given) => host::ask(self, *ask, a, given, frame),
            _ => Ok(self.single(expr, frame, "a truth value")?.map(|item| as_truth(&item))),
        })
    }

    pub(super) fn is_empty(&self, expr: &'a Expr, frame: &Frame<'_, 'a>) -> Result<bool, Fault> {
        let step = self.visit(expr, frame, &mut |_| Ok(Break(())))?;
        Ok(step == Continue(()))
    }

    #[inline(never)]
    fn truth_each(&self, expr: &'a Expr, frame: &Frame<'_, 'a>) -> Result<bool, Fault> {
        let Expr::Each(what, input, body) = expr else { return Ok(false) };
        let stops_at = *what == Each::Exists;
        let mut index = 0;
        let step = self.visit(input, frame, &mut |item| {
            let inner = Frame { focus: std::slice::from_ref(&item), index, total: frame.total };
            index += 1;
            let holds = self.truth(body, &inner)? == Some(true);
            Ok(if holds == stops_at { Break(()) } else { Continue(()) })
        })?;
        Ok((step == Break(())) == stops_at)
    }

    fn has_value(&self, expr: &'a Expr, frame: &Frame<'_, 'a>) -> Result<bool, Fault> {
        let (mut count, mut has) = (0, false);
        let _: ControlFlow<()> = self.visit(expr, frame, &mut |item| {
            count += 1;
            has = item.node().is_none_or(Node::has_value);
            Ok(if count > 1 { Break(()) } else { Continue(()) })
        })?;
        Ok(count == 1 && has)
    }

    #[inline(never)]
    fn matches(&self, a: &'a Expr, pattern: &Pattern, frame: &Frame<'_, 'a>) -> Result<Option<bool>, Fault> {
        let Some(item) = self.single(a, frame, "matches()")? else { return Ok(None) };
        let text = item.as_text().ok_or(Fault::Type("matches()"))?;
        self.fuel.charge_text(text.len())?;
        pattern.is_match(&text).map(Some)
    }

    #[inline(never)]
    fn scalar(
        &self,
        row: &'static Row,
        input: &'a Expr,
        given: &'a [Expr],
        frame: &Frame<'_, 'a>,
    ) -> Result<Option<Item<'a>>, Fault> {
        let Some(item) = self.single(input, frame, "a function of one value")? else { return Ok(None) };
        // an element with children is a value only as a quantity
        let Some(value) = item.system() else { return Err(Fault::Type("a function of one value")) };
        // no function takes more than two
        let mut values = [None, None];
        for (place, expr) in values.iter_mut().zip(given) {
            *place = self.single(expr, frame, "an argument")?.and_then(|item| item.system());
        }
        let given = values.get(..given.len().min(2)).unwrap_or_default();
        Ok(row.3(self, &value, given)?.map(Item::System))
    }

    #[inline(never)]
    fn variable(&self, name: &str, sink: Sink<'_, 'a>) -> Step {
        let known = self.scope()?.host.variable(name);
        each(known.ok_or_else(|| Fault::Variable(name.to_owned()))?.into_iter(), sink)
    }

    #[inline(never)]
    fn at(&self, input: &'a Expr, index: &'a Expr, frame: &Frame<'_, 'a>, sink: Sink<'_, 'a>) -> Step {
        let Some(wanted) = self.whole_number(index, frame, "[ ]")? else { return Ok(Continue(())) };
        let (mut index, mut found) = (0_i32, None);
        let _: ControlFlow<()> = self.visit(input, frame, &mut |item| {
            if index == wanted {
                found = Some(item);
                return Ok(Break(()));
            }
            index = index.saturating_add(1);
            Ok(Continue(()))
        })?;
        found.map_or(Ok(Continue(())), sink)
    }

    pub(super) fn whole_number(
        &self,
        expr: &'a Expr,
        frame: &Frame<'_, 'a>,
        what: &'static str,
    ) -> Result<Option<i32>, Fault> {
        match self.single(expr, frame, what)?.map(|item| item.system()) {
            None => Ok(None),
            Some(Some(System::Integer(number))) => Ok(Some(number)),
            Some(_) => Err(Fault::Type(what)),
        }
    }

    #[inline(never)]
    fn aggregate(
        &self,
        input: &'a Expr,
        body: &'a Expr,
        first: Option<&'a Expr>,
        frame: &Frame<'_, 'a>,
        sink: Sink<'_, 'a>,
    ) -> Step {
        let mut total = first.map_or(Ok(Vec::new()), |first| self.collect(first, frame))?;
        for (index, item) in self.collect(input, frame)?.iter().enumerate() {
            let inner = Frame { focus: std::slice::from_ref(item), index, total: &total };
            total = self.collect(body, &inner)?;
        }
        each(total.into_iter(), sink)
    }

    #[inline(never)]
    fn iif(&self, input: &'a Expr, given: &'a [Expr], frame: &Frame<'_, 'a>, sink: Sink<'_, 'a>) -> Step {
        let [condition, yes, rest @ ..] = given else { return Ok(Continue(())) };
        let focus = self.collect(input, frame)?;
        let inner = Frame { focus: &focus, index: frame.index, total: frame.total };
        match (self.truth(condition, &inner)?, rest.first()) {
            (Some(true), _) => self.visit(yes, &inner, sink),
            (_, Some(no)) => self.visit(no, &inner, sink),
            (_, None) => Ok(Continue(())),
        }
    }
}

/// Hands on items until the sink breaks.
pub(super) fn each<'a>(items: impl Iterator<Item = Item<'a>>, sink: Sink<'_, 'a>) -> Step {
    for item in items {
        if sink(item)? == Break(()) {
            return Ok(Break(()));
        }
    }
    Ok(Continue(()))
}

fn each_step<'f, 'a>(items: &'f [Item<'a>], mut what: impl FnMut(&'f Item<'a>) -> Step) -> Step {
    for item in items {
        if what(item)? == Break(()) {
            return Ok(Break(()));
        }
    }
    Ok(Continue(()))
}

pub(super) fn is_a(item: &Item<'_>, wanted: Wanted) -> bool {
    match (item, wanted) {
        (Item::Node(node), Wanted::Fhir(of)) => r4().is_a(node.of, of),
        // `id` of an element and `url` of an extension aside, nodes are FHIR's types, not FHIRPath's
        (Item::System(value), Wanted::System(name)) => name == "Any" || value.type_name() == name,
        (Item::Node(_), Wanted::System(name)) => name == "Any",
        (_, Wanted::Nothing) => false,
        (Item::System(value), Wanted::Fhir(of)) => matches!(value, System::Quantity(_)) && of.name() == "Quantity",
    }
}

/// One item as a truth value.
pub(super) fn as_truth(item: &Item<'_>) -> bool {
    !matches!(item.system(), Some(System::Boolean(false)))
}

/// The text of a variable that FHIR defines, by its name (<https://hl7.org/fhir/R4/fhirpath.html#vars>).
pub(super) fn defined(name: &str) -> Option<String> {
    match name {
        "ucum" => Some(UCUM.to_owned()),
        "sct" => Some("http://snomed.info/sct".to_owned()),
        "loinc" => Some("http://loinc.org".to_owned()),
        _ => {
            let set = name.strip_prefix("vs-").map(|rest| format!("http://hl7.org/fhir/ValueSet/{rest}"));
            set.or_else(|| {
                name.strip_prefix("ext-").map(|rest| format!("http://hl7.org/fhir/StructureDefinition/{rest}"))
            })
        }
    }
}
