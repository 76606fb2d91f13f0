//! What she does with her addresses: names one, types the number that came there, takes one away.

use tsumugi_kernel::{CitizenId, Instant, Role};
use tsumugi_store::{Batch, CommitError, Expectation, StoreError, Table};

use super::{
    ADDRESSES_MOST, CODE_MILLIS, CODES_DAY, MailAddress, MailState, TRIES, is_address,
    keep::{self, Kept, To, Waits},
    lately,
};
use crate::{
    Action, Door, Permit, Refusal, SealError, Shown,
    case::CaseError,
    looks::{self, LooksError},
    screen::ScreenError,
};

/// How often a change that met a concurrent one is made again.
const ATTEMPTS: usize = 16;

/// A change of somebody's addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailChange {
    /// Another address: a number is sent there. The same address again is sent another number.
    Name(String),
    /// The number that came to the address with this id.
    Confirm(String, String),
    /// Nothing more goes to the address with this id.
    Remove(String),
}

/// Why nothing was changed, or no letter was written.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Addresses are the citizen's own.
    #[error("only the citizen says where letters go")]
    NotHers,
    /// It is no address.
    #[error("this is no address that a letter can go to")]
    Address,
    /// There are enough addresses.
    #[error("there are {ADDRESSES_MOST} addresses already")]
    Full,
    /// So many numbers were sent today.
    #[error("{CODES_DAY} numbers were sent within a day")]
    TooOften,
    /// The number is another; so many wrong ones are still taken.
    #[error("this is another number")]
    Code(u8),
    /// There is no such address, or its number is not good any more.
    #[error("the number is not good any more")]
    Closed,
    /// The permit does not open the log.
    #[error(transparent)]
    Looks(#[from] LooksError),
    /// The store could not read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No leaf could be left.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store did not take it.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// Whose a leaf is could not be found.
    #[error(transparent)]
    Screen(#[from] ScreenError),
    /// The directory could not answer.
    #[error(transparent)]
    Directory(#[from] Refusal),
    /// A case could not be read.
    #[error(transparent)]
    Case(#[from] Box<CaseError>),
    /// A row cannot be read.
    #[error("a row of letters cannot be read; the program may be older than the store, or its secret another")]
    Row,
}

impl Permit {
    /// The addresses to which she is told, for herself alone.
    ///
    /// # Errors
    /// [`MailError`].
    pub async fn mail(&self) -> Result<Vec<MailAddress>, MailError> {
        hers(self)?;
        let door = Door(std::sync::Arc::clone(&self.door));
        let mut found = Vec::new();
        for shelf in self.shelves.all() {
            let (kept, _) = keep::kept(self.door.store.as_ref(), *shelf).await?;
            for to in kept.to {
                let address = door.open_mail(*shelf, &to.id, &to.sealed)?;
                found.push(MailAddress { id: to.id, address, state: to.state });
            }
        }
        Ok(found)
    }
}

impl Door {
    /// Changes where letters go, in one commit with the permit's leaf. The permit must open the log, for the citizen herself.
    ///
    /// # Errors
    /// [`MailError`]; a wrong number is counted before it is answered.
    pub async fn change_mail(&self, permit: Permit, change: &MailChange) -> Result<(), MailError> {
        if let Err(error) = hers(&permit) {
            permit.seal(Shown::none()).await?;
            return Err(error);
        }
        let (shelves, reader, now) = (permit.shelves.clone(), permit.caller.person.clone(), permit.time);
        let store = self.0.store.as_ref();
        let leaves = permit.into_leaves(&Shown::none()).await?;
        for _ in 0..ATTEMPTS {
            let (shelf, mut kept, before) = self.place(shelves.all(), change).await?;
            kept.reader = Some(reader.clone());
            let others = self.elsewhere(shelves.all(), shelf).await?;
            let mut letters = Vec::new();
            let outcome = match change {
                MailChange::Name(address) => self.name((shelf, &mut kept), others, address, now).map(|waits| {
                    let mut number = [0; 16];
                    self.0.entropy.fill(&mut number);
                    letters.push(keep::waits(keep::waits_key(now, &number), &waits));
                }),
                MailChange::Confirm(id, code) => self.confirm((shelf, &mut kept), id, code, now),
                MailChange::Remove(id) => {
                    kept.to.retain(|to| to.id != *id);
                    Ok(())
                }
            };
            let mut rows = vec![keep::row(shelf, &kept)];
            rows.append(&mut letters);
            let expect = vec![Expectation::Row(Table::Mail, keep::key(shelf), before)];
            match store.commit(Batch { rows, expect, leaves: leaves.clone(), ..Batch::default() }).await {
                Ok(_) => return outcome,
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Busy.into())
    }

    /// The shelf on which the change is made: where the address stands, else the first.
    async fn place(
        &self,
        shelves: &[CitizenId],
        change: &MailChange,
    ) -> Result<(CitizenId, Kept, Option<Vec<u8>>), MailError> {
        let mut first = None;
        for shelf in shelves {
            let (kept, before) = keep::kept(self.0.store.as_ref(), *shelf).await?;
            let there = match change {
                MailChange::Confirm(id, _) | MailChange::Remove(id) => kept.to.iter().any(|to| to.id == *id),
                MailChange::Name(_) => false,
            };
            if there {
                return Ok((*shelf, kept, before));
            }
            first = first.or(Some((*shelf, kept, before)));
        }
        first.ok_or(MailError::Row)
    }

    /// How many addresses stand on her other shelves.
    async fn elsewhere(&self, shelves: &[CitizenId], here: CitizenId) -> Result<usize, MailError> {
        let mut count = 0;
        for shelf in shelves.iter().filter(|shelf| **shelf != here) {
            count += keep::kept(self.0.store.as_ref(), *shelf).await?.0.to.len();
        }
        Ok(count)
    }

    /// Takes an address down: the letter with its number.
    fn name(
        &self,
        (shelf, kept): (CitizenId, &mut Kept),
        others: usize,
        address: &str,
        now: Instant,
    ) -> Result<Waits, MailError> {
        if !is_address(address) {
            return Err(MailError::Address);
        }
        kept.codes.retain(|at| lately(*at, now));
        if kept.codes.len() >= CODES_DAY {
            return Err(MailError::TooOften);
        }
        let known = kept.to.iter().position(|to| {
            self.open_mail(shelf, &to.id, &to.sealed).is_ok_and(|known| known.eq_ignore_ascii_case(address))
        });
        let place = match known {
            Some(place) => place,
            None if kept.to.len() + others >= ADDRESSES_MOST => return Err(MailError::Full),
            None => {
                let mut number = [0; 8];
                self.0.entropy.fill(&mut number);
                let id: String = number.iter().map(|byte| format!("{byte:02x}")).collect();
                let sealed = self.seal_mail(shelf, &id, address)?;
                kept.to.push(To { id, sealed, state: MailState::Waiting, code: None });
                kept.to.len() - 1
            }
        };
        let to = kept.to.get_mut(place).ok_or(MailError::Row)?;
        let mut bytes = [0; 8];
        self.0.entropy.fill(&mut bytes);
        // 2^64 is so much larger that every number is as likely as another.
        let code = format!("{:06}", u64::from_be_bytes(bytes) % 1_000_000);
        to.state = MailState::Waiting;
        to.code = Some((self.code_mark(shelf, &to.id, &code), now.plus_millis(CODE_MILLIS), TRIES));
        kept.codes.push(now);
        Ok(Waits { shelf, to: to.id.clone(), code: Some(self.seal_mail(shelf, &to.id, &code)?), tries: 0 })
    }

    fn confirm(
        &self,
        (shelf, kept): (CitizenId, &mut Kept),
        id: &str,
        code: &str,
        now: Instant,
    ) -> Result<(), MailError> {
        let to = kept.to.iter_mut().find(|to| to.id == *id).ok_or(MailError::Closed)?;
        if to.state == MailState::Confirmed {
            return Ok(());
        }
        let right = self.is_code(shelf, to, code);
        let (_, until, tries) = to.code.as_mut().ok_or(MailError::Closed)?;
        if now >= *until || *tries == 0 {
            return Err(MailError::Closed);
        }
        if !right {
            *tries -= 1;
            return Err(MailError::Code(*tries));
        }
        (to.state, to.code) = (MailState::Confirmed, None);
        Ok(())
    }
}

/// Whether the permit opens the log for the citizen herself.
fn hers(permit: &Permit) -> Result<(), MailError> {
    looks::part(permit)?;
    let herself = permit.caller.role == Role::Citizen && permit.action == Action::AccessLog;
    if herself { Ok(()) } else { Err(MailError::NotHers) }
}
