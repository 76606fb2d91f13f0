//! External numbers across the rows of a file and across files of one send.
//!
//! A number is one person's in the file of people, one record's in every form, and a child repeats its parent's. In a
//! form it may be unique for one person only, so the person is part of the key. Compared are hashes: no number is kept.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hasher},
};

use tsumugi_kernel::limits::LIFE_NUMBERS;

use super::rows;
use crate::life::{
    catalogue::{Catalogue, Leaves, NumberOf},
    finding::{Detail, Findings, ROWS},
    read::{Cell, Head, Row},
    rule::Rule,
};

/// What earlier files of one send said.
#[derive(Debug, Default)]
pub struct Session {
    /// Of each person, their external number.
    people: HashMap<u64, u64>,
    /// Of each form that has children, its records.
    parents: HashMap<String, HashSet<u64>>,
    /// Names of people, where a copy without them is to be made of the files that follow.
    names: Option<HashMap<u64, Vec<Box<str>>>>,
}

impl Session {
    /// One that also keeps the names of people, so that a copy can be searched for them.
    #[must_use]
    pub fn with_names() -> Self {
        Self { names: Some(HashMap::new()), ..Self::default() }
    }

    /// The names of the person whom a row is about, as an earlier file had them.
    #[must_use]
    pub fn names_of(&self, row: Row<'_, '_>) -> &[Box<str>] {
        let Some(names) = &self.names else { return &[] };
        let column = |id| row.head.form.column(id);
        // Whichever office and service it is about.
        hash(row, ["insurer_no", "insured_no"].map(column))
            .and_then(|person| names.get(&person))
            .map_or(&[], Vec::as_slice)
    }
}

/// The columns that are compared.
struct Columns {
    office: [Option<usize>; 2],
    person: [Option<usize>; 2],
    number: Option<usize>,
}

/// The numbers of one file.
pub struct Numbers<'s> {
    session: &'s mut Session,
    columns: Columns,
    key: Vec<usize>,
    of_people: bool,
    /// The form whose records are looked up, for a child.
    parent: Option<String>,
    /// The form's own name, where others are its children.
    is_parent: Option<String>,
    /// Each record's line.
    keys: HashMap<u64, u64>,
    /// Each number's person and line.
    numbers: HashMap<u64, (u64, u64)>,
    /// Each person's number and line, in the file of people.
    people: HashMap<u64, (u64, u64)>,
    /// How often a record's number was its person's, of how many, and where first.
    same: (u64, u64, Vec<u64>),
    full: bool,
}

impl<'s> Numbers<'s> {
    /// For a file with this head.
    pub fn new(catalogue: &Catalogue, head: &Head<'_>, session: &'s mut Session) -> Self {
        let form = head.form;
        let column = |id| form.column(id);
        Self {
            session,
            columns: Columns {
                office: ["care_facility_id", "service_code"].map(column),
                person: ["insurer_no", "insured_no"].map(column),
                number: column("external_system_management_number"),
            },
            key: form.key.clone(),
            of_people: form.number_of == NumberOf::Person,
            parent: form.parent.clone(),
            is_parent: catalogue
                .forms()
                .iter()
                .any(|other| other.parent.as_ref() == Some(&form.id))
                .then(|| form.id.clone()),
            keys: HashMap::new(),
            numbers: HashMap::new(),
            people: HashMap::new(),
            same: (0, 0, Vec::new()),
            full: false,
        }
    }

    /// Compares a row's numbers with those before it.
    pub fn row(&mut self, row: Row<'_, '_>, findings: &mut Findings) {
        let line = row.line.number;
        let Columns { office: [office, service], person: [insurer, insured], number } = self.columns;
        let Some(key) = hash(row, self.key.iter().copied().map(Some)) else { return };
        let Some(person) = hash(row, [office, service, insurer, insured]) else { return };
        let Some(number) = hash(row, [office, service, number]) else { return };
        if self.keys.len() >= LIFE_NUMBERS {
            self.full = true;
            return;
        }
        let mut add = |rule, detail| findings.add(rule, Some(line), rows(), detail);
        let before = self.keys.insert(key, line);
        if let Some(before) = before {
            add(Rule::DuplicateKey, Detail::Number(before));
        }
        if self.parent.is_none() {
            match self.numbers.insert(number, (person, line)) {
                Some((other, before)) if other != person => add(Rule::TwoPeopleOneNumber, Detail::Number(before)),
                _ => {}
            }
        }
        if self.of_people {
            match self.people.insert(person, (number, line)) {
                Some((other, before)) if other != number => add(Rule::TwoNumbersOnePerson, Detail::Number(before)),
                _ => {}
            }
            self.session.people.insert(person, number);
            if let Some(names) = self.session.names.as_mut().filter(|names| names.len() < LIFE_NUMBERS)
                && let Some(anywhere) = hash(row, [insurer, insured])
            {
                names.insert(anywhere, personal_names(row));
            }
            return;
        }
        if !self.session.people.is_empty() {
            match self.session.people.get(&person) {
                None => add(Rule::NoPerson, Detail::None),
                Some(of_person) if self.parent.is_none() => {
                    let (same, of, lines) = &mut self.same;
                    *of += 1;
                    if *of_person == number {
                        *same += 1;
                        if lines.len() < ROWS {
                            lines.push(line);
                        }
                    }
                }
                Some(_) => {}
            }
        }
        self.family(person, number, &mut add);
    }

    /// Parents remember their records, children ask for them.
    fn family(&mut self, person: u64, number: u64, add: &mut impl FnMut(Rule, Detail)) {
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(person);
        hasher.write_u64(number);
        let record = hasher.finish();
        if let Some(form) = &self.is_parent {
            let known = self.session.parents.entry(form.clone()).or_default();
            if known.len() < LIFE_NUMBERS {
                known.insert(record);
            }
        }
        let known = self.parent.as_ref().and_then(|parent| self.session.parents.get(parent));
        if known.is_some_and(|known| known.len() < LIFE_NUMBERS && !known.contains(&record)) {
            add(Rule::NoParent, Detail::None);
        }
    }

    /// What can be said only at the end.
    pub fn finish(self, findings: &mut Findings) {
        let (same, of, lines) = self.same;
        // One record that happens to have its person's number says nothing; most of them do.
        if same * 2 > of {
            findings.add_many(Rule::UserNumberForRecord, &lines, &rows(), same);
        }
        if self.full {
            findings.about_file(Rule::NotCompared, Detail::Number(u64::try_from(LIFE_NUMBERS).unwrap_or(u64::MAX)));
        }
    }
}

/// What a row says of a person that stays in the office and is short enough to be a name.
pub fn personal_names(row: Row<'_, '_>) -> Vec<Box<str>> {
    const NAME_CHARACTERS: u32 = 30;
    let columns = row.head.form.columns.iter().enumerate();
    let names = columns.filter(|(_, column)| column.leaves == Leaves::Never && column.length <= NAME_CHARACTERS);
    names
        .filter_map(|(index, _)| match row.column(index) {
            // One character is too often part of another word.
            Ok(Cell::Value(text)) if text.chars().count() >= 2 => Some(text.into()),
            _ => None,
        })
        .collect()
}

/// A hash of some columns, or `None` if one has no value.
fn hash(row: Row<'_, '_>, columns: impl IntoIterator<Item = Option<usize>>) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    for column in columns {
        let Ok(Cell::Value(text)) = row.column(column?) else { return None };
        hasher.write(text.as_bytes());
        hasher.write_u8(0xff);
    }
    Some(hasher.finish())
}
