//! FHIRPath for invariants and discriminators (N1, as R4 uses it: <https://hl7.org/fhir/R4/fhirpath.html>): compiled
//! once, run over the tree of a resource. Pure, bounded in time and depth, never silent: what cannot be compiled is an
//! [`Unsupported`] that names it, what cannot be answered a [`Fault`].

mod collections;
mod compare;
mod compile;
mod conversion;
mod decimal;
mod direct;
mod entries;
mod fault;
mod fuel;
mod host;
mod item;
mod kept;
mod lexer;
mod math;
mod moment;
mod names;
mod operators;
mod parser;
mod path;
mod program;
mod published;
mod quantity;
mod run;
mod scope;
mod shape;
#[cfg(test)]
mod tests;
mod text;
mod tree;
mod types;

pub use decimal::Decimal;
pub use entries::{Entry, InBundle};
pub use fault::{Fault, Unsupported};
pub use item::{Item, Node, System};
pub use moment::Moment;
pub use path::{path_of, renamed};
pub use published::corrected;
pub use quantity::Quantity;
pub use scope::{Alone, Host, Scope};
pub use types::TypeId;

use program::Expr;
use run::{Frame, Run};
use shape::Shape;

/// An expression, compiled: made once, shared, run any number of times.
#[derive(Debug, Clone)]
pub struct Program {
    expr: Expr,
    shape: Shape,
}

/// What an invariant says of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    True,
    False,
    /// The expression has no value here. The reference implementation counts that as broken; the caller decides.
    Empty,
    /// It could not be worked out.
    Error(Fault),
}

impl Program {
    /// Compiles an expression.
    ///
    /// # Errors
    /// What is not FHIRPath, or not supported, named with its place.
    pub fn compile(expression: &str) -> Result<Self, Unsupported> {
        let expr = compile::compile(&parser::parse(expression)?)?;
        let shape = shape::of(&expr);
        Ok(Self { expr, shape })
    }

    /// The verdict of an invariant on the node in the scope: one truth value is itself, one item of another type is true,
    /// and so are several.
    pub fn check<'a>(&'a self, scope: &Scope<'a, '_>) -> Verdict {
        Run::new(Some(scope)).verdict(&self.shape, &self.expr, scope.context)
    }

    /// The same without a shape, for comparison.
    #[cfg(test)]
    fn check_slowly<'a>(&'a self, scope: &Scope<'a, '_>) -> Verdict {
        let shape = Shape::Other(Box::new(self.expr.clone()));
        let run = Run::new(Some(scope));
        // leaked, for it must live as long as what it leads to
        run.verdict(Box::leak(Box::new(shape)), &self.expr, scope.context)
    }

    /// All items the expression leads to from the node in the scope.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn evaluate<'a>(&'a self, scope: &Scope<'a, '_>) -> Result<Vec<Item<'a>>, Fault> {
        let run = Run::new(Some(scope));
        let focus = [Item::Node(scope.context)];
        run.collect(&self.expr, &Frame { focus: &focus, index: 0, total: &[] })
    }
}
