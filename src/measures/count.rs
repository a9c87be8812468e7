//! Exact counts. They are for adding up and for comparing with another tally; nothing here goes out (`publish` makes what
//! does). Holds no person: a case gives its groups and is forgotten.

use std::collections::{BTreeMap, BTreeSet};

use super::cases;
use super::definition::{Definition, Definitions};
use super::period::Period;
use crate::model::{CareEvent, Clock, PartyId};

/// By what a measure is broken down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum By {
    Team,
    /// The organisation.
    Partner,
    Gender,
    AgeBand,
    EthnicGroup,
    /// The missing item, or the rule that refused.
    Item,
}

impl By {
    pub const ALL: &'static [Self] =
        &[Self::Team, Self::Partner, Self::Gender, Self::AgeBand, Self::EthnicGroup, Self::Item];

    /// Code in addresses, on the command line and in answers.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Team => "team",
            Self::Partner => "partner",
            Self::Gender => "gender",
            Self::AgeBand => "age-band",
            Self::EthnicGroup => "ethnic-group",
            Self::Item => "item",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|by| by.code() == code)
    }
}

/// The groups a case is in; none where that means nothing for it, several where a person had contacts with several.
pub(super) type Groups = BTreeMap<By, BTreeSet<String>>;

/// Something that counts once.
pub(super) struct Case {
    pub(super) groups: Groups,
    /// Whether it is in the numerator; `None` where there is none.
    pub(super) met: Option<bool>,
    /// Seconds waited, or hundredths of a mean score.
    pub(super) value: Option<i64>,
}

/// The count of one group, or of all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// Denominator.
    pub of: u64,
    /// Numerator, where there is one.
    pub met: Option<u64>,
    /// Seconds waited, or hundredths of a mean score; in order.
    pub values: Vec<i64>,
}

impl Cell {
    fn add(&mut self, case: &Case) {
        self.of += 1;
        if let Some(met) = case.met {
            *self.met.get_or_insert(0) += u64::from(met);
        }
        self.values.extend(case.value);
    }

    /// The value that so many in a hundred do not pass (nearest rank).
    #[must_use]
    pub fn centile(&self, percent: usize) -> Option<i64> {
        let rank = (self.values.len() * percent).div_ceil(100);
        self.values.get(rank.checked_sub(1)?).copied()
    }

    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        let sum: i64 = self.values.iter().sum();
        let number = u32::try_from(self.values.len()).ok().filter(|number| *number > 0)?;
        #[allow(clippy::cast_precision_loss, reason = "hundredths of a score, summed over a trust, are far below 2^52")]
        Some(sum as f64 / f64::from(number))
    }
}

/// One measure, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Measured {
    pub total: Cell,
    pub groups: BTreeMap<By, BTreeMap<String, Cell>>,
}

impl Measured {
    fn add(&mut self, case: &Case) {
        self.total.add(case);
        for (by, names) in &case.groups {
            let cells = self.groups.entry(*by).or_default();
            for name in names {
                cells.entry(name.clone()).or_default().add(case);
            }
        }
    }

    fn settle(&mut self) {
        self.total.values.sort_unstable();
        for cell in self.groups.values_mut().flat_map(BTreeMap::values_mut) {
            cell.values.sort_unstable();
        }
    }
}

/// Every measure over a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    pub period: Period,
    pub measures: BTreeMap<String, Measured>,
}

impl Counts {
    #[must_use]
    pub fn new(definitions: &Definitions, period: Period) -> Self {
        let measures = definitions.iter().map(|one| (one.id.clone(), Measured::default())).collect();
        Self { period, measures }
    }

    /// Adds the whole care of one person; once for each person. What is to come after `now` is not counted.
    /// `organisation` says to which organisation a party belongs.
    pub fn add(
        &mut self,
        definitions: &Definitions,
        (events, clocks): (&[CareEvent], &[Clock]),
        organisation: &dyn Fn(&PartyId) -> PartyId,
        now: jiff::Timestamp,
    ) {
        let story = cases::Story::of(events, clocks, organisation, (self.period, now));
        for definition in definitions.iter() {
            self.count(definition, &story);
        }
    }

    fn count(&mut self, definition: &Definition, story: &cases::Story<'_>) {
        let measured = self.measures.entry(definition.id.clone()).or_default();
        for case in story.cases(&definition.what) {
            measured.add(&case);
        }
    }

    /// Puts values in order; after the last person.
    #[must_use]
    pub fn settled(mut self) -> Self {
        self.measures.values_mut().for_each(Measured::settle);
        self
    }
}
