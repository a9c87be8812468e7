//! `audit verify`: whether the audit log is whole.

use std::process::ExitCode;

use super::{DatabaseOf, INVALID, block_on, said, serve, unusable};
use crate::audit;
use crate::store::{SqliteStore, Store};

pub(super) fn verify(of: &DatabaseOf, contains: Option<&str>) -> ExitCode {
    let path = match serve::database(of) {
        Ok(path) => path,
        Err(error) => return unusable(&error),
    };
    if !path.exists() {
        return unusable(&anyhow::anyhow!("there is no database at {}", path.display()));
    }
    let checked = block_on(async {
        let store = SqliteStore::open(&path).await?;
        let verdict = audit::verify(&store).await?;
        let found = match contains {
            Some(hash) => holds(&store, hash).await?,
            None => true,
        };
        anyhow::Ok((verdict, found))
    });
    match checked.and_then(|inner| inner) {
        Ok((Ok(whole), true)) => {
            said(format_args!("whole: {} entries, head {}", whole.entries, whole.head), ExitCode::SUCCESS)
        }
        Ok((Ok(_), false)) => {
            said(format_args!("changed: no entry has the hash given with --contains"), ExitCode::from(INVALID))
        }
        Ok((Err(fault), _)) => said(format_args!("changed: {fault}"), ExitCode::from(INVALID)),
        Err(error) => unusable(&error),
    }
}

async fn holds(store: &SqliteStore, hash: &str) -> anyhow::Result<bool> {
    let mut after = 0;
    loop {
        let page = store.audit_page(after, 1000).await?;
        let Some(last) = page.last() else { return Ok(false) };
        after = last.seq;
        if page.iter().any(|entry| entry.hash == hash) {
            return Ok(true);
        }
    }
}
