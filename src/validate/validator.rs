//! The validator as the gateway runs it: compiled definitions and what exchange asks beyond them, in one verdict. Made
//! once for a process; every message that comes in and every copy that goes out passes here.

use std::collections::HashSet;

use super::structure::Registry;
use super::walk::{self, Guide, Options};
use super::{Validated, exchange, located};
use crate::fhir::Bundle;
use crate::fhir::tree::{Node, Tree};
use crate::model::{Issue, IssueCode};

/// Definitions, and how resources are held against them.
#[derive(Debug)]
pub struct Validator {
    registry: Registry,
    options: Options,
}

impl Validator {
    /// Resources are held against R4, UK Core and what they claim. What a partner adds in extensions of its own is noted
    /// and stops nothing (<https://hl7.org/fhir/R4/extensibility.html>: receivers may ignore what they do not know).
    #[must_use]
    pub fn new(registry: Registry) -> Self {
        let options = Options { guide: Guide::UkCore, unknown_extensions: true, ..Options::default() };
        Self { registry, options }
    }

    /// The definitions it goes by.
    #[must_use]
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Every finding about a resource, with line and column, which must also meet these profiles. `bundle` is the same
    /// held as JSON, where it is a message or document and what exchange asks is asked for.
    #[must_use]
    pub fn resource(&self, resource: Node<'_>, profiles: Vec<String>, bundle: Option<&Bundle>) -> Vec<Issue> {
        let options = Options { profiles, ..self.options.clone() };
        let found = walk::validate_resource(resource, &self.registry, &options);
        located(bounded(together(found, bundle.map(exchange).unwrap_or_default())), resource)
    }

    /// Every finding about a resource against R4 and these profiles, and not UK Core beside them.
    #[must_use]
    pub fn profiles(&self, resource: Node<'_>, profiles: Vec<String>) -> Vec<Issue> {
        let options = Options { profiles, guide: Guide::R4, ..self.options.clone() };
        bounded(walk::validate_resource(resource, &self.registry, &options))
    }

    /// Every finding about a message or document as it was received, with line and column; `bundle` is the same, held as
    /// JSON.
    #[must_use]
    pub fn received(&self, tree: &Tree<'_>, bundle: &Bundle) -> Vec<Issue> {
        self.resource(tree.root(), Vec::new(), Some(bundle))
    }

    /// Validates a bundle and seals it: a message, a document, or a message that carries a document.
    ///
    /// # Errors
    /// Every finding, warnings too, when at least one of them refuses.
    pub fn bundle(&self, content: Bundle) -> Result<Validated<Bundle>, Vec<Issue>> {
        let mut found = match Tree::of_value(content.value()) {
            Ok(tree) => walk::validate(&tree, &self.registry, &self.options),
            Err(issue) => vec![issue],
        };
        // Of a text that nobody sent.
        for issue in &mut found {
            issue.position = None;
        }
        let findings = bounded(together(found, exchange(&content)));
        if findings.iter().any(|issue| issue.severity.refuses()) {
            return Err(findings);
        }
        Ok(Validated { content, findings })
    }
}

/// Puts what exchange asks behind what the walk found. Where both say the same rule is broken, the nearer place is told,
/// which is that of exchange.
pub(crate) fn together(mut found: Vec<Issue>, said: Vec<Issue>) -> Vec<Issue> {
    let mut nearer: HashSet<(&str, &str)> = HashSet::new();
    for issue in &said {
        let (Some(rule), Some(path)) = (issue.rule.as_deref(), issue.path.as_deref()) else { continue };
        let ends = path.char_indices().filter(|(_, c)| matches!(c, '.' | '[')).map(|(at, _)| at);
        nearer.extend(ends.chain([path.len()]).filter_map(|end| Some((rule, path.get(..end)?))));
    }
    found.retain(|issue| {
        let place = issue.rule.as_deref().zip(issue.path.as_deref());
        place.is_none_or(|place| !nearer.contains(&place))
    });
    found.extend(said);
    found
}

/// Findings listed at most: a hostile message must not become an answer many times its size.
const MOST: usize = 200;

/// The gravest first, those alike in the order of the source; says how much is left out.
fn bounded(mut findings: Vec<Issue>) -> Vec<Issue> {
    findings.sort_by_key(|issue| std::cmp::Reverse(issue.severity));
    let left_out = findings.len().saturating_sub(MOST);
    if left_out > 0 {
        findings.truncate(MOST);
        let text = format!("{left_out} more findings are not listed.");
        findings.push(Issue::information(IssueCode::Informational, text));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::together;
    use crate::model::{Issue, IssueCode};
    use crate::validate::tests::told;

    #[test]
    fn a_rule_that_both_say_is_broken_is_told_once_at_the_nearer_place() {
        let one = |rule: &str, path: &str| Issue::error(IssueCode::Invariant, "x").at(path).rule(rule);
        let found = ["Bundle", "Bundle.entry[1]", "Bundle.entry[2]"].map(|path| one("bdl-7", path));
        let other = one("bdl-8", "Bundle.entry[1]");
        let all = together([found.to_vec(), vec![other]].concat(), vec![one("bdl-7", "Bundle.entry[1].fullUrl")]);
        let expected =
            [("bdl-7", "Bundle.entry[2]"), ("bdl-8", "Bundle.entry[1]"), ("bdl-7", "Bundle.entry[1].fullUrl")];
        assert_eq!(told(&all), expected);
    }
}
