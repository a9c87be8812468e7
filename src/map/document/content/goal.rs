//! Needs ⇄ Goal (<https://hl7.org/fhir/R4/goal.html>) and a Task (UKCore-Task) for each action. The goal is the description
//! and the need what it addresses; without a goal the need itself is the description.

use serde_json::{Map, Value, json};

use crate::documents::Document;
use crate::documents::parts::{Action, ActionStatus, Doer, Known, Need, NeedStatus};
use crate::fhir::build::{concept, put};
use crate::fhir::bundle::resource_type;
use crate::fhir::codes;
use crate::map::document::write::Writer;
use crate::map::element::Element;
use crate::map::read::Subject;
use crate::map::read::datatypes::{annotations, code_of, date, words};
use crate::map::read::parties::{is_logical, logical_addressee};
use crate::map::write::datatypes::party_identifiers;
use crate::map::write::statement::Asked;
use crate::map::{NoteKind, extensions};

/// Status of a need that is not met and has no action.
const ON_HOLD: &str = "on-hold";

impl<D: Document> Writer<'_, D> {
    /// Every need of an answer.
    pub(in crate::map::document) fn needs(&mut self, asked: &Asked<'_>, answer: Option<&Known<Need>>) {
        for (role, need) in self.listed(asked, answer) {
            self.need(asked, &role, need);
            for (place, action) in need.actions.iter().enumerate() {
                self.action(asked, &role, place, action);
            }
        }
    }

    fn need(&mut self, asked: &Asked<'_>, role: &str, need: &Need) {
        let text = |text: &Option<String>| text.as_ref().map(|text| json!([{"text": text}]));
        let mut out = self.out.resource("Goal", role, false, Some(asked.category), &[need.in_words()]);
        let strengths = need.strengths.iter().map(|s| json!({"url": extensions::GOAL_STRENGTH, "valueString": s}));
        put(&mut out, "extension", strengths.collect::<Vec<_>>());
        let idle = need.unmet.is_some() && need.actions.is_empty();
        let status = need.status.map_or(if idle { ON_HOLD } else { "active" }, NeedStatus::code);
        put(&mut out, "lifecycleStatus", status);
        put(&mut out, "category", json!([concept(asked.system, asked.key, asked.title)]));
        put(&mut out, "description", json!({"text": need.goal.as_ref().unwrap_or(&need.text)}));
        put(&mut out, "subject", self.out.refer("patient"));
        put(&mut out, "startDate", need.since.clone());
        put(&mut out, "target", need.by_when.as_ref().map(|date| json!([{"dueDate": date}])));
        put(&mut out, "statusReason", need.unmet.clone());
        put(&mut out, "expressedBy", need.raised_by.as_ref().map(|by| json!({"display": by})));
        put(&mut out, "addresses", need.goal.as_ref().map(|_| json!([{"display": need.text}])));
        put(&mut out, "note", text(&need.notes));
        put(&mut out, "outcomeCode", text(&need.outcome));
        self.out.push_item(role, out);
    }

    fn action(&mut self, asked: &Asked<'_>, goal: &str, place: usize, action: &Action) {
        let role = format!("{goal}:action:{place}");
        let mut out = self.out.resource("Task", &role, true, Some(asked.category), &[action.line()]);
        put(&mut out, "status", action.status.map_or("requested", ActionStatus::code));
        put(&mut out, "intent", "plan");
        put(&mut out, "code", concept(codes::TASK, codes::TASK_PLANNED_ACTION, "Planned action"));
        put(&mut out, "description", action.text.clone());
        put(&mut out, "focus", self.out.refer(goal));
        put(&mut out, "for", self.out.refer("patient"));
        let who = action.who.map(|who| json!([concept(codes::ACTION_BY, who.code(), who.title())]));
        put(&mut out, "performerType", who);
        put(&mut out, "owner", self.owner(action));
        put(&mut out, "note", action.notes.as_ref().map(|text| json!([{"text": text}])));
        let period = action.by_when.as_ref().map(|date| json!({"period": {"end": date}}));
        put(&mut out, "restriction", period);
        self.out.push_item(&role, out);
    }

    fn owner(&self, action: &Action) -> Map<String, Value> {
        let mut owner = Map::new();
        if action.who == Some(Doer::Person) {
            put(&mut owner, "reference", self.out.url("patient"));
        }
        let identifier = party_identifiers(action.ods.as_ref(), action.party.as_ref()).into_iter().next();
        put(&mut owner, "identifier", identifier);
        put(&mut owner, "display", action.name.clone());
        let kind = match action.who {
            Some(Doer::Carer) => "RelatedPerson",
            Some(Doer::Professional) => "Practitioner",
            Some(Doer::Service) => "Organization",
            Some(Doer::Person) | None => "",
        };
        if !owner.is_empty() {
            put(&mut owner, "type", kind);
        }
        owner
    }
}

/// A Goal with the Tasks that follow it, or a Task that follows none; `None` where neither says anything.
pub(in crate::map::document) fn read<'b>(
    at: &Subject<'_, 'b>,
    place: usize,
    value: &'b Value,
    tasks: &[usize],
    system: &str,
) -> Option<Need> {
    if resource_type(value) == Some("Task") {
        let action = read_action(at, place)?;
        let path = format!("Bundle.entry[{place}].resource");
        at.source.notes.add(NoteKind::Coerced, path, "An action that belongs to no goal is kept as a need as well.");
        return Some(Need { text: action.text.clone(), actions: vec![action], ..Need::default() });
    }
    if resource_type(value) != Some("Goal") {
        return None;
    }
    let mut goal = at.source.open(place);
    goal.ignore(&["subject"]);
    let described = goal.child("description").and_then(words);
    let addressed = addressed(at, &mut goal, value);
    let (text, wanted) = match (described, addressed) {
        (Some(goal), Some(need)) => (need, Some(goal)),
        (Some(only), None) | (None, Some(only)) => (only, None),
        (None, None) => return None,
    };
    let mut need = Need { text, goal: wanted, ..Need::default() };
    need.actions = tasks.iter().filter_map(|task| read_action(at, *task)).collect();
    for mut category in goal.children("category") {
        code_of(&mut category, system, |_| Some(()));
    }
    while let Some(strength) = goal.extension_string(extensions::GOAL_STRENGTH) {
        need.strengths.push(strength);
    }
    need.unmet = goal.string("statusReason");
    need.status = goal.parsed("lifecycleStatus", NeedStatus::from_code);
    goal.expect("lifecycleStatus", &["active"]);
    if goal.peek("lifecycleStatus").and_then(Value::as_str) == Some(ON_HOLD) {
        goal.ignore(&["lifecycleStatus"]);
        if need.unmet.is_none() || !need.actions.is_empty() {
            goal.coerced("lifecycleStatus", "A goal on hold is kept as a need that is not met.");
        }
        need.unmet.get_or_insert_with(|| "On hold".to_owned());
    }
    need.since = date(&mut goal, "startDate");
    for mut target in goal.children("target") {
        if need.by_when.is_none() {
            need.by_when = date(&mut target, "dueDate");
        }
    }
    if let Some(by) = goal.child("expressedBy") {
        let (person, organisation) = at.source_of(by, value);
        need.raised_by = person.or(organisation);
    }
    let outcomes: Vec<String> = goal.children("outcomeCode").into_iter().filter_map(words).collect();
    need.outcome = (!outcomes.is_empty()).then(|| outcomes.join("\n"));
    need.notes = annotations(&mut goal, "note");
    Some(need)
}

/// What a goal addresses, in words: those of the reference, else of the resource it leads to, which stays to be read.
fn addressed<'b>(at: &Subject<'_, 'b>, goal: &mut Element<'_>, value: &'b Value) -> Option<String> {
    let mut texts: Vec<String> = Vec::new();
    let found = value.get("addresses").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for (mut reference, raw) in goal.children("addresses").into_iter().zip(found) {
        if let Some(place) = at.source.locate(raw) {
            let target = at.source.value(place);
            let words = target.pointer("/code/text").or_else(|| target.pointer("/code/coding/0/display"));
            if let Some(words) = words.and_then(Value::as_str) {
                reference.coerced("reference", "The need is put in the words of what the goal addresses.");
                texts.push(words.to_owned());
                reference.followed();
                continue;
            }
        }
        texts.extend(reference.string("display"));
    }
    (!texts.is_empty()).then(|| texts.join("\n"))
}

fn read_action(at: &Subject<'_, '_>, place: usize) -> Option<Action> {
    let value = at.source.value(place);
    let mut task = at.source.open(place);
    task.ignore(&["for"]);
    // a focus that is no goal of the plan says something the native form does not
    let focus = value.get("focus").and_then(|focus| at.source.locate(focus)).map(|place| at.source.value(place));
    task.ignore_if(focus.and_then(resource_type) == Some("Goal"), "focus");
    task.expect("intent", &["plan"]);
    let mut code = task.child("code");
    if let Some(code) = &mut code {
        code_of(code, codes::TASK, |code| (code == codes::TASK_PLANNED_ACTION).then_some(()));
    }
    let text = task.string("description").or_else(|| code.take().and_then(words))?;
    let status = task.parsed("status", ActionStatus::from_code);
    task.expect("status", &["requested"]);
    let mut who = None;
    for mut performer in task.children("performerType") {
        who = who.or(code_of(&mut performer, codes::ACTION_BY, Doer::from_code));
    }
    let mut action = Action { text, who, name: None, party: None, ods: None, by_when: None, status, notes: None };
    if let Some(owner) = task.child("owner") {
        read_owner(at, owner, value, &mut action);
    }
    action.notes = annotations(&mut task, "note");
    if let Some(mut period) = task.child("restriction").and_then(|mut limits| limits.child("period")) {
        action.by_when = date(&mut period, "end");
    }
    Some(action)
}

fn read_owner<'b>(at: &Subject<'_, 'b>, mut owner: Element<'_>, holder: &'b Value, action: &mut Action) {
    let place = holder.get("owner").and_then(|reference| at.source.locate(reference));
    let typed = match place {
        Some(place) => resource_type(at.source.value(place)).map(str::to_owned),
        None => owner.peek("type").and_then(Value::as_str).map(str::to_owned),
    };
    if place == Some(at.patient) {
        owner.ignore(&["reference", "type"]);
        action.name = owner.string("display");
        action.who = action.who.or(Some(Doer::Person));
        return;
    }
    if action.who.is_none() {
        action.who = match typed.as_deref() {
            Some("RelatedPerson") => Some(Doer::Carer),
            Some("Practitioner" | "PractitionerRole") => Some(Doer::Professional),
            Some("Organization" | "HealthcareService" | "CareTeam") => Some(Doer::Service),
            _ => None,
        };
    }
    if is_logical(&owner) {
        if let Some(to) = logical_addressee(owner) {
            (action.name, action.ods, action.party) = (to.name, to.ods, to.party);
        }
    } else if matches!(typed.as_deref(), Some("Organization" | "HealthcareService")) {
        if let Some(to) = at.addressee_at(owner, holder) {
            (action.name, action.ods, action.party) = (to.name, to.ods, to.party);
        }
    } else {
        let (person, organisation) = at.source_of(owner, holder);
        action.name = person.or(organisation);
    }
}
