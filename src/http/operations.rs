//! The operations pages of the portal, for users of the organisation that runs the gateway: what the pipeline tells, as
//! tables. Names no person.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;

use super::App;
use super::portal::{nothing_here, page, refused, signed_in, words};
use crate::model::{CareEvent, MessageId, PartyId, RequestStatus, RequestTask};
use crate::pipeline::{ClockView, View};
use crate::portal::{self, OperationsPage, RequestPage, Row, Table, path};
use crate::store::DeliveryStatus;

/// `GET /portal/operations`.
pub async fn page_of_all(State(app): State<App>, headers: HeaderMap) -> Response {
    let now = Timestamp::now();
    let Some((_, session)) = signed_in(&app, &headers, now).await else {
        return Redirect::to(path::SIGN_IN).into_response();
    };
    let found = match app.gateway.operations(&session.party, &session.user, now).await {
        Ok(Some(found)) => found,
        Ok(None) => return nothing_here().await,
        Err(refusal) => return refused(&refusal),
    };
    let of = |view| found.clocks.iter().filter(move |clock| clock.view == view);
    let name = |id: &PartyId| app.gateway.party_name(id, now);
    let tables = vec![
        clocks("breached", "Overdue", of(View::Breached), "Nothing is overdue."),
        clocks("due-soon", "Due soon", of(View::DueSoon), "Nothing is due soon."),
        by_team(&found.clocks),
        fallbacks(&found.fallbacks, name),
        orphans(&found.orphans, |id| app.gateway.last_name(id, now)),
        failed(&found.failed, name),
    ];
    let note = found.more.then(|| "There are more clocks than are shown here: the soonest due are.".to_owned());
    let organisation = app.gateway.party_name(&session.party, now);
    page(StatusCode::OK, &portal::operations(&OperationsPage { organisation, tables, note, csrf: session.csrf }))
}

/// `GET /portal/operations/{request}`.
pub async fn page_of_request(State(app): State<App>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let now = Timestamp::now();
    let Some((_, session)) = signed_in(&app, &headers, now).await else {
        return Redirect::to(path::SIGN_IN).into_response();
    };
    let Some(request) = MessageId::parse(&id) else { return nothing_here().await };
    let found = match app.gateway.request_view(&session.party, &session.user, &request, now).await {
        Ok(Some(found)) => found,
        Ok(None) => return nothing_here().await,
        Err(refusal) => return refused(&refusal),
    };
    let events = found.events.iter().map(|event| {
        let team = event.team.as_ref().map(|team| app.gateway.party_name(team, now)).unwrap_or_default();
        row(None, [words(event.at), event.kind.title().to_owned(), app.gateway.party_name(&event.by, now), team])
    });
    let tables = vec![
        Table {
            id: "events",
            title: "What has happened".to_owned(),
            columns: columns(["When", "What", "By", "Answers for it"]),
            rows: events.collect(),
            empty: "Nothing is known of this request.".to_owned(),
        },
        clocks("clocks", "Clocks", found.clocks.iter(), "No clock was started."),
    ];
    let organisation = app.gateway.party_name(&session.party, now);
    let shown = RequestPage { organisation, request: request.to_string(), tables, csrf: session.csrf };
    page(StatusCode::OK, &portal::request(&shown))
}

fn columns<const N: usize>(names: [&str; N]) -> Vec<String> {
    names.map(str::to_owned).to_vec()
}

fn row<const N: usize>(link: Option<String>, cells: [String; N]) -> Row {
    Row { link, cells: Vec::from(cells), overdue: false }
}

fn link(request: Option<&MessageId>) -> Option<String> {
    request.map(|id| format!("{}/{id}", path::OPERATIONS))
}

fn clocks<'a>(id: &'static str, title: &str, clocks: impl Iterator<Item = &'a ClockView>, empty: &str) -> Table {
    let rows = clocks.map(|seen| {
        let request = seen.clock.request.as_ref();
        let called = request.map_or_else(|| "No request".to_owned(), MessageId::to_string);
        let what = format!("{} ({})", seen.name, seen.clock.rule);
        let state = seen.view.title().to_owned();
        let cells = [called, what, seen.owner_name.clone(), seen.due_words.clone(), state];
        Row { overdue: seen.view == View::Breached, ..row(link(request), cells) }
    });
    Table {
        id,
        title: title.to_owned(),
        columns: columns(["Request", "What is to be done", "Team", "Due", "State"]),
        rows: rows.collect(),
        empty: empty.to_owned(),
    }
}

/// How many clocks each team has, by how they stand.
fn by_team(clocks: &[ClockView]) -> Table {
    let mut teams: BTreeMap<&str, BTreeMap<View, usize>> = BTreeMap::new();
    for seen in clocks {
        *teams.entry(&seen.owner_name).or_default().entry(seen.view).or_default() += 1;
    }
    let rows = teams.iter().map(|(team, counts)| {
        let count = |view| counts.get(&view).copied().unwrap_or(0).to_string();
        let all: usize = counts.values().sum();
        let team = (*team).to_owned();
        row(None, [team, count(View::Breached), count(View::DueSoon), count(View::Paused), all.to_string()])
    });
    Table {
        id: "teams",
        title: "Clocks by team".to_owned(),
        columns: columns(["Team", "Overdue", "Due soon", "Paused", "All open"]),
        rows: rows.collect(),
        empty: "No clock is open.".to_owned(),
    }
}

fn fallbacks(events: &[CareEvent], name: impl Fn(&PartyId) -> String) -> Table {
    let rows = events.iter().map(|event| {
        let team = event.team.as_ref().map(&name).unwrap_or_default();
        let called = event.request.as_ref().map_or_else(|| "No request".to_owned(), MessageId::to_string);
        row(link(event.request.as_ref()), [called, words(event.at), name(&event.by), team])
    });
    Table {
        id: "fallback",
        title: "Referrals from where no team is known".to_owned(),
        columns: columns(["Request", "Received", "From", "Sent to"]),
        rows: rows.collect(),
        empty: "Every referral went to the team of its area.".to_owned(),
    }
}

fn orphans(tasks: &[RequestTask], name: impl Fn(&PartyId) -> String) -> Table {
    let rows = tasks.iter().map(|task| {
        let status = RequestStatus::from_code(&task.status).map_or(task.status.as_str(), |status| status.title());
        let stands = format!("{}: {status}", task.kind.title());
        row(link(Some(&task.request)), [task.request.to_string(), name(&task.owner), stands, words(task.changed)])
    });
    Table {
        id: "left",
        title: "Requests of teams that are no longer in the directory".to_owned(),
        columns: columns(["Request", "Team", "How it stands", "Since"]),
        rows: rows.collect(),
        empty: "Every open request is with a team of the directory.".to_owned(),
    }
}

fn failed(failed: &[DeliveryStatus], name: impl Fn(&PartyId) -> String) -> Table {
    let rows = failed.iter().map(|delivery| {
        let reason = delivery.reason.clone().unwrap_or_default();
        let kind = delivery.kind.title().to_owned();
        let id = delivery.delivery.to_string();
        row(None, [id, kind, name(&delivery.recipient), delivery.attempts.to_string(), reason])
    });
    Table {
        id: "failed",
        title: "Deliveries given up".to_owned(),
        columns: columns(["Delivery", "What", "To", "Attempts", "Why"]),
        rows: rows.collect(),
        empty: "Nothing was given up.".to_owned(),
    }
}
