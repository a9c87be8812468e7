//! A site's own policies: read from a folder, checked against the schema, and put to every proof together with the
//! gateway's before they are taken. What is not proved is not taken.

use std::path::Path;

use super::error::ProveError;
use super::prover::Prover;
use crate::consent::Engine;
use crate::files;

/// A policy is a page of text.
const LARGEST: u64 = 1 << 20;

/// More policies than this are no site's.
const MOST: usize = 200;

/// The policies of a folder, as (file name, text), in the order of their names. Whatever lies there must be one: a file
/// that was passed over would be a rule somebody relies on.
///
/// # Errors
/// The folder or a file in it cannot be read; everything in it that is no policy, by name; or there is none.
pub fn read_folder(folder: &Path) -> Result<Vec<(String, String)>, ProveError> {
    let fault = |text: String| ProveError::Folder { folder: folder.display().to_string(), text };
    let cannot = |error: std::io::Error| fault(error.to_string());
    let home = folder.canonicalize().map_err(cannot)?;
    let mut names = Vec::new();
    for file in std::fs::read_dir(folder).map_err(cannot)?.take(MOST + 1) {
        names.push(file.map_err(cannot)?.file_name());
    }
    if names.len() > MOST {
        return Err(fault(format!("there are more than {MOST} files in it")));
    }
    if names.is_empty() {
        return Err(fault("there is no .cedar file in it".to_owned()));
    }
    names.sort();
    let mut found = Vec::new();
    let mut faults = Vec::new();
    for name in names {
        let path = folder.join(&name);
        // What a name holds is told on terminals.
        let shown = name.to_string_lossy().escape_debug().to_string();
        match policy(&home, &path) {
            Ok(text) => found.push((shown, text)),
            Err(text) => faults.push(format!("{shown}: {text}")),
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(fault(faults.join("; "))) }
}

/// The text of one file.
fn policy(home: &Path, path: &Path) -> Result<String, String> {
    let place = path.canonicalize().map_err(|error| format!("it cannot be read: {error}"))?;
    let found = place.metadata().map_err(|error| format!("it cannot be read: {error}"))?;
    if !found.is_file() {
        return Err(format!("it is {}, and only files that end in .cedar belong here", files::what(&found)));
    }
    if !place.starts_with(home) {
        return Err("it is a link to a file outside this folder".to_owned());
    }
    if path.extension().is_none_or(|ending| ending != "cedar") {
        return Err("its name does not end in .cedar (small letters): rename it, or put it elsewhere".to_owned());
    }
    files::read_text(&place, LARGEST).map_err(|error| error.to_string())
}

/// The engine with the gateway's policy, and with a site's where it has any.
///
/// # Errors
/// The policies have faults, or something that must hold of them is not proved: a site's policies are then refused, also
/// where only the solver is missing.
pub fn engine(folder: Option<&Path>) -> Result<Engine, ProveError> {
    let Some(folder) = folder else { return Ok(Engine::embedded()?) };
    let site = read_folder(folder)?;
    let (own, schema) = Engine::embedded_files();
    let mut all = own.to_vec();
    all.extend(site.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    // faults of a text are told first, since they need no solver
    let engine = Engine::load(&all, schema)?;
    Prover::new(&site)?.prove_all(&mut |_| {})?;
    Ok(engine)
}
