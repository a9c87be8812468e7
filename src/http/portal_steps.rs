//! What a reader of the portal says of a request: the form below an item, and what it sends. Which step may be taken and
//! who is told is `pipeline`'s.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::portal::{nothing_here, page, refused, signed_in, words};
use super::{App, reply};
use crate::auth::Caller;
use crate::model::{DocumentKind, PartyId, PartyKind, RequestStatus, RequestTask, Sector};
use crate::pipeline::{Ask, INFORMATION_GIVEN};
use crate::portal::{self, path};
use crate::store::{InboxItem, Session};
use crate::workflow::{Reason, Wish, role};

/// What the reader of an item may say of the request it is of.
pub async fn forms(app: &App, session: &Session, item: &InboxItem, now: Timestamp) -> Vec<portal::StepForm> {
    let Some(caller) = reader(app, session, now) else { return Vec::new() };
    // an item that is no request has none
    let Ok(Some(found)) = app.gateway.request(&caller, &item.message, now).await else { return Vec::new() };
    let own = found.iter().filter(|followed| !followed.may.is_empty());
    own.map(|followed| {
        let task = &followed.task;
        let title = RequestStatus::from_code(&task.status).map_or(task.status.as_str(), |status| status.title());
        let offered = &followed.may;
        let reasons: Vec<&str> =
            offered.iter().filter(|(_, reason)| *reason == Reason::Wanted).map(|(wish, _)| button(*wish)).collect();
        let (teams, choose) = teams(app, task, offered, now);
        portal::StepForm {
            action: format!("{}/items/{}{}", path::INBOX, item.delivery, path::STATUS),
            task: task.id.to_string(),
            version: task.version,
            id: Uuid::now_v7().to_string(),
            stands: format!(
                "{} with {}: {title}, since {}.",
                task.kind.title(),
                app.gateway.party_name(&task.owner, now),
                words(task.changed)
            ),
            buttons: offered
                .iter()
                .map(|(wish, _)| (crate::pipeline::wish_code(*wish).to_owned(), button(*wish).to_owned()))
                .collect(),
            ask: if reasons.is_empty() {
                "You can leave this empty.".to_owned()
            } else {
                format!("Needed for: {}.", reasons.join(", "))
            },
            teams,
            choose: choose.to_owned(),
        }
    })
    .collect()
}

/// The teams a request can be passed on to, by name, and when one is to be chosen; none where it stays where it is.
fn teams(
    app: &App,
    task: &RequestTask,
    offered: &[(Wish, Reason)],
    now: Timestamp,
) -> (Vec<(String, String)>, &'static str) {
    let may = |status| offered.iter().any(|(wish, _)| *wish == Wish::To(status));
    let directory = app.gateway.directory();
    let point = directory.party(&task.owner, now).is_some_and(|owner| owner.kind == PartyKind::AccessPoint)
        && task.role == role::RESPONSIBLE;
    let choose = match (may(RequestStatus::Redirected), may(RequestStatus::Accepted) && point) {
        (true, true) => {
            "Needed for: Redirect. If you accept, you can leave it: the team of the person's area then has the request."
        }
        (true, false) => "Needed for: Redirect.",
        (false, true) => "If you accept, you can leave it: the team of the person's area then has the request.",
        (false, false) => return (Vec::new(), ""),
    };
    let mut teams: Vec<(String, String)> = directory
        .parties(now)
        // whoever sent it has it to do again by a decline, and a trust or a practice is no team
        .filter(|party| ![&task.owner, &task.requester].contains(&&party.id))
        .filter(|party| !matches!(party.kind, PartyKind::GpPractice | PartyKind::NhsTrust))
        // a referral goes on to NHS teams only (RT-21)
        .filter(|party| {
            task.kind != DocumentKind::Referral || (party.part_of.is_some() && party.sector() == Sector::Nhs)
        })
        .map(|party| (party.id.to_string(), party.name.clone()))
        .collect();
    teams.sort_by(|(_, one), (_, other)| one.cmp(other));
    (teams, choose)
}

/// The words on a button.
const fn button(wish: Wish) -> &'static str {
    use RequestStatus as S;
    match wish {
        Wish::GiveInformation => "Send the information",
        Wish::To(S::Received) => "Received",
        Wish::To(S::Triaged) => "Triaged",
        Wish::To(S::Accepted) => "Accept",
        Wish::To(S::MoreInformationNeeded) => "Ask for information",
        Wish::To(S::Redirected) => "Redirect",
        Wish::To(S::Declined) => "Decline",
        Wish::To(S::Allocated) => "Allocated to a worker",
        Wish::To(S::Contacted) => "Contacted",
        Wish::To(S::NoResponse) => "No response",
        Wish::To(S::Assessed) => "Assessed",
        Wish::To(S::Completed) => "Completed",
        Wish::To(S::CancelledByRequester | S::CancelledByOwner) => "Cancel",
        Wish::To(S::EnteredInError) => "Entered in error",
    }
}

/// Whoever is signed in, as a caller.
fn reader(app: &App, session: &Session, now: Timestamp) -> Option<Caller> {
    let party = app.gateway.directory().party(&session.party, now)?.clone();
    Some(Caller { client_id: session.user.clone(), party })
}

/// The form as it is sent.
#[derive(Deserialize)]
pub struct Step {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    task: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    #[serde(rename = "step")]
    id: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    team: String,
}

/// `POST /portal/items/{id}/status`.
pub async fn take(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    sent: Result<Form<Step>, FormRejection>,
) -> Response {
    let now = Timestamp::now();
    let Some((_, session)) = signed_in(&app, &headers, now).await else {
        return Redirect::to(path::SIGN_IN).into_response();
    };
    let failed = |status| page(status, &portal::message("That did not work", "Go back to the item and try again."));
    let Ok(Form(sent)) = sent else { return failed(StatusCode::BAD_REQUEST) };
    if sent.csrf != session.csrf {
        return failed(StatusCode::FORBIDDEN);
    }
    let status = RequestStatus::from_code(&sent.status).map(Wish::To);
    let wish = status.or_else(|| (sent.status == INFORMATION_GIVEN).then_some(Wish::GiveInformation));
    let ids = (Uuid::try_parse(&id), Uuid::try_parse(&sent.task), Uuid::try_parse(&sent.id));
    let (Some(wish), (Ok(item), Ok(task), Ok(step)), Some(caller)) = (wish, ids, reader(&app, &session, now)) else {
        return nothing_here().await;
    };
    let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let passes_on = matches!(wish, Wish::To(RequestStatus::Redirected | RequestStatus::Accepted));
    let team = match filled(&sent.team).filter(|_| passes_on) {
        Some(team) => match PartyId::parse(&team) {
            Some(team) => Some(team),
            None => return failed(StatusCode::BAD_REQUEST),
        },
        None => None,
    };
    let ask = Ask {
        task,
        id: Some(step),
        wish,
        at: None,
        reason: filled(&sent.reason),
        team,
        items: Vec::new(),
        mode: None,
        of_version: sent.version.parse().ok(),
    };
    let gateway = app.gateway.clone();
    // A task of its own: a browser that goes away does not leave a step half way through.
    let taken = tokio::spawn(async move { gateway.take_step(&caller, ask, now).await });
    match taken.await.unwrap_or_else(|_| Err(reply::unavailable())) {
        Ok(Some(_)) => Redirect::to(&format!("{}/items/{item}", path::INBOX)).into_response(),
        Ok(None) => nothing_here().await,
        Err(refusal) => refused(&refusal),
    }
}
