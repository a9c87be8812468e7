//! Counting, and that nothing published tells of a person.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::{By, Counts, Definitions, Measured, Period, Shown, bundle, publish, to_csv, to_json, to_text};
use crate::model::{CareEvent, Clock, ClockState, EventKind, MessageId, PartyId, PersonKey};

fn definitions() -> Definitions {
    Definitions::load(None).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn party(id: &str) -> PartyId {
    PartyId::parse(id).unwrap()
}

fn year() -> Period {
    Period::parse("2026-01-01", "2026-12-31").unwrap()
}

fn event(number: u128, kind: EventKind, when: &str, by: &str, detail: &[(&str, &str)]) -> CareEvent {
    CareEvent {
        id: Uuid::from_u128(number),
        kind,
        at: at(when),
        recorded: at(when),
        person: PersonKey::from_digest("p".to_owned()),
        request: Some(MessageId::new(Uuid::from_u128(1))),
        message: None,
        by: party(by),
        team: None,
        detail: detail.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    }
}

fn counted(events: &[CareEvent], clocks: &[Clock]) -> BTreeMap<String, Measured> {
    let definitions = definitions();
    let organisation = |id: &PartyId| if id.as_str().starts_with("lpt") { party("lpt") } else { id.clone() };
    let mut counts = Counts::new(&definitions, year());
    counts.add(&definitions, (events, clocks), &organisation, at("2027-06-01T00:00:00Z"));
    counts.settled().measures
}

#[test]
fn a_person_counts_once_whoever_saw_them() {
    use EventKind::{Contacted, EnteredInError, ReferralReceived};
    let referral =
        event(1, ReferralReceived, "2026-02-02T09:00:00Z", "demo-gp", &[("urgency", "urgent"), ("gender", "female")]);
    let first = event(2, Contacted, "2026-02-04T09:00:00Z", "wellbeing-roots", &[]);
    let second = event(3, Contacted, "2026-02-09T09:00:00Z", "lpt-cmht", &[]);
    let all = [referral.clone(), first.clone(), second.clone(), second.clone()];
    let found = counted(&all, &[]);
    let access = &found["ME-01"];
    assert_eq!((access.total.of, access.total.met), (1, Some(1)));
    for partner in ["wellbeing-roots", "lpt"] {
        assert_eq!(access.groups[&By::Partner][partner].met, Some(1), "{partner}");
    }
    assert_eq!(access.groups[&By::Gender]["female"].of, 1);
    assert_eq!(access.groups[&By::AgeBand]["unknown"].of, 1);
    // the wait is two days, whoever ended it
    assert_eq!(found["ME-03"].total.values, [2 * 86_400]);
    assert_eq!(found["ME-02"].total.of, 0, "it was urgent");
    // told twice is one contact; told in error is none
    let found = counted(&[referral.clone(), first.clone(), first.clone()], &[]);
    assert_eq!(found["ME-01"].total.met, Some(0));
    let id = Uuid::from_u128(2).to_string();
    let error = event(4, EnteredInError, "2026-02-10T09:00:00Z", "wellbeing-roots", &[("event", &id)]);
    assert_eq!(counted(&[referral.clone(), first.clone(), error], &[])["ME-01"].total.of, 0);
    // a referral in error takes everything of it along
    let error = event(5, EnteredInError, "2026-02-10T09:00:00Z", "demo-gp", &[]);
    let found = counted(&[referral, first, second, error], &[]);
    assert!(found.values().all(|measured| measured.total.of == 0), "{found:?}");
}

#[test]
fn a_clock_counts_when_it_is_decided_and_once() {
    let clock = |state, due: &str, ended: Option<&str>| Clock {
        id: Uuid::from_u128(9),
        rule: "CK-01".to_owned(),
        person: PersonKey::from_digest("p".to_owned()),
        request: None,
        owner: party("lpt-cmht"),
        started: at("2025-12-20T09:00:00Z"),
        due: at(due),
        state,
        paused: None,
        ended: ended.map(at),
        warned: None,
        escalated: None,
    };
    let of = |clock: Clock| {
        let found = counted(&[], &[clock]);
        (found["ME-08"].total.of, found["ME-08"].total.met)
    };
    assert_eq!(of(clock(ClockState::Stopped, "2026-01-10T00:00:00Z", Some("2026-01-09T00:00:00Z"))), (1, Some(1)));
    assert_eq!(of(clock(ClockState::Stopped, "2026-01-10T00:00:00Z", Some("2026-01-11T00:00:00Z"))), (1, Some(0)));
    assert_eq!(of(clock(ClockState::Stopped, "2026-01-10T00:00:00Z", Some("2025-12-31T00:00:00Z"))), (0, None));
    assert_eq!(of(clock(ClockState::Running, "2026-01-10T00:00:00Z", None)), (1, Some(0)), "breached");
    assert_eq!(of(clock(ClockState::Running, "2027-01-10T00:00:00Z", None)), (0, None), "next year's");
    assert_eq!(of(clock(ClockState::Void, "2026-01-10T00:00:00Z", Some("2026-01-09T00:00:00Z"))), (0, None));
}

#[test]
fn scores_items_and_refusals_are_told() {
    use EventKind::{Completed, OutcomeScored, ReferralReceived, ShareRefused};
    let score = |number, when: &str, point: &str, mean: &str| {
        event(number, OutcomeScored, when, "lpt", &[("measure", "dialog"), ("point", point), ("mean", mean)])
    };
    let found = counted(
        &[
            event(1, ReferralReceived, "2026-02-02T09:00:00Z", "demo-gp", &[("missing", "allergies,medication")]),
            event(
                2,
                ShareRefused,
                "2026-02-02T09:00:00Z",
                "demo-gp",
                &[("rule", "CS-04"), ("recipient", "wellbeing-roots")],
            ),
            score(3, "2026-02-10T09:00:00Z", "start", "3.5"),
            score(4, "2026-06-10T09:00:00Z", "end", "4.25"),
            event(5, Completed, "2026-06-11T09:00:00Z", "lpt-cmht", &[]),
        ],
        &[],
    );
    assert_eq!((found["ME-13"].total.met, found["ME-13"].total.values.as_slice()), (Some(1), [75].as_slice()));
    assert_eq!(found["ME-14"].groups[&By::Item].keys().collect::<Vec<_>>(), ["allergies", "medication"]);
    assert_eq!(found["ME-15"].groups[&By::Item]["CS-04"].of, 1);
    assert_eq!(found["ME-15"].groups[&By::Partner]["wellbeing-roots"].of, 1);
}

#[test]
fn a_handover_that_ends_does_not_end_the_care() {
    use EventKind::{Completed, Discharged, ReferralReceived};
    let referral = event(1, ReferralReceived, "2026-02-02T09:00:00Z", "demo-gp", &[]);
    let handover = Some(MessageId::new(Uuid::from_u128(2)));
    let by_charity =
        CareEvent { request: handover, ..event(2, Completed, "2026-05-02T09:00:00Z", "wellbeing-roots", &[]) };
    assert_eq!(counted(&[referral.clone(), by_charity.clone()], &[])["ME-13"].total.of, 0);
    let discharged = event(3, Discharged, "2026-04-02T09:00:00Z", "lpt-cmht", &[]);
    let found = counted(&[referral, by_charity, discharged], &[]);
    assert_eq!(found["ME-13"].groups[&By::Team].keys().collect::<Vec<_>>(), ["lpt-cmht"]);
}

#[test]
fn a_period_is_whole_months() {
    assert!(Period::parse("2026-02-01", "2026-02-28").is_some());
    for (from, to) in
        [("2026-02-01", "2026-02-27"), ("2026-02-02", "2026-02-28"), ("2026-03-01", "2026-02-28"), ("x", "y")]
    {
        assert!(Period::parse(from, to).is_none(), "{from} {to}");
    }
    let winter = Period::parse("2026-01-01", "2026-03-31").unwrap();
    assert!(winter.holds(at("2026-03-31T22:59:59Z")) && !winter.holds(at("2026-03-31T23:00:00Z")), "summer time");
}

#[test]
fn a_site_changes_rows_and_is_told_of_every_fault_at_once() {
    let own = "[[measure]]\nid = \"ME-01\"\nname = \"Three\"\ncounts = \"contacts\"\nleast = 3\nnumerator = \"n\"\n\
               denominator = \"d\"\nreason = \"r\"\nsource = \"s\"\n";
    let site = Definitions::load(Some(own)).unwrap();
    assert_eq!(site.find("ME-01").unwrap().name, "Three");
    assert_eq!(site.iter().count(), definitions().iter().count());
    let faulty = "[[measure]]\nid = \"ME-90\"\nname = \"\"\ncounts = \"wait\"\nto = [\"tea\"]\nreason = \"r\"\nsource = \"s\"\n\
                  colour = \"red\"\n[[measure]]\nid = \"a b\"\ncounts = \"luck\"\n";
    let told = Definitions::load(Some(faulty)).unwrap_err();
    let told: Vec<String> = told.iter().map(ToString::to_string).collect();
    for part in
        ["measure 1 (ME-90), name", ", to:", ", numerator:", ", denominator:", "colour", "measure 2, id", ", counts:"]
    {
        assert!(told.iter().any(|fault| fault.contains(part)), "{part}: {told:?}");
    }
}

/// Care of made-up people, by few choices so that small groups come about.
fn people() -> impl Strategy<Value = Vec<Vec<CareEvent>>> {
    let person = (0..3_usize, 0..4_usize, 0..3_usize, 0..4_i64, proptest::bool::weighted(0.3), 0..2_usize);
    proptest::collection::vec(person, 0..60).prop_map(|people| {
        people
            .into_iter()
            .enumerate()
            .map(|(place, (gender, ethnicity, partner, contacts, incomplete, rule))| {
                let number = u128::try_from(place).unwrap() * 100;
                let key = PersonKey::from_digest(format!("secret-pseudonym-{place}"));
                let request = Some(MessageId::new(Uuid::from_u128(number + 7_000_000)));
                let by = ["lpt-cmht", "wellbeing-roots", "harbour-clinic"][partner];
                let mut made = vec![event(
                    number,
                    EventKind::ReferralReceived,
                    "2026-02-02T09:00:00Z",
                    "demo-gp",
                    &[
                        ("urgency", "urgent"),
                        ("gender", ["female", "male", "other"][gender]),
                        ("ethnic-group", ["white", "black", "asian", "mixed"][ethnicity]),
                        ("missing", if incomplete { "allergies" } else { "" }),
                    ],
                )];
                for contact in 0..contacts {
                    let mut one = event(number + 1, EventKind::Contacted, "2026-02-04T09:17:31Z", by, &[]);
                    one.id = Uuid::from_u128(number + 10 + u128::try_from(contact).unwrap());
                    one.at += SignedDuration::from_hours(31 * contact + i64::try_from(place).unwrap());
                    made.push(one);
                }
                let rule = [("rule", ["CS-04", "CS-11"][rule]), ("recipient", by)];
                made.push(event(number + 2, EventKind::ShareRefused, "2026-02-02T09:00:00Z", "demo-gp", &rule));
                for one in &mut made {
                    one.person = key.clone();
                    one.request = request.clone();
                }
                made
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    /// No pseudonym, id or moment of anybody, and no number from 1 to 4; what a table hides cannot be worked out from it.
    #[test]
    fn nothing_published_tells_of_a_person(people in people(), by in proptest::option::of(proptest::sample::select(By::ALL))) {
        let definitions = definitions();
        let mut counts = Counts::new(&definitions, year());
        for events in &people {
            counts.add(&definitions, (events, &[]), &PartyId::clone, at("2027-06-01T00:00:00Z"));
        }
        let counts = counts.settled();
        let lines = publish(&definitions, &counts, &[], by);
        let written = [
            to_csv(&lines, year()),
            to_json(&definitions, &lines, year()).to_string(),
            to_text(&lines, year(), &|_, group| group.to_owned()),
            bundle(&definitions, &lines, year(), ("lpt", "Trust"), at("2027-01-01T00:00:00Z")).to_string(),
        ];
        for text in &written {
            prop_assert!(!text.contains("secret-pseudonym") && !text.contains("2026-02-0"));
            for one in people.iter().flatten() {
                prop_assert!(!text.contains(&one.id.to_string()));
                prop_assert!(!text.contains(one.request.as_ref().unwrap().as_str()));
            }
        }
        for line in &lines {
            for shown in [Some(line.of), line.met].into_iter().flatten() {
                prop_assert!(!matches!(shown.number(), Some(1..=4)), "{line:?}");
            }
            for shown in [Some(line.of), line.met].into_iter().flatten() {
                prop_assert!(shown.number().is_none_or(|number| number % 5 == 0), "{line:?}");
            }
        }
        hidden_stays_hidden(&definitions, &counts)?;
    }
}

/// What a number that is shown may be.
fn may_be(shown: Shown, true_number: u64) -> (u64, u64) {
    match shown.number() {
        Some(0) => (0, 0),
        Some(5) => (5, 7),
        Some(about) => (about - 2, about + 2),
        None if true_number < 5 => (1, 4),
        None => (0, 10_000),
    }
}

/// With the total as it is shown, and with every other table of the same measure, each hidden denominator may be one of two
/// numbers, where anything at all is shown.
fn hidden_stays_hidden(definitions: &Definitions, counts: &Counts) -> Result<(), TestCaseError> {
    for (id, measured) in &counts.measures {
        let mut columns = Vec::new();
        let mut bounds = (0, 10_000);
        for by in By::ALL {
            let lines = publish(definitions, counts, &[], Some(*by));
            let of_measure = || lines.iter().filter(|line| line.measure == *id);
            let total = of_measure().find(|line| line.group.is_none()).unwrap().of;
            let whole = may_be(total, measured.total.of);
            bounds = (bounds.0.max(whole.0), bounds.1.min(whole.1));
            let Some(cells) = measured.groups.get(by) else { continue };
            if cells.values().map(|cell| cell.of).sum::<u64>() != measured.total.of {
                continue;
            }
            let column: Vec<(u64, Shown, (u64, u64))> = of_measure()
                .filter_map(|line| {
                    let (_, name) = line.group.as_ref().filter(|(of, _)| of == by)?;
                    let number = cells[name].of;
                    Some((number, line.of, may_be(line.of, number)))
                })
                .collect();
            let sum = |side: &dyn Fn(&(u64, u64)) -> u64| column.iter().map(|(_, _, any)| side(any)).sum::<u64>();
            bounds = (bounds.0.max(sum(&|any| any.0)), bounds.1.min(sum(&|any| any.1)));
            columns.push(column);
        }
        let nothing_shown = columns.iter().flatten().all(|(_, shown, _)| shown.number().is_none());
        for column in columns.iter().filter(|_| !nothing_shown) {
            for (place, (number, _, _)) in
                column.iter().enumerate().filter(|(_, (number, _, _))| (1..5).contains(number))
            {
                let others = || column.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, one)| one.2);
                let (least, most) = (others().map(|any| any.0).sum::<u64>(), others().map(|any| any.1).sum::<u64>());
                let fits = (1..=4).filter(|one| one + most >= bounds.0 && one + least <= bounds.1).count();
                prop_assert!(fits >= 2, "{id}: {number} in {column:?} of {bounds:?}");
            }
        }
    }
    Ok(())
}

/// Counts of refusals by rule: so many in that month.
fn refused(period: Period, made: &[(&str, &str, usize)]) -> Counts {
    let definitions = definitions();
    let mut all = Counts::new(&definitions, period);
    for (rule, month, number) in made {
        for place in 0..*number {
            let refused = event(
                u128::try_from(place).unwrap(),
                EventKind::ShareRefused,
                &format!("{month}-02T09:00:00Z"),
                "demo-gp",
                &[("rule", rule), ("recipient", "lpt")],
            );
            all.add(&definitions, (&[refused], &[]), &PartyId::clone, at("2027-06-01T00:00:00Z"));
        }
    }
    all.settled()
}

fn refusals(counts: &Counts, parts: &[Counts]) -> Vec<Option<u64>> {
    let lines = publish(&definitions(), counts, parts, None);
    lines.iter().filter(|line| line.measure == "ME-15").map(|line| line.of.number()).collect()
}

#[test]
fn every_number_is_rounded_and_a_total_that_would_tell_is_hidden() {
    let of = |made: &[(&str, usize)]| {
        let made: Vec<_> = made.iter().map(|(rule, number)| (*rule, "2026-02", *number)).collect();
        refusals(&refused(year(), &made), &[])
    };
    assert_eq!(of(&[("CS-04", 7), ("CS-11", 6)]), [Some(15), Some(5), Some(5)]);
    assert_eq!(of(&[("CS-04", 7), ("CS-11", 3)]), [Some(10), Some(5), None]);
    assert_eq!(of(&[("CS-04", 11), ("CS-11", 1)]), [Some(10), Some(10), None]);
    // 17 is 15 to 17 seen from 8 and 8: one would be left, and the table of partners has the 17 too
    assert_eq!(of(&[("CS-04", 8), ("CS-11", 8), ("CS-12", 1)]), [None, None, Some(10), None]);
}

#[test]
fn one_breakdown_does_not_tell_what_another_hides_nor_a_year_what_a_month_does() {
    // the 40 of one table and the 37 of the other, as the exact numbers were: 3 is left
    let definitions = definitions();
    let mut counts = Counts::new(&definitions, year());
    for place in 0..40_u32 {
        let gender = if place % 2 == 0 { "male" } else { "female" };
        let group = if place < 3 { "black" } else { "white" };
        let detail = [("gender", gender), ("ethnic-group", group), ("urgency", "urgent")];
        let one = event(1, EventKind::ReferralReceived, "2026-02-02T09:00:00Z", "demo-gp", &detail);
        counts.add(&definitions, (&[one], &[]), &PartyId::clone, at("2027-06-01T00:00:00Z"));
    }
    let counts = counts.settled();
    let of = |by: By| -> Vec<Option<u64>> {
        let lines = publish(&definitions, &counts, &[], Some(by));
        lines.iter().filter(|line| line.measure == "ME-14").map(|line| line.of.number()).collect()
    };
    assert_eq!(of(By::Gender), [Some(40), Some(20), Some(20)]);
    assert_eq!(of(By::EthnicGroup), [Some(40), None, Some(35)]);

    let financial = Period::published("2026-04-01", "2027-03-31").unwrap();
    let months: Vec<Period> = financial.months().collect();
    let made = |numbers: &[usize]| -> Vec<Option<u64>> {
        let names = ["2026-09", "2026-10", "2026-11"];
        let made: Vec<_> = numbers.iter().zip(names).map(|(number, month)| ("CS-04", month, *number)).collect();
        let parts: Vec<Counts> = months.iter().map(|month| refused(*month, &made)).collect();
        refusals(&refused(financial, &made), &parts)
    };
    assert_eq!(made(&[10, 3]), [Some(15), Some(15)], "13 to 17 less 8 to 12");
    assert_eq!(made(&[8, 1, 8]), [None, None], "at most 17 less at least 16");
}

#[test]
fn what_is_published_is_of_one_month_or_of_a_financial_year() {
    for (from, to, offered) in [
        ("2026-02-01", "2026-02-28", true),
        ("2026-04-01", "2027-03-31", true),
        ("2026-09-01", "2026-10-31", false),
        ("2026-04-01", "2026-06-30", false),
        ("2026-01-01", "2026-12-31", false),
        ("2026-04-01", "2028-03-31", false),
        ("2026-02-01", "2026-02-27", false),
        ("x", "y", false),
    ] {
        assert_eq!(Period::published(from, to).is_ok(), offered, "{from} {to}");
    }
    let year = Period::financial_year(at("2026-03-31T22:59:00Z")).unwrap();
    assert_eq!((year.from().to_string(), year.to().to_string()), ("2025-04-01".to_owned(), "2026-03-31".to_owned()));
    let months: Vec<String> = year.months().map(|month| month.to().to_string()).collect();
    assert_eq!((months.len(), months[0].as_str(), months[11].as_str()), (12, "2025-04-30", "2026-03-31"));
}

#[test]
fn what_is_hidden_is_masked_in_fhir_and_a_star_in_json() {
    let definitions = definitions();
    let mut counts = Counts::new(&definitions, year());
    let contact = event(2, EventKind::Contacted, "2026-02-04T09:00:00Z", "lpt", &[]);
    counts.add(&definitions, (&[contact], &[]), &PartyId::clone, at("2027-06-01T00:00:00Z"));
    let lines = publish(&definitions, &counts.settled(), &[], Some(By::Partner));
    let value = to_json(&definitions, &lines, year());
    assert_eq!(value["measures"][0]["total"], json!({"denominator": "*", "numerator": "*"}));
    assert_eq!(
        value["measures"][0]["groups"][0],
        json!({"by": "partner", "group": "lpt", "denominator": "*", "numerator": "*"})
    );
    let bundle = bundle(&definitions, &lines, year(), ("lpt", "Trust"), at("2027-01-01T00:00:00Z"));
    let population = &bundle["entry"][0]["resource"]["group"][0]["population"][0];
    assert_eq!(population["_count"]["extension"][0]["valueCode"], "masked");
    assert!(population.get("count").is_none());
}
