//! Parts that several documents share, in native JSON, every part optional, with awkward text. They fit the schema.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use cmht_gateway::documents::parts as native;
use cmht_gateway::model::{PartyKind, Sector};

use super::parts::{Field, always, boolean, codes, date, ensure, instant, line, list, maybe, object, text};

macro_rules! code {
    ($name:ident) => {
        codes(native::$name::ALL.iter().map(|entry| entry.code()).collect())
    };
}

pub(crate) fn party() -> BoxedStrategy<Value> {
    "[a-z0-9][a-z0-9-]{0,10}[a-z0-9]".prop_map(Value::from).boxed()
}

pub(crate) fn ods() -> BoxedStrategy<Value> {
    "[A-Z0-9]{3,12}".prop_map(Value::from).boxed()
}

pub(crate) fn sector() -> BoxedStrategy<Value> {
    codes(Sector::of_organisations().map(Sector::code).collect())
}

pub(crate) fn category() -> BoxedStrategy<Value> {
    codes(cmht_gateway::model::DataCategory::ALL.iter().map(|category| category.code()).collect())
}

pub(crate) fn coded(fields: Vec<Field>) -> BoxedStrategy<Value> {
    let code = object(
        vec![
            always("system", codes(vec!["http://snomed.info/sct", "https://dmd.nhs.uk", "urn:oid:2.16.840.1"])),
            always("code", "[0-9A-Z][0-9a-z.-]{0,11}".prop_map(Value::from)),
            maybe("display", line()),
        ],
        Value::Null,
    );
    let mut all = vec![always("text", line()), maybe("code", code)];
    all.extend(fields);
    object(all, Value::Null)
}

pub(crate) fn statement() -> BoxedStrategy<Value> {
    let fields = vec![
        always("text", text()),
        maybe("author", line()),
        maybe("organisation", line()),
        maybe("sector", sector()),
        maybe("date", date()),
        maybe("told_in_confidence", Just(json!(true)).boxed()),
        maybe("about_a_child", Just(json!(true)).boxed()),
    ];
    object(fields, Value::Null)
}

pub(crate) fn name() -> BoxedStrategy<Value> {
    let fields = vec![
        maybe("use", code!(NameUse)),
        maybe("text", line()),
        maybe("prefix", list(line(), 2)),
        maybe("given", list(line(), 3)),
        maybe("family", line()),
        maybe("suffix", list(line(), 2)),
    ];
    ensure(object(fields, json!({})), &["text", "given", "family"], "text", "Mrs Smith")
}

pub(crate) fn address() -> BoxedStrategy<Value> {
    let fields = vec![
        maybe("use", code!(AddressUse)),
        maybe("no_fixed_address", boolean()),
        maybe("text", line()),
        maybe("lines", list(line(), 3)),
        maybe("city", line()),
        maybe("county", line()),
        maybe("postcode", "[A-Z]{1,2}[0-9] [0-9][A-Z]{2}".prop_map(Value::from)),
        maybe("country", line()),
    ];
    object(fields, json!({"city": "Leicester"}))
}

pub(crate) fn telecom() -> BoxedStrategy<Value> {
    let fields = vec![
        always("system", code!(TelecomSystem)),
        always("value", line()),
        maybe("use", code!(TelecomUse)),
        maybe("note", line()),
    ];
    object(fields, Value::Null)
}

pub(crate) fn related() -> BoxedStrategy<Value> {
    let fields = vec![
        maybe("name", name()),
        maybe("relationship", line()),
        maybe("birth_date", date()),
        maybe("lives_with_person", boolean()),
        maybe("telecoms", list(telecom(), 2)),
        maybe("address", address()),
        maybe("may_receive_letters", boolean()),
        maybe("notes", text()),
    ];
    object(fields, json!({"relationship": "neighbour"}))
}

pub(crate) fn organisation() -> BoxedStrategy<Value> {
    let fields = vec![
        maybe("name", line()),
        maybe("ods", ods()),
        maybe("party", party()),
        maybe("sector", sector()),
        maybe("telecoms", list(telecom(), 2)),
        maybe("address", address()),
    ];
    let any = ensure(object(fields, json!({})), &["name", "ods", "party"], "name", "A practice");
    any.prop_map(at_work).boxed()
}

/// An organisation is nobody's home (org-2, org-3: <https://hl7.org/fhir/R4/organization.html#invs>).
pub(crate) fn at_work(mut organisation: Value) -> Value {
    let homes =
        organisation.as_object_mut().into_iter().flatten().filter(|(key, _)| *key == "address" || *key == "telecoms");
    for (_, value) in homes {
        let all = match value {
            Value::Array(all) => all.iter_mut().collect(),
            one => vec![one],
        };
        for one in all {
            if one["use"] == "home" {
                one["use"] = "work".into();
            }
        }
    }
    organisation
}

pub(crate) fn addressee() -> BoxedStrategy<Value> {
    prop_oneof![
        object(vec![always("party", party()), maybe("name", line())], Value::Null),
        object(vec![always("ods", ods()), maybe("name", line())], Value::Null),
        object(vec![always("name", line())], Value::Null),
    ]
    .boxed()
}

pub(crate) fn diagnosis() -> BoxedStrategy<Value> {
    coded(vec![
        maybe("certainty", code!(Certainty)),
        maybe("status", code!(ConditionStatus)),
        maybe("since", date()),
        maybe("notes", text()),
    ])
}

pub(crate) fn nhs_number() -> BoxedStrategy<Value> {
    let digits = || "999[0-9]{7}".prop_map(Value::from);
    prop_oneof![
        object(vec![always("value", digits()), maybe("verification", code!(Verification))], Value::Null),
        object(vec![always("unavailable", code!(Unavailable)), maybe("detail", line())], Value::Null),
    ]
    .boxed()
}

pub(crate) fn person() -> BoxedStrategy<Value> {
    let first = ensure(name(), &["given", "family"], "family", "Test");
    let names =
        (first, vec(name(), 0..2)).prop_map(|(first, rest)| std::iter::once(first).chain(rest).collect::<Value>());
    let other = object(
        vec![always("system", codes(vec!["https://trust.example/number", "urn:oid:1.2.3.4"])), always("value", line())],
        Value::Null,
    );
    let ethnic = object(
        vec![
            maybe("code", codes(native::ETHNIC_CATEGORIES.iter().map(|(code, _)| *code).collect())),
            maybe("text", line()),
        ],
        json!({"code": "Z"}),
    );
    let tag = codes(vec!["en", "pl", "bfi", "so", "en-GB", "zh-Hant-TW"]);
    let language = object(vec![maybe("code", tag), always("name", line())], Value::Null);
    let wishes = object(
        vec![
            maybe("method", code!(ContactMethod)),
            maybe("times", line()),
            maybe("written_format", code!(WrittenFormat)),
            maybe("notes", text()),
        ],
        json!({"times": "mornings"}),
    );
    let fields = vec![
        always("names", names),
        maybe("nhs_number", nhs_number()),
        maybe("other_identifiers", list(other, 2)),
        maybe("birth_date", date()),
        maybe("gender", code!(Gender)),
        maybe("ethnic_origin", ethnic),
        maybe("language", language),
        maybe("interpreter_required", boolean()),
        maybe("addresses", list(address(), 2)),
        maybe("telecoms", list(telecom(), 3)),
        maybe("contact_preferences", wishes),
        maybe("gp_practice", organisation()),
        maybe("usual_gp", line()),
    ];
    object(fields, Value::Null)
}

pub(crate) fn wish(anybody: bool) -> BoxedStrategy<Value> {
    let kind = codes(PartyKind::of_organisations().map(PartyKind::code).collect());
    let recipient = prop_oneof![addressee(), object(vec![always("kind", kind), maybe("name", line())], Value::Null),];
    let recipient = if anybody { maybe("recipient", recipient) } else { always("recipient", recipient) };
    let fields = vec![
        recipient,
        maybe("categories", list(category(), 4)),
        maybe("from", prop_oneof![date(), instant()]),
        maybe("until", prop_oneof![date(), instant()]),
    ];
    object(fields, json!({"categories": ["carer"]})).prop_map(in_order).boxed()
}

/// What begins before it ends; two moments of which nobody can say which is first are one too many (per-1).
pub(crate) fn in_order(mut span: Value) -> Value {
    let text = |key: &str| span[key].as_str().map(str::to_owned);
    let (Some(from), Some(until)) = (text("from"), text("until")) else { return span };
    if from.len() != until.len() {
        span.as_object_mut().unwrap().remove("until");
    } else if from > until {
        (span["from"], span["until"]) = (until.into(), from.into());
    }
    span
}

pub(crate) fn consent() -> BoxedStrategy<Value> {
    let fields = vec![
        always("sharing", code!(Sharing)),
        maybe("recorded", instant()),
        maybe("recorded_by", line()),
        maybe("permissions", list(wish(false), 3)),
        maybe("objections", list(wish(true), 3)),
    ];
    object(fields, Value::Null)
        .prop_map(|mut consent| {
            // the schema forbids permissions here: nothing was agreed to
            if matches!(consent["sharing"].as_str(), Some("care-team-only" | "not-asked")) {
                consent.as_object_mut().unwrap().remove("permissions");
            }
            consent
        })
        .boxed()
}

pub(crate) fn attachment() -> BoxedStrategy<Value> {
    let title = || always("title", line());
    let kind = || always("content_type", codes(vec!["application/pdf", "text/plain; charset=utf-8"]));
    prop_oneof![
        object(
            vec![
                title(),
                kind(),
                always("data", "([A-Za-z0-9+/]{4}){1,9}".prop_map(Value::from)),
                maybe("category", category()),
            ],
            Value::Null
        ),
        object(
            vec![
                title(),
                kind(),
                always("url", "https://files\\.example/[a-z?&=%]{1,12}".prop_map(Value::from)),
                maybe("category", category()),
            ],
            Value::Null
        ),
    ]
    .boxed()
}

pub(crate) fn registration() -> BoxedStrategy<Value> {
    object(
        vec![always("body", code!(RegistrationBody)), always("number", "[0-9A-Z]{7}".prop_map(Value::from))],
        Value::Null,
    )
}

pub(crate) fn medication() -> BoxedStrategy<Value> {
    coded(vec![
        maybe("purpose", line()),
        maybe("dose", line()),
        maybe("status", code!(MedicationStatus)),
        maybe("since", date()),
        maybe("adverse_effects", text()),
        maybe("notes", text()),
    ])
}

pub(crate) fn allergy() -> BoxedStrategy<Value> {
    coded(vec![maybe("reaction", line())])
}

/// What another system said that has no place in the document: elements of any shape, and whole entries, some of which
/// would be read as something else if they were taken for content, or are not FHIR at all.
pub(crate) fn unmapped() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        boolean(),
        any::<i64>().prop_map(Value::from),
        Just(serde_json::from_str("1.500").unwrap()),
        text(),
        Just(json!("\u{fffe}\u{0}\u{ffff}")),
    ];
    let value = leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            vec(("[a-zA-Z_$]{1,8}", inner), 0..3).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    });
    let part = prop_oneof![Just(String::new()), "[a-z]{1,8}".prop_map(|name| format!(".resource.{name}"))];
    let path = (0..40_usize, part).prop_map(|(place, part)| Value::from(format!("Bundle.entry[{place}]{part}")));
    let element = object(vec![always("path", prop_oneof![path, line()]), always("value", value)], Value::Null);
    let entry = object(vec![maybe("fullUrl", full_url()), always("resource", resource())], Value::Null);
    let path = (0..40_usize).prop_map(|place| Value::from(format!("Bundle.entry[{place}]")));
    let entry = object(vec![always("path", path), always("value", entry)], Value::Null);
    list(prop_oneof![element, entry].boxed(), 4)
}

/// Few, so that some are used twice.
fn full_url() -> BoxedStrategy<Value> {
    codes(vec![
        "urn:uuid:0b8e2f6c-9a31-4d9e-8c0e-5f0f3a1f7a01",
        "urn:uuid:0b8e2f6c-9a31-4d9e-8c0e-5f0f3a1f7a02",
        "urn:uuid:0b8e2f6c-9a31-4d9e-8c0e-5f0f3a1f7a03",
        "not an address",
    ])
}

fn resource() -> BoxedStrategy<Value> {
    let task = json!({"resourceType": "Task", "status": "requested", "intent": "order", "priority": "stat"});
    let encounter = json!({"resourceType": "Encounter", "id": "1", "status": "finished", "class": {"code": "AMB"},
        "meta": {"tag": [{"system": "https://other.example/tag", "code": "x"}]}});
    let lost = json!({"resourceType": "Condition", "subject": {"reference": "#nobody"}});
    let condition = line().prop_map(|text| {
        let subject = json!({"reference": "https://other.example/fhir/Patient/9"});
        json!({"resourceType": "Condition", "code": {"text": text}, "subject": subject})
    });
    let patient = line().prop_map(|text| json!({"resourceType": "Patient", "name": [{"text": text}]}));
    prop_oneof![
        condition,
        patient,
        Just(task),
        Just(encounter),
        Just(lost),
        Just(json!({"resourceType": "Shoe", "size": 9})),
        Just(json!({"resourceType": "MessageHeader", "eventUri": "urn:x", "source": {"endpoint": "urn:x"}})),
    ]
    .boxed()
}
