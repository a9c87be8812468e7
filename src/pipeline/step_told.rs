//! Who is told of a step, and in which words: everybody with standing, each by a message of its own. Takes no step.

use super::notice::{Notice, Teller};
use super::routing::practice_of;
use crate::intake::Refusal;
use crate::model::{DocumentKind, Party, PartyId, RequestStatus, RequestTask};
use crate::store::{AuditRecord, Care, CareChanges};
use crate::workflow::{self, Told, Wanted, Wish};

/// Queues what everybody with standing is told, and says who that is.
#[expect(clippy::too_many_arguments, reason = "each is another part of one step")]
pub(super) fn tell(
    teller: &Teller<'_>,
    care: &Care,
    stepped: &workflow::Stepped,
    wanted: &Wanted,
    to: RequestStatus,
    next: Option<&Party>,
    changes: &mut CareChanges,
    audit: &mut Vec<AuditRecord>,
) -> Result<Vec<PartyId>, Refusal> {
    let Teller { parts, now, .. } = *teller;
    let task = &stepped.task;
    // as they are after the step, those that are new among them
    let mut tasks: Vec<RequestTask> = changes.tasks.iter().filter(|one| one.request == task.request).cloned().collect();
    let others = care.tasks.iter().filter(|one| one.request == task.request);
    let unchanged: Vec<RequestTask> =
        others.filter(|one| !tasks.iter().any(|changed| changed.id == one.id)).cloned().collect();
    tasks.extend(unchanged);
    let question = task.kind == DocumentKind::InformationRequest;
    let requester = tasks
        .iter()
        .find(|one| one.kind != DocumentKind::InformationRequest)
        .map_or(&task.requester, |one| &one.requester)
        .clone();
    let gp = practice_of(&parts.directory, &teller.document.content, now).map(|practice| practice.id.clone());
    let gp = gp.filter(|_| !question && !stepped.late);
    let name = |id: &PartyId| parts.directory.party(id, now).map_or_else(|| id.to_string(), |party| party.name.clone());
    let sentence = match wanted.wish {
        Wish::GiveInformation => format!("{} has sent information that was asked for.", name(&wanted.by)),
        Wish::To(RequestStatus::Declined) if question => {
            format!("{} cannot send the information that was asked for.", name(&wanted.by))
        }
        Wish::To(_) => workflow::sentence(to, &name(&task.owner), next.map(|team| team.name.as_str())),
    };
    let mut told = Vec::new();
    for (party, why) in workflow::told(&requester, &tasks, gp.as_ref(), to, &wanted.by) {
        // who has a task that ended with this one is told of its own
        let own = changes.steps.iter().find(|step| {
            step.task != task.id
                && step.to == to.code()
                && step.from.is_some()
                && tasks.iter().any(|one| one.id == step.task && one.owner == party)
        });
        let about = own.and_then(|step| tasks.iter().find(|one| one.id == step.task)).unwrap_or(task);
        let notice = Notice {
            id: wanted.id,
            task: about.id,
            fhir_status: workflow::fhir_status(about).to_owned(),
            status: Some(to.code().to_owned()),
            identifier: task.identifier.clone(),
            sentence: sentence.clone(),
            reason: wanted.reason.clone(),
            items: wanted.items.clone(),
            from: wanted.by.clone(),
            owner: about.owner.clone(),
            requester: requester.clone(),
            next: next.map(|team| team.id.clone()),
            standing: why != Told::Gp,
            opened: task.opened,
            at: stepped.step.at,
            about: teller.kind,
        };
        if let Some((row, entry)) = teller.tell(&notice, &party, why)? {
            audit.push(entry);
            changes.notices.push((teller.message.clone(), row));
            told.push(party);
        }
    }
    Ok(told)
}
