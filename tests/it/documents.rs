//! Plans and letters across the gateway: who gets which part, in which form, and what the sender is told. Over the wire.

use cmht_gateway::fhir::{self, Bundle, Format, envelope};
use cmht_gateway::map;
use cmht_gateway::model::DocumentKind;
use serde_json::{Value, json};

use crate::support::{CHARITY, CLINIC, GP, Recipient, TRUST, TestGateway, party, plan, sealed};

const NATIVE: &str = "application/json";
const JSON: &str = "application/fhir+json";
const XML: &str = "application/fhir+xml";

fn recipient<'a>(answer: &'a Value, id: &str) -> &'a Value {
    let all = answer["recipients"].as_array().unwrap();
    all.iter().find(|r| r["party"] == id).unwrap_or_else(|| panic!("{id} in {answer}"))
}

fn withheld(answer: &Value) -> Vec<&str> {
    answer["withheld"].as_array().into_iter().flatten().map(|w| w["category"].as_str().unwrap()).collect()
}

async fn sent(gateway: &TestGateway, kind: &str, body: &Value) -> Value {
    let path = format!("/documents/{kind}");
    let response = gateway.post(&path, TRUST, NATIVE).body(body.to_string()).send().await.unwrap();
    let status = response.status();
    let answer: Value = response.json().await.unwrap();
    assert_eq!(status, 200, "{answer:#}");
    answer
}

/// The document in a message that arrived, and the message itself.
fn carried(message: Value) -> (Value, Bundle) {
    let message = Bundle::new(message).unwrap();
    let sound = sealed(message).unwrap_or_else(|issues| panic!("what travels is sound: {issues:#?}"));
    let (_, document) = envelope::payload(sound.content()).unwrap();
    (sound.content().value().clone(), document)
}

#[tokio::test]
async fn a_safety_plan_goes_whole_to_the_gp_and_reduced_to_the_charity() {
    let gp = Recipient::listen().await;
    let gateway = TestGateway::start(&gp, &Recipient::listen().await).await;
    let native = plan("safety-plan", "full");
    let answer = sent(&gateway, "safety-plan", &native).await;
    assert_eq!((&answer["kind"], &answer["status"]), (&json!("safety-plan"), &json!("accepted")));
    assert_eq!(recipient(&answer, "demo-gp")["release"], "whole");
    assert_eq!(recipient(&answer, "demo-gp")["rule"], "RT-10");
    let charity = recipient(&answer, "wellbeing-roots");
    assert_eq!(charity["release"], "reduced");
    let kept_back = withheld(charity);
    for category in ["contact-and-communication", "substance-use", "risk-summary", "advance-statement"] {
        assert!(kept_back.contains(&category), "{category}: {kept_back:?}");
    }
    assert!(!kept_back.contains(&"safety-plan"), "{kept_back:?}");
    gateway.settled().await;

    let arrived = gp.taken();
    assert_eq!(arrived.len(), 1);
    assert!(uuid::Uuid::try_parse(&arrived[0].key).is_ok(), "an Idempotency-Key of its own");
    let (message, document) = carried(arrived[0].json());
    let header = &message["entry"][0]["resource"];
    assert_eq!(header["eventCoding"]["system"], "https://fhir.cmht-gateway.example/CodeSystem/message-event");
    assert_eq!(header["destination"].as_array().unwrap().len(), 1);
    assert_eq!(header["destination"][0]["endpoint"], gp.endpoint().as_str());
    assert_eq!(header["sender"]["identifier"]["value"], "lpt-cmht-city-east");
    let mut expected = native.clone();
    expected["copies"].as_array_mut().unwrap().retain(|copy| copy["party"] == "demo-gp");
    let back = map::to_native(DocumentKind::SafetyPlan, &document).unwrap();
    assert_eq!(back.value, expected, "all of it but who else has one");

    let items = gateway.running.store.inbox(&party("wellbeing-roots")).await.unwrap();
    let (message, document) = carried(serde_json::from_slice(&items[0].body).unwrap());
    assert_eq!(message["meta"]["security"], document.value()["meta"]["security"]);
    assert_eq!(message["meta"]["security"][1]["code"], "REDACTED");
    let copies = document.first("Composition").unwrap()["extension"].as_array().unwrap();
    assert_eq!(copies.len(), 1, "who else has one is nobody's business");
    assert_eq!(copies[0]["valueReference"]["identifier"]["value"], "wellbeing-roots");
    let text = String::from_utf8_lossy(&items[0].body).into_owned();
    for gone in ["Wine makes the nights worse", "telling a teacher helped", "haloperidol", "07700 900417"] {
        assert!(!text.contains(gone), "{gone}");
    }
    for kept in ["I stop opening the curtains", "Grace Ellery", "Made-up Listening Line", "Withheld from this copy"] {
        assert!(text.contains(kept), "{kept}");
    }
    let shown = gateway.running.gateway.readable_item(&items[0]);
    assert_eq!(shown.title, "Safety plan of Ms Adaeze Ruth Okonjo-Bell");
    let lines: Vec<&String> = shown.sections.iter().flat_map(|(_, lines)| lines).collect();
    assert!(lines.iter().any(|line| line.contains("I stop opening the curtains")), "{lines:?}");
}

#[tokio::test]
async fn a_contingency_plan_goes_whole_to_the_crisis_team_it_names_and_reduced_to_the_charity() {
    let gp = Recipient::listen().await;
    let gateway = TestGateway::start(&gp, &Recipient::listen().await).await;
    let mut native = plan("contingency-plan", "full");
    native["copies"].as_array_mut().unwrap().push(json!({"party": "wellbeing-roots"}));
    let categories = ["demographics", "contingency-plan", "risk-summary"];
    native["consent"]["permissions"] = json!([{"recipient": {"party": "wellbeing-roots"}, "categories": categories}]);
    let answer = sent(&gateway, "contingency-plan", &native).await;
    let team = recipient(&answer, "lpt-crht");
    assert_eq!(
        (&team["role"], &team["rule"], &team["release"]),
        (&json!("care-team"), &json!("RT-13"), &json!("whole"))
    );
    assert_eq!(recipient(&answer, "demo-gp")["release"], "whole");
    let charity = recipient(&answer, "wellbeing-roots");
    assert_eq!(charity["release"], "reduced");
    assert!(withheld(charity).contains(&"contingency-plan"), "the agreement does not cover it: {charity}");
    assert!(!withheld(charity).contains(&"risk-summary"));
    gateway.settled().await;
    assert_eq!((gateway.inbox_count("lpt-crht").await, gp.taken().len()), (1, 1));
    let items = gateway.running.store.inbox(&party("wellbeing-roots")).await.unwrap();
    let text = String::from_utf8_lossy(&items[0].body).into_owned();
    assert!(text.contains("Bereavement, then redundancy") && !text.contains("Letters about rent"), "risk and no plan");
}

#[tokio::test]
async fn one_the_person_does_not_want_informed_gets_nothing_and_learns_nothing() {
    let clinic = Recipient::listen().await;
    let gateway = TestGateway::start(&Recipient::listen().await, &clinic).await;
    let mut native = plan("safety-plan", "full");
    native["copies"].as_array_mut().unwrap().push(json!({"party": "harbour-clinic"}));
    // Permitted in one place and not wanted in the other: the objection wins (CS-03).
    native["consent"]["permissions"]
        .as_array_mut()
        .unwrap()
        .push(json!({"recipient": {"party": "harbour-clinic"}, "categories": ["demographics", "safety-plan"]}));
    let answer = sent(&gateway, "safety-plan", &native).await;
    let denied = recipient(&answer, "harbour-clinic");
    assert_eq!((&denied["release"], &denied["consent_rules"][0]), (&json!("denied"), &json!("CS-03")));
    let mut other = plan("safety-plan", "full");
    other["id"] = "unwanted-2".into();
    other["people_not_to_inform"].as_array_mut().unwrap().push(json!({"party": "wellbeing-roots"}));
    let answer = sent(&gateway, "safety-plan", &other).await;
    assert_eq!(recipient(&answer, "wellbeing-roots")["consent_rules"][0], "CS-03");
    gateway.settled().await;
    // The copy of the first plan that nobody had opened is gone from the inbox as well (CS-17).
    assert_eq!((clinic.asked(), gateway.inbox_count("wellbeing-roots").await), (0, 0));
}

#[tokio::test]
async fn without_explicit_consent_a_charity_gets_no_plan_and_a_plan_for_nobody_says_so() {
    let gateway = TestGateway::alone().await;
    let mut native = plan("safety-plan", "sparse");
    native["copies"] = json!([{"party": "wellbeing-roots"}, {"name": "Her sister"}, {"party": "lanternlight"}]);
    let answer = sent(&gateway, "safety-plan", &native).await;
    assert_eq!(recipient(&answer, "wellbeing-roots")["consent_rules"][0], "CS-04");
    let told = answer["outcome"].to_string();
    assert!(told.contains("/copies/1") && told.contains("/copies/2"), "who is not in the directory is named: {told}");
    assert!(told.contains("This goes to nobody."), "{told}");
    assert_eq!(gateway.inbox_count("wellbeing-roots").await, 0);
}

#[tokio::test]
async fn a_document_is_one_document_however_it_comes() {
    let gp = Recipient::listen().await;
    let gateway = TestGateway::start(&gp, &Recipient::listen().await).await;
    let document = map::to_fhir(DocumentKind::ContingencyPlan, plan("contingency-plan", "full")).unwrap().value;
    let path = "/documents/contingency-plan";
    let post = async |path: &str, media: &str, body: Vec<u8>| {
        let response = gateway.post(path, TRUST, media).body(body).send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert_eq!(status, 200, "{path} {media}: {text}");
        text
    };
    let first = post(path, JSON, fhir::write(document.value(), Format::Json).unwrap()).await;
    let xml = post(path, XML, fhir::write(document.value(), Format::Xml).unwrap()).await;
    let plain = post(path, NATIVE, fhir::write(document.value(), Format::Json).unwrap()).await;
    assert_eq!((&xml, &plain), (&first, &first));
    // In a message of its own it is the same document, and no second copy goes out.
    let message = wrapped(&document, "message-1");
    for (format, media) in [(Format::Json, JSON), (Format::Xml, XML)] {
        let answer = post("/fhir/$process-message", media, fhir::write(&message, format).unwrap()).await;
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["entry"][0]["resource"]["eventCoding"]["code"], "document-response");
        assert!(fhir::strict(&answer).is_empty(), "our answer is valid R4");
    }
    gateway.settled().await;
    assert_eq!((gp.taken().len(), gateway.inbox_count("lpt-crht").await), (1, 1));
}

/// A message by others that carries a document.
fn wrapped(document: &Bundle, id: &str) -> Value {
    let (header, payload) =
        ("urn:uuid:00000000-0000-4000-8000-0000000000a1", "urn:uuid:00000000-0000-4000-8000-0000000000a2");
    json!({
        "resourceType": "Bundle", "type": "message", "timestamp": "2026-11-22T09:00:00Z",
        "identifier": {"system": "https://elsewhere.example/message", "value": id},
        "entry": [
            {"fullUrl": header, "resource": {"resourceType": "MessageHeader",
                "eventUri": "https://elsewhere.example/event/care-plan", "focus": [{"reference": payload}],
                "sender": {"identifier": {"system": "https://fhir.cmht-gateway.example/Id/party", "value": "lpt"}},
                "source": {"endpoint": "https://elsewhere.example/fhir"}}},
            {"fullUrl": payload, "resource": document.value()},
        ]
    })
}

#[tokio::test]
async fn the_same_document_again_has_the_same_answer_and_a_changed_one_is_a_duplicate() {
    let gp = Recipient::listen().await;
    let gateway = TestGateway::start(&gp, &Recipient::listen().await).await;
    let native = plan("safety-plan", "full");
    let first = sent(&gateway, "safety-plan", &native).await;
    assert_eq!(sent(&gateway, "safety-plan", &native).await, first);
    let mut changed = native.clone();
    changed["warning_signs"][0]["text"] = "Something else".into();
    let response =
        gateway.post("/documents/safety-plan", TRUST, NATIVE).body(changed.to_string()).send().await.unwrap();
    assert_eq!(response.status(), 409);
    assert_eq!(response.json::<Value>().await.unwrap()["issue"][0]["code"], "duplicate");
    gateway.settled().await;
    assert_eq!(gp.taken().len(), 1);
}

#[tokio::test]
async fn a_repeated_delivery_carries_the_same_bytes_and_key() {
    let gp = Recipient::listen().await;
    gp.then_answer(&[503, 503]);
    let gateway = TestGateway::start(&gp, &Recipient::listen().await).await;
    let answer = sent(&gateway, "safety-plan", &plan("safety-plan", "full")).await;
    gateway.settled().await;
    assert_eq!((gp.asked(), gp.taken().len()), (3, 1));
    let path = format!("/messages/{}", answer["message"].as_str().unwrap());
    let status: Value = gateway.get(&path, TRUST).send().await.unwrap().json().await.unwrap();
    let rows = status["deliveries"].as_array().unwrap();
    let row = rows.iter().find(|d| d["recipient"] == "demo-gp").unwrap();
    assert_eq!((&row["delivery"], &row["kind"]), (&json!(gp.taken()[0].key), &json!("safety-plan")));
}

#[tokio::test]
async fn nobody_writes_a_plan_in_somebody_elses_name() {
    let gateway = TestGateway::alone().await;
    let native = plan("safety-plan", "full").to_string();
    for caller in [GP, CLINIC, CHARITY] {
        let response =
            gateway.post("/documents/safety-plan", caller, NATIVE).body(native.clone()).send().await.unwrap();
        assert_eq!(response.status(), 403, "{}", caller.0);
        let outcome: Value = response.json().await.unwrap();
        assert_eq!(outcome["issue"][0]["details"]["coding"][0]["code"], "sender-is-caller");
    }
    // A person's own plan without an organisation is taken down by the trust, and by nobody else.
    let mut own = plan("safety-plan", "sparse");
    own["author"] = json!({"person": true});
    own["copies"] = json!([{"party": "lpt-crht"}]);
    let own = own.to_string();
    let post = |caller| gateway.post("/documents/safety-plan", caller, NATIVE).body(own.clone()).send();
    assert_eq!(post(GP).await.unwrap().status(), 403);
    assert_eq!(post(TRUST).await.unwrap().status(), 200);
    // A second author, a custodian, or the header of the message may not be somebody else either.
    let document = map::to_fhir(DocumentKind::SafetyPlan, plan("safety-plan", "full")).unwrap().value;
    let practice = json!({"identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "Y90002"}});
    let with = |change: &dyn Fn(&mut Value)| {
        let mut value = document.value().clone();
        change(&mut value["entry"][0]["resource"]);
        Bundle::new(value).unwrap()
    };
    let second = with(&|composition| composition["author"].as_array_mut().unwrap().push(practice.clone()));
    let kept_by = with(&|composition| composition["custodian"] = practice.clone());
    let contained = with(&|composition| {
        composition["contained"] =
            json!([{"resourceType": "Organization", "id": "o", "identifier": [practice["identifier"]]}]);
        composition["author"].as_array_mut().unwrap().push(json!({"reference": "#o"}));
    });
    for forged in [second, kept_by, contained] {
        let body = forged.value().to_string();
        let response = gateway.post("/documents/safety-plan", TRUST, JSON).body(body).send().await.unwrap();
        assert_eq!(response.status(), 403);
    }
    let mut message = wrapped(&document, "forged");
    message["entry"][0]["resource"]["sender"] = practice;
    let response = gateway.post("/fhir/$process-message", TRUST, JSON).body(message.to_string()).send().await.unwrap();
    assert_eq!(response.status(), 403);
    assert_eq!(gateway.inbox_count("wellbeing-roots").await, 0);
}

struct Bad {
    name: &'static str,
    path: &'static str,
    media: &'static str,
    body: String,
    status: u16,
    /// What the first issue's path is, and whether it has a line.
    at: Option<(&'static str, bool)>,
    says: &'static str,
}

const SAFETY: &str = "/documents/safety-plan";
const MESSAGE: &str = "/fhir/$process-message";

fn bad(
    name: &'static str,
    path: &'static str,
    media: &'static str,
    body: String,
    status: u16,
    at: Option<(&'static str, bool)>,
    says: &'static str,
) -> Bad {
    Bad { name, path, media, body, status, at, says }
}

/// With line breaks, so that lines can be told.
fn changed(mut value: Value, change: &dyn Fn(&mut Value)) -> String {
    change(&mut value);
    serde_json::to_string_pretty(&value).unwrap()
}

fn bad_natives() -> Vec<Bad> {
    let native = |change: &dyn Fn(&mut Value)| changed(plan("safety-plan", "full"), change);
    vec![
        bad("not JSON", SAFETY, NATIVE, "{\"kind\": \"safety-plan\"".to_owned(), 400, None, "line"),
        bad("other media", SAFETY, "text/plain", native(&|_| ()), 415, None, "application/fhir+xml"),
        bad(
            "no such question",
            SAFETY,
            NATIVE,
            native(&|v| v["warning_signs"][1] = json!({"txt": "x"})),
            422,
            Some(("/warning_signs/1/txt", true)),
            "line",
        ),
        bad("native of another kind", SAFETY, NATIVE, plan("contingency-plan", "full").to_string(), 422, None, "kind"),
    ]
}

fn bad_bundles() -> Vec<Bad> {
    let document = map::to_fhir(DocumentKind::ContingencyPlan, plan("contingency-plan", "full")).unwrap().value;
    let fhir = |change: &dyn Fn(&mut Value)| changed(document.value().clone(), change);
    let message = |change: &dyn Fn(&mut Value)| changed(wrapped(&document, "bad"), change);
    let composition = "Bundle.entry[0].resource.type";
    vec![
        bad(
            "FHIR of another kind",
            SAFETY,
            JSON,
            fhir(&|_| ()),
            422,
            Some((composition, true)),
            "/documents/contingency-plan",
        ),
        bad(
            "a referral",
            SAFETY,
            JSON,
            crate::support::message("complete").to_string(),
            422,
            None,
            "/documents/referral",
        ),
        bad(
            "a plan as a referral",
            "/documents/referral",
            JSON,
            fhir(&|_| ()),
            422,
            None,
            "/documents/contingency-plan",
        ),
        bad("a document by itself", MESSAGE, JSON, fhir(&|_| ()), 422, Some(("Bundle.type", true)), "/documents/"),
        bad(
            "a document that says nothing of its kind",
            MESSAGE,
            JSON,
            message(&|v| v["entry"][1]["resource"]["entry"][0]["resource"]["type"] = json!({"text": "Plan"})),
            422,
            Some(("Bundle.entry[1].resource.entry[0].resource.type", true)),
            "contingency-plan",
        ),
        bad(
            "a date that is none",
            "/documents/contingency-plan",
            JSON,
            fhir(&|v| v["entry"][1]["resource"]["birthDate"] = "1991-31-31".into()),
            422,
            Some(("Bundle.entry[1].resource.birthDate", true)),
            "line",
        ),
        bad(
            "a date that is none, in a message",
            MESSAGE,
            JSON,
            message(&|v| v["entry"][1]["resource"]["entry"][1]["resource"]["birthDate"] = "1991-31-31".into()),
            422,
            Some(("Bundle.entry[1].resource.entry[1].resource.birthDate", true)),
            "line",
        ),
        bad(
            "no identifier",
            "/documents/contingency-plan",
            JSON,
            fhir(&|v| v.as_object_mut().unwrap().retain(|key, _| !matches!(key.as_str(), "id" | "identifier"))),
            400,
            None,
            "identifier",
        ),
        bad(
            "about nobody",
            "/documents/contingency-plan",
            JSON,
            fhir(&|v| {
                v["entry"][0]["resource"]["subject"]["reference"] =
                    "urn:uuid:00000000-0000-4000-8000-0000000000ff".into();
            }),
            422,
            None,
            "",
        ),
        bad(
            "an answer",
            MESSAGE,
            JSON,
            message(&|v| v["entry"][0]["resource"]["response"] = json!({"identifier": "x", "code": "ok"})),
            422,
            Some(("MessageHeader.response", false)),
            "answer",
        ),
    ]
}

#[tokio::test]
async fn bad_documents_are_refused_with_what_is_wrong_and_where() {
    let gateway = TestGateway::alone().await;
    for Bad { name, path, media, body, status, at, says } in bad_natives().into_iter().chain(bad_bundles()) {
        let response = gateway.post(path, TRUST, media).body(body).send().await.unwrap();
        let found = response.status();
        let outcome: Value = response.json().await.unwrap();
        assert_eq!(found, status, "{name}: {outcome:#}");
        assert_eq!(outcome["resourceType"], "OperationOutcome", "{name}");
        let issue = &outcome["issue"][0];
        if let Some((expression, line)) = at {
            assert_eq!(issue["expression"][0], expression, "{name}: {outcome:#}");
            assert_eq!(issue["extension"][0]["valueInteger"].is_number(), line, "{name}: {issue}");
        }
        assert!(outcome.to_string().contains(says), "{name}: {outcome:#}");
        assert!(!outcome.to_string().contains("Okonjo"), "{name} tells nothing of the person");
    }
    assert_eq!(gateway.inbox_count("lpt-crht").await, 0);
}

#[tokio::test]
async fn an_unknown_kind_is_answered_with_those_there_are() {
    let gateway = TestGateway::alone().await;
    for path in ["/documents/horoscope", "/documents/information-request"] {
        let posted = gateway.post(path, TRUST, NATIVE).body("{}").send().await.unwrap();
        let asked = gateway.get(&format!("{path}/schema"), TRUST).send().await.unwrap();
        for answer in [posted, asked] {
            assert_eq!(answer.status(), 404);
            let outcome: Value = answer.json().await.unwrap();
            let text = outcome["issue"][0]["diagnostics"].as_str().unwrap();
            assert!(text.contains("referral") && text.contains("safety-plan"), "{text}");
        }
    }
}

#[tokio::test]
async fn what_a_letter_lacks_of_what_the_trust_asks_for_is_told_and_the_letter_goes_on() {
    let gateway = TestGateway::start(&Recipient::listen().await, &Recipient::listen().await).await;
    let answer = sent(&gateway, "discharge-letter", &plan("discharge-letter", "sparse")).await;
    assert_eq!(answer["status"], "accepted");
    let missing = answer["missing"].as_array().unwrap();
    let rules: Vec<&str> = missing.iter().map(|item| item["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["DL-1", "DL-2", "DL-3a", "DL-4a", "DL-4b", "DL-5a", "DL-5b", "DL-6"]);
    assert_eq!((&missing[0]["pointer"], missing[0].get("item")), (&json!("/services"), None));
    let issues = answer["outcome"]["issue"].as_array().unwrap();
    let told = issues.iter().filter(|issue| issue["code"] == "incomplete" && issue["severity"] == "warning").count();
    assert_eq!(told, rules.len());
    let whole = sent(&gateway, "discharge-letter", &plan("discharge-letter", "full")).await;
    assert_eq!(whole["missing"], json!([]));
}
