//! The frame around every portal page: document head, skip link, header, main, footer, sign-out.
//! Knows nothing of what a page shows.

use maud::{DOCTYPE, Markup, html};

use super::{path, style};

/// Name of the service in header and titles.
const SERVICE: &str = "Referral inbox";

/// Whoever is signed in: what the header shows and what signing out needs.
pub(super) struct Session<'a> {
    pub(super) organisation: &'a str,
    pub(super) csrf: &'a str,
    /// They may review overrides and emergencies, and find the way there in the header.
    pub(super) reviews: bool,
}

/// Puts `content` into a whole page. `title` becomes the page's `<title>`, which ends up in browser histories and on
/// task bars of shared computers: it must never name a person.
pub(super) fn page(title: &str, session: Option<&Session<'_>>, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en-GB" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) " – " (SERVICE) }
                link rel="stylesheet" href=(style::href());
            }
            body {
                a.skip-link href="#main" { "Skip to main content" }
                header.header {
                    div.width {
                        a.header-name href=(path::INBOX) { (SERVICE) }
                        @if let Some(session) = session { (account(session)) }
                    }
                }
                div.width {
                    main #main tabindex="-1" { (content) }
                }
                footer.footer {
                    div.width {
                        p {
                            "Information here is about people in your care. Share it only with those who need it, "
                            "and sign out when you leave your desk."
                        }
                    }
                }
            }
        }
    }
}

fn account(session: &Session<'_>) -> Markup {
    html! {
        div.account {
            @if session.reviews { a.header-link href=(path::REVIEWS) { "Overrides and emergencies" } }
            span.account-name { span.hidden { "Signed in for " } (session.organisation) }
            form method="post" action=(path::SIGN_OUT) {
                (csrf_field(session.csrf))
                button.header-button type="submit" { "Sign out" }
            }
        }
    }
}

/// The hidden field by which a form proves that it came from one of our pages.
pub(super) fn csrf_field(token: &str) -> Markup {
    html! { input type="hidden" name="csrf" value=(token); }
}
