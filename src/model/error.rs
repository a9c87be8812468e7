//! Error categories: the one vocabulary in which every module says what went wrong and whether trying again helps.
//! Knows nothing of HTTP or FHIR; `http` turns a category into a status, `fhir` into an issue code.

/// What kind of failure this is. Each module's error enum answers `category()` exhaustively.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Category {
    /// The bytes cannot be read as what they claim to be.
    Malformed,
    /// Readable, but breaks a rule of the format, a schema or a profile.
    Invalid,
    /// The media type is not one the gateway takes.
    UnsupportedMediaType,
    /// Larger or deeper than the gateway accepts.
    TooLarge,
    /// Who is calling is not known.
    Unauthenticated,
    /// The caller is known and may not do this.
    Forbidden,
    /// No such thing, or not for this caller: the two are never told apart (CS-22).
    NotFound,
    /// The method is not one this address answers.
    MethodNotAllowed,
    /// The same message identifier came before with other content.
    Duplicate,
    /// What is asked for does not fit how the thing stands now.
    Conflict,
    /// The change is of a version that is no longer the current one.
    Stale,
    /// The caller took too long to send it.
    Timeout,
    /// Too much at once; the same request later may succeed.
    Busy,
    /// A recipient, disk or service did not answer.
    Unavailable,
    /// A fault of ours.
    Internal,
}

impl Category {
    /// Whether the same request, unchanged, may succeed later.
    #[must_use]
    pub const fn retryable(self) -> bool {
        match self {
            Self::Timeout | Self::Busy | Self::Unavailable | Self::Internal => true,
            Self::Malformed
            | Self::Invalid
            | Self::UnsupportedMediaType
            | Self::TooLarge
            | Self::Unauthenticated
            | Self::Forbidden
            | Self::NotFound
            | Self::MethodNotAllowed
            | Self::Duplicate
            | Self::Conflict
            | Self::Stale => false,
        }
    }
}
