//! An event told as a FHIR Encounter (<https://hl7.org/fhir/R4/encounter.html>): a contact, an admission to a ward and the
//! discharge from it, which are what an Encounter says by itself. Turns it into the event that JSON would be; what is taken
//! and from whom is `care_events`'s.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::document::{invalid, refuses};
use super::{Gateway, unavailable};
use crate::auth::Caller;
use crate::directory::Directory;
use crate::fhir::tree::Tree;
use crate::fhir::{self, Format, codes, identifier};
use crate::intake::Refusal;
use crate::model::{Category, Issue, IssueCode, NhsNumber, OdsCode, RequestTask};
use crate::store::TasksWanted;

/// What an Encounter tells, before it is known which request here is meant.
#[derive(Debug)]
pub(super) struct Encounter {
    /// The event, but for whom it is about.
    pub event: Value,
    /// The request it is based on, `system|value` as its sender names it.
    pub request: Option<String>,
    /// The person's NHS number.
    pub number: Option<String>,
}

/// Classes of encounters that we know, what each is when it has ended or goes on, and how the person was met.
const CLASSES: &[(&str, Option<&str>)] =
    &[("AMB", Some("face-to-face")), ("HH", Some("face-to-face")), ("FLD", Some("face-to-face")), ("VR", None)];

/// Reads a resource.
///
/// # Errors
/// Everything that keeps it from being an event, by place in the resource.
pub(super) fn read(resource: &Value, directory: &Directory, now: Timestamp) -> Result<Encounter, Vec<Issue>> {
    let text = |pointer: &str| resource.pointer(pointer).and_then(Value::as_str);
    let mut issues = Vec::new();
    let mut wrong = |code, path: &str, words: &str| {
        issues.push(Issue::error(code, words).at(path).rule("care-event"));
    };
    if text("/resourceType") != Some("Encounter") {
        let words =
            "In FHIR an event is told as an Encounter. What an Encounter cannot say is told as application/json.";
        wrong(IssueCode::NotSupported, "Resource", words);
        return Err(issues);
    }
    let ward = matches!(text("/class/code"), Some("IMP" | "ACUTE" | "NONAC"));
    let class = CLASSES.iter().find(|(code, _)| text("/class/code") == Some(code));
    let kind = match (text("/status"), ward, class) {
        (Some("in-progress"), true, _) => Some(("admitted", "start")),
        (Some("finished"), true, _) => Some(("inpatient-discharge", "end")),
        (Some("finished"), false, Some(_)) => Some(("contacted", "start")),
        (_, false, None) => {
            let words =
                "This class is none that is known here: AMB, HH, FLD or VR for a contact, IMP for a stay on a ward.";
            wrong(IssueCode::NotSupported, "Encounter.class", words);
            None
        }
        _ => {
            let words = "A contact is told when it is finished, a stay on a ward when it is in-progress or finished.";
            wrong(IssueCode::NotSupported, "Encounter.status", words);
            None
        }
    };
    let id = resource.pointer("/identifier/0").and_then(identifier::key_of);
    if id.is_none() {
        let words = "Give it an identifier of yours, so that the same event told again counts once.";
        wrong(IssueCode::Required, "Encounter.identifier", words);
    }
    let at = kind.and_then(|(_, edge)| text(&format!("/period/{edge}")).map(|at| (edge, at)));
    if let (Some((_, edge)), None) = (kind, at) {
        let words = "Say when it was.";
        wrong(IssueCode::Required, &format!("Encounter.period.{edge}"), words);
    }
    let number = resource
        .pointer("/subject/identifier")
        .filter(|identifier| identifier.get("system").and_then(Value::as_str) == Some(codes::NHS_NUMBER))
        .and_then(|identifier| identifier.get("value")?.as_str().map(str::to_owned));
    let request = resource.pointer("/basedOn/0/identifier").and_then(identifier::key_of);
    if number.is_none() && request.is_none() {
        let words = "Say whom it is about: basedOn with the identifier of the request, or subject with the NHS number.";
        wrong(IssueCode::Required, "Encounter.basedOn", words);
    }
    let by = resource.pointer("/serviceProvider/identifier").map(|identifier| {
        let value = identifier.get("value").and_then(Value::as_str).unwrap_or_default();
        match identifier.get("system").and_then(Value::as_str) {
            Some(codes::ODS_ORGANISATION) => OdsCode::parse(value)
                .and_then(|ods| directory.by_ods(&ods, now))
                .map_or_else(|| value.to_lowercase(), |party| party.id.to_string()),
            _ => value.to_owned(),
        }
    });
    match (kind, id, at) {
        (Some((kind, _)), Some(id), Some((_, at))) if issues.is_empty() => {
            let mut event = json!({"id": id, "kind": kind, "at": at});
            if let Some(by) = by {
                event["by"] = by.into();
            }
            if let Some(mode) = class.and_then(|(_, mode)| *mode) {
                event["detail"] = json!({"mode": mode});
            }
            Ok(Encounter { event, request, number })
        }
        _ => Err(issues),
    }
}

impl Gateway {
    /// The event that a FHIR resource tells, in its JSON form.
    ///
    /// # Errors
    /// What is wrong with the resource; 404 where the caller has no such request.
    pub(super) async fn event_of_fhir(
        self: &Arc<Self>,
        caller: &Caller,
        format: Format,
        bytes: Vec<u8>,
        now: Timestamp,
    ) -> Result<Value, Refusal> {
        let gateway = self.clone();
        let told = self
            .apart(move || {
                let refused = |issue: Issue| Refusal::new(Category::Invalid, vec![issue]);
                let parts = gateway.parts();
                let resource = fhir::read(&bytes, format, &parts.limits).map_err(refused)?;
                let tree = Tree::read(&bytes, format, &parts.limits).map_err(refused)?;
                let told =
                    read(&resource, &parts.directory, now).map_err(|issues| Refusal::new(Category::Invalid, issues))?;
                let found = parts.validator.resource(tree.root(), Vec::new(), None);
                if refuses(&found) { Err(invalid(found)) } else { Ok(told) }
            })
            .await?;
        let mut event = told.event;
        let Some(identifier) = &told.request else {
            event["person"] = told.number.unwrap_or_default().into();
            return Ok(event);
        };
        // of the requests that the caller has or has sent; whether there are others is not told (CS-22)
        let mut found: Vec<RequestTask> = Vec::new();
        for party in self.readable(&caller.party.id, now) {
            for wanted in [TasksWanted::Owner(party.clone()), TasksWanted::Requester(party, Some(identifier.clone()))] {
                let tasks = self.store.tasks(&wanted).await.map_err(|error| unavailable(&error))?;
                found.extend(tasks.into_iter().filter(|task| task.identifier == *identifier));
            }
        }
        found.sort_by_key(|task| std::cmp::Reverse(task.opened));
        let number = told.number.as_deref().map(NhsNumber::parse);
        let same = |task: &RequestTask| match &number {
            Some(Ok(number)) => task.person == self.person(number),
            Some(Err(_)) => false,
            None => true,
        };
        match found.iter().find(|task| same(task)) {
            Some(task) => event["request"] = json!({"message": task.request.as_str()}),
            None => return Err(self.no_part(caller).await),
        }
        Ok(event)
    }
}

/// The same issues, told by place in the Encounter.
pub(super) fn placed(mut issues: Vec<Issue>) -> Vec<Issue> {
    for issue in &mut issues {
        let path = match issue.path.as_deref() {
            Some("/id") => "Encounter.identifier",
            Some("/at") => "Encounter.period",
            Some("/by") => "Encounter.serviceProvider",
            Some("/person") => "Encounter.subject",
            Some(path) if path.starts_with("/request") => "Encounter.basedOn",
            Some(path) if path.starts_with("/detail") => "Encounter.class",
            _ => continue,
        };
        issue.path = Some(path.to_owned());
    }
    issues
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::read;
    use crate::directory::{DEMO, Directory};

    fn of(change: &[(&str, Value)]) -> Result<super::Encounter, Vec<String>> {
        let mut encounter = json!({
            "resourceType": "Encounter",
            "identifier": [{"system": "urn:made-up", "value": "v-1"}],
            "status": "finished",
            "class": {"code": "HH"},
            "basedOn": [{"identifier": {"system": "urn:made-up:request", "value": "r-1"}}],
            "period": {"start": "2026-11-20T10:00:00Z", "end": "2026-11-20T11:00:00Z"},
        });
        for (name, value) in change {
            encounter[*name] = value.clone();
        }
        let directory = Directory::from_toml(DEMO).unwrap();
        read(&encounter, &directory, jiff::Timestamp::UNIX_EPOCH)
            .map_err(|issues| issues.into_iter().filter_map(|issue| issue.path).collect())
    }

    #[test]
    fn an_encounter_is_a_contact_an_admission_or_a_discharge_and_nothing_else() {
        let class = |code: &str| ("class", json!({"code": code}));
        for (change, kind, at) in [
            (vec![], "contacted", "2026-11-20T10:00:00Z"),
            (vec![class("VR")], "contacted", "2026-11-20T10:00:00Z"),
            (vec![class("IMP"), ("status", "in-progress".into())], "admitted", "2026-11-20T10:00:00Z"),
            (vec![class("IMP")], "inpatient-discharge", "2026-11-20T11:00:00Z"),
        ] {
            let found = of(&change).unwrap();
            assert_eq!((&found.event["kind"], &found.event["at"]), (&json!(kind), &json!(at)), "{change:?}");
            assert_eq!(found.request.as_deref(), Some("urn:made-up:request|r-1"));
        }
        assert_eq!(of(&[]).unwrap().event["detail"]["mode"], "face-to-face");
        assert!(of(&[class("VR")]).unwrap().event.get("detail").is_none(), "by telephone or video it does not say");
        for (change, path) in [
            (("status", json!("planned")), "Encounter.status"),
            (("class", json!({"code": "EMER"})), "Encounter.class"),
            (("period", json!({"end": "2026-11-20T11:00:00Z"})), "Encounter.period.start"),
            (("identifier", json!([])), "Encounter.identifier"),
            (("basedOn", json!([])), "Encounter.basedOn"),
            (("resourceType", json!("Appointment")), "Resource"),
        ] {
            assert_eq!(of(&[change]).unwrap_err(), [path]);
        }
    }
}
