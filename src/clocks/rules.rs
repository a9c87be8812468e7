//! What a rule of a clock says (`profiles/rules/clocks.toml`): data only. How events and rules make clocks is `engine`'s.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::calendar::Calendar;
use super::count::{Span, Unit};
use super::{BUILT_IN, load};
use crate::model::{CareEvent, EventKind, PartyKind};
use crate::rule_file::RuleFault;

/// The rules in force, in the order of their ids, and the calendar they count by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    pub(super) rows: Vec<Rule>,
    pub(super) calendar: Calendar,
}

impl Rules {
    /// The rules that are built in, with those of a site in their place and beside them.
    ///
    /// # Errors
    /// Every fault of either text at once, by row and field.
    pub fn load(site: Option<&str>) -> Result<Self, Vec<RuleFault>> {
        load::load(BUILT_IN, site)
    }

    /// Every rule.
    #[must_use]
    pub fn rows(&self) -> &[Rule] {
        &self.rows
    }

    /// The rule with this id.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rows.iter().find(|rule| rule.id == id)
    }

    /// A time that is longer than any warning: a clock that is due later than this from now needs no look.
    #[must_use]
    pub fn longest_warning(&self) -> SignedDuration {
        let hours = |span: Span| match span.unit {
            Unit::Hours => 1,
            Unit::Days => 24,
            // with weekends, and bank holidays below
            Unit::WorkingDays => 48,
            Unit::Weeks | Unit::WorkingWeeks => 7 * 48,
            Unit::Months => 31 * 24,
        } * i64::from(span.number);
        let longest = self.rows.iter().map(|rule| hours(rule.warn)).max().unwrap_or(0);
        SignedDuration::from_hours(longest + 24 * 14)
    }

    #[must_use]
    pub const fn calendar(&self) -> &Calendar {
        &self.calendar
    }
}

/// One clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// `CK-01`.
    pub id: String,
    /// What it is called: `Urgent referral: first contact`.
    pub name: String,
    pub starts: Vec<Trigger>,
    /// What must be known of the person besides.
    pub requires: Option<Requires>,
    /// It stops when of each group one has happened.
    pub stops: Vec<Vec<Trigger>>,
    /// Days before the start in which what stops it counts already; in clocks that count days the same day always does.
    pub early_days: u16,
    /// What makes it no longer wanted, besides cancelling and entering in error.
    pub ends: Vec<Trigger>,
    pub pauses: Vec<Trigger>,
    pub resumes: Vec<Trigger>,
    /// The first that fits counts.
    pub limits: Vec<Limit>,
    /// What stops it starts it again.
    pub repeats: bool,
    /// What a second start does while it runs.
    pub again: Again,
    /// Whether what stops it must belong to the same request.
    pub scope: Scope,
    pub owner: Owner,
    /// Who is told of a breach beside the owner: the first party of this kind in the owner's organisation, or that
    /// organisation.
    pub escalate: PartyKind,
    /// How long before it is due the owner is told.
    pub warn: Span,
    pub reason: String,
    pub source: String,
}

/// An event that does something to a clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    pub event: EventKind,
    /// Details the event must have.
    pub when: Conditions,
    /// Details the clock must have: those of the events that started it.
    pub of: Conditions,
    /// Counted from the moment the referral was received, and not from this event.
    pub from_request: bool,
    /// Who must have done it to stop, end or pause a clock.
    pub by: Teller,
}

/// Whose doing does something to a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Teller {
    /// The organisation that answers for the clock, and nobody else.
    #[default]
    Owner,
    /// Also whom the event that started it names as `receiver`.
    Asked,
    Anybody,
}

impl Teller {
    pub(super) const ALL: [(Self, &'static str); 3] =
        [(Self::Owner, "owner"), (Self::Asked, "asked"), (Self::Anybody, "anybody")];
}

impl Trigger {
    pub(super) fn fits(&self, event: &CareEvent) -> bool {
        self.event == event.kind && self.when.hold(&event.detail)
    }
}

/// Details by name, each with the values that will do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conditions(pub(super) BTreeMap<String, Vec<String>>);

impl Conditions {
    pub(super) fn hold(&self, detail: &BTreeMap<String, String>) -> bool {
        self.0.iter().all(|(name, values)| detail.get(name).is_some_and(|value| values.contains(value)))
    }
}

/// What must be known of the person: one of these has happened, and none of those after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requires {
    pub any: Vec<EventKind>,
    pub unless_since: Vec<EventKind>,
    /// It may become known after the clock's own event, and starts the clock then.
    pub later: bool,
}

/// How long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// Only where this event started the clock.
    pub on: Option<EventKind>,
    /// Only with these details.
    pub when: Conditions,
    pub length: Length,
}

/// Counted forward, or back from a day that the event names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Length {
    Within(Span),
    /// At the latest so long before the day in this detail.
    Before(Span, String),
}

/// What a second start does while a clock runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// Nothing: the first stands.
    Keep,
    /// The first is void, the second runs.
    Replace,
    /// What it says (a grade) counts from the next start; one that had started again is replaced at once.
    Regrade,
}

/// What must be the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Request,
    Person,
}

/// Who must act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The team the event names; else who is responsible; else who did it.
    Team,
    /// Who is responsible for the request, as that moves; else as [`Self::Team`].
    Responsible,
    /// Who did it.
    By,
    /// Whom the event names as `receiver`; else as [`Self::Team`].
    Receiver,
}

impl Owner {
    pub(super) const ALL: [(Self, &'static str); 4] =
        [(Self::Team, "team"), (Self::Responsible, "responsible"), (Self::By, "by"), (Self::Receiver, "receiver")];
}
