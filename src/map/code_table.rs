//! Native codes beside the codes FHIR, UK Core and SNOMED CT have for them. Read and write use the same tables.

use crate::documents::parts::{
    AdmissionMethod, ContactMethod, DischargeMethod, FollowUpStatus, LegalClassification, LegalMoment,
    RegistrationBody, Unavailable, Verification, WrittenFormat,
};
use crate::fhir::codes;

/// A native code and its FHIR code and display.
pub(in crate::map) type Table<T> = &'static [(T, &'static str, &'static str)];

/// UKCore-NHSNumberVerificationStatusEngland.
pub(in crate::map) const VERIFICATION: Table<Verification> = &[
    (Verification::Verified, "01", "Number present and verified"),
    (Verification::NotTraced, "02", "Number present but not traced"),
    (Verification::TraceRequired, "03", "Trace required"),
    (Verification::NoMatch, "04", "Trace attempted - No match or multiple match found"),
    (Verification::Conflict, "05", "Trace needs to be resolved - (NHS number or patient detail conflict)"),
    (Verification::InProgress, "06", "Trace in progress"),
    (Verification::NotPresent, "07", "Number not present and trace not required"),
    (Verification::Postponed, "08", "Trace postponed (baby under six weeks old)"),
];

/// UKCore-NHSNumberUnavailableReason.
pub(in crate::map) const UNAVAILABLE: Table<Unavailable> = &[
    (Unavailable::NotKnown, "nhs-number-not-known", "NHS number not known"),
    (Unavailable::Overseas, "overseas-patient", "Overseas patient"),
    (Unavailable::DevolvedNation, "devolved-nation", "Devolved nation"),
];

/// UKCore-PreferredContactMethod.
pub(in crate::map) const METHOD: Table<ContactMethod> = &[
    (ContactMethod::Letter, "1", "Letter"),
    (ContactMethod::Visit, "2", "Visit"),
    (ContactMethod::Telephone, "3", "Telephone"),
    (ContactMethod::Email, "4", "E-mail"),
    (ContactMethod::Textphone, "5", "Minicom (Textphone)"),
    (ContactMethod::TelephoneViaProxy, "6", "Telephone contact via proxy"),
    (ContactMethod::SignLanguage, "7", "Sign language"),
    (ContactMethod::NoTelephone, "8", "No Telephone contact"),
    (ContactMethod::Sms, "9", "SMS"),
];

/// UKCore-PreferredWrittenCommunicationFormat.
pub(in crate::map) const WRITTEN: Table<WrittenFormat> = &[
    (WrittenFormat::LargePrint, "11", "Large print"),
    (WrittenFormat::Braille, "12", "Braille"),
    (WrittenFormat::Audio, "13", "Audio tape"),
];

/// Identifier systems of professional registers (`codes.md` §9).
pub(in crate::map) const REGISTERS: Table<RegistrationBody> = &[
    (RegistrationBody::Gmc, codes::GMC_NUMBER, "GMC"),
    (RegistrationBody::Nmc, codes::NMC_NUMBER, "NMC"),
    (RegistrationBody::Hcpc, codes::HCPC_NUMBER, "HCPC"),
];

/// UKCore-AdmissionMethodEngland.
pub(in crate::map) const ADMISSION_METHOD: Table<AdmissionMethod> = &[
    (AdmissionMethod::WaitingList, "11", "Elective Admission: Waiting list"),
    (AdmissionMethod::Booked, "12", "Elective Admission: Booked"),
    (AdmissionMethod::Planned, "13", "Elective Admission: Planned"),
    (
        AdmissionMethod::EmergencyDepartment,
        "21",
        "Emergency Admission: Emergency Care Department or dental casualty department of the Health Care Provider",
    ),
    (
        AdmissionMethod::GeneralPractitioner,
        "22",
        "Emergency Admission: General Practitioner: after a request for immediate admission has been made direct to a Hospital Provider, i.e. not through a Bed bureau, by a General Practitioner or deputy",
    ),
    (AdmissionMethod::BedBureau, "23", "Emergency Admission: Bed bureau"),
    (AdmissionMethod::Clinic, "24", "Emergency Admission: Consultant Clinic, of this or another Health Care Provider"),
    (AdmissionMethod::CrisisTeam, "25", "Emergency Admission: Admission via Mental Health Crisis Resolution Team"),
    (
        AdmissionMethod::OtherEmergencyDepartment,
        "2A",
        "Emergency Admission: Emergency Care Department of another provider where the Patient had not been admitted",
    ),
    (
        AdmissionMethod::EmergencyTransfer,
        "2B",
        "Emergency Admission: Transfer of an admitted Patient from another Hospital Provider in an emergency",
    ),
    (AdmissionMethod::OtherEmergency, "2D", "Emergency Admission: Other emergency admission"),
    (
        AdmissionMethod::Transfer,
        "81",
        "Other Admission: Transfer of any admitted Patient from other Hospital Provider other than in an emergency",
    ),
    (AdmissionMethod::NotKnown, "99", "Admission Method not known"),
];

/// UKCore-DischargeMethodEngland.
pub(in crate::map) const DISCHARGE_METHOD: Table<DischargeMethod> = &[
    (DischargeMethod::ClinicalAdvice, "1", "Patient discharged on clinical advice or with clinical consent"),
    (
        DischargeMethod::TribunalOrCourt,
        "3",
        "Patient discharged by mental health review tribunal, Home Secretary or Court",
    ),
    (DischargeMethod::SelfDischarge, "6", "Patient discharged him/herself"),
    (DischargeMethod::RelativeOrAdvocate, "7", "Patient discharged by a relative or advocate"),
    (DischargeMethod::NotKnown, "9", "Method of discharge  not known"),
];

/// UKCore-LegalStatusClassificationEngland.
pub(in crate::map) const LEGAL_STATUS: Table<LegalClassification> = &[
    (LegalClassification::Informal, "01", "Informal"),
    (LegalClassification::Section2, "02", "Formally detained under Mental Health Act Section 2"),
    (LegalClassification::Section3, "03", "Formally detained under Mental Health Act Section 3"),
    (LegalClassification::Section4, "04", "Formally detained under Mental Health Act Section 4"),
    (LegalClassification::Section5Doctor, "05", "Formally detained under Mental Health Act Section 5(2)"),
    (LegalClassification::Section5Nurse, "06", "Formally detained under Mental Health Act Section 5(4)"),
    (LegalClassification::Section35, "07", "Formally detained under Mental Health Act Section 35"),
    (LegalClassification::Section36, "08", "Formally detained under Mental Health Act Section 36"),
    (
        LegalClassification::Section37Restricted,
        "09",
        "Formally detained under Mental Health Act Section 37 with section 41 restrictions",
    ),
    (LegalClassification::Section37, "10", "Formally detained under Mental Health Act Section 37"),
    (LegalClassification::Section38, "12", "Formally detained under Mental Health Act Section 38"),
    (LegalClassification::Section44, "13", "Formally detained under Mental Health Act Section 44"),
    (LegalClassification::Section46, "14", "Formally detained under Mental Health Act Section 46"),
    (
        LegalClassification::Section47Restricted,
        "15",
        "Formally detained under Mental Health Act Section 47 with section 49 restrictions",
    ),
    (LegalClassification::Section47, "16", "Formally detained under Mental Health Act Section 47"),
    (
        LegalClassification::Section48Restricted,
        "17",
        "Formally detained under Mental Health Act Section 48 with section 49 restrictions",
    ),
    (LegalClassification::Section48, "18", "Formally detained under Mental Health Act Section 48"),
    (LegalClassification::Section135, "19", "Formally detained under Mental Health Act Section 135"),
    (LegalClassification::Section136, "20", "Formally detained under Mental Health Act Section 136"),
    (
        LegalClassification::Insanity,
        "31",
        "Formally detained under Criminal Procedure(Insanity) Act 1964 as amended by the Criminal Procedures (Insanity and Unfitness to Plead) Act 1991",
    ),
    (LegalClassification::OtherAct, "32", "Formally detained under other acts"),
    (LegalClassification::Guardianship7, "35", "Subject to guardianship under Mental Health Act Section 7"),
    (LegalClassification::Guardianship37, "36", "Subject to guardianship under Mental Health Act Section 37"),
    (
        LegalClassification::Section45InForce,
        "37",
        "Formally detained under Mental Health Act Section 45A (Limited direction in force)",
    ),
    (
        LegalClassification::Section45Ended,
        "38",
        "Formally detained under Mental Health Act Section 45A (Limitation direction ended)",
    ),
    (LegalClassification::NotApplicable, "98", "Not Applicable"),
    (LegalClassification::NotKnown, "99", "Not Known"),
];

/// UKCore-LegalStatusContext.
pub(in crate::map) const LEGAL_MOMENT: Table<LegalMoment> =
    &[(LegalMoment::Admission, "admission", "Admission"), (LegalMoment::Discharge, "discharge", "Discharge")];

/// Status of the Task that stands for a follow-up.
pub(in crate::map) const FOLLOW_UP: Table<FollowUpStatus> = &[
    (FollowUpStatus::Planned, "requested", "Requested"),
    (FollowUpStatus::Done, "completed", "Completed"),
    (FollowUpStatus::NotReached, "failed", "Failed"),
    (FollowUpStatus::Cancelled, "cancelled", "Cancelled"),
];

/// FHIR code and display of a native code.
pub(in crate::map) fn fhir_code<T: Copy + PartialEq>(
    table: Table<T>,
    native: T,
) -> Option<(&'static str, &'static str)> {
    table.iter().find(|(entry, ..)| *entry == native).map(|(_, code, display)| (*code, *display))
}

/// Native code of a FHIR code.
pub(in crate::map) fn native_code<T: Copy>(table: Table<T>, fhir: &str) -> Option<T> {
    table.iter().find(|(_, code, _)| *code == fhir).map(|(entry, ..)| *entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_native_code_with_a_full_table_crosses_and_returns() {
        fn complete<T: Copy + PartialEq + std::fmt::Debug + 'static>(all: &[T], table: Table<T>) {
            for native in all {
                let (code, _) = fhir_code(table, *native).unwrap();
                assert_eq!(native_code(table, code), Some(*native));
            }
        }
        complete(Verification::ALL, VERIFICATION);
        complete(Unavailable::ALL, UNAVAILABLE);
        complete(ContactMethod::ALL, METHOD);
        complete(WrittenFormat::ALL, WRITTEN);
        complete(RegistrationBody::ALL, REGISTERS);
        complete(AdmissionMethod::ALL, ADMISSION_METHOD);
        complete(DischargeMethod::ALL, DISCHARGE_METHOD);
        complete(LegalClassification::ALL, LEGAL_STATUS);
        complete(LegalMoment::ALL, LEGAL_MOMENT);
        complete(FollowUpStatus::ALL, FOLLOW_UP);
    }
}
