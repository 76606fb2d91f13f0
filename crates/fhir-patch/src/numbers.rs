//! Whether two JSON numbers are numerically equal (RFC 6902 section 4.6), however they are written.

/// A number's sign, digits without zeros at either end, and the power of ten of the last digit.
#[derive(PartialEq, Eq)]
struct Number<'a> {
    negative: bool,
    digits: Vec<&'a [u8]>,
    power: i64,
}

/// Whether `1.50`, `15e-1` … are one number. Exact: nothing is rounded.
pub fn equal(one: &str, other: &str) -> bool {
    one == other
        || match (read(one), read(other)) {
            (Some(one), Some(other)) => {
                let digits = |number: &Number<'_>| number.digits.concat();
                one.negative == other.negative && one.power == other.power && digits(&one) == digits(&other)
            }
            _ => false,
        }
}

/// `None` for an exponent that no `i64` holds.
fn read(text: &str) -> Option<Number<'_>> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let (whole, mut fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let mut power = exponent.strip_prefix('+').unwrap_or(exponent).parse::<i64>().ok()?;
    power = power.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    let mut head = whole;
    if fraction.is_empty() {
        head = whole.trim_end_matches('0');
        power = power.checked_add(i64::try_from(whole.len() - head.len()).ok()?)?;
    }
    if head.is_empty() {
        fraction = fraction.trim_start_matches('0');
    }
    if head.is_empty() && fraction.is_empty() {
        // Zero has no sign and no power here: `-0` and `0e5` equal `0`.
        return Some(Number { negative: false, digits: Vec::new(), power: 0 });
    }
    Some(Number { negative, digits: vec![head.as_bytes(), fraction.as_bytes()], power })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_are_equal_however_they_are_written() {
        for (one, other) in [
            ("1.50", "1.5"),
            ("15e-1", "1.5"),
            ("100", "1e2"),
            ("0.00120", "12E-4"),
            ("-0", "0.0e9"),
            ("10.0", "10"),
            ("1e99999999999999999999", "1e99999999999999999999"),
            ("12345678901234567890.0", "12345678901234567890"),
        ] {
            assert!(equal(one, other) && equal(other, one), "{one} and {other}");
        }
        for (one, other) in [
            ("1", "-1"),
            ("1", "10"),
            ("0.1", "0.10000000000000001"),
            ("12345678901234567890", "12345678901234567891"),
            ("1e99999999999999999999", "1e99999999999999999998"),
        ] {
            assert!(!equal(one, other), "{one} and {other}");
        }
    }

    proptest::proptest! {
        #[test]
        fn decimals_agree_with_arithmetic(one in -2000_i64..2000, scale in 0_u32..4, zeros in 0_usize..3, other in -2000_i64..2000) {
            let power = 10_i64.pow(scale);
            let sign = if one < 0 { "-" } else { "" };
            let digits = scale as usize;
            let fraction = one.abs() % power;
            let point = if scale > 0 { format!(".{fraction:0digits$}{}", "0".repeat(zeros)) } else { String::new() };
            let text = format!("{sign}{}{point}", one.abs() / power);
            proptest::prop_assert_eq!(equal(&text, &other.to_string()), one == other * power);
            let exponent = format!("{one}e-{scale}");
            proptest::prop_assert!(equal(&text, &exponent));
        }
    }
}
