//! Reads the HTTP Basic header (RFC 7617). Verifies nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A secret as received. Its text never appears in `Debug`, and it has no `Display`.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The secret itself, for the verifier.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Reads the value of an `Authorization` header as user id and secret; `None` when it is not Basic or not readable.
#[must_use]
pub fn parse_basic(header: &str) -> Option<(String, Secret)> {
    let (scheme, token) = header.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(token.trim()).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    (!id.is_empty()).then(|| (id.to_owned(), Secret(secret.to_owned())))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::parse_basic;

    #[test]
    fn the_first_colon_parts_id_and_secret() {
        for scheme in ["Basic", "basic", "BASIC"] {
            let header = format!("{scheme} {}", STANDARD.encode("demo-gp:a:b£ "));
            let (id, secret) = parse_basic(&header).unwrap();
            assert_eq!((id.as_str(), secret.expose()), ("demo-gp", "a:b£ "));
            assert!(!format!("{secret:?}").contains("a:b"));
        }
    }

    #[test]
    fn anything_else_is_not_a_credential() {
        let bad = [
            String::new(),
            "Basic".to_owned(),
            "Basic ".to_owned(),
            "Basic !!!".to_owned(),
            format!("Bearer {}", STANDARD.encode("a:b")),
            format!("Basic {}", STANDARD.encode("no colon")),
            format!("Basic {}", STANDARD.encode(":secret")),
            format!("Basic {}", STANDARD.encode([b'a', b':', 0xff])),
        ];
        for header in bad {
            assert!(parse_basic(&header).is_none(), "{header}");
        }
    }
}
