//! Everything disclosed about a person, for the person: to whom, when, why, on what basis, how it stands, and what was
//! held back, in words; with the overrides and emergencies recorded about them. Made from the audit log, where nothing
//! can be taken out unseen; how a copy stands now is asked of its row. What a carer told in confidence, what others said
//! and what protects a child is not told, nor that there is such a thing (CS-07, CS-20, CS-22).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::holding::Claim;
use super::{Gateway, unavailable};
use crate::audit::{Entry, Event, WithheldPart};
use crate::auth::Caller;
use crate::consent::{Label, Override, RuleId};
use crate::intake::Refusal;
use crate::model::{DataCategory, DocumentKind, NhsNumber, PartyId, Purpose};
use crate::outbox::Channel;
use crate::store::{DeliveryStatus, RecordKind, StoreError};

/// The report, ready to be shown in any form.
pub struct AccessReport {
    pub number: NhsNumber,
    pub made: Timestamp,
    /// The organisation that makes it.
    pub by: (PartyId, String),
    pub disclosures: Vec<Disclosure>,
    /// Copies that were asked for and not made.
    pub denials: Vec<Disclosure>,
    pub claims: Vec<ClaimLine>,
}

/// One copy, or one that was not made.
pub struct Disclosure {
    /// Number of the audit entry it is told from.
    pub entry: i64,
    pub at: Timestamp,
    pub from: (PartyId, String),
    pub to: (PartyId, String),
    pub kind: Option<DocumentKind>,
    pub message: Option<String>,
    pub purpose: String,
    pub standing: Standing,
    /// Rules it rests on, with their reasons.
    pub rules: Vec<(String, String)>,
    pub consents: Vec<String>,
    pub agreements: Vec<String>,
    /// Overrides it rests on: ground and professional.
    pub overrides: Vec<String>,
    /// What was held back, in words.
    pub withheld: Vec<String>,
}

/// How a copy stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Sent(Timestamp),
    /// It lies in the recipient's inbox; opened at this moment.
    Opened(Timestamp),
    /// In the inbox, and not opened.
    Unopened,
    Waiting,
    /// Stopped before it went.
    Stopped,
    /// Stopped while an attempt was under way that nobody answered.
    Unanswered,
    /// The recipient did not take it.
    Failed,
    /// Denied: there was no copy.
    NotMade,
}

impl Standing {
    /// A code for machines.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Sent(_) => "sent",
            Self::Opened(_) => "opened",
            Self::Unopened => "unopened",
            Self::Waiting => "waiting",
            Self::Stopped => "stopped",
            Self::Unanswered => "unanswered",
            Self::Failed => "failed",
            Self::NotMade => "not-made",
        }
    }
}

/// An override or a stated emergency.
pub struct ClaimLine {
    pub at: Timestamp,
    pub words: String,
}

/// Rules whose very mention tells what must not be told.
const SILENT: &[&str] = &["CS-07", "CS-20"];

/// Whether the person may be told that this was held back from somebody (GW-04 has the same limits for the thing itself).
fn tellable(part: &WithheldPart) -> bool {
    let Some(label) = Label::from_code(&part.category) else { return false };
    let others = [DataCategory::ThirdPartyStatement, DataCategory::Safeguarding, DataCategory::Carer].map(Label::from);
    !SILENT.contains(&part.rule.as_str())
        && label.sensitivity().is_none()
        && !others.contains(&label.base())
        && label != Label::Unassigned
}

impl Gateway {
    /// The report about the person with this number. `None` for a caller that is not of the trust; nobody known gives an
    /// empty report. That it was made is recorded before it is handed out.
    ///
    /// # Errors
    /// The store does not answer, or an entry of the log cannot be read.
    pub async fn access_report(
        &self,
        caller: &Caller,
        number: &NhsNumber,
        now: Timestamp,
    ) -> Result<Option<AccessReport>, Refusal> {
        if !self.is_trust(caller) {
            return Ok(None);
        }
        self.report_for(number, (&caller.party.id, &caller.client_id), now).await.map(Some)
    }

    /// The same for whoever sits at the machine; `actor` is who is recorded as having asked.
    ///
    /// # Errors
    /// As [`Self::access_report`].
    pub async fn report_for(
        &self,
        number: &NhsNumber,
        (party, agent): (&PartyId, &str),
        now: Timestamp,
    ) -> Result<AccessReport, Refusal> {
        let person = self.person(number);
        self.record(Entry::new(Event::ReportMade, now).actor(party, agent).person(person.as_str())).await?;
        let store = &self.store;
        let failed = |error: StoreError| unavailable(&error);
        let rows: HashMap<String, DeliveryStatus> = store
            .deliveries_about(&person)
            .await
            .map_err(failed)?
            .into_iter()
            .map(|row| (row.delivery.to_string(), row))
            .collect();
        let mut entries = Vec::new();
        for stored in store.audit_about(&person).await.map_err(failed)? {
            let entry: Entry =
                serde_json::from_str(&stored.body).map_err(|_| failed(StoreError::Corrupt("audit entry")))?;
            entries.push((stored.seq, entry));
        }
        let claims = self.claims_of(&entries, now).await?;
        let mut report = AccessReport {
            number: number.clone(),
            made: now,
            by: self.named(&self.parts().own, now),
            disclosures: Vec::new(),
            denials: Vec::new(),
            claims: claims.lines,
        };
        let unanswered = unanswered(&entries);
        for (seq, entry) in entries {
            // A request for missing items, a notice of a clock, or the bare form of a status, names no person.
            let nobody = entry.purpose.as_deref() == Some(Purpose::MessageOutcome.code());
            let bare = [DocumentKind::InformationRequest, DocumentKind::ClockNotice, DocumentKind::CareEvent];
            if entry.kind.is_some_and(|kind| bare.contains(&kind)) || nobody {
                continue;
            }
            let row = entry.delivery.as_ref().and_then(|id| rows.get(id));
            match entry.event {
                Event::Disclosed => {
                    let open = entry.delivery.as_ref().is_some_and(|id| unanswered.contains(id));
                    let line = self.line(seq, entry, standing(row, open), &claims.overrides);
                    report.disclosures.extend(line);
                }
                Event::Denied if !entry.rules.iter().any(|rule| SILENT.contains(&rule.as_str())) => {
                    report.denials.extend(self.line(seq, entry, Standing::NotMade, &claims.overrides));
                }
                _ => {}
            }
        }
        Ok(report)
    }

    fn line(
        &self,
        seq: i64,
        entry: Entry,
        standing: Standing,
        overrides: &BTreeMap<String, String>,
    ) -> Option<Disclosure> {
        let reason = |id: &String| {
            let rule = RuleId::parse(id).and_then(|id| self.parts().engine.rule(&id).map(|rule| rule.reason.clone()));
            (id.clone(), rule.unwrap_or_default())
        };
        let mut withheld: Vec<String> = entry
            .withheld
            .iter()
            .filter(|part| tellable(part))
            .filter_map(|part| Some(format!("{} ({})", Label::from_code(&part.category)?.title(), part.rule)))
            .collect();
        withheld.dedup();
        // What an emergency opened was held here: the crisis service that asked for it gave nothing.
        let opened = entry.record.as_deref().is_some_and(|record| record.starts_with(RecordKind::Emergency.code()));
        let parts = self.parts();
        let from = if opened { &parts.own } else { entry.actor.as_ref()? };
        Some(Disclosure {
            entry: seq,
            at: entry.at,
            from: self.named(from, entry.at),
            to: self.named(entry.recipient.as_ref()?, entry.at),
            kind: entry.kind,
            message: entry.message.map(|id| id.to_string()),
            purpose: entry.purpose.unwrap_or_else(|| "direct-care".to_owned()),
            standing,
            rules: entry.rules.iter().map(reason).collect(),
            consents: entry.consents,
            agreements: entry.agreements,
            overrides: entry.overrides.iter().filter_map(|id| overrides.get(id).cloned()).collect(),
            withheld,
        })
    }

    fn named(&self, id: &PartyId, now: Timestamp) -> (PartyId, String) {
        (id.clone(), self.party_name(id, now))
    }

    /// Overrides and emergencies in words. The reasons in the professional's own words stay with the record: they may
    /// repeat what somebody told in confidence.
    async fn claims_of(&self, entries: &[(i64, Entry)], now: Timestamp) -> Result<Claims, Refusal> {
        let mut claims = Claims::default();
        for (_, entry) in entries {
            if !matches!(entry.event, Event::OverrideRecorded | Event::EmergencyStated) {
                continue;
            }
            let Some((id, version)) = entry.record.as_deref().and_then(record_of) else { continue };
            let found = self.store.record(id, Some(version)).await.map_err(|error| unavailable(&error))?;
            let Some((_, record)) = found else { continue };
            let by = self.party_name(&record.recorder, now);
            let corrupt = |_| unavailable(&StoreError::Corrupt("record"));
            let words = if record.kind == RecordKind::Override {
                let claim: Claim<Override> = serde_json::from_str(&record.body).map_err(corrupt)?;
                let Override { basis, recipient, categories, professional, from, until, .. } = claim.record;
                let kinds: Vec<&str> = categories.iter().map(|c| c.title()).collect();
                let to = self.party_name(&recipient, now);
                claims.overrides.insert(id.to_string(), format!("{}, decided by {professional}", basis.title()));
                format!(
                    "{professional} ({by}) decided that {to} may be told, without your consent or against it: {}. The \
                     ground: {}. From {} until {}.",
                    kinds.join(", "),
                    basis.title(),
                    spoken(from),
                    spoken(until)
                )
            } else {
                let claim: Claim<crate::consent::Emergency> = serde_json::from_str(&record.body).map_err(corrupt)?;
                let until = claim.until.map(|until| format!(" until {}", spoken(until))).unwrap_or_default();
                format!(
                    "{} ({by}) stated an emergency, so that the crisis service could read what it needed{until}.",
                    claim.record.professional
                )
            };
            claims.lines.push(ClaimLine { at: entry.at, words });
        }
        Ok(claims)
    }
}

#[derive(Default)]
struct Claims {
    lines: Vec<ClaimLine>,
    /// By id: ground and professional.
    overrides: BTreeMap<String, String>,
}

/// Id and version of a record as an audit entry names it: `override/…/1`.
fn record_of(text: &str) -> Option<(uuid::Uuid, u32)> {
    let (rest, version) = text.rsplit_once('/')?;
    let (_, id) = rest.rsplit_once('/')?;
    Some((uuid::Uuid::try_parse(id).ok()?, version.parse().ok()?))
}

/// Deliveries of which some attempt began and none of its ends was recorded.
fn unanswered(entries: &[(i64, Entry)]) -> BTreeSet<String> {
    let mut open: BTreeSet<(String, u32)> = BTreeSet::new();
    for (_, entry) in entries {
        let Some(attempt) = entry.delivery.clone().zip(entry.attempt) else { continue };
        match entry.event {
            Event::DeliveryStarted => {
                open.insert(attempt);
            }
            Event::DeliveryFinished => {
                open.remove(&attempt);
            }
            _ => {}
        }
    }
    open.into_iter().map(|(delivery, _)| delivery).collect()
}

fn standing(row: Option<&DeliveryStatus>, unanswered: bool) -> Standing {
    let Some(row) = row else { return Standing::Waiting };
    match (row.state.as_str(), row.channel, row.delivered, row.read) {
        ("delivered", Channel::Inbox, _, Some(read)) => Standing::Opened(read),
        ("delivered", Channel::Inbox, _, None) => Standing::Unopened,
        ("delivered", Channel::Fhir, Some(at), _) => Standing::Sent(at),
        ("stopped", ..) if unanswered => Standing::Unanswered,
        ("stopped", ..) => Standing::Stopped,
        ("failed", ..) => Standing::Failed,
        _ => Standing::Waiting,
    }
}

/// A moment as people in England say it.
pub(super) fn spoken(at: Timestamp) -> String {
    at.in_tz("Europe/London").map_or_else(|_| at.to_string(), |zoned| zoned.strftime("%-d %B %Y, %-I:%M%P").to_string())
}

#[cfg(test)]
mod tests {
    use super::{WithheldPart, record_of, tellable};

    #[test]
    fn the_person_is_told_what_was_held_back_save_what_is_others_to_tell() {
        let part = |category: &str, rule: &str| WithheldPart { category: category.into(), rule: rule.into() };
        for (category, rule, told) in [
            ("medication", "CS-05", true),
            ("substance-use", "CS-16", true),
            ("told-in-confidence", "CS-05", false),
            ("about-a-child", "CS-20", false),
            ("third-party-statement", "CS-14", false),
            ("safeguarding", "CS-05", false),
            ("carer", "CS-08", false),
            ("medication", "CS-07", false),
            ("unassigned", "CS-05", false),
            ("no-such-code", "CS-05", false),
        ] {
            assert_eq!(tellable(&part(category, rule)), told, "{category} {rule}");
        }
    }

    #[test]
    fn a_record_is_found_by_the_name_its_audit_entry_has() {
        let id = uuid::Uuid::from_u128(7);
        assert_eq!(record_of(&format!("override/{id}/3")), Some((id, 3)));
        assert_eq!(record_of("override/x/3"), None);
    }
}
