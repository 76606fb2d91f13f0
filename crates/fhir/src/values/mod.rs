//! The values of a resource that the lens and a search look at: computed once, packed small, read without unpacking.
//!
//! What must hold: a packed form reads back as it was written by every later version of this program; category, flags,
//! day and source stand first, so that a lens decides after reading a few bytes.

mod extract;
mod pack;
pub mod params;
pub mod systems;
mod words;

use std::borrow::Cow;

use tsumugi_kernel::{Flags, Kind, RecordCategory};

pub use extract::{Reference, ReferenceText, category, extract, flags, references, span, subject};
pub use pack::{Packed, PackedEntries, PackedId, PackedValue, add_flags, pack};

/// What lens and search look at.
#[derive(Clone, Debug, PartialEq)]
pub struct Values<'a> {
    /// What the fact is about.
    pub category: RecordCategory,
    /// Flags that the source set.
    pub flags: Flags,
    /// The clinically relevant day: days since 1970-01-01 in Japan's calendar.
    pub day: Option<i32>,
    /// Values for search.
    pub entries: Vec<Entry<'a>>,
}

/// One value of one search parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry<'a> {
    /// The parameter's code: see [`params`].
    pub param: u16,
    /// The value.
    pub value: Value<'a>,
}

/// A search value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// A code or an identifier. The system is empty where there is none; old `urn:oid:` systems stand as their URLs.
    Token {
        /// System.
        system: Cow<'a, str>,
        /// Code or value.
        code: Cow<'a, str>,
    },
    /// A span `[from, to)` in milliseconds since 1970; `i64::MIN` and `i64::MAX` are open ends.
    Date {
        /// First millisecond.
        from: i64,
        /// Millisecond after the last.
        to: i64,
    },
    /// A reference: kind and id where it is relative, else `kind` is `None` and `id` the whole text.
    Reference {
        /// Kind.
        kind: Option<Kind>,
        /// Id, or the whole text.
        id: Cow<'a, str>,
    },
    /// Folded text ([`crate::text::fold`]).
    Text(Cow<'a, str>),
    /// A canonical URL, with its version.
    Uri(Cow<'a, str>),
}
