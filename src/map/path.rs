//! FHIRPath of an element, kept as steps and written out only when somebody asks: most elements are never spoken of.

use std::fmt::{self, Display, Formatter};
use std::rc::Rc;

/// Where an element stands in the bundle.
#[derive(Clone)]
pub(super) struct Path<'n>(Rc<Step<'n>>);

enum Step<'n> {
    Start(String),
    Entry(usize),
    Key(Path<'n>, &'n str),
    Item(Path<'n>, &'n str, usize),
    Extension(Path<'n>, &'n str),
    Resolve(Path<'n>),
}

impl<'n> Path<'n> {
    /// The resource of an entry of the bundle.
    pub(super) fn entry(place: usize) -> Self {
        Self(Rc::new(Step::Entry(place)))
    }

    pub(super) fn key(&self, key: &'n str) -> Self {
        Self(Rc::new(Step::Key(self.clone(), key)))
    }

    pub(super) fn item(&self, key: &'n str, place: usize) -> Self {
        Self(Rc::new(Step::Item(self.clone(), key, place)))
    }

    pub(super) fn extension(&self, url: &'n str) -> Self {
        Self(Rc::new(Step::Extension(self.clone(), url)))
    }

    /// What the reference here leads to.
    pub(super) fn resolve(&self) -> Self {
        Self(Rc::new(Step::Resolve(self.clone())))
    }
}

impl From<&str> for Path<'_> {
    fn from(start: &str) -> Self {
        start.to_owned().into()
    }
}

impl From<String> for Path<'_> {
    fn from(start: String) -> Self {
        Self(Rc::new(Step::Start(start)))
    }
}

impl Display for Path<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Step::Start(start) => f.write_str(start),
            Step::Entry(place) => write!(f, "Bundle.entry[{place}].resource"),
            Step::Key(parent, key) => write!(f, "{parent}.{key}"),
            Step::Item(parent, key, place) => write!(f, "{parent}.{key}[{place}]"),
            Step::Extension(parent, url) => {
                let plain = !url.contains(|c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'));
                write!(f, "{parent}.extension('{}')", if plain { url } else { "?" })
            }
            Step::Resolve(parent) => write!(f, "{parent}.resolve()"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Path;

    #[test]
    fn a_path_is_written_as_fhirpath() {
        let path = Path::entry(3).item("generalPractitioner", 0).resolve().extension("urn:a").key("valueString");
        assert_eq!(
            path.to_string(),
            "Bundle.entry[3].resource.generalPractitioner[0].resolve().extension('urn:a').valueString"
        );
    }
}
