//! Looking in an emergency with a typed reason: what is offered, and what was typed.

use std::borrow::Cow;

use tsumugi_kernel::Instant;

use super::Words;
use crate::Lang;

/// What stands on a person's first page about looking in an emergency. It depends on the reader alone, never on what
/// the person has hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Glass {
    /// A reason may be typed.
    Offered(GlassKind),
    /// A reason was typed and holds.
    Typed {
        /// What was begun with it.
        kind: GlassKind,
        /// The reason.
        reason: Words,
        /// Until when it holds.
        until: Instant,
        /// Whether the second step was taken: all that the purpose opens.
        whole: bool,
    },
    /// The person was found in a disaster.
    Disaster {
        /// Until when the record is open so.
        until: Instant,
    },
}

/// What a typed reason does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GlassKind {
    /// It goes past the person's limits, as far as she allowed that for an emergency. A supervisor looks into it.
    Break,
    /// It tells the person why; nothing more is shown.
    Tell,
}

/// The page on which the reason is typed.
#[derive(Clone, Debug)]
pub struct GlassView {
    /// Where the person's pages begin.
    pub base: String,
    /// What the reason will do.
    pub kind: GlassKind,
    /// For how many minutes it holds.
    pub minutes: u32,
    /// The reason that was picked, kept after a fault.
    pub picked: Option<GlassWhy>,
    /// What was typed, kept after a fault.
    pub written: String,
    /// What is wrong with it.
    pub fault: Option<GlassFault>,
}

/// A reason that is picked with one tap: whoever holds a hand has no hand to type with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GlassWhy {
    /// Unconscious: medicines and illnesses are looked for.
    Unconscious,
    /// Cannot speak: medicines and allergies are looked for.
    Speechless,
    /// Suddenly worse: earlier results are looked for.
    Worse,
    /// Typed.
    Other,
}

impl GlassWhy {
    /// Every reason, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Unconscious, Self::Speechless, Self::Worse, Self::Other];

    /// The code as forms send it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unconscious => "unconscious",
            Self::Speechless => "speechless",
            Self::Worse => "worse",
            Self::Other => "other",
        }
    }

    /// The reason in words.
    #[must_use]
    pub fn words(self, lang: Lang) -> Cow<'static, str> {
        match self {
            Self::Unconscious => lang.t("glass-why-unconscious"),
            Self::Speechless => lang.t("glass-why-speechless"),
            Self::Worse => lang.t("glass-why-worse"),
            Self::Other => lang.t("glass-why-other"),
        }
    }
}

/// What is wrong with a typed reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GlassFault {
    /// It has fewer characters than this.
    Short(usize),
    /// It has more characters than this.
    Long(usize),
    /// It is one character again and again.
    Empty,
}
