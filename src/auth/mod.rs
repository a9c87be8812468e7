//! Knows who calls: client secrets and portal passwords against the hashes of the directory. Stronger kinds of
//! credential come later as further variants of [`Credential`]. Decides nothing about what a caller may see.
//! Synchronous and deliberately slow (argon2id): call it from `spawn_blocking`.

mod basic;
mod turnstile;
mod verifier;

use jiff::Timestamp;

use crate::directory::{Client, Directory};
use crate::model::{Category, Party, PartyId};

pub use basic::{Secret, parse_basic};
pub use verifier::hash_secret;
use verifier::{Audience, Verifier};

/// What a caller shows to say who it is.
#[derive(Clone, Copy)]
pub enum Credential<'a> {
    /// A client id and its secret, sent by HTTP Basic (RFC 7617).
    ClientSecret { id: &'a str, secret: &'a str },
}

impl std::fmt::Debug for Credential<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            // Not the id either: people paste secrets into the wrong field.
            Self::ClientSecret { .. } => f.write_str("ClientSecret(…)"),
        }
    }
}

/// A system whose credential was right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub client_id: String,
    /// The party it acts for.
    pub party: Party,
}

impl Caller {
    /// Whether the caller may send as this party: itself, or a team of its own organisation. A team does not speak
    /// for its organisation.
    #[must_use]
    pub fn speaks_for(&self, party: &Party) -> bool {
        let own = |id: &PartyId| *id == self.party.id;
        own(&party.id) || party.part_of.as_ref().is_some_and(own)
    }
}

/// A person whose portal password was right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    pub name: String,
    pub display: String,
    /// The party whose inbox the person reads.
    pub party: Party,
}

/// Why a caller is not let in. Never says whether the name or the secret was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    #[error("the name or the secret is not right")]
    NotKnown,
    #[error("too many sign-ins at once; try again in a few seconds")]
    Busy,
    #[error("a stored secret cannot be read")]
    Hashing,
}

impl AuthError {
    /// The category of the failure.
    #[must_use]
    pub const fn category(self) -> Category {
        match self {
            Self::NotKnown => Category::Unauthenticated,
            Self::Busy => Category::Busy,
            Self::Hashing => Category::Internal,
        }
    }

    /// Whether the same credential may be taken later.
    #[must_use]
    pub const fn retryable(self) -> bool {
        self.category().retryable()
    }
}

/// Verifies credentials against a directory. One for the life of the process: it remembers what it has verified.
#[derive(Debug)]
pub struct Authenticator {
    verifier: Verifier,
}

impl Default for Authenticator {
    fn default() -> Self {
        Self::new()
    }
}

impl Authenticator {
    #[must_use]
    pub fn new() -> Self {
        Self { verifier: Verifier::new() }
    }

    /// Says which client calls.
    ///
    /// # Errors
    /// [`AuthError::NotKnown`] for an unknown or expired client and for a wrong secret alike, after the same work;
    /// [`AuthError::Busy`] when too many secrets are being verified already.
    pub fn authenticate(
        &self,
        credential: &Credential<'_>,
        directory: &Directory,
        now: Timestamp,
    ) -> Result<Caller, AuthError> {
        let Credential::ClientSecret { id, secret } = *credential;
        let known = known(id, directory, now);
        self.verifier.verify(Audience::Client, id, known.map(|(client, _)| &client.secret_hash), secret)?;
        known.map(|(client, party)| caller(client, party)).ok_or(AuthError::NotKnown)
    }

    /// Says which client calls, where this credential was verified before; cheap, so it needs no waiting in line.
    #[must_use]
    pub fn recall(&self, credential: &Credential<'_>, directory: &Directory, now: Timestamp) -> Option<Caller> {
        let Credential::ClientSecret { id, secret } = *credential;
        let (client, party) = known(id, directory, now)?;
        let recalled = self.verifier.recalls(Audience::Client, id, Some(&client.secret_hash), secret);
        recalled.then(|| caller(client, party))
    }

    /// Says who signs in to the portal.
    ///
    /// # Errors
    /// As [`Self::authenticate`].
    pub fn sign_in(
        &self,
        name: &str,
        password: &str,
        directory: &Directory,
        now: Timestamp,
    ) -> Result<SignedIn, AuthError> {
        let known = directory.portal_user(name, now).and_then(|user| Some((user, directory.party(&user.party, now)?)));
        self.verifier.verify(Audience::Portal, name, known.map(|(user, _)| &user.password_hash), password)?;
        known
            .map(|(user, party)| SignedIn {
                name: user.name.clone(),
                display: user.display.clone(),
                party: party.clone(),
            })
            .ok_or(AuthError::NotKnown)
    }
}

fn known<'a>(id: &str, directory: &'a Directory, now: Timestamp) -> Option<(&'a Client, &'a Party)> {
    directory.client(id, now).and_then(|client| Some((client, directory.party(&client.party, now)?)))
}

fn caller(client: &Client, party: &Party) -> Caller {
    Caller { client_id: client.id.clone(), party: party.clone() }
}

#[cfg(test)]
mod tests;
