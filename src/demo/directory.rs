//! The scene about the directory: a partner changes its entry, an export goes out, an import with faults comes back. Uses
//! only what any other client could use.

use anyhow::{Context, ensure};
use serde_json::json;

use super::report;
use super::senders::{CHARITY, Senders, TRUST};

pub(super) async fn kept_up_to_date(senders: &Senders) -> anyhow::Result<()> {
    report::scene("15. A charity moves house, and says so itself");
    let change = json!({
        "telephone": "0116 496 0432",
        "places": [{"name": "The Seed Store", "address": ["3 Made-up Yard", "Leicester"], "postcode": "LE3 9ZZ"}],
    });
    let changed = senders.put(CHARITY, "directory/entry", &change).await?;
    let version = changed["version"].as_i64().context("no version")?;
    report::says(&format!(
        "Version {version} of the directory. Where the charity was before is kept, with today as its end."
    ));
    let bundle = senders.fetch(TRUST, "directory", "application/fhir+json").await?;
    let entries = bundle["entry"].as_array().context("no entries")?.len();
    report::says(&format!("The trust takes it out as a FHIR Bundle of {entries} resources, without a secret in it,"));
    ensure!(!bundle.to_string().contains("argon2"), "the export holds a secret");
    let again = senders.import(TRUST, version, "application/fhir+json", bundle.to_string()).await?;
    ensure!(again.0 == 200 && again.1["version"] == version, "what went out did not come back in as it was");
    report::says("and puts it back: nothing changes. Then somebody sends a table with three mistakes:\n");
    let table = "section,id,name,kind,of,telephone\nplace,x,The Mill,,nobody,\norganisation,y,Mill,hospital,,ring us\n";
    let (status, outcome) = senders.import(TRUST, version, "text/csv", table.to_owned()).await?;
    let issues = outcome["issue"].as_array().context("no findings")?;
    for issue in issues.iter().take(3) {
        report::says(issue["details"]["text"].as_str().or(issue["diagnostics"].as_str()).unwrap_or_default());
    }
    ensure!(status == 422 && issues.len() >= 3, "{status} with {} findings", issues.len());
    report::says("\nNone of it is taken; the directory is as it was.");
    Ok(())
}
