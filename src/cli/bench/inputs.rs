//! What is measured: resources and bundles of the sizes that are exchanged, mapped from our own examples of native
//! documents by the code that maps them for sending. No files but those examples.

use std::collections::HashSet;

use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};

use crate::fhir::{self, Bundle, Format, resource_type};
use crate::map;
use crate::model::DocumentKind;

const REFERRAL: &[u8] = include_bytes!("../../../profiles/cmht/examples/referral/complete.json");
const CARE_PLAN: &[u8] = include_bytes!("../../../profiles/cmht/examples/care-plan/full.json");
const CARERS_PLAN: &[u8] = include_bytes!("../../../profiles/cmht/examples/carers-plan/full.json");
/// Entries of the message that is measured, and of the group that larger bundles repeat.
const MESSAGE: usize = 40;
pub(super) const GROUP: usize = 10;
/// Where an identifier of version 4 or 5 has its last group: what tells one copy of a group from the next.
const LAST: usize = "urn:uuid:00000000-0000-0000-0000-".len();
/// UK Core's canonicals start so.
const UKCORE: &str = "https://fhir.hl7.org.uk/";
const URN: &str = "urn:uuid:";

/// Something to measure.
pub(super) struct Input {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

impl Input {
    fn of(name: &str, value: &Value) -> Result<Self> {
        let bytes = fhir::write(value, Format::Json).map_err(|issue| anyhow!("{name}: {}", issue.text))?;
        Ok(Self { name: name.to_owned(), bytes })
    }
}

/// Single resources, and a message.
pub(super) fn single() -> Result<Vec<Input>> {
    let referral = mapped(DocumentKind::Referral, REFERRAL)?;
    let plan = mapped(DocumentKind::CarePlan, CARE_PLAN)?;
    let carers = mapped(DocumentKind::CarersPlan, CARERS_PLAN)?;
    let from = [
        (&referral, "Patient"),
        (&referral, "ServiceRequest"),
        (&plan, "CarePlan"),
        (&carers, "Composition"),
        (&referral, "Consent"),
    ];
    let mut inputs = Vec::new();
    for (bundle, wanted) in from {
        let found = bundle.first(wanted).with_context(|| format!("the example has no {wanted}"))?;
        inputs.push(Input::of(wanted, found)?);
    }
    inputs.push(Input::of(&format!("message of {MESSAGE}"), &shortened(referral.into_value())?)?);
    Ok(inputs)
}

/// A collection of so many entries, all references inside it: the same few resources again and again, each time with
/// identifiers of their own.
pub(super) fn collection(entries: usize) -> Result<Input> {
    let referral = mapped(DocumentKind::Referral, REFERRAL)?;
    let group = json!(closed(&referral)?).to_string();
    let urls: Vec<String> = referral.entries().filter_map(|(url, _)| url.map(str::to_owned)).collect();
    let mut all: Vec<Value> = Vec::with_capacity(entries);
    for copy in 0..entries / GROUP {
        let mut text = group.clone();
        for url in &urls {
            let Some((old, kept)) = url.strip_prefix(URN).zip(url.get(URN.len()..LAST)) else { continue };
            let tail: String = old.chars().rev().take(6).collect();
            let tail: String = tail.chars().rev().collect();
            text = text.replace(old, &format!("{kept}{copy:06x}{tail}"));
        }
        let more: Vec<Value> = serde_json::from_str(&text)?;
        all.extend(more);
    }
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": all});
    Input::of(&format!("collection of {entries}"), &bundle)
}

fn mapped(kind: DocumentKind, bytes: &[u8]) -> Result<Bundle> {
    let document: Value = serde_json::from_slice(bytes)?;
    let made = map::to_fhir(kind, document).map_err(|issues| anyhow!("{} findings about an example", issues.len()))?;
    let mut value = made.value.into_value();
    claim_ukcore_alone(&mut value);
    Bundle::new(value).map_err(|issue| anyhow!("{}", issue.text))
}

/// Takes the claims of our own profiles out: what is measured is validation under UK Core, which any sender's resources get.
fn claim_ukcore_alone(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(claim_ukcore_alone),
        Value::Object(fields) => {
            if let Some(profiles) = fields.get_mut("meta").and_then(|meta| meta.get_mut("profile")?.as_array_mut()) {
                profiles.retain(|one| one.as_str().is_some_and(|url| url.starts_with(UKCORE)));
            }
            fields.values_mut().for_each(claim_ukcore_alone);
            // what is left empty goes
            fields.retain(|_, field| field != &json!([]) && field != &json!({}));
        }
        _ => {}
    }
}

/// The message without its last Observations, and without what points at them.
fn shortened(mut message: Value) -> Result<Value> {
    let entries = message.get_mut("entry").and_then(Value::as_array_mut).context("a message has entries")?;
    let mut gone = HashSet::new();
    while entries.len() > MESSAGE {
        let is_one = |entry: &Value| entry.get("resource").and_then(resource_type) == Some("Observation");
        let last = entries.iter().rposition(is_one).context("enough Observations")?;
        gone.extend(entries.remove(last).get("fullUrl").and_then(Value::as_str).map(str::to_owned));
    }
    forget(&mut message, &gone);
    Ok(message)
}

/// Takes references to what is gone out of every list.
fn forget(value: &mut Value, gone: &HashSet<String>) {
    let is_gone = |one: &Value| one.get("reference").and_then(Value::as_str).is_some_and(|url| gone.contains(url));
    match value {
        Value::Array(items) => {
            items.retain(|item| !is_gone(item));
            for item in items.iter_mut() {
                forget(item, gone);
            }
        }
        Value::Object(fields) => {
            fields.values_mut().for_each(|field| forget(field, gone));
            fields.retain(|_, field| field.as_array().is_none_or(|items| !items.is_empty()) && !is_gone(field));
        }
        _ => {}
    }
}

/// Entries that refer to each other only.
fn closed(bundle: &Bundle) -> Result<Vec<Value>> {
    let urls: HashSet<&str> = bundle.entries().filter_map(|(url, _)| url).collect();
    let mut picked: Vec<(&str, &Value)> = Vec::new();
    while picked.len() < GROUP {
        let known: HashSet<&str> = picked.iter().map(|(url, _)| *url).collect();
        let next = bundle.entries().filter_map(|(url, resource)| Some((url?, resource))).find(|(url, resource)| {
            let text = resource.to_string();
            let fits = |other: &&str| *other == *url || known.contains(other) || !text.contains(other);
            !known.contains(url) && urls.iter().all(fits)
        });
        picked.push(next.context("enough entries that stand by themselves")?);
    }
    Ok(picked.into_iter().map(|(url, resource)| json!({"fullUrl": url, "resource": resource})).collect())
}
