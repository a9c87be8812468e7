//! How much work an evaluation may still do, so that none takes long whatever the expression and the resource.

use std::cell::Cell;

use super::fault::Fault;

/// Steps one evaluation may take: enough for every node of a 5 MB bundle, some dozen times over.
const STEPS: u64 = 10_000_000;

/// Deepest nesting of evaluations in each other, which bounds the stack.
const DEEPEST: u32 = 300;

#[derive(Debug)]
pub(super) struct Fuel {
    left: Cell<u64>,
    depth: Cell<u32>,
}

impl Fuel {
    pub(super) fn new() -> Self {
        Self { left: Cell::new(STEPS), depth: Cell::new(0) }
    }

    /// Takes so many steps.
    pub(super) fn charge(&self, steps: u64) -> Result<(), Fault> {
        let left = self.left.get().checked_sub(steps).ok_or(Fault::TooMuchWork)?;
        self.left.set(left);
        Ok(())
    }

    /// Takes so many steps without stopping; the next charge stops where there are none left.
    pub(super) fn burn(&self, steps: u64) {
        self.left.set(self.left.get().saturating_sub(steps));
    }

    /// Takes the steps that text of this length costs.
    pub(super) fn charge_text(&self, bytes: usize) -> Result<(), Fault> {
        self.charge(1 + u64::try_from(bytes / 8).unwrap_or(u64::MAX))
    }

    /// Runs something one level deeper.
    pub(super) fn deeper<T>(&self, what: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        let depth = self.depth.get();
        if depth >= DEEPEST {
            return Err(Fault::TooDeep);
        }
        self.depth.set(depth + 1);
        let done = what();
        self.depth.set(depth);
        done
    }
}
