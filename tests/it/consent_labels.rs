//! Labels that lie: a category claimed alike by section and tag is not believed over our own codes or the resource type.

use std::collections::BTreeSet;

use cmht_gateway::documents::parts::Formulation;
use cmht_gateway::documents::referral::{LISTS, STATEMENTS};
use cmht_gateway::documents::{Carrier, outlines};
use cmht_gateway::fhir::codes;
use cmht_gateway::fhir::headings::{HEADINGS, of_item};
use cmht_gateway::model::{DataCategory as C, DocumentKind};
use serde_json::Value;

use crate::consent_case::{Case, bytes, validated};
use crate::consent_documents::{arrived, examples, marked, release};

#[test]
fn the_categories_consent_knows_are_those_of_the_documents() {
    let mut expected = BTreeSet::new();
    for outline in outlines() {
        for heading in outline.headings {
            for question in heading.questions {
                let row = |key: &'static str| (outline.kind.code(), heading.key, heading.category, key);
                expected.insert(row(question.key));
                if question.carrier == Carrier::Formulation {
                    expected.extend(Formulation::PLACES.iter().map(|place| row(place.key)));
                }
            }
        }
    }
    let referral = |category: C, key: &'static str| (DocumentKind::Referral.code(), "", category, key);
    expected.extend(STATEMENTS.iter().map(|item| referral(item.category, item.key)));
    expected.extend(LISTS.iter().map(|list| referral(list.category, list.key)));
    expected.insert(referral(C::Safeguarding, "safeguarding-police"));
    let known: BTreeSet<_> = HEADINGS
        .iter()
        .flat_map(|line| line.items.iter().map(|item| (line.kind.code(), line.section, line.category, *item)))
        .collect();
    assert_eq!(known, expected);
    let found: Vec<C> = of_item(codes::REFERRAL_ITEM, "substance-use").collect();
    assert_eq!(found, [C::SubstanceUse]);
}

/// Gives everything but the Consents another category.
fn relabel(value: &mut Value, target: C) {
    match value {
        Value::Object(object) => {
            if object.get("resourceType").is_some_and(|kind| kind == "Consent") {
                return;
            }
            if object.get("system").is_some_and(|system| system == codes::DATA_CATEGORY) {
                object.insert("code".into(), target.code().into());
            }
            object.values_mut().for_each(|inner| relabel(inner, target));
        }
        Value::Array(all) => all.iter_mut().for_each(|inner| relabel(inner, target)),
        _ => {}
    }
}

#[test]
fn what_is_relabelled_as_an_action_or_as_demographics_goes_no_further_than_what_it_is() {
    let permitted = [C::Demographics, C::Actions];
    let may: BTreeSet<&str> = permitted.iter().map(|category| category.code()).collect();
    let (mut leaks, mut released) = (Vec::new(), 0);
    for (kind, name, bundle) in examples() {
        for target in permitted {
            let (bundle, there) = marked(&bundle, &permitted);
            let mut value = bundle.content().value().clone();
            relabel(&mut value, target);
            let Ok(permit) = release(&Case::charity(), kind, &validated(value)) else { continue };
            released += 1;
            let came: Vec<&str> = arrived(&bytes(&permit)).difference(&may).copied().collect();
            assert!(!there.is_empty(), "{name}");
            if !came.is_empty() {
                leaks.push(format!("{name} as {target}: {came:?}"));
            }
        }
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
    assert!(released > 20, "reduced copies did go: {released}");
}
