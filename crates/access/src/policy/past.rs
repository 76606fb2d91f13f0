//! Which policies held when. A deployment notes at its start what holds from then on, if it is not what held before.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tsumugi_kernel::Instant;
use tsumugi_store::{Batch, CommitError, Expectation, Row, StoreError, Table};

use super::{Policies, PolicyFault, PolicyProfile};
use crate::Door;

const VERSION: u8 = 1;
/// Rows read at once. Rules change some times a year.
const PAGE: usize = 64;

/// Why it is not known which policies held.
#[derive(Debug, thiserror::Error)]
pub enum PolicyPastError {
    /// The store could not read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The note was not written.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The row cannot be read.
    #[error("which policies held cannot be read; the program may be older than the store")]
    Row,
    /// Policies that held once are not of their form any more.
    #[error(transparent)]
    Policies(#[from] PolicyFault),
}

#[derive(Serialize, Deserialize)]
struct Noted {
    v: u8,
    profile: String,
    files: Vec<(String, String)>,
}

impl Noted {
    fn decode(bytes: &[u8]) -> Result<Self, PolicyPastError> {
        serde_json::from_slice::<Self>(bytes).ok().filter(|noted| noted.v == VERSION).ok_or(PolicyPastError::Row)
    }
}

impl Door {
    /// Notes which policies hold from now on, if others held until now. Called before the door serves anybody.
    ///
    /// # Errors
    /// [`PolicyPastError`]; the door must not serve then, for nobody could say later by which rules it did.
    pub async fn note_policies(&self) -> Result<(), PolicyPastError> {
        let own = self.policies();
        let noted = Noted { v: VERSION, profile: own.profile.code().to_owned(), files: own.files.clone() };
        // Strings and lists always serialise.
        let value = serde_json::to_vec(&noted).unwrap_or_default();
        let last = self.noted(Instant(i64::MAX)).await?;
        if last.as_ref().is_some_and(|(_, before)| *before == value) {
            return Ok(());
        }
        // The clock may have been set back: what is noted later stands later.
        let now = self.0.clock.now();
        let at = last.map_or(now, |(before, _)| now.max(before.plus_millis(1)));
        let key = key(at).to_vec();
        let expect = vec![Expectation::Row(Table::PolicyPast, key.clone(), None)];
        let rows = vec![Row { table: Table::PolicyPast, key, value: Some(value) }];
        self.0.store.commit(Batch { rows, expect, ..Batch::default() }).await?;
        Ok(())
    }

    /// The policies that held at a moment; `None` before the first that were noted.
    ///
    /// # Errors
    /// [`PolicyPastError`].
    pub async fn policies_at(&self, at: Instant) -> Result<Option<Arc<Policies>>, PolicyPastError> {
        let Some((since, bytes)) = self.noted(at).await? else { return Ok(None) };
        let ticket = match self.0.past_policies.get(&since) {
            Ok(known) => return Ok(Some(known)),
            Err(ticket) => ticket,
        };
        let noted = Noted::decode(&bytes)?;
        let profile = PolicyProfile::from_code(&noted.profile).ok_or(PolicyPastError::Row)?;
        let files: Vec<_> = noted.files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let policies = Arc::new(Policies::from_files(profile, &files)?);
        self.0.past_policies.keep(since, Arc::clone(&policies), ticket);
        Ok(Some(policies))
    }

    /// What was noted last at or before a moment, and when.
    async fn noted(&self, at: Instant) -> Result<Option<(Instant, Vec<u8>)>, PolicyPastError> {
        let mut last = None;
        let mut after: Option<Vec<u8>> = None;
        loop {
            let page = self.0.store.rows(Table::PolicyPast, b"", after.as_deref(), PAGE).await?;
            for (key, value) in &page {
                let since = key.first_chunk::<8>().filter(|_| key.len() == 8).ok_or(PolicyPastError::Row)?;
                let since = Instant(i64::try_from(u64::from_be_bytes(*since)).map_err(|_| PolicyPastError::Row)?);
                if since > at {
                    return Ok(last);
                }
                last = Some((since, value.to_vec()));
            }
            match page.last() {
                Some((key, _)) if page.len() == PAGE => after = Some(key.to_vec()),
                _ => return Ok(last),
            }
        }
    }
}

fn key(at: Instant) -> [u8; 8] {
    // No deployment began before 1970.
    u64::try_from(at.0).unwrap_or(0).to_be_bytes()
}
