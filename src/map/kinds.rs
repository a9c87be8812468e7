//! Every kind of document with a native form, and how it crosses: one row a kind. Callers that have a kind only as a
//! value come here.

use serde_json::Value;

use super::{Mapped, document, referral};
use crate::documents::parts::{PersonName, Section};
use crate::documents::{
    CareLeadStatement, CarePlan, CarersPlan, ClinicalInformationAnswer, ClinicalInformationRequest, ContingencyPlan,
    Cover, DischargeLetter, Document, HandoverOutcome, Missing, PrivateOpinion, Referral, SafetyPlan, SharedCareAnswer,
    SharedCareRequest, SocialPrescribingHandover, TransferToNhs, Words,
};
use crate::fhir::{Bundle, codes};
use crate::model::{DocumentKind, Issue, IssueCode};

/// A document in words: how the person is called, and the sections.
pub type Readable = (String, Vec<Section>);

struct Row {
    kind: DocumentKind,
    /// SNOMED CT types of such documents.
    types: &'static [(&'static str, &'static str)],
    to_fhir: fn(Value) -> Result<Mapped<Bundle>, Vec<Issue>>,
    to_native: fn(&Bundle) -> Result<Mapped<Value>, Vec<Issue>>,
    readable: fn(&Bundle) -> Option<Readable>,
    missing: fn(Value) -> Result<Vec<Missing>, Issue>,
    words: fn(Value) -> Result<Words, Issue>,
}

const KINDS: &[Row] = &[
    Row {
        kind: DocumentKind::Referral,
        types: &[],
        to_fhir: |value| Ok(referral::to_fhir(&Referral::from_json(value).map_err(|issue| vec![issue])?)),
        to_native: |bundle| referral::from_fhir(bundle).map(|mapped| mapped.map(|referral| referral.to_json())),
        readable: |bundle| {
            let referral = referral::from_fhir(bundle).ok()?.value;
            let names = &referral.person.names;
            let person = names.first().map_or_else(|| "somebody without a name".to_owned(), PersonName::line);
            Some((person, referral.readable()))
        },
        missing: |value| {
            let referral = Referral::from_json(value)?;
            Ok(referral.missing().into_iter().map(Missing::from).collect())
        },
        words: |value| Referral::from_json(value).map(|referral| (Cover::of_referral(&referral), referral.readable())),
    },
    row::<SafetyPlan>(),
    row::<ContingencyPlan>(),
    row::<DischargeLetter>(),
    row::<CarePlan>(),
    row::<CarersPlan>(),
    row::<SocialPrescribingHandover>(),
    row::<HandoverOutcome>(),
    row::<ClinicalInformationRequest>(),
    row::<ClinicalInformationAnswer>(),
    row::<PrivateOpinion>(),
    row::<TransferToNhs>(),
    row::<CareLeadStatement>(),
    row::<SharedCareRequest>(),
    row::<SharedCareAnswer>(),
];

const fn row<D: Document>() -> Row {
    Row {
        kind: D::KIND,
        types: D::TYPES,
        to_fhir: |value| Ok(document::to_fhir(&D::from_json(value).map_err(|issue| vec![issue])?)),
        to_native: |bundle| document::from_fhir::<D>(bundle).map(|mapped| mapped.map(|document| document.to_json())),
        readable: |bundle| {
            let document = document::from_fhir::<D>(bundle).ok()?.value;
            Some((document.frame().person_name(), document.readable()))
        },
        missing: |value| D::from_json(value).map(|document| document.missing()),
        words: |value| D::from_json(value).map(|document| (Cover::of(&document), document.readable())),
    }
}

/// Turns a native document that has passed the schema of its kind into its FHIR form.
///
/// # Errors
/// When the kind has no native form, or the document is not of this kind.
pub fn to_fhir(kind: DocumentKind, document: Value) -> Result<Mapped<Bundle>, Vec<Issue>> {
    (find(kind)?.to_fhir)(document)
}

/// Turns a bundle into a native document of a kind.
///
/// # Errors
/// When the kind has no native form, or the bundle is no document of this kind anybody could act on.
pub fn to_native(kind: DocumentKind, bundle: &Bundle) -> Result<Mapped<Value>, Vec<Issue>> {
    (find(kind)?.to_native)(bundle)
}

/// What the trust asks of a document of this kind and this one lacks: told to the sender, never a reason to refuse.
///
/// # Errors
/// When the kind has no native form, or the document is not of this kind.
pub fn missing(kind: DocumentKind, document: Value) -> Result<Vec<Missing>, Vec<Issue>> {
    (find(kind)?.missing)(document).map_err(|issue| vec![issue])
}

/// A bundle in words; `None` where it is not what its kind says, or the kind has no native form.
#[must_use]
pub fn readable(kind: DocumentKind, bundle: &Bundle) -> Option<Readable> {
    (find(kind).ok()?.readable)(bundle)
}

/// A native document in words, with what stands on its cover: what a letter is made of.
///
/// # Errors
/// When the kind has no native form, or the document is not of this kind.
pub fn words(kind: DocumentKind, document: Value) -> Result<Words, Vec<Issue>> {
    (find(kind)?.words)(document).map_err(|issue| vec![issue])
}

/// The kind of document a bundle holds: what its Composition says, by our code or that of others; a message holds a
/// referral.
#[must_use]
pub fn kind_of(bundle: &Bundle) -> Option<DocumentKind> {
    if bundle.kind() == Some("message") {
        return Some(DocumentKind::Referral);
    }
    let codings = bundle.first("Composition")?.pointer("/type/coding")?.as_array()?;
    let code_in = |system: &str| {
        let coding = codings.iter().find(|coding| coding.get("system").and_then(Value::as_str) == Some(system))?;
        coding.get("code")?.as_str()
    };
    let ours = code_in(codes::DOCUMENT_KIND).and_then(DocumentKind::from_code);
    ours.or_else(|| {
        let code = code_in(codes::SNOMED)?;
        let row = KINDS.iter().find(|row| row.types.iter().any(|(known, _)| *known == code))?;
        Some(row.kind)
    })
}

fn find(kind: DocumentKind) -> Result<&'static Row, Vec<Issue>> {
    KINDS.iter().find(|row| row.kind == kind).ok_or_else(|| {
        let text = format!("A document of kind {} has no native form.", kind.code());
        vec![Issue::error(IssueCode::NotSupported, text)]
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::{KINDS, kind_of};
    use crate::documents::{
        CareLeadStatement, CarePlan, CarersPlan, ClinicalInformationAnswer, ClinicalInformationRequest,
        ContingencyPlan, DischargeLetter, Document, HandoverOutcome, PrivateOpinion, SCHEMAS, SafetyPlan,
        SharedCareAnswer, SharedCareRequest, SocialPrescribingHandover, TransferToNhs,
    };
    use crate::fhir::{Bundle, codes};
    use crate::model::DocumentKind;

    #[test]
    fn every_kind_with_a_schema_crosses_and_no_other() {
        let schemas: Vec<DocumentKind> = SCHEMAS.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(KINDS.iter().map(|row| row.kind).collect::<Vec<_>>(), schemas);
    }

    #[test]
    fn a_section_has_one_title_in_every_kind_and_a_key_of_an_item_stands_once_in_a_kind() {
        fn check<D: Document>(titles: &mut BTreeMap<&'static str, &'static str>) {
            let mut keys: Vec<&str> = D::HEADINGS.iter().flat_map(|h| h.fields).map(|field| field.key).collect();
            let count = keys.len();
            keys.sort_unstable();
            keys.dedup();
            assert_eq!(keys.len(), count);
            for heading in D::HEADINGS {
                assert_eq!(*titles.entry(heading.key).or_insert(heading.title), heading.title, "{}", heading.key);
            }
        }
        let mut titles = BTreeMap::new();
        check::<SafetyPlan>(&mut titles);
        check::<ContingencyPlan>(&mut titles);
        check::<DischargeLetter>(&mut titles);
        check::<CarePlan>(&mut titles);
        check::<CarersPlan>(&mut titles);
        check::<SocialPrescribingHandover>(&mut titles);
        check::<HandoverOutcome>(&mut titles);
        check::<ClinicalInformationRequest>(&mut titles);
        check::<ClinicalInformationAnswer>(&mut titles);
        check::<PrivateOpinion>(&mut titles);
        check::<TransferToNhs>(&mut titles);
        check::<CareLeadStatement>(&mut titles);
        check::<SharedCareRequest>(&mut titles);
        check::<SharedCareAnswer>(&mut titles);
    }

    #[test]
    fn a_bundle_is_known_by_our_type_then_by_that_of_others() {
        let document = |codings: Value| {
            let composition = json!({"resourceType": "Composition", "type": {"coding": codings}});
            Bundle::new(json!({"resourceType": "Bundle", "type": "document", "entry": [{"resource": composition}]}))
                .unwrap()
        };
        let ours = json!({"system": codes::DOCUMENT_KIND, "code": "contingency-plan"});
        let theirs = json!({"system": codes::SNOMED, "code": "736253002"});
        assert_eq!(kind_of(&document(json!([theirs, ours]))), Some(DocumentKind::ContingencyPlan));
        assert_eq!(kind_of(&document(json!([theirs]))), Some(DocumentKind::SafetyPlan));
        assert_eq!(kind_of(&document(json!([]))), None);
    }
}
