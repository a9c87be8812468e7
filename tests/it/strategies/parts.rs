//! Building blocks of the generators: objects with optional properties, awkward text, dates.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// A property that may be absent.
pub(crate) type Field = (&'static str, BoxedStrategy<Option<Value>>);

pub(crate) fn maybe(key: &'static str, value: impl Strategy<Value = Value> + 'static) -> Field {
    (key, proptest::option::weighted(0.4, value).boxed())
}

pub(crate) fn always(key: &'static str, value: impl Strategy<Value = Value> + 'static) -> Field {
    (key, value.prop_map(Some).boxed())
}

/// An object of these properties; `fallback` is used when all of them came out absent.
pub(crate) fn object(fields: Vec<Field>, fallback: Value) -> BoxedStrategy<Value> {
    let (keys, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
    values
        .prop_map(move |values| {
            let present = keys.iter().zip(values).filter_map(|(key, value)| Some(((*key).to_owned(), value?)));
            let map: Map<String, Value> = present.collect();
            if map.is_empty() { fallback.clone() } else { Value::Object(map) }
        })
        .boxed()
}

/// Sets a property that must not be missing when none of `keys` is there.
pub(crate) fn ensure(
    strategy: BoxedStrategy<Value>,
    keys: &'static [&'static str],
    key: &'static str,
    value: &'static str,
) -> BoxedStrategy<Value> {
    strategy
        .prop_map(move |mut object| {
            if !keys.iter().any(|key| object.get(key).is_some()) {
                object[key] = value.into();
            }
            object
        })
        .boxed()
}

pub(crate) fn codes(all: Vec<&'static str>) -> BoxedStrategy<Value> {
    select(all).prop_map(Value::from).boxed()
}

/// One line: anything visible, markup, right-to-left, combining and non-BMP characters, spaces at both ends.
pub(crate) fn line() -> BoxedStrategy<Value> {
    prop_oneof![
        4 => "[A-Za-z0-9 ,.'-]{0,20}[A-Za-z]".prop_map(Value::from),
        2 => "[ -~¡-ʯא-ת𐍈🙂\u{301}\u{200b}\u{202e}\u{a0}]{0,12}[!-~é]{1}[ -~]{0,8}".prop_map(Value::from),
        1 => select(vec![" x ", "<&>\"'", "]]>", "&amp;", "&#10;", "none-known", "e\u{301}", "\u{feff}x"]).prop_map(Value::from),
    ]
    .boxed()
}

/// Text with line breaks and tabs.
pub(crate) fn text() -> BoxedStrategy<Value> {
    prop_oneof![
        4 => line(),
        2 => "[ \t\n\ra-zà-ÿ<&\"]{0,30}[a-z][ \t\n\r]{0,4}".prop_map(Value::from),
        1 => "[ab\n]{500,900}x".prop_map(Value::from),
    ]
    .boxed()
}

pub(crate) fn boolean() -> BoxedStrategy<Value> {
    any::<bool>().prop_map(Value::from).boxed()
}

pub(crate) fn date() -> BoxedStrategy<Value> {
    let day = "(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])";
    prop_oneof![
        day.prop_map(Value::from),
        "20[0-9]{2}-0[1-9]".prop_map(Value::from),
        "19[0-9]{2}".prop_map(Value::from)
    ]
    .boxed()
}

pub(crate) fn instant() -> BoxedStrategy<Value> {
    "20[0-9]{2}-0[1-9]-1[0-9]T[01][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-]0[0-9]:30|\\+14:00)"
        .prop_map(Value::from)
        .boxed()
}

pub(crate) fn list(of: BoxedStrategy<Value>, most: usize) -> BoxedStrategy<Value> {
    vec(of, 1..=most).prop_map(Value::from).boxed()
}

pub(crate) fn known(of: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    prop_oneof![1 => Just(json!("none-known")), 3 => list(of, 3)].boxed()
}
