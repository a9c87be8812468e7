//! One table row per case of each rule, and what holds for every referral.

use jiff::Timestamp;
use proptest::prelude::*;

use super::{
    Facts, Home, Origin, PersonFacts, Role, RouteError, Routing, Rules, SenderRole, Step, Wanted, delivery_priority,
    destinations, on_acceptance, on_redirection,
};
use crate::directory::{DEMO, Directory};
use crate::model::{OdsCode, PartyId, Pathway, Postcode, Urgency};

fn now() -> Timestamp {
    "2026-02-10T09:00:00Z".parse().unwrap()
}

fn id(text: &str) -> PartyId {
    PartyId::parse(text).unwrap()
}

/// The demonstration directory and a second trust with teams of its own.
fn directory() -> Directory {
    let more = r#"
        [[organisation]]
        id = "other-trust"
        name = "Other Trust"
        kind = "nhs-trust"
        [[team]]
        id = "other-cmht"
        name = "Other team"
        kind = "cmht"
        part_of = "other-trust"
        [[team]]
        id = "other-crht"
        name = "Other crisis team"
        kind = "crht"
        part_of = "other-trust"
    "#;
    Directory::from_toml(&format!("{DEMO}\n{more}")).unwrap()
}

fn route(
    directory: &Directory,
    sender: &str,
    role: SenderRole,
    response: Urgency,
    requested: Option<&str>,
    copies: &[&str],
) -> Result<Routing, RouteError> {
    let sender = directory.party(&id(sender), now()).unwrap();
    let copies = copies.iter().map(|copy| id(copy)).collect();
    let facts = Facts {
        sender,
        sender_role: role,
        response,
        requested: requested.map(id),
        copies,
        person: PersonFacts::default(),
    };
    destinations(&facts, &Rules::built_in().unwrap(), directory, now())
}

fn listed(routing: &Routing) -> Vec<(&str, &'static str, &str)> {
    routing.destinations.iter().map(|d| (d.party.as_str(), d.role.code(), d.rule.as_str())).collect()
}

type Row<'a> = (&'a str, SenderRole, Urgency, Option<&'a str>, &'a [(&'a str, &'a str, &'a str)]);

#[test]
fn each_rule_sends_a_referral_where_its_source_says() {
    use SenderRole::{MentalHealthFacilitator, Other, PrimaryCarePractitioner, SelfReferral};
    use Urgency::{Crisis, Routine, Urgent};
    const CAP: (&str, &str, &str) = ("lpt-cap", "responsible", "RT-02");
    const PLACES: (&str, &str, &str) = ("lpt-cap", "responsible", "RT-03");
    const EAST: (&str, &str, &str) = ("lpt-cmht-city-east", "responsible", "RT-03");
    const CRHT: (&str, &str, &str) = ("lpt-crht", "crisis", "RT-01");
    let east = Some("lpt-cmht-city-east");
    let rows: &[Row<'_>] = &[
        ("demo-gp", Other, Routine, None, &[CAP]),
        ("demo-gp", Other, Urgent, east, &[CAP]),
        ("demo-gp", Other, Crisis, east, &[CRHT, CAP]),
        ("soar-valley-police", Other, Crisis, None, &[CRHT, CAP]),
        ("other-cmht", Other, Routine, east, &[CAP]),
        ("other-trust", Other, Routine, east, &[CAP]),
        // Internal: the trust's own teams, and facilitators and practitioners in primary care.
        ("lpt-crht", Other, Routine, east, &[EAST]),
        ("lpt", Other, Urgent, east, &[EAST]),
        ("demo-gp", MentalHealthFacilitator, Routine, east, &[EAST]),
        ("demo-gp", PrimaryCarePractitioner, Routine, east, &[EAST]),
        ("wellbeing-roots", MentalHealthFacilitator, Routine, east, &[CAP]),
        // A self-referral goes to the access point whoever passes it on.
        ("lpt-crht", SelfReferral, Routine, east, &[CAP]),
        // Without a team that can take it, the access point places it.
        ("lpt-crht", Other, Routine, None, &[PLACES]),
        ("lpt-crht", Other, Routine, Some("nobody"), &[PLACES]),
        ("lpt-crht", Other, Routine, Some("lanternlight"), &[PLACES]),
        ("lpt-crht", Other, Routine, Some("wellbeing-roots"), &[PLACES]),
        ("lpt-crht", Other, Routine, Some("lpt"), &[PLACES]),
        ("lpt-crht", Other, Routine, Some("lpt-crht"), &[PLACES]),
        // Crisis beside the team named, and the access point told at once.
        ("lpt", Other, Crisis, east, &[CRHT, ("lpt-cap", "crisis", "RT-01"), EAST]),
        ("lpt", Other, Crisis, Some("lpt-crht"), &[CRHT, PLACES]),
        ("lpt", Other, Crisis, None, &[CRHT, PLACES]),
    ];
    let directory = directory();
    for (sender, role, response, requested, expected) in rows {
        let routing = route(&directory, sender, *role, *response, *requested, &[]).unwrap();
        assert_eq!(listed(&routing), *expected, "{sender} {role:?} {response:?} {requested:?}");
    }
}

#[test]
fn between_trusts_the_access_point_of_the_trust_whose_team_is_named_triages() {
    let other_point = r#"
        [[organisation]]
        id = "trust-b"
        name = "Trust B"
        kind = "nhs-trust"
        [[team]]
        id = "b-cap"
        name = "Access point B"
        kind = "access-point"
        part_of = "trust-b"
        [[team]]
        id = "b-cmht"
        name = "Team B"
        kind = "cmht"
        part_of = "trust-b"
    "#;
    let directory = Directory::from_toml(&format!("{DEMO}\n{other_point}")).unwrap();
    let rows = [
        ("b-cmht", Some("lpt-cmht-city-east"), ("lpt-cap", "responsible", "RT-02")),
        ("lpt", Some("b-cmht"), ("b-cap", "responsible", "RT-02")),
        ("b-cap", Some("b-cmht"), ("b-cmht", "responsible", "RT-03")),
        ("b-cmht", None, ("b-cap", "responsible", "RT-03")),
        ("demo-gp", None, ("lpt-cap", "responsible", "RT-02")),
    ];
    for (sender, requested, expected) in rows {
        let routing = route(&directory, sender, SenderRole::Other, Urgency::Routine, requested, &[]).unwrap();
        assert_eq!(listed(&routing), [expected], "{sender} {requested:?}");
    }
}

#[test]
fn every_destination_says_why_and_by_which_source() {
    let routing =
        route(&directory(), "demo-gp", SenderRole::Other, Urgency::Crisis, None, &["wellbeing-roots"]).unwrap();
    assert_eq!(routing.origin, Origin::External);
    assert!(routing.destinations.iter().all(|d| !d.reason.is_empty() && !d.source.is_empty()));
    assert!(routing.candidates.iter().any(|c| c.party == id("other-crht") && !c.chosen));
    assert_eq!(routing.responsible().unwrap().party, id("lpt-cap"));
}

#[test]
fn a_team_that_cannot_take_the_referral_is_reported_with_what_happened_instead() {
    let routing = route(&directory(), "lpt", SenderRole::Other, Urgency::Routine, Some("nobody"), &[]).unwrap();
    assert_eq!(routing.unplaced.len(), 1);
    assert_eq!(routing.unplaced[0].wanted, Wanted::Team(id("nobody")));
    assert!(routing.unplaced[0].why.contains("access point"));
}

#[test]
fn copies_keep_their_order_and_nobody_is_listed_twice() {
    let copies = ["wellbeing-roots", "harbour-clinic", "lpt-crht", "demo-gp", "nobody", "wellbeing-roots", "lpt-cap"];
    let routing = route(&directory(), "demo-gp", SenderRole::Other, Urgency::Crisis, None, &copies).unwrap();
    assert_eq!(
        listed(&routing),
        [
            ("lpt-crht", "crisis", "RT-01"),
            ("lpt-cap", "responsible", "RT-02"),
            ("wellbeing-roots", "copy", "RT-10"),
            ("harbour-clinic", "copy", "RT-10"),
        ]
    );
    let unplaced: Vec<_> = routing.unplaced.iter().map(|u| &u.wanted).collect();
    assert_eq!(unplaced, [&Wanted::Copy(id("nobody"))]);
}

#[test]
fn a_crisis_without_a_crisis_team_still_reaches_the_access_point_and_says_so() {
    let directory = Directory::from_toml(&DEMO.replace("kind = \"crht\"", "kind = \"cmht\"")).unwrap();
    let routing = route(&directory, "demo-gp", SenderRole::Other, Urgency::Crisis, None, &[]).unwrap();
    assert_eq!(listed(&routing), [("lpt-cap", "responsible", "RT-02")]);
    assert_eq!(routing.unplaced[0].wanted, Wanted::CrisisTeam);
}

#[test]
fn without_an_access_point_only_a_named_team_can_take_it() {
    let directory = Directory::from_toml(&DEMO.replace("kind = \"access-point\"", "kind = \"cmht\"")).unwrap();
    let refused = route(&directory, "demo-gp", SenderRole::Other, Urgency::Routine, None, &[]);
    assert_eq!(refused, Err(RouteError::NoAccessPoint));
    assert!(RouteError::NoAccessPoint.retryable());
    let named = route(&directory, "lpt", SenderRole::Other, Urgency::Routine, Some("lpt-cmht-city-east"), &[]);
    assert_eq!(listed(&named.unwrap()), [("lpt-cmht-city-east", "responsible", "RT-03")]);
}

#[test]
fn the_more_it_presses_the_earlier_it_is_sent() {
    let order: Vec<u8> = Urgency::ALL.iter().rev().map(|urgency| delivery_priority(*urgency)).collect();
    assert_eq!(order, [0, 1, 2]);
}

#[test]
fn sender_kinds_that_count_as_internal_are_read_by_their_code() {
    assert_eq!(SenderRole::from_code("primary-care-practitioner"), SenderRole::PrimaryCarePractitioner);
    assert_eq!(SenderRole::from_code("mental-health-facilitator"), SenderRole::MentalHealthFacilitator);
    assert_eq!(SenderRole::from_code("self"), SenderRole::SelfReferral);
    assert_eq!(SenderRole::from_code("gp"), SenderRole::Other);
}

fn any_person() -> impl Strategy<Value = PersonFacts> {
    let code = |text: &str| Home::Postcode(Postcode::parse(text).unwrap());
    let home = prop::sample::select(vec![
        Home::Unknown,
        Home::NoFixedAddress,
        code("LE5 9ZZ"),
        code("LE3 9ZZ"),
        code("LE11 9ZZ"),
        code("ZZ1 1AA"),
    ]);
    let practice = prop::option::of(prop::sample::select(vec!["Y90001", "Y90002", "Y90004", "Y90009", "Y99999"]));
    let pathways = prop::collection::btree_set(prop::sample::select(Pathway::ALL), 0..4);
    (home, practice, pathways, prop::option::of(0_u8..100), any::<bool>()).prop_map(
        |(home, practice, pathways, age, met)| PersonFacts {
            home,
            practice: practice.and_then(OdsCode::parse),
            pathways,
            age,
            mdt: met.then(now),
            ..PersonFacts::default()
        },
    )
}

fn any_party() -> impl Strategy<Value = PartyId> {
    let mut ids: Vec<PartyId> = directory().parties(now()).map(|party| party.id.clone()).collect();
    ids.push(id("nobody"));
    ids.push(id("lanternlight"));
    prop::sample::select(ids)
}

proptest! {
    #[test]
    fn every_referral_goes_to_exactly_one_responsible_party_and_a_crisis_to_the_crisis_team_first(
        sender in any_party().prop_filter("known", |sender| directory().party(sender, now()).is_some()),
        role in prop::sample::select(vec![
            SenderRole::SelfReferral, SenderRole::MentalHealthFacilitator,
            SenderRole::PrimaryCarePractitioner, SenderRole::Unconnected, SenderRole::Other,
        ]),
        response in prop::sample::select(Urgency::ALL),
        requested in prop::option::of(any_party()),
        copies in prop::collection::vec(any_party(), 0..6),
        person in any_person(),
    ) {
        let directory = directory();
        let sender = directory.party(&sender, now()).unwrap();
        let facts = Facts { sender, sender_role: role, response, requested, copies, person };
        let routing = destinations(&facts, &Rules::built_in().unwrap(), &directory, now()).unwrap();
        let to = &routing.destinations;
        prop_assert_eq!(to.iter().filter(|d| d.role == Role::Responsible).count(), 1);
        if response == Urgency::Crisis {
            prop_assert_eq!((to[0].role, directory.party(&to[0].party, now()).unwrap().kind.code()), (Role::Crisis, "crht"));
            prop_assert!(to.iter().any(|d| d.party == id("lpt-cap")));
            prop_assert_eq!(delivery_priority(response), 0);
        } else {
            prop_assert!(to.iter().all(|d| d.role != Role::Crisis));
        }
        for (place, destination) in to.iter().enumerate() {
            prop_assert!(directory.party(&destination.party, now()).is_some());
            prop_assert!(to[..place].iter().all(|earlier| earlier.party != destination.party));
            prop_assert!(destination.role != Role::Copy || destination.party != sender.id);
        }
        // Every copy asked for is sent, held already, or reported.
        for copy in &facts.copies {
            let reported = routing.unplaced.iter().any(|u| u.wanted == Wanted::Copy(copy.clone()));
            prop_assert!(*copy == sender.id || reported || to.iter().any(|d| d.party == *copy));
        }
    }

    #[test]
    fn what_is_accepted_goes_to_one_team_that_is_there_or_stays(person in any_person(), team in prop::option::of(any_party())) {
        let (directory, by) = (directory(), id("lpt-cap"));
        let step = Step { by: &by, team: team.as_ref(), area: None, person: &person };
        let onward = on_acceptance(&step, &directory, &Rules::built_in().unwrap(), now());
        prop_assert!(!onward.why.is_empty());
        match &onward.to {
            Some(to) => {
                prop_assert!(directory.party(&to.party, now()).is_some_and(|party| party.part_of.is_some()));
                prop_assert!(to.party != by && to.role == Role::Responsible);
            }
            // It stays with the access point, and the operations page shows it.
            None => prop_assert!(onward.fallback || team == Some(by)),
        }
    }
}

#[test]
fn a_site_names_who_places_those_whom_nobody_covers() {
    let text = "[[rule]]\nid = \"CA-90\"\norder = 900\nby = \"fallback\"\nto = { team = \"lpt-cmht-nwl\" }\n\
                reason = \"North west places them.\"\nsource = \"site, L1\"\n";
    let rules = Rules::load(&[("catchment.toml".to_owned(), text.to_owned())]).unwrap();
    let person = PersonFacts { home: Home::Postcode(Postcode::parse("ZZ1 1AA").unwrap()), ..PersonFacts::default() };
    let by = id("lpt-cap");
    let onward = on_acceptance(&Step { by: &by, team: None, area: None, person: &person }, &directory(), &rules, now());
    let to = onward.to.unwrap();
    assert_eq!((to.party.as_str(), to.rule.as_str(), onward.fallback), ("lpt-cmht-nwl", "CA-90", true));
}

#[test]
fn who_is_not_the_access_point_keeps_what_it_accepts_and_a_redirection_goes_where_it_is_told() {
    let (rules, directory, person) = (Rules::built_in().unwrap(), directory(), PersonFacts::default());
    let (east, south, charity) = (id("lpt-cmht-city-east"), id("lpt-cmht-south"), id("wellbeing-roots"));
    let step = |team| Step { by: &east, team, area: None, person: &person };
    assert_eq!(on_acceptance(&step(None), &directory, &rules, now()).to, None);
    let moved = on_redirection(&step(Some(&south)), &directory, &rules, now()).to.unwrap();
    assert_eq!((moved.party.as_str(), moved.rule.as_str()), ("lpt-cmht-south", "RT-21"));
    let lost = on_redirection(&step(Some(&charity)), &directory, &rules, now());
    assert!(lost.to.is_none() && lost.candidates.iter().any(|one| one.party == charity && !one.chosen));
}
