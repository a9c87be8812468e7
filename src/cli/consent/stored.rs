//! Where recorded decisions come from: the database, or a file of records.

use std::io::BufRead;
use std::path::Path;

use anyhow::Context;
use uuid::Uuid;

use super::super::{DatabaseOf, block_on, named, read_input, serve};
use crate::store::SqliteStore;

/// Which decisions.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which<'a> {
    One(Uuid),
    All,
    /// Those of a file, one a line.
    File(&'a Path),
}

impl<'a> Which<'a> {
    pub(super) const fn of(decision: Option<Uuid>, record: Option<&'a Path>) -> Self {
        match (decision, record) {
            (Some(id), _) => Self::One(id),
            (None, Some(file)) => Self::File(file),
            (None, None) => Self::All,
        }
    }
}

/// Each decision's name and record.
pub(super) fn records(of: &DatabaseOf, which: &Which<'_>) -> anyhow::Result<Vec<(String, String)>> {
    if let Which::File(file) = which {
        let bytes = read_input(file).with_context(|| format!("{} cannot be read", named(file)))?;
        let lines: Result<Vec<String>, _> = bytes.lines().collect();
        let lines = lines.with_context(|| format!("{} is not UTF-8", named(file)))?;
        let numbered = lines.into_iter().enumerate().filter(|(_, line)| !line.trim().is_empty());
        return Ok(numbered.map(|(number, line)| (format!("{}:{}", named(file), number + 1), line)).collect());
    }
    let path = serve::database(of)?;
    anyhow::ensure!(path.exists(), "there is no database at {}", named(&path));
    let only = if let Which::One(id) = which { Some(*id) } else { None };
    let read = block_on(async move {
        let store = SqliteStore::open(&path).await?;
        anyhow::Ok(store.decision_records(only).await?)
    })?;
    Ok(read?.into_iter().map(|(id, record)| (id.to_string(), record)).collect())
}
