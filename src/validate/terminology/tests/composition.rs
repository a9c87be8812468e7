//! One table for each rule of composition (<https://hl7.org/fhir/R4/valueset.html#compositions>).

use super::*;

/// What a value set of one filter over the animals says of each of them.
fn filtered(property: &str, op: &str, value: &str) -> String {
    let filter = json!({"system": "http://s/animals", "filter": [{"property": property, "op": op, "value": value}]});
    told(&library(&[animals(), includes("f", filter)]), "http://v/f", Some("http://s/animals"), &ANIMALS)
}

#[test]
fn each_filter_operator_chooses_what_r4_says() {
    //   bird duck mallard hen fish swift, and cow, which is none
    let table = [
        ("concept", "is-a", "bird", "YYYYNYN"),
        ("concept", "is-a", "duck", "NYYNNNN"),
        ("code", "is-a", "duck", "NYYNNNN"),
        ("concept", "is-a", "cow", "NNNNNNN"),
        ("concept", "descendent-of", "bird", "NYYYNYN"),
        ("concept", "is-not-a", "duck", "YNNYYYN"),
        ("concept", "generalizes", "mallard", "YYYNNNN"),
        ("concept", "child-of", "bird", "NYNYNYN"),
        ("parent", "=", "bird", "NYNYNYN"),
        ("child", "=", "mallard", "NYNNNNN"),
        ("concept", "in", "duck, hen,cow", "NYNYNNN"),
        ("concept", "not-in", "duck,hen", "YNYNYYN"),
        ("code", "=", "hen", "NNNYNNN"),
        ("colour", "=", "green", "NYNNNNN"),
        ("colour", "in", "green,brown", "NYNYNNN"),
        ("colour", "not-in", "green", "YNYYYYN"),
        ("colour", "regex", "gr.*", "NYNNNNN"),
        ("colour", "exists", "true", "NYNYNNN"),
        ("colour", "exists", "false", "YNYNYYN"),
        ("notSelectable", "=", "true", "YNNNNNN"),
        ("status", "=", "retired", "NNNNYNN"),
        ("code", "regex", "[a-e].*", "YYNNNNN"),
        // the whole code has to match
        ("code", "regex", "uck", "NNNNNNN"),
        ("display", "=", "Duck", "NYNNNNN"),
        // what cannot be evaluated is not known, never in and never out
        ("weight", "=", "3", "???????"),
        ("concept", "about", "duck", "???????"),
        ("concept", "in", "http://snomed.info/sct?fhir_vs=refset/1", "???????"),
        ("code", "regex", "(", "???????"),
        ("colour", "exists", "maybe", "???????"),
        ("colour", "is-a", "green", "???????"),
    ];
    for (property, op, value, expected) in table {
        assert_eq!(filtered(property, op, value), expected, "{property} {op} {value}");
    }
}

#[test]
fn all_filters_of_an_include_apply() {
    let include = json!({"system": "http://s/animals", "filter": [
        {"property": "concept", "op": "is-a", "value": "bird"}, {"property": "colour", "op": "exists", "value": "true"}]});
    let terminology = library(&[animals(), includes("f", include)]);
    assert_eq!(told(&terminology, "http://v/f", Some("http://s/animals"), &ANIMALS), "NYNYNNN");
}

/// What a value set over the animals, some others and other value sets says of each animal, and why if it is not known.
fn with(compose: Value) -> String {
    let all = [
        animals(),
        includes(
            "ducks",
            json!({"system": "http://s/animals", "filter": [{"property": "concept", "op": "is-a", "value": "duck"}]}),
        ),
        includes("two", json!({"system": "http://s/animals", "concept": [{"code": "mallard"}, {"code": "hen"}]})),
        includes("snomed", json!({"system": "http://snomed.info/sct"})),
        composed("x", compose),
    ];
    told(&library(&all), "http://v/x", Some("http://s/animals"), &ANIMALS)
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table: one line a rule")]
fn includes_excludes_and_imports_compose_as_r4_says() {
    let s = "http://s/animals";
    let table = [
        ("a whole system", json!({"include": [{"system": s}]}), "YYYYYYN"),
        ("a list", json!({"include": [{"system": s, "concept": [{"code": "duck"}, {"code": "hen"}]}]}), "NYNYNNN"),
        (
            "a listed code its system does not have",
            json!({"include": [{"system": s, "concept": [{"code": "cow"}]}]}),
            "NNNNNNN",
        ),
        (
            "two includes",
            json!({"include": [{"system": s, "concept": [{"code": "duck"}]},
            {"system": s, "concept": [{"code": "fish"}]}]}),
            "NYNNYNN",
        ),
        (
            "whole without a list",
            json!({"include": [{"system": s}],
            "exclude": [{"system": s, "concept": [{"code": "duck"}]}]}),
            "YNYYYYN",
        ),
        ("whole without whole", json!({"include": [{"system": s}], "exclude": [{"system": s}]}), "NNNNNNN"),
        (
            "whole without a value set",
            json!({"include": [{"system": s}], "exclude": [{"valueSet": ["http://v/ducks"]}]}),
            "YNNYYYN",
        ),
        (
            "whole without another system",
            json!({"include": [{"system": s}],
            "exclude": [{"system": "http://s/other"}]}),
            "YYYYYYN",
        ),
        ("an import", json!({"include": [{"valueSet": ["http://v/ducks"]}]}), "NYYNNNN"),
        (
            "two imports in one include",
            json!({"include": [{"valueSet": ["http://v/ducks", "http://v/two"]}]}),
            "NNYNNNN",
        ),
        (
            "two imports in two includes",
            json!({"include": [{"valueSet": ["http://v/ducks"]},
            {"valueSet": ["http://v/two"]}]}),
            "NYYYNNN",
        ),
        ("a system and an import", json!({"include": [{"system": s, "valueSet": ["http://v/two"]}]}), "NNYYNNN"),
        (
            "another system and an import",
            json!({"include": [{"system": "http://s/other", "valueSet": ["http://v/two"]}]}),
            "NNNNNNN",
        ),
        (
            "a filter and an import",
            json!({"include": [{"system": s, "valueSet": ["http://v/two"],
            "filter": [{"property": "concept", "op": "is-a", "value": "duck"}]}]}),
            "NNYNNNN",
        ),
        ("only active ones", json!({"inactive": false, "include": [{"system": s}]}), "YYYYNYN"),
        (
            "only active ones of a list",
            json!({"inactive": false,
            "include": [{"system": s, "concept": [{"code": "fish"}, {"code": "hen"}]}]}),
            "NNNYNNN",
        ),
        ("inactive ones too", json!({"inactive": true, "include": [{"system": s}]}), "YYYYYYN"),
        ("an unknown import", json!({"include": [{"valueSet": ["http://v/none"]}]}), "???????"),
        (
            "a list and an unknown import",
            json!({"include": [{"system": s, "concept": [{"code": "duck"}]},
            {"valueSet": ["http://v/none"]}]}),
            "?Y?????",
        ),
        (
            "a list within an unknown import",
            json!({"include": [{"system": s, "concept": [{"code": "duck"}],
            "valueSet": ["http://v/none"]}]}),
            "N?NNNNN",
        ),
        (
            "whole without an unknown",
            json!({"include": [{"system": s}], "exclude": [{"valueSet": ["http://v/none"]}]}),
            "??????N",
        ),
        (
            "a system that is not at hand beside it",
            json!({"include": [{"system": s, "concept": [{"code": "duck"}]},
            {"valueSet": ["http://v/snomed"]}]}),
            "NYNNNNN",
        ),
        ("itself", json!({"include": [{"valueSet": ["http://v/x"]}]}), "???????"),
        (
            "a list and itself",
            json!({"include": [{"system": s, "concept": [{"code": "duck"}]},
            {"valueSet": ["http://v/x"]}]}),
            "?Y?????",
        ),
        ("nothing", json!({"include": []}), "NNNNNNN"),
    ];
    for (what, compose, expected) in table {
        assert_eq!(with(compose), expected, "{what}");
    }
}

#[test]
fn value_sets_in_one_include_are_a_union_in_hl7s_own_of_r4_alone() {
    let ducks = includes("ducks", json!({"system": "http://s/animals", "concept": [{"code": "duck"}]}));
    let hens = includes("hens", json!({"system": "http://s/animals", "concept": [{"code": "hen"}]}));
    let both = |url: &str, version: &str| {
        json!({"resourceType": "ValueSet", "url": url, "version": version,
            "compose": {"include": [{"valueSet": ["http://v/ducks", "http://v/hens"]}]}})
    };
    let r4 = "http://hl7.org/fhir/ValueSet/x";
    for (url, version, expected) in [(r4, "4.0.1", "YYN"), (r4, "5.0.0", "NNN"), ("http://v/x", "4.0.1", "NNN")] {
        let terminology = library(&[animals(), ducks.clone(), hens.clone(), both(url, version)]);
        assert_eq!(
            told(&terminology, url, Some("http://s/animals"), &["duck", "hen", "fish"]),
            expected,
            "{url}|{version}"
        );
    }
}

#[test]
fn an_expansion_counts_where_there_is_no_compose() {
    let set = json!({"resourceType": "ValueSet", "url": "http://v/e", "expansion": {"contains": [
        {"system": "http://s/one", "code": "group", "abstract": true, "contains": [{"system": "http://s/one", "code": "a"}]},
        {"system": "http://s/two", "code": "b", "display": "Bee"}]}});
    let terminology = library(&[set]);
    assert_eq!(told(&terminology, "http://v/e", Some("http://s/one"), &["a", "b", "group"]), "YNN");
    assert_eq!(told(&terminology, "http://v/e", None, &["a", "b", "c"]), "YYN");
    assert_eq!(
        terminology.member("http://v/e", Some("http://s/two"), "b"),
        Answer::Yes { display: Some("Bee".into()) }
    );
}

#[test]
fn rings_of_value_sets_end_and_what_is_outside_the_ring_is_still_known() {
    let of = |other: &str, code: &str| json!({"include": [{"valueSet": [other]}, {"system": "http://s/animals", "concept": [{"code": code}]}]});
    let terminology =
        library(&[animals(), composed("a", of("http://v/b", "duck")), composed("b", of("http://v/a", "hen"))]);
    for set in ["http://v/a", "http://v/b"] {
        assert_eq!(told(&terminology, set, Some("http://s/animals"), &["duck", "hen", "fish"]), "YY?", "{set}");
    }
}

#[test]
fn value_sets_that_all_rest_on_each_other_are_given_up_in_good_time() {
    let all: Vec<String> = (0..60).map(|n| format!("http://v/{n}")).collect();
    let sets: Vec<Value> = (0..60)
        .map(|n| {
            composed(
                &n.to_string(),
                json!({"include": all.iter().map(|one| json!({"valueSet": [one]})).collect::<Vec<_>>()}),
            )
        })
        .collect();
    let terminology = library(&sets);
    assert_eq!(told(&terminology, "http://v/0", Some("http://s/x"), &["a"]), "?");
}

#[test]
fn where_no_system_is_named_any_of_the_value_sets_systems_will_do() {
    let other = system("other", &json!([{"code": "duck"}, {"code": "goose"}]));
    let compose = json!({"include": [{"system": "http://s/animals", "concept": [{"code": "hen"}]}, {"system": "http://s/other"}]});
    let terminology = library(&[animals(), other, composed("m", compose)]);
    assert_eq!(told(&terminology, "http://v/m", None, &["hen", "goose", "fish"]), "YYN");
    assert_eq!(terminology.member("http://v/m", Some("http://s/none"), "hen"), Answer::No { why: Refusal::System });
    assert_eq!(terminology.member("http://v/m", Some("http://s/other"), "hen"), Answer::No { why: Refusal::Code });
    assert_eq!(terminology.member("http://v/m", None, "fish"), Answer::No { why: Refusal::Code });
}

#[test]
fn a_version_is_met_by_the_same_major_and_minor_number_and_another_leaves_missing_codes_in_doubt() {
    let of = |version: &str| includes("p", json!({"system": "http://s/animals", "version": version}));
    for (version, expected) in [("1.2.0", "YN"), ("1.2.7", "YN"), ("1.2", "YN"), ("2.0.0", "Y?"), ("spring", "Y?")] {
        let terminology = library(&[animals(), of(version)]);
        assert_eq!(told(&terminology, "http://v/p", Some("http://s/animals"), &["duck", "cow"]), expected, "{version}");
    }
    let set = json!({"resourceType": "ValueSet", "url": "http://v/p", "version": "3.1.4",
        "compose": {"include": [{"system": "http://s/animals"}]}});
    let terminology = library(&[animals(), set]);
    for (reference, known) in
        [("http://v/p", true), ("http://v/p|3.1.4", true), ("http://v/p|3.1", true), ("http://v/p|3.2.0", false)]
    {
        assert_eq!(terminology.value_set(reference).is_some(), known, "{reference}");
    }
    let Answer::Unknown { why, server } = terminology.member("http://v/p|3.2.0", None, "duck") else { unreachable!() };
    assert_eq!((why, server), (Why::ValueSet("http://v/p|3.2.0".into()), Server::Absent));
}

#[test]
fn a_whole_system_is_shared_and_not_copied() {
    let sets = ["a", "b"].map(|name| includes(name, json!({"system": "http://s/animals"})));
    let [a, b] = sets;
    let terminology = library(&[animals(), a, b]);
    let [a, b] = ["http://v/a", "http://v/b"].map(|set| terminology.value_set(set).unwrap());
    let shared = |set: &Compiled| set.shared().next().unwrap().clone();
    assert!(Arc::ptr_eq(&shared(&a), &shared(&b)));
    assert!(Arc::ptr_eq(&a, &terminology.value_set("http://v/a").unwrap()));
}

#[test]
fn the_few_codes_of_a_small_value_set_can_be_told_and_those_of_others_not() {
    let list = includes("l", json!({"system": "http://s/animals", "concept": [{"code": "hen"}, {"code": "duck"}]}));
    let whole = includes("w", json!({"system": "http://s/animals"}));
    let far = includes("s", json!({"system": "http://snomed.info/sct"}));
    let terminology = library(&[animals(), list, whole, far]);
    let few = |set: &str, most| terminology.value_set(set).unwrap().few(most).map(|all| all.join(" "));
    assert_eq!(few("http://v/l", 5).as_deref(), Some("duck hen"));
    assert_eq!(few("http://v/l", 1), None);
    assert_eq!(few("http://v/w", 6).as_deref(), Some("bird duck fish hen mallard swift"));
    assert_eq!(few("http://v/w", 5), None);
    assert_eq!(few("http://v/s", 5), None);
}

#[test]
fn a_value_set_that_was_sent_is_judged_within_bounds_and_leaves_nothing_behind() {
    let terminology = library(&[animals()]);
    let facts = |compose: Value| crate::definitions::ValueSet::from_fhir(&composed("sent", compose)).unwrap();
    let whole =
        terminology.sent(&facts(json!({"include": [{"system": "http://s/animals"}, {"system": "http://s/away"}]})));
    let of = |set: &Compiled, code: &str| terminology.member_of(set, Some("http://s/animals"), code);
    assert!(matches!(of(&whole, "duck"), Answer::Yes { .. }));
    assert!(matches!(of(&whole, "cow"), Answer::No { .. }));
    assert!(terminology.value_set("http://v/sent").is_none());
    // what is not at hand is kept in mind up to a bound, whatever senders name
    for n in 0..5_000 {
        assert!(matches!(
            terminology.code(&format!("http://away/{n}"), None, "a"),
            crate::validate::terminology::Code::Unknown { .. }
        ));
    }
    assert!(terminology.absent.read().unwrap().len() <= 2_005);
    let many: Vec<Value> =
        (0..50_000).map(|n| json!({"system": format!("http://s/{n}"), "concept": [{"code": "a"}]})).collect();
    let many = terminology.sent(&facts(json!({"include": many})));
    assert!(matches!(of(&many, "duck"), Answer::Unknown { why: Why::TooMuch(_), .. }));
}

#[test]
fn taking_codes_from_a_whole_system_or_adding_to_it_leaves_the_system_shared() {
    let s = "http://s/animals";
    let compose = json!({"include": [{"system": s}, {"system": s, "concept": [{"code": "hen", "display": "Hen"}]}],
        "exclude": [{"system": s, "concept": [{"code": "duck"}]}]});
    let mut folding = animals();
    folding["caseSensitive"] = json!(false);
    for system in [animals(), folding] {
        let terminology = library(&[system, composed("x", compose.clone())]);
        assert_eq!(told(&terminology, "http://v/x", Some(s), &ANIMALS), "YNYYYYN");
        assert_eq!(terminology.member("http://v/x", Some(s), "hen"), Answer::Yes { display: Some("Hen".into()) });
        assert_eq!(terminology.value_set("http://v/x").unwrap().shared().count(), 1);
    }
}

#[test]
fn case_does_not_matter_after_a_union_where_it_does_not_in_one_part_of_it() {
    let s = "http://s/animals";
    let mut folding = animals();
    folding["caseSensitive"] = json!(false);
    let ducks = json!({"system": s, "filter": [{"property": "concept", "op": "is-a", "value": "duck"}]});
    let list = json!({"system": s, "concept": [{"code": "duck"}, {"code": "hen"}]});
    for include in [json!([ducks, list]), json!([list, ducks])] {
        let terminology = library(&[folding.clone(), composed("x", json!({"include": include}))]);
        assert_eq!(told(&terminology, "http://v/x", Some(s), &["DUCK", "MALLARD", "HEN", "hen"]), "YYNY");
    }
}
