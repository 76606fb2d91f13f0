//! What a sequence of files makes of a table: each row is an upsert, and the table can be written whole again.
//!
//! What must hold: an empty cell leaves alone, one blank deletes, a value is set; a table that is written whole and read
//! into an empty one, or over any older state, is the same table.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    io::{self, Read, Write},
};

use thiserror::Error;

use super::{
    catalogue::{Catalogue, Form},
    encoding::Encoding,
    finding::Findings,
    lines::LineEnd,
    read::{Cell, Reader, Row},
    write::{WriteError, Writer},
};

/// Why a row changes nothing.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum TableError {
    /// A column of the key has no value, so no record is meant.
    #[error("column {0} has no value, so it cannot be told which record is meant")]
    NoKey(String),
    /// A cell is no text in the file's encoding.
    #[error("column {0} is no text in the file's encoding")]
    Broken(String),
    /// The table is full.
    #[error("the table is full at {0} records")]
    Full(usize),
}

/// One row as a change.
#[derive(Debug, PartialEq, Eq)]
pub struct Upsert<'r> {
    /// The values of the key's columns.
    pub key: Vec<Cow<'r, str>>,
    /// What it says of each column that it does not leave alone, key included.
    pub values: Vec<(usize, Cell<'r>)>,
}

impl<'r> Upsert<'r> {
    /// Reads a row.
    ///
    /// # Errors
    /// If the key is not whole or a cell is broken.
    pub fn of(row: Row<'r, '_>) -> Result<Self, TableError> {
        let form = row.head.form;
        let id = |column: usize| form.columns.get(column).map(|column| column.id.clone()).unwrap_or_default();
        let mut key = Vec::with_capacity(form.key.len());
        for column in &form.key {
            match row.column(*column) {
                Ok(Cell::Value(text)) => key.push(text),
                Ok(Cell::Keep | Cell::Null) => return Err(TableError::NoKey(id(*column))),
                Err(_) => return Err(TableError::Broken(id(*column))),
            }
        }
        let mut values = Vec::new();
        for column in 0..form.columns.len() {
            match row.column(column).map_err(|_| TableError::Broken(id(column)))? {
                Cell::Keep => {}
                cell => values.push((column, cell)),
            }
        }
        Ok(Self { key, values })
    }
}

/// What a row did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A record that was not there.
    New,
    /// A record has changed.
    Changed,
    /// It was all there already.
    Same,
}

/// All records of one form.
#[derive(Clone, Debug)]
pub struct Table<'c> {
    /// The form.
    pub form: &'c Form,
    records: BTreeMap<Vec<Box<str>>, Vec<Option<Box<str>>>>,
    most: usize,
}

impl PartialEq for Table<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.form.id == other.form.id && self.records == other.records
    }
}

impl<'c> Table<'c> {
    /// An empty one that takes `most` records.
    #[must_use]
    pub fn new(form: &'c Form, most: usize) -> Self {
        Self { form, records: BTreeMap::new(), most }
    }

    /// How many records there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// A record by the values of its key; `None` in it is a column without a value.
    #[must_use]
    pub fn get(&self, key: &[&str]) -> Option<&[Option<Box<str>>]> {
        let key: Vec<Box<str>> = key.iter().map(|part| (*part).into()).collect();
        self.records.get(&key).map(Vec::as_slice)
    }

    /// Applies a change.
    ///
    /// # Errors
    /// If the table is full.
    pub fn apply(&mut self, upsert: &Upsert<'_>) -> Result<Change, TableError> {
        let key: Vec<Box<str>> = upsert.key.iter().map(|part| part.as_ref().into()).collect();
        let is_new = !self.records.contains_key(&key);
        if is_new && self.records.len() >= self.most {
            return Err(TableError::Full(self.most));
        }
        let record = self.records.entry(key).or_insert_with(|| vec![None; self.form.columns.len()]);
        let mut changed = false;
        for (column, cell) in &upsert.values {
            let value: Option<&str> = match cell {
                Cell::Keep => continue,
                Cell::Null => None,
                Cell::Value(text) => Some(text),
            };
            if let Some(seat) = record.get_mut(*column)
                && seat.as_deref() != value
            {
                *seat = value.map(Into::into);
                changed = true;
            }
        }
        Ok(match (is_new, changed) {
            (true, _) => Change::New,
            (false, true) => Change::Changed,
            (false, false) => Change::Same,
        })
    }

    /// Writes every record with every column. What has no value is written as one blank, so that it has none afterwards
    /// wherever the file is read, whatever stood there before.
    ///
    /// # Errors
    /// If the encoding lacks a character, or the output cannot be written.
    pub fn write<W: Write>(&self, output: W, encoding: Encoding) -> Result<W, WriteError> {
        let mut writer = Writer::new(output, encoding, false, LineEnd::CrLf)?;
        writer.head(&self.form.id, self.form.columns.iter().map(|column| column.id.as_str()))?;
        for record in self.records.values() {
            writer.row(record.iter().map(|value| {
                let cell = value.as_deref().map_or(Cell::Null, |text| Cell::Value(text.into()));
                (cell, false)
            }))?;
        }
        Ok(writer.finish()?)
    }
}

/// The tables of an office.
#[derive(Debug)]
pub struct Holdings<'c> {
    catalogue: &'c Catalogue,
    /// By data type.
    pub tables: BTreeMap<String, Table<'c>>,
    most: usize,
}

/// What a file did.
#[derive(Debug, Default)]
pub struct Taken {
    /// Records that were not there.
    pub new: u64,
    /// Records that have changed.
    pub changed: u64,
    /// Records that were all there already.
    pub same: u64,
    /// How many rows changed nothing because they could not.
    pub refused: u64,
    /// The first hundred of them, with their lines.
    pub why: Vec<(u64, TableError)>,
    /// What was found while the file was read.
    pub findings: Findings,
}

impl<'c> Holdings<'c> {
    /// Nothing yet; each table takes `most` records.
    #[must_use]
    pub fn new(catalogue: &'c Catalogue, most: usize) -> Self {
        Self { catalogue, tables: BTreeMap::new(), most }
    }

    /// Takes a file in, row by row.
    ///
    /// # Errors
    /// If the input cannot be read.
    pub fn take(&mut self, input: impl Read) -> io::Result<Taken> {
        const REFUSED: usize = 100;
        let mut taken = Taken::default();
        let Some(mut reader) = Reader::open(self.catalogue, None, input, &mut taken.findings)? else {
            return Ok(taken);
        };
        let form = reader.head.form;
        let table = self.tables.entry(form.id.clone()).or_insert_with(|| Table::new(form, self.most));
        while let Some(row) = reader.next_row(&mut taken.findings)? {
            match Upsert::of(row).and_then(|upsert| table.apply(&upsert)) {
                Ok(Change::New) => taken.new += 1,
                Ok(Change::Changed) => taken.changed += 1,
                Ok(Change::Same) => taken.same += 1,
                Err(error) => {
                    taken.refused += 1;
                    if taken.why.len() < REFUSED {
                        taken.why.push((row.line.number, error));
                    }
                }
            }
        }
        Ok(taken)
    }
}
