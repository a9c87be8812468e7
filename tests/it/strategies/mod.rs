//! Generators of made-up documents for property tests.

mod parts;
pub(crate) mod referral;
