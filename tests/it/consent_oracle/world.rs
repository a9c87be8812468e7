//! A world in which something is to be decided, as people would describe it, and how one is thrown.

use std::collections::BTreeSet;

use cmht_gateway::consent::{Capacity, OverrideBasis};
use cmht_gateway::model::{DataCategory, DocumentKind, PartyKind, Purpose};

use crate::fuzz::dice::Dice;

/// Days from now; negative ones are past.
pub(super) type Day = i64;
pub(super) type Kinds = BTreeSet<DataCategory>;

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own that rules name")]
#[derive(Debug)]
pub(super) struct World {
    pub(super) recipient: PartyKind,
    /// The recipient is a team of an organisation.
    pub(super) team: bool,
    pub(super) sender: PartyKind,
    /// The recipient is the sender itself.
    pub(super) to_sender: bool,
    pub(super) document: DocumentKind,
    pub(super) purpose: Purpose,
    /// The document tells something about a person.
    pub(super) about_person: bool,
    /// The document says from which sector it comes.
    pub(super) origin_stated: bool,
    pub(super) care_relationship: bool,
    pub(super) registered_gp: bool,
    pub(super) wishes: Vec<Wish>,
    pub(super) agreements: Vec<Pact>,
    pub(super) findings: Vec<Finding>,
    pub(super) overrides: Vec<Overruling>,
    pub(super) emergency: Option<Stated>,
}

/// Whom a wish is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whom {
    Recipient,
    /// The organisation the recipient is a team of.
    Organisation,
    KindOfRecipient,
    SomebodyElse,
}

/// Where a wish was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Form,
    Telephone,
    /// A safety plan's list of people not to inform.
    NotToInform,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a condition of its own")]
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) permits: bool,
    pub(super) whom: Whom,
    /// Kinds of information named; `None` names none.
    pub(super) kinds: Option<Kinds>,
    pub(super) taken_back: bool,
    pub(super) from: Option<Day>,
    pub(super) until: Option<Day>,
    pub(super) signed: Day,
    pub(super) source: Source,
    /// It is the carer's wish and not the person's.
    pub(super) by_carer: bool,
    /// It is about the person's care and nothing else.
    pub(super) for_care: bool,
}

/// Which organisations an agreement joins; of these one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Between {
    Them,
    SenderAndAnother,
    RecipientAndAnother,
    RecipientAndItself,
}

#[derive(Debug, Clone)]
pub(super) struct Pact {
    pub(super) between: Between,
    pub(super) purpose: Purpose,
    pub(super) kinds: Kinds,
    pub(super) from: Day,
    pub(super) until: Option<Day>,
}

#[derive(Debug, Clone)]
pub(super) struct Finding {
    pub(super) found: Capacity,
    pub(super) assessed: Day,
    pub(super) until: Option<Day>,
}

#[derive(Debug, Clone)]
pub(super) struct Overruling {
    pub(super) basis: OverrideBasis,
    pub(super) to: Whom,
    pub(super) kinds: Kinds,
    pub(super) named: bool,
    pub(super) reasoned: bool,
    pub(super) from: Day,
    pub(super) until: Day,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Stated {
    pub(super) named: bool,
    pub(super) reasoned: bool,
}

/// Once in so many.
fn once_in(dice: &mut Dice, many: usize) -> bool {
    dice.below(many) == 0
}

fn kinds(dice: &mut Dice) -> Kinds {
    match dice.below(4) {
        0 => DataCategory::ALL.iter().copied().collect(),
        1 => DataCategory::ALL.iter().copied().filter(|_| dice.below(5) > 0).collect(),
        2 => DataCategory::ALL.iter().copied().filter(|_| dice.below(2) > 0).collect(),
        _ => (0..=dice.below(3)).map(|_| *dice.one(DataCategory::ALL)).collect(),
    }
}

impl World {
    pub(super) fn thrown(dice: &mut Dice) -> Self {
        let recipient = *dice.one(PartyKind::ALL);
        let is_party = !matches!(recipient, PartyKind::Person | PartyKind::Carer);
        let sender =
            *dice.one(&[PartyKind::NhsTrust, PartyKind::GpPractice, PartyKind::PrivateProvider, PartyKind::Vcse]);
        let purpose = match dice.below(8) {
            0 => Purpose::MessageOutcome,
            1 => Purpose::GeneralInformation,
            _ => Purpose::DirectCare,
        };
        // Overrides on several bases rest on a choice of the gateway's and not on a rule.
        let basis = *dice.one(OverrideBasis::ALL);
        let mut world = Self {
            recipient,
            team: is_party && once_in(dice, 2),
            sender,
            to_sender: false,
            document: *dice.one(DocumentKind::ALL),
            purpose,
            about_person: if purpose == Purpose::DirectCare { !once_in(dice, 20) } else { once_in(dice, 2) },
            origin_stated: !once_in(dice, 5),
            care_relationship: is_party && once_in(dice, 2),
            registered_gp: recipient == PartyKind::GpPractice && once_in(dice, 2),
            wishes: (0..dice.below(5)).map(|_| Wish::thrown(dice)).collect(),
            agreements: (0..dice.below(3)).map(|_| Pact::thrown(dice)).collect(),
            findings: Vec::new(),
            overrides: (0..dice.below(6).saturating_sub(3)).map(|_| Overruling::thrown(dice, basis)).collect(),
            emergency: once_in(dice, 4).then(|| Stated { named: !once_in(dice, 6), reasoned: !once_in(dice, 6) }),
        };
        if recipient == sender && purpose == Purpose::MessageOutcome {
            world.to_sender = once_in(dice, 2);
        }
        if once_in(dice, 3) {
            world.findings = (0..=dice.below(3)).map(|number| Finding::thrown(dice, number)).collect();
        }
        // The day on which two wishes are signed decides which replaces which: none shares its day with another.
        for (number, wish) in world.wishes.iter_mut().enumerate() {
            wish.signed = wish.signed * 8 - i64::try_from(number).unwrap();
        }
        world
    }
}

impl Wish {
    fn thrown(dice: &mut Dice) -> Self {
        let permits = dice.below(3) > 0;
        let source = match dice.below(6) {
            0 if !permits => Source::NotToInform,
            0 | 1 => Source::Telephone,
            _ => Source::Form,
        };
        Self {
            permits,
            whom: match dice.below(8) {
                0 => Whom::SomebodyElse,
                1 => Whom::KindOfRecipient,
                2 => Whom::Organisation,
                _ => Whom::Recipient,
            },
            kinds: (dice.below(3) > 0).then(|| kinds(dice)),
            taken_back: once_in(dice, 4),
            from: once_in(dice, 4).then(|| if once_in(dice, 3) { 5 } else { -30 }),
            until: once_in(dice, 4).then(|| if once_in(dice, 2) { -2 } else { 40 }),
            signed: -1 - i64::try_from(dice.below(40)).unwrap(),
            source,
            by_carer: once_in(dice, 8),
            for_care: once_in(dice, 3),
        }
    }

    /// It has begun, whether or not it has ended since.
    pub(super) fn has_begun(&self) -> bool {
        self.from.is_none_or(|from| from <= 0)
    }

    pub(super) fn is_current(&self) -> bool {
        self.has_begun() && self.until.is_none_or(|until| until > 0)
    }
}

impl Pact {
    fn thrown(dice: &mut Dice) -> Self {
        Self {
            between: match dice.below(12) {
                0 => Between::SenderAndAnother,
                1 => Between::RecipientAndAnother,
                2 => Between::RecipientAndItself,
                _ => Between::Them,
            },
            purpose: if once_in(dice, 6) { Purpose::MessageOutcome } else { Purpose::DirectCare },
            kinds: kinds(dice),
            from: if once_in(dice, 6) { 3 } else { -100 },
            until: once_in(dice, 3).then(|| if once_in(dice, 2) { -1 } else { 100 }),
        }
    }
}

impl Finding {
    fn thrown(dice: &mut Dice, number: usize) -> Self {
        let assessed = i64::try_from(dice.below(40)).unwrap() - 35;
        Self {
            found: *dice.one(Capacity::ALL),
            // No two on one day.
            assessed: assessed * 4 + i64::try_from(number).unwrap(),
            until: once_in(dice, 3).then(|| if once_in(dice, 2) { -1 } else { 300 }),
        }
    }
}

impl Overruling {
    fn thrown(dice: &mut Dice, basis: OverrideBasis) -> Self {
        let mut kinds = kinds(dice);
        if once_in(dice, 10) {
            kinds.clear();
        }
        Self {
            basis,
            to: match dice.below(6) {
                0 => Whom::SomebodyElse,
                1 => Whom::Organisation,
                _ => Whom::Recipient,
            },
            kinds,
            named: !once_in(dice, 8),
            reasoned: !once_in(dice, 8),
            from: if once_in(dice, 8) { 2 } else { -20 },
            until: if once_in(dice, 5) { -3 } else { 20 },
        }
    }
}
