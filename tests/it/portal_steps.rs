//! The form on which a reader of the portal says how a request stands: what it offers, what it takes and from whom.

use cmht_gateway::model::DocumentKind;
use serde_json::Value;

use crate::consent_records::{NATIVE, told};
use crate::portal::{Browser, sign_in_as};
use crate::support::{TRUST, TestGateway, party, plan};

const EAST: &str = "lpt-cmht-city-east";

/// A handover that waits in the charity's inbox: its request, and the address of the item.
async fn handed_over(gateway: &TestGateway) -> (String, String) {
    let sent = gateway.post("/documents/social-prescribing-handover", TRUST, NATIVE);
    let answer =
        told(sent.body(plan("social-prescribing-handover", "full").to_string()).send().await.unwrap(), 200).await;
    let items = gateway.running.store.inbox(&party("wellbeing-roots")).await.unwrap();
    let item = items.iter().find(|item| item.kind == DocumentKind::SocialPrescribingHandover).unwrap().delivery;
    (answer["message"].as_str().unwrap().to_owned(), format!("/portal/items/{item}"))
}

/// The value of a hidden field.
fn field(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    page.split(&start).nth(1).unwrap_or_else(|| panic!("no {name} in {page}")).split('"').next().unwrap().to_owned()
}

/// The fields that go with every button.
fn hidden(page: &str) -> Vec<(String, String)> {
    ["csrf", "task", "version", "step"].iter().map(|name| ((*name).to_owned(), field(page, name))).collect()
}

async fn press(
    browser: &mut Browser,
    gateway: &TestGateway,
    item: &str,
    hidden: &[(String, String)],
    more: &[(&str, &str)],
) -> (u16, String) {
    let mut fields: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.extend(more);
    let answer = browser.post(gateway.url(&format!("{item}/status")), &fields).await;
    (answer.status().as_u16(), answer.text().await.unwrap())
}

async fn charity(gateway: &TestGateway) -> Browser {
    let mut browser = Browser::new();
    let answer = sign_in_as(&mut browser, gateway, "wellbeing-roots", "wellbeing-roots-password").await;
    assert_eq!(answer.status(), 303);
    browser
}

async fn read(browser: &mut Browser, gateway: &TestGateway, item: &str) -> String {
    browser.get(gateway.url(item)).await.text().await.unwrap()
}

/// Every task of a request: owner, status.
async fn tasks(gateway: &TestGateway, request: &str) -> Vec<(String, String)> {
    let found = told(gateway.get(&format!("/requests/{request}"), TRUST).send().await.unwrap(), 200).await;
    let text = |task: &Value, name: &str| task[name].as_str().unwrap().to_owned();
    found["tasks"].as_array().unwrap().iter().map(|task| (text(task, "owner"), text(task, "status"))).collect()
}

/// How the charity's own task stands.
async fn own(gateway: &TestGateway, request: &str) -> String {
    let all = tasks(gateway, request).await;
    all.into_iter().find(|(owner, _)| owner == "wellbeing-roots").unwrap().1
}

async fn updates(gateway: &TestGateway, owner: &str) -> usize {
    let items = gateway.running.store.inbox(&party(owner)).await.unwrap();
    items.iter().filter(|item| item.kind == DocumentKind::StatusUpdate).count()
}

#[tokio::test]
async fn a_reader_is_offered_the_steps_they_may_take_and_a_form_sent_twice_is_one_step_told_once() {
    let gateway = TestGateway::alone().await;
    let (request, item) = handed_over(&gateway).await;
    let mut browser = charity(&gateway).await;
    let page = read(&mut browser, &gateway, &item).await;
    for words in
        ["Accept", "Decline", "Redirect", "Ask for information", "Contacted", "Needed for: Ask for information"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    for words in [">Completed<", ">Entered in error<", ">Allocated to a worker<"] {
        assert!(!page.contains(words), "{words} is not for this reader now");
    }
    let form = hidden(&page);
    for _ in 0..2 {
        assert_eq!(press(&mut browser, &gateway, &item, &form, &[("status", "accepted")]).await.0, 303);
    }
    assert_eq!(own(&gateway, &request).await, "accepted");
    assert_eq!(updates(&gateway, EAST).await, 1, "told once");
    let page = read(&mut browser, &gateway, &item).await;
    assert!(page.contains(">Completed<") && page.contains(">Allocated to a worker<"), "{page}");
    assert!(!page.contains(">Decline<"));
    // a form that was open meanwhile is of a version that is gone
    let stale: Vec<(String, String)> = form
        .iter()
        .map(|(name, value)| {
            let other = "018f0000-0000-7000-8000-000000000001".to_owned();
            (name.clone(), if name == "step" { other } else { value.clone() })
        })
        .collect();
    assert_eq!(press(&mut browser, &gateway, &item, &stale, &[("status", "contacted")]).await.0, 412);
}

#[tokio::test]
async fn what_cannot_be_said_now_or_without_a_reason_is_refused_in_words_and_moves_nothing() {
    let gateway = TestGateway::alone().await;
    let (request, item) = handed_over(&gateway).await;
    let mut browser = charity(&gateway).await;
    let form = hidden(&read(&mut browser, &gateway, &item).await);
    let (status, page) = press(&mut browser, &gateway, &item, &form, &[("status", "completed")]).await;
    assert!(status == 409 && page.contains("This cannot be said now"), "{status} {page}");
    let (status, page) = press(&mut browser, &gateway, &item, &form, &[("status", "declined"), ("reason", "++")]).await;
    assert!(status == 422 && page.contains("Say why"), "{status} {page}");
    // its sender's to say
    let (status, _) =
        press(&mut browser, &gateway, &item, &form, &[("status", "cancelled-by-requester"), ("reason", "x")]).await;
    assert_eq!(status, 403);
    assert_eq!(press(&mut browser, &gateway, &item, &form, &[("status", "lost")]).await.0, 404);
    assert_eq!(own(&gateway, &request).await, "received");
    assert_eq!(updates(&gateway, EAST).await, 0);
}

#[tokio::test]
async fn nobody_moves_a_request_with_a_forged_form_without_a_session_or_from_another_organisation() {
    let gateway = TestGateway::alone().await;
    let (request, item) = handed_over(&gateway).await;
    let mut browser = charity(&gateway).await;
    let form = hidden(&read(&mut browser, &gateway, &item).await);
    let forged: Vec<(String, String)> = form
        .iter()
        .map(|(name, value)| (name.clone(), if name == "csrf" { "forged".to_owned() } else { value.clone() }))
        .collect();
    assert_eq!(press(&mut browser, &gateway, &item, &forged, &[("status", "accepted")]).await.0, 403);
    let mut nobody = Browser::new();
    let (status, _) = press(&mut nobody, &gateway, &item, &form, &[("status", "accepted")]).await;
    assert_eq!(status, 303, "to the page for signing in");
    let mut trust = Browser::new();
    assert_eq!(sign_in_as(&mut trust, &gateway, "lpt-operations", "lpt-operations-password").await.status(), 303);
    let inbox = trust.get(gateway.url("/portal")).await.text().await.unwrap();
    let token = field(&inbox, "csrf");
    let theirs: Vec<(String, String)> = form
        .iter()
        .map(|(name, value)| (name.clone(), if name == "csrf" { token.clone() } else { value.clone() }))
        .collect();
    // the trust sent it and may not accept it for the charity; the charity's session is no use to it either
    assert_eq!(press(&mut trust, &gateway, &item, &theirs, &[("status", "accepted")]).await.0, 403);
    assert_eq!(press(&mut trust, &gateway, &item, &form, &[("status", "accepted")]).await.0, 403);
    // of a task that is not there, and of one of somebody else's, the same
    let sent = gateway.post("/documents/clinical-information-request", TRUST, NATIVE);
    let mut asked = plan("clinical-information-request", "full");
    asked.as_object_mut().unwrap().shift_remove("replaces");
    let other = told(sent.body(asked.to_string()).send().await.unwrap(), 200).await;
    let other = other["message"].as_str().unwrap();
    let found = told(gateway.get(&format!("/requests/{other}"), TRUST).send().await.unwrap(), 200).await;
    let task = found["tasks"].as_array().unwrap().iter().find(|task| task["owner"] == "harbour-clinic").unwrap();
    let mut answers = Vec::new();
    for id in [task["task"].as_str().unwrap(), "018f0000-0000-7000-8000-000000000009"] {
        let fields: Vec<(String, String)> = form
            .iter()
            .map(|(name, value)| (name.clone(), if name == "task" { id.to_owned() } else { value.clone() }))
            .collect();
        answers.push(press(&mut browser, &gateway, &item, &fields, &[("status", "accepted")]).await);
    }
    assert!(answers[0].0 == 404 && answers[0] == answers[1], "{answers:?}");
    assert_eq!(own(&gateway, &request).await, "received");
}

#[tokio::test]
async fn a_request_is_redirected_to_a_team_chosen_from_the_directory() {
    let gateway = TestGateway::alone().await;
    let (request, item) = handed_over(&gateway).await;
    let mut browser = charity(&gateway).await;
    let page = read(&mut browser, &gateway, &item).await;
    assert!(page.contains("<option value=\"speakwell-advocacy\">"), "{page}");
    for not in ["wellbeing-roots", EAST, "demo-gp", "lpt"] {
        assert!(!page.contains(&format!("<option value=\"{not}\">")), "{not} is no team to pass this on to");
    }
    let form = hidden(&page);
    let redirect = [("status", "redirected"), ("reason", "Nearer+to+him")];
    let (status, page) = press(&mut browser, &gateway, &item, &form, &redirect).await;
    assert!(status == 422 && page.contains("Name the team"), "{status} {page}");
    let named = [redirect[0], redirect[1], ("team", "no-such-team")];
    assert_eq!(press(&mut browser, &gateway, &item, &form, &named).await.0, 422);
    assert_eq!(own(&gateway, &request).await, "received");
    let named = [redirect[0], redirect[1], ("team", "lpt-cmht-city-west")];
    assert_eq!(press(&mut browser, &gateway, &item, &form, &named).await.0, 303);
    let found = tasks(&gateway, &request).await;
    assert!(found.contains(&("wellbeing-roots".to_owned(), "redirected".to_owned())), "{found:?}");
    assert!(found.contains(&("lpt-cmht-city-west".to_owned(), "received".to_owned())), "{found:?}");
    assert_eq!((updates(&gateway, EAST).await, updates(&gateway, "lpt-cmht-city-west").await), (1, 1));
}
