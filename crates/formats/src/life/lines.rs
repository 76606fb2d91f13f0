//! Bytes into lines of cells. No byte of a character beyond ASCII is a comma, quote or line end in either encoding, so
//! lines are cut before anything is decoded, and every byte of a line is kept as it came.
//!
//! What must hold: one line is in memory, and never more of it than `LIFE_LINE_BYTES`; every input ends.

use std::io::{self, Read};

use tsumugi_kernel::limits::{LIFE_CELLS, LIFE_LINE_BYTES, LIFE_SAMPLE_BYTES};

use super::encoding::{BOM, Encoding};

/// How a line ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineEnd {
    /// CR LF, as the interface has it.
    CrLf,
    /// CR, as the interface has it, too.
    Cr,
    /// LF, which it does not name.
    Lf,
    /// None: the file ends.
    #[default]
    Missing,
}

impl LineEnd {
    /// Its bytes.
    #[must_use]
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Self::CrLf => b"\r\n",
            Self::Cr => b"\r",
            Self::Lf => b"\n",
            Self::Missing => b"",
        }
    }
}

/// One cell of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Where it begins, its opening quote included.
    start: usize,
    /// Where it ends, its closing quote included.
    end: usize,
    /// Whether it stands in quotes.
    quoted: bool,
    /// Whether a quote in it is doubled.
    doubled: bool,
    /// What is wrong with its quotes.
    flaw: Option<Flaw>,
}

/// What is wrong with the quotes of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// A quote stands within a cell that does not begin with one.
    QuoteInside,
    /// Something follows the closing quote.
    AfterQuote,
}

/// One line as it came.
#[derive(Debug, Default)]
pub struct Line {
    /// The number of the line in the file, from 1: that of its first byte.
    pub number: u64,
    bytes: Vec<u8>,
    cells: Vec<Span>,
    /// How it ends.
    pub end: LineEnd,
}

impl Line {
    /// How many cells it has; an empty line has one.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether nothing stands in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// All its bytes, without the line's end.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A cell's bytes as they came, quotes included.
    #[must_use]
    pub fn raw(&self, at: usize) -> &[u8] {
        self.cells.get(at).and_then(|span| self.bytes.get(span.start..span.end)).unwrap_or_default()
    }

    /// A cell's bytes within its quotes, doubled ones as they came.
    #[must_use]
    pub fn inside(&self, at: usize) -> &[u8] {
        let raw = self.raw(at);
        match self.cells.get(at) {
            Some(Span { quoted: true, flaw: None, .. }) => raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default(),
            _ => raw,
        }
    }

    /// Whether a cell stands in quotes.
    #[must_use]
    pub fn is_quoted(&self, at: usize) -> bool {
        self.cells.get(at).is_some_and(|span| span.quoted)
    }

    /// Whether a cell has doubled quotes in it.
    #[must_use]
    pub fn is_doubled(&self, at: usize) -> bool {
        self.cells.get(at).is_some_and(|span| span.doubled && span.flaw.is_none())
    }

    /// What is wrong with a cell's quotes.
    #[must_use]
    pub fn flaw(&self, at: usize) -> Option<Flaw> {
        self.cells.get(at).and_then(|span| span.flaw)
    }

    fn clear(&mut self, number: u64) {
        self.number = number;
        self.bytes.clear();
        self.cells.clear();
        self.end = LineEnd::Missing;
    }
}

/// What came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A line.
    Line,
    /// The end of the file.
    End,
    /// A line that is too long, or has too many cells; reading goes on behind it.
    TooLong,
    /// A quote that is never closed, or only past the bound: what follows cannot be told apart, and nothing more comes.
    Unclosed,
}

/// Where within a cell the reader is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Start,
    Plain,
    Quoted,
    /// Behind a quote within quotes: doubled, or closing.
    Quote,
}

/// Lines of a file.
pub struct Lines<R> {
    input: R,
    buffer: Box<[u8]>,
    from: usize,
    to: usize,
    /// The number of the next line.
    next: u64,
    over: bool,
    bom: bool,
}

impl<R: Read> Lines<R> {
    /// Over `input`, of which a first sample is read.
    ///
    /// # Errors
    /// If the input cannot be read.
    pub fn new(input: R) -> io::Result<Self> {
        let buffer = vec![0; LIFE_SAMPLE_BYTES].into_boxed_slice();
        let mut lines = Self { input, buffer, from: 0, to: 0, next: 1, over: false, bom: false };
        while lines.to < lines.buffer.len() {
            let Some(rest) = lines.buffer.get_mut(lines.to..) else { break };
            match lines.input.read(rest) {
                Ok(0) => break,
                Ok(read) => lines.to += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if lines.ahead().starts_with(BOM) {
            lines.from = BOM.len();
            lines.bom = true;
        }
        Ok(lines)
    }

    /// Whether the file begins with a byte order mark.
    #[must_use]
    pub fn has_bom(&self) -> bool {
        self.bom
    }

    /// The encoding as `line`, and what was read ahead behind it, tell; nothing while the line is ASCII.
    #[must_use]
    pub fn encoding(&self, line: &[u8]) -> Option<Encoding> {
        if self.bom {
            return Some(Encoding::Utf8);
        }
        if line.is_ascii() { None } else { Encoding::of(line, &[line, b"\n", self.ahead()].concat()) }
    }

    fn ahead(&self) -> &[u8] {
        self.buffer.get(self.from..self.to).unwrap_or_default()
    }

    /// Whether there is another byte, reading if need be.
    fn refill(&mut self) -> io::Result<bool> {
        while self.from == self.to {
            match self.input.read(&mut self.buffer) {
                Ok(0) => return Ok(false),
                Ok(read) => (self.from, self.to) = (0, read),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Reads the next line into `line`.
    ///
    /// # Errors
    /// If the input cannot be read.
    pub fn read(&mut self, line: &mut Line) -> io::Result<Step> {
        line.clear(self.next);
        if self.over || !self.refill()? {
            self.over = true;
            return Ok(Step::End);
        }
        let mut span = Span::default();
        let mut at = At::Start;
        let mut long = false;
        loop {
            if !self.refill()? {
                self.over = true;
                self.next += 1;
                if at == At::Quoted {
                    return Ok(Step::Unclosed);
                }
                break;
            }
            let Some(&byte) = self.buffer.get(self.from) else { break };
            self.from += 1;
            if byte == b'\n' || byte == b'\r' {
                line.end = self.line_end(byte)?;
                self.next += 1;
                if at != At::Quoted {
                    break;
                }
                line.bytes.extend_from_slice(line.end.bytes());
                line.end = LineEnd::Missing;
            } else if byte == b',' && at != At::Quoted {
                span.end = line.bytes.len();
                line.cells.push(span);
                line.bytes.push(byte);
                span = Span { start: line.bytes.len(), ..Span::default() };
                at = At::Start;
            } else {
                at = step(at, byte, &mut span);
                line.bytes.push(byte);
                if at == At::Plain || at == At::Quoted {
                    self.run(at, line);
                }
            }
            if line.bytes.len() > LIFE_LINE_BYTES || line.cells.len() >= LIFE_CELLS {
                if at == At::Quoted {
                    self.over = true;
                    return Ok(Step::Unclosed);
                }
                // What is passed over needs no room; quotes are followed, since a line may end within them.
                long = true;
                line.bytes.clear();
                line.cells.clear();
                span = Span::default();
            }
        }
        if long {
            return Ok(Step::TooLong);
        }
        span.end = line.bytes.len();
        line.cells.push(span);
        Ok(Step::Line)
    }

    /// Takes over at once the bytes that change nothing.
    fn run(&mut self, at: At, line: &mut Line) {
        let ends = |byte: &u8| match at {
            At::Quoted => matches!(byte, b'"' | b'\r' | b'\n'),
            _ => matches!(byte, b',' | b'"' | b'\r' | b'\n'),
        };
        let room = (LIFE_LINE_BYTES + 1).saturating_sub(line.bytes.len());
        let ahead = self.buffer.get(self.from..self.to).unwrap_or_default();
        let ahead = ahead.get(..room).unwrap_or(ahead);
        let taken = ahead.iter().position(ends).unwrap_or(ahead.len());
        line.bytes.extend_from_slice(ahead.get(..taken).unwrap_or_default());
        self.from += taken;
    }

    /// The line end that begins with `byte`.
    fn line_end(&mut self, byte: u8) -> io::Result<LineEnd> {
        if byte == b'\n' {
            return Ok(LineEnd::Lf);
        }
        if self.refill()? && self.buffer.get(self.from) == Some(&b'\n') {
            self.from += 1;
            return Ok(LineEnd::CrLf);
        }
        Ok(LineEnd::Cr)
    }
}

/// Where the reader is after a byte that is neither line end nor separator.
fn step(at: At, byte: u8, span: &mut Span) -> At {
    match (at, byte) {
        (At::Start, b'"') => {
            span.quoted = true;
            At::Quoted
        }
        (At::Quoted, b'"') => At::Quote,
        (At::Quoted, _) => At::Quoted,
        (At::Quote, b'"') => {
            span.doubled = true;
            At::Quoted
        }
        (At::Quote, _) => {
            span.flaw = Some(Flaw::AfterQuote);
            At::Plain
        }
        (At::Plain, b'"') => {
            span.flaw.get_or_insert(Flaw::QuoteInside);
            At::Plain
        }
        (At::Start | At::Plain, _) => At::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> (Vec<Vec<String>>, Vec<LineEnd>, Step) {
        let mut lines = Lines::new(bytes).unwrap();
        let mut line = Line::default();
        let (mut cells, mut ends) = (Vec::new(), Vec::new());
        loop {
            match lines.read(&mut line).unwrap() {
                Step::Line => {
                    let texts = (0..line.len()).map(|at| String::from_utf8_lossy(line.inside(at)).into_owned());
                    cells.push(texts.collect());
                    ends.push(line.end);
                }
                Step::TooLong => {}
                step => return (cells, ends, step),
            }
        }
    }

    #[test]
    fn lines_end_in_three_ways_and_the_last_need_not() {
        let (cells, ends, _) = all(b"a,b\r\nc,\rd\n\ne");
        assert_eq!(cells, [vec!["a", "b"], vec!["c", ""], vec!["d"], vec![""], vec!["e"]]);
        assert_eq!(ends, [LineEnd::CrLf, LineEnd::Cr, LineEnd::Lf, LineEnd::Lf, LineEnd::Missing]);
    }

    #[test]
    fn quotes_hold_commas_quotes_and_line_ends() {
        let (cells, ends, _) = all(b"\"a,b\",\"c\"\"d\",\"e\r\nf\",\"\"\r\ng\r\n");
        assert_eq!(cells, [vec!["a,b", "c\"\"d", "e\r\nf", ""], vec!["g"]]);
        assert_eq!(ends, [LineEnd::CrLf, LineEnd::CrLf]);
    }

    #[test]
    fn wrong_quotes_are_told_and_kept() {
        let mut line = Line::default();
        let mut lines = Lines::new(&b"a\"b,\"c\"d,\"e\"\r\n"[..]).unwrap();
        assert_eq!(lines.read(&mut line).unwrap(), Step::Line);
        assert_eq!(line.flaw(0), Some(Flaw::QuoteInside));
        assert_eq!((line.flaw(1), line.inside(1)), (Some(Flaw::AfterQuote), &b"\"c\"d"[..]));
        assert_eq!((line.flaw(2), line.inside(2)), (None, &b"e"[..]));
    }

    #[test]
    fn an_open_quote_and_an_endless_line_are_bounded() {
        assert_eq!(all(b"a\r\n\"b\r\nc\r\n").2, Step::Unclosed);
        let endless = [b"\"".to_vec(), vec![b'x'; 3 * LIFE_LINE_BYTES]].concat();
        assert_eq!(all(&endless).2, Step::Unclosed);
        let long = [vec![b'x'; 3 * LIFE_LINE_BYTES], b"\r\na".to_vec(), vec![b','; 9 * LIFE_CELLS], b"\nok\n".to_vec()];
        let (cells, _, step) = all(&long.concat());
        assert_eq!((cells, step), (vec![vec!["ok".to_owned()]], Step::End));
    }

    #[test]
    fn a_line_is_numbered_by_where_it_begins() {
        let mut line = Line::default();
        let mut lines = Lines::new(&b"a\r\n\"b\nc\"\r\nd"[..]).unwrap();
        let mut numbers = Vec::new();
        while lines.read(&mut line).unwrap() == Step::Line {
            numbers.push(line.number);
        }
        assert_eq!(numbers, [1, 2, 4]);
    }
}
