//! Closed shapes: codes whose words we write ourselves, and extensions rebuilt from url and value alone, so that nobody's
//! free text travels in what a reduced copy keeps. What has another shape is not kept. Decides nothing.

use serde_json::{Map, Value, json};

use crate::fhir::{build, codes};
use crate::model::{DataCategory, DocumentKind, RequestStatus, Sector};

const ACTION: &str = "http://terminology.hl7.org/CodeSystem/consentaction";
const MARITAL: &str = "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus";

/// Codes with the words for them; no words where none are needed.
const KNOWN: &[(&str, &str, &str)] = &[
    (codes::SNOMED, codes::PATIENT_REFERRAL.0, codes::PATIENT_REFERRAL.1),
    (codes::BARS_EVENTS, codes::EVENT_REQUEST.0, codes::EVENT_REQUEST.1),
    (codes::BARS_EVENTS, codes::EVENT_RESPONSE.0, codes::EVENT_RESPONSE.1),
    (codes::BARS_REASON, "new", "New"),
    (codes::BARS_REASON, "update", ""),
    (codes::BARS_REASON, "delete", ""),
    (codes::BARS_SERVICE_REQUEST_CATEGORY, "referral", "Transfer of Care"),
    (codes::BARS_SERVICE_REQUEST_CATEGORY, "validation", ""),
    (codes::TASK_CODE, "fulfill", "Fulfill the focal request"),
    (codes::TASK, codes::TASK_SEND_INFORMATION, ""),
    (codes::TASK, codes::TASK_REQUEST, "Follow a request"),
    (codes::TASK, codes::TASK_NEXT_TEAM, "The team that has the request from now on"),
    (codes::TASK, codes::TASK_WITHDRAWN, "An earlier copy is out of force"),
    (codes::PROVENANCE_PARTICIPANT, "author", "Author"),
    (codes::CONSENT_SCOPE, "patient-privacy", "Privacy Consent"),
    (codes::ACT_CODE, "IDSCL", "information disclosure"),
    (codes::ACT_CODE, "OPTIN", "opt-in"),
    (codes::ACT_CODE, "OPTOUT", "opt-out"),
    (codes::ACT_CODE, "OPTOUTE", ""),
    (codes::PARTICIPATION, "IRCP", "information recipient"),
    (codes::PARTICIPATION, "PRCP", ""),
    (codes::PARTICIPATION, "AUT", ""),
    (codes::PARTICIPATION, "CST", ""),
    (codes::PARTICIPATION, "ENT", ""),
    (codes::PARTICIPATION, "INF", ""),
    (codes::PARTICIPATION, "SBJ", ""),
    (codes::ACT_REASON, "TREAT", "treatment"),
    (codes::ACT_REASON, "CAREMGT", ""),
    (codes::ACT_REASON, "COC", ""),
    (codes::ACT_REASON, "ETREAT", ""),
    (codes::ACT_REASON, "HRESCH", ""),
    (codes::ACT_REASON, "HPAYMT", ""),
    (codes::ACT_REASON, "HOPERAT", ""),
    (codes::SNOMED, "736253002", "Mental health crisis plan"),
    (codes::SNOMED, "325691000000100", "Contingency plan"),
    (codes::SNOMED, "718347000", ""),
    (codes::SNOMED, "734163000", ""),
    (codes::SNOMED, "373942005", ""),
    (codes::SNOMED, "823701000000103", ""),
    (codes::RECORD_HEADINGS, "consent-for-information-sharing", "Consent for information sharing"),
    (codes::DOCUMENT_SECTION, "attachments", "Attachments"),
    (codes::DOCUMENT_SECTION, "consent", "Consent to share"),
    (ACTION, "collect", ""),
    (ACTION, "access", ""),
    (ACTION, "use", ""),
    (ACTION, "disclose", ""),
    (ACTION, "correct", ""),
];

/// A Coding that is known, in our words; `None` for every other.
pub(super) fn coding(value: &Value) -> Option<Value> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    let (system, code) = (text("system"), text("code"));
    let category = DataCategory::from_code(code).filter(|_| system == codes::DATA_CATEGORY);
    let marital = system == MARITAL && code.len() == 1 && code.bytes().all(|b| b.is_ascii_uppercase());
    let words = match KNOWN.iter().find(|(s, c, _)| *s == system && *c == code) {
        Some((_, _, words)) => words,
        None if marital => "",
        None if system == codes::SECTOR => Sector::from_code(code)?.title(),
        None if system == codes::REQUEST_STATUS => RequestStatus::from_code(code)?.title(),
        None if system == codes::DOCUMENT_KIND => DocumentKind::from_code(code)?.title(),
        None => category?.title(),
    };
    let bare = json!({"system": system, "code": code});
    Some(if words.is_empty() { bare } else { json!({"system": system, "code": code, "display": words}) })
}

/// Whether a text is an address of a machine rather than words.
pub(super) fn is_url(text: &str) -> bool {
    let schemed = ["https://", "http://", "urn:"].iter().any(|scheme| text.starts_with(scheme));
    schemed && text.len() <= 200 && !text.chars().any(char::is_whitespace)
}

/// Whether a text is the name of a kind of document, in our words.
pub(super) fn is_title(value: &Value) -> bool {
    value == "Document" || DocumentKind::ALL.iter().any(|kind| value == kind.title())
}

/// Whether a text is one word of a machine: a code, a number, an identifier.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.len() <= 100 && text.bytes().all(|b| b.is_ascii_graphic())
}

/// What an extension may hold.
enum Shape {
    Absence,
    Flag,
    Date,
    /// Words of the category the extension has.
    Words,
    /// Codes of these systems, without words.
    Codes(&'static [&'static str]),
    /// The same, with words of the category the extension has.
    Said(&'static [&'static str]),
    Preference,
}

fn shape(url: &str) -> Option<Shape> {
    if url == codes::DATA_ABSENT_REASON {
        return Some(Shape::Absence);
    }
    match url.rsplit('/').next()? {
        "patient-interpreterRequired" | "no-fixed-address" | "Extension-UKCore-CopyCorrespondenceIndicator" => {
            Some(Shape::Flag)
        }
        "patient-birthTime" => Some(Shape::Date),
        "contact-notes" | "telecom-note" => Some(Shape::Words),
        "Extension-UKCore-EthnicCategory" => Some(Shape::Said(&[codes::ETHNIC_CATEGORY])),
        "Extension-UKCore-NHSNumberUnavailableReason" => Some(Shape::Said(&[codes::NHS_NUMBER_UNAVAILABLE])),
        "Extension-UKCore-NHSNumberVerificationStatus" => Some(Shape::Codes(&[codes::NHS_NUMBER_VERIFICATION])),
        "Extension-UKCore-SourceOfServiceRequest" => Some(Shape::Codes(&[codes::SNOMED, codes::SENDER_KIND])),
        "Extension-UKCore-ContactPreference" => Some(Shape::Preference),
        _ => None,
    }
}

const ABSENCES: &[&str] =
    &["unknown", "asked-unknown", "temp-unknown", "not-asked", "asked-declined", "masked", "not-applicable"];

/// An extension rebuilt from its url and the one value it may have; `None` for every other.
pub(super) fn extension(given: &Value) -> Option<Value> {
    let url = given.get("url")?.as_str()?;
    let text = |key: &str| given.get(key).and_then(Value::as_str);
    match shape(url)? {
        Shape::Absence => {
            let code = text("valueCode").filter(|code| ABSENCES.contains(code))?;
            Some(json!({"url": url, "valueCode": code}))
        }
        Shape::Flag => Some(json!({"url": url, "valueBoolean": given.get("valueBoolean")?.as_bool()?})),
        Shape::Date => {
            let date =
                text("valueDateTime").filter(|date| !date.chars().any(|c| c.is_alphabetic() && !"TZ".contains(c)))?;
            Some(json!({"url": url, "valueDateTime": date}))
        }
        Shape::Words => Some(json!({"url": url, "valueString": text("valueString")?})),
        Shape::Codes(systems) => {
            let concept = codes_of(given.get("valueCodeableConcept")?, systems)?;
            Some(json!({"url": url, "valueCodeableConcept": concept}))
        }
        Shape::Said(systems) => {
            let given = given.get("valueCodeableConcept")?;
            let mut concept = Map::new();
            build::put(&mut concept, "coding", codes_of(given, systems).and_then(|kept| kept.get("coding").cloned()));
            build::put(&mut concept, "text", given.get("text").and_then(Value::as_str));
            (!concept.is_empty()).then(|| json!({"url": url, "valueCodeableConcept": concept}))
        }
        Shape::Preference => {
            let parts: Vec<Value> = given.get("extension")?.as_array()?.iter().filter_map(preference).collect();
            (!parts.is_empty()).then(|| json!({"url": url, "extension": parts}))
        }
    }
}

fn preference(part: &Value) -> Option<Value> {
    let url = part.get("url")?.as_str()?;
    let system = match url {
        "PreferredContactMethod" => codes::CONTACT_METHOD,
        "PreferredWrittenCommunicationFormat" => codes::WRITTEN_FORMAT,
        "PreferredContactTimes" => return Some(json!({"url": url, "valueString": part.get("valueString")?.as_str()?})),
        _ => return None,
    };
    let concept = codes_of(part.get("valueCodeableConcept")?, &[system])?;
    Some(json!({"url": url, "valueCodeableConcept": concept}))
}

/// A CodeableConcept of codes of these systems and nothing else.
fn codes_of(concept: &Value, systems: &[&str]) -> Option<Value> {
    let kept: Vec<Value> = concept
        .get("coding")?
        .as_array()?
        .iter()
        .filter_map(|coding| {
            let text = |key: &str| coding.get(key).and_then(Value::as_str);
            let (system, code) = (text("system")?, text("code")?);
            let short = code.len() <= 32 && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            (systems.contains(&system) && short).then(|| json!({"system": system, "code": code}))
        })
        .collect();
    (!kept.is_empty()).then(|| json!({"coding": kept}))
}

#[cfg(test)]
mod tests {
    use super::{coding, extension, is_token, is_url};
    use crate::fhir::codes;
    use serde_json::json;

    #[test]
    fn only_known_codes_stay_and_in_our_words() {
        let given = json!({"system": codes::SNOMED, "code": "3457005", "display": "MARK"});
        assert_eq!(coding(&given).unwrap()["display"], "Patient referral");
        for other in [json!({"system": "urn:local", "code": "x"}), json!({"system": codes::SNOMED, "code": "38670004"})]
        {
            assert!(coding(&other).is_none(), "{other}");
        }
        assert!(is_url("https://gp.example/fhir") && !is_url("takes heroin") && !is_token("takes heroin"));
    }

    #[test]
    fn an_extension_holds_its_one_value_and_nothing_else() {
        let ethnic = codes::ukcore_extension("EthnicCategory");
        let concept = json!({"coding": [{"system": codes::ETHNIC_CATEGORY, "code": "A", "display": "MARK"}, {"code": "MARK"}], "text": "own words"});
        let kept = extension(&json!({"url": ethnic, "valueCodeableConcept": concept, "extension": [{"url": "MARK"}]}));
        let kept = kept.unwrap().to_string();
        assert!(!kept.contains("MARK") && kept.contains("own words"), "what the person calls it is theirs: {kept}");
        for other in [
            json!({"url": codes::DATA_ABSENT_REASON, "valueString": "MARK"}),
            json!({"url": codes::DATA_ABSENT_REASON, "valueCode": "MARK"}),
            json!({"url": codes::DATA_ABSENT_REASON, "extension": [{"url": "urn:x", "valueString": "MARK"}]}),
            json!({"url": codes::ukcore_extension("BirthSex"), "valueAttachment": {"title": "MARK"}}),
            json!({"url": codes::ukcore_extension("AdditionalContact"), "valueReference": {"display": "MARK"}}),
        ] {
            assert!(extension(&other).is_none(), "{other}");
        }
    }
}
