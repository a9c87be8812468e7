//! `bench validate`: what reading a resource and validating it in full under UK Core cost, as a ratio to parsing the same
//! bytes into a `serde_json::Value`; and what an entry of a large Bundle costs, as a ratio to one of a small. Everything
//! is read and compiled once before it is timed, as in a gateway that runs.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::super::{Report, said, unusable};
use super::inputs::{self, GROUP, Input};
use super::{median, timed};
use crate::fhir::tree::Tree;
use crate::fhir::{Format, Limits};
use crate::guide;
use crate::model::Issue;
use crate::validate::structure::Registry;
use crate::validate::walk::{self, Options};

/// Rounds for one input: in each both are measured, so that whatever else the machine does falls on both alike.
const MOST_ROUNDS: usize = 2001;
const LEAST_ROUNDS: usize = 9;
const TIME: Duration = Duration::from_secs(2);
/// Entries of the large bundles, the smallest first.
const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];

/// What was measured of one input.
struct Figure {
    name: String,
    bytes: usize,
    rounds: usize,
    parse: Duration,
    whole: Duration,
    ratio: f64,
}

pub(super) fn validate(format: Report) -> ExitCode {
    match measure() {
        Ok(figures) => match format {
            Report::Text => said(format_args!("{}", text(&figures)), ExitCode::SUCCESS),
            Report::Json => said(format_args!("{}", json(&figures)), ExitCode::SUCCESS),
        },
        Err(error) => unusable(&error),
    }
}

fn json(figures: &[Figure]) -> Value {
    let rows: Vec<_> = figures
        .iter()
        .map(|one| json!({"name": one.name, "bytes": one.bytes, "ratio": (one.ratio * 1000.0).round() / 1000.0}))
        .collect();
    json!({"benches": rows})
}

fn text(figures: &[Figure]) -> String {
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    let mut lines = vec!["medians: parsing with serde_json, reading and validating under UK Core".to_owned()];
    for one in figures {
        lines.push(format!(
            "{:<20} {:>10} bytes {:>12.1} µs {:>12.1} µs  ratio {:>5.2}  ({} rounds)",
            one.name,
            one.bytes,
            micros(one.parse),
            micros(one.whole),
            one.ratio,
            one.rounds,
        ));
    }
    lines.push(format!("ratio of a collection: an entry's time to that of an entry of the collection of {GROUP}"));
    lines.join("\n")
}

fn measure() -> Result<Vec<Figure>> {
    let registry = Registry::new(guide::library().clone());
    let options = Options { now: Some(jiff::Zoned::now()), ..Options::default() };
    let mut figures = Vec::new();
    for input in inputs::single()? {
        figures.push(one(&input, &registry, &options)?);
    }
    let mut first = None;
    for entries in SIZES {
        let mut figure = one(&inputs::collection(entries)?, &registry, &options)?;
        #[allow(clippy::cast_precision_loss, reason = "a few thousand")]
        let each = figure.whole.as_secs_f64() / entries as f64;
        figure.ratio = each / *first.get_or_insert(each);
        figures.push(figure);
    }
    Ok(figures)
}

fn one(input: &Input, registry: &Registry, options: &Options) -> Result<Figure> {
    let issues = checked(&input.bytes, registry, options);
    if let Some(issue) = issues.iter().find(|issue| issue.severity.refuses()) {
        bail!(
            "{} is to be valid and is not: {}: {} [{}]",
            input.name,
            issue.path.as_deref().unwrap_or_default(),
            issue.text,
            issue.rule.as_deref().unwrap_or_default()
        );
    }
    let (mut parse, mut whole) = (Vec::new(), Vec::new());
    let begun = Instant::now();
    while parse.len() < LEAST_ROUNDS || (parse.len() < MOST_ROUNDS && begun.elapsed() < TIME) {
        parse.push(timed(|| serde_json::from_slice::<Value>(black_box(&input.bytes)).is_ok()));
        whole.push(timed(|| checked(black_box(&input.bytes), registry, options).len()));
    }
    let rounds = parse.len();
    let (parse, whole) = (median(parse), median(whole));
    let ratio = whole.as_secs_f64() / parse.as_secs_f64();
    Ok(Figure { name: input.name.clone(), bytes: input.bytes.len(), rounds, parse, whole, ratio })
}

fn checked(bytes: &[u8], registry: &Registry, options: &Options) -> Vec<Issue> {
    let limits = Limits { max_bytes: usize::MAX, ..Limits::default() };
    match Tree::read(bytes, Format::Json, &limits) {
        Ok(tree) => walk::validate(&tree, registry, options),
        Err(issue) => vec![issue],
    }
}
