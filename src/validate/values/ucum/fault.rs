//! Why a text is not a unit, and where. It must not quote the text.

/// Where a text stops to be a unit, in bytes from 0, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a UCUM unit: {why}, at character {}", at + 1)]
pub struct Fault {
    pub at: usize,
    pub why: Why,
}

/// What is wrong there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    #[error("there is no unit of this name")]
    Unknown,
    #[error("there is no unit of this name (is {0} meant?)")]
    Meant(&'static str),
    #[error("this unit takes no prefix")]
    NotMetric,
    #[error("expected a unit, a number, an annotation in braces or an opening parenthesis")]
    ExpectedUnit,
    #[error("expected a full stop or a slash before the next unit")]
    ExpectedOperator,
    #[error("a sign must be followed by the digits of an exponent")]
    Exponent,
    #[error("this number is too large")]
    TooLarge,
    #[error("this sign is not part of any unit (multiplication is a full stop, powers are bare digits)")]
    Sign,
    #[error("this bracket has no partner")]
    Bracket,
    #[error("this parenthesis has no partner")]
    Parenthesis,
    #[error("this annotation does not end")]
    OpenAnnotation,
    #[error("annotations hold only ASCII characters")]
    Annotation,
    #[error("too many parentheses within each other")]
    TooDeep,
}

impl Fault {
    /// The rule's stable id.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self.why {
            Why::Unknown | Why::Meant(_) => "ucum-unknown",
            Why::NotMetric => "ucum-prefix",
            _ => "ucum-syntax",
        }
    }
}
