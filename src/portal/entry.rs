//! The page on which an organisation keeps its own entry in the directory. Takes finished text and shows it in a form; what
//! may be changed, and whether it is right, is decided elsewhere.

use maud::{Markup, html};

use super::layout::{Session, csrf_field, page};
use super::path;

/// The most places, and the most roles, one form holds.
pub const MOST_LINES: usize = 60;

/// An entry as it is shown.
#[derive(Debug, Default)]
pub struct EntryPage {
    /// The organisation's name, for the header.
    pub organisation: String,
    pub name: String,
    pub telephone: String,
    pub email: String,
    pub website: String,
    pub opening: String,
    pub services: String,
    /// Whether a system of its own takes FHIR messages.
    pub by_fhir: bool,
    pub url: String,
    pub format: String,
    pub places: Vec<PlaceLine>,
    pub roles: Vec<RoleLine>,
    /// What was wrong with what was sent, one sentence each.
    pub faults: Vec<String>,
    pub csrf: String,
    /// Whether the reader's organisation reviews overrides and emergencies.
    pub reviews: bool,
}

/// A place; one without id is new.
#[derive(Debug, Default)]
pub struct PlaceLine {
    pub id: String,
    pub name: String,
    /// A line each.
    pub address: String,
    pub postcode: String,
}

/// A role; one without id is new.
#[derive(Debug, Default)]
pub struct RoleLine {
    pub id: String,
    pub person: String,
    pub name: String,
    pub title: String,
    pub team: String,
    pub code: String,
}

/// The form.
#[must_use]
pub fn entry(entry: &EntryPage) -> Markup {
    let title = if entry.faults.is_empty() { "Your entry" } else { "Error: Your entry" };
    let content = html! {
        nav.back aria-label="Back" { a href=(path::INBOX) { "Back to your inbox" } }
        @if !entry.faults.is_empty() {
            div.error-summary role="alert" tabindex="-1" autofocus aria-labelledby="error-title" {
                h2 #error-title { "There is a problem" }
                p { "Nothing was changed. Mend this and send it again:" }
                ul { @for fault in &entry.faults { li { (fault) } } }
            }
        }
        h1 { span.caption { (entry.organisation) } "Your entry in the directory" }
        p.lead { "This is what others see of you, and where what is sent to you goes." }
        form method="post" action=(path::ENTRY) {
            (csrf_field(&entry.csrf))
            h2 { "Who you are and how people reach you" }
            (line("name", "Name", &entry.name, None))
            (line("telephone", "Telephone", &entry.telephone, Some("tel")))
            (line("email", "E-mail", &entry.email, None))
            (line("website", "Website", &entry.website, Some("url")))
            (area("opening", "When you are open", &entry.opening))
            (area("services", "What you do", &entry.services))
            (receives(entry))
            h2 { "Where you are" }
            p { "To take a place away, empty its lines." }
            @for (number, place) in entry.places.iter().enumerate() { (place_lines(number, place)) }
            h2 { "Who works for you" }
            p { "To take somebody away, empty their name and role." }
            @for (number, role) in entry.roles.iter().enumerate() { (role_lines(number, role)) }
            button.button type="submit" { "Save your entry" }
        }
    };
    page(
        title,
        Some(&Session { organisation: &entry.organisation, csrf: &entry.csrf, reviews: entry.reviews }),
        &content,
    )
}

fn receives(entry: &EntryPage) -> Markup {
    html! {
        fieldset.field {
            legend { "How you receive" }
            p {
                input #receives-inbox type="radio" name="receives" value="inbox" checked[!entry.by_fhir];
                label for="receives-inbox" class="choice" { "In the inbox here" }
            }
            p {
                input #receives-fhir type="radio" name="receives" value="fhir" checked[entry.by_fhir];
                label for="receives-fhir" class="choice" { "A system of ours takes FHIR messages" }
            }
            (line("url", "Address of that system (https)", &entry.url, None))
            div.field {
                label for="format" { "Format it wants" }
                select #format name="format" {
                    option value="json" selected[entry.format != "xml"] { "JSON" }
                    option value="xml" selected[entry.format == "xml"] { "XML" }
                }
            }
        }
    }
}

fn place_lines(number: usize, place: &PlaceLine) -> Markup {
    let field = |name: &str| format!("place-{number}-{name}");
    html! {
        fieldset.field {
            legend { @if place.id.is_empty() { "Another place" } @else { "Place " (number + 1) } }
            input type="hidden" name=(field("id")) value=(place.id);
            (line(&field("name"), "Name of the place", &place.name, None))
            (area(&field("address"), "Address without postcode", &place.address))
            (line(&field("postcode"), "Postcode", &place.postcode, None))
        }
    }
}

fn role_lines(number: usize, role: &RoleLine) -> Markup {
    let field = |name: &str| format!("role-{number}-{name}");
    html! {
        fieldset.field {
            legend { @if role.id.is_empty() { "Somebody else" } @else { "Person " (number + 1) } }
            input type="hidden" name=(field("id")) value=(role.id);
            input type="hidden" name=(field("person")) value=(role.person);
            input type="hidden" name=(field("code")) value=(role.code);
            (line(&field("name"), "Name of the person", &role.name, None))
            (line(&field("title"), "Role", &role.title, None))
            (line(&field("team"), "Directory id of the team they work in, if any", &role.team, None))
        }
    }
}

fn line(name: &str, label: &str, value: &str, autocomplete: Option<&str>) -> Markup {
    html! {
        div.field {
            label for=(name) { (label) }
            input id=(name) type="text" name=(name) value=(value) autocomplete=[autocomplete];
        }
    }
}

fn area(name: &str, label: &str, value: &str) -> Markup {
    html! {
        div.field {
            label for=(name) { (label) }
            // a line feed straight after the tag is not part of the text
            textarea id=(name) name=(name) rows="3" { "\n" (value) }
        }
    }
}
