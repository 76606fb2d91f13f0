//! From leaves to letters, and what became of them.

use std::cell::Cell;

use sha2::{Digest as _, Sha256};
use tsumugi_kernel::{CitizenId, Instant, Role};
use tsumugi_ledger::{LookPart, Part, leaf::LeafView};
use tsumugi_store::{Batch, Expectation, Row, Table};

use super::{
    MailError, MailState, URGENT_DAY,
    keep::{self, Kept, Waits},
    lately,
};
use crate::{
    CaseKind, Door, NoticeChoice, NoticeWhy, case,
    door::unreadable,
    leaf, looks,
    notice::{self, Circumstances},
    paper, screen,
};

/// Most leaves of one call.
const LEAVES_MOST: u64 = 512;
/// Leaves of a chain read at once.
const PAGE: u64 = 1_024;
/// How long after the first failure a letter is tried again, in milliseconds; each next wait is twice as long.
const AGAIN_MILLIS: i64 = 60_000;
/// The longest wait between two tries.
const AGAIN_MOST: i64 = 6 * 60 * 60 * 1_000;
/// After so many tries, over two days, a letter is given up.
const TRIES_MOST: u8 = 16;

/// A letter to be sent now.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    key: Vec<u8>,
    waits: Waits,
    /// To whom.
    pub address: String,
    /// The number that it brings; without one it says that there is a notice.
    pub code: Option<String>,
}

impl Letter {
    /// The letter's own number, the same at every try, telling nothing.
    #[must_use]
    pub fn id(&self) -> String {
        let number = keep::due(&self.key).map_or(self.key.as_slice(), |(_, number)| number);
        Sha256::digest(number)[..16].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // An address in a log line would be a citizen's.
        out.debug_struct("Letter").field("tries", &self.waits.tries).finish_non_exhaustive()
    }
}

/// What became of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Posted {
    /// It was taken.
    Taken,
    /// It could not be sent now.
    Later,
    /// Nobody has this address.
    Never,
}

impl Door {
    /// Writes letters about the leaves that the screening has gone through since the last time, a bounded number of them;
    /// whether there is more. Two at once do the work once.
    ///
    /// # Errors
    /// [`MailError`]; nothing of the call counts then, and the next one does it again.
    pub async fn write_letters(&self) -> Result<bool, MailError> {
        let store = self.0.store.as_ref();
        let screened = store.row(Table::Screen, &screen::cursor_key()).await?;
        let end = screened.map_or(Some(0), |bytes| screen::number(&bytes)).ok_or(MailError::Row)?;
        let before = store.row(Table::Mail, &keep::cursor_key()).await?.map(|bytes| bytes.to_vec());
        let from = match &before {
            Some(bytes) => screen::number(bytes).ok_or(MailError::Row)?,
            // Nobody is told of what was before there were letters.
            None => end,
        };
        if store.rows(Table::Mail, b"a", None, 1).await?.is_empty() {
            // Nobody waits for letters: nothing is kept either, so that whoever asks for the first is told from then on.
            if before.is_some() {
                let expect = vec![Expectation::Row(Table::Mail, keep::cursor_key(), before)];
                let rows = vec![gone(&keep::cursor_key())];
                store.commit(Batch { rows, expect, ..Batch::default() }).await?;
            }
            return Ok(false);
        }
        let upto = end.min(from + LEAVES_MOST);
        if from == upto && before.is_some() {
            return Ok(false);
        }
        let cursor = Some(upto.to_be_bytes().to_vec());
        let mut rows = vec![Row { table: Table::Mail, key: keep::cursor_key(), value: cursor }];
        let mut expect = vec![Expectation::Row(Table::Mail, keep::cursor_key(), before)];
        let mut people: Vec<(CitizenId, Kept, Option<Vec<u8>>)> = Vec::new();
        self.read(from, upto, &mut people, &mut rows).await?;
        for (shelf, kept, before) in people {
            rows.push(keep::row(shelf, &kept));
            expect.push(Expectation::Row(Table::Mail, keep::key(shelf), before));
        }
        store.commit(Batch { rows, expect, ..Batch::default() }).await?;
        Ok(upto < end)
    }

    /// Asks of each leaf of somebody with an address whether she is told of it.
    async fn read(
        &self,
        from: u64,
        upto: u64,
        people: &mut Vec<(CitizenId, Kept, Option<Vec<u8>>)>,
        rows: &mut Vec<Row>,
    ) -> Result<(), MailError> {
        let leaves = self.0.store.log(from, upto).await?;
        let whose = self.whose(&leaves).await?;
        // A look at a person of several shelves leaves a leaf in each chain, beside each other; it is told once.
        let mut last: Option<(CitizenId, LookPart)> = None;
        for stored in &leaves {
            let leaf = LeafView::new(&stored.bytes).map_err(screen::ScreenError::from)?;
            let Some(citizen) = whose.get(&leaf.label) else { continue };
            let shelves = self.0.directory.shelves(*citizen).await.map_err(unreadable)?;
            let plain = self.0.keys.open(Part::Citizen, &leaf.label, leaf.body);
            let part = plain.and_then(|plain| LookPart::from_bytes(&plain)).map_err(screen::ScreenError::from)?;
            let one = shelves.all().iter().copied().min().unwrap_or(*citizen);
            let same = last.replace((one, part.clone()));
            if same.is_some_and(|(before, same)| before == one && looks::is_one(&same, &part)) {
                continue;
            }
            for shelf in shelves.all() {
                if !people.iter().any(|(known, ..)| known == shelf) {
                    let (kept, before) = keep::kept(self.0.store.as_ref(), *shelf).await?;
                    if before.is_none() {
                        continue;
                    }
                    people.push((*shelf, kept, before));
                }
                let Some((_, kept, _)) = people.iter_mut().find(|(known, ..)| known == shelf) else { continue };
                if self.is_told((shelves.all(), kept), &part, stored.index).await? {
                    for to in kept.to.iter().filter(|to| to.state == MailState::Confirmed) {
                        let waits = Waits { shelf: *shelf, to: to.id.clone(), code: None, tries: 0 };
                        let number = [stored.index.to_be_bytes().as_slice(), to.id.as_bytes()].concat();
                        rows.push(keep::waits(keep::waits_key(self.0.clock.now(), &number), &waits));
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether a letter is written about a look; noted where it is.
    async fn is_told(
        &self,
        (shelves, kept): (&[CitizenId], &mut Kept),
        part: &LookPart,
        index: u64,
    ) -> Result<bool, MailError> {
        let own = part.role == Role::Citizen.code()
            || kept.reader.as_ref().is_some_and(|reader| reader.as_str() == part.person.id);
        if own || !kept.to.iter().any(|to| to.state == MailState::Confirmed) {
            return Ok(false);
        }
        let now = self.0.clock.now();
        let (choice, read) = self.chosen(shelves, kept).await?;
        let silent = kept.told.is_some_and(|told| lately(told, now) && read.is_none_or(|read| read < told));
        let Some(why) = self.why(shelves, part, index, choice).await? else { return Ok(false) };
        let urgent = matches!(why, NoticeWhy::Glass | NoticeWhy::Odd | NoticeWhy::Disaster | NoticeWhy::Emergency);
        kept.urgent.retain(|at| lately(*at, now));
        if silent && (!urgent || kept.urgent.len() >= URGENT_DAY) {
            return Ok(false);
        }
        if urgent {
            kept.urgent.push(now);
        }
        kept.told = Some(now);
        Ok(true)
    }

    /// What she wants to be told of, and up to when she has read.
    async fn chosen(&self, shelves: &[CitizenId], kept: &Kept) -> Result<(NoticeChoice, Option<Instant>), MailError> {
        let notices = notice::of_shelves(self.0.store.as_ref(), shelves).await.map_err(|_| MailError::Row)?;
        let read = kept.reader.as_ref().and_then(|reader| notices.read_until(reader));
        Ok((notices.choice, read))
    }

    async fn why(
        &self,
        shelves: &[CitizenId],
        part: &LookPart,
        index: u64,
        choice: NoticeChoice,
    ) -> Result<Option<NoticeWhy>, MailError> {
        let mut odd = false;
        for shelf in shelves {
            // What a desk does with a paper of hers is always told.
            if paper::is_word_about(self.0.store.as_ref(), *shelf, part).await.map_err(|_| MailError::Row)? {
                return Ok(Some(NoticeWhy::Paper));
            }
            let cases = case::cases_of(self.0.store.as_ref(), *shelf).await.map_err(Box::new)?;
            odd |= cases.iter().any(|case| case.kind == CaseKind::OddLook && case.covers(part));
        }
        let (why, depends) = self.why_else(part, choice, odd);
        // The whole chain is read only where everything else leaves it open.
        if depends && notice::is_by_other(part) && self.is_first(shelves, part, index).await? {
            return Ok(Some(NoticeWhy::First));
        }
        Ok(why)
    }

    /// Why she is told of a look that is nobody's first, and whether it depends on that.
    fn why_else(&self, part: &LookPart, choice: NoticeChoice, odd: bool) -> (Option<NoticeWhy>, bool) {
        let depends = Cell::new(false);
        let outside = || self.0.policies.asks_no_relation(&part.rule);
        let first = || {
            depends.set(true);
            false
        };
        let why = notice::why(part, choice, &Circumstances { first: &first, outside: &outside, odd: &|| odd });
        (why, depends.get())
    }

    /// Whether no leaf before this one shows whoever looked something.
    async fn is_first(&self, shelves: &[CitizenId], part: &LookPart, index: u64) -> Result<bool, MailError> {
        for shelf in shelves {
            let (label, mut from) = (leaf::label(&self.0, *shelf), 1);
            loop {
                let page = self.0.store.leaves_of(label, from, from + PAGE - 1).await?;
                for stored in page.iter().take_while(|stored| stored.index < index) {
                    let leaf = LeafView::new(&stored.bytes).map_err(screen::ScreenError::from)?;
                    let plain = self.0.keys.open(Part::Citizen, &leaf.label, leaf.body);
                    let before = plain.and_then(|plain| LookPart::from_bytes(&plain));
                    let before = before.map_err(screen::ScreenError::from)?;
                    if before.person.id == part.person.id && notice::is_by_other(&before) {
                        return Ok(false);
                    }
                }
                if (page.len() as u64) < PAGE || page.last().is_some_and(|last| last.index >= index) {
                    break;
                }
                from += PAGE;
            }
        }
        Ok(true)
    }

    /// The letters that are due, at most `most`. Say of each what became of it ([`Door::posted`]).
    ///
    /// # Errors
    /// [`MailError`].
    pub async fn letters(&self, most: usize) -> Result<Vec<Letter>, MailError> {
        let (store, now) = (self.0.store.as_ref(), self.0.clock.now());
        let mut letters = Vec::new();
        for (key, value) in store.rows(Table::Mail, b"o", None, most).await? {
            if keep::due(&key).ok_or(MailError::Row)?.0 > now {
                break;
            }
            let waits: Waits = serde_json::from_slice(&value).map_err(|_| MailError::Row)?;
            let (kept, _) = keep::kept(store, waits.shelf).await?;
            let to = kept
                .to
                .into_iter()
                .find(|to| to.id == waits.to && (waits.code.is_some() || to.state == MailState::Confirmed));
            let Some(to) = to else {
                // Taken away meanwhile.
                store.commit(Batch { rows: vec![gone(&key)], ..Batch::default() }).await?;
                continue;
            };
            let address = self.open_mail(waits.shelf, &to.id, &to.sealed)?;
            let code = waits.code.as_ref().map(|code| self.open_mail(waits.shelf, &to.id, code)).transpose()?;
            letters.push(Letter { key: key.to_vec(), waits, address, code });
        }
        Ok(letters)
    }

    /// Keeps what became of a letter.
    ///
    /// # Errors
    /// [`MailError`]; the letter may then be sent once more.
    pub async fn posted(&self, letter: &Letter, posted: Posted) -> Result<(), MailError> {
        let store = self.0.store.as_ref();
        let mut rows = vec![gone(&letter.key)];
        let mut expect = Vec::new();
        let tries = letter.waits.tries.saturating_add(1);
        match posted {
            Posted::Later if tries < TRIES_MOST => {
                let (_, number) = keep::due(&letter.key).ok_or(MailError::Row)?;
                let wait = (AGAIN_MILLIS << (tries - 1).min(16)).min(AGAIN_MOST);
                let key = keep::waits_key(self.0.clock.now().plus_millis(wait), number);
                rows.push(keep::waits(key, &Waits { tries, ..letter.waits.clone() }));
            }
            Posted::Taken => {}
            Posted::Later | Posted::Never => {
                let (mut kept, before) = keep::kept(store, letter.waits.shelf).await?;
                if let Some(to) = kept.to.iter_mut().find(|to| to.id == letter.waits.to) {
                    to.state = MailState::Failed;
                    rows.push(keep::row(letter.waits.shelf, &kept));
                    expect.push(Expectation::Row(Table::Mail, keep::key(letter.waits.shelf), before));
                }
            }
        }
        store.commit(Batch { rows, expect, ..Batch::default() }).await?;
        Ok(())
    }
}

fn gone(key: &[u8]) -> Row {
    Row { table: Table::Mail, key: key.to_vec(), value: None }
}
