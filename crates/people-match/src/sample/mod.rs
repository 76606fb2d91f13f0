//! A made-up town from a seed, and what clerks make of its people: for tests, for fitting and for measuring.
//!
//! Names are as common as `data/names.txt` says, with a long tail put together from usual characters. Households share address,
//! telephone and insured number; some births are twins. [`slips`] has the errors that a second description of a person has.

pub mod measure;
pub mod slips;
pub mod town;

/// Numbers from a seed (SplitMix64): the same everywhere, and no secret.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 if `end` is 0.
    pub const fn below(&mut self, end: u64) -> u64 {
        // The upper half of the product is even enough for a town.
        ((self.next() >> 32) * end) >> 32
    }

    /// Whether something of so many in a thousand happens.
    pub const fn permille(&mut self, chance: u64) -> bool {
        self.below(1000) < chance
    }

    /// One of these; the default if there is none.
    pub fn one<T: Clone + Default>(&mut self, of: &[T]) -> T {
        let at = usize::try_from(self.below(of.len() as u64)).unwrap_or(0);
        of.get(at).cloned().unwrap_or_default()
    }
}
