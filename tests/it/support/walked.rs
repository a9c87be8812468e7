//! Resources through the walk, over the embedded definitions: what was found, told by rule and path.

use std::sync::{Arc, LazyLock};

use cmht_gateway::definitions::Library;
use cmht_gateway::definitions::library::embedded_packs;
use cmht_gateway::fhir::Format;
use cmht_gateway::fhir::Limits;
use cmht_gateway::fhir::tree::Tree;
use cmht_gateway::model::Issue;
use cmht_gateway::validate::structure::Registry;
use cmht_gateway::validate::walk::{Guide, Options, validate};
use serde_json::Value;

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::new(Arc::new(Library::of_packs(embedded_packs()))));

/// Everything found about a resource under R4, and under our guide where `guide` says so.
pub fn found(resource: &Value, guide: Guide) -> Vec<Issue> {
    let text = resource.to_string();
    let tree = Tree::read(text.as_bytes(), Format::Json, &Limits::default()).unwrap();
    validate(&tree, &REGISTRY, &Options { guide, ..Options::default() })
}

/// The same of a resource as it is written; why it cannot be read is found about it, too.
pub fn found_in(bytes: &[u8], format: Format, guide: Guide) -> Vec<Issue> {
    let limits = Limits { max_bytes: usize::MAX, ..Limits::default() };
    match Tree::read(bytes, format, &limits) {
        Ok(tree) => validate(&tree, &REGISTRY, &Options { guide, ..Options::default() }),
        Err(issue) => vec![issue],
    }
}

/// `severity rule path` of what is found about a changed resource and not about the sound one.
pub fn differs(sound: &Value, guide: Guide, change: impl FnOnce(&mut Value)) -> Vec<String> {
    let before: Vec<String> = found(sound, guide).iter().map(told).collect();
    let mut changed = sound.clone();
    change(&mut changed);
    // that a made-up definition is not at hand is said of each, and is not what these tables are about
    let about = |one: &String| !one.starts_with("information canonical-known") && !before.contains(one);
    found(&changed, guide).iter().map(told).filter(about).collect()
}

/// `severity rule path`.
pub fn told(issue: &Issue) -> String {
    let (rule, path) = (issue.rule.as_deref().unwrap_or(""), issue.path.as_deref().unwrap_or(""));
    format!("{} {rule} {path}", issue.severity.code())
}

/// A change to a sound resource, and what is found then and was not before.
pub type Row = (&'static str, fn(&mut Value), &'static [&'static str]);

/// Makes each change and compares.
pub fn table(sound: &Value, guide: Guide, rows: &[Row]) {
    let all = rows.iter().map(|(name, change, expected)| (name, differs(sound, guide, change), expected));
    let wrong: Vec<_> = all.filter(|(_, got, expected)| got != *expected).collect();
    assert!(wrong.is_empty(), "name, found, expected: {wrong:#?}");
}
