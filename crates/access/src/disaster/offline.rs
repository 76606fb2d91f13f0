//! Summaries that are read without a network, and the looks that are told later.
//!
//! A person takes a signed summary along; whoever reads it without a network keeps a receipt (which summary, when, why) and
//! hands it in when the network is back. The leaf then tells of the look as any other, with the time that was claimed beside the
//! time at which it was told.
//!
//! What must hold: a receipt is of a summary that was issued, and only whoever held it can name its hash; a look is told once,
//! however often its receipt is handed in; nothing that a restriction hides from emergencies goes into a summary.

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use tsumugi_kernel::{CitizenId, Instant, Kind, Purpose, Role};
use tsumugi_ledger::look::Decision;
use tsumugi_store::{Batch, CommitError, Expectation, Row, Table};

use super::{DAY_MILLIS, DisasterError, DisasterFault, REASON_LEAST, REASON_MOST, VERSION};
use crate::{
    Action, ActionGroup, Caller, Door, Permit, Receipt, Refusal, Restriction, SealError, Shown, door::unreadable, leaf,
    roles,
};

/// Most summaries of one person in a day.
pub const SUMMARIES_DAY: usize = 10;
/// What stands as the rule in the leaf of a look at a summary that she carried: no policy opened it, she did.
pub const CARRIED: &str = "carried-summary";
/// For how many days a summary counts as fresh.
pub const SUMMARY_DAYS: i64 = 90;
/// By how much a reader's clock may be ahead.
const AHEAD_MILLIS: i64 = 5 * 60 * 1000;
/// How often a write that met another is decided again.
const ATTEMPTS: usize = 8;

/// A summary that was issued.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Issued {
    v: u8,
    shelf: CitizenId,
    /// SHA-256 of the signed note, in hexadecimal.
    hash: String,
    at: Instant,
    facts: Vec<(u64, String, String, bool)>,
}

/// That a receipt was handed in.
#[derive(Serialize, Deserialize)]
struct Told {
    v: u8,
    /// When: what its leaf says.
    at: Instant,
}

/// What a reader kept of a look without a network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfflineReceipt {
    /// The summary's number.
    pub id: String,
    /// SHA-256 of the summary as it was read, in hexadecimal: only whoever held it knows.
    pub hash: String,
    /// When, by the reader's clock.
    pub at: Instant,
    /// Why.
    pub reason: String,
}

/// A look that was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merged {
    /// When it was told, as its leaf says; of a receipt that was handed in again, the first time.
    pub at: Instant,
    /// Whether it had been told before.
    pub again: bool,
}

fn issued_key(id: &str) -> Vec<u8> {
    [b"e".as_slice(), id.as_bytes()].concat()
}

fn of_shelf(shelf: CitizenId) -> Vec<u8> {
    [b"i".as_slice(), &shelf.0.to_be_bytes()].concat()
}

fn told_key(receipt: &OfflineReceipt, caller: &Caller) -> Vec<u8> {
    let at = u64::try_from(receipt.at.0).unwrap_or(0).to_be_bytes();
    [b"r".as_slice(), receipt.id.as_bytes(), &at, caller.person.as_str().as_bytes()].concat()
}

fn row(key: Vec<u8>, value: Vec<u8>) -> Row {
    Row { table: Table::Disaster, key, value: Some(value) }
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

impl Permit {
    /// The restrictions that no emergency overrides and that hold now, whoever they are against: what they hide goes into no
    /// summary, because whoever finds it can read it.
    ///
    /// # Errors
    /// [`Refusal`] when the store cannot read.
    pub async fn hidden_from_emergencies(&self) -> Result<Vec<Restriction>, Refusal> {
        let door = Door(std::sync::Arc::clone(&self.door));
        let standing = door.standing_over(&self.shelves).await?;
        let meant = |one: &&Restriction| one.period.holds(self.time) && !one.emergency_may_override;
        Ok(standing.restrictions.iter().filter(meant).cloned().collect())
    }
}

impl Door {
    /// Keeps that a summary was issued, in one commit with the permit's leaf: the permit must be for taking along. The same
    /// number again issues nothing anew.
    ///
    /// # Errors
    /// [`DisasterError`]; the summary may be handed out only when this returns without one.
    pub async fn issue_summary(
        &self,
        permit: Permit,
        shown: Shown,
        (id, hash): (&str, &str),
    ) -> Result<Receipt, DisasterError> {
        let side = matches!(permit.caller.role, Role::Citizen | Role::Proxy) && permit.action == Action::Take;
        let facts = shown.keep().filter(|_| side && is_hex(id, 32) && is_hex(hash, 64));
        let Some(facts) = facts else {
            permit.seal(Shown::none()).await?;
            return Err(DisasterFault::NotOpen.into());
        };
        let (store, shelf, now) = (self.0.store.as_ref(), permit.citizen, permit.time);
        let mut after = of_shelf(shelf);
        after.extend(u64::try_from(now.0 - DAY_MILLIS).unwrap_or(0).to_be_bytes());
        let lately = store.rows(Table::Disaster, &of_shelf(shelf), Some(&after), SUMMARIES_DAY).await?;
        if lately.len() >= SUMMARIES_DAY {
            permit.seal(Shown::none()).await?;
            return Err(DisasterFault::Full.into());
        }
        let facts =
            facts.into_iter().map(|(shelf, kind, numbers, own)| (shelf.0, kind.name().to_owned(), numbers, own));
        let issued = Issued { v: VERSION, shelf, hash: hash.to_owned(), at: now, facts: facts.collect() };
        let listed =
            [of_shelf(shelf).as_slice(), &u64::try_from(now.0).unwrap_or(0).to_be_bytes(), id.as_bytes()].concat();
        // Strings and numbers always serialise.
        let rows = vec![row(issued_key(id), serde_json::to_vec(&issued).unwrap_or_default()), row(listed, Vec::new())];
        let expect = vec![Expectation::Row(Table::Disaster, issued_key(id), None)];
        let mut permit = permit;
        let leaves = leaf::drafts(&permit, &shown, Decision::Shown).await?;
        permit.spent = true;
        Ok(self.0.commit(Batch { rows, expect, leaves, ..Batch::default() }).await?)
    }

    /// Tells of a look without a network: once, however often the receipt is handed in. Whoever hands it in is who looked.
    ///
    /// # Errors
    /// [`DisasterError`]: [`DisasterFault::Forged`] for a receipt of no summary that was issued, [`DisasterFault::Moment`]
    /// for a time at which it cannot have been read.
    pub async fn merge_receipt(&self, caller: &Caller, receipt: &OfflineReceipt) -> Result<Merged, DisasterError> {
        let now = self.0.clock.now();
        let works = [Purpose::Disaster, Purpose::EmergencyTreat]
            .iter()
            .any(|purpose| roles::may_ask(caller.role, *purpose, ActionGroup::View));
        let suspended = self.suspension(caller, now).await?.is_some();
        if !works || caller.automatic || suspended || now >= caller.expires {
            return Err(DisasterFault::NotOpen.into());
        }
        let reason = receipt.reason.trim();
        if !(REASON_LEAST..=REASON_MOST).contains(&reason.chars().count()) {
            return Err(DisasterFault::Reason.into());
        }
        let issued = self.issued(receipt).await?;
        if receipt.at < issued.at || receipt.at > now.plus_millis(AHEAD_MILLIS) {
            return Err(DisasterFault::Moment.into());
        }
        let (store, key) = (self.0.store.as_ref(), told_key(receipt, caller));
        for _ in 0..ATTEMPTS {
            if let Some(bytes) = store.row(Table::Disaster, &key).await? {
                let told: Told = serde_json::from_slice(&bytes).map_err(|_| DisasterError::Row)?;
                return Ok(Merged { at: told.at, again: true });
            }
            let leaves = self.offline_leaves(caller, receipt, &issued, (reason, now)).await?;
            let expect = vec![Expectation::Row(Table::Disaster, key.clone(), None)];
            // Numbers always serialise.
            let told = serde_json::to_vec(&Told { v: VERSION, at: now }).unwrap_or_default();
            let rows = vec![row(key.clone(), told)];
            match store.commit(Batch { rows, expect, leaves, ..Batch::default() }).await {
                Ok(_) => return Ok(Merged { at: now, again: false }),
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Busy.into())
    }

    async fn issued(&self, receipt: &OfflineReceipt) -> Result<Issued, DisasterError> {
        if !is_hex(&receipt.id, 32) || !is_hex(&receipt.hash, 64) {
            return Err(DisasterFault::Forged.into());
        }
        let row = self.0.store.row(Table::Disaster, &issued_key(&receipt.id)).await?.ok_or(DisasterFault::Forged)?;
        let issued: Issued = serde_json::from_slice(&row).map_err(|_| DisasterError::Row)?;
        if issued.v != VERSION {
            return Err(DisasterError::Row);
        }
        let held = bool::from(issued.hash.as_bytes().ct_eq(receipt.hash.as_bytes()));
        if held { Ok(issued) } else { Err(DisasterFault::Forged.into()) }
    }

    /// The leaves of a look without a network: in a disaster that was open where the reader works at the time that is claimed,
    /// else in an emergency.
    async fn offline_leaves(
        &self,
        caller: &Caller,
        receipt: &OfflineReceipt,
        issued: &Issued,
        (reason, now): (&str, Instant),
    ) -> Result<Vec<tsumugi_ledger::DraftLeaf>, DisasterError> {
        let opening = match self.area_of(caller).await? {
            Some(area) => self.openings().await?.into_iter().find(|opening| opening.held(area, receipt.at)),
            None => None,
        };
        let purpose = if opening.is_some() { Purpose::Disaster } else { Purpose::EmergencyTreat };
        let caller = Caller { purpose, reason: Some(reason.to_owned()), ..caller.clone() };
        let shelves = self.0.directory.shelves(issued.shelf).await.map_err(unreadable)?;
        let facts = issued.facts.iter().map(|(shelf, kind, numbers, own)| {
            Some((CitizenId(*shelf), Kind::from_name(kind)?, numbers.clone(), *own))
        });
        let facts: Option<Vec<_>> = facts.collect();
        let shown = facts.and_then(|facts| Shown::kept(&facts)).ok_or(DisasterError::Row)?;
        let offline = (receipt.at, opening.map(|opening| opening.number));
        let leaves = leaf::of_offline(&self.0, &caller, &shelves, (now, offline), CARRIED, &shown);
        Ok(leaves.map_err(SealError::from)?)
    }
}
