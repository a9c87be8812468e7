//! A world put to the engine: parties, FHIR Consents, agreements and records, and a sealed bundle that says no more than
//! whom it is about and where it comes from.

use std::collections::BTreeMap;

use cmht_gateway::consent::{CapacityFinding, Emergency, Override, Question, Records};
use cmht_gateway::fhir::{Bundle, codes};
use cmht_gateway::model::{Agreement, Party, PartyId, PartyKind, Sector, Wording};
use cmht_gateway::validate::Validated;
use jiff::{Span, Timestamp};
use serde_json::{Value, json};

use super::world::{Between, Day, Source, Whom, Wish, World};
use crate::consent_case::{now, party, said, url, validated};

const ORGANISATION: &str = "recipient-organisation";
const SENDER: &str = "sender";

fn at(day: Day) -> Timestamp {
    now().checked_add(Span::new().hours(24 * day)).unwrap()
}

/// Sealed bundles by sector of the sender, whether a person is in it, and whether it says where it comes from.
pub(super) struct Bundles(BTreeMap<(&'static str, bool, bool), Validated<Bundle>>);

impl Bundles {
    pub(super) fn new() -> Self {
        let mut all = BTreeMap::new();
        for sector in Sector::ALL {
            for (about_person, origin_stated) in [(false, false), (false, true), (true, false), (true, true)] {
                all.insert((sector.code(), about_person, origin_stated), bundle(*sector, about_person, origin_stated));
            }
        }
        Self(all)
    }

    pub(super) fn of(&self, world: &World) -> &Validated<Bundle> {
        &self.0[&(world.sender.sector().code(), world.about_person, world.origin_stated)]
    }
}

/// A bundle that tells nothing but that.
pub(crate) fn bundle(sector: Sector, about_person: bool, origin_stated: bool) -> Validated<Bundle> {
    let mut organisation = json!({
        "resourceType": "Organization", "name": "Made-up sender",
        "identifier": [{"system": codes::PARTY_ID, "value": SENDER}],
    });
    if origin_stated {
        organisation["type"] =
            json!([{"coding": [{"system": codes::SECTOR, "code": sector.code(), "display": sector.title()}]}]);
    }
    let header = json!({
        "resourceType": "MessageHeader",
        "eventCoding": {"system": codes::BARS_EVENTS, "code": "servicerequest-request"},
        "source": {"endpoint": "https://sender.example/fhir"},
        "focus": [{"reference": url("sender")}],
    });
    let mut entries = vec![
        json!({"fullUrl": url("header"), "resource": header}),
        json!({"fullUrl": url("sender"), "resource": organisation}),
    ];
    if about_person {
        entries.push(json!({"fullUrl": url("patient"), "resource": {"resourceType": "Patient", "gender": "unknown"}}));
    }
    validated(json!({
        "resourceType": "Bundle", "id": "nothing", "type": "message", "timestamp": "2026-03-01T10:00:00Z",
        "identifier": {"system": codes::DOCUMENT_ID, "value": "nothing"}, "entry": entries,
    }))
}

/// What a world comes to as a question, but for the bundle.
pub(super) struct Asked<'a> {
    world: &'a World,
    sender: Party,
    recipient: Party,
    organisation: Option<Party>,
    records: Records,
    agreements: Vec<Agreement>,
}

impl<'a> Asked<'a> {
    pub(super) fn of(world: &'a World) -> Self {
        let sender = party(SENDER, world.sender, None, None);
        let id = if world.to_sender { SENDER } else { "recipient" };
        let recipient = party(id, world.recipient, None, world.team.then_some(ORGANISATION));
        let organisation = world.team.then(|| party(ORGANISATION, PartyKind::OtherNhs, None, None));
        let own = recipient.organisation().clone();
        // What names nobody and says nothing cannot be put: it is no wording.
        let who = |named: bool| Wording::parse(if named { "Made-up professional" } else { " " }).ok();
        let records = Records {
            consents: world.wishes.iter().enumerate().map(|(number, wish)| consent(world, number, wish, id)).collect(),
            capacity: world
                .findings
                .iter()
                .map(|one| CapacityFinding {
                    finding: one.found,
                    assessed: at(one.assessed),
                    until: one.until.map(at),
                    assessor: said("Made-up professional"),
                })
                .collect(),
            overrides: world
                .overrides
                .iter()
                .enumerate()
                .filter_map(|(number, one)| {
                    Some(Override {
                        id: format!("override-{number}"),
                        basis: one.basis,
                        recipient: PartyId::parse(whom(one.to, id)).unwrap(),
                        categories: one.kinds.iter().copied().collect(),
                        professional: who(one.named)?,
                        rationale: who(one.reasoned)?,
                        from: at(one.from),
                        until: at(one.until),
                    })
                })
                .collect(),
            emergency: world
                .emergency
                .and_then(|one| Some(Emergency { professional: who(one.named)?, reason: who(one.reasoned)? })),
        };
        let another = PartyId::parse("somebody-else").unwrap();
        let agreements = world
            .agreements
            .iter()
            .enumerate()
            .map(|(number, pact)| Agreement {
                id: format!("agreement-{number}"),
                version: "1".to_owned(),
                between: match pact.between {
                    Between::Them => [sender.id.clone(), own.clone()],
                    Between::SenderAndAnother => [sender.id.clone(), another.clone()],
                    Between::RecipientAndAnother => [another.clone(), own.clone()],
                    Between::RecipientAndItself => [own.clone(), own.clone()],
                },
                purposes: vec![pact.purpose],
                categories: pact.kinds.iter().copied().collect(),
                from: at(pact.from),
                until: pact.until.map(at),
            })
            .collect();
        Self { world, sender, recipient, organisation, records, agreements }
    }

    pub(super) fn question<'q>(&'q self, bundle: &'q Validated<Bundle>) -> Question<'q> {
        Question {
            bundle,
            kind: self.world.document,
            sender: &self.sender,
            recipient: &self.recipient,
            recipient_organisation: self.organisation.as_ref(),
            care_relationship: self.world.care_relationship,
            registered_gp: self.world.registered_gp,
            records: &self.records,
            agreements: &self.agreements,
            purpose: self.world.purpose,
            now: now(),
        }
    }
}

fn whom(whom: Whom, recipient: &str) -> &str {
    match whom {
        Whom::Recipient | Whom::KindOfRecipient => recipient,
        Whom::Organisation => ORGANISATION,
        Whom::SomebodyElse => "somebody-else",
    }
}

fn consent(world: &World, number: usize, wish: &Wish, recipient: &str) -> Value {
    let identifier = match wish.whom {
        Whom::KindOfRecipient => json!({"system": codes::PARTY_KIND, "value": world.recipient.code()}),
        other => json!({"system": codes::PARTY_ID, "value": whom(other, recipient)}),
    };
    let mut provision = json!({
        "type": if wish.permits { "permit" } else { "deny" },
        "actor": [{"role": {"text": "Recipient"}, "reference": {"identifier": identifier}}],
    });
    if wish.for_care {
        provision["purpose"] = json!([{"system": codes::ACT_REASON, "code": "TREAT"}]);
    }
    if let Some(kinds) = &wish.kinds {
        provision["class"] =
            kinds.iter().map(|kind| json!({"system": codes::DATA_CATEGORY, "code": kind.code()})).collect();
    }
    let ends = [("start", wish.from), ("end", wish.until)];
    for (key, day) in ends.into_iter().filter_map(|(key, day)| Some((key, day?))) {
        provision["period"][key] = at(day).to_string().into();
    }
    let mut consent = json!({
        "resourceType": "Consent", "id": format!("wish-{number}"),
        "status": if wish.taken_back { "inactive" } else { "active" },
        "scope": {"coding": [{"system": codes::CONSENT_SCOPE, "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": codes::ACT_CODE, "code": "IDSCL"}]}],
        "dateTime": at(wish.signed).to_string(),
        "provision": {"provision": [provision]},
    });
    match wish.source {
        Source::Form => {}
        Source::Telephone => {
            consent["category"][0] = json!({"coding": [{"system": "https://example.org", "code": "t"}]});
        }
        Source::NotToInform => consent["policyRule"] = json!({"coding": [not_to_inform()]}),
    }
    if wish.by_carer {
        consent["performer"] = json!([{"type": "RelatedPerson", "display": "the carer"}]);
    }
    consent
}

/// How a safety plan's list of people not to inform is coded.
fn not_to_inform() -> Value {
    json!({"system": format!("{}/CodeSystem/safety-plan-item", codes::BASE), "code": "people-not-to-inform"})
}
