//! Routes of the portal: sign-in, inbox, one item as page and as file, sign-out. Pages come from `portal`; who may see what, from the pipeline.

use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::inbox::page_asked;
use super::{App, portal_entry, portal_steps, reply};
use crate::audit::{Entry, Event};
use crate::intake::Refusal;
use crate::model::Category;
use crate::outbox;
use crate::portal::{self, InboxPage, ItemPage, Markup, Urgency, path, style};
use crate::render::{self, Fonts, Letter};
use crate::store::Session;

const SESSION: &str = "cmht_session";
/// Cookie that ties the sign-in form to the browser it was shown in.
const FORM: &str = "cmht_form";
/// A working day: a shared computer is not left signed in overnight.
const SESSION_LENGTH: SignedDuration = SignedDuration::from_hours(8);

pub fn routes() -> Router<App> {
    Router::new()
        .route("/", get(inbox))
        .route("/operations", get(super::operations::page_of_all))
        .route("/operations/{request}", get(super::operations::page_of_request))
        .route("/measures", get(super::measures::shown))
        .route("/items/{id}", get(item))
        .route("/items/{id}/status", post(portal_steps::take))
        .route("/items/{id}/pdf", get(item_as_pdf))
        .route("/items/{id}/text", get(item_as_text))
        .route("/sign-in", get(sign_in_form).post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/entry", get(portal_entry::show).post(portal_entry::change))
        .route("/style.css", get(sheet))
        .merge(super::reviews::routes())
        .fallback(nothing_here)
}

pub(super) async fn nothing_here() -> Response {
    page(StatusCode::NOT_FOUND, &portal::message("Nothing here", "There is no such page."))
}

async fn sheet() -> Response {
    with_headers(style::SHEET.into_response(), style::HEADERS)
}

async fn sign_in_form(State(app): State<App>) -> Response {
    form(&app, StatusCode::OK, None)
}

/// The sign-in form, with a fresh token in form and cookie.
fn form(app: &App, status: StatusCode, error: Option<&str>) -> Response {
    let token = token();
    let page = page(status, &portal::sign_in(error, &token));
    with_cookie(page, &cookie(app, FORM, &token, 3600))
}

#[derive(Deserialize)]
struct SignIn {
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    csrf: String,
}

async fn sign_in(State(app): State<App>, headers: HeaderMap, sent: Result<Form<SignIn>, FormRejection>) -> Response {
    let Ok(Form(sent)) = sent else {
        return form(&app, StatusCode::BAD_REQUEST, Some("Please fill in the form again."));
    };
    let ours = read_cookie(&headers, FORM).is_some_and(|token| !token.is_empty() && token == sent.csrf);
    if !ours {
        return form(&app, StatusCode::FORBIDDEN, Some("The form was open too long. Please sign in again."));
    }
    let now = Timestamp::now();
    let (authenticator, directory) = (app.authenticator.clone(), app.gateway.directory());
    let name = sent.username.trim().to_owned();
    let Ok(_place) = app.sign_ins.acquire().await else { return trouble() };
    let verified =
        tokio::task::spawn_blocking(move || authenticator.sign_in(&name, &sent.password, &directory, now)).await;
    match verified {
        Ok(Ok(user)) => {
            let token = token();
            let session = Session {
                user: user.name.clone(),
                party: user.party.id.clone(),
                csrf: self::token(),
                expires: now.checked_add(SESSION_LENGTH).unwrap_or(now),
            };
            if app.gateway.record(Entry::new(Event::SignedIn, now).actor(&user.party.id, &user.name)).await.is_err()
                || app.gateway.store().put_session(&hash(&token), &session, now).await.is_err()
            {
                return trouble();
            }
            let redirect = Redirect::to(path::INBOX).into_response();
            with_cookie(redirect, &cookie(&app, SESSION, &token, SESSION_LENGTH.as_secs()))
        }
        Ok(Err(error)) if error.category() == Category::Busy => form(
            &app,
            StatusCode::SERVICE_UNAVAILABLE,
            Some("Too many people are signing in. Try again in a few seconds."),
        ),
        Ok(Err(_)) => {
            // Not the name: people type their password into the wrong field.
            if app.gateway.record(Entry::new(Event::SignInFailed, now)).await.is_err() {
                return trouble();
            }
            form(&app, StatusCode::UNAUTHORIZED, Some("The user name or the password is not right."))
        }
        Err(_) => trouble(),
    }
}

#[derive(Deserialize)]
struct SignOut {
    #[serde(default)]
    csrf: String,
}

async fn sign_out(State(app): State<App>, headers: HeaderMap, sent: Result<Form<SignOut>, FormRejection>) -> Response {
    let sent = sent.map_or_else(|_| SignOut { csrf: String::new() }, |Form(sent)| sent);
    let now = Timestamp::now();
    if let Some((hash, session)) = signed_in(&app, &headers, now).await {
        if sent.csrf != session.csrf {
            return page(
                StatusCode::FORBIDDEN,
                &portal::message("That did not work", "Go back to your inbox and try again."),
            );
        }
        let ended = app.gateway.record(Entry::new(Event::SignedOut, now).actor(&session.party, &session.user)).await;
        if ended.is_err() || app.gateway.store().end_session(&hash).await.is_err() {
            return trouble();
        }
    }
    with_cookie(Redirect::to(path::SIGN_IN).into_response(), &cookie(&app, SESSION, "", 0))
}

async fn inbox(State(app): State<App>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let now = Timestamp::now();
    let Some((_, session)) = signed_in(&app, &headers, now).await else {
        return Redirect::to(path::SIGN_IN).into_response();
    };
    let number = match page_asked(query.as_deref()) {
        Ok(number) => number,
        Err(refusal) => return refused(&refusal),
    };
    let found = match app.gateway.inbox(&session.party, &session.user, number, now).await {
        Ok(found) => found,
        Err(refusal) => return refused(&refusal),
    };
    let items = found
        .items
        .iter()
        .map(|(_, item)| {
            let read = app.gateway.readable_item(item);
            portal::InboxItem {
                id: item.delivery.to_string(),
                received: words(item.received),
                person: read.person,
                kind: item.kind.title().to_owned(),
                urgency: urgency(item.priority),
                read: item.read.is_some(),
                link: format!("{}/items/{}", path::INBOX, item.delivery),
            }
        })
        .collect();
    let organisation = app.gateway.party_name(&session.party, now);
    let reviews = app.gateway.runs_this(&session.party);
    let inbox = InboxPage {
        organisation,
        reviews,
        items,
        total: found.total,
        unread: found.unread,
        earlier: number.checked_sub(1).map(|before| before + 1),
        later: found.next.map(|next| next + 1),
        csrf: session.csrf,
    };
    page(StatusCode::OK, &portal::inbox(&inbox))
}

/// An item for whoever is signed in, and the page to show instead where there is none. Opening it is recorded.
async fn open(
    app: &App,
    id: &str,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<(Session, crate::store::InboxItem), Response> {
    let Some((_, session)) = signed_in(app, headers, now).await else {
        return Err(Redirect::to(path::SIGN_IN).into_response());
    };
    let Ok(id) = Uuid::try_parse(id) else { return Err(nothing_here().await) };
    match app.gateway.open_inbox_item(&session.party, &session.user, id, now).await {
        Ok(Some(item)) => Ok((session, item)),
        Ok(None) => {
            let text = "There is nothing here, or nothing that your organisation may see.";
            Err(page(StatusCode::NOT_FOUND, &portal::message("Nothing here", text)))
        }
        Err(refusal) => Err(refused(&refusal)),
    }
}

async fn item(State(app): State<App>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let now = Timestamp::now();
    let (session, item) = match open(&app, &id, &headers, now).await {
        Ok(opened) => opened,
        Err(response) => return response,
    };
    let read = app.gateway.readable_item(&item);
    let directory = app.gateway.directory();
    let contacts = directory.crisis_contacts();
    let shown = ItemPage {
        organisation: app.gateway.party_name(&session.party, now),
        reviews: app.gateway.runs_this(&session.party),
        title: read.title,
        received: words(item.received),
        from: read.from.unwrap_or_else(|| app.gateway.party_name(&item.sender, now)),
        urgency: urgency(item.priority),
        link: format!("{}/items/{}", path::INBOX, item.delivery),
        sections: read.sections,
        withheld: outbox::in_words(&item.withheld),
        crisis_contacts: contacts.iter().map(|c| (c.name.clone(), c.how.clone())).collect(),
        steps: portal_steps::forms(&app, &session, &item, now).await,
        csrf: session.csrf,
    };
    page(StatusCode::OK, &portal::item(&shown))
}

async fn item_as_pdf(State(app): State<App>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    item_as_file(&app, &id, &headers, "application/pdf", "pdf", |letter| render::pdf(letter, &Fonts::built_in()).ok())
        .await
}

async fn item_as_text(State(app): State<App>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    item_as_file(&app, &id, &headers, "text/plain; charset=utf-8", "txt", |letter| {
        Some(render::text(letter).into_bytes())
    })
    .await
}

/// An item as a file to keep: what the page shows and nothing else. The file is named after the kind of document, never
/// after the person: names of files stand in lists on shared computers.
async fn item_as_file(
    app: &App,
    id: &str,
    headers: &HeaderMap,
    media_type: &'static str,
    ending: &str,
    made: impl FnOnce(&Letter) -> Option<Vec<u8>> + Send + 'static,
) -> Response {
    let item = match open(app, id, headers, Timestamp::now()).await {
        Ok((_, item)) => item,
        Err(response) => return response,
    };
    let kind = item.kind.code();
    let gateway = app.gateway.clone();
    // setting pages is work for a processor, not for the loop that answers requests
    let file = tokio::task::spawn_blocking(move || gateway.letter(&item).as_ref().and_then(made)).await;
    let Ok(Some(file)) = file else { return trouble() };
    let disposition = format!("attachment; filename=\"{kind}.{ending}\"");
    let headers = [(header::CONTENT_TYPE, media_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    with_headers((headers, file).into_response(), portal::PAGE_HEADERS)
}

/// The session of a request, with the hash under which it is kept.
pub(super) async fn signed_in(app: &App, headers: &HeaderMap, now: Timestamp) -> Option<(String, Session)> {
    let hash = hash(read_cookie(headers, SESSION)?);
    let session = app.gateway.store().session(&hash, now).await.ok()??;
    // A user struck from the directory is signed out at once.
    app.gateway.directory().portal_user(&session.user, now).map(|_| (hash, session))
}

const fn urgency(priority: u8) -> Urgency {
    match priority {
        0 => Urgency::Crisis,
        1 => Urgency::Urgent,
        _ => Urgency::Routine,
    }
}

/// A time as people in England read it.
pub(super) fn words(at: Timestamp) -> String {
    at.in_tz("Europe/London").map_or_else(|_| at.to_string(), |zoned| zoned.strftime("%-d %B %Y, %-I:%M%P").to_string())
}

pub(super) fn refused(refusal: &Refusal) -> Response {
    let text = refusal.issues.first().map_or("Try again in a minute.", |issue| issue.text.as_str());
    page(reply::status(refusal.category), &portal::message("Something went wrong", text))
}

pub(super) fn trouble() -> Response {
    let text = "The gateway cannot do this at the moment. Try again in a minute.";
    page(StatusCode::SERVICE_UNAVAILABLE, &portal::message("Something went wrong", text))
}

pub(super) fn page(status: StatusCode, markup: &Markup) -> Response {
    with_headers((status, Html(markup.0.clone())).into_response(), portal::PAGE_HEADERS)
}

fn with_headers(mut response: Response, headers: &'static [(&'static str, &'static str)]) -> Response {
    for (name, value) in headers {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

fn cookie(app: &App, name: &str, value: &str, seconds: i64) -> String {
    let secure = if app.secure_cookies { "; Secure" } else { "" };
    format!("{name}={value}; Path=/portal; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}")
}

fn read_cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().split_once('=').filter(|(key, _)| *key == name).map(|(_, value)| value))
}

/// 256 random bits, as text.
fn token() -> String {
    let (high, low): (u128, u128) = rand::random();
    format!("{high:032x}{low:032x}")
}

fn hash(token: &str) -> String {
    format!("{:x}", Sha256::digest(token.as_bytes()))
}
