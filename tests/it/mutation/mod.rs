//! Mutation: every element of every UK Core profile of a resource is put into a sound instance and broken in every way that
//! applies; each breakage must be found, as an error, at its place. What is not is listed with its reason in `survivors.txt`,
//! and that list must be exactly what happens: nothing in it that is found, nothing unfound that is not in it.

mod beside;
mod breakages;
mod codes;
mod invariants;
mod outline;
mod samples;
mod sound;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cmht_gateway::definitions::facts::{Definition, Kind, Profile};
use cmht_gateway::definitions::{Library, library};
use cmht_gateway::fhir::tree::Tree;
use cmht_gateway::model::Issue;
use cmht_gateway::validate::structure::Registry;
use cmht_gateway::validate::walk::{Options, validate};
use serde_json::{Value, json};

use outline::Outline;
use sound::{Instance, Maker};

const SURVIVORS: &str = include_str!("survivors.txt");
const UKCORE: &str = "https://fhir.hl7.org.uk/StructureDefinition/";

/// What became of the breakages of one profile.
#[derive(Default)]
struct Tally {
    generated: usize,
    caught: usize,
    elsewhere: usize,
    /// Profile, element and breakage, with what was found instead.
    survivors: BTreeMap<String, String>,
}

#[test]
fn every_breakage_of_every_element_of_every_ukcore_profile_is_found_at_its_place() {
    let registry = Registry::new(Arc::new(library_with_marks()));
    let profiles = profiles(registry.library());
    assert!(profiles.len() >= 60, "{}", profiles.len());
    let (left, right): (Vec<_>, Vec<_>) = profiles.iter().enumerate().partition(|(at, _)| at % 2 == 0);
    let work = |part: Vec<(usize, &Arc<Profile>)>| -> Vec<Tally> {
        let maker = Maker::new(registry.library(), registry.terminology());
        part.into_iter().map(|(_, profile)| broken(profile, &registry, &maker)).collect()
    };
    let tallies = std::thread::scope(|scope| {
        let other = scope.spawn(|| work(left));
        let own = work(right);
        other.join().unwrap().into_iter().chain(own).collect::<Vec<_>>()
    });
    let sum = |of: fn(&Tally) -> usize| tallies.iter().map(of).sum::<usize>();
    println!(
        "{} profiles, {} breakages: {} found at their place, {} elsewhere, {} not",
        profiles.len(),
        sum(|one| one.generated),
        sum(|one| one.caught),
        sum(|one| one.elsewhere),
        sum(|one| one.survivors.len())
    );
    let survivors: BTreeMap<&String, &String> = tallies.iter().flat_map(|one| &one.survivors).collect();
    compare(&survivors);
    assert!(sum(|one| one.generated) > 15_000, "too few breakages to mean anything");
}

/// Holds what survived against the list.
fn compare(survivors: &BTreeMap<&String, &String>) {
    let rows = SURVIVORS.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut explained = BTreeSet::new();
    for row in rows {
        let columns: Vec<&str> = row.split('\t').collect();
        assert!(columns.len() == 4 && !columns[3].trim().is_empty(), "profile, element, breakage and reason: {row}");
        explained.insert(columns[..3].join("\t"));
    }
    let new: Vec<String> = survivors
        .iter()
        .filter(|(key, _)| !explained.contains(**key))
        .map(|(key, what)| format!("{key}\t{what}"))
        .collect();
    let gone: Vec<&String> = explained.iter().filter(|key| !survivors.contains_key(key)).collect();
    if let Some(to) = std::env::var_os("CMHT_MUTATION_REPORT") {
        std::fs::write(to, new.join("\n")).unwrap();
    }
    let told = |all: &[String]| all.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
    assert!(new.is_empty(), "{} survivors that nobody explains, among them:\n{}", new.len(), told(&new));
    assert!(gone.is_empty(), "explained, but found by now: {gone:#?}");
}

/// All UK Core profiles of resources.
fn profiles(library: &Library) -> Vec<Arc<Profile>> {
    let packs = library::embedded_packs();
    let rows = packs[0].rows().filter(|row| row.kind == "StructureDefinition" && row.url.starts_with(UKCORE));
    let urls: BTreeSet<String> = rows.map(|row| row.url.to_owned()).collect();
    let all = urls.iter().map(|url| library.structure(url).unwrap());
    all.filter(|profile| profile.kind == Kind::Resource).collect()
}

/// What the binary carries, and two extensions that may stand anywhere.
fn library_with_marks() -> Library {
    let mut library = Library::of_packs(library::embedded_packs());
    for (url, modifier) in [(samples::EXTENSION, false), (samples::MODIFIER, true)] {
        library.add(Definition::from_fhir(&extension(url, modifier)).unwrap());
    }
    library
}

fn extension(url: &str, modifier: bool) -> Value {
    let mut whole = json!({"id": "Extension", "path": "Extension", "min": 0, "max": "*"});
    if modifier {
        whole["isModifier"] = json!(true);
        whole["isModifierReason"] = json!("A test of what a modifier does.");
    }
    json!({
        "resourceType": "StructureDefinition", "url": url, "name": "Mark", "status": "active", "kind": "complex-type",
        "abstract": false, "type": "Extension", "derivation": "constraint",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension",
        "context": [{"type": "element", "expression": "Element"}, {"type": "element", "expression": "Resource"}],
        "differential": {"element": [
            whole,
            {"id": "Extension.extension", "path": "Extension.extension", "max": "0"},
            {"id": "Extension.url", "path": "Extension.url", "fixedUri": url},
            {"id": "Extension.value[x]", "path": "Extension.value[x]", "min": 1, "type": [{"code": "string"}]},
        ]},
    })
}

/// Breaks every element of a profile.
fn broken(profile: &Arc<Profile>, registry: &Registry, maker: &Maker<'_>) -> Tally {
    let mut tally = Tally::default();
    let name = profile.url.trim_start_matches(UKCORE).to_owned();
    let options = Options { profiles: vec![profile.url.clone()], ..Options::default() };
    let outline = Outline::of(profile.clone());
    for of in (0..outline.len()).filter(|of| !outline.is_barred(*of) && !outline.is_contradicted(*of)) {
        let element = outline.element(of);
        let mut survived = |how: &str, what: String| {
            tally.survivors.insert(format!("{name}\t{}\t{how}", element.id), what);
        };
        let Some(instance) = maker.instance(&outline, of) else {
            survived("unreached", "no instance has it".to_owned());
            continue;
        };
        let faults = errors(&instance.value, registry, &options);
        if let Some(fault) = faults.first().filter(|_| element.max.as_deref() != Some("0")) {
            survived("unsound", format!("{} in {}", told(fault), instance.value));
            continue;
        }
        let changed = invariants_broken(&outline, of, &instance).into_iter();
        for (key, value) in changed {
            tally.generated += 1;
            if errors(&value, registry, &options).iter().any(|fault| fault.rule.as_deref() == Some(key)) {
                tally.caught += 1;
            } else {
                tally.survivors.insert(format!("{name}\t{}\t{key}", element.id), value.to_string());
            }
        }
        for broken in breakages::breakages(&outline, of, &instance, maker, registry.library()) {
            tally.generated += 1;
            let faults = errors(&broken.value, registry, &options);
            let key = format!("{name}\t{}\t{}", element.id, broken.how);
            let is_right = |fault: &Issue| {
                let path = fault.path.as_deref().unwrap_or_default();
                let last = broken.places.last().is_some_and(|last| {
                    path.strip_prefix(last.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
                });
                last || broken.places.iter().any(|place| place == path)
            };
            if faults.iter().any(is_right) {
                tally.caught += 1;
            } else if let Some(fault) = faults.first() {
                tally.elsewhere += 1;
                tally.survivors.insert(key, format!("elsewhere: {} in {}", told(fault), broken.value));
            } else {
                tally.survivors.insert(key, broken.value.to_string());
            }
        }
    }
    tally
}

/// What breaks the invariants of an element.
fn invariants_broken(outline: &Outline, of: usize, instance: &Instance) -> Vec<(&'static str, Value)> {
    let element = outline.element(of);
    if outline.sliced(of).is_some() {
        return Vec::new();
    }
    let own = |row: &&(&'static str, &'static str, Value)| row.0 == element.path || (row.0.is_empty() && of == 0);
    let has = |row: &&(&'static str, &'static str, Value)| element.constraints.iter().any(|one| one.key == row.1);
    let mut all = Vec::new();
    for (_, key, patch) in invariants::broken().iter().filter(own).filter(has) {
        let mut value = instance.value.clone();
        let Some(fields) = breakages::place(&mut value, &instance.at).and_then(Value::as_object_mut) else { continue };
        for (name, value) in patch.as_object().unwrap() {
            if value.is_null() {
                fields.remove(name);
            } else {
                fields.insert(name.clone(), value.clone());
            }
        }
        all.push((*key, value));
    }
    all
}

fn errors(value: &Value, registry: &Registry, options: &Options) -> Vec<Issue> {
    let found = match Tree::of_value(value) {
        Ok(tree) => validate(&tree, registry, options),
        Err(issue) => vec![issue],
    };
    found.into_iter().filter(|issue| issue.severity.refuses()).collect()
}

fn told(issue: &Issue) -> String {
    let rule = issue.rule.as_deref().unwrap_or_default();
    format!("{}: {} [{rule}]", issue.path.as_deref().unwrap_or_default(), issue.text)
}
