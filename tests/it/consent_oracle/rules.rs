//! The oracle: `consent-and-sharing.md`, rule by rule, over a world as it is described. Slow, plain, and all of it here.
//! What the lead of the gateway decided where the text leaves a choice is said at the place.

use cmht_gateway::consent::{Capacity, Label, OverrideBasis};
use cmht_gateway::model::{DataCategory, DocumentKind, PartyKind, Purpose, Sector};

use super::world::{Between, Kinds, Source, Whom, Wish, World};

/// "The handover view, not the record" (CS-05).
const HANDOVER: &[DataCategory] = &[
    DataCategory::Demographics,
    DataCategory::ContactAndCommunication,
    DataCategory::ReferralReason,
    DataCategory::NeedsAndGoals,
    DataCategory::Actions,
];

/// "What is needed now" (CS-10), beyond the handover view.
const NOW: &[DataCategory] = &[
    DataCategory::SafetyPlan,
    DataCategory::ContingencyPlan,
    DataCategory::RiskSummary,
    DataCategory::Medication,
    DataCategory::PhysicalHealth,
    DataCategory::LegalStatus,
    DataCategory::AdvanceStatement,
    DataCategory::Carer,
];

/// "What the other needs to know" (CS-11), beyond the handover view: no restricted kind, nothing of other people.
const CLINICAL: &[DataCategory] = &[
    DataCategory::RiskSummary,
    DataCategory::Medication,
    DataCategory::MentalHealthHistory,
    DataCategory::PhysicalHealth,
    DataCategory::SafetyPlan,
    DataCategory::ContingencyPlan,
    DataCategory::DialogScores,
    DataCategory::LegalStatus,
    DataCategory::AdvanceStatement,
];

/// Documents that are the person's own, or that the person is given (`cmht-documents.md` §2-4, for CS-07).
const READ_BY_PERSON: &[DocumentKind] =
    &[DocumentKind::CarePlan, DocumentKind::SafetyPlan, DocumentKind::DischargeLetter];

/// Kinds whose mere mention gives something away (CS-22).
const TELLING: &[DataCategory] = &[
    DataCategory::Safeguarding,
    DataCategory::SubstanceUse,
    DataCategory::Forensic,
    DataCategory::LegalStatus,
    DataCategory::Carer,
    DataCategory::ThirdPartyStatement,
    DataCategory::ReproductiveAndSexualHealth,
];

/// The kind of information a label stands for: what is told in confidence is somebody else's statement, and what is
/// about a child is safeguarding. `None` for the message itself and for what nobody has put in a category.
fn kind(label: Label) -> Option<DataCategory> {
    match label {
        Label::Category(category) => Some(category),
        Label::ToldInConfidence => Some(DataCategory::ThirdPartyStatement),
        Label::AboutAChild => Some(DataCategory::Safeguarding),
        Label::Administrative | Label::Unassigned => None,
    }
}

fn one_of(kinds: &[DataCategory], label: Label) -> bool {
    label == Label::Administrative || kind(label).is_some_and(|kind| kinds.contains(&kind))
}

/// What lets go: any of it takes the message along; what has no category needs all of it.
fn lets(kinds: &Kinds, label: Label) -> bool {
    match label {
        Label::Administrative => !kinds.is_empty(),
        Label::Unassigned => kinds.len() == DataCategory::ALL.len(),
        _ => kind(label).is_some_and(|kind| kinds.contains(&kind)),
    }
}

/// What keeps back: any of it keeps what has no category; only all of it keeps the message.
fn keeps(kinds: &Kinds, label: Label) -> bool {
    match label {
        Label::Administrative => kinds.len() == DataCategory::ALL.len(),
        Label::Unassigned => !kinds.is_empty(),
        _ => kind(label).is_some_and(|kind| kinds.contains(&kind)),
    }
}

impl Wish {
    fn covers(&self) -> Kinds {
        self.kinds.clone().unwrap_or_else(|| DataCategory::ALL.iter().copied().collect())
    }

    /// What a permission lets go. The lead: whoever lets information about themself go lets it be known whose it is.
    fn opens(&self) -> Kinds {
        let mut kinds = self.covers();
        if !kinds.is_empty() {
            kinds.insert(DataCategory::Demographics);
        }
        kinds
    }
}

impl World {
    fn direct(&self) -> bool {
        self.purpose == Purpose::DirectCare
    }

    /// A wish names the recipient, and is about this purpose.
    fn concerns(&self, wish: &Wish) -> bool {
        let named = match wish.whom {
            Whom::Recipient | Whom::KindOfRecipient => true,
            Whom::Organisation => self.team,
            Whom::SomebodyElse => false,
        };
        named && (self.direct() || !wish.for_care)
    }

    /// What permits the recipient something, or did, and has begun.
    fn permissions(&self, by_carer: bool) -> Vec<&Wish> {
        let given = |wish: &&Wish| {
            wish.permits
                && wish.by_carer == by_carer
                && self.concerns(wish)
                && wish.has_begun()
                && !wish.covers().is_empty()
        };
        self.wishes.iter().filter(given).collect()
    }

    /// Permissions in force: of those of one source the latest signed, unless it was taken back or has run out
    /// (CS-17, CS-18; the lead: the later replaces the earlier).
    fn in_force(&self, by_carer: bool) -> Vec<&Wish> {
        let all = self.permissions(by_carer);
        let latest = |wish: &&Wish| !all.iter().any(|other| other.source == wish.source && other.signed > wish.signed);
        all.iter().copied().filter(latest).filter(|wish| !wish.taken_back && wish.is_current()).collect()
    }

    fn named(&self) -> Kinds {
        self.in_force(false).iter().filter(|wish| wish.kinds.is_some()).flat_map(|wish| wish.opens()).collect()
    }

    fn unnamed(&self) -> bool {
        self.in_force(false).iter().any(|wish| wish.kinds.is_none())
    }

    /// Explicit consent covers it, named or not.
    fn consented(&self, label: Label) -> bool {
        self.unnamed() || lets(&self.named(), label)
    }

    /// Objections in force, of the list of people not to inform or of all else (CS-02, CS-03).
    fn objected(&self, list: bool) -> Kinds {
        let objects = |wish: &&Wish| {
            !wish.permits
                && !wish.taken_back
                && wish.is_current()
                && self.concerns(wish)
                && (wish.source == Source::NotToInform) == list
        };
        self.wishes.iter().filter(objects).flat_map(Wish::covers).collect()
    }

    /// What was permitted and taken back, and not permitted again since (CS-17).
    fn withdrawn(&self) -> Kinds {
        let all = self.permissions(false);
        let mut kinds = Kinds::new();
        for back in all.iter().filter(|wish| wish.taken_back && wish.is_begun_for_certain()) {
            let since: Vec<&&Wish> =
                all.iter().filter(|wish| !wish.taken_back && wish.is_current() && wish.signed > back.signed).collect();
            if since.iter().any(|wish| wish.source == back.source) {
                continue;
            }
            let again: Kinds = since.iter().flat_map(|wish| wish.opens()).collect();
            kinds.extend(back.covers().difference(&again).copied());
        }
        kinds
    }

    /// The carer opens their own details and no more (CS-08); in a carer's plan the carer is the person.
    fn carer_agrees(&self) -> bool {
        let carer = DataCategory::Carer;
        let own = self.in_force(true).iter().any(|wish| wish.covers().contains(&carer));
        let plan = self.document == DocumentKind::CarersPlan && (self.unnamed() || self.named().contains(&carer));
        own || plan
    }

    fn agreed(&self, label: Label) -> bool {
        let holds = |pact: &&super::world::Pact| {
            !self.to_sender
                && pact.between == Between::Them
                && pact.purpose == self.purpose
                && pact.from <= 0
                && pact.until.is_none_or(|until| until > 0)
        };
        let kinds: Kinds = self.agreements.iter().filter(holds).flat_map(|pact| pact.kinds.iter().copied()).collect();
        lets(&kinds, label)
    }

    /// The latest finding that holds; presumed without one (CS-19).
    fn capacity(&self) -> Capacity {
        let holds = self.findings.iter().filter(|one| one.assessed <= 0 && one.until.is_none_or(|until| until > 0));
        holds.max_by_key(|one| one.assessed).map_or(Capacity::Presumed, |one| one.found)
    }

    fn capacity_missing(&self) -> bool {
        matches!(self.capacity(), Capacity::InDoubt | Capacity::Lacks)
    }

    /// Overrides for this recipient that say who and why and hold now (CS-09): basis and kinds.
    fn overriding(&self) -> Option<(OverrideBasis, Kinds)> {
        let mut found: Option<(OverrideBasis, Kinds)> = None;
        for one in &self.overrides {
            let mine = one.to == Whom::Recipient || (one.to == Whom::Organisation && self.team);
            let complete = one.named && one.reasoned && !one.kinds.is_empty() && one.from < one.until;
            if mine && complete && one.from <= 0 && one.until > 0 {
                found.get_or_insert((one.basis, Kinds::new())).1.extend(one.kinds.iter().copied());
            }
        }
        found
    }

    /// An override opens this: the minimum it names, and best interests only where capacity is lacking.
    fn overridden(&self, label: Label) -> bool {
        self.overriding().is_some_and(|(basis, kinds)| {
            lets(&kinds, label) && (basis != OverrideBasis::BestInterests || self.capacity() == Capacity::Lacks)
        })
    }

    /// A stated emergency, at a crisis service, for what is needed now (CS-10).
    fn urgent(&self, label: Label) -> bool {
        let stated = self.emergency.is_some_and(|one| one.named && one.reasoned);
        let crisis = matches!(self.recipient, PartyKind::Crht | PartyKind::AccessPoint);
        stated && crisis && self.direct() && (one_of(HANDOVER, label) || one_of(NOW, label))
    }

    /// Nothing in it is about anybody.
    fn general(&self) -> bool {
        !self.direct() && !self.about_person
    }
}

impl Wish {
    /// A permission that never began cannot be taken back.
    fn is_begun_for_certain(&self) -> bool {
        self.has_begun()
    }
}

/// Whether some rule lets the recipient have it.
fn permitted(world: &World, label: Label) -> bool {
    let sector = world.recipient.sector();
    let direct = world.direct();
    let private = sector == Sector::Private || (sector == Sector::Nhs && world.sender.sector() == Sector::Private);
    let partner = matches!(sector, Sector::Voluntary | Sector::Justice | Sector::LocalAuthority);
    let named = lets(&world.named(), label);
    let unnamed = world.unnamed();
    let not = |kinds: &[DataCategory]| kind(label).is_none_or(|kind| !kinds.contains(&kind));
    let drugs = [DataCategory::Demographics, DataCategory::ContactAndCommunication, DataCategory::SubstanceUse];
    [
        // CS-01
        direct && sector == Sector::Nhs && world.care_relationship,
        // CS-04 and, for local authorities, GW-02
        direct && partner && world.consented(label) && world.agreed(label),
        // CS-06
        world.recipient == PartyKind::Carer && world.purpose == Purpose::GeneralInformation && !world.about_person,
        world.recipient == PartyKind::Carer
            && direct
            && !world.capacity_missing()
            && (named || (unnamed && one_of(HANDOVER, label))),
        // CS-09
        direct && world.overridden(label),
        // CS-10
        world.urgent(label),
        // CS-11
        direct && private && (named || (unnamed && (one_of(HANDOVER, label) || one_of(CLINICAL, label)))),
        // CS-14
        direct && world.registered_gp && not(&[DataCategory::ThirdPartyStatement, DataCategory::Carer]),
        // CS-16
        direct
            && world.recipient == PartyKind::DrugAndAlcohol
            && one_of(&drugs, label)
            && world.agreed(DataCategory::SubstanceUse.into())
            && world.agreed(label),
        // GW-01
        world.purpose == Purpose::MessageOutcome && world.to_sender && !world.about_person,
        // GW-04; in a carer's plan the person is the carer, and the plan would have to name them
        direct
            && world.recipient == PartyKind::Person
            && world.document != DocumentKind::CarersPlan
            && label != Label::Unassigned
            && not(&[DataCategory::ThirdPartyStatement, DataCategory::Safeguarding]),
    ]
    .contains(&true)
}

/// Whether some rule keeps it from the recipient.
fn forbidden(world: &World, label: Label) -> bool {
    let sector = world.recipient.sector();
    let partner = matches!(sector, Sector::Voluntary | Sector::Justice | Sector::LocalAuthority);
    let overridden = world.overridden(label);
    let lifted = overridden || world.urgent(label) || world.general();
    let reads_along = matches!(world.recipient, PartyKind::Person | PartyKind::Carer | PartyKind::GpPractice)
        || READ_BY_PERSON.contains(&world.document);
    let across =
        matches!((world.sender.sector(), sector), (Sector::Nhs, Sector::Private) | (Sector::Private, Sector::Nhs));
    let safeguarded = world.overriding().is_some_and(|(basis, kinds)| {
        basis == OverrideBasis::Safeguarding && kinds.contains(&DataCategory::Safeguarding)
    });
    // "Private providers only whom they care for": in the care team, or named by the person's own consent.
    let in_care = world.care_relationship
        || world.in_force(false).iter().any(|wish| matches!(wish.whom, Whom::Recipient | Whom::Organisation));
    let own_drug_information =
        world.recipient == PartyKind::DrugAndAlcohol && label == DataCategory::SubstanceUse.into();
    [
        // CS-02, CS-03, CS-17
        keeps(&world.objected(false), label) && !lifted,
        keeps(&world.objected(true), label) && !lifted,
        keeps(&world.withdrawn(), label) && !lifted,
        // CS-05
        partner
            && !(one_of(HANDOVER, label) || lets(&world.named(), label) || own_drug_information)
            && (world.purpose != Purpose::MessageOutcome || world.about_person)
            && !overridden,
        // CS-07
        label == Label::ToldInConfidence && reads_along,
        // CS-08
        label == DataCategory::Carer.into()
            && world.document != DocumentKind::CarersPlan
            && sector != Sector::Nhs
            && !world.carer_agrees()
            && !world.general()
            && !overridden,
        // CS-12
        sector == Sector::Private && world.about_person && !in_care,
        // CS-13
        across && world.about_person && !world.origin_stated,
        // CS-19
        world.capacity_missing() && world.direct() && sector != Sector::Nhs && !overridden,
        // CS-20
        label == Label::AboutAChild && !safeguarded,
    ]
    .contains(&true)
}

/// Whether the recipient may have what is labelled so.
pub(super) fn may_receive(world: &World, label: Label) -> bool {
    let goes = |label: Label| permitted(world, label) && !forbidden(world, label);
    // What nobody has put in a category could be of any: it goes only where no category is forbidden. That whatever else
    // the document holds must go too is a matter of the document, and not asked here.
    let any = || DataCategory::ALL.iter().any(|kind| forbidden(world, (*kind).into()));
    let rest = || !any() && !forbidden(world, Label::Administrative);
    goes(label) && (label != Label::Unassigned || rest())
}

/// Whether the recipient may be told that such a part was withheld (CS-22): those with standing, of kinds whose mention
/// gives nothing away; NHS teams that care for the person, of every kind; what is closely guarded, nobody.
pub(super) fn may_be_told(world: &World, label: Label) -> bool {
    let cares = world.care_relationship
        || world.in_force(false).iter().any(|wish| matches!(wish.whom, Whom::Recipient | Whom::Organisation));
    let own = world.recipient == PartyKind::Person && world.document != DocumentKind::CarersPlan;
    let crisis = matches!(world.recipient, PartyKind::Crht | PartyKind::AccessPoint);
    let stated = world.emergency.is_some_and(|one| one.named && one.reasoned);
    let commissioned = world.recipient == PartyKind::DrugAndAlcohol && world.agreed(DataCategory::SubstanceUse.into());
    let standing =
        cares || world.registered_gp || own || world.overriding().is_some() || (stated && crisis) || commissioned;
    let team = world.recipient.sector() == Sector::Nhs && world.care_relationship;
    let guarded = matches!(label, Label::ToldInConfidence | Label::AboutAChild);
    let gives_away = kind(label).is_some_and(|kind| TELLING.contains(&kind));
    standing && !guarded && (team || !gives_away)
}
