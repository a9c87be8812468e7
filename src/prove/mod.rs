//! Proofs about the consent policy over every request there can be, not over examples: each a sentence with a Cedar text
//! in `profiles/policy/proofs`, put to the solver cvc5 by way of Cedar's own symbolic compiler. Decides no release.
//!
//! What a proof covers is the rules between facts and verdict. That documents become the right facts is for the tests of
//! `consent`; the few things proofs take for granted about facts are files of their own (`proofs/world`), which those
//! tests hold. Starts a process for each question, so it is no part of the pure core; it knows no runtime.
//!
//! Kinds of proof, by the annotation `@kind` of the file:
//! - `bound`: a `forbid` text says what is never permitted, a `permit` text what everything permitted satisfies.
//! - `due`: whatever the text permits, policy permits: what must not be withheld. With `@site("may-narrow")` a site's own
//!   rules may withhold it all the same.
//! - `change`: the text says how the facts named in `@facts` may change, the new ones ending in `_after`; nothing is
//!   permitted afterwards that was not before.
//! - `rules`: a question about each rule for itself, named in `@asks`.

mod change;
mod counterexample;
mod error;
mod files;
mod proof;
mod prover;
mod rules;
mod shrink;
mod site;
mod solver;
mod text;
mod words;

pub use error::{ProveError, Refutation};
pub use proof::Proof;
pub use prover::Prover;
pub use site::{engine, read_folder};
