//! Consent resources as the native consent position. For people to read: the consent engine decides on the FHIR form.

use serde_json::Value;

use super::Subject;
use super::datatypes::code_of;
use super::statement::code_in;
use crate::documents::parts::{ConsentPosition, Sharing, Wish};
use crate::fhir::codes;
use crate::map::NoteKind;
use crate::map::element::Element;
use crate::model::DataCategory;

impl<'b> Subject<'_, 'b> {
    /// Every active Consent about sharing that the caller has not read otherwise; the first gives the position, all of
    /// them their permissions and objections.
    pub(in crate::map) fn consent(&self, read: &[usize]) -> Option<ConsentPosition> {
        let mut out: Option<ConsentPosition> = None;
        for (place, value) in self.about_patient("Consent", "patient") {
            if read.contains(&place) || !is_about_sharing(value) {
                continue;
            }
            let mut found = self.one_consent(place, value);
            match &mut out {
                Some(consent) => {
                    // the position and who recorded it are those of the first
                    for key in ["dateTime", "performer", "policyRule"] {
                        if let Some(said) = value.get(key) {
                            self.source.notes.keep(&format!("Bundle.entry[{place}].resource.{key}"), said);
                        }
                    }
                    consent.permissions.append(&mut found.permissions);
                    consent.objections.append(&mut found.objections);
                }
                slot @ None => *slot = Some(found),
            }
        }
        out
    }

    fn one_consent(&self, place: usize, value: &'b Value) -> ConsentPosition {
        let mut element = self.source.open(place);
        consent_frame(&mut element);
        let recorded = element.string("dateTime");
        let mut recorded_by = None;
        for performer in element.children("performer") {
            if recorded_by.is_none() {
                let (author, organisation) = self.source_of(performer, value);
                recorded_by = author.or(organisation);
            }
        }
        let (permissions, objections) = self.wishes(&mut element, value);
        let sharing = position(&mut element, !permissions.is_empty());
        ConsentPosition { sharing, recorded, recorded_by, permissions, objections }
    }

    /// Permissions and objections of a Consent.
    pub(in crate::map) fn wishes(&self, element: &mut Element<'_>, holder: &'b Value) -> (Vec<Wish>, Vec<Wish>) {
        let (mut permissions, mut objections) = (Vec::new(), Vec::new());
        if let Some(root) = element.child("provision") {
            self.provision(root, holder, &mut permissions, &mut objections);
        }
        (permissions, objections)
    }

    /// A provision and those nested in it. A permission for nobody in particular is left and so reported.
    fn provision(
        &self,
        mut element: Element<'_>,
        holder: &'b Value,
        permissions: &mut Vec<Wish>,
        objections: &mut Vec<Wish>,
    ) {
        let narrowed = NARROWING.iter().any(|key| element.peek(key).is_some());
        if narrowed && element.peek("type").and_then(Value::as_str) == Some("permit") {
            return; // read without what narrows it, it would permit more than was permitted
        }
        for nested in element.children("provision") {
            self.provision(nested, holder, permissions, objections);
        }
        let has_actor = element.peek("actor").is_some();
        let kind = element.peek("type").and_then(Value::as_str).map(str::to_owned);
        let list = match (kind.as_deref(), has_actor) {
            (Some("permit"), true) => permissions,
            (Some("deny"), _) => objections,
            _ => return,
        };
        element.ignore(&["type"]);
        let (mut from, mut until) = (None, None);
        if let Some(mut period) = element.child("period") {
            from = period.string("start");
            until = period.string("end");
        }
        for purpose in element.children("purpose") {
            let treatment = purpose.peek("code").and_then(Value::as_str) == Some("TREAT");
            match (treatment, kind.as_deref()) {
                (true, Some("permit")) => {
                    let mut purpose = purpose;
                    purpose.implied("system", codes::ACT_REASON);
                    purpose.ignore(&["code", "display"]);
                    purpose.keep_rest();
                }
                (true, _) => purpose.keep_rest(), // an objection is to every purpose
                _ => {}
            }
        }
        let mut categories = Vec::new();
        for mut class in element.children("class") {
            if class.peek("system").and_then(Value::as_str) == Some(codes::DATA_CATEGORY) {
                categories.extend(class.parsed("code", DataCategory::from_code));
                class.ignore(&["system", "display"]);
            }
        }
        let actors = element.children("actor");
        if actors.is_empty() {
            list.push(Wish { recipient: None, categories, from, until });
            return;
        }
        for mut actor in actors {
            if let Some(mut role) = actor.child("role") {
                code_of(&mut role, codes::PARTICIPATION, |code| (code == "IRCP").then_some(()));
                role.keep_rest();
            }
            let recipient = actor.child("reference").and_then(|reference| self.recipient_at(reference, holder));
            if recipient.is_some() {
                list.push(Wish { recipient, categories: categories.clone(), from: from.clone(), until: until.clone() });
            }
        }
    }
}

/// What narrows a provision in ways a wish cannot.
const NARROWING: &[&str] = &["securityLabel", "code", "data", "dataPeriod", "action", "modifierExtension"];

/// Whether a Consent is in force and about sharing rather than care or research.
pub(in crate::map) fn is_about_sharing(consent: &Value) -> bool {
    let active = consent.get("status").and_then(Value::as_str) == Some("active");
    let scope = consent.get("scope");
    // a modifier changes what the rest means, so the rest is not read without it
    let plain = consent.get("modifierExtension").is_none();
    active && plain && scope.is_none_or(|s| code_in(Some(s), codes::CONSENT_SCOPE) == Some("patient-privacy"))
}

/// Takes what every Consent of ours says alike.
pub(in crate::map) fn consent_frame(element: &mut Element<'_>) {
    element.ignore(&["patient", "status", "organization"]);
    if let Some(mut scope) = element.child("scope") {
        code_of(&mut scope, codes::CONSENT_SCOPE, |code| (code == "patient-privacy").then_some(()));
    }
    for mut category in element.children("category") {
        code_of(&mut category, codes::ACT_CODE, |code| (code == "IDSCL").then_some(()));
    }
}

/// Where the person stands: our own code, else what the policy rule amounts to.
fn position(element: &mut Element<'_>, permits: bool) -> Sharing {
    let path = format!("{}.policyRule", element.path());
    let notes = element.notes();
    if let Some(mut rule) = element.child("policyRule") {
        let ours = code_of(&mut rule, codes::SHARING_POSITION, Sharing::from_code);
        let opted_in = code_of(&mut rule, codes::ACT_CODE, |code| (code == "OPTIN").then_some(()));
        let implied = rule.peek("coding").and_then(Value::as_array).into_iter().flatten();
        let implied = implied.into_iter().any(|coding| {
            let text = |key: &str| coding.get(key).and_then(Value::as_str);
            text("system") == Some(codes::ACT_CODE) && text("code") == Some("IMPLIED")
        });
        if let Some(position) = ours {
            return position;
        }
        if opted_in.is_some() {
            notes.add(NoteKind::Coerced, path, "Opting in is read as having agreed.");
            return Sharing::Agreed;
        }
        if implied && !permits {
            // it says no more than the law: within the team that cares for the person, and nowhere else
            notes.add(NoteKind::Coerced, path, "Implied consent to direct care: nothing was asked beyond it.");
            rule.keep_rest();
            return Sharing::NotAsked;
        }
    }
    notes.add(NoteKind::Defaulted, path, "No position on sharing was stated.");
    if permits { Sharing::AgreedInPart } else { Sharing::NotAsked }
}
