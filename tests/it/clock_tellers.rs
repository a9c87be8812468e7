//! Who tells which events with `POST /events`, and that nobody moves the clocks of others with them.

use cmht_gateway::model::{ClockState, MessageId};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::clock_events::{care, just_now, send, state, tell};
use crate::support::{CHARITY, CLINIC, GP, TRUST, TestGateway, example, plan};

/// Clocks of the request that the trust's teams answer for: rule, state, owner.
async fn of_the_trust(gateway: &TestGateway, request: &MessageId) -> Vec<(String, ClockState, String)> {
    let all = care(gateway, request).await.clocks;
    let ours = all.into_iter().filter(|clock| clock.owner.as_str().starts_with("lpt"));
    let mut ours: Vec<_> = ours.map(|clock| (clock.rule, clock.state, clock.owner.to_string())).collect();
    ours.sort_by(|one, other| (&one.0, &one.2).cmp(&(&other.0, &other.2)));
    ours
}

/// A referral with copies to charity and clinic that the trust has accepted, its first contact still to come.
async fn accepted(gateway: &TestGateway, id: &str) -> (String, MessageId) {
    let mut referral: Value = serde_json::from_str(&example("complete")).unwrap();
    referral["id"] = id.into();
    let answer: Value = gateway.refer(referral.to_string()).await.json().await.unwrap();
    let message = answer["message"].as_str().unwrap().to_owned();
    let step = json!({"status": "accepted"});
    let path = format!("/requests/{message}/status");
    let answer = gateway.post(&path, TRUST, "application/json").body(step.to_string()).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    (message.clone(), MessageId::parse(&message).unwrap())
}

#[tokio::test]
async fn who_has_a_copy_or_has_referred_moves_no_clock_of_the_team_and_is_told_whose_word_it_is() {
    let gateway = TestGateway::alone().await;
    let (request, id) = accepted(&gateway, "EV-T-1").await;
    let mut number = 0;
    let mut event = |kind: &str, detail: Value| {
        number += 1;
        json!({"id": format!("t-{number}"), "kind": kind, "at": just_now(), "request": {"message": request},
            "detail": detail})
    };
    let before = of_the_trust(&gateway, &id).await;
    assert!(before.iter().filter(|(_, state, _)| *state == ClockState::Running).count() >= 3, "{before:?}");
    for who in [CHARITY, CLINIC, GP] {
        for (kind, detail, status) in [
            ("contacted", json!({"mode": "telephone"}), 201),
            ("safety-plan-complete", json!({}), 201),
            ("care-plan-complete", json!({}), 201),
            ("risk-assessed", json!({}), 201),
            ("outcome-scored", json!({"measure": "dialog", "point": "start", "mean": "4"}), 201),
            ("assessed", json!({}), 403),
            ("assessment-offered", json!({}), 403),
            ("discharged", json!({}), 403),
            ("allocated", json!({}), 403),
            ("regraded", json!({"to": "routine"}), 403),
            ("paused", json!({"reason": "x"}), 403),
            ("paused", json!({"reason": "x", "clock": "CK-01"}), 403),
            // which makes nobody answer for anything
            ("duty-call", json!({}), 201),
            ("paused", json!({"reason": "x"}), 403),
            ("regraded", json!({"to": "routine"}), 403),
        ] {
            let answer = tell(&gateway, who, &event(kind, detail)).await;
            let found = answer.status().as_u16();
            let text = answer.text().await.unwrap();
            assert_eq!(found, status, "{kind} by {}: {text}", who.0);
            assert!(status != 403 || text.contains("for who holds the request"), "{text}");
        }
        let after: Vec<_> =
            of_the_trust(&gateway, &id).await.into_iter().filter(|(rule, _, _)| rule != "CK-19").collect();
        assert_eq!(after, before, "{}", who.0);
    }
    // the team's own safety plan is still owed when a charity has made one
    assert_eq!(tell(&gateway, TRUST, &event("assessed", json!({}))).await.status(), 201);
    assert_eq!(tell(&gateway, CHARITY, &event("safety-plan-complete", json!({}))).await.status(), 201);
    assert_eq!(state(&gateway, &id, "CK-01").await, ClockState::Stopped);
    assert_eq!(state(&gateway, &id, "CK-05").await, ClockState::Running);
    assert_eq!(tell(&gateway, TRUST, &event("safety-plan-complete", json!({}))).await.status(), 201);
    assert_eq!(state(&gateway, &id, "CK-05").await, ClockState::Stopped);
    // and the referral itself is taken back with a step, not as an event in error
    let received =
        uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, format!("{request}/event/referral-received").as_bytes());
    assert!(care(&gateway, &id).await.events.iter().any(|event| event.id == received));
    let error = event("entered-in-error", json!({"event": received.to_string()}));
    assert_eq!(tell(&gateway, GP, &error).await.status(), 422);
}

#[tokio::test]
async fn an_event_brings_nobody_in_who_has_no_part() {
    let gateway = TestGateway::alone().await;
    let (request, id) = accepted(&gateway, "EV-T-2").await;
    let rows = [
        (CHARITY, "inpatient-discharge", Some("soar-valley-police"), None, 403),
        (CHARITY, "contacted", Some("soar-valley-police"), None, 422),
        (CHARITY, "contacted", Some("wellbeing-roots"), None, 201),
        (CHARITY, "duty-call", None, Some("soar-valley-police"), 422),
        (CHARITY, "duty-call", None, Some("nobody-at-all"), 422),
        (CHARITY, "duty-call", None, Some("demo-gp"), 201),
        (CHARITY, "information-requested", None, Some("soar-valley-police"), 422),
        (TRUST, "inpatient-discharge", Some("soar-valley-police"), None, 422),
        (TRUST, "inpatient-discharge", Some("wellbeing-roots"), None, 422),
        (TRUST, "inpatient-discharge", Some("lpt-cmht-charnwood"), None, 201),
        (TRUST, "information-requested", None, Some("soar-valley-police"), 201),
    ];
    for (place, (who, kind, team, receiver, status)) in rows.into_iter().enumerate() {
        let mut event =
            json!({"id": format!("n-{place}"), "kind": kind, "at": just_now(), "request": {"message": request}});
        if let Some(team) = team {
            event["team"] = team.into();
        }
        if let Some(receiver) = receiver {
            event["detail"] = json!({"receiver": receiver});
        }
        let answer = tell(&gateway, who, &event).await;
        let found = answer.status().as_u16();
        assert_eq!(found, status, "{kind} {team:?} {receiver:?} by {}: {}", who.0, answer.text().await.unwrap());
    }
    let owners: Vec<String> = care(&gateway, &id).await.clocks.iter().map(|clock| clock.owner.to_string()).collect();
    assert!(!owners.contains(&"soar-valley-police".to_owned()), "{owners:?}");
}

#[tokio::test]
async fn what_lies_before_the_request_is_no_event_of_it_but_for_a_stay_on_a_ward() {
    let gateway = TestGateway::alone().await;
    let (request, id) = accepted(&gateway, "EV-T-3").await;
    let days = |number: i64| (Timestamp::now() - SignedDuration::from_hours(24 * number)).to_string();
    for (place, (kind, at, detail, status)) in [
        ("allocated", "1990-01-01T00:00:00Z".to_owned(), json!({}), 422),
        ("regraded", "2020-01-01T00:00:00Z".to_owned(), json!({"to": "crisis"}), 422),
        ("contacted", days(1), json!({}), 422),
        ("admitted", days(100), json!({}), 201),
        ("admitted", days(400), json!({}), 422),
    ]
    .into_iter()
    .enumerate()
    {
        let event = json!({"id": format!("b-{place}"), "kind": kind, "at": at, "request": {"message": request},
            "detail": detail});
        let answer = tell(&gateway, TRUST, &event).await;
        let found = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        assert_eq!(found, status, "{kind} {at}: {text}");
        assert!(status == 201 || (text.contains("before the request came") && text.contains("/at")), "{text}");
    }
    assert!(!care(&gateway, &id).await.clocks.iter().any(|clock| ["CK-06", "CK-13"].contains(&clock.rule.as_str())));
}

#[tokio::test]
async fn whoever_holds_a_handover_speaks_for_it_and_for_nothing_else() {
    let gateway = TestGateway::alone().await;
    let (referral, _) = accepted(&gateway, "EV-T-4").await;
    let mut handover = plan("social-prescribing-handover", "full");
    handover["person"]["nhs_number"]["value"] = "9990718423".into();
    let id = send(&gateway, TRUST, "social-prescribing-handover", handover, "EV-T-5").await;
    for (place, (kind, request, status)) in
        [("waiting-contact", id.as_str(), 201), ("paused", id.as_str(), 201), ("paused", referral.as_str(), 403)]
            .into_iter()
            .enumerate()
    {
        let event = json!({"id": format!("h-{place}"), "kind": kind, "at": just_now(), "request": {"message": request},
            "detail": {"reason": "x"}});
        let answer = tell(&gateway, CHARITY, &event).await;
        let found = answer.status().as_u16();
        assert_eq!(found, status, "{kind}: {}", answer.text().await.unwrap());
    }
    let of_person = json!({"id": "h-p", "kind": "discharged", "at": just_now(), "person": "9990718423"});
    assert_eq!(tell(&gateway, CHARITY, &of_person).await.status(), 403, "the person's care is not theirs to end");
    assert_eq!(tell(&gateway, TRUST, &of_person).await.status(), 201);
}
