//! Messages that bring no new document: a step of a request (event servicerequest-response with a Task), and a document or
//! referral that its sender takes back. Reads what they are about; `steps` and `recall` do it.

mod agreeing;

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::document::{invalid, refuses};
use super::{Entrance, Parts, Received};
use crate::directory::Directory;
use crate::fhir::tree::Tree;
use crate::fhir::{Bundle, Format, codes, envelope, identifier, resource_type};
use crate::intake::{self, Refusal};
use crate::model::{Issue, IssueCode, NhsNumber, OdsCode, PartyId, RequestStatus};
use crate::validate;
use crate::workflow::Wish;

use super::recall::How;
use super::sender;
use agreeing::Beside;

/// What a message brings, where that is no new document.
pub(super) enum Incoming {
    Step(StepTold),
    TakenBack(TakenBack),
}

/// A step as a message tells it.
pub(super) struct StepTold {
    /// Identifier of the message, `system|value`.
    pub key: String,
    pub names: Vec<(String, String)>,
    /// The task, where it is named by ours.
    pub task: Option<Uuid>,
    /// The request, as its sender names it.
    pub identifier: Option<String>,
    pub said: Said,
    pub at: Option<Timestamp>,
    pub reason: Option<String>,
    pub team: Option<PartyId>,
    pub items: Vec<String>,
    /// What it says of request and person besides.
    pub beside: Beside,
}

/// What a Task says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Wish(Wish),
    /// `cancelled`, by whichever side says it.
    Cancelled,
    /// `completed`, which for a question is its answer.
    Completed,
}

/// An earlier message that is taken back.
pub(super) struct TakenBack {
    pub key: String,
    pub names: Vec<(String, String)>,
    /// By which the earlier one may be known, `system|value`.
    pub identifiers: Vec<String>,
    pub how: How,
    /// Whom it is about, where that is known by a number.
    pub number: Option<NhsNumber>,
}

/// What is in a message that could be one of these. Everything else is read as the document it is.
///
/// # Errors
/// It is one of these, and not sound.
pub(super) fn read(parts: &Parts, received: &Received, now: Timestamp) -> Result<Option<Incoming>, Refusal> {
    // read twice only where one of the words is there at all
    let words: [&[u8]; 4] = [b"servicerequest-response", b"delete", b"revoked", b"entered-in-error"];
    let bytes = &received.bytes;
    if !words.iter().any(|word| bytes.windows(word.len()).any(|part| part == *word)) {
        return Ok(None);
    }
    let content_type = received.content_type.as_deref();
    let Ok(bundle) = intake::fhir_message(bytes, content_type, &parts.limits) else { return Ok(None) };
    let message = received.entrance == Entrance::Message;
    let found = if message && event(&bundle) == Some(codes::EVENT_RESPONSE.0) {
        step(parts, &bundle, now)?.map(Incoming::Step)
    } else {
        taken_back(&bundle).map(Incoming::TakenBack)
    };
    let Some(found) = found else { return Ok(None) };
    let format = intake::fhir_format(content_type).unwrap_or(Format::Json);
    let tree = Tree::read(bytes, format, &parts.limits).map_err(|issue| invalid(vec![issue]))?;
    let said = parts.validator.received(&tree, &bundle);
    if refuses(&said) {
        return Err(invalid(said));
    }
    Ok(Some(found))
}

fn event(bundle: &Bundle) -> Option<&str> {
    bundle.first("MessageHeader")?.pointer("/eventCoding/code")?.as_str()
}

fn step(parts: &Parts, bundle: &Bundle, now: Timestamp) -> Result<Option<StepTold>, Refusal> {
    let Some(header) = bundle.first("MessageHeader") else { return Ok(None) };
    let focus = header.get("focus").and_then(Value::as_array).into_iter().flatten();
    let mut tasks = focus
        .filter_map(|reference| bundle.follow(Some(reference)))
        .filter(|found| resource_type(found) == Some("Task"));
    let Some(task) = tasks.next() else { return Ok(None) };
    let key = bundle.message_key().ok_or_else(|| {
        let text =
            "The message has no identifier. Give Bundle.identifier, so that a repeat can be told from a new one.";
        invalid(vec![Issue::error(IssueCode::Required, text).at("Bundle.identifier")])
    })?;
    let told = of_task(&parts.directory, task, now)?;
    let answered = header.pointer("/response/identifier").and_then(Value::as_str);
    let by_answer = told.task.is_none() && told.identifier.is_none();
    let mut beside = told.beside;
    beside.answers = answered.map(str::to_owned);
    let identifiers = bundle.all("Patient").filter_map(|patient| patient.get("identifier")?.as_array()).flatten();
    beside.numbers.extend(identifiers.filter_map(|one| Some(("Patient.identifier", nhs_number(one)?))));
    Ok(Some(StepTold {
        beside,
        key,
        names: sender::header_names(bundle),
        identifier: told
            .identifier
            .or_else(|| answered.filter(|_| by_answer).map(|value| format!("{}|{value}", codes::DOCUMENT_ID))),
        ..told
    }))
}

/// A step as a Task tells it, in a message or by itself.
///
/// # Errors
/// It says nothing that can be read as a step.
pub(super) fn of_task(directory: &Directory, task: &Value, now: Timestamp) -> Result<StepTold, Refusal> {
    let text = |pointer: &str| task.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let own = task.get("identifier").and_then(Value::as_array).into_iter().flatten();
    let named = own
        .filter(|one| one.get("system").and_then(Value::as_str) == Some(codes::DOCUMENT_ID))
        .find_map(|one| Uuid::try_parse(one.get("value")?.as_str()?).ok());
    let places = ["/groupIdentifier", "/focus/identifier", "/basedOn/0/identifier"];
    let identifier = places.iter().find_map(|place| identifier::key_of(task.pointer(place)?));
    let named_by = [("/groupIdentifier", "Task.groupIdentifier"), ("/basedOn/0/identifier", "Task.basedOn")];
    let requests = named_by.iter().filter_map(|(at, place)| Some((*place, identifier::key_of(task.pointer(at)?)?)));
    let number = task.pointer("/for/identifier").and_then(nhs_number);
    let beside = Beside {
        requests: requests.collect(),
        answers: None,
        numbers: number.map(|number| ("Task.for", number)).into_iter().collect(),
    };
    let business = task.pointer("/businessStatus/coding").and_then(Value::as_array).into_iter().flatten();
    let ours = |coding: &&Value| coding.get("system").and_then(Value::as_str) == Some(codes::REQUEST_STATUS);
    let code = business.filter(ours).find_map(|coding| coding.get("code")?.as_str());
    let sends = task.pointer("/code/coding/0/code").and_then(Value::as_str) == Some(codes::TASK_SEND_INFORMATION);
    let said = said(code, task.get("status").and_then(Value::as_str).unwrap_or_default(), sends)?;
    let outputs = || task.get("output").and_then(Value::as_array).into_iter().flatten();
    let coded = |part: &Value, wanted: &str| {
        let codings = part.pointer("/type/coding").and_then(Value::as_array).into_iter().flatten();
        codings.into_iter().any(|coding| coding.get("code").and_then(Value::as_str) == Some(wanted))
    };
    let team = outputs()
        .filter(|part| coded(part, codes::TASK_NEXT_TEAM))
        .find_map(|part| part_party(directory, part.get("valueReference")?, now));
    let words: Vec<String> =
        outputs().filter_map(|part| part.get("valueString")?.as_str().map(str::to_owned)).collect();
    let answer = (!words.is_empty()).then(|| words.join("\n"));
    let reason = text("/statusReason/text")
        .or_else(|| text("/statusReason/coding/0/display"))
        .or_else(|| text("/note/0/text"))
        .or(answer);
    let inputs = task.get("input").and_then(Value::as_array).into_iter().flatten();
    let items = inputs
        .filter_map(|part| {
            let coding = part.pointer("/type/coding/0")?;
            let ours = coding.get("system").and_then(Value::as_str) == Some(codes::REFERRAL_ITEM);
            coding.get("code")?.as_str().filter(|_| ours).map(str::to_owned)
        })
        .collect();
    let at = text("/lastModified").and_then(|text| text.parse().ok());
    Ok(StepTold {
        key: String::new(),
        names: Vec::new(),
        task: named,
        identifier,
        said,
        at,
        reason,
        team,
        items,
        beside,
    })
}

fn nhs_number(identifier: &Value) -> Option<NhsNumber> {
    let system = identifier.get("system").and_then(Value::as_str);
    let value = identifier.get("value").and_then(Value::as_str).filter(|_| system == Some(codes::NHS_NUMBER));
    NhsNumber::parse(value?).ok()
}

/// What a status says; the business status where there is one, else the nearest to FHIR's own.
fn said(business: Option<&str>, status: &str, sends: bool) -> Result<Said, Refusal> {
    if sends && status == "completed" {
        return Ok(Said::Wish(Wish::GiveInformation));
    }
    let to = |status| Ok(Said::Wish(Wish::To(status)));
    if let Some(code) = business {
        return RequestStatus::from_code(code).map_or_else(
            || {
                let text = format!("There is no such status. Give a code of {}.", codes::REQUEST_STATUS);
                Err(invalid(vec![Issue::error(IssueCode::CodeInvalid, text).at("Task.businessStatus")]))
            },
            to,
        );
    }
    match status {
        "accepted" => to(RequestStatus::Accepted),
        "rejected" => to(RequestStatus::Declined),
        "in-progress" => to(RequestStatus::Allocated),
        "on-hold" => to(RequestStatus::MoreInformationNeeded),
        "entered-in-error" => to(RequestStatus::EnteredInError),
        "completed" => Ok(Said::Completed),
        "cancelled" => Ok(Said::Cancelled),
        _ => {
            let text = format!(
                "This status is no step. Give businessStatus a code of {}, or status one of accepted, rejected, \
                 in-progress, on-hold, completed, cancelled, entered-in-error.",
                codes::REQUEST_STATUS
            );
            Err(invalid(vec![Issue::error(IssueCode::NotSupported, text).at("Task.status").rule("request-step")]))
        }
    }
}

/// The directory's party behind a logical reference.
fn part_party(directory: &Directory, reference: &Value, now: Timestamp) -> Option<PartyId> {
    let identifier = reference.get("identifier")?;
    let (system, value) = (identifier.get("system")?.as_str()?, identifier.get("value")?.as_str()?);
    match system {
        codes::PARTY_ID => PartyId::parse(value),
        codes::ODS_ORGANISATION => directory.by_ods(&OdsCode::parse(value)?, now).map(|party| party.id.clone()),
        _ => None,
    }
}

/// Whether a message takes back an earlier one: BaRS has the reason `delete`, FHIR the status of request or document.
fn taken_back(bundle: &Bundle) -> Option<TakenBack> {
    let carried = envelope::payload(bundle).map(|(_, document)| document);
    let inner = carried.as_ref().unwrap_or(bundle);
    let status = |kind: &str| inner.first(kind).and_then(|found| found.get("status")?.as_str().map(str::to_owned));
    let deleted = bundle
        .first("MessageHeader")
        .and_then(|header| header.pointer("/reason/coding/0/code"))
        .and_then(Value::as_str)
        == Some("delete");
    let composition = inner.kind() == Some("document");
    let how = if composition {
        (status("Composition").as_deref() == Some("entered-in-error")).then_some(How::EnteredInError)
    } else {
        match status("ServiceRequest").as_deref() {
            Some("entered-in-error") => Some(How::EnteredInError),
            Some("revoked") => Some(How::Cancelled),
            _ => None,
        }
    };
    let how = how.or(deleted.then_some(How::Cancelled))?;
    let key = bundle.message_key()?;
    let mut identifiers: Vec<String> = Vec::new();
    if composition {
        let composition = inner.first("Composition");
        let related = composition.and_then(|c| c.get("relatesTo")?.as_array()).into_iter().flatten();
        identifiers.extend(related.filter_map(|relation| identifier::key_of(relation.get("targetIdentifier")?)));
        identifiers.extend(composition.and_then(|c| identifier::key_of(c.get("identifier")?)));
    } else if let Some(request) = inner.first("ServiceRequest") {
        let replaces = request.get("replaces").and_then(Value::as_array).into_iter().flatten();
        identifiers.extend(replaces.filter_map(|one| identifier::key_of(one.get("identifier")?)));
        identifiers.extend(request_identifiers(request));
    }
    identifiers.extend(inner.message_key());
    let number = validate::usable_nhs_number(inner);
    Some(TakenBack { key, names: sender::header_names(bundle), identifiers, how, number })
}

/// Every identifier of a request that its sender gave it, `system|value`.
pub(super) fn request_identifiers(request: &Value) -> Vec<String> {
    let own = request.get("identifier").and_then(Value::as_array).into_iter().flatten();
    own.chain(request.get("requisition")).filter_map(identifier::key_of).collect()
}
