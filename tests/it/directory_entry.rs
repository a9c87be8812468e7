//! A charity keeps its own entry up to date: over HTTP and on its page in the portal, and nothing but its own.

use serde_json::{Value, json};

use crate::portal::{Browser, csrf, sign_in};
use crate::support::{CHARITY, GP, TestGateway, party};

async fn put(gateway: &TestGateway, who: (&str, &str), body: Value) -> (u16, String) {
    let request = gateway.client.put(gateway.url("/directory/entry")).basic_auth(who.0, Some(who.1));
    let response = request.header("content-type", "application/json").body(body.to_string()).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn a_party_reads_changes_and_sends_back_its_own_entry() {
    let gateway = TestGateway::alone().await;
    let response = gateway.get("/directory/entry", CHARITY).send().await.unwrap();
    assert_eq!(response.headers()["etag"], "W/\"1\"");
    let mut entry: Value = response.json().await.unwrap();
    assert_eq!((&entry["name"], &entry["receives"]["how"]), (&"Wellbeing Roots".into(), &"inbox".into()));
    assert_eq!(put(&gateway, CHARITY, entry.clone()).await, (200, "{\"version\":1}".to_owned()), "as it was");
    entry["opening"] = "Tuesdays".into();
    entry["roles"].as_array_mut().unwrap().push(json!({"name": "Sam Sample", "title": "Gardener"}));
    assert_eq!(put(&gateway, CHARITY, entry).await.0, 200);
    let directory = gateway.running.gateway.directory();
    let now = jiff::Timestamp::now();
    assert_eq!(directory.details(&party("wellbeing-roots"), now).unwrap().opening.as_deref(), Some("Tuesdays"));
    assert_eq!(directory.roles(&party("wellbeing-roots"), now).count(), 2);
    let versions = gateway.running.store.directories().await.unwrap();
    assert_eq!(
        (versions[0].number, versions[0].by.as_str(), versions[0].source.code()),
        (2, "wellbeing-roots", "entry")
    );
}

#[tokio::test]
async fn what_is_not_its_own_to_change_is_refused_field_by_field() {
    let gateway = TestGateway::alone().await;
    let (status, text) = put(&gateway, CHARITY, json!({"kind": "nhs-trust", "ods": "Y90099", "clients": []})).await;
    assert_eq!(status, 422);
    assert!(["kind", "ods", "clients"].iter().all(|field| text.contains(&format!("entry, {field}"))), "{text}");
    let (status, text) = put(&gateway, GP, json!({"receives": {"how": "fhir", "url": "http://127.0.0.1:1/"}})).await;
    assert_eq!(status, 422, "a partner does not make the gateway call its own machine: {text}");
    let (status, _) = put(&gateway, ("nobody", "x"), json!({"name": "X"})).await;
    assert_eq!(status, 401);
    assert_eq!(gateway.running.store.directories().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_charity_keeps_its_entry_on_a_page() {
    let gateway = TestGateway::alone().await;
    let mut browser = Browser::new();
    assert_eq!(browser.get(gateway.url("/portal/entry")).await.status(), 303, "not signed in");
    sign_in(&mut browser, &gateway, "wellbeing-roots-password").await;
    let inbox = browser.get(gateway.url("/portal")).await.text().await.unwrap();
    assert!(inbox.contains("href=\"/portal/entry\""));
    let form = browser.get(gateway.url("/portal/entry")).await.text().await.unwrap();
    assert!(form.contains("The Garden House") && form.contains("Nia Example"), "{form}");
    let token = csrf(&form);
    let fields = |csrf: &str, telephone: &str| {
        let text = format!(
            "csrf={csrf}&name=Wellbeing+Roots&telephone={telephone}&opening=Fridays&receives=inbox&url=&format=json\
             &place-0-id=wellbeing-roots-place-1&place-0-name=The+Garden+House&place-0-address=12+Made-up+Lane%0D%0ALeicester\
             &place-0-postcode=LE1+9ZZ&place-1-id=&place-1-name=Shed&role-0-id=wellbeing-roots-role-1&role-0-name="
        );
        text.split('&').map(|pair| pair.split_once('=').unwrap()).map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
    };
    let send = async |browser: &mut Browser, fields: Vec<(String, String)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let response = browser.post(gateway.url("/portal/entry"), &fields).await;
        (response.status().as_u16(), response.text().await.unwrap())
    };
    assert_eq!(send(&mut browser, fields("forged", "0116+496+0999")).await.0, 403);
    let (status, page) = send(&mut browser, fields(&token, "ring+us")).await;
    assert_eq!(status, 422);
    assert!(page.contains("There is a problem") && page.contains("telephone") && page.contains("Shed"), "{page}");
    let (status, page) = send(&mut browser, fields(&token, "0116+496+0999")).await;
    assert_eq!(status, 200, "{page}");
    let (directory, now, charity) =
        (gateway.running.gateway.directory(), jiff::Timestamp::now(), party("wellbeing-roots"));
    let details = directory.details(&charity, now).unwrap();
    assert_eq!((details.telephone.as_deref(), details.email.as_deref()), (Some("0116 496 0999"), None));
    let places: Vec<&str> = directory.places(&charity, now).map(|place| place.name.as_str()).collect();
    assert_eq!(places, ["The Garden House", "Shed"]);
    assert_eq!(directory.places(&charity, now).next().unwrap().address, ["12 Made-up Lane", "Leicester"]);
    assert_eq!(directory.roles(&charity, now).count(), 0, "whose lines were emptied is gone");
}
