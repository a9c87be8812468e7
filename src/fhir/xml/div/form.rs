//! What the reader of XML sees to and a string of JSON leaves open: attributes that are apart, quoted and once there, prefixes
//! that are declared, comments without hyphens. Knows no elements.

use super::Wrong;
use super::prefixes::Prefixes;
use super::scan::{Attribute, Tag};

#[derive(Debug, Default)]
pub(super) struct Form<'a> {
    pub(super) prefixes: Prefixes<'a>,
    /// Room for the names of a tag's attributes.
    names: Vec<&'a str>,
}

impl<'a> Form<'a> {
    /// The attributes of a tag whose declarations are known.
    pub(super) fn attributes(&mut self, tag: &Tag<'a>, report: &mut impl FnMut(Wrong<'a>)) {
        self.names.clear();
        for Attribute { name, raw, quoted, apart } in tag.attributes.clone() {
            self.names.push(name);
            if !quoted {
                report(Wrong::Unquoted(name));
            } else if !apart {
                report(Wrong::Touching(name));
            } else if raw.contains('<') {
                report(Wrong::BracketIn(name));
            }
            if let Some((prefix, _)) = name.split_once(':').filter(|(prefix, _)| !matches!(*prefix, "xml" | "xmlns"))
                && self.prefixes.meaning(prefix).is_none()
            {
                report(Wrong::Prefix(prefix));
            }
        }
        self.names.sort_unstable();
        for pair in self.names.windows(2) {
            if let [a, b] = pair
                && a == b
            {
                report(Wrong::Doubled(a));
            }
        }
    }
}

/// Whether XML can hold a comment of this text.
pub(super) fn is_comment(text: &str) -> bool {
    !text.contains("--") && !text.ends_with('-')
}
