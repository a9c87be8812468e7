//! `$validate` over the wire, as R4 has it: what is asked in which form, what is answered, what is no question at all.

use cmht_gateway::fhir::{self, Format};
use reqwest::Response;
use serde_json::{Value, json};

use crate::bad_input::cases::{JSON, XML};
use crate::support::{GP, TestGateway, message};

const UKCORE_PATIENT: &str = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient";

fn patient() -> Value {
    let div = "<div xmlns=\"http://www.w3.org/1999/xhtml\">A made-up person</div>";
    json!({"resourceType": "Patient", "id": "p1", "text": {"status": "generated", "div": div}, "gender": "female",
        "name": [{"family": "Made-Up"}]})
}

fn banana() -> Value {
    let mut value = patient();
    value["gender"] = "banana".into();
    value
}

async fn asked(gateway: &TestGateway, path: &str, media: &str, body: impl Into<reqwest::Body>) -> Response {
    gateway.post(path, GP, media).body(body).send().await.unwrap()
}

/// Severity, rule and path of each finding in an answer of 200.
async fn told(response: Response) -> Vec<String> {
    assert_eq!(response.status(), 200);
    let outcome: Value = response.json().await.unwrap();
    assert_eq!(outcome["resourceType"], "OperationOutcome");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let issues = outcome["issue"].as_array().unwrap().iter();
    issues
        .map(|issue| {
            let rule = text(&issue["details"]["coding"][0]["code"]);
            format!("{} {rule} {}", text(&issue["severity"]), text(&issue["expression"][0]))
        })
        .collect()
}

#[tokio::test]
async fn a_resource_alone_and_in_parameters_gets_the_same_verdict_in_both_formats() {
    let gateway = TestGateway::alone().await;
    let parameters = |resource: &Value| json!({"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": resource}]});
    for (resource, error) in [(patient(), None), (banana(), Some("error Patient.gender Patient.gender"))] {
        let mut all = Vec::new();
        for body in [resource.clone(), parameters(&resource)] {
            for (format, media) in [(Format::Json, JSON), (Format::Xml, XML)] {
                let bytes = fhir::write(&body, format).unwrap();
                for path in
                    ["/fhir/$validate", "/fhir/Patient/$validate", "/fhir/%24validate", "/fhir/Patient/%24validate"]
                {
                    all.push(told(asked(&gateway, path, media, bytes.clone()).await).await);
                }
            }
        }
        let errors: Vec<_> = all[0].iter().filter(|one| one.starts_with("error")).map(String::as_str).collect();
        assert_eq!(errors, error.into_iter().collect::<Vec<_>>());
        all.dedup();
        assert_eq!(all.len(), 1, "{all:?}");
    }
}

#[tokio::test]
async fn the_line_told_is_that_of_the_text_that_was_sent_also_inside_parameters() {
    let gateway = TestGateway::alone().await;
    let body = json!({"resourceType": "Parameters", "parameter": [{"name": "mode", "valueCode": "create"},
        {"name": "resource", "resource": banana()}]});
    let text = serde_json::to_string_pretty(&body).unwrap();
    let line = text.lines().position(|line| line.contains("gender")).unwrap() + 1;
    let outcome: Value = asked(&gateway, "/fhir/$validate", JSON, text).await.json().await.unwrap();
    assert_eq!(outcome["issue"][0]["extension"][0]["valueInteger"], line, "{outcome:#}");
}

#[tokio::test]
async fn profiles_are_asked_for_in_the_address_and_in_parameters() {
    let gateway = TestGateway::alone().await;
    let wrong = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Organization";
    let unknown = "https://nobody.example/StructureDefinition/unknown";
    for (profile, rule) in [(UKCORE_PATIENT, None), (wrong, Some("profile-type")), (unknown, Some("profile-known"))] {
        for mode in ["", "create", "profile"] {
            let mut parameters = vec![
                json!({"name": "resource", "resource": patient()}),
                json!({"name": "profile", "valueUri": profile}),
            ];
            let mut address = format!("/fhir/Patient/$validate?profile={profile}");
            if !mode.is_empty() {
                parameters.push(json!({"name": "mode", "valueCode": mode}));
                address = format!("{address}&mode={mode}");
            }
            let body = json!({"resourceType": "Parameters", "parameter": parameters}).to_string();
            let inside = told(asked(&gateway, "/fhir/Patient/$validate", JSON, body).await).await;
            let outside = told(asked(&gateway, &address, JSON, patient().to_string()).await).await;
            assert_eq!(inside, outside, "{profile} {mode}");
            let errors: Vec<_> = inside.iter().filter(|one| one.starts_with("error")).collect();
            assert_eq!(errors.len(), usize::from(rule.is_some()), "{profile} {mode}: {inside:?}");
            assert!(rule.is_none_or(|rule| errors[0].contains(rule)), "{errors:?}");
        }
    }
}

#[tokio::test]
async fn each_mode_asks_what_r4_says() {
    let gateway = TestGateway::alone().await;
    let mut nameless = patient();
    nameless.as_object_mut().unwrap().remove("id");
    let update = told(asked(&gateway, "/fhir/Patient/$validate?mode=update", JSON, nameless.to_string()).await).await;
    assert!(update.contains(&"error update-id Patient.id".to_owned()), "{update:?}");
    let create = told(asked(&gateway, "/fhir/Patient/$validate?mode=create", JSON, nameless.to_string()).await).await;
    assert!(!create.iter().any(|one| one.starts_with("error")), "{create:?}");
    let parameters = json!({"resourceType": "Parameters", "parameter": [{"name": "mode", "valueCode": "delete"}]});
    let bare = gateway.post("/fhir/Patient/$validate?mode=delete", GP, JSON).send().await.unwrap();
    for response in [bare, asked(&gateway, "/fhir/Patient/$validate", JSON, parameters.to_string()).await] {
        assert_eq!(told(response).await, ["error delete "], "there is nothing here that could be deleted");
    }
}

#[tokio::test]
async fn a_message_is_also_told_what_exchange_asks_and_is_not_taken() {
    let gateway = TestGateway::alone().await;
    let mut bundle = message("complete");
    bundle["entry"][0]["resource"]["focus"][0]["reference"] = "urn:uuid:00000000-0000-4000-8000-00000000000f".into();
    let wrapped = json!({"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": bundle}]});
    for body in [bundle.to_string(), wrapped.to_string()] {
        let found = told(asked(&gateway, "/fhir/Bundle/$validate", JSON, body).await).await;
        let path = "Bundle.entry[0].resource.focus[0].reference";
        assert!(found.iter().any(|one| one.starts_with("error") && one.ends_with(path)), "{found:?}");
    }
    assert_eq!(gateway.inbox_count("lpt-cap").await, 0);
}

#[tokio::test]
async fn what_can_be_read_and_is_no_such_resource_is_a_verdict() {
    let gateway = TestGateway::alone().await;
    let other = told(asked(&gateway, "/fhir/Observation/$validate", JSON, patient().to_string()).await).await;
    assert_eq!(other[0], "error resource-type Patient");
    for body in
        ["{\"resourceType\": \"Wizard\"}", "{}", "{\"resourceType\": \"Patient\", \"id\": \"a\", \"id\": \"b\"}"]
    {
        let found = told(asked(&gateway, "/fhir/$validate", JSON, body).await).await;
        assert!(found.iter().any(|one| one.starts_with("error")), "{body}: {found:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_or_asked_is_refused_with_its_status() {
    let gateway = TestGateway::alone().await;
    let deep = format!("{{\"resourceType\":\"Patient\",\"x\":{}{}}}", "[".repeat(500), "]".repeat(500));
    let large = " ".repeat(2 * 1024 * 1024);
    let table: [(&str, &str, String, u16); 10] = [
        ("/fhir/$validate", JSON, "{".to_owned(), 400),
        ("/fhir/$validate", XML, "{}".to_owned(), 400),
        ("/fhir/$validate", JSON, String::new(), 400),
        ("/fhir/$validate", "text/plain", patient().to_string(), 415),
        ("/fhir/$validate", JSON, deep, 413),
        ("/fhir/$validate", JSON, large, 413),
        ("/fhir/$validate?mode=destroy", JSON, patient().to_string(), 400),
        ("/fhir/$validate?mode=profile", JSON, patient().to_string(), 400),
        (
            "/fhir/$validate",
            JSON,
            json!({"resourceType": "Parameters", "parameter": [{"name": "mode", "valueCode": "create"}]}).to_string(),
            400,
        ),
        ("/fhir/Wizard/$validate", JSON, patient().to_string(), 404),
    ];
    for (path, media, body, status) in table {
        let response = asked(&gateway, path, media, body.clone()).await;
        assert_eq!(response.status(), status, "{path} {media} {}", &body[..body.len().min(80)]);
        assert_eq!(response.json::<Value>().await.unwrap()["resourceType"], "OperationOutcome");
    }
    let unknown =
        gateway.post("/fhir/$validate", ("nobody", "x"), JSON).body(patient().to_string()).send().await.unwrap();
    assert_eq!(unknown.status(), 401);
    let method = gateway.get("/fhir/Patient/$validate", GP).send().await.unwrap();
    assert_eq!(method.status(), 405);
}

#[tokio::test]
async fn the_capability_statement_names_the_operation() {
    let gateway = TestGateway::alone().await;
    let statement: Value = gateway.get("/fhir/metadata", GP).send().await.unwrap().json().await.unwrap();
    let operations = statement["rest"][0]["operation"].as_array().unwrap();
    let validate = operations.iter().find(|one| one["name"] == "validate").unwrap();
    assert_eq!(validate["definition"], "http://hl7.org/fhir/OperationDefinition/Resource-validate");
}
