//! What a document says of the person, for the rules of routing: codes, fields, places and an age, and no text. Decides
//! nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::document::Content;
use super::sender::find;
use crate::directory::Directory;
use crate::documents::Referral;
use crate::documents::parts::{
    Address, AddressUse, Certainty, Code, ConditionStatus, Diagnosis, Known, Organisation, Person,
};
use crate::documents::referral::{LISTS, STATEMENTS};
use crate::model::{EventKind, PartyId, Postcode};
use crate::route::{Answer, Home, PersonFacts};
use crate::store::Care;

/// What a referral says of the person.
#[must_use]
pub fn of_referral(referral: &Referral, directory: &Directory, now: Timestamp) -> PersonFacts {
    let diagnoses = referral.working_diagnosis.as_ref().map_or(&[][..], Known::entries);
    let conditions = referral.medical_conditions.as_ref().map_or(&[][..], Known::entries);
    let stands = |diagnosis: &&Diagnosis| {
        diagnosis.certainty != Some(Certainty::Refuted)
            && !matches!(diagnosis.status, Some(ConditionStatus::Inactive | ConditionStatus::Resolved))
    };
    let said = diagnoses.iter().chain(conditions).filter(stands).filter_map(|one| one.code.as_ref());
    let reasons = referral.reasons.iter().filter_map(|reason| reason.code.as_ref());
    let statements = STATEMENTS.iter().map(|item| (item.key, answer((item.get)(referral))));
    let mut answers: BTreeMap<&'static str, Answer> = statements.collect();
    answers.extend(LISTS.iter().filter(|list| (list.none_known)(referral)).map(|list| (list.key, Answer::NoneKnown)));
    if !diagnoses.is_empty() {
        answers.insert("working-diagnosis", Answer::Given);
    }
    PersonFacts {
        pathways: referral.pathway.iter().copied().collect(),
        codes: said.chain(reasons).map(coded).collect(),
        diagnoses: diagnoses
            .iter()
            .filter(stands)
            .map(|one| one.code.as_ref().map(|code| BTreeSet::from([coded(code)])))
            .collect(),
        mdt: referral.mdt_decided.as_deref().and_then(|at| at.parse().ok()),
        answers,
        ..of_person(&referral.person, directory, now)
    }
}

/// What a document of any kind says of the person.
pub(super) fn of_content(content: &Content, directory: &Directory, now: Timestamp) -> PersonFacts {
    match content {
        Content::Referral(referral) => of_referral(referral, directory, now),
        Content::Document(outline, _) => {
            outline.person.as_ref().map(|person| of_person(person, directory, now)).unwrap_or_default()
        }
    }
}

/// What the part of any document that tells of the person says.
fn of_person(person: &Person, directory: &Directory, now: Timestamp) -> PersonFacts {
    PersonFacts {
        home: home(&person.addresses),
        practice: person.gp_practice.as_ref().and_then(|practice| {
            let Organisation { party, ods, .. } = practice;
            let known = || find(directory, party.as_ref(), None, now)?.ods.clone();
            ods.clone().or_else(known)
        }),
        age: person.birth_date.as_deref().and_then(|born| age(born, now)),
        ..PersonFacts::default()
    }
}

fn answer<T>(known: Option<&Known<T>>) -> Answer {
    match known {
        None => Answer::Absent,
        Some(Known::NoneKnown) => Answer::NoneKnown,
        Some(_) => Answer::Given,
    }
}

fn coded(code: &Code) -> String {
    format!("{}|{}", code.system, code.code)
}

/// The postcodes that stand for no fixed abode and for an address that is not known (NHS postcode directory).
const NO_ABODE: &str = "ZZ99 3VZ";
const NOT_KNOWN: &str = "ZZ99 3WZ";

/// Where the person lives now: the home address, else one without a use, else a temporary one.
fn home(addresses: &[Address]) -> Home {
    let of = |wanted: Option<AddressUse>| addresses.iter().find(|address| address.r#use == wanted);
    let lives = of(Some(AddressUse::Home)).or_else(|| of(None)).or_else(|| of(Some(AddressUse::Temp)));
    let Some(address) = lives else { return Home::Unknown };
    let postcode = address.postcode.as_deref().and_then(Postcode::parse);
    match postcode {
        Some(code) if code.as_str() == NO_ABODE => Home::NoFixedAddress,
        Some(code) if code.as_str() == NOT_KNOWN => Home::Unknown,
        _ if address.no_fixed_address == Some(true) => Home::NoFixedAddress,
        Some(code) => Home::Postcode(code),
        None => Home::Unknown,
    }
}

/// Age in whole years in England at a moment; a year or month of birth gives one only where any day of it would.
fn age(born: &str, now: Timestamp) -> Option<u8> {
    let (first, last) = match born.len() {
        4 => (format!("{born}-01-01"), format!("{born}-12-31")),
        7 => (format!("{born}-01"), String::new()),
        _ => (born.to_owned(), born.to_owned()),
    };
    let first: Date = first.parse().ok()?;
    let last: Date = if last.is_empty() { first.last_of_month() } else { last.parse().ok()? };
    let today = now.to_zoned(TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC)).date();
    let oldest = years(first, today)?;
    (years(last, today)? == oldest).then_some(oldest)
}

fn years(born: Date, today: Date) -> Option<u8> {
    let whole = i32::from(today.year()) - i32::from(born.year());
    // Born on a leap day: a year older on the first of March in other years.
    let birthday = born.checked_add(whole.years()).ok()?;
    let reached = if (birthday.month(), birthday.day()) == (born.month(), born.day()) {
        today >= birthday
    } else {
        today > birthday
    };
    u8::try_from(if reached { whole } else { whole - 1 }).ok()
}

/// The team that answers for the person at present, as far as events tell.
pub(super) fn care_team(care: &Care) -> Option<PartyId> {
    let mut team = None;
    for event in &care.events {
        match event.kind {
            EventKind::Discharged | EventKind::Completed => team = None,
            EventKind::ReferralReceived | EventKind::Accepted | EventKind::Redirected | EventKind::Allocated => {
                team = event.team.clone().or(team);
            }
            _ => {}
        }
    }
    team
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::{age, home, of_referral};
    use crate::directory::{DEMO, Directory};
    use crate::documents::Referral;
    use crate::model::Pathway;
    use crate::route::{Answer, Home};

    fn now() -> Timestamp {
        "2026-11-22T09:00:00Z".parse().unwrap()
    }

    #[test]
    fn an_age_is_known_only_where_the_date_settles_it() {
        for (born, expected) in [
            ("2008-11-22", Some(18)),
            ("2008-11-23", Some(17)),
            ("2008-11", None),
            ("2008-12", Some(17)),
            ("1990", None),
            ("2008-10", Some(18)),
            ("2030-01-01", None),
            ("not a date", None),
        ] {
            assert_eq!(age(born, now()), expected, "{born}");
        }
        let leap = |at: &str| age("2008-02-29", at.parse().unwrap());
        assert_eq!((leap("2026-02-28T12:00:00Z"), leap("2026-03-01T12:00:00Z")), (Some(17), Some(18)));
    }

    #[test]
    fn the_home_address_counts_and_no_fixed_abode_is_no_place() {
        let at = |value| home(&serde_json::from_value::<Vec<_>>(value).unwrap());
        let work = json!({"use": "work", "postcode": "LE1 1AA"});
        assert!(
            matches!(at(json!([work, {"use": "home", "postcode": "le59zz"}])), Home::Postcode(code) if code.as_str() == "LE5 9ZZ")
        );
        assert_eq!(at(json!([work])), Home::Unknown);
        assert_eq!(at(json!([{"use": "home", "postcode": "ZZ99 3VZ"}])), Home::NoFixedAddress);
        assert_eq!(at(json!([{"no_fixed_address": true, "text": "the shelter"}])), Home::NoFixedAddress);
        assert_eq!(at(json!([{"use": "home", "postcode": "somewhere"}])), Home::Unknown);
    }

    #[test]
    fn only_codes_and_fields_are_taken_from_a_referral() {
        let referral = Referral::from_json(json!({
            "id": "a", "response": "routine", "referrer": {"kind": "gp"},
            "person": {"names": [{"family": "Test"}], "gp_practice": {"party": "demo-gp"}},
            "reasons": [{"text": "first episode psychosis, eating disorder, pregnant"}],
            "pathway": ["perinatal"],
            "working_diagnosis": [
                {"text": "x", "code": {"system": "s", "code": "1"}, "certainty": "refuted"},
                {"text": "y", "code": {"system": "s", "code": "2"}},
            ],
            "treatments_tried": "none-known",
        }))
        .unwrap();
        let facts = of_referral(&referral, &Directory::from_toml(DEMO).unwrap(), now());
        assert_eq!(facts.pathways.into_iter().collect::<Vec<_>>(), [Pathway::Perinatal]);
        assert_eq!(facts.codes.into_iter().collect::<Vec<_>>(), ["s|2"]);
        assert_eq!(facts.diagnoses.len(), 1);
        assert_eq!(facts.practice.unwrap().as_str(), "Y90001");
        assert_eq!(facts.answers["treatments-tried"], Answer::NoneKnown);
        assert_eq!(facts.answers["legal-status"], Answer::Absent);
    }
}
