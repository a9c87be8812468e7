//! The same over HTTP: answers, refusals, inbox, and the gateway's own log hold no word of what was withheld.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Arc, Mutex};

use cmht_gateway::model::DataCategory as C;
use serde_json::{Value, json};

use super::{Run, kinds, words};
use crate::consent_leaves::filled::{Any, filled};
use crate::support::{CHARITY, TRUST, TestGateway};

/// Where the log goes.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn answers_refusals_inbox_and_log_hold_no_word_of_what_is_withheld() {
    let page = Page::default();
    let writer = page.clone();
    let log = tracing_subscriber::fmt().with_env_filter("cmht_gateway=trace").with_writer(move || writer.clone());
    let _guard = tracing::subscriber::set_default(log.finish());
    let gateway = TestGateway::alone().await;
    let run = Run::new();
    let permitted = [C::Demographics, C::ReferralReason, C::NeedsAndGoals, C::Actions, C::RiskSummary, C::SafetyPlan];
    let codes: BTreeSet<&str> = permitted.iter().map(|category| category.code()).collect();
    let (mut all, mut accepted, mut answers) = (Vec::new(), 0, String::new());
    for (number, kind) in (700_u32..).zip(kinds().into_iter().cycle().take(30)) {
        let mut filled = filled(kind, number, &mut Any::of(number));
        filled.document["consent"] = json!({"sharing": "agreed-in-part", "recorded": "2026-02-01T10:00:00Z",
            "permissions": [{"recipient": {"party": "wellbeing-roots"}, "categories": codes}]});
        filled.document["copies"] = json!([{"party": "wellbeing-roots"}]);
        let path = format!("/documents/{}", kind.code());
        let answer =
            gateway.post(&path, TRUST, "application/json").body(filled.document.to_string()).send().await.unwrap();
        accepted += usize::from(answer.status().is_success());
        answers += &answer.text().await.unwrap();
        all.push(filled);
    }
    gateway.settled().await;
    for path in ["/health", "/ready", "/fhir/metadata", "/inbox", "/inbox/nothing"] {
        answers += &gateway.get(path, CHARITY).send().await.unwrap().text().await.unwrap();
    }
    let listing: Value = gateway.get("/inbox", CHARITY).send().await.unwrap().json().await.unwrap();
    let mut read = Vec::new();
    for item in listing["items"].as_array().unwrap() {
        let path = format!("/inbox/{}", item["id"].as_str().unwrap());
        read.extend(gateway.get(&path, CHARITY).send().await.unwrap().bytes().await.unwrap());
    }
    assert_eq!(words(answers.as_bytes()), [].into(), "answers tell of rules, not of people");
    assert_eq!(words(&page.0.lock().unwrap()), [].into(), "a log tells of messages, not of people");
    assert!(!page.0.lock().unwrap().is_empty());
    let found = words(&read);
    for filled in &all {
        for leaf in &filled.leaves {
            let came = found.contains(leaf.word.to_ascii_lowercase().as_bytes());
            assert!(!came || run.may(filled, leaf, &codes) == Some(true), "{} {}", filled.kind.code(), leaf.path);
        }
    }
    assert!(accepted >= 10 && found.len() >= 20, "{accepted} accepted, {} words came: {answers}", found.len());
}
