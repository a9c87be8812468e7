//! What the integration tests share: a gateway on port 0 with a database of its own, recipients that answer as told,
//! and calls as a GP would make them. Everything is real HTTP on loopback.

pub mod program;
pub mod recipient;
pub mod terminology;
pub mod walked;

use std::time::Duration;

use cmht_gateway::app::{self, Running};
use cmht_gateway::config::Config;
use cmht_gateway::directory::{DEMO, Directory};
use cmht_gateway::documents::referral::Referral;
use cmht_gateway::fhir::Bundle;
use cmht_gateway::map;
use cmht_gateway::model::{Issue, PartyId};
use cmht_gateway::validate::Validated;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;

pub use recipient::Recipient;

/// A secret of the demonstration directory.
pub const GP: (&str, &str) = ("demo-gp", "demo-gp-secret");
pub const TRUST: (&str, &str) = ("lpt", "lpt-secret");
pub const CHARITY: (&str, &str) = ("wellbeing-roots", "wellbeing-roots-secret");
pub const CLINIC: (&str, &str) = ("harbour-clinic", "harbour-clinic-secret");

/// A running gateway, its database and the HTTP client of its neighbours.
pub struct TestGateway {
    pub running: Running,
    pub client: Client,
    /// Removed with its database when the test ends.
    _folder: tempfile::TempDir,
}

/// The verdict of the gateway's own validator.
pub fn sealed(bundle: Bundle) -> Result<Validated<Bundle>, Vec<Issue>> {
    app::validator().bundle(bundle)
}

pub fn party(id: &str) -> PartyId {
    PartyId::parse(id).unwrap()
}

/// An example of the repository, as text.
pub fn example(name: &str) -> String {
    let path = format!("{}/profiles/cmht/examples/referral/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

/// An example of a plan or letter.
pub fn plan(kind: &str, name: &str) -> Value {
    let path = format!("{}/profiles/cmht/examples/{kind}/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// An example as a FHIR message.
pub fn message(name: &str) -> Value {
    let referral: Referral = serde_json::from_str(&example(name)).unwrap();
    map::referral::to_fhir(&referral).value.into_value()
}

/// The same example under another identifier, so that it is another message.
pub fn renamed(name: &str, id: &str) -> String {
    let mut value: Value = serde_json::from_str(&example(name)).unwrap();
    value["id"] = id.into();
    value.to_string()
}

impl TestGateway {
    /// A gateway whose GP and clinic endpoints are these recipients.
    pub async fn start(gp: &Recipient, clinic: &Recipient) -> Self {
        Self::start_with(gp, clinic, |_| {}).await
    }

    /// The same with one more setting.
    pub async fn start_with(gp: &Recipient, clinic: &Recipient, set: impl FnOnce(&mut Config)) -> Self {
        Self::start_of(DEMO, gp, clinic, set).await
    }

    /// The same with another directory, of which these two are.
    pub async fn start_of(directory: &str, gp: &Recipient, clinic: &Recipient, set: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let directory = Directory::from_toml(directory)
            .unwrap()
            .with_endpoint(&party("demo-gp"), &gp.endpoint())
            .unwrap()
            .with_endpoint(&party("harbour-clinic"), &clinic.endpoint())
            .unwrap();
        let mut config = Config::default();
        config.database = folder.path().join("test.db");
        config.listen.set_port(0);
        config.worker.poll = Duration::from_millis(50);
        config.worker.backoff_base = Duration::from_millis(20);
        config.worker.backoff_cap = Duration::from_millis(100);
        config.limits.max_body_bytes = 1024 * 1024;
        set(&mut config);
        let running = app::start(&config, &party("lpt"), directory).await.unwrap();
        Self { running, client: Client::new(), _folder: folder }
    }

    /// A gateway with neighbours that take everything.
    pub async fn alone() -> Self {
        Self::start(&Recipient::listen().await, &Recipient::listen().await).await
    }

    /// The same on a database that stays.
    pub async fn alone_in(database: &std::path::Path) -> Self {
        let set = |config: &mut Config| database.clone_into(&mut config.database);
        Self::start_with(&Recipient::listen().await, &Recipient::listen().await, set).await
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.running.base_url)
    }

    pub fn post(&self, path: &str, (id, secret): (&str, &str), content_type: &str) -> RequestBuilder {
        self.client.post(self.url(path)).basic_auth(id, Some(secret)).header("content-type", content_type)
    }

    pub fn get(&self, path: &str, (id, secret): (&str, &str)) -> RequestBuilder {
        self.client.get(self.url(path)).basic_auth(id, Some(secret))
    }

    /// Sends a native referral as the GP.
    pub async fn refer(&self, body: String) -> Response {
        self.post("/documents/referral", GP, "application/json").body(body).send().await.unwrap()
    }

    /// Sends a FHIR message as the GP.
    pub async fn send(&self, bundle: &Value) -> Response {
        self.post("/fhir/$process-message", GP, "application/fhir+json").body(bundle.to_string()).send().await.unwrap()
    }

    /// Waits until nothing is left to be sent.
    pub async fn settled(&self) {
        for _ in 0..400 {
            if self.running.store.pending().await.unwrap() == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("deliveries are still waiting");
    }

    /// How many messages are stored.
    pub async fn inbox_count(&self, recipient: &str) -> usize {
        self.running.store.inbox(&party(recipient)).await.unwrap().len()
    }
}
