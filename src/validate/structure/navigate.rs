//! Following a discriminator's path through definitions: into inline elements, type profiles, types, extensions and the
//! targets of references (<https://hl7.org/fhir/R4/profiling.html#discriminator>).

use std::sync::Arc;

use super::Step;
use crate::definitions::facts::{Element, Profile};
use crate::definitions::{FHIR, Library};
use crate::fhir::tree::Name;

/// An element of a definition.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) profile: Arc<Profile>,
    at: usize,
}

impl Place {
    pub(super) fn new(profile: &Arc<Profile>, at: usize) -> Self {
        Self { profile: profile.clone(), at }
    }

    pub(super) fn element(&self) -> Option<&Element> {
        self.profile.snapshot.get(self.at)
    }

    /// The elements below it, each with its path from here; slices of it are not below it.
    pub(super) fn below(&self) -> impl Iterator<Item = (&str, &Element)> {
        let prefix = self.element().map(|element| format!("{}.", element.id)).unwrap_or_default();
        let rest = self.profile.snapshot.get(self.at + 1..).unwrap_or_default().iter();
        let inside = rest.take_while({
            let prefix = prefix.clone();
            move |element| element.id.starts_with(&prefix)
        });
        inside.filter_map(move |element| Some((element.id.get(prefix.len()..)?, element)))
    }

    fn root_of(library: &Library, url: &str) -> Option<Self> {
        Some(Self { profile: library.structure(url).ok()?, at: 0 })
    }

    fn child(&self, name: &str) -> Option<Self> {
        let wanted = |path: &str| path == name || path.strip_suffix("[x]") == Some(name);
        let id = self.below().find(|(path, _)| wanted(path)).map(|(_, element)| element.id.clone())?;
        let at = self.profile.snapshot.iter().position(|element| element.id == id)?;
        Some(Self { profile: self.profile.clone(), at })
    }

    /// The one slice of it that must be there, if there is just one: what a path through it means, as the reference has it.
    fn required_slice(&self) -> Option<Self> {
        let own = self.element().filter(|element| element.slicing.is_some())?;
        let rest = self.profile.snapshot.iter().enumerate().skip(self.at + 1);
        let inside = rest.take_while(|(_, one)| one.id.starts_with(&own.id));
        let mut required = inside.filter(|(_, one)| {
            let name = one.id.get(own.id.len()..).and_then(|rest| rest.strip_prefix(':'));
            name.is_some_and(|name| !name.contains(['.', '/'])) && one.min > Some(0)
        });
        let (at, _) = required.next()?;
        required.next().is_none().then(|| Self { profile: self.profile.clone(), at })
    }

    fn slice_of_extension(&self, url: &str) -> Option<Self> {
        let found = self.below().find(|(path, element)| {
            path.starts_with("extension:")
                && !path.contains('.')
                && element.types.iter().any(|kind| kind.profiles.iter().any(|profile| profile == url))
        });
        let id = found.map(|(_, element)| element.id.clone())?;
        let at = self.profile.snapshot.iter().position(|element| element.id == id)?;
        Some(Self { profile: self.profile.clone(), at })
    }

    /// What its type, or the profile of its type, says of it; several are tried in turn.
    fn types(&self, library: &Library) -> Vec<Self> {
        let Some(element) = self.element() else { return Vec::new() };
        if let Some(reference) = &element.content_reference {
            let id = reference.rsplit('#').next().unwrap_or_default();
            let at = self.profile.snapshot.iter().position(|one| one.id == id);
            return at.map(|at| Self { profile: self.profile.clone(), at }).into_iter().collect();
        }
        let mut found = Vec::new();
        for kind in &element.types {
            found.extend(kind.profiles.iter().filter_map(|url| Self::root_of(library, url)));
            found.extend(Self::root_of(library, &format!("{FHIR}{}", kind.code)));
        }
        found
    }

    /// One step further.
    pub(super) fn step(&self, library: &Library, step: &Step) -> Option<Self> {
        match step {
            Step::Child(name, _) => self
                .required_slice()
                .and_then(|slice| slice.child(name))
                .or_else(|| self.child(name))
                .or_else(|| self.types(library).iter().find_map(|place| place.child(name))),
            Step::Extension(url) => self
                .slice_of_extension(url)
                .or_else(|| self.types(library).iter().find_map(|place| place.slice_of_extension(url)))
                .or_else(|| Self::root_of(library, url)),
            Step::Resolve => {
                let types = &self.element()?.types;
                let url = types.iter().flat_map(|kind| &kind.target_profiles).next()?;
                Self::root_of(library, url)
            }
            Step::OfType(name) => {
                let kind = self.element()?.types.iter().find(|kind| kind.code == name.text());
                let profile = kind.and_then(|kind| kind.profiles.first());
                let url = profile.cloned().unwrap_or_else(|| format!("{FHIR}{}", name.text()));
                Self::root_of(library, &url)
            }
        }
    }
}

/// The steps of a path as a discriminator writes it.
///
/// # Errors
/// The part that is none of what discriminators may use.
pub(super) fn steps(path: &str) -> Result<Vec<Step>, String> {
    let mut out = Vec::new();
    for part in parts(path) {
        let inner = |name: &str| {
            let inner = part.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')')?;
            Some(inner.trim_matches(['\'', '"']).to_owned())
        };
        match part {
            "$this" | "" => {}
            "resolve()" => out.push(Step::Resolve),
            _ => {
                if let Some(url) = inner("extension") {
                    out.push(Step::Extension(url));
                } else if let Some(kind) = inner("ofType").or_else(|| inner("as")) {
                    out.push(Step::OfType(Name::of(kind.rsplit('.').next().unwrap_or(&kind))));
                } else if part.contains('(') {
                    return Err(part.to_owned());
                } else {
                    out.push(Step::Child(part.to_owned(), Name::of(part)));
                }
            }
        }
    }
    Ok(out)
}

/// The parts between dots, but not the dots in brackets.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    path.split(move |c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == '.' && depth == 0
    })
}

#[cfg(test)]
mod tests {
    use super::{Name, Step, steps};

    #[test]
    fn paths_are_taken_apart_outside_brackets_only() {
        let child = |name: &str| Step::Child(name.to_owned(), Name::of(name));
        let table = [
            ("$this", vec![]),
            ("$this.code", vec![child("code")]),
            ("code.coding", vec![child("code"), child("coding")]),
            ("extension('http://a.b/c').value", vec![Step::Extension("http://a.b/c".into()), child("value")]),
            ("subject.resolve()", vec![child("subject"), Step::Resolve]),
            ("value.ofType(Quantity).unit", vec![child("value"), Step::OfType(Name::of("Quantity")), child("unit")]),
        ];
        for (path, expected) in table {
            assert_eq!(steps(path).unwrap(), expected, "{path}");
        }
        assert_eq!(steps("code.first()"), Err("first()".to_owned()));
    }
}
