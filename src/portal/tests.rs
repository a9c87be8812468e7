//! What must hold for every portal page: escaping, structure, labels, no scripts, no names in titles.

use super::entry::{EntryPage, PlaceLine, RoleLine, entry};
use super::operations::{OperationsPage, RequestPage, Row, Table, operations, request};
use super::pages::{InboxItem, InboxPage, ItemPage, StepForm, Urgency, inbox, item, message, sign_in};
use super::reviews::{Filled, Found, Review, ReviewPage, ReviewsPage, review, reviews};

const HOSTILE: &str = r#"<script>alert("x")</script>'&"#;
const ESCAPED: &str = "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;'&amp;";

fn inbox_of(text: &str, read: bool) -> InboxPage {
    let line = InboxItem {
        id: text.into(),
        received: text.into(),
        person: text.into(),
        kind: text.into(),
        urgency: Urgency::Urgent,
        read,
        link: text.into(),
    };
    InboxPage {
        organisation: text.into(),
        items: vec![line],
        reviews: true,
        total: 1,
        unread: u32::from(!read),
        earlier: None,
        later: Some(2),
        csrf: text.into(),
    }
}

fn operations_of(text: &str) -> OperationsPage {
    let row = Row { link: Some(text.into()), cells: vec![text.into(), text.into()], overdue: true };
    let table =
        |rows| Table { id: "t", title: text.into(), columns: vec![text.into(), text.into()], rows, empty: text.into() };
    OperationsPage {
        organisation: text.into(),
        tables: vec![table(vec![row]), Table { id: "u", ..table(Vec::new()) }],
        note: Some(text.into()),
        csrf: text.into(),
    }
}

fn request_of(text: &str) -> RequestPage {
    let OperationsPage { organisation, tables, csrf, .. } = operations_of(text);
    RequestPage { organisation, request: text.into(), tables, csrf }
}

fn item_of(text: &str) -> ItemPage {
    ItemPage {
        organisation: text.into(),
        reviews: false,
        title: text.into(),
        received: text.into(),
        from: text.into(),
        urgency: Urgency::Crisis,
        link: text.into(),
        sections: vec![
            (text.into(), vec![text.into()]),
            (text.into(), vec![text.into(), text.into()]),
            (text.into(), Vec::new()),
        ],
        withheld: vec![text.into()],
        crisis_contacts: vec![(text.into(), text.into())],
        steps: vec![StepForm {
            action: text.into(),
            task: text.into(),
            version: 1,
            id: text.into(),
            stands: text.into(),
            buttons: vec![(text.into(), text.into())],
            ask: text.into(),
            teams: vec![(text.into(), text.into())],
            choose: text.into(),
        }],
        csrf: text.into(),
    }
}

fn review_of(text: &str, reviewed: bool) -> Review {
    Review {
        title: text.into(),
        recorded: text.into(),
        facts: vec![("Why", text.into())],
        link: text.into(),
        found: reviewed.then(|| Found {
            verdict: text.into(),
            reviewer: text.into(),
            at: text.into(),
            note: text.into(),
        }),
    }
}

fn review_page(text: &str, reviewed: bool, wrong: &[&str]) -> ReviewPage {
    ReviewPage {
        organisation: text.into(),
        review: review_of(text, reviewed),
        filled: Filled { reviewer: text.into(), verdict: "not-appropriate".into(), note: text.into() },
        errors: wrong.iter().map(|field| ((*field).to_owned(), text.to_owned())).collect(),
        csrf: text.into(),
    }
}

fn reviews_of(text: &str, some: bool) -> ReviewsPage {
    let (open, done) =
        if some { (vec![review_of(text, false)], vec![review_of(text, true)]) } else { Default::default() };
    ReviewsPage { organisation: text.into(), open, done, csrf: text.into() }
}

fn entry_of(text: &str) -> EntryPage {
    let all = || text.to_owned();
    EntryPage {
        organisation: all(),
        name: all(),
        telephone: all(),
        email: all(),
        website: all(),
        opening: all(),
        services: all(),
        by_fhir: true,
        url: all(),
        format: all(),
        places: vec![PlaceLine { id: all(), name: all(), address: all(), postcode: all() }],
        roles: vec![RoleLine { id: all(), person: all(), name: all(), title: all(), team: all(), code: all() }],
        faults: vec![all()],
        csrf: all(),
        reviews: true,
    }
}

/// Every page there is, filled with the same text wherever text can go.
fn every_page(text: &str) -> Vec<(&'static str, String)> {
    vec![
        ("sign-in", sign_in(None, text).into_string()),
        ("sign-in again", sign_in(Some(text), text).into_string()),
        ("inbox", inbox(&inbox_of(text, false)).into_string()),
        ("empty inbox", inbox(&InboxPage { items: Vec::new(), ..inbox_of(text, true) }).into_string()),
        ("item", item(&item_of(text)).into_string()),
        ("reviews", reviews(&reviews_of(text, true)).into_string()),
        ("no reviews", reviews(&reviews_of(text, false)).into_string()),
        ("review", review(&review_page(text, false, &[])).into_string()),
        ("review again", review(&review_page(text, false, &["verdict", "reviewer", "note"])).into_string()),
        ("reviewed", review(&review_page(text, true, &[])).into_string()),
        ("entry", entry(&entry_of(text)).into_string()),
        ("message", message(text, text).into_string()),
        ("operations", operations(&operations_of(text)).into_string()),
        ("request", request(&request_of(text)).into_string()),
    ]
}

/// The elements left open at the end, or the first closing tag that closes nothing.
fn unbalanced(html: &str) -> Option<String> {
    const VOID: &[&str] = &["meta", "link", "input"];
    let mut open: Vec<&str> = Vec::new();
    for tag in html.split('<').skip(1).filter(|tag| !tag.starts_with('!')) {
        let name = tag.split(['>', ' ']).next().unwrap_or_default();
        if let Some(closed) = name.strip_prefix('/') {
            if open.pop() != Some(closed) {
                return Some(format!("</{closed}>"));
            }
        } else if !VOID.contains(&name) {
            open.push(name);
        }
    }
    (!open.is_empty()).then(|| open.join(" "))
}

#[test]
fn whatever_people_are_called_nothing_of_it_becomes_markup() {
    for (page, html) in every_page(HOSTILE) {
        assert!(html.contains(ESCAPED), "{page} shows the text");
        assert!(!html.contains("<script"), "{page} lets markup through");
        let stripped = html.replace(ESCAPED, "");
        assert!(!stripped.contains("alert("), "{page} holds it in some other form");
    }
}

#[test]
fn every_page_closes_what_it_opens() {
    for (page, html) in every_page("Sam Example") {
        assert_eq!(unbalanced(&html), None, "{page}");
    }
    assert_eq!(unbalanced("<p><b></p>"), Some("</p>".into()), "the check itself notices");
    assert_eq!(unbalanced("<main><p></p>"), Some("main".into()), "the check itself notices");
}

#[test]
fn every_page_has_language_skip_link_one_heading_and_a_title() {
    for (page, html) in every_page("Sam Example") {
        assert!(html.starts_with("<!DOCTYPE html><html lang=\"en-GB\">"), "{page}");
        assert!(html.contains("href=\"#main\"") && html.contains("<main id=\"main\""), "{page}");
        assert_eq!(html.matches("<h1").count(), 1, "{page}");
        assert!(html.contains("name=\"viewport\""), "{page}");
        assert!(!html.contains("<title> –"), "{page}");
    }
}

#[test]
fn no_page_needs_a_script_or_an_inline_style() {
    for (page, html) in every_page("Sam Example") {
        for forbidden in ["<script", "<style", " style=", " onclick", "javascript:", "http://", "https://"] {
            assert!(!html.contains(forbidden), "{page} has {forbidden}");
        }
    }
}

#[test]
fn every_field_has_a_label_and_every_form_its_token() {
    for (page, html) in every_page("token-1") {
        for id in ["username", "password", "verdict", "verdict-2", "reviewer", "note"] {
            if html.contains(&format!("id=\"{id}\"")) {
                assert!(html.contains(&format!("<label for=\"{id}\"")), "{page} {id}");
            }
        }
        let tokens = html.matches("name=\"csrf\" value=\"token-1\"").count();
        assert_eq!(tokens, html.matches("<form").count(), "{page}");
    }
}

#[test]
fn the_page_title_names_no_person() {
    let named = ItemPage { title: "Referral of Sam Example".into(), ..item_of("") };
    for html in [item(&named).into_string(), inbox(&inbox_of("Sam Example", false)).into_string()] {
        let title = html.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).unwrap();
        assert!(!title.contains("Sam"), "{title}");
        assert!(html.contains("Sam Example"), "the page itself does");
    }
}

#[test]
fn a_failed_sign_in_says_so_in_title_summary_and_beside_the_field() {
    let wrong = sign_in(Some("The user name or password is wrong."), "t").into_string();
    assert!(wrong.contains("<title>Error: Sign in"));
    assert!(wrong.contains("role=\"alert\"") && wrong.contains("href=\"#username\""));
    assert!(wrong.contains("aria-describedby=\"sign-in-error\"") && wrong.contains("id=\"sign-in-error\""));
    let first = sign_in(None, "t").into_string();
    assert!(!first.contains("alert") && !first.contains("aria-invalid") && !first.contains("sign-in-error"));
}

#[test]
fn the_inbox_says_what_is_new_in_words() {
    let new = inbox(&inbox_of("Sam Example", false)).into_string();
    assert!(new.contains("1 item, 1 not read yet") && new.contains("<strong>Not read yet</strong>"));
    let read = inbox(&inbox_of("Sam Example", true)).into_string();
    assert!(read.contains("1 item, 0 not read yet") && !read.contains("<strong>Not read yet</strong>"));
    let none = inbox(&InboxPage { items: Vec::new(), ..inbox_of("Roots", true) }).into_string();
    assert!(none.contains("Nothing has come yet") && !none.contains("<table"));
    assert_eq!(new.matches("scope=\"col\"").count(), 5);
    assert_eq!(new.matches("scope=\"row\"").count(), 1);
}

#[test]
fn an_item_tells_what_was_kept_back_and_only_then() {
    let some = item(&ItemPage { withheld: vec!["medication (CS-04)".into()], ..item_of("x") }).into_string();
    assert!(some.contains("You are not seeing everything") && some.contains("medication (CS-04)"));
    let all = item(&ItemPage { withheld: Vec::new(), crisis_contacts: Vec::new(), ..item_of("x") }).into_string();
    assert!(!all.contains("You are not seeing everything") && !all.contains("<aside"));
}

#[test]
fn only_who_may_review_finds_the_way_there_in_the_header() {
    let shown = |reviews| inbox(&InboxPage { reviews, ..inbox_of("x", true) }).into_string();
    assert!(shown(true).contains("href=\"/portal/reviews\"") && !shown(false).contains("/portal/reviews"));
}

#[test]
fn a_review_that_lacks_something_says_so_in_title_summary_and_beside_the_field_and_keeps_what_was_filled_in() {
    let wrong = review(&review_page("Ann", false, &["verdict", "reviewer"])).into_string();
    assert!(wrong.contains("<title>Error: Review") && wrong.contains("role=\"alert\""));
    for field in ["verdict", "reviewer"] {
        assert!(wrong.contains(&format!("href=\"#{field}\"")) && wrong.contains(&format!("id=\"{field}\"")), "{field}");
        let error = format!("{field}-error");
        assert!(wrong.contains(&format!("id=\"{error}\"")) && wrong.contains(&format!("aria-describedby=\"{error}\"")));
    }
    assert!(wrong.contains("value=\"not-appropriate\" checked") && wrong.contains("value=\"Ann\""));
    let first = review(&review_page("Ann", false, &[])).into_string();
    assert!(!first.contains("alert") && !first.contains("aria-invalid") && !first.contains("-error"));
    let done = review(&review_page("Ann", true, &[])).into_string();
    assert!(done.contains("Reviewed: Ann") && !done.contains("<textarea"), "what is done has no form");
}
