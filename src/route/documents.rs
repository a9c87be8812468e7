//! Where a plan or letter goes (`routing-and-clocks.md`; `cmht-documents.md` §2-6), by the destination rules that are
//! data. A document is nobody's to triage: it goes to whoever it is written to, to the person's GP where the source says
//! so, to the copies it names, and where it names none to those who have a share in it. The person's own copy does not
//! travel through the gateway: whoever wrote it hands it over, and is told so.
//!
//! No source sends a safety or contingency plan to the crisis team unasked (L690, L1063, L8560-8569), so it gets one where
//! the plan names it.

use jiff::Timestamp;

use super::catchment::{Located, catchment};
use super::condition::View;
use super::facts::PersonFacts;
use super::place::{Lost, Search, nearest};
use super::plan::{Plan, Rule};
use super::rule::{DestinationRule, Target};
use super::ruleset::Rules;
use super::{ByHand, Origin, Role, Routing, Wanted};
use crate::directory::Directory;
use crate::model::{DocumentKind, Party, PartyId, PartyKind, Sector};

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
    /// The team that answers for the person at present, as far as the gateway was told.
    pub care_team: Option<PartyId>,
    /// Who sent the request that the document answers, as far as the gateway was told.
    pub requester: Option<PartyId>,
    pub person: PersonFacts,
}

/// Decides where a document goes; it may go to nobody.
#[must_use]
pub fn document_destinations(
    facts: &DocumentFacts<'_>,
    rules: &Rules,
    directory: &Directory,
    now: Timestamp,
) -> Routing {
    let origin = Origin::of(facts.sender);
    let catchment = catchment(&facts.person, rules, directory, now);
    let located = Located::of(&facts.person, rules.areas());
    let view = View {
        origin: Some(origin),
        sender_kind: Some(facts.sender.kind),
        names_team: facts.addressee.is_some(),
        names_copies: !facts.copies.is_empty(),
        ..located.view()
    };
    let at = At { facts, rules, directory, now };
    let mut plan = Plan::default();
    for row in rules.upon_document(facts.kind).filter(|row| row.when.holds(&view)) {
        let rule = Rule::of(&row.heading);
        if row.role == Role::Responsible {
            at.responsible(&mut plan, &rule, row, &catchment);
            continue;
        }
        for target in &row.to {
            at.serve(&mut plan, &rule, row, target);
        }
    }
    plan.finish(origin, (!catchment.rule.is_empty()).then_some(catchment))
}

const ABSENT: &str = "Not in the directory at this time.";
const UNCOPIED: &str =
    "No copy went there: it is not in the directory at this time. Check the name or send it yourself.";
const UNADDRESSED: &str =
    "The letter went to nobody it is written to: it is not in the directory at this time. Send it another way.";
const HAS_IT: &str = "The sender has the document already.";

/// A document, and by what it is placed.
struct At<'a> {
    facts: &'a DocumentFacts<'a>,
    rules: &'a Rules,
    directory: &'a Directory,
    now: Timestamp,
}

impl At<'_> {
    fn serve(&self, plan: &mut Plan, rule: &Rule, row: &DestinationRule, target: &Target) {
        let Self { facts, directory, now, .. } = self;
        let reason = || row.heading.reason.clone();
        match target {
            Target::Addressee => {
                let Some(addressee) = &facts.addressee else { return };
                if directory.party(addressee, *now).is_some() {
                    plan.choose(rule, row.role, addressee, reason());
                } else {
                    plan.pass_over(rule, addressee, ABSENT);
                    plan.unplaced(rule, Wanted::Addressee(addressee.clone()), UNADDRESSED);
                }
            }
            Target::Gp => self.practice(plan, rule, row),
            Target::Copies | Target::Colleagues => self.copies(plan, rule, row, target),
            Target::CareTeam => self.known(plan, rule, row, facts.care_team.as_ref()),
            Target::Requester => self.known(plan, rule, row, facts.requester.as_ref()),
            Target::Person => {
                let by = facts.sender.id.clone();
                plan.by_hand(ByHand { by, rule: rule.id.clone(), source: rule.source.clone(), reason: reason() });
            }
            Target::Kind(kind) => {
                let found = nearest(*kind, &[Some(facts.sender.organisation())], directory, *now);
                self.known(plan, rule, row, found.map(|party| &party.id));
            }
            Target::Party(id) => self.known(plan, rule, row, Some(id)),
            Target::AccessPoint | Target::Named | Target::Catchment | Target::Identified => {}
        }
    }

    /// A party that the gateway knows of by itself: nobody named it, so nobody need be told where it is not there.
    fn known(&self, plan: &mut Plan, rule: &Rule, row: &DestinationRule, party: Option<&PartyId>) {
        let Some(id) = party else { return };
        if *id == self.facts.sender.id {
            plan.pass_over(rule, id, HAS_IT);
        } else if self.directory.party(id, self.now).is_some() {
            plan.choose(rule, row.role, id, row.heading.reason.clone());
        } else {
            plan.pass_over(rule, id, ABSENT);
        }
    }

    /// The practice the person is registered with. Where a document must go there, its absence is told.
    fn practice(&self, plan: &mut Plan, rule: &Rule, row: &DestinationRule) {
        match self.facts.gp.as_ref().and_then(|id| self.directory.party(id, self.now)) {
            Some(practice) if practice.id == self.facts.sender.id => plan.pass_over(rule, &practice.id, HAS_IT),
            Some(practice) => plan.choose(rule, row.role, &practice.id, row.heading.reason.clone()),
            None => {
                let why = "The person's GP practice should have this, and the document names none that the directory \
                           knows. Send it to the practice another way.";
                plan.unplaced(rule, Wanted::GpPractice, why);
            }
        }
    }

    /// Those named for a copy: all of them, or the teams of the author's own organisation.
    fn copies(&self, plan: &mut Plan, rule: &Rule, row: &DestinationRule, target: &Target) {
        let facts = self.facts;
        for id in &facts.copies {
            let party = self.directory.party(id, self.now);
            let colleague = party.is_some_and(|party| is_colleague(facts.sender, party));
            match party {
                _ if *target == Target::Colleagues && !colleague => {}
                None => {
                    plan.pass_over(rule, id, ABSENT);
                    plan.unplaced(rule, Wanted::Copy(id.clone()), UNCOPIED);
                }
                Some(_) if *id == facts.sender.id => plan.pass_over(rule, id, HAS_IT),
                // It has no `to`: whoever handed the person over is told, and is named as a recipient of the answer.
                Some(party) if facts.kind == DocumentKind::HandoverOutcome && party.sector() == Sector::Nhs => {
                    let told = self.rules.upon_document(facts.kind).find(|row| row.to.contains(&Target::Addressee));
                    let told = told.map_or_else(|| rule.clone(), |row| Rule::of(&row.heading));
                    let reason = "A handover's outcome is told to those in the NHS whom it names.";
                    plan.choose(&told, Role::Addressee, id, reason);
                }
                Some(_) => plan.choose(rule, row.role, id, row.heading.reason.clone()),
            }
        }
    }

    /// The team that is to take the person on: the one named, unless it is one that only passes on, else that of the
    /// catchment, else whoever places those whom nobody covers.
    fn responsible(&self, plan: &mut Plan, rule: &Rule, row: &DestinationRule, catchment: &super::Catchment) {
        let Self { facts, rules, directory, now } = self;
        let passes_on = |id: &PartyId| {
            directory.party(id, *now).is_some_and(|party| {
                matches!(party.kind, PartyKind::AccessPoint | PartyKind::GpPractice | PartyKind::NhsTrust)
            })
        };
        let named = facts.addressee.as_ref().filter(|id| !passes_on(id));
        let search = Search {
            rules,
            directory,
            now: *now,
            sender: &facts.sender.id,
            access_point: nearest(PartyKind::AccessPoint, &[], directory, *now),
            named,
            catchment,
            person: &facts.person,
        };
        if let Some(other) = facts.addressee.as_ref().filter(|id| passes_on(id)) {
            plan.pass_over(
                rule,
                other,
                "It is named, and it would only pass the person on: the waiting list is a team's.",
            );
        }
        let mut lost = None;
        let found = row.to.iter().find_map(|target| match search.find(target) {
            Ok(found) => Some(found),
            Err(Lost::Named(id, why)) => {
                lost = Some((id, why));
                None
            }
            Err(_) => None,
        });
        // A team that cannot be had, then the catchment.
        let found = found.or_else(|| search.find(&Target::Catchment).ok()).or_else(|| search.fallback());
        if let Some((id, why)) = &lost {
            plan.pass_over(rule, id, *why);
        }
        match found {
            Some(found) => {
                let by = found.fallback.as_ref().unwrap_or(rule);
                plan.fallback |= found.fallback.is_some();
                if let Some((id, why)) = lost {
                    plan.unplaced(rule, Wanted::Team(id), format!("{why} {} has it instead.", found.party.name));
                }
                let reason = format!("{} {}", row.heading.reason, found.more);
                plan.choose(by, row.role, &found.party.id, reason.trim_end());
            }
            None => plan.unplaced(rule, Wanted::Somebody, UNADDRESSED),
        }
        for candidate in &catchment.passed_over {
            plan.note(candidate.clone());
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
    use crate::route::Rules;
    use crate::route::{PersonFacts, Wanted};

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
            (SafetyPlan, east, None, Some("demo-gp"), &[], &[("demo-gp", "gp", "RT-14")]),
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
                care_team: None,
                requester: None,
                person: PersonFacts::default(),
            };
            let routing = document_destinations(&facts, &Rules::built_in().unwrap(), &directory, now);
            let found: Vec<_> =
                routing.destinations.iter().map(|d| (d.party.as_str(), d.role.code(), d.rule.as_str())).collect();
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
            care_team: None,
            requester: None,
            person: PersonFacts::default(),
        };
        let routing = document_destinations(&facts, &Rules::built_in().unwrap(), &directory, now);
        let wanted: Vec<_> = routing.unplaced.iter().map(|unplaced| unplaced.wanted.clone()).collect();
        assert_eq!(wanted, [Wanted::Addressee(id("lanternlight")), Wanted::GpPractice, Wanted::Copy(id("nobody"))]);
        assert!(routing.destinations.is_empty());
    }
}
