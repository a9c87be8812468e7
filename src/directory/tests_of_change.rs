//! The directory going out and coming in, and changed by its parties.

use super::fhir::tests::FULL;
use super::tests::{NOW, at, demo, id};
use super::{DEMO, Delivery, Directory, EntryChange, Problem, Rows, Share};

#[test]
fn a_directory_comes_back_from_toml_csv_and_json_as_it_went() {
    for text in [FULL, DEMO] {
        let directory = Directory::from_toml(text).unwrap();
        assert_eq!(Rows::from_toml(&directory.to_toml()).unwrap(), directory.rows);
        let whole = directory.shared(Share::Whole);
        assert_eq!(Rows::from_csv([("directory", whole.to_csv().as_str())]).unwrap(), whole);
        let files = whole.to_csv_files();
        assert_eq!(Rows::from_csv(files.iter().map(|(name, text)| (*name, text.as_str()))).unwrap(), whole);
        assert_eq!(Rows::from_json(&whole.to_json()).unwrap(), whole);
        assert_eq!(Rows::from_toml(&whole.to_toml()).unwrap(), whole);
    }
}

#[test]
fn no_export_holds_a_secret_and_the_public_one_no_arrangements() {
    let directory = demo();
    let whole = directory.shared(Share::Whole);
    assert!(!format!("{directory:?} {whole:?}").contains("argon2"));
    for text in [whole.to_toml(), whole.to_csv(), whole.to_json().to_string()] {
        assert!(!text.contains("argon2") && !text.contains("_hash"), "{text}");
    }
    let public = directory.shared(Share::Public).to_json();
    let sections: Vec<_> = public.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(sections, ["organisation", "team", "place", "role", "crisis_contact"]);
}

#[test]
fn an_import_keeps_the_secrets_and_the_sections_it_does_not_name() {
    let directory = demo();
    let import = r#"
        crisis_contact = [{ name = "A", how = "Ring A" }]
        client = [{ id = "lpt", party = "lpt", until = 2030-01-01 }]
    "#;
    let changed = directory.with_import(Rows::from_toml(import).unwrap()).unwrap();
    assert_eq!(changed.crisis_contacts().len(), 1);
    let hash = |directory: &Directory, client: &str| directory.client(client, at(NOW)).unwrap().secret_hash.clone();
    for client in ["lpt", "demo-gp", "wellbeing-roots"] {
        assert_eq!(hash(&changed, client), hash(&directory, client), "{client}");
    }
    assert!(changed.client("lpt", at("2030-02-01T00:00:00Z")).is_none(), "what the import says of it counts");
    assert_eq!(changed.parties(at(NOW)).count(), directory.parties(at(NOW)).count());
    let unknown = r#"client = [{ id = "new", party = "lpt" }]"#;
    let faults = directory.with_import(Rows::from_toml(unknown).unwrap()).unwrap_err();
    assert_eq!(faults[0].field, "secret_hash");
}

#[test]
fn what_changes_in_the_file_and_what_was_changed_meanwhile_go_together() {
    let before = demo();
    let file = Directory::from_toml(&DEMO.replace("name = \"Harbour Clinic\"", "name = \"Haven Clinic\"")).unwrap();
    let change = EntryChange { texts: vec![("telephone", Some("0116 496 0999".to_owned()))], ..EntryChange::default() };
    let now = at(NOW);
    let roots = before.party(&id("wellbeing-roots"), now).unwrap();
    let current = before.with_entry(roots, &change, now).unwrap();
    let both = current.with_file(&before, &file).unwrap();
    assert_eq!(both.party(&id("harbour-clinic"), now).unwrap().name, "Haven Clinic");
    assert_eq!(both.details(&id("wellbeing-roots"), now).unwrap().telephone.as_deref(), Some("0116 496 0999"));
    let clash = Directory::from_toml(&DEMO.replace("0116 496 0431", "0116 496 0777")).unwrap();
    assert!(current.with_file(&before, &clash).is_err(), "both changed the same entry");
}

fn sent(value: &serde_json::Value) -> EntryChange {
    EntryChange::from_json(value).unwrap()
}

#[test]
fn a_party_changes_its_own_entry_and_what_was_before_stays() {
    let (directory, now, later) = (demo(), at(NOW), at("2026-03-01T00:00:00Z"));
    let charity = directory.party(&id("wellbeing-roots"), now).unwrap();
    let change = sent(&serde_json::json!({
        "name": "Roots and Wings", "telephone": "0116 496 0999", "website": null,
        "receives": {"how": "fhir", "url": "https://roots.example/fhir"},
        "places": [{"name": "New House", "address": ["2 Lane"], "postcode": "LE2 9ZZ"}],
        "roles": [{"id": "wellbeing-roots-role-1", "person": "wellbeing-roots-person-1", "name": "Nia Example",
                   "team": "lpt-cmht-city-east", "title": "Team lead"},
                  {"name": "Sam Sample", "title": "Gardener"}],
    }));
    let changed = directory.with_entry(charity, &change, now).unwrap();
    let name = |at| changed.party(&id("wellbeing-roots"), at).unwrap().name.clone();
    assert_eq!((name(at("2026-02-10T08:59:59Z")).as_str(), name(now).as_str()), ("Wellbeing Roots", "Roots and Wings"));
    let details = changed.details(&id("wellbeing-roots"), later).unwrap();
    assert_eq!((details.telephone.as_deref(), details.website.as_deref()), (Some("0116 496 0999"), None));
    assert!(details.opening.is_some(), "what was not named stays");
    assert!(
        matches!(changed.delivery(&id("wellbeing-roots"), later), Delivery::Fhir(e) if e.url.contains("roots.example"))
    );
    let places = |at| changed.places(&id("wellbeing-roots"), at).map(|place| place.name.clone()).collect::<Vec<_>>();
    assert_eq!(
        (places(at("2026-02-10T08:00:00Z")), places(later)),
        (vec!["The Garden House".into()], vec!["New House".into()])
    );
    let roles = |at| changed.roles(&id("wellbeing-roots"), at).map(|role| role.title.clone()).collect::<Vec<_>>();
    assert_eq!(roles(later), ["Team lead", "Gardener"]);
    assert_eq!(roles(at("2026-02-10T08:00:00Z")), ["Social prescribing link worker"]);
    let again = changed.with_entry(charity, &sent(&serde_json::json!({"name": "Roots and Wings"})), later).unwrap();
    assert_eq!(again.to_toml(), changed.to_toml(), "the same again changes nothing");
    let at_once = changed.with_entry(charity, &sent(&serde_json::json!({"name": "Wings", "places": []})), now).unwrap();
    assert_eq!(at_once.party(&id("wellbeing-roots"), now).unwrap().name, "Wings");
    assert!(at_once.places(&id("wellbeing-roots"), later).next().is_none());
}

#[test]
fn a_partys_faults_are_told_at_once_and_nothing_that_is_not_its_own_is_its_to_change() {
    let faults =
        EntryChange::from_json(&serde_json::json!({"kind": "nhs-trust", "ods": "RT5", "telephone": 999})).unwrap_err();
    let fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(fields, ["kind", "ods", "telephone"]);
    let (directory, now) = (demo(), at(NOW));
    let charity = directory.party(&id("wellbeing-roots"), now).unwrap();
    let change = sent(&serde_json::json!({
        "telephone": "ring us", "receives": {"how": "fhir", "url": "https://10.0.0.1/fhir"},
        "places": [{"id": "lpt-cmht-city-east-place-1", "name": "Mine now"}, {"name": ""}],
    }));
    let faults = directory.with_entry(charity, &change, now).unwrap_err();
    let found: Vec<_> = faults.iter().map(|fault| (fault.field.as_str(), &fault.problem)).collect();
    assert!(found.contains(&("url", &Problem::Local)) && found.contains(&("id", &Problem::NotYours)), "{faults:#?}");
    assert!(found.iter().any(|(field, _)| *field == "telephone") && found.iter().any(|(field, _)| *field == "name"));
}

#[test]
fn nobody_takes_the_name_of_another_or_enters_people_in_anothers_team() {
    let directory = demo();
    let party = directory.party(&id("wellbeing-roots"), at(NOW)).unwrap();
    let named = |name: &str| EntryChange { texts: vec![("name", Some(name.to_owned()))], ..EntryChange::default() };
    for taken in ["Leicestershire Demonstration Partnership Trust", "central ACCESS-point", "Harbour  Clinic."] {
        let faults = directory.with_entry(party, &named(taken), at(NOW)).unwrap_err();
        assert_eq!(faults[0].problem, Problem::NameTaken, "{taken}");
    }
    assert!(directory.with_entry(party, &named("Roots and Wings"), at(NOW)).is_ok());
    let json = serde_json::json!({"roles": [{"name": "Dr Made Up", "title": "Consultant", "team": "lpt-crht"}]});
    let faults = directory.with_entry(party, &EntryChange::from_json(&json).unwrap(), at(NOW)).unwrap_err();
    assert_eq!((faults[0].field.as_str(), &faults[0].problem), ("team", &Problem::OtherTeam));
}

#[test]
fn an_empty_table_is_no_directory() {
    for text in ["", "\r\n", "section,id,name\r\n", "id,name\n"] {
        let faults = Rows::from_csv([("directory", text)]).unwrap_err();
        assert!(faults[0].to_string().contains("at least one line under it"), "{text:?}");
    }
}
