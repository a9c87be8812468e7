//! The routing cases of `conformance/routing`: every one through the pure functions, and a sample over HTTP.

use std::collections::{BTreeMap, BTreeSet};

use cmht_gateway::directory::{DEMO, Directory};
use cmht_gateway::model::{DocumentKind, OdsCode, PartyId, Pathway, Postcode, Urgency};
use cmht_gateway::route::{
    self, Answer, Destination, DocumentFacts, Facts, Home, PersonFacts, Routing, Rules, SenderRole, Step,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use toml::Table;

use crate::support::{CHARITY, CLINIC, GP, TRUST, TestGateway, party};

const FILES: [&str; 7] = ["external", "internal", "crisis", "pathways", "catchment", "eligibility", "documents"];

struct Case {
    file: &'static str,
    table: Table,
}

impl Case {
    fn text(&self, key: &str) -> Option<&str> {
        self.table.get(key).map(|value| value.as_str().unwrap())
    }

    fn list(&self, key: &str) -> Vec<&str> {
        let items = self.table.get(key).and_then(toml::Value::as_array).into_iter().flatten();
        items.map(|item| item.as_str().unwrap()).collect()
    }

    fn flag(&self, key: &str) -> Option<bool> {
        self.table.get(key).map(|value| value.as_bool().unwrap())
    }

    fn number(&self, key: &str) -> Option<i64> {
        self.table.get(key).map(|value| value.as_integer().unwrap())
    }

    fn id(&self) -> &str {
        self.text("id").unwrap()
    }

    fn party(&self, key: &str) -> Option<PartyId> {
        self.text(key).map(party)
    }

    fn response(&self) -> Urgency {
        match self.text("response") {
            None => Urgency::Routine,
            Some(code) => Urgency::ALL.iter().copied().find(|one| one.code() == code).unwrap(),
        }
    }

    fn person(&self) -> PersonFacts {
        let home = match (self.text("home"), self.flag("no_fixed_address")) {
            (Some(code), _) => Home::Postcode(Postcode::parse(code).unwrap()),
            (None, Some(true)) => Home::NoFixedAddress,
            (None, _) => Home::Unknown,
        };
        let diagnoses = self.list("diagnoses");
        let some = |code: &&str| (!code.is_empty()).then(|| BTreeSet::from([(*code).to_owned()]));
        let mut answers: BTreeMap<&'static str, Answer> = BTreeMap::new();
        for (field, answer) in [("given", Answer::Given), ("none_known", Answer::NoneKnown)] {
            for item in self.list(field) {
                answers.insert(String::from(item).leak(), answer);
            }
        }
        PersonFacts {
            home,
            practice: self.text("gp").map(|code| OdsCode::parse(code).unwrap()),
            age: self.number("age").map(|age| u8::try_from(age).unwrap()),
            pathways: self.list("pathway").into_iter().map(|code| Pathway::from_code(code).unwrap()).collect(),
            codes: diagnoses
                .iter()
                .chain(&self.list("codes"))
                .filter(|c| !c.is_empty())
                .map(|c| (*c).to_owned())
                .collect(),
            diagnoses: diagnoses.iter().map(some).collect(),
            mdt: self.text("mdt").map(|at| at.parse().unwrap()),
            answers,
        }
    }
}

fn cases() -> Vec<Case> {
    const KNOWN: &[&str] = &[
        "id",
        "sentence",
        "reason",
        "sender",
        "kind",
        "response",
        "team",
        "copies",
        "home",
        "no_fixed_address",
        "gp",
        "age",
        "pathway",
        "diagnoses",
        "codes",
        "given",
        "none_known",
        "mdt",
        "without",
        "accepted",
        "step_team",
        "step_area",
        "document",
        "practice_party",
        "care_team",
        "requester",
        "to",
        "catchment",
        "fallback",
        "advice",
        "not_advice",
        "unplaced",
    ];
    let mut found = Vec::new();
    for file in FILES {
        let path = format!("{}/conformance/routing/{file}.toml", env!("CARGO_MANIFEST_DIR"));
        let root: Table = std::fs::read_to_string(&path).unwrap().parse().unwrap();
        for case in root["case"].as_array().unwrap() {
            let table = case.as_table().unwrap().clone();
            for key in table.keys() {
                assert!(KNOWN.contains(&key.as_str()), "{file}: {key}");
            }
            found.push(Case { file, table });
        }
    }
    found
}

fn now() -> Timestamp {
    "2026-02-10T09:00:00Z".parse().unwrap()
}

/// The demonstration directory, without parties of some kinds.
fn directory(without: &[&str]) -> Directory {
    let mut text = DEMO.to_owned();
    for kind in without {
        text = text.replace(&format!("kind = \"{kind}\""), "kind = \"other-nhs\"");
    }
    Directory::from_toml(&text).unwrap()
}

fn shown(destination: &Destination) -> String {
    format!("{} {} {}", destination.party, destination.role.code(), destination.rule)
}

/// What comes out: destinations, rules that could not place, fallback, catchment.
fn routed(case: &Case, rules: &Rules, directory: &Directory) -> Routing {
    let sender = directory.party(&party(case.text("sender").unwrap()), now()).unwrap();
    let copies = case.list("copies").into_iter().map(party).collect();
    if let Some(kind) = case.text("document") {
        let facts = DocumentFacts {
            kind: DocumentKind::from_code(kind).unwrap(),
            sender,
            addressee: case.party("team"),
            gp: case.party("practice_party"),
            copies,
            care_team: case.party("care_team"),
            requester: case.party("requester"),
            person: case.person(),
        };
        return route::document_destinations(&facts, rules, directory, now());
    }
    let facts = Facts {
        sender,
        sender_role: SenderRole::from_code(case.text("kind").unwrap()),
        response: case.response(),
        requested: case.party("team"),
        copies,
        person: case.person(),
    };
    route::destinations(&facts, rules, directory, now()).unwrap()
}

#[test]
fn every_case_goes_where_its_reason_says() {
    let cases = cases();
    assert!(cases.len() >= 150, "{} cases", cases.len());
    let mut ids = BTreeSet::new();
    let rules = Rules::built_in().unwrap();
    for case in &cases {
        let id = case.id();
        assert!(ids.insert(id.to_owned()), "{id} twice");
        assert!(case.text("reason").is_some_and(|reason| reason.len() > 3), "{id} says no reason");
        let directory = directory(&case.list("without"));
        let routing = routed(case, &rules, &directory);
        let (to, fallback) = if case.flag("accepted") == Some(true) {
            let (by, team, person) = (party("lpt-cap"), case.party("step_team"), case.person());
            let step = Step { by: &by, team: team.as_ref(), area: case.text("step_area"), person: &person };
            let onward = route::on_acceptance(&step, &directory, &rules, now());
            assert!(!onward.why.is_empty(), "{id}");
            (onward.to.iter().map(shown).collect::<Vec<_>>(), onward.fallback)
        } else {
            (routing.destinations.iter().map(shown).collect(), routing.fallback)
        };
        let what = case.text("sentence").unwrap();
        assert_eq!(to, case.list("to"), "{id}: {what}");
        if let Some(expected) = case.flag("fallback") {
            assert_eq!(fallback, expected, "{id}: {what}");
        }
        if let Some(expected) = case.text("catchment") {
            let placed = routing.catchment.as_ref().unwrap();
            let team = placed.team.as_ref().map_or("-", |team| team.as_str());
            assert_eq!(format!("{team} {}", placed.rule), expected, "{id}: {what}");
        }
        let unplaced: Vec<&str> = routing.unplaced.iter().map(|one| one.rule.as_str()).collect();
        assert_eq!(unplaced, case.list("unplaced"), "{id}: {what}");
        let advised: Vec<String> = route::advice(&case.person(), &rules).into_iter().map(|one| one.rule).collect();
        for rule in case.list("advice") {
            assert!(advised.iter().any(|one| one == rule), "{id}: {what} without {rule}, but {advised:?}");
        }
        for rule in case.list("not_advice") {
            assert!(advised.iter().all(|one| one != rule), "{id}: {what} with {rule}");
        }
    }
}

/// The client that may send as a party.
fn client(sender: &str) -> (&'static str, &'static str) {
    match sender {
        "demo-gp" => GP,
        "harbour-clinic" => CLINIC,
        "wellbeing-roots" => CHARITY,
        _ => TRUST,
    }
}

fn native(case: &Case, number: usize) -> Value {
    let mut person = json!({"names": [{"given": ["Kit"], "family": "Marlow"}]});
    if let Some(code) = case.text("home") {
        person["addresses"] = json!([{"use": "home", "postcode": code}]);
    }
    if let Some(code) = case.text("gp") {
        person["gp_practice"] = json!({"ods": code});
    }
    let mut referral = json!({
        "id": format!("RT-CASE-{number}"),
        "response": case.response().code(),
        "person": person,
        "referrer": {"kind": case.text("kind"), "organisation": {"party": case.text("sender")}},
        "reasons": [{"text": "A case of the routing table"}],
    });
    if let Some(team) = case.text("team") {
        referral["service"] = json!({"party": team});
    }
    if !case.list("pathway").is_empty() {
        referral["pathway"] = case.list("pathway").into();
    }
    if let Some(at) = case.text("mdt") {
        referral["mdt_decided"] = at.into();
    }
    referral
}

/// What a native referral made here can say, from senders that may call.
fn is_sendable(case: &Case) -> bool {
    let plain = ["accepted", "without", "document", "diagnoses", "codes", "given", "none_known", "copies", "age"];
    ["external", "internal", "crisis", "pathways"].contains(&case.file)
        && plain.iter().all(|key| !case.table.contains_key(*key))
        && case.text("kind") != Some("self")
        && case.list("unplaced").is_empty()
        && !["soar-valley-police", "speakwell-advocacy"].contains(&case.text("sender").unwrap())
}

#[tokio::test]
async fn a_sample_goes_the_same_way_over_http() {
    let gateway = TestGateway::alone().await;
    let all = cases();
    let sendable: Vec<&Case> = all.iter().filter(|case| is_sendable(case)).collect();
    let sample: Vec<&&Case> = sendable.iter().step_by(sendable.len() / 24).collect();
    assert!(sample.len() >= 20, "{} cases", sample.len());
    for (number, case) in sample.into_iter().enumerate() {
        let sender = client(case.text("sender").unwrap());
        let body = native(case, number).to_string();
        let request = gateway.post("/documents/referral", sender, "application/json").body(body);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        let recipients = answer["recipients"].as_array().unwrap_or_else(|| panic!("{}: {answer}", case.id()));
        let to: Vec<String> = recipients
            .iter()
            .map(|one| ["party", "role", "rule"].map(|key| one[key].as_str().unwrap().to_owned()).join(" "))
            .collect();
        assert_eq!(to, case.list("to"), "{}: {}", case.id(), case.text("sentence").unwrap());
    }
}

#[tokio::test]
async fn an_address_nobody_covers_is_marked_and_advice_reaches_whoever_triages() {
    let gateway = TestGateway::alone().await;
    let referral = json!({
        "id": "RT-UNCOVERED", "response": "routine",
        "person": {"names": [{"family": "Marlow"}], "birth_date": "1940-01-01",
            "addresses": [{"use": "home", "postcode": "ZZ1 1AA"}]},
        "referrer": {"kind": "gp", "organisation": {"party": "demo-gp"}},
        "reasons": [{"text": "Low mood"}],
        "pathway": ["primary-care-not-tried"],
    });
    let answer: Value = gateway.refer(referral.to_string()).await.json().await.unwrap();
    let told = answer["outcome"]["issue"].to_string();
    for wanted in ["No team covers this address", "For whoever triages: Over 65", "Not yet treated"] {
        assert!(told.contains(wanted), "{wanted} in {told}");
    }
    let events = gateway.running.store.events_page(0, 10).await.unwrap();
    let received = events.iter().map(|(_, event)| event).find(|event| event.detail("urgency").is_some()).unwrap();
    assert_eq!(received.detail("fallback"), Some("yes"));
    let inbox = gateway.running.store.inbox(&party("lpt-cap")).await.unwrap();
    let copy = String::from_utf8(inbox[0].body.clone()).unwrap();
    assert!(copy.contains("Eligibility advice of the gateway") && copy.contains("EL-17"), "{copy}");
}

#[tokio::test]
async fn a_transfer_from_private_care_joins_the_list_dated_from_the_private_consultation() {
    let gateway = TestGateway::alone().await;
    let letter = crate::support::plan("transfer-to-nhs", "full");
    let body = letter.to_string();
    let request = gateway.post("/documents/transfer-to-nhs", CLINIC, "application/json").body(body);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    let first = &answer["recipients"][0];
    assert_eq!((first["role"].as_str(), first["rule"].as_str()), (Some("responsible"), Some("RT-08")), "{answer}");
    let events = gateway.running.store.events_page(0, 10).await.unwrap();
    let waiting = events.iter().map(|(_, event)| event).find(|event| event.kind.code() == "waiting").unwrap();
    assert_eq!(waiting.detail("waiting_from"), letter["first_consultation"]["date"].as_str());
    assert_eq!(waiting.team.as_ref().unwrap().as_str(), first["party"].as_str().unwrap());
}

fn program(arguments: &[&str]) -> (Option<i32>, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_cmht-gateway")).args(arguments).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), text)
}

#[test]
fn rules_are_listed_and_checked_and_a_referral_is_routed_in_words() {
    let (code, text) = program(&["rules", "list"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("RT-01  A crisis response is asked for") && text.contains("[judged by a person]"), "{text}");
    assert_eq!(program(&["rules", "check"]).0, Some(0));
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().to_str().unwrap();
    std::fs::write(folder.path().join("destination.toml"), "[[rule]]\nid = \"RT-50\"\n").unwrap();
    let (code, text) = program(&["rules", "check", "--rules", site]);
    assert!(code == Some(1) && text.contains("rule 1 (RT-50), reason: is required"), "{text}");
    let example = format!("{}/profiles/cmht/examples/referral/complete.json", env!("CARGO_MANIFEST_DIR"));
    let (code, text) = program(&["route", "--file", &example]);
    assert_eq!(code, Some(0), "{text}");
    for wanted in ["goes to Central Access Point (responsible). RT-02", "Catchment: City East", "CA-02", "EL-02"] {
        assert!(text.contains(wanted), "{wanted} in {text}");
    }
}

#[test]
fn an_area_table_is_made_of_national_files() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let map = "what,code,to,side\narea,east,lpt-cmht-city-east,city\nlad,E06000016,east,\n";
    std::fs::write(at("map.csv"), map).unwrap();
    let onspd = "pcd,pcd2,pcds,dointr,doterm,oscty,ced,oslaua,osward\n\
                 \"LE1 1AA\",\"LE1  1AA\",\"LE1 1AA\",198001,,E99999999,E99999999,E06000016,E05010458\n";
    std::fs::write(at("onspd.csv"), onspd).unwrap();
    let practice = format!("\"Y90001\"{}\"LE1 1AA\",,,\"A\"{}\"4\",\n", ",".repeat(9), ",".repeat(13));
    std::fs::write(at("epraccur.csv"), practice).unwrap();
    let (onspd, practices, map, to) = (at("onspd.csv"), at("epraccur.csv"), at("map.csv"), at("areas.csv"));
    let arguments = ["rules", "areas", "--onspd", &onspd, "--practices", &practices, "--map", &map, "--to", &to];
    let (code, text) = program(&arguments);
    assert_eq!(code, Some(0), "{text}");
    let made = std::fs::read_to_string(&to).unwrap();
    assert!(made.contains("sector,LE1 1,east,\n") && made.contains("practice,Y90001,east,\n"), "{made}");
    assert_eq!(program(&["rules", "check", "--rules", folder.path().to_str().unwrap()]).0, Some(0));
}
