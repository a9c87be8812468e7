//! What a Consent must keep to before it is kept, beyond the profile: one person, no date that is still to come, objections
//! to somebody there is, and from outside the NHS objections to oneself only, unless one has to do with the person. Decides no
//! release; knows no HTTP.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::remember::moment;
use crate::auth::Caller;
use crate::consent;
use crate::directory::Directory;
use crate::fhir::{Bundle, codes, resource_type};
use crate::intake::Refusal;
use crate::model::{Category, Issue, IssueCode, NhsNumber};

/// How far clocks may differ.
const SKEW: SignedDuration = SignedDuration::from_mins(5);
/// A day in England may begin an hour before it does in UTC.
const SUMMER: SignedDuration = SignedDuration::from_mins(65);

const TO_COME: &str = "This date is still to come. Give the moment at which the person said this: of two wishes the later \
                       counts, so a date to come would beat whatever they say until then.";

/// Whether a date is still to come.
fn is_to_come(text: &str, now: Timestamp) -> bool {
    let allowed = if text.contains('T') { SKEW } else { SUMMER };
    moment(text).is_some_and(|at| at.duration_since(now) > allowed)
}

/// That the date of a Consent by itself is not still to come.
pub(super) fn dated(consent: &Value, now: Timestamp) -> Option<Issue> {
    let text = consent.get("dateTime")?.as_str()?;
    is_to_come(text, now).then(|| to_come("Consent.dateTime"))
}

/// The same of every Consent of a document, by path; `fhir` says in whose terms.
pub(super) fn dated_in(bundle: &Bundle, fhir: bool, now: Timestamp) -> Vec<Issue> {
    let mut found = Vec::new();
    for (place, (_, resource)) in bundle.entries().enumerate() {
        let inside = resource.get("contained").and_then(Value::as_array).into_iter().flatten().enumerate();
        let inside = inside.map(|(at, inner)| (format!("Bundle.entry[{place}].resource.contained[{at}]"), inner));
        for (at, consent) in std::iter::once((format!("Bundle.entry[{place}].resource"), resource)).chain(inside) {
            let late = consent.get("dateTime").and_then(Value::as_str).is_some_and(|text| is_to_come(text, now));
            if resource_type(consent) == Some("Consent") && late {
                let position = has_policy(consent, codes::SHARING_POSITION, None);
                // The lists of a plan bear the date of the plan.
                let native = if position { "/consent/recorded" } else { "/written" };
                found.push(to_come(if fhir { format!("{at}.dateTime") } else { native.to_owned() }));
            }
        }
    }
    found.dedup();
    found
}

fn to_come(path: impl Into<String>) -> Issue {
    Issue::error(IssueCode::Value, TO_COME).at(path).rule("consent-date")
}

/// That a Consent does not name a second person by NHS number: beside its identifier in a contained Patient, or in the
/// address of one.
pub(super) fn one_person(consent: &Value, number: &NhsNumber) -> Option<Issue> {
    let reference = consent.pointer("/patient/reference").and_then(Value::as_str);
    let last = reference.and_then(|text| text.rsplit('/').next()).and_then(|text| NhsNumber::parse(text).ok());
    let inside = consent.get("contained").and_then(Value::as_array).into_iter().flatten();
    let patients = inside.filter(|inner| resource_type(inner) == Some("Patient"));
    let meant = patients.filter(|inner| {
        let id = inner.get("id").and_then(Value::as_str);
        reference.is_none_or(|text| text.strip_prefix('#').is_none_or(|wanted| id == Some(wanted)))
    });
    let identifiers = meant.filter_map(|inner| inner.get("identifier")?.as_array()).flatten();
    let mut others = identifiers.filter(|one| is_number(one)).filter(|one| !is_of(one, number));
    let another = others.next().is_some() || last.is_some_and(|other| other != *number);
    another.then(|| {
        let text = "This names two different people. Name the person once, by their NHS number in patient.identifier, and \
                    send what another person said as a Consent of their own.";
        Issue::error(IssueCode::BusinessRule, text).at("Consent.patient").rule("consent-kept")
    })
}

/// Whether an identifier is an NHS number.
pub(super) fn is_number(identifier: &Value) -> bool {
    identifier.get("system").and_then(Value::as_str) == Some(codes::NHS_NUMBER)
}

/// Whether it is this one.
pub(super) fn is_of(identifier: &Value, number: &NhsNumber) -> bool {
    let value = identifier.get("value").and_then(Value::as_str);
    value.is_some_and(|value| NhsNumber::parse(value).is_ok_and(|known| known == *number))
}

/// Objections to somebody the directory does not know: they would keep nothing back. People are not in the directory, and
/// who says that they mean one is believed.
pub(super) fn matched(consent: &Value, directory: &Directory, now: Timestamp) -> Vec<Issue> {
    if consent.get("status").and_then(Value::as_str) != Some("active") {
        return Vec::new();
    }
    let known: Vec<_> = directory
        .parties(now)
        .map(|party| (party, party.part_of.as_ref().and_then(|id| directory.party(id, now))))
        .collect();
    let issue = |path: String| {
        let text = format!(
            "This objection names nobody the gateway knows, so it would keep nothing back. Name an organisation or team by \
             its directory id (system {}) or its ODS code (system {}), and a kind of organisation, for instance every \
             charity, by our code for it (system {}, value vcse). Of a person, a relative for instance, give the reference \
             the type RelatedPerson.",
            codes::PARTY_ID,
            codes::ODS_ORGANISATION,
            codes::PARTY_KIND
        );
        Issue::error(IssueCode::NotFound, text).at(path).rule("CS-02")
    };
    consent::unmatched_objections(consent, &known).into_iter().map(issue).collect()
}

/// Whether all that a Consent says is that nothing shall go to the organisation that records it.
pub(super) fn is_about_caller_only(consent: &Value, caller: &Caller) -> bool {
    let opted_out = ["OPTOUT", "OPTOUTE"].iter().any(|code| has_policy(consent, codes::ACT_CODE, Some(code)));
    let Some(root) = consent.get("provision").filter(|_| !opted_out) else { return false };
    let nested: Vec<&Value> = root.get("provision").and_then(Value::as_array).into_iter().flatten().collect();
    let all = if nested.is_empty() { vec![root] } else { nested };
    all.into_iter().all(|provision| {
        let actors: Vec<&Value> = provision.get("actor").and_then(Value::as_array).into_iter().flatten().collect();
        !actors.is_empty() && actors.into_iter().all(|actor| is_caller(actor, caller))
    })
}

/// By identifier alone: a reference or a name may lead to somebody else as well.
fn is_caller(actor: &Value, caller: &Caller) -> bool {
    let Some(reference) = actor.get("reference").filter(|one| one.get("reference").is_none()) else { return false };
    let text = |key: &str| reference.get("identifier")?.get(key)?.as_str();
    let (own, organisation) = (&caller.party.id, caller.party.organisation());
    match (text("system"), text("value")) {
        (Some(codes::PARTY_ID), Some(value)) => [own.as_str(), organisation.as_str()].contains(&value),
        (Some(codes::ODS_ORGANISATION), Some(value)) => {
            caller.party.ods.as_ref().is_some_and(|ods| ods.as_str().eq_ignore_ascii_case(value))
        }
        _ => false,
    }
}

fn has_policy(consent: &Value, system: &str, code: Option<&str>) -> bool {
    let all = consent.pointer("/policyRule/coding").and_then(Value::as_array).into_iter().flatten();
    let text = |coding: &Value, key: &str| coding.get(key).and_then(Value::as_str).map(str::to_owned);
    all.into_iter().any(|coding| {
        text(coding, "system").as_deref() == Some(system)
            && code.is_none_or(|code| text(coding, "code").as_deref() == Some(code))
    })
}

/// The refusal of an organisation outside the NHS that has nothing to do with the person, the same for everybody (CS-22).
pub(super) fn no_standing() -> Refusal {
    let text = "From an organisation outside the NHS that has neither sent nor received anything about the person here, the \
                gateway takes objections to that organisation itself, named by its directory id, and no others. Tell the \
                person's GP or the trust, who can record it.";
    Refusal::one(Category::Forbidden, IssueCode::Forbidden, text)
}
