//! Who else a description may be of: a bounded search by keys of name, birth and household, each candidate scored.
//!
//! A candidate never links (`decisions/0001-patient.md`): it waits in the queue for a person. How candidates are found and scored
//! is `tsumugi-people-match`'s; here its keys are rows of the store, each carrying the packed description it was made from.
//! A row's key is the blocking key, the narrower key, the citizen and a digest of the description.
//!
//! What must hold: a search reads at most [`ROWS_MOST`] rows; what is missing makes no candidate.

use std::fmt::Write;

use serde::{Deserialize, Serialize};
use tsumugi_kernel::CitizenId;
use tsumugi_people_match::{
    BLOCK_MOST, Description, Features, Insured, Levels, Likeness, Model, Pass, Search, Verdict, block, fold,
};
use tsumugi_store::{Row, Table};

use crate::{Citizen, Directory, Incoming, PeopleError, Sex, identifier::MEMBER, incoming::Former};

/// Most rows that one search reads: each key once, and once more where its block is too large; at most
/// [`DESCRIPTIONS_MOST`] descriptions, of which each former name is one.
pub const ROWS_MOST: usize = DESCRIPTIONS_MOST * block::KEYS_MOST * 2 * (BLOCK_MOST + 1);
/// Most descriptions made of one message: the name of now, and former ones.
const DESCRIPTIONS_MOST: usize = 3;
/// Where the citizen stands in a row's key.
const CITIZEN_AT: std::ops::Range<usize> = 10..18;

/// Somebody whom a description may be of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Who.
    pub citizen: CitizenId,
    /// log2 of the odds that it is one person, in 1/1024 bits.
    pub score: i32,
    /// The probability, in parts of 10,000.
    pub probability: u16,
    /// Whether it is only possible or likely.
    pub verdict: Verdict,
    /// How the fields agree, so that a page can say why.
    pub levels: Levels,
}

impl Candidate {
    /// The probability in per cent, at most 99: likeness is never certainty.
    #[must_use]
    pub const fn percent(&self) -> u32 {
        let percent = self.probability as u32 / 100;
        if percent > 99 { 99 } else { percent }
    }
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidates {
    /// Candidates worth a person's time, the likeliest first.
    pub candidates: Vec<Candidate>,
    /// Kinds of keys under which too many people stand, so that somebody may have been missed.
    pub overflowed: Vec<Pass>,
    /// How many rows were read.
    pub rows: usize,
}

impl Directory {
    /// Who a description may be of, the likeliest first, at most `most`.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read, a row is damaged, or the matching model is.
    pub async fn candidates(&self, incoming: &Incoming, most: usize) -> Result<Vec<Candidate>, PeopleError> {
        Ok(self.look_for(incoming, most).await?.candidates)
    }

    /// The same, with what the search could not reach and how much it read.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read, a row is damaged, or the matching model is.
    pub async fn look_for(&self, incoming: &Incoming, most: usize) -> Result<Candidates, PeopleError> {
        let model = Model::bundled().map_err(PeopleError::Model)?;
        let mut all = Candidates::default();
        for wanted in descriptions(incoming) {
            let mut search = Search::new(model, wanted);
            for key in search.keys() {
                let mut rows = self.store.rows(Table::MatchKey, &key.wide_prefix(), None, BLOCK_MOST + 1).await?;
                if rows.len() > BLOCK_MOST {
                    rows = self.store.rows(Table::MatchKey, &key.narrow_prefix(), None, BLOCK_MOST + 1).await?;
                }
                if rows.len() > BLOCK_MOST {
                    search.overflow(key.pass);
                    rows.truncate(BLOCK_MOST);
                }
                for (row, packed) in rows {
                    let fault = PeopleError::Row { table: "match key" };
                    let Some(id) = row.get(CITIZEN_AT).and_then(|id| id.try_into().ok()) else { return Err(fault) };
                    search.offer(u64::from_be_bytes(id), &packed).map_err(|()| fault)?;
                }
            }
            let found = search.finish(most);
            all.rows += found.rows;
            all.overflowed.extend(found.overflowed);
            for (citizen, likeness) in found.candidates {
                all.take(Candidate::new(CitizenId(citizen), likeness));
            }
        }
        all.overflowed.sort_unstable();
        all.overflowed.dedup();
        all.candidates.sort_by_key(|candidate| (std::cmp::Reverse(candidate.score), candidate.citizen));
        all.candidates.truncate(most);
        Ok(all)
    }
}

impl Candidate {
    const fn new(citizen: CitizenId, likeness: Likeness) -> Self {
        let Likeness { score, probability, verdict, levels } = likeness;
        Self { citizen, score, probability, verdict, levels }
    }
}

impl Candidates {
    /// Keeps the better of two scores for one citizen.
    fn take(&mut self, candidate: Candidate) {
        match self.candidates.iter_mut().find(|known| known.citizen == candidate.citizen) {
            Some(known) if known.score < candidate.score => *known = candidate,
            Some(_) => {}
            None => self.candidates.push(candidate),
        }
    }
}

/// What is compared of a person as a source describes them: under the name of now, and under former names.
pub(crate) fn descriptions(incoming: &Incoming) -> Vec<Features> {
    let now = Former { name: incoming.name.clone(), kana: incoming.kana.clone() };
    let mut all: Vec<Features> = std::iter::once(&now)
        .chain(&incoming.former)
        .take(DESCRIPTIONS_MOST)
        .map(|names| {
            Features::of(&Description {
                name: names.name.clone().unwrap_or_default(),
                kana: names.kana.clone().unwrap_or_default(),
                birth: incoming.birth_date.clone().unwrap_or_default(),
                birth_estimated: false,
                sex: match incoming.sex {
                    Some(Sex::Male) => Some(tsumugi_people_match::Sex::Male),
                    Some(Sex::Female) => Some(tsumugi_people_match::Sex::Female),
                    Some(Sex::Other | Sex::Unknown) | None => None,
                },
                address: incoming.address.clone().unwrap_or_default(),
                phones: incoming.phones.clone(),
                insurances: insurances(incoming),
            })
        })
        .collect();
    all.dedup();
    all
}

fn insurances(incoming: &Incoming) -> Vec<Insured> {
    let members = incoming.identifiers.iter().filter(|identifier| identifier.system.eq_ignore_ascii_case(MEMBER));
    members
        .filter_map(|identifier| {
            let parts: Vec<&str> = identifier.value.split(':').collect();
            let [insurer, symbol, number, branch] = parts.as_slice() else { return None };
            Some(Insured {
                insurer: (*insurer).into(),
                symbol: (*symbol).into(),
                number: (*number).into(),
                branch: (*branch).into(),
            })
        })
        .collect()
}

/// A packed description as the citizen's row keeps it.
pub(crate) fn text(features: &Features) -> String {
    features.pack().iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A description from a citizen's row; `None` for what an older program kept there.
pub(crate) fn described(text: &str) -> Option<Features> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes: Option<Vec<u8>> = pairs
        .iter()
        .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect();
    if rest.is_empty() { Features::unpack(&bytes?) } else { None }
}

/// The rows under which a person is found as a candidate: what a resolution writes of them, for whoever fills a directory
/// by other means or writes its keys anew.
#[must_use]
pub fn rows_of(incoming: &Incoming, citizen: CitizenId) -> Vec<Row> {
    descriptions(incoming).iter().flat_map(|features| rows(&text(features), citizen)).collect()
}

/// The rows under which a description is found.
pub(crate) fn rows(text: &str, citizen: CitizenId) -> Vec<Row> {
    let Some(features) = described(text) else { return Vec::new() };
    let packed = features.pack();
    let digest = fold::hash(&packed).to_be_bytes();
    block::keys(&features)
        .iter()
        .map(|key| {
            let key = [&key.narrow_prefix()[..], &Citizen::key(citizen), &digest].concat();
            Row { table: Table::MatchKey, key, value: Some(packed.clone()) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_comes_back_from_its_text() {
        let incoming = Incoming {
            name: Some("髙橋 花子".into()),
            birth_date: Some("1948-05-01".into()),
            address: Some("千代田区霞が関1-2-3".into()),
            ..Incoming::default()
        };
        let features = descriptions(&incoming)[0];
        assert_eq!(described(&text(&features)), Some(features));
        assert_eq!(described("1948-05-01|高橋花子"), None, "what the first form kept is not read as another");
        let rows = rows(&text(&features), CitizenId(7));
        assert!(
            rows.len() >= 4
                && rows.iter().all(|row| row.key.len() == 26 && row.key[CITIZEN_AT] == [0, 0, 0, 0, 0, 0, 0, 7])
        );
    }
}
