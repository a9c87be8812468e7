//! Portal: plain pages on which an organisation without a FHIR system reads what was sent to it.
//! Owns markup, style sheet, addresses and the headers they need; decides nothing and reads no store.

mod entry;
mod layout;
mod measures;
mod operations;
pub mod pages;
pub mod reviews;
pub mod style;
#[cfg(test)]
mod tests;

pub use entry::{EntryPage, MOST_LINES, PlaceLine, RoleLine, entry};
/// A finished page, so that `http` can carry one without seeing maud.
pub use maud::Markup;
pub use measures::{MeasuresPage, measures};
pub use operations::{OperationsPage, RequestPage, Row, Table, operations, request};
pub use pages::{InboxItem, InboxPage, ItemPage, StepForm, Urgency, inbox, item, message, sign_in};
pub use reviews::{Filled, Found, Review, ReviewPage, ReviewsPage, review, reviews, verdict};

/// Addresses of the pages; forms and links are written with these, routes should be too.
pub mod path {
    /// The inbox; an item is at `/portal/items/{id}`.
    pub const INBOX: &str = "/portal";
    /// The organisation's own entry in the directory: the form on GET, the whole of it on POST.
    pub const ENTRY: &str = "/portal/entry";
    /// Shows the form on GET, takes `username`, `password` and `csrf` on POST.
    pub const SIGN_IN: &str = "/portal/sign-in";
    /// Takes `csrf` on POST. A GET must not sign anybody out.
    pub const SIGN_OUT: &str = "/portal/sign-out";
    /// What the organisation that runs the gateway keeps an eye on; a request is at `/portal/operations/{id}`.
    pub const OPERATIONS: &str = "/portal/operations";
    /// The measures; takes `from`, `to` and `by`.
    pub const MEASURES: &str = "/portal/measures";
    /// Below an item: the same as a PDF file.
    pub const PDF: &str = "/pdf";
    /// Below an item: the same as a text file.
    pub const TEXT: &str = "/text";
    /// Overrides and emergencies under review; one is at `/portal/reviews/{id}`, and takes `verdict`, `reviewer`, `note`
    /// and `csrf` on POST.
    pub const REVIEWS: &str = "/portal/reviews";
    /// Below an item: takes a step of the request on POST.
    pub const STATUS: &str = "/status";
    /// The style sheet ([`super::style::SHEET`]).
    pub const STYLE: &str = "/portal/style.css";
}

/// Headers every page must carry: no scripts, nothing from elsewhere, no framing, no copy left in a shared computer's
/// cache, and no address of ours told to another site.
pub const PAGE_HEADERS: &[(&str, &str)] = &[
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
];
