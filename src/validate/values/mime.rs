//! Media types (BCP 13, code system `urn:ietf:bcp:13`): a type, a subtype and parameters. It must not ask whether a type
//! is registered: people and machines use many that are not.

use crate::model::Severity;

/// Why a text is not a media type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("is not a media type: expected a type and a subtype with one slash between them, such as text/plain")]
    Shape,
    #[error("is not a media type as it should be: its type or subtype has signs that RFC 6838 does not allow")]
    Name,
    #[error("is not a media type as it should be: after a semicolon comes a name, = and a value")]
    Parameter,
}

impl Fault {
    /// An error where the reference's terminology server knows no such code; the rest is a warning of our own.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::Shape => Severity::Error,
            Self::Name | Self::Parameter => Severity::Warning,
        }
    }

    /// The rule's stable id.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Shape => "mime-shape",
            Self::Name => "mime-name",
            Self::Parameter => "mime-parameter",
        }
    }
}

/// The words that R4 takes for a media type in `CapabilityStatement.format` and in `_format`
/// (<https://hl7.org/fhir/R4/http.html#mime-type>), and nowhere else.
#[must_use]
pub fn is_format_word(text: &str) -> bool {
    matches!(text, "xml" | "json" | "ttl")
}

/// Checks a media type such as `application/fhir+json; fhirVersion=4.0`.
///
/// # Errors
/// What is wrong with it; see [`Fault::severity`].
pub fn check(text: &str) -> Result<(), Fault> {
    let (names, parameters) = text.split_once(';').map_or((text, None), |(names, rest)| (names, Some(rest)));
    let (kind, subtype) = names.trim().split_once('/').ok_or(Fault::Shape)?;
    if kind.trim().is_empty() || subtype.trim().is_empty() || subtype.contains('/') {
        return Err(Fault::Shape);
    }
    if !(is_name(kind) && (subtype == "*" || is_name(subtype))) {
        return Err(Fault::Name);
    }
    parameters.map_or(Ok(()), check_parameters)
}

/// `name=value; name="value; with signs"`, with spaces around semicolons.
fn check_parameters(mut rest: &str) -> Result<(), Fault> {
    loop {
        let (name, value) = rest.split_once('=').ok_or(Fault::Parameter)?;
        if !is_token(name.trim_start()) {
            return Err(Fault::Parameter);
        }
        let after = if let Some(quoted) = value.strip_prefix('"') {
            after_quotes(quoted).ok_or(Fault::Parameter)?.trim_start()
        } else {
            let (token, after) = value.split_at(value.find(';').unwrap_or(value.len()));
            if !is_token(token.trim_end()) {
                return Err(Fault::Parameter);
            }
            after
        };
        match after.strip_prefix(';') {
            Some(more) => rest = more,
            None if after.is_empty() => return Ok(()),
            None => return Err(Fault::Parameter),
        }
    }
}

/// What follows a quoted value, whose first quotation mark is taken off.
fn after_quotes(text: &str) -> Option<&str> {
    let mut escaped = false;
    let end = text.find(|c: char| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    })?;
    text.get(end + 1..)
}

/// A name as RFC 6838 restricts it (section 4.2).
fn is_name(text: &str) -> bool {
    text.len() <= 127
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
}

/// A token as RFC 9110 has it (section 5.6.2).
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Fault, check, is_format_word};

    #[test]
    fn media_types_are_a_type_and_a_subtype() {
        let right = [
            "text/plain",
            "application/fhir+json",
            "application/fhir+xml;fhirVersion=4.0",
            "image/*",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "TEXT/HTML",
            "text/plain; charset=utf-8",
            "text/plain ; charset=\"utf-8\"; format=flowed",
            "multipart/mixed; boundary=\"a;b=\\\"c\"",
            "x-world/x-3dmf",
        ];
        for text in right {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        for text in ["", "json", "text", "text/", "/plain", "text/plain/x", " / ", "text;charset=a/b"] {
            assert_eq!(check(text), Err(Fault::Shape), "{text}");
        }
        for text in ["te xt/plain", "text/pläin", "text/plain,", "*/*", "text /plain", "-a/b"] {
            assert_eq!(check(text), Err(Fault::Name), "{text}");
        }
        for text in
            ["text/plain;", "text/plain;a", "text/plain;a=", "text/plain;=b", "text/plain;a=\"b", "text/plain;a=\"b\"c"]
        {
            assert_eq!(check(text), Err(Fault::Parameter), "{text}");
        }
    }

    #[test]
    fn three_words_stand_for_media_types_where_formats_are_named() {
        assert!(is_format_word("json") && !is_format_word("text/json"));
    }

    proptest! {
        #[test]
        fn no_text_makes_a_check_panic(text in any::<String>(), likely in "[a-z*]{0,3}/[a-z]{0,3}[;= \"\\\\a]{0,12}") {
            let _ = (check(&text), check(&likely));
        }
    }
}
