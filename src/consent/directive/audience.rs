//! Whom a provision speaks of: matches the actors of a FHIR Consent with one recipient.
//! Looks nothing up in the directory; the recipient and its organisation are handed in.

use serde_json::Value;

use crate::consent::tags::folded;
use crate::fhir::bundle::resource_type;
use crate::fhir::{Bundle, codes};
use crate::model::Party;

/// The recipient whose release is decided, with what is needed to recognise it.
#[derive(Clone, Copy)]
pub(in crate::consent) struct Audience<'a> {
    pub recipient: &'a Party,
    /// The organisation a team belongs to; `None` for an organisation, or where the caller does not know it.
    pub organisation: Option<&'a Party>,
    pub bundle: &'a Bundle,
}

/// How an actor stands to the recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::consent) enum Match {
    /// Names the recipient, its organisation or its kind.
    Named,
    /// May mean the recipient: enough for an objection, not for a permission.
    Possible,
    /// Has a name that may be the recipient's, misspelt: enough for an objection that is there, and for nothing else.
    Alike,
    /// Names some other party.
    Other,
    /// Names somebody the gateway cannot match to a party: a person, or nobody it can read.
    Unknown,
}

impl Audience<'_> {
    /// Matches one `provision.actor`; `holder` is the entry it stands in, for contained references.
    pub(in crate::consent) fn matches(&self, actor: &Value, holder: &Value) -> Match {
        actor.get("reference").map_or(Match::Unknown, |reference| self.reference(reference, holder, CHAIN))
    }

    fn reference(&self, reference: &Value, holder: &Value, further: u8) -> Match {
        let target = self.target(reference, holder);
        let own = reference.get("identifier").into_iter();
        let of_target = target.and_then(|t| t.get("identifier")).into_iter().flat_map(each);
        let by_identifier = own.chain(of_target).map(|identifier| self.identifier(identifier));
        let aliases = target.and_then(|t| t.get("alias")).into_iter().flat_map(each);
        let names = [reference.get("display"), target.and_then(|t| t.get("name"))].into_iter().flatten().chain(aliases);
        let by_name = names.filter_map(Value::as_str).map(|name| self.name(name));
        let literal = reference.get("reference").and_then(Value::as_str).map_or(Match::Unknown, |text| self.url(text));
        let best =
            by_identifier.chain(by_name).chain([literal]).min_by_key(|found| rank(*found)).unwrap_or(Match::Unknown);
        // What belongs to the recipient, or to its organisation, may be the recipient.
        let above = target.into_iter().flat_map(|target| {
            ["partOf", "providedBy", "organization", "managingOrganization"].iter().filter_map(|key| target.get(*key))
        });
        let belongs = further > 0
            && above.flat_map(each).any(|above| {
                let found = self.reference(above, holder, further.saturating_sub(1));
                matches!(found, Match::Named | Match::Possible | Match::Alike)
            });
        if belongs && best != Match::Named {
            return Match::Possible;
        }
        // A person is never "some other party": the gateway cannot tell who reads along.
        let person = target.and_then(resource_type).is_some_and(|kind| !PARTY_TYPES.contains(&kind));
        if person && best == Match::Other { Match::Unknown } else { best }
    }

    fn target<'b>(&'b self, reference: &Value, holder: &'b Value) -> Option<&'b Value> {
        let text = reference.get("reference")?.as_str()?;
        match text.strip_prefix('#') {
            Some(id) => {
                let contained = holder.get("contained")?.as_array()?;
                contained.iter().find(|r| r.get("id").and_then(Value::as_str) == Some(id))
            }
            None => self.bundle.resolve(text),
        }
    }

    /// By value where the value alone can only mean this recipient; a system spelt in another way is then no more than
    /// a possible match, and a system that is right and a value that is not is another party.
    fn identifier(&self, identifier: &Value) -> Match {
        let text = |key| identifier.get(key).and_then(Value::as_str).map(str::trim);
        let Some(value) = text("value") else { return Match::Unknown };
        let same = |other: &str| other.eq_ignore_ascii_case(value);
        let system = text("system").unwrap_or_default();
        let exact = [codes::PARTY_ID, codes::ODS_ORGANISATION, codes::PARTY_KIND];
        let exact = exact.iter().any(|known| system.eq_ignore_ascii_case(known));
        let found = |named: bool| match (named, exact) {
            (true, true) => Match::Named,
            (true, false) => Match::Possible,
            (false, _) => Match::Other,
        };
        let is = |known: &str| folded(system) == folded(known);
        if is(codes::PARTY_ID) {
            found(same(self.recipient.id.as_str()) || same(self.recipient.organisation().as_str()))
        } else if is(codes::ODS_ORGANISATION) {
            let of = |party: &Party| party.ods.as_ref().is_some_and(|ods| same(ods.as_str()));
            match self.organisation {
                _ if of(self.recipient) => found(true),
                Some(organisation) => found(of(organisation)),
                // Whose team this is has not been told: the code may be its organisation's.
                None if self.recipient.part_of.is_some() => Match::Possible,
                None => Match::Other,
            }
        } else if is(codes::PARTY_KIND) {
            let of_organisation = self.organisation.is_some_and(|organisation| same(organisation.kind.code()));
            match (same(self.recipient.kind.code()), of_organisation) {
                (true, _) => found(true),
                (false, true) => Match::Possible,
                (false, false) => Match::Other,
            }
        } else {
            let codes = [Some(self.recipient), self.organisation].into_iter().flatten().filter_map(|p| p.ods.as_ref());
            let ours = codes.into_iter().any(|ods| same(ods.as_str()) || site_of(value, ods.as_str()))
                || same(self.recipient.id.as_str())
                || same(self.recipient.organisation().as_str());
            if ours { Match::Possible } else { Match::Unknown }
        }
    }

    /// A name alone may mean the recipient; that it does not match says nothing.
    fn name(&self, name: &str) -> Match {
        let named = bare_name(name);
        let any = |same: fn(&str, &str) -> bool| {
            let is = |party: &Party| alike(&bare_name(&party.name), &named, same);
            is(self.recipient) || self.organisation.is_some_and(is)
        };
        if any(|one, other| one == other) {
            Match::Possible
        } else if any(misspelt) {
            Match::Alike
        } else {
            Match::Unknown
        }
    }

    /// `Organization/ID` that leads to no entry, but whose id is the recipient's own.
    fn url(&self, text: &str) -> Match {
        let Some((_, id)) = text.rsplit_once('/') else { return Match::Unknown };
        let same = |other: &str| other.eq_ignore_ascii_case(id);
        let ods = self.recipient.ods.as_ref().or_else(|| self.organisation?.ods.as_ref());
        let known = same(self.recipient.id.as_str())
            || same(self.recipient.organisation().as_str())
            || ods.is_some_and(|ods| same(ods.as_str()));
        if known { Match::Possible } else { Match::Unknown }
    }
}

/// How many steps from a team or service up to its organisation are followed.
const CHAIN: u8 = 4;

/// Whether a code is that of a site of the organisation: its code and two more characters.
fn site_of(code: &str, organisation: &str) -> bool {
    let head = code.get(..organisation.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(organisation)) && code.len() == organisation.len() + 2
}

/// The words of a name as people mean it: no case, no punctuation, no article, no form of organisation. A name of
/// nothing else keeps them.
fn bare_name(name: &str) -> Vec<String> {
    let lower = name.to_lowercase().replace(['\'', '\u{2019}', '.'], "");
    let words = || lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned);
    let bare: Vec<String> = words().filter(|word| !FILLERS.contains(&word.as_str())).collect();
    if bare.is_empty() { words().collect() } else { bare }
}

/// Whether two names may mean the same: the same words, or one of at least two words stands in the other.
fn alike(one: &[String], other: &[String], same: fn(&str, &str) -> bool) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let stands = |part: &[String]| short.iter().zip(part).all(|(a, b)| same(a, b));
    let whole = short.len() == long.len();
    !short.is_empty() && (whole || short.len() > 1) && long.windows(short.len()).any(stands)
}

/// Whether two words may be one, misspelt: an objection must not come to nothing by a letter. The first letter tells apart
/// East and West, and a permission needs more than a name anyway.
fn misspelt(one: &str, other: &str) -> bool {
    let (first, letters) = (one.chars().next() == other.chars().next(), one.chars().count().min(other.chars().count()));
    let slips = match letters {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    };
    one == other || (first && strsim::osa_distance(one, other) <= slips)
}

const FILLERS: &[&str] =
    &["the", "a", "an", "charity", "charitable", "ltd", "limited", "cic", "plc", "llp", "cio", "uk"];

/// Resource types that stand for organisations and teams.
const PARTY_TYPES: &[&str] = &["Organization", "HealthcareService", "CareTeam", "Endpoint", "Location"];

/// The members of a list, or the one value.
fn each(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(all) => all.iter(),
        one => std::slice::from_ref(one).iter(),
    }
}

/// The strongest of several findings about one actor: a name that fits beats an identifier that does not.
const fn rank(found: Match) -> u8 {
    match found {
        Match::Named => 0,
        Match::Possible => 1,
        Match::Other => 2,
        Match::Alike => 3,
        Match::Unknown => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::{Audience, Match};
    use crate::fhir::{Bundle, codes};
    use crate::model::{OdsCode, Party, PartyId, PartyKind};
    use serde_json::{Value, json};

    fn party(id: &str, name: &str, kind: PartyKind, ods: Option<&str>, part_of: Option<&str>) -> Party {
        Party {
            id: PartyId::parse(id).unwrap(),
            name: name.to_owned(),
            kind,
            ods: ods.map(|code| OdsCode::parse(code).unwrap()),
            part_of: part_of.map(|id| PartyId::parse(id).unwrap()),
            person_access: None,
        }
    }

    fn by(system: &str, value: &str) -> Value {
        json!({"reference": {"identifier": {"system": system, "value": value}}})
    }

    #[test]
    fn an_actor_is_matched_by_identifier_kind_reference_or_name() {
        let trust = party("trust", "Made-up Trust", PartyKind::NhsTrust, Some("Y90010"), None);
        let team = party("trust-cmht", "East Team", PartyKind::Cmht, None, Some("trust"));
        let bundle = Bundle::new(json!({"resourceType": "Bundle", "entry": [
            {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Organization", "id": "o1",
                "identifier": [{"system": codes::ODS_ORGANISATION, "value": "y90010"}]}},
            {"fullUrl": "urn:uuid:2", "resource": {"resourceType": "RelatedPerson", "id": "brother"}},
            {"fullUrl": "urn:uuid:3", "resource": {"resourceType": "Organization", "id": "o3",
                "identifier": [{"system": codes::ODS_ORGANISATION, "value": "Y90099"}]}},
            {"fullUrl": "urn:uuid:4", "resource": {"resourceType": "HealthcareService",
                "providedBy": {"reference": "urn:uuid:1"}}},
            {"fullUrl": "urn:uuid:5", "resource": {"resourceType": "PractitionerRole",
                "organization": {"identifier": {"system": codes::ODS_ORGANISATION, "value": "Y90010"}}}},
            {"fullUrl": "urn:uuid:6", "resource": {"resourceType": "Organization", "name": "ET", "alias": ["East team"]}},
            {"fullUrl": "urn:uuid:7", "resource": {"resourceType": "Organization", "name": "A ward",
                "partOf": {"reference": "urn:uuid:1"}}},
        ]}))
        .unwrap();
        let audience = Audience { recipient: &team, organisation: Some(&trust), bundle: &bundle };
        let consent = json!({"contained": [{"resourceType": "Organization", "id": "c",
            "identifier": [{"system": codes::PARTY_ID, "value": "trust-cmht"}]}]});
        let table = [
            (by(codes::PARTY_ID, "trust-cmht"), Match::Named),
            (by(codes::PARTY_ID, "trust"), Match::Named),
            (by(codes::PARTY_ID, "trust-crht"), Match::Other),
            (by(codes::ODS_ORGANISATION, "y90010"), Match::Named),
            (by(&codes::ODS_ORGANISATION.replace("/Id/", "/id/"), "Y90010"), Match::Named),
            (by(codes::ODS_ORGANISATION, "Y90011"), Match::Other),
            (by(codes::PARTY_KIND, "cmht"), Match::Named),
            (by(codes::PARTY_KIND, "nhs-trust"), Match::Possible),
            (by(codes::PARTY_KIND, "vcse"), Match::Other),
            (by("https://somewhere.example/id", "trust-cmht"), Match::Possible),
            (by("https://somewhere.example/id", "trust-crht"), Match::Unknown),
            (by(codes::PARTY_ID, "TRUST-CMHT"), Match::Named),
            (by(&codes::PARTY_ID.to_uppercase(), "trust-cmht"), Match::Named),
            (by("http://fhir.nhs.uk/Id/ods-organization-code/", " Y90010 "), Match::Possible),
            (by("https://fhir.nhs.uk/Id/ods-site-code", "Y90010"), Match::Possible),
            (by("https://fhir.nhs.uk/Id/ods-site-code", "Y9001001"), Match::Possible),
            (json!({"reference": {"identifier": {"value": "y90010"}}}), Match::Possible),
            (json!({"reference": {"reference": "urn:uuid:4"}}), Match::Possible),
            (json!({"reference": {"reference": "urn:uuid:5"}}), Match::Possible),
            (json!({"reference": {"reference": "urn:uuid:6"}}), Match::Possible),
            (json!({"reference": {"reference": "urn:uuid:7"}}), Match::Possible),
            (json!({"reference": {"display": "The  East\u{a0}Team Ltd."}}), Match::Possible),
            (json!({"reference": {"display": "MADE-UP TRUST"}}), Match::Possible),
            (json!({"reference": {"display": "West Team"}}), Match::Unknown),
            (json!({"reference": {"display": "the charity East-Team (CIC)"}}), Match::Possible),
            (json!({"reference": {"display": "East Team, Made-up Road"}}), Match::Possible),
            (json!({"reference": {"display": "Esat Team"}}), Match::Alike),
            (json!({"reference": {"display": "Made-up Trsut"}}), Match::Alike),
            (json!({"reference": {"display": "East Tramway"}}), Match::Unknown),
            (json!({"reference": {"display": "Trust"}}), Match::Unknown),
            (json!({"reference": {"display": "Team East"}}), Match::Unknown),
            (json!({"reference": {"reference": "urn:uuid:1"}}), Match::Named),
            (json!({"reference": {"reference": "Organization/o1"}}), Match::Named),
            (json!({"reference": {"reference": "#c"}}), Match::Named),
            (json!({"reference": {"reference": "urn:uuid:2", "display": "his brother"}}), Match::Unknown),
            (json!({"reference": {"reference": "urn:uuid:3"}}), Match::Other),
            (json!({"reference": {"reference": "Organization/Y90010"}}), Match::Possible),
            (json!({"reference": {"display": " east team"}}), Match::Possible),
            (json!({"reference": {"display": "his brother"}}), Match::Unknown),
            (json!({}), Match::Unknown),
        ];
        for (actor, expected) in table {
            assert_eq!(audience.matches(&actor, &consent), expected, "{actor}");
        }
    }

    #[test]
    fn an_ods_code_may_be_that_of_an_organisation_the_caller_did_not_name() {
        let team = party("trust-cmht", "East Team", PartyKind::Cmht, None, Some("trust"));
        let bundle = Bundle::new(json!({"resourceType": "Bundle"})).unwrap();
        let audience = Audience { recipient: &team, organisation: None, bundle: &bundle };
        assert_eq!(audience.matches(&by(codes::ODS_ORGANISATION, "Y90010"), &json!({})), Match::Possible);
    }
}
