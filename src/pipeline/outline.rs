//! What routing asks of a document of any kind, read off its native form: every plan and letter has the same frame, so a
//! new kind needs nothing here. Decides nothing.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::happened::{self, Said};
use super::reply::{self, Reply};
use crate::documents::parts::{Addressee, Organisation, Person};
use crate::model::DocumentKind;

/// Whom a document is to, and whom it is about as far as routing asks.
#[derive(Default)]
pub(super) struct Outline {
    /// Whom a letter is written to: what it, or the part of it that asks or tells, calls `to`. With its JSON pointer.
    pub addressee: Option<(String, Addressee)>,
    /// Further recipients, in the order of the document.
    pub copies: Vec<Addressee>,
    /// The practice the person is registered with.
    pub gp_practice: Option<Organisation>,
    /// What it says has happened.
    pub said: Said,
    /// What it answers, where it answers a request.
    pub reply: Option<Reply>,
    pub person: Option<Person>,
}

impl Outline {
    /// Reads a native document that fits its schema; what it has not got stays empty.
    pub(super) fn of(kind: DocumentKind, native: &Value) -> Self {
        let person: Option<Person> = part(native.get("person"));
        Self {
            addressee: addressee(native),
            copies: part(native.get("copies")).unwrap_or_default(),
            said: happened::said(kind, native),
            reply: reply::reply(kind, native),
            gp_practice: person.as_ref().and_then(|person| person.gp_practice.clone()),
            person,
        }
    }
}

fn addressee(native: &Value) -> Option<(String, Addressee)> {
    if let Some(to) = part(native.get("to")) {
        return Some(("/to".to_owned(), to));
    }
    native.as_object()?.iter().find_map(|(key, inner)| Some((format!("/{key}/to"), part(inner.get("to"))?)))
}

fn part<T: DeserializeOwned>(value: Option<&Value>) -> Option<T> {
    serde_json::from_value(value?.clone()).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Outline;
    use crate::model::DocumentKind;

    #[test]
    fn recipients_are_found_in_every_kind_of_document() {
        let plan = Outline::of(
            DocumentKind::CarePlan,
            &json!({
                "person": {"names": [{"given": ["Kit"]}], "gp_practice": {"party": "demo-gp"}},
                "copies": [{"party": "wellbeing-roots"}, {"ods": "Y90001"}],
            }),
        );
        assert_eq!((plan.copies.len(), plan.addressee.is_some()), (2, false));
        assert_eq!(plan.gp_practice.and_then(|practice| practice.party).unwrap().as_str(), "demo-gp");
        for (letter, pointer) in [
            (json!({"to": {"party": "lpt-cap"}}), "/to"),
            (
                json!({"person": {"names": []}, "request": {"to": {"party": "lpt-cap"}, "urgency": "routine"}}),
                "/request/to",
            ),
        ] {
            let (found, to) = Outline::of(DocumentKind::PrivateOpinion, &letter).addressee.unwrap();
            assert_eq!((found.as_str(), to.party.unwrap().as_str()), (pointer, "lpt-cap"));
        }
        assert!(
            Outline::of(DocumentKind::PrivateOpinion, &json!({"text": "to", "review": {"to": 3}})).addressee.is_none()
        );
    }
}
