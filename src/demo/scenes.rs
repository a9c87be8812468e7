//! The scenes of the demonstration: what is sent, by whom, and what has to come of it. Each fails when it does not, so
//! that nothing is shown that is not so. Says the story; `report` says how it looks.

use std::path::Path;

use anyhow::{Context, ensure};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::senders::{CHARITY, CLINIC, GP, Senders, TRUST, Told};
use super::{Stage, neighbours::Kept, party, report};
use crate::clocks::calendar::day_of;
use crate::documents::Referral;
use crate::fhir::tree::Tree;
use crate::fhir::{Bundle, Format, Limits, envelope};
use crate::guide;
use crate::map;
use crate::model::DocumentKind;
use crate::pipeline::Release;
use crate::render::{self, Fonts, Letter};
use crate::validate::structure::Registry;
use crate::validate::walk::{self, Options};

const COMPLETE: &[u8] = include_bytes!("../../profiles/cmht/examples/referral/complete.json");
const INCOMPLETE: &[u8] = include_bytes!("../../profiles/cmht/examples/referral/incomplete.json");
const SAFETY_PLAN: &[u8] = include_bytes!("../../profiles/cmht/examples/safety-plan/full.json");
const DISCHARGE: &[u8] = include_bytes!("../../profiles/cmht/examples/discharge-letter/full.json");
const HANDOVER: &[u8] = include_bytes!("../../profiles/cmht/examples/social-prescribing-handover/full.json");
const OUTCOME: &[u8] = include_bytes!("../../profiles/cmht/examples/handover-outcome/full.json");
const OPINION: &[u8] = include_bytes!("../../profiles/cmht/examples/private-opinion/full.json");
/// A letter as a system that has never heard of this gateway might write it.
const FOREIGN: &[u8] = include_bytes!("foreign-letter.json");

/// A resource with three faults, of kinds that are met daily.
const FAULTY: &[u8] = include_bytes!("faulty-patient.json");

/// The team that writes the plan, the letter and the handover.
const TEAM: &str = "lpt-cmht-city-east";

pub(super) async fn complete_referral(senders: &Senders) -> anyhow::Result<()> {
    report::scene("1. A GP refers somebody, as a FHIR message");
    let referral: Referral = serde_json::from_slice(COMPLETE).context("the complete example")?;
    let message = map::referral::to_fhir(&referral).value;
    let answer = senders.message(GP, message.value()).await?;
    report::fhir_answer(&answer);
    Ok(())
}

pub(super) async fn incomplete_referral(senders: &Senders) -> anyhow::Result<()> {
    report::scene("2. The same GP refers somebody else, as native JSON, and leaves much out");
    let told = senders.native(GP, DocumentKind::Referral, &read(INCOMPLETE)?).await?;
    report::answer(&told);
    ensure!(!told.missing.is_empty(), "the GP was not told what is missing");
    report::says("It is passed on all the same; a request for the missing items goes back to the GP's system.");
    Ok(())
}

pub(super) async fn safety_plan(senders: &Senders) -> anyhow::Result<()> {
    report::scene("3. A safety plan, with the person's two lists of people");
    let mut plan = read(SAFETY_PLAN)?;
    let copies = plan["copies"].as_array_mut().context("the plan names copies")?;
    copies.push(json!({"party": CLINIC, "name": "Harbour Clinic"}));
    report::says(&format!("To be told in a crisis: {}.", names(&plan["people_to_inform"])));
    report::says(&format!("Not to be told: {}.", names(&plan["people_not_to_inform"])));
    report::says(
        "The City East team asks for copies to the GP, to the charity and, against that list, to the clinic.\n",
    );
    plan["id"] = "CE-SP-2026-0093-DEMO".into();
    let told = senders.native(TRUST, DocumentKind::SafetyPlan, &plan).await?;
    report::answer(&told);
    expect(&told, &[(GP, Release::Whole), (CHARITY, Release::Reduced), (CLINIC, Release::Denied)])
}

pub(super) async fn discharge_letter(senders: &Senders, folder: &Path) -> anyhow::Result<()> {
    report::scene("4. The City East team discharges somebody: a letter to the person, with copies");
    let letter = read(DISCHARGE)?;
    let words = map::words(DocumentKind::DischargeLetter, letter.clone()).map_err(unfit)?;
    let printed = Letter::new(words);
    ensure!(printed.large_print, "the person asked for large print");
    let path = folder.join("discharge-letter.pdf");
    std::fs::write(&path, render::pdf(&printed, &Fonts::built_in())?).context("the PDF cannot be written")?;
    report::says("The person's own copy, in plain English and in the large print asked for, to print or to file:");
    report::says(&format!("{}\n", path.display()));
    let told = senders.native(TRUST, DocumentKind::DischargeLetter, &letter).await?;
    report::answer(&told);
    ensure!(told.missing.is_empty(), "the full letter lacks something");
    report::says(
        "Nothing is missing of what the trust asks of such a letter: services, support, medication and adverse \
         effects, relapse signatures and what to do, how to get help.",
    );
    report::says("The GP's copy leaves out what is the carers' own (CS-14).");
    expect(&told, &[(GP, Release::Reduced), (CHARITY, Release::Reduced)])
}

pub(super) async fn handover(senders: &Senders) -> anyhow::Result<()> {
    report::scene("5. The same team hands somebody over to the charity (social prescribing)");
    let told = senders.native(TRUST, DocumentKind::SocialPrescribingHandover, &read(HANDOVER)?).await?;
    report::answer(&told);
    expect(&told, &[(CHARITY, Release::Reduced), (GP, Release::Whole)])
}

pub(super) async fn handover_outcome(senders: &Senders) -> anyhow::Result<()> {
    report::scene("6. The charity answers what became of it, in a line or two");
    let mut outcome = read(OUTCOME)?;
    outcome["id"] = "WR-2026-431-DEMO".into();
    outcome["copies"] = json!([{"party": TEAM}, {"party": GP}]);
    outcome["outcome"]["date"] = day_of(Timestamp::now()).to_string().into();
    let (_, sections) = map::words(DocumentKind::HandoverOutcome, outcome.clone()).map_err(unfit)?;
    let said = sections.iter().find(|section| section.heading == "What became of the handover");
    for line in said.context("the outcome says nothing")?.lines.iter().take(2) {
        report::says(line);
    }
    report::says("and names the team that handed the person over, and the GP, to be told.\n");
    let told = senders.native(CHARITY, DocumentKind::HandoverOutcome, &outcome).await?;
    report::answer(&told);
    let requests = senders.read(CHARITY, "requests").await?;
    let handover = DocumentKind::SocialPrescribingHandover.code();
    let mut followed = requests["requests"].as_array().context("no requests")?.iter();
    let task = followed.find(|task| task["kind"] == handover).context("the handover is not followed")?;
    ensure!(task["status"] != "received", "the answer did not move the handover on");
    report::says(&format!(
        "\nWith that the handover itself has moved on: {}.",
        task["title"].as_str().unwrap_or_default()
    ));
    expect(&told, &[(TEAM, Release::Whole), (GP, Release::Whole)])
}

pub(super) async fn private_opinion(senders: &Senders) -> anyhow::Result<()> {
    report::scene("7. A private psychiatrist writes an opinion to the NHS team");
    let opinion = read(OPINION)?;
    let told = senders.native(CLINIC, DocumentKind::PrivateOpinion, &opinion).await?;
    report::answer(&told);
    report::says(&format!(
        "{} statements in it say that they come from the private sector, and go on saying so in the NHS record.",
        private_statements(&opinion)
    ));
    expect(&told, &[(TEAM, Release::Whole), (GP, Release::Whole)])
}

pub(super) async fn foreign_letter(senders: &Senders) -> anyhow::Result<()> {
    report::scene("8. A discharge letter in FHIR by a system that has never heard of this gateway");
    let bundle = read(FOREIGN)?;
    let told = senders.fhir(CLINIC, DocumentKind::DischargeLetter, &bundle).await?;
    report::answer(&told);
    ensure!(!told.missing.is_empty(), "the clinic was not told what is missing");
    let read = map::to_native(DocumentKind::DischargeLetter, &Bundle::new(bundle).map_err(|issue| unfit(vec![issue]))?);
    let native = read.map_err(unfit)?.value;
    let kept = native["unmapped"].as_array().context("nothing was kept")?;
    let whole: Vec<&str> = kept.iter().filter_map(|part| part["value"]["resource"]["resourceType"].as_str()).collect();
    report::says(&format!(
        "{} parts of it have no place in our form of a letter, among them two whole resources ({}). None is lost: \
         each is kept under \"unmapped\" with its path, and goes with whole copies only, never with a reduced one.",
        kept.len(),
        whole.join(", ")
    ));
    ensure!(whole.len() == 2, "the resources without a place were not kept");
    expect(&told, &[(GP, Release::Whole)])
}

/// What `cmht-gateway validate` would say of a file, before anybody sends it.
pub(super) fn faulty_patient() -> anyhow::Result<()> {
    report::scene("9. Somebody builds such a system, and checks a resource before it is sent (validate)");
    let tree = Tree::read(FAULTY, Format::Json, &Limits::default()).map_err(|issue| unfit(vec![issue]))?;
    let found = walk::validate(&tree, &Registry::new(guide::library().clone()), &Options::default());
    let faults: Vec<_> = found.iter().filter(|issue| issue.severity.refuses()).collect();
    for fault in &faults {
        report::finding(fault);
    }
    let paths: Vec<_> = faults.iter().filter_map(|fault| fault.path.as_deref()).collect();
    ensure!(paths == ["Patient.active", "Patient.birthdate", "Patient.gender"], "{paths:?} are not the three faults");
    Ok(())
}

/// Whether everything that was promised above is where it should be.
pub(super) async fn all_arrived(stage: &Stage) -> anyhow::Result<()> {
    ensure!(!stage.provider.kept().is_empty(), "the private provider received nothing");
    ensure!(
        !stage.provider.kept().iter().any(|kept| kept.kind() == Some(DocumentKind::SafetyPlan)),
        "the private provider received the safety plan"
    );
    let gp = stage.gp.kept();
    let has = |kind| gp.iter().find(|kept| kept.kind() == Some(kind));
    ensure!(has(DocumentKind::InformationRequest).is_some(), "the GP was not asked for what is missing");
    for kind in [
        DocumentKind::SafetyPlan,
        DocumentKind::DischargeLetter,
        DocumentKind::SocialPrescribingHandover,
        DocumentKind::HandoverOutcome,
        DocumentKind::PrivateOpinion,
    ] {
        ensure!(has(kind).is_some(), "the GP received no {}", kind.code());
    }
    let holds_account =
        |kept: &Kept| envelope::payload(&kept.bundle).is_some_and(|(_, document)| document.first("Account").is_some());
    ensure!(gp.iter().any(holds_account), "what has no place in our form did not reach the GP");
    let items = stage.running.store.inbox(&party(TEAM)?).await?;
    let item =
        items.iter().find(|item| item.kind == DocumentKind::PrivateOpinion).context("the team has no opinion")?;
    let message = Bundle::new(serde_json::from_slice(&item.body)?).map_err(|issue| unfit(vec![issue]))?;
    let (_, opinion) = envelope::payload(&message).context("the opinion is in no message")?;
    let opinion = map::to_native(DocumentKind::PrivateOpinion, &opinion).map_err(unfit)?.value;
    ensure!(
        private_statements(&opinion) == private_statements(&read(OPINION)?),
        "private statements are no longer marked as such"
    );
    for (recipient, least) in [("lpt-cap", 2), (CHARITY, 4), (TEAM, 2)] {
        let items = stage.running.store.inbox(&party(recipient)?).await?.len();
        ensure!(items >= least, "{recipient} received {items} and not {least}");
    }
    Ok(())
}

fn read(example: &[u8]) -> anyhow::Result<Value> {
    serde_json::from_slice(example).context("an example is not JSON")
}

/// Issues of our own examples; no value of a real person can be among them.
fn unfit(issues: Vec<crate::model::Issue>) -> anyhow::Error {
    let texts: Vec<String> = issues.into_iter().map(|issue| issue.text).collect();
    anyhow::anyhow!("an example does not fit its kind: {}", texts.join(" "))
}

/// What became of the release to each, and to nobody else.
fn expect(told: &Told, expected: &[(&str, Release)]) -> anyhow::Result<()> {
    let found: Vec<_> = told.recipients.iter().map(|r| (r.party.as_str(), r.release)).collect();
    ensure!(found == expected, "{found:?} and not {expected:?}");
    Ok(())
}

fn names(list: &Value) -> String {
    let people = list.as_array().into_iter().flatten();
    let named = people.filter_map(|person| {
        let name = person["name"].as_str()?;
        let relationship = person["relationship"].as_str().map(|what| format!(" ({what})"));
        Some(format!("{name}{}", relationship.unwrap_or_default()))
    });
    named.collect::<Vec<_>>().join("; ")
}

/// How many statements in a document say that they come from the private sector.
fn private_statements(value: &Value) -> usize {
    match value {
        Value::Array(all) => all.iter().map(private_statements).sum(),
        Value::Object(fields) => {
            let own = fields.contains_key("text") && fields.get("sector").is_some_and(|sector| sector == "private");
            usize::from(own) + fields.values().map(private_statements).sum::<usize>()
        }
        _ => 0,
    }
}
