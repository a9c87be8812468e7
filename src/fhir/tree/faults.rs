//! What is wrong with a text, gathered while it is read and told at its end: the type of the root, with which every path
//! begins, may come last, and places are counted in one pass however many faults there are.

use std::borrow::Cow;

use crate::model::{Issue, IssueCode, Severity};

/// Faults told of one text. Whoever sends more has sent something else; the rest is counted.
const MOST: usize = 1000;

/// A fault without its line, column and root.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) severity: Severity,
    pub(super) code: IssueCode,
    pub(super) text: Cow<'static, str>,
    pub(super) offset: usize,
    /// What follows the root in its path: empty, or `.name[0]`.
    pub(super) path: String,
}

/// The faults of one text.
#[derive(Debug, Default)]
pub(super) struct Faults {
    kept: Vec<Pending>,
    more: usize,
}

impl Faults {
    /// Whether another one would be told.
    pub(super) const fn is_open(&self) -> bool {
        self.kept.len() < MOST
    }

    pub(super) fn add(&mut self, fault: Pending) {
        if self.is_open() {
            self.kept.push(fault);
        } else {
            self.more += 1;
        }
    }

    /// One more that is not told.
    pub(super) const fn count(&mut self) {
        self.more += 1;
    }

    /// All of them as findings, in the order of the source.
    pub(super) fn settle(mut self, source: &str, root: &str) -> Vec<Issue> {
        self.kept.sort_by_key(|fault| fault.offset);
        let mut place = Ruler::default();
        let mut issues: Vec<Issue> = self.kept.into_iter().map(|fault| place.issue(fault, source, root)).collect();
        if self.more > 0 {
            let text = format!("{} more faults of the text are not listed. Put right those above first.", self.more);
            issues.push(Issue::error(IssueCode::TooLong, text).at(root));
        }
        issues
    }
}

impl Pending {
    /// The one fault that ended the reading.
    pub(super) fn issue(self, source: &str, root: &str) -> Issue {
        Ruler::default().issue(self, source, root)
    }
}

/// A place in a text that only moves on.
#[derive(Debug)]
struct Ruler {
    offset: usize,
    line: usize,
    column: usize,
}

impl Default for Ruler {
    fn default() -> Self {
        Self { offset: 0, line: 1, column: 1 }
    }
}

impl Ruler {
    fn issue(&mut self, fault: Pending, source: &str, root: &str) -> Issue {
        let to = source.floor_char_boundary(fault.offset);
        let passed = source.get(self.offset..to).unwrap_or_default();
        match passed.rfind('\n') {
            Some(end) => {
                self.line += passed.bytes().filter(|byte| *byte == b'\n').count();
                self.column = passed.get(end + 1..).unwrap_or_default().chars().count() + 1;
            }
            None => self.column += passed.chars().count(),
        }
        self.offset = to;
        let path = [root, &fault.path].concat();
        Issue::new(fault.severity, fault.code, fault.text).at(path).position(self.line, self.column)
    }
}
