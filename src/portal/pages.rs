//! The portal's pages as markup: sign-in, inbox, one item, a plain message. Words are for a charity with two staff.
//! Takes finished text; must not look anything up, decide what may be shown, or name a person in a page title.

use maud::{Markup, html};

use super::layout::{Session, csrf_field, page};
use super::path;

/// How soon the sender asked for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    Routine,
    Urgent,
    Crisis,
}

impl Urgency {
    /// The word on the page; colour only repeats it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Routine => "Routine",
            Self::Urgent => "Urgent",
            Self::Crisis => "Crisis",
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Routine => "tag tag-plain",
            Self::Urgent => "tag tag-urgent",
            Self::Crisis => "tag tag-crisis",
        }
    }
}

/// The inbox of one organisation.
pub struct InboxPage {
    pub organisation: String,
    /// The reader is of the trust: it may review overrides and emergencies, and see the operations page.
    pub reviews: bool,
    /// In the order to show, newest first.
    pub items: Vec<InboxItem>,
    /// On all pages.
    pub total: u32,
    pub unread: u32,
    /// Numbers of the pages before and after this one, where there are.
    pub earlier: Option<u32>,
    pub later: Option<u32>,
    /// Token of the session's forms.
    pub csrf: String,
}

/// One line of the inbox.
pub struct InboxItem {
    pub id: String,
    /// When it came, in words: `12 March 2026, 9:41am`.
    pub received: String,
    /// The person it is about, as they are called.
    pub person: String,
    /// What it is: `Referral`.
    pub kind: String,
    pub urgency: Urgency,
    pub read: bool,
    /// Address of the item's page.
    pub link: String,
}

/// One item, reduced to what its reader may see.
pub struct ItemPage {
    pub organisation: String,
    /// The reader may review overrides and emergencies.
    pub reviews: bool,
    /// Heading of the page: `Referral of Sam Example`.
    pub title: String,
    pub received: String,
    /// Who sent it.
    pub from: String,
    pub urgency: Urgency,
    /// Address of this page; its files are below it ([`super::path`]).
    pub link: String,
    /// Heading and lines; one line is shown as a paragraph, several as a list.
    pub sections: Vec<(String, Vec<String>)>,
    /// What was kept back and why, one sentence each; never its content.
    pub withheld: Vec<String>,
    /// Whom to turn to and how, from the directory.
    pub crisis_contacts: Vec<(String, String)>,
    /// How the request stands and what its reader may say of it; nothing where it is no request.
    pub steps: Vec<StepForm>,
    pub csrf: String,
}

/// What a reader may say of a request.
pub struct StepForm {
    /// Address the form is sent to.
    pub action: String,
    pub task: String,
    pub version: u32,
    /// Identifier of the step, so that a form sent twice is one step.
    pub id: String,
    /// How it stands: `Referral with City East Team: accepted, since 12 March 2026, 9:41am`.
    pub stands: String,
    /// Code and words of each button.
    pub buttons: Vec<(String, String)>,
    /// What to write in the field, where something may have to be.
    pub ask: String,
    /// Id and name of each team it can be passed on to; none where nothing that may be said passes it on.
    pub teams: Vec<(String, String)>,
    /// When to choose one of them.
    pub choose: String,
}

/// The sign-in form; `error` says what went wrong without saying which of the two fields was wrong.
#[must_use]
pub fn sign_in(error: Option<&str>, csrf: &str) -> Markup {
    let title = if error.is_some() { "Error: Sign in" } else { "Sign in" };
    let field_class = if error.is_some() { "field field-wrong" } else { "field" };
    let content = html! {
        @if let Some(text) = error {
            // focus comes here when the page loads, which without scripts only autofocus can do
            div.error-summary role="alert" tabindex="-1" autofocus aria-labelledby="error-title" {
                h2 #error-title { "There is a problem" }
                p { a href="#username" { (text) } }
            }
        }
        h1 { "Sign in" }
        p { "Read the referrals and letters that have been sent to your organisation." }
        form.sign-in method="post" action=(path::SIGN_IN) {
            (csrf_field(csrf))
            div class=(field_class) {
                label for="username" { "User name" }
                @if let Some(text) = error {
                    p.error-message #sign-in-error { span.hidden { "Error: " } (text) }
                }
                input #username type="text" name="username" autocomplete="username" autocapitalize="none"
                    spellcheck="false" required aria-invalid=[error.map(|_| "true")]
                    aria-describedby=[error.map(|_| "sign-in-error")];
            }
            div class=(field_class) {
                label for="password" { "Password" }
                input #password type="password" name="password" autocomplete="current-password" required
                    aria-invalid=[error.map(|_| "true")] aria-describedby=[error.map(|_| "sign-in-error")];
            }
            button.button type="submit" { "Sign in" }
        }
        h2.small { "If you cannot sign in" }
        p { "Ask the organisation that set up your account. It can give you a new password." }
    };
    page(title, None, &content)
}

/// The list of what has come.
#[must_use]
pub fn inbox(inbox: &InboxPage) -> Markup {
    let content = html! {
        h1 { span.caption { (inbox.organisation) } "Your inbox" }
        @if inbox.reviews {
            p { a href=(path::OPERATIONS) { "Operations: what is overdue, due soon or stuck" } }
        }
        p { a href=(path::ENTRY) { "Your entry in the directory" } }
        @if inbox.items.is_empty() {
            p.lead { "Nothing has come yet." }
            p { "Referrals and letters sent to you will be listed here. There is nothing you need to set up." }
        } @else {
            p.lead { (count(inbox.total, "item", "items")) ", " (inbox.unread) " not read yet" }
            // roles are spelt out because the style sheet turns rows into cards on narrow screens
            table role="table" {
                caption.hidden { "Referrals and letters, newest first" }
                thead role="rowgroup" {
                    tr role="row" {
                        th scope="col" role="columnheader" { "Person" }
                        th scope="col" role="columnheader" { "What it is" }
                        th scope="col" role="columnheader" { "How soon" }
                        th scope="col" role="columnheader" { "Received" }
                        th scope="col" role="columnheader" { "Status" }
                    }
                }
                tbody role="rowgroup" { @for item in &inbox.items { (row(item)) } }
            }
            @if inbox.earlier.is_some() || inbox.later.is_some() {
                nav.pages aria-label="Pages" {
                    @if let Some(number) = inbox.earlier {
                        a href={ (path::INBOX) "?page=" (number) } { "Back to page " (number) }
                    }
                    @if let Some(number) = inbox.later {
                        a href={ (path::INBOX) "?page=" (number) } { "On to page " (number) }
                    }
                }
            }
        }
    };
    page(
        "Your inbox",
        Some(&Session { organisation: &inbox.organisation, csrf: &inbox.csrf, reviews: inbox.reviews }),
        &content,
    )
}

fn row(item: &InboxItem) -> Markup {
    html! {
        tr role="row" class=[(!item.read).then_some("unread")] {
            th scope="row" role="rowheader" { a #{"item-" (item.id)} href=(item.link) { (item.person) } }
            td role="cell" { span.cell-label aria-hidden="true" { "What it is" } (item.kind) }
            td role="cell" { span.cell-label aria-hidden="true" { "How soon" } (tag(item.urgency)) }
            td role="cell" { span.cell-label aria-hidden="true" { "Received" } (item.received) }
            td role="cell" {
                span.cell-label aria-hidden="true" { "Status" }
                @if item.read { "Read" } @else { strong { "Not read yet" } }
            }
        }
    }
}

/// One item in full.
#[must_use]
pub fn item(item: &ItemPage) -> Markup {
    let content = html! {
        nav.back aria-label="Back" { a href=(path::INBOX) { "Back to your inbox" } }
        h1 { (item.title) }
        dl.summary {
            div { dt { "From" } dd { (item.from) } }
            div { dt { "Received" } dd { (item.received) } }
            div { dt { "How soon" } dd { (tag(item.urgency)) } }
        }
        p.files {
            a href={ (item.link) (path::PDF) } { "Download as PDF" }
            " or "
            a href={ (item.link) (path::TEXT) } { "as plain text" }
        }
        div.columns {
            article {
                @if !item.withheld.is_empty() { (withheld(&item.withheld)) }
                @for (heading, lines) in &item.sections {
                    section { h2 { (heading) } (text(lines)) }
                }
            }
            @if !item.crisis_contacts.is_empty() { (contacts(&item.crisis_contacts)) }
        }
        @for (place, form) in item.steps.iter().enumerate() { (steps(place, form, &item.csrf)) }
    };
    page(
        &format!("{} item", item.urgency.title()),
        Some(&Session { organisation: &item.organisation, csrf: &item.csrf, reviews: item.reviews }),
        &content,
    )
}

/// One form for all that may be said: each button is a status, the field says why.
fn steps(place: usize, form: &StepForm, csrf: &str) -> Markup {
    let field = format!("reason-{place}");
    let hint = format!("reason-{place}-hint");
    html! {
        section.steps {
            h2.apart { "Tell the others how it stands" }
            p { (form.stands) }
            @if !form.buttons.is_empty() {
                form method="post" action=(form.action) {
                    (csrf_field(csrf))
                    input type="hidden" name="task" value=(form.task);
                    input type="hidden" name="version" value=(form.version);
                    input type="hidden" name="step" value=(form.id);
                    div.field {
                        label for=(field) { "Reason, or what you need to know" }
                        p.hint id=(hint) { (form.ask) }
                        textarea id=(field) name="reason" rows="3" aria-describedby=(hint) {}
                    }
                    @if !form.teams.is_empty() {
                        div.field {
                            label for={ "team-" (place) } { "Team" }
                            p.hint id={ "team-" (place) "-hint" } { (form.choose) }
                            select id={ "team-" (place) } name="team" aria-describedby={ "team-" (place) "-hint" } {
                                option value="" selected { "None chosen" }
                                @for (id, name) in &form.teams { option value=(id) { (name) } }
                            }
                        }
                    }
                    @for (code, words) in &form.buttons {
                        button.button type="submit" name="status" value=(code) { (words) }
                        " "
                    }
                }
            }
        }
    }
}

fn withheld(reasons: &[String]) -> Markup {
    html! {
        section.inset {
            h2.small { "You are not seeing everything" }
            p { "Some of what was sent is not shown to your organisation:" }
            ul { @for reason in reasons { li { (reason) } } }
        }
    }
}

fn contacts(contacts: &[(String, String)]) -> Markup {
    html! {
        aside.contacts aria-labelledby="contacts-title" {
            h2.small #contacts-title { "If you are worried about this person" }
            dl { @for (name, how) in contacts { dt { (name) } dd { (how) } } }
        }
    }
}

/// A page that only tells something: an error, or that somebody has signed out.
#[must_use]
pub fn message(title: &str, text: &str) -> Markup {
    let content = html! {
        h1 { (title) }
        p.lead { (text) }
        p { a href=(path::INBOX) { "Go to your inbox" } }
    };
    page(title, None, &content)
}

fn tag(urgency: Urgency) -> Markup {
    html! { strong class=(urgency.class()) { (urgency.title()) } }
}

fn text(lines: &[String]) -> Markup {
    html! {
        @match lines {
            [] => p { "Nothing was written here." },
            [only] => p.written { (only) },
            several => ul.written { @for line in several { li { (line) } } },
        }
    }
}

fn count(number: u32, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
