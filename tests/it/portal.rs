//! The portal as a charity uses it: sign in, read the inbox, open an item, sign out. No script, no FHIR.

use reqwest::{Client, Response, header};
use serde_json::Value;

use crate::support::{TestGateway, example};

pub(crate) struct Browser {
    client: Client,
    cookies: Vec<(String, String)>,
}

impl Browser {
    pub(crate) fn new() -> Self {
        Self {
            client: Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap(),
            cookies: Vec::new(),
        }
    }

    fn keep(&mut self, response: &Response) {
        for line in response.headers().get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            assert!(line.contains("HttpOnly") && line.contains("SameSite=Strict"), "{line}");
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(kept, _)| kept != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
    }

    fn cookie_line(&self) -> String {
        self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; ")
    }

    pub(crate) async fn get(&mut self, url: String) -> Response {
        let response = self.client.get(url).header("cookie", self.cookie_line()).send().await.unwrap();
        self.keep(&response);
        response
    }

    pub(crate) async fn post(&mut self, url: String, fields: &[(&str, &str)]) -> Response {
        let body = fields.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("&");
        let request = self.client.post(url).header("cookie", self.cookie_line());
        let response =
            request.header("content-type", "application/x-www-form-urlencoded").body(body).send().await.unwrap();
        self.keep(&response);
        response
    }
}

/// The value of the hidden field of a form.
pub(crate) fn csrf(page: &str) -> String {
    let at = page.find("name=\"csrf\" value=\"").unwrap() + "name=\"csrf\" value=\"".len();
    page[at..].split('"').next().unwrap().to_owned()
}

pub(crate) async fn sign_in(browser: &mut Browser, gateway: &TestGateway, password: &str) -> Response {
    sign_in_as(browser, gateway, "wellbeing-roots", password).await
}

pub(crate) async fn sign_in_as(browser: &mut Browser, gateway: &TestGateway, user: &str, password: &str) -> Response {
    let form = browser.get(gateway.url("/portal/sign-in")).await.text().await.unwrap();
    let token = csrf(&form);
    let fields = [("username", user), ("password", password), ("csrf", &token)];
    browser.post(gateway.url("/portal/sign-in"), &fields).await
}

/// The cookies of a user who has signed in.
pub(crate) async fn signed_in(gateway: &TestGateway, user: &str, password: &str) -> String {
    let mut browser = Browser::new();
    assert_eq!(sign_in_as(&mut browser, gateway, user, password).await.status(), 303);
    browser.cookie_line()
}

#[tokio::test]
async fn a_charity_signs_in_reads_what_it_may_and_signs_out() {
    let gateway = TestGateway::alone().await;
    gateway.refer(example("complete")).await;
    let mut browser = Browser::new();
    let first = browser.get(gateway.url("/portal")).await;
    assert_eq!(first.status(), 303, "without sign-in there is only the sign-in page");

    assert_eq!(sign_in(&mut browser, &gateway, "wellbeing-roots-password").await.status(), 303);
    let inbox = browser.get(gateway.url("/portal")).await;
    assert_eq!(inbox.headers()["cache-control"], "no-store");
    assert!(inbox.headers()["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    let inbox = inbox.text().await.unwrap();
    let referral: Value = serde_json::from_str(&example("complete")).unwrap();
    let family = referral["person"]["names"][0]["family"].as_str().unwrap();
    assert!(inbox.contains(family) && inbox.contains("Not read yet"));

    let link = inbox.split("href=\"/portal/items/").nth(1).unwrap().split('"').next().unwrap();
    let item = browser.get(gateway.url(&format!("/portal/items/{link}"))).await.text().await.unwrap();
    assert!(item.contains(family));
    assert!(item.contains("CS-"), "what is withheld, and by which rule, is said");
    assert!(item.contains("116 123"), "crisis contacts come from the directory");
    assert!(!browser.get(gateway.url("/portal")).await.text().await.unwrap().contains("Not read yet"));

    let token = csrf(&item);
    let forged = browser.post(gateway.url("/portal/sign-out"), &[("csrf", "forged")]).await;
    assert_eq!(forged.status(), 403);
    let out = browser.post(gateway.url("/portal/sign-out"), &[("csrf", &token)]).await;
    assert_eq!(out.status(), 303);
    assert_eq!(browser.get(gateway.url("/portal")).await.status(), 303, "signed out");
}

#[tokio::test]
async fn a_wrong_password_and_a_form_from_elsewhere_let_nobody_in() {
    let gateway = TestGateway::alone().await;
    let mut browser = Browser::new();
    assert_eq!(sign_in(&mut browser, &gateway, "wrong").await.status(), 401);
    let fields = [("username", "wellbeing-roots"), ("password", "wellbeing-roots-password"), ("csrf", "made-up")];
    assert_eq!(browser.post(gateway.url("/portal/sign-in"), &fields).await.status(), 403);
    assert_eq!(browser.get(gateway.url("/portal")).await.status(), 303);
}

#[tokio::test]
async fn an_item_of_another_organisation_is_not_there() {
    let gateway = TestGateway::alone().await;
    gateway.refer(example("complete")).await;
    let items =
        gateway.running.gateway.inbox(&crate::support::party("lpt"), "test", 0, jiff::Timestamp::now()).await.unwrap();
    let foreign = items.items[0].1.delivery;
    let mut browser = Browser::new();
    sign_in(&mut browser, &gateway, "wellbeing-roots-password").await;
    assert_eq!(browser.get(gateway.url(&format!("/portal/items/{foreign}"))).await.status(), 404);
    assert_eq!(browser.get(gateway.url("/portal/items/nonsense")).await.status(), 404);
}

#[tokio::test]
async fn an_item_is_downloaded_as_pdf_and_text_with_what_its_reader_may_see_and_no_more() {
    let gateway = TestGateway::alone().await;
    gateway.refer(example("complete")).await;
    let mut browser = Browser::new();
    sign_in(&mut browser, &gateway, "wellbeing-roots-password").await;
    let inbox = browser.get(gateway.url("/portal")).await.text().await.unwrap();
    let id = inbox.split("href=\"/portal/items/").nth(1).unwrap().split('"').next().unwrap();
    let page = browser.get(gateway.url(&format!("/portal/items/{id}"))).await.text().await.unwrap();
    let referral: Value = serde_json::from_str(&example("complete")).unwrap();
    let family = referral["person"]["names"][0]["family"].as_str().unwrap();
    for (ending, media_type, name) in [("pdf", "application/pdf", "pdf"), ("text", "text/plain; charset=utf-8", "txt")]
    {
        let link = format!("/portal/items/{id}/{ending}");
        assert!(page.contains(&format!("href=\"{link}\"")), "{page}");
        let file = browser.get(gateway.url(&link)).await;
        assert_eq!(file.status(), 200);
        let headers = file.headers().clone();
        assert_eq!(headers["content-type"], media_type);
        assert_eq!(headers["content-disposition"], format!("attachment; filename=\"referral.{name}\""));
        assert_eq!(
            (&headers["cache-control"], &headers["x-content-type-options"]),
            (&"no-store".parse().unwrap(), &"nosniff".parse().unwrap())
        );
        assert!(headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
        let bytes = file.bytes().await.unwrap();
        let text = if ending == "pdf" {
            assert!(bytes.starts_with(b"%PDF"));
            if !crate::support::program::installed("pdftotext", "poppler-utils") {
                continue;
            }
            crate::rendered::poppler("pdftotext", &["-enc", "UTF-8"], &bytes)
        } else {
            String::from_utf8(bytes.to_vec()).unwrap()
        };
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(family) && text.contains("not shown to your organisation") && text.contains("CS-"));
        let history = referral["previous_psychiatric_history"][0]["text"].as_str().unwrap();
        let begins: String = history.chars().take(25).collect();
        assert!(!page.contains(&begins) && !text.contains(&begins), "withheld from the page, withheld from the file");
    }
}

#[tokio::test]
async fn nobody_downloads_without_signing_in_nor_what_lies_in_another_inbox() {
    let gateway = TestGateway::alone().await;
    gateway.refer(example("complete")).await;
    let items =
        gateway.running.gateway.inbox(&crate::support::party("lpt"), "test", 0, jiff::Timestamp::now()).await.unwrap();
    let foreign = items.items[0].1.delivery;
    let mut browser = Browser::new();
    assert_eq!(browser.get(gateway.url(&format!("/portal/items/{foreign}/pdf"))).await.status(), 303);
    sign_in(&mut browser, &gateway, "wellbeing-roots-password").await;
    for file in ["pdf", "text"] {
        assert_eq!(browser.get(gateway.url(&format!("/portal/items/{foreign}/{file}"))).await.status(), 404);
        assert_eq!(browser.get(gateway.url(&format!("/portal/items/nonsense/{file}"))).await.status(), 404);
    }
}

// === The review of overrides and emergencies ===

/// Records an override for the charity as the trust, and an emergency as the crisis team; gives their ids.
async fn claimed(gateway: &TestGateway) -> [String; 2] {
    let until = jiff::Timestamp::now().checked_add(jiff::SignedDuration::from_hours(24)).unwrap();
    let bodies = [
        (
            "/consent/overrides",
            serde_json::json!({
                "person": "9990000018", "basis": "safeguarding", "recipient": "wellbeing-roots",
                "categories": ["demographics", "safeguarding"], "professional": "Made-up Nurse, charge nurse",
                "rationale": "A made-up reason & <b>more</b>", "until": until.to_string(),
            }),
        ),
        (
            "/consent/emergency",
            serde_json::json!({
                "person": "9990000018", "professional": "Made-up Doctor, on call", "reason": "Made-up emergency",
                "team": "lpt-crht",
            }),
        ),
    ];
    let mut ids = Vec::new();
    for (path, body) in bodies {
        let sent = gateway.post(path, ("lpt", "lpt-secret"), "application/json").body(body.to_string()).send().await;
        let made: Value = sent.unwrap().json().await.unwrap();
        ids.push(made["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned());
    }
    ids.try_into().unwrap()
}

async fn browsing(gateway: &TestGateway, name: &str) -> Browser {
    let mut browser = Browser::new();
    let form = browser.get(gateway.url("/portal/sign-in")).await.text().await.unwrap();
    let (token, password) = (csrf(&form), format!("{name}-password"));
    let fields = [("username", name), ("password", password.as_str()), ("csrf", &token)];
    assert_eq!(browser.post(gateway.url("/portal/sign-in"), &fields).await.status(), 303, "{name}");
    browser
}

#[tokio::test]
async fn whoever_leads_on_governance_sees_what_waits_and_records_what_they_found_once() {
    let gateway = TestGateway::alone().await;
    let [overriding, emergency] = claimed(&gateway).await;
    let mut lead = browsing(&gateway, "lpt").await;
    let inbox = lead.get(gateway.url("/portal")).await.text().await.unwrap();
    assert!(inbox.contains("href=\"/portal/reviews\""), "the way there is in the header");

    let list = lead.get(gateway.url("/portal/reviews")).await;
    assert_eq!(list.status(), 200);
    assert_eq!(list.headers()["cache-control"], "no-store");
    let list = list.text().await.unwrap();
    assert!(list.contains("Waiting for review (2)") && list.contains("Reviewed (0)"), "{list}");
    for told in [
        "Override (CS-09)",
        "Emergency (CS-10)",
        "Made-up Nurse, charge nurse",
        "safeguarding",
        "A made-up reason &amp; &lt;b&gt;more&lt;/b&gt;",
        "Wellbeing Roots",
        "NHS number 999 000 0018",
        "Made-up Doctor, on call",
        "Made-up emergency",
        "who the person is",
    ] {
        assert!(list.contains(told), "{told}: {list}");
    }

    let address = gateway.url(&format!("/portal/reviews/{overriding}"));
    let form = lead.get(address.clone()).await.text().await.unwrap();
    assert!(form.contains("Was this appropriate?") && !form.contains("999 000 0018 –"), "{form}");
    let token = csrf(&form);
    let empty = lead.post(address.clone(), &[("note", "Kept+note"), ("csrf", &token)]).await;
    assert_eq!(empty.status(), 422);
    let empty = empty.text().await.unwrap();
    assert!(empty.contains("Say whether it was appropriate") && empty.contains("Enter your name and role"), "{empty}");
    assert!(empty.contains("Kept note"), "what was filled in is still there");

    let fields =
        [("verdict", "not-appropriate"), ("reviewer", "Dr+B+Example"), ("note", "Too+wide"), ("csrf", token.as_str())];
    let forged = [fields[0], fields[1], fields[2], ("csrf", "forged")];
    assert_eq!(lead.post(address.clone(), &forged).await.status(), 403);
    assert_eq!(lead.post(address.clone(), &fields[..3]).await.status(), 403, "no token is a wrong one");
    let done = lead.post(address.clone(), &fields).await;
    assert_eq!((done.status().as_u16(), done.headers()["location"].to_str().unwrap()), (303, "/portal/reviews"));
    let list = lead.get(gateway.url("/portal/reviews")).await.text().await.unwrap();
    assert!(list.contains("Waiting for review (1)") && list.contains("Reviewed (1)"), "{list}");
    assert!(list.contains("Not appropriate") && list.contains("Dr B Example") && list.contains("Too wide"), "{list}");

    let again = lead.post(address.clone(), &fields).await;
    assert_eq!(again.status(), 409);
    assert!(again.text().await.unwrap().contains("Reviewed already"));
    let page = lead.get(address).await.text().await.unwrap();
    assert!(page.contains("Reviewed: Not appropriate") && page.contains("(ended by the review)"), "{page}");
    assert!(!page.contains("<textarea"), "what is done has no form");

    let address = gateway.url(&format!("/portal/reviews/{emergency}"));
    let fields = [("verdict", "appropriate"), ("reviewer", "Dr+B+Example"), ("csrf", token.as_str())];
    assert_eq!(lead.post(address, &fields).await.status(), 303);
    let list = lead.get(gateway.url("/portal/reviews")).await.text().await.unwrap();
    assert!(list.contains("Nothing is waiting.") && list.contains("Reviewed (2)"), "{list}");
    for missing in ["nonsense", "0197f3a0-0000-7000-8000-000000000000"] {
        let address = gateway.url(&format!("/portal/reviews/{missing}"));
        assert_eq!(lead.get(address.clone()).await.status(), 404, "{missing}");
        assert_eq!(lead.post(address, &fields).await.status(), 404, "{missing}");
    }
}

#[tokio::test]
async fn for_anybody_else_there_is_no_review_queue() {
    let gateway = TestGateway::alone().await;
    let [overriding, _] = claimed(&gateway).await;
    let (list, one) = (gateway.url("/portal/reviews"), gateway.url(&format!("/portal/reviews/{overriding}")));
    let mut nobody = Browser::new();
    for address in [&list, &one] {
        assert_eq!(nobody.get(address.clone()).await.status(), 303, "without sign-in there is only the sign-in page");
    }
    assert_eq!(nobody.post(one.clone(), &[("verdict", "appropriate")]).await.status(), 303);

    let mut charity = browsing(&gateway, "wellbeing-roots").await;
    let inbox = charity.get(gateway.url("/portal")).await.text().await.unwrap();
    assert!(!inbox.contains("/portal/reviews"), "no link to what is not there");
    let token = csrf(&inbox);
    let nowhere = charity.get(gateway.url("/portal/nowhere")).await.text().await.unwrap();
    for address in [&list, &one] {
        let answer = charity.get(address.clone()).await;
        assert_eq!(answer.status(), 404);
        assert_eq!(answer.text().await.unwrap(), nowhere, "as any page that is not there");
    }
    let fields = [("verdict", "appropriate"), ("reviewer", "Somebody"), ("csrf", token.as_str())];
    assert_eq!(charity.post(one, &fields).await.status(), 404);
    let mut lead = browsing(&gateway, "lpt").await;
    let list = lead.get(list).await.text().await.unwrap();
    assert!(list.contains("Waiting for review (2)"), "nothing was recorded: {list}");
}
