//! Authentication against the demonstration directory.

use jiff::Timestamp;

use super::{AuthError, Authenticator, Credential};
use crate::directory::{DEMO, Directory};
use crate::model::{Category, PartyId};

fn now() -> Timestamp {
    "2026-02-10T09:00:00Z".parse().unwrap()
}

fn directory() -> Directory {
    Directory::from_toml(DEMO).unwrap()
}

#[test]
fn each_demonstration_client_is_let_in_with_its_secret_as_its_party() {
    let (authenticator, directory) = (Authenticator::new(), directory());
    for id in ["demo-gp", "lpt", "harbour-clinic", "wellbeing-roots"] {
        let secret = format!("{id}-secret");
        let credential = Credential::ClientSecret { id, secret: &secret };
        let caller = authenticator.authenticate(&credential, &directory, now()).unwrap();
        assert_eq!((caller.client_id.as_str(), caller.party.id.as_str()), (id, id));
    }
}

#[test]
fn a_wrong_secret_and_an_unknown_client_look_the_same() {
    let (authenticator, directory) = (Authenticator::new(), directory());
    for (id, secret) in [
        ("demo-gp", "lpt-secret"),
        ("demo-gp", ""),
        ("nobody", "demo-gp-secret"),
        ("", ""),
        ("DEMO-GP", "demo-gp-secret"),
        ("wellbeing-roots", "wellbeing-roots-password"),
    ] {
        let credential = Credential::ClientSecret { id, secret };
        let refused = authenticator.authenticate(&credential, &directory, now()).unwrap_err();
        assert_eq!((refused, refused.category()), (AuthError::NotKnown, Category::Unauthenticated), "{id}");
    }
}

#[test]
fn a_client_of_an_expired_entry_is_unknown_even_if_it_was_let_in_before() {
    let text = DEMO.replace("id = \"demo-gp\"\nsecret_hash", "id = \"demo-gp\"\nuntil = 2026-01-31\nsecret_hash");
    let (authenticator, directory) = (Authenticator::new(), Directory::from_toml(&text).unwrap());
    let credential = Credential::ClientSecret { id: "demo-gp", secret: "demo-gp-secret" };
    let before = "2026-01-15T09:00:00Z".parse().unwrap();
    assert!(authenticator.authenticate(&credential, &directory, before).is_ok());
    assert_eq!(authenticator.authenticate(&credential, &directory, now()), Err(AuthError::NotKnown));
}

#[test]
fn the_charity_signs_in_with_its_password_and_not_with_its_client_secret() {
    let (authenticator, directory) = (Authenticator::new(), directory());
    let sign_in = |password| authenticator.sign_in("wellbeing-roots", password, &directory, now());
    assert_eq!(sign_in("wellbeing-roots-password").unwrap().party.id.as_str(), "wellbeing-roots");
    assert_eq!(sign_in("wellbeing-roots-secret"), Err(AuthError::NotKnown));
}

#[test]
fn a_caller_speaks_for_itself_and_its_own_teams_only() {
    let (authenticator, directory) = (Authenticator::new(), directory());
    let party = |id: &str| directory.party(&PartyId::parse(id).unwrap(), now()).unwrap();
    let credential = Credential::ClientSecret { id: "lpt", secret: "lpt-secret" };
    let mut caller = authenticator.authenticate(&credential, &directory, now()).unwrap();
    assert!(caller.speaks_for(party("lpt")) && caller.speaks_for(party("lpt-crht")));
    assert!(!caller.speaks_for(party("demo-gp")));
    caller.party = party("lpt-cap").clone();
    assert!(caller.speaks_for(party("lpt-cap")));
    assert!(!caller.speaks_for(party("lpt")) && !caller.speaks_for(party("lpt-crht")));
}

#[test]
fn a_credential_never_shows_in_debug_text() {
    let shown = format!("{:?}", Credential::ClientSecret { id: "demo-gp", secret: "hunter2" });
    assert_eq!(shown, "ClientSecret(…)");
}
