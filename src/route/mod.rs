//! Where a referral goes (`routing-and-clocks.md`, "Where a referral goes"; L466-575), and a plan or letter. Pure: facts,
//! rules, directory and `now` come in, destinations and every candidate considered come out. Decides no release: whether
//! and how much each destination may see is `consent`'s.
//!
//! The rules are data (`profiles/rules`: `destination.toml` RT, `catchment.toml` CA, `eligibility.toml` EL, `areas.csv`),
//! made of a small set of conditions and targets; a site overrides them by id. What must hold whatever they say is code:
//! a crisis goes to the crisis team beside everything else, exactly one party is responsible, nobody is listed twice.

mod acceptance;
mod areas;
mod catchment;
mod condition;
mod documents;
mod eligibility;
mod facts;
mod national;
mod place;
mod plan;
mod referral;
mod row;
mod rule;
mod ruleset;

use jiff::Timestamp;

use crate::directory::Directory;
use crate::model::{Category, Party, PartyId, PartyKind, Sector, Urgency};

pub use acceptance::{Onward, Step, on_acceptance, on_redirection};
pub use areas::{Area, Areas, DEMO_AREAS, Side};
pub use catchment::{Catchment, catchment};
pub use documents::{DocumentFacts, document_destinations};
pub use eligibility::{Advice, advice};
pub use facts::{Answer, Home, PersonFacts};
pub use national::{Reduced, Reducer};
pub use row::Heading;
pub use rule::Says;
pub use ruleset::{FILES, Listed, Rules};

/// What the sender says it is, as far as routing asks (`cmht-documents.md` §1; L486-492).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SenderRole {
    /// The person themself: to the access point only (L487).
    SelfReferral,
    /// Counts as internal (L489).
    MentalHealthFacilitator,
    /// Counts as internal (L491).
    PrimaryCarePractitioner,
    /// An organisation the directory does not know, whose referral the trust takes down for it: external, whoever
    /// enters it.
    Unconnected,
    /// Any other kind: the sending party decides.
    #[default]
    Other,
}

impl SenderRole {
    /// Reads the sender kind of a referral; kinds that routing does not tell apart become [`Self::Other`].
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        match code {
            "self" | "self-referral" => Self::SelfReferral,
            "mental-health-facilitator" => Self::MentalHealthFacilitator,
            "primary-care-practitioner" => Self::PrimaryCarePractitioner,
            _ => Self::Other,
        }
    }
}

/// What a routing decision takes in.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// The authenticated party the referral came from.
    pub sender: &'a Party,
    pub sender_role: SenderRole,
    pub response: Urgency,
    /// The team the referral names, where it names one.
    pub requested: Option<PartyId>,
    /// Further recipients the referral asks for, in its order.
    pub copies: Vec<PartyId>,
    pub person: PersonFacts,
}

/// Whether a referral comes from within the pathway (L478-492).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    External,
    Internal,
}

impl Origin {
    /// For a document, which no access point stands before: whether an NHS party sent it.
    const fn of(sender: &Party) -> Self {
        match sender.kind.sector() {
            Sector::Nhs => Self::Internal,
            _ => Self::External,
        }
    }
}

/// In which capacity a destination receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Answers for the referral; there is exactly one.
    Responsible,
    /// Receives at once because a crisis response is asked for.
    Crisis,
    /// A letter is written to it.
    Addressee,
    /// The person's GP practice, which gets such documents.
    Gp,
    /// In the person's care team by the plan that names it.
    CareTeam,
    /// Receives because the sender asked for a copy.
    Copy,
}

impl Role {
    /// The code in the store and the audit record.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Responsible => "responsible",
            Self::Crisis => "crisis",
            Self::Addressee => "addressee",
            Self::Gp => "gp",
            Self::CareTeam => "care-team",
            Self::Copy => "copy",
        }
    }

    /// The role with this code, if there is one.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let all = [Self::Responsible, Self::Crisis, Self::Addressee, Self::Gp, Self::CareTeam, Self::Copy];
        all.into_iter().find(|role| role.code() == code)
    }
}

/// One party the referral goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    pub party: PartyId,
    pub role: Role,
    /// Id of the rule that chose it (`RT-01`).
    pub rule: String,
    /// Why, in a sentence for a person.
    pub reason: String,
    /// Where the rule is written.
    pub source: String,
}

/// One party a rule considered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub party: PartyId,
    pub rule: String,
    pub chosen: bool,
    pub why: String,
}

/// Something asked for that went to nobody, for the answer to the sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unplaced {
    pub wanted: Wanted,
    pub rule: String,
    /// What happened instead, in a sentence for the sender.
    pub why: String,
}

/// What could not be placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A crisis team.
    CrisisTeam,
    /// The team the referral names.
    Team(PartyId),
    /// Whom a letter is written to.
    Addressee(PartyId),
    /// The person's GP practice.
    GpPractice,
    /// A recipient of a copy.
    Copy(PartyId),
    /// A team of this kind.
    Kind(PartyKind),
    /// Anybody who could answer for it.
    Somebody,
}

/// A copy that does not travel through the gateway: the person's own. Whoever wrote the document hands it over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByHand {
    /// Who hands it over.
    pub by: PartyId,
    pub rule: String,
    pub source: String,
    /// What is to be done, in a sentence.
    pub reason: String,
}

/// A routing decision. Destinations are in the order in which they should be served: crisis, responsible, copies;
/// no party is listed twice and exactly one is responsible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routing {
    pub origin: Origin,
    pub destinations: Vec<Destination>,
    pub candidates: Vec<Candidate>,
    pub unplaced: Vec<Unplaced>,
    pub by_hand: Vec<ByHand>,
    /// The community team of the person's area, whoever has the referral first.
    pub catchment: Option<Catchment>,
    /// Neither address nor practice is covered by any team: shown on the operations page.
    pub fallback: bool,
}

impl Routing {
    /// The party that answers for the referral.
    #[must_use]
    pub fn responsible(&self) -> Option<&Destination> {
        self.destinations.iter().find(|destination| destination.role == Role::Responsible)
    }
}

/// Why a referral can go nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    #[error("the directory holds no access point at this time, and the referral names no team it could go to")]
    NoAccessPoint,
}

impl RouteError {
    /// The category of the failure: a directory without an access point is a fault of ours, not of the sender.
    #[must_use]
    pub const fn category(self) -> Category {
        match self {
            Self::NoAccessPoint => Category::Internal,
        }
    }

    /// Whether the same referral may find its way later.
    #[must_use]
    pub const fn retryable(self) -> bool {
        self.category().retryable()
    }
}

/// Decides where a referral goes.
///
/// # Errors
/// [`RouteError::NoAccessPoint`] when nobody would be responsible.
pub fn destinations(
    facts: &Facts<'_>,
    rules: &Rules,
    directory: &Directory,
    now: Timestamp,
) -> Result<Routing, RouteError> {
    referral::apply(facts, rules, directory, now)
}

/// Place in the queue of the outbox, served lowest first: a crisis never waits behind routine work (L540-541).
#[must_use]
pub const fn delivery_priority(response: Urgency) -> u8 {
    match response {
        Urgency::Crisis => 0,
        Urgency::Urgent => 1,
        Urgency::Routine => 2,
    }
}

#[cfg(test)]
mod tests;
