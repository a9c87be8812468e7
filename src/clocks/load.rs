//! Texts of rules to [`Rules`], or to everything that is wrong with them. Reads no file.

use std::collections::BTreeSet;

use jiff::civil::Date;
use toml::{Table, Value};

use super::calendar::Calendar;
use super::fault::RuleFault;
use super::row::{Row, span};
use super::rules::{Again, Conditions, Length, Limit, Owner, Requires, Rule, Rules, Scope, Trigger};
use crate::model::{EventKind, PartyKind};

/// The rules of both texts: a row of the site takes the place of one with its id, or comes beside them.
pub(super) fn load(built_in: &str, site: Option<&str>) -> Result<Rules, Vec<RuleFault>> {
    let mut faults = Vec::new();
    let mut days = BTreeSet::new();
    let mut rows = read(built_in, &mut days, &mut faults);
    for rule in site.map(|text| read(text, &mut days, &mut faults)).unwrap_or_default() {
        match rows.iter_mut().find(|row| row.id == rule.id) {
            Some(row) => *row = rule,
            None => rows.push(rule),
        }
    }
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    if faults.is_empty() { Ok(Rules { rows, calendar: Calendar::with(days) }) } else { Err(faults) }
}

fn read(text: &str, days: &mut BTreeSet<Date>, faults: &mut Vec<RuleFault>) -> Vec<Rule> {
    let root = match text.parse::<Table>() {
        Ok(root) => root,
        Err(error) => {
            faults.push(RuleFault::new("the file", "", format!("is not TOML: {}", error.message())));
            return Vec::new();
        }
    };
    for key in root.keys().filter(|key| !["rule", "holiday"].contains(&key.as_str())) {
        let section = if key.len() <= 40 { key.as_str() } else { "an unknown section" };
        faults.push(RuleFault::new(section, "", "no such section; there are rule and holiday"));
    }
    for (number, table) in tables(&root, "holiday", faults) {
        let mut row = Row::new("holiday", number, table, faults);
        let (_, _, _) = (row.id(), row.text("name"), row.text("source"));
        if let Some(text) = row.text("date") {
            match text.parse() {
                Ok(day) => drop(days.insert(day)),
                Err(_) => row.fault("date", "must be a date such as \"2027-05-10\""),
            }
        }
        row.finish();
    }
    let mut rules: Vec<Rule> = Vec::new();
    for (number, table) in tables(&root, "rule", faults) {
        let mut row = Row::new("rule", number, table, faults);
        let rule = self::rule(&mut row);
        if rule.as_ref().is_some_and(|rule| rules.iter().any(|other| other.id == rule.id)) {
            row.fault("id", "is used by an earlier row");
        }
        row.finish();
        rules.extend(rule);
    }
    rules
}

fn tables<'a>(root: &'a Table, section: &str, faults: &mut Vec<RuleFault>) -> Vec<(usize, &'a Table)> {
    let Some(value) = root.get(section) else { return Vec::new() };
    let all = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let found: Vec<_> = all.iter().enumerate().filter_map(|(place, row)| Some((place + 1, row.as_table()?))).collect();
    if found.len() != all.len() || !matches!(value, Value::Array(_)) {
        faults.push(RuleFault::new(section, "", format!("must be rows, each under [[{section}]]")));
    }
    found
}

fn rule(row: &mut Row<'_>) -> Option<Rule> {
    let (id, name) = (row.id(), row.text("name"));
    let starts = some(row, "starts");
    let requires = row.inside("requires", |row| {
        Some(Requires { any: row.events("any"), unless_since: row.events("unless_since"), later: row.flag("later") })
    });
    let stops = stops(row);
    let ends = row.triggers("ends").unwrap_or_default();
    let pauses = row.triggers("pauses").unwrap_or_else(|| vec![plain(EventKind::Paused)]);
    let resumes = row.triggers("resumes").unwrap_or_else(|| vec![plain(EventKind::Resumed)]);
    let early_days = row.number("early_days").unwrap_or(0);
    let limits = row.each("limit", limit).unwrap_or_default();
    if limits.is_empty() {
        row.fault("limit", "is required: at least one");
    }
    let repeats = row.flag("repeats");
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
    let warn = row.inside("warn", span);
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
    let one = row.triggers("stops");
    let several = row.each("stops_all", |row| row.triggers("any").filter(|any| !any.is_empty()));
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
    let found = row.triggers(name).unwrap_or_default();
    if found.is_empty() {
        row.fault(name, "is required: at least one event");
    }
    found
}

fn plain(event: EventKind) -> Trigger {
    Trigger { event, when: Conditions::default(), of: Conditions::default(), from_request: false }
}

fn limit(row: &mut Row<'_>) -> Option<Limit> {
    let (on, when) = (row.event("on"), row.conditions("when"));
    let span = span(row);
    let length =
        if row.is_given("before") { Length::Before(span?, row.text("before")?) } else { Length::Within(span?) };
    Some(Limit { on, when, length })
}
