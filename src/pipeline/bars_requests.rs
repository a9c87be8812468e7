//! A request of a caller's that is known by none of the identifiers that are kept beside it, found by any that the message
//! itself has (BaRS: a cancellation names the ServiceRequest, and not the message that brought it). Looks among what is
//! followed of the person, and changes nothing.

use std::sync::Arc;

use jiff::Timestamp;

use super::incoming::{TakenBack, request_identifiers};
use super::{Gateway, notice, unavailable};
use crate::auth::Caller;
use crate::intake::Refusal;
use crate::model::{DocumentKind, MessageId};

impl Gateway {
    /// The newest request about this person that the caller sent and that has one of these identifiers.
    pub(super) async fn sent_about(
        self: &Arc<Self>,
        caller: &Caller,
        back: &TakenBack,
        now: Timestamp,
    ) -> Result<Option<MessageId>, Refusal> {
        let Some(number) = &back.number else { return Ok(None) };
        let failed = |error| unavailable(&error);
        let mut tasks = self.store.care(&self.person(number)).await.map_err(failed)?.tasks;
        tasks.retain(|task| task.kind != DocumentKind::InformationRequest && self.speaks(caller, &task.requester, now));
        tasks.sort_by_key(|task| std::cmp::Reverse(task.opened));
        let mut requests: Vec<MessageId> = Vec::new();
        for task in tasks {
            if !requests.contains(&task.request) {
                requests.push(task.request);
            }
        }
        for request in requests {
            let Some(stored) = self.store.message(&request).await.map_err(failed)? else { continue };
            let (gateway, wanted) = (self.clone(), back.identifiers.clone());
            let named = self
                .apart(move || {
                    let bundle = notice::reread(&gateway.parts(), &stored)?.document.bundle;
                    let own = bundle.first("ServiceRequest").map(request_identifiers).unwrap_or_default();
                    Ok(own.iter().any(|identifier| wanted.contains(identifier)))
                })
                .await?;
            if named {
                return Ok(Some(request));
            }
        }
        Ok(None)
    }
}
