//! What makes a repetition a member of a slice, worked out from the definitions along each discriminator's path
//! (<https://hl7.org/fhir/R4/profiling.html#discriminator>).

use std::sync::Arc;

use super::compile::binding;
use super::navigate::{Place, steps};
use super::{Asks, Link, Openness, Registry, RuleId, Slice, Slicing, Step, Test, Wanted};
use crate::definitions::facts::{self, Discriminator, Element, Profile, Strength, canonical};
use crate::fhir::tree::Name;

/// Compiles the slicing of the element at a place of a profile.
pub(super) fn slicing(
    registry: &Registry,
    profile: &Profile,
    at: usize,
    said: Option<&facts::Slicing>,
    slices: &[RuleId],
) -> Slicing {
    let is_extension = profile
        .snapshot
        .get(at)
        .is_some_and(|element| element.path.ends_with(".extension") || element.path.ends_with(".modifierExtension"));
    let by_default = [Discriminator { kind: "value".into(), path: "url".into() }];
    let given = said.map(|said| said.discriminators.as_slice()).unwrap_or_default();
    let discriminators = if given.is_empty() && is_extension { &by_default } else { given };
    let profile = Arc::new(profile.clone());
    let slices: Vec<Slice> = slices
        .iter()
        .map(|rule| {
            let place = Place::new(&profile, rule.0 as usize);
            let tests = discriminators.iter().map(|by| test(registry, &place, by)).collect::<Result<Vec<_>, _>>();
            let nothing = || Err("nothing says what tells the slices apart".to_owned());
            Slice { rule: *rule, counter: 0, tests: if discriminators.is_empty() { nothing() } else { tests } }
        })
        .collect();
    Slicing {
        rules: match said.map(|said| said.rules.as_str()) {
            Some("closed") => Openness::Closed,
            Some("openAtEnd") => Openness::OpenAtEnd,
            _ => Openness::Open,
        },
        ordered: said.and_then(|said| said.ordered) == Some(true),
        by: discriminators.iter().map(|by| format!("{} of {}", by.kind, by.path)).collect::<Vec<_>>().join(", "),
        state: 0,
        by_url: by_url(&slices),
        slices,
    }
}

/// Where every slice is told apart by `url` alone, a table of them.
fn by_url(slices: &[Slice]) -> Option<Vec<(String, usize)>> {
    let url = |slice: &Slice| match slice.tests.as_deref() {
        Ok([Test { path, asks: Asks::Fixed(wanted), .. }]) => match path.as_slice() {
            [Step::Child(_, name)] if *name == Name::URL => wanted.as_text().map(str::to_owned),
            _ => None,
        },
        _ => None,
    };
    let mut table = slices.iter().enumerate().map(|(at, slice)| Some((url(slice)?, at))).collect::<Option<Vec<_>>>()?;
    table.sort();
    (table.windows(2).all(|pair| matches!(pair, [a, b] if a.0 != b.0)) && !table.is_empty()).then_some(table)
}

fn test(registry: &Registry, slice: &Place, by: &Discriminator) -> Result<Test, String> {
    let path = steps(&by.path).map_err(|part| format!("the discriminator uses {part}"))?;
    let lost = || format!("{} leads to no element of the definition", by.path);
    if matches!(by.kind.as_str(), "value" | "pattern") && by.path == "url" {
        let own = slice.element().and_then(|element| element.types.first()).and_then(|kind| kind.profiles.first());
        if let Some(url) = own {
            let asks = Asks::Fixed(Wanted::Text(canonical(url).0.to_owned()));
            return Ok(Test { path, written: by.path.clone(), asks });
        }
    }
    let library = registry.library();
    let mut place = slice.clone();
    for step in &path {
        if by.kind == "profile" && *step == Step::Resolve {
            // the profiles asked for stand at the reference
            break;
        }
        match place.step(library, step) {
            Some(next) => place = next,
            // a type may be told apart although nobody says more about it
            None if by.kind == "type" && *step == Step::Resolve => break,
            None => return Err(lost()),
        }
    }
    let element = place.element().ok_or_else(lost)?;
    let asks = match by.kind.as_str() {
        "value" | "pattern" => value(&place, element).ok_or_else(|| format!("nothing fixes {}", by.path))?,
        "type" => Asks::Types(types(registry, &path, element)),
        "profile" => Asks::Profiles(profiles(element)),
        "exists" => Asks::Exists(element.max.as_deref() != Some("0")),
        other => return Err(format!("discriminators of type {other} are not known")),
    };
    Ok(Test { path, written: by.path.clone(), asks })
}

fn value(place: &Place, element: &Element) -> Option<Asks> {
    if let Some(fixed) = &element.fixed {
        return Some(Asks::Fixed(Wanted::of(&fixed.value)));
    }
    if let Some(pattern) = &element.pattern {
        return Some(Asks::Pattern(Wanted::of(&pattern.value)));
    }
    let below: Vec<_> = place
        .below()
        .filter_map(|(path, inner)| {
            let plain: Vec<&str> = path.split('.').map(|part| part.split(':').next().unwrap_or(part)).collect();
            let path = steps(&plain.join(".").replace("[x]", "")).ok()?;
            let exact = inner.fixed.is_some();
            let value = inner.fixed.as_ref().or(inner.pattern.as_ref())?;
            Some((path, Wanted::of(&value.value), exact))
        })
        .collect();
    if !below.is_empty() {
        return Some(Asks::Below(below));
    }
    let bound = element.binding.as_ref().filter(|bound| bound.strength == Strength::Required);
    if let Some(bound) = bound.filter(|bound| bound.value_set.is_some()) {
        return Some(Asks::Member(binding(bound)));
    }
    match (element.min, element.max.as_deref()) {
        (_, Some("0")) => Some(Asks::Exists(false)),
        (Some(1..), _) => Some(Asks::Exists(true)),
        _ => None,
    }
}

fn types(registry: &Registry, path: &[Step], element: &Element) -> Vec<Name> {
    if path.last() == Some(&Step::Resolve) && element.path.contains('.') {
        // the walk stopped at the reference
        let targets = element.types.iter().flat_map(|kind| &kind.target_profiles);
        let of = |url: &String| registry.library().structure(url).ok().map(|one| Name::of(&one.kind_of));
        return targets.filter_map(of).collect();
    }
    if !element.path.contains('.') {
        return vec![Name::of(&element.path)];
    }
    let of = |kind: &facts::ElementType| match (kind.code.as_str(), kind.profiles.first()) {
        // a resource is of the type its profile constrains
        ("Resource", Some(url)) => registry.library().structure(url).ok().map(|one| Name::of(&one.kind_of)),
        (code, _) => Some(Name::of(kind.fhir_type.as_deref().unwrap_or(code))),
    };
    element.types.iter().filter_map(of).collect()
}

fn profiles(element: &Element) -> Vec<Link> {
    let kinds = element.types.iter();
    kinds
        .flat_map(|kind| if kind.target_profiles.is_empty() { &kind.profiles } else { &kind.target_profiles })
        .map(|url| Link::to(url))
        .collect()
}
