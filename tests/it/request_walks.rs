//! Random walks over requests by several parties at once, on the real pipeline and store: every step that was taken is
//! kept, legal and told to everybody with standing by a message of its own; nothing is lost where two collide.

use std::collections::BTreeMap;

use cmht_gateway::auth::Caller;
use cmht_gateway::model::{DocumentKind, MessageId, RequestStatus, RequestTask};
use cmht_gateway::pipeline::Ask;
use cmht_gateway::store::TasksWanted;
use cmht_gateway::workflow::{Capacity, Wish, answers, transitions, wishes};
use jiff::Timestamp;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::consent_records::told;
use crate::support::{TestGateway, party, renamed};

const EAST: &str = "lpt-cmht-city-east";
const ROUNDS: usize = 12;

fn caller(gateway: &TestGateway, id: &str) -> Caller {
    let found = gateway.running.gateway.directory().party(&party(id), Timestamp::now()).unwrap().clone();
    Caller { client_id: id.to_owned(), party: found }
}

#[tokio::test(flavor = "multi_thread")]
async fn walks_by_several_parties_at_once_lose_no_step_and_leave_nobody_untold() {
    let gateway = TestGateway::alone().await;
    let mut dice = StdRng::seed_from_u64(7);
    let callers = ["lpt", "demo-gp", "wellbeing-roots", "lpt-cmht-city-east"].map(|id| caller(&gateway, id));
    let store = gateway.running.store.clone();
    for walk in 0..3 {
        let answer = told(gateway.refer(renamed("complete", &format!("walk-{walk}"))).await, 200).await;
        let request = MessageId::parse(answer["message"].as_str().unwrap()).unwrap();
        let mut sent: BTreeMap<String, usize> = BTreeMap::new();
        let (mut taken, mut refused) = (0, 0);
        for _ in 0..ROUNDS {
            let tasks = store.tasks(&TasksWanted::Request(request.clone())).await.unwrap();
            let mut at_once = Vec::new();
            for _ in 0..3 {
                let answering: Vec<&RequestTask> = tasks.iter().filter(|task| answers(task)).collect();
                let task = match answering.as_slice() {
                    [_, ..] if dice.random_range(0..4) > 0 => answering[dice.random_range(0..answering.len())],
                    _ => &tasks[dice.random_range(0..tasks.len())],
                };
                // what ends it comes seldom, so that walks go on for a while
                let wish = loop {
                    let status = RequestStatus::ALL[dice.random_range(0..RequestStatus::ALL.len())];
                    if !status.is_final() || dice.random_range(0..12) == 0 {
                        break Wish::To(status);
                    }
                };
                let owners: Vec<Wish> = wishes(task, Capacity::Owner).into_iter().map(|(wish, _)| wish).collect();
                let goes_on = |wish: &Wish| !matches!(wish, Wish::To(status) if status.is_final());
                let going: Vec<Wish> = owners.into_iter().filter(goes_on).collect();
                // most of what is said can be said, unless somebody else is quicker
                let sensible = !going.is_empty() && dice.random_range(0..4) > 0;
                let wish = match dice.random_range(0..6) {
                    0 => Wish::GiveInformation,
                    _ if sensible => going[dice.random_range(0..going.len())],
                    _ => wish,
                };
                let ask = Ask {
                    task: task.id,
                    id: None,
                    wish,
                    at: None,
                    reason: Some("made up".to_owned()),
                    team: Some(party(EAST)),
                    items: Vec::new(),
                    mode: None,
                    of_version: None,
                };
                let caller = callers[if sensible { 0 } else { dice.random_range(0..callers.len()) }].clone();
                let gateway = gateway.running.gateway.clone();
                at_once.push(tokio::spawn(async move { gateway.take_step(&caller, ask, Timestamp::now()).await }));
            }
            for step in at_once {
                match step.await.unwrap() {
                    Ok(Some(step)) => {
                        taken += 1;
                        for party in step.told {
                            *sent.entry(party.to_string()).or_default() += 1;
                        }
                    }
                    Ok(None) => refused += 1,
                    Err(refusal) => {
                        refused += 1;
                        assert!(refusal.category != cmht_gateway::model::Category::Internal, "{refusal:?}");
                    }
                }
            }
        }
        assert!(taken > 3 && refused > 0, "{taken} taken, {refused} refused");
        check(&gateway, &request, &sent).await;
    }
}

/// What is kept of a request: legal, whole, and with a message for each that was promised one.
async fn check(gateway: &TestGateway, request: &MessageId, sent: &BTreeMap<String, usize>) {
    let store = &gateway.running.store;
    let tasks = store.tasks(&TasksWanted::Request(request.clone())).await.unwrap();
    for task in &tasks {
        let (task, steps) = store.task(task.id).await.unwrap().unwrap();
        let versions: Vec<u32> = steps.iter().map(|step| step.version).collect();
        assert_eq!(versions, (1..=task.version).collect::<Vec<_>>());
        let mut stands = steps[0].to.clone();
        for step in &steps[1..] {
            assert_eq!(step.from.as_deref(), Some(stands.as_str()));
            let (from, to) = (RequestStatus::from_code(&stands).unwrap(), RequestStatus::from_code(&step.to).unwrap());
            let legal = transitions().iter().any(|row| row.to == to && row.from.contains(&from));
            let answer = from == RequestStatus::MoreInformationNeeded;
            let late = cmht_gateway::workflow::progress(to) < cmht_gateway::workflow::progress(from);
            assert!(legal || answer || late, "{stands} to {}", step.to);
            if legal || answer {
                stands.clone_from(&step.to);
            }
        }
        assert_eq!(task.status, stands);
        assert!(transitions().iter().all(|row| !row.by.is_empty() && row.by.iter().all(|by| *by <= Capacity::Own)));
    }
    let rows = store.status(&party("demo-gp"), request).await.unwrap().unwrap();
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.kind == DocumentKind::StatusUpdate) {
        *found.entry(row.recipient.to_string()).or_default() += 1;
    }
    assert_eq!(&found, sent, "every message that was promised is there, and no other");
    let responsible = |id: &str| sent.get(id).copied().unwrap_or_default();
    assert!(responsible("demo-gp") > 0, "the sender is told");
}
