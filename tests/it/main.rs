//! The integration tests, as one binary: less to link.

// a test that cannot go on should stop
#![allow(clippy::unwrap_used)]

mod bad_input_unit;
mod ukcore_examples;
