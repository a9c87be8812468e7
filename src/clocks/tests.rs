//! The calendar against the published list, the counting of limits, the rules that are built in, and what must hold of
//! every clock whatever happens and in whatever order it is told.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

use super::calendar::{Calendar, bank_holidays, begin_of, day_of, end_of};
use super::count::{self, Span, Unit};
use super::{Rules, after, due, load};
use crate::model::{CareEvent, Clock, ClockState, EventKind, MessageId, PartyId, PersonKey};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn span(number: u16, unit: Unit) -> Span {
    Span { unit, number }
}

#[test]
fn bank_holidays_are_those_of_the_published_list_from_2024_to_2030() {
    // <https://www.gov.uk/bank-holidays> lists the years to 2028; all seven years are those of the Python package `holidays`
    // 0.109 (UnitedKingdom, ENG), which is kept by others, as of November 2026
    let published: [(i16, &[(i8, i8)]); 7] = [
        (2024, &[(1, 1), (3, 29), (4, 1), (5, 6), (5, 27), (8, 26), (12, 25), (12, 26)]),
        (2025, &[(1, 1), (4, 18), (4, 21), (5, 5), (5, 26), (8, 25), (12, 25), (12, 26)]),
        (2026, &[(1, 1), (4, 3), (4, 6), (5, 4), (5, 25), (8, 31), (12, 25), (12, 28)]),
        (2027, &[(1, 1), (3, 26), (3, 29), (5, 3), (5, 31), (8, 30), (12, 27), (12, 28)]),
        (2028, &[(1, 3), (4, 14), (4, 17), (5, 1), (5, 29), (8, 28), (12, 25), (12, 26)]),
        (2029, &[(1, 1), (3, 30), (4, 2), (5, 7), (5, 28), (8, 27), (12, 25), (12, 26)]),
        (2030, &[(1, 1), (4, 19), (4, 22), (5, 6), (5, 27), (8, 26), (12, 25), (12, 26)]),
    ];
    for (year, days) in published {
        let days: Vec<Date> = days.iter().map(|(month, day)| date(year, *month, *day)).collect();
        assert_eq!(bank_holidays(year), days, "{year}");
    }
}

#[test]
fn holidays_that_were_moved_or_added_once_are_known() {
    let calendar = Calendar::default();
    for free in [
        date(2020, 5, 8),
        date(2022, 6, 2),
        date(2022, 6, 3),
        date(2022, 9, 19),
        date(2023, 5, 8),
        date(2022, 1, 3),
        date(2021, 12, 27),
        date(2021, 12, 28),
        date(2022, 12, 27),
    ] {
        assert!(!calendar.is_working_day(free), "{free}");
    }
    for worked in [date(2020, 5, 4), date(2022, 5, 30), date(2026, 12, 24), date(2022, 12, 28), date(2024, 2, 29)] {
        assert!(calendar.is_working_day(worked), "{worked}");
    }
    let added = Calendar::with(BTreeSet::from([date(2027, 7, 5)]));
    assert!(!added.is_working_day(date(2027, 7, 5)) && calendar.is_working_day(date(2027, 7, 5)));
}

#[test]
fn limits_are_counted_over_clock_changes_leap_days_and_bank_holidays() {
    let calendar = Calendar::default();
    let rows = [
        // 28 March 2027 has 23 hours and 25 October 2026 has 25: hours are hours, days are days
        (span(72, Unit::Hours), "2027-03-26T12:00:00Z", "2027-03-29T12:00:00Z"),
        (span(1, Unit::Days), "2027-03-27T12:00:00Z", "2027-03-28T22:59:59.999Z"),
        (span(1, Unit::Days), "2026-10-24T12:00:00Z", "2026-10-25T23:59:59.999Z"),
        (span(14, Unit::Days), "2026-10-20T22:30:00Z", "2026-11-03T23:59:59.999Z"),
        // half past eleven at night in England in summer is the same day there
        (span(1, Unit::Days), "2026-07-01T23:30:00Z", "2026-07-03T22:59:59.999Z"),
        // 29 February
        (span(2, Unit::Days), "2028-02-27T12:00:00Z", "2028-02-29T23:59:59.999Z"),
        (span(6, Unit::Months), "2027-08-31T12:00:00Z", "2028-02-29T23:59:59.999Z"),
        (span(6, Unit::Months), "2026-08-31T12:00:00Z", "2027-02-28T23:59:59.999Z"),
        (span(1, Unit::WorkingDays), "2028-02-28T12:00:00Z", "2028-02-29T23:59:59.999Z"),
        // Thursday before Easter 2026 to Tuesday after it
        (span(1, Unit::WorkingDays), "2026-04-02T12:00:00Z", "2026-04-07T22:59:59.999Z"),
        (span(5, Unit::WorkingDays), "2026-11-16T09:00:00Z", "2026-11-23T23:59:59.999Z"),
        // Christmas 2026: Friday 25 and the substitute on Monday 28
        (span(2, Unit::WorkingDays), "2026-12-24T09:00:00Z", "2026-12-30T23:59:59.999Z"),
        (span(6, Unit::WorkingWeeks), "2026-11-16T09:00:00Z", "2026-12-30T23:59:59.999Z"),
        (span(4, Unit::Weeks), "2026-11-16T09:00:00Z", "2026-12-14T23:59:59.999Z"),
    ];
    for (span, start, expected) in rows {
        assert_eq!(count::due(&calendar, span, at(start), &[]), at(expected), "{span} from {start}");
    }
}

#[test]
fn a_pause_gives_back_what_the_clock_counts_and_no_more() {
    let calendar = Calendar::default();
    let rows = [
        // over Easter 2026, Thursday evening to Tuesday morning: no working day was lost
        (
            span(3, Unit::WorkingDays),
            "2026-04-01T09:00:00Z",
            "2026-04-02T17:00:00Z",
            "2026-04-07T08:00:00Z",
            "2026-04-08T22:59:59.999Z",
        ),
        // and the Tuesday, whole
        (
            span(3, Unit::WorkingDays),
            "2026-04-01T09:00:00Z",
            "2026-04-02T17:00:00Z",
            "2026-04-08T08:00:00Z",
            "2026-04-09T22:59:59.999Z",
        ),
        // four whole days
        (
            span(14, Unit::Days),
            "2026-04-01T09:00:00Z",
            "2026-04-02T17:00:00Z",
            "2026-04-07T08:00:00Z",
            "2026-04-19T22:59:59.999Z",
        ),
        // hours: all of it, the hour that spring takes away not counted
        (
            span(72, Unit::Hours),
            "2027-03-27T00:00:00Z",
            "2027-03-27T12:00:00Z",
            "2027-03-28T12:00:00Z",
            "2027-03-31T00:00:00Z",
        ),
        // after the end nothing is given back
        (
            span(72, Unit::Hours),
            "2026-11-16T00:00:00Z",
            "2026-11-20T00:00:00Z",
            "2026-11-21T00:00:00Z",
            "2026-11-19T00:00:00Z",
        ),
    ];
    for (span, start, from, until, expected) in rows {
        assert_eq!(
            count::due(&calendar, span, at(start), &[(at(from), at(until))]),
            at(expected),
            "{span} from {start}"
        );
    }
}

#[test]
fn the_rules_that_are_built_in_are_all_nineteen_and_each_says_why() {
    let rules = Rules::load(None).unwrap();
    let ids: Vec<String> = rules.rows().iter().map(|rule| rule.id.clone()).collect();
    assert_eq!(ids, (1..=19).map(|number| format!("CK-{number:02}")).collect::<Vec<_>>());
    for rule in rules.rows() {
        assert!(rule.source.starts_with('L') && rule.reason.len() > 40, "{}", rule.id);
    }
}

const SITE: &str = r#"
[[holiday]]
id = "coronation"
date = "2031-05-12"
name = "Made up"
source = "A proclamation"

[[rule]]
id = "CK-18"
name = "Information request: answered"
starts = [{ event = "information-requested" }]
stops = [{ event = "information-answered" }]
limit = [{ days = 3 }]
owner = "by"
escalate = "nhs-trust"
warn = { days = 1 }
reason = "Our own."
source = "Our policy 7"
"#;

#[test]
fn a_site_sets_its_own_limit_by_id_and_adds_a_holiday() {
    let rules = Rules::load(Some(SITE)).unwrap();
    assert_eq!(rules.rows().len(), 19);
    assert_eq!(rules.rule("CK-18").unwrap().source, "Our policy 7");
    assert!(!rules.calendar().is_working_day(date(2031, 5, 12)));
}

#[test]
fn every_fault_of_a_file_is_told_at_once_with_row_and_field() {
    let text = r#"
        colour = "blue"
        [[holiday]]
        id = "x"
        date = "next week"
        name = "y"
        source = "z"
        [[rule]]
        id = "A-1"
        name = "n"
        starts = [{ event = "born" }]
        stops = []
        limit = [{ days = 3, weeks = 1 }, { fortnights = 2 }]
        owner = "nobody"
        escalate = "nhs-trust"
        warn = { days = 0 }
        again = "sometimes"
        reason = ""
        source = "s"
        extra = 1
        [[rule]]
        id = "A-1"
    "#;
    let faults = load::load("", Some(text)).unwrap_err();
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    for expected in [
        "colour: no such section",
        "holiday 1 (x), date: must be a date",
        "rule 1 (A-1), starts[0].event: is no kind of event",
        "rule 1 (A-1), starts: is required",
        "rule 1 (A-1), stops: is required",
        "rule 1 (A-1), limit[0]: must have exactly one of",
        "rule 1 (A-1), limit[1].fortnights: no such field",
        "rule 1 (A-1), owner: must be one of team",
        "rule 1 (A-1), warn.days: must be a whole number",
        "rule 1 (A-1), again: must be one of keep",
        "rule 1 (A-1), reason: must be text",
        "rule 1 (A-1), extra: no such field",
        "rule 2 (A-1), name: is required",
    ] {
        assert!(told.iter().any(|fault| fault.contains(expected)), "{expected} is not in {told:#?}");
    }
}

/// An event of one person, its number its id; `hours` after a Monday at midnight.
fn event(number: u64, kind: EventKind, hours: i64, request: Option<u128>, detail: &[(&str, &str)]) -> CareEvent {
    let when = at("2026-03-23T00:00:00Z").checked_add(SignedDuration::from_hours(hours)).unwrap();
    CareEvent {
        id: Uuid::from_u128(u128::from(number)),
        kind,
        at: when,
        recorded: when,
        person: PersonKey::from_digest("aa".to_owned()),
        request: request.map(|id| MessageId::new(Uuid::from_u128(id))),
        message: None,
        by: PartyId::parse("lpt").unwrap(),
        team: None,
        detail: detail
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<BTreeMap<_, _>>(),
    }
}

#[test]
fn somebody_whose_handover_to_a_charity_ended_is_open_to_the_team_still() {
    use EventKind::{Accepted, Admitted, Completed};
    let rules = Rules::load(None).unwrap();
    let told = |ended: CareEvent| {
        let events = [event(1, Accepted, 0, Some(1), &[]), ended, event(3, Admitted, 20, Some(1), &[])];
        after(&rules, &events, &[]).iter().filter(|clock| clock.rule == "CK-17").count()
    };
    assert_eq!(told(event(2, Completed, 10, Some(2), &[("kind", "handover-outcome")])), 1);
    assert_eq!(told(event(2, Completed, 10, Some(2), &[("kind", "social-prescribing-handover")])), 1);
    assert_eq!(told(event(2, Completed, 10, Some(1), &[("kind", "referral")])), 0);
}

#[test]
fn what_a_charity_or_another_team_ends_leaves_the_clock_of_an_assessment_that_names_no_request() {
    use EventKind::{Assessed, Completed, Declined, Discharged, ReferralReceived};
    let rules = Rules::load(None).unwrap();
    let of = |event: CareEvent, by: &str, team: Option<&str>| CareEvent {
        by: PartyId::parse(by).unwrap(),
        team: team.and_then(PartyId::parse),
        ..event
    };
    let state = |end: CareEvent| {
        let events = [
            of(event(1, ReferralReceived, 0, Some(1), &[]), "demo-gp", Some("lpt-cmht-south")),
            of(event(2, Assessed, 1, None, &[]), "lpt-cmht-south", None),
            of(event(3, ReferralReceived, 2, Some(2), &[]), "demo-gp", Some("lpt-cap")),
            end,
        ];
        // the second referral has moved nothing of the first
        let clocks = after(&rules, &events, &[]);
        clocks.into_iter().find(|clock| clock.rule == "CK-05").map(|clock| clock.state)
    };
    let by_charity = of(event(4, Completed, 3, Some(3), &[]), "wellbeing-roots", None);
    assert_eq!(state(by_charity), Some(ClockState::Running));
    let by_access_point = of(event(4, Declined, 3, Some(2), &[]), "lpt-cap", None);
    assert_eq!(state(by_access_point), Some(ClockState::Running));
    let by_trust = of(event(4, Discharged, 3, Some(1), &[]), "lpt", None);
    assert_eq!(state(by_trust), Some(ClockState::Void), "the team answers for that request");
    let by_team = of(event(4, Discharged, 3, None, &[]), "lpt-cmht-south", None);
    assert_eq!(state(by_team), Some(ClockState::Void));
}

#[test]
fn what_others_tell_stops_voids_pauses_and_regrades_nobodys_clock_but_their_own() {
    type Detail = &'static [(&'static str, &'static str)];
    use EventKind as K;
    let rules = Rules::load(None).unwrap();
    let by = |number: u64, kind: EventKind, hours: i64, who: &str, organisation: &str, detail: &[(&str, &str)]| {
        let mut told = event(number, kind, hours, Some(1), detail);
        told.by = PartyId::parse(who).unwrap();
        told.detail.insert("by-org".to_owned(), organisation.to_owned());
        told
    };
    let ours = |mut event: CareEvent| {
        event.team = PartyId::parse("lpt-cmht-south");
        event.detail.insert("team-org".to_owned(), "lpt".to_owned());
        event.detail.insert("team-kind".to_owned(), "cmht".to_owned());
        event
    };
    // rule, what starts it, what does something to it when the team's organisation does it, and how it stands then
    let rows: [(&str, K, Detail, K, Detail, ClockState); 17] = [
        ("CK-01", K::ReferralReceived, &[("urgency", "urgent")], K::Contacted, &[], ClockState::Stopped),
        ("CK-01", K::ReferralReceived, &[("urgency", "urgent")], K::Assessed, &[], ClockState::Stopped),
        ("CK-01", K::ReferralReceived, &[("urgency", "urgent")], K::Discharged, &[], ClockState::Void),
        ("CK-01", K::ReferralReceived, &[("urgency", "urgent")], K::Regraded, &[("to", "routine")], ClockState::Void),
        ("CK-01", K::ReferralReceived, &[("urgency", "urgent")], K::Paused, &[("reason", "x")], ClockState::Paused),
        ("CK-01", K::ReferralReceived, &[("urgency", "urgent")], K::Paused, &[("clock", "CK-01")], ClockState::Paused),
        ("CK-02", K::ReferralReceived, &[("urgency", "routine")], K::AssessmentOffered, &[], ClockState::Stopped),
        ("CK-03", K::Accepted, &[], K::Contacted, &[], ClockState::Stopped),
        ("CK-03", K::Accepted, &[], K::Discharged, &[], ClockState::Void),
        ("CK-05", K::Assessed, &[], K::SafetyPlanComplete, &[], ClockState::Stopped),
        ("CK-06", K::Allocated, &[], K::Contacted, &[("mode", "video")], ClockState::Stopped),
        ("CK-08", K::Assessed, &[], K::CarePlanComplete, &[], ClockState::Stopped),
        ("CK-11", K::InpatientDischarge, &[], K::Contacted, &[], ClockState::Stopped),
        ("CK-14", K::RiskAssessed, &[], K::RiskAssessed, &[], ClockState::Stopped),
        ("CK-16", K::Waiting, &[("grade", "red")], K::Allocated, &[], ClockState::Void),
        (
            "CK-18",
            K::InformationRequested,
            &[("receiver", "harbour-clinic")],
            K::InformationAnswered,
            &[],
            ClockState::Stopped,
        ),
        ("CK-19", K::DutyCall, &[], K::DutyAnswered, &[], ClockState::Stopped),
    ];
    for (rule, start, started, kind, detail, expected) in rows {
        let state = |who: &str, organisation: &str| {
            let start = ours(by(1, start, 0, "lpt-cmht-south", "lpt", started));
            let id = super::clock_id(rule, start.id);
            let events = [start, by(2, kind, 5, who, organisation, detail)];
            after(&rules, &events, &[]).into_iter().find(|clock| clock.id == id).unwrap().state
        };
        for (who, organisation) in [("wellbeing-roots", "wellbeing-roots"), ("demo-gp", "demo-gp")] {
            assert_eq!(state(who, organisation), ClockState::Running, "{rule} {kind:?} by {who}");
        }
        assert_eq!(state("lpt-cmht-nwl", "lpt"), expected, "{rule} {kind:?} by another team of the trust");
    }
    // whom was asked answers; and the ward's own word that the community team knows is not needed
    let asked = by(1, K::InformationRequested, 0, "lpt-cmht-south", "lpt", &[("receiver", "harbour-clinic")]);
    let answered = by(2, K::InformationAnswered, 5, "harbour-clinic", "harbour-clinic", &[]);
    let clock = |events: &[CareEvent], rule: &str| {
        let found = after(&rules, events, &[]).into_iter().filter(|clock| clock.rule == rule);
        found.map(|clock| (clock.owner.to_string(), clock.state)).collect::<Vec<_>>()
    };
    assert_eq!(clock(&[asked, answered], "CK-18"), [("lpt-cmht-south".to_owned(), ClockState::Stopped)]);
    let team = ours(by(1, K::Accepted, 0, "lpt-cmht-south", "lpt", &[]));
    let admitted = by(2, K::Admitted, 5, "ward", "another-trust", &[]);
    let told = by(3, K::CommunityTeamTold, 6, "lpt-cmht-south", "lpt", &[]);
    assert_eq!(clock(&[team.clone(), admitted, told], "CK-17"), [("ward".to_owned(), ClockState::Stopped)]);
    // what a charity assesses is its own to see through, and stands in nobody's way
    let theirs = by(2, K::Assessed, 5, "wellbeing-roots", "wellbeing-roots", &[]);
    let mine = by(3, K::Assessed, 6, "lpt-cmht-south", "lpt", &[]);
    let expected = ["wellbeing-roots", "lpt-cmht-south"].map(|owner| (owner.to_owned(), ClockState::Running));
    assert_eq!(clock(&[team, theirs, mine], "CK-05"), expected);
}

/// Applies changes to what is stored, as the store does.
fn stored(mut clocks: Vec<Clock>, changes: Vec<Clock>) -> Vec<Clock> {
    for change in changes {
        match clocks.iter_mut().find(|clock| clock.id == change.id) {
            Some(clock) => *clock = change,
            None => clocks.push(change),
        }
    }
    clocks.sort_by_key(|clock| clock.id);
    clocks
}

fn any_event() -> impl Strategy<Value = CareEvent> {
    let kinds = proptest::sample::select(EventKind::ALL);
    let request = prop_oneof![Just(None), Just(Some(1_u128)), Just(Some(2_u128))];
    let detail = proptest::sample::subsequence(
        vec![
            ("urgency", "urgent"),
            ("to", "routine"),
            ("mode", "face-to-face"),
            ("grade", "amber"),
            ("on", "2026-05-01"),
            ("setting", "hospital"),
            ("clock", "CK-01"),
            ("immediate", "yes"),
        ],
        0..=8,
    );
    (1..12_u64, kinds, 0..2400_i64, request, detail)
        .prop_map(|(number, kind, hours, request, detail)| event(number, kind, hours, request, &detail))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_happens_nothing_is_due_before_it_starts_and_the_order_of_telling_is_all_one(
        mut events in proptest::collection::vec(any_event(), 0..14), turn in 0..14_usize,
    ) {
        let rules = Rules::load(None).unwrap();
        // one id is one event
        let mut seen = BTreeSet::new();
        events.retain(|event| seen.insert(event.id));
        let moments: BTreeSet<Timestamp> = events.iter().map(|event| event.at).collect();
        prop_assume!(moments.len() == events.len());
        let whole = stored(Vec::new(), after(&rules, &events, &[]));
        for clock in &whole {
            prop_assert!(clock.due >= clock.started, "{clock:?}");
            prop_assert_eq!(clock.state == ClockState::Paused, clock.paused.is_some());
            prop_assert_eq!(matches!(clock.state, ClockState::Stopped | ClockState::Void), clock.ended.is_some());
            prop_assert!(clock.ended.is_none_or(|ended| ended >= clock.started), "{clock:?}");
        }
        // told one by one and in another order
        let middle = turn.min(events.len());
        events.rotate_left(middle);
        let mut clocks = Vec::new();
        for told in 1..=events.len() {
            clocks = stored(clocks.clone(), after(&rules, &events[..told], &clocks));
        }
        clocks.retain(|clock| whole.iter().any(|other| other.id == clock.id) || clock.state != ClockState::Void);
        prop_assert_eq!(&clocks, &whole);
        // told again: nothing changes
        prop_assert!(after(&rules, &events, &clocks).is_empty());
    }

    #[test]
    fn a_pause_never_shortens(
        unit in proptest::sample::select(Unit::ALL), number in 1..40_u16, start in 0..20_000_i64,
        from in 0..2000_i64, length in 0..2000_i64,
    ) {
        let calendar = Calendar::default();
        let later = |hours: i64| at("2026-01-01T00:00:00Z").checked_add(SignedDuration::from_hours(hours)).unwrap();
        let (span, begun) = (span(number, unit), later(start));
        let plain = count::due(&calendar, span, begun, &[]);
        let paused = count::due(&calendar, span, begun, &[(later(start + from), later(start + from + length))]);
        prop_assert!(plain <= paused && begun <= plain);
        // and gives back no more than it took, but for days that do not count
        let most = plain.checked_add(SignedDuration::from_hours(length + 24 * 12)).unwrap();
        prop_assert!(unit == Unit::WorkingDays || unit == Unit::WorkingWeeks || paused <= most);
        let warned = count::before(&calendar, super::Span { unit: Unit::WorkingDays, number: 1 }, plain);
        prop_assert!(warned < plain);
    }
}

#[test]
fn a_breach_is_told_once_and_in_place_of_a_warning_that_came_too_late() {
    let rules = Rules::load(None).unwrap();
    let events = [event(1, EventKind::ReferralReceived, 9, Some(1), &[("urgency", "urgent")])];
    let mut clocks = after(&rules, &events, &[]);
    clocks.retain(|clock| clock.rule == "CK-01");
    assert_eq!(day_of(clocks[0].due), date(2026, 3, 30));
    let kinds = |clocks: &[Clock], now: Timestamp| -> Vec<&str> {
        due(&rules, clocks, now).iter().map(|notice| notice.kind.code()).collect()
    };
    assert!(kinds(&clocks, end_of(date(2026, 3, 26))).is_empty());
    let friday = begin_of(date(2026, 3, 27));
    assert_eq!(kinds(&clocks, friday), ["due-soon"]);
    assert_eq!(kinds(&clocks, at("2026-04-01T09:00:00Z")), ["breached"]);
    clocks[0].warned = Some(friday);
    assert!(kinds(&clocks, clocks[0].due).is_empty());
    assert_eq!(kinds(&clocks, at("2026-04-01T09:00:00Z")), ["breached"]);
    clocks[0].escalated = Some(at("2026-04-01T09:00:00Z"));
    assert!(kinds(&clocks, at("2026-04-02T09:00:00Z")).is_empty());
}
