//! The facts that could be otherwise, each with what it is when it is against release and what would have to happen. In
//! the order in which people would have to see to them. Asks policy nothing.

use super::facts::{Evidence, Facts, Overriding};
use super::label::Label;
use super::records::{Capacity, OverrideBasis};
use crate::model::{PartyKind, Purpose, Wording};

/// A fact that could be otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lever {
    /// An override has run out.
    RenewedOverride,
    Objection,
    NotInformed,
    Withdrawn,
    Capacity,
    /// Something relied on runs out before the copy goes.
    Time,
    /// A consent has run out.
    RenewedConsent,
    Consent,
    CarerConsent,
    /// An agreement has run out.
    RenewedAgreement,
    Agreement,
    CareRelationship,
    Purpose,
    /// The document does not say from which sector it comes.
    Origin,
    /// The document is copied to the person.
    Copy,
    Override,
}

/// Several levers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Levers(u32);

impl Levers {
    pub(super) const NONE: Self = Self(0);

    pub(super) fn of(all: impl IntoIterator<Item = Lever>) -> Self {
        all.into_iter().fold(Self::NONE, Self::with)
    }

    const fn bit(lever: Lever) -> u32 {
        1 << lever as u32
    }

    pub(super) const fn with(self, lever: Lever) -> Self {
        Self(self.0 | Self::bit(lever))
    }

    pub(super) const fn without(self, lever: Lever) -> Self {
        Self(self.0 & !Self::bit(lever))
    }

    pub(super) const fn has(self, lever: Lever) -> bool {
        self.0 & Self::bit(lever) != 0
    }

    pub(super) fn iter(self) -> impl DoubleEndedIterator<Item = Lever> {
        Lever::ALL.into_iter().filter(move |lever| self.has(*lever))
    }
}

impl Lever {
    const ALL: [Self; 16] = [
        Self::RenewedOverride,
        Self::Objection,
        Self::NotInformed,
        Self::Withdrawn,
        Self::Capacity,
        Self::Time,
        Self::RenewedConsent,
        Self::Consent,
        Self::CarerConsent,
        Self::RenewedAgreement,
        Self::Agreement,
        Self::CareRelationship,
        Self::Purpose,
        Self::Origin,
        Self::Copy,
        Self::Override,
    ];

    /// Those that would change anything in these facts.
    pub(super) fn that_count(evidence: &Evidence) -> Levers {
        let facts = &evidence.facts;
        Levers::of(Self::ALL.into_iter().filter(|lever| match lever {
            Self::RenewedOverride => evidence.lapsed.overriding.is_some(),
            Self::Objection => !facts.objected.is_empty(),
            Self::NotInformed => !facts.not_informed.is_empty(),
            Self::Withdrawn => !facts.withdrawn.is_empty(),
            Self::Capacity => matches!(facts.capacity, Capacity::InDoubt | Capacity::Lacks),
            Self::Time => facts.relied_until.is_some_and(|until| until <= facts.now),
            Self::Origin => !facts.origin_stated,
            Self::Copy => facts.copied_to_person,
            Self::RenewedConsent => !evidence.lapsed.named.is_empty() || !evidence.lapsed.unnamed.is_empty(),
            Self::RenewedAgreement => !evidence.lapsed.agreed.is_empty(),
            Self::CareRelationship => !facts.care_relationship,
            Self::Purpose => facts.purpose != Purpose::DirectCare,
            // Nobody overrides the person's wish towards the person.
            Self::Override => facts.recipient_kind != PartyKind::Person,
            Self::Consent | Self::CarerConsent | Self::Agreement => true,
        }))
    }

    /// Sets the fact in favour of release, for every label.
    pub(super) fn pull(self, facts: &mut Facts, evidence: &Evidence) {
        match self {
            Self::RenewedOverride => facts.overriding.clone_from(&evidence.lapsed.overriding),
            Self::Objection => facts.objected.clear(),
            Self::NotInformed => facts.not_informed.clear(),
            Self::Withdrawn => facts.withdrawn.clear(),
            Self::Capacity => facts.capacity = Capacity::Has,
            Self::Time => facts.relied_until = None,
            Self::Origin => facts.origin_stated = true,
            Self::Copy => facts.copied_to_person = false,
            Self::RenewedConsent => facts.with_lapsed_consent(&evidence.lapsed),
            Self::Consent => {
                facts.named = Label::all().collect();
                facts.cares_for_person = true;
            }
            Self::CarerConsent => facts.carer_agreed = Label::all().collect(),
            Self::RenewedAgreement => facts.agreed.extend(&evidence.lapsed.agreed),
            Self::Agreement => facts.agreed = Label::all().collect(),
            Self::CareRelationship => {
                facts.care_relationship = true;
                facts.cares_for_person = true;
            }
            Self::Purpose => facts.purpose = Purpose::DirectCare,
            Self::Override => {
                let said = Wording::parse("named").ok().zip(Wording::parse("stated").ok());
                facts.overriding = said.map(|(professional, rationale)| Overriding {
                    basis: OverrideBasis::Safeguarding,
                    labels: Label::all().collect(),
                    professional,
                    rationale,
                });
            }
        }
    }

    /// Whether it is there for a rule that permits, rather than to lift one that forbids.
    pub(super) const fn opens(self) -> bool {
        matches!(self, Self::Consent | Self::CarerConsent | Self::Agreement | Self::CareRelationship | Self::Purpose)
    }

    /// Whether it is about something that has run out.
    pub(super) const fn has_run_out(self) -> bool {
        matches!(self, Self::RenewedOverride | Self::RenewedConsent | Self::RenewedAgreement | Self::Time)
    }

    /// Why, in plain English, when this is what must change first.
    pub(super) fn reason(self, facts: &Facts, label: Label) -> String {
        let title = label.title();
        let base = label.base();
        match self {
            Self::RenewedOverride => "A professional's override covered this and has run out.".to_owned(),
            Self::Objection => format!("The person objects to this recipient having this: {title}."),
            Self::NotInformed => "The person's plan says that this recipient is not to be informed.".to_owned(),
            Self::Withdrawn => "The person has withdrawn the consent that covered this recipient.".to_owned(),
            Self::Capacity if facts.capacity == Capacity::Lacks => {
                "The person lacks capacity to decide on this sharing, so a professional must decide.".to_owned()
            }
            Self::Capacity => {
                "The person's capacity to decide on this sharing is in doubt, so a professional must decide.".to_owned()
            }
            Self::Time => "Something this release rests on runs out before it goes.".to_owned(),
            Self::Origin => {
                "The document does not say of the organisation it comes from whether it is NHS or private.".to_owned()
            }
            Self::Copy => format!("The document is copied to the person, who must not read this: {title}."),
            Self::RenewedConsent => "The person's consent for this recipient has run out.".to_owned(),
            Self::Consent if facts.unnamed.contains(&base) => format!(
                "The person's consent for this recipient names no kinds of information, so it covers only what a handover needs (CS-05), and not: {title}."
            ),
            Self::Consent if facts.named.is_empty() && facts.unnamed.is_empty() => {
                "There is no explicit consent of the person in force that names this recipient.".to_owned()
            }
            Self::Consent => format!("The person's consent for this recipient does not name this: {title}."),
            Self::CarerConsent => {
                "These are a carer's own details, and the carer has not agreed that this recipient has them.".to_owned()
            }
            Self::RenewedAgreement => "The sharing agreement that covered this has run out.".to_owned(),
            Self::Agreement if facts.agreed.is_empty() => {
                "No sharing agreement for this purpose is in force with the recipient's organisation.".to_owned()
            }
            Self::Agreement => {
                format!("The sharing agreement with the recipient's organisation does not cover this: {title}.")
            }
            Self::CareRelationship if facts.registered_gp || facts.emergency.is_some() => {
                format!("What goes to this recipient without being part of the person's care leaves this out: {title}.")
            }
            Self::CareRelationship => "The recipient has no care relationship with the person.".to_owned(),
            Self::Purpose => "The purpose is not the person's own direct care.".to_owned(),
            Self::Override if facts.overriding.is_some() => {
                format!("The professional's recorded override does not name this: {title}.")
            }
            Self::Override => {
                format!("This goes only where a named professional has recorded why it must: {title}.")
            }
        }
    }

    /// What would have to happen.
    pub(super) const fn change(self) -> &'static str {
        match self {
            Self::RenewedOverride => "a named professional records the override again",
            Self::Objection => "the person withdraws the objection",
            Self::NotInformed => "the person takes this recipient off the list of people not to inform",
            Self::Withdrawn => "the person gives consent again",
            Self::Capacity => {
                "a professional finds that the person has capacity for this decision, or records an override in their best interests"
            }
            Self::Time => "it is decided again with what is in force then",
            Self::Origin => "the sender says in the document which organisation it is and that it is NHS or private",
            Self::Copy => "it is sent in a document that is not copied to the person",
            Self::RenewedConsent => "the person renews the consent that has run out",
            Self::Consent => "the person gives explicit consent that names this recipient and this kind of information",
            Self::CarerConsent => "the carer agrees",
            Self::RenewedAgreement => "the organisations renew the sharing agreement that has run out",
            Self::Agreement => "a sharing agreement between the organisations that covers this comes into force",
            Self::CareRelationship => {
                "the recipient becomes the destination of the referral or letter, or part of the care team"
            }
            Self::Purpose => "the purpose becomes the person's own direct care",
            Self::Override => {
                "a named professional records an override for this recipient that says why and names this"
            }
        }
    }
}
