//! How long to wait before the next attempt: exponential, capped, with jitter. The caller supplies the randomness.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Waiting times between attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// Wait after the first failed attempt.
    pub base: Duration,
    /// Longest wait.
    pub cap: Duration,
    /// After this many attempts the delivery is given up and waits for a person.
    pub max_attempts: u32,
}

impl Backoff {
    /// When to try again after `attempts` failed ones (at least 1), or `None` to give up.
    ///
    /// `jitter` lies in 0..1 and spreads the wait over its upper half, so that recipients that come back are not met
    /// by every waiting message in the same instant.
    #[must_use]
    pub fn next(&self, attempts: u32, now: Timestamp, jitter: f64) -> Option<Timestamp> {
        if attempts >= self.max_attempts {
            return None;
        }
        let doublings = attempts.saturating_sub(1).min(32);
        let full = self.base.saturating_mul(1_u32.checked_shl(doublings).unwrap_or(u32::MAX)).min(self.cap);
        let wait = full.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0);
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::from_hours(1));
        Some(now.checked_add(wait).unwrap_or(Timestamp::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Backoff = Backoff { base: Duration::from_secs(2), cap: Duration::from_mins(1), max_attempts: 10 };

    fn wait(attempts: u32, jitter: f64) -> Option<f64> {
        let now = Timestamp::UNIX_EPOCH;
        RULE.next(attempts, now, jitter).map(|at| at.duration_since(now).as_secs_f64())
    }

    #[test]
    fn waits_double_up_to_the_cap_and_then_end() {
        assert_eq!(wait(1, 1.0), Some(2.0));
        assert_eq!(wait(2, 1.0), Some(4.0));
        assert_eq!(wait(5, 1.0), Some(32.0));
        assert_eq!(wait(6, 1.0), Some(60.0));
        assert_eq!(wait(9, 1.0), Some(60.0));
        assert_eq!(wait(10, 1.0), None);
    }

    #[test]
    fn jitter_never_takes_more_than_half_away() {
        assert_eq!(wait(1, 0.0), Some(1.0));
        assert_eq!(wait(9, 0.0), Some(30.0));
    }
}
