//! The directory as its callers see it: look-ups at a moment, and every fault of a bad file at once.

use jiff::Timestamp;

use super::fhir::tests::FULL;
use super::{DEMO, Delivery, Directory, EndpointFormat, Problem};
use crate::model::{DataCategory, OdsCode, PartyId, PartyKind};

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(super) fn id(text: &str) -> PartyId {
    PartyId::parse(text).unwrap()
}

pub(super) fn demo() -> Directory {
    Directory::from_toml(DEMO).unwrap()
}

pub(super) const NOW: &str = "2026-02-10T09:00:00Z";

#[test]
fn the_demonstration_directory_holds_who_the_demonstration_needs() {
    let (directory, now) = (demo(), at(NOW));
    let gp = directory.by_ods(&OdsCode::parse("y90001").unwrap(), now).unwrap();
    assert_eq!((gp.id.as_str(), gp.kind), ("demo-gp", PartyKind::GpPractice));
    assert_eq!(directory.of_kind(PartyKind::Cmht, now).count(), 7);
    assert_eq!(directory.of_kind(PartyKind::AccessPoint, now).count(), 1);
    assert_eq!(directory.party(&id("lpt-crht"), now).unwrap().organisation(), &id("lpt"));
    assert!(directory.crisis_contacts().len() >= 5);
    assert!(directory.client("demo-gp", now).is_some() && directory.client("nobody", now).is_none());
    assert_eq!(directory.portal_user("wellbeing-roots", now).unwrap().party, id("wellbeing-roots"));
}

#[test]
fn what_has_expired_is_absent() {
    let directory = demo();
    let service = id("lanternlight");
    assert!(directory.party(&service, at("2023-03-31T22:00:00Z")).is_some());
    assert!(directory.party(&service, at("2023-04-01T00:00:00Z")).is_none());
    assert!(directory.parties(at(NOW)).all(|party| party.id != service));
}

#[test]
fn what_hangs_on_an_expired_organisation_is_absent_too() {
    let hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI";
    let text = format!(
        r#"
        organisation = [
          {{ id = "trust", name = "T", kind = "nhs-trust", until = 2025-12-31 }},
          {{ id = "roots", name = "R", kind = "vcse" }},
        ]
        team = [{{ id = "team", name = "T", kind = "cmht", part_of = "trust" }}]
        client = [{{ id = "team", secret_hash = "{hash}", party = "team" }}]
        portal_user = [{{ name = "ann", display = "Ann", password_hash = "{hash}", party = "team" }}]
        agreement = [{{ id = "a", version = "1", between = ["trust", "roots"], purposes = ["direct-care"],
                        categories = ["actions"], from = 2020-01-01 }}]
        "#
    );
    let directory = Directory::from_toml(&text).unwrap();
    for (now, there) in [(at("2025-06-01T00:00:00Z"), true), (at(NOW), false)] {
        assert_eq!(directory.party(&id("team"), now).is_some(), there);
        assert_eq!(directory.client("team", now).is_some(), there);
        assert_eq!(directory.portal_user("ann", now).is_some(), there);
        assert_eq!(directory.agreements_between(&id("team"), &id("roots"), now).len(), usize::from(there));
    }
}

#[test]
fn the_person_reads_along_at_gp_practices_unless_the_entry_says_otherwise() {
    let entry = |kind: &str, said: &str| {
        let text = format!("[[organisation]]\nid = \"a\"\nname = \"A\"\nkind = \"{kind}\"\n{said}");
        Directory::from_toml(&text)
    };
    let table = [
        ("gp-practice", "", true),
        ("gp-practice", "person_access = false", false),
        ("vcse", "", false),
        ("vcse", "person_access = true", true),
    ];
    for (kind, said, expected) in table {
        let directory = entry(kind, said).unwrap();
        assert_eq!(directory.party(&id("a"), at(NOW)).unwrap().gives_person_access(), expected, "{kind} {said}");
    }
    let faults = entry("vcse", "person_access = \"no\"").unwrap_err();
    assert_eq!((faults.len(), faults[0].field.as_str()), (1, "person_access"));
}

#[test]
fn a_teams_agreements_are_its_organisations_in_either_order() {
    let (directory, now) = (demo(), at(NOW));
    let found = directory.agreements_between(&id("wellbeing-roots"), &id("lpt-cap"), now);
    assert_eq!(found.len(), 1);
    assert!(found[0].categories.contains(&DataCategory::ReferralReason));
    assert!(!found[0].categories.contains(&DataCategory::SubstanceUse));
    assert!(directory.agreements_between(&id("lpt-cap"), &id("lpt-crht"), now).is_empty());
    assert!(directory.agreements_between(&id("demo-gp"), &id("speakwell-advocacy"), now).is_empty());
}

#[test]
fn an_expired_agreement_is_none() {
    let directory = demo();
    let between = |now| directory.agreements_between(&id("lpt"), &id("old-mill-support"), at(now)).len();
    assert_eq!((between("2024-03-31T22:59:59Z"), between("2024-03-31T23:00:00Z")), (1, 0));
}

#[test]
fn delivery_falls_from_the_team_to_its_organisation_to_the_inbox() {
    let (directory, now) = (demo(), at(NOW));
    assert!(matches!(directory.delivery(&id("demo-gp"), now), Delivery::Fhir(e) if e.url.contains(":8471/")));
    assert_eq!(directory.delivery(&id("lpt-cap"), now), Delivery::Inbox);
    assert_eq!(directory.delivery(&id("nobody"), now), Delivery::Inbox);
    let directory = directory.with_endpoint(&id("lpt"), "http://127.0.0.1:9999/fhir").unwrap();
    assert!(matches!(directory.delivery(&id("lpt-cap"), now), Delivery::Fhir(e) if e.url.contains(":9999/")));
    let directory = directory.with_endpoint(&id("lpt-cap"), "https://cap.example/fhir").unwrap();
    assert!(
        matches!(directory.delivery(&id("lpt-cap"), now), Delivery::Fhir(e) if e.url == "https://cap.example/fhir")
    );
}

#[test]
fn an_endpoint_put_in_keeps_the_format_and_passes_the_same_checks() {
    let now = at(NOW);
    let text = DEMO.replacen("format = \"json\"", "format = \"xml\"", 1);
    let directory = Directory::from_toml(&text).unwrap().with_endpoint(&id("demo-gp"), "http://[::1]:1/").unwrap();
    assert!(matches!(directory.delivery(&id("demo-gp"), now), Delivery::Fhir(e) if e.format == EndpointFormat::Xml));
    let refused = directory.clone().with_endpoint(&id("demo-gp"), "http://gp.example/").unwrap_err();
    assert_eq!(refused.problem, Problem::PlainHttp);
    assert_eq!(directory.with_endpoint(&id("nobody"), "http://[::1]/").unwrap_err().problem, Problem::UnknownParty);
}

/// One bad file, and every fault it has.
const BAD: &str = r#"
    [[organisation]]
    id = "trust"
    name = "Trust"
    kind = "hospital"
    ods = "Y9"

    [[organisation]]
    id = "trust"
    name = " "
    kind = "vcse"
    ods = "Y90010"
    from = 2026-02-20T10:00:00

    [[organisation]]
    id = "Secret Name"
    name = "Other"
    kind = "vcse"
    ods = "y90010"
    untill = 2026-03-31

    [[team]]
    id = "team"
    name = "Team"
    kind = "cmht"
    part_of = "team"

    [[endpoint]]
    party = "trust"
    url = "http://hunter2.example/"
    format = "yaml"

    [[endpoint]]
    party = "trust"
    url = "https://user:hunter2@trust.example/"

    [[agreement]]
    id = "a"
    version = "1"
    between = ["trust", "nobody"]
    purposes = ["marketing"]
    categories = ["actions", "hunter2"]

    [[agreement]]
    id = "a"
    version = "1"
    between = ["trust", "trust"]
    purposes = []
    categories = "all"
    from = 2026-03-31
    until = 2026-03-01

    [[client]]
    id = "gp"
    secret_hash = "hunter2"
    party = "nobody"

    [[client]]
    id = "gp"
    party = "trust"

    [[crisis_contact]]
    name = 999

    [portal_user]
    name = "hunter2"

    [[organization]]
    id = "trust"
"#;

#[test]
fn every_fault_is_reported_at_once_by_entry_and_field() {
    let faults = Directory::from_toml(BAD).unwrap_err();
    let found: Vec<(&str, &str)> = faults.iter().map(|fault| (fault.entry.as_str(), fault.field.as_str())).collect();
    let expected = [
        ("organization", ""),
        ("organisation 1 (trust)", "kind"),
        ("organisation 1 (trust)", "ods"),
        ("organisation 2 (trust)", "name"),
        ("organisation 2 (trust)", "from"),
        ("organisation 2 (trust)", "id"),
        ("organisation 3", "id"),
        ("organisation 3", "ods"),
        ("organisation 3", "untill"),
        ("team 1 (team)", "part_of"),
        ("endpoint 1", "url"),
        ("endpoint 1", "format"),
        ("endpoint 2", "url"),
        ("endpoint 2", "party"),
        ("agreement 1 (a)", "between[2]"),
        ("agreement 1 (a)", "purposes[1]"),
        ("agreement 1 (a)", "categories[2]"),
        ("agreement 1 (a)", "from"),
        ("agreement 2 (a)", "version"),
        ("agreement 2 (a)", "between"),
        ("agreement 2 (a)", "purposes"),
        ("agreement 2 (a)", "categories"),
        ("agreement 2 (a)", "until"),
        ("client 1 (gp)", "secret_hash"),
        ("client 1 (gp)", "party"),
        ("client 2 (gp)", "secret_hash"),
        ("client 2 (gp)", "id"),
        ("portal_user", ""),
        ("crisis_contact 1", "name"),
        ("crisis_contact 1", "how"),
    ];
    assert_eq!(found, expected, "{faults:#?}");
}

#[test]
fn no_fault_repeats_a_value() {
    let faults = Directory::from_toml(BAD).unwrap_err();
    let shown = format!("{faults:?} {}", faults.iter().map(ToString::to_string).collect::<String>());
    for value in ["hunter2", "Secret Name", "hospital"] {
        assert!(!shown.contains(value), "{value}");
    }
    let broken = Directory::from_toml("[[client]]\nsecret_hash = \"hunter2\" oops\n").unwrap_err();
    assert!(matches!(broken[0].problem, Problem::Syntax(_)));
    assert!(broken[0].entry.starts_with("line 2, column "), "{}", broken[0]);
    assert!(!format!("{broken:?}{}", broken[0]).contains("hunter2"));
}

#[test]
fn every_line_that_is_not_toml_is_reported_at_once() {
    let text = "[[client]]\nid = gp\n[[team]]\nid = \"a\"\nfrom = 2026-02-30\n";
    let places: Vec<String> = Directory::from_toml(text).unwrap_err().into_iter().map(|fault| fault.entry).collect();
    assert!(places.iter().any(|place| place.starts_with("line 2, ")), "{places:?}");
    assert!(places.iter().any(|place| place.starts_with("line 5, ")), "{places:?}");
}

#[test]
fn an_ods_code_may_pass_to_a_successor() {
    let text = |from: &str| {
        format!(
            r#"organisation = [
                 {{ id = "old", name = "Old", kind = "gp-practice", ods = "Y90001", until = 2024-12-31 }},
                 {{ id = "new", name = "New", kind = "gp-practice", ods = "Y90001", from = {from} }}]"#
        )
    };
    let directory = Directory::from_toml(&text("2025-01-01")).unwrap();
    let holder = |now: &str| directory.by_ods(&OdsCode::parse("Y90001").unwrap(), at(now)).unwrap().id.to_string();
    assert_eq!((holder("2024-06-01T00:00:00Z"), holder(NOW)), ("old".to_owned(), "new".to_owned()));
    let faults = Directory::from_toml(&text("2024-12-31")).unwrap_err();
    assert!(matches!(faults[0].problem, Problem::Duplicate(_)));
}

#[test]
fn an_empty_directory_is_a_directory() {
    assert_eq!(Directory::from_toml("").unwrap().parties(at(NOW)).count(), 0);
}

#[test]
fn a_directory_without_its_own_party_an_access_point_or_a_crisis_team_is_unfit_to_serve() {
    let team = |id: &str, kind: &str, until: &str| {
        format!("[[team]]\nid = \"{id}\"\npart_of = \"a\"\nname = \"T\"\nkind = \"{kind}\"\n{until}")
    };
    let own = "[[organisation]]\nid = \"a\"\nname = \"A\"\nkind = \"nhs-trust\"\n".to_owned();
    let (door, crisis) = (team("d", "access-point", ""), team("c", "crht", ""));
    let gone = team("c", "crht", "until = \"2020-01-01\"\n");
    let table = [
        (own.clone() + &door + &crisis, "a", vec![]),
        (own.clone() + &door + &crisis, "b", vec!["party"]),
        (own.clone() + &crisis, "a", vec!["an access point (kind access-point)"]),
        (own.clone() + &door, "a", vec!["a crisis team (kind crht)"]),
        (own + &door + &gone, "a", vec!["a crisis team (kind crht)"]),
        (String::new(), "a", vec!["party", "an access point (kind access-point)", "a crisis team (kind crht)"]),
    ];
    for (text, own, expected) in table {
        let faults =
            Directory::from_toml(&text).unwrap().unfit_for(&PartyId::parse(own).unwrap(), at("2026-11-09T09:00:00Z"));
        assert_eq!(faults.iter().map(|fault| fault.entry.as_str()).collect::<Vec<_>>(), expected, "{text}");
    }
}

#[test]
fn a_key_that_does_not_look_like_one_is_not_repeated() {
    let faults = Directory::from_toml("\"hunter2 !\" = 1\n[[organisation]]\n\"my hunter2\" = 2\n").unwrap_err();
    let shown = faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    assert!(shown.contains("an unknown section") && shown.contains("an unknown field"), "{shown}");
    assert!(!format!("{faults:?}{shown}").contains("hunter2"), "{shown}");
}

#[test]
fn the_hint_for_a_secret_names_a_command_there_is() {
    assert!(Problem::Hash.to_string().contains("`cmht-gateway hash-secret`"));
}

#[test]
fn a_party_is_at_each_time_what_its_entry_of_that_time_says() {
    let directory = Directory::from_toml(FULL).unwrap();
    let was = |now: &str| directory.party(&id("trust"), at(now)).map(|party| (party.name.clone(), party.kind)).unwrap();
    assert_eq!(was("2019-01-01T00:00:00Z"), ("The Old Trust".to_owned(), PartyKind::OtherNhs));
    assert_eq!(was(NOW).1, PartyKind::NhsTrust);
    assert!(directory.party(&id("hub"), at("2019-01-01T00:00:00Z")).is_some(), "its organisation was there then too");
    assert_eq!(directory.parties(at(NOW)).filter(|party| party.id == id("trust")).count(), 1);
}

#[test]
fn entries_of_one_id_must_not_be_in_force_at_once() {
    let text = r#"organisation = [{ id = "a", name = "A", kind = "vcse", until = 2025-03-31 },
                                  { id = "a", name = "B", kind = "advocacy", from = 2025-03-31 }]"#;
    let faults = Directory::from_toml(text).unwrap_err();
    assert_eq!((faults.len(), faults[0].entry.as_str(), faults[0].field.as_str()), (1, "organisation 2 (a)", "id"));
    assert_eq!(faults[0].problem, Problem::Overlap("organisation 1 (a)".to_owned()));
    assert!(Directory::from_toml(&text.replace("from = 2025-03-31", "from = 2025-04-01")).is_ok());
}

#[test]
fn places_roles_hub_and_fallback_are_found_at_their_time() {
    let (directory, now) = (Directory::from_toml(FULL).unwrap(), at(NOW));
    assert_eq!(directory.places(&id("spoke"), now).map(|place| place.id.as_str()).collect::<Vec<_>>(), ["house"]);
    let title = |party: &str, now| directory.roles(&id(party), now).map(|role| role.title.clone()).collect::<Vec<_>>();
    assert_eq!(title("roots", now), ["Team lead"]);
    assert_eq!(title("spoke", at("2025-07-01T00:00:00Z")), ["Link worker"], "the team of another employer's person");
    assert!(title("spoke", now).is_empty());
    assert_eq!(directory.hub(&id("spoke"), now).unwrap().id, id("hub"));
    assert_eq!(directory.fallback(now).unwrap().id, id("hub"));
    assert_eq!(directory.details(&id("trust"), now).unwrap().telephone.as_deref(), Some("+44 116 496 0000"));
    assert!(directory.details(&id("trust"), at("2019-01-01T00:00:00Z")).unwrap().telephone.is_none());
}

#[test]
fn every_fault_of_places_roles_and_details_is_reported_at_once() {
    let text = r#"
        organisation = [
          { id = "a", name = "A", kind = "vcse", telephone = "ring us", email = "a@b@c", website = "ftp://a", fallback = true },
          { id = "b", name = "B", kind = "vcse", fallback = true },
        ]
        team = [{ id = "t", name = "T", kind = "cmht", part_of = "a", hub = "t" },
                { id = "u", name = "U", kind = "cmht", part_of = "a", hub = "a" }]
        place = [{ id = "p", of = "nobody", name = "P", address = [], postcode = "le1 1aa" },
                 { id = "p", of = "a", name = "Q" }]
        role = [{ id = "r", person = "P", name = "N", employer = "t", team = "a", code = "link", title = "T" },
                { id = "s", name = "N", employer = "a", team = "nobody" }]
    "#;
    let faults = Directory::from_toml(text).unwrap_err();
    let found: Vec<(&str, &str)> = faults.iter().map(|fault| (fault.entry.as_str(), fault.field.as_str())).collect();
    let expected = [
        ("organisation 1 (a)", "telephone"),
        ("organisation 1 (a)", "email"),
        ("organisation 1 (a)", "website"),
        ("organisation 2 (b)", "fallback"),
        ("team 1 (t)", "hub"),
        ("team 2 (u)", "hub"),
        ("place 1 (p)", "of"),
        ("place 1 (p)", "address"),
        ("place 1 (p)", "postcode"),
        ("place 2 (p)", "id"),
        ("role 1 (r)", "person"),
        ("role 1 (r)", "employer"),
        ("role 1 (r)", "team"),
        ("role 1 (r)", "code"),
        ("role 2 (s)", "person"),
        ("role 2 (s)", "team"),
        ("role 2 (s)", "title"),
    ];
    assert_eq!(found, expected, "{faults:#?}");
}
