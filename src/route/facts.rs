//! What routing and eligibility advice know of a person: codes, an age, where they live and are registered. Free text
//! never comes this far, so nothing can be guessed from it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::model::{OdsCode, Pathway, Postcode};

/// Where the person lives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Home {
    Postcode(Postcode),
    /// They say that they have none.
    NoFixedAddress,
    /// It is not told, or its postcode cannot be read.
    #[default]
    Unknown,
}

/// Whether an item of a referral is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Given,
    /// It was asked, and there is nothing.
    NoneKnown,
    Absent,
}

/// What a document says of the person, as far as rules ask.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonFacts {
    pub home: Home,
    /// ODS code of the practice the person is registered with.
    pub practice: Option<OdsCode>,
    /// In whole years; absent where the date of birth does not settle it.
    pub age: Option<u8>,
    pub pathways: BTreeSet<Pathway>,
    /// Codes (`system|code`) of diagnoses, conditions and reasons that are not ruled out nor over.
    pub codes: BTreeSet<String>,
    /// Working diagnoses that are not ruled out nor over: the codes of each, `None` where it has none.
    pub diagnoses: Vec<Option<BTreeSet<String>>>,
    /// When the team meeting decided that this team is asked (hub and spoke, L3510-3514).
    pub mdt: Option<Timestamp>,
    /// Items by key; what is not listed is absent.
    pub answers: BTreeMap<&'static str, Answer>,
}
