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
    let place = |one: &Finding<'_>| one.node.map_or(0, Node::number);
    found.sort_by_key(place);
    let mut issues = Vec::with_capacity(root.tree().faults().len() + found.len());
    let faults = root.tree().faults().iter().cloned().map(|mut fault| {
        fault.path = fault.path.as_deref().map(renamed);
        fault
    });
    issues.extend(faults);
    let mut seen = HashSet::new();
    let mut before = None;
    let mut findings = found.into_iter().peekable();
    while let Some(finding) = findings.next() {
        let at = place(&finding);
        // what is alone in its place is said once
        let alone = before != Some(at) && findings.peek().is_none_or(|next| place(next) != at);
        before = Some(at);
        if alone || seen.insert(digest(&finding, at)) {
            issues.push(issue(root, finding));
        }
    }
    issues
}

fn digest(finding: &Finding<'_>, at: u32) -> u64 {
    let mut hasher = DefaultHasher::new();
    (at, finding.severity, &finding.rule, &finding.text).hash(&mut hasher);
    hasher.finish()
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
