//! Search inside a shelf: parameters of a URL to a query, and a query against packed values.
//!
//! What must hold: a query looks at packed values, id and time only, never at a body; what it does not understand is a
//! finding, never silently dropped (but where the caller asked for leniency, and then it is listed as ignored).

pub mod date;
mod matches;
mod parse;

use date::Span;
use tsumugi_kernel::Kind;

/// A search as asked.
#[derive(Clone, Debug, Default)]
pub struct Query {
    kinds: Vec<Kind>,
    patients: Vec<String>,
    ids: Option<Vec<String>>,
    clauses: Vec<Clause>,
    updated: Vec<Vec<DateWish>>,
    sort: Vec<Sort>,
    count: Option<usize>,
    page: Option<String>,
    ignored: Vec<String>,
}

/// One key of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub by: SortBy,
    /// Greatest first.
    pub descending: bool,
}

/// What results can be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortBy {
    /// The clinically relevant moment; facts without one come last.
    Date,
    /// When the server received it.
    LastUpdated,
    /// The id.
    Id,
}

/// One parameter as asked: its alternatives, of which one must hold.
#[derive(Clone, Debug)]
struct Clause {
    param: u16,
    wish: Wish,
}

#[derive(Clone, Debug)]
enum Wish {
    /// `:missing`
    Missing(bool),
    Tokens {
        not: bool,
        any: Vec<TokenWish>,
    },
    Dates(Vec<DateWish>),
    References(Vec<ReferenceWish>),
    /// Folded beginnings, or with `exact` whole folded texts.
    Texts {
        exact: bool,
        any: Vec<String>,
    },
    Uris(Vec<String>),
}

#[derive(Clone, Debug)]
struct TokenWish {
    /// `None`: any system; empty: no system.
    system: Option<String>,
    /// `None`: any code.
    code: Option<String>,
}

#[derive(Clone, Copy, Debug)]
struct DateWish {
    prefix: Prefix,
    span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prefix {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    StartsAfter,
    EndsBefore,
}

#[derive(Clone, Debug)]
struct ReferenceWish {
    kind: Option<Kind>,
    id: String,
    /// The whole text, for references that are not relative.
    whole: String,
}

impl Query {
    /// The kinds asked for: the path's, or those of `_type`; all where empty.
    #[must_use]
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// The values of `patient` and `subject`, which name the shelf and are not matched here.
    #[must_use]
    pub fn patients(&self) -> &[String] {
        &self.patients
    }

    /// The ids of `_id`, if asked.
    #[must_use]
    pub fn ids(&self) -> Option<&[String]> {
        self.ids.as_deref()
    }

    /// The order asked for; empty for the server's own.
    #[must_use]
    pub fn sort(&self) -> &[Sort] {
        &self.sort
    }

    /// `_count`, at most [`tsumugi_kernel::limits::PAGE_MOST`].
    #[must_use]
    pub const fn count(&self) -> Option<usize> {
        self.count
    }

    /// The cursor of the page, as the server gave it.
    #[must_use]
    pub fn page(&self) -> Option<&str> {
        self.page.as_deref()
    }

    /// Names of parameters that leniency left out.
    #[must_use]
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }
}
