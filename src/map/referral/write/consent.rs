//! Consent (UKCore-Consent): the person's wishes in the shape the consent engine reads: a root provision without type
//! that holds one nested provision for each permission and each objection.

use serde_json::{Map, Value, json};

use super::Writer;
use super::datatypes::recipient;
use crate::documents::referral::{Sharing, Wish};
use crate::fhir::build::{coding, concept, put};
use crate::fhir::codes;

impl Writer<'_> {
    /// One Consent, where the document states a position.
    pub(super) fn consent(&mut self) {
        let Some(position) = &self.referral.consent else { return };
        let mut out = self.resource("Consent", "consent", true, None, &["Recorded wishes about sharing"]);
        put(&mut out, "status", "active");
        put(&mut out, "scope", concept(codes::CONSENT_SCOPE, "patient-privacy", "Privacy Consent"));
        put(&mut out, "category", json!([concept(codes::ACT_CODE, "IDSCL", "information disclosure")]));
        put(&mut out, "patient", self.refer("patient"));
        put(&mut out, "dateTime", position.recorded.clone());
        put(&mut out, "performer", position.recorded_by.as_ref().map(|by| json!([{"display": by}])));
        let organisation = self.referral.referrer.organisation.as_ref();
        put(&mut out, "organization", organisation.map(|_| json!([self.refer("organisation:referrer")])));
        let ours = coding(codes::SHARING_POSITION, position.sharing.code(), position.sharing.title());
        let opt_in = match position.sharing {
            Sharing::Agreed | Sharing::AgreedInPart => Some(coding(codes::ACT_CODE, "OPTIN", "opt-in")),
            Sharing::CareTeamOnly | Sharing::NotAsked | Sharing::LacksCapacity => None,
        };
        let codings: Vec<Value> = std::iter::once(ours).chain(opt_in).collect();
        put(&mut out, "policyRule", json!({"coding": codings}));
        let permits = position.permissions.iter().map(|wish| provision("permit", wish));
        let denials = position.objections.iter().map(|wish| provision("deny", wish));
        let nested: Vec<Value> = permits.chain(denials).collect();
        if !nested.is_empty() {
            put(&mut out, "provision", json!({"provision": nested}));
        }
        self.push("consent", out);
    }
}

fn provision(kind: &str, wish: &Wish) -> Value {
    let mut period = Map::new();
    put(&mut period, "start", wish.from.clone());
    put(&mut period, "end", wish.until.clone());
    let mut out = Map::new();
    put(&mut out, "type", kind);
    put(&mut out, "period", period);
    if let Some(to) = &wish.recipient {
        let role = concept(codes::PARTICIPATION, "IRCP", "information recipient");
        put(&mut out, "actor", json!([{"role": role, "reference": recipient(to)}]));
    }
    // an objection names no purpose, so that it holds for every one of them
    let purpose = (kind == "permit").then(|| json!([coding(codes::ACT_REASON, "TREAT", "treatment")]));
    put(&mut out, "purpose", purpose);
    let classes = wish.categories.iter().map(|c| coding(codes::DATA_CATEGORY, c.code(), c.title()));
    put(&mut out, "class", classes.collect::<Vec<_>>());
    Value::Object(out)
}
