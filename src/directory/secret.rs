//! Stored secrets: the shape of an argon2id PHC string. Checks shape and strength only; `auth` verifies.

/// Least memory in KiB and least passes (OWASP Password Storage Cheat Sheet, argon2id), so that every stored secret
/// costs an attacker at least this, and a known client costs as much time as an unknown one.
const LEAST_MEMORY: u32 = 19_456;
const LEAST_PASSES: u32 = 2;
/// A mistyped cost must not let one sign-in exhaust the machine.
const MOST_MEMORY: u32 = 262_144;
const MOST_PASSES: u32 = 16;
const MOST_LANES: u32 = 8;

/// An argon2id hash in PHC string form. Its text never appears in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretHash(String);

impl SecretHash {
    /// Reads `$argon2id$v=19$m=…,t=…,p=…$salt$hash`; `None` when it has another shape, is too weak or far too costly.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('$');
        let before = parts.next()?;
        let (algorithm, version, costs) = (parts.next()?, parts.next()?, parts.next()?);
        let (salt, hash) = (parts.next()?, parts.next()?);
        let shaped = before.is_empty()
            && parts.next().is_none()
            && algorithm == "argon2id"
            && version == "v=19"
            && strong_enough(costs)?
            && base64_of(salt, 8, 48)
            && base64_of(hash, 16, 64);
        shaped.then(|| Self(text.to_owned()))
    }

    /// The PHC string, for the verifier.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

fn strong_enough(costs: &str) -> Option<bool> {
    let mut costs = costs.split(',');
    let mut cost = |name: &str| costs.next()?.strip_prefix(name)?.parse::<u32>().ok();
    let (memory, passes, lanes) = (cost("m=")?, cost("t=")?, cost("p=")?);
    Some(
        costs.next().is_none()
            && (LEAST_MEMORY..=MOST_MEMORY).contains(&memory)
            && (LEAST_PASSES..=MOST_PASSES).contains(&passes)
            && (1..=MOST_LANES).contains(&lanes),
    )
}

/// Unpadded base64 of so many bytes (PHC string format, "B64").
fn base64_of(text: &str, least: usize, most: usize) -> bool {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD_NO_PAD
        .decode(text)
        .is_ok_and(|bytes| (least..=most).contains(&bytes.len()))
}

#[cfg(test)]
mod tests {
    use super::SecretHash;

    const GOOD: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI";

    #[test]
    fn only_an_argon2id_string_of_decent_cost_is_taken() {
        assert!(SecretHash::parse(GOOD).is_some());
        let bad = [
            "demo-gp-secret".to_owned(),
            String::new(),
            GOOD.replace("argon2id", "argon2i"),
            GOOD.replace("v=19", "v=16"),
            GOOD.replace("m=19456", "m=8"),
            GOOD.replace("m=19456", "m=4000000"),
            GOOD.replace("t=2", "t=1"),
            GOOD.replace(",p=1", ""),
            GOOD.replace("p=1", "p=1,x=1"),
            GOOD.replace("$c2Fsd", "$c2F sd"),
            format!("{GOOD}$"),
            format!("x{GOOD}"),
            "$2b$12$abcdefghijklmnopqrstuv".to_owned(),
        ];
        for text in bad {
            assert!(SecretHash::parse(&text).is_none(), "{text}");
        }
    }

    #[test]
    fn its_debug_text_does_not_show_it() {
        assert_eq!(format!("{:?}", SecretHash::parse(GOOD).unwrap()), "SecretHash(…)");
    }
}
