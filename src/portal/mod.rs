//! Portal: plain pages on which an organisation without a FHIR system reads what was sent to it.
//! Owns markup, style sheet, addresses and the headers they need; decides nothing and reads no store.

mod layout;
pub mod pages;
pub mod style;
#[cfg(test)]
mod tests;

/// A finished page, so that `http` can carry one without seeing maud.
pub use maud::Markup;
pub use pages::{InboxItem, InboxPage, ItemPage, StepForm, Urgency, inbox, item, message, sign_in};

/// Addresses of the pages; forms and links are written with these, routes should be too.
pub mod path {
    /// The inbox; an item is at `/portal/items/{id}`.
    pub const INBOX: &str = "/portal";
    /// Shows the form on GET, takes `username`, `password` and `csrf` on POST.
    pub const SIGN_IN: &str = "/portal/sign-in";
    /// Takes `csrf` on POST. A GET must not sign anybody out.
    pub const SIGN_OUT: &str = "/portal/sign-out";
    /// Below an item: the same as a PDF file.
    pub const PDF: &str = "/pdf";
    /// Below an item: the same as a text file.
    pub const TEXT: &str = "/text";
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
