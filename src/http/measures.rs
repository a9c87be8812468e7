//! `GET /measures` and `/portal/measures`: the measures of a period for the organisation that runs the gateway, as JSON, CSV
//! or MeasureReports, and as a page. Shows what `pipeline` gives; tells of no person.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;

use super::App;
use super::portal::{nothing_here, page, refused, signed_in};
use super::{caller, reply};
use crate::intake::Refusal;
use crate::measures::{self, By, Line, Period};
use crate::model::{Category, IssueCode, PartyId};
use crate::portal::{self, MeasuresPage, Row, Table, path};

/// `GET /measures?from=2026-01-01&to=2026-12-31&by=team`.
pub async fn read(State(app): State<App>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let now = Timestamp::now();
    let found = async {
        let caller = caller::reader(&app, &headers).await?;
        let asked = asked(query.as_deref().unwrap_or_default(), now)?;
        let lines = app.gateway.measures(&caller.party.id, &caller.client_id, asked, now).await?;
        Ok::<_, Refusal>((asked.0, lines))
    };
    let (period, lines) = match found.await {
        Ok(found) => found,
        Err(refusal) => return reply::refusal(&refusal, reply::wanted(&headers)),
    };
    let parts = app.gateway.parts();
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accept.contains("text/csv") {
        let kind = [(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
        (kind, measures::to_csv(&lines, period)).into_response()
    } else if accept.contains("fhir") {
        let name = app.gateway.party_name(&parts.own, now);
        let bundle = measures::bundle(&parts.measures, &lines, period, (parts.own.as_str(), &name), now);
        reply::resource(StatusCode::OK, &bundle, reply::wanted(&headers))
    } else {
        reply::json(StatusCode::OK, &measures::to_json(&parts.measures, &lines, period))
    }
}

/// `GET /portal/measures`, with the same parameters.
pub async fn shown(State(app): State<App>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let now = Timestamp::now();
    let Some((_, session)) = signed_in(&app, &headers, now).await else {
        return Redirect::to(path::SIGN_IN).into_response();
    };
    if !app.gateway.runs_this(&session.party) {
        return nothing_here().await;
    }
    let found = async {
        let asked = asked(query.as_deref().unwrap_or_default(), now)?;
        Ok::<_, Refusal>((asked, app.gateway.measures(&session.party, &session.user, asked, now).await?))
    };
    let ((period, by), lines) = match found.await {
        Ok(found) => found,
        Err(refusal) => return refused(&refusal),
    };
    let label = |by: By, group: &str| match (by, PartyId::parse(group)) {
        (By::Team | By::Partner, Some(party)) if group != measures::UNKNOWN => app.gateway.party_name(&party, now),
        // ids of rules are read as they are
        _ if group.starts_with(char::is_uppercase) => group.to_owned(),
        _ => group.replace('-', " "),
    };
    let definitions = &app.gateway.parts().measures;
    let tables = definitions.iter().map(|definition| {
        let lines: Vec<&Line> = lines.iter().filter(|line| line.measure == definition.id).collect();
        let rows: Vec<Vec<String>> = lines.iter().map(|line| cells(line, &label)).collect();
        // a column that says nothing of this measure is left out
        let said =
            |place: &usize| *place < 2 || rows.iter().any(|row| row.get(*place).is_some_and(|cell| cell != NOTHING));
        let places: Vec<usize> = (0..COLUMNS.len()).filter(said).collect();
        let chosen = |row: &Vec<String>| places.iter().filter_map(|place| row.get(*place).cloned()).collect();
        Table {
            id: "",
            title: format!("{} ({})", definition.name, definition.id),
            columns: chosen(&COLUMNS.map(str::to_owned).to_vec()),
            rows: rows.iter().map(|row| Row { link: None, cells: chosen(row), overdue: false }).collect(),
            empty: String::new(),
        }
    });
    let shown = MeasuresPage {
        organisation: app.gateway.party_name(&session.party, now),
        from: period.from().to_string(),
        to: period.to().to_string(),
        by: by.map_or("", By::code),
        choices: By::ALL
            .iter()
            .filter(|by| **by != By::Item)
            .map(|by| (by.code(), by.code().replace('-', " ")))
            .collect(),
        notes: definitions.iter().map(|one| (one.denominator.clone(), one.numerator.clone())).collect(),
        tables: tables.collect(),
        csrf: session.csrf,
    };
    page(StatusCode::OK, &portal::measures(&shown))
}

const COLUMNS: [&str; 7] = ["", "Out of", "Of these", "Per cent", "Median", "90th centile", "Mean change"];

/// Where a measure has no such number.
const NOTHING: &str = "–";

/// What stands under [`COLUMNS`] for one line.
fn cells(line: &Line, label: &dyn Fn(By, &str) -> String) -> Vec<String> {
    let group = line.group.as_ref().map_or_else(|| "All".to_owned(), |(by, name)| label(*by, name));
    let number =
        |value: Option<f64>, unit: &str| value.map_or_else(|| NOTHING.to_owned(), |value| format!("{value:.1}{unit}"));
    vec![
        group,
        format!("{} {}", line.of, line.unit),
        line.met.map_or_else(|| NOTHING.to_owned(), |met| met.to_string()),
        number(line.percent, "%"),
        number(line.median, " days"),
        number(line.centile_90, " days"),
        number(line.mean_change, ""),
    ]
}

/// The period and the breakdown asked for; without a period, the financial year so far.
fn asked(query: &str, now: Timestamp) -> Result<(Period, Option<By>), Refusal> {
    let wrong = |text: &str| Refusal::one(Category::Malformed, IssueCode::Value, text);
    let (mut from, mut to, mut by) = (None, None, None);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("from", value)) => from = Some(value.to_owned()),
            Some(("to", value)) => to = Some(value.to_owned()),
            Some(("by", "")) => {}
            Some(("by", value)) => {
                let known = By::from_code(value);
                let text = "by is one of team, partner, gender, age-band, ethnic-group and item.";
                by = Some(known.ok_or_else(|| wrong(text))?);
            }
            _ => return Err(wrong("The parameters are from, to and by.")),
        }
    }
    let period = match (from, to) {
        (None, None) => Period::financial_year(now).ok_or("There is no such year."),
        (Some(from), Some(to)) => Period::published(&from, &to),
        _ => return Err(wrong("A period has both from and to.")),
    };
    Ok((period.map_err(wrong)?, by))
}
