//! Conversions: `toInteger()` and its like, and the questions whether they would answer.

use std::borrow::Cow;

use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::{Answer, Machine, Scope, one, single, some};
use crate::error::EvalError;
use crate::item::{Collection, Item};
use crate::syntax::ast::{Call, System};
use crate::syntax::functions::Convert;
use crate::value::quantity::plain_decimal;
use crate::value::temporal::Precision;
use crate::value::{Quantity, Temporal, Unit};

impl<'a> Machine<'_, 'a> {
    pub(super) fn convert(
        &mut self,
        convert: Convert,
        call: &'a Call,
        input: &[Item<'a>],
        scope: Scope<'_, 'a>,
    ) -> Answer<'a> {
        let Some(item) = single(input, "conversion")? else { return Ok(Collection::new()) };
        let result = match (convert.to, item) {
            // What is written is said as it is written.
            (System::String, item) => item.to_text().map(|text| Item::String(Cow::Owned(text.into_owned()))),
            (_, item) => match item.system() {
                Some(value) => converted(convert.to, &value),
                None => None,
            },
        };
        let result = match (result, call.arguments.is_empty()) {
            (Some(Item::Quantity(quantity)), false) => self.in_unit(&quantity, call, scope)?,
            (result, _) => result,
        };
        if convert.asks {
            return Ok(one(Item::Boolean(result.is_some())));
        }
        Ok(some(result))
    }

    /// A quantity in the unit that the argument names.
    fn in_unit(
        &mut self,
        quantity: &Quantity,
        call: &'a Call,
        scope: Scope<'_, 'a>,
    ) -> Result<Option<Item<'a>>, EvalError> {
        let unit = self.argument(call, 0, scope)?;
        let Some(unit) = single(&unit, "toQuantity()")? else { return Ok(None) };
        let unit = Unit::from_text(&unit.as_text().ok_or(EvalError::Type("toQuantity()"))?);
        Ok(quantity.converted(&unit).map(|value| Item::Quantity(Box::new(Quantity { value, unit }))))
    }
}

fn converted<'a>(to: System, value: &Item<'a>) -> Option<Item<'a>> {
    match to {
        System::Boolean => boolean(value).map(Item::Boolean),
        System::Integer => integer(value).map(Item::Integer),
        System::Decimal => decimal(value).map(Item::Decimal),
        System::Quantity => quantity(value).map(|quantity| Item::Quantity(Box::new(quantity))),
        System::Date => match value {
            Item::Date(date) => Some(*date),
            Item::DateTime(date) => Some(date.cut(date.precision.min(Precision::Day), 0)),
            Item::String(text) => Temporal::date_time(text).map(|date| date.cut(date.precision.min(Precision::Day), 0)),
            _ => None,
        }
        .map(Item::Date),
        System::DateTime => match value {
            Item::Date(date) | Item::DateTime(date) => Some(*date),
            Item::String(text) => Temporal::date_time(text),
            _ => None,
        }
        .map(Item::DateTime),
        System::Time => match value {
            Item::Time(time) => Some(*time),
            Item::String(text) => Temporal::time(text),
            _ => None,
        }
        .map(Item::Time),
        System::String => value.to_text().map(|text| Item::String(Cow::Owned(text.into_owned()))),
    }
}

fn boolean(value: &Item<'_>) -> Option<bool> {
    match value {
        Item::Boolean(yes) => Some(*yes),
        Item::Integer(_) | Item::Decimal(_) => {
            let number = super::equal::decimal(value)?;
            if number == Decimal::ONE { Some(true) } else { number.is_zero().then_some(false) }
        }
        Item::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "1" | "1.0" => Some(true),
            "false" | "f" | "no" | "n" | "0" | "0.0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn integer(value: &Item<'_>) -> Option<i32> {
    match value {
        Item::Integer(number) => Some(*number),
        Item::Boolean(yes) => Some(i32::from(*yes)),
        Item::Decimal(number) if number.fract().is_zero() => number.to_i32(),
        Item::String(text) => {
            let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
            digits.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
        }
        _ => None,
    }
}

fn decimal(value: &Item<'_>) -> Option<Decimal> {
    match value {
        Item::Boolean(yes) => Some(Decimal::from(i32::from(*yes))),
        Item::String(text) => plain_decimal(text),
        other => super::equal::decimal(other),
    }
}

fn quantity(value: &Item<'_>) -> Option<Quantity> {
    match value {
        Item::Quantity(quantity) => Some((**quantity).clone()),
        Item::String(text) => Quantity::parse(text),
        other => decimal(other).map(Quantity::plain),
    }
}
