//! Reading: one fact, one version, a history, a whole shelf. Every call needs a permit, and looks through its lens.

use std::collections::HashSet;

use bytes::Bytes;
use tsumugi_access::{Permit, Shown};
use tsumugi_kernel::{FactKey, Kind};
use tsumugi_store::{Point, ShelfScan, StoreError, StoredFact, Table};

use crate::{Fact, Record, RecordError, Written};

/// How much of a shelf is asked of the store at once, in bytes.
const SCAN_BYTES: usize = 1 << 20;

impl Record {
    /// The newest version of a fact, its tombstone included; `None` where there is none or the lens hides it.
    ///
    /// # Errors
    /// If the store cannot read.
    pub async fn read(&self, permit: &Permit, key: FactKey) -> Result<Option<Fact>, RecordError> {
        if !permit.opens(key.citizen) {
            return Ok(None);
        }
        let Some(stored) = self.store.fact(key, Point::NOW).await? else { return Ok(None) };
        self.alone(permit, Fact::through(permit, stored)?).await
    }

    /// One fact, pointing to nothing that is hidden.
    async fn alone(&self, permit: &Permit, mut fact: Option<Fact>) -> Result<Option<Fact>, RecordError> {
        self.veil_by_asking(permit, fact.as_mut_slice()).await?;
        Ok(fact)
    }

    /// One version of a fact. What the lens hides now it hides in every version: a diagnosis withheld by a correction
    /// is not found in what stood there before.
    ///
    /// # Errors
    /// If the store cannot read.
    pub async fn read_version(&self, permit: &Permit, key: FactKey, version: u32) -> Result<Option<Fact>, RecordError> {
        if self.read(permit, key).await?.is_none() {
            return Ok(None);
        }
        let Some(stored) = self.store.version(key, version).await? else { return Ok(None) };
        self.alone(permit, Fact::through(permit, stored)?).await
    }

    /// Every version of a fact that the lens shows, newest first; none if it hides the newest.
    ///
    /// # Errors
    /// If the store cannot read.
    pub async fn history(&self, permit: &Permit, key: FactKey) -> Result<Vec<Fact>, RecordError> {
        let mut shown = self.versions(permit, key).await?;
        self.veil_by_asking(permit, &mut shown).await?;
        Ok(shown)
    }

    async fn versions(&self, permit: &Permit, key: FactKey) -> Result<Vec<Fact>, RecordError> {
        if !permit.opens(key.citizen) {
            return Ok(Vec::new());
        }
        let mut shown = Vec::new();
        for (index, stored) in self.store.history(key).await?.into_iter().enumerate() {
            shown.extend(Fact::through(permit, stored)?);
            if index == 0 && shown.is_empty() {
                break;
            }
        }
        Ok(shown)
    }

    /// The facts of the person's shelves that the lens shows, by kind and number: of one kind, or of all. As of an
    /// earlier point, without those that the lens hides now: an old cursor opens nothing that has been withheld since.
    ///
    /// # Errors
    /// If the store cannot read; [`RecordError::Cursor`] if at that point more shelves were held to be this person's.
    pub async fn shelf(&self, permit: &Permit, kind: Option<Kind>, at: Point) -> Result<Vec<Fact>, RecordError> {
        let (mut shown, hidden) = self.looked_through(permit, kind, at).await?;
        match kind {
            None => self.veil_by(&mut shown, hidden),
            Some(_) => self.veil_by_asking(permit, &mut shown).await?,
        }
        Ok(shown)
    }

    /// The facts of the person's shelves that the lens shows, not yet veiled, and those of the same kinds that it hides.
    pub(crate) async fn looked_through(
        &self,
        permit: &Permit,
        kind: Option<Kind>,
        at: Point,
    ) -> Result<(Vec<Fact>, HashSet<FactKey>), RecordError> {
        let (mut shown, mut hidden) = (Vec::new(), HashSet::new());
        if at < self.present() {
            for stored in self.scan(permit, kind, Point::NOW).await? {
                let key = stored.key;
                if Fact::is_secret(permit, &stored)? {
                    hidden.insert(key);
                }
            }
        }
        for stored in self.scan(permit, kind, at).await? {
            let (key, secret) = (stored.key, Fact::is_secret(permit, &stored)?);
            match Fact::through(permit, stored)?.filter(|_| !hidden.contains(&key)) {
                Some(fact) => shown.push(fact),
                None if secret => _ = hidden.insert(key),
                None => {}
            }
        }
        Ok((shown, hidden))
    }

    /// Every version that the lens shows of every fact of the permit's shelf, of one kind or of all, deleted ones
    /// included, newest first. Of a fact whose newest version the lens hides there is none.
    ///
    /// # Errors
    /// If the store cannot read.
    pub async fn past(&self, permit: &Permit, kind: Option<Kind>) -> Result<Vec<Fact>, RecordError> {
        let mut shown = Vec::new();
        for shelf in permit.shelves().all() {
            let mut scan = ShelfScan { tombstones: true, ..ShelfScan::of(*shelf, kind, Point::NOW, SCAN_BYTES) };
            loop {
                let page = self.store.shelf(scan).await?;
                for stored in page.facts {
                    let first = stored.version == 1;
                    match Fact::through(permit, stored)? {
                        Some(only) if first => shown.push(only),
                        Some(newest) => shown.extend(self.versions(permit, newest.key()).await?),
                        None => {}
                    }
                }
                match page.next {
                    Some(after) => scan.after = Some(after),
                    None => break,
                }
            }
        }
        // Of one commit, the order is that of the shelf.
        shown.sort_by_key(|fact| std::cmp::Reverse(fact.since()));
        self.veil_by_asking(permit, &mut shown).await?;
        Ok(shown)
    }

    /// The person's shelves as stored: nothing here has passed the lens yet.
    pub(crate) async fn scan(
        &self,
        permit: &Permit,
        kind: Option<Kind>,
        at: Point,
    ) -> Result<Vec<StoredFact>, RecordError> {
        if permit.shelves().were_more(at.0) {
            return Err(RecordError::Cursor);
        }
        let shelves = permit.shelves().at(at.0);
        let mut facts = Vec::new();
        for shelf in &shelves {
            let mut scan = ShelfScan::of(*shelf, kind, at, SCAN_BYTES);
            loop {
                let page = self.store.shelf(scan).await?;
                facts.extend(page.facts);
                match page.next {
                    Some(after) => scan.after = Some(after),
                    None => break,
                }
            }
        }
        if shelves.len() > 1 {
            facts.sort_by_key(|fact| (fact.key.kind, fact.key.number));
        }
        Ok(facts)
    }

    /// The bytes that `fact` was understood from, for the organisation that sent them and nobody else. An original holds
    /// everything that stood in it, so it is given only where the lens shows all that stands on the shelf from it.
    /// Tells `shown` all that it holds.
    ///
    /// # Errors
    /// If the store cannot read.
    pub async fn original(
        &self,
        permit: &Permit,
        fact: &Fact,
        shown: &mut Shown,
    ) -> Result<Option<Bytes>, RecordError> {
        let Some(origin) = fact.origin().filter(|_| fact.may_change(permit).unwrap_or(false)) else { return Ok(None) };
        let mut held = Vec::new();
        for stored in self.scan(permit, None, Point::NOW).await? {
            if stored.origin == Some(origin) {
                let Some(fact) = Fact::through(permit, stored)? else { return Ok(None) };
                held.push(fact);
            }
        }
        for fact in &held {
            fact.tell(shown)?;
        }
        Ok(self.store.original(origin).await?)
    }

    /// A fact as a write would have told it, for answering a repeated submission.
    ///
    /// # Errors
    /// [`RecordError::Store`] if the stored bytes are damaged.
    pub fn as_written(&self, fact: &Fact) -> Result<Written, RecordError> {
        let id = self.sealer.seal(fact.key());
        let instant = Some(fact.instant());
        Ok(Written { key: fact.key(), id, version: fact.version(), body: fact.body()?, fresh: false, instant })
    }

    /// A row of the submissions, by its key.
    ///
    /// # Errors
    /// If the store cannot read.
    pub async fn submission_row(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.store.row(Table::Submission, key).await?.map(|row| row.to_vec()))
    }
}

impl Record {
    /// The point of the newest commit.
    #[must_use]
    pub fn present(&self) -> Point {
        self.store.status().point
    }
}
