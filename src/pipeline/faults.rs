//! Refusals that are about the gateway or the store and not about what was sent. Says nothing of any content.

use crate::intake::Refusal;
use crate::model::{Category, IssueCode, MessageId};
use crate::store::StoreError;

/// More is asked at once than can be worked on.
pub(super) fn busy() -> Refusal {
    let text = "Too many messages at once. Send this one again in a few seconds.";
    Refusal::one(Category::Busy, IssueCode::Throttled, text)
}

/// An identifier that stands for something else already.
pub(super) fn other_content(earlier: &MessageId) -> Refusal {
    Refusal::one(
        Category::Duplicate,
        IssueCode::Duplicate,
        format!(
            "A message with this identifier, but other content, was accepted before as {earlier}. A corrected message \
             needs an identifier of its own."
        ),
    )
}

/// The store did not do it: logged here, once; the caller may try again.
pub fn unavailable(error: &StoreError) -> Refusal {
    tracing::error!(error = %error, cause = error_source(error), "the store failed");
    cannot_take(error.category())
}

/// Nothing can be taken now; the caller may try again.
pub fn cannot_take(category: Category) -> Refusal {
    Refusal::one(
        category,
        IssueCode::Transient,
        "The gateway cannot store anything at the moment, so it takes nothing. Send the same message again later.",
    )
}

fn error_source(error: &StoreError) -> Option<String> {
    std::error::Error::source(error).map(ToString::to_string)
}
