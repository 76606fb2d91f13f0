//! A file as a head and rows: line 1 the data type, line 2 the columns' names, then data.

use std::{
    borrow::Cow,
    io::{self, Read},
};

use super::{
    catalogue::{Catalogue, Form, Required},
    encoding::Encoding,
    finding::{At, Detail, Findings},
    lines::{Line, LineEnd, Lines, Step},
    rule::Rule,
};

/// What a cell says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell<'r> {
    /// Nothing: what is there stays. Where nothing is there yet, there is no value.
    Keep,
    /// One half-width blank: what is there is deleted.
    Null,
    /// A value.
    Value(Cow<'r, str>),
}

/// What a place of a row holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A column of the form.
    Known(usize),
    /// None: it is kept when the file is copied, and otherwise not read.
    Unknown,
}

/// What the first two lines say.
#[derive(Debug)]
pub struct Head<'c> {
    /// The form.
    pub form: &'c Form,
    /// What stands where.
    pub places: Vec<Place>,
    /// For each column of the form, where it stands.
    pub at: Vec<Option<usize>>,
    /// Whether the file begins with a byte order mark.
    pub bom: bool,
    /// The two lines as they came.
    pub lines: [Line; 2],
}

impl Head<'_> {
    /// A column of the form as findings name it.
    #[must_use]
    pub fn column(&self, column: usize) -> At {
        let position = self.at.get(column).copied().flatten().map_or(0, |at| at + 1);
        let (id, name) =
            self.form.columns.get(column).map(|column| (column.id.clone(), column.name.clone())).unwrap_or_default();
        At { position: u32::try_from(position).unwrap_or(u32::MAX), id, name }
    }

    /// Whether every column of the key is there once.
    #[must_use]
    pub fn has_key(&self) -> bool {
        self.form.key.iter().all(|column| self.at.get(*column).copied().flatten().is_some())
    }
}

/// Reads a file.
pub struct Reader<'c, R> {
    lines: Lines<R>,
    /// What the first two lines say.
    pub head: Head<'c>,
    line: Line,
    encoding: Option<Encoding>,
    ends: Option<LineEnd>,
    rows: u64,
    last_end: LineEnd,
}

/// One row of data.
#[derive(Clone, Copy)]
pub struct Row<'r, 'c> {
    /// The line as it came.
    pub line: &'r Line,
    /// What stands where.
    pub head: &'r Head<'c>,
    /// The encoding.
    pub encoding: Encoding,
}

/// What is no text in the file's encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken;

impl<'r> Row<'r, '_> {
    /// What stands at a place.
    ///
    /// # Errors
    /// If it is no text in the file's encoding.
    pub fn cell(&self, place: usize) -> Result<Cell<'r>, Broken> {
        let inside = self.line.inside(place);
        match inside {
            b"" => return Ok(Cell::Keep),
            b" " => return Ok(Cell::Null),
            _ => {}
        }
        let text = self.encoding.decode(inside).ok_or(Broken)?;
        Ok(Cell::Value(if self.line.is_doubled(place) { text.replace("\"\"", "\"").into() } else { text }))
    }

    /// What a column of the form says; a column that the file has not is left alone.
    ///
    /// # Errors
    /// If it is no text in the file's encoding.
    pub fn column(&self, column: usize) -> Result<Cell<'r>, Broken> {
        match self.head.at.get(column).copied().flatten() {
            Some(place) => self.cell(place),
            None => Ok(Cell::Keep),
        }
    }
}

impl<'c, R: Read> Reader<'c, R> {
    /// Reads the first two lines. `None` if the file cannot be understood; the findings say why.
    ///
    /// # Errors
    /// If the input cannot be read.
    pub fn open(
        catalogue: &'c Catalogue,
        version: Option<&str>,
        input: R,
        findings: &mut Findings,
    ) -> io::Result<Option<Self>> {
        let mut lines = Lines::new(input)?;
        let (mut first, mut second) = (Line::default(), Line::default());
        if !ordinary(lines.read(&mut first)?, &first, findings) {
            return Ok(None);
        }
        let Some(form) = form(catalogue, version, &first, findings) else { return Ok(None) };
        match lines.read(&mut second)? {
            Step::Line => {}
            Step::End => {
                findings.add(Rule::NoHeader, Some(1), At::default(), Detail::None);
                return Ok(None);
            }
            step => {
                ordinary(step, &second, findings);
                return Ok(None);
            }
        }
        let Some((places, at)) = places(form, &second, findings) else { return Ok(None) };
        let encoding = lines.encoding(second.bytes());
        let head = Head { form, places, at, bom: lines.has_bom(), lines: [first, second] };
        missing(&head, findings);
        let mut reader =
            Self { lines, head, line: Line::default(), encoding, ends: None, rows: 0, last_end: LineEnd::Missing };
        for end in [reader.head.lines[0].end, reader.head.lines[1].end] {
            reader.ended(end, 1, findings);
        }
        Ok(Some(reader))
    }

    /// The encoding: UTF-8 while all is ASCII.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding.unwrap_or(Encoding::Utf8)
    }

    /// Whether a character beyond ASCII has said which encoding it is.
    #[must_use]
    pub fn is_encoding_certain(&self) -> bool {
        self.encoding.is_some()
    }

    /// Rows given so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The next row with as many cells as there are columns; others become findings.
    ///
    /// # Errors
    /// If the input cannot be read.
    pub fn next_row(&mut self, findings: &mut Findings) -> io::Result<Option<Row<'_, 'c>>> {
        loop {
            match self.lines.read(&mut self.line)? {
                Step::Line => {}
                Step::End => {
                    self.at_end(findings);
                    return Ok(None);
                }
                step => {
                    ordinary(step, &self.line, findings);
                    if step == Step::Unclosed {
                        return Ok(None);
                    }
                    continue;
                }
            }
            self.ended(self.line.end, self.line.number, findings);
            if self.encoding.is_none() {
                self.encoding = self.lines.encoding(self.line.bytes());
            }
            let rule = match self.line.len().cmp(&self.head.places.len()) {
                _ if self.line.is_empty() => Rule::BlankLine,
                std::cmp::Ordering::Less => Rule::FewCells,
                std::cmp::Ordering::Greater => Rule::ManyCells,
                std::cmp::Ordering::Equal => break,
            };
            findings.add(rule, Some(self.line.number), At::default(), Detail::None);
        }
        self.rows += 1;
        Ok(Some(Row { line: &self.line, head: &self.head, encoding: self.encoding() }))
    }

    /// Looks at how a line ends.
    fn ended(&mut self, end: LineEnd, line: u64, findings: &mut Findings) {
        self.last_end = end;
        match (self.ends, end) {
            (_, LineEnd::Missing) => {}
            (None, end) => {
                self.ends = Some(end);
                if end == LineEnd::Lf {
                    findings.about_file(Rule::LineEndLf, Detail::None);
                }
            }
            (Some(before), end) if before != end => {
                findings.add(Rule::LineEndsMixed, Some(line), At::default(), Detail::None);
            }
            _ => {}
        }
    }

    fn at_end(&mut self, findings: &mut Findings) {
        if self.rows == 0 {
            findings.about_file(Rule::NoRows, Detail::None);
        }
        if self.last_end == LineEnd::Missing {
            findings.about_file(Rule::NoLastLineEnd, Detail::None);
        }
    }
}

/// Whether a line came; what else came becomes a finding.
fn ordinary(step: Step, line: &Line, findings: &mut Findings) -> bool {
    let rule = match step {
        Step::Line => return true,
        Step::End => Rule::EmptyFile,
        Step::TooLong => Rule::LineTooLong,
        Step::Unclosed => Rule::UnclosedQuote,
    };
    findings.add(rule, (step != Step::End).then_some(line.number), At::default(), Detail::None);
    false
}

/// The form that line 1 names.
fn form<'c>(catalogue: &'c Catalogue, version: Option<&str>, line: &Line, findings: &mut Findings) -> Option<&'c Form> {
    let data_type = std::str::from_utf8(line.inside(0)).unwrap_or_default().trim_end_matches(' ');
    let form = catalogue.form(data_type, version);
    if form.is_none() {
        let others: Vec<&str> = catalogue.of_other_years(data_type).map(|form| form.id.as_str()).collect();
        let (rule, detail) = if others.is_empty() {
            (Rule::UnknownForm, Detail::None)
        } else {
            (Rule::OtherVersion, Detail::Word(others.join(", ")))
        };
        findings.add(rule, Some(1), At::default(), detail);
    } else if line.len() > 1 {
        findings.add(Rule::FirstLineExtra, Some(1), At::default(), Detail::None);
    }
    form
}

/// What stands where, by line 2. `None` if it names no column at all.
fn places(form: &Form, line: &Line, findings: &mut Findings) -> Option<(Vec<Place>, Vec<Option<usize>>)> {
    let mut at = vec![None; form.columns.len()];
    let mut places = Vec::with_capacity(line.len());
    let mut unknown = Vec::new();
    for position in 0..line.len() {
        let id = std::str::from_utf8(line.inside(position)).unwrap_or_default().trim_matches(' ');
        match form.column(id) {
            Some(column) => {
                if let Some(seat) = at.get_mut(column) {
                    if seat.is_some() {
                        let named = At { position: number(position), id: id.to_owned(), name: String::new() };
                        findings.add(Rule::DuplicateColumn, Some(2), named, Detail::None);
                        places.push(Place::Unknown);
                        continue;
                    }
                    *seat = Some(position);
                }
                places.push(Place::Known(column));
            }
            None => {
                places.push(Place::Unknown);
                unknown.push((position, id));
            }
        }
    }
    if at.iter().all(Option::is_none) {
        findings.add(Rule::NoHeader, Some(2), At::default(), Detail::None);
        return None;
    }
    for (position, id) in unknown {
        // Where a head is missing a name could be a person's: only what looks like a column's name is repeated.
        let is_name = id.len() <= 80
            && id.starts_with(|c: char| c.is_ascii_lowercase())
            && id.contains('_')
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_[]".contains(&byte));
        let word = if is_name { id.to_owned() } else { format!("{}", position + 1) };
        let named = At { position: number(position), ..At::default() };
        findings.add(Rule::UnknownColumn, Some(2), named, Detail::Word(word));
    }
    Some((places, at))
}

/// Columns that the file should have.
fn missing(head: &Head<'_>, findings: &mut Findings) {
    let mut final_ones = 0;
    for (column, facts) in head.form.columns.iter().enumerate() {
        if head.at.get(column).copied().flatten().is_some() {
            continue;
        }
        let rule = match facts.required {
            _ if head.form.key.contains(&column) => Rule::MissingKey,
            Required::Always => Rule::MissingRequired,
            Required::Final => {
                final_ones += 1;
                continue;
            }
            Required::Conditional | Required::Optional => continue,
        };
        findings.add(rule, Some(2), head.column(column), Detail::None);
    }
    if final_ones > 0 {
        findings.add(Rule::MissingFinal, Some(2), At::default(), Detail::Number(final_ones));
    }
}

fn number(position: usize) -> u32 {
    u32::try_from(position + 1).unwrap_or(u32::MAX)
}
