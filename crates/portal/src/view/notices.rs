//! What a citizen is told of looks at her record.

pub use tsumugi_access::NoticeWhy;

use super::LookRow;

/// The list of notices, newest first.
#[derive(Clone, Debug)]
pub struct NoticesView {
    /// At most 50 notices.
    pub notices: Vec<Notice>,
    /// How many of all were not read yet by this reader.
    pub unread: u32,
    /// Up to which moment the list reaches, in milliseconds since 1970-01-01T00:00:00Z: what "read" marks. `None`
    /// without a notice.
    pub until: Option<i64>,
    /// What she wants to be told.
    pub choice: NoticeWish,
    /// Whether the reader may change it: the citizen herself.
    pub may_choose: bool,
    /// Something was just done.
    pub done: Option<NoticeDone>,
}

/// One notice: what one person did on one day for one purpose.
#[derive(Clone, Debug)]
pub struct Notice {
    /// The looks, folded.
    pub row: LookRow,
    /// Why she is told.
    pub why: NoticeWhy,
    /// Whether this reader has not read it yet.
    pub unread: bool,
}

/// Which looks she wants to be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeWish {
    /// None but emergencies.
    Emergencies,
    /// Unusual ones.
    Unusual,
    /// Every one.
    Every,
}

impl NoticeWish {
    /// Every wish, from the quietest, with its code in forms.
    pub const ALL: &'static [(Self, &'static str)] =
        &[(Self::Emergencies, "emergencies"), (Self::Unusual, "unusual"), (Self::Every, "every")];
}

/// What was just done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeDone {
    /// All were marked as read.
    Read,
    /// The choice was kept.
    Chosen,
}
