//! What one attempt to deliver came to, and what that means for the next.
//! Follows the retry rules of the Booking and Referral Standard (`exchange.md` §1, "Errors").

use jiff::Timestamp;
use uuid::Uuid;

/// What a recipient's answer, or its silence, amounts to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// The recipient has it, now or from an earlier attempt whose answer was lost.
    Delivered,
    /// The recipient reads its inbox now: it lies there, with another media type and body where it was made out in a
    /// format that the inbox does not hold.
    Inbox { copy: Option<(&'static str, Vec<u8>)> },
    /// Not this time; the same bytes may succeed later.
    Retry { reason: String },
    /// The recipient will not take these bytes, however often; a person must look.
    Refused { reason: String },
}

impl AttemptOutcome {
    /// Reads an HTTP answer. `duplicate` says that its OperationOutcome carried issue code `duplicate`.
    #[must_use]
    pub fn from_status(status: u16, duplicate: bool) -> Self {
        match status {
            200..=299 => Self::Delivered,
            409 if duplicate => Self::Delivered,
            // The recipient read it and said no. 401, 403 and 404 are left to retry: they are how a renewed
            // certificate or a moved endpoint looks from here, and both get mended without the message changing.
            400 | 405 | 406 | 409 | 410 | 411 | 413 | 414 | 415 | 422 => {
                Self::Refused { reason: format!("the recipient refused it with HTTP status {status}") }
            }
            _ => Self::Retry { reason: format!("the recipient answered with HTTP status {status}") },
        }
    }

    /// Name used in the database, the audit log and metrics.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Inbox { .. } => "to-inbox",
            Self::Retry { .. } => "retry",
            Self::Refused { .. } => "refused",
        }
    }

    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Delivered | Self::Inbox { .. } => None,
            Self::Retry { reason } | Self::Refused { reason } => Some(reason),
        }
    }
}

/// A finished attempt, ready to be recorded.
#[derive(Debug, Clone)]
pub struct Attempt {
    pub delivery: Uuid,
    /// The lease under which it was made; a stale lease records nothing.
    pub lease: Uuid,
    pub number: u32,
    pub finished: Timestamp,
    pub outcome: AttemptOutcome,
    /// When to try again, where the outcome is a retry; `None` gives up.
    pub next: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::AttemptOutcome;

    #[test]
    fn each_status_means_delivered_retry_or_refused() {
        for (status, duplicate, expected) in [
            (200, false, "delivered"),
            (202, false, "delivered"),
            (409, true, "delivered"),
            (409, false, "refused"),
            (400, false, "refused"),
            (422, false, "refused"),
            (413, false, "refused"),
            (301, false, "retry"),
            (401, false, "retry"),
            (403, false, "retry"),
            (404, false, "retry"),
            (408, false, "retry"),
            (425, false, "retry"),
            (429, false, "retry"),
            (500, false, "retry"),
            (503, true, "retry"),
        ] {
            assert_eq!(AttemptOutcome::from_status(status, duplicate).code(), expected, "{status} {duplicate}");
        }
    }
}
