//! Who is calling: reads the credential of a request and asks `auth`. Every failure gives the same answer.

use axum::http::{HeaderMap, header};
use jiff::Timestamp;

use super::{App, reply};
use crate::audit::{Entry, Event};
use crate::auth::{Caller, Credential, parse_basic};
use crate::intake::Refusal;
use crate::model::{Category, IssueCode};

/// The client behind a request.
///
/// # Errors
/// [`unknown`] whatever was wrong with the credential, so that the answer does not tell which client ids exist.
pub async fn client(app: &App, headers: &HeaderMap) -> Result<Caller, Refusal> {
    let text = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).ok_or_else(unknown)?;
    let (id, secret) = parse_basic(text).ok_or_else(unknown)?;
    let (authenticator, directory) = (app.authenticator.clone(), app.gateway.directory());
    let credential = Credential::ClientSecret { id: &id, secret: secret.expose() };
    if let Some(caller) = authenticator.recall(&credential, &directory, Timestamp::now()) {
        return Ok(caller);
    }
    // Checking a secret is slow on purpose: it must hold up neither this thread nor, in numbers, the pipeline's.
    let _place = app.sign_ins.acquire().await.map_err(|_| reply::unavailable())?;
    tokio::task::spawn_blocking(move || {
        let credential = Credential::ClientSecret { id: &id, secret: secret.expose() };
        authenticator.authenticate(&credential, &directory, Timestamp::now())
    })
    .await
    .map_err(|_| reply::unavailable())?
    .map_err(|error| match error.category() {
        Category::Busy => {
            Refusal::one(Category::Busy, IssueCode::Throttled, "Too many callers at once. Try again in a few seconds.")
        }
        _ => unknown(),
    })
}

/// The client behind a request that reads; a caller that is not known leaves an audit entry.
///
/// # Errors
/// As [`client`], or when the entry cannot be written.
pub async fn reader(app: &App, headers: &HeaderMap) -> Result<Caller, Refusal> {
    match client(app, headers).await {
        Ok(caller) => Ok(caller),
        Err(refusal) => {
            let entry = Entry::new(Event::Refused, Timestamp::now()).outcome(IssueCode::Login.code());
            app.gateway.record(entry).await?;
            Err(refusal)
        }
    }
}

/// Nothing here for this caller: recorded, and answered as if there were nothing at all (CS-22).
pub async fn nothing_here(app: &App, caller: &Caller) -> Refusal {
    let entry = Entry::new(Event::Refused, Timestamp::now()).outcome(IssueCode::NotFound.code());
    match app.gateway.record(entry.actor(&caller.party.id, &caller.client_id)).await {
        Ok(()) => reply::not_found(),
        Err(unwritten) => unwritten,
    }
}

/// The refusal of a caller that is not known.
pub fn unknown() -> Refusal {
    Refusal::one(
        Category::Unauthenticated,
        IssueCode::Login,
        "Who is calling is not known. Send HTTP Basic credentials: the client id and client secret of the directory.",
    )
}
