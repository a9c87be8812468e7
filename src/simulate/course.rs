//! A course of care: what happens to somebody who was referred, and how and when it is told. Drawn from the person's own
//! dice; a plan only, which knows neither gateway nor tally.

use jiff::{SignedDuration, Timestamp};

use super::dice::Dice;
use super::life::{By, Ground, Happens, Life, Moment, Way};

use Happens as H;

/// The average number of messages of a full course of care, as [`course`] draws them.
pub(super) const FULL: f64 = 5.2;

const DAY: i64 = 86_400;

/// What the access point makes of a referral.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    TakenOn,
    /// Nobody has said anything yet.
    Lies,
    AskedFirst,
    Redirected,
    Declined,
    Cancelled,
    InError,
}

const FATES: &[(u32, Fate)] = &[
    (60, Fate::TakenOn),
    (12, Fate::Lies),
    (10, Fate::AskedFirst),
    (6, Fate::Redirected),
    (5, Fate::Declined),
    (5, Fate::Cancelled),
    (2, Fate::InError),
];

fn after(at: Timestamp, seconds: i64) -> Timestamp {
    at + SignedDuration::from_secs(seconds)
}

/// A discharge that the gateway knows of by the letter alone.
pub(super) const fn known_by_letter(at: Timestamp, told: Timestamp) -> Moment {
    let (by, way) = (By::Team, Way::Document);
    Moment { what: H::Discharged, at, told, by, way, score: 0, of_person: false, twice: false, taken_back: None }
}

/// A full course of care.
pub(super) fn course(dice: &mut Dice, life: &Life) -> Vec<Moment> {
    let mut course = Course { dice, life, made: Vec::new() };
    let fate = course.dice.pick(FATES, Fate::TakenOn);
    let ended = course.access_point(fate);
    course.contacts();
    match ended {
        Some(ended) => course.made.retain(|one| one.way == Way::Step || one.at < ended),
        None => course.care(),
    }
    course.made
}

struct Course<'a> {
    dice: &'a mut Dice,
    life: &'a Life,
    made: Vec<Moment>,
}

impl Course<'_> {
    /// Something that is told when it happens.
    fn at_once(&mut self, what: H, at: Timestamp, by: By, way: Way) {
        let twice = way != Way::Consent && self.dice.chance(30);
        self.made.push(Moment { what, at, told: at, by, way, score: 0, of_person: false, twice, taken_back: None });
    }

    /// Something of which an event is told: mostly at once, sometimes days later; now and then twice, and a contact now
    /// and then in error.
    fn event(&mut self, what: H, at: Timestamp, by: By) -> Moment {
        let dice = &mut *self.dice;
        let late = if dice.chance(700) { dice.between(1, 7200) } else { dice.between(7200, 5 * DAY) };
        let told = after(at, late);
        let error = what == H::Contacted && dice.chance(40);
        let taken_back = error.then(|| after(told, dice.between(60, 10 * DAY)));
        let twice = dice.chance(30);
        Moment { what, at, told, by, way: Way::Event, score: 0, of_person: false, twice, taken_back }
    }

    fn told(&mut self, what: H, at: Timestamp, by: By) {
        let moment = self.event(what, at, by);
        self.made.push(moment);
    }

    /// Either an event, or a document that tells of the same.
    fn written(&mut self, what: H, at: Timestamp, way: Way) -> Timestamp {
        let moment = Moment { way, ..self.event(what, at, By::Team) };
        let told = moment.told;
        self.made.push(moment);
        told
    }

    fn scored(&mut self, what: H, at: Timestamp) {
        let score = self.dice.between(100, 700);
        let moment = Moment { score, ..self.event(what, at, By::Team) };
        self.made.push(moment);
    }

    /// The steps of the task; when the referral ends with one of them.
    fn access_point(&mut self, fate: Fate) -> Option<Timestamp> {
        let start = self.life.referred;
        let step = |course: &mut Self, what, at| course.at_once(what, at, By::Team, Way::Step);
        match fate {
            Fate::TakenOn => {
                let at = after(start, self.dice.between(2, 4 * DAY));
                step(self, H::TakenOn, at);
            }
            Fate::Lies => {}
            Fate::AskedFirst => {
                let asked = after(start, self.dice.between(60, DAY));
                step(self, H::Asked, asked);
                if self.dice.chance(850) {
                    let given = after(asked, self.dice.between(3600, 6 * DAY));
                    self.at_once(H::Given, given, By::Partner, Way::Step);
                    let at = after(given, self.dice.between(60, 2 * DAY));
                    step(self, H::TakenOn, at);
                }
            }
            Fate::Redirected => {
                let at = after(start, self.dice.between(60, 4 * DAY));
                step(self, H::Redirected, at);
            }
            Fate::Declined => {
                let at = after(start, self.dice.between(3600, 14 * DAY));
                step(self, H::Declined, at);
                return Some(at);
            }
            Fate::Cancelled => {
                let at = after(start, self.dice.between(3600, 30 * DAY));
                if self.dice.chance(500) {
                    let taken = after(start, self.dice.between(2, 3000));
                    step(self, H::TakenOn, taken);
                }
                self.at_once(H::Cancelled, at, By::Partner, Way::Step);
                return Some(at);
            }
            Fate::InError => {
                let at = after(start, self.dice.between(600, 3 * DAY));
                self.at_once(H::InError, at, By::Partner, Way::Step);
                return Some(at);
            }
        }
        None
    }

    fn contacts(&mut self) {
        let first = match self.life.urgency {
            "crisis" => self.dice.between(600, 2 * DAY),
            "urgent" => self.dice.between(3600, 12 * DAY),
            _ => self.dice.between(DAY, 50 * DAY),
        };
        let mut contact = after(self.life.referred, first);
        for _ in 0..self.dice.between(0, 3) {
            let by = if self.dice.chance(350) { By::Partner } else { By::Team };
            self.told(H::Contacted, contact, by);
            contact = after(contact, self.dice.between(DAY / 2, 20 * DAY));
        }
    }

    fn care(&mut self) {
        let start = self.life.referred;
        if self.dice.chance(700) {
            let offered = after(start, self.dice.between(DAY, 55 * DAY));
            self.told(H::AssessmentOffered, offered, By::Team);
            if self.dice.chance(850) {
                let assessed = after(offered, self.dice.between(3600, 14 * DAY));
                self.assessed_then(assessed);
            }
        }
        if self.dice.chance(80) {
            let admitted = after(start, self.dice.between(5 * DAY, 60 * DAY));
            let left = after(admitted, self.dice.between(DAY, 30 * DAY));
            self.told(H::Admitted, admitted, By::Team);
            self.told(H::LeftWard, left, By::Team);
            if self.dice.chance(800) {
                let seen = after(left, self.dice.between(4 * 3600, 110 * 3600));
                self.told(H::Contacted, seen, By::Team);
            }
        }
    }

    fn assessed_then(&mut self, assessed: Timestamp) {
        let of_person = self.dice.chance(250);
        let moment = Moment { of_person, ..self.event(H::Assessed, assessed, By::Team) };
        self.made.push(moment);
        if self.dice.chance(100) {
            let at = after(assessed, self.dice.between(60, 3 * DAY));
            self.written(H::InterimPlan, at, Way::Document);
        }
        if self.dice.chance(800) {
            let at = after(assessed, self.dice.between(60, 16 * DAY));
            let way = self.way();
            self.written(H::SafetyPlan, at, way);
        }
        if self.dice.chance(700) {
            let at = after(assessed, self.dice.between(60, 3 * DAY));
            self.scored(H::ScoredAtStart, at);
        }
        if self.dice.chance(350) {
            let at = after(assessed, self.dice.between(2 * 3600, 20 * DAY));
            self.handed_over(assessed, at);
        }
        if self.dice.chance(500) {
            let at = after(assessed, self.dice.between(25 * DAY, 150 * DAY));
            self.discharged(at);
        }
    }

    fn way(&mut self) -> Way {
        if self.dice.chance(450) { Way::Document } else { Way::Event }
    }

    fn discharged(&mut self, discharged: Timestamp) {
        if self.dice.chance(600) {
            let at = after(discharged, -self.dice.between(3600, 2 * DAY));
            self.scored(H::ScoredAtEnd, at);
        }
        let mut by_letter = None;
        if self.dice.chance(850) {
            let at = after(discharged, self.dice.between(-5 * DAY, 20 * DAY));
            let way = self.way();
            let told = self.written(H::LetterSent, at, way);
            by_letter = (way == Way::Document && told >= discharged).then_some(told);
        }
        match by_letter.filter(|_| self.dice.chance(300)) {
            // now and then nobody says so but the letter
            Some(told) => self.made.push(known_by_letter(discharged, told)),
            None => self.told(H::Discharged, discharged, By::Team),
        }
    }

    /// A handover with what it rests on, and what the charity makes of it.
    fn handed_over(&mut self, assessed: Timestamp, at: Timestamp) {
        let ground = self.life.ground;
        match ground {
            Ground::Agreed | Ground::NoAgreement => {}
            Ground::Objected => self.at_once(H::Objected, after(assessed, 600), By::Team, Way::Consent),
            Ground::Withdrawn => {
                self.at_once(H::Consented, after(assessed, 600), By::Team, Way::Consent);
                self.at_once(H::Withdrew, after(at, -1800), By::Team, Way::Consent);
            }
        }
        self.at_once(H::HandedOver, at, By::Team, Way::Document);
        if ground != Ground::Agreed {
            return;
        }
        let answered = after(at, self.dice.between(3600, 5 * DAY));
        if self.dice.chance(150) {
            return self.at_once(H::CharityDeclined, answered, By::Charity, Way::Document);
        }
        self.at_once(H::CharityAccepted, answered, By::Charity, Way::Document);
        let mut contact = answered;
        for _ in 0..self.dice.between(0, 2) {
            contact = after(contact, self.dice.between(3600, 14 * DAY));
            if self.dice.chance(500) {
                self.at_once(H::CharityContacted, contact, By::Charity, Way::Document);
            } else {
                self.told(H::CharityContacted, contact, By::Charity);
            }
        }
        if self.dice.chance(400) {
            let ended = after(contact, self.dice.between(DAY, 30 * DAY));
            self.at_once(H::CharityEnded, ended, By::Charity, Way::Document);
        }
    }
}
