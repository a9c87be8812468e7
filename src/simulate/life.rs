//! The lives: what happens to each person and when it is told, drawn from the person's own dice. A plan only; nothing here
//! knows the gateway.

use jiff::{SignedDuration, Timestamp};

use super::Wanted;
use super::course::{FULL, course, known_by_letter};
use super::dice::Dice;
use super::world::{self, Kind, WITHOUT_AGREEMENT};

/// Something that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Happens {
    /// The access point asks the partner for more, and the partner gives it.
    Asked,
    Given,
    /// The access point accepts, and the team has it from then on; or the team gets it to triage it itself.
    TakenOn,
    Redirected,
    /// What ends a referral: the access point declines, the partner takes it back, or says it was never meant.
    Declined,
    Cancelled,
    InError,
    Contacted,
    AssessmentOffered,
    Assessed,
    SafetyPlan,
    /// A first version of a plan, which completes none.
    InterimPlan,
    ScoredAtStart,
    ScoredAtEnd,
    Discharged,
    /// The letter; as a document it says when the care ended too.
    LetterSent,
    Admitted,
    LeftWard,
    /// The person says that the charity is to know nothing; or that it may, and later that it may no longer.
    Objected,
    Consented,
    Withdrew,
    /// The team hands the person over to a charity, which answers and says what became of it.
    HandedOver,
    CharityAccepted,
    CharityDeclined,
    CharityContacted,
    CharityEnded,
}

/// How it comes to the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// `POST /events`.
    Event,
    Document,
    /// A step of the task.
    Step,
    /// A Consent over FHIR.
    Consent,
}

/// Who tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Team,
    /// Whoever referred.
    Partner,
    /// Whom the person was handed over to.
    Charity,
}

/// What a handover to a charity rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ground {
    Agreed,
    Objected,
    Withdrawn,
    /// The person agreed, and there is no agreement with the charity.
    NoAgreement,
}

/// One event of a life.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    pub(super) what: Happens,
    pub(super) at: Timestamp,
    /// When the gateway is told.
    pub(super) told: Timestamp,
    pub(super) by: By,
    pub(super) way: Way,
    /// Hundredths, of a score.
    pub(super) score: i64,
    /// An event that names the person and no request.
    pub(super) of_person: bool,
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
    /// Whom the person is handed over to, if they are; and on what ground.
    pub(super) charity: String,
    pub(super) ground: Ground,
    /// The practice that plans and letters name, if they name one.
    pub(super) practice: Option<String>,
    /// When the team discharges the person, whether or not anybody has told of it by the end.
    pub(super) care_ended: Option<Timestamp>,
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
    let ground = dice.pick(
        &[(55, Ground::Agreed), (17, Ground::Objected), (17, Ground::Withdrawn), (11, Ground::NoAgreement)],
        Ground::Agreed,
    );
    let practice = match partner_kind {
        _ if dice.chance(120) => None,
        Kind::Practice => Some(partner.clone()),
        Kind::Charity | Kind::Clinic => Some(world::partner(Kind::Practice, 1 + dice.below(26))),
    };
    // born so that the first of January has passed whenever in the simulated year the referral is
    let year = super::calendar::day_of(referred).year();
    let mut life = Life {
        number,
        nhs_number,
        referred,
        partner_kind,
        team: world::TEAMS.get(dice.below(world::TEAMS.len())).copied().unwrap_or(world::ACCESS_POINT),
        urgency,
        gender: dice.pick(GENDERS, None),
        born: has_birth_date.then_some(year - age),
        band: if has_birth_date { band } else { "unknown" },
        ethnicity: ethnicity.filter(|_| has_ethnicity),
        ethnic_group: if has_ethnicity { ethnic_group } else { "unknown" },
        missing,
        // who refers has it already
        copied: dice.chance(50) && partner != WITHOUT_AGREEMENT,
        trouble,
        charity: charity(&mut dice, ground, &partner),
        ground,
        practice,
        care_ended: None,
        partner,
        moments: Vec::new(),
    };
    if trouble != Trouble::Malformed && dice.chance(followed) {
        life.moments = course(&mut dice, &life);
    }
    let ended = life.moments.iter().find(|moment| moment.what == Happens::Discharged).map(|moment| moment.at);
    life.care_ended = ended;
    // what would be told after the end is not told
    life.moments.retain(|moment| moment.told <= end);
    if let Some(ended) = ended.filter(|_| !life.moments.iter().any(|one| one.what == Happens::Discharged)) {
        let letter = life.moments.iter().find(|one| one.what == Happens::LetterSent && one.way == Way::Document);
        let told = letter.map(|letter| letter.told).filter(|told| *told >= ended);
        life.moments.extend(told.map(|told| known_by_letter(ended, told)));
    }
    for moment in &mut life.moments {
        moment.taken_back = moment.taken_back.filter(|at| *at <= end);
    }
    life
}

/// A charity with an agreement that has not referred the person itself, or the one without.
fn charity(dice: &mut Dice, ground: Ground, partner: &str) -> String {
    let drawn = dice.below(9);
    if ground == Ground::NoAgreement {
        return WITHOUT_AGREEMENT.to_owned();
    }
    let drawn = world::partner(Kind::Charity, 1 + drawn);
    if drawn == partner { world::partner(Kind::Charity, if partner.ends_with('1') { 2 } else { 1 }) } else { drawn }
}
