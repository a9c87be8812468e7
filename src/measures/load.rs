//! Texts of definitions to [`Definitions`], or to everything that is wrong with them, by row and field. Reads no file.

use super::FILE;
use super::definition::{Definition, Definitions, What};
use crate::model::Urgency;
use crate::rule_file::{Row, RuleFault, RuleFile};

/// The definitions of both texts: a row of the site takes the place of one with its id, or comes beside them.
pub(super) fn load(built_in: &str, site: Option<&str>) -> Result<Definitions, Vec<RuleFault>> {
    let mut faults = Vec::new();
    let mut read = |name: &str, text: &str| {
        RuleFile::parse(name, text, &["measure"], &mut faults).rows("measure", &mut faults, |row, _| definition(row))
    };
    let mut rows = read(FILE, built_in);
    for row in site.map(|text| read(&format!("site's {FILE}"), text)).unwrap_or_default() {
        match rows.iter_mut().find(|known| known.id == row.id) {
            Some(known) => *known = row,
            None => rows.push(row),
        }
    }
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    if faults.is_empty() { Ok(Definitions { rows }) } else { Err(faults) }
}

fn definition(row: &mut Row<'_>) -> Option<Definition> {
    let (id, name, what) = (row.id("id"), row.text("name"), what(row));
    let (numerator, denominator) = (row.text("numerator"), row.text("denominator"));
    let (reason, source) = (row.text("reason"), row.text("source"));
    Some(Definition {
        id: id?,
        name: name?,
        what: what?,
        numerator: numerator?,
        denominator: denominator?,
        reason: reason?,
        source: source?,
    })
}

fn what(row: &mut Row<'_>) -> Option<What> {
    match row.text("counts")?.as_str() {
        "contacts" => {
            let least = row.number_within("least", 1..=100);
            if !row.is_given("least") {
                row.fault("least", "is required");
            }
            Some(What::Contacts { least: u32::from(least?) })
        }
        "wait" => {
            let to = row.events("to");
            if !row.is_given("to") {
                row.fault("to", "is required: at least one kind of event");
            }
            let urgencies: Vec<(Urgency, &str)> = Urgency::ALL.iter().map(|one| (*one, one.code())).collect();
            Some(What::Wait { to, urgency: row.code("urgency", &urgencies) })
        }
        "clock" => row.id("rule").map(|rule| What::Clock { rule }),
        "scores" => row.id("scale").map(|scale| What::Scores { scale }),
        "incomplete" => Some(What::Incomplete),
        "refusals" => Some(What::Refusals),
        _ => row.wrong("counts", "must be one of contacts, wait, clock, scores, incomplete and refusals"),
    }
}
