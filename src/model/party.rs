//! Parties: the organisations and teams that send and receive, as far as every module needs to know them.

use serde::{Deserialize, Serialize};

use super::vocabulary::vocabulary;
use super::{OdsCode, PartyId};

macro_rules! party_kinds {
    ($($variant:ident => $code:literal, $sector:ident;)+) => {
        /// What an organisation or team is (`routing-and-clocks.md`, "Directory").
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum PartyKind { $(#[serde(rename = $code)] $variant,)+ }

        impl PartyKind {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }

            /// The kinds that organisations and teams are of: not those of people.
            pub fn of_organisations() -> impl Iterator<Item = Self> {
                Self::ALL.iter().copied().filter(|kind| kind.sector() != Sector::Personal)
            }

            /// Which sector a party of this kind belongs to.
            #[must_use]
            pub const fn sector(self) -> Sector {
                match self { $(Self::$variant => Sector::$sector,)+ }
            }
        }
    };
}

party_kinds! {
    GpPractice => "gp-practice", Nhs;
    NhsTrust => "nhs-trust", Nhs;
    AccessPoint => "access-point", Nhs;
    Cmht => "cmht", Nhs;
    Crht => "crht", Nhs;
    AssertiveOutreach => "assertive-outreach", Nhs;
    EarlyIntervention => "early-intervention", Nhs;
    Inpatient => "inpatient", Nhs;
    Perinatal => "perinatal", Nhs;
    EatingDisorder => "eating-disorder", Nhs;
    TalkingTherapies => "talking-therapies", Nhs;
    Camhs => "camhs", Nhs;
    OtherNhs => "other-nhs", Nhs;
    LocalAuthority => "local-authority", LocalAuthority;
    Police => "police", Justice;
    DrugAndAlcohol => "drug-and-alcohol", Voluntary;
    Vcse => "vcse", Voluntary;
    Advocacy => "advocacy", Voluntary;
    PrivateProvider => "private-provider", Private;
    // People, who are recipients of a decision and never entries of the directory.
    Person => "person", Personal;
    Carer => "carer", Personal;
}

vocabulary! {
    /// Which sector an organisation belongs to. Everything but `Nhs` and `LocalAuthority` is non-statutory for CS-04.
    pub enum Sector {
        Nhs => "nhs", "NHS";
        LocalAuthority => "local-authority", "local authority";
        Justice => "justice", "justice";
        Voluntary => "voluntary", "voluntary sector";
        Private => "private", "private sector";
        /// The person themselves, and those who care for them unpaid.
        Personal => "personal", "the person and their carers";
    }
}

impl Sector {
    /// The sectors that organisations belong to.
    pub fn of_organisations() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|sector| *sector != Self::Personal)
    }
}

/// An organisation or team as the directory knows it at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Party {
    pub id: PartyId,
    pub name: String,
    pub kind: PartyKind,
    /// The party's own ODS code, where it has one.
    pub ods: Option<OdsCode>,
    /// The organisation a team belongs to; `None` for an organisation itself.
    pub part_of: Option<PartyId>,
    /// Whether what is sent there the person can read, as in a GP's online record (CS-07); `None` is as usual for its
    /// kind: [`Self::gives_person_access`].
    pub person_access: Option<bool>,
}

impl Party {
    /// Whether the person can read what is sent to this party: at GP practices, unless the directory says otherwise.
    #[must_use]
    pub fn gives_person_access(&self) -> bool {
        self.person_access.unwrap_or(self.kind == PartyKind::GpPractice)
    }

    /// The organisation that signs agreements and employs: the parent of a team, or the party itself.
    #[must_use]
    pub fn organisation(&self) -> &PartyId {
        self.part_of.as_ref().unwrap_or(&self.id)
    }

    #[must_use]
    pub const fn sector(&self) -> Sector {
        self.kind.sector()
    }
}
