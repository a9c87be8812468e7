//! A circuit breaker: after some failures in a row a server is left alone for a while, then one question tries it again.
//! Pure: the time is handed in.

use std::time::{Duration, Instant};

/// Whether a server may be asked.
#[derive(Debug)]
pub struct Breaker {
    most: u32,
    pause: Duration,
    failures: u32,
    /// Since when it is left alone.
    open: Option<Instant>,
    /// Since when one question is under way that decides.
    trying: Option<Instant>,
}

impl Breaker {
    /// Opens after `most` failures in a row (at least one), for `pause`.
    #[must_use]
    pub const fn new(most: u32, pause: Duration) -> Self {
        Self { most: if most == 0 { 1 } else { most }, pause, failures: 0, open: None, trying: None }
    }

    /// Whether a question may go out now. After the pause one may; the next only when that one has been answered, or has
    /// been lost for as long as a pause.
    pub fn lets_through(&mut self, now: Instant) -> bool {
        let Some(since) = self.open else { return true };
        let waited = |since: Instant| now.saturating_duration_since(since) >= self.pause;
        if !waited(since) || self.trying.is_some_and(|since| !waited(since)) {
            return false;
        }
        self.trying = Some(now);
        true
    }

    /// The server answered, whatever it said.
    pub const fn succeeded(&mut self) {
        self.failures = 0;
        self.open = None;
        self.trying = None;
    }

    /// The server did not answer, or not sensibly.
    pub const fn failed(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        self.trying = None;
        if self.failures >= self.most {
            self.open = Some(now);
        }
    }

    /// The question that was let through did not go out after all.
    pub const fn not_asked(&mut self) {
        self.trying = None;
    }

    /// Whether the server is being left alone.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.open.is_some()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Breaker;

    const PAUSE: Duration = Duration::from_secs(10);

    fn opened(at: Instant) -> Breaker {
        let mut breaker = Breaker::new(3, PAUSE);
        for _ in 0..3 {
            assert!(breaker.lets_through(at));
            breaker.failed(at);
        }
        breaker
    }

    #[test]
    fn failures_in_a_row_open_it_and_a_success_between_them_starts_the_count_anew() {
        let now = Instant::now();
        let mut breaker = Breaker::new(3, PAUSE);
        for _ in 0..5 {
            breaker.failed(now);
            breaker.failed(now);
            breaker.succeeded();
        }
        assert!(breaker.lets_through(now));
        assert!(!opened(now).lets_through(now));
    }

    #[test]
    fn after_the_pause_one_question_tries_and_decides() {
        let now = Instant::now();
        let mut breaker = opened(now);
        assert!(!breaker.lets_through(now + PAUSE / 2));
        assert!(breaker.lets_through(now + PAUSE));
        assert!(!breaker.lets_through(now + PAUSE), "a second while the first is under way");
        breaker.failed(now + PAUSE);
        assert!(!breaker.lets_through(now + PAUSE + PAUSE / 2), "one failure is enough to open it again");
        assert!(breaker.lets_through(now + PAUSE * 2));
        breaker.succeeded();
        assert!(breaker.lets_through(now + PAUSE * 2));
        assert!(!breaker.is_open());
    }

    #[test]
    fn a_trial_that_never_comes_back_does_not_close_the_server_off_for_ever() {
        let now = Instant::now();
        let mut breaker = opened(now);
        assert!(breaker.lets_through(now + PAUSE));
        assert!(breaker.lets_through(now + PAUSE * 2));
        breaker.not_asked();
        assert!(breaker.lets_through(now + PAUSE * 2));
    }
}
