//! DIALOG surveys in a care plan as events: that one was filled in, when, and its mean where that can be compared. Which
//! answers were given, and what they mean, stays in the plan.

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::happened::Happened;
use crate::clocks::calendar::moment_in;
use crate::model::{CareEvent, EventKind, PersonKey};

/// Name of the measure in an event's details.
const MEASURE: &str = "dialog";
/// Areas of a survey; the mean of fewer is no mean of it.
const AREAS: usize = 11;

/// The surveys of a native care plan, the oldest first.
pub(super) fn surveys(native: &Value, written: Timestamp) -> Vec<Happened> {
    let all = native.get("dialog").and_then(Value::as_array).into_iter().flatten();
    let mut found: Vec<Happened> = all
        .filter_map(|survey| {
            let areas = survey.get("areas")?.as_object()?;
            let scores: Vec<u64> = areas.values().filter_map(|area| area.get("score")?.as_u64()).collect();
            // that more help is wanted is no score
            (!scores.is_empty()).then_some(())?;
            let mut detail = vec![("measure", MEASURE.to_owned())];
            if scores.len() == AREAS {
                let sum: u64 = scores.iter().sum();
                let hundredths = (sum * 200 / AREAS as u64).div_ceil(2);
                detail.push(("mean", format!("{}.{:02}", hundredths / 100, hundredths % 100)));
            }
            let at = survey.get("date").and_then(Value::as_str).and_then(moment_in).unwrap_or(written);
            Some(Happened { kind: EventKind::OutcomeScored, at, detail })
        })
        .collect();
    found.sort_by_key(|survey| survey.at);
    found
}

/// Makes an event of a survey one of this person's: the same survey told in the next version of the plan is the same
/// event, and the first since care began is the one at its start. `known` is what came before it.
pub(super) fn place<'a>(event: &mut CareEvent, person: &PersonKey, known: impl Iterator<Item = &'a CareEvent>) {
    event.id = Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{person}/{MEASURE}/{}", event.at).as_bytes());
    let (mut scored, mut ended): (Option<Timestamp>, Option<Timestamp>) = (None, None);
    for other in known.filter(|other| other.id != event.id && other.at <= event.at) {
        match other.kind {
            EventKind::OutcomeScored if other.detail("measure") == Some(MEASURE) => scored = scored.max(Some(other.at)),
            EventKind::Discharged | EventKind::Completed => ended = ended.max(Some(other.at)),
            _ => {}
        }
    }
    let point = if scored.is_some() && scored >= ended { "review" } else { "start" };
    event.detail.insert("point".to_owned(), point.to_owned());
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::surveys;
    use crate::documents::parts::DialogArea;

    fn survey(date: Option<&str>, areas: &[(&str, u64)]) -> Value {
        let areas: serde_json::Map<String, Value> =
            areas.iter().map(|(area, score)| ((*area).to_owned(), json!({"score": score}))).collect();
        let mut out = json!({"areas": areas});
        if let Some(date) = date {
            out["date"] = date.into();
        }
        out
    }

    #[test]
    fn a_mean_is_of_all_areas_or_there_is_none() {
        assert_eq!(DialogArea::ALL.len(), super::AREAS);
        let names = [
            "mental_health",
            "physical_health",
            "job",
            "accommodation",
            "leisure",
            "friendships",
            "family",
            "safety",
            "medication",
            "practical_help",
            "meetings",
        ];
        let whole: Vec<(&str, u64)> = names.iter().copied().zip([3, 5, 2, 6, 4, 5, 4, 6, 4, 5, 6]).collect();
        let help = json!({"date": "2026-01-01", "areas": {"job": {"more_help": true}}});
        let plan =
            json!({"dialog": [survey(Some("2026-11-16"), &whole), survey(Some("2026-05-14"), &[("job", 4)]), help]});
        let found = surveys(&plan, "2026-11-18T16:20:00Z".parse().unwrap());
        let told: Vec<(String, Vec<(&str, String)>)> =
            found.into_iter().map(|one| (one.at.to_string(), one.detail)).collect();
        let dialog = ("measure", "dialog".to_owned());
        assert_eq!(
            told,
            [
                ("2026-05-13T23:00:00Z".to_owned(), vec![dialog.clone()]),
                ("2026-11-16T00:00:00Z".to_owned(), vec![dialog, ("mean", "4.55".to_owned())]),
            ]
        );
        assert!(surveys(&json!({"dialog": "none-known"}), jiff::Timestamp::UNIX_EPOCH).is_empty());
    }
}
