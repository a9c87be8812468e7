//! Which elements of an object are missing though R4 asks for them, and which stand more often than it lets them.
//! Looks at names only; what they hold is for others.

use serde_json::{Map, Value};

use crate::fhir::schema::{Child, Place};

/// What is wrong with the presence of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// A required element is not there.
    Missing { element: &'static str, is_choice: bool },
    /// Of a choice there are two: `valueString` and `valueCode`.
    Twice { element: &'static str },
}

/// Every fault of an object that stands at a place; a value and its `_` companion are one element.
pub(super) fn of(map: &Map<String, Value>, place: Place) -> Vec<Fault> {
    let named = |key: &String| place.child(key.strip_prefix('_').unwrap_or(key));
    let there: Vec<&Child> = map.keys().filter_map(named).collect();
    let absent = |(element, _): &&(&str, bool)| !there.iter().any(|child| child.element == *element);
    let mut faults: Vec<Fault> = place
        .required()
        .iter()
        .filter(absent)
        .map(|(element, is_choice)| Fault::Missing { element, is_choice: *is_choice })
        .collect();
    for (at, child) in there.iter().enumerate() {
        let fault = Fault::Twice { element: child.element };
        let again = there.iter().take(at).any(|other| other.element == child.element && other.name != child.name);
        if again && !faults.contains(&fault) {
            faults.push(fault);
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fhir::strict;

    fn paths(value: &Value) -> Vec<(&'static str, String)> {
        strict(value).into_iter().map(|issue| (issue.code.code(), issue.path.unwrap_or_default())).collect()
    }

    #[test]
    fn missing_elements_are_found_wherever_they_are_missing() {
        let required = |path: &str| ("required", path.to_owned());
        let flag = json!({"resourceType": "Flag", "code": {"text": "x"}});
        assert_eq!(paths(&flag), [required("Flag.status"), required("Flag.subject")]);

        let statement = json!({"resourceType": "MedicationStatement", "status": "active", "subject": {"display": "x"}});
        assert_eq!(paths(&statement), [required("MedicationStatement.medication")]);

        let patient = json!({"resourceType": "Patient", "communication": [
            {"preferred": true}, {"language": {"text": "cy"}}, {"preferred": false}]});
        let expected = ["Patient.communication[0].language", "Patient.communication[2].language"].map(required);
        assert_eq!(paths(&patient), expected);

        let reaction =
            json!({"resourceType": "AllergyIntolerance", "patient": {"display": "x"}, "reaction": [{"id": "a"}]});
        assert_eq!(paths(&reaction), [required("AllergyIntolerance.reaction[0].manifestation")]);

        let header = json!({"resourceType": "MessageHeader", "eventUri": "urn:x"});
        assert_eq!(paths(&header), [required("MessageHeader.source")]);
    }

    #[test]
    fn what_stands_beside_a_value_needs_its_own_elements() {
        let dates =
            json!({"resourceType": "Patient", "birthDate": "1990", "_birthDate": {"extension": [{"valueCode": "x"}]}});
        assert_eq!(paths(&dates), [("required", "Patient._birthDate.extension[0].url".to_owned())]);
        let names = json!({"resourceType": "Patient", "name": [{"given": ["A", "B"],
            "_given": [null, {"extension": [{"url": "u", "valueCode": "x", "valueString": "y"}]}]}]});
        assert_eq!(paths(&names), [("structure", "Patient.name[0]._given[1].extension[0]".to_owned())]);
    }

    #[test]
    fn a_companion_stands_for_its_element_and_counts_as_one_of_the_choice() {
        let absent = json!({"extension": [{"url": "urn:x", "valueCode": "unknown"}]});
        let mut flag = json!({"resourceType": "Flag", "code": {"text": "x"}, "subject": {"display": "x"}});
        flag["_status"] = absent.clone();
        assert_eq!(paths(&flag), []);

        let mut patient = json!({"resourceType": "Patient", "deceasedDateTime": "2020"});
        patient["_deceasedDateTime"] = absent.clone();
        assert_eq!(paths(&patient), []);
        patient["_deceasedBoolean"] = absent;
        assert_eq!(paths(&patient), [("structure", "Patient".to_owned())]);
    }
}
