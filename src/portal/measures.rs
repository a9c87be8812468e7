//! The page of measures: a form for period and breakdown, and a table for each measure. Takes finished text; numbers that
//! are small never reach it.

use maud::{Markup, html};

use super::layout::{Session, page};
use super::operations::{Table, body};
use super::path;

/// The page.
pub struct MeasuresPage {
    pub organisation: String,
    /// First and last day.
    pub from: String,
    pub to: String,
    /// Code of the breakdown, or nothing.
    pub by: &'static str,
    /// Breakdowns: code and words.
    pub choices: Vec<(&'static str, String)>,
    /// Of each table: out of what, and what of it.
    pub notes: Vec<(String, String)>,
    pub tables: Vec<Table>,
    pub csrf: String,
}

/// The page of measures.
#[must_use]
pub fn measures(shown: &MeasuresPage) -> Markup {
    let content = html! {
        nav.back aria-label="Back" { a href=(path::INBOX) { "Back to your inbox" } }
        h1 { span.caption { (shown.organisation) } "Measures" }
        form method="get" action=(path::MEASURES) {
            div.field {
                label for="from" { "From the first day of a month" }
                input #from name="from" type="date" value=(shown.from);
            }
            div.field {
                label for="to" { "To the last day of a month" }
                input #to name="to" type="date" value=(shown.to);
            }
            div.field {
                label for="by" { "By" }
                select #by name="by" {
                    option value="" selected[shown.by.is_empty()] { "nothing" }
                    @for (code, words) in &shown.choices {
                        option value=(code) selected[*code == shown.by] { (words) }
                    }
                }
            }
            button.button type="submit" { "Show" }
        }
        p.inset {
            "Every number is rounded to 5. A star is 1 to 4, or a number that would tell such a number. A period is one month, or a financial year from April to March."
        }
        @for (place, table) in shown.tables.iter().enumerate() {
            section {
                h2.apart { (table.title) }
                @if let Some((of, met)) = shown.notes.get(place) { p { (of) ". " (met) "." } }
                (body(table))
            }
        }
    };
    page("Measures", Some(&Session { organisation: &shown.organisation, csrf: &shown.csrf, reviews: true }), &content)
}
