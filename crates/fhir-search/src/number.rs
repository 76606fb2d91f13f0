//! Numbers as a search writes them: a value, and how precise it was meant.
//!
//! R4: `100` means 100 to three significant figures, so `[99.5, 100.5)`; `1e2` means one figure, so `[95, 105)`. Prefixes
//! that compare take the value as exact.

use rust_decimal::Decimal;

/// A number as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    /// The value.
    pub value: Decimal,
    /// Half of the last figure's place: the value means `[value - half, value + half)`.
    pub half: Decimal,
}

/// Largest exponent read; a decimal holds 28 digits.
const EXPONENT: i32 = 27;

impl Number {
    /// Reads `-1.50`, `1e2`, `5.4E-3`. `None` for what is no number, or one of more than 28 digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (plain, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], exponent(&text[at + 1..])?),
            None => (text, 0),
        };
        let digits = plain.strip_prefix(['-', '+']).unwrap_or(plain);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all(whole) || !all(fraction) || (digits.contains('.') && fraction.is_empty()) {
            return None;
        }
        let value = scaled(plain.parse().ok()?, exponent)?;
        // A written exponent says how many figures count: with 1e2 the last one stands for hundreds, but R4's own
        // example reads it as [95, 105), one figure further. That example is followed.
        let places = i32::try_from(fraction.len()).ok()? - exponent + i32::from(exponent > 0 && fraction.is_empty());
        let half = scaled(Decimal::new(5, 1), -places)?;
        Some(Self { value, half })
    }
}

fn exponent(text: &str) -> Option<i32> {
    let exponent: i32 = text.strip_prefix('+').unwrap_or(text).parse().ok()?;
    (-EXPONENT..=EXPONENT).contains(&exponent).then_some(exponent)
}

/// `value × 10^exponent`, exactly.
fn scaled(value: Decimal, exponent: i32) -> Option<Decimal> {
    let power = 10_i128.checked_pow(exponent.unsigned_abs())?;
    let power = Decimal::try_from_i128_with_scale(power, 0).ok()?;
    if exponent >= 0 { value.checked_mul(power) } else { value.checked_div(power) }
}

/// A number as a resource has it.
#[must_use]
pub fn read(text: &str) -> Option<Decimal> {
    match text.find(['e', 'E']) {
        Some(at) => scaled(text[..at].parse().ok()?, exponent(&text[at + 1..])?),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_that_are_written_say_how_precise_it_is() {
        for (text, value, half) in [
            ("100", "100", "0.5"),
            ("100.00", "100.00", "0.005"),
            ("1e2", "100", "5"),
            ("5.4", "5.4", "0.05"),
            ("5.4e-3", "0.0054", "0.00005"),
            ("5.40e-3", "0.00540", "0.000005"),
            ("-0.5", "-0.5", "0.05"),
            ("1.5e3", "1500", "50"),
        ] {
            let number = Number::parse(text).unwrap();
            assert_eq!((number.value, number.half), (value.parse().unwrap(), half.parse().unwrap()), "{text}");
        }
        for text in ["", "-", ".5", "5.", "1e", "e5", "0x1", "1_0", "1e99", "NaN", "１", "1 ", "--1"] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
        assert_eq!(read("1.50"), "1.50".parse().ok());
        assert_eq!(read("2E1"), "20".parse().ok());
        assert_eq!(read("1e400"), None);
    }
}
