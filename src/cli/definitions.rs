//! `definitions build`: packs from FHIR packages; `definitions guide`: our own implementation guide. Both give the same
//! bytes each time.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;

use super::{INVALID, complain, said, unusable};
use crate::definitions::build::{self, Built};
use crate::definitions::package::Package;
use crate::definitions::{Library, library};
use crate::guide;

/// Builds the packs of the packages `from` and writes them below `to`.
pub(super) fn build(from: &[PathBuf], to: &Path) -> ExitCode {
    let built = match packs(from).and_then(|built| write(&built, to).map(|()| built)) {
        Ok(built) => built,
        Err(error) => return unusable(&error),
    };
    for note in &built.notes {
        complain(format_args!("{note}"));
    }
    for url in &built.left_out {
        complain(format_args!("left out, as it lists a whole terminology: {url}"));
    }
    let code = if built.notes.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(INVALID) };
    let line = |(place, pack): (&String, &crate::definitions::pack::Written)| {
        let count = built.counts.get(place).copied().unwrap_or_default();
        format!("{place}: {count} definitions, {} kB, index {} kB", pack.data.len() / 1000, pack.index.len() / 1000)
    };
    let lines: Vec<String> = built.packs.iter().map(line).collect();
    said(format_args!("{}", lines.join("\n")), code)
}

/// Writes the implementation guide below `to`.
pub(super) fn guide(to: &Path) -> ExitCode {
    let files = match guide::files() {
        Ok(files) => files,
        Err(error) => return unusable(&error.into()),
    };
    for (place, text) in &files {
        if let Err(error) = write_file(&to.join(place), text.as_bytes()) {
            return unusable(&error);
        }
    }
    said(format_args!("{} conformance resources", files.len()), ExitCode::SUCCESS)
}

/// What the packages build on is looked up among themselves, then in the packs of this binary.
fn packs(from: &[PathBuf]) -> anyhow::Result<Built> {
    let packages = from.iter().map(|path| Package::read(path)).collect::<Result<Vec<_>, _>>()?;
    Ok(build::build(packages, Library::of_packs(library::embedded_packs()))?)
}

fn write(built: &Built, to: &Path) -> anyhow::Result<()> {
    for (place, pack) in &built.packs {
        let (index, data) = (to.join(format!("{place}.index")), to.join(format!("{place}.jsonl.gz")));
        for (path, bytes) in [(index, pack.index.as_bytes()), (data, pack.data.as_slice())] {
            write_file(&path, bytes)?;
        }
    }
    Ok(())
}

/// Writes a file and the folders it stands in.
fn write_file(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(path, bytes))
        .with_context(|| format!("cannot write {}", path.display()))
}
