//! What a document lacks of what the trust asks for, by kind. The one place where a kind's own list plugs in; never a
//! reason to refuse.

use super::answer::MissingAnswer;
use super::document::{Content, Document};
use crate::documents::referral::MissingItem;

/// Everything the trust asks for and the document lacks.
///
/// Plans and letters have no list yet: when `documents` declares one for a kind, it is read here, from the native form.
pub(super) fn missing(read: &Document) -> Vec<MissingAnswer> {
    match &read.content {
        Content::Referral(referral) => referral.missing().iter().map(of_referral).collect(),
        Content::Document(_) => Vec::new(),
    }
}

fn of_referral(item: &MissingItem) -> MissingAnswer {
    MissingAnswer {
        item: Some(item.number),
        rule: format!("referral-item-{}", item.number),
        key: item.key.to_owned(),
        title: item.title.to_owned(),
        ask: item.ask.to_owned(),
        pointer: item.pointer.to_owned(),
        fhir_path: item.fhir_path.to_owned(),
    }
}
