//! FHIR packages: a `.tgz` or a folder, its conformance resources read one file after another and reduced to facts
//! (<https://hl7.org/fhir/R4/packages.html>; UK Core comes as a folder of XML). Nothing is written to disk, so a name in
//! an archive can do no harm; sizes and counts are limited, so an archive cannot fill memory either.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::facts::Definition;
use crate::fhir::{self, Format, Limits};

/// A package, read.
#[derive(Debug, Default)]
pub struct Package {
    /// From `package.json`; empty where there is none.
    pub name: String,
    pub version: String,
    /// What it defines, by URL and version, each once.
    pub definitions: Vec<Definition>,
    /// Questionnaires with an address, whole: responses are held against all that they say.
    pub questionnaires: Vec<Value>,
    /// Files that could not be read as FHIR, and why. A package with some of these is still of use.
    pub unread: Vec<(String, String)>,
}

/// Why a package could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    #[error("{path} cannot be read")]
    Unreadable { path: PathBuf, source: io::Error },
    #[error(
        "{path} is no FHIR package: give a .tgz (a gzipped tar archive, as the registries have it) or the folder it unpacks to"
    )]
    NoArchive { path: PathBuf, source: io::Error },
    #[error("{path} holds more than a FHIR package may: {what}")]
    TooMuch { path: PathBuf, what: &'static str },
}

/// The largest file: R4's own `Bundle-resources.json` has 35 MB.
const LARGEST_FILE: usize = 64 << 20;
/// All files of an archive together, unpacked: R4 with its examples has 400 MB.
const LARGEST_ARCHIVE: u64 = 1 << 30;
const MOST_FILES: usize = 50_000;
const DEEPEST_FOLDER: usize = 6;
const LIMITS: Limits = Limits { max_bytes: LARGEST_FILE, max_depth: 120 };

/// The bundles in which R4 is published; other bundles in packages are examples.
const BUNDLES: [&str; 8] = [
    "Bundle-resources.json",
    "Bundle-types.json",
    "Bundle-profiles-others.json",
    "Bundle-extensions.json",
    "Bundle-valuesets.json",
    "Bundle-v2-valuesets.json",
    "Bundle-v3-valuesets.json",
    "Bundle-searchParams.json",
];
/// Folders of a package that hold no definitions, or the same ones once more.
const ASIDE: [&str; 5] = ["examples", "example", "other", "xml", "openapi"];

impl Package {
    /// Reads the package at `path`: a folder, or an archive as `npm pack` and the FHIR registries give it.
    ///
    /// # Errors
    /// The file or folder cannot be read, is no gzipped tar archive, or holds too much.
    pub fn read(path: &Path) -> Result<Self, PackageError> {
        let mut package = Self::default();
        let broken = |source| PackageError::Unreadable { path: path.to_owned(), source };
        let done = if path.is_dir() {
            package.read_folder(path, DEEPEST_FOLDER, &mut 0).map_err(broken)
        } else {
            let file = File::open(path).map_err(broken)?;
            package.read_archive(file).map_err(|source| PackageError::NoArchive { path: path.to_owned(), source })
        };
        if let Some(what) = done? {
            return Err(PackageError::TooMuch { path: path.to_owned(), what });
        }
        package.settle();
        Ok(package)
    }

    /// Sorts, and drops what is there twice.
    fn settle(&mut self) {
        fn key(definition: &Definition) -> (&str, &'static str, &str) {
            (definition.url(), definition.kind(), definition.version())
        }
        self.definitions.sort_by(|a, b| key(a).cmp(&key(b)));
        self.definitions.dedup_by(|a, b| key(a) == key(b));
        self.unread.sort();
    }

    fn read_folder(&mut self, folder: &Path, depth: usize, seen: &mut usize) -> io::Result<Option<&'static str>> {
        let mut entries = std::fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let kind = entry.file_type()?;
            let name = entry.file_name();
            *seen += 1;
            if *seen > MOST_FILES {
                return Ok(Some("too many files"));
            }
            if kind.is_dir() && depth > 0 && !ASIDE.iter().any(|aside| name == OsStr::new(aside)) {
                if let Some(what) = self.read_folder(&entry.path(), depth - 1, seen)? {
                    return Ok(Some(what));
                }
            } else if kind.is_file() && self.wants(&name.to_string_lossy()) {
                // a link is neither, and is not followed out of the folder
                let mut bytes = Vec::new();
                File::open(entry.path())?.take(LARGEST_FILE as u64 + 1).read_to_end(&mut bytes)?;
                if bytes.len() > LARGEST_FILE {
                    return Ok(Some("a file is too large"));
                }
                self.take(&name.to_string_lossy(), &bytes);
            }
        }
        Ok(None)
    }

    fn read_archive(&mut self, file: File) -> io::Result<Option<&'static str>> {
        let unpacked = flate2::read::MultiGzDecoder::new(io::BufReader::new(file)).take(LARGEST_ARCHIVE);
        let mut archive = tar::Archive::new(unpacked);
        let mut seen = 0;
        for entry in archive.entries()? {
            let mut entry = entry?;
            seen += 1;
            if seen > MOST_FILES {
                return Ok(Some("too many files"));
            }
            let path = entry.path()?.into_owned();
            let aside = path.components().any(|part| ASIDE.iter().any(|aside| part.as_os_str() == OsStr::new(aside)));
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if aside || !entry.header().entry_type().is_file() || !self.wants(&name) {
                continue;
            }
            if entry.size() > LARGEST_FILE as u64 {
                return Ok(Some("a file is too large"));
            }
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes)?;
            self.take(&name, &bytes);
        }
        let whole = archive.into_inner().limit() > 0;
        Ok((!whole).then_some("more than a gigabyte when unpacked"))
    }

    /// Whether a file may hold definitions, as far as its name tells.
    fn wants(&self, name: &str) -> bool {
        let format = matches!(name.rsplit_once('.'), Some((_, "json" | "xml")));
        // in R4's package of examples the definitions are in the bundles, and once more as examples
        let single = !self.name.ends_with(".examples");
        format && !name.starts_with('.') && if name.starts_with("Bundle-") { BUNDLES.contains(&name) } else { single }
    }

    fn take(&mut self, name: &str, bytes: &[u8]) {
        if name == "package.json" {
            let manifest: Value = serde_json::from_slice(bytes).unwrap_or_default();
            let text = |key: &str| manifest.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            (self.name, self.version) = (text("name"), text("version"));
            return;
        }
        let format = if matches!(name.rsplit_once('.'), Some((_, "xml"))) { Format::Xml } else { Format::Json };
        if format == Format::Json && !has_definitions(bytes) {
            return;
        }
        match fhir::read(bytes, format, &LIMITS) {
            Ok(resource) => self.keep(&resource),
            Err(issue) => self.unread.push((name.to_owned(), issue.text)),
        }
    }

    /// Keeps a definition, or those of a bundle.
    fn keep(&mut self, resource: &Value) {
        match resource.get("entry").and_then(Value::as_array) {
            Some(entries) => {
                let resources = entries.iter().filter_map(|entry| entry.get("resource"));
                self.definitions.extend(resources.filter_map(Definition::from_fhir));
            }
            None if resource.get("resourceType").and_then(Value::as_str) == Some("Questionnaire") => {
                if resource.get("url").is_some_and(Value::is_string) {
                    self.questionnaires.push(resource.clone());
                }
            }
            None => self.definitions.extend(Definition::from_fhir(resource)),
        }
    }
}

/// Whether the bytes name a type that is kept: parsing the rest of a package would cost more than reading it.
fn has_definitions(bytes: &[u8]) -> bool {
    const KEPT: [&[u8]; 5] =
        [b"\"StructureDefinition\"", b"\"CodeSystem\"", b"\"ValueSet\"", b"\"SearchParameter\"", b"\"Questionnaire\""];
    KEPT.into_iter().any(|name| bytes.windows(name.len()).any(|window| window == name))
}
