//! Everybody involved ⇄ CareTeam (UKCore-CareTeam, <https://hl7.org/fhir/R4/careteam.html>): a professional is a
//! PractitionerRole, a service an Organization. Roles stand in the team, for they are roles in this person's care.

use serde_json::{Map, Value, json};

use crate::documents::Document;
use crate::documents::parts::{Author, ContactKind, Known, MemberKind, TeamMember};
use crate::fhir::build::{coding, concept, put};
use crate::fhir::bundle::resource_type;
use crate::fhir::codes;
use crate::map::document::write::Writer;
use crate::map::element::Element;
use crate::map::extensions;
use crate::map::read::Subject;
use crate::map::read::datatypes::{code_of, name, telecoms, words};
use crate::map::read::parties::{is_logical, logical_addressee, party_of};
use crate::map::source::Target;
use crate::map::write::datatypes::{party_identifiers, telecoms as telecom_list};
use crate::map::write::statement::Asked;
use crate::model::Sector;

/// Code of the key worker among [`codes::CONTACT_KIND`]; no code of others is known (`codes.md`, "Gaps").
const KEY_WORKER: ContactKind = ContactKind::KeyWorker;
/// SNOMED CT "Care coordinator", a role in a CareTeam (`codes.md` §6).
const CARE_COORDINATOR: &str = "768820003";

impl<D: Document> Writer<'_, D> {
    /// The team, then its members.
    pub(in crate::map::document) fn care_team(&mut self, asked: &Asked<'_>, answer: Option<&Known<TeamMember>>) {
        let members = self.listed(asked, answer);
        if members.is_empty() {
            return;
        }
        let lines: Vec<String> = members.iter().map(|(_, member)| member.line()).collect();
        let mut out = self.out.resource("CareTeam", asked.key, true, Some(asked.category), &lines);
        put(&mut out, "status", "active");
        put(&mut out, "category", json!([concept(asked.system, asked.key, asked.title)]));
        put(&mut out, "name", asked.title);
        put(&mut out, "subject", self.out.refer("patient"));
        let participants = members.iter().map(|(role, member)| {
            let mut participant = Map::new();
            let mut known = Map::new();
            let key = member.key_worker.then(|| coding(codes::CONTACT_KIND, KEY_WORKER.code(), KEY_WORKER.title()));
            put(&mut known, "coding", key.into_iter().collect::<Vec<_>>());
            put(&mut known, "text", member.role.clone());
            if !known.is_empty() {
                put(&mut participant, "role", json!([known]));
            }
            put(&mut participant, "member", self.out.refer(role));
            Value::Object(participant)
        });
        put(&mut out, "participant", participants.collect::<Vec<_>>());
        self.out.push_item(asked.key, out);
        for (role, member) in members {
            self.member(asked, &role, member);
        }
    }

    fn member(&mut self, asked: &Asked<'_>, role: &str, member: &TeamMember) {
        let kind = match member.kind {
            MemberKind::Professional => "PractitionerRole",
            MemberKind::Service => "Organization",
        };
        let mut out = self.out.resource(kind, role, true, Some(asked.category), &[member.line()]);
        let note = member.notes.as_ref().map(|n| json!({"url": extensions::CONTACT_NOTE, "valueString": n}));
        let sector = member.sector.map(|s| json!({"url": extensions::PARTY_SECTOR, "valueCode": s.code()}));
        put(&mut out, "extension", note.into_iter().chain(sector).collect::<Vec<_>>());
        let mut identifiers = party_identifiers(member.ods.as_ref(), member.party.as_ref());
        let mut at = Map::new();
        match member.kind {
            MemberKind::Professional => {
                put(&mut out, "practitioner", member.name.as_ref().map(|name| json!({"display": name})));
                put(&mut at, "identifier", identifiers.pop());
                put(&mut at, "display", member.organisation.clone());
                put(&mut out, "organization", at);
            }
            MemberKind::Service => {
                put(&mut out, "identifier", identifiers);
                put(&mut out, "name", member.name.clone());
                put(&mut at, "display", member.organisation.clone());
                put(&mut out, "partOf", at);
            }
        }
        put(&mut out, "telecom", telecom_list(&member.telecoms));
        self.out.push_item(role, out);
    }
}

/// Puts the members of a CareTeam into the list; gives the entries they stand in. Members who are neither professionals
/// nor services are left: family and carers stand under headings of their own, so that they can be withheld.
pub(in crate::map::document) fn take<'b>(
    at: &Subject<'_, 'b>,
    place: usize,
    value: &'b Value,
    system: &str,
    slot: &mut Option<Known<TeamMember>>,
) -> Vec<usize> {
    if resource_type(value) != Some("CareTeam") {
        return Vec::new();
    }
    let mut team = at.source.open(place);
    team.ignore(&["subject"]);
    team.expect("status", &["active"]);
    let mut ours = false;
    for mut category in team.children("category") {
        ours |= code_of(&mut category, system, |_| Some(())).is_some();
    }
    team.ignore_if(ours, "name");
    let members = value.get("participant").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut found = Vec::new();
    for (mut participant, raw) in team.children("participant").into_iter().zip(members) {
        let Some(reference) = raw.get("member") else { continue };
        let place = at.source.locate(reference);
        let kind = place.map_or_else(
            || reference.get("type").and_then(Value::as_str),
            |place| resource_type(at.source.value(place)),
        );
        if matches!(kind, Some("RelatedPerson" | "Patient" | "CareTeam")) {
            continue;
        }
        let Some(taken) = participant.child("member") else { continue };
        let mut member = read_member(at, taken, value, kind);
        roles(&mut participant, &mut member, ours);
        Known::add(slot, member);
        found.extend(place);
    }
    found
}

fn read_member<'b>(at: &Subject<'_, 'b>, reference: Element<'_>, holder: &'b Value, kind: Option<&str>) -> TeamMember {
    let mut out = TeamMember {
        kind: if kind == Some("Organization") { MemberKind::Service } else { MemberKind::Professional },
        key_worker: false,
        name: None,
        role: None,
        organisation: None,
        party: None,
        ods: None,
        sector: None,
        telecoms: Vec::new(),
        notes: None,
    };
    match at.source.follow(reference, holder) {
        Target::Resource { kind: "PractitionerRole", mut element, value } => {
            element.active();
            shared(&mut element, &mut out);
            if let Some(practitioner) = element.child("practitioner") {
                let mut who = Author::default();
                at.professional(practitioner, value, &mut who);
                out.name = who.name.map(|name| name.line());
            }
            for code in element.children("code") {
                out.role = out.role.take().or_else(|| words(code));
            }
            let organisation = element.child("organization").and_then(|reference| {
                if is_logical(&reference) { logical_addressee(reference) } else { at.addressee_at(reference, value) }
            });
            if let Some(to) = organisation {
                (out.organisation, out.ods, out.party) = (to.name, to.ods, to.party);
            }
        }
        Target::Resource { kind: "Organization", mut element, value } => {
            out.kind = MemberKind::Service;
            element.active();
            shared(&mut element, &mut out);
            out.name = element.string("name");
            party_of(&mut element, &mut out.ods, &mut out.party);
            if let Some(above) = element.child("partOf") {
                out.organisation = at.organisation_at(above, value).map(|found| found.label().to_owned());
            }
        }
        Target::Resource { kind: "Practitioner", mut element, .. } => {
            element.active();
            out.telecoms = telecoms(&mut element, "telecom");
            out.name = element.children("name").into_iter().find_map(name).map(|name| name.line());
        }
        Target::Resource { element, .. } => drop(element),
        Target::Logical(element) => {
            if let Some(to) = logical_addressee(element) {
                if to.ods.is_some() || to.party.is_some() {
                    out.kind = MemberKind::Service;
                }
                (out.name, out.ods, out.party) = (to.name, to.ods, to.party);
            }
        }
    }
    out
}

/// What PractitionerRole and Organization hold alike.
fn shared(element: &mut Element<'_>, out: &mut TeamMember) {
    out.telecoms = telecoms(element, "telecom");
    out.notes = element.extension_string(extensions::CONTACT_NOTE);
    let sector = element.extension(extensions::PARTY_SECTOR);
    out.sector = sector.and_then(|mut mark| mark.parsed("valueCode", Sector::from_code));
}

/// Roles in the team, beside the role a professional has anyway. In teams of others a care co-ordinator or lead
/// professional is the key worker (L3949-3955).
fn roles(participant: &mut Element<'_>, member: &mut TeamMember, ours: bool) {
    let mut texts: Vec<String> = member.role.take().into_iter().collect();
    for mut role in participant.children("role") {
        let key = code_of(&mut role, codes::CONTACT_KIND, |code| (code == KEY_WORKER.code()).then_some(()));
        member.key_worker |= key.is_some();
        if !ours && coordinates(&role) {
            role.coerced("text", "The care co-ordinator or lead professional is read as the key worker.");
            member.key_worker = true;
        }
        texts.extend(words(role).filter(|text| !texts.contains(text)));
    }
    member.role = (!texts.is_empty()).then(|| texts.join("; "));
}

/// Whether a role is one of those that became the key worker.
fn coordinates(role: &Element<'_>) -> bool {
    let text = role.peek("text").and_then(Value::as_str).unwrap_or_default().to_lowercase();
    let words = ["key worker", "keyworker", "care co-ordinator", "care coordinator", "lead professional"];
    let codings = role.peek("coding").and_then(Value::as_array).into_iter().flatten();
    let coded = codings.into_iter().any(|coding| coding.get("code").and_then(Value::as_str) == Some(CARE_COORDINATOR));
    coded || words.iter().any(|word| text.contains(word))
}
