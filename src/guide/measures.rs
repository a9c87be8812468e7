//! Measures (<https://hl7.org/fhir/R4/measure.html>): one for each built-in definition of what is counted.

use serde_json::Value;

use super::publication::begin;
use crate::measures::{Definitions, measure_resource};

/// A Measure for each row of `profiles/rules/measures.toml`. A test rules out that the rows have faults.
pub(super) fn resources() -> Vec<Value> {
    let definitions = Definitions::load(None).ok();
    let rows = definitions.iter().flat_map(Definitions::iter);
    let made = rows.map(|definition| {
        let mut out = begin("Measure", &definition.id.to_lowercase(), &definition.name, &definition.denominator);
        out.extend(measure_resource(definition));
        Value::Object(out)
    });
    made.collect()
}
