//! What somebody may have meant who wrote something that is no unit: for the message only, never to read a value by.

use super::atoms::ATOMS;

/// What people write, and the unit they mean.
pub(super) const MEANT: [(&str, &str); 39] = [
    ("mcg", "ug"),
    ("cc", "mL"),
    ("mEq", "meq"),
    ("mOsm", "mosm"),
    ("mmHg", "mm[Hg]"),
    // of cmH2O, the part before the digit
    ("cmH", "cm[H2O]"),
    ("IU", "[IU]"),
    ("iu", "[IU]"),
    ("mIU", "m[IU]"),
    ("kIU", "k[IU]"),
    ("uIU", "u[IU]"),
    ("bpm", "/min"),
    ("ppm", "[ppm]"),
    ("degC", "Cel"),
    ("degF", "[degF]"),
    ("celsius", "Cel"),
    ("in", "[in_i]"),
    ("inch", "[in_i]"),
    ("lb", "[lb_av]"),
    ("lbs", "[lb_av]"),
    ("oz", "[oz_av]"),
    ("stone", "[stone_av]"),
    ("drop", "[drp]"),
    ("tablet", "{tablet}"),
    ("sec", "s"),
    ("second", "s"),
    ("mins", "min"),
    ("minute", "min"),
    ("hr", "h"),
    ("hrs", "h"),
    ("hour", "h"),
    ("day", "d"),
    ("days", "d"),
    ("week", "wk"),
    ("weeks", "wk"),
    ("month", "mo"),
    ("months", "mo"),
    ("year", "a"),
    ("years", "a"),
];

/// The unit that a symbol may stand for: one of the list, or one that differs in letter case only.
pub(super) fn by(symbol: &str) -> Option<&'static str> {
    let listed = MEANT.iter().find(|(written, _)| *written == symbol).map(|(_, meant)| *meant);
    listed.or_else(|| ATOMS.iter().map(|atom| atom.code).find(|code| code.eq_ignore_ascii_case(symbol)))
}
