//! The review of overrides and emergencies, for whoever leads on information governance: what waits, one record with its
//! form, what was found. Takes finished text; decides nothing, and says who may see it nowhere: `http` asks the pipeline.

use maud::{Markup, html};

use super::layout::{Session, csrf_field, page};
use super::path;

/// A professional's claim that waits for review, or was reviewed.
pub struct Review {
    /// What was claimed: `Override (CS-09)`.
    pub title: String,
    /// When it was recorded, in words.
    pub recorded: String,
    /// Heading and text: who claimed, on which ground, why, to whom, what, for how long.
    pub facts: Vec<(&'static str, String)>,
    /// Address of its page.
    pub link: String,
    /// What the review came to, where it is done.
    pub found: Option<Found>,
}

/// What a reviewer found.
pub struct Found {
    pub verdict: String,
    pub reviewer: String,
    pub at: String,
    pub note: String,
}

/// Everything under review.
pub struct ReviewsPage {
    pub organisation: String,
    /// The longest waiting first.
    pub open: Vec<Review>,
    /// The last recorded first.
    pub done: Vec<Review>,
    pub csrf: String,
}

/// One claim with its form.
pub struct ReviewPage {
    pub organisation: String,
    pub review: Review,
    pub filled: Filled,
    /// What is wrong with what was filled in: id of the field, and words.
    pub errors: Vec<(String, String)>,
    pub csrf: String,
}

/// What stands in the form.
#[derive(Default)]
pub struct Filled {
    pub reviewer: String,
    /// Code of the verdict.
    pub verdict: String,
    pub note: String,
}

/// Verdicts: code, words, what follows.
const VERDICTS: [(&str, &str, &str); 2] = [
    ("appropriate", "Appropriate", "It stays as it was recorded."),
    (
        "not-appropriate",
        "Not appropriate",
        "It ends now. Nothing more goes on it, and what is waiting to be sent is stopped.",
    ),
];

/// The words for a verdict's code.
#[must_use]
pub fn verdict(code: &str) -> &str {
    VERDICTS.iter().find(|(known, ..)| *known == code).map_or(code, |(_, words, _)| words)
}

/// The list.
#[must_use]
pub fn reviews(shown: &ReviewsPage) -> Markup {
    let content = html! {
        nav.back aria-label="Back" { a href=(path::INBOX) { "Back to your inbox" } }
        h1 { span.caption { (shown.organisation) } "Overrides and emergencies" }
        p {
            "A professional has gone against what a person wished, or a crisis service has asked for information at once. "
            "Somebody looks at each afterwards and says whether it was right."
        }
        section aria-labelledby="open-title" {
            h2 #open-title { "Waiting for review (" (shown.open.len()) ")" }
            @if shown.open.is_empty() { p { "Nothing is waiting." } }
            @for review in &shown.open {
                article.claim {
                    h3 { (review.title) }
                    (facts(review))
                    p { a href=(review.link) { "Review this" span.hidden { ": " (review.title) ", " (review.recorded) } } }
                }
            }
        }
        section aria-labelledby="done-title" {
            h2 #done-title { "Reviewed (" (shown.done.len()) ")" }
            @if shown.done.is_empty() { p { "Nothing was reviewed yet." } } @else { (done(&shown.done)) }
        }
    };
    page("Overrides and emergencies", Some(&session(&shown.organisation, &shown.csrf)), &content)
}

const fn session<'a>(organisation: &'a str, csrf: &'a str) -> Session<'a> {
    Session { organisation, csrf, reviews: true }
}

fn facts(review: &Review) -> Markup {
    html! {
        dl.summary { @for (heading, words) in &review.facts { div { dt { (heading) } dd.written { (words) } } } }
    }
}

fn done(all: &[Review]) -> Markup {
    html! {
        table role="table" {
            caption.hidden { "What was reviewed, newest first" }
            thead role="rowgroup" {
                tr role="row" {
                    th scope="col" role="columnheader" { "What" }
                    th scope="col" role="columnheader" { "Recorded" }
                    th scope="col" role="columnheader" { "Found" }
                    th scope="col" role="columnheader" { "By" }
                    th scope="col" role="columnheader" { "Note" }
                }
            }
            tbody role="rowgroup" {
                @for review in all {
                    @if let Some(found) = &review.found { (done_row(review, found)) }
                }
            }
        }
    }
}

fn done_row(review: &Review, found: &Found) -> Markup {
    html! {
        tr role="row" {
            th scope="row" role="rowheader" {
                a href=(review.link) { (review.title) span.hidden { ", " (review.recorded) } }
            }
            td role="cell" { span.cell-label aria-hidden="true" { "Recorded" } (review.recorded) }
            td.word role="cell" { span.cell-label aria-hidden="true" { "Found" } (found.verdict) }
            td role="cell" { span.cell-label aria-hidden="true" { "By" } span { (found.reviewer) ", " (found.at) } }
            td role="cell" { span.cell-label aria-hidden="true" { "Note" } (found.note) }
        }
    }
}

/// One claim: the form while it waits, else what was found.
#[must_use]
pub fn review(shown: &ReviewPage) -> Markup {
    let content = html! {
        @if !shown.errors.is_empty() {
            div.error-summary role="alert" tabindex="-1" autofocus aria-labelledby="error-title" {
                h2 #error-title { "There is a problem" }
                ul { @for (field, text) in &shown.errors { li { a href={ "#" (field) } { (text) } } } }
            }
        }
        nav.back aria-label="Back" { a href=(path::REVIEWS) { "Back to overrides and emergencies" } }
        h1 { (shown.review.title) }
        (facts(&shown.review))
        @match &shown.review.found {
            Some(found) => section.inset {
                h2.small { "Reviewed: " (found.verdict) }
                p { (found.reviewer) ", " (found.at) }
                @if !found.note.is_empty() { p.written { (found.note) } }
            },
            None => (form(shown)),
        }
    };
    let title = if shown.errors.is_empty() { "Review" } else { "Error: Review" };
    page(title, Some(&session(&shown.organisation, &shown.csrf)), &content)
}

fn form(shown: &ReviewPage) -> Markup {
    let wrong = |field: &str| shown.errors.iter().find(|(id, _)| id == field).map(|(_, text)| text.as_str());
    let class = |field: &str| if wrong(field).is_some() { "field field-wrong" } else { "field" };
    let message = |field: &str| {
        html! {
            @if let Some(text) = wrong(field) {
                p.error-message id={ (field) "-error" } { span.hidden { "Error: " } (text) }
            }
        }
    };
    let described = |field: &str| wrong(field).map(|_| format!("{field}-error"));
    let invalid = |field: &str| wrong(field).map(|_| "true");
    html! {
        form.review method="post" action=(shown.review.link) novalidate {
            h2 { "Your review" }
            (csrf_field(&shown.csrf))
            div class=(class("verdict")) {
                fieldset aria-describedby=[described("verdict")] {
                    legend { "Was this appropriate?" }
                    (message("verdict"))
                    // a link in the summary of errors leads to the first of them, which bears the name of the field
                    @for (number, (code, words, follows)) in VERDICTS.iter().enumerate() {
                        @let id = if number == 0 { "verdict".to_owned() } else { format!("verdict-{}", number + 1) };
                        div.choice {
                            input type="radio" id=(id) name="verdict" value=(code) checked[shown.filled.verdict == *code]
                                aria-describedby={ (id) "-hint" };
                            label for=(id) { (words) }
                            p.hint id={ (id) "-hint" } { (follows) }
                        }
                    }
                }
            }
            div class=(class("reviewer")) {
                label for="reviewer" { "Your name and role" }
                (message("reviewer"))
                input #reviewer type="text" name="reviewer" autocomplete="name" value=(shown.filled.reviewer)
                    aria-invalid=[invalid("reviewer")] aria-describedby=[described("reviewer")];
            }
            div class=(class("note")) {
                label for="note" { "What you found (optional)" }
                p.hint #note-hint { "The professional and whoever audits this later read it." }
                (message("note"))
                textarea #note name="note" rows="5" aria-invalid=[invalid("note")]
                    aria-describedby=(described("note").map_or_else(|| "note-hint".to_owned(), |id| format!("note-hint {id}"))) {
                    (shown.filled.note)
                }
            }
            button.button type="submit" { "Record this review" }
        }
    }
}
