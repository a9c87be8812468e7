//! Tally and standing on lives that are written down by hand, with the counts worked out on paper.

use jiff::{SignedDuration, Timestamp};

use super::life::{By, Ground, Happens, Life, Moment, Trouble, Way};
use super::papers::{consent, paper};
use super::standing::standing;
use super::tally::{Tallied, Tally};
use super::world::Kind;

use Happens as H;

/// A Monday.
fn day(number: i64) -> Timestamp {
    let monday: Timestamp = "2025-06-02T09:00:00Z".parse().unwrap();
    monday + SignedDuration::from_hours(24 * number)
}

fn moment(what: H, at: Timestamp, by: By, way: Way) -> Moment {
    Moment { what, at, told: at, by, way, score: 0, of_person: false, twice: false, taken_back: None }
}

/// A routine referral by a practice, taken on by City East the day after unless the moments say otherwise.
fn life(moments: Vec<Moment>) -> Life {
    Life {
        number: 1,
        nhs_number: "9990000018".to_owned(),
        referred: day(0),
        partner: "sim-practice-01".to_owned(),
        partner_kind: Kind::Practice,
        team: "lpt-cmht-city-east",
        urgency: "routine",
        gender: Some("female"),
        born: Some(1985),
        band: "35-44",
        ethnicity: None,
        ethnic_group: "unknown",
        missing: Vec::new(),
        copied: false,
        trouble: Trouble::None,
        charity: "sim-charity-02".to_owned(),
        ground: Ground::Agreed,
        practice: Some("sim-practice-01".to_owned()),
        care_ended: None,
        moments,
    }
}

/// The whole of a measure: out of how many, and how many.
fn whole(life: &Life, measure: &str) -> Option<(u64, Option<u64>)> {
    cell(life, measure, "", "").map(|cell| (cell.of, cell.met))
}

fn cell(life: &Life, measure: &str, by: &str, group: &str) -> Option<Tallied> {
    let mut tally = Tally::default();
    tally.add(life, day(300));
    tally.cells.get(&(measure.to_owned(), by.to_owned(), group.to_owned())).cloned()
}

fn event(what: H, number: i64) -> Moment {
    moment(what, day(number), By::Team, Way::Event)
}

fn step(what: H, number: i64) -> Moment {
    moment(what, day(number), By::Team, Way::Step)
}

#[test]
fn contacts_of_team_and_charity_are_those_of_one_person() {
    let by_charity = |way| moment(H::CharityContacted, day(30), By::Charity, way);
    for way in [Way::Event, Way::Document] {
        let seen = life(vec![step(H::TakenOn, 1), event(H::Contacted, 5), by_charity(way)]);
        assert_eq!(whole(&seen, "ME-01"), Some((1, Some(1))));
        assert_eq!(cell(&seen, "ME-01", "partner", "sim-charity-02").unwrap().of, 1);
        assert_eq!(cell(&seen, "ME-01", "partner", "lpt").unwrap().of, 1);
    }
    assert_eq!(whole(&life(vec![by_charity(Way::Event)]), "ME-01"), Some((1, Some(0))));
}

#[test]
fn what_ends_a_referral_ends_its_clock_unless_that_was_breached_before() {
    assert_eq!(whole(&life(vec![]), "ME-09"), Some((1, Some(0))), "breached when nobody offers anything");
    for ends in [step(H::Declined, 3), moment(H::Cancelled, day(3), By::Partner, Way::Step)] {
        let what = ends.what;
        assert_eq!(whole(&life(vec![ends]), "ME-09"), None, "{what:?}");
    }
    // thirty working days after 2 June are the 14th of July
    assert_eq!(whole(&life(vec![step(H::Declined, 42)]), "ME-09"), None);
    assert_eq!(whole(&life(vec![step(H::Declined, 43)]), "ME-09"), Some((1, Some(0))));
    let asked = life(vec![step(H::Asked, 1), step(H::Given, 9), event(H::AssessmentOffered, 43)]);
    assert_eq!(whole(&asked, "ME-09"), Some((1, Some(0))), "a question stops no clock");
}

#[test]
fn of_what_was_entered_in_error_nothing_counts() {
    let mut wrong = life(vec![event(H::Contacted, 1), moment(H::InError, day(2), By::Partner, Way::Step)]);
    wrong.copied = true;
    let mut tally = Tally::default();
    tally.add(&wrong, day(300));
    assert!(tally.cells.is_empty());
}

#[test]
fn a_plan_in_the_making_is_no_plan_and_a_letter_counts_when_it_went_to_a_practice() {
    let assessed = |plan| life(vec![event(H::Assessed, 10), moment(plan, day(11), By::Team, Way::Document)]);
    assert_eq!(whole(&assessed(H::SafetyPlan), "ME-12"), Some((1, Some(1))));
    assert_eq!(whole(&assessed(H::InterimPlan), "ME-12"), Some((1, Some(0))));
    let letter = Moment { told: day(70), ..moment(H::LetterSent, day(61), By::Team, Way::Document) };
    let mut sent = life(vec![step(H::TakenOn, 1), event(H::Discharged, 60), letter]);
    // ten working days after Friday 1 August are the 15th
    assert_eq!(whole(&sent, "ME-11"), Some((1, Some(1))));
    sent.moments[2].told = day(75);
    assert_eq!(whole(&sent, "ME-11"), Some((1, Some(0))), "written in time, sent late");
    sent.moments[2].told = day(70);
    sent.practice = None;
    assert_eq!(whole(&sent, "ME-11"), Some((1, Some(0))), "no practice, so it went to nobody");
}

#[test]
fn a_discharge_by_letter_alone_ends_what_its_team_answers_for() {
    let discharged = || moment(H::Discharged, day(20), By::Team, Way::Document);
    assert_eq!(whole(&life(vec![step(H::TakenOn, 1), discharged()]), "ME-09"), None);
    assert_eq!(whole(&life(vec![discharged()]), "ME-09"), Some((1, Some(0))), "the access point has it still");
}

#[test]
fn an_assessment_that_names_no_request_is_the_teams_and_not_the_charitys() {
    let assessed = || Moment { of_person: true, ..event(H::Assessed, 5) };
    let planned = |moments| whole(&life(moments), "ME-12");
    // seven working days after Saturday 7 June are the 17th
    assert_eq!(planned(vec![step(H::TakenOn, 1), assessed(), event(H::Discharged, 15)]), None);
    let taken_on_later = vec![assessed(), step(H::TakenOn, 7), event(H::Discharged, 15)];
    assert_eq!(planned(taken_on_later), None, "the access point had it before");
    let charity = moment(H::CharityEnded, day(15), By::Charity, Way::Document);
    assert_eq!(planned(vec![step(H::TakenOn, 1), assessed(), charity]), Some((1, Some(0))));
}

#[test]
fn what_may_not_go_to_a_charity_is_refused_by_its_rule() {
    for (ground, rule) in [(Ground::Objected, "CS-02"), (Ground::Withdrawn, "CS-17"), (Ground::NoAgreement, "CS-04")] {
        let mut handed = life(vec![moment(H::HandedOver, day(20), By::Team, Way::Document)]);
        handed.ground = ground;
        assert_eq!(cell(&handed, "ME-15", "item", rule).unwrap().of, 1);
        assert_eq!(cell(&handed, "ME-15", "team", "lpt-cmht-city-east").unwrap().of, 1);
        handed.moments.clear();
        assert_eq!(whole(&handed, "ME-15"), None, "nobody asked");
    }
}

#[test]
fn whoever_did_not_take_a_step_is_told_of_it() {
    let steps = vec![
        step(H::Asked, 1),
        moment(H::Given, day(2), By::Partner, Way::Step),
        step(H::TakenOn, 3),
        moment(H::Cancelled, day(4), By::Partner, Way::Step),
    ];
    let life = life(steps);
    let found = standing(&life);
    assert_eq!((found.owner, found.status, found.steps), ("lpt-cmht-city-east", "cancelled-by-requester", 4));
    let told: Vec<(&str, usize)> = found.told.into_iter().collect();
    assert_eq!(told, [("lpt-cap", 2), ("lpt-cmht-city-east", 2), ("sim-practice-01", 2)]);
}

#[test]
fn documents_say_what_happened_and_when() {
    let life = Life { care_ended: Some(day(60)), ..life(Vec::new()) };
    let of = |what| paper(&life, 3, &moment(what, day(61), By::Team, Way::Document));
    let (kind, letter) = of(H::LetterSent).unwrap();
    assert_eq!((kind, letter["team_care"]["ended"].as_str()), ("discharge-letter", Some("2025-08-01T09:00:00Z")));
    assert_eq!(of(H::InterimPlan).unwrap().1["interim"], true);
    assert!(of(H::SafetyPlan).unwrap().1.get("interim").is_none());
    assert!(of(H::Contacted).is_none());
    assert_eq!(consent(&life, H::Withdrew, day(3))["status"], "inactive");
}
