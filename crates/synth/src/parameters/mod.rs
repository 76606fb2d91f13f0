//! Every number that shapes the town, as data with its source: `data/parameters.json`.
//!
//! A [`Row`] says what it is in two languages, its values, unit and scale, where it comes from, whether it was read at the
//! source or written from memory, and whether the town is held to it (a *target*, see [`crate::compare`]).
//! What must hold: code that decides about lives reads whole numbers from here and holds none of its own.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::{Deserialize, Serialize};

/// The file.
pub const TEXT: &str = include_str!("../../data/parameters.json");

/// How sure a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// Read at the source.
    Read,
    /// Written from memory; to be read.
    Memory,
    /// A rule of the town itself.
    Town,
}

/// A quantity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Its name in code: words with dots and hyphens.
    pub key: String,
    /// What it is, in Japanese.
    pub ja: String,
    /// What it is, in English.
    pub en: String,
    /// The unit of the values.
    pub unit: String,
    /// What a value is divided by to give a share, a rate or a mean.
    pub scale: i64,
    /// The values.
    pub values: Vec<i64>,
    /// What each value is of, where there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Where it comes from.
    pub source: String,
    /// How sure it is.
    pub mark: Mark,
    /// Whether the town is held to it.
    pub target: bool,
}

impl Row {
    /// The key of each value (`key/label`, or the key itself) with the value.
    pub fn cells(&self) -> impl Iterator<Item = (String, i64)> {
        self.values.iter().enumerate().map(|(place, value)| match self.labels.get(place) {
            Some(label) => (format!("{}/{label}", self.key), *value),
            None => (self.key.clone(), *value),
        })
    }
}

/// All rows.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Parameters {
    /// In the order of the file.
    pub rows: Vec<Row>,
}

/// The embedded rows. INVARIANT: a test of this crate reads them and each row that code asks for, so that the empty
/// default is never used.
static EMBEDDED: LazyLock<(Parameters, BTreeMap<String, usize>)> = LazyLock::new(|| {
    let parameters: Parameters = serde_json::from_str(TEXT).unwrap_or_default();
    let places = parameters.rows.iter().enumerate().map(|(place, row)| (row.key.clone(), place)).collect();
    (parameters, places)
});

/// All rows.
#[must_use]
pub fn all() -> &'static [Row] {
    &EMBEDDED.0.rows
}

/// The row of a key.
#[must_use]
pub fn row(key: &str) -> Option<&'static Row> {
    EMBEDDED.1.get(key).and_then(|&place| EMBEDDED.0.rows.get(place))
}

/// The values of a row (none for a key that is not there, which a test rules out).
#[must_use]
pub fn values(key: &str) -> &'static [i64] {
    row(key).map_or(&[], |row| &row.values)
}

/// The first value of a row.
#[must_use]
pub fn value(key: &str) -> i64 {
    values(key).first().copied().unwrap_or(0)
}

/// The first value of a row of shares in a thousand or a million.
#[must_use]
pub fn share(key: &str) -> u32 {
    u32::try_from(value(key)).unwrap_or(0)
}

/// The values of a row of shares or weights.
#[must_use]
pub fn shares(key: &str) -> Vec<u32> {
    values(key).iter().map(|&value| u32::try_from(value).unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_embedded_rows_are_read_and_whole() {
        let read: Parameters = serde_json::from_str(TEXT).unwrap();
        assert_eq!(read.rows.len(), all().len());
        let mut keys = HashSet::new();
        for row in all() {
            assert!(keys.insert(&row.key), "{} twice", row.key);
            assert!(!row.values.is_empty() && row.scale > 0, "{}", row.key);
            assert!(row.labels.is_empty() || row.labels.len() == row.values.len(), "{}", row.key);
            assert!(!row.ja.is_empty() && !row.en.is_empty() && !row.source.is_empty(), "{}", row.key);
            assert!(!row.target || row.mark == Mark::Read, "{}: only what was read is a target", row.key);
        }
        assert!(all().iter().filter(|row| row.target).count() >= 20);
    }

    /// Every key that a source file of this crate names stands in the file.
    #[test]
    fn every_key_that_code_asks_for_is_there() {
        let mut asked = 0;
        let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                for call in ["value(\"", "values(\"", "share(\"", "shares(\""] {
                    for part in text.split(&format!("parameters::{call}")).skip(1) {
                        let key = part.split('"').next().unwrap();
                        assert!(row(key).is_some(), "{}: {key}", path.display());
                        asked += 1;
                    }
                }
            }
        }
        assert!(asked > 20, "{asked}");
    }
}
