//! Plays the lives through the gateway, a day at a time and many people at once: the order of one person's messages is
//! kept, that of two is nobody's business. After each day the clocks are swept, at that day's time.

use std::sync::Arc;

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};

use super::Outcome;
use super::life::Life;
use super::playing::{Playing, Seen};
use super::send::{Callers, Sending};
use super::world::{TRUST, partners};
use crate::auth::Caller;
use crate::model::PartyId;
use crate::pipeline::Gateway;

/// Plays everything; gives back how each was played.
pub(super) async fn play(
    gateway: &Arc<Gateway>,
    lives: Vec<Life>,
    (begin, end): (Timestamp, Timestamp),
    outcome: &mut Outcome,
    progress: &impl Fn(String),
) -> anyhow::Result<Vec<Playing>> {
    let callers = Arc::new(callers(gateway, begin)?);
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get) * 2;
    let mut playing: Vec<Option<Playing>> = lives.into_iter().map(|life| Some(Playing::of(life))).collect();
    let mut day = begin;
    while day < end {
        let next = day + SignedDuration::from_hours(24);
        let due = |one: &Option<Playing>| one.as_ref().is_some_and(|one| one.is_due(next));
        let today: Vec<usize> = (0..playing.len()).filter(|place| playing.get(*place).is_some_and(due)).collect();
        let each = today.len().div_ceil(workers).max(1);
        let mut tasks = Vec::new();
        for places in today.chunks(each) {
            let taken: Vec<(usize, Playing)> =
                places.iter().filter_map(|place| Some((*place, playing.get_mut(*place)?.take()?))).collect();
            tasks.push(tokio::spawn(work(gateway.clone(), callers.clone(), taken, next)));
        }
        for task in tasks {
            let (back, seen) = task.await.context("a worker failed")?;
            outcome.messages += seen.messages;
            outcome.refused += seen.refused;
            outcome.repeated += seen.repeated;
            outcome.deliveries += seen.deliveries;
            outcome.differences.extend(seen.wrong);
            for (place, one) in back {
                if let Some(slot) = playing.get_mut(place) {
                    *slot = Some(one);
                }
            }
        }
        let told = gateway.sweep_clocks(next).await.map_err(|_| anyhow::anyhow!("the clocks could not be swept"))?;
        outcome.notices += u64::try_from(told).unwrap_or(0);
        let number = (next.duration_since(begin)).as_hours() / 24;
        if number % 30 == 0 {
            progress(format!("day {number}: {} messages, {} notices", outcome.messages, outcome.notices));
        }
        day = next;
    }
    Ok(playing.into_iter().flatten().collect())
}

fn callers(gateway: &Gateway, now: Timestamp) -> anyhow::Result<Callers> {
    let directory = gateway.directory();
    let mut callers = Callers::new();
    for id in partners().map(|(_, id)| id).chain([TRUST.to_owned()]) {
        let party = PartyId::parse(&id).and_then(|id| directory.party(&id, now).cloned());
        let party = party.with_context(|| format!("{id} is not in the directory"))?;
        callers.insert(id, Caller { client_id: "simulation".to_owned(), party });
    }
    Ok(callers)
}

async fn work(
    gateway: Arc<Gateway>,
    callers: Arc<Callers>,
    mut taken: Vec<(usize, Playing)>,
    until: Timestamp,
) -> (Vec<(usize, Playing)>, Seen) {
    let mut seen = Seen::default();
    for (_, one) in &mut taken {
        while let Some((at, step)) = one.next(until) {
            let sending = Sending { gateway: &gateway, callers: &callers, at };
            one.take(&sending, step, &mut seen).await;
        }
    }
    (taken, seen)
}
