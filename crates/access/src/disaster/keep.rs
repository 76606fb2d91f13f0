//! How openings are kept: rows in one table, told apart by their first byte.
//!
//! | key | value | for |
//! |---|---|---|
//! | `o` number | the opening | everything |
//! | `n` person | moments | how often somebody has searched lately |
//! | `e` summary | hash, shelf, facts | telling later that a summary was read without a network |
//! | `i` shelf, moment, summary | – | how many summaries were issued lately |
//! | `r` summary, moment, person | moment | that a look without a network was told |
//! | `t` opening, moment, person | who | that somebody searched under an opening |
//!
//! How many looks were made under an opening stands among what the screening remembers, because it reads every leaf once.

use std::sync::Arc;

use tsumugi_kernel::{Instant, Role};
use tsumugi_people::Area;
use tsumugi_store::{Row, Store, Table};

use super::{DisasterError, OPENINGS_MOST, Opening, VERSION};
use crate::{ActionGroup, Caller, Door, Refusal, roles};

/// All openings, as the door keeps them.
pub(crate) type Openings = Arc<[Opening]>;

pub(super) fn key(number: u64) -> Vec<u8> {
    [b"o".as_slice(), &number.to_be_bytes()].concat()
}

pub(super) fn row(opening: &Opening) -> Row {
    // Strings, numbers and lists always serialise.
    let value = Some(serde_json::to_vec(opening).unwrap_or_default());
    Row { table: Table::Disaster, key: key(opening.number), value }
}

pub(super) fn decode(bytes: &[u8]) -> Result<Opening, DisasterError> {
    let opening: Opening = serde_json::from_slice(bytes).map_err(|_| DisasterError::Row)?;
    if opening.v == VERSION { Ok(opening) } else { Err(DisasterError::Row) }
}

/// Every opening, by its number.
pub(super) async fn all(store: &dyn Store) -> Result<Vec<Opening>, DisasterError> {
    let rows = store.rows(Table::Disaster, b"o", None, OPENINGS_MOST).await?;
    rows.iter().map(|(_, value)| decode(value)).collect()
}

impl Door {
    /// Every opening, the newest first, also those that were only proposed.
    ///
    /// # Errors
    /// [`Refusal`] when the store cannot read, or a row cannot be read.
    pub async fn openings(&self) -> Result<Vec<Opening>, Refusal> {
        Ok(self.kept_openings().await?.iter().rev().cloned().collect())
    }

    /// One opening.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn opening(&self, number: u64) -> Result<Option<Opening>, Refusal> {
        Ok(self.kept_openings().await?.iter().find(|opening| opening.number == number).cloned())
    }

    /// The opening under which a caller may look now: it holds where the caller's organisation is, and the role has a part
    /// in it. Nothing of a citizen is asked.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn opening_for(&self, caller: &Caller) -> Result<Option<Opening>, Refusal> {
        self.opening_at(caller, self.0.clock.now()).await
    }

    pub(crate) async fn opening_at(&self, caller: &Caller, now: Instant) -> Result<Option<Opening>, Refusal> {
        let home = matches!(caller.role, Role::Citizen | Role::Proxy);
        if home || !roles::may_ask(caller.role, tsumugi_kernel::Purpose::Disaster, ActionGroup::View) {
            return Ok(None);
        }
        let openings = self.kept_openings().await?;
        let Some(area) = self.area_of(caller).await? else { return Ok(None) };
        Ok(openings.iter().find(|opening| opening.holds(area, now)).cloned())
    }

    /// Whether an opening held at a moment where the caller's organisation is.
    pub(crate) async fn was_open_for(&self, caller: &Caller, at: Instant) -> Result<bool, Refusal> {
        let Some(area) = self.area_of(caller).await? else { return Ok(false) };
        Ok(self.kept_openings().await?.iter().any(|opening| opening.held(area, at)))
    }

    /// Where the caller's organisation is registered.
    ///
    /// # Errors
    /// [`Refusal`] when the store cannot read.
    pub async fn area_of(&self, caller: &Caller) -> Result<Option<Area>, Refusal> {
        let place = self.0.directory.organization(&caller.organization).await;
        Ok(place.map_err(crate::door::unreadable)?.and_then(|place| place.area()))
    }

    async fn kept_openings(&self) -> Result<Openings, Refusal> {
        let ticket = match self.0.openings.get(&()) {
            Ok(known) => return Ok(known),
            Err(ticket) => ticket,
        };
        let known: Openings = match all(self.0.store.as_ref()).await {
            Ok(known) => known.into(),
            Err(DisasterError::Store(error)) => return Err(error.into()),
            Err(_) => return Err(Refusal::Row("opening of the disaster mode")),
        };
        self.0.openings.keep((), Arc::clone(&known), ticket);
        Ok(known)
    }
}
