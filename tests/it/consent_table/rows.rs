//! The rows: who asks, what the person has said, what the situation is, and what comes of it.

use std::fmt::Write as _;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use cmht_gateway::consent::{
    Capacity, CapacityFinding, Emergency, Label, Override, OverrideBasis, Question, Records, Ruling,
};
use cmht_gateway::documents;
use cmht_gateway::fhir::{Bundle, codes};
use cmht_gateway::map;
use cmht_gateway::model::{DataCategory, DocumentKind, PartyId, PartyKind, Sector};
use cmht_gateway::validate::Validated;
use serde_json::{Value, json};

use super::sets;
use crate::consent_case::{Case, agreement, consent, deny, engine, now, party, permit, said};
use crate::consent_oracle::bundle;
use crate::support::{plan, sealed};

/// A recipient, and how it stands.
pub(super) struct Addressee {
    pub(super) name: &'static str,
    pub(super) title: String,
    kind: PartyKind,
    registered_gp: bool,
    sender: PartyKind,
}

/// One line of the table.
pub(super) struct Row {
    pub(super) heading: String,
    pub(super) case: String,
    pub(super) outcome: &'static str,
    pub(super) parts: String,
}

const RECIPIENT: &str = "recipient";
const SENDER: &str = "sender";

/// Every recipient that has a table of its own.
pub(super) fn addressees() -> Vec<Addressee> {
    let of = |name, title: &str, kind| Addressee {
        name,
        title: title.to_owned(),
        kind,
        registered_gp: false,
        sender: PartyKind::NhsTrust,
    };
    let mut registered = of("gp-practice-registered", "The person's own GP practice", PartyKind::GpPractice);
    registered.registered_gp = true;
    let mut from_private = of("cmht-from-private", "An NHS team, from a private provider", PartyKind::Cmht);
    from_private.sender = PartyKind::PrivateProvider;
    vec![
        registered,
        of("gp-practice-other", "A GP practice the person is not registered with", PartyKind::GpPractice),
        of("cmht", "A community mental health team (every other NHS team is treated alike)", PartyKind::Cmht),
        of("crht", "A crisis team (access points are treated alike)", PartyKind::Crht),
        from_private,
        of("local-authority", "A local authority", PartyKind::LocalAuthority),
        of("police", "The police", PartyKind::Police),
        of("drug-and-alcohol", "The commissioned drug and alcohol service", PartyKind::DrugAndAlcohol),
        of("vcse", "A charity", PartyKind::Vcse),
        of("advocacy", "An advocacy service", PartyKind::Advocacy),
        of("private-provider", "A private provider", PartyKind::PrivateProvider),
        of("person", "The person themselves", PartyKind::Person),
        of("carer", "A carer", PartyKind::Carer),
    ]
}

/// An NHS team of this kind, under one title.
pub(super) fn nhs_team(kind: PartyKind) -> Addressee {
    Addressee { name: "team", title: "A team".to_owned(), kind, registered_gp: false, sender: PartyKind::NhsTrust }
}

/// What the person has said: a heading and the Consents kept.
fn wishes() -> Vec<(&'static str, Vec<Value>)> {
    use DataCategory::{Medication, RiskSummary};
    let all = DataCategory::ALL;
    let one = |provision: Value| vec![consent(0, &provision)];
    let mut withdrawn = one(permit(RECIPIENT, all));
    withdrawn[0]["status"] = "inactive".into();
    let mut ended = permit(RECIPIENT, all);
    ended["period"] = json!({"start": "2025-01-01", "end": "2026-01-31"});
    let mut both = one(permit(RECIPIENT, all));
    both.push(consent(1, &deny(RECIPIENT, &[Medication])));
    let mut list = one(deny(RECIPIENT, &[]));
    list[0]["policyRule"] = json!({"coding": [{
        "system": format!("{}/CodeSystem/safety-plan-item", codes::BASE), "code": "people-not-to-inform",
    }]});
    let kept = |mut all: Vec<Value>| {
        // What is kept is kept for the person, and names nobody of a bundle.
        for consent in &mut all {
            consent.as_object_mut().unwrap().remove("patient");
        }
        all
    };
    vec![
        ("Nothing recorded", Vec::new()),
        ("Consent that names no kinds of information", kept(one(permit(RECIPIENT, &[])))),
        ("Consent that names medication and risk summary", kept(one(permit(RECIPIENT, &[Medication, RiskSummary])))),
        ("Consent that names everything", kept(one(permit(RECIPIENT, all)))),
        ("Consent that names everything, withdrawn", kept(withdrawn)),
        ("Consent that named everything, run out", kept(one(ended))),
        ("Objection to this recipient", kept(one(deny(RECIPIENT, &[])))),
        ("Objection to this recipient having medication", kept(one(deny(RECIPIENT, &[Medication])))),
        ("Consent that names everything, and an objection about medication", kept(both)),
        ("On the safety plan's list of people not to inform", kept(list)),
    ]
}

/// What a situation is called, and what it changes.
type Situation = (&'static str, fn(&mut Case));

/// What else holds: words, and what they do to the case.
fn situations() -> Vec<Situation> {
    fn in_care(case: &mut Case) {
        case.care_relationship = !matches!(case.recipient.kind, PartyKind::Person | PartyKind::Carer);
    }
    fn agreed(case: &mut Case) {
        case.agreements = vec![agreement([SENDER, RECIPIENT], DataCategory::ALL)];
    }
    fn both(case: &mut Case) {
        in_care(case);
        agreed(case);
    }
    fn doubted(case: &mut Case) {
        both(case);
        case.records.capacity = vec![finding(Capacity::InDoubt)];
    }
    fn safeguarding(case: &mut Case) {
        agreed(case);
        case.records.overrides =
            vec![overriding(OverrideBasis::Safeguarding, &[DataCategory::Demographics, DataCategory::Safeguarding])];
    }
    fn best_interests(case: &mut Case) {
        agreed(case);
        case.records.capacity = vec![finding(Capacity::Lacks)];
        case.records.overrides =
            vec![overriding(OverrideBasis::BestInterests, &[DataCategory::Demographics, DataCategory::Medication])];
    }
    fn emergency(case: &mut Case) {
        case.records.emergency =
            Some(Emergency { professional: said("Made-up nurse"), reason: said("made-up reason") });
    }
    vec![
        ("no relationship, no agreement", |_| {}),
        ("in the care team, no agreement", in_care),
        ("agreement, no relationship", agreed),
        ("in the care team, agreement", both),
        ("the same, capacity in doubt", doubted),
        ("agreement, safeguarding override", safeguarding),
        ("agreement, best interests", best_interests),
        ("emergency stated", emergency),
    ]
}

fn finding(finding: Capacity) -> CapacityFinding {
    let assessed = "2026-02-20T10:00:00Z".parse().unwrap();
    CapacityFinding { finding, assessed, until: None, assessor: said("Made-up assessor") }
}

fn overriding(basis: OverrideBasis, categories: &[DataCategory]) -> Override {
    Override {
        id: "override-1".to_owned(),
        basis,
        recipient: PartyId::parse(RECIPIENT).unwrap(),
        categories: categories.to_vec(),
        professional: said("Made-up professional"),
        rationale: said("made-up rationale"),
        from: "2026-03-01T00:00:00Z".parse().unwrap(),
        until: "2026-03-09T00:00:00Z".parse().unwrap(),
    }
}

impl Addressee {
    fn case(&self) -> Case {
        Case {
            sender: party(SENDER, self.sender, None, None),
            registered_gp: self.registered_gp,
            ..Case::of(party(RECIPIENT, self.kind, None, None))
        }
    }

    pub(super) fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        let everything: BTreeSet<Label> = Label::all().collect();
        let sector = self.sender.sector();
        for (heading, consents) in wishes() {
            for (words, set) in situations() {
                let mut case = self.case();
                set(&mut case);
                case.records.consents.clone_from(&consents);
                let question = Question { kind: DocumentKind::Referral, ..case.question(nowhere(sector)) };
                rows.push(Row::of(
                    format!("A referral that holds everything. {heading}"),
                    words,
                    &question,
                    &everything,
                ));
            }
        }
        for (heading, consents) in wishes().into_iter().take(2) {
            for (kind, example) in EXAMPLES.iter() {
                let mut case = self.case();
                case.care_relationship = false;
                case.agreements = vec![agreement([SENDER, RECIPIENT], DataCategory::ALL)];
                case.records = Records { consents: consents.clone(), ..Records::default() };
                let held = held(&case, *kind, example);
                let question = Question { kind: *kind, ..case.question(nowhere(sector)) };
                let heading = format!("What the example of each document holds, under an agreement. {heading}");
                rows.push(Row::of(heading, kind.code(), &question, &held));
            }
        }
        rows
    }
}

/// A bundle of the sender's that says whom it is about and where it comes from; what it would hold is said by labels.
fn nowhere(sector: Sector) -> &'static Validated<Bundle> {
    static BUNDLES: LazyLock<BTreeMap<&str, Validated<Bundle>>> =
        LazyLock::new(|| Sector::ALL.iter().map(|sector| (sector.code(), bundle(*sector, true, true))).collect());
    &BUNDLES[sector.code()]
}

/// The full example of each kind, sealed.
static EXAMPLES: LazyLock<Vec<(DocumentKind, Validated<Bundle>)>> = LazyLock::new(|| {
    documents::SCHEMAS
        .iter()
        .map(|(kind, _)| {
            let name = if *kind == DocumentKind::Referral { "complete" } else { "full" };
            let made = map::to_fhir(*kind, plan(kind.code(), name)).unwrap();
            (*kind, sealed(made.value).unwrap())
        })
        .collect()
});

/// The labels of what a document holds, for this recipient.
fn held(case: &Case, kind: DocumentKind, example: &Validated<Bundle>) -> BTreeSet<Label> {
    let question = Question { kind, ..case.question(example) };
    engine().decide_on_record(&question).1.held().clone()
}

impl Row {
    fn of(heading: String, case: &str, question: &Question<'_>, held: &BTreeSet<Label>) -> Self {
        assert_eq!(question.now, now());
        let outcome = engine().decide_labels(question, held).outcome();
        let rulings: BTreeMap<Label, Ruling> =
            engine().rulings(question).into_iter().map(|ruling| (ruling.label, ruling)).collect();
        let mut goes = BTreeSet::new();
        let mut stays: BTreeMap<String, BTreeSet<Label>> = BTreeMap::new();
        for label in held {
            let ruling = &rulings[label];
            // What nobody has put in a category goes only along with everything else.
            let others = || held.iter().all(|other| *other == Label::Unassigned || rulings[other].permitted);
            if ruling.permitted && (*label != Label::Unassigned || others()) {
                goes.insert(*label);
            } else {
                let forbids = ruling.forbids.iter().map(ToString::to_string).collect::<Vec<_>>().join("+");
                let why = if forbids.is_empty() { "-".to_owned() } else { forbids };
                stays.entry(why).or_default().insert(*label);
            }
        }
        let permits: BTreeSet<String> =
            goes.iter().flat_map(|label| rulings[label].permits.iter().map(ToString::to_string)).collect();
        let permits = permits.into_iter().collect::<Vec<_>>().join("+");
        let mut parts =
            if goes.is_empty() { "nothing".to_owned() } else { format!("{} ({permits})", sets::named(&goes, held)) };
        for (why, labels) in stays {
            let _ = write!(parts, "; {why}: {}", sets::named(&labels, held));
        }
        Self { heading, case: case.to_owned(), outcome: outcome.code(), parts }
    }
}
