//! One life while it is played: what is sent next, how it is to be answered, and what of it the gateway took. How things are
//! sent is `send`'s.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::life::{By, Happens, Life, Moment, Trouble, Way};
use super::papers::{consent, paper};
use super::referral::referral;
use super::send::{Answered, Sending, Submitted};
use super::world::TRUST;
use crate::model::DocumentKind;

/// One thing to be sent.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    Refer,
    Trouble(Trouble),
    /// The moment with this place in the life; again, or taken back.
    Tell(usize),
    Again(usize),
    TakeBack(usize),
}

/// A life while it is played.
pub(super) struct Playing {
    pub(super) life: Life,
    steps: Vec<(Timestamp, Step)>,
    done: usize,
    /// The gateway's id of the referral.
    pub(super) request: Option<String>,
    /// The gateway's ids of events, by place.
    pub(super) events: BTreeMap<usize, String>,
    /// The gateway's ids of documents that it took, by place, and for how many recipients each was decided.
    pub(super) documents: BTreeMap<usize, (String, usize)>,
    /// Of the referral the same.
    pub(super) decided: usize,
    /// The Consent that may be withdrawn.
    consent: Option<Uuid>,
}

/// What a worker saw.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) messages: u64,
    pub(super) refused: u64,
    pub(super) repeated: u64,
    pub(super) deliveries: u64,
    pub(super) wrong: Vec<String>,
}

impl Playing {
    pub(super) fn of(life: Life) -> Self {
        let second = |seconds: i64| SignedDuration::from_secs(seconds);
        let mut steps = vec![(life.referred, Step::Refer)];
        match life.trouble {
            Trouble::None => {}
            Trouble::Malformed => steps = vec![(life.referred, Step::Trouble(Trouble::Malformed))],
            trouble => steps.push((life.referred + second(1), Step::Trouble(trouble))),
        }
        for (place, moment) in life.moments.iter().enumerate() {
            // of this the letter tells
            if moment.what == Happens::Discharged && moment.way == Way::Document {
                continue;
            }
            steps.push((moment.told, Step::Tell(place)));
            if moment.twice {
                steps.push((moment.told, Step::Again(place)));
            }
            steps.extend(moment.taken_back.map(|at| (at, Step::TakeBack(place))));
        }
        // stable: of two at one moment the first made comes first
        steps.sort_by_key(|(at, _)| *at);
        let (events, documents) = (BTreeMap::new(), BTreeMap::new());
        Self { life, steps, done: 0, request: None, events, documents, decided: 0, consent: None }
    }

    pub(super) fn is_due(&self, until: Timestamp) -> bool {
        self.steps.get(self.done).is_some_and(|(at, _)| *at < until)
    }

    /// What is to be sent next, before a moment.
    pub(super) fn next(&mut self, until: Timestamp) -> Option<(Timestamp, Step)> {
        let next = self.steps.get(self.done).copied().filter(|(at, _)| *at < until)?;
        self.done += 1;
        Some(next)
    }

    pub(super) async fn take(&mut self, sending: &Sending<'_>, step: Step, seen: &mut Seen) {
        let expected = match step {
            Step::Refer | Step::Tell(_) | Step::TakeBack(_) => Answered::Taken,
            Step::Again(_) | Step::Trouble(Trouble::SentTwice) => Answered::Repeated,
            Step::Trouble(_) => Answered::Refused,
        };
        let found = self.send(sending, step, seen).await;
        seen.messages += 1;
        match found {
            Ok(Answered::Refused) => seen.refused += 1,
            Ok(Answered::Repeated) => seen.repeated += 1,
            Ok(Answered::Taken) | Err(_) => {}
        }
        if found != Ok(expected) {
            let what = match step {
                Step::Tell(place) | Step::Again(place) | Step::TakeBack(place) => {
                    self.life.moments.get(place).map(|moment| moment.what)
                }
                Step::Refer | Step::Trouble(_) => None,
            };
            let number = self.life.number;
            seen.wrong.push(format!("person {number}: {step:?} {what:?} was {found:?} and not {expected:?}"));
        }
    }

    async fn send(&mut self, sending: &Sending<'_>, step: Step, seen: &mut Seen) -> Result<Answered, String> {
        match step {
            Step::Refer | Step::Trouble(Trouble::SentTwice) => {
                self.refer(sending, &referral(&self.life, false), seen).await
            }
            Step::Trouble(Trouble::OtherContent) => self.refer(sending, &referral(&self.life, true), seen).await,
            Step::Trouble(Trouble::OfTheFuture) => {
                let later = sending.at + SignedDuration::from_hours(48);
                let event = json!({"id": format!("{}-future", self.life.number), "kind": "contacted",
                    "at": later.to_string(), "request": {"message": self.request}});
                sending
                    .event(TRUST, &event)
                    .await
                    .map(|answered| answered.map_or_else(|refused| refused, |_| Answered::Taken))
            }
            Step::Trouble(_) => self.refer(sending, &json!({"id": "x", "response": "soon"}), seen).await,
            Step::Tell(place) | Step::Again(place) => self.tell(sending, place, seen).await,
            Step::TakeBack(place) => self.take_back(sending, place).await,
        }
    }

    async fn refer(&mut self, sending: &Sending<'_>, document: &Value, seen: &mut Seen) -> Result<Answered, String> {
        let submitted = sending.document(&self.life.partner, DocumentKind::Referral, document).await?;
        if let Submitted::Taken { message, decided, deliveries } = submitted {
            (self.request, self.decided) = (Some(message), decided);
            seen.deliveries += deliveries;
            return Ok(Answered::Taken);
        }
        Ok(submitted.answered())
    }

    async fn tell(&mut self, sending: &Sending<'_>, place: usize, seen: &mut Seen) -> Result<Answered, String> {
        let moment = self.life.moments.get(place).cloned().ok_or("there is no such moment")?;
        match moment.way {
            Way::Event => {
                let (caller, event) = self.event(place, &moment);
                let id = match sending.event(&caller, &event).await? {
                    Ok(id) => id,
                    Err(refused) => return Ok(refused),
                };
                let known = self.events.insert(place, id.clone());
                Ok(if known.is_some_and(|known| known == id) { Answered::Repeated } else { Answered::Taken })
            }
            Way::Document => {
                let (kind, document) = paper(&self.life, place, &moment).ok_or("there is no such document")?;
                let kind = DocumentKind::from_code(kind).ok_or("there is no such kind")?;
                let caller = if moment.by == By::Charity { &self.life.charity } else { TRUST };
                let submitted = sending.document(caller, kind, &document).await?;
                if let Submitted::Taken { message, decided, deliveries } = submitted {
                    seen.deliveries += deliveries;
                    self.documents.insert(place, (message, decided));
                    return Ok(Answered::Taken);
                }
                Ok(submitted.answered())
            }
            Way::Step => {
                let request = self.request.as_deref().ok_or("there is no request")?;
                let (answered, told) = sending.step(&self.life, request, moment.what).await?;
                seen.deliveries += told;
                Ok(answered)
            }
            Way::Consent => {
                let resource = consent(&self.life, moment.what, moment.at);
                let known = self.consent.filter(|_| moment.what == Happens::Withdrew);
                let id = sending.consent(known, &resource).await?;
                self.consent = Some(id);
                Ok(Answered::Taken)
            }
        }
    }

    async fn take_back(&mut self, sending: &Sending<'_>, place: usize) -> Result<Answered, String> {
        let moment = self.life.moments.get(place).cloned().ok_or("there is no such moment")?;
        let id = self.events.get(&place).ok_or("what is taken back was not taken")?;
        let (caller, told) = self.event(place, &moment);
        let mut event = json!({"id": format!("{}-{place}-error", self.life.number), "kind": "entered-in-error",
            "at": sending.at.to_string(), "request": {"message": self.request}, "detail": {"event": id}});
        if let Some(by) = told.get("by") {
            event["by"] = by.clone();
        }
        sending
            .event(&caller, &event)
            .await
            .map(|answered| answered.map_or_else(|refused| refused, |_| Answered::Taken))
    }

    /// Who tells of a moment, and how.
    fn event(&self, place: usize, moment: &Moment) -> (String, Value) {
        let Moment { what, at, by, score, of_person, .. } = moment;
        let handover = || {
            let place = self.life.moments.iter().position(|one| one.what == Happens::HandedOver)?;
            self.documents.get(&place).map(|(message, _)| message.clone())
        };
        let request = if *by == By::Charity { handover() } else { self.request.clone() };
        let mut event = json!({
            "id": format!("{}-{place}", self.life.number),
            "kind": code(*what),
            "at": at.to_string(),
        });
        if *of_person {
            event["person"] = self.life.nhs_number.clone().into();
        } else {
            event["request"] = json!({"message": request});
        }
        let caller = match by {
            By::Team => {
                event["by"] = self.life.team.into();
                TRUST.to_owned()
            }
            By::Partner => self.life.partner.clone(),
            By::Charity => self.life.charity.clone(),
        };
        match what {
            Happens::Contacted | Happens::CharityContacted => event["detail"] = json!({"mode": "telephone"}),
            Happens::ScoredAtStart | Happens::ScoredAtEnd => {
                let point = if *what == Happens::ScoredAtStart { "start" } else { "end" };
                let mean = format!("{}.{:02}", score / 100, score % 100);
                event["detail"] = json!({"measure": "dialog", "point": point, "mean": mean});
            }
            _ => {}
        }
        (caller, event)
    }
}

/// The code of the event schema for what is told as an event.
const fn code(what: Happens) -> &'static str {
    match what {
        Happens::Contacted | Happens::CharityContacted => "contacted",
        Happens::AssessmentOffered => "assessment-offered",
        Happens::Assessed => "assessed",
        Happens::SafetyPlan => "safety-plan-complete",
        Happens::ScoredAtStart | Happens::ScoredAtEnd => "outcome-scored",
        Happens::Discharged => "discharged",
        Happens::LetterSent => "letter-sent",
        Happens::Admitted => "admitted",
        Happens::LeftWard => "inpatient-discharge",
        _ => "not-an-event",
    }
}
