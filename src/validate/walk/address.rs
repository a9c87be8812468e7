//! What the text of a reference says by itself: absolute or not, of which type, id and version
//! (<https://hl7.org/fhir/R4/references.html#literal>). Looks nothing up.

use crate::fhir::tree::Name;
use crate::validate::fhirpath::TypeId;
use crate::validate::values::primitive::{self, Primitive, Wrong};

/// An address as a FHIR server gives it: `[base/]Type/id[/_history/version]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rest<'a> {
    /// Up to the type, with the last slash; empty of a relative one.
    pub(super) base: &'a str,
    pub(super) kind: Name,
    pub(super) id: &'a str,
    pub(super) version: Option<&'a str>,
}

impl<'a> Rest<'a> {
    /// Reads an address; `None` for one that is not of this form, or of a type R4 does not have.
    pub(super) fn read(url: &'a str) -> Option<Self> {
        let (plain, version) = versioned(url);
        let (rest, id) = plain.rsplit_once('/')?;
        let at = rest.rfind('/').map_or(0, |slash| slash + 1);
        let (base, kind) = rest.split_at_checked(at)?;
        let kind = Name::of(kind);
        let ids = is_id(id) && version.is_none_or(is_id);
        (is_resource(kind) && ids && is_base(base)).then_some(Self { base, kind, id, version })
    }
}

/// A base: nothing, or `http(s)://` and segments of the letters that R4's expression for it allows.
fn is_base(base: &str) -> bool {
    let Some(rest) = base.strip_prefix("http://").or_else(|| base.strip_prefix("https://")) else {
        return base.is_empty();
    };
    let letter = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'\\' | b'.' | b':' | b'%' | b'$');
    rest.bytes().all(letter)
}

/// An address and the version it names.
pub(super) fn versioned(url: &str) -> (&str, Option<&str>) {
    const BETWEEN: &str = "/_history/";
    // most references are short and have no slash at all; preparing a search would cost more than this
    let mut slashes = url.bytes().enumerate().filter(|(_, byte)| *byte == b'/');
    let found = slashes.find_map(|(at, _)| Some((url.get(..at)?, url.get(at..)?.strip_prefix(BETWEEN)?)));
    found.map_or((url, None), |(plain, version)| (plain, Some(version)))
}

/// Whether the name is that of a type of resource that there can be.
pub(super) fn is_resource(kind: Name) -> bool {
    TypeId::of_resource(kind) != TypeId::UNKNOWN && !matches!(kind.text(), "Resource" | "DomainResource")
}

/// Whether the text is an id as R4 has them.
pub(super) fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
}

/// Whether an address says by itself where it leads: it begins with a scheme.
pub(super) fn is_absolute(url: &str) -> bool {
    url.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
            && scheme.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.'))
            && !rest.is_empty()
            && !rest.contains(' ')
    })
}

/// Whether it is the name of something by a UUID, as most references in messages are: no type, no version, no search.
pub(super) fn is_uuid(reference: &str) -> bool {
    reference
        .strip_prefix("urn:uuid:")
        .filter(|uuid| uuid.len() == 36)
        // all bytes whatever they are, which processors do many of at once
        .is_some_and(|uuid| {
            uuid.bytes()
                .fold(true, |sound, byte| sound & matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F' | b'-'))
        })
}

/// The type that the text of a reference names, wherever it leads.
pub(super) fn kind(reference: &str) -> Option<Name> {
    if !reference.as_bytes().contains(&b'/') {
        return None;
    }
    let (plain, _) = versioned(reference);
    let (rest, _) = plain.rsplit_once('/')?;
    let kind = Name::of(rest.rsplit('/').next()?);
    is_resource(kind).then_some(kind)
}

/// A search in place of an address (`Patient?identifier=…`): the type, and what is asked.
pub(super) fn search(reference: &str) -> Option<(Name, &str)> {
    let (kind, query) = reference.split_once('?')?;
    let kind = Name::of(kind);
    is_resource(kind).then_some((kind, query))
}

/// Whether a query is made of `name=value`, with `&` between them.
pub(super) fn is_query(query: &str) -> bool {
    query.split('&').all(|part| {
        part.split_once('=').is_some_and(|(name, value)| {
            !name.starts_with(|c: char| c.is_ascii_digit())
                && !name.is_empty()
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
                && !value.contains('=')
        })
    })
}

/// Whether a reference has the form of one: an address of a known type, or one that is no address of a FHIR server.
pub(super) fn is_sound(reference: &str) -> bool {
    is_absolute(reference) && !is_false_urn(reference)
        || reference.starts_with('#')
        || search(reference).is_some()
        || Rest::read(reference).is_some()
}

/// Whether it says that it names a UUID or an OID, and names none.
fn is_false_urn(reference: &str) -> bool {
    ["urn:uuid:", "urn:oid:"].iter().any(|urn| reference.starts_with(urn))
        && matches!(primitive::check(Primitive::Uri, reference), Err(Wrong::Uuid | Wrong::Oid))
}

#[cfg(test)]
mod tests {
    use super::{Name, Rest, is_absolute, is_query, is_sound, kind, search};

    #[test]
    fn addresses_are_taken_apart() {
        let read = |url: &str| {
            Rest::read(url).map(|rest| {
                (rest.base.to_owned(), rest.kind.text(), rest.id.to_owned(), rest.version.map(str::to_owned))
            })
        };
        let rest = |base: &str, id: &str, version: Option<&str>| {
            Some((base.to_owned(), "Patient", id.to_owned(), version.map(str::to_owned)))
        };
        assert_eq!(read("Patient/1"), rest("", "1", None));
        assert_eq!(read("Patient/1/_history/2"), rest("", "1", Some("2")));
        assert_eq!(read("https://a.example/fhir/Patient/a.b-c"), rest("https://a.example/fhir/", "a.b-c", None));
        for none in [
            "Patient",
            "Patient/",
            "/Patient/1",
            "Patent/1",
            "Patient/1/_history/",
            "x/Patient/1",
            "urn:uuid:1",
            "Resource/1",
            "Patient/a_b",
            "ftp://x/Patient/1",
        ] {
            assert_eq!(read(none), None, "{none}");
        }
        assert_eq!(read(&format!("Patient/{}", "x".repeat(65))), None);
    }

    #[test]
    fn what_is_absolute_begins_with_a_scheme() {
        for yes in ["http://a", "https://a", "urn:uuid:1", "urn:oid:1.2", "mailto:a", "z39.50r://a"] {
            assert!(is_absolute(yes), "{yes}");
        }
        for no in ["Patient/1", "", ":x", "http:", "Http://a", "urn:a b", "1a:b", "#x"] {
            assert!(!is_absolute(no), "{no}");
        }
    }

    #[test]
    fn the_type_is_read_off_a_reference() {
        for (reference, expected) in [
            ("Patient/1", Some("Patient")),
            ("http://a/Patient/1/_history/3", Some("Patient")),
            ("x/y/Patient/1", Some("Patient")),
            ("urn:uuid:1", None),
            ("Patient", None),
            ("Nothing/1", None),
        ] {
            assert_eq!(kind(reference).map(Name::text), expected, "{reference}");
        }
    }

    #[test]
    fn searches_and_their_queries_are_known() {
        assert_eq!(search("Patient?identifier=1"), Some((Name::PATIENT, "identifier=1")));
        assert_eq!(search("Nothing?a=b"), None);
        for (query, sound) in [
            ("a=b", true),
            ("a=b&_c=", true),
            ("a", false),
            ("", false),
            ("a=b=c", false),
            ("1=a", false),
            ("a.b=c", false),
        ] {
            assert_eq!(is_query(query), sound, "{query}");
        }
        for (reference, sound) in [
            ("Patient?a=b", true),
            ("#x", true),
            ("urn:uuid:6f3b1a52-0c4e-4d2b-9b1a-3c5e7f901234", true),
            ("urn:uuid:nope", false),
            ("urn:oid:2.16.840.1.113883.2.1.4.1", true),
            ("urn:oid:nope", false),
            ("urn:x:nope", true),
            ("Patient/1", true),
            ("patient/1", false),
            ("Patient", false),
        ] {
            assert_eq!(is_sound(reference), sound, "{reference}");
        }
    }
}
