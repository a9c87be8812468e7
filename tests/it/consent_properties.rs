//! Properties of release over generated referrals, wishes, agreements and recipients, held against an oracle written
//! from the rule text: no Cedar, no FHIR, only the generated facts.

use std::collections::BTreeSet;

use cmht_gateway::consent::{Decision, Permit};
use cmht_gateway::fhir::codes;
use cmht_gateway::model::{Agreement, DataCategory, PartyKind, Sector};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use crate::consent_case::{Case, Referral, agreement, bytes, engine, mark, party, provision};

/// Whom a generated wish speaks of.
#[derive(Debug, Clone, PartialEq)]
enum Whom {
    Party(&'static str),
    Ods(&'static str),
    Kind(PartyKind),
    Everybody,
    Brother,
}

/// A generated wish: one provision, perhaps with an exception inside it.
#[derive(Debug, Clone, PartialEq)]
struct Wish {
    permits: bool,
    whom: Whom,
    categories: Vec<DataCategory>,
    in_force: bool,
    for_care: bool,
    exception: Option<Vec<DataCategory>>,
}

#[derive(Debug, Clone)]
struct World {
    recipient: &'static str,
    care_relationship: bool,
    clinical: Vec<DataCategory>,
    letter: bool,
    wishes: Vec<Wish>,
    agreements: Vec<(bool, bool, Vec<DataCategory>)>,
}

const RECIPIENTS: &[(&str, PartyKind)] = &[
    ("lpt-cap", PartyKind::AccessPoint),
    ("wellbeing-roots", PartyKind::Vcse),
    ("harbour-clinic", PartyKind::PrivateProvider),
    ("made-up-council", PartyKind::LocalAuthority),
];

impl World {
    fn kind(&self) -> PartyKind {
        RECIPIENTS.iter().find(|(id, _)| *id == self.recipient).unwrap().1
    }

    fn referral(&self) -> Referral {
        let provisions = self.wishes.iter().map(Wish::provision).collect();
        Referral { clinical: self.clinical.clone(), letter: self.letter, provisions, more: Vec::new() }
    }

    fn case(&self) -> Case {
        let base = if self.recipient == "lpt-cap" {
            Case::team()
        } else {
            Case::of(party(self.recipient, self.kind(), None, None))
        };
        let agreements = self.agreements.iter().map(|(ours, in_force, categories)| {
            let other = if *ours { self.recipient } else { "some-other-charity" };
            let expired = (!in_force).then(|| "2026-01-01T00:00:00Z".parse().unwrap());
            Agreement { until: expired, ..agreement(["demo-gp", other], categories) }
        });
        Case { care_relationship: self.care_relationship, agreements: agreements.collect(), ..base }
    }

    /// What leaves, as text; nothing for a denial. Validates and confirms on the way, which fails on any error.
    fn released(&self) -> (String, Option<Permit>) {
        match self.case().release(&self.referral()) {
            Ok(permit) => (bytes(&permit), Some(permit)),
            Err(denial) => {
                assert_ne!(denial.rule.as_str(), "GW-99", "{denial:?}");
                assert!(!denial.reason.contains("MARK") && !denial.would_change.contains("MARK"));
                (String::new(), None)
            }
        }
    }

    /// Markers that arrive.
    fn arrived(&self) -> BTreeSet<&'static str> {
        let (text, _) = self.released();
        labels().filter(|label| text.contains(&mark(label))).collect()
    }

    // === Oracle ===

    fn objected(&self, category: DataCategory) -> bool {
        let objects = |wish: &Wish| wish.reaches(self, category) && !wish.says_yes(category);
        self.wishes.iter().any(|wish| objects(wish) && !wish.goes_along(self, category))
    }

    fn consented(&self, category: DataCategory) -> bool {
        use DataCategory::{Actions, ContactAndCommunication, Demographics, NeedsAndGoals, ReferralReason};
        let handover = [Demographics, ContactAndCommunication, ReferralReason, NeedsAndGoals, Actions];
        self.wishes.iter().any(|wish| {
            let names_it = !wish.categories.is_empty() || wish.lifted(category);
            let permits =
                wish.reaches(self, category) && wish.says_yes(category) && (names_it || handover.contains(&category));
            wish.whom != Whom::Everybody && (permits || wish.goes_along(self, category))
        })
    }

    fn agreed(&self, category: DataCategory) -> bool {
        self.agreements.iter().any(|(ours, in_force, categories)| *ours && *in_force && categories.contains(&category))
    }

    /// CS-11: what the person agreed to, and where nothing was named what another clinician needs to know.
    fn clinicians(&self, category: DataCategory) -> bool {
        use DataCategory::{
            Carer, FamilyHistory, FinanceHousingEmployment, Forensic, ReproductiveAndSexualHealth, Safeguarding,
            SubstanceUse, ThirdPartyStatement,
        };
        let restricted = [
            Carer,
            FamilyHistory,
            FinanceHousingEmployment,
            Forensic,
            ReproductiveAndSexualHealth,
            Safeguarding,
            SubstanceUse,
            ThirdPartyStatement,
        ];
        self.wishes.iter().any(|wish| {
            let names_it = !wish.categories.is_empty() || wish.lifted(category);
            let permits = wish.reaches(self, category)
                && wish.says_yes(category)
                && (names_it || !restricted.contains(&category));
            wish.whom != Whom::Everybody && (permits || wish.goes_along(self, category))
        })
    }

    /// CS-12: it cares for the person, or a permission of the person names it and not only its kind.
    fn cared_for(&self) -> bool {
        let names = |wish: &Wish| {
            let own = matches!(wish.whom, Whom::Party(id) if id == self.recipient);
            own && wish.in_force && wish.for_care && (wish.permits || wish.exception.is_some())
        };
        self.care_relationship || self.wishes.iter().any(names)
    }

    fn may_go(&self, category: DataCategory) -> bool {
        let own = category == DataCategory::Carer;
        let permitted = match self.kind().sector() {
            Sector::Nhs => self.care_relationship,
            Sector::Personal => false,
            Sector::Private => !own && self.clinicians(category) && self.cared_for(),
            Sector::LocalAuthority | Sector::Voluntary | Sector::Justice => {
                !own && self.consented(category) && self.agreed(category)
            }
        };
        permitted && !self.objected(category)
    }

    fn expected(&self) -> BTreeSet<&'static str> {
        use DataCategory::{Carer, ContactAndCommunication, Demographics, ReferralReason};
        if !self.may_go(Demographics) {
            return BTreeSet::new();
        }
        let always = [Demographics, ContactAndCommunication, ReferralReason, Carer];
        let there = self.clinical.iter().copied().chain(always);
        let mut expected: BTreeSet<&str> = there.filter(|c| self.may_go(*c)).map(DataCategory::code).collect();
        if DataCategory::ALL.iter().all(|category| self.may_go(*category)) {
            expected.insert("unassigned");
            expected.insert("others");
            // The service's name stands in an organisation that is only pointed at, so whole means whole.
            expected.insert("substance-use");
        }
        expected
    }
}

impl Wish {
    fn provision(&self) -> Value {
        let effect = if self.permits { "permit" } else { "deny" };
        let (system, value) = match &self.whom {
            Whom::Party(id) => (codes::PARTY_ID, *id),
            Whom::Ods(code) => (codes::ODS_ORGANISATION, *code),
            Whom::Kind(kind) => (codes::PARTY_KIND, kind.code()),
            Whom::Everybody | Whom::Brother => ("", ""),
        };
        let mut provision = provision(effect, system, value, &self.categories);
        match self.whom {
            Whom::Everybody => drop(provision.as_object_mut().unwrap().remove("actor")),
            Whom::Brother => provision["actor"][0]["reference"] = json!({"display": mark("others")}),
            Whom::Party(_) | Whom::Ods(_) | Whom::Kind(_) => {}
        }
        if !self.in_force {
            provision["period"] = json!({"end": "2026-03-01"});
        }
        if !self.for_care {
            provision["purpose"] = json!([{"system": codes::ACT_REASON, "code": "HRESCH"}]);
        }
        if let Some(categories) = &self.exception {
            let classes: Vec<Value> =
                categories.iter().map(|c| json!({"system": codes::DATA_CATEGORY, "code": c.code()})).collect();
            provision["provision"] = json!([{"class": classes}]);
        }
        provision
    }

    fn reaches(&self, world: &World, category: DataCategory) -> bool {
        let whom = match &self.whom {
            Whom::Party(id) => *id == world.recipient || (*id == "lpt" && world.recipient == "lpt-cap"),
            Whom::Ods(code) => code.eq_ignore_ascii_case("Y90010") && world.recipient == "lpt-cap",
            Whom::Kind(kind) => *kind == world.kind(),
            Whom::Everybody => true,
            Whom::Brother => false,
        };
        whom && self.in_force && self.for_care && (self.categories.is_empty() || self.categories.contains(&category))
    }

    fn lifted(&self, category: DataCategory) -> bool {
        self.exception.as_ref().is_some_and(|categories| categories.contains(&category))
    }

    fn says_yes(&self, category: DataCategory) -> bool {
        self.permits != self.lifted(category)
    }

    /// The lead: whoever lets information about themself go lets it be known whose it is, unless a denial names that.
    fn goes_along(&self, world: &World, category: DataCategory) -> bool {
        let whose = DataCategory::Demographics;
        let others = DataCategory::ALL.iter().filter(|other| **other != whose);
        let permits_other = others.into_iter().any(|other| self.reaches(world, *other) && self.says_yes(*other));
        let denied = if self.permits { self.lifted(whose) } else { self.categories.contains(&whose) };
        category == whose && permits_other && !denied
    }
}

fn labels() -> impl Iterator<Item = &'static str> {
    DataCategory::ALL.iter().map(|c| c.code()).chain(["unassigned", "others"])
}

fn categories(at_least: usize) -> impl Strategy<Value = Vec<DataCategory>> {
    let all = DataCategory::ALL;
    prop_oneof![
        2 => subsequence(all.to_vec(), at_least..=6),
        1 => subsequence(all.to_vec(), at_least..=all.len()),
        2 => Just(all.to_vec()),
        3 => subsequence(all.to_vec(), 0..=4).prop_map(|mut some| {
            some.extend([DataCategory::Demographics, DataCategory::ReferralReason]);
            some.sort_unstable();
            some.dedup();
            some
        }),
    ]
}

fn wish() -> impl Strategy<Value = Wish> {
    let whom = prop_oneof![
        6 => select(vec!["lpt-cap", "lpt", "wellbeing-roots", "harbour-clinic", "made-up-council"]).prop_map(Whom::Party),
        1 => select(vec!["y90010", "Y90011"]).prop_map(Whom::Ods),
        2 => select(vec![PartyKind::Vcse, PartyKind::PrivateProvider, PartyKind::AccessPoint, PartyKind::Cmht])
            .prop_map(Whom::Kind),
        1 => Just(Whom::Everybody),
        1 => Just(Whom::Brother),
    ];
    let given = prop_oneof![3 => categories(1), 1 => Just(Vec::new())];
    let exception = prop_oneof![3 => Just(None), 1 => categories(1).prop_map(Some)];
    (prop::bool::weighted(0.7), whom, given, prop::bool::weighted(0.85), prop::bool::weighted(0.9), exception).prop_map(
        |(permits, whom, categories, in_force, for_care, exception)| Wish {
            permits,
            whom,
            categories,
            in_force,
            for_care,
            exception,
        },
    )
}

/// Who the person is stands in the Patient and in no clinical resource.
fn clinical() -> Vec<DataCategory> {
    DataCategory::ALL.iter().copied().filter(|category| *category != DataCategory::Demographics).collect()
}

fn world() -> impl Strategy<Value = World> {
    (
        prop_oneof![
            3 => Just("lpt-cap"), 5 => Just("wellbeing-roots"), 2 => Just("harbour-clinic"), 1 => Just("made-up-council"),
        ],
        prop::bool::weighted(0.8),
        subsequence(clinical(), 0..=8),
        any::<bool>(),
        prop::collection::vec(wish(), 0..4),
        prop::collection::vec((prop::bool::weighted(0.8), prop::bool::weighted(0.8), categories(0)), 0..3),
    )
        .prop_map(|(recipient, care_relationship, clinical, letter, wishes, agreements)| World {
            recipient,
            care_relationship,
            clinical,
            letter,
            wishes,
            agreements,
        })
}

/// What does arrive must have been there: a whole release holds only the markers the referral has.
fn there(world: &World) -> BTreeSet<&'static str> {
    let mut there: BTreeSet<&str> = world.clinical.iter().map(|c| c.code()).collect();
    there.extend(["demographics", "contact-and-communication", "referral-reason", "carer", "substance-use"]);
    there.extend(["unassigned", "others"]);
    there
}

/// Few enough for every run; `PROPTEST_CASES` asks for more.
fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(64);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn just_what_the_rules_permit_arrives_and_nothing_that_was_withheld_leaks(world in world()) {
        let expected: BTreeSet<&str> = world.expected().intersection(&there(&world)).copied().collect();
        prop_assert_eq!(world.arrived(), expected);
    }

    #[test]
    fn withdrawing_consent_or_ending_an_agreement_or_a_relationship_never_widens_release(world in world()) {
        let before = world.arrived();
        for position in 0..world.wishes.len() {
            let mut less = world.clone();
            if less.wishes[position].permits && less.wishes[position].exception.is_none() {
                less.wishes.remove(position);
                prop_assert!(less.arrived().is_subset(&before), "{:?}", less);
            }
        }
        for position in 0..world.agreements.len() {
            let mut less = world.clone();
            less.agreements.remove(position);
            prop_assert!(less.arrived().is_subset(&before), "{:?}", less);
        }
        let less = World { care_relationship: false, ..world };
        prop_assert!(less.arrived().is_subset(&before), "{:?}", less);
    }

    #[test]
    fn adding_an_objection_never_widens_release(world in world(), objection in wish()) {
        let before = world.arrived();
        let mut less = world.clone();
        less.wishes.push(Wish { permits: false, exception: None, ..objection });
        prop_assert!(less.arrived().is_subset(&before), "{:?}", less);
    }

    #[test]
    fn the_same_question_has_the_same_answer_and_no_answer_shows_content(world in world()) {
        let bundle = world.referral().bundle();
        let case = world.case();
        let question = case.question(&bundle);
        let (first, second) = (engine().decide(&question), engine().decide(&question));
        prop_assert_eq!(format!("{first:?}"), format!("{second:?}"));
        let shown = format!("{first:?}");
        prop_assert!(!shown.contains("MARK"), "{}", shown);
        if let (Decision::Reduce(first), Decision::Reduce(second)) = (&first, &second) {
            prop_assert_eq!(first.draft(), second.draft());
            prop_assert!(first.withheld().iter().all(|w| !w.reason.is_empty() && !w.would_change.is_empty()));
        }
    }

    #[test]
    fn what_is_withheld_is_said_to_be_withheld(world in world()) {
        let (text, permit) = world.released();
        if let Some(permit) = permit {
            let said: BTreeSet<&str> = permit.withheld().iter().map(|w| w.category.code()).collect();
            for category in &world.clinical {
                prop_assert_eq!(said.contains(category.code()), !text.contains(&mark(category.code())), "{}", category);
            }
        }
    }
}
