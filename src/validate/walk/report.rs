//! Findings on their way to the reader: held by place until the end, then told with path, line and column, each once.

use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::fhir::tree::Node;
use crate::model::{Detail, Issue, IssueCode, Severity};
use crate::validate::fhirpath::{path_of, renamed};

/// The rule behind a finding.
pub type Said = Cow<'static, str>;

/// A finding about a place in the tree.
#[derive(Debug, Clone)]
pub struct Finding<'t> {
    pub node: Option<Node<'t>>,
    pub severity: Severity,
    pub code: IssueCode,
    pub rule: Said,
    pub text: String,
    /// The definition that asks for it, with its version.
    pub profile: Option<String>,
    pub expected: Option<String>,
    pub found: Option<String>,
}

/// Findings about the text and the walk's, in the order of the source, what is said twice once.
pub(super) fn issues(root: Node<'_>, mut found: Vec<Finding<'_>>) -> Vec<Issue> {
    found.sort_by_key(|one| one.node.map_or(0, Node::number));
    let mut seen = HashSet::new();
    let told = found.into_iter().filter(|one| {
        let mut hasher = DefaultHasher::new();
        (one.node.map_or(0, Node::number), one.severity, &one.rule, &one.text).hash(&mut hasher);
        seen.insert(hasher.finish())
    });
    let faults = root.tree().faults().iter().cloned().map(|mut fault| {
        fault.path = fault.path.as_deref().map(renamed);
        fault
    });
    faults.chain(told.map(|finding| issue(root, finding))).collect()
}

fn issue(root: Node<'_>, finding: Finding<'_>) -> Issue {
    let mut issue = Issue::new(finding.severity, finding.code, finding.text).rule(finding.rule);
    if let Some(node) = finding.node {
        let (line, column) = node.position();
        issue = issue.at(path_of(root, node).unwrap_or_default()).position(line, column);
    }
    if finding.profile.is_some() || finding.expected.is_some() || finding.found.is_some() {
        issue.detail =
            Some(Box::new(Detail { profile: finding.profile, expected: finding.expected, found: finding.found }));
    }
    issue
}
