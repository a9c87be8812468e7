//! The bad inputs that are refused for what their bytes are: media types, syntax, encodings, depth.
//! Data only; `mod.rs` sends them.

use cmht_gateway::fhir::{self, Format};
use serde_json::Value;

use crate::support::{example, message};

pub(crate) const FHIR: &str = "/fhir/$process-message";
pub(super) const NATIVE: &str = "/documents/referral";
pub(crate) const JSON: &str = "application/fhir+json";
pub(crate) const XML: &str = "application/fhir+xml";

/// What is sent, and what must come back: status, issue code, and words the text must hold.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) path: &'static str,
    pub(super) media: &'static str,
    pub(super) body: Vec<u8>,
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) says: &'static [&'static str],
}

pub(super) fn case(
    name: &'static str,
    path: &'static str,
    media: &'static str,
    body: impl Into<Vec<u8>>,
    (status, code): (u16, &'static str),
    says: &'static [&'static str],
) -> Case {
    Case { name, path, media, body: body.into(), status, code, says }
}

pub(super) fn good() -> String {
    message("complete").to_string()
}

pub(super) fn good_xml() -> String {
    String::from_utf8(fhir::write(&message("complete"), Format::Xml).unwrap()).unwrap()
}

/// The good message with one change.
pub(crate) fn changed(change: impl FnOnce(&mut Value)) -> String {
    let mut value = message("complete");
    change(&mut value);
    value.to_string()
}

pub(crate) fn resource<'a>(bundle: &'a mut Value, kind: &str) -> &'a mut Value {
    let entries = bundle["entry"].as_array_mut().unwrap();
    &mut entries.iter_mut().find(|e| e["resource"]["resourceType"] == kind).unwrap()["resource"]
}

pub(super) fn native(change: impl FnOnce(&mut Value)) -> String {
    let mut value: Value = serde_json::from_str(&example("complete")).unwrap();
    change(&mut value);
    value.to_string()
}

pub(super) fn deep(open: &str, close: &str, times: usize) -> String {
    format!("{}{}", open.repeat(times), close.repeat(times))
}

pub(super) fn media_and_syntax() -> Vec<Case> {
    let truncated = &good()[..2000];
    vec![
        case("wrong media type", FHIR, "text/csv", good(), (415, "not-supported"), &["application/fhir+json"]),
        case(
            "native media type on FHIR as HL7 v2",
            FHIR,
            "application/hl7-v2",
            "MSH|^~\\&|",
            (415, "not-supported"),
            &[],
        ),
        case("text to the native door", NATIVE, "text/csv", good_xml(), (415, "not-supported"), &["application/json"]),
        case(
            "another charset",
            FHIR,
            "application/fhir+json; charset=iso-8859-1",
            good(),
            (415, "not-supported"),
            &["UTF-8"],
        ),
        case("empty body", FHIR, JSON, "", (400, "structure"), &[]),
        case("white space only", FHIR, JSON, " \n\t ", (400, "structure"), &[]),
        case("truncated JSON", FHIR, JSON, truncated, (400, "structure"), &["line 1"]),
        case("not JSON at all", FHIR, JSON, "hello", (400, "structure"), &["line 1, column 1"]),
        case("XML sent as JSON", FHIR, JSON, good_xml(), (400, "structure"), &[]),
        case("JSON sent as XML", FHIR, XML, good(), (400, "structure"), &[]),
        case(
            "invalid UTF-8",
            FHIR,
            JSON,
            b"{\"resourceType\":\"Bundle\",\"id\":\"\xff\xfe\"}".to_vec(),
            (400, "structure"),
            &["UTF-8"],
        ),
        case("UTF-16 with BOM", FHIR, JSON, b"\xff\xfe{\0}\0".to_vec(), (400, "structure"), &["UTF-8"]),
        case("NUL bytes", FHIR, JSON, "{\"resourceType\":\0\"Bundle\"}", (400, "structure"), &[]),
        case("NUL in a string", FHIR, JSON, "{\"resourceType\":\"Bun\0dle\"}", (400, "structure"), &[]),
        case("trailing data", FHIR, JSON, format!("{} {{}}", good()), (400, "structure"), &["line 1"]),
        case(
            "two commas",
            FHIR,
            JSON,
            "{\"resourceType\":\"Bundle\",,\"type\":\"message\"}",
            (400, "structure"),
            &["line 1"],
        ),
        case("single quotes", FHIR, JSON, "{'resourceType':'Bundle'}", (400, "structure"), &["line 1"]),
        case("comment", FHIR, JSON, "// hello\n{}", (400, "structure"), &["line 1"]),
        case("lone surrogate", FHIR, JSON, "{\"resourceType\":\"\\ud800\"}", (400, "structure"), &["line 1"]),
        case(
            "duplicate key",
            FHIR,
            JSON,
            "{\"resourceType\":\"Bundle\",\n\"type\":\"message\",\"type\":\"batch\"}",
            (400, "structure"),
            &["type", "line 2"],
        ),
        case(
            "duplicate key deep inside",
            NATIVE,
            "application/json",
            "{\"id\":\"1\",\"person\":{\"name\":1,\"name\":2}}",
            (400, "structure"),
            &["name"],
        ),
        case("ten thousand arrays", FHIR, JSON, deep("[", "]", 10_000), (413, "too-long"), &["deep"]),
        case(
            "ten thousand objects",
            FHIR,
            JSON,
            format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000)),
            (413, "too-long"),
            &["deep"],
        ),
        case("a million open brackets", FHIR, JSON, "[".repeat(1_000_000), (413, "too-long"), &["deep"]),
        case("an array", FHIR, JSON, "[]", (400, "structure"), &[]),
        case("a string", FHIR, JSON, "\"Bundle\"", (400, "structure"), &[]),
        case("null", FHIR, JSON, "null", (400, "structure"), &[]),
        case(
            "a number too large for any type",
            FHIR,
            JSON,
            "{\"resourceType\":\"Bundle\",\"total\":1e999999}",
            (400, "required"),
            &["identifier"],
        ),
    ]
}

pub(super) fn xml() -> Vec<Case> {
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]><Bundle xmlns=\"http://hl7.org/fhir\"><id value=\"&b;\"/></Bundle>";
    let external = "<!DOCTYPE l [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><Bundle xmlns=\"http://hl7.org/fhir\"><id value=\"&x;\"/></Bundle>";
    vec![
        case("entity bomb", FHIR, XML, bomb, (400, "structure"), &["DOCTYPE", "line 1"]),
        case("external entity", FHIR, XML, external, (400, "structure"), &["DOCTYPE"]),
        case(
            "undefined entity",
            FHIR,
            XML,
            "<Bundle xmlns=\"http://hl7.org/fhir\"><id value=\"&nope;\"/></Bundle>",
            (400, "structure"),
            &["line 1"],
        ),
        case("truncated XML", FHIR, XML, &good_xml()[..3000], (400, "structure"), &["line"]),
        case(
            "crossed tags",
            FHIR,
            XML,
            "<Bundle xmlns=\"http://hl7.org/fhir\"><type></id></type></Bundle>",
            (400, "structure"),
            &["line 1"],
        ),
        case(
            "no namespace",
            FHIR,
            XML,
            "<Bundle><type value=\"message\"/></Bundle>",
            (400, "structure"),
            &["namespace"],
        ),
        case(
            "UTF-16 declared",
            FHIR,
            XML,
            "<?xml version=\"1.0\" encoding=\"UTF-16\"?><Bundle xmlns=\"http://hl7.org/fhir\"/>",
            (400, "structure"),
            &["UTF-8"],
        ),
        case(
            "invalid UTF-8 in XML",
            FHIR,
            XML,
            b"<Bundle xmlns=\"http://hl7.org/fhir\"><id value=\"\xff\"/></Bundle>".to_vec(),
            (400, "structure"),
            &["UTF-8"],
        ),
        case(
            "NUL in XML",
            FHIR,
            XML,
            "<Bundle xmlns=\"http://hl7.org/fhir\"><id value=\"\0\"/></Bundle>",
            (400, "structure"),
            &[],
        ),
        case(
            "ten thousand elements deep",
            FHIR,
            XML,
            format!("<Patient xmlns=\"http://hl7.org/fhir\">{}</Patient>", deep("<extension>", "</extension>", 10_000)),
            (413, "too-long"),
            &["deep"],
        ),
        case(
            "two roots",
            FHIR,
            XML,
            "<Bundle xmlns=\"http://hl7.org/fhir\"/><Bundle xmlns=\"http://hl7.org/fhir\"/>",
            (400, "structure"),
            &["line 1"],
        ),
        case(
            "unknown element in XML",
            FHIR,
            XML,
            good_xml().replacen("<type value=\"message\"/>", "<type value=\"message\"/><wrong value=\"1\"/>", 1),
            (422, "invalid"),
            &["wrong"],
        ),
    ]
}
