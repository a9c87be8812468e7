//! The portal page on which a party keeps its own entry in the directory: shown, sent back, and told what is wrong with it.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;

use super::portal::{page, signed_in, trouble};
use super::{App, reply};
use crate::directory::{EntryChange, PlaceChange, Receives, RoleChange};
use crate::portal::{self, EntryPage, path};
use crate::store::Session;

/// Empty lines shown below what there is, to add to it.
const ROOM: usize = 2;

pub(super) async fn show(State(app): State<App>, headers: HeaderMap) -> Response {
    let now = Timestamp::now();
    let Some((_, session)) = signed_in(&app, &headers, now).await else {
        return Redirect::to(path::SIGN_IN).into_response();
    };
    let directory = app.gateway.directory();
    let Some(party) = directory.party(&session.party, now) else { return trouble() };
    let entry = EntryChange::of(&directory, party, now);
    page(StatusCode::OK, &portal::entry(&of(&app, &session, &entry, Vec::new(), now)))
}

pub(super) async fn change(
    State(app): State<App>,
    headers: HeaderMap,
    sent: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Response {
    let now = Timestamp::now();
    let Some((_, session)) = signed_in(&app, &headers, now).await else {
        return Redirect::to(path::SIGN_IN).into_response();
    };
    let Ok(Form(fields)) = sent else { return trouble() };
    let field = |name: &str| fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.trim());
    if field("csrf") != session.csrf {
        let text = "Go back to your entry and try again.";
        return page(StatusCode::FORBIDDEN, &portal::message("That did not work", text));
    }
    let entry = read(&field);
    let gateway = app.gateway.clone();
    let (party, user, change) = (session.party.clone(), session.user.clone(), entry.clone());
    let work = async move { gateway.change_entry(&party, &user, change, None, now).await };
    match tokio::spawn(work).await.unwrap_or_else(|_| Err(reply::unavailable())) {
        Ok(_) => {
            let text = "From now on this is your entry. What it was before is kept with the date of today.";
            page(StatusCode::OK, &portal::message("Your entry is changed", text))
        }
        Err(refusal) => {
            let faults = refusal.issues.iter().map(|issue| issue.text.clone()).collect();
            page(reply::status(refusal.category), &portal::entry(&of(&app, &session, &entry, faults, now)))
        }
    }
}

/// The page for an entry.
fn of(app: &App, session: &Session, entry: &EntryChange, faults: Vec<String>, now: Timestamp) -> EntryPage {
    let mut places: Vec<portal::PlaceLine> = entry.places.iter().flatten().map(place).collect();
    places.resize_with(places.len() + ROOM, portal::PlaceLine::default);
    let mut roles: Vec<portal::RoleLine> = entry.roles.iter().flatten().map(role).collect();
    roles.resize_with(roles.len() + ROOM, portal::RoleLine::default);
    let (url, format) = match &entry.receives {
        Some(Receives::Fhir { url, format }) => (url.clone(), format.clone()),
        _ => (String::new(), "json".to_owned()),
    };
    EntryPage {
        reviews: app.gateway.runs_this(&session.party),
        organisation: app.gateway.party_name(&session.party, now),
        name: entry.text("name").to_owned(),
        telephone: entry.text("telephone").to_owned(),
        email: entry.text("email").to_owned(),
        website: entry.text("website").to_owned(),
        opening: entry.text("opening").to_owned(),
        services: entry.text("services").to_owned(),
        by_fhir: matches!(entry.receives, Some(Receives::Fhir { .. })),
        url,
        format,
        places,
        roles,
        faults,
        csrf: session.csrf.clone(),
    }
}

fn place(place: &PlaceChange) -> portal::PlaceLine {
    portal::PlaceLine {
        id: place.id.clone().unwrap_or_default(),
        name: place.name.clone(),
        address: place.address.join("\n"),
        postcode: place.postcode.clone().unwrap_or_default(),
    }
}

fn role(role: &RoleChange) -> portal::RoleLine {
    portal::RoleLine {
        id: role.id.clone().unwrap_or_default(),
        person: role.person.clone().unwrap_or_default(),
        name: role.name.clone(),
        title: role.title.clone(),
        team: role.team.clone().unwrap_or_default(),
        code: role.code.clone().unwrap_or_default(),
    }
}

/// The entry as the form sends it: the whole of it, so that what is empty is taken away.
fn read<'a>(field: &impl Fn(&str) -> &'a str) -> EntryChange {
    let given = |text: &str| Some(text.replace('\r', "")).filter(|text| !text.is_empty());
    let texts = ["name", "telephone", "email", "website", "opening", "services"];
    let receives = match field("receives") {
        "fhir" => Receives::Fhir { url: field("url").to_owned(), format: field("format").to_owned() },
        _ => Receives::Inbox,
    };
    let mut places = Vec::new();
    let mut roles = Vec::new();
    for number in 0..portal::MOST_LINES {
        let at = |what: &str, name: &str| field(&format!("{what}-{number}-{name}"));
        let place = PlaceChange {
            id: given(at("place", "id")),
            name: at("place", "name").to_owned(),
            address: at("place", "address")
                .lines()
                .map(str::trim)
                .filter(|l| !l.is_empty())
                .map(str::to_owned)
                .collect(),
            postcode: given(at("place", "postcode")),
        };
        // a line of which nothing is left is one that is taken away
        if !place.name.is_empty() || !place.address.is_empty() || place.postcode.is_some() {
            places.push(place);
        }
        let role = RoleChange {
            id: given(at("role", "id")),
            person: given(at("role", "person")),
            name: at("role", "name").to_owned(),
            team: given(at("role", "team")),
            code: given(at("role", "code")),
            title: at("role", "title").to_owned(),
        };
        if !role.name.is_empty() || !role.title.is_empty() {
            roles.push(role);
        }
    }
    EntryChange {
        texts: texts.map(|name| (name, given(field(name)))).to_vec(),
        receives: Some(receives),
        places: Some(places),
        roles: Some(roles),
    }
}
