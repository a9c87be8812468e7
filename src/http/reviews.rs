//! Portal routes of the review queue (CS-09, CS-10), for users of the party that runs the gateway; for anybody else there
//! is no such page. What may be reviewed and how is the pipeline's.

use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::portal::{nothing_here, page, refused, signed_in, trouble, words};
use super::{App, caller};
use crate::auth::Caller;
use crate::intake::Refusal;
use crate::model::{Category, DataCategory, IssueCode, PartyId};
use crate::pipeline::ground_in_words;
use crate::portal::{self, Filled, Found, Review, ReviewPage, ReviewsPage, path};
use crate::store::Session;

pub fn routes() -> Router<App> {
    Router::new().route("/reviews", get(list)).route("/reviews/{id}", get(show).post(record))
}

/// Whoever is signed in, as a caller who may review; else the page to show instead.
async fn reviewer(app: &App, headers: &HeaderMap, now: Timestamp) -> Result<(Session, Caller), Response> {
    let Some((_, session)) = signed_in(app, headers, now).await else {
        return Err(Redirect::to(path::SIGN_IN).into_response());
    };
    let directory = app.gateway.directory();
    let Some(party) = directory.party(&session.party, now) else { return Err(nothing_here().await) };
    let caller = Caller { client_id: session.user.clone(), party: party.clone() };
    if app.gateway.is_trust(&caller) { Ok((session, caller)) } else { Err(nothing(app, &caller).await) }
}

/// There is no such page for this caller, and that they asked is recorded.
async fn nothing(app: &App, caller: &Caller) -> Response {
    let refusal = caller::nothing_here(app, caller).await;
    if refusal.category == Category::NotFound { nothing_here().await } else { refused(&refusal) }
}

/// What is under review: with `open`, only what waits.
async fn under_review(app: &App, caller: &Caller, open: bool, now: Timestamp) -> Result<Vec<Value>, Response> {
    match app.gateway.reviews(caller, open, now).await {
        Ok(Some(items)) => Ok(items),
        Ok(None) => Err(nothing(app, caller).await),
        Err(refusal) => Err(refused(&refusal)),
    }
}

async fn list(State(app): State<App>, headers: HeaderMap) -> Response {
    let now = Timestamp::now();
    let shown = async {
        let (session, caller) = reviewer(&app, &headers, now).await?;
        let open = under_review(&app, &caller, true, now).await?;
        let mut done = under_review(&app, &caller, false, now).await?;
        done.retain(|item| !item["reviewed"].is_null());
        done.reverse();
        let told = |items: &[Value]| items.iter().map(|item| told(&app, item, now)).collect();
        Ok(portal::reviews(&ReviewsPage {
            organisation: app.gateway.party_name(&session.party, now),
            open: told(&open),
            done: told(&done),
            csrf: session.csrf,
        }))
    };
    shown.await.map_or_else(|instead| instead, |markup| page(StatusCode::OK, &markup))
}

/// The page of one record, with the form as it was filled in.
async fn shown(
    app: &App,
    (session, caller): (&Session, &Caller),
    id: &str,
    (filled, errors): (Filled, Vec<(String, String)>),
    now: Timestamp,
) -> Result<portal::Markup, Response> {
    let id = Uuid::try_parse(id).map(|id| id.to_string()).ok();
    let mut found = None;
    for open in [true, false] {
        let items = under_review(app, caller, open, now).await?;
        found = found.or_else(|| items.into_iter().find(|item| item["id"].as_str() == id.as_deref() && id.is_some()));
        if found.is_some() {
            break;
        }
    }
    let Some(item) = found else { return Err(nothing(app, caller).await) };
    Ok(portal::review(&ReviewPage {
        organisation: app.gateway.party_name(&session.party, now),
        review: told(app, &item, now),
        filled,
        errors,
        csrf: session.csrf.clone(),
    }))
}

async fn show(State(app): State<App>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let now = Timestamp::now();
    let (session, caller) = match reviewer(&app, &headers, now).await {
        Ok(known) => known,
        Err(instead) => return instead,
    };
    let empty = (Filled::default(), Vec::new());
    let made = shown(&app, (&session, &caller), &id, empty, now).await;
    made.map_or_else(|instead| instead, |markup| page(StatusCode::OK, &markup))
}

#[derive(Deserialize)]
struct Sent {
    #[serde(default)]
    reviewer: String,
    #[serde(default)]
    verdict: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    csrf: String,
}

async fn record(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    sent: Result<Form<Sent>, FormRejection>,
) -> Response {
    let now = Timestamp::now();
    let (session, caller) = match reviewer(&app, &headers, now).await {
        Ok(known) => known,
        Err(instead) => return instead,
    };
    let Some(Form(sent)) = sent.ok().filter(|Form(sent)| sent.csrf == session.csrf) else {
        let text = "Nothing was recorded. Open the review again and send the form from there.";
        return page(StatusCode::FORBIDDEN, &portal::message("That did not work", text));
    };
    let Ok(record) = Uuid::try_parse(&id) else { return nothing(&app, &caller).await };
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let body = json!({
        "reviewer": given(&sent.reviewer), "verdict": given(&sent.verdict), "note": given(&sent.note),
    });
    let (gateway, by) = (app.gateway.clone(), caller.clone());
    let work = async move { gateway.review(&by, record, &body, now).await };
    let Ok(outcome) = tokio::spawn(work).await else { return trouble() };
    match outcome {
        Ok(Some(())) => Redirect::to(path::REVIEWS).into_response(),
        Ok(None) => nothing(&app, &caller).await,
        Err(refusal) if refusal.category == Category::Invalid => {
            let filled = Filled { reviewer: sent.reviewer, verdict: sent.verdict, note: sent.note };
            let form = (filled, errors(&refusal));
            let made = shown(&app, (&session, &caller), &id, form, now).await;
            made.map_or_else(|instead| instead, |markup| page(StatusCode::UNPROCESSABLE_ENTITY, &markup))
        }
        Err(refusal) if refusal.category == Category::Duplicate => {
            let text = "Somebody has reviewed this already, so nothing was recorded. The list of overrides and emergencies \
                        shows who, and what they found.";
            page(StatusCode::CONFLICT, &portal::message("Reviewed already", text))
        }
        Err(refusal) => refused(&refusal),
    }
}

/// What is wrong with the form, in the order of its fields.
fn errors(refusal: &Refusal) -> Vec<(String, String)> {
    let of = |field: &'static str, missing: &str| {
        let found = refusal
            .issues
            .iter()
            .find(|issue| issue.path.as_deref().and_then(|at| at.strip_prefix('/')) == Some(field));
        found.map(|issue| {
            let text = if issue.code == IssueCode::Required { missing } else { &issue.text };
            (field.to_owned(), text.to_owned())
        })
    };
    [
        of("verdict", "Say whether it was appropriate"),
        of("reviewer", "Enter your name and role"),
        of("note", "Say what you found"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A record in words.
fn told(app: &App, item: &Value, now: Timestamp) -> Review {
    let text = |at: &str| item.pointer(at).and_then(Value::as_str).unwrap_or_default();
    let moment = |at: &str| text(at).parse::<Timestamp>().map_or_else(|_| text(at).to_owned(), words);
    let party =
        |at: &str| PartyId::parse(text(at)).map_or_else(|| text(at).to_owned(), |id| app.gateway.party_name(&id, now));
    let is_override = text("/kind") == "override";
    let whom = if is_override { "/record/recipient" } else { "/recorded_by" };
    let ground = ground_in_words(text("/record/basis")).unwrap_or("an emergency");
    let kinds = item.pointer("/record/categories").and_then(Value::as_array).into_iter().flatten();
    let kinds: Vec<&str> =
        kinds.filter_map(|code| DataCategory::from_code(code.as_str()?)).map(DataCategory::title).collect();
    let from = if is_override { moment("/record/from") } else { moment("/opened") };
    let ended = if item["ended"] == true { " (ended by the review)" } else { "" };
    let facts = [
        ("Claimed by", text("/record/professional").to_owned()),
        ("Ground", ground.to_owned()),
        ("Why", text(if is_override { "/record/rationale" } else { "/record/reason" }).to_owned()),
        ("To whom", party(whom)),
        ("What", if is_override { kinds.join(", ") } else { "what a crisis service needs now (CS-10)".to_owned() }),
        ("About", spaced(text("/person"))),
        ("Holds", format!("{from} to {}{ended}", moment("/until"))),
        ("Recorded", format!("{} by {}", moment("/opened"), party("/recorded_by"))),
    ];
    let found = item.get("reviewed").filter(|found| !found.is_null()).map(|_| Found {
        verdict: portal::verdict(text("/reviewed/verdict")).to_owned(),
        reviewer: text("/reviewed/reviewer").to_owned(),
        at: moment("/reviewed/at"),
        note: text("/reviewed/note").to_owned(),
    });
    Review {
        title: if is_override { "Override (CS-09)" } else { "Emergency (CS-10)" }.to_owned(),
        recorded: moment("/opened"),
        facts: facts.into_iter().collect(),
        link: format!("{}/{}", path::REVIEWS, text("/id")),
        found,
    }
}

/// An NHS number as it is read out: three, three and four digits.
fn spaced(number: &str) -> String {
    match (number.get(..3), number.get(3..6), number.get(6..)) {
        (Some(one), Some(two), Some(three)) if number.is_ascii() => format!("NHS number {one} {two} {three}"),
        _ => number.to_owned(),
    }
}
