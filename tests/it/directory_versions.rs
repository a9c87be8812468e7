//! Every directory is kept, and changing it never changes where a past message went, nor what its recipient was called.

use std::time::Duration;

use cmht_gateway::app;
use cmht_gateway::config::Config;
use cmht_gateway::directory::{DEMO, Directory};
use serde_json::{Value, json};

use crate::support::{CHARITY, GP, Recipient, TRUST, TestGateway, message, party, renamed};

async fn status(gateway: &TestGateway, message: &str) -> Value {
    gateway.get(&format!("/messages/{message}"), GP).send().await.unwrap().json().await.unwrap()
}

fn delivery<'a>(status: &'a Value, recipient: &str) -> &'a Value {
    status["deliveries"].as_array().unwrap().iter().find(|d| d["recipient"] == recipient).unwrap()
}

#[tokio::test]
async fn an_old_message_still_names_its_recipient_as_it_was_called_then() {
    let gateway = TestGateway::alone().await;
    let answer: Value = gateway.refer(renamed("complete", "before")).await.json().await.unwrap();
    let change = json!({"name": "Roots and Wings"}).to_string();
    let request = gateway.client.put(gateway.url("/directory/entry")).basic_auth(CHARITY.0, Some(CHARITY.1));
    let changed = request.header("content-type", "application/json").body(change).send().await.unwrap();
    assert_eq!(changed.status(), 200, "{}", changed.text().await.unwrap());
    let again: Value = gateway.refer(renamed("complete", "after")).await.json().await.unwrap();
    let then = status(&gateway, answer["message"].as_str().unwrap()).await;
    let now = status(&gateway, again["message"].as_str().unwrap()).await;
    assert_eq!(delivery(&then, "wellbeing-roots")["name"], "Wellbeing Roots");
    assert_eq!(delivery(&now, "wellbeing-roots")["name"], "Roots and Wings");
    // Even when the party is struck from the directory altogether.
    let json = gateway.get("/directory", TRUST).send().await.unwrap().json::<Value>().await.unwrap();
    let mut rows = json["directory"].clone();
    for (section, field) in [("organisation", "id"), ("place", "of"), ("role", "employer")] {
        rows[section].as_array_mut().unwrap().retain(|row| row[field] != "wellbeing-roots");
    }
    rows["agreement"].as_array_mut().unwrap().retain(|row| !row["between"].to_string().contains("wellbeing-roots"));
    let refused = gateway
        .post("/directory", TRUST, "application/json")
        .header("if-match", "*")
        .body(rows.to_string())
        .send()
        .await
        .unwrap();
    let text = refused.text().await.unwrap();
    assert!(text.contains("client") && text.contains("portal_user"), "its credentials would hang in the air: {text}");
}

#[tokio::test]
async fn what_waits_for_a_party_that_has_left_is_not_sent_and_a_person_is_told() {
    let clinic = Recipient::listen().await;
    clinic.then_answer(&[503; 200]);
    let gateway = TestGateway::start(&Recipient::listen().await, &clinic).await;
    let answer: Value = gateway.send(&message("complete")).await.json().await.unwrap();
    let id = answer["entry"][0]["resource"]["response"]["identifier"].as_str().map(str::to_owned);
    let json = gateway.get("/directory", TRUST).send().await.unwrap().json::<Value>().await.unwrap();
    let mut rows = json["directory"].clone();
    let clinic_row = rows["organisation"].as_array_mut().unwrap().iter_mut().find(|row| row["id"] == "harbour-clinic");
    clinic_row.unwrap()["until"] = "2026-01-01".into();
    let taken = gateway
        .post("/directory", TRUST, "application/json")
        .header("if-match", "*")
        .body(rows.to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(taken.status(), 200, "{id:?} {}", taken.text().await.unwrap());
    let asked = clinic.asked();
    gateway.settled().await;
    let failed = gateway.running.store.failed().await.unwrap();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!(failed[0].recipient, party("harbour-clinic"));
    assert_eq!(failed[0].reason.as_deref(), Some("the recipient is no longer in the directory"));
    assert!(clinic.asked() <= asked + 1 && clinic.taken().is_empty(), "one attempt may have been under way");
}

#[tokio::test]
async fn versions_outlive_the_process_and_the_file_counts_when_it_has_changed() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.database = folder.path().join("test.db");
    config.listen.set_port(0);
    config.worker.poll = Duration::from_millis(50);
    let own = party("lpt");
    let start = async |text: &str| app::at_rest(&config, &own, Directory::from_toml(text).unwrap()).await.unwrap();
    let versions = async |gateway: &cmht_gateway::pipeline::Gateway| gateway.store().directories().await.unwrap().len();
    let now = jiff::Timestamp::now();

    let first = start(DEMO).await;
    assert_eq!((first.parts().directory_version, versions(&first).await), (1, 1));
    let change = cmht_gateway::directory::EntryChange::from_json(&json!({"telephone": "0116 496 0999"})).unwrap();
    let version = first.change_entry(&party("wellbeing-roots"), "test", change, None, now).await.unwrap();
    assert_eq!(version, 2);
    drop(first);

    let telephone = |gateway: &cmht_gateway::pipeline::Gateway| {
        let details = gateway.directory().details(&party("wellbeing-roots"), jiff::Timestamp::now()).cloned();
        details.unwrap().telephone.unwrap()
    };
    let second = start(DEMO).await;
    assert_eq!((second.parts().directory_version, telephone(&second).as_str()), (2, "0116 496 0999"), "the same file");
    let edited = DEMO.replace("name = \"Harbour Clinic\"", "name = \"Haven Clinic\"");
    let third = start(&edited).await;
    assert_eq!((third.parts().directory_version, telephone(&third).as_str()), (4, "0116 496 0999"), "both changes");
    assert_eq!(third.party_name(&party("harbour-clinic"), now), "Haven Clinic");
    let clashing = edited.replace("0116 496 0431", "0116 496 0777");
    let fourth = start(&clashing).await;
    assert_eq!(telephone(&fourth), "0116 496 0777", "where they clash the file counts");
    assert!(!third.store().directory_at(1).await.unwrap().unwrap().contains("Haven"));
    // A gateway that did not see the change takes it over when it next makes one.
    let change = cmht_gateway::directory::EntryChange::from_json(&json!({"opening": "Fridays"})).unwrap();
    assert_eq!(third.change_entry(&party("wellbeing-roots"), "test", change, None, now).await.unwrap(), 6);
    assert_eq!(telephone(&third), "0116 496 0777");
}
