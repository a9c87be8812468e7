//! The work that bundles make grows with their entries and references, never faster.

use std::fmt::Write;
use std::sync::Arc;

use crate::definitions::{Library, library::embedded_packs};
use crate::fhir::Format;
use crate::fhir::Limits;
use crate::fhir::tree::Tree;
use crate::validate::structure::Registry;
use crate::validate::walk::{self, Guide, Options, Walk};

/// A message whose entries refer to the first patient, to the one before, and to one that is not there.
fn message(count: usize, relative: bool) -> String {
    let address = |at: usize| {
        if relative {
            format!("https://a.example/Observation/{at}")
        } else {
            format!("urn:uuid:00000000-0000-4000-8000-{at:012}")
        }
    };
    let mut out = format!(
        r##"{{"resourceType":"Bundle","type":"message","entry":[{{"fullUrl":"https://a.example/MessageHeader/h","resource":
        {{"resourceType":"MessageHeader","id":"h","eventUri":"urn:x","source":{{"endpoint":"urn:x"}},"focus":[{{"reference":"{}"}}]}}}},
        {{"fullUrl":"https://a.example/Patient/p","resource":{{"resourceType":"Patient","id":"p","contained":[
        {{"resourceType":"Organization","id":"o","name":"x"}}],"managingOrganization":{{"reference":"#o"}}}}}}"##,
        address(count - 1),
    );
    for at in 0..count {
        let before = if relative { format!("Observation/{}", at.max(1) - 1) } else { address(at.max(1) - 1) };
        let subject = if relative { "Patient/p" } else { "https://a.example/Patient/p" };
        let _: std::fmt::Result = write!(
            out,
            r#",{{"fullUrl":"{}","resource":{{"resourceType":"Observation","id":"{at}","status":"final","code":{{"text":"x"}},
            "subject":{{"reference":"{subject}"}},"hasMember":[{{"reference":"{before}"}}],"performer":[{{"reference":"Organization/none"}}]}}}}"#,
            address(at),
        );
    }
    out.push_str("]}");
    out
}

#[test]
fn the_work_for_a_bundle_grows_with_its_entries_only() {
    let registry = Registry::new(Arc::new(Library::of_packs(embedded_packs())));
    for guide in [Guide::R4, Guide::UkCore] {
        for relative in [false, true] {
            let work = |count: usize| {
                let text = message(count, relative);
                let tree = Tree::read(text.as_bytes(), Format::Json, &Limits::default()).unwrap();
                let options = Options { guide, ..Options::default() };
                let mut walk = Walk::new(tree.root(), &registry, &options);
                walk.whole();
                walk.work
            };
            let each = work(100) / 100;
            // once in full is enough: it takes its time without optimisation
            let largest = if guide == Guide::R4 && relative { 10_000 } else { 1_000 };
            for count in [500, largest] {
                let more = work(count) / count;
                assert!(more <= each + each / 5, "{guide:?}, {relative}, {count}: {more} for an entry, {each} before");
            }
        }
    }
}

#[test]
fn entries_of_one_address_are_named() {
    let same = |versions: [&str; 3]| {
        let entry = |version: &&str| {
            format!(
                r#"{{"fullUrl":"urn:oid:1.2.3.4.5","resource":{{"resourceType":"Basic","meta":{{"versionId":"{version}"}}}}}}"#
            )
        };
        let entries: Vec<String> = versions.iter().map(entry).collect();
        let text = format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{}]}}"#, entries.join(","));
        let tree = Tree::read(text.as_bytes(), Format::Json, &Limits::default()).unwrap();
        let registry = Registry::new(Arc::new(Library::of_packs(embedded_packs())));
        let options = Options { guide: Guide::R4, ..Default::default() };
        let found = walk::validate(&tree, &registry, &options);
        found.into_iter().find(|issue| issue.rule.as_deref() == Some("bdl-7")).map(|issue| issue.text)
    };
    assert_eq!(same(["1", "2", "3"]), None);
    assert!(
        same(["1", "2", "1"]).is_some_and(|text| text.ends_with("They are entry[0] and entry[2]; give each its own."))
    );
}
