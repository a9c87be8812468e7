//! What must hold for every portal page: escaping, structure, labels, no scripts, no names in titles.

use super::pages::{InboxItem, InboxPage, ItemPage, StepForm, Urgency, inbox, item, message, sign_in};

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
    InboxPage { organisation: text.into(), items: vec![line], csrf: text.into() }
}

fn item_of(text: &str) -> ItemPage {
    ItemPage {
        organisation: text.into(),
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
        }],
        csrf: text.into(),
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
        ("message", message(text, text).into_string()),
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
        for id in ["username", "password"] {
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
