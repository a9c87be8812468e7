//! `bench consent`: what deciding a discharge letter of sixty parts for five recipients costs, of different kinds and
//! with the person's wishes recorded: which parts may go (`decided`), the same with the copy that is cut accordingly and
//! what it rests on (`cut`), and with the account of it where somebody asks (`told`). The letter is read, mapped and
//! validated before it is timed, as in a gateway that decides for each recipient in turn.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::{Report, said, unusable};
use super::{median, timed};
use crate::app;
use crate::consent::{Engine, Outcome, Question, Records};
use crate::fhir::{Bundle, codes};
use crate::map;
use crate::model::{Agreement, DataCategory, DocumentKind, Party, PartyId, PartyKind, Purpose};
use crate::validate::Validated;

const LETTER: &[u8] = include_bytes!("../../../profiles/cmht/examples/discharge-letter/full.json");
/// Parts of the letter that is decided, at most: entries of its bundle.
const PARTS: usize = 60;
const ROUNDS: usize = 301;

/// One recipient and what is known of it.
struct Addressee {
    party: Party,
    care_relationship: bool,
    registered_gp: bool,
    agreements: Vec<Agreement>,
    records: Records,
}

/// What was measured.
struct Figures {
    parts: usize,
    bytes: usize,
    /// Each recipient's kind, outcome, and the medians.
    recipients: Vec<(PartyKind, Outcome, [Duration; 3])>,
    /// Decided, and decided and cut, for all of them, one after the other.
    all: [Duration; 2],
}

pub(super) fn consent(format: Report) -> ExitCode {
    match measure() {
        Ok(figures) => match format {
            Report::Text => said(format_args!("{}", text(&figures)), ExitCode::SUCCESS),
            Report::Json => said(format_args!("{}", as_json(&figures)), ExitCode::SUCCESS),
        },
        Err(error) => unusable(&error),
    }
}

fn text(figures: &Figures) -> String {
    let micros = |time: &Duration| time.as_secs_f64() * 1e6;
    let mut lines =
        vec![format!("discharge letter, {} parts, {} bytes: medians of {ROUNDS} rounds", figures.parts, figures.bytes)];
    for (kind, outcome, [decided, cut, told]) in &figures.recipients {
        lines.push(format!(
            "  {:<18} {:<28} decided {:>8.1} µs  cut {:>8.1} µs  told {:>8.1} µs",
            kind.code(),
            outcome.code(),
            micros(decided),
            micros(cut),
            micros(told)
        ));
    }
    let [decided, cut] = figures.all.map(|time| time.as_secs_f64() * 1e3);
    lines.push(format!("  for all {}: decided in {decided:.3} ms, cut in {cut:.3} ms", figures.recipients.len()));
    lines.join("\n")
}

fn as_json(figures: &Figures) -> Value {
    let millis = |time: &Duration| (time.as_secs_f64() * 1e6).round() / 1e3;
    let rows: Vec<Value> = figures
        .recipients
        .iter()
        .map(|(kind, outcome, [decided, cut, told])| {
            json!({
                "recipient": kind.code(), "outcome": outcome.code(),
                "decided_ms": millis(decided), "cut_ms": millis(cut), "told_ms": millis(told),
            })
        })
        .collect();
    json!({
        "name": "consent", "parts": figures.parts, "bytes": figures.bytes,
        "decided_ms": millis(&figures.all[0]), "cut_ms": millis(&figures.all[1]), "recipients": rows,
    })
}

fn measure() -> Result<Figures> {
    let engine = Engine::embedded()?;
    let bundle = letter()?;
    let addressees = addressees()?;
    let sender = party("lpt", PartyKind::NhsTrust)?;
    let now: Timestamp = "2026-03-02T09:30:00Z".parse()?;
    let questions: Vec<Question<'_>> = addressees
        .iter()
        .map(|to| Question {
            bundle: &bundle,
            kind: DocumentKind::DischargeLetter,
            sender: &sender,
            recipient: &to.party,
            recipient_organisation: None,
            care_relationship: to.care_relationship,
            registered_gp: to.registered_gp,
            records: &to.records,
            agreements: &to.agreements,
            purpose: Purpose::DirectCare,
            now,
        })
        .collect();
    let mut all: [Vec<Duration>; 2] = Default::default();
    let mut each: Vec<[Vec<Duration>; 3]> = vec![Default::default(); questions.len()];
    for _ in 0..ROUNDS {
        all[0].push(timed(|| questions.iter().map(|one| engine.permitted(black_box(one)).len()).sum::<usize>()));
        all[1].push(timed(|| questions.iter().for_each(|one| drop(black_box(engine.decide(black_box(one)))))));
        for (question, [decided, cut, told]) in questions.iter().zip(&mut each) {
            decided.push(timed(|| engine.permitted(black_box(question))));
            cut.push(timed(|| engine.decide(black_box(question))));
            told.push(timed(|| {
                let (_, trail) = engine.decide_on_record(black_box(question));
                engine.account(&trail)
            }));
        }
    }
    let recipients = questions.iter().zip(each).map(|(question, times)| {
        let outcome = engine.decide_on_record(question).1.outcome();
        (question.recipient.kind, outcome, times.map(median))
    });
    Ok(Figures {
        parts: bundle.content().entries().count(),
        bytes: bundle.content().value().to_string().len(),
        recipients: recipients.collect(),
        all: all.map(median),
    })
}

/// The full letter of the examples, its longest lists cut until it is sixty parts, or nothing is left to cut.
fn letter() -> Result<Validated<Bundle>> {
    let mut document: Value = serde_json::from_slice(LETTER)?;
    loop {
        let made = map::to_fhir(DocumentKind::DischargeLetter, document.clone())
            .map_err(|issues| anyhow!("{} findings about the example", issues.len()))?;
        if made.value.entries().count() <= PARTS || !shorten(&mut document) {
            return app::validator().bundle(made.value).map_err(|issues| anyhow!("{} findings", issues.len()));
        }
    }
}

/// Takes one from the longest list there is, wherever it stands; `false` when every list holds one thing.
fn shorten(document: &mut Value) -> bool {
    let longest = lengths(document).into_iter().max().unwrap_or(0);
    longest > 1 && pop(document, longest)
}

fn lengths(value: &Value) -> Vec<usize> {
    match value {
        Value::Array(items) => items.iter().flat_map(lengths).chain([items.len()]).collect(),
        Value::Object(fields) => fields.values().flat_map(lengths).collect(),
        _ => Vec::new(),
    }
}

fn pop(value: &mut Value, length: usize) -> bool {
    match value {
        Value::Array(items) if items.len() == length => items.pop().is_some(),
        Value::Array(items) => items.iter_mut().any(|item| pop(item, length)),
        Value::Object(fields) => fields.values_mut().any(|field| pop(field, length)),
        _ => false,
    }
}

fn addressees() -> Result<Vec<Addressee>> {
    let plain = |id: &str, kind| {
        anyhow::Ok(Addressee {
            party: party(id, kind)?,
            care_relationship: false,
            registered_gp: false,
            agreements: Vec::new(),
            records: Records::default(),
        })
    };
    let mut charity = plain("wellbeing-roots", PartyKind::Vcse)?;
    charity.records.consents = vec![permission("wellbeing-roots", &[])];
    charity.agreements = vec![agreement("wellbeing-roots")?];
    let mut clinic = plain("clinic", PartyKind::PrivateProvider)?;
    clinic.records.consents = vec![permission("clinic", &[DataCategory::Medication, DataCategory::RiskSummary])];
    Ok(vec![
        Addressee { registered_gp: true, ..plain("gp", PartyKind::GpPractice)? },
        Addressee { care_relationship: true, ..plain("team", PartyKind::Cmht)? },
        Addressee { care_relationship: true, ..plain("crisis", PartyKind::Crht)? },
        charity,
        clinic,
    ])
}

fn party(id: &str, kind: PartyKind) -> Result<Party> {
    Ok(serde_json::from_value(json!({"id": id, "name": id, "kind": kind.code()}))?)
}

fn agreement(with: &str) -> Result<Agreement> {
    let id = |text: &str| PartyId::parse(text).context("a party id");
    Ok(Agreement {
        id: format!("lpt--{with}"),
        version: "1".to_owned(),
        between: [id("lpt")?, id(with)?],
        purposes: vec![Purpose::DirectCare],
        categories: DataCategory::ALL.to_vec(),
        from: "2025-01-01T00:00:00Z".parse()?,
        until: None,
    })
}

/// A recorded permission for one party, of these categories or of none in particular.
fn permission(to: &str, categories: &[DataCategory]) -> Value {
    let mut provision = json!({
        "type": "permit",
        "actor": [{
            "role": {"text": "Recipient"},
            "reference": {"identifier": {"system": codes::PARTY_ID, "value": to}},
        }],
    });
    if let (false, Some(fields)) = (categories.is_empty(), provision.as_object_mut()) {
        let classes = categories.iter().map(|c| json!({"system": codes::DATA_CATEGORY, "code": c.code()}));
        fields.insert("class".to_owned(), classes.collect());
    }
    json!({
        "resourceType": "Consent", "status": "active", "dateTime": "2026-02-01",
        "scope": {"coding": [{"system": codes::CONSENT_SCOPE, "code": "patient-privacy"}]},
        "provision": {"provision": [provision]},
    })
}
