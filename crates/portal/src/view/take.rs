//! Taking the record along: files, links, and what whoever holds a link sees.

use jiff::civil::Date;
use tsumugi_kernel::Instant;

use super::{Name, Sex, Words};

/// The page of taking along.
#[derive(Clone, Debug, Default)]
pub struct TakeView {
    /// The form with its answers and faults.
    pub form: TakeForm,
    /// The number that makes a link from the form once.
    pub idempotency: String,
    /// Links of the last day, newest first.
    pub links: Vec<LinkRow>,
    /// Whether no more links can be made now.
    pub full: bool,
    /// A link was just ended.
    pub ended: bool,
}

/// The answers to what and how.
#[derive(Clone, Debug, Default)]
pub struct TakeForm {
    /// Field and value, as sent.
    pub answers: Vec<(String, String)>,
    /// What is wrong.
    pub fault: Option<TakeFault>,
}

impl TakeForm {
    /// The first answer to a field.
    #[must_use]
    pub fn answer(&self, name: &str) -> Option<&str> {
        self.answers
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// Whether a field was answered with a value, among others.
    #[must_use]
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.answers.iter().any(|(own, sent)| own == name && sent == value)
    }
}

/// What is wrong with the answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakeFault {
    /// A part was chosen, and neither kinds nor days.
    NoPart,
    /// A day that is none, or the last before the first.
    Days,
}

/// A link that somebody made.
#[derive(Clone, Debug)]
pub struct LinkRow {
    /// When it was made.
    pub made: Instant,
    /// By whom, where it was not the reader.
    pub by: Option<Name>,
    /// Until when it is open; `None` where it is over.
    pub until: Option<Instant>,
    /// How often it still opens.
    pub uses: u8,
    /// The key of why it is over.
    pub over: Option<tsumugi_access::Ended>,
    /// When and under which name it was opened.
    pub openings: Vec<(Instant, String)>,
    /// Where it is ended.
    pub end: String,
}

/// A sealed file before it is taken: the password to write down.
#[derive(Clone, Debug)]
pub struct SealedView {
    /// The password.
    pub password: String,
    /// The answers, sent again.
    pub answers: Vec<(String, String)>,
}

/// A link that was just made; shown once.
#[derive(Clone, Debug)]
pub struct MadeLinkView {
    /// The address with the link in its fragment, for cameras.
    pub url: String,
    /// The QR code as SVG, made here.
    pub svg: String,
    /// The PIN to tell.
    pub pin: String,
    /// Until when it is open.
    pub until: Instant,
    /// How often it opens.
    pub uses: u8,
    /// Where it is ended.
    pub end: String,
}

/// The page for whoever holds a link.
#[derive(Clone, Debug, Default)]
pub struct LinkHolderView {
    /// What was typed for the link.
    pub code: String,
    /// The name as typed.
    pub by: String,
    /// What is wrong.
    pub fault: Option<LinkHolderFault>,
}

/// Why nothing is shown to whoever holds a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkHolderFault {
    /// The link cannot be read.
    Code,
    /// No name.
    Name,
    /// The PIN is wrong: so many tries are left.
    Pin(u8),
    /// It is not open: never was, used, expired or ended.
    Closed,
}

/// What was taken along, for people: on paper, and for whoever holds a link.
#[derive(Clone, Debug)]
pub struct TakenView {
    /// Whose.
    pub name: Name,
    /// Birth.
    pub birth: Option<Date>,
    /// Sex.
    pub sex: Option<Sex>,
    /// When it was made.
    pub made: Instant,
    /// Its parts, what must not be given first.
    pub parts: Vec<TakenPart>,
    /// How many lines more there are than a paper holds.
    pub left: usize,
}

/// One part.
#[derive(Clone, Debug)]
pub struct TakenPart {
    /// Its heading.
    pub title: String,
    /// Its lines.
    pub rows: Vec<TakenRow>,
    /// Said where there is no line.
    pub empty: Option<String>,
}

/// One line and where it comes from.
#[derive(Clone, Debug)]
pub struct TakenRow {
    /// The line.
    pub text: Words,
    /// When and by whom.
    pub note: Option<String>,
}
