//! Everything that listens: routes, layers, state. Handlers authenticate, call `pipeline`, and answer; no rule lives here.

mod body;
mod caller;
mod claims;
mod clocks;
mod consents;
mod directory;
mod dry_run;
mod events;
mod floor;
mod health;
mod inbox;
mod measures;
mod messages;
mod operations;
mod portal;
mod portal_entry;
mod portal_steps;
pub mod reply;
mod reviews;
mod tasks;
mod validate;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::{DefaultOnResponse, TraceLayer};

use crate::auth::Authenticator;
use crate::intake::Refusal;
use crate::model::{Category, Issue, IssueCode};
use crate::pipeline::Gateway;

/// What handlers share.
#[derive(Debug, Clone)]
pub struct App {
    pub gateway: Arc<Gateway>,
    pub authenticator: Arc<Authenticator>,
    /// Bounds how many secrets are checked at once.
    pub sign_ins: Arc<Semaphore>,
    /// Whether the portal's cookie is only for HTTPS.
    pub secure_cookies: bool,
}

/// Secrets checked at once; whoever comes in greater numbers waits here, where waiting costs nothing.
pub const SIGN_INS: usize = 4;

/// The whole HTTP surface.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/fhir/$process-message", post(messages::process_message))
        // the same address as clients that encode everything write it
        .route("/fhir/%24process-message", post(messages::process_message))
        .route("/fhir/$validate", post(validate::any))
        .route("/fhir/%24validate", post(validate::any))
        .route("/fhir/{type}/$validate", post(validate::of_type))
        .route("/fhir/{type}/%24validate", post(validate::of_type))
        .merge(about_persons(&app))
        .route("/fhir/metadata", get(health::metadata))
        .route("/consent/$decide", post(dry_run::decide))
        .route("/consent/%24decide", post(dry_run::decide))
        .route("/documents/{kind}", post(messages::document))
        .route("/documents/{kind}/schema", get(messages::schema))
        .route("/messages/{id}", get(messages::status))
        .route("/events", post(events::take))
        .route("/events/schema", get(events::schema))
        .route("/clocks", get(clocks::list))
        .route("/measures", get(measures::read))
        .route("/fhir/Task", get(tasks::search))
        .route("/fhir/Task/{id}", get(tasks::read).put(tasks::update))
        .route("/requests", get(tasks::requests))
        .route("/requests/{id}", get(tasks::request))
        .route("/requests/{id}/status", post(tasks::status))
        .route("/messages/{id}/recall", post(tasks::recall))
        .route("/inbox", get(inbox::list))
        .route("/inbox/{id}", get(inbox::item))
        .route("/directory", get(directory::read).post(directory::import))
        .route("/directory/entry", get(directory::entry).put(directory::change_entry))
        .route("/health", get(health::alive))
        .route("/ready", get(health::ready))
        .route("/", get(health::front))
        .nest("/portal", portal::routes())
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .with_state(app)
        // Bodies are read by `body::read`, which knows the configured limit and answers in FHIR.
        .layer(DefaultBodyLimit::disable())
        .layer(SetResponseHeaderLayer::overriding(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(
            TraceLayer::new_for_http()
                // The matched route, never the URL: identifiers in URLs stay out of logs.
                .make_span_with(|request: &axum::extract::Request| {
                    let route = request.extensions().get::<axum::extract::MatchedPath>().map_or("-", |p| p.as_str());
                    tracing::info_span!("request", method = %request.method(), route)
                })
                .on_request(())
                .on_response(DefaultOnResponse::new().level(tracing::Level::INFO)),
        )
}

/// What is asked and recorded about persons, where the time an answer takes must tell nothing.
fn about_persons(app: &App) -> Router<App> {
    Router::new()
        .route("/fhir/Consent", post(consents::create).get(consents::search_in_url))
        .route("/fhir/Consent/_search", post(consents::search))
        .route("/fhir/Consent/{id}", get(consents::read).put(consents::update).delete(consents::delete))
        .route("/fhir/Consent/{id}/_history/{version}", get(consents::version))
        .route("/consent/capacity", post(claims::capacity))
        .route("/consent/overrides", post(claims::overrides))
        .route("/consent/emergency", post(claims::emergency))
        .route("/consent/reviews", get(claims::reviews))
        .route("/consent/reviews/{id}", post(claims::review))
        .route("/consent/report", post(claims::report).get(claims::report_in_url))
        .route_layer(from_fn_with_state(app.clone(), floor::hold))
}

async fn unknown(headers: HeaderMap) -> Response {
    reply::refusal(&reply::not_found(), reply::wanted(&headers))
}

async fn wrong_method(headers: HeaderMap) -> Response {
    let refusal = Refusal::one(
        Category::MethodNotAllowed,
        IssueCode::NotSupported,
        "This address does not answer that method. See GET /fhir/metadata for what it answers.",
    );
    reply::refusal(&refusal, reply::wanted(&headers))
}

/// A fault of ours must still be readable, and must not say what it was working on.
fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    tracing::error!("a request handler panicked");
    let issue = Issue::error(IssueCode::Exception, "The gateway failed on this request. It has been logged.");
    let outcome = crate::fhir::outcome::operation_outcome(&[issue]);
    reply::resource(StatusCode::INTERNAL_SERVER_ERROR, &outcome, crate::fhir::Format::Json)
}
