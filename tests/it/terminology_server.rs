//! The terminology server behind the validator's seam, against a real one over HTTP on loopback: what is sent, what is
//! kept, and how soon a server that does not answer is left alone.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cmht_gateway::terminology_server::{Settings, TerminologyServer, Token};
use cmht_gateway::validate::terminology::{
    Answer, Code, DisplayVerdict, Question, Refusal, Remote, Server, Terminology, Why,
};

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::support::terminology::{Behaviour, Terminologist};
use super::support::{GP, Recipient, TestGateway};

const SNOMED: &str = "http://snomed.info/sct";
const CONDITIONS: &str = "http://hl7.org/fhir/ValueSet/condition-code";
const DIABETES: &str = "73211009";

/// Settings of little patience.
fn settings(of: &Terminologist) -> Settings {
    Settings {
        timeout: Duration::from_millis(300),
        failures: 3,
        pause: Duration::from_millis(400),
        ..Settings::new(&of.base).unwrap()
    }
}

fn server(of: &Terminologist) -> TerminologyServer {
    TerminologyServer::start(&settings(of)).unwrap()
}

/// A question that no other is like.
fn question(n: &str) -> Question<'_> {
    Question { system: Some(SNOMED), code: n, ..Question::default() }
}

/// Asks as many different questions, of which none is answered.
fn fails(server: &TerminologyServer, times: std::ops::Range<u32>) {
    for n in times {
        assert_eq!(server.validate_code(&question(&n.to_string())), None);
    }
}

#[test]
fn a_code_that_only_the_server_knows_is_judged_by_it_and_asked_for_once() {
    let terminologist = Terminologist::start(Behaviour::Knows(DIABETES));
    let terminology = Terminology::embedded().with_remote(Arc::new(server(&terminologist)));
    for _ in 0..3 {
        let answer = terminology.member(CONDITIONS, Some(SNOMED), DIABETES);
        assert_eq!(answer, Answer::Yes { display: Some("Its words".into()) });
        assert_eq!(terminology.member(CONDITIONS, Some(SNOMED), "1"), Answer::No { why: Refusal::Server });
    }
    assert_eq!(terminologist.count(), 2, "yes and no are both kept");
    assert!(matches!(terminology.code(SNOMED, None, DIABETES), Code::Known(_)));
    let differs = terminology.display(SNOMED, None, "1", None, "Other words");
    assert_eq!(differs, DisplayVerdict::Differs { expected: vec!["Its words".into()], white_space_only: false });
    assert_eq!(terminologist.count(), 4);
}

#[test]
fn nothing_is_sent_but_codes_displays_and_canonical_urls_and_none_of_them_in_the_address() {
    let terminologist = Terminologist::start(Behaviour::Knows(DIABETES));
    let server = server(&terminologist);
    let all = Question {
        system: Some(SNOMED),
        version: Some("2026"),
        code: DIABETES,
        display: Some("Diabetes mellitus"),
        value_set: Some(CONDITIONS),
    };
    assert!(server.validate_code(&all).is_some());
    assert!(server.validate_code(&question(DIABETES)).is_some());
    assert_eq!(server.validate_code(&question("lives with her aunt")), None);
    let asked = terminologist.asked();
    let paths: Vec<&str> = asked.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(paths, ["/r4/ValueSet/$validate-code", "/r4/CodeSystem/$validate-code"]);
    let said = |at: usize| {
        let parameters = asked[at].body["parameter"].as_array().unwrap();
        parameters.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(said(0), "url system systemVersion code display");
    assert_eq!(said(1), "url code");
    assert_eq!(asked[0].authorization, None);
}

#[test]
fn a_token_from_a_file_goes_into_the_header_and_nowhere_else() {
    let terminologist = Terminologist::start(Behaviour::Knows(DIABETES));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "s3cret\n").unwrap();
    let settings = Settings { token: Some(Token::from_file(file.path()).unwrap()), ..settings(&terminologist) };
    let server = TerminologyServer::start(&settings).unwrap();
    assert!(server.validate_code(&question(DIABETES)).is_some());
    let asked = terminologist.asked().remove(0);
    assert_eq!(asked.authorization.as_deref(), Some("Bearer s3cret"));
    assert!(!format!("{server:?} {settings:?}").contains("s3cret"));
    assert!(!asked.body.to_string().contains("s3cret"));
}

#[test]
fn answers_are_forgotten_when_their_time_is_over_and_when_there_is_no_room() {
    let terminologist = Terminologist::start(Behaviour::Knows(DIABETES));
    let settings = Settings { keep: Duration::from_millis(200), cache_entries: 2, ..settings(&terminologist) };
    let server = TerminologyServer::start(&settings).unwrap();
    let ask = |code: &str| {
        assert!(server.validate_code(&question(code)).is_some());
        terminologist.count()
    };
    assert_eq!((ask("1"), ask("1")), (1, 1));
    std::thread::sleep(Duration::from_millis(250));
    assert_eq!(ask("1"), 2);
    assert_eq!((ask("2"), ask("3"), ask("1")), (3, 4, 5));
}

#[test]
fn a_server_that_does_not_answer_costs_its_time_a_few_times_and_then_none() {
    let terminologist = Terminologist::start(Behaviour::Hangs);
    let server = server(&terminologist);
    let start = Instant::now();
    fails(&server, 0..3);
    assert!(start.elapsed() >= Duration::from_millis(900), "three time-outs: {:?}", start.elapsed());
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    let start = Instant::now();
    fails(&server, 3..100);
    assert!(start.elapsed() < Duration::from_millis(200), "left alone: {:?}", start.elapsed());
    assert_eq!(terminologist.count(), 3);
}

#[test]
fn after_a_pause_one_question_tries_the_server_again() {
    let terminologist = Terminologist::start(Behaviour::Status(503));
    let server = server(&terminologist);
    fails(&server, 0..10);
    assert_eq!(terminologist.count(), 3);
    std::thread::sleep(Duration::from_millis(450));
    fails(&server, 10..20);
    assert_eq!(terminologist.count(), 4, "one trial, and it failed");
    terminologist.behaves(Behaviour::Knows(DIABETES));
    std::thread::sleep(Duration::from_millis(450));
    for n in 20..30 {
        assert!(server.validate_code(&question(&n.to_string())).is_some());
    }
    assert_eq!(terminologist.count(), 14);
}

#[test]
fn a_server_that_is_down_answers_garbage_or_without_measure_gives_no_answer_and_is_left_alone() {
    let elsewhere = Terminologist::start(Behaviour::Knows(DIABETES));
    let redirects = Behaviour::Redirects(format!("{}/CodeSystem/$validate-code", elsewhere.base));
    for behaviour in [Behaviour::Garbage, Behaviour::Huge, Behaviour::Status(401), redirects] {
        let terminologist = Terminologist::start(behaviour.clone());
        let settings =
            Settings { timeout: Duration::from_secs(5), pause: Duration::from_mins(1), ..settings(&terminologist) };
        let server = TerminologyServer::start(&settings).unwrap();
        fails(&server, 0..10);
        assert_eq!(terminologist.count(), 3, "{behaviour:?}");
    }
    assert_eq!(elsewhere.count(), 0, "a redirection is not followed");
    // nobody listens on the port of a server that is gone
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = TerminologyServer::start(&Settings::new(&format!("http://{gone}/r4")).unwrap()).unwrap();
    let start = Instant::now();
    fails(&server, 0..10);
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[test]
fn a_server_that_does_not_know_either_is_no_failure_and_is_not_asked_again() {
    for behaviour in [Behaviour::InTheDark, Behaviour::Status(404), Behaviour::Status(422)] {
        let terminologist = Terminologist::start(behaviour.clone());
        let terminology = Terminology::embedded().with_remote(Arc::new(server(&terminologist)));
        for _ in 0..2 {
            for n in 0..5 {
                let answer = terminology.code("http://loinc.org", None, &n.to_string());
                assert_eq!(
                    answer,
                    Code::Unknown { why: Why::System("http://loinc.org".into()), server: Server::Silent }
                );
            }
        }
        assert_eq!(terminologist.count(), 5, "{behaviour:?}");
    }
}

#[test]
fn without_a_server_it_is_said_that_there_is_none() {
    let Answer::Unknown { server, .. } = Terminology::embedded().member(CONDITIONS, Some(SNOMED), DIABETES) else {
        unreachable!()
    };
    assert_eq!(server.to_string(), "no terminology server");
}

#[tokio::test]
async fn a_caller_on_the_only_thread_of_a_runtime_gets_its_answer() {
    let terminologist = Terminologist::start(Behaviour::Knows(DIABETES));
    let server = server(&terminologist);
    assert!(server.validate_code(&question(DIABETES)).is_some_and(|answer| answer.result));
    // dropped inside a runtime, which a runtime of its own would not survive
    drop(server);
}

#[test]
fn many_callers_at_once_all_get_their_answers() {
    let terminologist = Terminologist::start(Behaviour::Knows("7"));
    let settings = Settings { timeout: Duration::from_secs(10), ..settings(&terminologist) };
    let server = TerminologyServer::start(&settings).unwrap();
    std::thread::scope(|scope| {
        for caller in 0..16 {
            let server = &server;
            scope.spawn(move || {
                for n in 0..10 {
                    let code = (caller * 10 + n).to_string();
                    let answer = server.validate_code(&question(&code)).unwrap();
                    assert_eq!(answer.result, code == "7");
                }
            });
        }
    });
    assert_eq!(terminologist.count(), 160);
}

/// What a gateway that asks this server says about a diagnosis.
async fn said(gateway: &TestGateway, code: &str) -> String {
    let coding = json!([{"system": SNOMED, "code": code}]);
    let condition = json!({"resourceType": "Condition", "code": {"coding": coding}, "subject": {"display": "Made-up"}});
    let request = gateway.post("/fhir/Condition/$validate", GP, "application/fhir+json").body(condition.to_string());
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let outcome: Value = response.json().await.unwrap();
    let issues = outcome["issue"].as_array().unwrap().iter();
    let at_code = issues.filter(|issue| issue["expression"][0].as_str().unwrap_or_default().contains("Condition.code"));
    at_code.map(|issue| issue["diagnostics"].as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

async fn gateway(configure: impl FnOnce(&mut cmht_gateway::config::Terminology)) -> TestGateway {
    let neighbours = (Recipient::listen().await, Recipient::listen().await);
    TestGateway::start_with(&neighbours.0, &neighbours.1, |config| configure(&mut config.terminology)).await
}

#[tokio::test]
async fn a_gateway_asks_the_server_of_its_configuration_and_says_so_when_it_has_none_or_it_is_down() {
    let terminologist = Terminologist::start(Behaviour::Knows(DIABETES));
    let asking = gateway(|terminology| terminology.url = Some(terminologist.base.clone())).await;
    assert_eq!(said(&asking, DIABETES).await, "");
    let unknown = said(&asking, "1234567").await;
    assert!(unknown.contains("1234567") && !unknown.contains("not checked"), "{unknown}");
    assert!(terminologist.count() > 0);

    let alone = said(&gateway(|_| {}).await, DIABETES).await;
    assert!(alone.contains("no terminology server"), "{alone}");

    let down = Terminologist::start(Behaviour::Status(503));
    let hindered = said(&gateway(|terminology| terminology.url = Some(down.base.clone())).await, DIABETES).await;
    assert!(hindered.contains("not checked"), "{hindered}");
}
