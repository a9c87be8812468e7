//! Which prefixes are declared where markup is being read, and what they stand for (Namespaces in XML 1.0 §6.1). Looking
//! one up takes no longer in markup that declares thousands. Judges nothing.

use std::collections::HashMap;

use super::scan::Tag;

#[derive(Debug, Default)]
pub(super) struct Prefixes<'a> {
    /// What each stands for, innermost last.
    meanings: HashMap<&'a str, Vec<&'a str>>,
    /// Which were declared at which depth, innermost last.
    declared: Vec<(usize, &'a str)>,
}

impl<'a> Prefixes<'a> {
    /// Takes what a tag at a depth declares.
    pub(super) fn open(&mut self, depth: usize, tag: &Tag<'a>) {
        // hardly any does
        if !tag.attributes.text().contains("xmlns:") {
            return;
        }
        for attribute in tag.attributes.clone() {
            if let Some(prefix) = attribute.name.strip_prefix("xmlns:") {
                self.meanings.entry(prefix).or_default().push(attribute.raw);
                self.declared.push((depth, prefix));
            }
        }
    }

    /// Forgets what was declared at a depth.
    pub(super) fn close(&mut self, depth: usize) {
        while let Some((_, prefix)) = self.declared.pop_if(|(at, _)| *at >= depth) {
            self.meanings.get_mut(prefix).map(Vec::pop);
        }
    }

    /// What a prefix stands for here.
    pub(super) fn meaning(&self, prefix: &str) -> Option<&'a str> {
        self.meanings.get(prefix)?.last().copied()
    }
}
