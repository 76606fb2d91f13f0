//! Members' files: CSV in which insurers and municipalities register, change and end members, and in which municipalities
//! say which care office is in charge (`docs/members.md` has the layout).
//!
//! Reading is pure: bytes in, rows and findings out, one line at a time. What a row does is decided where the door is
//! (`exchange-members`).
//!
//! What must hold: a line that is wrong stops no other line; every finding names line, column, rule and next step in
//! both languages and never the value; a file is bounded in bytes and lines; a cell that is an individual number
//! (マイナンバー) refuses its line.

mod column;
mod day;
mod lines;
mod result;
mod row;
mod rule;
mod text;

pub use column::Column;
pub use day::read_day;
pub use lines::{FileFault, Lines};
pub use result::{FileKey, FileResult, LineResult, Outcome, result_csv};
pub use row::{CareCharge, Cover, Event, Row};
pub use rule::{Finding, Rule};

/// Most bytes of a file.
pub const FILE_BYTES: usize = 64 * 1024 * 1024;
/// Most lines of a file, its header not counted. A large insurer sends its members in several files.
pub const FILE_LINES: usize = 100_000;
/// Longest cell, in characters.
pub const CELL_CHARS: usize = 256;
