//! Plays the lives through the gateway, a day at a time and many people at once: the order of one person's messages is
//! kept, that of two is nobody's business. After each day the clocks are swept, at that day's time.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Outcome;
use super::life::{Happens, Life, Moment, Trouble};
use super::referral::referral;
use super::world::{ACCESS_POINT, TRUST, partners};
use crate::auth::Caller;
use crate::model::{Category, DocumentKind, MessageId, PartyId, RequestStatus};
use crate::pipeline::{Ask, Entrance, Gateway, Received, Release};
use crate::store::TasksWanted;
use crate::workflow::Wish;

/// One thing to be sent.
#[derive(Debug, Clone, Copy)]
enum Step {
    Refer,
    Trouble(Trouble),
    /// The moment with this place in the life; again, or taken back.
    Tell(usize),
    Again(usize),
    TakeBack(usize),
}

/// How it is to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answered {
    Taken,
    Repeated,
    Refused,
}

/// A life while it is played.
struct Playing {
    life: Life,
    steps: Vec<(Timestamp, Step)>,
    done: usize,
    /// The gateway's id of the referral, and its answer.
    request: Option<String>,
    /// The gateway's ids of events, by place.
    events: BTreeMap<usize, String>,
}

/// What a worker saw.
#[derive(Default)]
struct Seen {
    messages: u64,
    refused: u64,
    repeated: u64,
    deliveries: u64,
    wrong: Vec<String>,
}

/// Who may call, by id.
type Callers = BTreeMap<String, Caller>;

/// Plays everything; gives the lives back.
pub(super) async fn play(
    gateway: &Arc<Gateway>,
    lives: Vec<Life>,
    (begin, end): (Timestamp, Timestamp),
    outcome: &mut Outcome,
    progress: &impl Fn(String),
) -> anyhow::Result<Vec<Life>> {
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
    Ok(playing.into_iter().flatten().map(|one| one.life).collect())
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
        while let Some((at, step)) = one.steps.get(one.done).copied().filter(|(at, _)| *at < until) {
            one.done += 1;
            one.take(&gateway, &callers, at, step, &mut seen).await;
        }
    }
    (taken, seen)
}

impl Playing {
    fn of(life: Life) -> Self {
        let second = |seconds: i64| SignedDuration::from_secs(seconds);
        let mut steps = vec![(life.referred, Step::Refer)];
        match life.trouble {
            Trouble::None => {}
            Trouble::Malformed => steps = vec![(life.referred, Step::Trouble(Trouble::Malformed))],
            trouble => steps.push((life.referred + second(1), Step::Trouble(trouble))),
        }
        for (place, moment) in life.moments.iter().enumerate() {
            steps.push((moment.told, Step::Tell(place)));
            if moment.twice {
                steps.push((moment.told, Step::Again(place)));
            }
            steps.extend(moment.taken_back.map(|at| (at, Step::TakeBack(place))));
        }
        // stable: of two at one moment the first made comes first
        steps.sort_by_key(|(at, _)| *at);
        Self { life, steps, done: 0, request: None, events: BTreeMap::new() }
    }

    fn is_due(&self, until: Timestamp) -> bool {
        self.steps.get(self.done).is_some_and(|(at, _)| *at < until)
    }

    async fn take(&mut self, gateway: &Arc<Gateway>, callers: &Callers, at: Timestamp, step: Step, seen: &mut Seen) {
        let expected = match step {
            Step::Refer | Step::Tell(_) | Step::TakeBack(_) => Answered::Taken,
            Step::Again(_) | Step::Trouble(Trouble::SentTwice) => Answered::Repeated,
            Step::Trouble(_) => Answered::Refused,
        };
        let found = match step {
            Step::Refer => self.refer(gateway, callers, at, (&referral(&self.life, false), seen)).await,
            Step::Trouble(Trouble::SentTwice) => {
                self.refer(gateway, callers, at, (&referral(&self.life, false), seen)).await
            }
            Step::Trouble(Trouble::OtherContent) => {
                self.refer(gateway, callers, at, (&referral(&self.life, true), seen)).await
            }
            Step::Trouble(Trouble::OfTheFuture) => {
                let later = at + SignedDuration::from_hours(48);
                let event = json!({"id": format!("{}-future", self.life.number), "kind": "contacted",
                    "at": later.to_string(), "request": {"message": self.request}});
                self.tell(gateway, callers, at, (TRUST, &event), None).await
            }
            Step::Trouble(_) => self.refer(gateway, callers, at, (&json!({"id": "x", "response": "soon"}), seen)).await,
            Step::Tell(place) | Step::Again(place) if self.is_step(place) => {
                self.take_on(gateway, callers, at, seen).await
            }
            Step::Tell(place) | Step::Again(place) => match self.event(place) {
                Some((caller, event)) => self.tell(gateway, callers, at, (&caller, &event), Some(place)).await,
                None => Err("there is no such moment".to_owned()),
            },
            Step::TakeBack(place) => match (self.event(place), self.events.get(&place)) {
                (Some((caller, told)), Some(id)) => {
                    let mut event = json!({"id": format!("{}-{place}-error", self.life.number), "kind": "entered-in-error",
                        "at": at.to_string(), "request": {"message": self.request}, "detail": {"event": id}});
                    if let Some(by) = told.get("by") {
                        event["by"] = by.clone();
                    }
                    self.tell(gateway, callers, at, (&caller, &event), None).await
                }
                _ => Err("what is taken back was not taken".to_owned()),
            },
        };
        seen.messages += 1;
        match found {
            Ok(Answered::Refused) => seen.refused += 1,
            Ok(Answered::Repeated) => seen.repeated += 1,
            Ok(Answered::Taken) | Err(_) => {}
        }
        if found != Ok(expected) {
            seen.wrong.push(format!("person {}: {step:?} was {found:?} and not {expected:?}", self.life.number));
        }
    }

    /// Who tells of a moment, and how.
    fn event(&self, place: usize) -> Option<(String, Value)> {
        let Moment { what, at, by_partner, score, .. } = self.life.moments.get(place)?;
        let mut event = json!({
            "id": format!("{}-{place}", self.life.number),
            "kind": what.code(),
            "at": at.to_string(),
            "request": {"message": self.request},
        });
        let caller = if *by_partner { self.life.partner.clone() } else { TRUST.to_owned() };
        if !by_partner {
            event["by"] = self.life.team.into();
        }
        match what {
            Happens::Contacted => event["detail"] = json!({"mode": "telephone"}),
            Happens::ScoredAtStart | Happens::ScoredAtEnd => {
                let point = if *what == Happens::ScoredAtStart { "start" } else { "end" };
                let mean = format!("{}.{:02}", score / 100, score % 100);
                event["detail"] = json!({"measure": "dialog", "point": point, "mean": mean});
            }
            _ => {}
        }
        Some((caller, event))
    }

    fn is_step(&self, place: usize) -> bool {
        self.life.moments.get(place).is_some_and(|moment| moment.what == Happens::TakenOn)
    }

    /// The access point accepts the referral for the team.
    async fn take_on(
        &self,
        gateway: &Arc<Gateway>,
        callers: &Callers,
        at: Timestamp,
        seen: &mut Seen,
    ) -> Result<Answered, String> {
        let caller = callers.get(TRUST).ok_or("nobody calls")?;
        let request = self.request.as_deref().and_then(MessageId::parse).ok_or("there is no request")?;
        let tasks = gateway.store().tasks(&TasksWanted::Request(request)).await.map_err(|error| error.to_string())?;
        let task =
            tasks.iter().find(|task| task.owner.as_str() == ACCESS_POINT).ok_or("the access point has no task")?;
        let ask = Ask {
            task: task.id,
            id: Some(Uuid::new_v5(&task.id, b"accepted")),
            wish: Wish::To(RequestStatus::Accepted),
            at: None,
            reason: None,
            team: PartyId::parse(self.life.team),
            items: Vec::new(),
            mode: None,
            of_version: None,
        };
        match gateway.take_step(caller, ask, at).await {
            Ok(Some(taken)) if taken.repeated => Ok(Answered::Repeated),
            Ok(Some(taken)) => {
                let told = taken.told.len() + usize::from(taken.next.is_some());
                seen.deliveries += u64::try_from(told).unwrap_or(0);
                Ok(Answered::Taken)
            }
            Ok(None) => Err("the task is nobody's".to_owned()),
            Err(refusal) => {
                Err(refusal.issues.first().map_or_else(|| "refused".to_owned(), |issue| issue.text.clone()))
            }
        }
    }

    async fn refer(
        &mut self,
        gateway: &Arc<Gateway>,
        callers: &Callers,
        at: Timestamp,
        (document, seen): (&Value, &mut Seen),
    ) -> Result<Answered, String> {
        let caller = callers.get(&self.life.partner).cloned().ok_or("nobody calls")?;
        let entrance = Entrance::Document(DocumentKind::Referral);
        let ticket = gateway.open(entrance, at).await.map_err(|refusal| format!("{:?}", refusal.category))?;
        let id = ticket.id().to_string();
        let received = Received {
            entrance,
            content_type: Some("application/json".to_owned()),
            bytes: document.to_string().into_bytes(),
        };
        match gateway.submit(ticket, caller, received).await {
            Ok(answer) if answer.message.as_str() == id => {
                self.request = Some(id);
                let gone = answer.recipients.iter().filter(|recipient| recipient.release != Release::Denied).count();
                seen.deliveries += u64::try_from(gone).unwrap_or(0) + u64::from(!answer.missing.is_empty());
                Ok(Answered::Taken)
            }
            Ok(_) => Ok(Answered::Repeated),
            Err(refusal) => refused(&refusal),
        }
    }

    async fn tell(
        &mut self,
        gateway: &Arc<Gateway>,
        callers: &Callers,
        at: Timestamp,
        (caller, event): (&str, &Value),
        place: Option<usize>,
    ) -> Result<Answered, String> {
        let caller = callers.get(caller).ok_or("nobody calls")?;
        let json = Some("application/json".to_owned());
        match gateway.take_event(caller, json, event.to_string().into_bytes(), at).await {
            Ok(answer) => {
                let id = answer["id"].as_str().unwrap_or_default().to_owned();
                let Some(place) = place else { return Ok(Answered::Taken) };
                let known = self.events.insert(place, id.clone());
                Ok(if known.is_some_and(|known| known == id) { Answered::Repeated } else { Answered::Taken })
            }
            Err(refusal) => refused(&refusal),
        }
    }
}

/// A refusal for what was sent; any other is a difference, with its first words.
fn refused(refusal: &crate::intake::Refusal) -> Result<Answered, String> {
    match refusal.category {
        Category::Internal | Category::Unavailable | Category::Busy | Category::NotFound | Category::Forbidden => {
            let words = refusal.issues.first().map(|issue| issue.text.clone()).unwrap_or_default();
            Err(format!("{:?}: {words}", refusal.category))
        }
        _ => Ok(Answered::Refused),
    }
}
