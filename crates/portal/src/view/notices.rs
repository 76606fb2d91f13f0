//! What a citizen is told of looks at her record.

pub use tsumugi_access::{MailAddress, MailState, NoticeWhy};

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
    /// Whether looks at her record are screened as those at somebody whom many know; `None` for whoever acts for her.
    pub public: Option<bool>,
    /// Letters about notices; `None` for whoever acts for her, and where none are sent.
    pub letters: Option<LettersView>,
    /// Something was just done.
    pub done: Option<NoticeDone>,
}

/// Where letters about notices go.
#[derive(Clone, Debug, Default)]
pub struct LettersView {
    /// The addresses.
    pub addresses: Vec<MailAddress>,
    /// What was wrong with what was just typed: with a new address, or with the number of the address with this id.
    pub fault: Option<(LetterFault, Option<String>)>,
    /// The address that was just typed and not taken.
    pub typed: String,
}

/// What is wrong with an address or its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterFault {
    /// It is no address.
    Address,
    /// There are enough.
    Full,
    /// So many numbers were sent today.
    TooOften,
    /// Another number; so many wrong ones are still taken.
    Code(u8),
    /// The number is not good any more.
    Closed,
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
    /// A number was sent to an address.
    Named,
    /// The number was right.
    Confirmed,
    /// An address was taken away.
    Removed,
    /// How closely looks are screened was changed.
    Screened,
}
