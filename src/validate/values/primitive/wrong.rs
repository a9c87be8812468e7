//! What can be wrong with a value: one name, one rule id, one severity and one sentence each. It must not hold the value.

use crate::model::{IssueCode, Severity};

macro_rules! wrongs {
    ($($variant:ident $severity:ident $rule:literal $sentence:literal;)+) => {
        /// A fault of a value. Severities are those of HL7's validator, save where the sentence's list says "ours".
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Wrong { $(#[doc = $sentence] $variant,)+ }

        impl Wrong {
            /// Every fault there is, for tables and tests.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// How bad it is.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)+ }
            }

            /// The rule's stable id.
            #[must_use]
            pub const fn rule(self) -> &'static str {
                match self { $(Self::$variant => $rule,)+ }
            }

            /// What is wrong and what was expected, to be read after the value: `'2024-02-30' is not a date: …`.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)+ }
            }
        }
    };
}

wrongs! {
    Empty Error "primitive-empty" "is empty: leave the element out, or give it a value";
    Blank Warning "primitive-blank" "holds white space only: leave the element out, or give it a value";
    ControlCharacter Warning "primitive-control" "holds control characters, which XML cannot carry";
    Direction Warning "primitive-direction" "changes the direction of the text and does not change it back";
    Html Information "primitive-html" "looks like HTML, which this type does not carry: nobody may show it as HTML";

    Edges Warning "string-edges" "begins or ends with white space";
    FormFeed Error "string-form-feed" "holds a vertical tab or form feed, which a string may not";
    TooLong Error "string-length" "is longer than the 1,048,576 characters a string may have";
    MarkdownHtml Warning "markdown-html" "holds an HTML tag, which FHIR's Markdown does not allow: write \\< for the sign itself";
    CodeSpace Error "code-space" "is not a code: a code neither begins nor ends with white space, and has only single spaces within";
    IdCharacter Error "id-character" "is not an id: an id has only letters A to Z and a to z, digits, hyphens and full stops";
    IdLength Error "id-length" "is not an id: an id has at most 64 characters";
    Boolean Error "boolean" "is not a boolean: expected true or false";

    Integer Error "integer" "is not a whole number: expected digits, with a minus sign before them if it is negative";
    LeadingZero Error "number-leading-zero" "is not a number: it may not begin with a zero before other digits";
    IntegerRange Error "integer-range" "is outside the range of whole numbers, -2147483648 to 2147483647";
    BelowZero Error "unsigned-int" "may not be negative: expected 0 or more";
    BelowOne Error "positive-int" "is too small: expected 1 or more";
    Decimal Error "decimal" "is not a decimal number: expected digits, if need be a full stop and more digits, and an exponent";
    DecimalDigits Warning "decimal-digits" "has more digits than others can be relied on to keep: at most 18, and 4 in the exponent";

    Date Error "date" "is not a date: expected YYYY, YYYY-MM or YYYY-MM-DD";
    DateWithTime Error "date-time-of-day" "is not a date: it has a time of day, which a date may not";
    DateTime Error "date-time" "is not a date and time: expected YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss and a time zone";
    Instant Error "instant" "is not an instant: expected YYYY-MM-DDThh:mm:ss and a time zone (Z, +hh:mm or -hh:mm)";
    Time Error "time" "is not a time of day: expected hh:mm:ss, without a time zone";
    YearZero Error "date-year-zero" "is not a date: there is no year 0000";
    NoSuchMonth Error "date-month" "is not a date: months go from 01 to 12";
    NoSuchDay Error "date-day" "is not a date: that month has no such day";
    Hour Error "time-hour" "is not a time of day: hours go from 00 to 23";
    Minute Error "time-minute" "is not a time of day: minutes go from 00 to 59";
    Second Error "time-second" "is not a time of day: seconds go from 00 to 60";
    SecondsMissing Error "time-seconds" "has hours and minutes but no seconds, which FHIR asks for (:00 will do)";
    Fraction Error "time-fraction" "has a full stop after the seconds, but no digits after it";
    ZoneMissing Error "time-zone" "has a time but no time zone: expected Z, +hh:mm or -hh:mm at its end";
    Offset Error "time-offset" "has an impossible time zone: expected Z or an offset from -14:00 to +14:00";
    UnlikelyYear Warning "date-year" "has an unlikely year: before 1800, or more than 80 years from now";

    UriSpace Error "uri-space" "is not a URI: white space is not allowed in one";
    BareOid Error "uri-oid" "is not a URI: an OID is written urn:oid:…";
    BareUuid Error "uri-uuid" "is not a URI: a UUID is written urn:uuid:…";
    OidStart Error "oid-start" "is not an OID: it must begin with urn:oid:";
    Oid Error "oid" "is not an OID: expected urn:oid: and numbers parted by full stops, the first of them 0, 1 or 2";
    UuidStart Error "uuid-start" "is not a UUID: it must begin with urn:uuid:";
    Uuid Error "uuid" "is not a UUID: expected urn:uuid: and 8-4-4-4-12 hexadecimal digits";
    UuidCase Error "uuid-case" "is not a UUID as FHIR writes it: its letters must be lower case";
    Relative Error "canonical-relative" "is not a canonical address: it must be an absolute URI, or # and the id of a contained resource";

    Base64Length Error "base64-length" "is not base64: its letters, digits and signs + / = must come in groups of four";
    Base64Space Warning "base64-space" "holds white space, which base64 in FHIR should not";
    // ours: the reference only counts, and so passes what no decoder reads
    Base64Sign Warning "base64-sign" "holds signs that are not base64, or = elsewhere than at its end";
}

impl Wrong {
    /// The kind of finding in an OperationOutcome.
    #[must_use]
    pub const fn code(self) -> IssueCode {
        match self {
            Self::TooLong => IssueCode::TooLong,
            Self::DecimalDigits => IssueCode::Value,
            _ => IssueCode::Invalid,
        }
    }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.sentence())
    }
}

impl std::error::Error for Wrong {}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Wrong;

    #[test]
    fn no_two_faults_share_a_rule_or_a_sentence() {
        let rules: HashSet<_> = Wrong::ALL.iter().map(|wrong| wrong.rule()).collect();
        let sentences: HashSet<_> = Wrong::ALL.iter().map(|wrong| wrong.sentence()).collect();
        assert_eq!((rules.len(), sentences.len()), (Wrong::ALL.len(), Wrong::ALL.len()));
    }

    #[test]
    fn a_sentence_can_follow_the_value() {
        for wrong in Wrong::ALL {
            let first = wrong.sentence().split(' ').next().unwrap_or_default();
            assert!(matches!(first, "is" | "has" | "holds" | "looks" | "begins" | "may" | "changes"), "{wrong:?}");
            assert!(!wrong.sentence().ends_with('.'), "{wrong:?}");
        }
    }
}
