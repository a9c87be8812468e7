//! The ways into the gateway, as its doors use them: a document, an event, a step of a task, a Consent. Says how each was
//! answered; knows nothing of what should have been.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::life::{By, Happens, Life};
use super::world::{ACCESS_POINT, TRUST};
use crate::auth::Caller;
use crate::intake::Refusal;
use crate::model::{Category, DocumentKind, MessageId, PartyId, RequestStatus, RequestTask};
use crate::pipeline::{Ask, Entrance, Gateway, Received, Release, SentConsent};
use crate::store::TasksWanted;
use crate::workflow::{Wish, role};

/// Who may call, by id.
pub(super) type Callers = BTreeMap<String, Caller>;

/// How something was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answered {
    Taken,
    Repeated,
    Refused,
}

/// What became of a document.
pub(super) enum Submitted {
    /// The gateway's id of it, for how many recipients it was decided, and how many messages go out for it.
    Taken {
        message: String,
        decided: usize,
        deliveries: u64,
    },
    Repeated,
    Refused,
}

impl Submitted {
    pub(super) const fn answered(&self) -> Answered {
        match self {
            Self::Taken { .. } => Answered::Taken,
            Self::Repeated => Answered::Repeated,
            Self::Refused => Answered::Refused,
        }
    }
}

/// The gateway at a moment.
pub(super) struct Sending<'a> {
    pub(super) gateway: &'a Arc<Gateway>,
    pub(super) callers: &'a Callers,
    pub(super) at: Timestamp,
}

impl Sending<'_> {
    fn caller(&self, id: &str) -> Result<&Caller, String> {
        self.callers.get(id).ok_or_else(|| format!("{id} cannot call"))
    }

    pub(super) async fn document(
        &self,
        caller: &str,
        kind: DocumentKind,
        document: &Value,
    ) -> Result<Submitted, String> {
        let caller = self.caller(caller)?.clone();
        let entrance = Entrance::Document(kind);
        let ticket = self.gateway.open(entrance, self.at).await.map_err(|refusal| words(&refusal))?;
        let id = ticket.id().to_string();
        let content_type = Some("application/json".to_owned());
        let received = Received { entrance, content_type, bytes: document.to_string().into_bytes() };
        match self.gateway.submit(ticket, caller, received).await {
            Ok(answer) if answer.message.as_str() == id => {
                let gone = answer.recipients.iter().filter(|recipient| recipient.release != Release::Denied).count();
                let asks = kind == DocumentKind::Referral && !answer.missing.is_empty();
                let deliveries = u64::try_from(gone).unwrap_or(0) + u64::from(asks);
                Ok(Submitted::Taken { message: id, decided: answer.recipients.len(), deliveries })
            }
            Ok(_) => Ok(Submitted::Repeated),
            Err(refusal) => refused(&refusal).map(|_| Submitted::Refused),
        }
    }

    /// The gateway's id of the event, or how it was refused.
    pub(super) async fn event(&self, caller: &str, event: &Value) -> Result<Result<String, Answered>, String> {
        let caller = self.caller(caller)?;
        let json = Some("application/json".to_owned());
        match self.gateway.take_event(caller, json, event.to_string().into_bytes(), self.at).await {
            Ok(answer) => Ok(Ok(answer["id"].as_str().unwrap_or_default().to_owned())),
            Err(refusal) => refused(&refusal).map(Err),
        }
    }

    /// Records a Consent of the person with the trust, or changes the one with this id.
    pub(super) async fn consent(&self, known: Option<Uuid>, resource: &Value) -> Result<Uuid, String> {
        let caller = self.caller(TRUST)?;
        let content_type = Some("application/fhir+json".to_owned());
        let sent = SentConsent { content_type, bytes: resource.to_string().into_bytes() };
        let recorded = match known {
            Some(id) => self.gateway.change_consent(caller, id, 1, sent, self.at).await,
            None => self.gateway.record_consent(caller, sent, self.at).await.map(Some),
        };
        let recorded = recorded.map_err(|refusal| words(&refusal))?;
        recorded.map(|recorded| recorded.id).ok_or_else(|| "the Consent is nobody's".to_owned())
    }

    /// A step of the request; with how many messages tell of it.
    pub(super) async fn step(&self, life: &Life, request: &str, what: Happens) -> Result<(Answered, u64), String> {
        let request = MessageId::parse(request).ok_or("there is no request")?;
        let wanted = TasksWanted::Request(request);
        let tasks = self.gateway.store().tasks(&wanted).await.map_err(|error| error.to_string())?;
        let (wish, by) = wish(what).ok_or("there is no such step")?;
        let at_access_point = |task: &&RequestTask| task.owner.as_str() == ACCESS_POINT;
        // whoever takes a referral back does so where it is now
        let answers = |task: &&RequestTask| task.role == role::RESPONSIBLE && task.status != "redirected";
        let whole = matches!(what, Happens::Cancelled | Happens::InError);
        let task = if whole { tasks.iter().find(answers) } else { tasks.iter().find(at_access_point) };
        let task = task.ok_or("nobody has the request")?;
        let named = match wish {
            Wish::To(status) => status.code(),
            Wish::GiveInformation => "information-given",
        };
        let passes = matches!(what, Happens::TakenOn | Happens::Redirected);
        let ask = Ask {
            task: task.id,
            id: Some(Uuid::new_v5(&task.id, named.as_bytes())),
            wish,
            at: None,
            reason: Some("Simulated".to_owned()).filter(|_| what != Happens::TakenOn && what != Happens::Given),
            team: PartyId::parse(life.team).filter(|_| passes),
            items: Vec::new(),
            mode: None,
            of_version: None,
        };
        let caller = self.caller(if by == By::Team { TRUST } else { &life.partner })?;
        match self.gateway.take_step(caller, ask, self.at).await {
            Ok(Some(taken)) if taken.repeated => Ok((Answered::Repeated, 0)),
            Ok(Some(taken)) => {
                let told = taken.told.len() + usize::from(taken.next.is_some());
                Ok((Answered::Taken, u64::try_from(told).unwrap_or(0)))
            }
            Ok(None) => Err("the task is nobody's".to_owned()),
            Err(refusal) => Err(words(&refusal)),
        }
    }
}

/// What a step says, and who takes it: the trust's access point, or whoever referred.
fn wish(what: Happens) -> Option<(Wish, By)> {
    use RequestStatus::{Accepted, CancelledByRequester, Declined, EnteredInError, MoreInformationNeeded, Redirected};
    Some(match what {
        Happens::Asked => (Wish::To(MoreInformationNeeded), By::Team),
        Happens::TakenOn => (Wish::To(Accepted), By::Team),
        Happens::Redirected => (Wish::To(Redirected), By::Team),
        Happens::Declined => (Wish::To(Declined), By::Team),
        Happens::Given => (Wish::GiveInformation, By::Partner),
        Happens::Cancelled => (Wish::To(CancelledByRequester), By::Partner),
        Happens::InError => (Wish::To(EnteredInError), By::Partner),
        _ => return None,
    })
}

fn words(refusal: &Refusal) -> String {
    let words = refusal.issues.first().map(|issue| issue.text.clone()).unwrap_or_default();
    format!("{:?}: {words}", refusal.category)
}

/// A refusal for what was sent; any other is a difference, with its first words.
fn refused(refusal: &Refusal) -> Result<Answered, String> {
    match refusal.category {
        Category::Internal | Category::Unavailable | Category::Busy | Category::NotFound | Category::Forbidden => {
            Err(words(refusal))
        }
        _ => Ok(Answered::Refused),
    }
}
