//! Addresses to which messages are sent: their shape, and what is too unsafe to send to. Sends nothing.

use url::{Host, Url};

use super::fault::Problem;

/// The wire format a recipient wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum EndpointFormat {
    #[default]
    Json,
    Xml,
}

impl EndpointFormat {
    /// The code in the directory file.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Xml => "xml",
        }
    }

    /// The format with this code, if there is one.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Json, Self::Xml].into_iter().find(|format| format.code() == code)
    }
}

/// Where a party takes FHIR messages (<https://hl7.org/fhir/R4/messaging.html>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FhirEndpoint {
    /// The full address of the recipient's `$process-message`, checked when it was loaded.
    pub url: String,
    pub format: EndpointFormat,
}

/// How a party receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery<'a> {
    /// Its own system takes FHIR messages.
    Fhir(&'a FhirEndpoint),
    /// It has no system that does; it reads its inbox here.
    Inbox,
}

/// Checks an endpoint address and gives it back in normal form.
///
/// # Errors
/// Another scheme than http or https, credentials or a fragment in it, or plain http to another machine: what is sent
/// is confidential, and what is in an address ends in logs.
pub(super) fn address(text: &str) -> Result<String, Problem> {
    let url = Url::parse(text).map_err(|_| Problem::Url)?;
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => return Err(Problem::Url),
    };
    match url.scheme() {
        "https" if bare => Ok(url.into()),
        "http" if bare && local => Ok(url.into()),
        "http" if bare => Err(Problem::PlainHttp),
        _ => Err(Problem::Url),
    }
}

#[cfg(test)]
mod tests {
    use super::{Problem, address};

    #[test]
    fn safe_addresses_are_taken() {
        for good in [
            "http://127.0.0.1:8471/fhir/$process-message",
            "http://localhost/x",
            "http://[::1]:80/",
            "https://fhir.practice.example/r4/$process-message?async=false",
        ] {
            assert!(address(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn unsafe_addresses_are_refused_each_for_its_reason() {
        let cases = [
            ("http://fhir.practice.example/", Problem::PlainHttp),
            ("http://127.0.0.1.example/", Problem::PlainHttp),
            ("http://localhost.example/", Problem::PlainHttp),
            ("ftp://127.0.0.1/", Problem::Url),
            ("file:///etc/passwd", Problem::Url),
            ("https://user:secret@practice.example/", Problem::Url),
            ("http://user@127.0.0.1/", Problem::Url),
            ("https://practice.example/#x", Problem::Url),
            ("practice.example/fhir", Problem::Url),
            ("https://", Problem::Url),
            ("", Problem::Url),
        ];
        for (text, problem) in cases {
            assert_eq!(address(text), Err(problem), "{text}");
        }
    }
}
