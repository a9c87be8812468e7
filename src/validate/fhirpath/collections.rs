//! Functions of whole collections: counting, sets, parts, `repeat` (<http://hl7.org/fhirpath/N1/#functions>).
//! Sets are kept by fingerprint, so that large ones do not cost the square of their size.

use std::collections::HashMap;
use std::ops::ControlFlow::{self, Break, Continue};

use super::compare::{equal, fingerprint};
use super::fault::Fault;
use super::fuel::Fuel;
use super::item::{Item, System};
use super::program::{Expr, Whole};
use super::run::{Frame, Run, Sink, Step, each};

/// Items without repetition.
struct Set<'a> {
    items: Vec<Item<'a>>,
    /// By fingerprint, the place of the item put last.
    last: HashMap<u64, usize>,
    /// For each item the one of the same fingerprint before it.
    before: Vec<Option<usize>>,
}

impl<'a> Set<'a> {
    fn new() -> Self {
        Self { items: Vec::new(), last: HashMap::new(), before: Vec::new() }
    }

    fn of(fuel: &Fuel, items: Vec<Item<'a>>) -> Result<Self, Fault> {
        let mut set = Self::new();
        for item in items {
            set.put(fuel, item)?;
        }
        Ok(set)
    }

    fn has(&self, fuel: &Fuel, item: &Item<'a>) -> Result<bool, Fault> {
        self.has_at(fuel, fingerprint(fuel, item)?, item)
    }

    fn has_at(&self, fuel: &Fuel, key: u64, item: &Item<'a>) -> Result<bool, Fault> {
        let mut at = self.last.get(&key).copied();
        while let Some(known) = at.and_then(|at| self.items.get(at)) {
            if equal(fuel, known, item)? == Some(true) {
                return Ok(true);
            }
            at = at.and_then(|at| self.before.get(at)).copied().flatten();
        }
        Ok(false)
    }

    /// Takes the item; false when it is there already.
    fn put(&mut self, fuel: &Fuel, item: Item<'a>) -> Result<bool, Fault> {
        let key = fingerprint(fuel, &item)?;
        if self.has_at(fuel, key, &item)? {
            return Ok(false);
        }
        self.before.push(self.last.insert(key, self.items.len()));
        self.items.push(item);
        Ok(true)
    }
}

/// A function of a collection, and of another where it takes one.
pub(super) fn whole<'a>(
    run: &Run<'a, '_>,
    what: Whole,
    input: &'a Expr,
    other: Option<&'a Expr>,
    frame: &Frame<'_, 'a>,
    sink: Sink<'_, 'a>,
) -> Step {
    match what {
        Whole::First | Whole::Single | Whole::Tail | Whole::Skip | Whole::Take | Whole::Last => {
            part(run, what, input, other, frame, sink)
        }
        Whole::Count => {
            let mut count = 0_i32;
            let _: ControlFlow<()> = run.visit(input, frame, &mut |_| {
                count = count.saturating_add(1);
                Ok(Continue(()))
            })?;
            sink(Item::System(System::Integer(count)))
        }
        Whole::AllTrue | Whole::AnyTrue | Whole::AllFalse | Whole::AnyFalse => {
            sink(Item::boolean(truths(run, what, input, frame)?))
        }
        Whole::Join => join(run, input, other, frame, sink),
        Whole::IsDistinct => {
            let mut set = Set::new();
            let step = run.visit(input, frame, &mut |item| {
                // what is kept costs memory as well
                run.fuel.charge(8)?;
                Ok(if set.put(&run.fuel, item)? { Continue(()) } else { Break(()) })
            })?;
            sink(Item::boolean(step == Continue(())))
        }
        _ => sets(run, what, input, other, frame, sink),
    }
}

fn part<'a>(
    run: &Run<'a, '_>,
    what: Whole,
    input: &'a Expr,
    other: Option<&'a Expr>,
    frame: &Frame<'_, 'a>,
    sink: Sink<'_, 'a>,
) -> Step {
    let number = match other {
        None => 0,
        // how many is not known
        Some(other) => match run.whole_number(other, frame, "skip() or take()")? {
            None => return Ok(Continue(())),
            Some(number) => usize::try_from(number).unwrap_or(0),
        },
    };
    let (from, to) = match what {
        Whole::First => (0, 1),
        Whole::Tail => (1, usize::MAX),
        Whole::Skip => (number, usize::MAX),
        Whole::Take => (0, number),
        Whole::Single => {
            let found = run.single(input, frame, "single()")?;
            return found.map_or(Ok(Continue(())), sink);
        }
        _ => {
            let last = run.collect(input, frame)?.pop();
            return last.map_or(Ok(Continue(())), sink);
        }
    };
    let mut at = 0_usize;
    // a break asked for by the sink is passed on; one because the part has ended is not
    let mut asked = Continue(());
    let _: ControlFlow<()> = run.visit(input, frame, &mut |item| {
        if at >= to {
            return Ok(Break(()));
        }
        at += 1;
        if at > from {
            asked = sink(item)?;
        }
        Ok(if asked == Break(()) || at >= to { Break(()) } else { Continue(()) })
    })?;
    Ok(asked)
}

fn truths<'a>(run: &Run<'a, '_>, what: Whole, input: &'a Expr, frame: &Frame<'_, 'a>) -> Result<bool, Fault> {
    let (looked_for, stops_with) = match what {
        Whole::AllTrue => (false, false),
        Whole::AnyTrue => (true, true),
        Whole::AllFalse => (true, false),
        _ => (false, true),
    };
    let step = run.visit(input, frame, &mut |item| match item.system() {
        Some(System::Boolean(flag)) => Ok(if flag == looked_for { Break(()) } else { Continue(()) }),
        _ => Err(Fault::Type("a function of truth values")),
    })?;
    Ok((step == Break(())) == stops_with)
}

fn join<'a>(
    run: &Run<'a, '_>,
    input: &'a Expr,
    other: Option<&'a Expr>,
    frame: &Frame<'_, 'a>,
    sink: Sink<'_, 'a>,
) -> Step {
    let between = other.map_or(Ok(None), |other| run.single(other, frame, "join()"))?;
    let between = between.and_then(|item| item.as_text()).unwrap_or_default();
    let mut out: Option<String> = None;
    let _: ControlFlow<()> = run.visit(input, frame, &mut |item| {
        let text = item.as_text().ok_or(Fault::Type("join()"))?;
        run.fuel.charge_text(text.len() + between.len())?;
        match &mut out {
            None => out = Some(text.into_owned()),
            Some(out) => {
                out.push_str(&between);
                out.push_str(&text);
            }
        }
        Ok(Continue(()))
    })?;
    out.map_or(Ok(Continue(())), |text| sink(Item::text(text)))
}

fn sets<'a>(
    run: &Run<'a, '_>,
    what: Whole,
    input: &'a Expr,
    other: Option<&'a Expr>,
    frame: &Frame<'_, 'a>,
    sink: Sink<'_, 'a>,
) -> Step {
    let fuel = &run.fuel;
    let mut left = run.collect(input, frame)?;
    let right = other.map_or(Ok(Vec::new()), |other| run.collect(other, frame))?;
    match what {
        Whole::SubsetOf | Whole::SupersetOf => {
            let (small, large) = if what == Whole::SubsetOf { (left, right) } else { (right, left) };
            let large = Set::of(fuel, large)?;
            for item in &small {
                if !large.has(fuel, item)? {
                    return sink(Item::boolean(false));
                }
            }
            sink(Item::boolean(true))
        }
        Whole::Intersect => {
            let right = Set::of(fuel, right)?;
            let left = Set::of(fuel, left)?;
            kept(fuel, left.items, &right, true, sink)
        }
        Whole::Exclude => {
            let right = Set::of(fuel, right)?;
            kept(fuel, left, &right, false, sink)
        }
        Whole::Combine => {
            left.extend(right);
            each(left.into_iter(), sink)
        }
        _ => {
            left.extend(right);
            each(Set::of(fuel, left)?.items.into_iter(), sink)
        }
    }
}

fn kept<'a>(fuel: &Fuel, items: Vec<Item<'a>>, set: &Set<'a>, wanted: bool, sink: Sink<'_, 'a>) -> Step {
    for item in items {
        if set.has(fuel, &item)? == wanted && sink(item)? == Break(()) {
            return Ok(Break(()));
        }
    }
    Ok(Continue(()))
}

/// `repeat()`: what the body gives for each item, for what it gave, and so on; each item once.
pub(super) fn repeat<'a>(
    run: &Run<'a, '_>,
    input: &'a Expr,
    body: &'a Expr,
    frame: &Frame<'_, 'a>,
    sink: Sink<'_, 'a>,
) -> Step {
    let mut seen = Set::new();
    let mut waiting = std::collections::VecDeque::from(run.collect(input, frame)?);
    while let Some(item) = waiting.pop_front() {
        let inner = Frame { focus: std::slice::from_ref(&item), index: frame.index, total: frame.total };
        for found in run.collect(body, &inner)? {
            if seen.put(&run.fuel, found.clone())? {
                waiting.push_back(found.clone());
                if sink(found)? == Break(()) {
                    return Ok(Break(()));
                }
            }
        }
    }
    Ok(Continue(()))
}
