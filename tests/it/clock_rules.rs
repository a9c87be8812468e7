//! Every clock of the source: started, paused over the Easter weekend of 2026, stopped, breached; and what moves, voids and
//! corrects clocks.

use std::collections::BTreeMap;

use cmht_gateway::clocks::{Rules, after, clock_id};
use cmht_gateway::model::{CareEvent, Clock, ClockState, EventKind, MessageId, PersonKey};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::support::party;

const TEAM: &str = "lpt-cmht-city-east";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn request(number: u128) -> MessageId {
    MessageId::new(Uuid::from_u128(number))
}

/// An event of the team, about request 1: `kind name=value name=value`.
fn event(number: u128, when: &str, text: &str) -> CareEvent {
    let mut words = text.split(' ');
    let kind = EventKind::from_code(words.next().unwrap()).unwrap_or_else(|| panic!("{text}"));
    let detail = words.map(|pair| pair.split_once('=').unwrap());
    let mut detail: BTreeMap<String, String> = detail.map(|(a, b)| (a.to_owned(), b.to_owned())).collect();
    detail.entry("by-sector".to_owned()).or_insert_with(|| "nhs".to_owned());
    CareEvent {
        id: Uuid::from_u128(number),
        kind,
        at: at(when),
        recorded: at(when),
        person: PersonKey::from_digest("aa".to_owned()),
        request: Some(request(1)),
        message: None,
        by: party(TEAM),
        team: None,
        detail,
    }
}

fn rules() -> Rules {
    Rules::load(None).unwrap()
}

fn clocks(events: &[CareEvent]) -> Vec<Clock> {
    after(&rules(), events, &[])
}

/// The clock of a rule that an event started.
fn clock(events: &[CareEvent], rule: &str, started_by: u128) -> Clock {
    let id = clock_id(rule, Uuid::from_u128(started_by));
    let all = clocks(events);
    all.iter().find(|clock| clock.id == id).unwrap_or_else(|| panic!("{rule} was not started: {all:?}")).clone()
}

struct Row {
    rule: &'static str,
    /// What is known before.
    known: &'static str,
    start: &'static str,
    at: &'static str,
    due: &'static str,
    /// When it is due after a pause from Thursday 2 April 17:00 to Tuesday 7 April 08:00 (UTC).
    paused: &'static str,
    /// What stops it, one after the other.
    stops: &'static [&'static str],
}

const WEDNESDAY: &str = "2026-04-01T09:00:00Z";

const fn row(
    rule: &'static str,
    start: &'static str,
    due: &'static str,
    paused: &'static str,
    stops: &'static [&'static str],
) -> Row {
    Row { rule, known: "", start, at: WEDNESDAY, due, paused, stops }
}

const ROWS: &[Row] = &[
    row(
        "CK-01",
        "referral-received urgency=urgent",
        "2026-04-10T22:59:59.999Z",
        "2026-04-10T22:59:59.999Z",
        &["contacted"],
    ),
    row(
        "CK-02",
        "referral-received urgency=routine",
        "2026-05-18T22:59:59.999Z",
        "2026-05-18T22:59:59.999Z",
        &["assessment-offered"],
    ),
    row("CK-03", "accepted team-kind=cmht", "2026-04-08T22:59:59.999Z", "2026-04-08T22:59:59.999Z", &["contacted"]),
    row(
        "CK-04",
        "referral-received urgency=routine",
        "2026-04-29T22:59:59.999Z",
        "2026-05-03T22:59:59.999Z",
        &["contacted", "baseline-outcome", "assessed", "intervention-started"],
    ),
    row("CK-05", "assessed", "2026-04-14T22:59:59.999Z", "2026-04-14T22:59:59.999Z", &["safety-plan-complete"]),
    row("CK-06", "allocated", "2026-04-15T22:59:59.999Z", "2026-04-19T22:59:59.999Z", &["contacted mode=face-to-face"]),
    row(
        "CK-07",
        "referral-received from-kind=crht",
        "2026-04-08T22:59:59.999Z",
        "2026-04-12T22:59:59.999Z",
        &["contacted"],
    ),
    row("CK-08", "assessed", "2026-04-29T22:59:59.999Z", "2026-05-03T22:59:59.999Z", &["care-plan-complete"]),
    row("CK-09", "review-complete", "2026-04-15T22:59:59.999Z", "2026-04-19T22:59:59.999Z", &["plan-shared"]),
    row("CK-10", "discharged", "2026-04-17T22:59:59.999Z", "2026-04-17T22:59:59.999Z", &["letter-sent"]),
    row("CK-11", "inpatient-discharge", "2026-04-04T09:00:00Z", "2026-04-09T00:00:00Z", &["contacted"]),
    Row {
        at: "2026-04-02T09:00:00Z",
        ..row("CK-12", "mdt-decided", "2026-04-07T22:59:59.999Z", "2026-04-07T22:59:59.999Z", &["referral-opened"])
    },
    row(
        "CK-13",
        "referral-received urgency=crisis",
        "2026-04-01T10:00:00Z",
        "2026-04-01T10:00:00Z",
        &["crisis-assessment-available"],
    ),
    row("CK-14", "risk-assessed", "2026-10-01T22:59:59.999Z", "2026-10-05T22:59:59.999Z", &["risk-assessed"]),
    row(
        "CK-14",
        "risk-assessed setting=hospital",
        "2026-04-08T22:59:59.999Z",
        "2026-04-12T22:59:59.999Z",
        &["risk-assessed"],
    ),
    Row {
        known: "drug-service-involved",
        ..row(
            "CK-15",
            "discharge-planned on=2026-04-10",
            "2026-04-07T22:59:59.999Z",
            "2026-04-07T22:59:59.999Z",
            &["drug-service-told"],
        )
    },
    row("CK-16", "waiting grade=red", "2026-06-24T22:59:59.999Z", "2026-06-28T22:59:59.999Z", &["waiting-contact"]),
    Row {
        known: "accepted",
        at: "2026-04-02T12:00:00Z",
        ..row("CK-17", "admitted", "2026-04-03T12:00:00Z", "2026-04-08T03:00:00Z", &["community-team-told"])
    },
    row(
        "CK-18",
        "information-requested",
        "2026-04-17T22:59:59.999Z",
        "2026-04-17T22:59:59.999Z",
        &["information-answered"],
    ),
    Row {
        at: "2026-04-02T15:00:00Z",
        ..row("CK-19", "duty-call", "2026-04-07T22:59:59.999Z", "2026-04-07T22:59:59.999Z", &["duty-answered"])
    },
];

#[test]
fn every_rule_has_a_row() {
    let rules = rules();
    for rule in rules.rows() {
        assert!(ROWS.iter().any(|row| row.rule == rule.id), "{}", rule.id);
    }
}

#[test]
fn every_clock_starts_pauses_over_a_bank_holiday_weekend_stops_and_is_breached() {
    for row in ROWS {
        let name = format!("{} {}", row.rule, row.start);
        let mut events = Vec::new();
        if !row.known.is_empty() {
            events.push(event(900, "2026-03-02T09:00:00Z", row.known));
        }
        events.push(event(1, row.at, row.start));
        let started = clock(&events, row.rule, 1);
        assert_eq!((started.state, started.due), (ClockState::Running, at(row.due)), "{name}");
        assert_eq!((started.started, started.breached(started.due)), (at(row.at), false), "{name}");
        assert!(started.breached(started.due + SignedDuration::from_millis(1)), "{name}");

        let mut paused = events.clone();
        paused.push(event(2, "2026-04-02T17:00:00Z", "paused reason=person-away"));
        let can_pause = !["CK-13", "CK-15"].contains(&row.rule);
        assert_eq!(clock(&paused, row.rule, 1).state == ClockState::Paused, can_pause, "{name}");
        paused.push(event(3, "2026-04-07T08:00:00Z", "resumed"));
        let resumed = clock(&paused, row.rule, 1);
        assert_eq!((resumed.state, resumed.due), (ClockState::Running, at(row.paused)), "{name} paused");

        // in time, and too late; told in the order in which it happened and the other way round
        let half = at(row.at) + at(row.due).duration_since(at(row.at)) / 2;
        let late = at(row.due) + SignedDuration::from_hours(1);
        for (moment, breached) in [(half, false), (late, true)] {
            let mut events = events.clone();
            for (number, stop) in (10..).zip(row.stops) {
                let before = clock(&events, row.rule, 1);
                assert_eq!(before.state, ClockState::Running, "{name} before {stop}");
                events.push(event(number, &moment.to_string(), stop));
            }
            let stopped = clock(&events, row.rule, 1);
            assert_eq!((stopped.state, stopped.breached(late)), (ClockState::Stopped, breached), "{name} at {moment}");
            assert_eq!(stopped.ended, Some(Timestamp::from_millisecond(moment.as_millisecond()).unwrap()), "{name}");
            events.reverse();
            assert_eq!(clock(&events, row.rule, 1), stopped, "{name} told the other way round");
        }
    }
}

#[test]
fn what_starts_again_runs_in_its_rhythm() {
    let waiting = event(1, "2026-01-05T09:00:00Z", "waiting grade=amber");
    let mut events = vec![waiting, event(2, "2026-03-30T09:00:00Z", "waiting-contact")];
    assert_eq!(clock(&events, "CK-16", 2).due, at("2026-04-27T22:59:59.999Z"), "amber: four weeks");
    events.push(event(3, "2026-04-06T09:00:00Z", "waiting grade=red"));
    assert_eq!(clock(&events, "CK-16", 2).state, ClockState::Void);
    assert_eq!(clock(&events, "CK-16", 3).due, at("2026-04-20T22:59:59.999Z"), "red from now on: two weeks");
    events.push(event(4, "2026-04-15T09:00:00Z", "allocated"));
    assert_eq!(clock(&events, "CK-16", 3).state, ClockState::Void);
    let at_once = [event(1, "2026-01-05T09:00:00Z", "waiting grade=red immediate=yes")];
    assert_eq!(clock(&at_once, "CK-16", 1).due, at("2026-01-19T23:59:59.999Z"));
    let risk = [event(1, "2026-01-05T09:00:00Z", "risk-assessed"), event(2, "2026-02-28T09:00:00Z", "risk-assessed")];
    assert_eq!(clock(&risk, "CK-14", 2).due, at("2026-08-28T22:59:59.999Z"));
}

#[test]
fn a_redirection_moves_the_owner_and_a_correction_voids() {
    let mut events = vec![event(1, WEDNESDAY, "referral-received urgency=urgent")];
    events[0].team = Some(party("lpt-cap"));
    assert_eq!(clock(&events, "CK-01", 1).owner, party("lpt-cap"));
    events.push(CareEvent { team: Some(party(TEAM)), ..event(2, "2026-04-02T09:00:00Z", "accepted team-kind=cmht") });
    assert_eq!(clock(&events, "CK-01", 1).owner, party(TEAM));
    assert_eq!(clock(&events, "CK-03", 2).owner, party(TEAM));
    let other = party("lpt-cmht-nwl");
    events
        .push(CareEvent { team: Some(other.clone()), ..event(3, "2026-04-02T10:00:00Z", "redirected team-kind=cmht") });
    assert_eq!(clock(&events, "CK-01", 1).owner, other);
    assert_eq!(clock(&events, "CK-03", 2).state, ClockState::Void);

    let mut cancelled = events.clone();
    cancelled.push(event(4, "2026-04-03T09:00:00Z", "cancelled"));
    assert!(clocks(&cancelled).iter().all(|clock| clock.state == ClockState::Void));
    // of another request: nothing changes
    let elsewhere = CareEvent { request: Some(request(2)), ..event(4, "2026-04-03T09:00:00Z", "cancelled") };
    events.push(elsewhere);
    assert_eq!(clock(&events, "CK-01", 1).state, ClockState::Running);
    // stopped, and then found to be an error: as if it had never been
    events.push(event(5, "2026-04-07T09:00:00Z", "contacted"));
    assert_eq!(clock(&events, "CK-01", 1).state, ClockState::Stopped);
    let wrong = format!("entered-in-error event={}", Uuid::from_u128(5));
    let mut corrected = events.clone();
    corrected.push(event(6, "2026-04-08T09:00:00Z", &wrong));
    assert_eq!(clock(&corrected, "CK-01", 1).state, ClockState::Running);
    events.push(event(7, "2026-04-08T09:00:00Z", "entered-in-error"));
    assert!(clocks(&events).iter().all(|clock| clock.state == ClockState::Void));
}

#[test]
fn a_clock_that_was_started_by_mistake_is_void_and_keeps_that_it_was_told_of() {
    let rules = rules();
    let mut events = vec![event(1, WEDNESDAY, "duty-call")];
    let mut stored = after(&rules, &events, &[]);
    stored[0].warned = Some(at("2026-04-02T15:00:00Z"));
    events.push(event(2, "2026-04-02T16:00:00Z", &format!("entered-in-error event={}", Uuid::from_u128(1))));
    let changed = after(&rules, &events, &stored);
    assert_eq!(changed.len(), 1);
    assert_eq!((changed[0].state, changed[0].warned), (ClockState::Void, stored[0].warned));
}

#[test]
fn regrading_ends_one_clock_and_starts_the_other() {
    let mut events = vec![event(1, WEDNESDAY, "referral-received urgency=urgent")];
    events.push(event(2, "2026-04-08T09:00:00Z", "regraded from=urgent to=routine"));
    assert_eq!(clock(&events, "CK-01", 1).state, ClockState::Void);
    let routine = clock(&events, "CK-02", 2);
    assert_eq!((routine.started, routine.due), (at(WEDNESDAY), at("2026-05-18T22:59:59.999Z")));
    events.push(event(3, "2026-04-20T09:00:00Z", "regraded from=routine to=urgent"));
    assert_eq!(clock(&events, "CK-02", 2).state, ClockState::Void);
    assert_eq!(clock(&events, "CK-01", 3).due, at("2026-04-27T22:59:59.999Z"));
}

#[test]
fn who_does_it_and_for_whom_decides_what_stops_and_what_ends() {
    let received = CareEvent { team: Some(party(TEAM)), ..event(1, WEDNESDAY, "referral-received urgency=urgent") };
    let mut events = vec![received];
    // a charity has been in touch: that is not the first contact of the team
    let charity = "contacted by-sector=voluntary by-org=wellbeing-roots";
    events.push(CareEvent { by: party("wellbeing-roots"), ..event(2, "2026-04-02T09:00:00Z", charity) });
    assert_eq!(clock(&events, "CK-01", 1).state, ClockState::Running);
    // another team discharges the person: this referral goes on
    let other = |number| CareEvent {
        by: party("lpt-cmht-nwl"),
        request: None,
        ..event(number, "2026-04-02T10:00:00Z", "discharged")
    };
    events.push(other(3));
    assert_eq!(clock(&events, "CK-01", 1).state, ClockState::Running);
    let ours = CareEvent { by: party(TEAM), ..other(4) };
    events.push(ours);
    assert_eq!(clock(&events, "CK-01", 1).state, ClockState::Void);
}

#[test]
fn a_letter_ahead_of_the_discharge_counts_once_and_a_notice_is_wanted_however_late_the_plan() {
    let letter = event(1, "2026-03-20T09:00:00Z", "letter-sent");
    let mut events = vec![letter, event(2, WEDNESDAY, "discharged")];
    let first = clock(&events, "CK-10", 2);
    assert_eq!((first.state, first.breached(at("2027-01-01T00:00:00Z"))), (ClockState::Stopped, false));
    events.push(event(3, "2026-03-01T09:00:00Z", "discharged"));
    assert_eq!(clock(&events, "CK-10", 3).state, ClockState::Stopped);
    // the one letter answered the first discharge
    assert_eq!(clock(&events, "CK-10", 2).state, ClockState::Running);

    let mut planned = vec![event(1, WEDNESDAY, "discharge-planned on=2026-04-02")];
    assert!(clocks(&planned).is_empty(), "nobody knows of a drug and alcohol service");
    planned.push(event(2, "2026-04-01T10:00:00Z", "drug-service-involved"));
    let short = clock(&planned, "CK-15", 1);
    assert_eq!((short.started, short.due), (at("2026-04-01T10:00:00Z"), at("2026-04-01T22:59:59.999Z")));
    planned.push(event(3, "2026-04-01T11:00:00Z", "discharge-planned on=2026-04-20"));
    assert_eq!(clock(&planned, "CK-15", 1).state, ClockState::Void);
    assert_eq!(clock(&planned, "CK-15", 3).due, at("2026-04-17T22:59:59.999Z"));
    // nobody who is not open to a team is missed by one
    assert!(clocks(&[event(1, WEDNESDAY, "admitted")]).is_empty());
}
