//! One resource or document: which rules are for it, and every finding. Reads bytes; knows no file.

use std::sync::OnceLock;

use serde_json::Value;

use crate::app::SCHEMAS;
use crate::cli::sniff;
use crate::documents;
use crate::fhir::tree::{Name, Node, Tree};
use crate::fhir::{self, Bundle, Format, Limits};
use crate::intake::{self, Schemas};
use crate::model::{DocumentKind, Issue, IssueCode};
use crate::validate;
use crate::validate::structure::Registry;
use crate::validate::walk::{self, Guide, Options};

/// Definitions and options, shared by all that check.
pub(super) struct Checker {
    registry: Registry,
    options: Options,
    kind: Option<DocumentKind>,
    schemas: OnceLock<Result<Schemas, String>>,
}

/// Reading from a file, the size is the operator's own choice; nesting is still bounded.
const LIMITS: Limits = Limits { max_bytes: usize::MAX, max_depth: 64 };

impl Checker {
    pub(super) const fn new(registry: Registry, options: Options, kind: Option<DocumentKind>) -> Self {
        Self { registry, options, kind, schemas: OnceLock::new() }
    }

    /// Every finding about some bytes: a FHIR resource, or a native document, which is a JSON object that does not say
    /// which resource it is.
    pub(super) fn check(&self, bytes: &[u8]) -> Vec<Issue> {
        let bytes = &*match fhir::utf8(bytes) {
            Ok(bytes) => bytes,
            Err(issue) => return vec![issue],
        };
        let format = sniff(bytes);
        let tree = match Tree::read(bytes, format, &LIMITS) {
            Ok(tree) => tree,
            Err(issue) => return vec![issue],
        };
        if format == Format::Json && !tree.root().is_resource() {
            return self.native(bytes);
        }
        let found = walk::validate(&tree, &self.registry, &self.options);
        if self.options.guide == Guide::UkCore && is_exchanged(&tree) {
            let exchange = fhir::read(bytes, format, &LIMITS).ok().and_then(|value| Bundle::new(value).ok());
            let said = exchange.map(|bundle| validate::exchange(&bundle)).unwrap_or_default();
            return together(&tree, found, said);
        }
        found
    }

    fn native(&self, bytes: &[u8]) -> Vec<Issue> {
        let schemas = self.schemas.get_or_init(|| Schemas::load(SCHEMAS).map_err(|error| error.to_string()));
        let schemas = match schemas {
            Ok(schemas) => schemas,
            Err(error) => return vec![Issue::error(IssueCode::Exception, error.as_str())],
        };
        let kind = self.kind.unwrap_or_else(|| {
            let value: Value = serde_json::from_slice(bytes).unwrap_or_default();
            documents::kind_of(&value)
        });
        let taken = intake::native(schemas, kind, bytes, Some("application/json"), &LIMITS);
        taken.err().map_or_else(Vec::new, |refusal| refusal.issues)
    }
}

/// Whether it is a Bundle that travels by itself.
fn is_exchanged(tree: &Tree<'_>) -> bool {
    let root = tree.root();
    let kind = root.text(Name::of("type"));
    root.resource_type() == Name::BUNDLE && matches!(kind, Some("message" | "document"))
}

/// Adds what exchange asks, each with its position; what the walk says of the same rule at a place around gives way.
fn together(tree: &Tree<'_>, found: Vec<Issue>, mut said: Vec<Issue>) -> Vec<Issue> {
    let entries: Vec<_> = tree.root().children().filter(|child| child.written_name() == "entry").collect();
    for issue in said.iter_mut().filter(|issue| issue.position.is_none()) {
        issue.position = issue.path.as_deref().map(|path| nearest(tree, &entries, path).position());
    }
    validate::together(found, said)
}

/// The node that a path leads to, or the last on the way that is there.
fn nearest<'t>(tree: &'t Tree<'_>, entries: &[Node<'t>], path: &str) -> Node<'t> {
    let mut at = tree.root();
    for step in path.split('.').skip(1) {
        let (name, place) = step.split_once('[').unwrap_or((step, "0"));
        let place = place.trim_end_matches(']').parse().unwrap_or(0);
        let next = if at == tree.root() && name == "entry" {
            entries.get(place).copied()
        } else {
            at.children().filter(|child| child.written_name() == name).nth(place)
        };
        match next {
            Some(child) => at = child,
            None => break,
        }
    }
    at
}
