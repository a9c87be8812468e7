//! Those who know the grammars that terminology asks about: `values` has them.

use super::terminology::Grammars;
use super::values::{language, mime, ucum};

/// The grammars of languages, media types and units.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known;

impl Grammars for Known {
    fn language(&self, code: &str) -> Option<bool> {
        Some(language::check(code).is_ok())
    }

    fn media_type(&self, code: &str) -> Option<bool> {
        Some(mime::check(code).is_ok())
    }

    fn unit(&self, code: &str) -> Option<bool> {
        Some(ucum::check(code).is_ok())
    }
}
