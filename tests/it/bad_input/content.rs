//! The bad inputs that can be read and are refused for what they say. Data only; `mod.rs` sends them.

use super::cases::{Case, FHIR, JSON, NATIVE, case, changed, native, resource};

pub(super) fn resources() -> Vec<Case> {
    vec![
        case("unknown resource", FHIR, JSON, "{\"resourceType\":\"Wizard\"}", (422, "not-supported"), &["Wizard"]),
        case("no resourceType", FHIR, JSON, "{\"type\":\"message\"}", (422, "required"), &["resourceType"]),
        case("a Patient, not a Bundle", FHIR, JSON, "{\"resourceType\":\"Patient\"}", (422, "structure"), &["Bundle"]),
        case(
            "unknown element",
            FHIR,
            JSON,
            changed(|b| resource(b, "Patient")["shoeSize"] = 9.into()),
            (422, "invalid"),
            &["shoeSize"],
        ),
        case(
            "number for a string",
            FHIR,
            JSON,
            changed(|b| resource(b, "Patient")["birthDate"] = 1980.into()),
            (422, "value"),
            &["birthDate"],
        ),
        case(
            "object for an array",
            FHIR,
            JSON,
            changed(|b| resource(b, "Patient")["name"] = serde_json::json!({"family": "X"})),
            (422, "structure"),
            &["name"],
        ),
        case(
            "unknown resource inside",
            FHIR,
            JSON,
            changed(|b| resource(b, "Patient")["resourceType"] = "Wizard".into()),
            (422, "not-supported"),
            &["Wizard"],
        ),
        case(
            "required element missing",
            FHIR,
            JSON,
            changed(|b| {
                resource(b, "ServiceRequest").as_object_mut().unwrap().remove("status");
            }),
            (422, "required"),
            &["status"],
        ),
        case(
            "no referral in it",
            FHIR,
            JSON,
            changed(|b| {
                b["entry"].as_array_mut().unwrap().retain(|e| e["resource"]["resourceType"] != "ServiceRequest");
            }),
            (422, "required"),
            &["ServiceRequest"],
        ),
        case(
            "no person in it",
            FHIR,
            JSON,
            changed(|b| {
                b["entry"].as_array_mut().unwrap().retain(|e| e["resource"]["resourceType"] != "Patient");
            }),
            (422, "required"),
            &["Patient"],
        ),
        case("not a message", FHIR, JSON, changed(|b| b["type"] = "collection".into()), (422, "value"), &["message"]),
        case(
            "no identifier",
            FHIR,
            JSON,
            changed(|b| {
                let o = b.as_object_mut().unwrap();
                o.remove("identifier");
                o.remove("id");
            }),
            (400, "required"),
            &["identifier"],
        ),
        case(
            "header not first",
            FHIR,
            JSON,
            changed(|b| b["entry"].as_array_mut().unwrap().reverse()),
            (422, "invariant"),
            &["MessageHeader"],
        ),
        case(
            "the same fullUrl twice",
            FHIR,
            JSON,
            changed(|b| {
                let again = b["entry"][1].clone();
                b["entry"].as_array_mut().unwrap().push(again);
            }),
            (422, "invariant"),
            &["fullUrl"],
        ),
    ]
}

/// Messages that are sound and ask for what the gateway does not do.
pub(super) fn workflows() -> Vec<Case> {
    vec![
        case(
            "another event",
            FHIR,
            JSON,
            changed(|b| resource(b, "MessageHeader")["eventCoding"]["code"] = "booking-request".into()),
            (422, "not-supported"),
            &["servicerequest-request"],
        ),
        case(
            "a cancellation of nothing",
            FHIR,
            JSON,
            changed(|b| resource(b, "MessageHeader")["reason"]["coding"][0]["code"] = "delete".into()),
            (404, "not-found"),
            &["nothing here that this could be about"],
        ),
        case(
            "a revoked referral that never came",
            FHIR,
            JSON,
            changed(|b| resource(b, "ServiceRequest")["status"] = "revoked".into()),
            (404, "not-found"),
            &["nothing here that this could be about"],
        ),
    ]
}

/// Native documents that can be read and are not right.
pub(super) fn documents() -> Vec<Case> {
    vec![
        case("native: not an object", NATIVE, "application/json", "[]", (422, "structure"), &[]),
        case("native: empty object", NATIVE, "application/json", "{}", (422, "required"), &["person"]),
        case(
            "native: unknown property",
            NATIVE,
            "application/json",
            native(|v| v["shoe_size"] = 9.into()),
            (422, "invalid"),
            &["shoe_size"],
        ),
        case(
            "native: no such response",
            NATIVE,
            "application/json",
            native(|v| v["response"] = "whenever".into()),
            (422, "code-invalid"),
            &["/response"],
        ),
        case(
            "native: nobody identifiable",
            NATIVE,
            "application/json",
            native(|v| {
                v["person"].as_object_mut().unwrap().remove("names");
            }),
            (422, "required"),
            &["names"],
        ),
        case(
            "native: a date that is none",
            NATIVE,
            "application/json",
            native(|v| v["person"]["birth_date"] = "1980-02-31".into()),
            (422, "value"),
            &["birth_date"],
        ),
    ]
}
