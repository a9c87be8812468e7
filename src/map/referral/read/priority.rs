//! How soon a response is asked for. The one place where misreading could cost a life, so whatever is not understood
//! is refused, and of several priorities the most pressing counts. Never reads a priority as less than it says.

use serde_json::Value;

use super::Reader;
use crate::documents::referral::Response;
use crate::fhir::resource_type;
use crate::map::NoteKind;
use crate::map::code_table::native_code;
use crate::map::element::Element;
use crate::map::referral::codes::PRIORITY;
use crate::map::source::Source;
use crate::model::{Issue, IssueCode};

/// Resources whose priority says how soon a response is asked for.
const KINDS: [&str; 2] = ["ServiceRequest", "Task"];

/// A priority the message states, with the resource it stands in.
struct Stated {
    place: usize,
    response: Response,
    exact: bool,
}

/// What makes the message no request that can be followed: a priority outside the required binding
/// (<https://hl7.org/fhir/R4/valueset-request-priority.html>), or `doNotPerform`.
pub(super) fn faults(source: &Source<'_>, request: usize) -> Vec<Issue> {
    let places = KINDS.into_iter().flat_map(|kind| source.of_type(kind));
    let mut issues: Vec<Issue> = places
        .filter(|place| source.value(*place).get("priority").is_some_and(|value| response(value).is_none()))
        .map(|place| {
            let text = "This priority is not known, so the message is not taken: use routine, urgent, asap or stat.";
            Issue::error(IssueCode::CodeInvalid, text).at(path(place, "priority")).rule("request-priority")
        })
        .collect();
    // a modifier: left out or false, the request is to be done; anything else turns its meaning around
    let forbids = source.value(request).get("doNotPerform").is_some_and(|value| *value != Value::Bool(false));
    if forbids {
        let text = "A request not to do something is no referral. Leave doNotPerform out, or send no message.";
        let issue = Issue::error(IssueCode::NotSupported, text).at(path(request, "doNotPerform"));
        issues.push(issue.rule("request-do-not-perform"));
    }
    issues
}

fn path(place: usize, key: &str) -> String {
    format!("Bundle.entry[{place}].resource.{key}")
}

/// The response a FHIR priority asks for, and whether the native form says just that.
fn response(value: &Value) -> Option<(Response, bool)> {
    match value.as_str()? {
        "asap" => Some((Response::Urgent, false)),
        code => native_code(PRIORITY, code).map(|response| (response, true)),
    }
}

const fn pressing(response: Response) -> u8 {
    match response {
        Response::Routine => 0,
        Response::Urgent => 1,
        Response::Crisis => 2,
    }
}

impl Reader<'_, '_> {
    /// Reads the priority of the request, and lets a more pressing one elsewhere in the message outrank it.
    pub(super) fn priority(&mut self, place: usize, request: &mut Element<'_>) {
        let own = self.stated(place);
        request.ignore_if(own.is_some(), "priority");
        match &own {
            Some(own) if !own.exact => request.coerced("priority", "asap is read as urgent."),
            Some(_) => {}
            None => {
                let text = "A request without priority is routine (FHIR R4).";
                self.at.source.notes.add(NoteKind::Defaulted, path(place, "priority"), text);
            }
        }
        let response = own.map_or(Response::Routine, |own| own.response);
        let places = KINDS.into_iter().flat_map(|kind| self.at.source.of_type(kind));
        let most = places.filter_map(|place| self.stated(place)).max_by_key(|stated| pressing(stated.response));
        self.out.response = match most.filter(|most| pressing(most.response) > pressing(response)) {
            None => response,
            Some(most) => {
                let kind = resource_type(self.at.source.value(most.place)).unwrap_or_default();
                let text =
                    format!("This {kind} presses more than the request, so its priority is that of the referral.");
                self.at.source.notes.add(NoteKind::Coerced, path(most.place, "priority"), text);
                most.response
            }
        };
    }

    fn stated(&self, place: usize) -> Option<Stated> {
        let (response, exact) = response(self.at.source.value(place).get("priority")?)?;
        Some(Stated { place, response, exact })
    }
}
