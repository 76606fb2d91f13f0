//! Looking in an emergency with a typed reason: what is offered, and what was typed.

use tsumugi_kernel::Instant;

use super::Words;

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
    /// What was typed, kept after a fault.
    pub written: String,
    /// What is wrong with it.
    pub fault: Option<GlassFault>,
}

/// What is wrong with a typed reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GlassFault {
    /// It has fewer characters than this.
    Short(usize),
    /// It has more characters than this.
    Long(usize),
}
