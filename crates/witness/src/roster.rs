//! `witnesses.json` in a data folder: whom the operator of the log names as its witnesses, and how many must sign.

use std::path::Path;

use serde::Deserialize;
use tsumugi_ledger::WitnessKey;

use crate::Address;

/// The most characters of a witness's name.
const MOST_NAME: usize = 60;

/// Why a list of witnesses cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {detail}")]
pub struct CircleError {
    /// The file.
    pub file: String,
    /// What is wrong, and what to write.
    pub detail: String,
}

/// A witness as the operator names it.
#[derive(Clone, Debug)]
pub struct Member {
    /// Who it is, for people.
    pub name: String,
    /// Where it is asked.
    pub address: Address,
    /// Its key.
    pub key: WitnessKey,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    quorum: usize,
    witnesses: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    url: String,
    key: String,
}

/// The witnesses that a file names, and how many must sign; none without the file.
pub(crate) fn read(file: &Path) -> Result<(Vec<Member>, usize), CircleError> {
    let failed = |detail: String| CircleError { file: file.display().to_string(), detail };
    let read: File = match std::fs::read(file) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| failed(error.to_string()))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((Vec::new(), 0)),
        Err(error) => return Err(failed(error.to_string())),
    };
    let mut members = Vec::new();
    for entry in read.witnesses {
        let length = entry.name.chars().count();
        if length == 0 || length > MOST_NAME || entry.name.contains(char::is_control) {
            return Err(failed(format!("a witness's name has 1 to {MOST_NAME} characters and no control character")));
        }
        let key = WitnessKey::parse(&entry.key).map_err(|error| failed(format!("{}: {error}", entry.name)))?;
        let address = Address::parse(&entry.url).map_err(failed)?;
        members.push(Member { name: entry.name, address, key });
    }
    Ok((members, read.quorum))
}
