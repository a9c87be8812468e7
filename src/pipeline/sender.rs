//! Whom a referral or document comes from, by every name it gives its sender. An organisation sends only as itself.

use jiff::Timestamp;
use serde_json::Value;

use super::Parts;
use super::document::{Content, Document};
use crate::auth::Caller;
use crate::directory::Directory;
use crate::fhir::{Bundle, codes};
use crate::intake::Refusal;
use crate::model::{Category, Issue, IssueCode, OdsCode, Party, PartyId};
use crate::route::SenderRole;

/// The party a referral or document comes from. An organisation sends only as itself; what a person, or an organisation without a
/// connection of its own, says on the telephone or on paper is entered by the trust that runs this gateway.
///
/// # Errors
/// When the caller does not speak for that party.
pub(super) fn sender<'a>(
    parts: &'a Parts,
    caller: &'a Caller,
    read: &Document,
    now: Timestamp,
) -> Result<(&'a Party, SenderRole), Refusal> {
    let (role, by_self) = match &read.content {
        Content::Referral(referral) => {
            let kind = referral.referrer.kind;
            (kind.map_or(SenderRole::Other, |kind| SenderRole::from_code(kind.code())), referral.referrer.is_self())
        }
        Content::Document(..) => (SenderRole::Other, false),
    };
    let trust = caller.party.organisation() == &parts.own;
    // Everything by which it names its sender, author and header alike, must lead to the caller.
    let names = &read.names;
    let known: Vec<Option<&Party>> = names.iter().map(|(system, value)| named(parts, system, value, now)).collect();
    let speaks = known.iter().all(|party| party.map_or(trust, |party| caller.speaks_for(party)));
    if speaks && let Some(from) = known.iter().flatten().next() {
        return Ok((from, role));
    }
    if speaks && trust {
        return Ok((&caller.party, if by_self { role } else { SenderRole::Unconnected }));
    }
    Err(Refusal::new(
        Category::Forbidden,
        vec![
            Issue::error(
                IssueCode::Forbidden,
                "An organisation sends only as itself: the organisation named as referrer, author or sender is not the organisation these credentials belong to.",
            )
            .rule("sender-is-caller"),
        ],
    ))
}

/// Identifiers, system and value, of every organisation the content says it comes from: a referral's referrer and header,
/// a document's authors and custodian.
pub(super) fn names(bundle: &Bundle, content: &Content) -> Vec<(String, String)> {
    let mut names = header_names(bundle);
    match content {
        Content::Referral(referral) => {
            let referrer = &referral.referrer;
            let organisation = referrer.organisation.as_ref().filter(|_| !referrer.is_self());
            if let Some(organisation) = organisation {
                names.extend(organisation.party.as_ref().map(|id| (codes::PARTY_ID.to_owned(), id.to_string())));
                names
                    .extend(organisation.ods.as_ref().map(|ods| (codes::ODS_ORGANISATION.to_owned(), ods.to_string())));
            }
        }
        Content::Document(..) => {
            let composition = bundle.first("Composition");
            let authors = composition.and_then(|c| c.get("author")?.as_array()).into_iter().flatten();
            let custodian = composition.and_then(|c| c.get("custodian"));
            for reference in authors.chain(custodian) {
                names.extend(of_reference(bundle, composition, Some(reference), STEPS));
            }
        }
    }
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether every name a message gives its sender is one the caller may send as.
pub(super) fn are_callers(parts: &Parts, caller: &Caller, names: &[(String, String)], now: Timestamp) -> bool {
    let trust = caller.party.organisation() == &parts.own;
    names.iter().all(|(system, value)| named(parts, system, value, now).map_or(trust, |party| caller.speaks_for(party)))
}

/// Identifiers by which `MessageHeader.sender` names an organisation.
pub(super) fn header_names(message: &Bundle) -> Vec<(String, String)> {
    let header = message.first("MessageHeader");
    of_reference(message, header, header.and_then(|header| header.get("sender")), STEPS)
}

/// From a person in a role to the role's organisation; no chain is longer that names who sends.
const STEPS: u8 = 2;

/// Identifiers of the organisation a reference leads to: its own, those of the entry or contained resource, and of the
/// organisation of a role.
fn of_reference(
    bundle: &Bundle,
    holder: Option<&Value>,
    reference: Option<&Value>,
    steps: u8,
) -> Vec<(String, String)> {
    let Some(reference) = reference.filter(|_| steps > 0) else { return Vec::new() };
    let literal = reference.get("reference").and_then(Value::as_str);
    let target = match literal.and_then(|text| text.strip_prefix('#')) {
        Some(id) => {
            let all = holder.and_then(|holder| holder.get("contained")?.as_array()).into_iter().flatten();
            all.into_iter().find(|inner| inner.get("id").and_then(Value::as_str) == Some(id))
        }
        None => bundle.follow(Some(reference)),
    };
    let own = target.and_then(|target| target.get("identifier")?.as_array()).into_iter().flatten();
    let mut found: Vec<(String, String)> = own.chain(reference.get("identifier")).filter_map(of_organisation).collect();
    let above = target.and_then(|target| target.get("organization"));
    let inside = if literal.is_some_and(|text| text.starts_with('#')) { holder } else { target };
    found.extend(of_reference(bundle, inside, above, steps.saturating_sub(1)));
    found
}

/// System and value of an identifier that is one of an organisation.
fn of_organisation(identifier: &Value) -> Option<(String, String)> {
    let text = |key: &str| identifier.get(key).and_then(Value::as_str).map(str::to_owned);
    let (system, value) = (text("system")?, text("value")?);
    [codes::ODS_ORGANISATION, codes::PARTY_ID].contains(&system.as_str()).then_some((system, value))
}

/// The directory's entry for an identifier.
fn named<'a>(parts: &'a Parts, system: &str, value: &str, now: Timestamp) -> Option<&'a Party> {
    match system {
        codes::PARTY_ID => find(&parts.directory, PartyId::parse(value).as_ref(), None, now),
        _ => find(&parts.directory, None, OdsCode::parse(value).as_ref(), now),
    }
}

/// The directory's entry for a party named by directory id or ODS code.
pub(super) fn find<'a>(
    directory: &'a Directory,
    id: Option<&PartyId>,
    ods: Option<&OdsCode>,
    now: Timestamp,
) -> Option<&'a Party> {
    id.and_then(|id| directory.party(id, now)).or_else(|| ods.and_then(|ods| directory.by_ods(ods, now)))
}
