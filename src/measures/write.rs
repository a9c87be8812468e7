//! Published lines as CSV, JSON and text. Writes what `publish` made and nothing else.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::definition::Definitions;
use super::period::Period;
use super::publish::{Line, Shown};

/// RFC 4180, one line for each measure and group.
#[must_use]
pub fn to_csv(lines: &[Line], period: Period) -> String {
    let mut out = "measure,name,from,to,by,group,counted,denominator,numerator,percent,median_days,centile_90_days,\
                   mean_change\r\n"
        .to_owned();
    for line in lines {
        let (by, group) = line.group.as_ref().map_or(("", ""), |(by, group)| (by.code(), group.as_str()));
        let cells = [
            line.measure.clone(),
            line.name.clone(),
            period.from().to_string(),
            period.to().to_string(),
            by.to_owned(),
            group.to_owned(),
            line.unit.to_owned(),
            line.of.to_string(),
            line.met.map(|met| met.to_string()).unwrap_or_default(),
            number(line.percent),
            number(line.median),
            number(line.centile_90),
            number(line.mean_change),
        ];
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }
    out
}

fn number(number: Option<f64>) -> String {
    number.map(|number| format!("{number:.1}")).unwrap_or_default()
}

/// A cell that a spreadsheet neither splits nor computes.
fn quoted(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// As JSON: a number, rounded as `rounded_to` says, or `"*"` for a hidden one.
#[must_use]
pub fn to_json(definitions: &Definitions, lines: &[Line], period: Period) -> Value {
    let mut measures: Vec<Value> = Vec::new();
    for line in lines {
        let numbers = numbers(line);
        let groups = measures.last_mut().and_then(|measure| measure.get_mut("groups")?.as_array_mut());
        if let (Some((by, name)), Some(groups)) = (&line.group, groups) {
            let mut group = Map::from_iter([("by".to_owned(), json!(by.code())), ("group".to_owned(), json!(name))]);
            group.extend(numbers);
            groups.push(Value::Object(group));
        } else {
            let what = definitions.find(&line.measure).map(|definition| definition.denominator.as_str());
            measures.push(json!({
                "id": line.measure,
                "name": line.name,
                "counted": line.unit,
                "what": what,
                "total": numbers,
                "groups": [],
            }));
        }
    }
    json!({"from": period.from().to_string(), "to": period.to().to_string(), "rounded_to": 5, "measures": measures})
}

fn numbers(line: &Line) -> Map<String, Value> {
    let shown = |shown: Shown| match shown {
        Shown::Rounded(number) => json!(number),
        Shown::Hidden => json!("*"),
    };
    let mut out = Map::from_iter([("denominator".to_owned(), shown(line.of))]);
    out.extend(line.met.map(|met| ("numerator".to_owned(), shown(met))));
    let rest = [
        ("percent", line.percent),
        ("median_days", line.median),
        ("centile_90_days", line.centile_90),
        ("mean_change", line.mean_change),
    ];
    out.extend(rest.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value?)))));
    out
}

/// For a terminal.
#[must_use]
pub fn to_text(lines: &[Line], period: Period, label: &dyn Fn(super::By, &str) -> String) -> String {
    let mut out = format!("Measures from {} to {}\n", period.from(), period.to());
    for line in lines {
        let (head, name) = match &line.group {
            None => (format!("\n{} {}\n", line.measure, line.name), String::new()),
            Some((by, group)) => (String::new(), format!("  {}: ", label(*by, group))),
        };
        let words = words(line);
        let indent = if line.group.is_none() { "  " } else { "" };
        // writing to a text cannot fail
        let _ = writeln!(out, "{head}{indent}{name}{words}");
    }
    out.push_str("\nEvery number is rounded to 5. * is 1 to 4, or would tell such a number.\n");
    out
}

/// One line in words.
#[must_use]
pub(crate) fn words(line: &Line) -> String {
    let mut words = match line.met {
        Some(met) => format!("{met} of {} {}", line.of, line.unit),
        None => format!("{} {}", line.of, line.unit),
    };
    let more = [
        (line.percent, "", " per cent"),
        (line.median, "median ", " days"),
        (line.centile_90, "90th centile ", " days"),
        (line.mean_change, "mean change ", ""),
    ];
    for (value, before, after) in more {
        if let Some(value) = value {
            let _ = write!(words, ", {before}{value:.1}{after}");
        }
    }
    words
}
