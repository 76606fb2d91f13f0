//! Operators: arithmetic, order, logic with three values, types.

use std::borrow::Cow;
use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::equal::{Distinct, decimal};
use super::{Answer, Machine, Scope, one, single, some, truth, truth_of, value_in};
use crate::error::EvalError;
use crate::item::{Collection, Element, Item, UNTYPED, system_name};
use crate::syntax::ast::{Binary, Chain, Operation, TypeSpec};
use crate::value::Quantity;
use crate::value::calendar::Sort;
use crate::value::quantity::Calendar;
use tsumugi_fhir_definitions::TypeKind;

impl<'a> Machine<'_, 'a> {
    pub(super) fn chain(&mut self, chain: &'a Chain, scope: Scope<'_, 'a>) -> Answer<'a> {
        let mut left = self.expression(&chain.first, scope)?;
        for operation in &chain.rest {
            self.charge(1)?;
            left = match operation {
                Operation::Is(spec) => self.is(&left, spec)?,
                Operation::As(spec) => self.cast(left, spec, true)?,
                Operation::Binary(binary, right) => {
                    if let Some(known) = self.short(*binary, &left)? {
                        known
                    } else {
                        let right = self.expression(right, scope)?;
                        self.binary(*binary, left, right)?
                    }
                }
            };
        }
        Ok(left)
    }

    /// The result where the left side decides alone.
    fn short(&mut self, binary: Binary, left: &[Item<'a>]) -> Result<Option<Collection<'a>>, EvalError> {
        let decided = match binary {
            Binary::And => truth(left, "and")? == Some(false),
            Binary::Or => truth(left, "or")? == Some(true),
            Binary::Implies => truth(left, "implies")? == Some(false),
            _ => return Ok(None),
        };
        Ok(decided.then(|| one(Item::Boolean(binary != Binary::And))))
    }

    fn binary(&mut self, binary: Binary, left: Collection<'a>, right: Collection<'a>) -> Answer<'a> {
        match binary {
            Binary::Equal => Ok(truth_of(self.equal_collections(&left, &right)?)),
            Binary::NotEqual => Ok(truth_of(self.equal_collections(&left, &right)?.map(|same| !same))),
            Binary::Equivalent => Ok(truth_of(Some(self.equivalent_collections(&left, &right)?))),
            Binary::NotEquivalent => Ok(truth_of(Some(!self.equivalent_collections(&left, &right)?))),
            Binary::Less => self.order(&left, &right, "<", Ordering::is_lt),
            Binary::LessOrEqual => self.order(&left, &right, "<=", Ordering::is_le),
            Binary::Greater => self.order(&left, &right, ">", Ordering::is_gt),
            Binary::GreaterOrEqual => self.order(&left, &right, ">=", Ordering::is_ge),
            Binary::And | Binary::Or | Binary::Xor | Binary::Implies => logic(binary, &left, &right),
            Binary::In => self.member(&left, &right, "in"),
            Binary::Contains => self.member(&right, &left, "contains"),
            Binary::Union => {
                let mut out = Distinct::default();
                self.add_distinct(left, &mut out)?;
                self.add_distinct(right, &mut out)?;
                Ok(out.items)
            }
            Binary::Concatenate => {
                let mut text = String::new();
                for side in [&left, &right] {
                    if let Some(item) = single(side, "&")? {
                        let part = item.to_text().ok_or(EvalError::Type("&"))?;
                        self.bound_text(text.len() + part.len())?;
                        text.push_str(&part);
                    }
                }
                Ok(one(Item::String(Cow::Owned(text))))
            }
            Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide | Binary::Div | Binary::Mod => {
                self.arithmetic(binary, &left, &right)
            }
        }
    }

    fn order(
        &mut self,
        left: &[Item<'a>],
        right: &[Item<'a>],
        what: &'static str,
        holds: impl Fn(Ordering) -> bool,
    ) -> Answer<'a> {
        match (single(left, what)?, single(right, what)?) {
            (Some(a), Some(b)) => Ok(truth_of(self.compare(a, b, what)?.map(holds))),
            _ => Ok(Collection::new()),
        }
    }

    fn member(&mut self, item: &[Item<'a>], items: &[Item<'a>], what: &'static str) -> Answer<'a> {
        match single(item, what)? {
            Some(item) => Ok(truth_of(Some(self.holds(items, item)?))),
            None => Ok(Collection::new()),
        }
    }

    fn arithmetic(&mut self, binary: Binary, left: &[Item<'a>], right: &[Item<'a>]) -> Answer<'a> {
        let what = sign(binary);
        let (Some(a), Some(b)) = (value_in(left, what)?, value_in(right, what)?) else {
            return Ok(Collection::new());
        };
        let result = match (&*a, &*b) {
            (Item::String(a), Item::String(b)) if binary == Binary::Add => {
                self.bound_text(a.len() + b.len())?;
                Some(Item::String(Cow::Owned(format!("{a}{b}"))))
            }
            (Item::Integer(a), Item::Integer(b)) => integers(binary, *a, *b),
            (Item::Quantity(a), Item::Quantity(b)) => quantities(binary, a, b)?,
            (date @ (Item::Date(_) | Item::DateTime(_) | Item::Time(_)), Item::Quantity(by)) => {
                return moved(binary, date, by);
            }
            (a, b) => match (decimal(a), decimal(b)) {
                (Some(a), Some(b)) => decimals(binary, a, b),
                (None, Some(b)) => match a {
                    Item::Quantity(a) => quantities(binary, a, &Quantity::plain(b))?,
                    _ => return Err(EvalError::Type(what)),
                },
                (Some(a), None) => match b {
                    Item::Quantity(b) => quantities(binary, &Quantity::plain(a), b)?,
                    _ => return Err(EvalError::Type(what)),
                },
                (None, None) => return Err(EvalError::Type(what)),
            },
        };
        Ok(some(result))
    }

    /// `is`: of the one item.
    pub(super) fn is(&mut self, items: &[Item<'a>], spec: &TypeSpec) -> Answer<'a> {
        match single(items, "is")? {
            Some(item) => Ok(truth_of(Some(self.is_of(item, spec, false)?))),
            None => Ok(Collection::new()),
        }
    }

    /// `as` and `ofType`: those of a type. `one` says that FHIRPath allows a single item only.
    pub(super) fn cast(&mut self, items: Collection<'a>, spec: &TypeSpec, one: bool) -> Answer<'a> {
        if one && self.context.single_as {
            single(&items, "as")?;
        }
        let mut out = Collection::new();
        self.known(spec, false)?;
        for item in items {
            self.charge(1)?;
            if self.is_of(&item, spec, true)? {
                out.push(item);
            }
        }
        Ok(out)
    }

    /// Refuses a type that nobody has. For `is`, one that FHIRPath's own namespace lacks is no error.
    fn known(&self, spec: &TypeSpec, is: bool) -> Result<(), EvalError> {
        let fhir = || !spec.is_system() && self.context.defs.type_named(&spec.name).is_some();
        match spec.resolved || spec.system_type().is_some() || is && spec.is_system() || fhir() {
            true => Ok(()),
            false => Err(EvalError::UnknownType),
        }
    }

    /// Whether an item is of a type. For `as` and `ofType` a primitive must be of exactly that type, as HL7's tests ask:
    /// a `code` is a `string`, but is not given out as one.
    fn is_of(&self, item: &Item<'a>, spec: &TypeSpec, exactly: bool) -> Result<bool, EvalError> {
        let defs = self.context.defs;
        self.known(spec, true)?;
        let element = match item {
            Item::Node(element) => element,
            value => return Ok(value.system_type().is_some_and(|system| spec.system_type() == Some(system))),
        };
        if element.ty == UNTYPED {
            return Ok(false);
        }
        let definition = defs.ty(element.ty);
        if definition.kind == TypeKind::System {
            let name = system_name(&definition.name);
            return Ok(spec.system_type().is_some_and(|system| system.name() == name)
                || !spec.is_system() && name.eq_ignore_ascii_case(&spec.name));
        }
        if spec.is_system() {
            return Ok(false);
        }
        let wanted = if spec.resolved { spec.fhir } else { defs.type_named(&spec.name) };
        Ok(wanted.is_some_and(|wanted| {
            element.ty == wanted || !(exactly && element.class.is_primitive()) && defs.is_a(element.ty, wanted)
        }))
    }
}

fn sign(binary: Binary) -> &'static str {
    match binary {
        Binary::Add => "+",
        Binary::Subtract => "-",
        Binary::Multiply => "*",
        Binary::Divide => "/",
        Binary::Div => "div",
        _ => "mod",
    }
}

/// `-`.
pub(super) fn negative<'a>(items: &[Item<'a>]) -> Answer<'a> {
    let Some(item) = value_in(items, "-")? else { return Ok(Collection::new()) };
    Ok(match &*item {
        Item::Integer(number) => some(number.checked_neg().map(Item::Integer)),
        Item::Decimal(number) => one(Item::Decimal(-*number)),
        Item::Quantity(q) => one(Item::Quantity(Box::new(Quantity { value: -q.value, unit: q.unit.clone() }))),
        _ => return Err(EvalError::Type("-")),
    })
}

/// Logic with three values.
fn logic<'a>(binary: Binary, left: &[Item<'a>], right: &[Item<'a>]) -> Answer<'a> {
    let what = match binary {
        Binary::And => "and",
        Binary::Or => "or",
        Binary::Xor => "xor",
        _ => "implies",
    };
    let (a, b) = (truth(left, what)?, truth(right, what)?);
    Ok(truth_of(match binary {
        Binary::And => match (a, b) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        },
        Binary::Or => match (a, b) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        },
        Binary::Xor => a.zip(b).map(|(a, b)| a != b),
        _ => match (a, b) {
            (Some(false), _) | (_, Some(true)) => Some(true),
            (Some(true), b) => b,
            (None, _) => None,
        },
    }))
}

fn integers<'a>(binary: Binary, a: i32, b: i32) -> Option<Item<'a>> {
    let whole = match binary {
        Binary::Add => a.checked_add(b),
        Binary::Subtract => a.checked_sub(b),
        Binary::Multiply => a.checked_mul(b),
        Binary::Div => a.checked_div(b),
        Binary::Mod => a.checked_rem(b),
        _ => return Decimal::from(a).checked_div(Decimal::from(b)).map(Item::Decimal),
    };
    whole.map(Item::Integer)
}

fn decimals<'a>(binary: Binary, a: Decimal, b: Decimal) -> Option<Item<'a>> {
    use rust_decimal::prelude::ToPrimitive;
    match binary {
        Binary::Add => a.checked_add(b).map(Item::Decimal),
        Binary::Subtract => a.checked_sub(b).map(Item::Decimal),
        Binary::Multiply => a.checked_mul(b).map(Item::Decimal),
        Binary::Divide => a.checked_div(b).map(Item::Decimal),
        Binary::Mod => a.checked_rem(b).map(Item::Decimal),
        _ => a.checked_div(b).and_then(|d| d.trunc().to_i32()).map(Item::Integer),
    }
}

fn quantities<'a>(binary: Binary, a: &Quantity, b: &Quantity) -> Result<Option<Item<'a>>, EvalError> {
    let result = match binary {
        Binary::Add => a.plus(b, false),
        Binary::Subtract => a.plus(b, true),
        Binary::Multiply => a.times(b, false),
        Binary::Divide => a.times(b, true),
        _ => return Err(EvalError::Type(sign(binary))),
    };
    Ok(result.map(|quantity| Item::Quantity(Box::new(quantity))))
}

/// A date or time with a duration added or taken away.
fn moved<'a>(binary: Binary, date: &Item<'a>, by: &Quantity) -> Answer<'a> {
    let what = sign(binary);
    let amount = match binary {
        Binary::Add => by.value,
        Binary::Subtract => -by.value,
        _ => return Err(EvalError::Type(what)),
    };
    let unit = by.unit.as_calendar().ok_or(EvalError::Type(what))?;
    Ok(match date {
        Item::Date(date) => some(date.plus(amount, unit, Sort::Date).map(Item::Date)),
        Item::DateTime(date) => some(date.plus(amount, unit, Sort::DateTime).map(Item::DateTime)),
        Item::Time(_) if unit <= Calendar::Day => return Err(EvalError::Type(what)),
        Item::Time(time) => some(time.plus(amount, unit, Sort::Time).map(Item::Time)),
        _ => return Err(EvalError::Type(what)),
    })
}

/// Whether an element has a value of its own, not only extensions.
pub(super) fn has_value(element: &Element<'_>) -> bool {
    element.class.is_primitive() && element.node.is_some_and(|node| !node.is_object() && !node.is_array())
}
