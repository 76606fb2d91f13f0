//! Chance by tables: the same on every machine, without floating point.
//!
//! Liabilities are standard normal numbers in thousandths of a standard deviation. Who has a disease at an age is
//! decided by comparing one liability with the disease's curve by age, so that prevalence by age and sex is that of the
//! curve, and one person's diseases go together as their liabilities share factors (threshold model: D. S. Falconer,
//! *The inheritance of liability to certain diseases*, 1965).

use crate::dice::{Dice, Stream};

/// The standard normal distribution from −4.0 to 4.0 by tenths, in parts of a million.
const NORMAL: [i64; 81] = [
    32, 48, 72, 108, 159, 233, 337, 483, 687, 968, 1350, 1866, 2555, 3467, 4661, 6210, 8198, 10724, 13903, 17864,
    22750, 28717, 35930, 44565, 54799, 66807, 80757, 96800, 115070, 135666, 158655, 184060, 211855, 241964, 274253,
    308538, 344578, 382089, 420740, 460172, 500000, 539828, 579260, 617911, 655422, 691462, 725747, 758036, 788145,
    815940, 841345, 864334, 884930, 903200, 919243, 933193, 945201, 955435, 964070, 971283, 977250, 982136, 986097,
    989276, 991802, 993790, 995339, 996533, 997445, 998134, 998650, 999032, 999313, 999517, 999663, 999767, 999841,
    999892, 999928, 999952, 999968,
];

/// How much of a million lies below `z` thousandths of a standard deviation.
#[must_use]
pub fn rank(z: i64) -> i64 {
    let place = (z + 4000).clamp(0, 7999);
    let low = usize::try_from(place / 100).unwrap_or(0);
    NORMAL[low] + (NORMAL[low + 1] - NORMAL[low]) * (place % 100) / 100
}

/// The inverse of [`rank`].
#[must_use]
pub fn normal_of(rank: i64) -> i64 {
    let high = NORMAL.partition_point(|&below| below <= rank).clamp(1, 80);
    let (from, to) = (NORMAL[high - 1], NORMAL[high]);
    let step = i64::try_from(high).unwrap_or(1) * 100 - 4100;
    step + ((rank - from) * 100 / (to - from)).clamp(0, 100)
}

/// A standard normal number, in thousandths.
pub fn gauss(dice: &mut Dice) -> i64 {
    normal_of(i64::try_from(dice.below(1_000_000)).unwrap_or(0))
}

/// The whole square root, rounded down.
#[must_use]
pub const fn root(square: i64) -> i64 {
    if square > 0 { square.isqrt() } else { 0 }
}

/// A liability from `factors` and their loads (thousandths), the rest by chance so that the whole has variance 1.
pub fn liability(dice: &mut Dice, factors: &[i64], loads: &[i64]) -> i64 {
    let (mut sum, mut explained) = (0, 0);
    for (factor, load) in factors.iter().zip(loads) {
        sum += factor * load;
        explained += load * load;
    }
    (sum + gauss(dice) * root(1_000_000 - explained)) / 1000
}

/// The value at `age_days` of a curve given at ages 0, 10 … 100, and beyond as at 100.
#[must_use]
pub fn along(curve: &[i64; 11], age_days: i64) -> i64 {
    let place = age_days.clamp(0, 10 * DECADE - 1);
    let low = usize::try_from(place / DECADE).unwrap_or(0);
    curve[low] + (curve[low + 1] - curve[low]) * (place % DECADE) / DECADE
}

/// The age in days at which a rising curve (per 10,000) reaches `rank` (of a million), if it does.
#[must_use]
pub fn reached(curve: &[i64; 11], rank: i64) -> Option<i64> {
    let at = (1..11).find(|&at| curve[at] * 100 > rank)?;
    let (from, to) = (curve[at - 1] * 100, curve[at] * 100);
    let within = if from >= rank { 0 } else { (rank - from) * DECADE / (to - from) };
    Some((i64::try_from(at).unwrap_or(1) - 1) * DECADE + within)
}

/// Days in ten years.
pub const DECADE: i64 = 3652;

/// The dice of one part (a month, a year, a visit) of a stream, so that a part can be made without those before it.
#[must_use]
pub const fn part(seed: u64, person: u64, stream: Stream, part: u64) -> Dice {
    Dice::new(seed ^ part.wrapping_add(1).wrapping_mul(0x9fb2_1c65_1e98_df25), person, stream)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rank_and_its_inverse_agree() {
        for z in (-3500..3500).step_by(37) {
            assert!((normal_of(rank(z)) - z).abs() <= 20, "{z}: {}", normal_of(rank(z)));
        }
        assert_eq!((rank(0), rank(-9999), normal_of(0)), (500_000, 32, -4000));
        assert!(normal_of(999_999) <= 4000);
    }

    #[test]
    fn liabilities_have_variance_one_and_go_together() {
        let mut dice = Dice::new(1, 1, Stream::Health);
        let (mut sum, mut squares, mut with) = (0, 0, 0);
        for _ in 0..20_000 {
            let factor = gauss(&mut dice);
            let z = liability(&mut dice, &[factor], &[600]);
            (sum, squares, with) = (sum + z, squares + z * z, with + z * factor);
        }
        assert!((sum / 20_000).abs() < 30, "{}", sum / 20_000);
        assert!((squares / 20_000 - 1_000_000).abs() < 40_000, "{}", squares / 20_000);
        assert!((with / 20_000 - 600_000).abs() < 40_000, "{}", with / 20_000);
    }

    #[test]
    fn a_curve_is_reached_where_it_says() {
        let curve = [0, 0, 100, 500, 500, 1000, 1000, 1000, 1000, 1000, 1000];
        assert_eq!(reached(&curve, 5_000), Some(DECADE + DECADE / 2));
        assert_eq!(reached(&curve, 50_000), Some(4 * DECADE));
        assert_eq!(reached(&curve, 100_000), None);
        for rank in (0..100_000).step_by(777) {
            let age = reached(&curve, rank).unwrap();
            assert!((along(&curve, age) * 100 - rank).abs() <= 110, "{rank} {age}");
        }
    }
}
