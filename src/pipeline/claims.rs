//! What professionals record about a person beside Consents: findings on capacity (CS-19), overrides (CS-09), and the review
//! of these and of stated emergencies (CS-10, `emergency`). Each names its professional. NHS parties may record, the trust
//! that runs the gateway reviews. Nothing here is ever made by a machine: every field is somebody's statement.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::fields::Fields;
use super::holding::{ACTIVE, Claim, ENDED};
use super::{Gateway, MOST_TRIES, busy, unavailable};
use crate::audit::{Entry, Event};
use crate::auth::Caller;
use crate::consent::{Capacity, CapacityFinding, Override, OverrideBasis};
use crate::intake::Refusal;
use crate::model::{Category, DataCategory, IssueCode, NhsNumber, PartyId, Sector, Wording};
use crate::outbox::PersonKey;
use crate::store::{
    Changed, NewRecord, PersonRecord, RecordChange, RecordKind, ReviewItem, Reviewed, StoreError, Verdict,
};

/// An override is time-limited (CS-09; the number is ours): whoever needs longer looks again and records another.
const OVERRIDE_LONGEST: SignedDuration = SignedDuration::from_hours(90 * 24);

impl Gateway {
    /// `POST /consent/capacity`: whether the person can decide on this sharing, as somebody has assessed it.
    ///
    /// # Errors
    /// What is missing or wrong, by JSON pointer; or that the caller may not record it.
    pub async fn record_capacity(
        self: &Arc<Self>,
        caller: &Caller,
        body: &Value,
        now: Timestamp,
    ) -> Result<Value, Refusal> {
        may_record(caller)?;
        let mut fields = Fields::of(body, &["person", "finding", "assessed", "until", "assessor"])?;
        let person = fields.person();
        let finding = fields.code("finding", "what was found", Capacity::ALL, Capacity::code);
        let assessed = fields.moment("assessed", "when capacity was assessed");
        let until = fields.moment_if("until");
        let assessor = fields.wording("assessor", "the professional who assessed");
        if assessed.is_some_and(|at| at > now) {
            fields.wrong("assessed", "This is in the future. Give the moment of the assessment.");
        }
        let all = fields.done(person.zip(finding).zip(assessed).zip(assessor))?;
        let (((person, finding), assessed), assessor) = all;
        let record = CapacityFinding { finding, assessed, until, assessor };
        let id = Uuid::now_v7();
        self.claim(caller, &person, RecordKind::Capacity, id, Claim::new(&person, record, None), now).await?;
        Ok(self.claimed(RecordKind::Capacity, id, until, now))
    }

    /// `POST /consent/overrides`: a named professional overrides the person's wish: to whom, what, why, until when.
    ///
    /// It opens nothing that is held already, as a stated emergency does: the rule wants the minimum and never an automatic
    /// release, and an override names kinds of information and no document. What is needed is sent again by whoever has it,
    /// which is a person's act, and is decided under the override then.
    ///
    /// `None` for an organisation that has no standing: it has neither sent nor been given anything about the person, and
    /// is told the same of somebody nobody knows (CS-22).
    ///
    /// # Errors
    /// As [`Self::record_capacity`].
    pub async fn record_override(
        self: &Arc<Self>,
        caller: &Caller,
        body: &Value,
        now: Timestamp,
    ) -> Result<Option<Value>, Refusal> {
        may_override(caller)?;
        let known = ["person", "basis", "recipient", "categories", "professional", "rationale", "from", "until"];
        let mut fields = Fields::of(body, &known)?;
        let person = fields.person();
        let basis = fields.code("basis", "on which ground", OverrideBasis::ALL, OverrideBasis::code);
        let recipient = fields.text("recipient", "the directory id of the organisation or team it is for");
        let recipient = recipient.and_then(|id| {
            let known = PartyId::parse(&id).filter(|id| self.directory().party(id, now).is_some());
            if known.is_none() {
                fields.wrong("recipient", "The directory has no such organisation or team. Give its directory id.");
            }
            known
        });
        let categories = fields.codes("categories", "the kinds of information that are needed, and no more", |code| {
            DataCategory::from_code(code)
        });
        let professional = fields.wording("professional", "the professional who decides this, by name and role");
        let rationale =
            fields.wording("rationale", "why the person's wish is overridden, in words a reviewer can judge");
        let from = fields.moment_if("from").unwrap_or(now);
        let until = fields.moment("until", "when it ends: an override is limited in time");
        if let Some(until) = until {
            if until <= from.max(now) {
                fields.wrong("until", "This is over already. Give the moment at which it ends.");
            } else if until.duration_since(from) > OVERRIDE_LONGEST {
                fields.wrong("until", "This is more than 90 days away. Give an earlier end, and look again then.");
            }
        }
        let all = person.zip(basis).zip(recipient).zip(categories).zip(professional).zip(rationale).zip(until);
        let ((((((person, basis), recipient), categories), professional), rationale), until) = fields.done(all)?;
        if !self.has_standing(caller, &self.person(&person), now).await? {
            return Ok(None);
        }
        let id = Uuid::now_v7();
        let record =
            Override { id: id.to_string(), basis, recipient, categories, professional, rationale, from, until };
        self.claim(caller, &person, RecordKind::Override, id, Claim::new(&person, record, None), now).await?;
        Ok(Some(self.claimed(RecordKind::Override, id, Some(until), now)))
    }

    /// Whether the caller's organisation has to do with the person: it runs this gateway, or has sent something about them,
    /// or has been given something.
    pub(super) async fn has_standing(
        &self,
        caller: &Caller,
        person: &PersonKey,
        now: Timestamp,
    ) -> Result<bool, Refusal> {
        let parties = self.store.parties_to(person).await.map_err(|error| unavailable(&error))?;
        let own = caller.party.organisation();
        let of_theirs = |id: &PartyId| {
            id == own || self.directory().party(id, now).is_some_and(|party| party.organisation() == own)
        };
        Ok(self.is_trust(caller) || parties.iter().any(of_theirs))
    }

    async fn claim<T: Serialize + Sync>(
        self: &Arc<Self>,
        caller: &Caller,
        number: &NhsNumber,
        kind: RecordKind,
        id: Uuid,
        claim: Claim<T>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let record = made(caller, kind, id, claim.stored().map_err(|error| unavailable(&error))?, now);
        let event = match kind {
            RecordKind::Consent => Event::ConsentRecorded,
            RecordKind::Capacity => Event::CapacityRecorded,
            RecordKind::Override => Event::OverrideRecorded,
            RecordKind::Emergency => Event::EmergencyStated,
        };
        let new = NewRecord { to_review: to_review(kind), record, replaces: Vec::new() };
        self.keep_claim(caller, &self.person(number), new, None, event, now).await
    }

    /// What is answered to a claim.
    pub(super) fn claimed(&self, kind: RecordKind, id: Uuid, until: Option<Timestamp>, now: Timestamp) -> Value {
        let link = || format!("{}/consent/reviews/{id}", self.base_url());
        let review = to_review(kind).then(|| json!({"state": "open", "link": link()}));
        let until = until.map(|until| until.to_string());
        json!({"id": id.to_string(), "kind": kind.code(), "recorded": now.to_string(), "until": until, "review": review})
    }

    /// Stores a version of a record, with the review it ends if it does.
    async fn keep_claim(
        self: &Arc<Self>,
        caller: &Caller,
        person: &PersonKey,
        new: NewRecord,
        review: Option<Reviewed>,
        event: Event,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let outcome = review.as_ref().map_or(new.record.status.as_str(), |review| review.verdict.code());
        let entry = Entry::new(event, now)
            .actor(&caller.party.id, &caller.client_id)
            .person(person.as_str())
            .outcome(outcome)
            .about(&new.record);
        let ends = review.as_ref().is_none_or(|review| review.verdict == Verdict::NotAppropriate);
        for _ in 0..MOST_TRIES {
            let held = self.store.kept(person).await.map_err(|error| unavailable(&error))?;
            let change = RecordChange {
                person: person.clone(),
                based_on: held.revision,
                at: now,
                records: if ends { vec![new.clone()] } else { Vec::new() },
                review: review.clone(),
                audit: vec![entry.record()],
                opened: None,
            };
            let changed = self.store.change_records(change, self.again(caller, now)).await;
            match changed.map_err(|error| unavailable(&error))? {
                Changed::Stored { stopped, .. } => {
                    tracing::info!(record.id = %new.record.id, kind = new.record.kind.code(), stopped, "record kept");
                    self.parts().wake.notify_one();
                    return Ok(());
                }
                Changed::AlreadyReviewed => {
                    let text = "This was reviewed already. GET /consent/reviews?state=reviewed shows by whom.";
                    return Err(Refusal::one(Category::Duplicate, IssueCode::Duplicate, text));
                }
                Changed::Stale => {}
            }
        }
        Err(busy())
    }

    /// `GET /consent/reviews`: overrides and emergencies that wait for review, or those that were reviewed too; `None` for
    /// whoever is not of the trust.
    ///
    /// # Errors
    /// The store does not answer, or the look cannot be recorded.
    pub async fn reviews(&self, caller: &Caller, open: bool, now: Timestamp) -> Result<Option<Vec<Value>>, Refusal> {
        if !self.is_trust(caller) {
            return Ok(None);
        }
        self.record(Entry::new(Event::ReviewsListed, now).actor(&caller.party.id, &caller.client_id)).await?;
        let items = self.store.reviews(open).await.map_err(|error| unavailable(&error))?;
        items.iter().map(shown).collect::<Result<Vec<_>, _>>().map(Some)
    }

    /// `POST /consent/reviews/{id}`: what a reviewer found. What was not appropriate ends with it. `None` where there is
    /// nothing to review, or nothing for this caller.
    ///
    /// # Errors
    /// As [`Self::record_capacity`], or it was reviewed already.
    pub async fn review(
        self: &Arc<Self>,
        caller: &Caller,
        id: Uuid,
        body: &Value,
        now: Timestamp,
    ) -> Result<Option<()>, Refusal> {
        if !self.is_trust(caller) {
            return Ok(None);
        }
        let kept = self.store.record(id, None).await.map_err(|error| unavailable(&error))?;
        let reviewable = |record: &PersonRecord| to_review(record.kind);
        let Some((person, mut record)) = kept.filter(|(_, record)| reviewable(record)) else { return Ok(None) };
        let mut fields = Fields::of(body, &["reviewer", "verdict", "note"])?;
        let reviewer = fields.wording("reviewer", "the professional who reviewed it, by name and role");
        if reviewer.as_ref().is_some_and(|reviewer| stated_by(&record).is_some_and(|name| name.reads_as(reviewer))) {
            fields.wrong("reviewer", "Nobody reviews what they stated themselves. Have somebody else look at it.");
        }
        let verdicts = [Verdict::Appropriate, Verdict::NotAppropriate];
        let verdict = fields.code("verdict", "what the review came to", &verdicts, Verdict::code);
        let note = fields.text_if("note");
        let (reviewer, verdict) = fields.done(reviewer.zip(verdict))?;
        ENDED.clone_into(&mut record.status);
        record.version += 1;
        record.recorded = now;
        record.agent.clone_from(&caller.client_id);
        let found = Reviewed { record: id, reviewer: reviewer.into(), verdict, note };
        let new = NewRecord { record, replaces: Vec::new(), to_review: false };
        self.keep_claim(caller, &person, new, Some(found), Event::Reviewed, now).await.map(Some)
    }
}

/// The first version of a claim.
pub(super) fn made(caller: &Caller, kind: RecordKind, id: Uuid, body: String, now: Timestamp) -> PersonRecord {
    PersonRecord {
        id,
        version: 1,
        kind,
        recorder: caller.party.organisation().clone(),
        agent: caller.client_id.clone(),
        recorded: now,
        status: ACTIVE.to_owned(),
        origin: None,
        message: None,
        body,
    }
}

const fn to_review(kind: RecordKind) -> bool {
    matches!(kind, RecordKind::Override | RecordKind::Emergency)
}

/// What a professional claims about a person is an NHS party's to record; a charity or a private clinic asks one.
fn may_record(caller: &Caller) -> Result<(), Refusal> {
    if caller.party.sector() == Sector::Nhs {
        return Ok(());
    }
    let text = "Findings on capacity are recorded by NHS teams, and overrides by these and by local authorities. Ask the \
                team that leads on the person's care.";
    Err(Refusal::one(Category::Forbidden, IssueCode::Forbidden, text))
}

/// Words for the ground of an override, by its code.
#[must_use]
pub fn ground_in_words(code: &str) -> Option<&'static str> {
    OverrideBasis::ALL.iter().find(|basis| basis.code() == code).map(|basis| basis.title())
}

/// As [`may_record`]; a local authority has duties of its own to safeguard.
fn may_override(caller: &Caller) -> Result<(), Refusal> {
    if caller.party.sector() == Sector::LocalAuthority { Ok(()) } else { may_record(caller) }
}

/// Who stated what is to be reviewed.
fn stated_by(record: &PersonRecord) -> Option<Wording> {
    let body: Value = serde_json::from_str(&record.body).ok()?;
    Wording::parse(body.pointer("/record/professional")?.as_str()?).ok()
}

/// What a reviewer should look at first.
fn remarks(record: &Value) -> Vec<&'static str> {
    let named = record.get("categories").and_then(Value::as_array);
    let holds =
        |category: &DataCategory| named.is_some_and(|all| all.iter().any(|one| one.as_str() == Some(category.code())));
    if DataCategory::ALL.iter().all(holds) { vec!["names every kind of information"] } else { Vec::new() }
}

fn shown(item: &ReviewItem) -> Result<Value, Refusal> {
    let body: Value =
        serde_json::from_str(&item.record.body).map_err(|_| unavailable(&StoreError::Corrupt("record")))?;
    let reviewed = item.reviewed.as_ref().map(|(at, review)| {
        json!({
            "at": at.to_string(),
            "reviewer": review.reviewer,
            "verdict": review.verdict.code(),
            "note": review.note,
        })
    });
    Ok(json!({
        "id": item.record.id.to_string(),
        "kind": item.record.kind.code(),
        "state": item.state.code(),
        "opened": item.opened.to_string(),
        "recorded_by": item.record.recorder.as_str(),
        "team": body.get("team"),
        "person": body.get("person"),
        "record": body.get("record"),
        "remarks": body.get("record").map(remarks).unwrap_or_default(),
        "until": body.get("until").or_else(|| body.pointer("/record/until")),
        "ended": item.record.status == ENDED,
        "reviewed": reviewed,
    }))
}
