//! The operations page: what is overdue, due soon or stuck, by team; and what is known of one request. Names requests,
//! teams and rules, and never a person. Takes finished text; looks nothing up.

use maud::{Markup, html};

use super::layout::{Session, page};
use super::path;

/// One line of a table.
pub struct Row {
    /// Where the first cell leads.
    pub link: Option<String>,
    pub cells: Vec<String>,
    /// Said in words in the cells as well.
    pub overdue: bool,
}

/// A table with its heading.
pub struct Table {
    /// Anchor on the page.
    pub id: &'static str,
    pub title: String,
    pub columns: Vec<String>,
    pub rows: Vec<Row>,
    /// What is said when there is nothing.
    pub empty: String,
}

/// The page.
pub struct OperationsPage {
    pub organisation: String,
    pub tables: Vec<Table>,
    /// That not everything is shown.
    pub note: Option<String>,
    pub csrf: String,
}

/// What is known of one request.
pub struct RequestPage {
    pub organisation: String,
    /// The gateway's id of it.
    pub request: String,
    pub tables: Vec<Table>,
    pub csrf: String,
}

/// The operations page.
#[must_use]
pub fn operations(shown: &OperationsPage) -> Markup {
    let content = html! {
        nav.back aria-label="Back" { a href=(path::INBOX) { "Back to your inbox" } }
        h1 { span.caption { (shown.organisation) } "Operations" }
        nav aria-label="On this page" {
            ul { @for table in &shown.tables {
                li { a href={ "#" (table.id) } { (table.title) } " (" (table.rows.len()) ")" }
            } }
        }
        p { a href=(path::MEASURES) { "Measures" } }
        @if let Some(note) = &shown.note { p.inset { (note) } }
        @for table in &shown.tables { (section(table)) }
    };
    page("Operations", Some(&Session { organisation: &shown.organisation, csrf: &shown.csrf, reviews: true }), &content)
}

/// The page of one request.
#[must_use]
pub fn request(shown: &RequestPage) -> Markup {
    let content = html! {
        nav.back aria-label="Back" { a href=(path::OPERATIONS) { "Back to operations" } }
        h1 { span.caption { "Request" } (shown.request) }
        @for table in &shown.tables { (section(table)) }
    };
    page("Request", Some(&Session { organisation: &shown.organisation, csrf: &shown.csrf, reviews: true }), &content)
}

fn section(table: &Table) -> Markup {
    html! {
        section aria-labelledby=(table.id) {
            h2.apart #(table.id) { (table.title) }
            (body(table))
        }
    }
}

/// The table without its heading, or what is said in place of it.
pub(super) fn body(table: &Table) -> Markup {
    html! {
        @if table.rows.is_empty() {
            p { (table.empty) }
        } @else {
            table.whole-words role="table" {
                caption.hidden { (table.title) }
                thead role="rowgroup" {
                    tr role="row" {
                        @for column in &table.columns { th scope="col" role="columnheader" { (column) } }
                    }
                }
                tbody role="rowgroup" { @for row in &table.rows { (line(row, &table.columns)) } }
            }
        }
    }
}

fn line(row: &Row, columns: &[String]) -> Markup {
    html! {
        tr role="row" class=[row.overdue.then_some("unread")] {
            @for (place, cell) in row.cells.iter().enumerate() {
                @if place == 0 {
                    th scope="row" role="rowheader" {
                        @if let Some(link) = &row.link { a href=(link) { (cell) } } @else { (cell) }
                    }
                } @else {
                    td role="cell" {
                        @if let Some(column) = columns.get(place) {
                            span.cell-label aria-hidden="true" { (column) }
                        }
                        (cell)
                    }
                }
            }
        }
    }
}
