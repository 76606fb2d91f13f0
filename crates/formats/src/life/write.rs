//! Writing a file from values.
//!
//! What must hold: what is written reads back as the same values, or nothing of the row is written and the error says why.

use std::io::{self, Write};

use thiserror::Error;

use super::{
    encoding::{BOM, Encoding},
    lines::LineEnd,
    read::Cell,
};

/// Why a row was not written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The output cannot be written.
    #[error("the file cannot be written: {0}")]
    Io(#[from] io::Error),
    /// The encoding lacks a character.
    #[error("cell {} has the character U+{:04X}, which MS932 has not", place + 1, u32::from(*character))]
    Character {
        /// Which cell, from 0.
        place: usize,
        /// The character.
        character: char,
    },
    /// A value that would read back as another state: nothing, or one blank.
    #[error("cell {} is an empty text or one blank, which is no value", place + 1)]
    NoValue {
        /// Which cell, from 0.
        place: usize,
    },
}

/// Writes a file.
pub struct Writer<W> {
    output: W,
    encoding: Encoding,
    end: LineEnd,
    line: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// To `output`; a byte order mark is written in UTF-8 only.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub fn new(mut output: W, encoding: Encoding, bom: bool, end: LineEnd) -> io::Result<Self> {
        if bom && encoding == Encoding::Utf8 {
            output.write_all(BOM)?;
        }
        Ok(Self { output, encoding, end, line: Vec::new() })
    }

    /// Writes the data type and the columns' names.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub fn head<'t>(&mut self, data_type: &str, ids: impl IntoIterator<Item = &'t str>) -> Result<(), WriteError> {
        self.row([(Cell::Value(data_type.into()), false)])?;
        self.row(ids.into_iter().map(|id| (Cell::Value(id.into()), false)))
    }

    /// Writes a row; `true` beside a cell asks for quotes where none are needed.
    ///
    /// # Errors
    /// If a cell cannot be written; then nothing of the row was. Or if the output cannot be written.
    pub fn row<'t>(&mut self, cells: impl IntoIterator<Item = (Cell<'t>, bool)>) -> Result<(), WriteError> {
        self.line.clear();
        for (place, (cell, quoted)) in cells.into_iter().enumerate() {
            if place > 0 {
                self.line.push(b',');
            }
            let text = match &cell {
                Cell::Keep => "",
                Cell::Null => " ",
                Cell::Value(text) if matches!(text.as_ref(), "" | " ") => return Err(WriteError::NoValue { place }),
                Cell::Value(text) => text,
            };
            let quoted = quoted || text.contains([',', '"', '\r', '\n']);
            let doubled = text.contains('"').then(|| text.replace('"', "\"\""));
            if quoted {
                self.line.push(b'"');
            }
            let written = self.encoding.encode(doubled.as_deref().unwrap_or(text), &mut self.line);
            written.map_err(|character| WriteError::Character { place, character })?;
            if quoted {
                self.line.push(b'"');
            }
        }
        self.line.extend_from_slice(self.end.bytes());
        Ok(self.output.write_all(&self.line)?)
    }

    /// Ends the file.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        self.output.flush()?;
        Ok(self.output)
    }
}
