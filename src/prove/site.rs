//! A site's own policies: read from a folder, checked against the schema, and put to every proof together with the
//! gateway's before they are taken. What is not proved is not taken.

use std::path::Path;

use super::error::ProveError;
use super::prover::Prover;
use crate::consent::Engine;

/// The policies of a folder, as (file name, text), in the order of their names; other files are left alone.
///
/// # Errors
/// The folder or a file in it cannot be read, or there is no policy in it.
pub fn read_folder(folder: &Path) -> Result<Vec<(String, String)>, ProveError> {
    let fault = |text: String| ProveError::Folder { folder: folder.display().to_string(), text };
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder).map_err(|error| fault(error.to_string()))? {
        let path = file.map_err(|error| fault(error.to_string()))?.path();
        if path.extension().is_some_and(|extension| extension == "cedar") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).map_err(|error| fault(format!("{name}: {error}")))?;
            found.push((name, text));
        }
    }
    found.sort();
    if found.is_empty() { Err(fault("there is no .cedar file in it".to_owned())) } else { Ok(found) }
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
