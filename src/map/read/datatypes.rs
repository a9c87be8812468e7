//! FHIR datatypes as native values. What a datatype holds beyond the native value is reported by `Element`.

use crate::documents::parts::{Address, AddressUse, Code, NameUse, PersonName, Telecom, TelecomSystem, TelecomUse};
use crate::map::element::Element;
use crate::map::extensions;

/// HumanName; `None` when it says nothing.
pub(in crate::map) fn name(mut element: Element<'_>) -> Option<PersonName> {
    let name = PersonName {
        r#use: element.parsed("use", NameUse::from_code),
        text: element.string("text"),
        prefix: element.strings("prefix"),
        given: element.strings("given"),
        family: element.string("family"),
        suffix: element.strings("suffix"),
    };
    let says = name.text.is_some() || name.family.is_some() || !name.given.is_empty();
    says.then_some(name)
}

/// The first name of somebody as one line. What the line does not say is kept.
pub(in crate::map) fn name_line(element: &mut Element<'_>) -> Option<String> {
    for candidate in element.children("name") {
        let plain = candidate.peek("text").is_some()
            && ["use", "family", "given", "prefix", "suffix"].iter().all(|key| candidate.peek(key).is_none());
        let mut copy = candidate;
        if plain {
            if let Some(found) = name(copy) {
                return Some(found.line());
            }
            continue;
        }
        let parts = copy.split(&["use", "text", "family", "given", "prefix", "suffix"]);
        let line = parts.read_only(name).map(|found| found.line());
        if line.is_some() {
            return line;
        }
    }
    None
}

/// Address.
pub(in crate::map) fn address(mut element: Element<'_>) -> Option<Address> {
    let address = Address {
        r#use: element.parsed("use", AddressUse::from_code),
        no_fixed_address: element.extension_boolean(extensions::NO_FIXED_ADDRESS),
        text: element.string("text"),
        lines: element.strings("line"),
        city: element.string("city"),
        county: element.string("district"),
        postcode: element.string("postalCode"),
        country: element.string("country"),
    };
    if element.peek("type").and_then(serde_json::Value::as_str) == Some("both") {
        element.keep(&["type"]);
    }
    (address != Address::default()).then_some(address)
}

/// ContactPoint; `None` without a value.
pub(in crate::map) fn telecom(mut element: Element<'_>) -> Option<Telecom> {
    let value = element.string("value")?;
    let system = element.parsed("system", TelecomSystem::from_code).unwrap_or_else(|| {
        element.coerced("system", "No kind of telecom was given: other.");
        TelecomSystem::Other
    });
    Some(Telecom {
        system,
        value,
        r#use: element.parsed("use", TelecomUse::from_code),
        note: element.extension_string(extensions::TELECOM_NOTE),
    })
}

/// A list of ContactPoints.
pub(in crate::map) fn telecoms(element: &mut Element<'_>, key: &str) -> Vec<Telecom> {
    element.children(key).into_iter().filter_map(telecom).collect()
}

/// CodeableConcept as words with at most one code; without words the code's display stands in, then the code.
pub(in crate::map) fn coded(mut element: Element<'_>) -> Option<(String, Option<Code>)> {
    let mut code: Option<Code> = None;
    for mut coding in element.children("coding") {
        let whole = coding.peek("system").is_some() && coding.peek("code").is_some();
        if code.is_none() && whole {
            code = coding.string("system").zip(coding.string("code")).map(|(system, value)| {
                let display = coding.string("display");
                Code { system, code: value, display }
            });
        }
    }
    let text = element.string("text").or_else(|| {
        let code = code.as_ref()?;
        element.coerced("text", "There were no words but those of the code.");
        Some(code.display.clone().unwrap_or_else(|| code.code.clone()))
    });
    text.map(|text| (text, code))
}

/// Takes the code of one system out of a CodeableConcept if the table knows it; the display goes with it.
pub(in crate::map) fn code_of<T>(
    element: &mut Element<'_>,
    system: &str,
    known: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    element.take_coding(|candidate, code| if candidate == system { known(code) } else { None })
}

/// Words of a CodeableConcept: its text, else the first display; the rest is reported.
pub(in crate::map) fn words(mut element: Element<'_>) -> Option<String> {
    element.string("text").or_else(|| {
        let words = element.children("coding").into_iter().find_map(|mut coding| {
            coding.keep(&["system", "code"]);
            coding.string("display")
        });
        if words.is_some() {
            element.coerced("text", "The words are those of the code, which is kept beside.");
        }
        words
    })
}

/// A date as the native form writes it: year, month or day. A time of day is left out and that is noted.
pub(in crate::map) fn date(element: &mut Element<'_>, key: &str) -> Option<String> {
    let text = element.peek(key)?.as_str().filter(|text| !text.trim().is_empty())?.to_owned();
    match text.split_once('T') {
        None => element.string(key),
        Some((day, _)) => {
            element.coerced(key, "The document keeps the day; the time of day is kept beside.");
            element.keep(&[key]);
            Some(day.to_owned())
        }
    }
}

/// Annotations as one text, in order.
pub(in crate::map) fn annotations(element: &mut Element<'_>, key: &str) -> Option<String> {
    let texts: Vec<String> = element.children(key).into_iter().filter_map(|mut note| note.string("text")).collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}
