//! Builds packs from packages: which package goes into which pack, and the snapshots a package leaves out.

use std::collections::BTreeMap;
use std::io;

use super::facts::{Definition, Derivation};
use super::library::Library;
use super::pack::{Written, write};
use super::package::Package;

/// The packs of some packages, and what a person should know about them.
#[derive(Debug, Default)]
pub struct Built {
    /// By place below `profiles`, without the endings: `r4/base`.
    pub packs: BTreeMap<String, Written>,
    /// How many definitions each holds.
    pub counts: BTreeMap<String, usize>,
    /// Value sets that were left out, because they are a terminology of somebody's in the form of a list.
    pub left_out: Vec<String>,
    /// Profiles that could not be given a snapshot, and files that could not be read.
    pub notes: Vec<String>,
}

/// The longest list of codes a value set may be: R4's longest has 6,401. SNOMED's international patient set, which HL7's
/// terminology carries as 26,158 codes, is a distribution of SNOMED CT; no profile binds to it, and a server answers for it.
const LONGEST_LIST: usize = 10_000;

/// Whether it is not one of the search parameters beyond R4's own: those are for servers that take them up.
fn is_wanted(definition: &Definition, pack: &str) -> bool {
    pack == "r4/base" || !matches!(definition, Definition::SearchParameter(_))
}

/// Whether a value set is short enough to be carried.
fn carried(definition: &Definition) -> bool {
    let Definition::ValueSet(set) = definition else { return true };
    let listed = set.compose.iter().flat_map(|compose| &compose.include).map(|include| include.concepts.len());
    listed.sum::<usize>() + set.expansion.len() <= LONGEST_LIST
}

/// Where the pack of a package goes: what is FHIR's own under `r4`, all else under the first part of its name.
#[must_use]
pub fn place(package: &str) -> String {
    let name = package.to_ascii_lowercase();
    if name.starts_with("hl7.fhir.r4.") {
        return "r4/base".to_owned();
    }
    if name.starts_with("hl7.fhir.uv.extensions") {
        return "r4/extensions".to_owned();
    }
    if name.starts_with("hl7.terminology") {
        return "r4/terminology".to_owned();
    }
    let plain: String =
        name.chars().take_while(|c| *c != '.').filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let plain = if plain.is_empty() { "package".to_owned() } else { plain };
    format!("{plain}/{plain}")
}

/// Builds the packs of `packages`. What they build on is looked up among themselves first, then in `known`.
/// Profiles keep their differential, from which their snapshot can be proved; types do without.
///
/// # Errors
/// None that a package can cause; writing to memory reports errors too.
pub fn build(packages: Vec<Package>, mut known: Library) -> io::Result<Built> {
    let mut built = Built::default();
    for package in &packages {
        built.notes.extend(package.unread.iter().map(|(file, why)| format!("{}: {file}: {why}", package.name)));
        for definition in &package.definitions {
            known.add(definition.clone());
        }
    }
    let mut packs: BTreeMap<String, Vec<Definition>> = BTreeMap::new();
    for package in packages {
        let place = place(&package.name);
        let pack = packs.entry(place.clone()).or_default();
        for definition in package.definitions.into_iter().filter(|one| is_wanted(one, &place)) {
            if !carried(&definition) {
                built.left_out.push(definition.url().to_owned());
                continue;
            }
            pack.push(match definition {
                Definition::Profile(mut profile) => {
                    if profile.snapshot.is_empty() {
                        let canonical = match &profile.version {
                            Some(version) => format!("{}|{version}", profile.url),
                            None => profile.url.clone(),
                        };
                        match known.structure(&canonical) {
                            Ok(whole) => profile.snapshot.clone_from(&whole.snapshot),
                            Err(error) => built.notes.push(format!("{}: no snapshot: {error}", profile.url)),
                        }
                    }
                    if profile.derivation != Some(Derivation::Constraint) {
                        profile.differential.clear();
                    }
                    Definition::Profile(profile)
                }
                other => other,
            });
        }
    }
    for (place, definitions) in packs {
        let written = write(&definitions)?;
        built.counts.insert(place.clone(), written.index.lines().count());
        built.packs.insert(place, written);
    }
    Ok(built)
}
