//! The lives: what happens to each person and when it is told, drawn from the person's own dice. A plan only; nothing here
//! knows the gateway.

use jiff::{SignedDuration, Timestamp};

use super::Wanted;
use super::dice::Dice;
use super::world::{self, Kind};

/// Something that happens, as the codes of the event schema have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Happens {
    /// The access point accepts, and the team has it from then on: a step of the task, and no event that is told.
    TakenOn,
    Contacted,
    AssessmentOffered,
    Assessed,
    SafetyPlan,
    ScoredAtStart,
    ScoredAtEnd,
    Discharged,
    LetterSent,
    Admitted,
    LeftWard,
}

impl Happens {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::TakenOn => "accepted",
            Self::Contacted => "contacted",
            Self::AssessmentOffered => "assessment-offered",
            Self::Assessed => "assessed",
            Self::SafetyPlan => "safety-plan-complete",
            Self::ScoredAtStart | Self::ScoredAtEnd => "outcome-scored",
            Self::Discharged => "discharged",
            Self::LetterSent => "letter-sent",
            Self::Admitted => "admitted",
            Self::LeftWard => "inpatient-discharge",
        }
    }
}

/// One event of a life.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    pub(super) what: Happens,
    pub(super) at: Timestamp,
    /// When the gateway is told.
    pub(super) told: Timestamp,
    /// By the partner who referred; else by the team.
    pub(super) by_partner: bool,
    /// Hundredths, of a score.
    pub(super) score: i64,
    /// Told a second time, with the same id.
    pub(super) twice: bool,
    /// When it is taken back, if it is.
    pub(super) taken_back: Option<Timestamp>,
}

/// What is wrong on purpose with a message, which is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    None,
    /// The referral is sent a second time.
    SentTwice,
    /// Another referral under the same identifier.
    OtherContent,
    /// A referral that cannot be read.
    Malformed,
    /// An event of the day after tomorrow.
    OfTheFuture,
}

/// One person's year.
#[derive(Debug, Clone)]
pub(super) struct Life {
    pub(super) number: u32,
    pub(super) nhs_number: String,
    pub(super) referred: Timestamp,
    pub(super) partner: String,
    pub(super) partner_kind: Kind,
    pub(super) team: &'static str,
    pub(super) urgency: &'static str,
    pub(super) gender: Option<&'static str>,
    /// Year of birth; the band is known from it.
    pub(super) born: Option<i16>,
    pub(super) band: &'static str,
    pub(super) ethnicity: Option<&'static str>,
    pub(super) ethnic_group: &'static str,
    pub(super) missing: Vec<&'static str>,
    /// A copy for a charity that may not have it.
    pub(super) copied: bool,
    pub(super) trouble: Trouble,
    pub(super) moments: Vec<Moment>,
}

/// The bands with ages that are well within them, whenever in the year somebody is born.
const BANDS: &[(u32, (i16, &str))] = &[
    (1, (17, "under-18")),
    (12, (21, "18-24")),
    (22, (30, "25-34")),
    (22, (40, "35-44")),
    (20, (50, "45-54")),
    (16, (60, "55-64")),
    (4, (70, "65-and-over")),
];
const GENDERS: &[(u32, Option<&str>)] = &[(54, Some("female")), (41, Some("male")), (3, Some("other")), (2, None)];
const ETHNICITIES: &[(u32, (Option<&str>, &str))] = &[
    (60, (Some("A"), "white")),
    (4, (Some("C"), "white")),
    (3, (Some("D"), "mixed")),
    (14, (Some("H"), "asian")),
    (3, (Some("J"), "asian")),
    (6, (Some("N"), "black")),
    (2, (Some("M"), "black")),
    (2, (Some("S"), "other")),
    (2, (Some("Z"), "not-stated")),
    (1, (Some("99"), "unknown")),
];
const FORGOTTEN: &[&str] =
    &["family-history", "next-of-kin", "carers", "support-networks", "why-now", "treatments-tried"];

/// The average number of messages of a full course of care, as [`course`] draws them.
const FULL: f64 = 5.4;

/// Everybody's year.
pub(super) fn lives(wanted: Wanted, begin: Timestamp, end: Timestamp) -> Vec<Life> {
    let partners: Vec<(Kind, String)> = world::partners().collect();
    let each = f64::from(wanted.messages) / f64::from(wanted.people.max(1));
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a thousand")]
    let followed = ((each - 1.02) / FULL * 1000.0).clamp(0.0, 1000.0) as u32;
    let mut numbers = nhs_numbers();
    (0..wanted.people)
        .filter_map(|number| Some((number, numbers.next()?)))
        .map(|(number, nhs_number)| life(number, nhs_number, &partners, (wanted.seed, followed), (begin, end)))
        .collect()
}

/// Numbers of the range kept for tests, 999, in order: those that have a check digit.
fn nhs_numbers() -> impl Iterator<Item = String> {
    (0..1_000_000_u32).filter_map(|number| {
        let nine = format!("999{number:06}");
        let sum: u32 = nine.bytes().zip((2..=10).rev()).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
        let check = (11 - sum % 11) % 11;
        (check < 10).then(|| format!("{nine}{check}"))
    })
}

fn life(
    number: u32,
    nhs_number: String,
    partners: &[(Kind, String)],
    (seed, followed): (u64, u32),
    (begin, end): (Timestamp, Timestamp),
) -> Life {
    let mut dice = Dice::of(seed, number);
    let days = end.duration_since(begin).as_hours() / 24;
    let within = SignedDuration::from_hours(24 * dice.between(0, days - 1));
    let referred = begin + within + SignedDuration::from_secs(dice.between(8 * 3600, 18 * 3600));
    let (partner_kind, partner) =
        partners.get(dice.below(partners.len())).cloned().unwrap_or((Kind::Practice, String::new()));
    let urgency = dice.pick(&[(70, "routine"), (24, "urgent"), (6, "crisis")], "routine");
    let (age, band) = dice.pick(BANDS, (40, "35-44"));
    let (ethnicity, ethnic_group) = dice.pick(ETHNICITIES, (None, "unknown"));
    let has_birth_date = !dice.chance(30);
    let has_ethnicity = !dice.chance(40);
    let forgotten = dice.pick(&[(80, 0), (15, 1), (5, 2)], 0);
    let mut missing: Vec<&str> =
        (0..forgotten).map(|_| FORGOTTEN.get(dice.below(FORGOTTEN.len())).copied().unwrap_or("carers")).collect();
    if !has_ethnicity {
        missing.push("ethnic-origin");
    }
    missing.sort_unstable();
    missing.dedup();
    let trouble = dice.pick(
        &[
            (940, Trouble::None),
            (20, Trouble::SentTwice),
            (15, Trouble::OtherContent),
            (10, Trouble::Malformed),
            (15, Trouble::OfTheFuture),
        ],
        Trouble::None,
    );
    // born so that the first of January has passed whenever in the simulated year the referral is
    let year = super::calendar::day_of(referred).year();
    let mut life = Life {
        number,
        nhs_number,
        referred,
        partner,
        partner_kind,
        team: world::TEAMS.get(dice.below(world::TEAMS.len())).copied().unwrap_or(world::ACCESS_POINT),
        urgency,
        gender: dice.pick(GENDERS, None),
        born: has_birth_date.then_some(year - age),
        band: if has_birth_date { band } else { "unknown" },
        ethnicity: ethnicity.filter(|_| has_ethnicity),
        ethnic_group: if has_ethnicity { ethnic_group } else { "unknown" },
        missing,
        copied: dice.chance(50),
        trouble,
        moments: Vec::new(),
    };
    if trouble != Trouble::Malformed && dice.chance(followed) {
        life.moments = course(&mut dice, &life);
    }
    // what would be told after the end is not told
    life.moments.retain(|moment| moment.told <= end);
    for moment in &mut life.moments {
        moment.taken_back = moment.taken_back.filter(|at| *at <= end);
    }
    life
}

/// A full course of care.
fn course(dice: &mut Dice, life: &Life) -> Vec<Moment> {
    use Happens as H;
    let day = 86_400;
    let start = life.referred;
    let mut made: Vec<(H, Timestamp, bool, i64)> = Vec::new();
    let after = |at: Timestamp, seconds: i64| at + SignedDuration::from_secs(seconds);
    if dice.chance(850) {
        made.push((H::TakenOn, after(start, dice.between(1, 4 * day)), false, 0));
    }
    let first = match life.urgency {
        "crisis" => dice.between(600, 2 * day),
        "urgent" => dice.between(3600, 12 * day),
        _ => dice.between(day, 50 * day),
    };
    let mut contact = after(start, first);
    for _ in 0..dice.between(0, 4) {
        made.push((H::Contacted, contact, dice.chance(350), 0));
        contact = after(contact, dice.between(day / 2, 20 * day));
    }
    if dice.chance(700) {
        let offered = after(start, dice.between(day, 55 * day));
        made.push((H::AssessmentOffered, offered, false, 0));
        if dice.chance(850) {
            let assessed = after(offered, dice.between(3600, 14 * day));
            assessed_then(dice, assessed, &mut made);
        }
    }
    if dice.chance(80) {
        let admitted = after(start, dice.between(5 * day, 60 * day));
        let left = after(admitted, dice.between(day, 30 * day));
        made.push((H::Admitted, admitted, false, 0));
        made.push((H::LeftWard, left, false, 0));
        if dice.chance(800) {
            made.push((H::Contacted, after(left, dice.between(4 * 3600, 110 * 3600)), false, 0));
        }
    }
    made.into_iter().map(|one| told(dice, one)).collect()
}

fn assessed_then(dice: &mut Dice, assessed: Timestamp, made: &mut Vec<(Happens, Timestamp, bool, i64)>) {
    use Happens as H;
    let day = 86_400;
    let after = |at: Timestamp, seconds: i64| at + SignedDuration::from_secs(seconds);
    made.push((H::Assessed, assessed, false, 0));
    if dice.chance(800) {
        made.push((H::SafetyPlan, after(assessed, dice.between(60, 16 * day)), false, 0));
    }
    if dice.chance(700) {
        made.push((H::ScoredAtStart, after(assessed, dice.between(60, 3 * day)), false, dice.between(100, 700)));
    }
    if dice.chance(500) {
        let discharged = after(assessed, dice.between(25 * day, 150 * day));
        made.push((H::Discharged, discharged, false, 0));
        if dice.chance(600) {
            made.push((H::ScoredAtEnd, after(discharged, -dice.between(3600, 2 * day)), false, dice.between(100, 700)));
        }
        if dice.chance(850) {
            made.push((H::LetterSent, after(discharged, dice.between(-5 * day, 20 * day)), false, 0));
        }
    }
}

/// When it is told: mostly at once, sometimes days later; now and then twice, and a contact now and then in error.
fn told(dice: &mut Dice, (what, at, by_partner, score): (Happens, Timestamp, bool, i64)) -> Moment {
    let late = if dice.chance(700) { dice.between(1, 7200) } else { dice.between(7200, 5 * 86_400) };
    // a step is taken when it is taken
    let late = if what == Happens::TakenOn { 0 } else { late };
    let told = at + SignedDuration::from_secs(late);
    let error = what == Happens::Contacted && dice.chance(40);
    let taken_back = error.then(|| told + SignedDuration::from_secs(dice.between(60, 10 * 86_400)));
    Moment { what, at, told, by_partner, score, twice: dice.chance(30), taken_back }
}
