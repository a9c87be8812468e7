//! What a document lacks of what the trust asks for, as the answer tells it. Each kind's own list says what that is; never
//! a reason to refuse.

use super::answer::MissingAnswer;
use super::document::{Content, Document};
use crate::documents::Missing;
use crate::documents::referral::MissingItem;

/// Everything the trust asks for and the document lacks.
pub(super) fn missing(read: &Document) -> Vec<MissingAnswer> {
    match &read.content {
        Content::Referral(referral) => referral.missing().iter().map(of_referral).collect(),
        Content::Document(_, missing) => missing.iter().map(of_document).collect(),
    }
}

fn of_referral(item: &MissingItem) -> MissingAnswer {
    let rule = format!("referral-item-{}", item.number);
    MissingAnswer { item: Some(item.number), rule, ..of_document(&Missing::from(*item)) }
}

fn of_document(item: &Missing) -> MissingAnswer {
    MissingAnswer {
        item: None,
        rule: item.id.to_owned(),
        key: item.id.to_owned(),
        title: item.title.to_owned(),
        ask: item.ask.to_owned(),
        pointer: item.pointer.to_owned(),
        fhir_path: item.fhir_path.to_owned(),
    }
}
