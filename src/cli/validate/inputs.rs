//! What is validated: files, folders, patterns and standard input, in the order in which they are named; NDJSON in pieces
//! of whole lines, so that a file of any size takes little memory. Judges nothing.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use crate::cli::{named, read_input};
use crate::files;

/// What a verdict is about: a file, or a line of it.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) file: Arc<FilePath>,
    pub(super) line: Option<usize>,
}

impl Place {
    pub(super) fn is_stdin(&self) -> bool {
        is_stdin(&self.file)
    }
}

fn is_stdin(path: &FilePath) -> bool {
    path.as_os_str() == "-"
}

/// An input that was named, or why there is none of that name.
pub(super) enum Path {
    File(PathBuf),
    Nothing(PathBuf, String),
}

/// Whether there is more than one piece of work.
pub(super) fn are_many(paths: &[Path]) -> bool {
    match paths {
        [Path::File(path)] => is_ndjson(path),
        [] | [Path::Nothing(..)] => false,
        _ => true,
    }
}

fn is_ndjson(path: &FilePath) -> bool {
    has_ending(path, &["ndjson", "jsonl"])
}

/// A piece of work.
pub(super) struct Item {
    pub(super) file: Arc<FilePath>,
    pub(super) what: What,
    /// Whether it is the last of its file.
    pub(super) is_last: bool,
}

pub(super) enum What {
    /// The whole file, which is still to be read.
    Whole,
    /// Lines of NDJSON, the first by its number.
    Lines {
        first: usize,
        bytes: Vec<u8>,
    },
    Nothing(String),
}

/// Lines are handed out together until they have this many bytes.
const PIECE: usize = 256 << 10;
/// Folders inside folders that are gone into.
const DEEPEST: usize = 64;

/// The inputs that some arguments name.
pub(super) fn paths(arguments: &[PathBuf]) -> Vec<Path> {
    let mut all = Vec::new();
    for argument in arguments {
        let before = all.len();
        if is_stdin(argument) || argument.is_file() {
            all.push(Path::File(argument.clone()));
        } else if argument.is_dir() {
            folder(argument, DEEPEST, &mut all);
            if all.len() == before {
                all.push(Path::Nothing(
                    argument.clone(),
                    "The folder holds no .json, .xml or .ndjson file.".to_owned(),
                ));
            }
        } else {
            pattern(argument, &mut all);
        }
    }
    all
}

/// The files of a folder and of those in it, by name; hidden ones and links to folders are passed over.
fn folder(path: &FilePath, depth: usize, all: &mut Vec<Path>) {
    let entries = std::fs::read_dir(path).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut entries = match entries {
        Ok(entries) => entries,
        Err(error) => return all.push(Path::Nothing(path.to_owned(), format!("The folder cannot be read: {error}."))),
    };
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let (path, name) = (entry.path(), entry.file_name());
        if name.to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if depth > 0 {
                folder(&path, depth - 1, all);
            } else {
                all.push(Path::Nothing(path, "The folder lies too deep and was not looked into.".to_owned()));
            }
        } else if has_ending(&path, &["json", "xml", "ndjson", "jsonl"]) && path.is_file() {
            all.push(Path::File(path));
        }
    }
}

/// The files that a pattern fits; what is no pattern is a file that reading will find to be absent.
fn pattern(argument: &FilePath, all: &mut Vec<Path>) {
    let text = argument.to_str().filter(|text| text.contains(['*', '?', '[']));
    let Some(text) = text else { return all.push(Path::File(argument.to_owned())) };
    let options =
        glob::MatchOptions { require_literal_separator: true, require_literal_leading_dot: true, ..Default::default() };
    let found = match glob::glob_with(text, options) {
        Ok(found) => found,
        Err(error) => {
            return all.push(Path::Nothing(argument.to_owned(), format!("This is no pattern: {}.", error.msg)));
        }
    };
    let before = all.len();
    for one in found {
        match one {
            Ok(path) if path.is_file() => all.push(Path::File(path)),
            Ok(_) => {}
            Err(error) => {
                let why = format!("The folder cannot be read: {}.", error.error());
                all.push(Path::Nothing(error.path().to_owned(), why));
            }
        }
    }
    if all.len() == before {
        all.push(Path::Nothing(argument.to_owned(), "No file fits this pattern.".to_owned()));
    }
}

fn has_ending(path: &FilePath, endings: &[&str]) -> bool {
    path.extension().is_some_and(|ending| endings.iter().any(|one| ending.eq_ignore_ascii_case(one)))
}

/// Reads a file, or standard input.
pub(super) fn read(path: &FilePath) -> io::Result<Vec<u8>> {
    if path.as_os_str() == "-" { read_input(path) } else { files::read_named(path, files::LARGEST) }
}

/// Whether what came without a name is NDJSON: more than one line, and each of them a value by itself.
pub(super) fn is_lines(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let is_whole = |line: &[u8]| serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok();
    lines.next().is_some_and(is_whole) && lines.next().is_some_and(is_whole) && lines.all(is_whole)
}

/// Whether a line of NDJSON is only a part of a value, or of an object of which the rest stands on other lines.
pub(super) fn is_part(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let ends_within = || serde_json::from_slice::<serde::de::IgnoredAny>(line).is_err_and(|error| error.is_eof());
    !line.starts_with(b"{") || ends_within()
}

/// The inputs as pieces of work, read as they are asked for.
pub(super) fn items(paths: Vec<Path>) -> impl Iterator<Item = Item> + Send {
    Items { paths: paths.into_iter(), open: None }
}

struct Items {
    paths: std::vec::IntoIter<Path>,
    open: Option<Open>,
}

/// A file of NDJSON that is being read.
struct Open {
    file: Arc<FilePath>,
    lines: BufReader<File>,
    next: usize,
    /// Whether there was anything but white space.
    filled: bool,
}

impl Iterator for Items {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        if let Some(open) = &mut self.open {
            let item = open.piece();
            if item.is_last {
                self.open = None;
            }
            return Some(item);
        }
        let (file, what) = match self.paths.next()? {
            // Read by the line; a pipe or a device is refused as one that would be read whole.
            Path::File(path) if is_ndjson(&path) && path.is_file() => match File::open(&path) {
                Ok(file) => {
                    self.open = Some(Open { file: path.into(), lines: BufReader::new(file), next: 1, filled: false });
                    return self.next();
                }
                Err(error) => (path, What::Nothing(format!("The file cannot be read: {error}."))),
            },
            Path::File(path) => (path, What::Whole),
            Path::Nothing(path, why) => (path, What::Nothing(why)),
        };
        Some(Item { file: file.into(), what, is_last: true })
    }
}

impl Open {
    fn piece(&mut self) -> Item {
        let (first, mut bytes) = (self.next, Vec::new());
        let mut is_last = false;
        while bytes.len() < PIECE {
            match self.lines.read_until(b'\n', &mut bytes) {
                Ok(0) => {
                    is_last = true;
                    break;
                }
                Ok(_) => self.next += 1,
                Err(error) => {
                    let why = format!("{} cannot be read from line {} on: {error}.", named(&self.file), self.next);
                    return Item { file: self.file.clone(), what: What::Nothing(why), is_last: true };
                }
            }
        }
        self.filled |= !bytes.trim_ascii().is_empty();
        let what = if is_last && !self.filled {
            What::Nothing("The file is empty: there is no line to validate.".to_owned())
        } else {
            What::Lines { first, bytes }
        };
        Item { file: self.file.clone(), what, is_last }
    }
}
