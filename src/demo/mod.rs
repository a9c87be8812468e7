//! The shop window: a gateway on the embedded store, a GP system and a private provider beside it, two referrals sent
//! for real over HTTP, and a report of what arrived where. Uses only what any other client could use.

mod neighbours;
mod report;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use jiff::Timestamp;
use serde_json::Value;

use crate::app::{self, Running};
use crate::audit;
use crate::config::Config;
use crate::directory::{DEMO, Directory};
use crate::documents::referral::Referral;
use crate::map;
use crate::model::PartyId;

use neighbours::Neighbour;

const COMPLETE: &str = include_str!("../../profiles/cmht/examples/referral/complete.json");
const INCOMPLETE: &str = include_str!("../../profiles/cmht/examples/referral/incomplete.json");

/// Credentials of the demonstration directory; public, and good for nothing else.
const GP: (&str, &str) = ("demo-gp", "demo-gp-secret");
const PORT: u16 = 8470;
/// Longest the demonstration waits for its deliveries.
const PATIENCE: Duration = Duration::from_secs(30);

/// Everything that stands while the demonstration runs.
struct Stage {
    running: Running,
    gp: Neighbour,
    provider: Neighbour,
    folder: PathBuf,
}

/// Runs the demonstration; with `once`, returns after the report, else stays up until Ctrl-C.
///
/// # Errors
/// When anything did not arrive as it should: the demonstration is also a test.
pub async fn run(once: bool) -> anyhow::Result<()> {
    let stage = set_up().await?;
    let played = play(&stage).await;
    if played.is_ok() && !once {
        report::addresses(&stage.running.base_url, &stage.folder);
        let _ = tokio::signal::ctrl_c().await;
        println!("\nStopping.");
    }
    stage.running.stop().await;
    // Best effort: it is a temporary folder with made-up people.
    let _ = std::fs::remove_dir_all(&stage.folder);
    played
}

async fn set_up() -> anyhow::Result<Stage> {
    let gp = Neighbour::listen(PORT + 1).await?;
    let provider = Neighbour::listen(PORT + 2).await?;
    let directory = Directory::from_toml(DEMO)
        .map_err(|faults| anyhow::anyhow!("the demonstration directory is broken: {faults:?}"))?
        .with_endpoint(&party("demo-gp")?, &gp.endpoint())?
        .with_endpoint(&party("harbour-clinic")?, &provider.endpoint())?;
    let folder = std::env::temp_dir().join(format!("cmht-gateway-demo-{}", uuid::Uuid::new_v4()));
    let mut config = Config::default();
    config.database = folder.join("gateway.db");
    let own = party("lpt")?;
    let running = if let Ok(running) = app::start(&config, &own, directory.clone()).await {
        running
    } else {
        // The usual port is taken, most likely by another demonstration.
        config.listen.set_port(0);
        app::start(&config, &own, directory).await?
    };
    Ok(Stage { running, gp, provider, folder })
}

async fn play(stage: &Stage) -> anyhow::Result<()> {
    let base = &stage.running.base_url;
    report::opening(base, &stage.gp, &stage.provider);

    let complete: Referral = serde_json::from_str(COMPLETE).context("the complete example")?;
    let message = map::referral::to_fhir(&complete).value;
    let client = reqwest::Client::builder().timeout(PATIENCE).build()?;
    let sent = client
        .post(format!("{base}/fhir/$process-message"))
        .basic_auth(GP.0, Some(GP.1))
        .header("content-type", "application/fhir+json")
        .body(message.value().to_string());
    let first = answer(sent, "the complete referral").await?;
    report::fhir_answer("A GP sends a complete referral, as a FHIR message", &first);

    let sent = client
        .post(format!("{base}/documents/referral"))
        .basic_auth(GP.0, Some(GP.1))
        .header("content-type", "application/json")
        .body(INCOMPLETE);
    let second = answer(sent, "the incomplete referral").await?;
    report::native_answer("The same GP sends an incomplete referral, as native JSON", &second);

    settle(&stage.running).await?;
    report::arrivals(&stage.running, &stage.gp, &stage.provider).await?;
    ensure!(!stage.provider.kept().is_empty(), "the private provider received nothing");
    ensure!(!stage.gp.kept().is_empty(), "the GP was not asked for what is missing");
    for recipient in ["lpt-cap", "wellbeing-roots"] {
        ensure!(!stage.running.store.inbox(&party(recipient)?).await?.is_empty(), "{recipient} received nothing");
    }
    let whole = audit::verify(stage.running.store.as_ref()).await??;
    report::audit(&whole);
    Ok(())
}

async fn answer(request: reqwest::RequestBuilder, what: &str) -> anyhow::Result<Value> {
    let response = request.send().await.with_context(|| format!("{what} could not be sent"))?;
    let status = response.status();
    let body: Value =
        response.json().await.with_context(|| format!("{what} was answered with something unreadable"))?;
    ensure!(status.is_success(), "{what} was answered with {status}: {body}");
    Ok(body)
}

/// Waits until nothing is left to be sent.
async fn settle(running: &Running) -> anyhow::Result<()> {
    let until = Timestamp::now().checked_add(jiff::SignedDuration::try_from(PATIENCE)?)?;
    while running.store.pending().await? > 0 {
        ensure!(Timestamp::now() < until, "something was not delivered in time");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    ensure!(running.store.failed().await?.is_empty(), "a delivery was refused by its recipient");
    Ok(())
}

fn party(id: &str) -> anyhow::Result<PartyId> {
    PartyId::parse(id).with_context(|| format!("{id} is not a party id"))
}
