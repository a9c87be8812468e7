//! The real binary, killed without warning between acceptance and delivery, and started again.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::Client;
use serde_json::json;

use crate::support::{GP, Recipient, TRUST, example, plan};

struct Gateway {
    child: Child,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that is free now; the gateway takes it a moment later.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

async fn start(config: &std::path::Path, base: &str, client: &Client) -> Gateway {
    let child = Command::new(env!("CARGO_BIN_EXE_cmht-gateway"))
        .args(["serve", "--config"])
        .arg(config)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let gateway = Gateway { child };
    for _ in 0..400 {
        if client.get(format!("{base}/ready")).send().await.is_ok_and(|r| r.status() == 200) {
            return gateway;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the gateway did not start");
}

#[tokio::test]
async fn what_was_accepted_before_a_kill_is_delivered_once_after_the_restart() {
    survives("/documents/referral", GP, example("complete")).await;
}

#[tokio::test]
async fn a_plan_accepted_before_a_kill_is_delivered_once_after_the_restart() {
    let mut plan = plan("safety-plan", "sparse");
    plan["copies"] = json!([{"party": "harbour-clinic"}]);
    let permitted = json!({"recipient": {"party": "harbour-clinic"}, "categories": ["demographics", "safety-plan"]});
    plan["consent"] = json!({"sharing": "agreed-in-part", "permissions": [permitted]});
    survives("/documents/safety-plan", TRUST, plan.to_string()).await;
}

/// Writes the directory and configuration of a gateway whose clinic listens on this port.
fn configured(folder: &std::path::Path, port: u16, clinic_port: u16) -> std::path::PathBuf {
    let directory = include_str!("../../profiles/rules/demo-directory.toml")
        .replace("http://127.0.0.1:8472/", &format!("http://127.0.0.1:{clinic_port}/"));
    assert!(directory.contains(&format!(":{clinic_port}/")), "the demonstration directory names the clinic's port");
    std::fs::write(folder.join("directory.toml"), directory).unwrap();
    let config = folder.join("gateway.toml");
    let path = folder.display();
    let text = format!(
        "listen = \"127.0.0.1:{port}\"\ndatabase = \"{path}/gateway.db\"\ndirectory = \"{path}/directory.toml\"\n\
         party = \"lpt\"\n[worker]\npoll = \"50ms\"\nbackoff_base = \"50ms\"\nbackoff_cap = \"200ms\"\nlease = \"2s\"\n\
         request_timeout = \"1s\"\n"
    );
    std::fs::write(&config, text).unwrap();
    config
}

/// The same with ports nobody has.
pub(crate) fn configured_on(folder: &std::path::Path) -> std::path::PathBuf {
    configured(folder, free_port(), free_port())
}

/// Starts a gateway, and waits for nothing.
pub(crate) fn serve(config: &std::path::Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cmht-gateway"));
    command.args(["serve", "--config"]).arg(config).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

/// Sends a document that the clinic gets a copy of, kills the gateway before it can, and starts it again.
async fn survives(path: &str, (id, secret): (&str, &str), body: String) {
    let folder = tempfile::tempdir().unwrap();
    let (address, document) = (path, body);
    let (port, clinic_port) = (free_port(), free_port());
    let base = format!("http://127.0.0.1:{port}");
    let config = configured(folder.path(), port, clinic_port);
    // run by itself, nobody else has chosen one
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::new();

    // Nobody listens at the clinic: the message is accepted and cannot go.
    let mut gateway = start(&config, &base, &client).await;
    let send = || {
        client
            .post(format!("{base}{address}"))
            .basic_auth(id, Some(secret))
            .header("content-type", "application/json")
            .body(document.clone())
            .send()
    };
    let first = send().await.unwrap();
    assert_eq!(first.status(), 200);
    let first = first.text().await.unwrap();
    gateway.child.kill().unwrap(); // SIGKILL: no clean-up runs
    gateway.child.wait().unwrap();

    let clinic = Recipient::listen_on(([127, 0, 0, 1], clinic_port).into()).await;
    let _gateway = start(&config, &base, &client).await;
    // The sender, not having heard, sends it again: the same answer, and no second delivery.
    let again = send().await.unwrap();
    assert_eq!(again.status(), 200);
    assert_eq!(again.text().await.unwrap(), first);
    for _ in 0..400 {
        if !clinic.taken().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let keys: Vec<String> = clinic.taken().iter().map(|arrived| arrived.key.clone()).collect();
    assert_eq!(keys.len(), 1, "delivered once: {keys:?}");

    let verified = Command::new(env!("CARGO_BIN_EXE_cmht-gateway"))
        .args(["audit", "verify", "--config"])
        .arg(&config)
        .output()
        .unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}

#[tokio::test]
async fn a_withdrawal_that_was_acknowledged_before_a_kill_holds_after_the_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (port, clinic_port) = (free_port(), free_port());
    let base = format!("http://127.0.0.1:{port}");
    let config = configured(folder.path(), port, clinic_port);
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::new();
    let mut gateway = start(&config, &base, &client).await;
    let sent = client.post(format!("{base}/documents/referral")).basic_auth(GP.0, Some(GP.1));
    let sent = sent.header("content-type", "application/json").body(example("complete")).send().await.unwrap();
    assert_eq!(sent.status(), 200);
    let found = client.post(format!("{base}/fhir/Consent/_search")).basic_auth(TRUST.0, Some(TRUST.1));
    let found = found
        .header("content-type", "application/x-www-form-urlencoded")
        .body("patient:identifier=https://fhir.nhs.uk/Id/nhs-number|9990718423");
    let found: serde_json::Value = found.send().await.unwrap().json().await.unwrap();
    let mut consent = found["entry"][0]["resource"].clone();
    consent["status"] = "inactive".into();
    let withdrawn = client
        .put(format!("{base}/fhir/Consent/{}", consent["id"].as_str().unwrap()))
        .basic_auth(TRUST.0, Some(TRUST.1))
        .header("content-type", "application/fhir+json")
        .header("if-match", "W/\"1\"")
        .body(consent.to_string());
    assert_eq!(withdrawn.send().await.unwrap().status(), 200);
    gateway.child.kill().unwrap(); // SIGKILL: no clean-up runs
    gateway.child.wait().unwrap();

    // the clinic is there now, and nothing comes
    let clinic = Recipient::listen_on(([127, 0, 0, 1], clinic_port).into()).await;
    let _gateway = start(&config, &base, &client).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(clinic.asked(), 0);
}
