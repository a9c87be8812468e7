//! What of one person's care is a case of a measure, in which groups, and whether it is in the numerator. Knows one person
//! at a time, by nothing but what happened.

use std::collections::BTreeSet;

use jiff::Timestamp;
use uuid::Uuid;

use super::characteristics::UNKNOWN;
use super::count::{By, Case, Groups};
use super::definition::What;
use super::period::Period;
use crate::clocks::clock_id;
use crate::model::{CareEvent, Clock, ClockState, EventKind, MessageId, PartyId, Urgency};

/// The details of a referral that say which groups a person is in.
const CHARACTERISTICS: [(By, &str); 3] =
    [(By::Gender, "gender"), (By::AgeBand, "age-band"), (By::EthnicGroup, "ethnic-group")];

/// One person's care, in the order in which it happened, without what was told in error.
pub(super) struct Story<'a> {
    events: Vec<&'a CareEvent>,
    clocks: &'a [Clock],
    organisation: &'a dyn Fn(&PartyId) -> PartyId,
    period: Period,
    now: Timestamp,
    /// Characteristics, as the latest referral by the end of the period has them.
    person: Groups,
}

impl<'a> Story<'a> {
    pub(super) fn of(
        events: &'a [CareEvent],
        clocks: &'a [Clock],
        organisation: &'a dyn Fn(&PartyId) -> PartyId,
        (period, now): (Period, Timestamp),
    ) -> Self {
        let errors = || events.iter().filter(|event| event.kind == EventKind::EnteredInError);
        let mistakes: BTreeSet<Uuid> =
            errors().filter_map(|event| Uuid::try_parse(event.detail("event")?).ok()).collect();
        let void: BTreeSet<&MessageId> =
            errors().filter(|event| event.detail("event").is_none()).filter_map(|e| e.request.as_ref()).collect();
        let mut seen = BTreeSet::new();
        let stands = |event: &&CareEvent| {
            let of_void = event.request.as_ref().is_some_and(|request| void.contains(request));
            !of_void && !mistakes.contains(&event.id)
        };
        let mut events: Vec<&CareEvent> = events.iter().filter(stands).filter(|event| seen.insert(event.id)).collect();
        events.sort_by_key(|event| event.at);
        let referrals = || {
            let all = events.iter().rev().filter(|event| event.kind == EventKind::ReferralReceived);
            all.filter(|event| event.at < period.end())
        };
        let known = |name| referrals().find_map(|event| event.detail(name)).unwrap_or(UNKNOWN);
        let person = CHARACTERISTICS.iter().map(|(by, name)| (*by, BTreeSet::from([known(name).to_owned()]))).collect();
        Self { events, clocks, organisation, period, now, person }
    }

    pub(super) fn cases(&self, what: &What) -> Vec<Case> {
        match what {
            What::Contacts { least } => self.contacts(*least).into_iter().collect(),
            What::Wait { to, urgency } => self.waits(to, *urgency),
            What::Clock { rule } => self.decided(rule),
            What::Scores { scale } => self.scores(scale).into_iter().collect(),
            What::Incomplete => self.referrals().filter(|event| self.counts(event)).map(|e| self.received(e)).collect(),
            What::Refusals => self.refusals(),
        }
    }

    fn counts(&self, event: &CareEvent) -> bool {
        self.period.holds(event.at) && event.at <= self.now
    }

    fn of_kind(&self, kinds: &'a [EventKind]) -> impl DoubleEndedIterator<Item = &'a CareEvent> {
        self.events.iter().copied().filter(|event| kinds.contains(&event.kind))
    }

    fn referrals(&self) -> impl DoubleEndedIterator<Item = &'a CareEvent> {
        self.of_kind(&[EventKind::ReferralReceived])
    }

    /// The person's own groups, with teams and partners.
    fn groups<'p>(
        &self,
        teams: impl IntoIterator<Item = &'p PartyId>,
        partners: impl IntoIterator<Item = &'p PartyId>,
    ) -> Groups {
        let mut groups = self.person.clone();
        let teams: BTreeSet<String> = teams.into_iter().map(ToString::to_string).collect();
        let teams = if teams.is_empty() { BTreeSet::from([UNKNOWN.to_owned()]) } else { teams };
        groups.insert(By::Team, teams);
        let partners = partners.into_iter().map(|party| (self.organisation)(party).to_string());
        groups.insert(By::Partner, partners.collect());
        groups
    }

    /// Contacts of the period; an assessment is one, and two things told of one moment by one party are one.
    fn contacts(&self, least: u32) -> Option<Case> {
        let all = self.of_kind(&[EventKind::Contacted, EventKind::Assessed]).filter(|event| self.counts(event));
        let all: Vec<&CareEvent> = all.collect();
        let number = all.iter().map(|event| (event.at, &event.by)).collect::<BTreeSet<_>>().len();
        let met = u32::try_from(number).is_ok_and(|number| number >= least);
        let by = || all.iter().map(|event| &event.by);
        (number > 0).then(|| Case { groups: self.groups(by(), by()), met: Some(met), value: None })
    }

    fn waits(&self, to: &[EventKind], urgency: Option<Urgency>) -> Vec<Case> {
        let urgency = urgency.map(Urgency::code);
        let wanted = |event: &&CareEvent| urgency.is_none() || event.detail("urgency") == urgency;
        self.referrals().filter(wanted).filter_map(|referral| self.wait(referral, to)).collect()
    }

    fn wait(&self, referral: &CareEvent, to: &[EventKind]) -> Option<Case> {
        let ends = |event: &&&CareEvent| {
            let about = event.request.is_none() || event.request == referral.request;
            about && to.contains(&event.kind) && event.at >= referral.at
        };
        let end = self.events.iter().find(ends).filter(|event| self.counts(event))?;
        let waited = end.at.duration_since(referral.at).as_secs();
        let groups = self.groups(self.responsible(referral, end.at), [&referral.by]);
        Some(Case { groups, met: None, value: Some(waited) })
    }

    /// Who answered for a request at a moment.
    fn responsible(&self, referral: &CareEvent, at: Timestamp) -> Option<&PartyId> {
        use EventKind::{Accepted, Allocated, Redirected, ReferralReceived};
        let mut moved = self.of_kind(&[ReferralReceived, Accepted, Allocated, Redirected]).rev();
        let of_request = |event: &CareEvent| event.request == referral.request && event.at <= at;
        moved.find_map(|event| event.team.as_ref().filter(|_| of_request(event)))
    }

    /// A clock counts when it is decided: when it is met, or when it is breached, whichever is first.
    fn decided(&self, rule: &str) -> Vec<Case> {
        let decided = self.clocks.iter().filter(|clock| clock.rule == rule).filter_map(|clock| {
            let (at, met) = match (clock.state, clock.ended) {
                // breached before it was no longer wanted, it was breached; of what was an error there was no clock
                (ClockState::Void, Some(ended)) if ended > clock.due && self.began(clock) => (clock.due, false),
                (ClockState::Void, _) => return None,
                (ClockState::Stopped, Some(ended)) if ended <= clock.due => (ended, true),
                (ClockState::Paused, _) if !clock.breached(self.now) => return None,
                _ => (clock.due, false),
            };
            let counts = self.period.holds(at) && at <= self.now;
            counts.then(|| Case { groups: self.groups([&clock.owner], [&clock.owner]), met: Some(met), value: None })
        });
        decided.collect()
    }

    /// Whether what started a clock stands.
    fn began(&self, clock: &Clock) -> bool {
        self.events.iter().any(|event| clock_id(&clock.rule, event.id) == clock.id)
    }

    /// The end of the person's care, the last of the period, and the scores before it.
    fn scores(&self, scale: &str) -> Option<Case> {
        // what a charity or another provider was asked for besides may end, and the care goes on
        let of_care = |event: &&CareEvent| {
            event.kind == EventKind::Discharged
                || event.request.is_none()
                || self.referrals().any(|referral| referral.request == event.request)
        };
        let mut ends = self.of_kind(&[EventKind::Completed, EventKind::Discharged]).rev().filter(of_care);
        let ended = ends.find(|event| self.counts(event))?;
        let score = |point: &str| {
            let mut all = self.of_kind(&[EventKind::OutcomeScored]).rev().filter(|event| event.at <= ended.at);
            let found = all.find(|e| e.detail("measure") == Some(scale) && e.detail("point") == Some(point));
            found.map(|event| (event.at, event.detail("mean").and_then(hundredths)))
        };
        let (start, end) = (score("start"), score("end"));
        let both = start.zip(end).filter(|((start, _), (end, _))| start <= end);
        let change = both.and_then(|((_, start), (_, end))| Some(end? - start?));
        let groups = self.groups([&ended.by], [&ended.by]);
        Some(Case { groups, met: Some(both.is_some()), value: change })
    }

    fn received(&self, referral: &CareEvent) -> Case {
        let missing = referral.detail("missing").unwrap_or_default();
        let items: BTreeSet<String> = missing.split(',').filter(|item| !item.is_empty()).map(str::to_owned).collect();
        let met = !items.is_empty();
        let mut groups = self.groups(self.responsible(referral, referral.at), [&referral.by]);
        groups.insert(By::Item, items);
        Case { groups, met: Some(met), value: None }
    }

    fn refusals(&self) -> Vec<Case> {
        let refused = self.of_kind(&[EventKind::ShareRefused]).filter(|event| self.counts(event));
        let case = |event: &CareEvent| {
            let recipient = event.detail("recipient").and_then(PartyId::parse);
            let mut groups = self.groups([&event.by], recipient.as_ref());
            groups.insert(By::Item, BTreeSet::from([event.detail("rule").unwrap_or(UNKNOWN).to_owned()]));
            Case { groups, met: None, value: None }
        };
        refused.map(case).collect()
    }
}

/// A decimal number in hundredths.
fn hundredths(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let part = format!("{part:0<2}");
    let part = part.get(..2)?.parse::<i64>().ok()?;
    Some(whole.parse::<i64>().ok()? * 100 + part)
}
