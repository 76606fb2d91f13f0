//! What the versions of LIFE's interface say, read from data: forms, their columns, codes and conditions.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;
use thiserror::Error;

use super::condition::{Condition, Implied, Only, Raw as RawCondition};

/// The data that came with the program: version, file name without its end, text.
const EMBEDDED: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/life.rs"));
/// The file of a version that has its lists of codes.
const LISTS: &str = "lists";

/// Why data of a version cannot be used.
#[derive(Debug, Error)]
pub enum CatalogueError {
    /// It cannot be read.
    #[error("{0}: {1}")]
    Unreadable(String, std::io::Error),
    /// It is not of the shape of these data.
    #[error("{file}: {reason}; see docs/life.md for the shape of these data")]
    Shape {
        /// The file, or version and form.
        file: String,
        /// What is wrong.
        reason: String,
    },
}

/// All forms of all versions.
#[derive(Debug, Default)]
pub struct Catalogue {
    forms: Vec<Form>,
}

/// One form of one version.
#[derive(Debug)]
pub struct Form {
    /// The data type, as in a file's first line: `FORM_0000_2021`.
    pub id: String,
    /// The version whose data these are.
    pub version: String,
    /// What it is called.
    pub name: String,
    /// What one external number stands for.
    pub number_of: NumberOf,
    /// The form whose record a row belongs to.
    pub parent: Option<String>,
    /// The columns in their order.
    pub columns: Vec<Column>,
    /// The columns that together say which row is meant.
    pub key: Vec<usize>,
}

/// What one external number (外部システム管理番号) stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NumberOf {
    /// One person within an office and a kind of service.
    Person,
    /// One record.
    Record,
}

/// One column.
#[derive(Debug)]
pub struct Column {
    /// Its number in the form, from 1.
    pub number: u32,
    /// Its physical name, as in a file's second line.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Whether it holds a number.
    pub number_type: bool,
    /// Most characters; of a number, most digits before the point.
    pub length: u32,
    /// Most digits after the point.
    pub decimals: u32,
    /// When there must be a value.
    pub required: Required,
    /// The condition under which there must be one.
    pub when: Option<Condition>,
    /// Other columns that make this one a certain code.
    pub implied: Option<Implied>,
    /// The least and the greatest number.
    pub range: Option<(u32, u32)>,
    /// How a value is written.
    pub format: Option<Format>,
    /// What happens to it when it leaves the office.
    pub leaves: Leaves,
    /// The codes, sorted, with their words (empty where the word is not ours to carry).
    pub codes: Option<Vec<(Box<str>, Box<str>)>>,
    /// How many points of a scale a code is.
    pub points: Vec<(Box<str>, u32)>,
    /// Codes that hold only beside a value of another column.
    pub only: Option<Only>,
    /// What a whole number is to be divided by.
    pub scale: Option<u32>,
    /// Whether the name contradicts the physical name in the interface itself.
    pub name_against_id: bool,
}

/// When there must be a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Required {
    /// ◎: in every row.
    Always,
    /// ○: when the record is made final, if it was recorded.
    Final,
    /// ●: the same, under a condition.
    Conditional,
    /// Never.
    #[default]
    Optional,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// `YYYYMMDD`.
    Date,
    /// The same, with `00` for a day that is not known.
    DateDayUnknown,
    /// `HHmm`.
    Time,
    /// A code of ICD-10 with its period.
    Icd10,
    /// Digits only.
    Digits,
    /// A number of an office, insurer or person, which has all its digits.
    NumberOfFixedLength,
}

/// What LIFE does with a column before it leaves the office.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Leaves {
    /// It is sent as it is.
    #[default]
    #[serde(rename = "open")]
    Open,
    /// It is sent, and kept encrypted (暗号化対象).
    #[serde(rename = "encrypted")]
    Encrypted,
    /// Its day becomes 15.
    #[serde(rename = "day-15")]
    Day15,
    /// It becomes a hash that leads nowhere back.
    #[serde(rename = "hashed")]
    Hashed,
    /// It stays in the office.
    #[serde(rename = "never")]
    Never,
}

impl Leaves {
    /// Whether it may say who somebody is.
    #[must_use]
    pub fn is_personal(self) -> bool {
        self != Self::Open
    }
}

impl Column {
    /// Whether `code` is one of its codes; `None` where it has none.
    #[must_use]
    pub fn has_code(&self, code: &str) -> Option<bool> {
        let codes = self.codes.as_ref()?;
        Some(codes.binary_search_by(|(known, _)| known.as_ref().cmp(code)).is_ok())
    }

    /// Whether some bytes are one of its codes, which are ASCII.
    pub(super) fn has_code_bytes(&self, bytes: &[u8]) -> bool {
        let find = |codes: &Vec<(Box<str>, Box<str>)>| {
            codes.binary_search_by(|(known, _)| known.as_bytes().cmp(bytes)).is_ok()
        };
        self.codes.as_ref().is_some_and(find)
    }

    /// The points that a code stands for.
    #[must_use]
    pub fn points_of(&self, code: &str) -> Option<u32> {
        self.points.iter().find(|(known, _)| known.as_ref() == code).map(|(_, points)| *points)
    }

    /// The codes that stand for so many points: more than one where points do not say which code was meant.
    #[must_use]
    pub fn codes_of(&self, points: u32) -> Vec<&str> {
        self.points.iter().filter(|(_, known)| *known == points).map(|(code, _)| code.as_ref()).collect()
    }

    /// Whether two codes stand for the same points.
    #[must_use]
    pub fn has_two_codes_for_one(&self) -> bool {
        self.points.iter().any(|(_, points)| self.codes_of(*points).len() > 1)
    }
}

impl Form {
    /// A column by its physical name.
    #[must_use]
    pub fn column(&self, id: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.id == id)
    }

    /// Whether a record of it belongs to one of another form.
    #[must_use]
    pub fn is_child(&self) -> bool {
        self.parent.is_some()
    }
}

impl Catalogue {
    /// The forms that came with the program.
    ///
    /// # Errors
    /// If the data are not of their shape; a test sees to it that they are.
    pub fn embedded() -> Result<Self, CatalogueError> {
        let mut catalogue = Self::default();
        let mut versions: BTreeMap<&str, Vec<(String, &str)>> = BTreeMap::new();
        for (version, file, text) in EMBEDDED {
            versions.entry(version).or_default().push(((*file).to_owned(), text));
        }
        for (version, files) in versions {
            catalogue.add(version, &files)?;
        }
        Ok(catalogue)
    }

    /// Adds the version whose data stand in `folder`, named like the version.
    ///
    /// # Errors
    /// If they cannot be read or are not of their shape.
    pub fn add_folder(&mut self, folder: &Path) -> Result<(), CatalogueError> {
        let unreadable = |error| CatalogueError::Unreadable(folder.display().to_string(), error);
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.extension().is_some_and(|ext| ext == "json") {
                let text = std::fs::read_to_string(&path)
                    .map_err(|error| CatalogueError::Unreadable(path.display().to_string(), error))?;
                files.push((path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), text));
            }
        }
        files.sort();
        let version = folder.file_name().unwrap_or_default().to_string_lossy();
        self.add(&version, &files)
    }

    fn add<T: AsRef<str>>(&mut self, version: &str, files: &[(String, T)]) -> Result<(), CatalogueError> {
        let shape =
            |file: &str, reason: String| CatalogueError::Shape { file: format!("{version}/{file}.json"), reason };
        let Some((_, text)) = files.iter().find(|(name, _)| name == LISTS) else {
            return Err(shape(LISTS, "it is missing".into()));
        };
        let lists: Lists = serde_json::from_str(text.as_ref()).map_err(|error| shape(LISTS, error.to_string()))?;
        for (name, text) in files.iter().filter(|(name, _)| name != LISTS) {
            let raw: RawForm = serde_json::from_str(text.as_ref()).map_err(|error| shape(name, error.to_string()))?;
            let form = raw.form(version, &lists).map_err(|reason| shape(name, reason))?;
            self.forms.retain(|known| known.id != form.id || known.version != form.version);
            self.forms.push(form);
        }
        self.forms.sort_by(|a, b| (&a.version, &a.id).cmp(&(&b.version, &b.id)));
        Ok(())
    }

    /// All forms, by version and data type.
    #[must_use]
    pub fn forms(&self) -> &[Form] {
        &self.forms
    }

    /// The newest form of a data type, or that of a version.
    #[must_use]
    pub fn form(&self, data_type: &str, version: Option<&str>) -> Option<&Form> {
        let fits = |form: &&Form| form.id == data_type && version.is_none_or(|version| form.version == version);
        self.forms.iter().rev().find(fits)
    }

    /// The forms that differ from `data_type` in the year at its end only.
    pub fn of_other_years(&self, data_type: &str) -> impl Iterator<Item = &Form> {
        let stem = stem(data_type).to_owned();
        self.forms.iter().filter(move |form| stem.starts_with("FORM_") && form.id.starts_with(&stem))
    }
}

/// A data type without the year at its end.
fn stem(data_type: &str) -> &str {
    match data_type.rsplit_once('_') {
        Some((stem, year)) if year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()) => stem,
        _ => data_type,
    }
}

type Lists = BTreeMap<String, BTreeMap<String, String>>;

/// A form as its file has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawForm {
    form: String,
    version: String,
    name: String,
    key: Vec<String>,
    number_of: NumberOf,
    parent: Option<String>,
    columns: Vec<RawColumn>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawColumn {
    no: u32,
    id: String,
    name: String,
    r#type: Type,
    length: u32,
    #[serde(default)]
    decimals: u32,
    #[serde(default)]
    required: Required,
    when: Option<RawCondition>,
    implied: Option<RawImplied>,
    range: Option<(u32, u32)>,
    format: Option<Format>,
    #[serde(default)]
    leaves: Leaves,
    list: Option<String>,
    codes: Option<BTreeMap<String, String>>,
    #[serde(default)]
    points: BTreeMap<String, u32>,
    only: Option<RawOnly>,
    scale: Option<u32>,
    trap: Option<Trap>,
}

#[derive(PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Type {
    Text,
    Number,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Trap {
    NameAgainstId,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawImplied {
    by: Vec<String>,
    code: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOnly {
    column: String,
    codes: BTreeMap<String, Vec<String>>,
}

impl RawForm {
    fn form(self, version: &str, lists: &Lists) -> Result<Form, String> {
        if self.version != version {
            return Err(format!("it says version {}, the folder {version}", self.version));
        }
        let ids: Vec<String> = self.columns.iter().map(|column| column.id.clone()).collect();
        let find = |id: &str| {
            ids.iter().position(|known| known == id).ok_or_else(|| format!("there is no column {id} to refer to"))
        };
        if let Some(twice) = ids.iter().enumerate().find(|(at, id)| ids.iter().take(*at).any(|other| other == *id)) {
            return Err(format!("column {} stands there twice", twice.1));
        }
        let key = self.key.iter().map(|id| find(id)).collect::<Result<Vec<_>, _>>()?;
        if key.is_empty() {
            return Err("it has no key".into());
        }
        let columns = self.columns.into_iter().map(|raw| raw.column(&find, lists)).collect::<Result<Vec<_>, _>>()?;
        let Self { form, version, name, number_of, parent, .. } = self;
        Ok(Form { id: form, version, name, number_of, parent, columns, key })
    }
}

impl RawColumn {
    fn column(self, find: &impl Fn(&str) -> Result<usize, String>, lists: &Lists) -> Result<Column, String> {
        let codes = match (&self.list, self.codes) {
            (None, codes) => codes,
            (Some(list), None) => Some(lists.get(list).ok_or_else(|| format!("there is no list {list}"))?.clone()),
            (Some(list), Some(_)) => return Err(format!("column {} has codes and the list {list}", self.id)),
        };
        if let Some(code) =
            self.points.keys().find(|code| codes.as_ref().is_none_or(|codes| !codes.contains_key(*code)))
        {
            return Err(format!("column {}: points for {code}, which is no code", self.id));
        }
        let implied = match self.implied {
            None => None,
            Some(RawImplied { by, code }) => {
                Some(Implied { by: by.iter().map(|id| find(id)).collect::<Result<_, _>>()?, code: code.into() })
            }
        };
        let only = match self.only {
            None => None,
            Some(RawOnly { column, codes }) => {
                let boxed = |(value, codes): (String, Vec<String>)| {
                    (value.into_boxed_str(), codes.into_iter().map(String::into_boxed_str).collect())
                };
                Some(Only { column: find(&column)?, codes: codes.into_iter().map(boxed).collect() })
            }
        };
        Ok(Column {
            number: self.no,
            when: self.when.map(|raw| raw.condition(find)).transpose()?,
            implied,
            only,
            id: self.id,
            name: self.name,
            number_type: self.r#type == Type::Number,
            length: self.length,
            decimals: self.decimals,
            required: self.required,
            range: self.range,
            format: self.format,
            leaves: self.leaves,
            // A map of texts is sorted as the search needs it.
            codes: codes.map(|codes| codes.into_iter().map(|(code, word)| (code.into(), word.into())).collect()),
            points: self.points.into_iter().map(|(code, points)| (code.into(), points)).collect(),
            scale: self.scale,
            name_against_id: matches!(self.trap, Some(Trap::NameAgainstId)),
        })
    }
}
