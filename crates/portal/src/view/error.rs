//! When a page cannot be shown.

/// The page of a failure.
#[derive(Clone, Copy, Debug)]
pub struct ErrorView {
    /// What happened.
    pub trouble: Trouble,
}

/// What happened, as far as the reader is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Not found, or refused: one text, so that one cannot be told from the other.
    NotShown,
    /// No page has this address: nothing was asked about anybody.
    NoPage,
    /// Too many at once; nothing was saved.
    Busy,
    /// What was sent could not be read; nothing was saved.
    BadInput,
    /// The form is too old or was not ours; nothing was saved.
    StaleForm,
    /// The supervising body has suspended the reader.
    Suspended,
    /// The disaster mode is not open where the reader works, or not any more.
    NoDisaster,
    /// More than one file holds.
    TooMuch,
    /// More links than a person may have.
    ManyLinks,
    /// No Japanese font is there to print with.
    NoFont,
    /// A fault of ours; nothing was saved.
    Broken,
}

impl Trouble {
    /// Every trouble.
    pub const ALL: &'static [Self] = &[
        Self::NotShown,
        Self::NoPage,
        Self::Busy,
        Self::BadInput,
        Self::StaleForm,
        Self::Suspended,
        Self::NoDisaster,
        Self::TooMuch,
        Self::ManyLinks,
        Self::NoFont,
        Self::Broken,
    ];

    /// The HTTP status that belongs to the page.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::NotShown | Self::NoPage => 404,
            Self::Busy | Self::NoFont => 503,
            Self::TooMuch => 413,
            Self::ManyLinks => 429,
            Self::BadInput => 400,
            Self::StaleForm | Self::Suspended | Self::NoDisaster => 403,
            Self::Broken => 500,
        }
    }
}
