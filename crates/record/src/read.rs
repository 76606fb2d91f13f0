//! Reading: one fact, one version, a history, a whole shelf. Every call needs a permit, and looks through its lens.

use bytes::Bytes;
use tsumugi_access::{Permit, Shown};
use tsumugi_fhir::values::Packed;
use tsumugi_kernel::{FactKey, Kind};
use tsumugi_store::{Point, ShelfScan, StoreError, Table};

use crate::{Fact, Record, RecordError, Written};

/// How much of a shelf is asked of the store at once, in bytes.
const SCAN_BYTES: usize = 1 << 20;

impl Record {
    /// The newest version of a fact, its tombstone included; `None` where there is none or the lens hides it.
    ///
    /// # Errors
    /// If the store cannot read.
    pub async fn read(&self, permit: &Permit, key: FactKey) -> Result<Option<Fact>, RecordError> {
        if key.citizen != permit.citizen() {
            return Ok(None);
        }
        match self.store.fact(key, Point::NOW).await? {
            Some(stored) => Fact::through(permit, stored),
            None => Ok(None),
        }
    }

    /// One version of a fact.
    ///
    /// # Errors
    /// If the store cannot read.
    pub async fn read_version(&self, permit: &Permit, key: FactKey, version: u32) -> Result<Option<Fact>, RecordError> {
        if key.citizen != permit.citizen() {
            return Ok(None);
        }
        match self.store.version(key, version).await? {
            Some(stored) => Fact::through(permit, stored),
            None => Ok(None),
        }
    }

    /// Every version of a fact that the lens shows, newest first.
    ///
    /// # Errors
    /// If the store cannot read.
    pub async fn history(&self, permit: &Permit, key: FactKey) -> Result<Vec<Fact>, RecordError> {
        if key.citizen != permit.citizen() {
            return Ok(Vec::new());
        }
        let mut shown = Vec::new();
        for stored in self.store.history(key).await? {
            shown.extend(Fact::through(permit, stored)?);
        }
        Ok(shown)
    }

    /// The facts of the permit's shelf that the lens shows, by kind and number: of one kind, or of all.
    ///
    /// # Errors
    /// If the store cannot read.
    pub async fn shelf(&self, permit: &Permit, kind: Option<Kind>, at: Point) -> Result<Vec<Fact>, RecordError> {
        let mut scan = ShelfScan { citizen: permit.citizen(), kind, at, after: None, most_bytes: SCAN_BYTES };
        let mut shown = Vec::new();
        loop {
            let page = self.store.shelf(scan).await?;
            for stored in page.facts {
                shown.extend(Fact::through(permit, stored)?);
            }
            match page.next {
                Some(after) => scan.after = Some(after),
                None => return Ok(shown),
            }
        }
    }

    /// The bytes that `fact` was understood from, for the organisation that sent them and nobody else: an original holds
    /// everything that stood in it, whatever has been hidden since. Tells `shown` all that it holds.
    ///
    /// # Errors
    /// If the store cannot read.
    pub async fn original(&self, permit: &Permit, fact: &Fact, shown: &mut Shown) -> Result<Option<Bytes>, RecordError> {
        let Some(origin) = fact.origin().filter(|_| fact.may_change(permit).unwrap_or(false)) else { return Ok(None) };
        let mut scan = ShelfScan { citizen: permit.citizen(), kind: None, at: Point::NOW, after: None, most_bytes: SCAN_BYTES };
        loop {
            let page = self.store.shelf(scan).await?;
            for stored in page.facts.iter().filter(|stored| stored.origin == Some(origin)) {
                let packed = Packed::read(&stored.values).ok_or(RecordError::Unreadable("search values"))?;
                shown.add(stored.key.kind, stored.key.number, packed.flags());
            }
            match page.next {
                Some(after) => scan.after = Some(after),
                None => break,
            }
        }
        Ok(self.store.original(origin).await?)
    }

    /// A fact as a write would have told it, for answering a repeated submission.
    ///
    /// # Errors
    /// [`RecordError::Store`] if the stored bytes are damaged.
    pub fn as_written(&self, fact: &Fact) -> Result<Written, RecordError> {
        let id = self.sealer.seal(fact.key());
        Ok(Written { key: fact.key(), id, version: fact.version(), body: fact.body()? })
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
