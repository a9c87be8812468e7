//! Collections that are the same wherever an evaluation asks for them: worked out once, and searched by fingerprint.
//! Which these are, `compile` says.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use super::compare::{equal, fingerprint};
use super::fault::Fault;
use super::item::Item;
use super::program::Expr;
use super::run::{Frame, Run};

/// What has been worked out so far, by slot.
#[derive(Default)]
pub(super) struct Slots<'a>(RefCell<Vec<Option<Rc<Kept<'a>>>>>);

/// A collection that is the same all through the evaluation.
pub(super) struct Kept<'a> {
    items: Vec<Item<'a>>,
    /// Places of the items by fingerprint.
    index: OnceCell<HashMap<u64, Vec<usize>>>,
}

impl<'a> Kept<'a> {
    pub(super) fn items(&self) -> impl Iterator<Item = Item<'a>> {
        self.items.iter().cloned()
    }
}

impl<'a> Run<'a, '_> {
    #[inline(never)]
    pub(super) fn kept(&self, slot: usize, inner: &'a Expr, frame: &Frame<'_, 'a>) -> Result<Rc<Kept<'a>>, Fault> {
        if let Some(kept) = self.kept.0.borrow().get(slot).and_then(Clone::clone) {
            return Ok(kept);
        }
        let kept = Rc::new(Kept { items: self.collect(inner, frame)?, index: OnceCell::new() });
        let mut all = self.kept.0.borrow_mut();
        if all.len() <= slot {
            all.resize_with(slot + 1, || None);
        }
        if let Some(place) = all.get_mut(slot) {
            *place = Some(Rc::clone(&kept));
        }
        Ok(kept)
    }

    /// Whether a kept collection holds the item; found by fingerprint, not by comparing with all.
    pub(super) fn kept_holds(
        &self,
        slot: usize,
        inner: &'a Expr,
        item: &Item<'a>,
        frame: &Frame<'_, 'a>,
    ) -> Result<bool, Fault> {
        let kept = self.kept(slot, inner, frame)?;
        if kept.index.get().is_none() {
            let mut index: HashMap<u64, Vec<usize>> = HashMap::new();
            for (at, one) in kept.items.iter().enumerate() {
                index.entry(fingerprint(&self.fuel, one)?).or_default().push(at);
            }
            // nobody can have set it in between
            let _: Result<(), _> = kept.index.set(index);
        }
        let places = kept.index.get().and_then(|index| index.get(&fingerprint(&self.fuel, item).ok()?));
        for one in places.into_iter().flatten().filter_map(|at| kept.items.get(*at)) {
            if equal(&self.fuel, item, one)? == Some(true) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
