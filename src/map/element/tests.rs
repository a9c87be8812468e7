//! What is taken, reported and kept of an element.

use serde_json::json;

use super::Element;
use crate::map::notes::Notes;

#[test]
fn what_nobody_takes_is_reported_and_kept_at_any_depth() {
    let notes = Notes::default();
    let value = json!({
        "gender": "female", "maritalStatus": {"text": "x"}, "photo": [], "language": "en",
        "name": [{"family": "A", "period": {"start": "2020"}}],
        "extension": [{"url": "urn:a", "valueString": "x"}, {"url": "urn:b", "valueString": "y"}],
    });
    {
        let mut patient = Element::resource(&value, "Patient".to_owned().into(), &notes);
        assert_eq!(patient.string("gender").as_deref(), Some("female"));
        for mut name in patient.children("name") {
            assert_eq!(name.string("family").as_deref(), Some("A"));
        }
        assert_eq!(patient.extension_string("urn:b").as_deref(), Some("y"));
    }
    let (notes, kept) = notes.into_parts();
    let paths: Vec<String> = notes.into_iter().map(|note| note.path).collect();
    assert_eq!(paths, ["Patient.name[0].period", "Patient.maritalStatus", "Patient.extension('urn:a')"]);
    let kept: Vec<_> = kept.into_iter().map(|one| (one.path, one.value)).collect();
    assert_eq!(
        kept,
        [
            ("Patient.language".to_owned(), json!("en")),
            ("Patient.name[0].period".to_owned(), json!({"start": "2020"})),
            ("Patient.maritalStatus".to_owned(), json!({"text": "x"})),
            ("Patient.extension('urn:a')".to_owned(), json!({"url": "urn:a", "valueString": "x"})),
        ]
    );
}

#[test]
fn a_list_in_parts_keeps_the_places_of_its_items() {
    let notes = Notes::default();
    let value = json!({"coding": [
        {"system": "a", "code": "1", "version": "7"}, {"system": "b", "code": "2"}, {"system": "c", "code": "3"}
    ]});
    {
        let mut concept = Element::new(&value, "c".to_owned().into(), &notes);
        assert_eq!(concept.take_coding(|system, _| (system == "b").then_some(())), Some(()));
        assert_eq!(concept.take_coding(|system, _| (system == "a").then_some(())), Some(()));
    }
    let (notes, kept) = notes.into_parts();
    assert_eq!(notes.iter().map(|note| note.path.as_str()).collect::<Vec<_>>(), ["c.coding[2]"]);
    assert_eq!(kept.iter().map(|one| one.path.as_str()).collect::<Vec<_>>(), ["c.coding[0].version", "c.coding[2]"]);
}

#[test]
fn of_a_reference_passed_over_all_but_where_it_leads_is_kept() {
    let notes = Notes::default();
    let value = json!({"subject": {"reference": "Patient/1", "type": "Patient", "display": "Ada"},
        "target": [{"reference": "x"}, {"reference": "y", "identifier": {"value": "1"}}], "code": {"text": "x"}});
    Element::new(&value, "r".to_owned().into(), &notes).ignore(&["subject", "target", "code"]);
    let (notes, kept) = notes.into_parts();
    assert!(notes.is_empty());
    let kept: Vec<&str> = kept.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(kept, ["r.subject.display", "r.target.identifier"]);
}
