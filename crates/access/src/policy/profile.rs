//! The two profiles: the same code, two folders of readable policies.

/// Which law the door follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PolicyProfile {
    /// The special law that is proposed: care does not wait for consent, the exit is regulated.
    #[default]
    SpecialLaw,
    /// Japan's rule of 2026: viewing needs the person's consent, by item, for 24 hours.
    Jp2026,
}

macro_rules! files {
    ($folder:literal: $($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../policies/", $folder, "/", $name, ".cedar")))),+]
    };
}

impl PolicyProfile {
    /// Every profile.
    pub const ALL: &'static [Self] = &[Self::SpecialLaw, Self::Jp2026];

    /// The code: the folder's name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::SpecialLaw => "special-law",
            Self::Jp2026 => "jp-2026",
        }
    }

    /// The profile with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|profile| profile.code() == code)
    }

    /// Its files: (purpose, text).
    #[must_use]
    pub const fn files(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::SpecialLaw => files!(
                "special-law": "ALWAYS", "TREAT", "ETREAT", "BTG", "CAREMGT", "PATRQT", "FAMRQT", "HPAYMT", "COVERAGE",
                "PUBHLTH", "RECORDMGT", "HOPERAT", "DISASTER",
            ),
            // No BTG: in Japan in 2026 there is no restriction of the person's that an emergency could lift. What an
            // emergency may see is ETREAT's (救急時医療情報閲覧, hospitals only).
            Self::Jp2026 => files!(
                "jp-2026": "ALWAYS", "TREAT", "ETREAT", "CAREMGT", "PATRQT", "FAMRQT", "HPAYMT", "COVERAGE", "PUBHLTH",
                "RECORDMGT", "HOPERAT", "DISASTER",
            ),
        }
    }
}
