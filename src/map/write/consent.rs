//! Consent (UKCore-Consent): the person's wishes in the shape the consent engine reads: a root provision without type
//! that holds one nested provision for each permission and each objection.

use serde_json::{Map, Value, json};

use super::Entries;
use super::datatypes::recipient;
use crate::documents::parts::{ConsentPosition, Sharing, Wish};
use crate::fhir::build::{coding, concept, put};
use crate::fhir::codes;

impl Entries {
    /// A Consent of the person about sharing, without its provisions: they and the position are the caller's to add.
    /// `recorded` is when and by whom.
    pub(in crate::map) fn consent_frame(
        &self,
        role: &str,
        organisation: Option<&str>,
        recorded: (Option<&str>, Option<&str>),
        words: &str,
    ) -> Map<String, Value> {
        let mut out = self.resource("Consent", role, true, None, &[words]);
        put(&mut out, "status", "active");
        put(&mut out, "scope", concept(codes::CONSENT_SCOPE, "patient-privacy", "Privacy Consent"));
        put(&mut out, "category", json!([concept(codes::ACT_CODE, "IDSCL", "information disclosure")]));
        put(&mut out, "patient", self.refer("patient"));
        let (moment, by) = recorded;
        put(&mut out, "dateTime", moment);
        put(&mut out, "performer", by.map(|by| json!([{"display": by}])));
        put(&mut out, "organization", organisation.map(|role| json!([self.refer(role)])));
        out
    }

    /// The person's position on sharing; `organisation` is the role of the Organization that recorded it.
    pub(in crate::map) fn consent(&mut self, position: &ConsentPosition, organisation: Option<&str>) {
        let recorded = (position.recorded.as_deref(), position.recorded_by.as_deref());
        let mut out = self.consent_frame("consent", organisation, recorded, "Recorded wishes about sharing");
        let ours = coding(codes::SHARING_POSITION, position.sharing.code(), position.sharing.title());
        let opt_in = match position.sharing {
            Sharing::Agreed | Sharing::AgreedInPart => Some(coding(codes::ACT_CODE, "OPTIN", "opt-in")),
            Sharing::CareTeamOnly | Sharing::NotAsked | Sharing::LacksCapacity => None,
        };
        let codings: Vec<Value> = std::iter::once(ours).chain(opt_in).collect();
        put(&mut out, "policyRule", json!({"coding": codings}));
        let permits = position.permissions.iter().map(|wish| provision("permit", wish, None));
        let denials = position.objections.iter().map(|wish| provision("deny", wish, None));
        let nested: Vec<Value> = permits.chain(denials).collect();
        if !nested.is_empty() {
            put(&mut out, "provision", json!({"provision": nested}));
        }
        self.push("consent", out);
    }
}

/// One wish as a provision; `actor` is the fullUrl of the resource that stands for the recipient, where there is one.
pub(in crate::map) fn provision(kind: &str, wish: &Wish, actor: Option<&str>) -> Value {
    let mut period = Map::new();
    put(&mut period, "start", wish.from.clone());
    put(&mut period, "end", wish.until.clone());
    let mut out = Map::new();
    put(&mut out, "type", kind);
    put(&mut out, "period", period);
    if let Some(to) = &wish.recipient {
        let role = concept(codes::PARTICIPATION, "IRCP", "information recipient");
        let mut reference = recipient(to);
        if let (Some(url), Some(fields)) = (actor, reference.as_object_mut()) {
            put(fields, "reference", url);
        }
        put(&mut out, "actor", json!([{"role": role, "reference": reference}]));
    }
    // an objection names no purpose, so that it holds for every one of them
    let purpose = (kind == "permit").then(|| json!([coding(codes::ACT_REASON, "TREAT", "treatment")]));
    put(&mut out, "purpose", purpose);
    let classes = wish.categories.iter().map(|c| coding(codes::DATA_CATEGORY, c.code(), c.title()));
    put(&mut out, "class", classes.collect::<Vec<_>>());
    Value::Object(out)
}
