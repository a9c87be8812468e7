//! The fields of a small JSON body, read one by one: everything that is missing or wrong is told at once, by JSON pointer,
//! with what to send instead. Knows no record and decides nothing.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::fhir::shown;
use crate::intake::Refusal;
use crate::model::{Category, Issue, IssueCode, NhsNumber, Wording};

/// Longest text of one field: what somebody writes in a sitting.
const LONGEST: usize = 4000;

/// A body being read.
pub(super) struct Fields<'b> {
    body: &'b Map<String, Value>,
    issues: Vec<Issue>,
}

impl<'b> Fields<'b> {
    /// # Errors
    /// It is no JSON object. A field that nobody asked for is told with the rest: it may be one that was misspelt.
    pub(super) fn of(body: &'b Value, known: &[&str]) -> Result<Self, Refusal> {
        let Some(body) = body.as_object() else {
            let text = format!("A JSON object is expected here, with the fields {}.", known.join(", "));
            return Err(Refusal::one(Category::Invalid, IssueCode::Structure, text));
        };
        let mut fields = Self { body, issues: Vec::new() };
        for name in body.keys().filter(|name| !known.contains(&name.as_str())) {
            let text = format!("There is no field {}. The fields are {}.", shown(name), known.join(", "));
            fields.issues.push(Issue::error(IssueCode::Structure, text).at("/").rule("record-fields"));
        }
        Ok(fields)
    }

    /// Something else that is wrong with a field.
    pub(super) fn wrong(&mut self, name: &str, text: impl Into<String>) {
        self.issues.push(Issue::error(IssueCode::Value, text).at(format!("/{name}")).rule("record-fields"));
    }

    fn missing(&mut self, name: &str, what: &str) {
        let text = format!("This is missing. Give {what}.");
        self.issues.push(Issue::error(IssueCode::Required, text).at(format!("/{name}")).rule("record-fields"));
    }

    fn given(&self, name: &str) -> Option<&'b Value> {
        self.body.get(name).filter(|value| !value.is_null())
    }

    /// A text that must be there and say something.
    pub(super) fn text(&mut self, name: &str, what: &str) -> Option<String> {
        let found = self.text_if(name);
        if found.is_none() && !self.has_issue(name) {
            self.missing(name, what);
        }
        found
    }

    /// A text that may be there.
    pub(super) fn text_if(&mut self, name: &str) -> Option<String> {
        let value = self.given(name)?;
        let Some(text) = value.as_str().map(str::trim) else {
            self.wrong(name, "This is a text. Send it in quotes.");
            return None;
        };
        if text.chars().count() > LONGEST {
            self.wrong(name, format!("This is longer than {LONGEST} characters. Say it shorter."));
            return None;
        }
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// A name or a reason that others must be able to read.
    pub(super) fn wording(&mut self, name: &str, what: &str) -> Option<Wording> {
        let text = self.text(name, what)?;
        match Wording::parse(&text) {
            Ok(wording) => Some(wording),
            Err(fault) => {
                self.wrong(name, format!("This cannot be taken: {fault}. Give {what}."));
                None
            }
        }
    }

    /// The person, by NHS number.
    pub(super) fn person(&mut self) -> Option<NhsNumber> {
        let text = self.text("person", "the person's NHS number")?;
        match NhsNumber::parse(&text) {
            Ok(number) => Some(number),
            Err(fault) => {
                self.wrong("person", format!("This is no NHS number: {fault}."));
                None
            }
        }
    }

    /// A code of a closed list.
    pub(super) fn code<T: Copy>(
        &mut self,
        name: &str,
        what: &str,
        all: &[T],
        code: fn(T) -> &'static str,
    ) -> Option<T> {
        let listed = || all.iter().map(|one| code(*one)).collect::<Vec<_>>().join(", ");
        let text = self.text(name, &format!("{what}: {}", listed()))?;
        let found = all.iter().copied().find(|one| code(*one) == text);
        if found.is_none() {
            self.wrong(name, format!("This is none of {}.", listed()));
        }
        found
    }

    /// A list of codes, at least one.
    pub(super) fn codes<T>(&mut self, name: &str, what: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
        let Some(all) = self.given(name).and_then(Value::as_array).filter(|all| !all.is_empty()) else {
            self.missing(name, what);
            return None;
        };
        let mut found = Vec::new();
        for (place, value) in all.iter().enumerate() {
            match value.as_str().and_then(&read) {
                Some(one) => found.push(one),
                None => self.wrong(&format!("{name}/{place}"), "This is no code of the data categories."),
            }
        }
        (found.len() == all.len()).then_some(found)
    }

    /// A moment that must be there.
    pub(super) fn moment(&mut self, name: &str, what: &str) -> Option<Timestamp> {
        let found = self.moment_if(name);
        if found.is_none() && !self.has_issue(name) {
            self.missing(name, &format!("{what}, such as 2026-03-12T14:30:00Z"));
        }
        found
    }

    /// A moment that may be there.
    pub(super) fn moment_if(&mut self, name: &str) -> Option<Timestamp> {
        let text = self.text_if(name)?;
        // Told by the year as written: moments far enough away are none to whatever reads them.
        let year = text.split('-').next().and_then(|year| year.trim_start_matches('+').parse::<u32>().ok());
        if year.is_some_and(|year| year > 2200) {
            self.wrong(name, "This lies beyond the year 2200. Give the moment that is meant.");
            return None;
        }
        let found = text.parse().ok();
        if found.is_none() {
            self.wrong(name, "This is no moment with its time zone, such as 2026-03-12T14:30:00Z.");
        }
        found
    }

    fn has_issue(&self, name: &str) -> bool {
        let place = format!("/{name}");
        self.issues.iter().any(|issue| issue.path.as_deref() == Some(place.as_str()))
    }

    /// What was read, if all of it is right.
    ///
    /// # Errors
    /// Everything that is not.
    pub(super) fn done<T>(self, read: Option<T>) -> Result<T, Refusal> {
        match read {
            Some(all) if self.issues.is_empty() => Ok(all),
            _ => Err(Refusal::new(Category::Invalid, self.issues)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Fields;

    #[test]
    fn everything_that_is_missing_or_wrong_is_told_at_once_and_nothing_is_repeated() {
        let body =
            json!({"person": "9990718424", "moment": "tomorrow", "kind": "blue", "odd": 1, "text": 3, "list": ["x"]});
        let mut fields = Fields::of(&body, &["person", "moment", "kind", "text", "list", "gone"]).unwrap();
        assert!(fields.person().is_none());
        assert!(fields.moment("moment", "when").is_none());
        assert!(fields.code("kind", "which", &[true, false], |one| if one { "red" } else { "green" }).is_none());
        assert!(fields.text("text", "words").is_none());
        assert!(fields.text("gone", "the rest").is_none());
        assert!(fields.codes("list", "codes", |code| (code == "a").then_some(1)).is_none());
        let refusal = fields.done(None::<()>).unwrap_err();
        let mut paths: Vec<&str> = refusal.issues.iter().filter_map(|issue| issue.path.as_deref()).collect();
        paths.sort_unstable();
        assert_eq!(paths, ["/", "/gone", "/kind", "/list/0", "/moment", "/person", "/text"]);
        let said: String = refusal.issues.iter().map(|issue| issue.text.as_str()).collect();
        assert!(!said.contains("9990718424") && !said.contains("tomorrow") && !said.contains("blue"), "{said}");
    }
}
