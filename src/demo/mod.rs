//! The shop window: a gateway on the embedded store, a GP system and a private provider beside it, referrals, plans and
//! letters sent for real over HTTP, and a report of what was decided and what arrived where. Uses only what any other
//! client could use.

mod clocks;
mod consent;
mod directory;
mod measures;
mod neighbours;
mod report;
mod requests;
mod routing;
mod scenes;
mod senders;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use jiff::Timestamp;

use crate::app::{self, Running};
use crate::audit;
use crate::config::Config;
use crate::directory::{DEMO, Directory};
use crate::model::PartyId;

use neighbours::Neighbour;
use senders::Senders;

const PORT: u16 = 8470;
/// Longest the demonstration waits for its deliveries.
const PATIENCE: Duration = Duration::from_secs(30);

/// Everything that stands while the demonstration runs.
struct Stage {
    running: Running,
    gp: Neighbour,
    provider: Neighbour,
    /// Letters for the person are left here.
    folder: PathBuf,
    /// The database, in a folder of its own, which goes when the demonstration ends.
    store: PathBuf,
}

/// Runs the demonstration; with `once`, returns after the report, else stays up until Ctrl-C.
///
/// # Errors
/// When anything did not arrive as it should: the demonstration is also a test.
pub async fn run(once: bool) -> anyhow::Result<()> {
    let stage = set_up().await?;
    let played = play(&stage).await;
    if played.is_ok() && !once {
        report::addresses(&stage.running.base_url, &stage.store);
        let _ = tokio::signal::ctrl_c().await;
        println!("\nStopping.");
    }
    stage.running.stop().await;
    // Best effort: it is a temporary folder with made-up people. The letter stays, for whoever wants to look at it.
    let _ = std::fs::remove_dir_all(if played.is_ok() { &stage.store } else { &stage.folder });
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
    let store = folder.join("store");
    std::fs::create_dir_all(&store).context("the demonstration's folder cannot be made")?;
    let mut config = Config::default();
    config.database = store.join("gateway.db");
    let own = party("lpt")?;
    let running = if let Ok(running) = app::start(&config, &own, directory.clone()).await {
        running
    } else {
        // The usual port is taken, most likely by another demonstration.
        config.listen.set_port(0);
        app::start(&config, &own, directory).await?
    };
    Ok(Stage { running, gp, provider, folder, store })
}

async fn play(stage: &Stage) -> anyhow::Result<()> {
    report::opening(&stage.running.base_url, &stage.gp, &stage.provider);
    let senders = Senders::new(&stage.running.base_url, PATIENCE)?;
    scenes::complete_referral(&senders).await?;
    scenes::incomplete_referral(&senders).await?;
    scenes::safety_plan(&senders).await?;
    scenes::discharge_letter(&senders, &stage.folder).await?;
    scenes::handover(&senders).await?;
    scenes::handover_outcome(&senders).await?;
    scenes::private_opinion(&senders).await?;
    scenes::foreign_letter(&senders).await?;
    scenes::faulty_patient()?;

    settle(&stage.running).await?;
    report::arrivals(&stage.running, &stage.gp, &stage.provider).await?;
    scenes::all_arrived(stage).await?;

    consent::asked_why(&senders).await?;
    consent::changes_their_mind(&senders, stage).await?;
    consent::told_to_the_person(&senders).await?;
    clocks::time_goes_by(&senders, stage).await?;
    routing::side_by_side(&stage.running.gateway.directory())?;
    directory::kept_up_to_date(&senders).await?;
    requests::followed(&senders, stage).await?;
    measures::a_year().await?;
    let whole = audit::verify(stage.running.store.as_ref()).await??;
    report::audit(&whole);
    Ok(())
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
