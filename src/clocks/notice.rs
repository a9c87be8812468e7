//! Which clocks their owners, and others, must be told of now: due soon, and breached; each once. Tells nobody itself.

use jiff::Timestamp;
use uuid::Uuid;

use super::count;
use super::rules::Rules;
use crate::model::{Clock, ClockState};

/// What is told of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NoticeKind {
    /// To the owner: it will be breached soon.
    Warn,
    /// To owner and escalation: it is breached.
    Escalate,
}

impl NoticeKind {
    /// The code in messages and the audit log.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Warn => "due-soon",
            Self::Escalate => "breached",
        }
    }
}

/// One notice that is to be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub clock: Uuid,
    pub rule: String,
    pub kind: NoticeKind,
}

/// The notices to give at `now`. A clock that was breached before anybody was warned is told of as breached alone; one
/// whose rule is no longer there, when it is breached.
#[must_use]
pub fn due(rules: &Rules, clocks: &[Clock], now: Timestamp) -> Vec<Notice> {
    let running = clocks.iter().filter(|clock| clock.state == ClockState::Running && clock.escalated.is_none());
    running
        .filter_map(|clock| {
            let kind = if now > clock.due {
                NoticeKind::Escalate
            } else if clock.warned.is_none() && soon(rules, clock, now) {
                NoticeKind::Warn
            } else {
                return None;
            };
            Some(Notice { clock: clock.id, rule: clock.rule.clone(), kind })
        })
        .collect()
}

/// Whether a clock runs, is not breached, and will be soon.
#[must_use]
pub fn soon(rules: &Rules, clock: &Clock, now: Timestamp) -> bool {
    let warns = warns_from(rules, clock).is_some_and(|from| from <= now);
    clock.state == ClockState::Running && warns && now <= clock.due
}

/// The moment from which a clock is due soon; never before it starts.
#[must_use]
pub fn warns_from(rules: &Rules, clock: &Clock) -> Option<Timestamp> {
    let rule = rules.rule(&clock.rule)?;
    Some(count::before(&rules.calendar, rule.warn, clock.due).max(clock.started))
}
