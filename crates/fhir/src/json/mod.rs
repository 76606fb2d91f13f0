//! JSON as kept text with a flat tape over it.
//!
//! Why our own: numbers and strings stay as they were written, the order of members stays, and depth and size are
//! bounded before anything is built. The tape is one vector of 16-byte slots in document order, so reading is a walk
//! forward and skipping a subtree is one jump.
//!
//! What must hold: a [`Document`] exists only for text that is one JSON value by RFC 8259, in UTF-8, without duplicate
//! keys, lone surrogates, byte order mark or trailing text.

mod fault;
mod node;
mod parse;
pub mod write;

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use tsumugi_kernel::limits;

pub use fault::{SyntaxError, SyntaxFault};
pub use node::{Find, Items, Members, Node, Type};

/// Bounds of one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most levels of objects and arrays.
    pub depth: usize,
    /// Most bytes of text. The number of values is bounded with it: one per four bytes.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: limits::JSON_DEPTH, bytes: limits::BODY_BYTES }
    }
}

/// A place in a text: what an editor shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

impl Place {
    /// The place of byte `offset` in `text`, which need not be UTF-8.
    #[must_use]
    pub fn of(text: &[u8], offset: usize) -> Self {
        let before = &text[..offset.min(text.len())];
        let line = before.iter().filter(|&&b| b == b'\n').count() + 1;
        let start = before.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
        Self::at(line, &before[start..])
    }

    fn at(line: usize, before: &[u8]) -> Self {
        // Continuation bytes of UTF-8 start no character.
        let column = before.iter().filter(|&&b| b & 0xC0 != 0x80).count() + 1;
        let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { line: narrow(line), column: narrow(column) }
    }
}

/// One parsed document. Cheap to clone; the clones share text and tape.
#[derive(Clone)]
pub struct Document(Arc<Inner>);

/// Text, tape, and where the lines start (found when first asked for).
struct Inner {
    text: String,
    tape: Vec<Slot>,
    lines: OnceLock<Vec<u32>>,
}

/// One value or key of the document.
#[derive(Clone, Copy, Debug)]
struct Slot {
    /// First byte; of a string or key, the byte after the opening quote.
    start: u32,
    /// Byte after the last; of a string or key, the closing quote.
    end: u32,
    /// Index of the slot after this value with all that is in it.
    next: u32,
    what: What,
    /// A string or key that holds a backslash.
    escaped: bool,
}

/// What a slot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Null,
    False,
    True,
    Number,
    String,
    Array,
    Object,
    /// A member's name; its value is the slot after it.
    Key,
}

impl Document {
    /// Parses one JSON text.
    ///
    /// # Errors
    /// [`SyntaxError`] names what is wrong and where: bytes over the limit, not UTF-8, not JSON, too deep, too many
    /// values, duplicate keys, lone surrogates, text after the value.
    pub fn parse(bytes: Bytes, limits: &Limits) -> Result<Self, SyntaxError> {
        let (text, tape) = parse::parse(bytes, limits)?;
        Ok(Self(Arc::new(Inner { text, tape, lines: OnceLock::new() })))
    }

    /// The outermost value.
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        Node::at(&self.0, 0)
    }

    /// The text as it came in.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }
}

impl std::fmt::Debug for Document {
    /// Sizes only: a document is somebody's.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Document({} bytes, {} slots)", self.0.text.len(), self.0.tape.len())
    }
}

impl Inner {
    /// The place of a byte that starts a slot.
    fn place(&self, offset: usize) -> Place {
        let lines = self.lines.get_or_init(|| {
            let breaks = self.text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
            std::iter::once(0).chain(breaks.map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX))).collect()
        });
        let line = lines.partition_point(|&start| start as usize <= offset);
        let start = lines.get(line.saturating_sub(1)).map_or(0, |&s| s as usize);
        Place::at(line, self.text.as_bytes().get(start..offset).unwrap_or_default())
    }
}
