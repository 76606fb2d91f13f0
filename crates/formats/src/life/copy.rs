//! A copy of a file: the same to the byte, or in the other encoding, or without what must not leave the office.
//!
//! What must hold: a copy in the same encoding with nothing left out is the same file; a copy that is not whole says so,
//! and is not to be used; no character is put in another's place; a copy without personal columns has none of their
//! content in another column.

use std::{
    borrow::Cow,
    io::{self, Read, Write},
};

use super::{
    catalogue::Leaves,
    check::{Ask, Session, personal_names},
    encoding::{BOM, Encoding},
    finding::{At, Detail, Findings},
    lines::Line,
    read::{Cell, Head, Place, Reader, Row},
    rule::Rule,
};

/// What kind of copy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The encoding; as it is if none.
    pub to: Option<Encoding>,
    /// Without the columns that must not leave the office, or that LIFE keeps encrypted, and with 15 as the day of birth.
    pub strip: bool,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Copied {
    /// Rows written.
    pub rows: u64,
    /// Columns left out, by the interface's names.
    pub left_out: Vec<String>,
    /// Whether everything was copied. If not, the copy is not to be used.
    pub whole: bool,
    /// What was found on the way.
    pub findings: Findings,
}

/// Copies a file. `session` has what [`check`](super::check) of this file and those before it remembered.
///
/// # Errors
/// If the input cannot be read or the output cannot be written.
pub fn copy(
    ask: Ask<'_>,
    plan: Plan,
    session: &Session,
    input: impl Read,
    mut output: impl Write,
) -> io::Result<Copied> {
    let mut copied = Copied::default();
    let Some(mut reader) = Reader::open(ask.catalogue, ask.version, input, &mut copied.findings)? else {
        return Ok(copied);
    };
    let kept = kept(&reader.head, plan.strip, &mut copied.left_out);
    let mut line = Vec::new();
    if reader.head.bom && plan.to != Some(Encoding::Ms932) {
        output.write_all(BOM)?;
    }
    for (at, head) in reader.head.lines.iter().enumerate() {
        let places: Vec<usize> = if at == 0 { (0..head.len()).collect() } else { kept.clone() };
        // A head is ASCII in whole, or has told its encoding.
        let way = Way { from: reader.encoding(), to: plan.to };
        cells(head, way, &places, &mut line, |at, rule, detail| {
            copied.findings.add(rule, Some(head.number), place(at), detail);
        });
        output.write_all(&line)?;
    }
    let mut findings = std::mem::take(&mut copied.findings);
    while let Some(row) = reader.next_row(&mut findings)? {
        line.clear();
        let way = Way { from: row.encoding, to: plan.to };
        let mut add = |at: usize, rule, detail| findings.add(rule, Some(row.line.number), named(row, at), detail);
        if !plan.strip {
            cells(row.line, way, &kept, &mut line, add);
        } else if let Some(day) = clean(row, &kept, session, &mut add) {
            stripped(row, way, &kept, day.as_ref(), &mut line, add);
        }
        output.write_all(&line)?;
        copied.rows += 1;
    }
    output.flush()?;
    copied.whole = !Rule::ALL.iter().any(|rule| rule.stops_copy() && findings.times(*rule) > 0);
    copied.findings = findings;
    Ok(copied)
}

/// The places that are copied.
fn kept(head: &Head<'_>, strip: bool, left_out: &mut Vec<String>) -> Vec<usize> {
    let stays = |place: &Place| match place {
        Place::Known(column) => {
            let leaves = head.form.columns.get(*column).map(|column| column.leaves).unwrap_or_default();
            matches!(leaves, Leaves::Open | Leaves::Day15)
        }
        // What is not understood may say anything.
        Place::Unknown => false,
    };
    let mut kept = Vec::new();
    for (at, place) in head.places.iter().enumerate() {
        if !strip || stays(place) {
            kept.push(at);
        } else if let Place::Known(column) = place {
            left_out.extend(head.form.columns.get(*column).map(|column| column.id.clone()));
        }
    }
    kept
}

fn place(at: usize) -> At {
    At { position: u32::try_from(at + 1).unwrap_or(u32::MAX), ..At::default() }
}

fn named(row: Row<'_, '_>, at: usize) -> At {
    match row.head.places.get(at) {
        Some(Place::Known(column)) => row.head.column(*column),
        _ => place(at),
    }
}

/// From one encoding to another, or as it came.
#[derive(Clone, Copy)]
struct Way {
    from: Encoding,
    to: Option<Encoding>,
}

/// Writes some cells of a line, quotes as they came.
fn cells(from: &Line, way: Way, kept: &[usize], line: &mut Vec<u8>, mut add: impl FnMut(usize, Rule, Detail)) {
    line.clear();
    for (index, at) in kept.iter().enumerate() {
        if index > 0 {
            line.push(b',');
        }
        transcode(from.raw(*at), way, line, |rule, detail| add(*at, rule, detail));
    }
    line.extend_from_slice(from.end.bytes());
}

fn transcode(raw: &[u8], way: Way, line: &mut Vec<u8>, mut add: impl FnMut(Rule, Detail)) {
    let Some(to) = way.to.filter(|_| !raw.is_ascii()) else {
        line.extend_from_slice(raw);
        return;
    };
    match way.from.decode(raw) {
        None => add(Rule::BrokenCharacter, Detail::Word(way.from.name().into())),
        Some(_) if way.from == to => line.extend_from_slice(raw),
        Some(text) => {
            if let Err(character) = to.encode(&text, line) {
                add(Rule::CannotWrite, Detail::Character(character));
            }
        }
    }
}

/// Whether no kept cell has what a personal one has; the day of birth with 15 as its day, by place. `None` if a finding
/// says that the row cannot leave.
fn clean(
    row: Row<'_, '_>,
    kept: &[usize],
    session: &Session,
    add: &mut impl FnMut(usize, Rule, Detail),
) -> Option<Option<(usize, String)>> {
    let form = row.head.form;
    let mut personal: Vec<(String, Cow<'_, str>)> = Vec::new();
    let mut day = None;
    for (index, column) in form.columns.iter().enumerate() {
        let Ok(Cell::Value(text)) = row.column(index) else { continue };
        match column.leaves {
            Leaves::Hashed => personal.push((column.name.clone(), text)),
            Leaves::Day15 => {
                let at = row.head.at.get(index).copied().flatten()?;
                if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
                    add(at, Rule::NoDay15, Detail::None);
                    return None;
                }
                day = Some((at, format!("{}15", text.get(..6).unwrap_or_default())));
                personal.push((column.name.clone(), text));
            }
            Leaves::Open | Leaves::Encrypted | Leaves::Never => {}
        }
    }
    let own = personal_names(row);
    let known = session.names_of(row).iter().filter(|name| !own.contains(name)).chain(&own);
    personal.extend(known.map(|name| ("氏名 / name".to_owned(), Cow::Borrowed(name.as_ref()))));
    let mut is_clean = true;
    // Only where anything may be written: the number of an office may well be the same digits as a person's.
    for at in kept.iter().filter(|at| is_free(row, **at)) {
        let Ok(Cell::Value(text)) = row.cell(*at) else { continue };
        for (name, _) in personal.iter().filter(|(_, value)| text.contains(value.as_ref())) {
            add(*at, Rule::PersonalLeft, Detail::Word(name.clone()));
            is_clean = false;
        }
    }
    is_clean.then_some(day)
}

/// Whether a place takes any text: no codes, no number, no date.
fn is_free(row: Row<'_, '_>, at: usize) -> bool {
    let Some(Place::Known(column)) = row.head.places.get(at) else { return true };
    let column = row.head.form.columns.get(*column);
    column.is_none_or(|column| column.codes.is_none() && column.format.is_none() && !column.number_type)
}

/// Writes the kept cells of a row with the day of birth changed.
fn stripped(
    row: Row<'_, '_>,
    way: Way,
    kept: &[usize],
    day: Option<&(usize, String)>,
    line: &mut Vec<u8>,
    mut add: impl FnMut(usize, Rule, Detail),
) {
    line.clear();
    for (index, at) in kept.iter().enumerate() {
        if index > 0 {
            line.push(b',');
        }
        match day {
            Some((of_day, date)) if of_day == at => {
                let quote: &[u8] = if row.line.is_quoted(*at) { b"\"" } else { b"" };
                line.extend_from_slice(quote);
                line.extend_from_slice(date.as_bytes());
                line.extend_from_slice(quote);
            }
            _ => transcode(row.line.raw(*at), way, line, |rule, detail| add(*at, rule, detail)),
        }
    }
    line.extend_from_slice(row.line.end.bytes());
}
