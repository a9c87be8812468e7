//! Every leaf of every kind of document has a data category, or is what a message needs to be one. What a leaf is filed
//! under is found by withholding one category after the other and seeing whether its word still arrives, and held to the
//! documents' own tables; its snapshot lists all of them, for people to read.

pub(crate) mod filled;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use cmht_gateway::consent::{Decision, Question};
use cmht_gateway::documents::outlines;
use cmht_gateway::documents::referral::{LISTS, STATEMENTS};
use cmht_gateway::fhir::Bundle;
use cmht_gateway::map;
use cmht_gateway::model::{DataCategory as C, DocumentKind};
use cmht_gateway::validate::Validated;
use serde_json::{Value, json};

use self::filled::{All, Filled, filled};
use crate::consent_case::{Case, engine, validated};

/// The document as a Bundle, with the person's objection to the team's having some categories.
pub(crate) fn objecting(filled: &Filled, categories: &[C]) -> Bundle {
    let mut document = filled.document.clone();
    let codes: Vec<&str> = categories.iter().map(|category| category.code()).collect();
    document["consent"] = json!({"sharing": "agreed-in-part", "recorded": "2026-02-01T10:00:00Z",
                                 "objections": [{"recipient": {"party": "lpt-cap"}, "categories": codes}]});
    map::to_fhir(filled.kind, document).unwrap_or_else(|issues| panic!("{}: {issues:?}", filled.kind.code())).value
}

/// What leaves for the team that cares for the person.
fn to_team(kind: DocumentKind, bundle: &Validated<Bundle>) -> Value {
    let case = Case::team();
    match engine().decide(&Question { kind, ..case.question(bundle) }) {
        Decision::Permit(permit) => permit.bundle().content().value().clone(),
        Decision::Reduce(reduction) => reduction.draft().into_value(),
        Decision::Deny(denial) => panic!("{}: {denial:?}", kind.code()),
    }
}

/// What each leaf is filed under, by kind and path: the categories without which its word does not arrive. A category that
/// the document gives itself is not of the place.
fn found() -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for kind in DocumentKind::ALL.iter().copied().filter(|kind| kind.is_document()) {
        for variant in 0..3 {
            let filled = filled(kind, variant, &mut All(usize::try_from(variant).unwrap()));
            let mut gone: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
            let withheld: Vec<C> = C::ALL.iter().copied().filter(|category| *category != C::Demographics).collect();
            for category in &withheld {
                let bundle = validated(objecting(&filled, &[*category]).into_value());
                let text = to_team(kind, &bundle).to_string();
                for leaf in filled.leaves.iter().filter(|leaf| !text.contains(&leaf.word)) {
                    gone.entry(&leaf.word).or_default().insert(category.code());
                }
            }
            for leaf in &filled.leaves {
                let codes = gone.get(leaf.word.as_str()).cloned().unwrap_or_default();
                if codes.len() == withheld.len() && leaf.given.contains("told-in-confidence") {
                    // a document the person reads: there it is CS-07 that keeps it from everybody
                    continue;
                }
                let codes: BTreeSet<&str> = if codes.len() == withheld.len() { ["unassigned"].into() } else { codes };
                let of_place = codes.into_iter().filter(|code| !leaf.given.contains(code)).map(str::to_owned);
                found.entry(format!("{} {}", kind.code(), leaf.path)).or_default().extend(of_place);
            }
        }
    }
    found
}

/// The category a question of the documents' tables has, by kind and path.
fn declared() -> BTreeMap<String, C> {
    let mut declared = BTreeMap::new();
    for outline in outlines() {
        for heading in outline.headings {
            for question in heading.questions {
                declared
                    .insert(format!("{} /{}", outline.kind.code(), question.key.replace('-', "_")), heading.category);
            }
        }
    }
    let referral = |pointer: &str| format!("{} {pointer}", DocumentKind::Referral.code());
    declared.extend(STATEMENTS.iter().map(|item| (referral(item.pointer), item.category)));
    declared.extend(LISTS.iter().map(|list| (referral(list.pointer), list.category)));
    declared
}

/// Leaves without a category that go with every copy or with none, by the end of the path, and why.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("/person/other_identifiers/[]/value", "a number of another system tells who else knows the person"),
    ("/author/role", "words that may name a service or an illness"),
    ("/referrer/role", "words that may name a service or an illness"),
    ("/agreements/[]/name", "who agreed may be family; side and day go"),
    ("/agreements/[]/note", "what was said when it was agreed may be about anything"),
    ("/copies/[]/name", "who else has a copy is for no recipient to know"),
    ("/service/name", "whom else it is asked of is for no recipient to know"),
];

/// Where a leaf may be that goes with every copy: who the person is, without which nothing goes, who wrote it, and files,
/// which say of themselves what they are about.
const WITH_EVERY_COPY: &[&str] = &["/person/", "/author/", "/referrer/", "/attachments/"];

#[test]
fn every_leaf_of_every_kind_has_a_category_or_is_what_a_message_needs() {
    let found = found();
    let mut listed = String::new();
    for (leaf, codes) in &found {
        let codes =
            if codes.is_empty() { "always".to_owned() } else { codes.iter().cloned().collect::<Vec<_>>().join(" + ") };
        writeln!(listed, "{leaf}: {codes}").unwrap();
    }
    let unassigned: Vec<&String> = found
        .iter()
        .filter(|(leaf, codes)| codes.contains("unassigned") && !EXCEPTIONS.iter().any(|(end, _)| leaf.ends_with(end)))
        .map(|(leaf, _)| leaf)
        .collect();
    for (end, reason) in EXCEPTIONS {
        assert!(
            found.iter().any(|(leaf, codes)| leaf.ends_with(end) && codes.contains("unassigned")),
            "{end}: {reason}"
        );
    }
    let place = |leaf: &str| leaf.split_once(' ').unwrap().1.to_owned();
    let administrative = found.iter().filter(|(_, codes)| codes.is_empty()).map(|(leaf, _)| place(leaf));
    let strange: Vec<String> =
        administrative.filter(|leaf| !WITH_EVERY_COPY.iter().any(|start| leaf.starts_with(start))).collect();
    assert!(strange.is_empty(), "they go with every copy: {strange:#?}");
    let mut wrong = Vec::new();
    for (question, category) in declared() {
        let below = format!("{question}/");
        let of_question = found.iter().filter(|(leaf, _)| leaf.starts_with(&below) || **leaf == question);
        wrong.extend(of_question.filter(|(_, codes)| !codes.contains(category.code())).map(|(leaf, _)| leaf.clone()));
    }
    insta::assert_snapshot!("consent_leaves", listed);
    assert!(unassigned.is_empty(), "{} leaves have no category: {unassigned:#?}", unassigned.len());
    assert!(wrong.is_empty(), "{} leaves are not of the category of their question: {wrong:#?}", wrong.len());
}
