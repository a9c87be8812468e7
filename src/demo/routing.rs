//! The scene about routing: three referrals side by side, where each would go, by which rule, and who else was looked at.
//! A dry run: nothing is sent, so it needs no senders.

use anyhow::{Context, ensure};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::report;
use crate::directory::Directory;
use crate::documents::Referral;
use crate::pipeline;
use crate::route::Rules;

struct Example {
    title: &'static str,
    more: Value,
    /// Who must answer for it, by which rule.
    expected: (&'static str, &'static str),
}

fn examples() -> [Example; 3] {
    let at = |postcode: &str, practice: &str| {
        json!({"names": [{"given": ["Robin"], "family": "Example"}], "birth_date": "1990-05-01",
            "addresses": [{"use": "home", "postcode": postcode}], "gp_practice": {"party": practice}})
    };
    [
        Example {
            title: "A GP refers somebody who lives in the city and is registered in the county:",
            more: json!({"response": "routine", "person": at("LE3 9ZZ", "charnwood-gate"), "referrer": {"kind": "gp"}}),
            expected: ("lpt-cap", "RT-02"),
        },
        Example {
            title: "The same GP suspects a first episode of psychosis:",
            more: json!({"response": "urgent", "person": at("LE3 9ZZ", "charnwood-gate"), "referrer": {"kind": "gp"},
                "pathway": ["first-episode-psychosis"]}),
            expected: ("lpt-pier", "RT-04"),
        },
        Example {
            title: "A facilitator in the practice refers somebody whose address nobody covers, in a crisis:",
            more: json!({"response": "crisis", "person": {"names": [{"given": ["Robin"]}],
                "addresses": [{"use": "home", "postcode": "ZZ1 1AA"}]}, "referrer": {"kind": "mental-health-facilitator"}}),
            expected: ("lpt-cap", "CA-90"),
        },
    ]
}

/// Shows where each would go.
///
/// # Errors
/// When one goes elsewhere than it should.
pub(super) fn side_by_side(directory: &Directory) -> anyhow::Result<()> {
    report::scene("14. Three referrals side by side: who gets each, and by which rule (route)");
    let rules = Rules::built_in().map_err(|faults| anyhow::anyhow!("the rules are broken: {faults:?}"))?;
    let now = Timestamp::now();
    let sender = directory.party(&super::party("demo-gp")?, now).context("the GP practice is not there")?;
    for Example { title, mut more, expected } in examples() {
        more["id"] = "DEMO-ROUTE".into();
        more["reasons"] = json!([{"text": "Shown, not sent"}]);
        let referral = Referral::from_json(more).map_err(|issue| anyhow::anyhow!("{}", issue.text))?;
        let planned = pipeline::plan(&referral, sender, directory, &rules, now)?;
        let responsible = planned.routing.responsible().context("nobody is responsible")?;
        let found = (responsible.party.as_str(), responsible.rule.as_str());
        ensure!(found == expected, "{title} {found:?} and not {expected:?}");
        report::says(title);
        for line in planned.words(directory, now) {
            report::item(&line);
        }
        println!();
    }
    Ok(())
}
