//! The rules of snapshots, one by one, on small made-up profiles of the types in the packs.

use serde_json::{Value, json};

use super::*;
use crate::definitions::facts::Element;
use crate::definitions::library::embedded;

/// A profile with this differential.
fn profile(base: &str, differential: &Value) -> Profile {
    let elements = differential.as_array().unwrap();
    Profile {
        url: "https://made-up.example/p".to_owned(),
        kind_of: base.to_owned(),
        derivation: Some(Derivation::Constraint),
        base: Some(if base.contains(':') { base.to_owned() } else { format!("{FHIR}{base}") }),
        differential: elements.iter().filter_map(|one| Element::from_fhir(one, false)).collect(),
        ..Profile::default()
    }
}

#[allow(clippy::needless_pass_by_value, reason = "each is written where it is used")]
fn laid(base: &str, differential: Value) -> Result<Vec<Element>, SnapshotError> {
    snapshot(&profile(base, &differential), embedded()).map(|done| done.snapshot)
}

fn element<'a>(elements: &'a [Element], id: &str) -> &'a Element {
    elements.iter().find(|one| one.id == id).unwrap_or_else(|| panic!("no {id}"))
}

fn codes(element: &Element) -> Vec<&str> {
    element.types.iter().map(|one| one.code.as_str()).collect()
}

#[test]
fn an_empty_differential_gives_the_base() {
    for base in ["Patient", "Observation", "Composition", "Bundle", "Questionnaire", "Extension", "Quantity", "bp"] {
        let known = embedded().profile(&format!("{FHIR}{base}")).unwrap();
        let mut expected = known.snapshot.clone();
        for constraint in expected.iter_mut().flat_map(|one| &mut one.constraints) {
            constraint.source.get_or_insert_with(|| known.url.clone());
        }
        assert_eq!(laid(base, json!([])).unwrap(), expected, "{base}");
    }
}

#[test]
fn what_is_said_overrides_and_what_is_not_said_stays() {
    let said = json!([{"path": "Patient.birthDate", "min": 1, "mustSupport": true,
        "constraint": [{"key": "x-1", "severity": "error", "human": "not kept", "expression": "true"}]}]);
    let laid = laid("Patient", said).unwrap();
    let birth = element(&laid, "Patient.birthDate");
    assert_eq!((birth.min, birth.max.as_deref(), birth.must_support), (Some(1), Some("1"), Some(true)));
    assert_eq!(birth.base.as_ref().unwrap().min, 0);
    let keys: Vec<_> = birth.constraints.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(keys, ["ele-1", "x-1"]);
    assert_eq!(birth.constraints[1].source.as_deref(), Some("https://made-up.example/p"));
}

#[test]
fn a_slice_starts_from_the_base_and_its_inside_is_unfolded_from_the_type() {
    let said = json!([
        {"id": "Patient.identifier", "path": "Patient.identifier", "min": 1,
            "slicing": {"discriminator": [{"type": "value", "path": "system"}], "rules": "open"}},
        {"id": "Patient.identifier:nhs", "path": "Patient.identifier", "sliceName": "nhs", "max": "1"},
        {"id": "Patient.identifier:nhs.system", "path": "Patient.identifier.system", "min": 1, "fixedUri": "urn:x"},
    ]);
    let laid = laid("Patient", said).unwrap();
    let slice = element(&laid, "Patient.identifier:nhs");
    assert_eq!((slice.min, slice.max.as_deref(), slice.slicing.is_none()), (Some(0), Some("1"), true));
    let system = element(&laid, "Patient.identifier:nhs.system");
    assert_eq!((system.path.as_str(), system.min), ("Patient.identifier.system", Some(1)));
    assert_eq!(system.base.as_ref().unwrap().path, "Identifier.system");
    let order: Vec<_> = laid.iter().map(|one| one.id.as_str()).skip_while(|id| *id != "Patient.identifier").collect();
    assert_eq!(order[..3], ["Patient.identifier", "Patient.identifier:nhs", "Patient.identifier:nhs.id"]);
    assert!(!laid.iter().any(|one| one.id == "Patient.identifier.system"), "the unsliced element was not gone into");
}

#[test]
fn the_order_of_the_differential_and_identifiers_make_no_difference() {
    let slicing = json!({"path": "Patient.identifier",
        "slicing": {"discriminator": [{"type": "value", "path": "system"}], "rules": "open"}});
    let slice = json!({"path": "Patient.identifier", "sliceName": "nhs", "max": "1"});
    let inside = json!({"path": "Patient.identifier.system", "min": 1});
    let name = json!({"path": "Patient.name", "min": 1});
    let straight = laid("Patient", json!([slicing, slice, inside, name])).unwrap();
    let mut identified = inside.clone();
    identified["id"] = json!("Patient.identifier:nhs.system");
    assert_eq!(laid("Patient", json!([name, identified, slice, slicing])).unwrap(), straight);
    assert_eq!(element(&straight, "Patient.identifier:nhs.system").min, Some(1));
}

#[test]
fn a_slice_of_a_slice_starts_from_that_slice_and_follows_it() {
    let said = json!([
        {"id": "Patient.identifier", "path": "Patient.identifier",
            "slicing": {"discriminator": [{"type": "value", "path": "system"}], "rules": "open"}},
        {"id": "Patient.identifier:a/b", "path": "Patient.identifier", "sliceName": "a/b", "max": "1"},
        {"id": "Patient.identifier:a", "path": "Patient.identifier", "sliceName": "a", "mustSupport": true,
            "slicing": {"discriminator": [{"type": "value", "path": "use"}], "rules": "closed"}},
        {"id": "Patient.identifier:c", "path": "Patient.identifier", "sliceName": "c"},
    ]);
    let laid = laid("Patient", said).unwrap();
    let slices: Vec<_> =
        laid.iter().filter(|one| one.path == "Patient.identifier").map(|one| one.id.as_str()).collect();
    let expected = ["Patient.identifier", "Patient.identifier:a", "Patient.identifier:a/b", "Patient.identifier:c"];
    assert_eq!(slices, expected);
    assert_eq!(element(&laid, "Patient.identifier:a/b").must_support, Some(true));
}

#[test]
fn a_choice_by_its_short_name_is_a_slice_and_leaves_no_other_type() {
    let said =
        json!([{"path": "Observation.valueQuantity", "min": 1}, {"path": "Observation.valueQuantity.code", "min": 1}]);
    let laid = laid("Observation", said).unwrap();
    let whole = element(&laid, "Observation.value[x]");
    assert_eq!(codes(whole), ["Quantity"]);
    assert_eq!(whole.slicing.as_ref().unwrap().rules, "closed");
    assert_eq!(codes(element(&laid, "Observation.value[x]:valueQuantity")), ["Quantity"]);
    assert_eq!(element(&laid, "Observation.value[x]:valueQuantity.code").min, Some(1));
}

#[test]
fn a_choice_that_is_sliced_openly_keeps_its_other_types() {
    let said = json!([
        {"id": "Observation.value[x]", "path": "Observation.value[x]",
            "slicing": {"discriminator": [{"type": "type", "path": "$this"}], "rules": "open"}},
        {"id": "Observation.value[x]:valueQuantity", "path": "Observation.value[x]", "sliceName": "valueQuantity"},
    ]);
    let laid = laid("Observation", said).unwrap();
    assert!(codes(element(&laid, "Observation.value[x]")).len() > 5);
    assert_eq!(codes(element(&laid, "Observation.value[x]:valueQuantity")), ["Quantity"]);
}

#[test]
fn going_into_a_content_reference_gives_it_the_children_of_what_it_means() {
    let laid = laid("Composition", json!([{"path": "Composition.section.section.title", "min": 1}])).unwrap();
    let inner = element(&laid, "Composition.section.section");
    assert_eq!((inner.content_reference.as_deref(), codes(inner)), (None, vec!["BackboneElement"]));
    assert_eq!(element(&laid, "Composition.section.section.title").min, Some(1));
    let deeper = element(&laid, "Composition.section.section.section");
    assert_eq!(deeper.content_reference.as_deref(), Some("#Composition.section"));
    assert_eq!(element(&laid, "Composition.section.title").min, Some(0));
}

#[test]
fn going_into_an_extension_gives_it_the_children_of_the_extension_s_own_definition() {
    let url = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory";
    let said = json!([
        {"id": "Patient.extension:e", "path": "Patient.extension", "sliceName": "e", "min": 1,
            "type": [{"code": "Extension", "profile": [url]}]},
        {"id": "Patient.extension:e.value[x]", "path": "Patient.extension.value[x]", "min": 1},
    ]);
    let laid = laid("Patient", said).unwrap();
    let fixed = element(&laid, "Patient.extension:e.url").fixed.as_ref().unwrap();
    assert_eq!(fixed.value, json!(url));
    assert_eq!(codes(element(&laid, "Patient.extension:e.value[x]")), ["CodeableConcept"]);
    let whole = element(&laid, "Patient.extension");
    assert_eq!(whole.min, Some(1), "as often as its slices must be");
    assert_eq!(whole.slicing.as_ref().unwrap().discriminators[0].path, "url");
}

#[test]
fn what_cannot_be_laid_is_refused_by_name() {
    let refused = |base: &str, said: Value| laid(base, said).unwrap_err();
    assert_eq!(
        refused("Patient", json!([{"path": "Patient.nothing"}])),
        SnapshotError::NoSuchElement("Patient.nothing".into())
    );
    assert_eq!(
        refused("Patient", json!([{"path": "Observation.code"}])),
        SnapshotError::OtherType("Observation.code".into())
    );
    assert_eq!(
        refused("Observation", json!([{"path": "Observation.value[x].code"}])),
        SnapshotError::SeveralTypes("Observation.value[x]".into())
    );
    assert_eq!(
        refused("Patient", json!([{"path": "Patient.name", "sliceName": "a"}])),
        SnapshotError::NoDiscriminator("Patient.name:a".into())
    );
    assert_eq!(refused("https://no.example/x", json!([])), SnapshotError::Unknown("https://no.example/x".into()));
    let deep = format!("Patient{}", ".contact".repeat(10_000));
    assert!(matches!(refused("Patient", json!([{"path": deep}])), SnapshotError::TooDeep(_)));
}
