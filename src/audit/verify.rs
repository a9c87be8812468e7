//! Checks the audit log from its first entry to its head, and says exactly where it stops being true.

use crate::store::{GENESIS, Store, StoreError, StoredAudit, link};

/// How many entries are read at once; bounds memory, not the check.
const PAGE: u32 = 1000;

/// A whole log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub entries: i64,
    /// Hash of the last entry. Written down elsewhere, it proves later that nothing before it has changed.
    pub head: String,
}

/// Where the log stops being true.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("entry {0} is missing: the log goes on with entry {1}")]
    Missing(i64, i64),
    #[error("entry {0} does not follow from the entry before it: an entry was put in, taken out or moved here")]
    Moved(i64),
    #[error("entry {0} was changed after it was written")]
    Changed(i64),
    #[error("the log ends at entry {found}, but {expected} entries were written: entries are missing from the end")]
    Truncated { found: i64, expected: i64 },
    #[error("the record of where the log ends does not match its last entry ({0})")]
    Head(i64),
    #[error("the log has {0} entries, but no record of where it ends")]
    NoHead(i64),
}

/// Reads the whole log and checks every link.
///
/// # Errors
/// The store's own failure. A log that is not true is not an error here: it is the inner [`Fault`].
pub async fn verify(store: &dyn Store) -> Result<Result<Verified, Fault>, StoreError> {
    // The head first: entries appended while we read are then more than expected, never fewer.
    let head = store.audit_head().await?;
    let mut checked = Verified { entries: 0, head: GENESIS.to_owned() };
    let expected = head.as_ref().map_or(0, |(seq, _)| *seq);
    let mut head_hash_seen = None;
    loop {
        let page = store.audit_page(checked.entries, PAGE).await?;
        if page.is_empty() {
            break;
        }
        for entry in page {
            if let Err(fault) = follow(&mut checked, &entry) {
                return Ok(Err(fault));
            }
            if checked.entries == expected {
                head_hash_seen = Some(checked.head.clone());
            }
        }
    }
    Ok(match head {
        None if checked.entries == 0 => Ok(checked),
        None => Err(Fault::NoHead(checked.entries)),
        Some((seq, _)) if checked.entries < seq => Err(Fault::Truncated { found: checked.entries, expected: seq }),
        Some((seq, hash)) if head_hash_seen.as_deref() != Some(hash.as_str()) => Err(Fault::Head(seq)),
        Some(_) => Ok(checked),
    })
}

/// Checks one entry against the chain so far and moves the chain on to it.
fn follow(checked: &mut Verified, entry: &StoredAudit) -> Result<(), Fault> {
    let seq = checked.entries + 1;
    if entry.seq != seq {
        return Err(Fault::Missing(seq, entry.seq));
    }
    if entry.prev != checked.head {
        return Err(Fault::Moved(seq));
    }
    if link(&entry.prev, entry.seq, entry.at, &entry.body) != entry.hash {
        return Err(Fault::Changed(seq));
    }
    checked.entries = seq;
    checked.head.clone_from(&entry.hash);
    Ok(())
}
