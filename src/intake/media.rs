//! Media types: which format a body is in, and which one the caller wants back
//! (<https://hl7.org/fhir/R4/http.html#mime-type>, RFC 9110 §8.3 and §12.5.1). Reads headers, never bodies.

use crate::fhir::Format;
use crate::model::{Issue, IssueCode};

const SEND: &str = "Send application/fhir+json or application/fhir+xml.";

/// The format of a FHIR body by its `Content-Type`.
///
/// # Errors
/// When there is none, when it is not FHIR JSON or XML, or when it names another charset or FHIR version (415).
pub fn fhir_format(content_type: Option<&str>) -> Result<Format, Issue> {
    let media = stated(content_type, SEND)?;
    let format = format_of(&media.name)
        .ok_or_else(|| refused(format!("The media type{} is not accepted here. {SEND}", shown(&media.name))))?;
    parameters(&media)?;
    Ok(format)
}

/// Checks that a native document comes as JSON.
///
/// # Errors
/// When there is no media type, or another one, or another charset (415).
pub fn json_only(content_type: Option<&str>) -> Result<(), Issue> {
    let send = "Send application/json, or FHIR as application/fhir+json or application/fhir+xml.";
    let media = stated(content_type, send)?;
    if !matches!(media.name.as_str(), "application/json" | "text/json") {
        return Err(refused(format!("The media type{} is not accepted here. {send}", shown(&media.name))));
    }
    parameters(&media)
}

/// The format to answer in, by `Accept`; `default` when the caller does not say or does not mind.
///
/// # Errors
/// When nothing the gateway speaks is acceptable (406).
pub fn accept_format(accept: Option<&str>, default: Format) -> Result<Format, Issue> {
    let Some(accept) = accept.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(default);
    };
    let ranges = ranges(accept);
    let other = if default == Format::Json { Format::Xml } else { Format::Json };
    let (wanted, quality) = [default, other]
        .map(|format| (format, quality(&ranges, format)))
        .into_iter()
        // the first of equals: the default wins a draw
        .fold((default, 0), |best, next| if next.1 > best.1 { next } else { best });
    if quality > 0 {
        return Ok(wanted);
    }
    Err(Issue::error(
        IssueCode::NotSupported,
        "None of the media types in Accept is spoken here. Accept application/fhir+json or application/fhir+xml.",
    ))
}

/// The format of an answer that must be readable whatever was asked for: what Accept prefers, and where it takes neither,
/// the one that it does not refuse by name (`q=0`).
pub fn accept_or_readable(accept: Option<&str>) -> Format {
    let refused = |format| {
        let named =
            ranges(accept.unwrap_or_default()).into_iter().filter(move |media| format_of(&media.name) == Some(format));
        named.map(|media| media.quality()).max() == Some(0)
    };
    let readable = if refused(Format::Json) && !refused(Format::Xml) { Format::Xml } else { Format::Json };
    accept_format(accept, Format::Json).unwrap_or(readable)
}

/// Which of these media types Accept names, and wants no less than FHIR; `None` where FHIR is to be sent.
pub fn accept_named<'o>(accept: Option<&str>, offered: &[&'o str]) -> Option<&'o str> {
    let ranges = ranges(accept?);
    let wanted = |fits: &dyn Fn(&str) -> bool| {
        ranges.iter().filter(|media| fits(&media.name)).map(Media::quality).max().unwrap_or_default()
    };
    let fhir = wanted(&|name| format_of(name).is_some());
    let rated = offered.iter().map(|one| (*one, wanted(&|name| name == *one)));
    // the first of equals
    let best = rated.fold(None, |best: Option<(&str, u16)>, next| match best {
        Some(best) if best.1 >= next.1 => Some(best),
        _ => Some(next),
    });
    best.filter(|(_, quality)| *quality > 0 && *quality >= fhir).map(|(name, _)| name)
}

fn ranges(accept: &str) -> Vec<Media> {
    split(accept, ',').filter_map(|range| parse(&range)).collect()
}

/// A media type or range: lower-case name, parameters in order.
struct Media {
    name: String,
    parameters: Vec<(String, String)>,
}

impl Media {
    fn parameter(&self, wanted: &str) -> Option<&str> {
        self.parameters.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    }

    /// The weight in thousandths; text that is no weight counts as 1, as if it had not been given.
    fn quality(&self) -> u16 {
        let weight = self.parameter("q").and_then(|q| q.parse::<f32>().ok()).filter(|q| (0.0..=1.0).contains(q));
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000 by the filter above")]
        weight.map_or(1000, |q| (q * 1000.0).round() as u16)
    }
}

fn stated(content_type: Option<&str>, send: &str) -> Result<Media, Issue> {
    content_type
        .and_then(parse)
        .ok_or_else(|| refused(format!("The request does not say which media type its body has. {send}")))
}

fn parse(text: &str) -> Option<Media> {
    let mut parts = split(text, ';');
    let name = parts.next()?.trim().to_ascii_lowercase();
    let parameters = parts.filter_map(|part| {
        let (name, value) = part.split_once('=')?;
        Some((name.trim().to_ascii_lowercase(), value.trim().trim_matches('"').to_ascii_lowercase()))
    });
    let parameters = parameters.collect();
    (!name.is_empty()).then_some(Media { name, parameters })
}

/// Splits at a separator that is not inside double quotes.
fn split(text: &str, separator: char) -> impl Iterator<Item = String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        quoted ^= c == '"';
        if c == separator && !quoted {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts.into_iter()
}

fn format_of(name: &str) -> Option<Format> {
    match name {
        "application/fhir+json" | "application/json" | "text/json" => Some(Format::Json),
        "application/fhir+xml" | "application/xml" | "text/xml" => Some(Format::Xml),
        _ => None,
    }
}

/// How much a format is wanted: the most specific range that names it counts.
fn quality(ranges: &[Media], format: Format) -> u16 {
    let specific = |media: &Media| match media.name.as_str() {
        "*/*" => Some(0),
        "application/*" | "text/*" => Some(1),
        name => (format_of(name) == Some(format) && parameters(media).is_ok()).then_some(2),
    };
    let matching = ranges.iter().filter_map(|media| Some((specific(media)?, media.quality())));
    matching.max().map_or(0, |(_, quality)| quality)
}

/// Charset must be UTF-8 and the FHIR version 4.0, where they are given.
fn parameters(media: &Media) -> Result<(), Issue> {
    if let Some(charset) = media.parameter("charset").filter(|c| !matches!(*c, "utf-8" | "utf8" | "us-ascii")) {
        return Err(refused(format!("The charset{} is not accepted. Send UTF-8.", shown(charset))));
    }
    match media.parameter("fhirversion") {
        Some(version) if !matches!(version, "4.0" | "4.0.1") => {
            Err(refused(format!("This FHIR version{} is not spoken here. Send R4 (4.0).", shown(version))))
        }
        _ => Ok(()),
    }
}

fn refused(text: String) -> Issue {
    Issue::error(IssueCode::NotSupported, text)
}

/// A piece of a header with a space before it, if it is fit to be repeated: a plain name and nothing that could be
/// somebody's number. Empty otherwise.
fn shown(text: &str) -> String {
    let plain = text.len() <= 60
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-._/*".contains(&b))
        && text.matches('/').count() <= 1;
    let numbered = text.as_bytes().windows(5).any(|run| run.iter().all(u8::is_ascii_digit));
    if plain && !numbered { format!(" {text}") } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::{accept_format, fhir_format, json_only};
    use crate::fhir::Format::{Json, Xml};

    #[test]
    fn content_types_lead_to_formats() {
        let table = [
            ("application/fhir+json", Some(Json)),
            ("application/json", Some(Json)),
            ("text/json", Some(Json)),
            ("Application/FHIR+JSON; Charset=\"UTF-8\"", Some(Json)),
            ("application/fhir+json;fhirVersion=4.0", Some(Json)),
            ("application/fhir+xml ; charset=utf-8", Some(Xml)),
            ("application/xml", Some(Xml)),
            ("text/xml;charset=us-ascii", Some(Xml)),
            ("application/fhir+json; charset=utf-16", None),
            ("application/fhir+json; charset=iso-8859-1", None),
            ("application/fhir+json; fhirVersion=5.0", None),
            ("text/plain", None),
            ("application/fhir", None),
            ("application/x-www-form-urlencoded", None),
            ("*/*", None),
            ("", None),
            (" ; charset=utf-8", None),
        ];
        for (content_type, expected) in table {
            assert_eq!(fhir_format(Some(content_type)).ok(), expected, "{content_type}");
        }
    }

    #[test]
    fn a_missing_content_type_is_told_what_to_send() {
        assert!(fhir_format(None).unwrap_err().text.contains("application/fhir+json"));
        assert!(json_only(None).unwrap_err().text.contains("application/json"));
    }

    #[test]
    fn only_a_plain_name_is_repeated_to_its_sender() {
        let table = [
            ("text/plain", true),
            ("application/vnd.ms-excel.sheet+xml", true),
            ("application/json; charset=iso-8859-1", true),
            ("9990718424", false),
            ("text/9990718424", false),
            ("text/plain zebedee", false),
            ("<script>/zebedee", false),
            ("application/json; charset=zebedee 12345", false),
            ("application/json; charset=12345", false),
            ("application/fhir+json; fhirversion=12345", false),
        ];
        for (content_type, shown) in table {
            let text = fhir_format(Some(content_type)).unwrap_err().text;
            let piece = content_type.rsplit('=').next().unwrap();
            assert_eq!(text.contains(piece), shown, "{text}");
            assert!(!text.contains("zebedee") && !text.contains("12345"), "{text}");
        }
        assert!(!json_only(Some("x/9990718424")).unwrap_err().text.contains("999"));
        let long = format!("text/{}", "x".repeat(60));
        assert!(!fhir_format(Some(&long)).unwrap_err().text.contains("xx"));
    }

    #[test]
    fn native_documents_come_as_json_only() {
        assert!(json_only(Some("application/json; charset=UTF-8")).is_ok());
        for other in ["application/fhir+json", "application/xml", "application/json; charset=latin1"] {
            assert!(json_only(Some(other)).is_err(), "{other}");
        }
    }

    #[test]
    fn the_answer_comes_in_the_format_that_is_wanted_most() {
        let table = [
            (None, Json, Some(Json)),
            (None, Xml, Some(Xml)),
            (Some("  "), Xml, Some(Xml)),
            (Some("*/*"), Xml, Some(Xml)),
            (Some("application/*"), Json, Some(Json)),
            (Some("application/fhir+xml"), Json, Some(Xml)),
            (Some("application/fhir+json;q=0.5, application/fhir+xml"), Json, Some(Xml)),
            (Some("application/fhir+json, application/fhir+xml"), Xml, Some(Xml)),
            (Some("text/html, */*;q=0.1"), Json, Some(Json)),
            (Some("application/fhir+json;q=0, */*"), Json, Some(Xml)),
            (Some("application/fhir+json;q=0"), Json, None),
            (Some("text/html"), Json, None),
            (Some("application/fhir+json; fhirVersion=3.0"), Json, None),
            (Some("application/fhir+json; profile=\"a,b;c\";q=0.9"), Xml, Some(Json)),
            (Some("application/fhir+json;q=nonsense"), Xml, Some(Json)),
        ];
        for (accept, default, expected) in table {
            assert_eq!(accept_format(accept, default).ok(), expected, "{accept:?}");
        }
    }
}
