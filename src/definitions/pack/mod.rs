//! Packs: definitions in a stable text form, one JSON object a line, sorted by URL, in a gzip file that any `zcat` shows.
//! The gzip file is made of members of about 100 kB each, and an index beside it says in which a definition is, so that
//! reading one definition unpacks one member. Knows no FHIR.

mod write;

use std::borrow::Cow;
use std::io::Read;

use super::facts::{CodeSystem, Definition, Profile, SearchParameter, ValueSet};

pub use write::{Written, write};

/// A pack: packed definitions and their index. Cheap to make: nothing is read until it is asked for.
#[derive(Debug, Clone)]
pub struct Pack {
    index: Cow<'static, str>,
    data: Cow<'static, [u8]>,
}

/// One line of an index: where a definition is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    pub url: &'a str,
    pub kind: &'a str,
    pub version: &'a str,
    /// The member: where it starts in the packed data, and its length there.
    member: (usize, usize),
    /// The line: where it starts and ends in the unpacked member.
    line: (usize, usize),
}

impl<'a> Row<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let mut parts = line.split('\t');
        let (url, kind, version) = (parts.next()?, parts.next()?, parts.next()?);
        let mut number = || parts.next()?.parse().ok();
        let (member, line) = ((number()?, number()?), (number()?, number()?));
        Some(Self { url, kind, version, member, line })
    }
}

impl Pack {
    /// A pack that is part of the binary.
    #[must_use]
    pub const fn embedded(index: &'static str, data: &'static [u8]) -> Self {
        Self { index: Cow::Borrowed(index), data: Cow::Borrowed(data) }
    }

    /// A pack that was read or has just been written.
    #[must_use]
    pub const fn owned(index: String, data: Vec<u8>) -> Self {
        Self { index: Cow::Owned(index), data: Cow::Owned(data) }
    }

    /// Everything that is in it, by URL.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.index.lines().filter_map(Row::read)
    }

    /// The profile, extension or type with this URL; without a version the highest.
    #[must_use]
    pub fn profile(&self, url: &str, version: Option<&str>) -> Option<Profile> {
        self.read(&self.row("StructureDefinition", url, version)?)
    }

    /// The code system with this URL.
    #[must_use]
    pub fn code_system(&self, url: &str, version: Option<&str>) -> Option<CodeSystem> {
        self.read(&self.row("CodeSystem", url, version)?)
    }

    /// The value set with this URL.
    #[must_use]
    pub fn value_set(&self, url: &str, version: Option<&str>) -> Option<ValueSet> {
        self.read(&self.row("ValueSet", url, version)?)
    }

    /// The search parameter with this URL.
    #[must_use]
    pub fn search_parameter(&self, url: &str, version: Option<&str>) -> Option<SearchParameter> {
        self.read(&self.row("SearchParameter", url, version)?)
    }

    /// The definition a row of the index points at. `None` where the pack is damaged.
    #[must_use]
    pub fn definition(&self, row: &Row<'_>) -> Option<Definition> {
        match row.kind {
            "StructureDefinition" => self.read(row).map(Definition::Profile),
            "CodeSystem" => self.read(row).map(Definition::CodeSystem),
            "ValueSet" => self.read(row).map(Definition::ValueSet),
            "SearchParameter" => self.read(row).map(Definition::SearchParameter),
            _ => None,
        }
    }

    fn row(&self, kind: &str, url: &str, version: Option<&str>) -> Option<Row<'_>> {
        let matching = self.starting(url).take_while(|row| row.url == url).filter(|row| row.kind == kind);
        matching.filter(|row| version.is_none_or(|version| row.version == version)).last()
    }

    /// The rows from the first with this URL on: a search by halves over the bytes, as lines are sorted by URL.
    fn starting(&self, url: &str) -> impl Iterator<Item = Row<'_>> {
        let text = self.index.as_ref();
        let (mut low, mut high) = (0, text.len());
        while low < high {
            let middle = text.floor_char_boundary(low.midpoint(high));
            let start = text.get(..middle).and_then(|t| t.rfind('\n')).map_or(0, |at| at + 1).max(low);
            let line = text.get(start..).and_then(|t| t.lines().next()).unwrap_or_default();
            if line.split('\t').next().unwrap_or_default() < url {
                low = (start + line.len() + 1).min(text.len());
            } else {
                high = start;
            }
        }
        text.get(low..).unwrap_or_default().lines().filter_map(Row::read)
    }

    fn read<T: serde::de::DeserializeOwned>(&self, row: &Row<'_>) -> Option<T> {
        let (start, length) = row.member;
        let packed = self.data.get(start..start.checked_add(length)?)?;
        let mut line = Vec::new();
        flate2::read::GzDecoder::new(packed).take(row.line.1 as u64).read_to_end(&mut line).ok()?;
        serde_json::from_slice(line.get(row.line.0..row.line.1)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(url: &str, version: &str) -> Definition {
        let version = (!version.is_empty()).then(|| version.to_owned());
        Definition::CodeSystem(CodeSystem { url: url.to_owned(), version, ..CodeSystem::default() })
    }

    fn pack(definitions: &[Definition]) -> Pack {
        let written = write(definitions).unwrap();
        Pack::owned(written.index, written.data)
    }

    #[test]
    fn each_definition_of_many_is_found_by_its_url_and_no_other_is() {
        let many: Vec<_> = (0..500).map(|n| system(&format!("https://a.example/{n}"), "1")).collect();
        let pack = pack(&many);
        for one in &many {
            let Definition::CodeSystem(expected) = one else { unreachable!() };
            assert_eq!(pack.code_system(one.url(), None).as_ref(), Some(expected));
        }
        for missing in ["", "https://a.example/", "https://a.example/500", "https://a.example/1x", "z"] {
            assert_eq!(pack.code_system(missing, None), None, "{missing}");
        }
    }

    #[test]
    fn a_version_means_that_version_and_none_means_the_last() {
        let pack = pack(&[system("u", "2.0"), system("u", "1.0")]);
        assert_eq!(pack.code_system("u", Some("1.0")).unwrap().version.as_deref(), Some("1.0"));
        assert_eq!(pack.code_system("u", None).unwrap().version.as_deref(), Some("2.0"));
        assert_eq!(pack.code_system("u", Some("3.0")), None);
    }

    #[test]
    fn a_code_system_is_not_given_for_a_value_set_of_the_same_url() {
        assert_eq!(pack(&[system("u", "")]).value_set("u", None), None);
    }

    #[test]
    fn a_damaged_pack_gives_nothing_rather_than_something_else() {
        let mut written = write(&[system("u", "1")]).unwrap();
        written.data.truncate(12);
        assert_eq!(Pack::owned(written.index, written.data).code_system("u", None), None);
    }
}
