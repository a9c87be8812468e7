//! `uri`, `url`, `canonical`, `oid` and `uuid` (<https://hl7.org/fhir/R4/datatypes.html#uri>). It must not resolve
//! anything, nor ask for an absolute URI where R4 does not: `Bundle.entry.fullUrl` and the url of a conformance resource
//! are the walker's, with [`is_absolute`].

use super::text::{is_plain, marks};
use super::{Primitive, Wrong};

pub(super) fn findings(kind: Primitive, text: &str, report: &mut dyn FnMut(Wrong)) {
    if !is_plain(text) {
        let around = text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace);
        // white space beyond ASCII is refused around it only, as the reference does
        if around || text.bytes().any(|b| matches!(b, b' ' | 0x09..=0x0d)) {
            report(Wrong::UriSpace);
        }
        marks(text, true, report);
    }
    if text.starts_with("oid:") {
        report(Wrong::BareOid);
    }
    if text.starts_with("uuid:") {
        report(Wrong::BareUuid);
    }
    match kind {
        Primitive::Oid if !text.starts_with("urn:oid:") => report(Wrong::OidStart),
        Primitive::Uuid if !text.starts_with("urn:uuid:") => report(Wrong::UuidStart),
        Primitive::Canonical if !text.starts_with('#') && !is_absolute(text) => report(Wrong::Relative),
        _ => {}
    }
    if let Some(uuid) = text.strip_prefix("urn:uuid:") {
        // a uuid has no fragment; only what refers to something may
        let whole = if kind == Primitive::Uuid { uuid } else { uuid.split_once('#').map_or(uuid, |(uuid, _)| uuid) };
        let bare =
            if kind == Primitive::Canonical { whole.rsplit_once('|').map_or(whole, |(uuid, _)| uuid) } else { whole };
        if let Err(wrong) = is_uuid(bare) {
            report(wrong);
        }
    } else if let Some(oid) = text.strip_prefix("urn:oid:")
        && !(is_oid(oid) && is_specific(oid))
    {
        report(Wrong::Oid);
    }
}

/// Whether a text is an absolute URI as the reference takes it: a scheme in lower case, and something after it.
#[must_use]
pub fn is_absolute(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let token = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'[' | b']');
    scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme.bytes().all(token)
        && !rest.is_empty()
        && !rest.contains(' ')
}

fn is_uuid(text: &str) -> Result<(), Wrong> {
    let at_hyphen = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    let shaped = text.len() == 36
        && text.bytes().enumerate().all(|(at, b)| if at_hyphen(at) { b == b'-' } else { b.is_ascii_hexdigit() });
    if !shaped {
        return Err(Wrong::Uuid);
    }
    if text.bytes().any(|b| b.is_ascii_uppercase()) { Err(Wrong::UuidCase) } else { Ok(()) }
}

/// Numbers without leading zeros, parted by full stops: a first of 0, 1 or 2, and at least one more.
fn is_oid(text: &str) -> bool {
    let mut arcs = text.split('.');
    let number = |arc: &str| {
        !arc.is_empty() && arc.bytes().all(|b| b.is_ascii_digit()) && (arc.len() == 1 || !arc.starts_with('0'))
    };
    matches!(arcs.next(), Some("0" | "1" | "2")) && text.contains('.') && arcs.all(number)
}

/// An OID of so few arcs that its last full stop is among the first four characters names no one's namespace.
fn is_specific(text: &str) -> bool {
    text.rfind('.').is_some_and(|at| at >= 4) || text.starts_with("1.3")
}

#[cfg(test)]
mod tests {
    use super::{Primitive, Wrong, is_absolute};
    use crate::validate::values::primitive::check;

    const UUID: &str = "urn:uuid:6f3b1a52-0c4e-4d2b-9b1a-3c5e7f901234";

    fn all(kind: Primitive, rows: &[(&str, Result<(), Wrong>)]) {
        for (text, expected) in rows {
            assert_eq!(check(kind, text), *expected, "{kind:?} {text:?}");
        }
    }

    #[test]
    fn uris_are_anything_without_white_space() {
        for kind in [Primitive::Uri, Primitive::Url] {
            all(
                kind,
                &[
                    ("https://example.org/fhir/Patient/1", Ok(())),
                    ("Patient/1", Ok(())),
                    ("#", Ok(())),
                    ("urn:oid:2.16.840.1.113883.2.1.4.1", Ok(())),
                    (UUID, Ok(())),
                    ("https://example.org/é", Ok(())),
                    ("http//example.org", Ok(())),
                    (" https://example.org", Err(Wrong::UriSpace)),
                    ("https://example.org/a b", Err(Wrong::UriSpace)),
                    ("https://example.org\n", Err(Wrong::UriSpace)),
                    ("https://example.org\u{a0}", Err(Wrong::UriSpace)),
                    ("oid:1.2.3", Err(Wrong::BareOid)),
                    ("uuid:6f3b1a52-0c4e-4d2b-9b1a-3c5e7f901234", Err(Wrong::BareUuid)),
                    ("urn:uuid:1234", Err(Wrong::Uuid)),
                    ("urn:uuid:6F3B1A52-0c4e-4d2b-9b1a-3c5e7f901234", Err(Wrong::UuidCase)),
                    ("urn:uuid:6f3b1a52-0c4e-4d2b-9b1a-3c5e7f901234#part", Ok(())),
                    ("urn:oid:1.02.3", Err(Wrong::Oid)),
                    ("urn:oid:3.1.2.4", Err(Wrong::Oid)),
                    ("urn:oid:1.2.3", Err(Wrong::Oid)),
                    ("urn:oid:1.3", Ok(())),
                    ("urn:oid:1.2.840", Err(Wrong::Oid)),
                    ("urn:oid:1.2.840.", Err(Wrong::Oid)),
                    ("urn:oid:abc", Err(Wrong::Oid)),
                ],
            );
        }
    }

    #[test]
    fn oids_and_uuids_begin_as_uris() {
        all(
            Primitive::Oid,
            &[
                ("urn:oid:1.2.3.4", Ok(())),
                ("1.2.3.4", Err(Wrong::OidStart)),
                (UUID, Err(Wrong::OidStart)),
                ("urn:oid:1", Err(Wrong::Oid)),
            ],
        );
        all(
            Primitive::Uuid,
            &[
                (UUID, Ok(())),
                ("6f3b1a52-0c4e-4d2b-9b1a-3c5e7f901234", Err(Wrong::UuidStart)),
                ("urn:uuid:6f3b1a520c4e4d2b9b1a3c5e7f901234", Err(Wrong::Uuid)),
                ("urn:uuid:6f3b1a52-0c4e-4d2b-9b1a-3c5e7f901234#a", Err(Wrong::Uuid)),
            ],
        );
    }

    #[test]
    fn canonicals_are_absolute_or_contained() {
        all(
            Primitive::Canonical,
            &[
                ("https://example.org/fhir/StructureDefinition/x|1.0.0", Ok(())),
                ("#vs", Ok(())),
                ("urn:uuid:6f3b1a52-0c4e-4d2b-9b1a-3c5e7f901234|1.0", Ok(())),
                ("ValueSet/x", Err(Wrong::Relative)),
                ("HTTPS://example.org", Err(Wrong::Relative)),
                ("x:", Err(Wrong::Relative)),
            ],
        );
    }

    #[test]
    fn a_scheme_makes_a_uri_absolute() {
        for text in ["http://example.org", "urn:x", "mailto:a@example.org", "tel:1"] {
            assert!(is_absolute(text), "{text}");
        }
        for text in ["example.org", ":x", "a b:c", "urn:", "urn:a b", "1a:x"] {
            assert!(!is_absolute(text), "{text}");
        }
    }
}
