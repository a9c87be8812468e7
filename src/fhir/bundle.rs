//! A FHIR Bundle held in its JSON form, and the few questions the gateway asks of one.
//! Does not decide whether the bundle is valid.

use serde_json::{Map, Value, json};

use super::{build, codes, identifier};
use crate::model::{Issue, IssueCode, Party};

/// A resource whose `resourceType` is `Bundle`; nothing more is promised until `validate` has seen it.
#[derive(Debug, Clone, PartialEq)]
pub struct Bundle(Value);

impl Bundle {
    /// Takes a parsed resource as a bundle.
    ///
    /// # Errors
    /// When it is not a JSON object with `resourceType` `Bundle`.
    pub fn new(value: Value) -> Result<Self, Issue> {
        match resource_type(&value) {
            Some("Bundle") => Ok(Self(value)),
            Some(other) => Err(Issue::error(
                IssueCode::Structure,
                format!("A Bundle is expected here, not a resource of type {other}. Put the message in a Bundle of type message."),
            )
            .at(other)),
            None => Err(Issue::error(IssueCode::Structure, "resourceType is missing: the content is not a FHIR resource.")),
        }
    }

    #[must_use]
    pub const fn value(&self) -> &Value {
        &self.0
    }

    #[must_use]
    pub fn into_value(self) -> Value {
        self.0
    }

    /// `Bundle.type`.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        self.0.get("type")?.as_str()
    }

    /// Entries that hold a resource, as (fullUrl, resource), in order.
    pub fn entries(&self) -> impl Iterator<Item = (Option<&str>, &Value)> {
        self.0.get("entry").and_then(Value::as_array).into_iter().flatten().filter_map(|entry| {
            let resource = entry.get("resource")?;
            Some((entry.get("fullUrl").and_then(Value::as_str), resource))
        })
    }

    /// Resources with the number of their entry, to tell paths (`Bundle.entry[2].resource`).
    pub fn numbered(&self) -> impl Iterator<Item = (usize, &Value)> {
        let entries = self.0.get("entry").and_then(Value::as_array).into_iter().flatten().enumerate();
        entries.filter_map(|(index, entry)| Some((index, entry.get("resource")?)))
    }

    /// Resources of one type with the number of their entry, to be changed.
    pub fn numbered_mut<'a>(
        &'a mut self,
        wanted: &'a str,
    ) -> impl Iterator<Item = (usize, &'a mut Map<String, Value>)> + use<'a> {
        let entries = self.0.get_mut("entry").and_then(Value::as_array_mut).into_iter().flatten().enumerate();
        entries
            .filter_map(|(index, entry)| Some((index, entry.get_mut("resource")?.as_object_mut()?)))
            .filter(move |(_, resource)| resource.get("resourceType").and_then(Value::as_str) == Some(wanted))
    }

    /// Resources of one type, in order.
    pub fn all<'a>(&'a self, wanted: &'a str) -> impl Iterator<Item = &'a Value> {
        self.entries().map(|(_, resource)| resource).filter(move |r| resource_type(r) == Some(wanted))
    }

    /// The first resource of a type.
    #[must_use]
    pub fn first<'a>(&'a self, wanted: &'a str) -> Option<&'a Value> {
        self.all(wanted).next()
    }

    /// Resolves a reference within the bundle: by fullUrl, or `Type/id` against fullUrl endings and ids
    /// (<https://hl7.org/fhir/R4/bundle.html#references>). Contained (`#…`) references are not looked up here.
    #[must_use]
    pub fn resolve(&self, reference: &str) -> Option<&Value> {
        self.entries()
            .find(|(url, _)| *url == Some(reference))
            .or_else(|| {
                let (kind, id) = reference.rsplit_once('/')?;
                let kind = kind.rsplit('/').next()?;
                self.entries()
                    .find(|(_, r)| resource_type(r) == Some(kind) && r.get("id").and_then(Value::as_str) == Some(id))
            })
            .map(|(_, resource)| resource)
    }

    /// Follows a Reference element (`{"reference": …}`) within the bundle.
    #[must_use]
    pub fn follow(&self, reference: Option<&Value>) -> Option<&Value> {
        self.resolve(reference?.get("reference")?.as_str()?)
    }

    /// What identifies the message across systems: the key of its `identifier`, else of its `id`.
    #[must_use]
    pub fn message_key(&self) -> Option<String> {
        let identifier = self.0.get("identifier").and_then(identifier::key_of);
        identifier.or_else(|| self.0.get("id")?.as_str().map(identifier::key_of_id))
    }

    /// The same bundle addressed to one recipient: `MessageHeader.destination`, and the copies a document asks for, name
    /// it and nobody else, so that no recipient learns who else was written to.
    #[must_use]
    pub fn addressed_to(mut self, party: &Party, endpoint: &str) -> Self {
        let mut receiver = Map::new();
        if let Some(ods) = &party.ods {
            receiver.insert("identifier".into(), json!({"system": codes::ODS_ORGANISATION, "value": ods.as_str()}));
        }
        receiver.insert("display".into(), Value::from(party.name.clone()));
        let destination = json!([{"name": party.name, "endpoint": endpoint, "receiver": receiver}]);
        if let Some(header) = self.first_mut("MessageHeader") {
            header.insert("destination".into(), destination);
        }
        for (_, composition) in self.numbered_mut("Composition") {
            only_copy(composition, party);
        }
        self
    }

    /// The same bundle in which the sender's organisation says which sector it belongs to, where it is there by an
    /// identifier of the sender's and does not say so itself: NHS and private stay distinguishable in what goes from one
    /// to the other (CS-13).
    #[must_use]
    pub fn stating_sector(mut self, sender: &Party) -> Self {
        let ours = |coding: &Value| coding.get("system").and_then(Value::as_str) == Some(codes::SECTOR);
        for (_, organisation) in self.numbered_mut("Organization") {
            let identifiers = organisation.get("identifier").and_then(Value::as_array).into_iter().flatten();
            let named = identifiers.into_iter().any(|one| names(one, sender) || names_organisation(one, sender));
            let types = organisation.get("type").and_then(Value::as_array).into_iter().flatten();
            let mut codings = types.filter_map(|concept| concept.get("coding")?.as_array()).flatten();
            if !named || codings.any(ours) {
                continue;
            }
            let sector = build::concept(codes::SECTOR, sender.sector().code(), sender.sector().title());
            match organisation.get_mut("type").and_then(Value::as_array_mut) {
                Some(types) => types.push(sector),
                None => drop(organisation.insert("type".into(), json!([sector]))),
            }
        }
        self
    }

    /// With annotations added to those of the first resource of a type.
    #[must_use]
    pub fn with_notes(mut self, kind: &str, notes: &[Value]) -> Self {
        if let Some(resource) = self.first_mut(kind) {
            match resource.get_mut("note").and_then(Value::as_array_mut) {
                Some(list) => list.extend_from_slice(notes),
                None => drop(resource.insert("note".into(), Value::from(notes.to_vec()))),
            }
        }
        self
    }

    /// The first resource of a type, to be changed.
    fn first_mut<'a>(&'a mut self, wanted: &'a str) -> Option<&'a mut Map<String, Value>> {
        self.numbered_mut(wanted).next().map(|(_, resource)| resource)
    }
}

impl Bundle {
    /// A bundle of our own making from its elements; `resourceType` is put in here, so this cannot fail.
    #[must_use]
    pub fn from_fields(fields: Map<String, Value>) -> Self {
        let mut whole = Map::new();
        whole.insert("resourceType".into(), "Bundle".into());
        whole.extend(fields.into_iter().filter(|(key, _)| key != "resourceType"));
        Self(Value::Object(whole))
    }
}

/// Leaves the copy that goes to this party, of those a Composition asks for.
fn only_copy(composition: &mut Map<String, Value>, party: &Party) {
    let Some(extensions) = composition.get_mut("extension").and_then(Value::as_array_mut) else { return };
    extensions.retain(|extension| {
        let is_copy = extension.get("url").and_then(Value::as_str) == Some(codes::DOCUMENT_COPY);
        !is_copy || extension.pointer("/valueReference/identifier").is_some_and(|named| names(named, party))
    });
    if extensions.is_empty() {
        composition.shift_remove("extension");
    }
}

/// Whether an Identifier is this party's directory id or ODS code.
fn names(identifier: &Value, party: &Party) -> bool {
    let text = |key| identifier.get(key).and_then(Value::as_str).unwrap_or_default();
    match text("system") {
        codes::PARTY_ID => text("value") == party.id.as_str(),
        codes::ODS_ORGANISATION => {
            party.ods.as_ref().is_some_and(|ods| text("value").eq_ignore_ascii_case(ods.as_str()))
        }
        _ => false,
    }
}

/// Whether an Identifier is the directory id of the organisation a team belongs to.
fn names_organisation(identifier: &Value, party: &Party) -> bool {
    let text = |key| identifier.get(key).and_then(Value::as_str).unwrap_or_default();
    text("system") == codes::PARTY_ID && text("value") == party.organisation().as_str()
}

/// The `resourceType` of a resource in JSON form.
#[must_use]
pub fn resource_type(resource: &Value) -> Option<&str> {
    resource.get("resourceType")?.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Bundle;
    use crate::fhir::codes;
    use crate::model::{OdsCode, Party, PartyId, PartyKind};

    #[test]
    fn a_copy_of_a_document_names_no_other_recipient() {
        let copy = |system: &str, value: &str| json!({"url": codes::DOCUMENT_COPY, "valueReference": {"identifier": {"system": system, "value": value}}});
        let party = Party {
            id: PartyId::parse("demo-gp").unwrap(),
            name: "Made-up practice".to_owned(),
            kind: PartyKind::GpPractice,
            ods: OdsCode::parse("Y90001"),
            part_of: None,
            person_access: None,
        };
        let by_name = json!({"url": codes::DOCUMENT_COPY, "valueReference": {"display": "her brother"}});
        let other = json!({"url": "urn:other", "valueString": "stays"});
        let given = [copy(codes::PARTY_ID, "demo-gp"), copy(codes::ODS_ORGANISATION, "y90001"), other.clone()];
        let mut all = given.to_vec();
        all.extend([copy(codes::PARTY_ID, "wellbeing-roots"), by_name]);
        let composition = json!({"resourceType": "Composition", "extension": all});
        let bundle = Bundle::new(json!({"resourceType": "Bundle", "entry": [{"resource": composition}]})).unwrap();
        let addressed = bundle.addressed_to(&party, "urn:x");
        assert_eq!(addressed.first("Composition").unwrap()["extension"], json!(given));
    }

    #[test]
    fn cs_13_the_senders_organisation_says_its_sector_once_and_nobody_elses_does() {
        let sender = Party {
            id: PartyId::parse("harbour-clinic").unwrap(),
            name: "Made-up clinic".to_owned(),
            kind: PartyKind::PrivateProvider,
            ods: None,
            part_of: None,
            person_access: None,
        };
        let organisation = |id: &str| {
            json!({"resource": {"resourceType": "Organization",
            "identifier": [{"system": codes::PARTY_ID, "value": id}]}})
        };
        let entries = json!([organisation("harbour-clinic"), organisation("lpt")]);
        let bundle = Bundle::new(json!({"resourceType": "Bundle", "entry": entries})).unwrap();
        let once = bundle.stating_sector(&sender);
        let types: Vec<_> = once.all("Organization").map(|o| o.pointer("/type/0/coding/0/code").cloned()).collect();
        assert_eq!(types, [Some(json!("private")), None]);
        assert_eq!(once.clone().stating_sector(&sender), once);
    }
}
