//! Where a plan or letter goes (`routing-and-clocks.md`; `cmht-documents.md` §2-6). A document is nobody's to triage: it
//! goes to whoever it is written to, to the person's GP where the source says so, and to the copies it names. The
//! person's own copy does not travel through the gateway.
//!
//! Rules: RT-11 addressee of a letter, RT-12 the person's GP practice, RT-13 teams of the author's own organisation named
//! in a plan, RT-10 every other copy named. No source sends a safety or contingency plan to the crisis team unasked
//! (L690, L1063, L8560-8569), so it gets one where the plan names it.

use jiff::Timestamp;

use super::plan::{Plan, Rule};
use super::{Origin, Role, Routing, Wanted};
use crate::directory::Directory;
use crate::model::{DocumentKind, Party, PartyId, Sector};

const ADDRESSEE: Rule = Rule { id: "RT-11", source: "cmht-documents.md §5 and §6; L2797-2855, L3404-3415" };
const CARE_TEAM: Rule = Rule { id: "RT-13", source: "cmht-documents.md §2 and §3; L1232-1233, L4305-4308" };
const COPIES: Rule = Rule { id: "RT-10", source: "cmht-documents.md §2 to §6, copies named in the document" };

/// Kinds of which the source says that the person's GP practice gets one.
const TO_GP: &[(DocumentKind, Rule)] = &[
    (DocumentKind::DischargeLetter, Rule { id: "RT-12", source: "cmht-documents.md §4; L1532-1535, L4116-4119" }),
    (DocumentKind::PrivateOpinion, Rule { id: "RT-12", source: "cmht-documents.md §6; L2797-2855" }),
];

/// What the routing of a document takes in.
#[derive(Debug, Clone)]
pub struct DocumentFacts<'a> {
    pub kind: DocumentKind,
    /// The authenticated party the document came from.
    pub sender: &'a Party,
    /// Whom a letter is written to, where the directory knows it.
    pub addressee: Option<PartyId>,
    /// The person's GP practice, where the document names one the directory knows.
    pub gp: Option<PartyId>,
    /// Further recipients the document names, in its order.
    pub copies: Vec<PartyId>,
}

/// Decides where a document goes; it may go to nobody.
#[must_use]
pub fn document_destinations(facts: &DocumentFacts<'_>, directory: &Directory, now: Timestamp) -> Routing {
    let mut plan = Plan::default();
    let known = |id: &PartyId| directory.party(id, now);
    if let Some(addressee) = &facts.addressee {
        if known(addressee).is_some() {
            plan.choose(ADDRESSEE, Role::Addressee, addressee, "The letter is written to it.");
        } else {
            plan.pass_over(ADDRESSEE, addressee, ABSENT);
            plan.unplaced(ADDRESSEE, Wanted::Addressee(addressee.clone()), UNADDRESSED);
        }
    }
    if let Some((_, rule)) = TO_GP.iter().find(|(kind, _)| *kind == facts.kind) {
        practice(&mut plan, *rule, facts, directory, now);
    }
    for id in &facts.copies {
        let Some(party) = known(id) else {
            plan.pass_over(COPIES, id, ABSENT);
            plan.unplaced(COPIES, Wanted::Copy(id.clone()), UNCOPIED);
            continue;
        };
        if *id == facts.sender.id {
            plan.pass_over(COPIES, id, "The sender has the document already.");
        } else if facts.kind == DocumentKind::HandoverOutcome && party.sector() == Sector::Nhs {
            // It has no `to`: whoever handed the person over is told, and is named as a recipient of the answer.
            plan.choose(
                ADDRESSEE,
                Role::Addressee,
                id,
                "A handover's outcome is told to those in the NHS whom it names.",
            );
        } else if facts.kind.is_plan() && is_colleague(facts.sender, party) {
            let reason = "The plan names it, and it is a team of the organisation that wrote the plan.";
            plan.choose(CARE_TEAM, Role::CareTeam, id, reason);
        } else {
            plan.choose(COPIES, Role::Copy, id, "The document names it for a copy.");
        }
    }
    plan.finish(Origin::of(facts.sender))
}

const ABSENT: &str = "Not in the directory at this time.";
const UNCOPIED: &str =
    "No copy went there: it is not in the directory at this time. Check the name or send it yourself.";
const UNADDRESSED: &str =
    "The letter went to nobody it is written to: it is not in the directory at this time. Send it another way.";

/// RT-12: the practice the person is registered with.
fn practice(plan: &mut Plan, rule: Rule, facts: &DocumentFacts<'_>, directory: &Directory, now: Timestamp) {
    match facts.gp.as_ref().and_then(|id| directory.party(id, now)) {
        Some(practice) if practice.id == facts.sender.id => {
            plan.pass_over(rule, &practice.id, "The sender has the document already.");
        }
        Some(practice) => {
            let reason = format!("A {} goes to the person's GP practice.", facts.kind.title().to_lowercase());
            plan.choose(rule, Role::Gp, &practice.id, reason);
        }
        None => {
            let why = "The person's GP practice should have this, and the document names none that the directory \
                       knows. Send it to the practice another way.";
            plan.unplaced(rule, Wanted::GpPractice, why);
        }
    }
}

/// Whether a party is an NHS team of the organisation that sends.
fn is_colleague(sender: &Party, party: &Party) -> bool {
    let nhs = party.sector() == Sector::Nhs && sender.sector() == Sector::Nhs;
    nhs && party.part_of.is_some() && party.organisation() == sender.organisation()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{DocumentFacts, document_destinations};
    use crate::directory::{DEMO, Directory};
    use crate::model::{DocumentKind, PartyId};
    use crate::route::Wanted;

    fn id(text: &str) -> PartyId {
        PartyId::parse(text).unwrap()
    }

    type Row<'a> =
        (DocumentKind, &'a str, Option<&'a str>, Option<&'a str>, &'a [&'a str], &'a [(&'a str, &'a str, &'a str)]);

    #[test]
    fn each_kind_goes_where_its_source_says_and_to_the_copies_it_names() {
        use DocumentKind::{
            CarePlan, ContingencyPlan, DischargeLetter, HandoverOutcome, PrivateOpinion, SafetyPlan, SharedCareRequest,
        };
        let directory = Directory::from_toml(DEMO).unwrap();
        let now: Timestamp = "2026-11-22T09:00:00Z".parse().unwrap();
        let east = "lpt-cmht-city-east";
        let rows: &[Row<'_>] = &[
            (SafetyPlan, east, None, Some("demo-gp"), &[], &[]),
            (SafetyPlan, east, None, None, &["demo-gp"], &[("demo-gp", "copy", "RT-10")]),
            (ContingencyPlan, east, None, None, &["lpt-crht", east], &[("lpt-crht", "care-team", "RT-13")]),
            (ContingencyPlan, "demo-gp", None, None, &["lpt-crht"], &[("lpt-crht", "copy", "RT-10")]),
            (CarePlan, east, None, None, &["wellbeing-roots"], &[("wellbeing-roots", "copy", "RT-10")]),
            (
                DischargeLetter,
                "lpt",
                None,
                Some("demo-gp"),
                &["wellbeing-roots", "demo-gp", "wellbeing-roots"],
                &[("demo-gp", "gp", "RT-12"), ("wellbeing-roots", "copy", "RT-10")],
            ),
            (DischargeLetter, "lpt", None, None, &["lpt-crht"], &[("lpt-crht", "copy", "RT-10")]),
            (
                PrivateOpinion,
                "harbour-clinic",
                Some(east),
                Some("demo-gp"),
                &[],
                &[(east, "addressee", "RT-11"), ("demo-gp", "gp", "RT-12")],
            ),
            (
                HandoverOutcome,
                "wellbeing-roots",
                None,
                None,
                &["speakwell-advocacy", east],
                &[(east, "addressee", "RT-11"), ("speakwell-advocacy", "copy", "RT-10")],
            ),
            (SharedCareRequest, "lpt", Some("demo-gp"), Some("demo-gp"), &[], &[("demo-gp", "addressee", "RT-11")]),
        ];
        for (kind, sender, addressee, gp, copies, expected) in rows {
            let facts = DocumentFacts {
                kind: *kind,
                sender: directory.party(&id(sender), now).unwrap(),
                addressee: addressee.map(id),
                gp: gp.map(id),
                copies: copies.iter().map(|copy| id(copy)).collect(),
            };
            let routing = document_destinations(&facts, &directory, now);
            let found: Vec<_> =
                routing.destinations.iter().map(|d| (d.party.as_str(), d.role.code(), d.rule)).collect();
            assert_eq!(found, *expected, "{kind:?} from {sender}");
            assert!(routing.destinations.iter().all(|d| !d.reason.is_empty() && !d.source.is_empty()));
        }
    }

    #[test]
    fn what_cannot_be_placed_is_told() {
        let directory = Directory::from_toml(DEMO).unwrap();
        let now: Timestamp = "2026-11-22T09:00:00Z".parse().unwrap();
        let facts = DocumentFacts {
            kind: DocumentKind::DischargeLetter,
            sender: directory.party(&id("lpt"), now).unwrap(),
            addressee: Some(id("lanternlight")),
            gp: None,
            copies: vec![id("nobody")],
        };
        let routing = document_destinations(&facts, &directory, now);
        let wanted: Vec<_> = routing.unplaced.iter().map(|unplaced| unplaced.wanted.clone()).collect();
        assert_eq!(wanted, [Wanted::Addressee(id("lanternlight")), Wanted::GpPractice, Wanted::Copy(id("nobody"))]);
        assert!(routing.destinations.is_empty());
    }
}
