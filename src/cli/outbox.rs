//! `outbox failed` and `outbox retry`: what was given up, and the way back into the queue.

use std::process::ExitCode;

use jiff::Timestamp;
use uuid::Uuid;

use super::{DatabaseOf, INVALID, block_on, complain, said, serve, unusable};
use crate::audit::{Entry, Event};
use crate::store::{DeliveryStatus, SqliteStore, Store};

pub(super) fn failed(of: &DatabaseOf) -> ExitCode {
    let listed = serve::database(of)
        .and_then(|path| block_on(async move { anyhow::Ok(SqliteStore::open(&path).await?.failed().await?) })?);
    match listed {
        Ok(rows) if rows.is_empty() => said(format_args!("Nothing was given up."), ExitCode::SUCCESS),
        Ok(rows) => {
            let line = |row: DeliveryStatus| {
                let (DeliveryStatus { delivery, recipient, attempts, .. }, kind) = (&row, row.kind.code());
                let reason = row.reason.as_deref().unwrap_or_default();
                format!("{delivery}  {kind}  {recipient}  after {attempts} attempts: {reason}")
            };
            said(format_args!("{}", rows.into_iter().map(line).collect::<Vec<_>>().join("\n")), ExitCode::SUCCESS)
        }
        Err(error) => unusable(&error),
    }
}

pub(super) fn retry(of: &DatabaseOf, delivery: Uuid) -> ExitCode {
    let now = Timestamp::now();
    let mut entry = Entry::new(Event::Requeued, now).delivery(delivery);
    entry.agent = Some("command line".to_owned());
    let done = serve::database(of).and_then(|path| {
        block_on(
            async move { anyhow::Ok(SqliteStore::open(&path).await?.requeue(delivery, now, entry.record()).await?) },
        )?
    });
    match done {
        Ok(true) => said(format_args!("{delivery} is back in the queue."), ExitCode::SUCCESS),
        Ok(false) => {
            complain(format_args!("cmht-gateway: {delivery} is not a delivery that was given up"));
            ExitCode::from(INVALID)
        }
        Err(error) => unusable(&error),
    }
}
