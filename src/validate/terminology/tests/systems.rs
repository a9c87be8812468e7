//! What is said of codes, their words, and how they lie to each other.

use super::super::{Code, DisplayVerdict, Grammars, Known, State, Subsumption};
use super::*;

fn of_content(content: &str) -> Value {
    json!({"resourceType": "CodeSystem", "url": "http://s/part", "content": content, "caseSensitive": true,
        "supplements": "http://s/animals", "concept": [{"code": "a", "display": "A"}]})
}

#[test]
fn only_a_complete_system_can_say_that_a_code_is_wrong() {
    let url: Arc<str> = "http://s/part".into();
    let table = [
        ("complete", true, None),
        ("fragment", true, Some(Why::Fragment(url.clone()))),
        ("example", false, Some(Why::Example(url.clone()))),
        ("not-present", false, Some(Why::NotPresent(url.clone()))),
        ("supplement", false, Some(Why::Supplement(url))),
    ];
    for (content, has, doubt) in table {
        let whole = includes("w", json!({"system": "http://s/part"}));
        let list = includes("l", json!({"system": "http://s/part", "concept": [{"code": "a"}, {"code": "b"}]}));
        let terminology = library(&[of_content(content), whole, list]);
        assert_eq!(matches!(terminology.code("http://s/part", None, "a"), Code::Known(_)), has, "{content}");
        let missing = terminology.code("http://s/part", None, "b");
        match &doubt {
            None => assert_eq!(missing, Code::Missing { version: None }),
            Some(why) => assert_eq!(missing, Code::Unknown { why: why.clone(), server: Server::Absent }),
        }
        let [a, b, sure] = match (has, doubt.is_some()) {
            (true, false) => ["Y", "N", "YNN"],
            (true, true) => ["Y", "?", "YYN"],
            (false, _) => ["?", "?", "YYN"],
        };
        assert_eq!(
            told(&terminology, "http://v/w", Some("http://s/part"), &["a", "b"]),
            format!("{a}{b}"),
            "{content}"
        );
        // where the system may have more than is at hand, the list of a value set is believed, and it is a whole list
        assert_eq!(told(&terminology, "http://v/l", Some("http://s/part"), &["a", "b", "c"]), sure, "{content}");
    }
}

#[test]
fn a_code_comes_with_its_words_and_what_is_said_of_its_use() {
    let terminology = library(&[animals()]);
    let known = |code: &str| match terminology.code("http://s/animals", None, code) {
        Code::Known(known) => known,
        other => panic!("{other:?}"),
    };
    let plain = Known { code: "duck".into(), display: Some("Duck".into()), ..Known::default() };
    assert_eq!(known("duck"), plain);
    assert_eq!(known("bird").state, State { groups: true, ..State::default() });
    assert_eq!(known("fish").state, State { inactive: true, ..State::default() });
    assert_eq!(terminology.code("http://s/animals", None, "cow"), Code::Missing { version: Some("1.2.0".into()) });
    let unknown = |system: &str, version: Option<&str>| match terminology.code(system, version, "duck") {
        Code::Unknown { why, .. } => why.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(unknown("http://s/none", None), "the code system http://s/none is not known");
    assert_eq!(unknown("http://s/animals", Some("3")), "version 3 of the code system http://s/animals is not known");
}

#[test]
fn a_value_set_named_as_a_system_is_told_apart_from_a_system_nobody_knows() {
    let terminology = library(&[includes("v", json!({"system": "http://s/animals"}))]);
    let expected = Code::Unknown { why: Why::SystemIsValueSet("http://v/v".into()), server: Server::Absent };
    assert_eq!(terminology.code("http://v/v", None, "duck"), expected);
}

#[test]
fn case_matters_where_a_system_says_so_and_for_codes_named_one_by_one() {
    for (said, code, whole) in [(json!(true), false, "YNN"), (json!(false), true, "YYN"), (Value::Null, true, "YYN")] {
        let mut one = animals();
        one["caseSensitive"] = said.clone();
        let sets = [
            includes("w", json!({"system": "http://s/animals"})),
            includes(
                "f",
                json!({"system": "http://s/animals", "filter": [{"property": "concept", "op": "is-a", "value": "bird"}]}),
            ),
            includes("l", json!({"system": "http://s/animals", "concept": [{"code": "duck"}]})),
        ];
        let [w, f, l] = sets;
        let terminology = library(&[one, w, f, l]);
        let found = terminology.code("http://s/animals", None, "Duck");
        assert_eq!(matches!(&found, Code::Known(known) if known.other_case && &*known.code == "duck"), code, "{said}");
        for set in ["http://v/w", "http://v/f"] {
            assert_eq!(
                told(&terminology, set, Some("http://s/animals"), &["duck", "DUCK", "cow"]),
                whole,
                "{said} {set}"
            );
        }
        assert_eq!(told(&terminology, "http://v/l", Some("http://s/animals"), &["duck", "DUCK"]), "YN", "{said}");
    }
}

#[test]
fn the_hierarchy_is_read_from_places_and_from_properties() {
    let systems = system(
        "h",
        &json!([
            {"code": "top", "property": [{"code": "child", "valueCode": "c"}]},
            {"code": "a", "property": [{"code": "parent", "valueCode": "top"}]},
            {"code": "b", "property": [{"code": "subsumedBy", "valueCode": "a"}], "concept": [{"code": "d"}]},
            {"code": "c"},
            {"code": "r1", "property": [{"code": "parent", "valueCode": "r2"}]},
            {"code": "r2", "property": [{"code": "parent", "valueCode": "r1"}]}
        ]),
    );
    let terminology = library(&[systems]);
    let lies = |one: &str, other: &str| terminology.subsumes("http://s/h", None, one, other);
    for (one, other, expected) in [
        ("top", "top", Subsumption::Equivalent),
        ("top", "d", Subsumption::Subsumes),
        ("d", "top", Subsumption::SubsumedBy),
        ("top", "c", Subsumption::Subsumes),
        ("c", "a", Subsumption::NotSubsumed),
        // a ring is walked once
        ("r1", "a", Subsumption::NotSubsumed),
    ] {
        assert_eq!(lies(one, other), expected, "{one} {other}");
    }
    assert!(matches!(lies("top", "none"), Subsumption::Unknown(_)));
    assert!(matches!(terminology.subsumes("http://s/none", None, "a", "b"), Subsumption::Unknown(Why::System(_))));
}

#[test]
fn words_are_compared_with_those_of_the_system_and_of_the_value_set() {
    let list =
        includes("l", json!({"system": "http://s/animals", "concept": [{"code": "duck", "display": "Waterfowl"}]}));
    let far =
        includes("s", json!({"system": "http://snomed.info/sct", "concept": [{"code": "1", "display": "One thing"}]}));
    let terminology = library(&[animals(), list, far]);
    let list = terminology.value_set("http://v/l").unwrap();
    let judged = |set: Option<&Compiled>, code: &str, given: &str| {
        terminology.display("http://s/animals", None, code, set, given)
    };
    let differs = |expected: &[&str], white_space_only| DisplayVerdict::Differs {
        expected: expected.iter().map(|words| Arc::from(*words)).collect(),
        white_space_only,
    };
    assert_eq!(judged(None, "duck", "DUCK"), DisplayVerdict::Fine);
    assert_eq!(judged(None, "duck", " duck"), differs(&["Duck"], true));
    assert_eq!(judged(None, "duck", "waterfowl"), differs(&["Duck"], false));
    assert_eq!(judged(Some(&list), "duck", "waterfowl"), DisplayVerdict::Fine);
    assert_eq!(judged(Some(&list), "duck", "Goose"), differs(&["Duck", "Waterfowl"], false));
    assert_eq!(judged(None, "hen", "Hen"), DisplayVerdict::Unknown { why: Why::NoDisplay, server: Server::Absent });
    let far = terminology.value_set("http://v/s").unwrap();
    let snomed = |given: &str| terminology.display("http://snomed.info/sct", None, "1", Some(&far), given);
    assert_eq!(snomed("one THING"), DisplayVerdict::Fine);
    // the words of a value set are good, but not the only ones
    assert!(matches!(snomed("another"), DisplayVerdict::Unknown { why: Why::System(_), .. }));
}

/// Knows `en`, `text/plain` and `mg`.
#[derive(Debug)]
struct Few;

impl Grammars for Few {
    fn language(&self, code: &str) -> Option<bool> {
        Some(code == "en")
    }

    fn media_type(&self, code: &str) -> Option<bool> {
        Some(code == "text/plain")
    }

    fn unit(&self, code: &str) -> Option<bool> {
        Some(code == "mg")
    }
}

#[test]
fn systems_with_a_grammar_ask_those_who_know_it() {
    let table = [("urn:ietf:bcp:47", "en"), ("urn:ietf:bcp:13", "text/plain"), ("http://unitsofmeasure.org", "mg")];
    for (url, good) in table {
        let sets = [
            includes("w", json!({"system": url})),
            includes("l", json!({"system": url, "concept": [{"code": good}]})),
            composed(
                "e",
                json!({"include": [{"system": url}], "exclude": [{"system": url, "concept": [{"code": good}]}]}),
            ),
            includes("f", json!({"system": url, "filter": [{"property": "canonical", "op": "=", "value": "g"}]})),
        ];
        let without = library(&sets);
        let with = library(&sets).with_grammars(Box::new(Few));
        let asked = |t: &Terminology, set: &str| told(t, &format!("http://v/{set}"), Some(url), &[good, "no-such"]);
        for (set, known, unknown) in [("w", "YN", "??"), ("l", "YN", "YN"), ("e", "NN", "N?"), ("f", "??", "??")] {
            assert_eq!(asked(&with, set), known, "{url} {set}");
            assert_eq!(asked(&without, set), unknown, "{url} {set}");
        }
        assert!(matches!(with.code(url, None, good), Code::Known(_)));
        assert!(matches!(with.code(url, None, "no-such"), Code::Missing { .. }));
        assert!(matches!(without.code(url, None, good), Code::Unknown { why: Why::Grammar(_), .. }));
    }
}

#[test]
fn every_uri_is_a_code_of_the_system_of_uris() {
    let terminology = library(&[includes("u", json!({"system": "urn:ietf:rfc:3986"}))]);
    assert_eq!(told(&terminology, "http://v/u", None, &["urn:oid:1.2", "http://a.example", "male"]), "YYN");
}

#[test]
fn a_designation_is_as_good_as_the_display_in_any_language_and_is_not_proposed() {
    let system = json!({"resourceType": "CodeSystem", "url": "http://s/sexes", "content": "complete", "concept": [
        {"code": "f", "display": "Female", "designation": [{"language": "de", "value": "Weiblich"},
            {"value": "Woman"}, {"language": "en", "value": "female"}]},
        {"code": "m", "display": "Male"}]});
    let terminology = library(&[system]);
    let says = |code: &str, given: &str| terminology.display("http://s/sexes", None, code, None, given);
    for fine in ["Female", "weiblich", "Woman"] {
        assert_eq!(says("f", fine), DisplayVerdict::Fine, "{fine}");
    }
    let differs = |white_space_only| DisplayVerdict::Differs { expected: vec!["Female".into()], white_space_only };
    assert_eq!((says("f", "Man"), says("f", " Woman")), (differs(false), differs(true)));
    assert!(matches!(says("m", "Woman"), DisplayVerdict::Differs { .. }));
}
