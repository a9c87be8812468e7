//! How a request stands with one of its recipients, in the field's words (`routing-and-clocks.md`, "Closing the loop").
//! A vocabulary only: which status may follow which, and who may say so, is `workflow`'s.

use super::vocabulary::vocabulary;

vocabulary! {
    /// Business status of a request with one recipient.
    pub enum RequestStatus {
        /// It is with the recipient, and nobody has looked at it.
        Received => "received", "received";
        Triaged => "triaged", "triaged";
        Accepted => "accepted", "accepted";
        /// The requester is asked for something.
        MoreInformationNeeded => "more-information-needed", "more information needed";
        /// Another team has it from now on.
        Redirected => "redirected", "redirected to another team";
        Declined => "declined", "declined";
        /// Somebody of the team has it.
        Allocated => "allocated", "allocated to a worker";
        /// There was direct contact with the person.
        Contacted => "contacted", "person contacted";
        /// The person could not be reached.
        NoResponse => "no-response", "no response from the person";
        Assessed => "assessed", "assessed";
        Completed => "completed", "completed";
        CancelledByRequester => "cancelled-by-requester", "cancelled by the referrer";
        CancelledByOwner => "cancelled-by-owner", "cancelled by the team";
        EnteredInError => "entered-in-error", "entered in error";
    }
}

impl RequestStatus {
    /// Whether nothing more is done on it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Redirected
                | Self::Declined
                | Self::Completed
                | Self::CancelledByRequester
                | Self::CancelledByOwner
                | Self::EnteredInError
        )
    }
}
