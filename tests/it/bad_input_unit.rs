//! Bad input, case by case: each is refused with the right code, says where, and never echoes what a person wrote.

use cmht_gateway::fhir::{Format, Limits, read, read_document};
use cmht_gateway::intake::{Schemas, fhir_message, native};
use cmht_gateway::model::{DocumentKind, Issue};

/// Name, body, expected code, line and column, path.
type Case = (&'static str, &'static [u8], &'static str, Option<(usize, usize)>, Option<&'static str>);

fn assert_all(cases: &[Case], read: impl Fn(&[u8]) -> Issue) {
    let mut faults = Vec::new();
    for (name, body, code, position, path) in cases {
        let issue = read(body);
        let found = (issue.code.code(), issue.position, issue.path.as_deref());
        let sound = issue.severity.refuses() && issue.text.ends_with('.') && !issue.text.contains("Zebedee");
        if found != (*code, *position, *path) || !sound {
            faults.push(format!("{name}: {found:?} {}", issue.text));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn bad_json_is_refused_where_it_goes_wrong() {
    let cases: &[Case] = &[
        ("empty", b"", "structure", None, None),
        ("white space", b" \r\n\t ", "structure", None, None),
        ("truncated object", b"{\"resourceType\": \"Bundle\"", "structure", Some((1, 26)), None),
        ("truncated string", b"{\"id\": \"Zebedee", "structure", Some((1, 16)), Some("id")),
        ("truncated array", b"{\"entry\": [", "structure", Some((1, 12)), Some("entry[0]")),
        ("text", b"Zebedee", "structure", Some((1, 1)), None),
        ("XML", b"<Bundle/>", "structure", Some((1, 1)), None),
        ("UTF-16 with BOM", b"\xFF\xFE{\0}\0", "structure", None, None),
        ("UTF-16 without BOM", b"{\0}\0", "structure", None, None),
        ("UTF-32", b"\0\0\xFE\xFF\0\0\0{", "structure", Some((1, 3)), None),
        ("invalid UTF-8", b"{\"a\":\n \"\xC3\x28\"}", "structure", Some((2, 3)), None),
        ("overlong UTF-8", b"{\"a\": \"\xC0\x80\"}", "structure", Some((1, 8)), None),
        ("encoded surrogate", b"{\"a\": \"\xED\xA0\x80\"}", "structure", Some((1, 8)), None),
        ("byte order mark twice", b"\xEF\xBB\xBF\xEF\xBB\xBF{}", "structure", Some((1, 1)), None),
        ("NUL in front", b"\0\0\0\0", "structure", Some((1, 1)), None),
        ("NUL in a string", b"{\"a\": \"b\0c\"}", "structure", Some((1, 9)), Some("a")),
        ("escaped NUL", b"{\"a\": \"b\\u0000c\"}", "value", Some((1, 9)), Some("a")),
        ("tab in a string", b"{\"a\": \"b\tc\"}", "structure", Some((1, 9)), Some("a")),
        ("lone high surrogate", b"{\"a\": \"\\ud83d\"}", "structure", Some((1, 8)), Some("a")),
        ("lone low surrogate", b"{\"a\": \"\\ude00\"}", "structure", Some((1, 8)), Some("a")),
        ("surrogates in the wrong order", b"{\"a\": \"\\ude00\\ud83d\"}", "structure", Some((1, 8)), Some("a")),
        ("unknown escape", b"{\"a\": \"\\x41\"}", "structure", Some((1, 8)), Some("a")),
        ("escape without digits", b"{\"a\": \"\\u12\"}", "structure", Some((1, 8)), Some("a")),
        ("trailing comma", b"{\"a\": 1,}", "structure", Some((1, 9)), None),
        ("trailing comma in an array", b"{\"a\": [1,]}", "structure", Some((1, 10)), Some("a[1]")),
        ("comment", b"{\"a\": 1 // Zebedee\n}", "structure", Some((1, 9)), None),
        ("single quotes", b"{'a': 1}", "structure", Some((1, 2)), None),
        ("key without quotes", b"{a: 1}", "structure", Some((1, 2)), None),
        ("no colon", b"{\"a\" 1}", "structure", Some((1, 6)), None),
        ("no comma", b"{\"a\": 1 \"b\": 2}", "structure", Some((1, 9)), None),
        ("wrong bracket", b"{\"a\": [1}", "structure", Some((1, 9)), Some("a")),
        ("leading zero", b"{\"a\": 01}", "structure", Some((1, 7)), Some("a")),
        ("leading plus", b"{\"a\": +1}", "structure", Some((1, 7)), Some("a")),
        ("no digits after the point", b"{\"a\": 1.}", "structure", Some((1, 9)), Some("a")),
        ("no exponent", b"{\"a\": 1e}", "structure", Some((1, 9)), Some("a")),
        ("NaN", b"{\"a\": NaN}", "structure", Some((1, 7)), Some("a")),
        ("True", b"{\"a\": True}", "structure", Some((1, 7)), Some("a")),
        ("two documents", b"{} {}", "structure", Some((1, 4)), None),
        (
            "key twice",
            b"{\"resourceType\": \"Patient\",\n \"name\": [{\"family\": \"Zebedee\",\n  \"family\": \"Zebedee\"}]}",
            "structure",
            Some((3, 3)),
            Some("Patient.name[0].family"),
        ),
        ("key twice, once escaped", b"{\"id\": \"a\", \"\\u0069d\": \"b\"}", "structure", Some((1, 13)), Some("id")),
        (
            "reserved key",
            b"{\"a\": {\"$serde_json::private::Number\": \"1\"}}",
            "structure",
            Some((1, 8)),
            Some("a.$serde_json::private::Number"),
        ),
        ("array", b" []", "structure", Some((1, 2)), None),
        ("number", b"1", "structure", Some((1, 1)), None),
        ("no resourceType", b"\n{\"id\": \"a\"}", "required", Some((2, 1)), None),
        ("resourceType not text", b"{\"resourceType\": 1}", "value", Some((1, 18)), Some("resourceType")),
        ("unknown resource", b"{\"resourceType\": \"Referral\"}", "not-supported", Some((1, 18)), Some("resourceType")),
        (
            "resource in lower case",
            b"{\"resourceType\": \"bundle\"}",
            "not-supported",
            Some((1, 18)),
            Some("resourceType"),
        ),
        (
            "abstract resource",
            b"{\"resourceType\": \"Resource\"}",
            "not-supported",
            Some((1, 18)),
            Some("resourceType"),
        ),
        ("data type", b"{\"resourceType\": \"HumanName\"}", "not-supported", Some((1, 18)), Some("resourceType")),
    ];
    assert_all(cases, |body| read(body, Format::Json, &Limits::default()).expect_err("bad JSON"));
}

/// Not XML at all, or XML that is refused whatever is in it.
const NOT_XML: &[Case] = &[
        ("empty", b"", "structure", None, None),
        ("text", b"Zebedee", "structure", Some((1, 1)), None),
        ("JSON", b"{\"resourceType\": \"Bundle\"}", "structure", Some((1, 1)), None),
        ("declaration only", b"<?xml version=\"1.0\"?>", "structure", Some((1, 1)), None),
        ("UTF-16", b"\xFE\xFF\0<\0a", "structure", None, None),
        ("invalid UTF-8", b"<Patient xmlns=\"http://hl7.org/fhir\">\n\xFF</Patient>", "structure", Some((2, 1)), None),
        ("NUL byte", b"<Patient xmlns=\"http://hl7.org/fhir\">\0</Patient>", "structure", Some((1, 38)), None),
        (
            "other encoding declared",
            b"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><Patient xmlns=\"http://hl7.org/fhir\"/>",
            "structure",
            Some((1, 21)),
            None,
        ),
        ("XML 1.1", b"<?xml version=\"1.1\"?><Patient xmlns=\"http://hl7.org/fhir\"/>", "structure", Some((1, 7)), None),
        ("declaration not first", b"\n<?xml version=\"1.0\"?><Patient/>", "structure", Some((2, 1)), None),
        (
            "entity bomb",
            b"<?xml version=\"1.0\"?>\n<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><Patient xmlns=\"http://hl7.org/fhir\"><id value=\"&b;\"/></Patient>",
            "structure",
            Some((2, 1)),
            None,
        ),
        (
            "external entity",
            b"<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><Patient xmlns=\"http://hl7.org/fhir\"/>",
            "structure",
            Some((1, 1)),
            None,
        ),
        ("unclosed DOCTYPE", b"<!DOCTYPE x [<!ENTITY a \"", "structure", Some((1, 1)), None),
        (
            "undefined entity",
            b"<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"a&nbsp;b\"/></Patient>",
            "structure",
            Some((1, 50)),
            Some("Patient"),
        ),
        (
            "reference to NUL",
            b"<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"&#0;\"/></Patient>",
            "structure",
            Some((1, 49)),
            Some("Patient"),
        ),
        ("truncated", b"<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"a\"/>", "structure", Some((1, 53)), Some("Patient")),
        ("truncated tag", b"<Patient xmlns=\"http://hl7.org/fhir\"><id val", "structure", Some((1, 38)), Some("Patient")),
        (
            "mismatched tags",
            b"<Patient xmlns=\"http://hl7.org/fhir\"><name><family value=\"Zebedee\"/></nam></Patient>",
            "structure",
            Some((1, 69)),
            Some("Patient.name[0]"),
        ),
        ("end before start", b"</Patient>", "structure", Some((1, 1)), None),
        ("two roots", b"<Patient xmlns=\"http://hl7.org/fhir\"/><Patient/>", "structure", Some((1, 39)), None),
        ("text behind the root", b"<Patient xmlns=\"http://hl7.org/fhir\"/>Zebedee", "structure", Some((1, 39)), None),
];

/// XML, but not FHIR.
const NOT_FHIR_XML: &[Case] = &[
        ("no namespace", b"<Patient><id value=\"a\"/></Patient>", "structure", Some((1, 1)), None),
        ("other namespace", b"<Patient xmlns=\"urn:x\"/>", "structure", Some((1, 1)), None),
        ("undeclared prefix", b"<f:Patient/>", "structure", Some((1, 1)), None),
        ("unknown resource", b"<Referral xmlns=\"http://hl7.org/fhir\"/>", "not-supported", Some((1, 1)), None),
        (
            "unknown element",
            b"<Patient xmlns=\"http://hl7.org/fhir\">\n <name>\n  <surname value=\"Zebedee\"/></name></Patient>",
            "invalid",
            Some((3, 3)),
            Some("Patient.name[0]"),
        ),
        (
            "unknown attribute",
            b"<Patient xmlns=\"http://hl7.org/fhir\"><id val=\"Zebedee\"/></Patient>",
            "invalid",
            Some((1, 42)),
            Some("Patient.id"),
        ),
        (
            "attribute twice",
            b"<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"a\" value=\"b\"/></Patient>",
            "structure",
            Some((1, 52)),
            Some("Patient"),
        ),
        (
            "empty value",
            b"<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"\"/></Patient>",
            "value",
            Some((1, 42)),
            Some("Patient.id"),
        ),
        ("no value", b"<Patient xmlns=\"http://hl7.org/fhir\"><id/></Patient>", "required", Some((1, 38)), Some("Patient.id")),
        (
            "empty element",
            b"<Patient xmlns=\"http://hl7.org/fhir\"><name/></Patient>",
            "required",
            Some((1, 38)),
            Some("Patient.name[0]"),
        ),
        (
            "text for a value",
            b"<Patient xmlns=\"http://hl7.org/fhir\"><id>Zebedee</id></Patient>",
            "structure",
            Some((1, 42)),
            Some("Patient.id"),
        ),
        (
            "CDATA for a value",
            b"<Patient xmlns=\"http://hl7.org/fhir\"><id><![CDATA[Zebedee]]></id></Patient>",
            "structure",
            Some((1, 42)),
            Some("Patient.id"),
        ),
        (
            "not a boolean",
            b"<Patient xmlns=\"http://hl7.org/fhir\"><active value=\"Zebedee\"/></Patient>",
            "value",
            Some((1, 38)),
            Some("Patient.active"),
        ),
        (
            "not an integer",
            b"<Patient xmlns=\"http://hl7.org/fhir\"><multipleBirthInteger value=\"1.0\"/></Patient>",
            "value",
            Some((1, 38)),
            Some("Patient.multipleBirthInteger"),
        ),
        (
            "element twice",
            b"<Patient xmlns=\"http://hl7.org/fhir\"><active value=\"true\"/><active value=\"true\"/></Patient>",
            "structure",
            Some((1, 60)),
            Some("Patient.active"),
        ),
        (
            "narrative without namespace",
            b"<Patient xmlns=\"http://hl7.org/fhir\"><text><status value=\"generated\"/><div>a</div></text></Patient>",
            "structure",
            Some((1, 71)),
            Some("Patient.text.div"),
        ),
        (
            "HTML entity in the narrative",
            b"<Patient xmlns=\"http://hl7.org/fhir\"><text><div xmlns=\"http://www.w3.org/1999/xhtml\">a&nbsp;</div></text></Patient>",
            "structure",
            Some((1, 87)),
            Some("Patient.text.div"),
        ),
        (
            "two resources in an entry",
            b"<Bundle xmlns=\"http://hl7.org/fhir\"><entry><resource><Basic/><Basic/></resource></entry></Bundle>",
            "structure",
            Some((1, 62)),
            Some("Bundle.entry[0].resource"),
        ),
        (
            "no resource in an entry",
            b"<Bundle xmlns=\"http://hl7.org/fhir\"><entry><resource></resource></entry></Bundle>",
            "required",
            Some((1, 44)),
            Some("Bundle.entry[0].resource"),
        ),
        ("comment with two hyphens", b"<!-- a -- b --><Patient xmlns=\"http://hl7.org/fhir\"/>", "structure", Some((1, 8)), None),
];

#[test]
fn bad_xml_is_refused_where_it_goes_wrong() {
    for cases in [NOT_XML, NOT_FHIR_XML] {
        assert_all(cases, |body| read(body, Format::Xml, &Limits::default()).expect_err("bad XML"));
    }
}

#[test]
fn valid_xml_in_unusual_clothes_is_read() {
    let expected = serde_json::json!({"resourceType": "Patient", "id": "a", "active": true});
    let inner = "<id value=\"a\"/><active value=\"true\"/>";
    let fhir = "xmlns=\"http://hl7.org/fhir\"";
    let cases = [
        format!("<?xml version=\"1.0\" encoding=\"utf-8\"?><Patient {fhir}>{inner}</Patient>"),
        format!("<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\r\n<Patient {fhir}>{inner}</Patient>\r\n"),
        format!(
            "\u{FEFF}<?xml version=\"1.0\"?><!-- c --><?xml-stylesheet href=\"x\"?><Patient {fhir}>{inner}</Patient><!-- d -->"
        ),
        "<f:Patient xmlns:f=\"http://hl7.org/fhir\"><f:id value=\"a\"/><f:active value=\"true\"/></f:Patient>"
            .to_owned(),
        format!(
            "<Patient\n\t{fhir}\n>\n<!-- c --> <id  value = 'a' ></id >\n<?p i?><active value=\" true\n\"/></Patient\n>"
        ),
        format!(
            "<Patient {fhir} xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"a b\">{inner}</Patient>"
        ),
        format!("<Patient {fhir}><id value=\"&#x61;\"/><active value=\"&#116;rue\"/></Patient>"),
        format!("<Patient {fhir}><active value=\"true\"/><id value=\"a\"/></Patient>"),
    ];
    for xml in cases {
        let value = read(xml.as_bytes(), Format::Xml, &Limits::default());
        assert_eq!(value.expect("valid XML"), expected, "{xml}");
    }
}

#[test]
fn a_narrative_that_borrows_prefixes_is_written_to_stand_for_itself() {
    let xml = "<f:Patient xmlns:f=\"http://hl7.org/fhir\" xmlns:h=\"http://www.w3.org/1999/xhtml\"><f:text>\
        <f:status value=\"generated\"/><h:div class='c'>a<h:br/><h:p>b &amp; c</h:p></h:div></f:text></f:Patient>";
    let value = read(xml.as_bytes(), Format::Xml, &Limits::default()).expect("valid XML");
    let expected = "<div xmlns=\"http://www.w3.org/1999/xhtml\" class=\"c\">a<br/><p>b &amp; c</p></div>";
    assert_eq!(value.pointer("/text/div").and_then(|d| d.as_str()), Some(expected));
}

#[test]
fn size_and_depth_are_limited_and_cheap_to_refuse() {
    let limits = Limits::default();
    let deep = 10_000;
    let bodies = [
        (Format::Json, "[".repeat(deep)),
        (Format::Json, "{\"a\":".repeat(deep)),
        (Format::Json, format!("{}1{}", "[".repeat(deep), "]".repeat(deep))),
        (Format::Xml, format!("<Patient xmlns=\"http://hl7.org/fhir\">{}", "<extension url=\"a\">".repeat(deep))),
        (
            Format::Xml,
            format!(
                "<Patient xmlns=\"http://hl7.org/fhir\"><text><div xmlns=\"http://www.w3.org/1999/xhtml\">{}",
                "<b>".repeat(deep)
            ),
        ),
        (Format::Json, " ".repeat(limits.max_bytes + 1)),
        (Format::Xml, " ".repeat(limits.max_bytes + 1)),
    ];
    for (format, body) in bodies {
        let issue = read(body.as_bytes(), format, &limits).expect_err("too much");
        assert_eq!(issue.code.code(), "too-long", "{}", issue.text);
    }
}

#[test]
fn json_and_xml_count_depth_alike() {
    let limits = Limits { max_bytes: 10_000, max_depth: 7 };
    let body = |levels: usize| {
        let open = "{\"url\":\"u\",\"extension\":[".repeat(levels);
        let inner = "{\"url\":\"u\",\"valueCode\":\"x\"}";
        format!("{{\"resourceType\":\"Patient\",\"extension\":[{open}{inner}{}]}}", "]}".repeat(levels))
    };
    for (levels, fits) in [(2, true), (3, false)] {
        let generous = Limits::default();
        let value = read(body(levels).as_bytes(), Format::Json, &generous).expect("JSON");
        let xml = cmht_gateway::fhir::write(&value, Format::Xml).expect("XML");
        assert_eq!(read(body(levels).as_bytes(), Format::Json, &limits).is_ok(), fits, "JSON {levels}");
        assert_eq!(read(&xml, Format::Xml, &limits).is_ok(), fits, "XML {levels}");
    }
}

#[test]
fn bad_native_documents_are_refused_by_pointer() {
    let schema = r#"{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
        "required": ["person"], "additionalProperties": false,
        "properties": {"person": {"type": "object", "properties": {"born": {"type": "string", "format": "date"}}}}}"#;
    let schemas = Schemas::load(&[(DocumentKind::Referral, schema)]).expect("a schema");
    let cases: &[Case] = &[
        ("empty", b"", "structure", None, None),
        ("truncated", b"{\"person\": {\"born\": ", "structure", Some((1, 21)), Some("/person/born")),
        ("key twice", b"{\"person\": {}, \"person\": {}}", "structure", Some((1, 16)), Some("/person")),
        ("slash in a key", b"{\"a/b~\": }", "structure", Some((1, 10)), Some("/a~1b~0")),
        ("not an object", b"[]", "structure", Some((1, 1)), Some("")),
        ("nothing in it", b" {}", "required", Some((1, 2)), Some("/person")),
        ("wrong type", b"{\"person\": \"Zebedee\"}", "structure", Some((1, 12)), Some("/person")),
        ("wrong date", b"{\"person\":\n {\"born\": \"Zebedee\"}}", "value", Some((2, 11)), Some("/person/born")),
        ("unknown property", b"{\"person\": {}, \"colour\": 1}", "invalid", Some((1, 26)), Some("/colour")),
    ];
    assert_all(cases, |body| {
        let taken = native(&schemas, DocumentKind::Referral, body, Some("application/json"), &Limits::default());
        taken.expect_err("bad document").issues.remove(0)
    });
    assert!(read_document(b"[]", &Limits::default()).is_ok(), "any JSON is a document to the reader");
}

#[test]
fn a_faulty_message_says_nothing_of_its_content_in_debug_or_display() {
    let body = b"{\"resourceType\": \"Patient\", \"name\": [{\"family\": \"Zebedee\"}]}";
    let refusal = fhir_message(body, Some("application/fhir+json"), &Limits::default()).expect_err("no Bundle");
    assert!(!format!("{refusal}{refusal:?}").contains("Zebedee"));
}
