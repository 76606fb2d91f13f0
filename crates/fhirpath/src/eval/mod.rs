//! Evaluation: a walk over the tree with a counter.
//!
//! What must hold: every loop charges the counter, so that an evaluation ends; recursion is only as deep as the tree
//! (bounded by [`crate::MOST_DEPTH`]) or as the document (bounded by its parser).

mod convert;
mod dates;
mod equal;
mod fhir;
mod math;
mod navigate;
mod operators;
mod sets;
mod text;

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::context::Context;
use crate::error::EvalError;
use crate::item::{Collection, Item};
use crate::syntax::ast::{Call, Expr, Link, Path, Variable};
use crate::syntax::functions::Function;

pub(crate) use text::regex_of;

/// Evaluates an expression on one item.
pub(crate) fn evaluate<'a>(
    expr: &'a Expr,
    context: &Context<'a>,
    focus: &Item<'a>,
) -> Result<Collection<'a>, EvalError> {
    let mut machine = Machine { context, root: focus, steps: 0 };
    let scope = Scope { focus: std::slice::from_ref(focus), index: None, total: None };
    machine.expression(expr, scope)
}

/// What a lambda sees.
#[derive(Clone, Copy)]
struct Scope<'s, 'a> {
    /// `$this`: one item, or the input of `iif`.
    focus: &'s [Item<'a>],
    /// `$index`.
    index: Option<i32>,
    /// `$total`.
    total: Option<&'s [Item<'a>]>,
}

/// One evaluation.
struct Machine<'m, 'a> {
    context: &'m Context<'a>,
    /// `%context`.
    root: &'m Item<'a>,
    steps: u64,
}

type Answer<'a> = Result<Collection<'a>, EvalError>;

/// One item.
fn one(item: Item<'_>) -> Collection<'_> {
    SmallVec::from_iter([item])
}

/// One item, or none.
fn some(item: Option<Item<'_>>) -> Collection<'_> {
    item.into_iter().collect()
}

/// A truth, or none.
fn truth_of<'a>(value: Option<bool>) -> Collection<'a> {
    some(value.map(Item::Boolean))
}

/// The truth of a collection: none of the empty one, the boolean of one item, and true of one item that is no boolean
/// (FHIRPath's singleton evaluation).
pub(crate) fn truth(items: &[Item<'_>], what: &'static str) -> Result<Option<bool>, EvalError> {
    match items {
        [] => Ok(None),
        [Item::Boolean(yes)] => Ok(Some(*yes)),
        [item] => Ok(Some(item.as_bool().unwrap_or(true))),
        _ => Err(EvalError::NotSingle(what)),
    }
}

/// The one item of a collection, if it has any.
fn single<'i, 'a>(items: &'i [Item<'a>], what: &'static str) -> Result<Option<&'i Item<'a>>, EvalError> {
    match items {
        [] => Ok(None),
        [item] => Ok(Some(item)),
        _ => Err(EvalError::NotSingle(what)),
    }
}

/// The value of the one item of a collection that must be a value: none of no item and of a primitive that has only
/// extensions; an element that cannot have a value is an error.
fn value_in<'i, 'a>(items: &'i [Item<'a>], what: &'static str) -> Result<Option<Cow<'i, Item<'a>>>, EvalError> {
    let Some(item) = single(items, what)? else { return Ok(None) };
    match (item.system(), item) {
        (None, Item::Node(element)) if !element.may_have_value() => Err(EvalError::Type(what)),
        (value, _) => Ok(value),
    }
}

impl<'a> Machine<'_, 'a> {
    /// Counts work.
    fn charge(&mut self, steps: usize) -> Result<(), EvalError> {
        self.steps = self.steps.saturating_add(steps as u64);
        if self.steps > self.context.limits.steps { Err(EvalError::TooManySteps) } else { Ok(()) }
    }

    /// Counts a collection that grew.
    fn bound(&mut self, items: usize) -> Result<(), EvalError> {
        if items > self.context.limits.items { Err(EvalError::TooLarge) } else { Ok(()) }
    }

    /// Counts a text before it is made.
    fn bound_text(&mut self, bytes: usize) -> Result<(), EvalError> {
        if bytes > self.context.limits.text_bytes {
            return Err(EvalError::TooLarge);
        }
        self.charge(bytes / 64)
    }

    fn expression(&mut self, expr: &'a Expr, scope: Scope<'_, 'a>) -> Answer<'a> {
        self.charge(1)?;
        match expr {
            Expr::Empty => Ok(Collection::new()),
            Expr::Literal(literal) => Ok(one(literal.item())),
            Expr::This => Ok(scope.focus.iter().cloned().collect()),
            Expr::Index => Ok(some(scope.index.map(Item::Integer))),
            Expr::Total => Ok(scope.total.unwrap_or_default().iter().cloned().collect()),
            Expr::Variable(variable) => self.variable(variable),
            Expr::Path(path) => self.path(path, scope),
            Expr::Chain(chain) => self.chain(chain, scope),
            Expr::Minus(operand) => {
                let items = self.expression(operand, scope)?;
                operators::negative(&items)
            }
            Expr::Plus(operand) => {
                let items = self.expression(operand, scope)?;
                match value_in(&items, "+")?.as_deref() {
                    None | Some(Item::Integer(_) | Item::Decimal(_) | Item::Quantity(_)) => Ok(items),
                    Some(_) => Err(EvalError::Type("+")),
                }
            }
        }
    }

    fn variable(&mut self, variable: &'a Variable) -> Answer<'a> {
        let defs = self.context.defs;
        let resource = |node| Item::Node(crate::Element::resource(defs, node, crate::UNTYPED));
        match variable {
            Variable::Context => Ok(one(self.root.clone())),
            Variable::Resource => Ok(one(resource(self.context.resource))),
            Variable::RootResource => Ok(one(resource(self.context.root_resource))),
            Variable::Given(name) => {
                let given = self.context.variables.iter().find(|(known, _)| **known == **name);
                given
                    .map(|(_, items)| items.iter().cloned().collect())
                    .ok_or_else(|| EvalError::UnknownVariable(name.clone()))
            }
        }
    }

    fn path(&mut self, path: &'a Path, scope: Scope<'_, 'a>) -> Answer<'a> {
        let mut links = path.links.iter();
        // A path from the focus starts on the focus as it is, without a copy.
        let mut items = match (&path.start, path.links.first()) {
            (Expr::This, Some(Link::Field(field))) => {
                links.next();
                let mut next = Collection::new();
                for item in scope.focus {
                    self.step(item, field, &mut next)?;
                }
                next
            }
            (start, _) => self.expression(start, scope)?,
        };
        for link in links {
            items = match link {
                Link::Field(field) => {
                    let mut next = Collection::new();
                    for item in &items {
                        self.step(item, field, &mut next)?;
                    }
                    self.bound(next.len())?;
                    next
                }
                Link::Call(call) => self.call(call, items, scope)?,
                Link::At(index, _) => self.at(index, items, scope)?,
            };
        }
        Ok(items)
    }

    fn at(&mut self, index: &'a Expr, items: Collection<'a>, scope: Scope<'_, 'a>) -> Answer<'a> {
        let index = self.expression(index, scope)?;
        let index = self.integer(&index, "[]")?;
        let index = index.and_then(|index| usize::try_from(index).ok());
        Ok(some(index.and_then(|index| items.into_iter().nth(index))))
    }

    fn call(&mut self, call: &'a Call, input: Collection<'a>, scope: Scope<'_, 'a>) -> Answer<'a> {
        self.charge(1)?;
        match call.function {
            Function::Set(set) => self.set(set, call, input, scope),
            Function::Text(text) => self.text(text, call, &input, scope),
            Function::Math(math) => self.math(math, call, &input, scope),
            Function::Convert(convert) => self.convert(convert, call, &input, scope),
            Function::Fhir(fhir) => self.fhir(fhir, call, input, scope),
            Function::Date(date) => self.date(date),
        }
    }

    /// An argument that is no lambda.
    fn argument(&mut self, call: &'a Call, at: usize, scope: Scope<'_, 'a>) -> Answer<'a> {
        match call.arguments.get(at) {
            Some(argument) => self.expression(argument, scope),
            None => Ok(Collection::new()),
        }
    }

    /// The integer of a collection, if it has one.
    fn integer(&mut self, items: &[Item<'a>], what: &'static str) -> Result<Option<i32>, EvalError> {
        match value_in(items, what)?.as_deref() {
            None => Ok(None),
            Some(Item::Integer(number)) => Ok(Some(*number)),
            Some(_) => Err(EvalError::Type(what)),
        }
    }
}
