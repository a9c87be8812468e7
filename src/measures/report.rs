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
    let mut out = Map::new();
    put(&mut out, "purpose", definition.reason.as_str());
    put(&mut out, "scoring", json!({"coding": [coding(SCORING, scoring.0, scoring.1)]}));
    put(&mut out, "rationale", definition.source.as_str());
    put(&mut out, "group", json!([{"description": definition.name, "population": populations}]));
    out
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
    let mut group = lines.iter().find(|line| line.group.is_none()).map(|line| numbers(definition, line)).unwrap_or_default();
    let mut stratifiers: Vec<Value> = Vec::new();
    for by in By::ALL {
        let strata: Vec<Value> = lines
            .iter()
            .filter_map(|line| {
                let (_, name) = line.group.as_ref().filter(|(of, _)| of == by)?;
                let mut stratum = Map::from_iter([("value".to_owned(), json!({"text": name}))]);
                stratum.extend(numbers(definition, line));
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
        "group": [group],
    })
}

/// Populations and score of the whole or a group; what is hidden is said to be masked.
fn numbers(definition: &Definition, line: &Line) -> Map<String, Value> {
    let population = |what: (&str, &str), shown: Shown| {
        let mut code = code(what);
        if matches!(shown, Shown::About(_)) {
            code["text"] = format!("{}, rounded to 5", what.1).into();
        }
        match shown.number() {
            Some(number) => json!({"code": code, "count": number}),
            None => json!({"code": code, "_count": {"extension": [masked()]}}),
        }
    };
    let mut populations = Vec::new();
    let mut score = None;
    if is_proportion(definition) {
        populations.push(population(DENOMINATOR, line.of));
        populations.push(population(NUMERATOR, line.met.unwrap_or(Shown::Exactly(0))));
        score = line.percent.map(|percent| json!({"value": percent, "unit": "%", "system": UCUM, "code": "%"}));
    } else if matches!(definition.what, What::Refusals) {
        populations.push(population(("initial-population", "Initial Population"), line.of));
    } else {
        populations.push(population(MEASURED, line.of));
        score = line.median.map(|days| json!({"value": days, "unit": "days", "system": UCUM, "code": "d"}));
    }
    let mut out = Map::from_iter([("population".to_owned(), Value::Array(populations))]);
    out.extend(score.map(|score| ("measureScore".to_owned(), score)));
    out
}

fn masked() -> Value {
    json!({"url": codes::DATA_ABSENT_REASON, "valueCode": "masked"})
}
