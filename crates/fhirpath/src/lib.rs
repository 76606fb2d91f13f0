//! FHIRPath for R4, over JSON as it was written.
//!
//! The language is FHIRPath N1 2.0 with the functions of FHIR R4 and those of later editions that HL7's R4 tests use. An
//! [`Expression`] is parsed once and prepared against the definitions: names become JSON keys, types become ids, constant
//! regular expressions are compiled. Evaluation borrows the document; walking down allocates nothing.
//!
//! Numbers are exact decimals; what does not fit is empty, as FHIRPath asks of overflow. Dates keep their precision, and
//! a comparison that the precision does not decide is empty. Elements without definition are reached by their JSON name.
//!
//! What must hold: any text is an expression or a [`ParseError`], any evaluation ends within its [`Limits`] with a result
//! or an [`EvalError`], neither panics nor overflows the stack; nothing here reads a clock, does I/O, or repeats a value of
//! the document in a message.

mod context;
mod error;
mod eval;
mod html;
mod item;
pub mod mix;
pub mod suite;
mod syntax;
pub mod value;

use std::sync::Arc;

use tsumugi_fhir::json::Node;
use tsumugi_fhir_definitions::{Definitions, TypeId};

pub use context::{Conform, Context, Limits, Resolve};
pub use error::{EvalError, ParseError, ParseFault};
pub use item::{Collection, Element, Item, UNTYPED};

/// Longest expression, in bytes.
pub const MOST_BYTES: usize = 16 * 1024;
/// Deepest nesting of operators, brackets and arguments.
pub const MOST_DEPTH: usize = 64;

/// A parsed expression. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Expression(Arc<syntax::ast::Expr>);

impl Expression {
    /// Parses a text; names are looked up while evaluating.
    ///
    /// # Errors
    /// [`ParseError`] says what is wrong and where.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        syntax::parse::parse(text).map(|expr| Self(Arc::new(expr)))
    }

    /// Parses a text and resolves what can be known beforehand: types, and the JSON keys of names, starting from
    /// `context` where it is known. The result is for `defs`, and for others that extend them.
    ///
    /// # Errors
    /// [`ParseError`] says what is wrong and where; an unknown type is an error here.
    pub fn prepare(text: &str, defs: &Definitions, context: Option<TypeId>) -> Result<Self, ParseError> {
        let mut expr = syntax::parse::parse(text)?;
        syntax::resolve::resolve(&mut expr, defs, context, false)?;
        Ok(Self(Arc::new(expr)))
    }

    /// As [`Expression::prepare`], and refuses what can be seen to be wrong by the types alone: elements that a type does
    /// not have, operands that a function does not take, first and last of what has no order.
    ///
    /// # Errors
    /// [`ParseError`] says what is wrong and where.
    pub fn check(text: &str, defs: &Definitions, context: Option<TypeId>) -> Result<Self, ParseError> {
        let mut expr = syntax::parse::parse(text)?;
        syntax::resolve::resolve(&mut expr, defs, context, true)?;
        Ok(Self(Arc::new(expr)))
    }

    /// Evaluates on one item, which is `%context` as well.
    ///
    /// # Errors
    /// [`EvalError`] where the expression does not fit the data, or takes more than the limits.
    pub fn evaluate<'a>(&'a self, context: &Context<'a>, focus: Item<'a>) -> Result<Collection<'a>, EvalError> {
        eval::evaluate(&self.0, context, &focus)
    }

    /// Evaluates on a node of a known type; an abstract resource type is made real by its `resourceType`.
    ///
    /// # Errors
    /// As [`Expression::evaluate`].
    pub fn evaluate_node<'a>(
        &'a self,
        context: &Context<'a>,
        node: Node<'a>,
        ty: TypeId,
    ) -> Result<Collection<'a>, EvalError> {
        self.evaluate(context, Item::Node(Element::new(context.defs, node, ty, None)))
    }

    /// Evaluates to one truth: `None` for the empty collection; a single item that is no boolean counts as true.
    ///
    /// # Errors
    /// As [`Expression::evaluate`], and [`EvalError::NotSingle`] for more than one item.
    pub fn is_true<'a>(&'a self, context: &Context<'a>, focus: Item<'a>) -> Result<Option<bool>, EvalError> {
        eval::truth(&self.evaluate(context, focus)?, "is_true")
    }
}
