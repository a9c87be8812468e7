//! Measures in FHIR: Measure (<https://hl7.org/fhir/R4/measure.html>) of a definition, and summary MeasureReports
//! (<https://hl7.org/fhir/R4/measurereport.html>) of published lines. Writes what `publish` made and nothing else.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::count::By;
use super::definition::{Definition, Definitions, What};
use super::period::Period;
use super::publish::{Line, Shown};
use crate::fhir::build::{coding, put};
use crate::fhir::codes;

/// HL7's names for the populations of a measure, and ways to score one.
const POPULATION: &str = "http://terminology.hl7.org/CodeSystem/measure-population";
const SCORING: &str = "http://terminology.hl7.org/CodeSystem/measure-scoring";
const UCUM: &str = "http://unitsofmeasure.org";
const DENOMINATOR: (&str, &str) = ("denominator", "Denominator");
const NUMERATOR: (&str, &str) = ("numerator", "Numerator");
const MEASURED: (&str, &str) = ("measure-population", "Measure Population");

/// Address of the Measure of a definition.
fn canonical(id: &str) -> String {
    format!("{}/Measure/{}", codes::BASE, id.to_lowercase())
}

fn code((code, words): (&str, &str)) -> Value {
    json!({"coding": [coding(POPULATION, code, words)]})
}

/// Whether a measure has a numerator; those without count, or measure something of, their population.
const fn is_proportion(definition: &Definition) -> bool {
    !matches!(definition.what, What::Wait { .. } | What::Refusals)
}

/// The elements of a Measure beside those that every conformance resource has; they stand after those.
#[must_use]
pub fn measure_resource(definition: &Definition) -> Map<String, Value> {
    let population = |what: (&str, &str), words: &str| {
        json!({
            "code": code(what),
            "description": words,
            // the words are the criteria: what is counted is a row of measures.toml, and no expression of a language
            "criteria": {"language": "text/plain", "expression": words},
        })
    };
    let (scoring, populations) = if is_proportion(definition) {
        let both = [population(DENOMINATOR, &definition.denominator), population(NUMERATOR, &definition.numerator)];
        (("proportion", "Proportion"), both.to_vec())
    } else if matches!(definition.what, What::Refusals) {
        (("cohort", "Cohort"), vec![population(("initial-population", "Initial Population"), &definition.denominator)])
    } else {
        (("continuous-variable", "Continuous Variable"), vec![population(MEASURED, &definition.denominator)])
    };
    let groups = scores(definition).iter().map(|score| {
        json!({
            "code": {"text": score.title()},
            "description": definition.name,
            "population": populations,
        })
    });
    let mut out = Map::new();
    put(&mut out, "purpose", definition.reason.as_str());
    put(&mut out, "scoring", json!({"coding": [coding(SCORING, scoring.0, scoring.1)]}));
    put(&mut out, "rationale", definition.source.as_str());
    put(&mut out, "group", groups.collect::<Vec<_>>());
    out
}

/// What is told of a population: one group each, since a group has one score.
#[derive(Clone, Copy)]
enum Score {
    Count,
    Percent,
    Median,
    Centile,
    MeanChange,
}

impl Score {
    /// The code of the group, in words: no code system has them.
    const fn title(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Percent => "Proportion",
            Self::Median => "Median",
            Self::Centile => "90th centile",
            Self::MeanChange => "Mean change",
        }
    }

    fn of(self, line: &Line) -> Option<Value> {
        let quantity =
            |value: f64, unit: &str, code: &str| json!({"value": value, "unit": unit, "system": UCUM, "code": code});
        match self {
            Self::Count => None,
            Self::Percent => line.percent.map(|percent| quantity(percent, "%", "%")),
            Self::Median => line.median.map(|days| quantity(days, "days", "d")),
            Self::Centile => line.centile_90.map(|days| quantity(days, "days", "d")),
            Self::MeanChange => line.mean_change.map(|change| json!({"value": change})),
        }
    }
}

const fn scores(definition: &Definition) -> &'static [Score] {
    match definition.what {
        What::Wait { .. } => &[Score::Median, Score::Centile],
        What::Scores { .. } => &[Score::Percent, Score::MeanChange],
        What::Refusals => &[Score::Count],
        What::Contacts { .. } | What::Clock { .. } | What::Incomplete => &[Score::Percent],
    }
}

/// The reports of all measures as a collection. `reporter` is the organisation, by id and name in the directory.
#[must_use]
pub fn bundle(
    definitions: &Definitions,
    lines: &[Line],
    period: Period,
    reporter: (&str, &str),
    at: jiff::Timestamp,
) -> Value {
    let mut entries = Vec::new();
    for definition in definitions.iter() {
        let lines: Vec<&Line> = lines.iter().filter(|line| line.measure == definition.id).collect();
        let name = format!("{}/{}/{}/{}", canonical(&definition.id), period.from(), period.to(), reporter.0);
        let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes());
        let report = report(definition, &lines, period, reporter, at, id);
        entries.push(json!({"fullUrl": format!("urn:uuid:{id}"), "resource": report}));
    }
    let mut bundle = json!({"resourceType": "Bundle", "type": "collection", "timestamp": at.to_string()});
    if !entries.is_empty() {
        bundle["entry"] = entries.into();
    }
    bundle
}

fn report(
    definition: &Definition,
    lines: &[&Line],
    period: Period,
    (party, party_name): (&str, &str),
    at: jiff::Timestamp,
    id: Uuid,
) -> Value {
    let groups: Vec<Value> = scores(definition).iter().map(|score| group(definition, lines, *score)).collect();
    json!({
        "resourceType": "MeasureReport",
        "id": id.to_string(),
        "status": "complete",
        "type": "summary",
        "measure": canonical(&definition.id),
        "date": at.to_string(),
        "reporter": {
            "type": "Organization",
            "identifier": {"system": codes::PARTY_ID, "value": party},
            "display": party_name,
        },
        "period": {"start": period.from().to_string(), "end": period.to().to_string()},
        "group": groups,
    })
}

/// One score of the whole, and of each group it is broken down by.
fn group(definition: &Definition, lines: &[&Line], score: Score) -> Value {
    let mut group = Map::from_iter([("code".to_owned(), json!({"text": score.title()}))]);
    if let Some(whole) = lines.iter().find(|line| line.group.is_none()) {
        group.extend(numbers(definition, whole, score));
    }
    let mut stratifiers: Vec<Value> = Vec::new();
    for by in By::ALL {
        let strata: Vec<Value> = lines
            .iter()
            .filter_map(|line| {
                let (_, name) = line.group.as_ref().filter(|(of, _)| of == by)?;
                let mut stratum = Map::from_iter([("value".to_owned(), json!({"text": name}))]);
                stratum.extend(numbers(definition, line, score));
                Some(Value::Object(stratum))
            })
            .collect();
        if !strata.is_empty() {
            stratifiers.push(json!({"code": [{"text": by.code()}], "stratum": strata}));
        }
    }
    if !stratifiers.is_empty() {
        group.insert("stratifier".to_owned(), stratifiers.into());
    }
    Value::Object(group)
}

/// Populations and score of the whole or a group; what is hidden is said to be masked.
fn numbers(definition: &Definition, line: &Line, score: Score) -> Map<String, Value> {
    let population = |what: (&str, &str), shown: Shown| {
        let mut code = code(what);
        if matches!(shown, Shown::Rounded(1..)) {
            code["text"] = format!("{}, rounded to 5", what.1).into();
        }
        match shown.number() {
            Some(number) => json!({"code": code, "count": number}),
            None => json!({"code": code, "_count": {"extension": [masked()]}}),
        }
    };
    let populations = if is_proportion(definition) {
        vec![population(DENOMINATOR, line.of), population(NUMERATOR, line.met.unwrap_or(Shown::Rounded(0)))]
    } else if matches!(definition.what, What::Refusals) {
        vec![population(("initial-population", "Initial Population"), line.of)]
    } else {
        vec![population(MEASURED, line.of)]
    };
    let mut out = Map::from_iter([("population".to_owned(), Value::Array(populations))]);
    out.extend(score.of(line).map(|score| ("measureScore".to_owned(), score)));
    out
}

fn masked() -> Value {
    json!({"url": codes::DATA_ABSENT_REASON, "valueCode": "masked"})
}
