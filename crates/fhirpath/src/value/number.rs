//! Exact decimals: reading, rounding, and the functions that leave the exact.
//!
//! Numbers are kept as `rust_decimal` keeps them: 28 significant digits, sign and scale, so `1.50` keeps its two decimals.
//! What does not fit answers `None`, which evaluation turns into the empty collection, as FHIRPath asks of overflow.
//! `exp`, `ln`, `log`, and `power` with a fraction as exponent are computed in binary and rounded to 15 significant
//! digits; everything else is exact or rounded in decimal.

use rust_decimal::{Decimal, RoundingStrategy, prelude::FromPrimitive, prelude::ToPrimitive};

/// A number as JSON writes it, exponents included. Digits past the 28th significant one are rounded.
#[must_use]
pub fn parse(text: &str) -> Option<Decimal> {
    if text.contains(['e', 'E']) {
        return Decimal::from_scientific(text).ok();
    }
    Decimal::from_str_exact(text).or_else(|_| text.parse()).ok()
}

/// Rounds half away from zero.
pub(crate) fn round(value: Decimal, places: u32) -> Decimal {
    value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

/// Whether two decimals are the same once rounded to the places of the less precise one.
pub(crate) fn is_equivalent(a: Decimal, b: Decimal) -> bool {
    let (a, b) = (a.normalize(), b.normalize());
    let places = a.scale().min(b.scale());
    round(a, places) == round(b, places)
}

/// The square root, exact to 28 digits by Newton's method; `None` of a negative number.
pub(crate) fn sqrt(value: Decimal) -> Option<Decimal> {
    if value.is_sign_negative() && !value.is_zero() {
        return None;
    }
    if value.is_zero() {
        return Some(Decimal::ZERO);
    }
    let two = Decimal::TWO;
    let mut guess = Decimal::from_f64(value.to_f64()?.sqrt()).filter(|g| !g.is_zero())?;
    for _ in 0..8 {
        let next = guess.checked_add(value.checked_div(guess)?)?.checked_div(two)?;
        if next == guess {
            break;
        }
        guess = next;
    }
    // A root that has an exact short form is given in it: 81 has 9, not 9.000…1.
    let short = round(guess, 14).normalize();
    Some(if short.checked_mul(short) == Some(value) { short } else { guess })
}

/// `value` to the power of `exponent`; exact for whole exponents. `None` where there is no such number or it does not fit.
pub(crate) fn power(value: Decimal, exponent: Decimal) -> Option<Decimal> {
    if !exponent.normalize().fract().is_zero() {
        return from_binary(value.to_f64()?.powf(exponent.to_f64()?));
    }
    let whole = exponent.to_i64()?;
    let mut left = whole.unsigned_abs();
    let (mut base, mut result) = (value, Decimal::ONE);
    if base.is_zero() && whole < 0 {
        return None;
    }
    if base == Decimal::ONE || base.is_zero() && left > 0 {
        return Some(base);
    }
    while left > 0 {
        if left & 1 == 1 {
            result = result.checked_mul(base)?;
        }
        left >>= 1;
        if left > 0 {
            base = base.checked_mul(base)?;
        }
    }
    if whole < 0 { Decimal::ONE.checked_div(result) } else { Some(result) }
}

/// Applies a function of binary numbers.
pub(crate) fn binary(value: Decimal, function: impl Fn(f64) -> f64) -> Option<Decimal> {
    from_binary(function(value.to_f64()?))
}

/// The logarithm of `value` to `base`.
pub(crate) fn log(value: Decimal, base: Decimal) -> Option<Decimal> {
    let (value, base) = (value.to_f64()?, base.to_f64()?);
    let exact = if base == 2.0 {
        value.log2()
    } else if base == 10.0 {
        value.log10()
    } else {
        value.ln() / base.ln()
    };
    from_binary(exact)
}

/// A binary result with 15 significant digits, which is what it is good for.
fn from_binary(value: f64) -> Option<Decimal> {
    if !value.is_finite() {
        return None;
    }
    let decimal = Decimal::from_f64(value)?;
    decimal.round_sf_with_strategy(15, RoundingStrategy::MidpointAwayFromZero).map(|d| d.normalize())
}

/// The lowest (or highest) value that `value` may stand for at its own precision, written with `places` decimals.
///
/// HL7's suite asks for the bound away from zero to be rounded and the bound towards zero to be cut, so that is what
/// happens where `places` is coarser than the value itself.
pub(crate) fn boundary(value: Decimal, places: u32, high: bool) -> Option<Decimal> {
    let half = Decimal::new(5, value.scale().checked_add(1).filter(|scale| *scale <= 28)?);
    let away = value.is_sign_negative() != high;
    let size = value.abs();
    let (edge, strategy) = match away {
        true => (size.checked_add(half)?, RoundingStrategy::MidpointAwayFromZero),
        false => (size.checked_sub(half)?, RoundingStrategy::ToZero),
    };
    let mut bound = edge.round_dp_with_strategy(places, strategy);
    bound.rescale(places);
    if value.is_sign_negative() {
        bound.set_sign_negative(true);
    }
    (bound.scale() == places).then_some(bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        parse(text).unwrap()
    }

    #[test]
    fn text_is_kept_with_its_scale() {
        assert_eq!(d("1.50").to_string(), "1.50");
        assert_eq!(d("1.5e2"), d("150"));
        assert_eq!(parse("1e400"), None);
        assert_eq!(parse("abc"), None);
    }

    #[test]
    fn roots_powers_and_logarithms() {
        assert_eq!(sqrt(d("81")), Some(d("9")));
        assert_eq!(sqrt(d("0.25")), Some(d("0.5")));
        assert_eq!(sqrt(d("-1")), None);
        assert_eq!(sqrt(d("2")).unwrap().to_string()[..20], *"1.414213562373095048");
        assert_eq!(power(d("2.5"), d("2")), Some(d("6.25")));
        assert_eq!(power(d("2"), d("-2")), Some(d("0.25")));
        assert_eq!(power(d("-1"), d("0.5")), None);
        assert_eq!(power(d("10"), d("1000000000")), None);
        assert_eq!(log(d("16"), d("2")), Some(d("4")));
        assert_eq!(log(d("0"), d("2")), None);
    }

    #[test]
    fn equivalence_is_at_the_lesser_precision() {
        assert!(is_equivalent(d("0.6666666"), d("0.67")));
        assert!(is_equivalent(d("1.10"), d("1.1")));
        assert!(!is_equivalent(d("1.1"), d("1.2")));
    }
}
