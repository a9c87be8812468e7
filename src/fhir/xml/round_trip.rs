//! Property: any structurally sound resource survives JSON → XML → JSON unchanged. Tests only.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::fhir::schema::{Child, Place, Primitive, Shape};
use crate::fhir::{Format, Limits, read, strict, structure, write};

/// Decisions, taken byte by byte from what proptest supplies, so that it can shrink them.
pub(in crate::fhir) struct Tape<'a>(pub(in crate::fhir) std::slice::Iter<'a, u8>, pub(in crate::fhir) &'a [String]);

const RESOURCES: [&str; 9] = [
    "Patient",
    "Bundle",
    "Observation",
    "MessageHeader",
    "Questionnaire",
    "Parameters",
    "MedicationStatement",
    "ExampleScenario",
    "Binary",
];
const NUMBERS: [&str; 6] = ["1.00", "0", "-0.5", "100", "0.000000000000000001", "123456789012345678.90"];
const DIVS: [&str; 4] = [
    "<div xmlns=\"http://www.w3.org/1999/xhtml\"/>",
    "<div xmlns=\"http://www.w3.org/1999/xhtml\"> \n\t<p class='a'>x<br/>&amp;&#13;</p> </div>",
    "<div xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"cy\"><![CDATA[a<b]]>😀</div>",
    "<div xmlns=\"http://www.w3.org/1999/xhtml\"><!-- é --><table><tr><td>&quot;</td></tr></table></div>",
];

impl Tape<'_> {
    fn next(&mut self, below: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or(0)) % below
    }

    pub(in crate::fhir) fn resource(&mut self, depth: usize) -> Value {
        let name = RESOURCES[self.next(RESOURCES.len())];
        let mut map = Map::from_iter([("resourceType".to_owned(), json!(name))]);
        self.fill(&mut map, Place::resource(name).unwrap(), depth);
        Value::Object(map)
    }

    fn object(&mut self, place: Place, depth: usize) -> Value {
        let mut map = Map::new();
        self.fill(&mut map, place, depth);
        if map.is_empty() {
            map.insert("id".to_owned(), json!("a"));
        }
        Value::Object(map)
    }

    fn fill(&mut self, map: &mut Map<String, Value>, place: Place, depth: usize) {
        let children: Vec<Child> = place.children().to_vec();
        for _ in 0..self.next(6) {
            let child = &children[self.next(children.len())];
            if child.many {
                self.list(map, child, depth);
            } else if let Some(value) = self.value(child, depth) {
                let shape = matches!(child.shape, Shape::Primitive(_));
                if shape && self.next(4) == 0 {
                    map.insert(format!("_{}", child.name), self.object(Place::ELEMENT, 1));
                }
                map.insert(child.name.to_owned(), value);
            }
        }
    }

    fn list(&mut self, map: &mut Map<String, Value>, child: &Child, depth: usize) {
        let (mut values, mut extras) = (Vec::new(), Vec::new());
        for _ in 0..=self.next(3) {
            let Some(value) = self.value(child, depth) else { return };
            let companion = matches!(child.shape, Shape::Primitive(_)) && self.next(3) == 0;
            extras.push(if companion { self.object(Place::ELEMENT, 1) } else { Value::Null });
            values.push(if companion && self.next(2) == 0 { Value::Null } else { value });
        }
        for (key, items) in [(child.name.to_owned(), values), (format!("_{}", child.name), extras)] {
            map.shift_remove(&key);
            if items.iter().any(|item| !item.is_null()) {
                map.insert(key, Value::Array(items));
            }
        }
    }

    fn value(&mut self, child: &Child, depth: usize) -> Option<Value> {
        let deeper = depth.checked_sub(1);
        Some(match child.shape {
            Shape::Complex(place) => self.object(place, deeper?),
            Shape::Resource => self.resource(deeper?),
            Shape::Primitive(Primitive::Boolean) => json!(self.next(2) == 0),
            Shape::Primitive(Primitive::Integer) => json!(self.next(100)),
            Shape::Primitive(Primitive::Decimal) => Value::Number(NUMBERS[self.next(NUMBERS.len())].parse().unwrap()),
            Shape::Primitive(Primitive::Text) | Shape::Attribute => json!(self.1[self.next(self.1.len())]),
            Shape::Xhtml => json!(DIVS[self.next(DIVS.len())]),
        })
    }
}

/// Text as people and machines write it, white space at the ends and all.
pub(in crate::fhir) fn texts() -> impl Strategy<Value = Vec<String>> {
    let nasty = prop::sample::select(vec![
        " a ",
        "\n",
        "\t\r\n",
        "\"'<&>]]>",
        "😀é",
        "&amp;",
        "true",
        "1.00",
        "\u{85}\u{2028}",
    ]);
    let text =
        prop_oneof![nasty.prop_map(str::to_owned), "[\\t\\r\\n\\x20-\\x7e\u{a0}-\u{2fff}\u{10000}-\u{1ffff}]{1,20}"];
    prop::collection::vec(text, 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_sound_resource_survives_xml(tape in prop::collection::vec(any::<u8>(), 0..300), texts in texts()) {
        let value = Tape(tape.iter(), &texts).resource(6);
        prop_assert_eq!(structure::check(&value), vec![]);
        let xml = write(&value, Format::Xml).expect("sound");
        let again = read(&xml, Format::Xml, &Limits::default()).expect("our own XML");
        prop_assert_eq!(&again, &value);
        let json = write(&value, Format::Json).expect("JSON");
        prop_assert_eq!(&read(&json, Format::Json, &Limits::default()).expect("our own JSON"), &value);
        // whatever the check thinks of it, it must not take us down
        let _ = strict(&value);
    }

    #[test]
    fn no_bytes_make_the_readers_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for format in [Format::Json, Format::Xml] {
            let _ = read(&bytes, format, &Limits::default());
        }
    }

    #[test]
    fn damaged_xml_is_read_or_refused_with_a_position(
        tape in prop::collection::vec(any::<u8>(), 0..60), texts in texts(), at in any::<prop::sample::Index>(), with in "\\PC?|[<>&\"'/=!?\\[\\]-]",
    ) {
        let value = Tape(tape.iter(), &texts).resource(3);
        let mut xml = String::from_utf8(write(&value, Format::Xml).expect("sound")).expect("UTF-8");
        let at = xml.floor_char_boundary(at.index(xml.len()));
        xml.replace_range(at..xml.ceil_char_boundary(at + 1), &with);
        match read(xml.as_bytes(), Format::Xml, &Limits::default()) {
            Ok(value) => prop_assert_eq!(structure::check(&value), vec![]),
            Err(issue) => prop_assert!(issue.position.is_some(), "{:?}", issue),
        }
    }

    #[test]
    fn json_is_read_just_as_serde_json_reads_it(text in "[\\[\\]{}\",:\\\\0-9a-fu.eE+ \\ntrulsn-]{0,24}") {
        // any object and array mix, far from FHIR; only what serde_json lets pass and we do not is told apart
        let ours = crate::fhir::read_document(text.as_bytes(), &Limits::default());
        match (ours, serde_json::from_str::<Value>(&text)) {
            (Ok(ours), Ok(theirs)) => prop_assert_eq!(ours, theirs),
            (Ok(_), Err(error)) => prop_assert!(false, "we read what is not JSON: {error}"),
            (Err(issue), Ok(_)) => {
                let ours_alone = ["stands twice", "not allowed in FHIR text"];
                prop_assert!(ours_alone.iter().any(|reason| issue.text.contains(reason)), "{:?}", issue);
            }
            (Err(_), Err(_)) => {}
        }
    }
}
