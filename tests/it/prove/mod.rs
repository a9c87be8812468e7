//! The proofs about consent policy, put to the real solver: all of them hold of what comes with the gateway, and each of a
//! shelf of broken policies makes the proof fail that is there against it, with a case people can read.

mod broken;
mod site;

use crate::support::program::installed;

/// Whether there is a solver; tests without one say what they pass over, and fail in CI.
fn solver() -> bool {
    installed("cvc5", "cvc5")
}
