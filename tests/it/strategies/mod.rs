//! Generators of made-up documents for property tests.

pub(crate) mod document;
mod letter;
pub(crate) mod letters;
mod parts;
mod plans;
pub(crate) mod referral;
mod shared;
