//! The portal's one style sheet and the address under which browsers may keep it.
//! Holds bytes only; the sheet is written for this project and uses no font, logo or file of anybody else.

use super::path;

/// The style sheet, to be served at [`path::STYLE`] as `text/css; charset=utf-8`.
pub const SHEET: &str = include_str!("style.css");

/// Headers of the style sheet: its address changes with its content, so it may be kept for a year.
pub const HEADERS: &[(&str, &str)] = &[
    ("content-type", "text/css; charset=utf-8"),
    ("cache-control", "public, max-age=31536000, immutable"),
    ("x-content-type-options", "nosniff"),
];

/// The address pages link to: [`path::STYLE`] with a fingerprint of the content.
#[must_use]
pub fn href() -> String {
    format!("{}?v={:016x}", path::STYLE, fingerprint(SHEET.as_bytes()))
}

/// FNV-1a, which is enough to tell two versions of our own file apart and is known at compile time.
const fn fingerprint(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        hash = (hash ^ *first as u64).wrapping_mul(0x0000_0100_0000_01b3);
        rest = tail;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::{SHEET, fingerprint, href};

    #[test]
    fn the_address_changes_with_the_content() {
        assert_ne!(fingerprint(b"a"), fingerprint(b"b"));
        assert_eq!(fingerprint(b"a"), 0xaf63_dc4c_8601_ec8c, "a published FNV-1a value");
        assert!(href().starts_with("/portal/style.css?v="));
    }

    #[test]
    fn the_sheet_loads_nothing_from_anywhere() {
        for outside in ["url(", "@import", "http:", "https:"] {
            assert!(!SHEET.contains(outside), "{outside}");
        }
    }

    #[test]
    fn the_sheet_keeps_focus_visible_and_has_print_rules() {
        for needed in [":focus-visible", "@media print", "prefers-reduced-motion", "forced-colors"] {
            assert!(SHEET.contains(needed), "{needed}");
        }
        assert!(!SHEET.contains("outline: none"), "focus must never be hidden");
    }
}
