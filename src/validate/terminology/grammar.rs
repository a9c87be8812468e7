//! Code systems whose codes follow a grammar instead of a list: languages, media types, units, URIs. Which they are, and
//! the seam to those who know the grammars; no grammar is written here.

use std::fmt::Debug;
use std::sync::Arc;

use super::answer::Why;

/// Those who know the grammars. `None`: cannot say.
pub trait Grammars: Debug + Send + Sync {
    /// Whether a text is a language tag (BCP 47).
    fn language(&self, code: &str) -> Option<bool>;
    /// Whether a text is a media type (BCP 13).
    fn media_type(&self, code: &str) -> Option<bool>;
    /// Whether a text is a unit of UCUM.
    fn unit(&self, code: &str) -> Option<bool>;
}

/// Knows no grammar.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoGrammars;

impl Grammars for NoGrammars {
    fn language(&self, _: &str) -> Option<bool> {
        None
    }

    fn media_type(&self, _: &str) -> Option<bool> {
        None
    }

    fn unit(&self, _: &str) -> Option<bool> {
        None
    }
}

/// BCP 13, media types.
pub(super) const MEDIA_TYPES: &str = "urn:ietf:bcp:13";
/// RFC 3986: every URI is a code.
pub(super) const URIS: &str = "urn:ietf:rfc:3986";

/// A grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grammar {
    Language,
    MediaType,
    Unit,
    Uri,
}

impl Grammar {
    /// The grammar of a code system (<https://hl7.org/fhir/R4/terminologies-systems.html>).
    pub(super) fn of(system: &str) -> Option<Self> {
        Some(match system {
            "urn:ietf:bcp:47" => Self::Language,
            MEDIA_TYPES => Self::MediaType,
            "http://unitsofmeasure.org" => Self::Unit,
            URIS => Self::Uri,
            _ => return None,
        })
    }

    const fn system(self) -> &'static str {
        match self {
            Self::Language => "urn:ietf:bcp:47",
            Self::MediaType => MEDIA_TYPES,
            Self::Unit => "http://unitsofmeasure.org",
            Self::Uri => URIS,
        }
    }

    /// Whether a code follows it; why not, where nobody can say.
    pub(super) fn accepts(self, code: &str, grammars: &dyn Grammars) -> Result<bool, Why> {
        let said = match self {
            Self::Language => grammars.language(code),
            Self::MediaType => grammars.media_type(code),
            Self::Unit => grammars.unit(code),
            Self::Uri => Some(absolute(code)),
        };
        said.ok_or_else(|| Why::Grammar(Arc::from(self.system())))
    }
}

/// Whether a text is an absolute URI: a scheme, a colon, something, and no white space.
pub(super) fn absolute(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
        && !rest.is_empty()
        && !rest.contains(|c: char| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::absolute;

    #[test]
    fn a_uri_has_a_scheme_and_no_white_space() {
        for good in ["http://a.example/x", "urn:oid:1.2.3", "tel:+44"] {
            assert!(absolute(good), "{good}");
        }
        for bad in ["", "male", ":x", "1a:b", "a b:c", "http:", "urn:a b"] {
            assert!(!absolute(bad), "{bad}");
        }
    }
}
