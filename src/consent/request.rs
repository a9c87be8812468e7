//! Facts as Cedar takes them: one context and one set of entities for a decision, one request for each label. Checked
//! against the schema, so that a fact of the wrong shape is a fault and not a quiet deny. Asks nothing.
//!
//! A document asks about some twenty labels and an explanation asks several times over, so what is the same each time is
//! made once: the parts of each document kind when policy is loaded, and the check of the context once a decision.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression as Expression, Schema,
};
use jiff::Timestamp;

use super::facts::{Facts, Overriding};
use super::label::Label;
use super::records::Emergency;
use crate::model::DocumentKind;

/// The action of receiving a part.
pub(super) const RECEIVE: &str = "receive";
/// The action of being told that a part was withheld.
pub(super) const BE_TOLD: &str = "be-told-withheld";

/// Every entity type that a request mentions, parsed once.
static TYPES: LazyLock<HashMap<&'static str, EntityTypeName>> = LazyLock::new(|| {
    let names = [
        "Recipient",
        "Part",
        "Action",
        "PartyKind",
        "Sector",
        "Category",
        "Sensitivity",
        "DocumentKind",
        "Purpose",
        "Capacity",
        "OverrideBasis",
    ];
    names.into_iter().filter_map(|name| Some((name, name.parse().ok()?))).collect()
});

/// What the requests of all decisions share.
pub(super) struct Vocabulary {
    schema: Schema,
    /// A part for each label, by the kind of document it stands in.
    parts: BTreeMap<DocumentKind, Entities>,
    receive: EntityUid,
    be_told: EntityUid,
    labels: BTreeMap<Label, EntityUid>,
}

impl Vocabulary {
    /// # Errors
    /// The schema knows other parts than the gateway does; the text names types.
    pub(super) fn new(schema: Schema) -> Result<Self, String> {
        let mut parts = BTreeMap::new();
        for document in DocumentKind::ALL {
            let all: Result<Vec<Entity>, String> = Label::all().map(|label| part(label, *document)).collect();
            let all = Entities::from_entities(all?, Some(&schema)).map_err(|e| e.to_string())?;
            parts.insert(*document, all);
        }
        let labels: Result<_, String> = Label::all().map(|label| Ok((label, uid("Part", label.code())?))).collect();
        let (receive, be_told) = (uid("Action", RECEIVE)?, uid("Action", BE_TOLD)?);
        Ok(Self { schema, parts, receive, be_told, labels: labels? })
    }
}

/// What the requests of one decision share.
pub(super) struct Requests<'e> {
    recipient: EntityUid,
    entities: Entities,
    context: Context,
    vocabulary: &'e Vocabulary,
}

impl<'e> Requests<'e> {
    /// # Errors
    /// A fact has not the shape the schema gives it; the text names types, never facts about a person.
    pub(super) fn new(facts: &Facts, vocabulary: &'e Vocabulary) -> Result<Self, String> {
        let recipient = uid("Recipient", &facts.recipient)?;
        let parts = vocabulary.parts.get(&facts.document).ok_or("the document kind is not known")?;
        let entities = parts
            .clone()
            .add_entities([principal(&recipient, facts)?], Some(&vocabulary.schema))
            .map_err(|e| e.to_string())?;
        let new = Self { recipient, entities, context: context(facts)?, vocabulary };
        new.checked(RECEIVE)?;
        Ok(new)
    }

    pub(super) const fn entities(&self) -> &Entities {
        &self.entities
    }

    /// A request held against the schema. Every part is of one type, so what fits one request about an action fits all.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub(super) fn checked(&self, action: &str) -> Result<Request, String> {
        self.request(action, Label::Administrative, Some(&self.vocabulary.schema))
    }

    /// The request about one label, for an action that was [checked](Self::checked).
    ///
    /// # Errors
    /// The label is not known.
    pub(super) fn about(&self, action: &str, label: Label) -> Result<Request, String> {
        self.request(action, label, None)
    }

    fn request(&self, action: &str, label: Label, schema: Option<&Schema>) -> Result<Request, String> {
        let Vocabulary { receive, be_told, .. } = self.vocabulary;
        let action = if action == RECEIVE { receive } else { be_told };
        let part = self.vocabulary.labels.get(&label).ok_or("the label is not known")?;
        let (recipient, action, part) = (self.recipient.clone(), action.clone(), part.clone());
        Request::new(recipient, action, part, self.context.clone(), schema).map_err(|e| e.to_string())
    }
}

fn principal(recipient: &EntityUid, facts: &Facts) -> Result<Entity, String> {
    let attributes = HashMap::from([
        ("kind".to_owned(), entity("PartyKind", facts.recipient_kind.code())?),
        ("sector".to_owned(), entity("Sector", facts.recipient_kind.sector().code())?),
        ("organisation".to_owned(), Expression::new_string(facts.organisation.clone())),
        ("person_access".to_owned(), Expression::new_bool(facts.person_access)),
    ]);
    Entity::new(recipient.clone(), attributes, HashSet::new()).map_err(|e| e.to_string())
}

fn part(label: Label, document: DocumentKind) -> Result<Entity, String> {
    let sensitivity: Result<Vec<_>, String> =
        label.sensitivity().into_iter().map(|code| entity("Sensitivity", code)).collect();
    let attributes = HashMap::from([
        ("category".to_owned(), entity("Category", label.category())?),
        ("sensitivity".to_owned(), Expression::new_set(sensitivity?)),
        ("document".to_owned(), entity("DocumentKind", document.code())?),
    ]);
    Entity::new(uid("Part", label.code())?, attributes, HashSet::new()).map_err(|e| e.to_string())
}

fn context(facts: &Facts) -> Result<Context, String> {
    let consent = record([("named", categories(&facts.named)?), ("unnamed", categories(&facts.unnamed)?)])?;
    let objection = record([("categories", categories(&facts.objected)?)])?;
    let mut pairs = vec![
        ("now", moment(facts.now)),
        ("relied_until", facts.relied_until.map_or_else(|| Expression::new_long(i64::MAX), moment)),
        ("purpose", entity("Purpose", facts.purpose.code())?),
        ("sender_sector", entity("Sector", facts.sender_sector.code())?),
        ("recipient_is_sender", Expression::new_bool(facts.recipient_is_sender)),
        ("care_relationship", Expression::new_bool(facts.care_relationship)),
        ("cares_for_person", Expression::new_bool(facts.cares_for_person)),
        ("registered_gp", Expression::new_bool(facts.registered_gp)),
        ("holds_person", Expression::new_bool(facts.holds_person)),
        ("copied_to_person", Expression::new_bool(facts.copied_to_person)),
        ("own_record", Expression::new_bool(facts.own_record)),
        ("origin_stated", Expression::new_bool(facts.origin_stated)),
        ("consent", consent),
        ("carer_consent", categories(&facts.carer_agreed)?),
        ("objection", objection),
        ("not_informed", categories(&facts.not_informed)?),
        ("withdrawn", categories(&facts.withdrawn)?),
        ("agreement", record([("categories", categories(&facts.agreed)?)])?),
        ("capacity", entity("Capacity", facts.capacity.code())?),
    ];
    if let Some(Overriding { basis, labels, professional, rationale }) = &facts.overriding {
        let overriding = record([
            ("basis", entity("OverrideBasis", basis.code())?),
            ("categories", categories(labels)?),
            ("professional", Expression::new_string(professional.as_str().to_owned())),
            ("rationale", Expression::new_string(rationale.as_str().to_owned())),
        ])?;
        pairs.push(("override", overriding));
    }
    if let Some(Emergency { professional, reason }) = &facts.emergency {
        let emergency = record([
            ("professional", Expression::new_string(professional.as_str().to_owned())),
            ("reason", Expression::new_string(reason.as_str().to_owned())),
        ])?;
        pairs.push(("emergency", emergency));
    }
    pairs.extend(facts.risk_score.map(|score| ("risk_score", Expression::new_long(score))));
    Context::from_pairs(pairs.into_iter().map(|(key, value)| (key.to_owned(), value))).map_err(|e| e.to_string())
}

fn moment(at: Timestamp) -> Expression {
    Expression::new_long(at.as_millisecond())
}

fn categories(labels: &BTreeSet<Label>) -> Result<Expression, String> {
    let members: Result<Vec<_>, String> = labels.iter().map(|label| entity("Category", label.category())).collect();
    Ok(Expression::new_set(members?))
}

fn record<const N: usize>(fields: [(&str, Expression); N]) -> Result<Expression, String> {
    Expression::new_record(fields.map(|(key, value)| (key.to_owned(), value))).map_err(|e| e.to_string())
}

fn entity(kind: &str, id: &str) -> Result<Expression, String> {
    Ok(Expression::new_entity_uid(uid(kind, id)?))
}

fn uid(kind: &str, id: &str) -> Result<EntityUid, String> {
    let kind = TYPES.get(kind).ok_or_else(|| format!("the entity type {kind} is not known"))?;
    Ok(EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id)))
}
