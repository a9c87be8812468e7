//! Clocks: which deadline runs for whom, when it is due, and who is told before and after (`routing-and-clocks.md`,
//! "Clocks"). Pure: rules, events and `now` come in, clocks and notices come out. Keeps nothing, sends nothing, and knows
//! no person but by pseudonym.
//!
//! A person's clocks are worked out from all events of their care each time one is added, in the order in which things
//! happened and not in which they were told: an event told late, twice or in the wrong order gives the clocks it would
//! have given in time. A rule that was changed therefore counts from the person's next event on.

pub mod calendar;
mod count;
mod engine;
mod load;
mod notice;
mod row;
pub mod rules;
mod running;
mod story;
#[cfg(test)]
mod tests;

pub use calendar::Calendar;
pub use count::{Span, Unit};
pub use engine::{after, clock_id};
pub use notice::{Notice, NoticeKind, due, soon, warns_from};
pub use rules::{Owner, Rule, Rules};

/// The rules that are built in, as text.
pub const BUILT_IN: &str = include_str!("../../profiles/rules/clocks.toml");

/// The file of a site's own rules, in its folder of rules.
pub const FILE: &str = "clocks.toml";
