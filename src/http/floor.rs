//! How soon a caller outside the NHS is answered about what is kept of a person: never sooner than [`FLOOR`], so that the time
//! it takes does not tell whether anything is (CS-22). Looks at who called and at no answer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::BodyExt;
use jiff::Timestamp;

use super::App;
use crate::auth::{Credential, parse_basic};
use crate::model::Sector;

/// Well above what it takes to decide what waits about one person.
const FLOOR: Duration = Duration::from_millis(300);

/// Lets the request through, and holds the answer back where it would come too soon.
pub async fn hold(State(app): State<App>, request: Request, next: Next) -> Response {
    let credential = request.headers().get(header::AUTHORIZATION).cloned();
    // From the end of the body: whoever sends it slowly would else have used up the time before the work began.
    let since = Arc::new(Mutex::new(Instant::now()));
    let seen = since.clone();
    let request = request.map(|body| {
        Body::new(body.map_frame(move |frame| {
            *seen.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
            frame
        }))
    });
    let response = next.run(request).await;
    // Whoever was let in is remembered by now; whoever was not has asked nothing.
    let outside =
        credential.as_ref().and_then(|value| parse_basic(value.to_str().ok()?)).is_some_and(|(id, secret)| {
            let credential = Credential::ClientSecret { id: &id, secret: secret.expose() };
            let caller = app.authenticator.recall(&credential, &app.gateway.directory(), Timestamp::now());
            caller.is_some_and(|caller| caller.party.sector() != Sector::Nhs)
        });
    if outside {
        let begun = *since.lock().unwrap_or_else(PoisonError::into_inner);
        tokio::time::sleep_until((begun + FLOOR).into()).await;
    }
    response
}
