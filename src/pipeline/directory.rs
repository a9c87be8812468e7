//! The directory as it changes: what is kept of it, who may change it, and which one a past message was decided under.
//! What may stand in a directory is `directory`'s to say.

use std::sync::{Arc, PoisonError};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{Gateway, Parts, busy, unavailable};
use crate::audit::{Entry, Event};
use crate::auth::Caller;
use crate::directory::{Directory, DirectoryFault, EntryChange, Rows, Share};
use crate::intake::Refusal;
use crate::model::{Category, Issue, IssueCode, MessageId, PartyId};
use crate::store::{DirectorySource, NewDirectory, Store, StoreError};

/// How often a change is made anew because another came first.
const MOST_TRIES: usize = 4;
/// Past directories held in memory, for those who ask about old messages.
const MOST_HELD: usize = 16;

/// Who changes the directory, and how.
#[derive(Debug, Clone)]
pub struct By {
    pub party: PartyId,
    /// Client, portal user, or `command line`.
    pub agent: String,
    pub source: DirectorySource,
    pub now: Timestamp,
}

/// The directory a gateway begins with: the latest version kept, with what has changed in the file since the file was last
/// read; the file itself where none is kept, or where the two changes do not go together.
///
/// # Errors
/// The store does not answer, or what it kept cannot be read.
pub async fn kept(
    store: &dyn Store,
    file: Directory,
    own: &PartyId,
    now: Timestamp,
) -> Result<(Directory, i64), StoreError> {
    let read_now = digest(&file);
    for _ in 0..MOST_TRIES {
        let versions = store.directories().await?;
        let latest = versions.first().map_or(0, |version| version.number);
        // What was changed here since the file was last read, with what has changed in the file.
        let both = match versions.iter().find(|version| version.source == DirectorySource::File) {
            None => None,
            Some(read) if read.digest == read_now => return Ok((at(store, latest).await?, latest)),
            Some(read) => {
                let (before, current) = (at(store, read.number).await?, at(store, latest).await?);
                let both = current.with_file(&before, &file).ok().filter(|both| both.unfit_for(own, now).is_empty());
                if both.is_none() {
                    tracing::warn!(
                        version = latest,
                        "the directory file and what was changed since clash; the file is taken"
                    );
                }
                both.filter(|both| digest(both) != read_now)
            }
        };
        let mut by = By { party: own.clone(), agent: "start".to_owned(), source: DirectorySource::File, now };
        // The file itself is kept too: by it is told what has changed in it the next time.
        let Some(number) = put(store, &by, latest, &file, read_now.clone()).await? else { continue };
        let Some(both) = both else { return Ok((file, number)) };
        by.source = DirectorySource::Import;
        let merged = digest(&both);
        if let Some(number) = put(store, &by, number, &both, merged).await? {
            return Ok((both, number));
        }
    }
    Err(StoreError::Corrupt("directory version"))
}

/// A version as it was kept.
async fn at(store: &dyn Store, number: i64) -> Result<Directory, StoreError> {
    let text = store.directory_at(number).await?.ok_or(StoreError::Corrupt("directory version"))?;
    Directory::from_toml(&text).map_err(|_| StoreError::Corrupt("directory"))
}

async fn put(
    store: &dyn Store,
    by: &By,
    based_on: i64,
    directory: &Directory,
    digest: String,
) -> Result<Option<i64>, StoreError> {
    let mut entry = Entry::new(Event::DirectoryChanged, by.now).actor(&by.party, &by.agent).digest(digest.clone());
    entry.record = Some(format!("directory/{}", based_on + 1));
    let audit = entry.outcome(by.source.code()).record();
    let (source, agent, text) = (by.source, by.agent.clone(), directory.to_toml());
    let new = NewDirectory { based_on, at: by.now, source, by: by.party.clone(), agent, digest, text };
    store.put_directory(new, audit).await
}

fn digest(directory: &Directory) -> String {
    format!("{:x}", Sha256::digest(directory.to_toml()))
}

/// Every fault as a finding.
#[must_use]
pub fn refused(faults: &[DirectoryFault]) -> Refusal {
    let unreadable = faults.iter().any(|fault| fault.category() == Category::Malformed);
    let code = if unreadable { IssueCode::Structure } else { IssueCode::Value };
    let finding = |fault: &DirectoryFault| {
        let place =
            if fault.field.is_empty() { fault.entry.clone() } else { format!("{}, {}", fault.entry, fault.field) };
        Issue::error(code, format!("{fault}.")).at(place).rule("directory")
    };
    let category = if unreadable { Category::Malformed } else { Category::Invalid };
    Refusal::new(category, faults.iter().map(finding).collect())
}

fn conflict(version: i64) -> Refusal {
    let text = format!(
        "The directory has changed since: it is at version {version} now. Read it again, make your change there, and send \
         it with If-Match: W/\"{version}\"."
    );
    Refusal::one(Category::Duplicate, IssueCode::Conflict, text)
}

impl Gateway {
    /// Whether a party is the organisation that runs this gateway, or a team of it.
    pub fn runs_this(&self, party: &PartyId, now: Timestamp) -> bool {
        let Parts { directory, own, .. } = &*self.parts();
        directory.party(party, now).is_some_and(|party| party.organisation() == own)
    }

    /// Whether the caller acts for the organisation that runs this gateway.
    pub fn is_trust(&self, caller: &Caller) -> bool {
        *caller.party.organisation() == self.parts().own
    }

    /// What a caller may read of the directory, and its version. The read is audited.
    ///
    /// # Errors
    /// The audit entry could not be written.
    pub async fn directory_for(&self, caller: &Caller, now: Timestamp) -> Result<(Rows, i64), Refusal> {
        let parts = self.parts();
        let own = *caller.party.organisation() == parts.own;
        let share = if own { Share::Whole } else { Share::Public };
        let mut entry = Entry::new(Event::DirectoryRead, now).actor(&caller.party.id, &caller.client_id);
        entry.record = Some(format!("directory/{}", parts.directory_version));
        self.record(entry.outcome(if own { "whole" } else { "public" })).await?;
        Ok((parts.directory.shared(share), parts.directory_version))
    }

    /// Takes in a directory, for whoever runs the gateway; gives the version it became, which is the one there was where
    /// nothing changed.
    ///
    /// # Errors
    /// Another caller; every fault at once; or it was made from another version than `of_version`.
    pub async fn import_directory(
        self: &Arc<Self>,
        caller: &Caller,
        rows: Rows,
        of_version: Option<i64>,
        now: Timestamp,
    ) -> Result<i64, Refusal> {
        let (party, agent) = (caller.party.id.clone(), caller.client_id.clone());
        let by = By { party, agent, source: DirectorySource::Import, now };
        if *caller.party.organisation() != self.parts().own {
            let text = "Only the organisation that runs the gateway imports a directory. To change your own entry, send it \
                        to /directory/entry.";
            return Err(self.not_changed(&by, Refusal::one(Category::Forbidden, IssueCode::Forbidden, text)).await);
        }
        self.change_directory(by, of_version, move |directory| directory.with_import(rows.clone())).await
    }

    /// Changes a party's entry as the party itself asks.
    ///
    /// # Errors
    /// Every fault at once; or the entry was made from another version than `of_version`.
    pub async fn change_entry(
        self: &Arc<Self>,
        party: &PartyId,
        agent: &str,
        change: EntryChange,
        of_version: Option<i64>,
        now: Timestamp,
    ) -> Result<i64, Refusal> {
        let by = By { party: party.clone(), agent: agent.to_owned(), source: DirectorySource::Entry, now };
        let id = party.clone();
        self.change_directory(by, of_version, move |directory| match directory.party(&id, now) {
            Some(party) => directory.with_entry(party, &change, now),
            None => Err(Vec::new()),
        })
        .await
    }

    /// Makes another directory of the one of now, keeps it and works with it from then on.
    ///
    /// # Errors
    /// What `change` finds wrong; that the gateway could not serve with it; a conflict; or the store does not answer.
    pub async fn change_directory(
        self: &Arc<Self>,
        by: By,
        of_version: Option<i64>,
        change: impl Fn(&Directory) -> Result<Directory, Vec<DirectoryFault>> + Send + Sync + 'static,
    ) -> Result<i64, Refusal> {
        let change = Arc::new(change);
        for _ in 0..MOST_TRIES {
            let parts = self.parts();
            let version = parts.directory_version;
            if of_version.is_some_and(|wanted| wanted != version) {
                return Err(self.not_changed(&by, conflict(version)).await);
            }
            let (change, now) = (change.clone(), by.now);
            let made = self.apart(move || {
                let made = change(&parts.directory).map_err(|faults| refused(&faults))?;
                let unfit = made.unfit_for(&parts.own, now);
                if !unfit.is_empty() {
                    return Err(refused(&unfit));
                }
                let (before, after) = (digest(&parts.directory), digest(&made));
                Ok((before != after).then_some((made, after)))
            });
            let (made, digest) = match made.await {
                Ok(Some(made)) => made,
                Ok(None) => return Ok(version),
                Err(refusal) => return Err(self.not_changed(&by, refusal).await),
            };
            let number = put(self.store().as_ref(), &by, version, &made, digest).await.map_err(|e| unavailable(&e))?;
            if let Some(number) = number {
                tracing::info!(directory.version = number, source = by.source.code(), "the directory was changed");
                self.replace_directory(made, number);
                return Ok(number);
            }
            // Somebody else changed it in the database: take that over and look again.
            self.refresh_directory().await?;
        }
        Err(busy())
    }

    /// Works with the latest directory of the database.
    ///
    /// # Errors
    /// The store does not answer, or what it kept cannot be read.
    pub async fn refresh_directory(&self) -> Result<(), Refusal> {
        let versions = self.store().directories().await.map_err(|error| unavailable(&error))?;
        let latest = versions.first().map_or(0, |version| version.number);
        if latest > self.parts().directory_version {
            let directory = at(self.store().as_ref(), latest).await.map_err(|error| unavailable(&error))?;
            self.replace_directory(directory, latest);
        }
        Ok(())
    }

    /// The directory a message was decided under, and when it came: by them it is told whom it went to, whatever those
    /// are called now.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn directory_of(&self, message: &MessageId) -> Result<(Arc<Directory>, Timestamp), Refusal> {
        let parts = self.parts();
        let found = self.store().decided_under(message).await.map_err(|error| unavailable(&error))?;
        let Some(decided) = found else { return Ok((parts.directory.clone(), Timestamp::now())) };
        let directory = match decided.directory {
            Some(number) if number != parts.directory_version => self.past_directory(number).await?,
            _ => parts.directory.clone(),
        };
        Ok((directory, decided.received))
    }

    async fn past_directory(&self, number: i64) -> Result<Arc<Directory>, Refusal> {
        let held = self.past.lock().unwrap_or_else(PoisonError::into_inner).get(&number).cloned();
        if let Some(directory) = held {
            return Ok(directory);
        }
        let directory = Arc::new(at(self.store().as_ref(), number).await.map_err(|error| unavailable(&error))?);
        let mut past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        if past.len() >= MOST_HELD {
            past.pop_first();
        }
        past.insert(number, directory.clone());
        Ok(directory)
    }

    /// Records that a change was refused, and hands the refusal back to be answered.
    pub async fn not_changed(&self, by: &By, refusal: Refusal) -> Refusal {
        let code = refusal.issues.first().map_or("exception", |issue| issue.code.code());
        let entry = Entry::new(Event::DirectoryRefused, by.now).actor(&by.party, &by.agent).outcome(code);
        match self.record(entry).await {
            Ok(()) => refusal,
            Err(unwritten) => unwritten,
        }
    }
}
