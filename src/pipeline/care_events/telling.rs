//! Who may tell which kind of event, and from when on: a table, each row with its reason. A partner tells of its own acts; for
//! whoever answers for a request, nobody else speaks. Which clocks an event then moves is the rules' (`clocks`).

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::super::{Gateway, unavailable};
use super::Told;
use crate::audit::{Entry, Event};
use crate::auth::Caller;
use crate::intake::Refusal;
use crate::model::{
    Category, DocumentKind, EventKind, Issue, IssueCode, MessageId, PartyId, PartyKind, PersonKey, RequestStatus,
    RequestTask, Sector,
};
use crate::store::Care;
use crate::workflow::{self, role};

/// Who may tell of something, besides the organisation that runs the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    /// Whoever did it and has a part in the care.
    Anybody,
    /// Who runs wards: the NHS but for practices, and private providers; and who holds the request.
    Ward,
    /// Who holds the request, or has held it; without a request, a referral of the person.
    Holder,
    /// Who holds the request now.
    HolderNow,
}

/// A kind of event.
struct Row {
    kind: EventKind,
    who: Who,
    /// How many days before the request it may honestly lie.
    before: i64,
    reason: &'static str,
}

const fn row(kind: EventKind, who: Who, before: i64, reason: &'static str) -> Row {
    Row { kind, who, before, reason }
}

use EventKind as K;
use Who::{Anybody, Holder, HolderNow, Ward};

/// Every kind that can be told.
#[rustfmt::skip]
const TABLE: &[Row] = &[
    row(K::Contacted, Anybody, 0, "Every partner's contacts count for access (routing-and-clocks.md)."),
    row(K::NoResponse, Anybody, 0, "Whoever tried to reach the person knows it."),
    row(K::BaselineOutcome, Anybody, 0, "Each service scores with those it sees."),
    row(K::OutcomeScored, Anybody, 0, "Each service scores with those it sees."),
    row(K::InterventionStarted, Anybody, 0, "Each service begins its own."),
    row(K::SafetyPlanComplete, Anybody, 0, "Others make plans with the person too; what the team owes it makes itself."),
    row(K::CarePlanComplete, Anybody, 0, "As a safety plan."),
    row(K::ReviewComplete, Anybody, 0, "Of the plan that was reviewed."),
    row(K::PlanShared, Anybody, 0, "Whoever shared it knows it."),
    row(K::RiskAssessed, Anybody, 0, "Each service assesses risk in its own work."),
    row(K::LetterSent, Anybody, 0, "Whoever sent it knows it."),
    row(K::InformationRequested, Anybody, 0, "Whoever asks knows it."),
    row(K::InformationAnswered, Anybody, 0, "It ends what the asker waits for only where it comes from whom was asked."),
    row(K::DutyCall, Anybody, 0, "Services outside call duty too (L602-604)."),
    row(K::DrugServiceInvolved, Anybody, 3660, "The person may have been known there for years."),
    row(K::DrugServiceTold, Anybody, 31, "At the discharge from a ward, before a team hears of it."),
    row(K::DischargePlanned, Anybody, 92, "Planned on the ward, before a team is asked."),
    row(K::EnteredInError, Anybody, 0, "Of an event that the same organisation told."),
    row(K::Admitted, Ward, 366, "A stay may have begun long before the referral."),
    row(K::InpatientDischarge, Ward, 14, "Wards refer as somebody leaves, or soon after."),
    row(K::CommunityTeamTold, Ward, 366, "As the admission it is about."),
    row(K::AssessmentOffered, Holder, 0, "Whoever answers for the referral offers it (L532)."),
    row(K::Assessed, Holder, 0, "The assessment that is waited for is that of the team (L532-538); a private one is none (happened.rs)."),
    row(K::Discharged, Holder, 0, "From the care of whoever has it."),
    row(K::DutyAnswered, Holder, 0, "The team on duty answers (L606-608)."),
    row(K::WaitingContact, Holder, 0, "Whoever keeps the list rings (L1055-1061)."),
    row(K::CrisisAssessmentAvailable, Holder, 0, "The crisis team knows when it can begin (L5360)."),
    row(K::ReferralOpened, Holder, 0, "The spoke team opens it (L3512)."),
    row(K::MdtDecided, HolderNow, 31, "The meeting comes before the referral that it decides on (L3510-3514)."),
    row(K::Allocated, HolderNow, 0, "The team that has it allocates (L583)."),
    row(K::Waiting, HolderNow, 366, "The place on the list counts from a private consultation (L2821-2823)."),
    row(K::Regraded, HolderNow, 0, "Whoever answers for it says how urgent it is (L535-538)."),
    row(K::Paused, HolderNow, 0, "Whoever answers for it says what stands still; or for the clock that is named."),
    row(K::Resumed, HolderNow, 0, "As a pause."),
];

/// What is told of the person and names no request lies no longer ago.
const LONGEST: i64 = 366;

/// How far a caller's clock may be beside ours.
const BESIDE: SignedDuration = SignedDuration::from_mins(5);

fn row_of(kind: EventKind) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.kind == kind)
}

fn refused(category: Category, code: IssueCode, place: &str, text: String) -> Refusal {
    Refusal::new(category, vec![Issue::error(code, text).at(place).rule("care-event")])
}

fn days(number: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * number)
}

/// When it happened, as it is kept: what lies a moment before the request came was told by a clock that is slow.
fn placed(row: &Row, at: Timestamp, received: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, String> {
    let Some(received) = received else {
        if now.duration_since(at) > days(row.before.max(LONGEST)) {
            return Err("This is too long ago for an event. Check the time.".to_owned());
        }
        return Ok(at);
    };
    let early = received.duration_since(at);
    if early <= SignedDuration::ZERO || (row.before > 0 && early <= days(row.before)) {
        return Ok(at);
    }
    if early <= BESIDE {
        return Ok(received);
    }
    Err(if row.before == 0 {
        "This was before the request came. Check the time.".to_owned()
    } else {
        format!("This was more than {} days before the request came. Check the time.", row.before)
    })
}

impl Gateway {
    /// Checks that the caller may tell of this, and places it in time.
    ///
    /// # Errors
    /// 403 where it is for somebody else to tell; 422 where what is named has no part in it, or the time cannot be.
    pub(super) async fn may_tell(
        &self,
        caller: &Caller,
        told: &Told,
        request: Option<&MessageId>,
        (known, now): (&Care, Timestamp),
    ) -> Result<Timestamp, Refusal> {
        let Some(row) = row_of(told.kind) else {
            let text = "This is told with the request itself, and not as an event.".to_owned();
            return Err(refused(Category::Invalid, IssueCode::NotSupported, "/kind", text));
        };
        let failed = |error| unavailable(&error);
        let received = match request {
            Some(request) => self.store.message(request).await.map_err(failed)?.map(|stored| stored.received),
            None => None,
        };
        let at = placed(row, told.at, received, now)
            .map_err(|text| refused(Category::Invalid, IssueCode::Value, "/at", text))?;
        if !self.is_trust(caller) {
            self.is_theirs_to_tell(caller, row, told, request, (known, now))?;
        }
        self.named_has_part(caller, told, request, (known, now))?;
        if told.kind == EventKind::EnteredInError {
            self.theirs(caller, told, (known, now)).await?;
        }
        Ok(at)
    }

    fn is_theirs_to_tell(
        &self,
        caller: &Caller,
        row: &Row,
        told: &Told,
        request: Option<&MessageId>,
        (known, now): (&Care, Timestamp),
    ) -> Result<(), Refusal> {
        let held = |now_only: bool| {
            asked(known, request).any(|task| {
                let open = RequestStatus::from_code(&task.status).is_some_and(|status| !status.is_final());
                self.speaks(caller, &task.owner, now) && (open || !now_only)
            })
        };
        let may = match row.who {
            Who::Anybody => true,
            Who::Ward => runs_wards(told.by.kind) || held(false),
            Who::Holder => held(false),
            Who::HolderNow => held(true) || self.has_clock(caller, told, request, (known, now)),
        };
        if may {
            return Ok(());
        }
        let text = if row.who == Who::Ward {
            "Whoever runs the ward tells of this, or who holds the request.".to_owned()
        } else {
            format!(
                "This is for who holds the request to tell. {} Tell of what you did yourself: a contact is kind contacted.",
                row.reason
            )
        };
        Err(refused(Category::Forbidden, IssueCode::Forbidden, "/kind", text))
    }

    /// Whether a pause is of a clock that it names and that the caller answers for.
    fn has_clock(
        &self,
        caller: &Caller,
        told: &Told,
        request: Option<&MessageId>,
        (known, now): (&Care, Timestamp),
    ) -> bool {
        let Some(rule) = told.detail.get("clock") else { return false };
        matches!(told.kind, EventKind::Paused | EventKind::Resumed)
            && known.clocks.iter().any(|clock| {
                clock.rule == *rule
                    && (request.is_none() || clock.request.as_ref() == request)
                    && self.speaks(caller, &clock.owner, now)
            })
    }

    /// Whom an event names besides, as its team or receiver, must have a part in the request already, or be the caller's
    /// own: nobody is brought in by somebody else's word.
    fn named_has_part(
        &self,
        caller: &Caller,
        told: &Told,
        request: Option<&MessageId>,
        (known, now): (&Care, Timestamp),
    ) -> Result<(), Refusal> {
        let directory = self.directory();
        let organisation =
            |id: &PartyId| directory.party(id, now).map_or_else(|| id.clone(), |party| party.organisation().clone());
        let about = || known.tasks.iter().filter(|task| request.is_none_or(|request| task.request == *request));
        let holds = self.is_trust(caller)
            || about().any(|task| workflow::answers(task) && self.speaks(caller, &task.owner, now));
        let has_part = |party: &PartyId, requester: bool| {
            self.speaks(caller, party, now)
                || about().any(|task| {
                    let owner = task.owner == *party || (holds && organisation(&task.owner) == organisation(party));
                    (workflow::answers(task) && owner) || (requester && task.requester == *party)
                })
        };
        let text = || {
            "This has no part in the request. Name a team of yours or of who holds it; another is brought in by \
             redirecting the request to it."
                .to_owned()
        };
        if told.team.as_ref().is_some_and(|team| !has_part(team, false)) {
            return Err(refused(Category::Invalid, IssueCode::BusinessRule, "/team", text()));
        }
        let Some(receiver) = told.detail.get("receiver") else { return Ok(()) };
        let party = PartyId::parse(receiver).filter(|party| directory.party(party, now).is_some());
        let asks = told.kind == EventKind::InformationRequested && holds;
        if party.is_some_and(|party| asks || has_part(&party, true)) {
            return Ok(());
        }
        Err(refused(Category::Invalid, IssueCode::BusinessRule, "/detail/receiver", text()))
    }

    /// The organisation that runs the gateway tells of anybody; everybody else of those in whose care they have a part:
    /// who sent or answers for the request or, where none is named, who did something or received something about the
    /// person.
    pub(super) async fn has_part(
        &self,
        caller: &Caller,
        person: &PersonKey,
        request: Option<&MessageId>,
        (known, now): (&Care, Timestamp),
    ) -> Result<(), Refusal> {
        if self.is_trust(caller) {
            return Ok(());
        }
        let ours = |id: &PartyId| self.speaks(caller, id, now);
        let of_request = |of: Option<&MessageId>| request.is_none() || of == request;
        let did = known.events.iter().filter(|event| of_request(event.request.as_ref())).any(|event| {
            let receiver = event.detail("receiver").and_then(PartyId::parse);
            ours(&event.by) || event.team.as_ref().is_some_and(ours) || receiver.as_ref().is_some_and(ours)
        });
        let asked = known.tasks.iter().filter(|task| of_request(Some(&task.request)));
        let asked = asked.into_iter().any(|task| ours(&task.requester) || ours(&task.owner));
        if did || asked {
            return Ok(());
        }
        let received = match request {
            Some(_) => Vec::new(),
            None => self.store.deliveries_about(person).await.map_err(|error| unavailable(&error))?,
        };
        let has = received.iter().any(|delivery| {
            ours(&delivery.recipient)
                && delivery.kind.is_document()
                && delivery.delivered.is_some()
                && delivery.state == "delivered"
        });
        if has { Ok(()) } else { Err(self.no_part(caller).await) }
    }

    /// What was told before as an event is told in error by whoever told it. What a document or a step tells is taken back
    /// with that.
    async fn theirs(&self, caller: &Caller, told: &Told, (known, now): (&Care, Timestamp)) -> Result<(), Refusal> {
        let id = told.detail.get("event").and_then(|id| Uuid::try_parse(id).ok());
        let found = known.events.iter().find(|event| Some(event.id) == id);
        let found = found.filter(|event| self.speaks(caller, &event.by, now));
        if let Some(message) = found.and_then(|event| event.message.as_ref()) {
            let stored = self.store.message(message).await.map_err(|error| unavailable(&error))?;
            if stored.is_some_and(|stored| stored.kind == DocumentKind::CareEvent) {
                return Ok(());
            }
        }
        let text = "This is no event of this person's care that you told. Give the id that the answer to it gave.";
        Err(refused(Category::Invalid, IssueCode::NotFound, "/detail/event", text.to_owned()))
    }

    /// Whether the person or request is known is nobody's to find out (CS-22): one answer for both.
    pub(in crate::pipeline) async fn no_part(&self, caller: &Caller) -> Refusal {
        let entry = Entry::new(Event::Refused, Timestamp::now()).outcome(IssueCode::NotFound.code());
        let text = "There is no such request or person, or none in whose care you have a part.";
        let refusal = Refusal::one(Category::NotFound, IssueCode::NotFound, text);
        self.record(entry.actor(&caller.party.id, &caller.client_id)).await.err().unwrap_or(refusal)
    }
}

/// Tasks of whoever is asked to do something: of the request, or of any that asks for care where none is named.
fn asked<'a>(known: &'a Care, request: Option<&'a MessageId>) -> impl Iterator<Item = &'a RequestTask> {
    let about = move |task: &&RequestTask| match request {
        Some(request) => task.request == *request,
        None => matches!(task.kind, DocumentKind::Referral | DocumentKind::TransferToNhs),
    };
    known.tasks.iter().filter(about).filter(|task| workflow::answers(task) && task.role != role::REFERRER)
}

const fn runs_wards(kind: PartyKind) -> bool {
    matches!(kind.sector(), Sector::Nhs | Sector::Private) && !matches!(kind, PartyKind::GpPractice)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::EVENT_SCHEMA;
    use super::{TABLE, placed, row_of};
    use crate::model::EventKind;

    #[test]
    fn every_kind_of_the_schema_has_one_row_with_its_reason_and_no_other_has() {
        let schema: serde_json::Value = serde_json::from_str(EVENT_SCHEMA).unwrap();
        let kinds = schema["properties"]["kind"]["enum"].as_array().unwrap();
        let kinds: Vec<EventKind> =
            kinds.iter().map(|kind| EventKind::from_code(kind.as_str().unwrap()).unwrap()).collect();
        assert_eq!(TABLE.len(), kinds.len());
        for kind in kinds {
            assert!(row_of(kind).is_some_and(|row| row.reason.len() > 10), "{kind:?}");
        }
    }

    #[test]
    fn what_happened_before_the_request_is_told_only_where_it_may_have() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (received, now) = (at("2026-11-01T09:00:00Z"), at("2026-11-22T09:00:00Z"));
        for (kind, told, kept) in [
            (EventKind::Contacted, "2026-11-02T09:00:00Z", Some("2026-11-02T09:00:00Z")),
            (EventKind::Contacted, "2026-11-01T08:58:00Z", Some("2026-11-01T09:00:00Z")),
            (EventKind::Contacted, "2026-11-01T08:50:00Z", None),
            (EventKind::Allocated, "1990-01-01T00:00:00Z", None),
            (EventKind::Regraded, "2026-10-31T09:00:00Z", None),
            (EventKind::Admitted, "2026-03-01T09:00:00Z", Some("2026-03-01T09:00:00Z")),
            (EventKind::Admitted, "2025-03-01T09:00:00Z", None),
            (EventKind::InpatientDischarge, "2026-10-25T09:00:00Z", Some("2026-10-25T09:00:00Z")),
            (EventKind::InpatientDischarge, "2026-09-25T09:00:00Z", None),
            (EventKind::Waiting, "2026-06-24T09:00:00Z", Some("2026-06-24T09:00:00Z")),
        ] {
            let found = placed(row_of(kind).unwrap(), at(told), Some(received), now).ok();
            assert_eq!(found, kept.map(at), "{kind:?} {told}");
        }
        // of the person alone: anything of the last year
        let contacted = row_of(EventKind::Contacted).unwrap();
        assert!(placed(contacted, at("2026-01-02T09:00:00Z"), None, now).is_ok());
        assert!(placed(contacted, at("1990-01-02T09:00:00Z"), None, now).is_err());
        let involved = row_of(EventKind::DrugServiceInvolved).unwrap();
        assert!(placed(involved, at("2020-01-02T09:00:00Z"), None, now).is_ok());
    }
}
