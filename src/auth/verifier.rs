//! Verifies a secret against an argon2id hash, at the same cost whether the name is known or not, and remembers what
//! was right so that a busy client is not slowed by every call. Looks nobody up.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::AuthError;
use super::turnstile::Turnstile;
use crate::directory::SecretHash;

/// What an unknown name is verified against: a hash of random bytes nobody kept, with the costs of [`hash_secret`].
const DUMMY: &str = "$argon2id$v=19$m=19456,t=2,p=1$rlpQAqNi7s7jSEijHn7L9A$l3p5AfH5N6E2W5algo1knLNrVVfKqcuc0J+nZ1eaIK0";
/// Secrets verified at one time (19 MiB each), and how long one more waits.
const PLACES: usize = 4;
const PATIENCE: Duration = Duration::from_secs(5);

/// For whom a name stands: a client and a portal user may bear the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Audience {
    Client,
    Portal,
}

pub(super) struct Verifier {
    /// Random for each process: without it the remembered digests would be fast hashes of secrets.
    key: [u8; 32],
    /// The digest last found right, per name; names are the directory's, so it cannot grow beyond that.
    right: Mutex<HashMap<(Audience, String), [u8; 32]>>,
    turnstile: Turnstile,
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Verifier(…)")
    }
}

impl Verifier {
    pub(super) fn new() -> Self {
        Self { key: rand::random(), right: Mutex::default(), turnstile: Turnstile::new(PLACES, PATIENCE) }
    }

    /// Verifies a secret; `stored` is `None` for an unknown name.
    ///
    /// # Errors
    /// The name is unknown or the secret wrong, not told apart; too many at once; a stored hash nobody can read.
    pub(super) fn verify(
        &self,
        audience: Audience,
        name: &str,
        stored: Option<&SecretHash>,
        secret: &str,
    ) -> Result<(), AuthError> {
        if self.recalls(audience, name, stored, secret) {
            return Ok(());
        }
        let phc = stored.map_or(DUMMY, SecretHash::expose);
        let right = {
            let _inside = self.turnstile.enter().ok_or(AuthError::Busy)?;
            let hash = PasswordHash::new(phc).map_err(|_| AuthError::Hashing)?;
            match Argon2::default().verify_password(secret.as_bytes(), &hash) {
                Ok(()) => true,
                Err(argon2::password_hash::Error::Password) => false,
                Err(_) => return Err(AuthError::Hashing),
            }
        };
        if !right || stored.is_none() {
            return Err(AuthError::NotKnown);
        }
        let mut known = self.right.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert((audience, name.to_owned()), self.digest(phc, secret));
        Ok(())
    }

    /// Whether this very secret was found right before; cheap, and says nothing about any other.
    pub(super) fn recalls(&self, audience: Audience, name: &str, stored: Option<&SecretHash>, secret: &str) -> bool {
        stored.is_some_and(|stored| self.remembered(audience, name, &self.digest(stored.expose(), secret)))
    }

    fn remembered(&self, audience: Audience, name: &str, digest: &[u8; 32]) -> bool {
        let known = self.right.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&(audience, name.to_owned())).is_some_and(|right| right.ct_eq(digest).into())
    }

    /// Binds the stored hash too, so that a changed secret is not let in by what was remembered.
    fn digest(&self, phc: &str, secret: &str) -> [u8; 32] {
        let inner = |text: &str| Sha256::new().chain_update(self.key).chain_update(text).finalize();
        Sha256::new().chain_update(self.key).chain_update(inner(phc)).chain_update(inner(secret)).finalize().into()
    }
}

/// Hashes a secret for the directory file: argon2id, 19 MiB, two passes, one lane (OWASP Password Storage Cheat
/// Sheet), with a fresh salt, as a PHC string.
///
/// # Errors
/// [`AuthError::Hashing`] when the secret is longer than argon2 takes (4 GiB).
pub fn hash_secret(secret: &str) -> Result<String, AuthError> {
    let salt = SaltString::encode_b64(&rand::random::<[u8; 16]>()).map_err(|_| AuthError::Hashing)?;
    let costs = Params::new(19_456, 2, 1, Some(32)).map_err(|_| AuthError::Hashing)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, costs);
    let hash = argon2.hash_password(secret.as_bytes(), &salt).map_err(|_| AuthError::Hashing)?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::{Audience, DUMMY, Verifier, hash_secret};
    use crate::auth::AuthError;
    use crate::directory::SecretHash;

    fn costs(phc: &str) -> &str {
        phc.split('$').nth(3).unwrap()
    }

    #[test]
    fn a_hash_we_make_is_one_the_directory_takes_and_is_salted() {
        let (first, second) = (hash_secret("s").unwrap(), hash_secret("s").unwrap());
        assert!(SecretHash::parse(&first).is_some());
        assert_ne!(first, second);
    }

    #[test]
    fn an_unknown_name_costs_what_a_known_one_costs() {
        assert!(SecretHash::parse(DUMMY).is_some());
        assert_eq!(costs(DUMMY), costs(&hash_secret("s").unwrap()));
        let verdict = Verifier::new().verify(Audience::Client, "nobody", None, "s");
        assert_eq!(verdict, Err(AuthError::NotKnown));
    }

    #[test]
    fn what_was_right_is_remembered_until_the_stored_hash_changes() {
        let verifier = Verifier::new();
        let old = SecretHash::parse(&hash_secret("old").unwrap()).unwrap();
        let new = SecretHash::parse(&hash_secret("new").unwrap()).unwrap();
        let digest = verifier.digest(old.expose(), "old");
        assert!(!verifier.remembered(Audience::Client, "a", &digest));
        assert_eq!(verifier.verify(Audience::Client, "a", Some(&old), "old"), Ok(()));
        assert!(verifier.remembered(Audience::Client, "a", &digest));
        assert!(!verifier.remembered(Audience::Portal, "a", &digest));
        assert_eq!(verifier.verify(Audience::Client, "a", Some(&old), "wrong"), Err(AuthError::NotKnown));
        assert_eq!(verifier.verify(Audience::Client, "a", Some(&new), "old"), Err(AuthError::NotKnown));
        assert_eq!(verifier.verify(Audience::Client, "a", Some(&new), "new"), Ok(()));
    }
}
