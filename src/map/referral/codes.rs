//! Native codes of the referral beside the codes FHIR and SNOMED CT have for them.

use crate::documents::referral::{Response, SenderKind};
use crate::map::code_table::Table;

/// FHIR request-priority. `stat` is the only one above `asap`, so crisis is `stat`.
pub(super) const PRIORITY: Table<Response> = &[
    (Response::Routine, "routine", "Routine"),
    (Response::Urgent, "urgent", "Urgent"),
    (Response::Crisis, "stat", "STAT"),
];

/// SNOMED CT sources of referral (`codes.md` §5), for the kinds that have one.
pub(super) const SOURCE: Table<SenderKind> = &[
    (SenderKind::Gp, "108161000000109", "Referred by general practitioner"),
    (SenderKind::SocialServices, "185365002", "Referred by social worker"),
    (SenderKind::Myself, "310434002", "Self-referral to service"),
];

#[cfg(test)]
mod tests {
    use super::{PRIORITY, Response};
    use crate::map::code_table::{fhir_code, native_code};

    #[test]
    fn every_response_crosses_and_returns() {
        for response in Response::ALL {
            let (code, _) = fhir_code(PRIORITY, *response).unwrap();
            assert_eq!(native_code(PRIORITY, code), Some(*response));
        }
    }
}
