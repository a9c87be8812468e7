//! The table of R4's types is what the base pack says, line by line.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use cmht_gateway::definitions::facts::{Derivation, Element, Kind, Profile};
use cmht_gateway::definitions::library::embedded_packs;
use cmht_gateway::definitions::pack::Pack;

const TABLE: &str = include_str!("../../src/fhir/r4-types.txt");

/// The types of R4 in the pack.
fn types(pack: &Pack) -> Vec<Profile> {
    let rows = pack.rows().filter(|row| row.url.starts_with("http://hl7.org/fhir/StructureDefinition/"));
    let all = rows.filter(|row| row.kind == "StructureDefinition").filter_map(|row| pack.profile(row.url, None));
    all.filter(|one| one.kind != Kind::Logical && one.derivation != Some(Derivation::Constraint)).collect()
}

/// `ELEMENT!*=TYPES` of an element, and the row of its own where it is a backbone element.
fn entry(name: &str, element: &Element) -> (String, Option<String>) {
    let of: Vec<&str> = element.types.iter().map(|of| of.fhir_type.as_deref().unwrap_or(&of.code)).collect();
    let reference = element.content_reference.as_deref().and_then(|to| to.split_once('#'));
    let (types, own) = match (reference, of.as_slice()) {
        (Some((_, target)), _) => (target.to_owned(), None),
        (None, [base @ ("BackboneElement" | "Element")]) => (".".to_owned(), Some((*base).to_owned())),
        (None, of) => (of.join(","), None),
    };
    // R4's definition says `string` here, its page and every instance `id` (https://hl7.org/fhir/R4/resource.html)
    let types = if element.path == "Resource.id" { "id".to_owned() } else { types };
    let required = if element.min.unwrap_or(0) > 0 { "!" } else { "" };
    let repeats = if matches!(element.max.as_deref(), Some("0" | "1")) { "" } else { "*" };
    (format!(" {name}{required}{repeats}={types}"), own)
}

fn lines(types: &[Profile]) -> String {
    let mut rows: BTreeMap<&str, String> = BTreeMap::new();
    for one in types {
        let base = one.base.as_deref().and_then(|url| url.rsplit('/').next()).unwrap_or_default();
        rows.insert(&one.kind_of, base.to_owned());
        for element in one.snapshot.iter().skip(1).filter(|_| one.kind != Kind::PrimitiveType) {
            // inherited elements stand in the row of the base
            if element.base.as_ref().is_none_or(|base| base.path != element.path) {
                continue;
            }
            let (parent, name) = element.path.rsplit_once('.').unwrap();
            let (entry, own) = entry(name, element);
            rows.get_mut(parent).unwrap().push_str(&entry);
            rows.extend(own.map(|base| (element.path.as_str(), base)));
        }
    }
    rows.iter().fold(String::new(), |mut all, (name, row)| {
        let _ = writeln!(all, "{name}:{}", if row.starts_with(' ') { row.clone() } else { row.trim_end().to_owned() });
        all
    })
}

#[test]
fn the_table_of_types_is_what_the_base_pack_says() {
    let packs = embedded_packs();
    let base = packs.last().unwrap();
    let wanted = lines(&types(base));
    let found: Vec<&str> = TABLE.lines().filter(|line| !line.starts_with('#')).collect();
    let found = found.join("\n") + "\n";
    if wanted != found {
        let place = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("r4-types.txt");
        std::fs::write(&place, &wanted).unwrap();
        let apart = wanted.lines().zip(found.lines()).find(|(wanted, found)| wanted != found);
        panic!("the rows below the comments should be those of {}; first apart: {apart:#?}", place.display());
    }
    assert!(wanted.lines().count() > 600);
}
