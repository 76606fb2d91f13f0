//! What the directory knows of a citizen: enough to name them on a page and to notice a contradiction.

use serde::{Deserialize, Serialize};
use tsumugi_kernel::CitizenId;

use crate::{
    Identifier, Incoming, PeopleError, Said, candidates, evidence,
    protect::{Home, Protection},
};

/// Administrative sex, FHIR's `administrative-gender`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sex {
    /// 男.
    Male,
    /// 女.
    Female,
    /// Other; contradicts nothing.
    Other,
    /// Unknown; contradicts nothing.
    Unknown,
}

impl Sex {
    /// The value with this FHIR code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Some(match code {
            "male" => Self::Male,
            "female" => Self::Female,
            "other" => Self::Other,
            "unknown" => Self::Unknown,
            _ => return None,
        })
    }

    /// The FHIR code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Male => "male",
            Self::Female => "female",
            Self::Other => "other",
            Self::Unknown => "unknown",
        }
    }

    const fn contradicts(self, other: Self) -> bool {
        matches!((self, other), (Self::Male, Self::Female) | (Self::Female, Self::Male))
    }
}

/// A citizen's row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citizen {
    /// Version of this form.
    v: u8,
    /// Whose row it is.
    pub id: CitizenId,
    /// Name as the first source wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Name as read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kana: Option<String>,
    /// FHIR `date`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<String>,
    /// Administrative sex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<Sex>,
    /// Personal identifiers that lead here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<Identifier>,
    /// Numbers of the `Patient` facts on this shelf, one per source.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub patients: Vec<u64>,
    /// Who said which number is hers, for which days: evidence that stays when a number ends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub said: Vec<Said>,
    /// The address of the register, and who may know it; see [`crate::protect`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) home: Option<Home>,
    /// Periods in which the address must not be told (DV等不開示).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) protections: Vec<Protection>,
    /// Packed descriptions under which this citizen is found as a candidate, at most `DESCRIPTIONS_MOST`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) keys: Vec<String>,
}

/// Most identifiers kept in one row; a person collects one per institution and job.
const IDENTIFIERS_MOST: usize = 256;
/// Most descriptions under which one citizen is found; further ones add no keys.
const DESCRIPTIONS_MOST: usize = 16;
/// The form that is written. Version 1 had no `said`, `home` and `protections`; it is read as having none.
const VERSION: u8 = 2;

impl Citizen {
    pub(crate) fn new(id: CitizenId) -> Self {
        Self {
            v: VERSION,
            id,
            name: None,
            kana: None,
            birth_date: None,
            sex: None,
            identifiers: Vec::new(),
            patients: Vec::new(),
            said: Vec::new(),
            home: None,
            protections: Vec::new(),
            keys: Vec::new(),
        }
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, PeopleError> {
        let row: Self = serde_json::from_slice(bytes).map_err(|_| PeopleError::Row { table: "citizen" })?;
        if (1..=VERSION).contains(&row.v) {
            Ok(Self { v: VERSION, ..row })
        } else {
            Err(PeopleError::Row { table: "citizen" })
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        // Strings, numbers and lists always serialise.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The directory's key of a citizen: eight bytes, big end first.
    #[must_use]
    pub const fn key(id: CitizenId) -> [u8; 8] {
        id.0.to_be_bytes()
    }

    /// Whether what a source says cannot be said of this citizen: another birth date, or the other sex.
    #[must_use]
    pub fn contradicts(&self, incoming: &Incoming) -> bool {
        let dates = matches!((&self.birth_date, &incoming.birth_date), (Some(a), Some(b)) if !dates_agree(a, b));
        let sexes = matches!((self.sex, incoming.sex), (Some(a), Some(b)) if a.contradicts(b));
        dates || sexes
    }

    /// Takes a new name and reading from the register: after a marriage, or when a spelling was wrong. Earlier spellings
    /// still find the person, because their descriptions stay.
    pub(crate) fn rename(&mut self, said: &Incoming) {
        self.name = said.name.clone().or_else(|| self.name.take());
        self.kana = said.kana.clone().or_else(|| self.kana.take());
    }

    /// Takes in a statement about a number; says whether it is new.
    pub(crate) fn hear(&mut self, said: &Said) -> bool {
        evidence::add(&mut self.said, said)
    }

    /// Takes in what was not yet known and gives the descriptions that are new.
    pub(crate) fn learn(&mut self, incoming: &Incoming, personal: &[Identifier]) -> Vec<String> {
        self.name = self.name.take().or_else(|| incoming.name.clone());
        self.kana = self.kana.take().or_else(|| incoming.kana.clone());
        self.sex = match (self.sex, incoming.sex) {
            (None | Some(Sex::Unknown), Some(new)) => Some(new),
            (known, _) => known,
        };
        // A whole date says more than its year.
        if let Some(new) = &incoming.birth_date
            && self.birth_date.as_ref().is_none_or(|old| old.len() < new.len())
        {
            self.birth_date = Some(new.clone());
        }
        for identifier in personal {
            if !self.identifiers.contains(identifier) && self.identifiers.len() < IDENTIFIERS_MOST {
                self.identifiers.push(identifier.clone());
            }
        }
        self.describe(incoming)
    }

    /// Takes in descriptions that say more than those known, and gives them.
    fn describe(&mut self, incoming: &Incoming) -> Vec<String> {
        let mut known: Vec<_> = self.keys.iter().filter_map(|text| candidates::described(text)).collect();
        let mut fresh = Vec::new();
        for features in candidates::descriptions(incoming) {
            if self.keys.len() < DESCRIPTIONS_MOST && !known.iter().any(|known| known.covers(&features)) {
                let text = candidates::text(&features);
                known.push(features);
                self.keys.push(text.clone());
                fresh.push(text);
            }
        }
        fresh
    }
}

/// Partial dates agree as far as both go: `1948` and `1948-05-01` do.
fn dates_agree(a: &str, b: &str) -> bool {
    a.starts_with(b) || b.starts_with(a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_comes_back_and_a_newer_one_is_refused() {
        let mut row = Citizen::new(CitizenId(7));
        row.name = Some("髙橋 花子".into());
        row.patients = vec![3];
        assert_eq!(Citizen::decode(&row.encode()).unwrap(), row);
        assert!(Citizen::decode(br#"{"v":3,"id":7}"#).is_err());
        let old =
            br#"{"v":1,"id":7,"name":"x","identifiers":[{"system":"s","value":"1"}],"patients":[3],"keys":["k"]}"#;
        let old = Citizen::decode(old).unwrap();
        assert_eq!((old.identifiers.len(), old.said.len(), old.keys.len()), (1, 0, 1), "a row of version 1 is read");
        assert!(old.encode().starts_with(br#"{"v":2,"#));
        assert!(Citizen::decode(b"").is_err());
    }

    #[test]
    fn only_what_cannot_both_be_true_contradicts() {
        let mut row = Citizen::new(CitizenId(1));
        row.birth_date = Some("1948-05-01".into());
        row.sex = Some(Sex::Female);
        for (birth, sex, expected) in [
            (Some("1948-05-01"), Some(Sex::Female), false),
            (Some("1948"), None, false),
            (Some("1949"), None, true),
            (Some("1948-05-02"), Some(Sex::Female), true),
            (None, Some(Sex::Male), true),
            (None, Some(Sex::Unknown), false),
            (None, None, false),
        ] {
            let incoming = Incoming { birth_date: birth.map(Into::into), sex, ..Incoming::default() };
            assert_eq!(row.contradicts(&incoming), expected, "{birth:?} {sex:?}");
        }
    }
}
