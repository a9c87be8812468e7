//! Questions and answers as FHIR Parameters
//! (<https://hl7.org/fhir/R4/valueset-operation-validate-code.html>, `codesystem-operation-validate-code.html`). Sends nothing.

use serde_json::{Value, json};

use crate::validate::terminology::{Question, RemoteAnswer};

/// Which operation a question is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    ValueSet,
    CodeSystem,
}

impl Operation {
    pub(super) const fn of(question: &Question<'_>) -> Self {
        if question.value_set.is_some() { Self::ValueSet } else { Self::CodeSystem }
    }

    /// Its place below the base of a server.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::ValueSet => "ValueSet/$validate-code",
            Self::CodeSystem => "CodeSystem/$validate-code",
        }
    }
}

/// A question as the operation takes it.
pub(super) fn ask(question: &Question<'_>) -> Value {
    let mut parameters = Vec::new();
    let mut say = |name: &str, key: &str, value: Option<&str>| {
        parameters.extend(value.map(|value| json!({"name": name, key: value})));
    };
    match Operation::of(question) {
        Operation::ValueSet => {
            let (url, version) = match question.value_set.and_then(|canonical| canonical.split_once('|')) {
                Some((url, version)) => (Some(url), Some(version)),
                None => (question.value_set, None),
            };
            say("url", "valueUri", url);
            say("valueSetVersion", "valueString", version);
            say("system", "valueUri", question.system);
            say("systemVersion", "valueString", question.version);
        }
        Operation::CodeSystem => {
            say("url", "valueUri", question.system);
            say("version", "valueString", question.version);
        }
    }
    say("code", "valueCode", Some(question.code));
    say("display", "valueString", question.display);
    if question.system.is_none() {
        // an element of type code: any system of the value set will do, which servers know under this name
        parameters.push(json!({"name": "inferSystem", "valueBoolean": true}));
    }
    json!({"resourceType": "Parameters", "parameter": parameters})
}

/// What came is no answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Garbled;

/// An answer read. `None`: the server does not know the system or the value set either.
///
/// # Errors
/// What came is no answer.
pub(super) fn read(body: &[u8]) -> Result<Option<RemoteAnswer>, Garbled> {
    let body: Value = serde_json::from_slice(body).map_err(|_| Garbled)?;
    let answer = answer(&body).ok_or(Garbled)?;
    // HL7's servers say so when "false" means that they could not look
    let in_the_dark =
        ["x-unknown-system", "x-caused-by-unknown-system"].iter().any(|name| named(&body, name).is_some());
    Ok((answer.result || !in_the_dark).then_some(answer))
}

fn named<'a>(parameters: &'a Value, name: &str) -> Option<&'a Value> {
    let mut all = parameters.get("parameter")?.as_array()?.iter();
    all.find(|one| one.get("name").and_then(Value::as_str) == Some(name))
}

fn answer(body: &Value) -> Option<RemoteAnswer> {
    (body.get("resourceType")?.as_str()? == "Parameters").then_some(())?;
    let result = named(body, "result")?.get("valueBoolean")?.as_bool()?;
    let display = named(body, "display").and_then(|one| one.get("valueString")?.as_str()).map(str::to_owned);
    let inactive = named(body, "inactive").and_then(|one| one.get("valueBoolean")?.as_bool()) == Some(true);
    Some(RemoteAnswer { result, display, inactive })
}
#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Garbled, Question, RemoteAnswer, ask, read};

    fn names(question: &Question<'_>) -> Vec<String> {
        let asked = ask(question);
        let parameters = asked["parameter"].as_array().unwrap();
        let value = |one: &serde_json::Value| {
            let (_, value) = one.as_object().unwrap().iter().find(|(key, _)| key.starts_with("value")).unwrap();
            value.as_str().map_or_else(|| value.to_string(), str::to_owned)
        };
        parameters.iter().map(|one| format!("{}={}", one["name"].as_str().unwrap(), value(one))).collect()
    }

    #[test]
    fn a_question_about_a_value_set_names_it_its_version_and_the_code() {
        let question = Question {
            system: Some("http://s"),
            version: Some("2"),
            code: "c",
            display: Some("d"),
            value_set: Some("http://v|1"),
        };
        let expected =
            ["url=http://v", "valueSetVersion=1", "system=http://s", "systemVersion=2", "code=c", "display=d"];
        assert_eq!(names(&question), expected);
        let bare = Question { code: "c", value_set: Some("http://v"), ..Question::default() };
        assert_eq!(names(&bare), ["url=http://v", "code=c", "inferSystem=true"]);
    }

    #[test]
    fn a_question_about_a_system_names_the_system_as_url() {
        let question = Question { system: Some("http://s"), version: Some("2"), code: "c", ..Question::default() };
        assert_eq!(names(&question), ["url=http://s", "version=2", "code=c"]);
    }

    #[test]
    fn an_answer_is_read_and_what_is_none_is_not_taken_for_one() {
        let parameters = |all: serde_json::Value| json!({"resourceType": "Parameters", "parameter": all}).to_string();
        let yes =
            parameters(json!([{"name": "result", "valueBoolean": true}, {"name": "display", "valueString": "D"}]));
        let answer = RemoteAnswer { result: true, display: Some("D".to_owned()), inactive: false };
        assert_eq!(read(yes.as_bytes()), Ok(Some(answer)));
        let no =
            parameters(json!([{"name": "result", "valueBoolean": false}, {"name": "inactive", "valueBoolean": true}]));
        assert_eq!(read(no.as_bytes()), Ok(Some(RemoteAnswer { inactive: true, ..RemoteAnswer::default() })));
        let dark = parameters(
            json!([{"name": "result", "valueBoolean": false}, {"name": "x-unknown-system", "valueCanonical": "http://s"}]),
        );
        assert_eq!(read(dark.as_bytes()), Ok(None));
        for none in ["", "no", "{}", "[]", "null", r#"{"resourceType":"OperationOutcome"}"#, &parameters(json!([]))] {
            assert_eq!(read(none.as_bytes()), Err(Garbled), "{none}");
        }
        let text = parameters(json!([{"name": "result", "valueString": "true"}]));
        assert_eq!(read(text.as_bytes()), Err(Garbled));
    }
}
