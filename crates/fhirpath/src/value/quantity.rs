//! Quantities: exact values with a UCUM unit or a calendar duration.
//!
//! Calendar words (`year`, `days` …) and UCUM's codes are kept apart: from weeks down they are the same length and
//! compare; a calendar year or month and UCUM's mean year (`a`) and month (`mo`) do not (FHIRPath N1 2.0, 4.1.8).

use std::cmp::Ordering;

use octofhir_ucum::Number;
use rust_decimal::Decimal;

use super::number;

/// Longest unit that is looked up; longer ones are no unit.
const UNIT_BYTES: usize = 256;

/// A value with its unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// The value.
    pub value: Decimal,
    /// The unit.
    pub unit: Unit,
}

/// A unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A UCUM code: `mg`, `[lb_av]`; `1` for none.
    Ucum(Box<str>),
    /// A calendar duration.
    Calendar(Calendar),
}

/// Calendar durations, from the longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it all")]
pub enum Calendar {
    Year,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
}

const WORDS: [(&str, &str, Calendar); 8] = [
    ("year", "years", Calendar::Year),
    ("month", "months", Calendar::Month),
    ("week", "weeks", Calendar::Week),
    ("day", "days", Calendar::Day),
    ("hour", "hours", Calendar::Hour),
    ("minute", "minutes", Calendar::Minute),
    ("second", "seconds", Calendar::Second),
    ("millisecond", "milliseconds", Calendar::Millisecond),
];

impl Calendar {
    /// The duration that a word names, singular or plural.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        WORDS.iter().find(|(one, many, _)| *one == word || *many == word).map(|(_, _, unit)| *unit)
    }

    /// The duration that stands for a UCUM code where lengths agree: weeks and below.
    pub(crate) fn from_ucum(code: &str) -> Option<Self> {
        Some(match code {
            "wk" => Self::Week,
            "d" => Self::Day,
            "h" => Self::Hour,
            "min" => Self::Minute,
            "s" => Self::Second,
            "ms" => Self::Millisecond,
            _ => return None,
        })
    }

    /// The word, singular.
    #[must_use]
    pub fn word(self) -> &'static str {
        WORDS.iter().find(|(_, _, unit)| *unit == self).map_or("", |(one, _, _)| one)
    }

    /// The UCUM code of the same length, for weeks and below; of the mean length for years and months.
    fn ucum(self) -> &'static str {
        match self {
            Self::Year => "a",
            Self::Month => "mo",
            Self::Week => "wk",
            Self::Day => "d",
            Self::Hour => "h",
            Self::Minute => "min",
            Self::Second => "s",
            Self::Millisecond => "ms",
        }
    }

    /// Months, for years and months.
    fn months(self) -> Option<Decimal> {
        match self {
            Self::Year => Some(Decimal::from(12)),
            Self::Month => Some(Decimal::ONE),
            _ => None,
        }
    }
}

impl Unit {
    /// The unit that a quoted text names. Calendar words are taken as such: none of them is a UCUM code.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Calendar::from_word(text).map_or_else(|| Self::Ucum(text.into()), Self::Calendar)
    }

    /// The unit of a FHIR Quantity with this UCUM code: durations become calendar durations (R4, "Use of FHIR Quantity").
    pub(crate) fn from_fhir(code: &str) -> Self {
        match code {
            "a" => Self::Calendar(Calendar::Year),
            "mo" => Self::Calendar(Calendar::Month),
            _ => Calendar::from_ucum(code).map_or_else(|| Self::Ucum(code.into()), Self::Calendar),
        }
    }

    /// The unit as text, without quotes.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Ucum(code) => code,
            Self::Calendar(unit) => unit.word(),
        }
    }

    fn code(&self) -> &str {
        match self {
            Self::Ucum(code) => code,
            Self::Calendar(unit) => unit.ucum(),
        }
    }

    /// A calendar year or month: a length that only its own kind compares with.
    fn is_long(&self) -> bool {
        matches!(self, Self::Calendar(Calendar::Year | Calendar::Month))
    }

    /// How a duration counts when added to a date: calendar words, and UCUM's from weeks down.
    pub(crate) fn as_calendar(&self) -> Option<Calendar> {
        match self {
            Self::Calendar(unit) => Some(*unit),
            Self::Ucum(code) => Calendar::from_ucum(code),
        }
    }
}

impl Quantity {
    /// A quantity without unit.
    #[must_use]
    pub fn plain(value: Decimal) -> Self {
        Self { value, unit: Unit::Ucum("1".into()) }
    }

    /// The value as FHIRPath's `toString()` writes it.
    #[must_use]
    pub fn to_text(&self) -> String {
        match &self.unit {
            Unit::Ucum(code) => format!("{} '{code}'", self.value),
            Unit::Calendar(unit) => format!("{} {}", self.value, unit.word()),
        }
    }

    /// `10`, `10 'mg'`, `4 days`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let end = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '+' | '-')).unwrap_or(text.len());
        let (digits, unit) = (&text[..end], text[end..].trim_start());
        let value = plain_decimal(digits)?;
        if unit.is_empty() {
            return Some(Self::plain(value));
        }
        let unit = match unit.strip_prefix('\'').and_then(|u| u.strip_suffix('\'')) {
            Some(code) => known(code).then(|| Unit::Ucum(code.into()))?,
            None => Unit::Calendar(Calendar::from_word(unit)?),
        };
        Some(Self { value, unit })
    }

    /// Which is more; `None` where the units do not compare.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        if self.unit == other.unit {
            return Some(self.value.cmp(&other.value));
        }
        if self.unit.is_long() != other.unit.is_long() {
            return None;
        }
        if let (Unit::Calendar(a), Unit::Calendar(b)) = (&self.unit, &other.unit)
            && let (Some(a), Some(b)) = (a.months(), b.months())
        {
            return Some(self.value.checked_mul(a)?.cmp(&other.value.checked_mul(b)?));
        }
        let (a, b) = (self.canonical()?, other.canonical()?);
        (a.0 == b.0).then(|| a.1.partial_cmp(&b.1)).flatten()
    }

    /// Whether the units compare at all.
    #[must_use]
    pub fn is_comparable(&self, other: &Self) -> bool {
        match (self.canonical(), other.canonical()) {
            (Some(a), Some(b)) => a.0 == b.0,
            _ => false,
        }
    }

    /// Whether both are the same at the precision of the less precise; a calendar year is UCUM's year here.
    #[must_use]
    pub fn is_equivalent(&self, other: &Self) -> bool {
        if self.unit.code() == other.unit.code() {
            return number::is_equivalent(self.value, other.value);
        }
        other.converted(&self.unit).is_some_and(|converted| number::is_equivalent(self.value, converted))
    }

    /// The value in another unit; `None` where units do not compare or the value does not fit.
    pub(crate) fn converted(&self, unit: &Unit) -> Option<Decimal> {
        if self.unit == *unit {
            return Some(self.value);
        }
        let (from, to) = (canonical(self.unit.code())?, canonical(unit.code())?);
        if from.unit != to.unit {
            return None;
        }
        let base = exact(self.value)?.checked_mul(from.factor)?.checked_add(from.offset)?;
        let value = base.checked_sub(to.offset)?.checked_div(to.factor)?;
        number::parse(&value.to_string()).map(|d| d.normalize())
    }

    /// Canonical unit, and the value in it.
    fn canonical(&self) -> Option<(String, Number)> {
        let unit = canonical(self.unit.code())?;
        let value = exact(self.value)?.checked_mul(unit.factor)?.checked_add(unit.offset)?;
        Some((unit.unit, value))
    }

    /// The sum, in the unit of the left one.
    pub(crate) fn plus(&self, other: &Self, negate: bool) -> Option<Self> {
        let right = match self.unit.is_long() == other.unit.is_long() {
            true => other.converted(&self.unit)?,
            false => return None,
        };
        let value = if negate { self.value.checked_sub(right)? } else { self.value.checked_add(right)? };
        Some(Self { value, unit: self.unit.clone() })
    }

    /// The product or quotient, with units multiplied or divided.
    pub(crate) fn times(&self, other: &Self, divide: bool) -> Option<Self> {
        let value = if divide { self.value.checked_div(other.value)? } else { self.value.checked_mul(other.value)? };
        let (a, b) = (self.unit.code(), other.unit.code());
        let unit = match (a, b, divide) {
            (_, "1", _) => return Some(Self { value, unit: self.unit.clone() }),
            ("1", _, false) => return Some(Self { value, unit: other.unit.clone() }),
            _ if a == b && divide => return Some(Self::plain(value)),
            ("1", _, true) => format!("/{}", bracketed(b)),
            (_, _, true) => format!("{}/{}", bracketed(a), bracketed(b)),
            (_, _, false) => format!("{}.{}", bracketed(a), bracketed(b)),
        };
        known(&unit).then(|| Self { value, unit: Unit::Ucum(unit.into()) })
    }
}

/// A sign, digits and a fraction: what `toQuantity()` and `toDecimal()` read.
pub(crate) fn plain_decimal(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    (all_digits(whole) && fraction.is_none_or(all_digits)).then(|| number::parse(text)).flatten()
}

fn bracketed(code: &str) -> String {
    if code.contains(['.', '/']) { format!("({code})") } else { code.to_owned() }
}

fn exact(value: Decimal) -> Option<Number> {
    Number::parse(&value.to_string())
}

fn canonical(code: &str) -> Option<octofhir_ucum::CanonicalUnit> {
    (code.len() <= UNIT_BYTES).then(|| octofhir_ucum::get_canonical_units(code).ok()).flatten()
}

/// Whether a code is UCUM's.
fn known(code: &str) -> bool {
    code.len() <= UNIT_BYTES
        && octofhir_ucum::parse_expression(code).is_ok_and(|unit| octofhir_ucum::evaluate(&unit).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn q(text: &str) -> Quantity {
        Quantity::parse(text).unwrap()
    }

    #[test]
    fn units_compare_exactly() {
        assert_eq!(q("4.0000 'g'").compare(&q("4000.0 'mg'")), Some(Ordering::Equal));
        assert_eq!(q("1 '[in_i]'").compare(&q("2.54 'cm'")), Some(Ordering::Equal));
        assert_eq!(q("1 'cm'").compare(&q("1 's'")), None);
        assert_eq!(q("37 'Cel'").compare(&q("310.15 'K'")), Some(Ordering::Equal));
    }

    #[test]
    fn calendar_years_are_not_mean_years() {
        assert_eq!(q("1 year").compare(&q("1 'a'")), None);
        assert!(q("1 year").is_equivalent(&q("1 'a'")));
        assert_eq!(q("1 year").compare(&q("12 months")), Some(Ordering::Equal));
        assert_eq!(q("7 days").compare(&q("1 'wk'")), Some(Ordering::Equal));
        assert_eq!(q("1 month").compare(&q("30 days")), None);
    }

    #[test]
    fn only_units_are_units() {
        assert_eq!(Quantity::parse("1 wk"), None);
        assert_eq!(Quantity::parse("1 'nonsense'"), None);
        assert_eq!(Quantity::parse("1.a"), None);
    }
}
