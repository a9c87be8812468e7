//! A person's referral as a small native document: what is asked for and no more, so that a year fits in an afternoon.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::life::Life;
use super::world::{Kind, WITHOUT_AGREEMENT};

/// The identifier the partner gives it.
pub(super) fn identifier(life: &Life) -> String {
    format!("SIM-{}", life.number)
}

/// The referral; `more` makes it another one under the same identifier.
pub(super) fn referral(life: &Life, more: bool) -> Value {
    let none = "none-known";
    let written = written(life.referred);
    let mut referral = json!({
        "id": identifier(life),
        "sent": written,
        "response": life.urgency,
        "person": {
            "nhs_number": {"value": life.nhs_number, "verification": "verified"},
            "names": [{"use": "official", "given": ["Sim"], "family": format!("Person {}", life.number)}],
            "language": {"code": "en", "name": "English"},
            "interpreter_required": false,
            "addresses": [{"use": "home", "lines": ["1 Made-up Row"], "city": "Leicester", "postcode": "LE2 9ZZ"}],
        },
        "referrer": {
            "kind": life.partner_kind.codes().1,
            "name": {"given": ["Robin"], "family": "Referrer"},
            "organisation": {"name": format!("Simulated {}", life.partner), "party": life.partner},
        },
        "reasons": [{"text": "Low mood for some months"}],
        "significant_life_events": none,
        "dependants": none,
        "working_diagnosis": none,
        "previous_psychiatric_history": none,
        "personal_history": none,
        "medical_conditions": none,
        "medication": none,
        "risk": {
            "to_self": {"current": none, "historical": none},
            "to_others": {"current": none, "historical": none},
        },
        "safeguarding": {"concerns": none},
    });
    let person = &mut referral["person"];
    if let Some(gender) = life.gender {
        person["gender"] = gender.into();
    }
    if let Some(year) = life.born {
        person["birth_date"] = format!("{year}-01-01").into();
    }
    if let Some(code) = life.ethnicity {
        person["ethnic_origin"] = json!({"code": code});
    }
    if life.partner_kind == Kind::Practice {
        person["gp_practice"] = json!({"name": format!("Simulated {}", life.partner), "party": life.partner});
    }
    for item in ["family-history", "next-of-kin", "carers", "support-networks", "treatments-tried"] {
        if !life.missing.contains(&item) {
            referral[item.replace('-', "_")] = none.into();
        }
    }
    if !life.missing.contains(&"why-now") {
        let why = if more { "Sent again, with another word" } else { "The person asked for it" };
        referral["why_now"] = why.into();
    } else if more {
        referral["further_information"] = json!(["Sent again, with another word"]);
    }
    if life.copied {
        referral["copies"] = json!([{"party": WITHOUT_AGREEMENT, "name": "A charity without an agreement"}]);
        referral["consent"] = json!({
            "sharing": "agreed",
            "recorded": written,
            "permissions": [{"recipient": {"party": WITHOUT_AGREEMENT, "name": "A charity without an agreement"}}],
        });
    }
    referral
}

/// A moment as documents write it.
fn written(at: Timestamp) -> String {
    at.to_string()
}
