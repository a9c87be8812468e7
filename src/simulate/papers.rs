//! Plans, letters, handovers and what charities answer, as small native documents; and a person's Consent as FHIR. The text
//! is the same for everybody: it is what they are and when they were written that counts.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::life::{Ground, Happens, Life, Moment};

use Happens as H;

const DATA: &str = "http://terminology.hl7.org/CodeSystem";

/// What the team calls its handover of a person.
fn handover_id(life: &Life) -> String {
    format!("SIM-HO-{}", life.number)
}

fn person(life: &Life) -> Value {
    let mut person = json!({
        "nhs_number": {"value": life.nhs_number, "verification": "verified"},
        "names": [{"use": "official", "given": ["Sim"], "family": format!("Person {}", life.number)}],
    });
    if let Some(gender) = life.gender {
        person["gender"] = gender.into();
    }
    if let Some(year) = life.born {
        person["birth_date"] = format!("{year}-01-01").into();
    }
    person
}

/// What every document begins with; plans and letters name the practice, so that it gets them.
fn frame(life: &Life, kind: &str, id: &str, at: Timestamp, author: &str) -> Value {
    let mut person = person(life);
    if let Some(practice) = life.practice.as_ref().filter(|_| matches!(kind, "safety-plan" | "discharge-letter")) {
        person["gp_practice"] = json!({"name": format!("Simulated {practice}"), "party": practice});
    }
    json!({
        "kind": kind,
        "id": id,
        "written": at.to_string(),
        "person": person,
        "author": {"organisation": {"party": author}},
    })
}

/// The document of a moment: its kind's code and itself; `None` where it is none.
pub(super) fn paper(life: &Life, place: usize, moment: &Moment) -> Option<(&'static str, Value)> {
    let Moment { what, at, .. } = *moment;
    let own = || format!("SIM-{}-{place}", life.number);
    let outcome = |status: &str| {
        let mut outcome = frame(life, "handover-outcome", &own(), at, &life.charity);
        outcome["outcome"] = json!({"status": status, "about": handover_id(life)});
        if status == "declined" {
            outcome["outcome"]["why"] = "We have no room this month.".into();
        }
        ("handover-outcome", outcome)
    };
    let made = match what {
        H::SafetyPlan | H::InterimPlan => {
            let mut plan = frame(life, "safety-plan", &own(), at, life.team);
            plan["warning_signs"] = json!([{"text": "Not sleeping"}]);
            if what == H::InterimPlan {
                plan["interim"] = true.into();
            }
            ("safety-plan", plan)
        }
        H::LetterSent => {
            let mut letter = frame(life, "discharge-letter", &own(), at, life.team);
            letter["setting"] = "community".into();
            letter["team_care"] = json!({"ended": life.care_ended?.to_string()});
            ("discharge-letter", letter)
        }
        H::HandedOver => {
            let mut handover = frame(life, "social-prescribing-handover", &handover_id(life), at, life.team);
            handover["request"] = json!({"to": {"party": life.charity}});
            handover["help_wanted"] = json!([{"help": "loneliness"}]);
            if matches!(life.ground, Ground::Agreed | Ground::NoAgreement) {
                handover["consent"] = json!({
                    "sharing": "agreed",
                    "recorded": at.to_string(),
                    "permissions": [{"recipient": {"party": life.charity}}],
                });
            }
            ("social-prescribing-handover", handover)
        }
        H::CharityAccepted => outcome("accepted"),
        H::CharityDeclined => outcome("declined"),
        H::CharityContacted => outcome("contacted"),
        H::CharityEnded => outcome("ended"),
        _ => return None,
    };
    Some(made)
}

/// The Consent of a moment: that the charity is to know nothing, that it may know, or that this no longer holds.
pub(super) fn consent(life: &Life, what: Happens, at: Timestamp) -> Value {
    let (status, kind) = match what {
        H::Objected => ("active", "deny"),
        H::Withdrew => ("inactive", "permit"),
        _ => ("active", "permit"),
    };
    let coded = |system: &str, code: &str| json!({"coding": [{"system": format!("{DATA}/{system}"), "code": code}]});
    json!({
        "resourceType": "Consent",
        "status": status,
        "scope": coded("consentscope", "patient-privacy"),
        "category": [coded("v3-ActCode", "IDSCL")],
        "patient": {"identifier": {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": life.nhs_number}},
        "dateTime": at.to_string(),
        "policyRule": coded("v3-ActCode", "OPTIN"),
        "provision": {"provision": [{
            "type": kind,
            "actor": [{
                "role": coded("v3-ParticipationType", "IRCP"),
                "reference": {"identifier": {
                    "system": "https://fhir.cmht-gateway.example/Id/party",
                    "value": life.charity,
                }},
            }],
        }]},
    })
}
