//! Lets only so many secrets be verified at once: each takes 19 MiB, and anybody may ask for one. Knows no secrets.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// A counter of those inside, with a place to wait outside.
#[derive(Debug)]
pub(super) struct Turnstile {
    free: Mutex<usize>,
    left: Condvar,
    patience: Duration,
}

/// Proof of being inside; dropping it lets the next one in.
#[derive(Debug)]
pub(super) struct Inside<'a>(&'a Turnstile);

impl Turnstile {
    pub(super) const fn new(places: usize, patience: Duration) -> Self {
        Self { free: Mutex::new(places), left: Condvar::new(), patience }
    }

    /// Waits for a place, but not for ever.
    pub(super) fn enter(&self) -> Option<Inside<'_>> {
        // The guarded number is whole at every moment, so a panic elsewhere cannot have spoilt it.
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut free, _) = self
            .left
            .wait_timeout_while(free, self.patience, |free| *free == 0)
            .unwrap_or_else(PoisonError::into_inner);
        *free = free.checked_sub(1)?;
        Some(Inside(self))
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.left.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Turnstile;

    #[test]
    fn it_turns_away_when_full_and_opens_again() {
        let turnstile = Turnstile::new(2, Duration::from_millis(5));
        let (first, second) = (turnstile.enter(), turnstile.enter());
        assert!(first.is_some() && second.is_some());
        assert!(turnstile.enter().is_none());
        drop(first);
        assert!(turnstile.enter().is_some());
        drop(second);
    }

    #[test]
    fn who_waits_gets_the_place_that_becomes_free() {
        let turnstile = Turnstile::new(1, Duration::from_secs(20));
        let inside = turnstile.enter();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| turnstile.enter().is_some());
            drop(inside);
            assert!(waiting.join().unwrap());
        });
    }
}
