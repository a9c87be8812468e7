//! What the JSON reader makes of documents, sound and odd.

use std::fmt::Write as _;

use crate::fhir::tree::outline::{faults, outline};
use crate::fhir::tree::{Kind, Name, Tree};
use crate::fhir::{Format, Limits};

fn read(text: &str) -> Tree<'_> {
    Tree::read(text.as_bytes(), Format::Json, &Limits::default()).unwrap_or_else(|issue| panic!("{issue:?}: {text}"))
}

#[test]
fn companions_join_their_values_whichever_comes_first() {
    let outlines = [
        r#"{"resourceType":"Patient","birthDate":"1970","_birthDate":{"id":"a"},
            "name":[{"given":["A",null,"C"],"_given":[null,{"id":"b"},null]}]}"#,
        r#"{"resourceType":"Patient","_birthDate":{"id":"a"},"birthDate":"1970",
            "name":[{"_given":[null,{"id":"b"}],"given":["A",null,"C"]}]}"#,
        r#"{"_birthDate":{"id":"a"},"birthDate":"1970",
            "name":[{"given":["A",null,"C"],"_given":[null,{"id":"b"}]}],"resourceType":"Patient"}"#,
    ]
    .map(|text| {
        let tree = read(text);
        assert_eq!(faults(&tree), Vec::<String>::new());
        outline(&tree)
    });
    assert_eq!(
        outlines[0],
        "Patient[0] <Patient>\n  birthDate[0] = \"1970\"\n    id[0] = \"a\"\n  name[0]\n    given[0] = \"A\"\n    given[1]\n      id[0] = \"b\"\n    given[2] = \"C\"\n"
    );
    assert!(outlines.iter().all(|other| *other == outlines[0]), "{outlines:#?}");
}

#[test]
fn a_longer_companion_array_adds_repetitions_beside_the_others() {
    let tree = read(r#"{"resourceType":"Patient","given":["A"],"gender":"male","_given":[null,{"id":"b"}]}"#);
    assert_eq!(
        outline(&tree),
        "Patient[0] <Patient>\n  given[0] = \"A\"\n  given[1]\n    id[0] = \"b\"\n  gender[0] = \"male\"\n"
    );
    let given: Vec<_> = tree.root().all(Name::of("given")).map(|n| (n.is_listed(), n.has_companion())).collect();
    assert_eq!(given, [(true, false), (true, true)]);
    assert!(tree.faults().is_empty());
}

#[test]
fn values_keep_their_kind_and_their_text() {
    let text = r#"{"resourceType":"Observation","a":1.00,"b":true,"c":"x\u00e9\n","d":{"id":"1"},"_e":{"id":"2"},"contained":[{"resourceType":"Patient"}]}"#;
    let tree = read(text);
    let found: Vec<_> = tree.root().children().map(|node| (node.written_name(), node.kind(), node.value())).collect();
    assert_eq!(
        found,
        [
            ("a", Kind::Number, Some("1.00")),
            ("b", Kind::Boolean, Some("true")),
            ("c", Kind::Text, Some("xé\n")),
            ("d", Kind::Object, None),
            ("e", Kind::Nothing, None),
            ("contained", Kind::Object, None)
        ]
    );
    let contained = tree.root().child(Name::CONTAINED).unwrap();
    assert!(contained.is_resource() && contained.resource_type() == Name::PATIENT && !contained.has_children());
    assert_eq!(contained.offset(), text.find("{\"resourceType\":\"Patient\"").unwrap());
}

#[test]
fn each_fault_is_told_with_path_and_position_and_the_rest_is_read() {
    let table: &[(&str, &[&str])] = &[
        (
            r#"{"resourceType":"Patient","gender":"male","gender":"female"}"#,
            &["error Patient.gender 1:43 The key \"gender\" stands"],
        ),
        (
            r#"{"resourceType":"Patient","_gender":{"id":"a"},"_gender":{"id":"b"}}"#,
            &["error Patient._gender 1:48 The key \"_gender\" stands"],
        ),
        (r#"{"resourceType":"Patient","x":1,"x":{"y":[1,{"z":2}]}}"#, &["error Patient.x 1:33 The key \"x\" stands"]),
        (
            r#"{"resourceType":"Patient","resourceType":"Bundle"}"#,
            &["error Patient.resourceType 1:27 The key \"resourceType\" stands"],
        ),
        (r#"{"resourceType":"Patient","gender":null}"#, &["error Patient.gender 1:36 null may stand only"]),
        (r#"{"resourceType":"Patient","_gender":null}"#, &["error Patient._gender 1:37 What stands under a"]),
        (r#"{"resourceType":"Patient","_gender":"a"}"#, &["error Patient._gender 1:37 What stands under a"]),
        (r#"{"resourceType":"Patient","name":[null]}"#, &["error Patient.name[0] 1:35 null stands here without"]),
        (
            r#"{"resourceType":"Patient","name":[{"given":["a",null],"_given":[{"id":"b"},null]}]}"#,
            &["error Patient.name[0].given[1] 1:49 null stands here without"],
        ),
        (
            r#"{"resourceType":"Patient","name":[{"given":["a"],"_given":["b"]}]}"#,
            &["error Patient.name[0].given[0] 1:60 What stands in an"],
        ),
        (
            r#"{"resourceType":"Patient","name":[{"given":["a"],"_given":{"id":"b"}}]}"#,
            &["error Patient.name[0]._given 1:50 Of a name and"],
        ),
        (
            r#"{"resourceType":"Patient","name":[[{"text":"a"}]]}"#,
            &["error Patient.name[0] 1:35 An array stands inside"],
        ),
        (r#"{"resourceType":"Patient","name":[]}"#, &["error Patient.name 1:34 This array is empty."]),
        (r#"{"resourceType":"Patient","name":[{}]}"#, &["error Patient.name[0] 1:35 This object is empty."]),
        (r#"{"resourceType":"Patient","_gender":{}}"#, &["error Patient.gender 1:37 This object is empty."]),
        (r#"{"name":[{"text":"a"}]}"#, &["error Resource 1:1 resourceType is missing: a"]),
        ("{}", &["error Resource 1:1 This object is empty.", "error Resource 1:1 resourceType is missing: a"]),
        (
            r#"{"resourceType":"Person1","name":[[]]}"#,
            &["error Resource 1:2 \"Person1\" is not a", "error Resource.name[0] 1:35 An array stands inside"],
        ),
        (r#"{"resourceType":"HumanName"}"#, &["error Resource 1:2 \"HumanName\" is not a"]),
        (r#"{"resourceType":["Patient"]}"#, &["error Resource 1:17 resourceType must be a"]),
        (
            r#"{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Pat"}}]}"#,
            &["error Bundle.entry[0].resource 1:48 \"Pat\" is not a"],
        ),
        (
            r#"{"resourceType":"Bundle","entry":[{"resource":{"id":"1","resourceType":1}}]}"#,
            &["error Bundle.entry[0].resource 1:72 resourceType must be a"],
        ),
        (
            "{\"resourceType\":\"Patient\",\n  // é\n  \"gender\":\"male\"}",
            &["error Patient 2:3 JSON has no comments."],
        ),
        (r#"{"resourceType":"Patient","gender":"male",}"#, &["error Patient 1:42 A comma stands before"]),
        (r#"{"resourceType":"Patient","name":[{"text":"a"},]}"#, &["error Patient 1:47 A comma stands before"]),
        (r#"{"resourceType":"Patient" "gender":"male"}"#, &["error Patient 1:27 A comma is missing"]),
        (r#"{"resourceType":"Patient",gender:"male"}"#, &["error Patient 1:27 Keys and text stand"]),
        (r#"{"resourceType":"Patient","gender":male}"#, &["error Patient.gender 1:36 Keys and text stand"]),
        (r#"{"resourceType":"Patient","x":01}"#, &["error Patient.x 1:31 This is not a"]),
        ("{\"resourceType\":\"Patient\",\"gender\":\"é\tmale\"}", &["warning Patient.gender 1:38 A tab or line"]),
        (r#"{"resourceType":"Patient","gender":"\u0000"}"#, &["error Patient.gender 1:37 The character U+0000 is"]),
        (r#"{"resourceType":"Patient","gender":"\ud800"}"#, &["error Patient.gender 1:37 This escape is half"]),
        (r#"{"resourceType":"Patient"} {"a":1}"#, &["error Patient 1:28 Something follows the end"]),
    ];
    for (text, expected) in table {
        let tree = read(text);
        assert_eq!(faults(&tree), *expected, "{text}");
        outline(&tree);
    }
}

#[test]
fn what_is_odd_but_allowed_is_no_fault() {
    for text in [
        r#"{"resourceType":"Patient","colour":1,"_colour":{"id":"a"},"_":2,"__x":{"id":"b"}}"#,
        r#" { "resourceType" : "Patient" , "given" : [ "a" ] , "_given" : [ null ] } "#,
        r#"{"resourceType":"Patient","_given":[null,{"id":"a"}],"given":["b"]}"#,
        r#"{"resourceType":"Patient","x":-1.50E+10}"#,
        r#"{"resourceType":"ExampleScenario","instance":[{"resourceId":"a","resourceType":"anything"}]}"#,
    ] {
        assert_eq!(faults(&read(text)), Vec::<String>::new(), "{text}");
    }
    let tree = read(r#"{"resourceType":"Patient","colo\u0075r":1,"gender\u0020":2,"\u0067ender":"x"}"#);
    let names: Vec<_> = tree.root().children().map(|node| (node.written_name(), node.name().is_known())).collect();
    assert_eq!(names, [("colo\\u0075r", false), ("gender\\u0020", false), ("gender", true)]);
}

#[test]
fn what_cannot_be_read_is_refused_with_path_and_position() {
    let table = [
        ("[]", "Resource", (1, 1)),
        ("\"a\"", "Resource", (1, 1)),
        ("{", "Resource", (1, 2)),
        ("{\"resourceType\":\"Patient\",\"name\":[{\"text\":\"a", "Patient.name[0]", (1, 43)),
        ("{\"resourceType\":\"Patient\",\n\"name\":[{\"text\":}", "Patient.name[0]", (2, 17)),
        ("{\"a\" 1}", "Resource", (1, 6)),
        ("{\"a\":1]", "Resource", (1, 7)),
        ("{\"a\":[1}", "Resource", (1, 8)),
        ("{\"a\":'b'}", "Resource", (1, 6)),
        ("{/* b */\"a\":1}", "Resource", (1, 2)),
        ("{,}", "Resource", (1, 2)),
        ("{\"a\":1,,\"b\":2}", "Resource", (1, 8)),
    ];
    for (text, path, position) in table {
        let issue = Tree::read(text.as_bytes(), Format::Json, &Limits::default()).unwrap_err();
        assert_eq!((issue.path.as_deref(), issue.position), (Some(path), Some(position)), "{text}: {issue:?}");
    }
}

#[test]
fn nesting_ends_at_the_limit() {
    let deep = |levels: usize| format!("{{\"a\":{}1{}}}", "[".repeat(levels), "]".repeat(levels));
    let limits = Limits { max_depth: 10, ..Limits::default() };
    assert!(Tree::read(deep(9).as_bytes(), Format::Json, &limits).is_ok());
    let issue = Tree::read(deep(10).as_bytes(), Format::Json, &limits).unwrap_err();
    assert_eq!(issue.code.code(), "too-long");
    let deepest = Limits { max_depth: usize::MAX, ..Limits::default() };
    let objects = "{\"a\":".repeat(100_000);
    assert!(Tree::read(objects.as_bytes(), Format::Json, &deepest).is_err());
    assert!(Tree::read(deep(100_000).as_bytes(), Format::Json, &deepest).is_err());
}

/// Hostile shapes; each would take minutes if any step looked through what came before.
#[test]
fn many_keys_items_and_faults_are_read_in_one_go() {
    const MANY: usize = 100_000;
    let keys = |mut text: String, key: &dyn Fn(usize) -> String| {
        (0..MANY).for_each(|n| write!(text, ",{}:1", key(n)).unwrap());
        text + "}"
    };
    let start = || String::from("{\"resourceType\":\"Patient\"");
    let strange = keys(start(), &|n| format!("\"k{n}\""));
    let pairs = keys(start(), &|n| format!("\"{}k{}\"", if n % 2 == 0 { "_" } else { "" }, n / 2));
    let same = keys(start(), &|_| "\"gender\"".to_owned());
    let list = format!(",\"given\":[{}null]", "null,".repeat(MANY));
    let items = keys(start() + &list, &|n| format!("\"k{n}\""));
    let both = start() + &list + &list.replace("given", "_given") + "}";
    for (text, cells, faults) in [
        (strange, MANY + 1, 0),
        (pairs, MANY / 2 + 1, 1001),
        (same, 2, 1001),
        (items, 2 * MANY + 2, 1001),
        (both, MANY + 2, 1001),
    ] {
        let tree = read(&text);
        assert_eq!((tree.len(), tree.faults().len()), (cells, faults));
        assert_eq!(tree.root().children().count() + 1, cells);
    }
}
