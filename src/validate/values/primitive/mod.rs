//! The primitive types of R4 and what their values may be (<https://hl7.org/fhir/R4/datatypes.html#primitive>), with the
//! verdicts of HL7's validator (`InstanceValidator.checkPrimitive`). It must not look at anything but one value: `xhtml`,
//! bindings, profile limits, resource ids and what a URL points to are rules of others.

mod base64;
mod moment;
mod number;
mod text;
mod uri;
mod wrong;

pub use uri::is_absolute;
pub use wrong::Wrong;

/// A primitive type of R4; `xhtml` is not a value but markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Primitive {
    Base64Binary,
    Boolean,
    Canonical,
    Code,
    Date,
    DateTime,
    Decimal,
    Id,
    Instant,
    Integer,
    Markdown,
    Oid,
    PositiveInt,
    String,
    Time,
    UnsignedInt,
    Uri,
    Url,
    Uuid,
}

/// How a JSON document writes a value (<https://hl7.org/fhir/R4/json.html#primitive>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonKind {
    String,
    Number,
    Boolean,
}

impl Primitive {
    /// All of them, in the order of their names.
    pub const ALL: [Self; 19] = [
        Self::Base64Binary,
        Self::Boolean,
        Self::Canonical,
        Self::Code,
        Self::Date,
        Self::DateTime,
        Self::Decimal,
        Self::Id,
        Self::Instant,
        Self::Integer,
        Self::Markdown,
        Self::Oid,
        Self::PositiveInt,
        Self::String,
        Self::Time,
        Self::UnsignedInt,
        Self::Uri,
        Self::Url,
        Self::Uuid,
    ];

    /// The type of that name (`dateTime`), if R4 has such a primitive.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Its name in FHIR.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Base64Binary => "base64Binary",
            Self::Boolean => "boolean",
            Self::Canonical => "canonical",
            Self::Code => "code",
            Self::Date => "date",
            Self::DateTime => "dateTime",
            Self::Decimal => "decimal",
            Self::Id => "id",
            Self::Instant => "instant",
            Self::Integer => "integer",
            Self::Markdown => "markdown",
            Self::Oid => "oid",
            Self::PositiveInt => "positiveInt",
            Self::String => "string",
            Self::Time => "time",
            Self::UnsignedInt => "unsignedInt",
            Self::Uri => "uri",
            Self::Url => "url",
            Self::Uuid => "uuid",
        }
    }
}

/// How JSON must write a value of the type.
#[must_use]
pub const fn json_kind(kind: Primitive) -> JsonKind {
    match kind {
        Primitive::Boolean => JsonKind::Boolean,
        Primitive::Integer | Primitive::PositiveInt | Primitive::UnsignedInt | Primitive::Decimal => JsonKind::Number,
        _ => JsonKind::String,
    }
}

/// The last year that passes without a warning, unless the caller knows the date: the reference allows 80 years from
/// now, and this was written in 2026.
pub const LAST_YEAR: u16 = 2106;

/// Checks a value: the text of a JSON string without its escapes, of an XML attribute, or of a JSON number or boolean
/// as it is written.
///
/// # Errors
/// The gravest thing found, which may be a warning or information only: see [`Wrong::severity`].
/// [`Wrong::Empty`] and [`Wrong::Blank`] do not hold where the element has extensions; the caller knows that.
pub fn check(kind: Primitive, text: &str) -> Result<(), Wrong> {
    let mut gravest: Option<Wrong> = None;
    findings(kind, text, LAST_YEAR, &mut |wrong| {
        if gravest.is_none_or(|known| known.severity() < wrong.severity()) {
            gravest = Some(wrong);
        }
    });
    gravest.map_or(Ok(()), Err)
}

/// All that is to be said about a value, each finding once; `last_year` is the year of now and 80.
pub fn findings(kind: Primitive, text: &str, last_year: u16, report: &mut dyn FnMut(Wrong)) {
    if text.is_empty() {
        return report(Wrong::Empty);
    }
    // the reference says this of any type, and then looks no further
    if text.chars().all(text::is_space) {
        return report(Wrong::Blank);
    }
    let found = match kind {
        Primitive::Base64Binary => return base64::findings(text, report),
        Primitive::Code => return text::code(text, report),
        Primitive::Markdown => return text::markdown(text, report),
        Primitive::String => return text::string(text, report),
        Primitive::Canonical | Primitive::Oid | Primitive::Uri | Primitive::Url | Primitive::Uuid => {
            return uri::findings(kind, text, report);
        }
        Primitive::Boolean if matches!(text, "true" | "false") => Ok(()),
        Primitive::Boolean => Err(Wrong::Boolean),
        Primitive::Id => text::id(text),
        Primitive::Integer => number::integer(text),
        Primitive::UnsignedInt => number::unsigned(text),
        Primitive::PositiveInt => number::positive(text),
        Primitive::Decimal => number::decimal(text),
        Primitive::Date => moment::date(text).and_then(|year| moment::likely(year, last_year)),
        Primitive::DateTime => moment::date_time(text).and_then(|year| moment::likely(year, last_year)),
        Primitive::Instant => moment::instant(text).and_then(|year| moment::likely(year, last_year)),
        Primitive::Time => moment::time(text),
    };
    // a value of these types that is right holds nothing that `marks` looks for
    if let Err(wrong) = found {
        report(wrong);
        text::marks(text, true, report);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{JsonKind, Primitive, check, findings, json_kind};
    use crate::model::Severity;
    use crate::validate::values::primitive::Wrong;

    fn rules(kind: Primitive, text: &str) -> Vec<Wrong> {
        let mut all = Vec::new();
        findings(kind, text, 2106, &mut |wrong| all.push(wrong));
        all
    }

    #[test]
    fn every_primitive_is_found_by_its_own_name() {
        for kind in Primitive::ALL {
            assert_eq!(Primitive::named(kind.name()), Some(kind));
        }
        assert_eq!(Primitive::named("xhtml"), None);
        assert_eq!(Primitive::named("datetime"), None);
    }

    #[test]
    fn json_writes_numbers_and_booleans_bare() {
        assert_eq!(json_kind(Primitive::PositiveInt), JsonKind::Number);
        assert_eq!(json_kind(Primitive::Boolean), JsonKind::Boolean);
        assert_eq!(json_kind(Primitive::Instant), JsonKind::String);
    }

    #[test]
    fn nothing_at_all_is_an_error_and_white_space_alone_a_warning_whatever_the_type() {
        for kind in Primitive::ALL {
            assert_eq!(rules(kind, ""), [Wrong::Empty], "{kind:?}");
            assert_eq!(rules(kind, " \t\n"), [Wrong::Blank], "{kind:?}");
        }
        assert_eq!(Wrong::Empty.severity(), Severity::Error);
        assert_eq!(Wrong::Blank.severity(), Severity::Warning);
    }

    #[test]
    fn booleans_are_two_words() {
        assert_eq!(check(Primitive::Boolean, "true"), Ok(()));
        assert_eq!(check(Primitive::Boolean, "false"), Ok(()));
        for text in ["True", "1", "0", "true ", "yes"] {
            assert_eq!(check(Primitive::Boolean, text), Err(Wrong::Boolean), "{text}");
        }
    }

    #[test]
    fn the_gravest_finding_is_the_answer() {
        assert_eq!(rules(Primitive::String, " a\u{b}"), [Wrong::ControlCharacter, Wrong::Edges, Wrong::FormFeed]);
        assert_eq!(check(Primitive::String, " a\u{b}"), Err(Wrong::FormFeed));
        assert_eq!(rules(Primitive::Integer, "1<b>2<"), [Wrong::Integer, Wrong::Html]);
        assert_eq!(check(Primitive::Integer, "1<b>2<"), Err(Wrong::Integer));
    }

    proptest! {
        #[test]
        fn no_text_makes_a_check_panic_and_only_a_finding_is_reported(text in any::<String>()) {
            for kind in Primitive::ALL {
                prop_assert_eq!(check(kind, &text).is_ok(), rules(kind, &text).is_empty());
            }
        }

        #[test]
        fn no_text_of_the_signs_of_values_makes_a_check_panic(text in "[-+0-9TZ:.eE/<>=a-f \\n\u{202e}#|urnoid]{0,40}") {
            for kind in Primitive::ALL {
                let _ = check(kind, &text);
            }
        }
    }
}
