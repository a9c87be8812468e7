//! `bench map`: what mapping a document to FHIR JSON bytes and back costs, as a ratio to parsing the same bytes, taken in
//! one run. Measures the path the gateway itself uses; says what it saw and judges nothing.

use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use serde_json::Value;

use super::super::{native_kind, read_input, said, unusable};
use super::{median, timed};
use crate::fhir::{self, Bundle, Format, Limits};
use crate::map;
use crate::model::{DocumentKind, Issue};

/// The document measured unless another is named.
const EXAMPLE: &[u8] = include_bytes!("../../../profiles/cmht/examples/discharge-letter/full.json");
/// Rounds; in each, everything is measured once, so that whatever else the machine does falls on all alike.
const ROUNDS: usize = 301;

pub(super) fn map(file: Option<&Path>) -> ExitCode {
    let measured =
        file.map_or_else(|| Ok(EXAMPLE.to_vec()), read_input).map_err(anyhow::Error::from).and_then(|bytes| {
            let document: Value = serde_json::from_slice(&bytes)?;
            measure(native_kind(&bytes), &document).map_err(|issues| anyhow::anyhow!("{issues:?}"))
        });
    match measured {
        Ok(figures) => said(format_args!("{figures}"), ExitCode::SUCCESS),
        Err(error) => unusable(&error),
    }
}

/// Medians over all rounds.
struct Figures {
    kind: DocumentKind,
    bytes: usize,
    parse: Duration,
    out: Duration,
    back: Duration,
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        let ratio = (self.out + self.back).as_secs_f64() / self.parse.as_secs_f64();
        writeln!(f, "{}, {} bytes of FHIR JSON, median of {ROUNDS} rounds", self.kind.title(), self.bytes)?;
        writeln!(f, "  parse with serde_json   {:>9.1} µs", micros(self.parse))?;
        writeln!(f, "  native to FHIR bytes    {:>9.1} µs", micros(self.out))?;
        writeln!(f, "  FHIR bytes to native    {:>9.1} µs", micros(self.back))?;
        write!(f, "  there and back, over parsing the same bytes: {ratio:.2}")
    }
}

fn measure(kind: DocumentKind, document: &Value) -> Result<Figures, Vec<Issue>> {
    let mut times: [Vec<Duration>; 3] = Default::default();
    let bytes = to_bytes(kind, document.clone())?;
    for _ in 0..ROUNDS {
        let [parse, out, back] = &mut times;
        parse.push(timed(|| serde_json::from_slice::<Value>(black_box(&bytes)).is_ok()));
        let own = document.clone();
        out.push(timed(|| to_bytes(kind, black_box(own)).is_ok()));
        back.push(timed(|| to_native(kind, black_box(&bytes)).is_ok()));
    }
    let [parse, out, back] = times.map(median);
    Ok(Figures { kind, bytes: bytes.len(), parse, out, back })
}

fn to_bytes(kind: DocumentKind, document: Value) -> Result<Vec<u8>, Vec<Issue>> {
    let mapped = map::to_fhir(kind, document)?;
    fhir::write(mapped.value.value(), Format::Json).map_err(|issue| vec![issue])
}

fn to_native(kind: DocumentKind, bytes: &[u8]) -> Result<Value, Vec<Issue>> {
    let value = fhir::read(bytes, Format::Json, &Limits::default()).map_err(|issue| vec![issue])?;
    let bundle = Bundle::new(value).map_err(|issue| vec![issue])?;
    Ok(map::to_native(kind, &bundle)?.value)
}
