//! What is lost when files of every form are read and written again, counted: the benchmark's `life_roundtrip_loss`.

use std::io;

use super::{
    catalogue::Catalogue,
    check::{Ask, Session},
    copy::{Plan, copy},
    encoding::Encoding,
    finding::Findings,
    lines::LineEnd,
    read::{Cell, Reader},
    sample::{self, Shape},
    table::Holdings,
    write::WriteError,
};

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    /// Files made.
    pub files: u64,
    /// Cells in them.
    pub cells: u64,
    /// Cells and bytes that were not the same again.
    pub lost: u64,
}

/// Makes files of every form, in both encodings and with all line ends, and counts what differs: in a copy, byte by byte;
/// after the other encoding and back, byte by byte; in a table that was written whole and read by another, cell by cell.
///
/// # Errors
/// If a made-up file cannot be written, which a test sees to.
pub fn measure(catalogue: &Catalogue, rows: u64, seed: u64) -> io::Result<Loss> {
    let mut loss = Loss::default();
    for form in catalogue.forms() {
        for encoding in [Encoding::Utf8, Encoding::Ms932] {
            for end in [LineEnd::CrLf, LineEnd::Cr, LineEnd::Lf] {
                let shape = Shape { rows, seed, encoding, bom: end == LineEnd::Cr, end, varied: true };
                let bytes = sample::write(form, shape, Vec::new()).map_err(io::Error::other)?;
                loss.files += 1;
                loss.cells += rows * u64::try_from(form.columns.len()).unwrap_or(0);
                loss.lost += differing(&bytes, &copied(catalogue, None, &bytes)?);
                if encoding == Encoding::Ms932 {
                    let utf8 = copied(catalogue, Some(Encoding::Utf8), &bytes)?;
                    loss.lost += differing(&bytes, &copied(catalogue, Some(Encoding::Ms932), &utf8)?);
                }
                loss.lost += moved(catalogue, &bytes, encoding).map_err(io::Error::other)?;
            }
        }
    }
    Ok(loss)
}

fn copied(catalogue: &Catalogue, to: Option<Encoding>, input: &[u8]) -> io::Result<Vec<u8>> {
    let mut output = Vec::new();
    let ask = Ask { catalogue, version: None, file_name: None };
    let copied = copy(ask, Plan { to, strip: false }, &Session::default(), input, &mut output)?;
    // What is not whole counts as lost whole.
    Ok(if copied.whole { output } else { Vec::new() })
}

/// How many bytes are not the same.
fn differing(left: &[u8], right: &[u8]) -> u64 {
    let same = left.iter().zip(right).filter(|(left, right)| left == right).count();
    u64::try_from(left.len().max(right.len()) - same).unwrap_or(u64::MAX)
}

/// How many cells of a file another vendor does not have after a table was written whole and read.
fn moved(catalogue: &Catalogue, bytes: &[u8], encoding: Encoding) -> Result<u64, WriteError> {
    let most = usize::MAX;
    let (mut office, mut vendor) = (Holdings::new(catalogue, most), Holdings::new(catalogue, most));
    office.take(bytes)?;
    for table in office.tables.values() {
        vendor.take(table.write(Vec::new(), encoding)?.as_slice())?;
    }
    let mut lost = 0;
    let mut findings = Findings::default();
    let Some(mut reader) = Reader::open(catalogue, None, bytes, &mut findings)? else { return Ok(1) };
    let form = reader.head.form;
    let table = vendor.tables.get(&form.id);
    while let Some(row) = reader.next_row(&mut findings)? {
        let text = |column: usize| match row.column(column) {
            Ok(Cell::Value(text)) => Some(text),
            _ => None,
        };
        let key: Vec<_> = form.key.iter().filter_map(|column| text(*column)).collect();
        let key: Vec<&str> = key.iter().map(AsRef::as_ref).collect();
        let record = table.and_then(|table| table.get(&key));
        for column in 0..form.columns.len() {
            let kept = record.and_then(|record| record.get(column)).and_then(Option::as_deref);
            lost += u64::from(record.is_none() || kept != text(column).as_deref());
        }
    }
    Ok(lost)
}
