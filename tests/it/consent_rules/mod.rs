//! The rules of `consent-and-sharing.md` that are in force, rule by rule, against small made-up referrals.

mod capacity;
mod carers;
mod explicit;
mod gp;
mod implied;
mod lists;
mod objections;
mod outcome;
mod overriding;
mod private;
mod reading;
mod substances;
mod time;

use cmht_gateway::consent::{Override, OverrideBasis, Permit, RuleId};
use cmht_gateway::model::{DataCategory as C, PartyId};
use serde_json::Value;

use crate::consent_case::{consent, said};

fn rules(permit: &Permit) -> Vec<&str> {
    permit.basis().rules.iter().map(RuleId::as_str).collect()
}

fn withheld(permit: &Permit) -> Vec<(&'static str, &str)> {
    permit.withheld().iter().map(|w| (w.category.code(), w.rule.as_str())).collect()
}

/// Category codes in order, to be held against others.
fn sorted(mut codes: Vec<&'static str>) -> Vec<&'static str> {
    codes.sort_unstable();
    codes
}

/// The codes of categories, in order.
fn codes_of(categories: &[C]) -> Vec<&'static str> {
    sorted(categories.iter().map(|category| category.code()).collect())
}

/// A Consent signed on a day, in a status.
fn signed(provision: &Value, on: &str, status: &str) -> Value {
    let mut consent = consent(0, provision);
    consent["dateTime"] = on.into();
    consent["status"] = status.into();
    consent
}

/// The same by the person's carer.
fn by_carer(provision: &Value) -> Value {
    let mut consent = consent(0, provision);
    consent["performer"] = serde_json::json!([{"type": "RelatedPerson", "display": "her carer"}]);
    consent
}

/// An override in force at the time of the tests.
fn overriding(recipient: &str, basis: OverrideBasis, categories: &[C]) -> Override {
    Override {
        id: format!("override-{}", basis.code()),
        basis,
        recipient: PartyId::parse(recipient).unwrap(),
        categories: categories.to_vec(),
        professional: said("Made-up Nurse"),
        rationale: said("Made-up reason"),
        from: "2026-03-01T00:00:00Z".parse().unwrap(),
        until: "2026-03-08T00:00:00Z".parse().unwrap(),
    }
}
