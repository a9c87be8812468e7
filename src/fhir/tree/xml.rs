//! FHIR XML to a tree.

use std::borrow::Cow;

use super::Tree;
use crate::fhir::Limits;
use crate::model::Issue;

pub(super) fn read<'s>(source: Cow<'s, str>, limits: &Limits) -> Result<Tree<'s>, Issue> {
    let _ = (source, limits);
    Err(crate::fhir::source::syntax("not yet"))
}
