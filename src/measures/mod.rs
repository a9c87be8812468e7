//! Measures: what is counted of what happened, for a period of whole months; by team, partner, or protected
//! characteristic (`routing-and-clocks.md`, "Closing the loop"). Pure: events and clocks come in, counts come out. A person
//! counts once, whoever saw them; what is published tells of no person, since numbers that are small are not shown
//! (`publish`).
//!
//! Two stages, apart on purpose: [`Counts`] is exact and stays inside; [`publish`] makes of it the only thing that leaves.

mod cases;
mod characteristics;
mod count;
mod definition;
mod guard;
mod load;
mod period;
mod publish;
mod report;
#[cfg(test)]
mod tests;
mod write;

pub use characteristics::{UNKNOWN, age_band, ethnic_group};
pub use count::{By, Cell, Counts, Measured};
pub use definition::{Definition, Definitions, What};
pub use period::Period;
pub use publish::{Line, Shown, publish};
pub use report::{bundle, measure_resource};
pub use write::{to_csv, to_json, to_text};

/// The definitions that are built in, as text.
pub const BUILT_IN: &str = include_str!("../../profiles/rules/measures.toml");

/// The file of a site's own definitions, in its folder of rules.
pub const FILE: &str = "measures.toml";
