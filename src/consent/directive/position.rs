//! What all of a person's Consents say together, category by category, about one recipient at one moment. An objection
//! stands beside what was permitted, and policy lets it win. Of permissions to one recipient from one source the later
//! signed replaces the earlier, also once it has been taken back or has run out, so that nothing revives by itself.
//! A permission that was taken back, and that no later one replaces, is withdrawn (CS-17). Decides nothing about release.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Wish;
use super::node::{Light, WHOSE};
use super::read::{Directive, Reading};
use super::speaker::Speaker;
use crate::model::DataCategory;

type Categories = BTreeSet<DataCategory>;

/// Where the person stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::consent) struct Position {
    /// Permitted by name, and who the person is along with it.
    pub named: Categories,
    /// No permission names who the person is: it goes along with what is named.
    pub whose_goes_along: bool,
    /// Permitted without being named, and not by name.
    pub unnamed: Categories,
    /// What keeps things back, widely read.
    pub against: Against,
    /// The same, as far as it can be read with certainty.
    pub surely_against: Against,
    /// What the carer has agreed to.
    pub carer: Categories,
    /// What was permitted by name, and without, and has run out.
    pub lapsed: (Categories, Categories),
    /// For each category, the Consents that permit it.
    pub cited: BTreeMap<DataCategory, BTreeSet<String>>,
    /// When what a cited Consent permits ends.
    pub ends: BTreeMap<String, Timestamp>,
    /// When the first objection comes into force that is not yet.
    pub objection_begins: Option<Timestamp>,
    /// A permission names the recipient, and not only its kind.
    pub names_recipient: bool,
}

/// What keeps things from the recipient.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::consent) struct Against {
    pub objected: Categories,
    pub not_informed: Categories,
    pub withdrawn: Categories,
}

/// Adds up a reading.
pub(in crate::consent) fn position(reading: &Reading) -> Position {
    let all = &reading.directives;
    let mut position = Position::default();
    let mut whose_said = false;
    for directive in all.iter().filter(|directive| !directive.withdrawn) {
        position.object(directive);
        if all.iter().any(|other| other.replaces(directive)) {
            continue;
        }
        match directive.speaker {
            Speaker::Person => {
                whose_said |= matches!(directive.root.said(WHOSE, Light::Now), Wish::Permitted { .. });
                position.permit(directive);
            }
            Speaker::Carer => position.carer.extend(directive.carers()),
        }
    }
    let unnamed: Categories = position.unnamed.difference(&position.named).copied().collect();
    position.unnamed = unnamed;
    position.whose_goes_along = position.named.contains(&WHOSE) && !whose_said;
    for directive in all.iter().filter(|directive| directive.withdrawn && directive.speaker == Speaker::Person) {
        for (light, against) in
            [(Light::Given, &mut position.against), (Light::SurelyGiven, &mut position.surely_against)]
        {
            against.withdrawn.extend(directive.withdrawn(all, light));
        }
    }
    position
}

impl Position {
    fn object(&mut self, directive: &Directive) {
        let begins = directive.root.begins();
        self.objection_begins = self.objection_begins.into_iter().chain(begins).min();
        // What a carer objects to may be theirs alone, so it is never certain to be the person's own objection.
        let sure = directive.speaker == Speaker::Person;
        let both = [(Light::Now, &mut self.against, true), (Light::Sure, &mut self.surely_against, sure)];
        for (light, against, counts) in both {
            let found = directive.says(light).filter(|(_, wish)| counts && *wish == Wish::Objected);
            let found = found.map(|(category, _)| category);
            if directive.list {
                against.not_informed.extend(found);
            } else {
                against.objected.extend(found);
            }
        }
    }

    fn permit(&mut self, directive: &Directive) {
        self.names_recipient |= directive.root.names_recipient();
        for (category, wish) in directive.says(Light::Now) {
            let Wish::Permitted { category_named } = wish else { continue };
            if category_named {
                self.named.insert(category)
            } else {
                self.unnamed.insert(category)
            };
            self.cited.entry(category).or_default().insert(directive.id.clone());
            self.ends.extend(directive.root.ends().map(|end| (directive.id.clone(), end)));
        }
        for (category, wish) in directive.says(Light::SurelyGiven) {
            let Wish::Permitted { category_named } = wish else { continue };
            if directive.root.wish(category, Light::Now) == Wish::Silent {
                let (named, unnamed) = &mut self.lapsed;
                if category_named {
                    named.insert(category)
                } else {
                    unnamed.insert(category)
                };
            }
        }
    }
}

impl Directive {
    fn says(&self, light: Light) -> impl Iterator<Item = (DataCategory, Wish)> {
        DataCategory::ALL.iter().map(move |category| (*category, self.root.wish(*category, light)))
    }

    /// Whether it permits this recipient anything, or did.
    fn permits(&self, light: Light) -> bool {
        self.says(light).any(|(_, wish)| matches!(wish, Wish::Permitted { .. }))
    }

    fn is_later(&self, other: &Self) -> bool {
        match (self.signed, other.signed) {
            (Some(own), Some(other)) => own > other,
            (Some(_), None) => true,
            (None, _) => false,
        }
    }

    /// Whether what this permits stands in the place of what another, earlier one from the same source did.
    fn replaces(&self, other: &Self) -> bool {
        self.speaker == other.speaker
            && self.source == other.source
            && self.is_later(other)
            && self.permits(Light::Given)
    }

    /// Whether the person gave this after they had taken the other back. That counts from when it was recorded, for it
    /// keeps the date on which it was given; of two that came together, the dates they bear are all there is.
    fn is_given_after(&self, taken: &Self) -> bool {
        let after = |at: Timestamp| self.recorded == Some(at) || self.signed.is_some_and(|signed| signed > at);
        self.is_later(taken) && taken.taken_back.is_none_or(after)
    }

    /// What was taken back with this, and not given again since. Who the person is only went along: what is taken back is
    /// what was given by itself.
    fn withdrawn(&self, all: &[Self], light: Light) -> Categories {
        let since = |other: &&Self| {
            !other.withdrawn && other.speaker == self.speaker && other.is_given_after(self) && other.permits(Light::Now)
        };
        let since: Vec<&Self> = all.iter().filter(since).collect();
        if since.iter().any(|other| other.source == self.source) {
            return Categories::new();
        }
        let again = |category: DataCategory| {
            since.iter().any(|other| matches!(other.root.wish(category, Light::Now), Wish::Permitted { .. }))
        };
        let said = DataCategory::ALL.iter().map(|category| (*category, self.root.said(*category, light)));
        let given = said.filter(|(_, wish)| matches!(wish, Wish::Permitted { .. } | Wish::General));
        given.map(|(category, _)| category).filter(|category| !again(*category)).collect()
    }

    /// What a carer's Consent opens of the carer's own: what it names, or else their details.
    fn carers(&self) -> Categories {
        let own = |category: DataCategory, named: bool| named || category == DataCategory::Carer;
        let permitted = DataCategory::ALL.iter().copied().filter(|category| {
            let said = self.root.said(*category, Light::Now);
            matches!(said, Wish::Permitted { category_named } if own(*category, category_named))
        });
        permitted.collect()
    }
}
