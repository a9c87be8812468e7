//! `$validate` over HTTP (<https://hl7.org/fhir/R4/resource-operation-validate.html>): any resource, JSON or XML, is held
//! against R4, UK Core and the profiles that are asked for. An invalid resource is a good question, answered with 200.

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use url::form_urlencoded;

use super::{App, body, caller, reply};
use crate::fhir;
use crate::fhir::outcome::operation_outcome;
use crate::intake::Refusal;
use crate::model::Issue;
use crate::pipeline::Asked;

/// `POST /fhir/$validate`: a resource of any type.
pub async fn any(State(app): State<App>, RawQuery(query): RawQuery, headers: HeaderMap, body: Body) -> Response {
    answered(&app, Asked::default(), query.as_deref(), &headers, body).await
}

/// `POST /fhir/{type}/$validate`: a resource of this type.
pub async fn of_type(
    State(app): State<App>,
    Path(of): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if !fhir::is_resource_type(&of) {
        return reply::refusal(&reply::not_found(), reply::wanted(&headers));
    }
    answered(&app, Asked { of: Some(of), ..Asked::default() }, query.as_deref(), &headers, body).await
}

async fn answered(app: &App, asked: Asked, query: Option<&str>, headers: &HeaderMap, body: Body) -> Response {
    let format = reply::wanted(headers);
    match check(app, asked, query, headers, body).await {
        Ok(issues) => reply::resource(StatusCode::OK, &operation_outcome(&issues), format),
        Err(refusal) => reply::refusal(&refusal, format),
    }
}

async fn check(
    app: &App,
    mut asked: Asked,
    query: Option<&str>,
    headers: &HeaderMap,
    body: Body,
) -> Result<Vec<Issue>, Refusal> {
    caller::reader(app, headers).await?;
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        match &*name {
            "mode" => asked.mode = Some(value.into_owned()),
            "profile" => asked.profiles.push(value.into_owned()),
            _ => {}
        }
    }
    asked.bytes = body::read(headers, body, app.gateway.limits().max_bytes).await?;
    asked.content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    app.gateway.check(asked).await
}
