//! Where the terminology server is, how it is paid with trust, and how patient we are. Reads a token from a file or the
//! environment; sends nothing.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use url::{Host, Url};

/// Why a terminology server cannot be used. Never repeats a token, nor an address.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("the address of the terminology server is not an http or https URL")]
    Address,
    #[error("the address of the terminology server carries credentials; give a token instead")]
    Credentials,
    #[error("a token is sent over https only, or to this machine")]
    TokenInClear,
    #[error("the token of the terminology server could not be read")]
    Token,
    #[error("the client of the terminology server could not be set up")]
    Client(#[source] reqwest::Error),
    #[error("the thread of the terminology server could not be started")]
    Thread(#[source] std::io::Error),
}

/// A bearer token. Does not show itself.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// From a file that holds nothing else.
    ///
    /// # Errors
    /// It cannot be read, is empty, or holds what no header may.
    pub fn from_file(path: &Path) -> Result<Self, SettingsError> {
        Self::parse(&crate::files::read_text(path, crate::files::LARGEST).map_err(|_| SettingsError::Token)?)
    }

    /// From an environment variable.
    ///
    /// # Errors
    /// It is not set, is empty, or holds what no header may.
    pub fn from_environment(name: &str) -> Result<Self, SettingsError> {
        Self::parse(&std::env::var(name).map_err(|_| SettingsError::Token)?)
    }

    fn parse(text: &str) -> Result<Self, SettingsError> {
        let text = text.trim();
        let fits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(text.to_owned())).ok_or(SettingsError::Token)
    }

    pub(super) fn show(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// How a terminology server is asked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The base of its FHIR interface, such as `https://tx.example/r4`.
    pub base: Url,
    pub token: Option<Token>,
    /// How long one question may take, in all.
    pub timeout: Duration,
    /// Answers kept, at most.
    pub cache_entries: usize,
    /// How long an answer is kept.
    pub keep: Duration,
    /// Failures in a row after which the server is left alone.
    pub failures: u32,
    /// How long it is left alone before one question tries it again.
    pub pause: Duration,
    /// Questions under way at once, at most.
    pub at_once: usize,
}

impl Settings {
    /// The defaults for a server.
    ///
    /// # Errors
    /// The address is no URL.
    pub fn new(base: &str) -> Result<Self, SettingsError> {
        let settings = Self {
            base: Url::parse(base).map_err(|_| SettingsError::Address)?,
            token: None,
            timeout: Duration::from_secs(5),
            cache_entries: 20_000,
            keep: Duration::from_hours(24),
            failures: 3,
            pause: Duration::from_mins(1),
            at_once: 8,
        };
        settings.check()?;
        Ok(settings)
    }

    /// Whether they can be used.
    ///
    /// # Errors
    /// The address is not HTTP, carries credentials, or would have the token sent in clear.
    pub fn check(&self) -> Result<(), SettingsError> {
        if !matches!(self.base.scheme(), "http" | "https") || self.base.cannot_be_a_base() {
            return Err(SettingsError::Address);
        }
        if !self.base.username().is_empty() || self.base.password().is_some() {
            return Err(SettingsError::Credentials);
        }
        let here = match self.base.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        if self.token.is_some() && self.base.scheme() == "http" && !here {
            return Err(SettingsError::TokenInClear);
        }
        Ok(())
    }

    /// The address of an operation below the base.
    pub(super) fn operation(&self, path: &str) -> Result<Url, SettingsError> {
        let base = self.base.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}/{path}")).map_err(|_| SettingsError::Address)
    }
}

#[cfg(test)]
mod tests {
    use super::{Settings, SettingsError, Token};

    #[test]
    fn only_an_http_address_without_credentials_is_taken() {
        assert!(Settings::new("https://tx.example/r4").is_ok());
        for bad in ["", "tx.example", "file:///etc/passwd", "mailto:a@b.example"] {
            assert!(matches!(Settings::new(bad), Err(SettingsError::Address)), "{bad}");
        }
        assert!(matches!(Settings::new("https://u:p@tx.example/"), Err(SettingsError::Credentials)));
    }

    #[test]
    fn a_token_is_not_sent_in_clear_over_a_network() {
        let token = Some(Token::parse("abc").unwrap());
        let with = |base: &str| Settings { token: token.clone(), ..Settings::new(base).unwrap() }.check();
        assert!(with("https://tx.example/r4").is_ok());
        assert!(with("http://127.0.0.1:8080/fhir").is_ok());
        assert!(matches!(with("http://tx.example/r4"), Err(SettingsError::TokenInClear)));
    }

    #[test]
    fn a_token_comes_from_a_file_without_its_line_end_and_does_not_show_itself() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "s3cret\n").unwrap();
        let token = Token::from_file(file.path()).unwrap();
        assert_eq!(token.show(), "s3cret");
        assert_eq!(format!("{token:?}"), "Token(…)");
        std::fs::write(file.path(), "two words").unwrap();
        assert!(Token::from_file(file.path()).is_err());
    }

    #[test]
    fn an_operation_stands_below_the_base_with_or_without_a_last_slash() {
        for base in ["https://tx.example/r4", "https://tx.example/r4/"] {
            let address = Settings::new(base).unwrap().operation("CodeSystem/$validate-code").unwrap();
            assert_eq!(address.as_str(), "https://tx.example/r4/CodeSystem/$validate-code");
        }
    }
}
