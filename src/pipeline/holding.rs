//! What is kept about a person, from stored rows to what a decision takes in, and the forms in which it is stored.
//! Weighs nothing: whether a wish, a finding or an override is in force is for `consent` to say. An emergency is left out
//! once its time is over, and reaches the crisis service that stated it and nobody else (CS-10).

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::consent::{CapacityFinding, Emergency, Override, Records};
use crate::model::{NhsNumber, Party, PartyId};
use crate::store::{PersonRecord, RecordKind, StoreError};

/// `status` of a record other than a Consent that counts, and of one that was ended.
pub(super) const ACTIVE: &str = "active";
pub(super) const ENDED: &str = "ended";

/// A record other than a Consent as its row holds it: the person stands beside it, for those who review it.
#[derive(Serialize, Deserialize)]
pub(super) struct Claim<T> {
    /// NHS number.
    pub person: String,
    pub record: T,
    /// The end of an emergency; the others have theirs in the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The crisis service an emergency is stated for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<PartyId>,
}

impl<T: Serialize> Claim<T> {
    /// The text that is stored.
    pub(super) fn new(person: &NhsNumber, record: T, until: Option<Timestamp>) -> Self {
        Self { person: person.as_str().to_owned(), record, until, team: None }
    }

    /// The same, stated for one crisis service.
    pub(super) fn of(self, team: &PartyId) -> Self {
        Self { team: Some(team.clone()), ..self }
    }

    pub(super) fn stored(&self) -> Result<String, StoreError> {
        serde_json::to_string(self).map_err(|_| StoreError::Corrupt("record"))
    }
}

/// A stated emergency, by whom it was stated and until when.
#[derive(Debug, Clone)]
struct Stated {
    /// The crisis service. A record that names none opens nothing.
    service: PartyId,
    until: Timestamp,
    emergency: Emergency,
}

/// What is kept about one person, ready for decisions.
#[derive(Debug, Clone, Default)]
pub(super) struct Holding {
    records: Records,
    emergencies: Vec<Stated>,
}

impl Holding {
    /// # Errors
    /// A row cannot be read back; nothing may then be decided, for it might be an objection.
    pub(super) fn of<'r>(rows: impl IntoIterator<Item = &'r PersonRecord>, now: Timestamp) -> Result<Self, StoreError> {
        let mut holding = Self::default();
        for row in rows {
            let counts = row.status == ACTIVE;
            match row.kind {
                RecordKind::Consent => holding.records.consents.push(read::<Value>(row)?),
                RecordKind::Capacity if counts => {
                    holding.records.capacity.push(read::<Claim<CapacityFinding>>(row)?.record);
                }
                RecordKind::Override if counts => holding.records.overrides.push(read::<Claim<Override>>(row)?.record),
                RecordKind::Emergency if counts => {
                    let Claim { record, until, team, .. } = read::<Claim<Emergency>>(row)?;
                    let until = until.ok_or(StoreError::Corrupt("emergency"))?;
                    if let (true, Some(service)) = (row.recorded <= now && now < until, team) {
                        holding.emergencies.push(Stated { service, until, emergency: record });
                    }
                }
                RecordKind::Capacity | RecordKind::Override | RecordKind::Emergency => {}
            }
        }
        Ok(holding)
    }

    /// What bears on a decision about this recipient.
    pub(super) fn records_for(&self, recipient: &Party) -> Cow<'_, Records> {
        match self.stated_by(recipient) {
            Some(stated) => Cow::Owned(Records { emergency: Some(stated.emergency.clone()), ..self.records.clone() }),
            None => Cow::Borrowed(&self.records),
        }
    }

    /// When the emergency ends that this recipient has stated.
    pub(super) fn emergency_until(&self, recipient: &Party) -> Option<Timestamp> {
        self.stated_by(recipient).map(|stated| stated.until)
    }

    /// The overrides in favour of a recipient, for the record of a release that rests on one.
    pub(super) fn overrides_for<'h>(&'h self, recipient: &'h Party, now: Timestamp) -> impl Iterator<Item = &'h str> {
        let ours = move |one: &&Override| {
            (one.recipient == recipient.id || one.recipient == *recipient.organisation())
                && one.from <= now
                && now < one.until
        };
        self.records.overrides.iter().filter(ours).map(|one| one.id.as_str())
    }

    /// The one that ends last counts.
    fn stated_by(&self, recipient: &Party) -> Option<&Stated> {
        let theirs = self.emergencies.iter().filter(|stated| stated.service == recipient.id);
        theirs.max_by_key(|stated| stated.until)
    }
}

fn read<T: serde::de::DeserializeOwned>(row: &PersonRecord) -> Result<T, StoreError> {
    serde_json::from_str(&row.body).map_err(|_| StoreError::Corrupt("record"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::{ACTIVE, Holding, Party, PartyId, PersonRecord, RecordKind, Timestamp};
    use crate::model::PartyKind;

    fn id(text: &str) -> PartyId {
        PartyId::parse(text).unwrap()
    }

    fn party(text: &str, part_of: Option<&str>) -> Party {
        Party {
            id: id(text),
            name: text.to_owned(),
            kind: PartyKind::Crht,
            ods: None,
            part_of: part_of.map(id),
            person_access: None,
        }
    }

    #[test]
    fn cs_10_an_emergency_opens_for_the_service_that_stated_it_and_for_nobody_else() {
        let now: Timestamp = "2026-03-02T09:30:00Z".parse().unwrap();
        let stated = |team: Option<&str>| {
            let body = json!({
                "person": "9990718423", "record": {"professional": "Ali Example", "reason": "Found on a bridge"},
                "until": "2026-03-02T12:00:00Z", "team": team,
            });
            let row = PersonRecord {
                id: Uuid::nil(),
                version: 1,
                kind: RecordKind::Emergency,
                recorder: id("lpt"),
                agent: "lpt".to_owned(),
                recorded: now,
                status: ACTIVE.to_owned(),
                origin: None,
                message: None,
                body: body.to_string(),
            };
            Holding::of([&row], now).unwrap()
        };
        let opens = |holding: &Holding, to: &Party| holding.records_for(to).emergency.is_some();
        let (team, other, trust) = (party("lpt-crht", Some("lpt")), party("lpt-cap", Some("lpt")), party("lpt", None));
        let by_team = stated(Some("lpt-crht"));
        assert!(opens(&by_team, &team) && by_team.emergency_until(&team).is_some());
        assert!(!opens(&by_team, &other) && !opens(&by_team, &trust));
        assert!(!opens(&stated(Some("lpt")), &team), "what its organisation states is not the team's");
        for somebody in [&team, &other, &trust] {
            assert!(!opens(&stated(None), somebody), "one that names no service");
        }
    }
}
