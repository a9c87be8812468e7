//! What every row of routing's files has: an id, why, where it is written, and its place. What a site's file says takes the
//! place of our row of the same id.

use crate::rule_file::{Row, RuleFault, RuleFile};

/// The fields every row has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// `RT-01`.
    pub id: String,
    /// Why, in a sentence for a person.
    pub reason: String,
    /// Where it is written: a line of the procedures, or of ours.
    pub source: String,
    /// Rows are tried lowest first.
    pub order: i64,
}

/// A rule, or the id of one that a site leaves out.
#[derive(Debug)]
pub(super) enum Entry<T> {
    Rule(T),
    Off(String),
}

/// Reads the rows of one file: `read` makes a rule of a row and its heading. A row with `off = true` needs its id alone.
pub(super) fn rows<T>(
    file: &str,
    text: &str,
    prefix: &str,
    faults: &mut Vec<RuleFault>,
    mut read: impl FnMut(&mut Row<'_>, Heading) -> Option<T>,
) -> Vec<Entry<T>> {
    RuleFile::parse(file, text, &["rule"], faults).rows("rule", faults, |row, number| {
        if row.flag("off") == Some(true) {
            row.pass_over();
            return id(row, prefix).map(Entry::Off);
        }
        let heading = heading(row, prefix, number * 10);
        read(row, heading).map(Entry::Rule)
    })
}

/// Reads what every row has. What is missing stays empty and is noted, so that the rest of the row is read too.
fn heading(row: &mut Row<'_>, prefix: &str, order: i64) -> Heading {
    let id = id(row, prefix).unwrap_or_default();
    let (reason, source) = (row.text("reason").unwrap_or_default(), row.text("source").unwrap_or_default());
    Heading { id, reason, source, order: row.number("order").unwrap_or(order) }
}

fn id(row: &mut Row<'_>, prefix: &str) -> Option<String> {
    let id = row.required("id")?;
    let shaped = id.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-')).is_some_and(|rest| {
        (2..=24).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    });
    if shaped {
        Some(id.to_owned())
    } else {
        row.wrong("id", format!("must be {prefix}- and a number or name, as in {prefix}-01"))
    }
}
