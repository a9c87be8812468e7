//! From the name of a child to its rule, in one or two steps.

use crate::fhir::tree::Name;

/// Names of children, hashed by their number.
#[derive(Debug, Default)]
pub struct Lookup {
    slots: Box<[(Name, Found)]>,
}

/// Which child, and as which of its types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Its place among the children.
    pub child: u16,
    /// Its type, where the name chooses one.
    pub of: u16,
}

impl Lookup {
    /// A table of names.
    pub(super) fn new(names: &[(Name, Found)]) -> Self {
        let size = (names.len() * 2).next_power_of_two();
        let mut slots = vec![(Name::UNKNOWN, Found { child: 0, of: 0 }); size];
        for (name, found) in names.iter().filter(|(name, _)| name.is_known()) {
            let mut at = name.index() & (size - 1);
            while slots.get(at).is_some_and(|slot| slot.0.is_known() && slot.0 != *name) {
                at = (at + 1) & (size - 1);
            }
            if let Some(slot) = slots.get_mut(at).filter(|slot| !slot.0.is_known()) {
                *slot = (*name, *found);
            }
        }
        Self { slots: slots.into_boxed_slice() }
    }

    /// The child of a name.
    #[must_use]
    pub fn get(&self, name: Name) -> Option<Found> {
        if !name.is_known() || self.slots.is_empty() {
            return None;
        }
        let mask = self.slots.len() - 1;
        let mut at = name.index() & mask;
        loop {
            let slot = self.slots.get(at)?;
            if slot.0 == name {
                return Some(slot.1);
            }
            if !slot.0.is_known() {
                return None;
            }
            at = (at + 1) & mask;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Found, Lookup, Name};

    #[test]
    fn names_are_found_and_others_are_not() {
        let names: Vec<_> = ["id", "extension", "url", "valueString", "valueCode", "name"]
            .into_iter()
            .zip(0..)
            .map(|(n, child)| (Name::of(n), Found { child, of: 0 }))
            .collect();
        let lookup = Lookup::new(&names);
        for (name, found) in &names {
            assert_eq!(lookup.get(*name), Some(*found));
        }
        assert_eq!(lookup.get(Name::of("birthDate")), None);
        assert_eq!(lookup.get(Name::UNKNOWN), None);
        assert_eq!(Lookup::default().get(Name::ID), None);
    }
}
