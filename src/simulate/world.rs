//! The made-up trust and its forty partners, as a directory: the demonstration's teams and areas, and beside them practices,
//! charities and clinics made here. Nobody has an endpoint: what goes to them waits in their inboxes.

use std::fmt::Write as _;

use crate::directory::{DEMO, Directory};

/// What a partner is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Practice,
    Charity,
    Clinic,
}

impl Kind {
    /// Code of the directory, and of who refers.
    pub(super) const fn codes(self) -> (&'static str, &'static str) {
        match self {
            Self::Practice => ("gp-practice", "gp"),
            Self::Charity => ("vcse", "vcse"),
            Self::Clinic => ("private-provider", "private-provider"),
        }
    }
}

/// How many of each there are.
pub(super) const PARTNERS: &[(Kind, usize)] = &[(Kind::Practice, 26), (Kind::Charity, 10), (Kind::Clinic, 4)];

/// A charity that nobody has an agreement with: what is copied to it is refused.
pub(super) const WITHOUT_AGREEMENT: &str = "sim-charity-10";

/// Who answers for what comes from outside, and the team that takes people on.
pub(super) const ACCESS_POINT: &str = "lpt-cap";
pub(super) const TEAMS: &[&str] =
    &["lpt-cmht-city-east", "lpt-cmht-city-west", "lpt-cmht-charnwood", "lpt-cmht-county-west", "lpt-cmht-south"];
pub(super) const TRUST: &str = "lpt";

/// The id of a partner.
pub(super) fn partner(kind: Kind, number: usize) -> String {
    let word = match kind {
        Kind::Practice => "practice",
        Kind::Charity => "charity",
        Kind::Clinic => "clinic",
    };
    format!("sim-{word}-{number:02}")
}

/// All partners.
pub(super) fn partners() -> impl Iterator<Item = (Kind, String)> {
    PARTNERS.iter().flat_map(|(kind, many)| (1..=*many).map(|number| (*kind, partner(*kind, number))))
}

/// The directory.
///
/// # Errors
/// The text made here is no directory: a fault of ours, which a test rules out.
pub(super) fn directory() -> anyhow::Result<Directory> {
    let mut organisations = String::new();
    for (place, (kind, id)) in partners().enumerate() {
        let _ = writeln!(
            organisations,
            "\n[[organisation]]\nid = \"{id}\"\nname = \"Simulated {id}\"\nkind = \"{}\"",
            kind.codes().0
        );
        if kind == Kind::Practice {
            let _ = writeln!(organisations, "ods = \"Y91{place:03}\"");
        } else if id != WITHOUT_AGREEMENT {
            let _ = writeln!(
                organisations,
                "\n[[agreement]]\nid = \"ISA-{id}\"\nversion = \"1\"\nbetween = [\"lpt\", \"{id}\"]\n\
                 purposes = [\"direct-care\", \"message-outcome\"]\n\
                 categories = [\"demographics\", \"contact-and-communication\", \"referral-reason\", \
                 \"needs-and-goals\", \"actions\"]\nfrom = 2024-04-01"
            );
        }
    }
    // without the endpoints of the demonstration: nobody listens there
    let demo: Vec<&str> = DEMO.split("\n[[").filter(|section| !section.starts_with("endpoint]]")).collect();
    let text = format!("{}\n{organisations}", demo.join("\n[["));
    Directory::from_toml(&text).map_err(|faults| anyhow::anyhow!("the simulated directory is broken: {faults:?}"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn forty_partners_stand_in_the_directory() {
        let directory = super::directory().unwrap();
        let now = "2025-06-01T00:00:00Z".parse().unwrap();
        let ids: Vec<String> = super::partners().map(|(_, id)| id).collect();
        assert_eq!(ids.len(), 40);
        for id in ids
            .iter()
            .map(String::as_str)
            .chain([super::ACCESS_POINT, super::TRUST])
            .chain(super::TEAMS.iter().copied())
        {
            assert!(directory.party(&crate::model::PartyId::parse(id).unwrap(), now).is_some(), "{id}");
        }
    }
}
