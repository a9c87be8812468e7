//! What is followed from the moment a request is accepted: one task for each recipient that gets it, and one for its
//! sender where something is missing. Says which tasks there are; what becomes of them is `steps`'s.

use uuid::Uuid;

use super::answer::{RecipientAnswer, Release};
use super::process::Run;
use crate::documents::referral::MissingItem;
use crate::fhir::{Bundle, identifier};
use crate::model::{DocumentKind, MessageId, RequestStatus, RequestTask, TaskStep};
use crate::workflow::{self, Opening, role};

/// The sender's own identifier of a request, `system|value`: the one it keeps through every version, else that of the
/// message.
pub(super) fn business_identifier(bundle: &Bundle, key: &str) -> String {
    let holder = bundle.first("ServiceRequest").filter(|_| bundle.kind() == Some("message"));
    let first = holder.and_then(|request| request.pointer("/identifier/0"));
    first.and_then(identifier::key_of).unwrap_or_else(|| key.to_owned())
}

/// Id of the request for missing items that goes with a message; its task has the same.
pub(super) fn asking(message: &MessageId) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{message}/information-request").as_bytes())
}

/// The tasks that begin with a message; `request` is the one it belongs to, itself unless it is a new version.
pub(super) fn opened(
    run: &Run<'_>,
    request: &MessageId,
    recipients: &[RecipientAnswer],
    missing: &[MissingItem],
) -> (Vec<RequestTask>, Vec<TaskStep>) {
    let kind = run.read.kind;
    if !workflow::is_request(kind) {
        return (Vec::new(), Vec::new());
    }
    let identifier = business_identifier(&run.read.bundle, &run.read.key);
    let opening = Opening {
        request,
        identifier: &identifier,
        kind,
        person: &run.person,
        requester: &run.sender.id,
        owner: &run.sender.id,
        role: role::REFERRER,
        status: RequestStatus::Received,
        reason: None,
        by: &run.sender.id,
        agent: &run.caller.client_id,
        now: run.now,
    };
    let getting = recipients.iter().filter(|recipient| recipient.release != Release::Denied);
    let mut all: Vec<(RequestTask, TaskStep)> = getting
        .map(|recipient| workflow::open(&Opening { owner: &recipient.party, role: &recipient.role, ..opening }))
        .collect();
    if !missing.is_empty() {
        let items: Vec<&str> = missing.iter().map(|item| item.key).collect();
        let own = &run.parts.own;
        let items = items.join(",");
        let (mut task, mut step) = workflow::open(&Opening {
            kind: DocumentKind::InformationRequest,
            requester: own,
            owner: &run.caller.party.id,
            reason: Some(&items),
            by: own,
            agent: "gateway",
            ..opening
        });
        task.id = asking(run.id);
        (step.task, step.id) = (task.id, Uuid::new_v5(&task.id, b"opened"));
        all.push((task, step));
    }
    all.into_iter().unzip()
}
