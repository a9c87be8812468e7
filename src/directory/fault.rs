//! What can be wrong with a directory file, by entry and field. Values are never repeated: a field may hold a secret
//! by mistake. Decides nothing about what is right.

use crate::model::Category;

/// One fault of a directory file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{entry}{separator}{field}: {problem}", separator = if field.is_empty() { "" } else { ", " })]
pub struct DirectoryFault {
    /// Which entry: its section and number from 1, with the id where that has the right shape (`team 2 (lpt-crht)`).
    pub entry: String,
    /// Which field of it; empty when the entry as a whole is meant.
    pub field: String,
    pub problem: Problem,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("not TOML: {0}")]
    Syntax(String),
    #[error("cannot be read: it must be {0}")]
    Unreadable(&'static str),
    #[error("no such section; a directory holds {0}")]
    UnknownSection(String),
    #[error("no such field here; this entry may have {0}")]
    UnknownField(String),
    #[error("is required")]
    Missing,
    #[error("must be {0}")]
    Type(&'static str),
    #[error("must be lower-case letters, digits and hyphens, at most 64, with no hyphen at either end")]
    Id,
    #[error("must be lower-case letters, digits, dots, hyphens, underscores or @, at most 64")]
    Login,
    #[error("must be an ODS code: 3 to 12 letters and digits")]
    Ods,
    #[error("must be one of {0}")]
    Code(String),
    #[error("must be a date (2026-03-31) or a date and time with offset (2026-03-31T17:00:00Z)")]
    Date,
    #[error("ends before it begins")]
    Period,
    #[error("must be an http or https address without user name, password or fragment")]
    Url,
    #[error("must be https: plain http is allowed only to this machine (localhost, 127.0.0.1, [::1])")]
    PlainHttp,
    #[error("must be an argon2id PHC string with m>=19456 and t>=2; `cmht-gateway hash-secret` makes one")]
    Hash,
    #[error("names no organisation or team of this directory")]
    UnknownParty,
    #[error("must name an organisation, not a team: a team's agreements are its organisation's")]
    NotAnOrganisation,
    #[error("must name a team")]
    NotATeam,
    #[error("must name another team than itself")]
    Itself,
    #[error("must be an address elsewhere, by name: not of this machine, nor a number")]
    Local,
    #[error("names no entry of yours; leave it out for a new one")]
    NotYours,
    #[error("is a team of another organisation; whoever runs the gateway may enter who works there")]
    OtherTeam,
    #[error("is the name of another organisation or team, or as good as that")]
    NameTaken,
    #[error("must name two different organisations")]
    NotTwo,
    #[error("is already used by {0}")]
    Duplicate(String),
    #[error("is in force at the same time as {0}")]
    Overlap(String),
    #[error("there is none at this time, and referrals need one; add a party of that kind or look at its dates")]
    NoneOfKind,
    #[error("names nobody who is in the directory at this time; give the id of an organisation in it")]
    Absent,
}

impl Problem {
    /// The category of the fault.
    #[must_use]
    pub const fn category(&self) -> Category {
        match self {
            Self::Syntax(_) | Self::Unreadable(_) => Category::Malformed,
            Self::UnknownSection(_)
            | Self::UnknownField(_)
            | Self::Missing
            | Self::Type(_)
            | Self::Id
            | Self::Login
            | Self::Ods
            | Self::Code(_)
            | Self::Date
            | Self::Period
            | Self::Url
            | Self::PlainHttp
            | Self::Hash
            | Self::UnknownParty
            | Self::NotAnOrganisation
            | Self::NotATeam
            | Self::Itself
            | Self::Local
            | Self::NotYours
            | Self::OtherTeam
            | Self::NameTaken
            | Self::NotTwo
            | Self::Duplicate(_)
            | Self::Overlap(_)
            | Self::NoneOfKind
            | Self::Absent => Category::Invalid,
        }
    }
}

impl DirectoryFault {
    pub(super) fn new(entry: impl Into<String>, field: impl Into<String>, problem: Problem) -> Self {
        Self { entry: entry.into(), field: field.into(), problem }
    }

    /// The category of the fault.
    #[must_use]
    pub const fn category(&self) -> Category {
        self.problem.category()
    }
}

/// Whether a key may be repeated: one that does not look like a name may be a value in the wrong place.
pub(super) fn is_name(key: &str) -> bool {
    key.len() <= 40 && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}
