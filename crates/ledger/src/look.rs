//! What a part of a leaf says about a look: who, when, for whom, what, and by which rule.
//!
//! JSON with short, stable names. Unknown members are passed over, so that a later version can say more.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::LedgerError;

/// The version of [`LookPart`].
pub const VERSION: u8 = 1;

/// What one part of a leaf says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookPart {
    /// 1.
    pub v: u8,
    /// When, in milliseconds since 1970-01-01T00:00:00Z.
    pub time: i64,
    /// What was asked for, for example `read` or `everything`.
    pub action: String,
    /// Who looked.
    pub person: LookPerson,
    /// For which organisation.
    pub organization: LookOrganization,
    /// For whom a proxy looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf: Option<LookOnBehalf>,
    /// Whether a machine looked, without a person at it.
    pub automatic: bool,
    /// In which role, a code.
    pub role: String,
    /// For what, an HL7 v3 PurposeOfUse code.
    pub purpose: String,
    /// The rule that decided.
    pub rule: String,
    /// Why, in the looker's own words (break-glass).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The opening of the disaster mode under which it was (DISASTER).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opening: Option<u64>,
    /// When it was by whoever looked, where it was without a network and told later; then `time` is when it was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offline: Option<i64>,
    /// Kind → numbers of the facts that were shown, as [`ranges`].
    pub shown: BTreeMap<String, String>,
    /// Of these, those that only the citizen learns of, not whoever acts for her.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub self_only: BTreeMap<String, String>,
    /// How many facts were shown.
    pub count: u64,
    /// What became of it.
    pub decision: Decision,
}

/// Who looked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookPerson {
    /// The person's id.
    pub id: String,
    /// The person's name.
    pub name: String,
    /// The professional qualification, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualification: Option<String>,
}

/// The organisation of who looked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookOrganization {
    /// The organisation's id.
    pub id: String,
    /// The organisation's name.
    pub name: String,
}

/// For whom a proxy looked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookOnBehalf {
    /// The name.
    pub name: String,
    /// The relation, for example `daughter`.
    pub relation: String,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Data were shown.
    Shown,
    /// Data were written.
    Written,
    /// The request was refused; nothing was shown.
    Refused,
}

impl LookPart {
    /// The part's bytes, as they are sealed.
    ///
    /// # Errors
    /// [`LedgerError::Format`] if it cannot be written; not with the types as they are.
    pub fn to_bytes(&self) -> Result<Vec<u8>, LedgerError> {
        serde_json::to_vec(self).map_err(|_| LedgerError::Format { what: "look", detail: "it cannot be written" })
    }

    /// The part in these bytes.
    ///
    /// # Errors
    /// [`LedgerError::Format`] if they are not a look of version 1.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LedgerError> {
        let format = |detail| LedgerError::Format { what: "look", detail };
        let look: Self = serde_json::from_slice(bytes).map_err(|_| format("it is not JSON of the known form"))?;
        if look.v == VERSION { Ok(look) } else { Err(format("its version is not known")) }
    }
}

/// Numbers as ranges: `[7, 1, 2, 3]` is `"1-3,7"`. Sorted, each number once.
#[must_use]
pub fn ranges(numbers: impl IntoIterator<Item = u64>) -> String {
    let mut sorted: Vec<u64> = numbers.into_iter().collect();
    sorted.sort_unstable();
    sorted.dedup();
    let runs = sorted.chunk_by(|a, b| a.checked_add(1) == Some(*b)).map(|run| match run {
        [only] => only.to_string(),
        run => format!("{}-{}", run[0], run[run.len() - 1]),
    });
    runs.collect::<Vec<_>>().join(",")
}

/// The ranges of [`ranges`] as (first, last) pairs; `None` if the text is not of that form. An empty text has none.
#[must_use]
pub fn parse_ranges(text: &str) -> Option<Vec<(u64, u64)>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let number = |text: &str| text.parse::<u64>().ok().filter(|number| number.to_string() == text);
    let mut pairs: Vec<(u64, u64)> = Vec::new();
    for part in text.split(',') {
        let pair = match part.split_once('-') {
            None => number(part).map(|only| (only, only))?,
            Some((first, last)) => (number(first)?, number(last)?),
        };
        let after = pairs.last().is_none_or(|before| before.1.checked_add(1).is_some_and(|next| next < pair.0));
        if !after || pair.0 > pair.1 || (part.contains('-') && pair.0 == pair.1) {
            return None;
        }
        pairs.push(pair);
    }
    Some(pairs)
}
