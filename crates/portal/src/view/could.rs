//! Who could see the record, or one thing of it, at a moment.

use jiff::civil::Date;
use tsumugi_kernel::{OrganizationKind, Purpose, RecordCategory, Role};

use super::Words;

/// The page.
#[derive(Clone, Debug)]
pub struct CouldView {
    /// The moment that was asked for; without it, now.
    pub at: Option<CouldAt>,
    /// What was typed as day and time, and cannot be a moment.
    pub fault: bool,
    /// The day as typed.
    pub day: String,
    /// The time as typed.
    pub time: String,
    /// The one thing it is about, as `Kind/id` and in words; without it, the whole record.
    pub thing: Option<(String, Words)>,
    /// What can be told of it.
    pub told: CouldTold,
}

/// A moment of the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CouldAt {
    /// The day.
    pub day: Date,
    /// Hour and minute, where they were asked for; else the end of the day.
    pub time: Option<(i8, i8)>,
}

/// What can be told of a moment.
#[derive(Clone, Debug)]
pub enum CouldTold {
    /// Who could see what.
    Rows(Vec<CouldRow>),
    /// Which rules held then was not noted.
    NoRules,
    /// The one thing was not there yet.
    NotYet,
}

/// Somebody, and what they could see.
#[derive(Clone, Debug)]
pub struct CouldRow {
    /// Who.
    pub who: CouldWho,
    /// As what.
    pub role: Role,
    /// For what.
    pub purpose: Purpose,
    /// How many facts of which category: of the one thing, its own.
    pub sees: Vec<(RecordCategory, u32)>,
    /// By which rules: in words, with the source.
    pub rules: Vec<(Words, Words)>,
}

/// Somebody who could look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CouldWho {
    /// Whoever works at a place that has to do with the person.
    Place(Words),
    /// Somebody by name.
    Person(Words),
    /// Whoever works at any other place of a kind.
    Other(OrganizationKind),
}
