//! Counter-based randomness: what a die shows depends only on (seed, person, stream, throw).
//!
//! So any person can be made alone, in parallel and in any order, and is the same everywhere. The mixing function is
//! the finaliser of SplitMix64 (Steele, Lea, Flood: *Fast splittable pseudorandom number generators*, 2014). Not for
//! keys.

/// What the numbers are for; each use has its own stream, so that a new use never shifts an old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Stream {
    /// Households: size, address, insurer.
    Household = 1,
    /// Who a person is: age, sex, name.
    Identity = 2,
    /// What a person has and takes.
    Health = 3,
    /// Laboratory values.
    Laboratory = 4,
    /// Care needs and measures.
    Care = 5,
    /// Institutions and their staff.
    Institution = 6,
    /// Ids of documents and entries.
    Ids = 7,
    /// Documents for benchmarks.
    Load = 8,
    /// Measures of care: Barthel index and the like.
    Measures = 9,
    /// Vaccinations.
    Prevention = 40,
    /// Growth of children.
    Growth = 41,
    /// Specific checkups.
    Checkups = 42,
    /// Notified infections.
    Infection = 43,
    /// What people measure themselves.
    LifeLog = 44,
    /// Couples: whether, when, which name.
    Marriage = 10,
    /// Children: whose, since when in the family.
    Descent = 11,
    /// Homes and moves.
    Home = 12,
    /// Schools, employers, insurers.
    Work = 13,
    /// What a source gets wrong about a person.
    Knowledge = 14,
    /// What goes wrong with messages.
    Fault = 15,
    /// Who looks at a record.
    Looks = 16,
    /// Which institution a person goes to.
    Choice = 17,
    /// What leads to stays in hospital.
    Stays = 20,
    /// Visits to clinics.
    Visits = 21,
    /// Receipts.
    Receipts = 22,
}

/// A source of numbers for one person and one stream.
#[derive(Clone, Debug)]
pub struct Dice {
    key: u64,
    throws: u64,
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Dice {
    /// The dice of (seed, person, stream).
    #[must_use]
    pub const fn new(seed: u64, person: u64, stream: Stream) -> Self {
        let key = mix(seed.wrapping_add(GOLDEN));
        let key = mix(key ^ person.wrapping_mul(GOLDEN).wrapping_add(1));
        Self { key: mix(key ^ (stream as u64).wrapping_mul(0xd1b5_4a32_d192_ed03)), throws: 0 }
    }

    /// Throws: the next 64 bits.
    pub const fn throw(&mut self) -> u64 {
        self.throws = self.throws.wrapping_add(1);
        mix(self.key.wrapping_add(self.throws.wrapping_mul(GOLDEN)))
    }

    /// A number below `bound` (0 when `bound` is 0).
    pub fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.throw()) * u128::from(bound);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = high.saturating_sub(low).unsigned_abs().saturating_add(1);
        low.saturating_add(i64::try_from(self.below(width)).unwrap_or(0))
    }

    /// True with a probability of `permille` in a thousand.
    pub fn chance(&mut self, permille: u32) -> bool {
        self.below(1000) < u64::from(permille)
    }

    /// True with a probability of `ppm` in a million.
    pub fn rare(&mut self, ppm: u32) -> bool {
        self.below(1_000_000) < u64::from(ppm)
    }

    /// One of `items`.
    ///
    /// # Panics
    /// When `items` is empty; all callers pass fixed lists.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let index = usize::try_from(self.below(items.len() as u64)).unwrap_or(0);
        &items[index]
    }

    /// The index of one of `weights`, by weight (the last when all are 0).
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut left = self.below(weights.iter().map(|&weight| u64::from(weight)).sum());
        for (index, &weight) in weights.iter().enumerate() {
            match left.checked_sub(u64::from(weight)) {
                Some(rest) => left = rest,
                None => return index,
            }
        }
        weights.len().saturating_sub(1)
    }

    /// A value around `mean` with standard deviation `sd`, in the same integer unit: the sum of twelve even throws
    /// (Irwin–Hall), so it is the same on every machine.
    pub fn normal(&mut self, mean: i64, sd: i64) -> i64 {
        let sum: i64 = (0..12).map(|_| i64::try_from(self.below(10_000)).unwrap_or(0)).sum();
        mean.saturating_add((sum - 59_994).saturating_mul(sd) / 10_000)
    }

    /// A UUID (version 4, RFC 9562).
    pub fn uuid(&mut self) -> String {
        let (high, low) = (self.throw(), self.throw());
        let high = (high & 0xffff_ffff_ffff_0fff) | 0x4000;
        let low = (low & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000;
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xffff,
            low >> 48,
            low & 0xffff_ffff_ffff
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_key_throws_the_same_and_another_key_does_not() {
        let throw = |seed, person, stream| {
            (0..8)
                .map({
                    let mut dice = Dice::new(seed, person, stream);
                    move |_| dice.throw()
                })
                .collect::<Vec<_>>()
        };
        let first = throw(1, 2, Stream::Care);
        assert_eq!(first, throw(1, 2, Stream::Care));
        for other in [throw(2, 2, Stream::Care), throw(1, 3, Stream::Care), throw(1, 2, Stream::Health)] {
            assert!(first.iter().all(|number| !other.contains(number)));
        }
    }

    #[test]
    fn throws_are_even_and_bounded() {
        let mut dice = Dice::new(7, 7, Stream::Identity);
        let mut counts = [0u32; 10];
        for _ in 0..100_000 {
            counts[usize::try_from(dice.below(10)).unwrap()] += 1;
        }
        assert!(counts.iter().all(|&count| (9_600..10_400).contains(&count)), "{counts:?}");
        let mean = (0..20_000).map(|_| dice.normal(100, 15)).sum::<i64>() / 20_000;
        assert!((99..=101).contains(&mean), "{mean}");
        assert_eq!(dice.weighted(&[0, 0, 5]), 2);
        assert!((0..100).all(|_| (3..=5).contains(&dice.between(3, 5))));
    }

    #[test]
    fn uuids_have_version_and_variant() {
        let mut dice = Dice::new(1, 1, Stream::Ids);
        for _ in 0..100 {
            let uuid = dice.uuid();
            assert_eq!((uuid.len(), &uuid[14..15]), (36, "4"));
            assert!("89ab".contains(&uuid[19..20]), "{uuid}");
        }
    }
}
