//! The simulation's own tally, from the lives as they were planned: with lists, its own calendar, and no help of the code
//! whose work it checks. Measures are named by their ids.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::calendar::working_days_after;
use super::life::{By, Ground, Happens, Life, Moment, Trouble, Way};
use super::world::{ACCESS_POINT, TRUST, WITHOUT_AGREEMENT};

/// Why nothing goes to a charity: there is no agreement with it (CS-04), the person objects (CS-02), or has withdrawn their
/// consent (CS-17; `consent-and-sharing.md`).
const fn refused_by(ground: Ground) -> Option<&'static str> {
    match ground {
        Ground::Agreed => None,
        Ground::NoAgreement => Some("CS-04"),
        Ground::Objected => Some("CS-02"),
        Ground::Withdrawn => Some("CS-17"),
    }
}

/// One cell: out of how many, how many, and what was measured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tallied {
    pub(super) of: u64,
    pub(super) met: Option<u64>,
    pub(super) values: Vec<i64>,
}

/// Every cell, by measure, breakdown and group; the whole has neither.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    pub(super) cells: BTreeMap<(String, String, String), Tallied>,
}

/// A case to be noted.
struct Note<'a> {
    measure: &'a str,
    teams: Vec<&'a str>,
    partners: Vec<&'a str>,
    items: Vec<&'a str>,
    met: Option<bool>,
    value: Option<i64>,
}

impl Tally {
    /// Notes a life, as it stands at the end.
    pub(super) fn add(&mut self, life: &Life, end: Timestamp) {
        // of what was entered in error nothing is counted
        let in_error = life.moments.iter().any(|one| one.what == Happens::InError);
        if life.trouble == Trouble::Malformed || in_error {
            return;
        }
        let course = Course::of(life, end);
        course.contacts(self);
        course.waits(self);
        course.clocks(self);
        course.scores(self);
        let missing = life.missing.clone();
        let received = Note {
            items: missing.clone(),
            met: Some(!missing.is_empty()),
            ..Note::of("ME-14", ACCESS_POINT, &life.partner)
        };
        self.note(life, &received);
        if life.copied {
            let items = refused_by(Ground::NoAgreement).into_iter().collect();
            self.note(life, &Note { items, ..Note::of("ME-15", &life.partner, WITHOUT_AGREEMENT) });
        }
        let handed_over = course.first(Happens::HandedOver).is_some();
        if let Some(rule) = refused_by(life.ground).filter(|_| handed_over) {
            self.note(life, &Note { items: vec![rule], ..Note::of("ME-15", life.team, &life.charity) });
        }
    }

    fn note(&mut self, life: &Life, note: &Note<'_>) {
        let mut places = vec![("", "")];
        places.extend(note.teams.iter().map(|team| ("team", *team)));
        places.extend(note.partners.iter().map(|partner| ("partner", *partner)));
        places.extend(note.items.iter().map(|item| ("item", *item)));
        places.push(("gender", life.gender.unwrap_or("unknown")));
        places.push(("age-band", life.band));
        places.push(("ethnic-group", life.ethnic_group));
        for (by, group) in places {
            let key = (note.measure.to_owned(), by.to_owned(), group.to_owned());
            let cell = self.cells.entry(key).or_default();
            cell.of += 1;
            if let Some(met) = note.met {
                *cell.met.get_or_insert(0) += u64::from(met);
            }
            cell.values.extend(note.value);
        }
    }
}

impl<'a> Note<'a> {
    fn of(measure: &'a str, team: &'a str, partner: &'a str) -> Self {
        Note { measure, teams: vec![team], partners: vec![partner], items: Vec::new(), met: None, value: None }
    }
}

/// What happened in a life, without what was taken back.
struct Course<'a> {
    life: &'a Life,
    end: Timestamp,
    moments: Vec<&'a Moment>,
}

impl<'a> Course<'a> {
    fn of(life: &'a Life, end: Timestamp) -> Self {
        let mut moments: Vec<&Moment> = life.moments.iter().filter(|one| one.taken_back.is_none()).collect();
        moments.sort_by_key(|one| one.at);
        Self { life, end, moments }
    }

    fn first(&self, what: Happens) -> Option<&'a Moment> {
        self.moments.iter().copied().find(|one| one.what == what)
    }

    fn by(&self, moment: &Moment) -> &'a str {
        match moment.by {
            By::Team => self.life.team,
            By::Partner => &self.life.partner,
            By::Charity => &self.life.charity,
        }
    }

    /// Who answers for the referral at a moment.
    fn answers(&self, at: Timestamp) -> &'a str {
        let moved = self.first(Happens::TakenOn).or_else(|| self.first(Happens::Redirected));
        if moved.is_some_and(|moved| moved.at <= at) { self.life.team } else { ACCESS_POINT }
    }

    /// Contacts by whomever: the team, the partner who referred, or the charity the person was handed over to.
    fn contacts(&self, tally: &mut Tally) {
        use Happens::{Assessed, CharityContacted, Contacted};
        let is_contact = |one: &&Moment| matches!(one.what, Contacted | Assessed | CharityContacted);
        let all: Vec<&Moment> = self.moments.iter().copied().filter(is_contact).collect();
        if all.is_empty() {
            return;
        }
        let mut teams: Vec<&str> = all.iter().map(|one| self.by(one)).collect();
        teams.sort_unstable();
        teams.dedup();
        let mut partners: Vec<&str> =
            teams.iter().map(|team| if *team == self.life.team { TRUST } else { team }).collect();
        partners.dedup();
        let met = Some(all.len() >= 2);
        tally.note(self.life, &Note { teams, partners, met, ..Note::of("ME-01", "", "") });
    }

    fn waits(&self, tally: &mut Tally) {
        let (contact, assessment) = match self.life.urgency {
            "routine" => ("ME-02", "ME-05"),
            "urgent" => ("ME-03", "ME-06"),
            _ => ("ME-04", "ME-07"),
        };
        let seen = self.moments.iter().find(|one| matches!(one.what, Happens::Contacted | Happens::Assessed));
        let assessed = self.first(Happens::Assessed);
        for (measure, ended) in [(contact, seen.copied()), (assessment, assessed)] {
            if let Some(ended) = ended {
                let waited = ended.at.as_second() - self.life.referred.as_second();
                let note = Note::of(measure, self.answers(ended.at), &self.life.partner);
                tally.note(self.life, &Note { value: Some(waited), ..note });
            }
        }
    }

    /// Contact that stops a clock: of the team that answers for the person, and of no partner.
    fn is_own_contact(one: &Moment) -> bool {
        one.what == Happens::Assessed || (one.what == Happens::Contacted && one.by == By::Team)
    }

    /// When a clock of the referral was no longer wanted: it was declined or taken back, or the person discharged. A letter
    /// that alone tells of the discharge names no referral, so it is about what its own team answers for.
    fn unwanted(&self, owner: &dyn Fn(Timestamp) -> &'a str) -> Option<Timestamp> {
        let ended = [Happens::Declined, Happens::Cancelled].into_iter().filter_map(|what| self.first(what));
        let discharged = self.first(Happens::Discharged);
        let discharged = discharged.filter(|one| one.way == Way::Event || owner(one.at) == self.life.team);
        ended.chain(discharged).map(|one| one.at).min()
    }

    /// When the letter went. One that is sent through the gateway went when it did, if there was a practice to send it to.
    fn letter(&self) -> Option<Timestamp> {
        let letter = self.first(Happens::LetterSent)?;
        match letter.way {
            Way::Document => self.life.practice.is_some().then_some(letter.told),
            _ => Some(letter.at),
        }
    }

    fn clocks(&self, tally: &mut Tally) {
        let life = self.life;
        let after = |at: Timestamp, fits: &dyn Fn(&Moment) -> bool| {
            self.moments.iter().copied().find(|one| one.at >= at && fits(one)).map(|one| one.at)
        };
        let referral = match life.urgency {
            "urgent" => Some(("ME-08", 5, after(life.referred, &Self::is_own_contact))),
            "routine" => {
                let fits = |one: &Moment| matches!(one.what, Happens::AssessmentOffered | Happens::Assessed);
                Some(("ME-09", 30, after(life.referred, &fits)))
            }
            _ => None,
        };
        if let Some((measure, days, stopped)) = referral {
            let voided = self.unwanted(&|at| self.answers(at));
            // whoever answers for it when it ends, or now
            let ended = [stopped, voided].into_iter().flatten().min().unwrap_or(self.end);
            let due = working_days_after(life.referred, days);
            self.decided(tally, (measure, self.answers(ended), TRUST), due, stopped, voided);
        }
        if let Some(assessed) = self.first(Happens::Assessed) {
            let planned = after(assessed.at, &|one| one.what == Happens::SafetyPlan);
            let due = working_days_after(assessed.at, 7);
            let owner = self.answers(assessed.at);
            self.decided(tally, ("ME-12", owner, TRUST), due, planned, self.unwanted(&|_| owner));
        }
        let cancelled = self.first(Happens::Cancelled).map(|one| one.at);
        if let Some(discharged) = self.first(Happens::Discharged) {
            let letter = self.letter().map(|letter| letter.max(discharged.at));
            let due = working_days_after(discharged.at, 10);
            self.decided(tally, ("ME-11", life.team, TRUST), due, letter, cancelled);
        }
        if let Some(left) = self.first(Happens::LeftWard) {
            let seen = after(left.at, &Self::is_own_contact);
            let readmitted = after(left.at, &|one| one.what == Happens::Admitted);
            let due = left.at + SignedDuration::from_hours(72);
            let voided = [readmitted, cancelled].into_iter().flatten().min();
            self.decided(tally, ("ME-10", self.answers(left.at), TRUST), due, seen, voided);
        }
    }

    /// A clock counts when it is met, or when it is breached; not when it was void before.
    fn decided(
        &self,
        tally: &mut Tally,
        (measure, team, partner): (&str, &str, &str),
        due: Timestamp,
        stopped: Option<Timestamp>,
        voided: Option<Timestamp>,
    ) {
        let first = [stopped, voided].into_iter().flatten().min();
        let met = match first {
            Some(at) if at <= due && stopped == Some(at) => true,
            Some(at) if at <= due => return,
            _ if due <= self.end => false,
            _ => return,
        };
        tally.note(self.life, &Note { met: Some(met), ..Note::of(measure, team, partner) });
    }

    fn scores(&self, tally: &mut Tally) {
        let Some(discharged) = self.first(Happens::Discharged) else { return };
        let score = |what| self.first(what).filter(|one| one.at <= discharged.at).map(|one| (one.at, one.score));
        let both = score(Happens::ScoredAtStart).zip(score(Happens::ScoredAtEnd));
        let both = both.filter(|((start, _), (end, _))| start <= end);
        let note = Note::of("ME-13", self.life.team, TRUST);
        let value = both.map(|((_, start), (_, end))| end - start);
        tally.note(self.life, &Note { met: Some(both.is_some()), value, ..note });
    }
}
