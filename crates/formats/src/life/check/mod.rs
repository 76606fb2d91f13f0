//! A file against its form: each cell, then the row, then numbers across rows and files.

mod cell;
mod numbers;

use std::io::{self, Read};

pub use numbers::Session;
pub(super) use numbers::personal_names;

use super::{
    catalogue::{Catalogue, Column, Required},
    condition::{Holds, Known},
    encoding::{Encoding, is_private, is_usual_ms932},
    finding::{At, Detail, Findings, ROWS},
    lines::Flaw,
    read::{Broken, Cell, Head, Reader, Row},
    rule::Rule,
};
use numbers::Numbers;

/// What came of checking a file.
#[derive(Debug, Default)]
pub struct Report {
    /// The form; none if it is not known.
    pub form: Option<FormName>,
    /// The encoding, and whether a character beyond ASCII has said so.
    pub encoding: Option<(Encoding, bool)>,
    /// Whether it begins with a byte order mark.
    pub bom: bool,
    /// Rows of data that were read.
    pub rows: u64,
    /// What was found.
    pub findings: Findings,
}

/// Which form a file is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormName {
    /// The data type.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// The version whose rules were used.
    pub version: String,
}

/// What to check a file against.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// The forms.
    pub catalogue: &'a Catalogue,
    /// The version; the newest that has the form if none is named.
    pub version: Option<&'a str>,
    /// The file's name without its folders, where it has one.
    pub file_name: Option<&'a str>,
}

/// Checks a file and remembers in `session` which people and records it had, for the files that follow.
///
/// # Errors
/// If the input cannot be read.
pub fn check(ask: Ask<'_>, session: &mut Session, input: impl Read) -> io::Result<Report> {
    let mut report = Report::default();
    let Some(mut reader) = Reader::open(ask.catalogue, ask.version, input, &mut report.findings)? else {
        return Ok(report);
    };
    let form = reader.head.form;
    report.form = Some(FormName { id: form.id.clone(), name: form.name.clone(), version: form.version.clone() });
    report.bom = reader.head.bom;
    if let Some(other) = ask.file_name.and_then(|name| other_form(ask.catalogue, name, &form.id)) {
        report.findings.about_file(Rule::NameOtherForm, Detail::Word(other));
    }
    let mut checker = Checker::new(ask.catalogue, &reader.head, session, &mut report.findings);
    while let Some(row) = reader.next_row(&mut report.findings)? {
        checker.row(row, &mut report.findings);
    }
    checker.finish(&reader.head, &mut report.findings);
    report.rows = reader.rows();
    report.encoding = Some((reader.encoding(), reader.is_encoding_certain()));
    Ok(report)
}

/// What line 1 says, if the file's name begins with another form.
fn other_form(catalogue: &Catalogue, file_name: &str, id: &str) -> Option<String> {
    let named = catalogue.forms().iter().filter(|form| file_name.starts_with(&form.id));
    let named = named.max_by_key(|form| form.id.len())?;
    (named.id != id).then(|| id.to_owned())
}

/// Checks rows of one file.
pub struct Checker<'s> {
    numbers: Numbers<'s>,
    /// For each column, how often it was empty where it is required at the end, and in which lines first.
    empty: Vec<(Vec<u64>, u64)>,
    /// The same where a condition requires it.
    conditional: Vec<(Vec<u64>, u64)>,
}

impl<'s> Checker<'s> {
    /// For a file with this head.
    pub fn new(catalogue: &Catalogue, head: &Head<'_>, session: &'s mut Session, findings: &mut Findings) -> Self {
        for (index, column) in head.form.columns.iter().enumerate() {
            if head.at.get(index).copied().flatten().is_none() {
                continue;
            }
            let mut note = |rule, detail| findings.add(rule, None, head.column(index), detail);
            if column.has_two_codes_for_one() {
                let points = column.points.iter().find(|(_, points)| column.codes_of(*points).len() > 1);
                note(Rule::TwoCodesOnePoint, Detail::Number(points.map_or(0, |(_, points)| u64::from(*points))));
            }
            if let Some(scale) = column.scale {
                note(Rule::Scaled, Detail::Number(scale.into()));
            }
            if column.name_against_id {
                note(Rule::NameAgainstId, Detail::None);
            }
        }
        let none = vec![(Vec::new(), 0); head.form.columns.len()];
        Self { numbers: Numbers::new(catalogue, head, session), empty: none.clone(), conditional: none }
    }

    /// Checks a row.
    pub fn row(&mut self, row: Row<'_, '_>, findings: &mut Findings) {
        let head = row.head;
        for (index, column) in head.form.columns.iter().enumerate() {
            let Some(place) = head.at.get(index).copied().flatten() else { continue };
            let mut add = |rule, detail| findings.add(rule, Some(row.line.number), head.column(index), detail);
            // Most cells are a code and right; nothing more needs to be asked of them.
            if column.only.is_none() && column.implied.is_none() && column.has_code_bytes(row.line.inside(place)) {
                continue;
            }
            match row.line.flaw(place) {
                None => {}
                Some(Flaw::QuoteInside) => add(Rule::QuoteInside, Detail::None),
                Some(Flaw::AfterQuote) => add(Rule::AfterQuote, Detail::None),
            }
            match row.cell(place) {
                Err(Broken) => add(Rule::BrokenCharacter, Detail::Word(row.encoding.name().into())),
                Ok(Cell::Value(text)) => {
                    if let Some((rule, detail)) = cell::check(column, &text) {
                        add(rule, detail);
                    }
                    if !text.is_ascii() {
                        characters(row, place, &text, &mut add);
                    }
                    if row.line.is_quoted(place) && text.contains(['\r', '\n']) {
                        add(Rule::LineBreakInCell, Detail::None);
                    }
                    beside(row, column, &text, &mut add);
                }
                Ok(Cell::Keep) => {
                    if row.line.is_quoted(place) {
                        add(Rule::QuotedEmpty, Detail::None);
                    }
                    self.absent(row, index, Rule::RequiredEmpty, &mut add);
                }
                Ok(Cell::Null) => self.absent(row, index, Rule::RequiredNull, &mut add),
            }
        }
        self.numbers.row(row, findings);
    }

    /// A column without a value.
    fn absent(&mut self, row: Row<'_, '_>, index: usize, rule: Rule, add: &mut impl FnMut(Rule, Detail)) {
        let Some(column) = row.head.form.columns.get(index) else { return };
        let counted = match column.required {
            Required::Always => return add(rule, Detail::None),
            Required::Final => self.empty.get_mut(index),
            Required::Conditional | Required::Optional => {
                match column.when.as_ref().map(|when| when.holds(|other| known(row, other))) {
                    Some(Holds::Yes) => self.conditional.get_mut(index),
                    Some(Holds::No | Holds::Unknown) | None => None,
                }
            }
        };
        if let Some((lines, times)) = counted {
            *times += 1;
            if lines.len() < ROWS {
                lines.push(row.line.number);
            }
        }
    }

    /// What can be said only at the end.
    pub fn finish(self, head: &Head<'_>, findings: &mut Findings) {
        for (rule, counted) in [(Rule::FinalEmpty, &self.empty), (Rule::ConditionalEmpty, &self.conditional)] {
            for (index, (lines, times)) in counted.iter().enumerate().filter(|(_, (_, times))| *times > 0) {
                findings.add_many(rule, lines, &head.column(index), *times);
            }
        }
        self.numbers.finish(findings);
    }
}

/// What a row says of a column, for conditions.
fn known<'r>(row: Row<'r, '_>, column: usize) -> Known<'r> {
    let Some(place) = row.head.at.get(column).copied().flatten() else { return Known::Unknown };
    match row.line.inside(place) {
        b"" => Known::Unknown,
        b" " => Known::Nothing,
        // Codes are ASCII; of anything else it only counts that it is there.
        value => Known::Value(std::str::from_utf8(value).unwrap_or("\u{fffd}")),
    }
}

/// Characters that are not the same everywhere.
fn characters(row: Row<'_, '_>, place: usize, text: &str, add: &mut impl FnMut(Rule, Detail)) {
    for character in text.chars().filter(|character| is_private(*character)) {
        add(Rule::PrivateCharacter, Detail::Character(character));
    }
    if row.encoding == Encoding::Ms932 && !row.line.is_doubled(place) && !is_usual_ms932(text, row.line.inside(place)) {
        add(Rule::OtherBytes, Detail::None);
    }
}

/// A value against other columns of its row.
fn beside(row: Row<'_, '_>, column: &Column, text: &str, add: &mut impl FnMut(Rule, Detail)) {
    if let Some(only) = &column.only
        && let Known::Value(other) = known(row, only.column)
        && !only.allows(other, text)
    {
        let name = row.head.form.columns.get(only.column).map(|column| column.name.clone());
        add(Rule::OnlyBeside, Detail::Word(name.unwrap_or_default()));
    }
    if let Some(implied) = &column.implied
        && text != implied.code.as_ref()
        && implied.by.iter().any(|other| known(row, *other) == Known::Value(&implied.code))
    {
        add(Rule::Implied, Detail::Word(implied.code.to_string()));
    }
}

/// A finding's place for rows as a whole.
fn rows() -> At {
    At::default()
}
