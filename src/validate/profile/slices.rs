//! Which repetitions of an element belong to a slice, by its discriminators
//! (<https://hl7.org/fhir/R4/profiling.html#discriminator>): `value` and `pattern` along plain paths, `type` of what is there.
//! Where a discriminator asks for more, nobody is a member and nothing is said.

use serde_json::Value;

use super::{Checker, Found, fits};
use crate::definitions::facts::{Discriminator, Element};

/// The members of a slice; none at all where its discriminators cannot be followed.
pub(super) fn members<'f, 'a>(
    checker: &Checker,
    sliced: &Element,
    slice: &Element,
    found: &'f [Found<'a>],
) -> Option<Vec<&'f Found<'a>>> {
    let tests = sliced.slicing.as_ref()?.discriminators.iter();
    let tests: Vec<Test<'_>> = tests.map(|one| test(checker, slice, one)).collect::<Option<_>>()?;
    (!tests.is_empty()).then(|| found.iter().filter(|one| tests.iter().all(|test| test.holds(one))).collect())
}

/// What a member must be.
enum Test<'p> {
    /// Along each path, some value fits: fixed values are patterns that leave nothing open here.
    Fits(Vec<(Vec<&'p str>, &'p Value)>),
    /// The extension with this address.
    Url(&'p str),
    /// What stands at the path is of one of these types.
    Type(Vec<&'p str>, Vec<&'p str>),
}

fn test<'p>(checker: &'p Checker, slice: &'p Element, by: &'p Discriminator) -> Option<Test<'p>> {
    let path: Vec<&str> = by.path.split('.').filter(|step| *step != "$this").collect();
    if path.iter().any(|step| step.contains('(')) {
        return None;
    }
    let at = path.iter().fold(slice.id.clone(), |id, step| format!("{id}.{step}"));
    let said = |id: &str| checker.profile.snapshot.iter().find(|element| element.id == id);
    match by.kind.as_str() {
        "type" => {
            let element = said(&at)?;
            Some(Test::Type(path, element.types.iter().map(|kind| kind.code.as_str()).collect()))
        }
        "value" | "pattern" => {
            let within = format!("{at}.");
            let below = checker.profile.snapshot.iter().filter_map(|element| {
                let rest = if element.id == at { Some("") } else { element.id.strip_prefix(&within) }?;
                let value = element.fixed.as_ref().or(element.pattern.as_ref())?;
                let steps = rest.split('.').filter(|step| !step.is_empty());
                Some((path.iter().copied().chain(steps).collect::<Vec<_>>(), &value.value))
            });
            let wanted: Vec<_> = below.filter(|(steps, _)| steps.iter().all(|step| !step.contains(':'))).collect();
            if !wanted.is_empty() {
                return Some(Test::Fits(wanted));
            }
            let profile = slice.types.first().and_then(|kind| kind.profiles.first());
            profile.filter(|_| by.path == "url").map(|url| Test::Url(url))
        }
        _ => None,
    }
}

impl Test<'_> {
    fn holds(&self, found: &Found<'_>) -> bool {
        let Some(value) = found.value else { return false };
        match self {
            Self::Fits(wanted) => {
                wanted.iter().all(|(path, wanted)| along(value, path, &|one| fits::pattern(wanted, one)))
            }
            Self::Url(url) => value.get("url").and_then(Value::as_str) == Some(url),
            Self::Type(path, kinds) if path.is_empty() => {
                let named = value.get("resourceType").and_then(Value::as_str);
                let of = |kind: &&str| match named {
                    Some(named) => named == *kind,
                    None => found.key.to_ascii_lowercase().ends_with(&kind.to_ascii_lowercase()),
                };
                kinds.iter().any(of)
            }
            Self::Type(path, kinds) => along(value, path, &|one| {
                one.get("resourceType").and_then(Value::as_str).is_some_and(|named| kinds.contains(&named))
            }),
        }
    }
}

/// Whether some value along a path passes.
fn along(value: &Value, path: &[&str], passes: &dyn Fn(&Value) -> bool) -> bool {
    if let Value::Array(items) = value {
        return items.iter().any(|item| along(item, path, passes));
    }
    match path.split_first() {
        None => passes(value),
        Some((step, rest)) => value.get(step).is_some_and(|inner| along(inner, rest, passes)),
    }
}
