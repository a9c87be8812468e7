//! Texts of rules to [`Rules`], or to everything that is wrong with them. Reads no file.

use std::collections::BTreeSet;

use super::FILE;
use super::calendar::Calendar;
use super::row::{NUMBERS, conditions, span, triggers};
use super::rules::{Again, Conditions, Length, Limit, Owner, Requires, Rule, Rules, Scope, Teller, Trigger};
use crate::model::{EventKind, PartyKind};
use crate::rule_file::{Row, RuleFault, RuleFile};
use jiff::civil::Date;

/// The rules of both texts: a row of the site takes the place of one with its id, or comes beside them.
pub(super) fn load(built_in: &str, site: Option<&str>) -> Result<Rules, Vec<RuleFault>> {
    let mut faults = Vec::new();
    let mut days = BTreeSet::new();
    let mut rows = read(FILE, built_in, &mut days, &mut faults);
    let name = format!("site's {FILE}");
    for rule in site.map(|text| read(&name, text, &mut days, &mut faults)).unwrap_or_default() {
        match rows.iter_mut().find(|row| row.id == rule.id) {
            Some(row) => *row = rule,
            None => rows.push(rule),
        }
    }
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    if faults.is_empty() { Ok(Rules { rows, calendar: Calendar::with(days) }) } else { Err(faults) }
}

fn read(name: &str, text: &str, days: &mut BTreeSet<Date>, faults: &mut Vec<RuleFault>) -> Vec<Rule> {
    let file = RuleFile::parse(name, text, &["rule", "holiday"], faults);
    let holidays = file.rows("holiday", faults, |row, _| {
        let (_, _, _) = (row.id("id"), row.text("name"), row.text("source"));
        let day = row.required("date")?.parse::<Date>();
        day.ok().or_else(|| row.wrong("date", "must be a date such as \"2027-05-10\""))
    });
    days.extend(holidays);
    file.rows("rule", faults, |row, _| rule(row))
}

fn rule(row: &mut Row<'_>) -> Option<Rule> {
    let (id, name) = (row.id("id"), row.text("name"));
    let starts = some(row, "starts");
    let requires = row.within("requires", |row| Requires {
        any: row.events("any"),
        unless_since: row.events("unless_since"),
        later: row.flag("later").unwrap_or(false),
    });
    let stops = stops(row);
    let ends = triggers(row, "ends").unwrap_or_default();
    let pauses = triggers(row, "pauses").unwrap_or_else(|| vec![plain(EventKind::Paused)]);
    let resumes = triggers(row, "resumes").unwrap_or_else(|| vec![plain(EventKind::Resumed)]);
    let early_days = row.number_within("early_days", NUMBERS).unwrap_or(0);
    let limits = row.each("limit", limit).unwrap_or_default();
    if limits.is_empty() {
        row.fault("limit", "is required: at least one");
    }
    let repeats = row.flag("repeats").unwrap_or(false);
    let again = [(Again::Keep, "keep"), (Again::Replace, "replace"), (Again::Regrade, "regrade")];
    let again = row.code("again", &again).unwrap_or(Again::Keep);
    let scope = row.code("scope", &[(Scope::Request, "request"), (Scope::Person, "person")]).unwrap_or(Scope::Request);
    for field in ["owner", "escalate", "warn"] {
        if !row.is_given(field) {
            row.fault(field, "is required");
        }
    }
    let owner = row.code("owner", &Owner::ALL);
    let kinds: Vec<(PartyKind, &str)> = PartyKind::of_organisations().map(|kind| (kind, kind.code())).collect();
    let escalate = row.code("escalate", &kinds);
    let warn = row.within("warn", span).flatten();
    let (reason, source) = (row.text("reason"), row.text("source"));
    Some(Rule {
        id: id?,
        name: name?,
        starts,
        requires,
        stops,
        early_days,
        ends,
        pauses,
        resumes,
        limits,
        repeats,
        again,
        scope,
        owner: owner?,
        escalate: escalate?,
        warn: warn?,
        reason: reason?,
        source: source?,
    })
}

/// One group under `stops`, or several under `stops_all`.
fn stops(row: &mut Row<'_>) -> Vec<Vec<Trigger>> {
    let one = triggers(row, "stops");
    let several = row.each("stops_all", |row| triggers(row, "any").filter(|any| !any.is_empty()));
    match (one, several) {
        (Some(one), None) if !one.is_empty() => vec![one],
        (None, Some(several)) if !several.is_empty() => several,
        _ => {
            row.fault("stops", "is required: one of stops and stops_all, with at least one event");
            Vec::new()
        }
    }
}

fn some(row: &mut Row<'_>, name: &'static str) -> Vec<Trigger> {
    let found = triggers(row, name).unwrap_or_default();
    if found.is_empty() {
        row.fault(name, "is required: at least one event");
    }
    found
}

fn plain(event: EventKind) -> Trigger {
    Trigger { event, when: Conditions::default(), of: Conditions::default(), from_request: false, by: Teller::Owner }
}

fn limit(row: &mut Row<'_>) -> Option<Limit> {
    let (on, when) = (row.event("on"), conditions(row, "when"));
    let span = span(row);
    let length =
        if row.is_given("before") { Length::Before(span?, row.text("before")?) } else { Length::Within(span?) };
    Some(Limit { on, when, length })
}
