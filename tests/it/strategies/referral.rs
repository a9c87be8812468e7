//! Referrals in native JSON, every part optional, with awkward text. They fit the published schema.

use proptest::prelude::*;
use serde_json::{Value, json};

use cmht_gateway::documents::referral as native;
use cmht_gateway::model::Pathway;

use super::parts::{always, codes, date, instant, known, line, list, maybe, object, text};
use super::shared::{
    addressee, allergy, attachment, coded, consent, diagnosis, medication, name, organisation, person, registration,
    related, statement, telecom, unmapped,
};

macro_rules! code {
    ($name:ident) => {
        codes(native::$name::ALL.iter().map(|entry| entry.code()).collect())
    };
}

fn referrer() -> BoxedStrategy<Value> {
    let fields = vec![
        maybe("kind", code!(SenderKind)),
        maybe("name", name()),
        maybe("role", line()),
        maybe("registration", registration()),
        maybe("organisation", organisation()),
        maybe("telecoms", list(telecom(), 2)),
    ];
    object(fields, json!({}))
        .prop_map(|mut referrer| {
            if referrer.get("organisation").is_none() {
                referrer["kind"] = "self".into();
            }
            referrer
        })
        .boxed()
}

/// Puts every statement item in its place in the document.
fn statements() -> BoxedStrategy<Vec<(&'static str, Option<Value>)>> {
    native::STATEMENTS
        .iter()
        .map(|item| proptest::option::weighted(0.25, known(statement())).prop_map(|answer| (item.pointer, answer)))
        .collect::<Vec<_>>()
        .boxed()
}

fn place(document: &mut Value, pointer: &str, value: Value) {
    let mut keys: Vec<&str> = pointer.split('/').skip(1).collect();
    let last = keys.pop().unwrap();
    let parent =
        keys.into_iter().fold(document, |at, key| at.as_object_mut().unwrap().entry(key).or_insert_with(|| json!({})));
    parent.as_object_mut().unwrap().insert(last.to_owned(), value);
}

/// A referral in native JSON.
pub(crate) fn referral() -> BoxedStrategy<Value> {
    let police =
        object(vec![always("reported", code!(Reported)), maybe("date", date()), maybe("details", text())], Value::Null);
    let fields = vec![
        always("id", "[A-Za-z0-9][A-Za-z0-9._:/-]{0,20}".prop_map(Value::from)),
        always("response", code!(Response)),
        always("person", person()),
        always("referrer", referrer()),
        always("reasons", list(coded(vec![]), 3)),
        maybe("sent", instant()),
        maybe("replaces", "[A-Za-z0-9][A-Za-z0-9._:/-]{0,20}".prop_map(Value::from)),
        maybe("service", addressee()),
        maybe("copies", list(addressee(), 3)),
        maybe("consent", consent()),
        maybe("why_now", text()),
        maybe("further_information", list(text(), 3)),
        maybe("pathway", proptest::sample::subsequence(Pathway::ALL, 1..4).prop_map(|said| json!(said)).boxed()),
        maybe("mdt_decided", instant()),
        maybe("dependants", known(related())),
        maybe("next_of_kin", known(related())),
        maybe("carers", known(related())),
        maybe("other_contacts", list(related(), 2)),
        maybe("working_diagnosis", known(diagnosis())),
        maybe("medical_conditions", known(diagnosis())),
        maybe("medication", known(medication())),
        maybe("allergies", known(allergy())),
        maybe("attachments", list(attachment(), 2)),
        maybe("unmapped", unmapped()),
    ];
    (object(fields, Value::Null), statements(), proptest::option::of(police))
        .prop_map(|(mut document, statements, police)| {
            for (pointer, answer) in statements {
                if let Some(answer) = answer {
                    place(&mut document, pointer, answer);
                }
            }
            if let Some(police) = police {
                place(&mut document, "/safeguarding/police", police);
            }
            document
        })
        .boxed()
}
