//! The simulation's own tally, from the lives as they were planned: with lists, its own calendar, and no help of the code
//! whose work it checks. Measures are named by their ids.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::calendar::working_days_after;
use super::life::{Happens, Life, Moment, Trouble};
use super::world::{ACCESS_POINT, Kind, TRUST, WITHOUT_AGREEMENT};

/// Why the copies to a charity without an agreement are refused.
const REFUSED_BY: &str = "CS-04";

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
        if life.trouble == Trouble::Malformed {
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
            let refused = Note { items: vec![REFUSED_BY], ..Note::of("ME-15", &life.partner, WITHOUT_AGREEMENT) };
            self.note(life, &refused);
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
        if moment.by_partner { &self.life.partner } else { self.life.team }
    }

    /// Who answers for the referral at a moment.
    fn answers(&self, at: Timestamp) -> &'a str {
        match self.first(Happens::TakenOn) {
            Some(allocated) if allocated.at <= at => self.life.team,
            _ => ACCESS_POINT,
        }
    }

    fn contacts(&self, tally: &mut Tally) {
        let all: Vec<&Moment> = self
            .moments
            .iter()
            .copied()
            .filter(|one| matches!(one.what, Happens::Contacted | Happens::Assessed))
            .collect();
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

    /// Contact that stops a clock: of somebody of the NHS, which practices and the trust are.
    fn is_nhs_contact(&self, one: &Moment) -> bool {
        let nhs = !one.by_partner || self.life.partner_kind == Kind::Practice;
        one.what == Happens::Assessed || (one.what == Happens::Contacted && nhs)
    }

    fn clocks(&self, tally: &mut Tally) {
        let life = self.life;
        let discharged = self.first(Happens::Discharged);
        let after = |at: Timestamp, fits: &dyn Fn(&Moment) -> bool| {
            self.moments.iter().copied().find(|one| one.at >= at && fits(one)).map(|one| one.at)
        };
        let referral = match life.urgency {
            "urgent" => Some(("ME-08", 5, after(life.referred, &|one| self.is_nhs_contact(one)))),
            "routine" => {
                let fits = |one: &Moment| matches!(one.what, Happens::AssessmentOffered | Happens::Assessed);
                Some(("ME-09", 30, after(life.referred, &fits)))
            }
            _ => None,
        };
        if let Some((measure, days, stopped)) = referral {
            let voided = discharged.map(|one| one.at);
            // whoever answers for it when it ends, or now
            let ended = [stopped, voided].into_iter().flatten().min().unwrap_or(self.end);
            let due = working_days_after(life.referred, days);
            self.decided(tally, (measure, self.answers(ended), TRUST), due, stopped, voided);
        }
        if let Some(assessed) = self.first(Happens::Assessed) {
            let planned = after(assessed.at, &|one| one.what == Happens::SafetyPlan);
            let due = working_days_after(assessed.at, 7);
            let owner = self.answers(assessed.at);
            self.decided(tally, ("ME-12", owner, TRUST), due, planned, discharged.map(|one| one.at));
        }
        if let Some(discharged) = discharged {
            let letter = self.first(Happens::LetterSent).map(|one| one.at.max(discharged.at));
            let due = working_days_after(discharged.at, 10);
            self.decided(tally, ("ME-11", life.team, TRUST), due, letter, None);
        }
        if let Some(left) = self.first(Happens::LeftWard) {
            let seen = after(left.at, &|one| self.is_nhs_contact(one));
            let readmitted = after(left.at, &|one| one.what == Happens::Admitted);
            let due = left.at + SignedDuration::from_hours(72);
            self.decided(tally, ("ME-10", self.answers(left.at), TRUST), due, seen, readmitted);
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
