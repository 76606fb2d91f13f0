//! Functions of numbers, and the bounds that a value of limited precision stands for.

use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::equal::decimal;
use super::{Answer, Machine, Scope, one, some, value_in};
use crate::error::EvalError;
use crate::item::{Collection, Item};
use crate::syntax::ast::Call;
use crate::syntax::functions::Math;
use crate::value::calendar::Sort;
use crate::value::{Quantity, number};

/// Decimals of a boundary where none are asked for.
const BOUNDARY_PLACES: i32 = 8;
/// Most decimals that a number can keep.
const MOST_PLACES: i32 = 28;

impl<'a> Machine<'_, 'a> {
    pub(super) fn math(&mut self, math: Math, call: &'a Call, input: &[Item<'a>], scope: Scope<'_, 'a>) -> Answer<'a> {
        let what = "math function";
        let Some(subject) = value_in(input, what)? else { return Ok(Collection::new()) };
        let argument = self.argument(call, 0, scope)?;
        let argument = value_in(&argument, what)?;
        match math {
            Math::LowBoundary | Math::HighBoundary => {
                boundary(&subject, argument.as_deref(), math == Math::HighBoundary)
            }
            Math::Precision => precision(&subject),
            Math::Comparable => match (&*subject, argument.as_deref()) {
                (Item::Quantity(a), Some(Item::Quantity(b))) => Ok(one(Item::Boolean(a.is_comparable(b)))),
                (_, None) => Ok(Collection::new()),
                _ => Err(EvalError::Type("comparable()")),
            },
            Math::Abs | Math::Ceiling | Math::Floor | Math::Truncate => rounded(math, &subject),
            Math::Round => {
                let places = match argument.as_deref() {
                    None => 0,
                    Some(Item::Integer(places)) => {
                        u32::try_from(*places).map_err(|_| EvalError::Argument("round()"))?
                    }
                    Some(_) => return Err(EvalError::Type("round()")),
                };
                match &*subject {
                    Item::Quantity(q) => {
                        let value = number::round(q.value, places);
                        Ok(one(Item::Quantity(Box::new(Quantity { value, unit: q.unit.clone() }))))
                    }
                    item => Ok(one(Item::Decimal(number::round(numeric(item)?, places)))),
                }
            }
            Math::Log | Math::Power if argument.is_none() => Ok(Collection::new()),
            Math::Power => power(&subject, argument.as_deref()),
            _ => {
                let value = numeric(&subject)?;
                let result = match (math, argument.as_deref()) {
                    (Math::Exp, _) => number::binary(value, f64::exp),
                    (Math::Ln, _) => number::binary(value, f64::ln),
                    (Math::Log, Some(base)) => number::log(value, numeric(base)?),
                    _ => number::sqrt(value),
                };
                Ok(some(result.map(Item::Decimal)))
            }
        }
    }
}

fn numeric(item: &Item<'_>) -> Result<Decimal, EvalError> {
    decimal(item).ok_or(EvalError::Type("math function"))
}

/// Whole numbers to a whole power stay whole where they fit.
fn power<'a>(base: &Item<'a>, exponent: Option<&Item<'a>>) -> Answer<'a> {
    let Some(exponent) = exponent else { return Ok(Collection::new()) };
    let result = number::power(numeric(base)?, numeric(exponent)?);
    let whole = matches!((base, exponent), (Item::Integer(_), Item::Integer(_)));
    Ok(some(result.map(|value| match value.to_i32().filter(|_| whole && value.fract().is_zero()) {
        Some(whole) => Item::Integer(whole),
        None => Item::Decimal(value),
    })))
}

/// `abs`, `ceiling`, `floor` and `truncate`: the last three answer whole numbers, or nothing where they do not fit.
fn rounded<'a>(math: Math, subject: &Item<'a>) -> Answer<'a> {
    if let Item::Quantity(quantity) = subject {
        let value = match math {
            Math::Abs => quantity.value.abs(),
            Math::Ceiling => quantity.value.ceil(),
            Math::Floor => quantity.value.floor(),
            _ => quantity.value.trunc(),
        };
        return Ok(one(Item::Quantity(Box::new(Quantity { value, unit: quantity.unit.clone() }))));
    }
    Ok(match (math, subject) {
        (Math::Abs, Item::Integer(number)) => some(number.checked_abs().map(Item::Integer)),
        (Math::Abs, item) => one(Item::Decimal(numeric(item)?.abs())),
        (Math::Ceiling, item) => some(numeric(item)?.ceil().to_i32().map(Item::Integer)),
        (Math::Floor, item) => some(numeric(item)?.floor().to_i32().map(Item::Integer)),
        (_, item) => some(numeric(item)?.trunc().to_i32().map(Item::Integer)),
    })
}

/// `lowBoundary()` and `highBoundary()`.
fn boundary<'a>(subject: &Item<'a>, digits: Option<&Item<'a>>, high: bool) -> Answer<'a> {
    let digits = match digits {
        None => None,
        Some(Item::Integer(digits)) => Some(*digits),
        Some(_) => return Err(EvalError::Type("lowBoundary()/highBoundary()")),
    };
    let places = digits.unwrap_or(BOUNDARY_PLACES);
    let bound = |value: Decimal| {
        let places = u32::try_from(places).ok().filter(|_| places <= MOST_PLACES)?;
        number::boundary(value, places, high)
    };
    Ok(some(match subject {
        Item::Integer(number) => bound(Decimal::from(*number)).map(Item::Decimal),
        Item::Decimal(number) => bound(*number).map(Item::Decimal),
        Item::Quantity(quantity) => {
            bound(quantity.value).map(|value| Item::Quantity(Box::new(Quantity { value, unit: quantity.unit.clone() })))
        }
        Item::Date(date) => date.boundary(digits, Sort::Date, high).map(Item::Date),
        Item::DateTime(date) => date.boundary(digits, Sort::DateTime, high).map(Item::DateTime),
        Item::Time(time) => time.boundary(digits, Sort::Time, high).map(Item::Time),
        _ => return Err(EvalError::Type("lowBoundary()/highBoundary()")),
    }))
}

/// `precision()`: decimals of a number, digits of a date or time.
fn precision<'a>(subject: &Item<'a>) -> Answer<'a> {
    Ok(one(Item::Integer(match subject {
        Item::Integer(_) => 0,
        Item::Decimal(number) => i32::try_from(number.scale()).unwrap_or(MOST_PLACES),
        Item::Date(date) => date.digits_written(Sort::Date),
        Item::DateTime(date) => date.digits_written(Sort::DateTime),
        Item::Time(time) => time.digits_written(Sort::Time),
        _ => return Err(EvalError::Type("precision()")),
    })))
}
