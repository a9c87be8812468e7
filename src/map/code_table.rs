//! Native codes beside the codes FHIR, UK Core and SNOMED CT have for them. Read and write use the same tables.

use crate::documents::parts::{ContactMethod, RegistrationBody, Unavailable, Verification, WrittenFormat};
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
    }
}
