//! What the XML reader makes of documents, sound and odd.

use crate::fhir::tree::outline::{faults, outline};
use crate::fhir::tree::{Kind, Name, Tree};
use crate::fhir::{Format, Limits};

fn read(text: &str) -> Tree<'_> {
    Tree::read(text.as_bytes(), Format::Xml, &Limits::default()).unwrap_or_else(|issue| panic!("{issue:?}: {text}"))
}

fn patient(inner: &str) -> String {
    format!("<Patient xmlns=\"http://hl7.org/fhir\">{inner}</Patient>")
}

const DIV: &str = "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p id='x'>a &amp; b</p></div>";

#[test]
fn xml_and_json_of_the_same_resource_give_the_same_tree() {
    let div = DIV.replace('"', "\\\"");
    let table = [
        (
            "<birthDate id='a' value='1970'><extension url='http://a.example'><valueString value='&lt; b'/></extension></birthDate>",
            r#""birthDate":"1970","_birthDate":{"id":"a","extension":[{"url":"http://a.example","valueString":"< b"}]}"#.to_owned(),
        ),
        (
            "<name><given value='A'/><given id='b'/><given value='C'/></name><name/><colour value='1'/>",
            r#""name":[{"given":["A",null,"C"],"_given":[null,{"id":"b"}]},{}],"colour":1"#.to_owned(),
        ),
        (
            "<id value='1'/><name><text value='a'/></name><gender value='male'/><name><text value='b'/></name>",
            r#""id":"1","name":[{"text":"a"},{"text":"b"}],"gender":"male""#.to_owned(),
        ),
        (
            "<!-- c --><contained><Observation><id value='o'/></Observation></contained>",
            r#""contained":[{"resourceType":"Observation","id":"o"}]"#.to_owned(),
        ),
        (&format!("<text><status value='generated'/>{DIV}</text>"), format!(r#""text":{{"status":"generated","div":"{div}"}}"#)),
    ];
    for (xml, json) in table {
        let (xml, json) = (patient(xml), format!("{{\"resourceType\":\"Patient\",{json}}}"));
        let json = Tree::read(json.as_bytes(), Format::Json, &Limits::default()).unwrap();
        assert_eq!(outline(&read(&xml)), outline(&json), "{xml}");
    }
}

#[test]
fn values_are_attributes_and_the_narrative_is_markup() {
    let text = patient(&format!("<text>{DIV}</text><gender value = 'ma&#108;e'/>"));
    let tree = read(&text);
    let div = tree.root().child(Name::TEXT).and_then(|text| text.child(Name::DIV)).unwrap();
    assert_eq!((div.kind(), div.value()), (Kind::Markup, Some(DIV)));
    let gender = tree.root().child(Name::of("gender")).unwrap();
    assert_eq!((gender.kind(), gender.value(), gender.is_listed()), (Kind::Attribute, Some("male"), false));
    assert_eq!(gender.offset(), text.find("<gender").unwrap());
    assert!(tree.faults().is_empty() && tree.root().kind() == Kind::Object);
}

#[test]
fn prefixes_comments_and_schema_locations_are_no_fault() {
    let text = "<?xml version='1.0' encoding='utf-8'?><!-- a --><f:Patient xmlns:f='http://hl7.org/fhir' xmlns:h='http://www.w3.org/1999/xhtml' \
        xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:schemaLocation='http://hl7.org/fhir a.xsd'>&#32;<!-- b -->\
        <f:text><f:status value='empty'/><h:div><h:p>a</h:p></h:div></f:text></f:Patient><!-- c -->";
    let tree = read(text);
    assert_eq!(faults(&tree), Vec::<String>::new());
    let div = tree.root().child(Name::TEXT).and_then(|text| text.text(Name::DIV)).unwrap();
    assert_eq!(div, "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>a</p></div>");
}

#[test]
fn each_fault_is_told_with_path_and_position_and_the_rest_is_read() {
    let table: &[(&str, &[&str])] = &[
        ("<gender/>", &["error Patient.gender 1:38 This element is empty."]),
        ("<name><given></given></name>", &["error Patient.name[0].given[0] 1:44 This element is empty."]),
        ("", &["error Patient 1:1 This element is empty."]),
        ("<gender value=''/>", &["error Patient.gender 1:46 The value attribute is"]),
        ("<gender value='a'>b<!-- c -->d</gender>", &["error Patient.gender 1:56 Text may not stand"]),
        ("<![CDATA[a]]>", &["error Patient 1:38 Text may not stand"]),
        ("<gender value='a' code='b'/>", &["error Patient.gender 1:56 The attribute code has"]),
        ("<gender value='a' url='b'/>", &["error Patient.gender 1:56 The attribute url has"]),
        ("<name><id value='a'/></name>", &["error Patient.name[0].id 1:44 <id> may not stand"]),
        ("<extension><url value='a'/></extension>", &["error Patient.extension[0].url 1:49 <url> may not stand"]),
        ("<gender xmlns='' value='a'/>", &["error Patient.gender 1:38 <gender> is not in"]),
        ("<name xmlns='http://a.example'><text value='a'/></name>", &["error Patient.name[0] 1:38 <name> is not in"]),
        ("<text><div>a</div></text>", &["error Patient.text.div 1:44 The narrative must be"]),
        (
            "<contained><Observation/><Patient><id value='b'/></Patient></contained>",
            &["error Patient.contained[0] 1:63 Only one resource may"],
        ),
        ("<contained><Pat><id value='a'/></Pat></contained>", &["error Patient.contained[0] 1:49 <Pat> is not a"]),
        (
            "<contained><Patient id='a'><active value='true'/></Patient></contained>",
            &["error Patient.contained[0] 1:58 The attribute id has"],
        ),
        ("<?a b?><gender value='a'/>", &["error Patient 1:38 A processing instruction may"]),
    ];
    for (inner, expected) in table {
        let text = patient(inner);
        let tree = read(&text);
        assert_eq!(faults(&tree), *expected, "{inner}");
        outline(&tree);
    }
    assert_eq!(
        faults(&read("<Pat><a value='1'/></Pat>")),
        ["error Resource 1:1 <Pat> is not a", "error Resource 1:1 <Pat> is not in"]
    );
    assert_eq!(read("<Pat><a value='1'/></Pat>").root().written_name(), "Pat");
}

#[test]
fn what_cannot_be_read_is_refused_with_a_position() {
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    let narrative = format!("<text><div xmlns='http://www.w3.org/1999/xhtml'>{}", "<p>".repeat(100_000));
    for text in [
        "<Patient",
        "<!DOCTYPE Patient><Patient xmlns='http://hl7.org/fhir'/>",
        "<Patient xmlns='http://hl7.org/fhir'>",
        "<a></b>",
        "text",
        "<a>&nbsp;</a>",
        "<a/><b/>",
        &patient(&deep),
        &patient(&narrative),
    ] {
        let issue = Tree::read(text.as_bytes(), Format::Xml, &Limits::default()).unwrap_err();
        assert!(issue.position.is_some(), "{issue:?}");
    }
    let broken = patient("<name><text value='a'></name>");
    let issue = Tree::read(broken.as_bytes(), Format::Xml, &Limits::default());
    assert_eq!(issue.unwrap_err().path.as_deref(), Some("Patient.name[0].text"));
}
