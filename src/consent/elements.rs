//! The elements that survive in resources decided element by element, each with its label and how it is copied.
//! What is not listed is unassigned. A table: knows no bundle and decides nothing.

use super::label::Label;
use crate::fhir::codes;
use crate::model::DataCategory as C;

/// How an element is copied into a reduced release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A value of a primitive type, without extensions.
    Plain,
    /// As it is, but for extensions that are not on the list: it belongs to its category.
    Value,
    /// As it is, whole: text of its category.
    Text,
    /// CodeableConcept or Coding, without text.
    Code,
    /// Identifier, without assigner.
    Identifier,
    /// Reference to a party the message needs: who sends, asks or cares. A name only where nothing else says who.
    Party,
    /// Reference to something that goes along, without a name.
    Local,
    /// Reference to anything that goes along, parties too, without a name.
    Pointer,
    /// The name of a kind of document, in our words and no others.
    Title,
    /// Reference to whom something is asked of: only to the recipient itself.
    Recipient,
    /// An address of a machine.
    Url,
    /// Languages: codes, and a name of one in a few letters.
    Languages,
    /// A structure whose own elements are listed by path.
    Group,
    /// Annotations: the gateway's own statements are administrative, the others have the label.
    Notes,
    /// Where a message goes: only to the recipient itself, for who else was written to is nobody's business.
    Destinations,
    /// What a Consent rests on: the base policy as a code; our own words on where the person stands stay here.
    Policy,
}

/// One line of the table.
pub(super) struct Element {
    pub form: Form,
    pub label: Label,
}

/// The line for an element, by resource type and path (`agent.who`).
pub(super) fn element(kind: &str, path: &str) -> Option<Element> {
    let table = TABLE.iter().find(|(wanted, _)| *wanted == kind).map(|(_, lines)| *lines)?;
    let (form, label, _) = table.iter().find(|(_, _, names)| names.contains(&path))?;
    Some(Element { form: *form, label: *label })
}

/// The label of an extension that may stay on the subject or its elements; `None` for all others.
pub(super) fn extension(url: &str) -> Option<Label> {
    const UKCORE: &str = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-";
    const BASE: &str = "http://hl7.org/fhir/StructureDefinition/";
    if url == codes::DATA_ABSENT_REASON {
        return Some(Label::Administrative);
    }
    if let Some(name) = url.strip_prefix(codes::BASE).and_then(|rest| rest.strip_prefix("/StructureDefinition/")) {
        return OWN_CONTACT.contains(&name).then(|| C::ContactAndCommunication.into());
    }
    let listed = |names: &[&str], name: &str| names.contains(&name);
    if let Some(name) = url.strip_prefix(UKCORE) {
        return if listed(UKCORE_IDENTITY, name) {
            Some(C::Demographics.into())
        } else if listed(UKCORE_CONTACT, name) {
            Some(C::ContactAndCommunication.into())
        } else if name == "AdditionalContact" {
            // A reference to a professional or organisation, and nothing else.
            Some(Label::Administrative)
        } else if name == "SourceOfServiceRequest" || name == "PriorityReason" {
            Some(C::ReferralReason.into())
        } else {
            None
        };
    }
    match url.strip_prefix(BASE)? {
        "patient-birthTime" => Some(C::Demographics.into()),
        "patient-interpreterRequired" | "patient-preferenceType" | "patient-proficiency" => {
            Some(C::ContactAndCommunication.into())
        }
        _ => None,
    }
}

const UKCORE_IDENTITY: &[&str] = &[
    "BirthSex",
    "DeathNotificationStatus",
    "EthnicCategory",
    "NHSNumberUnavailableReason",
    "NHSNumberVerificationStatus",
];
const UKCORE_CONTACT: &[&str] = &[
    "AddressKey",
    "ContactPreference",
    "ContactRank",
    "CopyCorrespondenceIndicator",
    "NHSCommunication",
    "OtherContactSystem",
];

/// Our own extensions on Patient, ContactPoint and Address.
const OWN_CONTACT: &[&str] = &["contact-notes", "no-fixed-address", "telecom-note"];

type Line = (Form, Label, &'static [&'static str]);

const ADMIN: Label = Label::Administrative;
const IDENTITY: Label = Label::Category(C::Demographics);
const CONTACT: Label = Label::Category(C::ContactAndCommunication);
const REASON: Label = Label::Category(C::ReferralReason);
const CARER: Label = Label::Category(C::Carer);

/// Name, telecom and address of organisations and professionals are theirs, not the person's.
const TABLE: &[(&str, &[Line])] = &[
    (
        "Patient",
        &[
            (Form::Identifier, IDENTITY, &["identifier"]),
            (Form::Value, IDENTITY, &["name"]),
            (Form::Code, IDENTITY, &["maritalStatus"]),
            (Form::Value, IDENTITY, &["active", "gender", "birthDate", "deceasedBoolean", "deceasedDateTime"]),
            (Form::Party, IDENTITY, &["generalPractitioner"]),
            (Form::Value, CONTACT, &["telecom", "address"]),
            (Form::Languages, CONTACT, &["communication"]),
            (Form::Text, CARER, &["contact"]),
        ],
    ),
    (
        "ServiceRequest",
        &[
            (Form::Identifier, ADMIN, &["identifier", "requisition"]),
            (Form::Plain, ADMIN, &["status", "intent", "priority", "doNotPerform", "authoredOn", "occurrenceDateTime"]),
            (Form::Code, ADMIN, &["category", "code"]),
            (Form::Local, ADMIN, &["subject", "supportingInfo"]),
            (Form::Party, ADMIN, &["requester"]),
            (Form::Recipient, ADMIN, &["performer"]),
            (Form::Local, REASON, &["reasonReference"]),
            (Form::Text, REASON, &["reasonCode", "patientInstruction", "orderDetail"]),
            (Form::Notes, REASON, &["note"]),
            (Form::Group, ADMIN, &["replaces"]),
            (Form::Plain, ADMIN, &["replaces.type"]),
            (Form::Identifier, ADMIN, &["replaces.identifier"]),
        ],
    ),
    (
        "Composition",
        &[
            (Form::Identifier, ADMIN, &["identifier", "relatesTo.targetIdentifier"]),
            (
                Form::Plain,
                ADMIN,
                &["status", "date", "confidentiality", "attester.mode", "attester.time", "relatesTo.code"],
            ),
            (Form::Code, ADMIN, &["type"]),
            (Form::Title, ADMIN, &["title"]),
            (Form::Local, ADMIN, &["subject"]),
            (Form::Party, ADMIN, &["author", "custodian", "attester.party"]),
            (Form::Pointer, ADMIN, &["event.detail"]),
            (Form::Group, ADMIN, &["attester", "relatesTo", "event"]),
        ],
    ),
    (
        "CarePlan",
        &[
            (Form::Identifier, ADMIN, &["identifier"]),
            (Form::Plain, ADMIN, &["status", "intent", "created", "period.start", "period.end"]),
            (Form::Code, ADMIN, &["category"]),
            (Form::Title, ADMIN, &["title"]),
            (Form::Local, ADMIN, &["subject"]),
            (Form::Party, ADMIN, &["author"]),
            (Form::Pointer, ADMIN, &["goal", "careTeam", "supportingInfo", "activity.reference"]),
            (Form::Group, ADMIN, &["activity", "period"]),
        ],
    ),
    (
        "MessageHeader",
        &[
            (Form::Code, ADMIN, &["eventCoding", "reason"]),
            (Form::Plain, ADMIN, &["response.identifier", "response.code"]),
            (Form::Url, ADMIN, &["eventUri", "source.endpoint"]),
            (Form::Group, ADMIN, &["source", "response"]),
            (Form::Party, ADMIN, &["sender"]),
            (Form::Local, ADMIN, &["focus"]),
            (Form::Destinations, ADMIN, &["destination"]),
        ],
    ),
    (
        "Organization",
        &[
            (Form::Identifier, ADMIN, &["identifier"]),
            (Form::Plain, ADMIN, &["active", "name"]),
            // Its sector, so that private and NHS stay distinguishable (CS-13).
            (Form::Code, ADMIN, &["type"]),
            (Form::Value, ADMIN, &["telecom", "address"]),
        ],
    ),
    (
        "Practitioner",
        &[
            (Form::Identifier, ADMIN, &["identifier"]),
            (Form::Plain, ADMIN, &["active"]),
            (Form::Value, ADMIN, &["name"]),
        ],
    ),
    (
        "PractitionerRole",
        &[
            (Form::Identifier, ADMIN, &["identifier"]),
            (Form::Plain, ADMIN, &["active"]),
            (Form::Value, ADMIN, &["telecom"]),
            (Form::Party, ADMIN, &["practitioner", "organization"]),
        ],
    ),
    ("HealthcareService", NAMED),
    ("Location", NAMED),
    ("Endpoint", NAMED),
    (
        "Task",
        &[
            (Form::Identifier, ADMIN, &["identifier", "groupIdentifier"]),
            (Form::Plain, ADMIN, &["status", "intent", "priority", "authoredOn", "lastModified"]),
            (Form::Code, ADMIN, &["code", "businessStatus"]),
            (Form::Local, ADMIN, &["focus", "for"]),
            (Form::Party, ADMIN, &["requester"]),
            (Form::Recipient, ADMIN, &["owner"]),
            // who has a request from now on
            (Form::Group, ADMIN, &["output"]),
            (Form::Code, ADMIN, &["output.type"]),
            (Form::Party, ADMIN, &["output.valueReference"]),
        ],
    ),
    (
        "Provenance",
        &[
            (Form::Local, ADMIN, &["target"]),
            (Form::Party, ADMIN, &["agent.who"]),
            (Form::Plain, ADMIN, &["recorded", "occurredDateTime"]),
            (Form::Code, ADMIN, &["agent.type"]),
            (Form::Group, ADMIN, &["agent"]),
        ],
    ),
    ("OperationOutcome", &[(Form::Group, ADMIN, &["issue"]), (Form::Plain, ADMIN, &["issue.severity", "issue.code"])]),
    (
        "Consent",
        &[
            (Form::Identifier, ADMIN, &["identifier"]),
            (Form::Plain, ADMIN, &["status", "dateTime"]),
            (Form::Code, ADMIN, &["scope", "category"]),
            (Form::Policy, ADMIN, &["policyRule"]),
            (Form::Local, ADMIN, &["patient"]),
            (Form::Party, ADMIN, &["organization"]),
        ],
    ),
];

/// Nothing needs these in a reduced copy; contained ones say what they are called.
const NAMED: &[Line] =
    &[(Form::Identifier, ADMIN, &["identifier"]), (Form::Plain, ADMIN, &["status", "active", "name"])];

#[cfg(test)]
mod tests {
    use super::{Form, Label, TABLE, element, extension};
    use crate::consent::parts::ADMINISTRATIVE;

    #[test]
    fn every_resource_decided_by_element_has_a_table_and_no_element_twice() {
        for kind in ADMINISTRATIVE.iter().chain(&[
            "Patient",
            "ServiceRequest",
            "MessageHeader",
            "Consent",
            "Composition",
            "CarePlan",
        ]) {
            let (_, lines) = TABLE.iter().find(|(wanted, _)| wanted == kind).unwrap();
            let mut names: Vec<_> = lines.iter().flat_map(|(_, _, names)| names.iter()).collect();
            names.sort();
            let all = names.len();
            names.dedup();
            assert_eq!(names.len(), all, "{kind}");
        }
    }

    #[test]
    fn what_is_not_listed_is_not_found() {
        assert_eq!(element("Patient", "name").unwrap().form, Form::Value);
        assert!(element("Patient", "photo").is_none());
        assert!(element("Task", "description").is_none());
        assert!(extension("https://example.org/anything").is_none());
        assert_eq!(extension(crate::fhir::codes::DATA_ABSENT_REASON), Some(Label::Administrative));
    }
}
