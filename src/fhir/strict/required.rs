//! Code lists with required binding that a message can do harm by leaving: who is meant, what is asked, what is
//! allowed (<https://hl7.org/fhir/R4/terminologies.html#required>). The full terminology comes with the full validator.

const REQUEST_STATUS: &[&str] = &["draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"];
const REQUEST_INTENT: &[&str] = &[
    "proposal",
    "plan",
    "directive",
    "order",
    "original-order",
    "reflex-order",
    "filler-order",
    "instance-order",
    "option",
];
const REQUEST_PRIORITY: &[&str] = &["routine", "urgent", "asap", "stat"];
const TASK_STATUS: &[&str] = &[
    "draft",
    "requested",
    "received",
    "accepted",
    "rejected",
    "ready",
    "cancelled",
    "in-progress",
    "on-hold",
    "failed",
    "completed",
    "entered-in-error",
];
const TASK_INTENT: &[&str] = &[
    "unknown",
    "proposal",
    "plan",
    "order",
    "original-order",
    "reflex-order",
    "filler-order",
    "instance-order",
    "option",
];

/// The codes an element must be one of, if it is bound to a list that is known here.
pub(super) fn codes(place: &str, name: &str) -> Option<&'static [&'static str]> {
    Some(match (place, name) {
        ("Patient" | "Person" | "Practitioner" | "RelatedPerson", "gender") => &["male", "female", "other", "unknown"],
        ("ServiceRequest" | "Task", "priority") => REQUEST_PRIORITY,
        ("ServiceRequest", "status") => REQUEST_STATUS,
        ("ServiceRequest", "intent") => REQUEST_INTENT,
        ("Task", "status") => TASK_STATUS,
        ("Task", "intent") => TASK_INTENT,
        ("Consent", "status") => &["draft", "proposed", "active", "rejected", "inactive", "entered-in-error"],
        ("Consent.provision", "type") => &["deny", "permit"],
        ("Identifier", "use") => &["usual", "official", "temp", "secondary", "old"],
        ("Narrative", "status") => &["generated", "extensions", "additional", "empty"],
        _ => return None,
    })
}
