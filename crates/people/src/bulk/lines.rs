//! A file line by line: the header names the columns, each further line is a row or its findings.

use std::borrow::Cow;

use super::{Column, FILE_BYTES, FILE_LINES, Finding, Row, Rule, row, text};

/// Why a file is not read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// Too large.
    #[error("a members' file has at most {FILE_BYTES} bytes; send it in parts")]
    Bytes,
    /// Too many lines.
    #[error("a members' file has at most {FILE_LINES} lines; send it in parts")]
    Lines,
    /// No header.
    #[error("the first line of a members' file names its columns, as docs/members.md says; column {0} is missing")]
    Header(&'static str),
    /// A column twice.
    #[error("column {0} stands twice in the first line; keep one")]
    Twice(&'static str),
}

impl FileFault {
    /// Japanese and English.
    #[must_use]
    pub fn words(&self) -> (String, String) {
        let ja = match self {
            Self::Bytes => format!("ファイルは{FILE_BYTES}バイトまでです。分けて送ってください。"),
            Self::Lines => format!("ファイルは{FILE_LINES}行までです。分けて送ってください。"),
            Self::Header(column) => {
                format!("1行目に列の名前が必要です（docs/members.md）。列「{column}」がありません。")
            }
            Self::Twice(column) => format!("1行目に列「{column}」が2回あります。1つにしてください。"),
        };
        (ja, self.to_string())
    }
}

/// Columns without which no line says anything.
const NEEDED: [Column; 4] = [Column::Event, Column::Kind, Column::Insurer, Column::Number];

/// A file being read.
pub struct Lines<'a> {
    text: Cow<'a, str>,
    columns: Vec<Option<Column>>,
}

impl<'a> Lines<'a> {
    /// Decodes a file and reads its first line. Columns that the layout does not know are passed over.
    ///
    /// # Errors
    /// [`FileFault`]: nothing of the file is taken then.
    pub fn open(bytes: &'a [u8]) -> Result<Self, FileFault> {
        if bytes.len() > FILE_BYTES {
            return Err(FileFault::Bytes);
        }
        let text = text::read(bytes);
        // A quoted cell may hold line ends, so this bound is a little narrower than the records'.
        if text.lines().count() > FILE_LINES + 1 {
            return Err(FileFault::Lines);
        }
        let mut header = csv::StringRecord::new();
        // Whatever is wrong with the first line: its columns are missing.
        let _read = reader(&text).read_record(&mut header);
        let columns: Vec<Option<Column>> = header.iter().map(|name| Column::from_name(name.trim())).collect();
        for column in Column::ALL {
            let count = columns.iter().filter(|known| **known == Some(*column)).count();
            if count > 1 {
                return Err(FileFault::Twice(column.ja()));
            }
            if count == 0 && NEEDED.contains(column) {
                return Err(FileFault::Header(column.ja()));
            }
        }
        Ok(Self { text, columns })
    }

    /// Every line after the first with its number (the first is 1), as it is come to; empty lines are passed over.
    pub fn each(&self) -> impl Iterator<Item = (u64, Result<Row, Vec<Finding>>)> + '_ {
        let mut reader = reader(&self.text);
        let mut first = true;
        let mut counted = Counted { at: 0, line: 1 };
        std::iter::from_fn(move || {
            loop {
                let mut record = csv::StringRecord::new();
                let read = reader.read_record(&mut record);
                let from = |position: Option<&csv::Position>| position.map_or(0, csv::Position::byte);
                match read {
                    Ok(false) => return None,
                    Ok(true) if std::mem::take(&mut first) => {}
                    Ok(true) => {
                        let line = counted.line_of(&self.text, from(record.position()));
                        return Some((line, self.row(&record)));
                    }
                    Err(error) => {
                        first = false;
                        let line = counted.line_of(&self.text, from(error.position()));
                        return Some((line, Err(vec![Finding::line(Rule::Csv)])));
                    }
                }
            }
        })
    }

    fn row(&self, record: &csv::StringRecord) -> Result<Row, Vec<Finding>> {
        if record.len() != self.columns.len() {
            return Err(vec![Finding::line(Rule::Csv)]);
        }
        let get = |column: Column| {
            let place = self.columns.iter().position(|known| *known == Some(column));
            place.and_then(|place| record.get(place)).unwrap_or_default()
        };
        row::read(row::Cells { get: &get, findings: Vec::new() })
    }
}

/// Lines counted so far. The reader's own count is that of before the line end, where a line ends with two characters.
struct Counted {
    at: usize,
    line: u64,
}

impl Counted {
    /// The number of the line on which the record at or after a byte begins.
    fn line_of(&mut self, text: &str, byte: u64) -> u64 {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX).min(text.len());
        let rest = text.as_bytes().get(byte..).unwrap_or_default();
        let ends = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let begin = (byte + ends).max(self.at);
        let passed = text.as_bytes().get(self.at..begin).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.at = begin;
        self.line
    }
}

fn reader(text: &str) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes())
}

impl std::fmt::Debug for Lines<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lines(…)")
    }
}
