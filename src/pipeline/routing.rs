//! Where a message in hand goes: what it asks for, looked up in the directory and put to `route`. Rules live there.

use jiff::Timestamp;

use super::answering::Answered;
use super::document::Content;
use super::facts;
use super::outline::Outline;
use super::process::Run;
use super::sender::find;
use crate::directory::Directory;
use crate::documents::parts::{Addressee, Organisation};
use crate::documents::referral::Referral;
use crate::intake::Refusal;
use crate::model::{DocumentKind, Issue, IssueCode, Party, PartyId, PartyKind};
use crate::route::{self, Advice, Routing};

impl Run<'_> {
    /// Where the referral goes, and a warning for each recipient that is asked for and unknown.
    pub(super) fn route_referral(&self, referral: &Referral) -> Result<(Routing, Vec<Issue>), Refusal> {
        let directory = &self.parts.directory;
        let mut unknown = Vec::new();
        let service = referral.service.as_ref();
        let requested = service.and_then(|service| self.place(service, "/service".to_owned(), &mut unknown));
        let copies = self.places(&referral.copies, &mut unknown);
        let facts = route::Facts {
            sender: self.sender,
            sender_role: self.sender_role,
            response: self.urgency(),
            requested,
            copies,
            person: facts::of_referral(referral, directory, self.now),
        };
        let routing = route::destinations(&facts, &self.parts.rules, directory, self.now)
            .map_err(|error| Refusal::one(error.category(), IssueCode::Exception, error.to_string()))?;
        Ok((routing, unknown))
    }

    /// Where a document goes, and the same warnings.
    pub(super) fn route_document(&self, outline: &Outline) -> (Routing, Vec<Issue>) {
        let directory: &Directory = &self.parts.directory;
        let mut unknown = Vec::new();
        let to = outline.addressee.as_ref();
        let facts = route::DocumentFacts {
            kind: self.read.kind,
            sender: self.sender,
            addressee: to.and_then(|(pointer, to)| self.place(to, pointer.clone(), &mut unknown)),
            gp: self.practice().map(|party| party.id.clone()),
            copies: self.places(&outline.copies, &mut unknown),
            care_team: facts::care_team(self.care).filter(|id| !self.is_access_point(id)),
            requester: self.requester(),
            person: facts::of_content(&self.read.content, directory, self.now),
        };
        (route::document_destinations(&facts, &self.parts.rules, directory, self.now), unknown)
    }

    /// Advice to whoever triages a referral; of a document there is none.
    pub(super) fn advice(&self) -> Vec<Advice> {
        let Content::Referral(referral) = &self.read.content else { return Vec::new() };
        let person = facts::of_referral(referral, &self.parts.directory, self.now);
        route::advice(&person, &self.parts.rules)
    }

    /// Who answers for triage only is in nobody's care team.
    fn is_access_point(&self, id: &PartyId) -> bool {
        let party = self.parts.directory.party(id, self.now);
        party.is_some_and(|party| party.kind == PartyKind::AccessPoint)
    }

    /// Who sent the request that this document answers: the one it names, else the last one of its kind that the sender
    /// has.
    fn requester(&self) -> Option<PartyId> {
        let asked = match self.read.kind {
            DocumentKind::HandoverOutcome => DocumentKind::SocialPrescribingHandover,
            DocumentKind::ClinicalInformationAnswer => DocumentKind::ClinicalInformationRequest,
            DocumentKind::SharedCareAnswer => DocumentKind::SharedCareRequest,
            _ => return None,
        };
        if let Some(Answered::Task(held)) = self.answered {
            return Some(held.requester().clone());
        }
        let owns = |id: &PartyId| {
            let party = self.parts.directory.party(id, self.now);
            party.is_some_and(|party| party.organisation() == self.sender.organisation())
        };
        let mut tasks: Vec<_> = self.care.tasks.iter().filter(|task| task.kind == asked && owns(&task.owner)).collect();
        tasks.sort_by_key(|task| task.opened);
        tasks.last().map(|task| task.requester.clone())
    }

    /// The directory's id of a recipient that is asked for, or a warning.
    fn place(&self, wanted: &Addressee, pointer: String, unknown: &mut Vec<Issue>) -> Option<PartyId> {
        let found = find(&self.parts.directory, wanted.party.as_ref(), wanted.ods.as_ref(), self.now);
        if found.is_none() {
            let text = "This recipient is not in the directory, so nothing was sent to it.";
            unknown.push(Issue::warning(IssueCode::NotFound, text).at(pointer).rule("recipient-known"));
        }
        found.map(|party| party.id.clone())
    }

    fn places(&self, copies: &[Addressee], unknown: &mut Vec<Issue>) -> Vec<PartyId> {
        let copies = copies.iter().enumerate();
        copies.filter_map(|(index, copy)| self.place(copy, format!("/copies/{index}"), unknown)).collect()
    }

    /// Whether a recipient is the GP practice the person is registered with (CS-14's care relationship).
    pub(super) fn is_own_gp(&self, recipient: &Party) -> bool {
        self.practice().is_some_and(|party| party.id == recipient.id)
    }

    fn practice(&self) -> Option<&Party> {
        practice_of(&self.parts.directory, &self.read.content, self.now)
    }
}

/// The practice the person is registered with, where the directory knows it.
pub(super) fn practice_of<'d>(directory: &'d Directory, content: &Content, now: Timestamp) -> Option<&'d Party> {
    let Organisation { party, ods, .. } = match content {
        Content::Referral(referral) => referral.person.gp_practice.as_ref(),
        Content::Document(outline, _) => outline.gp_practice.as_ref(),
    }?;
    find(directory, party.as_ref(), ods.as_ref(), now)
}
