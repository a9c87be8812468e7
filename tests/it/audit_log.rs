//! The audit log notices every change: an entry altered, removed, moved, or cut off the end.

use cmht_gateway::audit::{self, Entry, Event, Fault};
use cmht_gateway::store::{SqliteStore, Store};
use jiff::Timestamp;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

const FREE: &str = "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete;";

async fn store_with(entries: usize) -> (tempfile::TempDir, SqliteStore, SqlitePool) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.db");
    let store = SqliteStore::open(&path).await.unwrap();
    for number in 0..entries {
        let entry = Entry::new(Event::Received, Timestamp::UNIX_EPOCH).outcome(format!("entry-{number}"));
        store.append_audit(vec![entry.record()]).await.unwrap();
    }
    let raw = SqlitePool::connect_with(SqliteConnectOptions::new().filename(&path)).await.unwrap();
    (folder, store, raw)
}

#[tokio::test]
async fn an_untouched_log_is_whole() {
    let (_folder, store, _raw) = store_with(2500).await;
    assert_eq!(audit::verify(&store).await.unwrap().unwrap().entries, 2500);
}

#[tokio::test]
async fn an_empty_log_is_whole() {
    let (_folder, store, _raw) = store_with(0).await;
    assert_eq!(audit::verify(&store).await.unwrap().unwrap().entries, 0);
}

#[tokio::test]
async fn the_database_itself_refuses_to_change_or_remove_an_entry() {
    let (_folder, _store, raw) = store_with(3).await;
    assert!(sqlx::query("UPDATE audit SET body = 'x' WHERE seq = 2").execute(&raw).await.is_err());
    assert!(sqlx::query("DELETE FROM audit WHERE seq = 2").execute(&raw).await.is_err());
}

#[tokio::test]
async fn every_kind_of_tampering_is_found_where_it_is() {
    let cases: &[(&'static str, Fault)] = &[
        ("UPDATE audit SET body = replace(body, 'entry-1', 'entry-x') WHERE seq = 2", Fault::Changed(2)),
        ("UPDATE audit SET at = 5 WHERE seq = 3", Fault::Changed(3)),
        ("UPDATE audit SET hash = 'f' WHERE seq = 3", Fault::Changed(3)),
        ("DELETE FROM audit WHERE seq = 3", Fault::Missing(3, 4)),
        ("DELETE FROM audit WHERE seq = 1", Fault::Missing(1, 2)),
        ("DELETE FROM audit WHERE seq = 5", Fault::Truncated { found: 4, expected: 5 }),
        ("DELETE FROM audit", Fault::Truncated { found: 0, expected: 5 }),
        (
            "UPDATE audit SET seq = 99 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 99",
            Fault::Moved(2),
        ),
        ("DELETE FROM audit WHERE seq = 3; UPDATE audit SET seq = seq - 1 WHERE seq > 3", Fault::Moved(3)),
        ("DELETE FROM audit_head", Fault::NoHead(5)),
        ("UPDATE audit_head SET hash = 'f'", Fault::Head(5)),
    ];
    for (tampering, expected) in cases {
        let (_folder, store, raw) = store_with(5).await;
        sqlx::raw_sql(FREE).execute(&raw).await.unwrap();
        sqlx::raw_sql(*tampering).execute(&raw).await.unwrap();
        assert_eq!(audit::verify(&store).await.unwrap().unwrap_err(), *expected, "{tampering}");
    }
}
