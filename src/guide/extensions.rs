//! StructureDefinitions of our extensions (<https://hl7.org/fhir/R4/defining-extensions.html>), from the table the
//! mapping goes by.

use serde_json::json;

use super::structure::{Structure, at_least_one, element, of_type, r4, root, structure, typed};
use crate::definitions::facts::{Context, Element, Kind, Profile};
use crate::map::extensions::{Holds, Own, all};

pub(super) fn structures() -> impl Iterator<Item = Structure> {
    all().map(extension)
}

fn extension(own: &Own) -> Structure {
    let id = own.url.rsplit('/').next().unwrap_or(own.url);
    let none = |id: &str| Element { max: Some("0".to_owned()), ..element(id) };
    let url = |id: &str, url: &str| Element { fixed: Some(typed("Uri", json!(url))), ..element(id) };
    let mut elements = vec![root("Extension", id, own.words, Vec::new())];
    match own.holds {
        Holds::Value(kind) => elements.extend([
            none("Extension.extension"),
            url("Extension.url", own.url),
            Element { types: of_type(kind, &[]), ..at_least_one("Extension.value[x]") },
        ]),
        Holds::Parts(parts) => {
            for (name, kind, min, max) in parts {
                let slice = format!("Extension.extension:{name}");
                elements.extend([
                    Element { min: Some(*min), max: Some((*max).to_owned()), ..element(&slice) },
                    none(&format!("{slice}.extension")),
                    url(&format!("{slice}.url"), name),
                    Element { types: of_type(kind, &[]), ..at_least_one(&format!("{slice}.value[x]")) },
                ]);
            }
            elements.extend([url("Extension.url", own.url), none("Extension.value[x]")]);
        }
    }
    let made = structure(id, &id.replace('-', " "), own.words, "Extension", &r4("Extension"), elements);
    let on = own.on.iter().map(|path| Context { kind: "element".to_owned(), expression: (*path).to_owned() });
    let profile = Profile { kind: Kind::ComplexType, contexts: on.collect(), ..made.profile };
    Structure { profile, ..made }
}
