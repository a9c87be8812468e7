//! The table, row by row, and random walks by several parties at once: no step leads where the table does not, nothing is
//! lost on the way, and nobody with standing is left untold.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

use super::{
    Capacity, Illegal, Opening, Reason, Stepped, Wanted, Wish, open, progress, role, step, told, transitions, wishes,
};
use crate::model::{DocumentKind, EventKind, MessageId, PartyId, PersonKey, RequestStatus as S, RequestTask, TaskStep};

fn party(id: &str) -> PartyId {
    PartyId::parse(id).unwrap()
}

fn start() -> Timestamp {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

fn task(owner: &str, role: &str, status: S) -> (RequestTask, TaskStep) {
    open(&Opening {
        request: &MessageId::new(Uuid::from_u128(1)),
        identifier: "urn:x|1",
        kind: DocumentKind::Referral,
        person: &PersonKey::from_digest("aa".to_owned()),
        requester: &party("demo-gp"),
        owner: &party(owner),
        role,
        status,
        reason: None,
        by: &party("demo-gp"),
        agent: "test",
        now: start(),
    })
}

fn wanted(number: u128, wish: Wish, capacity: Capacity, by: &str) -> Wanted {
    Wanted {
        id: Uuid::from_u128(number),
        wish,
        at: None,
        reason: Some("because".to_owned()),
        team: Some(party("lpt-cmht-city-east")),
        items: Vec::new(),
        mode: None,
        by: party(by),
        agent: "test".to_owned(),
        capacity,
    }
}

#[test]
fn every_row_can_be_taken_by_those_it_names_and_by_nobody_else() {
    for row in transitions() {
        assert!(!row.source.is_empty() && !row.by.is_empty());
        for from in row.from {
            let (mut task, _) = task("lpt-cap", role::RESPONSIBLE, S::Received);
            from.code().clone_into(&mut task.status);
            if row.to == S::Completed && matches!(from, S::Received | S::Triaged) {
                // a question is answered at once; care that was never taken on is not completed
                let now = start() + SignedDuration::from_hours(1);
                let done = wanted(1, Wish::To(S::Completed), Capacity::Owner, "lpt-cap");
                assert_eq!(step(&task, &done, None, now), Err(Illegal::NotNow));
                task.kind = DocumentKind::ClinicalInformationRequest;
            }
            for capacity in [Capacity::Owner, Capacity::Requester, Capacity::Own] {
                let allowed = transitions()
                    .iter()
                    .any(|one| one.to == row.to && one.from.contains(from) && one.by.contains(&capacity));
                let now = start() + SignedDuration::from_hours(1);
                let found = step(&task, &wanted(1, Wish::To(row.to), capacity, "lpt-cap"), None, now);
                let moved = found.as_ref().is_ok_and(|stepped| !stepped.late);
                assert_eq!(moved, allowed, "{} to {} by {capacity:?}", from.code(), row.to.code());
                if row.reason == Reason::Wanted && allowed {
                    let silent = Wanted { reason: Some("  ".to_owned()), ..wanted(1, Wish::To(row.to), capacity, "x") };
                    assert_eq!(step(&task, &silent, None, now), Err(Illegal::ReasonWanted));
                }
            }
        }
    }
}

#[test]
fn every_status_can_be_reached_and_every_one_that_is_not_final_can_be_left() {
    let mut reached = BTreeSet::from([S::Received]);
    loop {
        let next: BTreeSet<S> = transitions()
            .iter()
            .filter(|row| row.from.iter().any(|from| reached.contains(from)))
            .map(|row| row.to)
            .chain(reached.iter().copied())
            .collect();
        if next == reached {
            break;
        }
        reached = next;
    }
    assert_eq!(reached, S::ALL.iter().copied().collect());
    for status in S::ALL.iter().filter(|status| !status.is_final()) {
        assert!(transitions().iter().any(|row| row.from.contains(status)), "{}", status.code());
    }
    for row in transitions().iter().filter(|row| row.from.iter().any(|from| from.is_final())) {
        assert_eq!(row.to, S::EnteredInError, "what has ended is only ever taken back");
    }
}

#[test]
fn what_the_access_point_accepted_is_not_triaged_or_declined_again() {
    let (task, _) = task("lpt-cmht-city-east", role::RESPONSIBLE, S::Accepted);
    let now = start() + SignedDuration::from_hours(1);
    for status in [S::Triaged, S::Declined] {
        let found = step(&task, &wanted(1, Wish::To(status), Capacity::Owner, "lpt-cmht-city-east"), None, now);
        assert_eq!(found, Err(Illegal::NotNow), "{}", status.code());
    }
}

#[test]
fn a_report_that_comes_late_counts_with_its_time_and_moves_nothing_back() {
    let (first, _) = task("lpt-cmht-city-east", role::RESPONSIBLE, S::Accepted);
    let hour = |n: i64| start() + SignedDuration::from_hours(n);
    let owner = |number, status| wanted(number, Wish::To(status), Capacity::Owner, "lpt-cmht-city-east");
    let assessed = step(&first, &owner(1, S::Assessed), None, hour(5)).unwrap().task;
    let late = Wanted { at: Some(hour(2)), ..owner(2, S::Contacted) };
    let Stepped { task, step: kept, events, late } = step(&assessed, &late, None, hour(6)).unwrap();
    assert!(late);
    assert_eq!((task.status.as_str(), kept.to.as_str()), ("assessed", "contacted"));
    assert_eq!((events[0].kind, events[0].at, events[0].recorded), (EventKind::Contacted, hour(2), hour(6)));
    let future = Wanted { at: Some(hour(9)), ..owner(3, S::Completed) };
    assert_eq!(step(&assessed, &future, None, hour(6)), Err(Illegal::InTheFuture));
    let before = Wanted { at: Some(hour(-2)), ..owner(3, S::Completed) };
    assert_eq!(step(&assessed, &before, None, hour(6)), Err(Illegal::BeforeItCame));
}

#[test]
fn an_answer_puts_the_request_back_where_it_was_and_nobody_but_its_sender_gives_one() {
    let (first, _) = task("lpt-cmht-city-east", role::RESPONSIBLE, S::Accepted);
    let now = start() + SignedDuration::from_hours(1);
    let asks = wanted(1, Wish::To(S::MoreInformationNeeded), Capacity::Owner, "lpt-cmht-city-east");
    let asked = step(&first, &asks, None, now).unwrap().task;
    for capacity in [Capacity::Owner, Capacity::Own] {
        assert!(step(&asked, &wanted(2, Wish::GiveInformation, capacity, "x"), Some(S::Accepted), now).is_err());
    }
    let given = step(&asked, &wanted(2, Wish::GiveInformation, Capacity::Requester, "demo-gp"), Some(S::Accepted), now);
    let given = given.unwrap();
    assert_eq!((given.task.status.as_str(), given.events[0].kind), ("accepted", EventKind::InformationGiven));
    let claims = wanted(3, Wish::To(S::Accepted), Capacity::Requester, "demo-gp");
    assert_eq!(step(&asked, &claims, Some(S::Received), now), Err(Illegal::NotYours));
}

/// Who walks, as what, on whose task.
const WALKERS: &[(usize, Capacity, &str)] = &[
    (0, Capacity::Owner, "lpt-cap"),
    (1, Capacity::Owner, "lpt-crht"),
    (2, Capacity::Owner, "wellbeing-roots"),
    (0, Capacity::Requester, "demo-gp"),
    (1, Capacity::Requester, "demo-gp"),
    (0, Capacity::Own, "lpt"),
    (1, Capacity::Own, "lpt"),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn random_walks_by_several_parties_reach_no_illegal_state_lose_no_step_and_leave_nobody_untold(
        walk in proptest::collection::vec((0..WALKERS.len(), 0..S::ALL.len() + 1, 0_i64..72, any::<bool>()), 1..60)
    ) {
        let mut tasks: Vec<RequestTask> = [
            task("lpt-cap", role::RESPONSIBLE, S::Received),
            task("lpt-crht", role::CRISIS, S::Received),
            task("wellbeing-roots", "copy", S::Received),
        ].into_iter().map(|(task, _)| task).collect();
        let mut histories: Vec<Vec<TaskStep>> = vec![Vec::new(); tasks.len()];
        let mut now = start();
        for (number, (walker, choice, hours, late)) in walk.into_iter().enumerate() {
            now += SignedDuration::from_hours(1);
            let (place, capacity, by) = WALKERS[walker];
            let wish = S::ALL.get(choice).map_or(Wish::GiveInformation, |status| Wish::To(*status));
            let before = histories[place].iter().rev()
                .find(|step| step.to == S::MoreInformationNeeded.code())
                .and_then(|step| S::from_code(step.from.as_deref()?));
            let at = late.then(|| now - SignedDuration::from_hours(hours));
            let wanted = Wanted { at, ..wanted(number as u128 + 10, wish, capacity, by) };
            let from = S::from_code(&tasks[place].status).unwrap();
            let Ok(stepped) = step(&tasks[place], &wanted, before, now) else { continue };
            let to = S::from_code(&stepped.step.to).unwrap();
            // legal, or late and of no effect
            let legal = transitions().iter().any(|row| {
                row.to == to && row.from.contains(&from) && row.by.contains(&capacity)
            });
            let answered = wish == Wish::GiveInformation && from == S::MoreInformationNeeded;
            if stepped.late {
                prop_assert!(progress(to) < progress(from));
                prop_assert_eq!(&stepped.task.status, from.code());
            } else {
                prop_assert!(legal || answered, "{} to {}", from.code(), to.code());
                prop_assert_eq!(&stepped.task.status, to.code());
                let offered = wishes(&tasks[place], capacity);
                prop_assert!(offered.iter().any(|(one, _)| *one == wish), "what can be done is offered");
            }
            // nothing that has ended goes on
            prop_assert!(!from.is_final() || stepped.late || to == S::EnteredInError);
            prop_assert_eq!(stepped.task.version, tasks[place].version + 1);
            prop_assert!(stepped.step.at <= now && stepped.step.at >= tasks[place].opened - SignedDuration::from_mins(5));
            // a copy takes no step of its own
            prop_assert!(!(tasks[place].role == "copy" && capacity == Capacity::Owner));
            // everybody with standing is told but whoever did it
            let who: BTreeSet<PartyId> =
                told(&party("demo-gp"), &tasks, None, to, &wanted.by).into_iter().map(|(party, _)| party).collect();
            for standing in ["demo-gp", "lpt-cap", "lpt-crht", "wellbeing-roots"] {
                prop_assert_eq!(who.contains(&party(standing)), standing != by, "{} of {}", standing, to.code());
            }
            histories[place].push(stepped.step);
            tasks[place] = stepped.task;
        }
        // no step is lost: every version is there once, and they lead from one to the next
        for (task, history) in tasks.iter().zip(&histories) {
            prop_assert_eq!(history.len() + 1, task.version as usize);
            let versions: Vec<u32> = history.iter().map(|step| step.version).collect();
            prop_assert_eq!(versions, (2..=task.version).collect::<Vec<_>>());
        }
    }
}
