//! When a server is asked, what it is asked, and what its answers become.

use std::sync::Mutex;

use super::super::{Code, DisplayVerdict, Question, Remote, RemoteAnswer, State};
use super::*;

/// Answers from a script and remembers what it was asked.
#[derive(Debug, Default)]
struct Scripted {
    answers: Mutex<Vec<Option<RemoteAnswer>>>,
    asked: Mutex<Vec<String>>,
}

impl Remote for Scripted {
    fn validate_code(&self, question: &Question<'_>) -> Option<RemoteAnswer> {
        let part = |text: Option<&str>| text.unwrap_or("-").to_owned();
        let asked = [question.system, question.version, Some(question.code), question.display, question.value_set];
        self.asked.lock().unwrap().push(asked.map(part).join(" "));
        self.answers.lock().unwrap().pop().flatten()
    }
}

fn with(answers: Vec<Option<RemoteAnswer>>) -> (Terminology, Arc<Scripted>) {
    let remote = Arc::new(Scripted { answers: Mutex::new(answers), ..Scripted::default() });
    let sets = [
        includes("animals", json!({"system": "http://s/animals"})),
        includes("snomed", json!({"system": "http://snomed.info/sct"})),
    ];
    let [a, s] = sets;
    (library(&[animals(), a, s]).with_remote(remote.clone()), remote)
}

#[allow(clippy::unnecessary_wraps, reason = "it stands in lists beside None")]
fn said(result: bool, display: Option<&str>) -> Option<RemoteAnswer> {
    Some(RemoteAnswer { result, display: display.map(str::to_owned), inactive: false })
}

#[test]
fn a_server_is_not_asked_what_is_known_here() {
    let (terminology, remote) = with(Vec::new());
    let _ = terminology.member("http://v/animals", Some("http://s/animals"), "duck");
    let _ = terminology.member("http://v/animals", Some("http://s/animals"), "cow");
    let _ = terminology.member("http://v/snomed", Some("http://s/animals"), "duck");
    let _ = terminology.code("http://s/animals", None, "cow");
    let _ = terminology.display("http://s/animals", None, "duck", None, "Goose");
    assert_eq!(*remote.asked.lock().unwrap(), Vec::<String>::new());
}

#[test]
fn what_is_not_known_here_is_asked_and_the_answer_counts() {
    let (terminology, remote) = with(vec![None, said(false, None), said(true, Some("A"))]);
    let ask = || terminology.member("http://v/snomed", Some("http://snomed.info/sct"), "1");
    assert_eq!(ask(), Answer::Yes { display: Some("A".into()) });
    assert_eq!(ask(), Answer::No { why: Refusal::Server });
    assert_eq!(ask(), Answer::Unknown { why: Why::System("http://snomed.info/sct".into()), server: Server::Silent });
    assert_eq!(*remote.asked.lock().unwrap(), ["http://snomed.info/sct - 1 - http://v/snomed"; 3]);
}

#[test]
fn a_value_set_that_is_not_here_is_asked_for_by_its_canonical() {
    let (terminology, remote) = with(vec![said(true, None)]);
    let answer = terminology.member("http://snomed.info/sct?fhir_vs=isa/1|2", None, "3");
    assert_eq!(answer, Answer::Yes { display: None });
    assert_eq!(*remote.asked.lock().unwrap(), ["- - 3 - http://snomed.info/sct?fhir_vs=isa/1|2"]);
}

#[test]
fn a_code_of_a_system_that_is_not_here_is_asked_for_by_system_and_version() {
    let inactive = RemoteAnswer { inactive: true, result: true, ..RemoteAnswer::default() };
    let (terminology, remote) = with(vec![None, said(false, None), Some(inactive)]);
    let ask = || terminology.code("http://loinc.org", Some("2.7"), "1");
    assert!(matches!(ask(), Code::Known(known) if known.state == State { inactive: true, ..State::default() }));
    assert_eq!(ask(), Code::Missing { version: Some("2.7".into()) });
    assert_eq!(ask(), Code::Unknown { why: Why::System("http://loinc.org".into()), server: Server::Silent });
    assert_eq!(*remote.asked.lock().unwrap(), ["http://loinc.org 2.7 1 - -"; 3]);
    let _ = terminology.code("http://v/animals", None, "1");
    assert_eq!(remote.asked.lock().unwrap().len(), 3, "a value set named as a system is a mistake no server mends");
}

#[test]
fn words_of_a_code_that_is_not_here_are_asked_for_and_a_bare_no_is_no_verdict_on_them() {
    let answers = vec![
        None,
        said(false, None),
        said(false, Some("Some  words")),
        said(false, Some("Other")),
        said(true, Some("Any")),
    ];
    let (terminology, remote) = with(answers);
    let ask = || terminology.display("http://loinc.org", None, "1", None, "some words");
    assert_eq!(ask(), DisplayVerdict::Fine);
    assert_eq!(ask(), DisplayVerdict::Differs { expected: vec!["Other".into()], white_space_only: false });
    assert_eq!(ask(), DisplayVerdict::Differs { expected: vec!["Some  words".into()], white_space_only: true });
    for _ in 0..2 {
        assert!(matches!(ask(), DisplayVerdict::Unknown { server: Server::Silent, .. }));
    }
    assert_eq!(remote.asked.lock().unwrap().first().map(String::as_str), Some("http://loinc.org - 1 some words -"));
}
