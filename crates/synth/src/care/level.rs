//! The levels of certified need (要介護状態区分).

/// A level of need, lightest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// 要支援1.
    Support1,
    /// 要支援2.
    Support2,
    /// 要介護1.
    Care1,
    /// 要介護2.
    Care2,
    /// 要介護3.
    Care3,
    /// 要介護4.
    Care4,
    /// 要介護5.
    Care5,
}

impl Level {
    /// All, lightest first.
    pub const ALL: [Self; 7] =
        [Self::Support1, Self::Support2, Self::Care1, Self::Care2, Self::Care3, Self::Care4, Self::Care5];

    /// Its place in [`Level::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Whether it is 要支援: services that prevent, with units for a month.
    #[must_use]
    pub const fn is_support(self) -> bool {
        matches!(self, Self::Support1 | Self::Support2)
    }

    /// Code and words.
    #[must_use]
    pub const fn coded(self) -> (&'static str, &'static str) {
        match self {
            Self::Support1 => ("support-1", "要支援1"),
            Self::Support2 => ("support-2", "要支援2"),
            Self::Care1 => ("care-1", "要介護1"),
            Self::Care2 => ("care-2", "要介護2"),
            Self::Care3 => ("care-3", "要介護3"),
            Self::Care4 => ("care-4", "要介護4"),
            Self::Care5 => ("care-5", "要介護5"),
        }
    }

    /// The level of an ability in tenths of a point: the number of `thresholds` that it lies below.
    #[must_use]
    pub fn of(ability: i64, thresholds: &[i64; 6]) -> Self {
        let below = thresholds.iter().filter(|threshold| ability < **threshold).count();
        Self::ALL.get(below).copied().unwrap_or(Self::Care5)
    }
}
