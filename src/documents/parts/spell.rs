//! A time in somebody's care that has ended: a stay in hospital, or care by a community team; and under which part of the
//! Mental Health Act it was (`codes.md` §5).

use serde::{Deserialize, Serialize};

use super::Addressee;
use super::moment::spoken;
use super::phrase::{capital, sentences};

/// Care by a community team.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TeamCare {
    /// When it began, with or without time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
    /// The day of discharge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<Addressee>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_worker: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discharged_by: Option<String>,
    /// Why it ended, where to, and what else there is to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

impl TeamCare {
    /// Everything about it in one text.
    #[must_use]
    pub fn line(&self) -> String {
        let when = span(self.started.as_deref(), self.ended.as_deref());
        let team = self.team.iter().map(|team| team.label().to_owned());
        let head = capital(&team.chain(when).collect::<Vec<_>>().join(", "));
        let mut parts: Vec<String> = Vec::new();
        parts.extend(Some(head).filter(|head| !head.is_empty()));
        parts.extend(self.key_worker.as_ref().map(|name| format!("Key worker: {name}")));
        parts.extend(self.discharged_by.as_ref().map(|name| format!("Discharged by {name}")));
        parts.extend(self.notes.clone());
        sentences(parts)
    }
}

/// A time in words, where its beginning or its end is known.
fn span(from: Option<&str>, until: Option<&str>) -> Option<String> {
    match (from.map(spoken), until.map(spoken)) {
        (Some(from), Some(until)) => Some(format!("from {from} until {until}")),
        (Some(from), None) => Some(format!("from {from}")),
        (None, until) => until.map(|until| format!("until {until}")),
    }
}

/// A stay in hospital.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HospitalStay {
    /// When the person was admitted, with or without time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admitted: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admission_method: Option<AdmissionMethod>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ward: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hospital: Option<Addressee>,
    /// Who was responsible for the care.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responsible: Option<String>,
    /// When the person was discharged, with or without time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discharged: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discharge_method: Option<DischargeMethod>,
    /// Where the person went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discharged_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

impl HospitalStay {
    /// Everything about it in one line.
    #[must_use]
    pub fn line(&self) -> String {
        let hospital = self.hospital.as_ref().map(|hospital| hospital.label().to_owned());
        let place = self.ward.clone().into_iter().chain(hospital).collect::<Vec<_>>().join(", ");
        let mut parts: Vec<String> = Some(place).filter(|place| !place.is_empty()).into_iter().collect();
        let how = |title: Option<&'static str>| title.map(|title| format!(" ({title})")).unwrap_or_default();
        let admission = how(self.admission_method.map(AdmissionMethod::title));
        parts.extend(self.admitted.as_deref().map(|date| format!("Admitted {}{admission}", spoken(date))));
        if self.admitted.is_none() {
            parts.extend(self.admission_method.map(|method| format!("Admitted: {}", method.title())));
        }
        parts.extend(self.responsible.as_ref().map(|name| format!("Under the care of {name}")));
        let discharge = how(self.discharge_method.map(DischargeMethod::title));
        let by = self.discharged_by.as_ref().map(|name| format!(" by {name}")).unwrap_or_default();
        parts.extend(self.discharged.as_deref().map(|date| format!("Discharged {}{by}{discharge}", spoken(date))));
        if self.discharged.is_none() {
            parts.extend(self.discharge_method.map(|method| format!("Discharged: {}", method.title())));
        }
        parts.extend(
            self.discharged_by
                .as_ref()
                .filter(|_| self.discharged.is_none())
                .map(|name| format!("Discharged by {name}")),
        );
        parts.extend(self.destination.as_ref().map(|place| format!("Where to: {place}")));
        parts.extend(self.notes.clone());
        sentences(parts)
    }
}

code_list! {
    /// How the person came to be admitted (UKCore-AdmissionMethodEngland; those an adult can have on a mental health ward).
    AdmissionMethod {
        WaitingList => "waiting-list", "planned, from a waiting list";
        Booked => "booked", "planned, booked ahead";
        Planned => "planned", "planned";
        EmergencyDepartment => "emergency-department", "emergency, through the emergency department";
        GeneralPractitioner => "general-practitioner", "emergency, asked for by the GP";
        BedBureau => "bed-bureau", "emergency, through a bed bureau";
        Clinic => "clinic", "emergency, from a consultant's clinic";
        CrisisTeam => "crisis-team", "emergency, through the crisis team";
        OtherEmergencyDepartment => "other-emergency-department", "emergency, from another hospital's emergency department";
        EmergencyTransfer => "emergency-transfer", "emergency, moved from another hospital";
        OtherEmergency => "other-emergency", "emergency, another way";
        Transfer => "transfer", "moved from another hospital";
        NotKnown => "not-known", "not known how";
    }
}

code_list! {
    /// How the stay ended (UKCore-DischargeMethodEngland; those after which there is somebody to write to).
    DischargeMethod {
        ClinicalAdvice => "clinical-advice", "with clinical advice or agreement";
        TribunalOrCourt => "tribunal-or-court", "by a tribunal, the Home Secretary or a court";
        SelfDischarge => "self-discharge", "by your own decision";
        RelativeOrAdvocate => "relative-or-advocate", "by a relative or advocate";
        NotKnown => "not-known", "not known how";
    }
}

/// Under which part of the law the person was, and when.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalStatus {
    pub status: LegalClassification,
    /// Whether this was so on admission or on discharge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<LegalMoment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

impl LegalStatus {
    /// The status in one line.
    #[must_use]
    pub fn line(&self) -> String {
        let at = self.at.map(|at| format!("{}: ", at.title())).unwrap_or_default();
        let status = match self.status {
            LegalClassification::Informal => "not detained",
            other => other.title(),
        };
        let when =
            span(self.from.as_deref(), self.until.as_deref()).map(|when| format!(", {when}")).unwrap_or_default();
        sentences(std::iter::once(capital(&format!("{at}{status}{when}"))).chain(self.notes.clone()))
    }
}

code_list! {
    /// UKCore-LegalStatusContext.
    LegalMoment {
        Admission => "admission", "on admission";
        Discharge => "discharge", "on discharge";
    }
}

code_list! {
    /// UKCore-LegalStatusClassificationEngland.
    LegalClassification {
        Informal => "informal", "informal: not detained";
        Section2 => "section-2", "detained under section 2 of the Mental Health Act";
        Section3 => "section-3", "detained under section 3 of the Mental Health Act";
        Section4 => "section-4", "detained under section 4 of the Mental Health Act";
        Section5Doctor => "section-5-2", "detained under section 5(2) of the Mental Health Act";
        Section5Nurse => "section-5-4", "detained under section 5(4) of the Mental Health Act";
        Section35 => "section-35", "detained under section 35 of the Mental Health Act";
        Section36 => "section-36", "detained under section 36 of the Mental Health Act";
        Section37Restricted => "section-37-41", "detained under section 37 of the Mental Health Act with section 41";
        Section37 => "section-37", "detained under section 37 of the Mental Health Act";
        Section38 => "section-38", "detained under section 38 of the Mental Health Act";
        Section44 => "section-44", "detained under section 44 of the Mental Health Act";
        Section46 => "section-46", "detained under section 46 of the Mental Health Act";
        Section47Restricted => "section-47-49", "detained under section 47 of the Mental Health Act with section 49";
        Section47 => "section-47", "detained under section 47 of the Mental Health Act";
        Section48Restricted => "section-48-49", "detained under section 48 of the Mental Health Act with section 49";
        Section48 => "section-48", "detained under section 48 of the Mental Health Act";
        Section135 => "section-135", "detained under section 135 of the Mental Health Act";
        Section136 => "section-136", "detained under section 136 of the Mental Health Act";
        Insanity => "criminal-procedure-insanity", "detained under the Criminal Procedure (Insanity) Act";
        OtherAct => "other-act", "detained under another Act";
        Guardianship7 => "guardianship-section-7", "under guardianship, section 7 of the Mental Health Act";
        Guardianship37 => "guardianship-section-37", "under guardianship, section 37 of the Mental Health Act";
        Section45InForce => "section-45a-in-force", "detained under section 45A of the Mental Health Act, limitation in force";
        Section45Ended => "section-45a-ended", "detained under section 45A of the Mental Health Act, limitation ended";
        NotApplicable => "not-applicable", "does not apply";
        NotKnown => "not-known", "not known";
    }
}
