//! Recipients of every kind with what is recorded about sharing with them, and what the rules then let go: written from
//! `consent-and-sharing.md`, without policy and without FHIR.

use std::collections::BTreeSet;

use cmht_gateway::consent::{Emergency, Override, OverrideBasis, Records};
use cmht_gateway::model::{DataCategory as C, DocumentKind, PartyId, PartyKind};
use serde_json::{Value, json};

use crate::consent_case::{Case, HANDOVER, agreement, now, party, said};
use crate::consent_leaves::filled::{Any, Choice};

/// Who receives, and why it might.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// The NHS team the document goes to.
    Team,
    /// A GP practice it is written to; the person reads its records.
    Practice,
    /// The practice the person is registered with, by copy.
    OwnPractice,
    Charity,
    /// A charity the person permits without saying what.
    CharityAtLarge,
    Council,
    /// A private clinic the person permits.
    Clinic,
    /// The commissioned drug service, under its agreement alone.
    DrugService,
    Carer,
    Person,
    /// A crisis service in an emergency.
    Crisis,
    /// The police, on a professional's override.
    Police,
}

pub(crate) const EVERYBODY: &[Who] = &[
    Who::Team,
    Who::Practice,
    Who::OwnPractice,
    Who::Charity,
    Who::CharityAtLarge,
    Who::Council,
    Who::Clinic,
    Who::DrugService,
    Who::Carer,
    Who::Person,
    Who::Crisis,
    Who::Police,
];

/// A recipient and what is recorded.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) who: Who,
    pub(crate) kind: DocumentKind,
    /// What the person permits or objects to, what an override names.
    pub(crate) wished: BTreeSet<C>,
    pub(crate) agreed: BTreeSet<C>,
    pub(crate) safeguarding: bool,
}

/// Some categories, with who the person is among them.
fn some(any: &mut Any) -> BTreeSet<C> {
    let share = 20 + any.next() % 75;
    let drawn: BTreeSet<C> = C::ALL.iter().copied().filter(|_| any.next() % 100 < share).collect();
    drawn.into_iter().chain([C::Demographics]).collect()
}

impl World {
    pub(crate) fn any(who: Who, kind: DocumentKind, any: &mut Any) -> Self {
        let (wished, agreed) = (some(any), some(any));
        Self { who, kind, wished, agreed, safeguarding: any.one_of(2) == 0 }
    }

    /// Whether such a release can be at all: a carer's plan is about the carer, whom the person of the world is not.
    pub(crate) fn is_possible(&self) -> bool {
        self.who != Who::Person || self.kind != DocumentKind::CarersPlan
    }

    fn objects(&self) -> BTreeSet<C> {
        let objection = matches!(self.who, Who::Team | Who::Practice | Who::OwnPractice);
        self.wished.iter().copied().filter(|category| objection && *category != C::Demographics).collect()
    }

    /// Codes of the labels whose parts may go.
    pub(crate) fn may(&self) -> BTreeSet<&'static str> {
        let all = || C::ALL.iter().copied().collect::<BTreeSet<C>>();
        let both: BTreeSet<C> = self.wished.intersection(&self.agreed).copied().collect();
        let handover: BTreeSet<C> = HANDOVER.iter().copied().collect();
        let mut may = match self.who {
            // CS-01, CS-02
            Who::Team | Who::Practice => &all() - &self.objects(),
            // CS-14
            Who::OwnPractice => &(&all() - &self.objects()) - &[C::ThirdPartyStatement, C::Carer].into(),
            // CS-04, CS-05; GW-02 holds councils to the same
            Who::Charity | Who::Council => both,
            Who::CharityAtLarge => self.agreed.intersection(&handover).copied().collect(),
            // CS-11, CS-06: what the consent names
            Who::Clinic | Who::Carer | Who::Police => self.wished.clone(),
            // CS-16
            Who::DrugService if self.agreed.contains(&C::SubstanceUse) => {
                let wanted = [C::Demographics, C::ContactAndCommunication, C::SubstanceUse].into();
                self.agreed.intersection(&wanted).copied().collect()
            }
            Who::DrugService => BTreeSet::new(),
            // GW-04
            Who::Person => &all() - &[C::ThirdPartyStatement, C::Safeguarding].into(),
            // CS-10
            Who::Crisis => [
                C::SafetyPlan,
                C::ContingencyPlan,
                C::RiskSummary,
                C::Medication,
                C::PhysicalHealth,
                C::LegalStatus,
                C::AdvanceStatement,
                C::Carer,
            ]
            .into_iter()
            .chain(handover)
            .collect(),
        };
        // CS-08: outside the NHS a carer's own details are the carer's, save where the carer is the person; on an override
        // they go.
        let nhs = matches!(self.who, Who::Team | Who::Practice | Who::OwnPractice | Who::Crisis | Who::Police);
        if !nhs && self.kind != DocumentKind::CarersPlan {
            may.remove(&C::Carer);
        }
        let mut codes: BTreeSet<&'static str> = may.iter().map(|category| category.code()).collect();
        // CS-07: never to the person, who gives the person access, or in what is copied to them; nor to another carer.
        let read = matches!(self.who, Who::Practice | Who::OwnPractice | Who::Person | Who::Carer);
        let own =
            matches!(self.kind, DocumentKind::CarePlan | DocumentKind::SafetyPlan | DocumentKind::DischargeLetter);
        if may.contains(&C::ThirdPartyStatement) && !read && !own {
            codes.insert("told-in-confidence");
        }
        // CS-20
        if self.who == Who::Police && self.safeguarding && may.contains(&C::Safeguarding) {
            codes.insert("about-a-child");
        }
        codes
    }

    /// The person's wishes as the document tells them.
    pub(crate) fn consent(&self) -> Option<Value> {
        let codes = |categories: &BTreeSet<C>| categories.iter().map(|category| category.code()).collect::<Vec<_>>();
        let id = self.case().recipient.id.as_str().to_owned();
        let wish = |key: &str, categories: Option<&BTreeSet<C>>| {
            let mut wish = json!({"recipient": {"party": id}});
            if let Some(categories) = categories {
                wish["categories"] = codes(categories).into();
            }
            let mut position = json!({"sharing": "agreed-in-part", "recorded": "2026-02-01T10:00:00Z"});
            position[key] = json!([wish]);
            Some(position)
        };
        match self.who {
            Who::Team | Who::Practice | Who::OwnPractice => {
                let objects = self.objects();
                if objects.is_empty() { None } else { wish("objections", Some(&objects)) }
            }
            Who::Charity | Who::Council | Who::Clinic | Who::Carer => wish("permissions", Some(&self.wished)),
            Who::CharityAtLarge => wish("permissions", None),
            Who::DrugService | Who::Person | Who::Crisis | Who::Police => None,
        }
    }

    pub(crate) fn case(&self) -> Case {
        let (id, kind) = match self.who {
            Who::Team => return Case::team(),
            Who::Practice | Who::OwnPractice => ("own-practice", PartyKind::GpPractice),
            Who::Charity | Who::CharityAtLarge => ("wellbeing-roots", PartyKind::Vcse),
            Who::Council => ("made-up-council", PartyKind::LocalAuthority),
            Who::Clinic => ("harbour-clinic", PartyKind::PrivateProvider),
            Who::DrugService => ("made-up-recovery", PartyKind::DrugAndAlcohol),
            Who::Carer => ("made-up-carer", PartyKind::Carer),
            Who::Person => ("made-up-person", PartyKind::Person),
            Who::Crisis => ("made-up-crisis", PartyKind::Crht),
            Who::Police => ("made-up-police", PartyKind::Police),
        };
        let agreed: Vec<C> = self.agreed.iter().copied().collect();
        let overriding = Override {
            id: "override-1".to_owned(),
            basis: if self.safeguarding { OverrideBasis::Safeguarding } else { OverrideBasis::RiskToOthers },
            recipient: PartyId::parse(id).unwrap(),
            categories: self.wished.iter().copied().collect(),
            professional: said("Made-up Nurse"),
            rationale: said("Made-up reason"),
            from: "2026-03-01T00:00:00Z".parse().unwrap(),
            until: "2026-04-01T00:00:00Z".parse().unwrap(),
        };
        assert!(overriding.from < now() && now() < overriding.until);
        let emergency = Emergency { professional: said("Made-up Nurse"), reason: said("Made-up crisis") };
        Case {
            // a charity's own document: what passes between private and NHS care states its origin (CS-13), elsewhere tested
            sender: party("demo-sender", PartyKind::Vcse, None, None),
            care_relationship: self.who == Who::Practice,
            registered_gp: self.who == Who::OwnPractice,
            agreements: vec![agreement(["demo-sender", id], &agreed)],
            records: Records {
                overrides: if self.who == Who::Police { vec![overriding] } else { Vec::new() },
                emergency: (self.who == Who::Crisis).then_some(emergency),
                ..Records::default()
            },
            ..Case::of(party(id, kind, None, None))
        }
    }
}
