//! Invariants compiled: those that every resource or extension has are done by the walk itself, the others are FHIRPath.
//! What cannot be compiled is kept with the reason, so that nobody takes it for fulfilled.

use std::sync::OnceLock;

use crate::definitions::facts::Constraint;
use crate::validate::fhirpath::{Program, Unsupported, corrected};

/// An invariant of one definition or of many.
#[derive(Debug)]
pub struct Invariant {
    pub key: String,
    pub expression: String,
    /// Whether breaking it is an error; else a warning.
    pub is_error: bool,
    pub best_practice: bool,
    /// What it says in words, where the definition is ours.
    pub human: Option<String>,
    pub source: Option<String>,
    native: Option<Native>,
    program: OnceLock<Result<Program, Unsupported>>,
}

/// How an invariant is checked.
#[derive(Debug, Clone, Copy)]
pub enum Check<'i> {
    Native(Native),
    Program(&'i Program),
    /// It has words only.
    Words,
    Unsupported(&'i Unsupported),
}

/// Invariants the walk knows by itself. Each is recognised by key and expression: a definition may reuse a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Native {
    /// Every element has a value or children.
    Ele1,
    /// An extension has either extensions or a value.
    Ext1,
    /// A contained resource contains none itself.
    Dom2,
    /// A contained resource is referred to from where it is contained, or refers to it.
    Dom3,
    /// A contained resource has no version and no date of change.
    Dom4,
    /// A contained resource has no security label.
    Dom5,
    /// A resource has a narrative (good practice).
    Dom6,
    /// A local reference leads to a contained resource.
    Ref1,
    /// The markup of a narrative is limited to formatting.
    Txt1,
    /// A narrative has something to say.
    Txt2,
}

impl Native {
    fn of(key: &str, expression: &str) -> Option<Self> {
        let says = |part: &str| expression.contains(part);
        Some(match key {
            "ele-1" if says("children().count() > id.count()") => Self::Ele1,
            "ext-1" if says("extension.exists() != value.exists()") => Self::Ext1,
            "dom-2" if says("contained.contained.empty()") => Self::Dom2,
            "dom-3" if says("contained") => Self::Dom3,
            "dom-4" if says("contained.meta.versionId.empty()") => Self::Dom4,
            "dom-5" if says("contained.meta.security.empty()") => Self::Dom5,
            "dom-6" if says("text") && says("div") => Self::Dom6,
            "ref-1" if says("reference.startsWith('#')") => Self::Ref1,
            "txt-1" if says("htmlChecks") => Self::Txt1,
            "txt-2" if says("htmlChecks") => Self::Txt2,
            _ => return None,
        })
    }
}

impl Invariant {
    pub(super) fn new(constraint: &Constraint) -> Self {
        let written = constraint.expression.clone().unwrap_or_default();
        let expression = corrected(&constraint.key, &written).to_string();
        Self {
            native: Native::of(&constraint.key, &expression),
            key: constraint.key.clone(),
            expression,
            is_error: constraint.severity == "error" && !constraint.best_practice,
            best_practice: constraint.best_practice,
            human: constraint.human.clone(),
            source: constraint.source.clone(),
            program: OnceLock::new(),
        }
    }

    /// Whether it is the one the walk checks on every element by itself.
    pub(super) fn is_about_every_element(&self) -> bool {
        self.native == Some(Native::Ele1)
    }

    /// Whether the walk looks at it where it looks at something else anyway, with a finding of its own there.
    pub(super) const fn is_told_elsewhere(&self) -> bool {
        matches!(self.native, Some(Native::Ele1 | Native::Ref1 | Native::Txt1 | Native::Txt2))
    }

    /// How it is checked; compiled when first asked.
    pub fn check(&self) -> Check<'_> {
        if let Some(native) = self.native {
            return Check::Native(native);
        }
        if self.expression.is_empty() {
            return Check::Words;
        }
        match self.program.get_or_init(|| Program::compile(&self.expression)) {
            Ok(program) => Check::Program(program),
            Err(why) => Check::Unsupported(why),
        }
    }
}

/// An expression that says where an extension may be used, as an invariant.
pub(super) fn context(expression: &str) -> Constraint {
    Constraint {
        key: "extension-context".to_owned(),
        severity: "error".to_owned(),
        expression: Some(expression.to_owned()),
        ..Constraint::default()
    }
}
