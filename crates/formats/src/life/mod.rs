//! LIFE CSV (科学的介護情報システム, CSV連携仕様): reading, checking, writing, and what a sequence of files makes of a table.
//!
//! What must hold: a valid file that is read and written again is the same to the byte, in both encodings; an empty cell,
//! one blank and a value are three things; rows are read one at a time; a file that is not understood says why.

mod catalogue;
mod check;
mod condition;
mod copy;
mod encoding;
mod finding;
mod lines;
pub mod loss;
mod read;
mod rule;
pub mod sample;
mod table;
mod write;

pub use catalogue::{Catalogue, CatalogueError, Column, Form, Format, Leaves, NumberOf, Required};
pub use check::{Ask, Checker, FormName, Report, Session, check};
pub use condition::{Condition, Holds, Implied, Known, Only};
pub use copy::{Copied, Plan, copy};
pub use encoding::{Encoding, instead, is_private};
pub use finding::{At, Detail, Finding, Findings};
pub use lines::{Flaw, Line, LineEnd, Lines, Span, Step};
pub use read::{Broken, Cell, Head, Place, Reader, Row};
pub use rule::{Rule, Severity};
pub use table::{Change, Holdings, Table, TableError, Taken, Upsert};
pub use write::{WriteError, Writer};
