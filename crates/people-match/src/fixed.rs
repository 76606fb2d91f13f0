//! Logarithms and probabilities in whole numbers, so that every machine decides alike.

/// One bit of evidence: scores are counted in 1/1024 bits.
pub const BIT: i32 = 1024;

/// log2 of a ratio, in 1/1024 bits. Zero counts as one, so that nothing is ever impossible.
#[must_use]
pub fn log2_ratio(numerator: u64, denominator: u64) -> i32 {
    log2(numerator) - log2(denominator)
}

/// log2 of a whole number in 1/1024 bits, by squaring the mantissa once for each bit of the answer.
#[must_use]
pub fn log2(number: u64) -> i32 {
    let number = number.max(1);
    let whole = number.ilog2();
    // The mantissa in [1, 2) with 31 bits after the point.
    let mut mantissa = if whole >= 31 { number >> (whole - 31) } else { number << (31 - whole) };
    let mut fraction = 0_i32;
    for _ in 0..11 {
        mantissa = (mantissa * mantissa) >> 31;
        fraction <<= 1;
        if mantissa >= 1 << 32 {
            mantissa >>= 1;
            fraction |= 1;
        }
    }
    i32::try_from(whole).unwrap_or(0) * BIT + (fraction + 1) / 2
}

/// The probability of odds of `score` 1/1024 bits, in parts of 10,000.
#[must_use]
pub fn probability(score: i32) -> u16 {
    // 2^(1/2), 2^(1/4) … 2^(1/1024) with 32 bits after the point.
    const ROOTS: [u64; 10] = [
        6_074_000_999,
        5_107_605_667,
        4_683_695_064,
        4_485_124_873,
        4_389_014_790,
        4_341_736_297,
        4_318_287_989,
        4_306_611_774,
        4_300_785_573,
        4_297_875_448,
    ];
    let score = score.clamp(-20 * BIT, 20 * BIT);
    let size = score.unsigned_abs();
    let mut odds: u128 = 1 << 32;
    for (bit, root) in (1..=10_u32).zip(ROOTS) {
        if size >> (10 - bit) & 1 == 1 {
            odds = (odds * u128::from(root)) >> 32;
        }
    }
    odds <<= size / 1024;
    let one = 1_u128 << 32;
    let (share, whole) = if score >= 0 { (odds, odds + one) } else { (one, odds + one) };
    u16::try_from((share * 10_000 + whole / 2) / whole).unwrap_or(10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_those_of_the_books() {
        for number in [1_u64, 2, 3, 7, 10, 1000, 65_537, 1_000_000_000, u64::MAX / 3] {
            #[expect(clippy::cast_precision_loss, reason = "the oracle is a float")]
            let book = (number as f64).log2() * 1024.0;
            assert!((f64::from(log2(number)) - book).abs() < 1.0, "{number}: {} {book}", log2(number));
        }
        assert_eq!(log2(0), 0);
        assert_eq!(log2_ratio(1, 8), -3 * BIT);
    }

    #[test]
    fn probabilities_are_those_of_the_books() {
        for score in (-15 * BIT..=15 * BIT).step_by(37) {
            let odds = (f64::from(score) / 1024.0).exp2();
            let book = odds / (1.0 + odds) * 10_000.0;
            assert!((f64::from(probability(score)) - book).abs() <= 0.51, "{score}: {} {book}", probability(score));
        }
        assert_eq!((probability(i32::MIN), probability(0), probability(i32::MAX)), (0, 5000, 10_000));
    }
}
