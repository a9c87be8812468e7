//! Care plans and carers' plans beyond what every plan has: goals and actions, teams, DIALOG, as we make them and as others
//! send them; and that a carer and whom they care for are never mixed up.

use serde_json::{Value, json};

use cmht_gateway::documents::parts::{Doer, MemberKind};
use cmht_gateway::documents::{CarePlan, CarersPlan, Document};
use cmht_gateway::fhir::{Bundle, codes};
use cmht_gateway::map::document::{from_fhir, to_fhir};
use cmht_gateway::map::{Mapped, NoteKind};

use crate::document_examples::examples;
use crate::document_round_trip::{bundle, faults};

fn example(name: &str) -> Value {
    examples().into_iter().find(|(found, _)| found == name).unwrap().1
}

fn read(bundle: Value) -> Mapped<CarePlan> {
    from_fhir::<CarePlan>(&Bundle::new(bundle).unwrap()).unwrap()
}

/// What was dropped or put in other words, by path.
fn paths(mapped: &Mapped<CarePlan>, kind: NoteKind) -> Vec<&str> {
    mapped.notes.iter().filter(|note| note.kind == kind).map(|note| note.path.as_str()).collect()
}

fn entry_of<'v>(bundle: &'v mut Value, kind: &str) -> &'v mut Value {
    let entries = bundle["entry"].as_array_mut().unwrap();
    let entry = entries.iter_mut().find(|entry| entry["resource"]["resourceType"] == kind).unwrap();
    &mut entry["resource"]
}

#[test]
fn the_care_plan_resource_points_at_goals_team_and_actions_and_says_nothing_itself() {
    let document = example("care-plan/full");
    let made = bundle(&document);
    let plan = made.first("CarePlan").unwrap();
    let kinds = |pointer: &str, inner: &str| -> Vec<String> {
        let list = plan[pointer].as_array().unwrap().iter();
        let targets = list.map(|one| made.follow(Some(if inner.is_empty() { one } else { &one[inner] })).unwrap());
        targets.map(|resource| resource["resourceType"].as_str().unwrap().to_owned()).collect()
    };
    assert!(kinds("goal", "").len() == made.all("Goal").count() && kinds("goal", "").iter().all(|kind| kind == "Goal"));
    assert_eq!(kinds("careTeam", ""), ["CareTeam"]);
    let actions = made.all("Task").filter(|task| task.get("focus").is_some()).count();
    assert!(actions > 5 && kinds("activity", "reference") == vec!["Task"; actions]);
    let codes: Vec<&Value> =
        plan["category"].as_array().unwrap().iter().flat_map(|c| c["coding"].as_array().unwrap()).collect();
    for code in ["care-plan", "718347000", "734163000"] {
        assert!(codes.iter().any(|coding| coding["code"] == code), "{code}");
    }
    assert!(plan["meta"].get("tag").is_none(), "what it points at is withheld by its own category");
    for word in ["sleep", "choir", "Ravi", "Sertraline", "agreed"] {
        assert!(!plan.to_string().contains(word), "{word}");
    }
}

#[test]
fn every_action_leads_to_its_goal_its_doer_and_its_day() {
    let made = bundle(&example("care-plan/full"));
    let task = |words: &str| made.all("Task").find(|task| task["description"] == words).unwrap();
    let diary = task("Keep the sleep diary every morning");
    assert_eq!(made.follow(diary.get("owner")).unwrap()["resourceType"], "Patient");
    assert_eq!(diary.pointer("/restriction/period/end"), Some(&json!("2026-12-01")));
    let goal = made.follow(diary.get("focus")).unwrap();
    assert_eq!(goal.pointer("/description/text"), Some(&json!("Five nights a week with six hours of sleep")));
    assert_eq!(goal.pointer("/addresses/0/display"), Some(&json!("I wake before four and lie there")));
    let choir = task("Meet Ada at the first choir evening");
    assert_eq!(choir.pointer("/owner/identifier/value"), Some(&json!("wellbeing-roots")));
    let unmet = made.all("Goal").find(|goal| goal["lifecycleStatus"] == "on-hold").unwrap();
    assert!(unmet["statusReason"].as_str().unwrap().contains("waiting list"), "an unmet need says why");
}

#[test]
fn every_score_of_dialog_is_an_observation_with_its_own_code_that_follows_its_survey() {
    let made = bundle(&example("care-plan/full"));
    let surveys: Vec<&Value> = made.all("QuestionnaireResponse").collect();
    assert_eq!(surveys.len(), 2);
    assert!(surveys.iter().all(|survey| survey["questionnaire"] == codes::DIALOG_QUESTIONNAIRE));
    let scores: Vec<&Value> = made.all("Observation").filter(|one| one.get("valueInteger").is_some()).collect();
    assert_eq!(scores.len(), 14);
    for score in scores {
        let survey = made.follow(score.pointer("/derivedFrom/0")).unwrap();
        assert_eq!(score["effectiveDateTime"], survey["authored"]);
        assert_eq!(score.pointer("/code/coding/0/system"), Some(&json!(codes::SNOMED)));
        let display = score.pointer("/code/coding/0/display").and_then(Value::as_str).unwrap();
        let number = display.strip_prefix("DIALOG patient rated outcome measure item ").unwrap();
        let number = number.split(' ').next().unwrap();
        let items = survey["item"].as_array().unwrap();
        let item = items.iter().find(|item| item["linkId"] == number).unwrap();
        assert_eq!(item["answer"][0]["valueInteger"], score["valueInteger"]);
    }
}

/// A care plan by somebody else: goals in no section, a team with a care co-ordinator, DIALOG as Observations alone.
fn foreign() -> Value {
    let patient = json!({"reference": "Patient/p"});
    let score = |code: &str, value: i64| {
        json!({"resourceType": "Observation", "id": format!("o{code}{value}"), "status": "final", "subject": patient,
            "code": {"coding": [{"system": codes::SNOMED, "code": code}]}, "effectiveDateTime": "2026-10-01T10:00:00Z", "valueInteger": value})
    };
    let resources = vec![
        json!({"resourceType": "Composition", "id": "1", "status": "final", "date": "2026-10-02", "title": "Plan",
            "type": {"coding": [{"system": codes::SNOMED, "code": "718347000"}]}, "subject": patient,
            "author": [{"display": "Nurse Ratcliffe"}]}),
        json!({"resourceType": "Patient", "id": "p", "name": [{"family": "Test", "given": ["Ada"]}]}),
        json!({"resourceType": "CarePlan", "id": "c", "status": "active", "intent": "plan", "subject": patient,
            "goal": [{"reference": "Goal/g"}, {"reference": "Goal/elsewhere"}],
            "activity": [{"reference": {"reference": "Task/t"}}, {"detail": {"status": "scheduled", "description": "MARK walk"}}]}),
        json!({"resourceType": "Condition", "id": "k", "subject": patient, "code": {"text": "Cannot sleep"}}),
        json!({"resourceType": "Goal", "id": "g", "lifecycleStatus": "on-hold", "subject": patient, "priority": {"text": "high"},
            "description": {"text": "Sleep six hours"}, "addresses": [{"reference": "Condition/k"}],
            "target": [{"dueDate": "2027-01-01"}, {"dueDate": "2028"}], "expressedBy": {"reference": "Patient/p"}}),
        json!({"resourceType": "Task", "id": "t", "status": "draft", "intent": "order", "for": patient, "focus": {"reference": "Goal/g"},
            "description": "Ring on Mondays", "owner": {"reference": "Practitioner/n"}, "restriction": {"period": {"end": "2026-11-01"}}}),
        json!({"resourceType": "Practitioner", "id": "n", "name": [{"text": "Noor"}]}),
        json!({"resourceType": "CareTeam", "id": "ct", "status": "active", "name": "The people around Ada", "subject": patient, "participant": [
            {"role": [{"coding": [{"system": codes::SNOMED, "code": "768820003", "display": "Care coordinator"}]}], "member": {"reference": "Practitioner/n"}},
            {"role": [{"text": "Lead professional"}], "member": {"display": "Kim"}},
            {"member": {"type": "Organization", "display": "The Kiosk"}},
            {"role": [{"text": "Mother"}], "member": {"type": "RelatedPerson", "display": "Mum"}}]}),
        score("1037651000000100", 3),
        score("1037661000000102", 8),
        score("1037671000000109", 7),
        score("1037671000000109", 5),
    ];
    let url = |resource: &Value| {
        format!(
            "https://trust.example/fhir/{}/{}",
            resource["resourceType"].as_str().unwrap(),
            resource["id"].as_str().unwrap()
        )
    };
    let entries: Vec<Value> =
        resources.into_iter().map(|resource| json!({"fullUrl": url(&resource), "resource": resource})).collect();
    json!({"resourceType": "Bundle", "type": "document", "timestamp": "2026-10-02T09:00:00Z", "entry": entries,
        "identifier": {"system": codes::DOCUMENT_ID, "value": "F1"}})
}

#[test]
fn needs_team_and_scores_of_others_are_read_wherever_they_stand_and_what_has_no_place_is_told() {
    let mapped = read(foreign());
    let plan = &mapped.value;
    let needs = plan.needs.as_ref().unwrap().entries();
    assert_eq!(needs.len(), 1);
    assert_eq!((needs[0].text.as_str(), needs[0].goal.as_deref()), ("Cannot sleep", Some("Sleep six hours")));
    assert_eq!((needs[0].unmet.as_deref(), needs[0].by_when.as_deref()), (Some("On hold"), Some("2027-01-01")));
    let action = &needs[0].actions[0];
    assert_eq!((action.who, action.name.as_deref()), (Some(Doer::Professional), Some("Noor")));
    assert_eq!(action.by_when.as_deref(), Some("2026-11-01"));
    let team = plan.care_team.as_ref().unwrap().entries();
    let seen: Vec<(Option<&str>, bool, Option<&str>)> =
        team.iter().map(|member| (member.name.as_deref(), member.key_worker, member.role.as_deref())).collect();
    let wanted = [
        (Some("Noor"), true, Some("Care coordinator")),
        (Some("Kim"), true, Some("Lead professional")),
        (Some("The Kiosk"), false, None),
    ];
    assert_eq!(seen, wanted);
    assert!(team[2].kind == MemberKind::Service);
    let surveys = plan.dialog.as_ref().unwrap().entries();
    assert_eq!(surveys.len(), 2, "a second score for the same area and day is a second survey");
    assert_eq!(surveys[0].date.as_deref(), Some("2026-10-01"));
    assert_eq!(surveys[0].areas.mental_health.unwrap().score, Some(3));
    assert_eq!(surveys[0].areas.job.unwrap().score, Some(7));
    assert!(surveys[0].areas.physical_health.is_none(), "there is no 8 on a scale to 7");
    let dropped = paths(&mapped, NoteKind::Dropped);
    for path in [
        "Bundle.entry[2].resource",
        "Bundle.entry[3].resource",
        "Bundle.entry[4].resource.priority",
        "Bundle.entry[4].resource.target[1].dueDate",
        "Bundle.entry[5].resource.status",
        "Bundle.entry[5].resource.intent",
        "Bundle.entry[7].resource.name",
        "Bundle.entry[7].resource.participant[3].member",
        "Bundle.entry[9].resource.valueInteger",
    ] {
        assert!(dropped.contains(&path), "{path} in {dropped:#?}");
    }
    assert!(mapped.notes.iter().all(|note| !note.text.contains("MARK") && !note.path.contains("MARK")));
}

#[test]
fn a_survey_counts_more_than_an_observation_that_disagrees_and_that_is_noted() {
    let document = example("care-plan/full");
    let wanted = CarePlan::from_json(document).unwrap();
    let mut made = to_fhir(&wanted).value.into_value();
    let entries = made["entry"].as_array_mut().unwrap();
    let score = entries.iter_mut().find(|entry| entry["resource"]["valueInteger"] == json!(2)).unwrap();
    score["resource"]["valueInteger"] = json!(6);
    let mapped = read(made);
    assert!(mapped.value.dialog == wanted.dialog);
    assert_eq!(paths(&mapped, NoteKind::Coerced).len(), 1);
}

#[test]
fn losing_every_section_loses_no_need_no_member_and_no_score() {
    let wanted = CarePlan::from_json(example("care-plan/full")).unwrap();
    let mut made = to_fhir(&wanted).value.into_value();
    made["entry"][0]["resource"]["section"] = json!([]);
    let got = read(made).value;
    assert!(
        got.needs == wanted.needs && got.housing == wanted.housing && got.physical_health == wanted.physical_health
    );
    assert!(got.care_team == wanted.care_team && got.dialog == wanted.dialog);
}

#[test]
fn an_action_whose_goal_is_gone_is_kept_as_a_need() {
    let mut made = to_fhir(&CarePlan::from_json(example("care-plan/full")).unwrap()).value.into_value();
    let entries = made["entry"].as_array_mut().unwrap();
    entries.retain(|entry| entry.pointer("/resource/addresses/0/display") != Some(&json!("Evenings alone")));
    let mapped = read(made);
    let needs = mapped.value.needs.as_ref().unwrap().entries();
    let kept: Vec<&str> = needs.iter().map(|need| need.text.as_str()).collect();
    for text in ["Meet Ada at the first choir evening", "Go along three times before deciding"] {
        assert!(kept.contains(&text), "{kept:?}");
    }
    assert!(paths(&mapped, NoteKind::Coerced).len() >= 2);
    assert!(paths(&mapped, NoteKind::Dropped).iter().any(|path| path.ends_with("resource.focus")));
}

#[test]
fn a_survey_that_answers_twice_or_not_at_all_is_told() {
    let made = to_fhir(&CarePlan::from_json(example("care-plan/full")).unwrap()).value.into_value();
    let mut twice = made.clone();
    let items = entry_of(&mut twice, "QuestionnaireResponse")["item"].as_array_mut().unwrap();
    items.push(json!({"linkId": "1", "answer": [{"valueInteger": 7}]}));
    let mapped = read(twice);
    assert_eq!(mapped.value.dialog.as_ref().unwrap().entries()[0].areas.mental_health.unwrap().score, Some(3));
    assert!(paths(&mapped, NoteKind::Dropped).iter().any(|path| path.ends_with("answer[0].valueInteger")));
    let mut empty = made;
    empty["entry"].as_array_mut().unwrap().retain(|entry| entry["resource"].get("valueInteger").is_none());
    entry_of(&mut empty, "QuestionnaireResponse")["item"] = json!([]);
    let mapped = read(empty);
    assert_eq!(mapped.value.dialog.as_ref().unwrap().entries().len(), 1);
    assert!(!paths(&mapped, NoteKind::Dropped).is_empty());
}

#[test]
fn taking_any_element_of_the_new_resources_away_never_breaks_the_reader() {
    let whole = to_fhir(&CarePlan::from_json(example("care-plan/awkward")).unwrap()).value.into_value();
    for kind in ["Goal", "Task", "CareTeam", "QuestionnaireResponse", "PractitionerRole", "CarePlan"] {
        let keys: Vec<String> = entry_of(&mut whole.clone(), kind).as_object().unwrap().keys().cloned().collect();
        for key in keys {
            for other in
                [json!(null), json!([]), json!("x"), json!([{"a": 1}]), json!({"reference": "Goal/1"}), json!(7)]
            {
                let mut broken = whole.clone();
                entry_of(&mut broken, kind)[&key] = other;
                if let Ok(mapped) = from_fhir::<CarePlan>(&Bundle::new(broken).unwrap()) {
                    assert!(from_fhir::<CarePlan>(&to_fhir(&mapped.value).value).is_ok(), "{kind} {key}");
                }
            }
        }
    }
}

#[test]
fn the_person_of_a_carers_plan_is_the_carer_and_whom_they_care_for_stands_apart() {
    let mut document = example("carers-plan/full");
    document["cared_for"][0]["name"] = json!({"text": "MARK Radford"});
    document["told_in_confidence"][0]["text"] = json!("MARK, said in confidence");
    let made = bundle(&document);
    let patients: Vec<&Value> = made.all("Patient").collect();
    assert!(patients.len() == 1 && patients[0]["name"][0]["given"][0] == "Sheila");
    let mut seen = 0;
    for (_, resource) in made.entries().filter(|(_, resource)| resource.to_string().contains("MARK")) {
        if resource["resourceType"] == "Composition" {
            for section in resource["section"].as_array().unwrap().iter().filter(|s| s.to_string().contains("MARK")) {
                assert_eq!(section.pointer("/extension/0/valueCoding/code"), Some(&json!("third-party-statement")));
            }
            let category = resource.pointer("/category/0/coding/0").unwrap();
            assert!(
                category["code"] == "withheld" && category["system"].as_str().unwrap().ends_with("/cared-for-access")
            );
        } else {
            assert_eq!(resource.pointer("/meta/tag/0/code"), Some(&json!("third-party-statement")));
            seen += 1;
        }
    }
    assert_eq!(seen, 2);
    let mapped = from_fhir::<CarersPlan>(&made).unwrap();
    assert!(mapped.notes.is_empty() && mapped.value.frame().person_name().contains("Sheila"));
}

#[test]
fn what_a_plan_cannot_carry_is_refused() {
    let smallest = json!({"kind": "care-plan", "id": "1", "written": "2026", "person": {"names": [{"given": ["Kit"]}]},
        "author": {"person": true}, "needs": [{"text": "a"}]});
    assert_eq!(faults(&smallest), Vec::<String>::new());
    let rows = [
        ("a score below the scale", "dialog", json!([{"areas": {"job": {"score": 0}}}])),
        ("a score above the scale", "dialog", json!([{"areas": {"job": {"score": 8}}}])),
        ("half a score", "dialog", json!([{"areas": {"job": {"score": 3.5}}}])),
        ("a survey without answers", "dialog", json!([{"date": "2026"}])),
        ("a twelfth area", "dialog", json!([{"areas": {"weather": {"score": 3}}}])),
        ("a need without words", "needs", json!([{"goal": "b"}])),
        (
            "an action of nobody in particular with an id",
            "needs",
            json!([{"text": "a", "actions": [{"text": "b", "party": "c"}]}]),
        ),
        (
            "a carer with an ODS code",
            "needs",
            json!([{"text": "a", "actions": [{"text": "b", "who": "carer", "ods": "Y90001"}]}]),
        ),
        ("a member who is nothing", "care_team", json!([{"kind": "professional"}])),
        ("a member of the family in the team", "care_team", json!([{"kind": "carer", "name": "Mum"}])),
        ("a key worker who is not", "care_team", json!([{"kind": "service", "name": "a", "key_worker": false}])),
        ("another standing", "standing", json!("agreed-in-part")),
        ("a total", "dialog_total", json!(41)),
    ];
    for (what, key, value) in rows {
        let mut document = smallest.clone();
        document[key] = value;
        assert!(!faults(&document).is_empty(), "{what}");
    }
}

#[test]
fn a_plan_reads_well_to_a_person() {
    for name in ["care-plan/full", "carers-plan/full"] {
        let document = example(name);
        let kind = cmht_gateway::documents::kind_of(&document);
        let (person, sections) = cmht_gateway::map::readable(kind, &bundle(&document)).unwrap();
        let item = |line: &String| format!("- {}", line.replace('\n', "\n  "));
        let items = |lines: &[String]| lines.iter().map(item).collect::<Vec<_>>().join("\n");
        let words: Vec<String> = sections.iter().map(|s| format!("{}\n{}\n", s.heading, items(&s.lines))).collect();
        insta::assert_snapshot!(
            format!("{}_in_words", name.replace('/', "_")),
            format!("{person}\n\n{}", words.join("\n"))
        );
    }
}
