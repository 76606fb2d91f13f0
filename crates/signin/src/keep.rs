//! What signing in keeps in the store: small rows under hashed names, each with its end.
//!
//! Names are secrets or come from outside, so a row's key is a tag and a SHA-256. Beside each row that ends stands one
//! in the order of ends; every commit takes some of those that have ended long enough away. So what is kept is bounded
//! by the rate of sign-ins and their lives, without a job that could fail to run.

use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};
use tsumugi_kernel::Instant;
use tsumugi_store::{Batch, CommitError, Expectation, Row, Store, StoreError, Table};

/// What kind of row it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Tag {
    /// What a person signs in with: passkeys, the second factor, what happened.
    Account = b'a',
    /// A jti of a client's assertion that was used.
    Assertion = b'j',
    /// A certificate that an external provider vouches for → whose it is.
    Certificate = b'e',
    /// A challenge to a passkey that was answered.
    Challenge = b'h',
    /// An authorization code.
    Code = b'c',
    /// A passkey's id → whose it is.
    Credential = b'k',
    /// A code from a desk, with which a person comes in without a passkey.
    DeskCode = b'd',
    /// Person → the grants that are theirs, so that they find and end them.
    Granted = b'o',
    /// What a person granted, with its refresh tokens.
    Grant = b'g',
    /// An authorization request that waits for a person.
    Request = b'p',
    /// A grant whose tokens count no more.
    Revoked = b'v',
    /// A professional's certificate → whose it is, with its chain.
    Licence = b'q',
    /// A session of pages.
    Session = b's',
    /// Person → the sessions that are theirs.
    Sessions = b'w',
}

/// The row in the order of ends begins with this.
const END: u8 = b'x';
/// The row that holds how far the clock has been.
const CLOCK: &[u8] = b"t";
/// Rows stay this long after their end, so that a clock set back by less finds what was used.
const GRACE_MILLIS: i64 = 24 * 60 * 60 * 1000;
/// Ended rows that one commit takes away: more than it adds.
const SWEEP: usize = 8;

/// The rows.
#[derive(Clone)]
pub(crate) struct Keep(Arc<dyn Store>);

/// A row as read.
#[derive(Clone)]
pub(crate) struct Kept<T> {
    pub value: T,
    pub expires: Instant,
    raw: Vec<u8>,
}

/// How far the clock has been, and how often it was set back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize, Default)]
pub(crate) struct Reached {
    pub moment: Instant,
    pub epoch: u32,
}

/// Rows to write together.
#[derive(Default)]
pub(crate) struct Change {
    batch: Batch,
}

impl Keep {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self(store)
    }

    pub(crate) fn store(&self) -> &dyn Store {
        self.0.as_ref()
    }

    /// A row that has not ended; the end itself is the caller's to judge.
    pub(crate) async fn get<T: DeserializeOwned>(&self, tag: Tag, name: &str) -> Result<Option<Kept<T>>, StoreError> {
        let Some(raw) = self.0.row(Table::Signin, &key(tag, name)).await? else { return Ok(None) };
        read(&raw).map(Some)
    }

    /// The rows of a kind, at most `most`.
    pub(crate) async fn all<T: DeserializeOwned>(&self, tag: Tag, most: usize) -> Result<Vec<Kept<T>>, StoreError> {
        let rows = self.0.rows(Table::Signin, &[tag as u8], None, most).await?;
        rows.iter().map(|(_, raw)| read(raw)).collect()
    }

    /// The rows of a kind that belong to an owner, at most `most`.
    pub(crate) async fn owned<T: DeserializeOwned>(
        &self,
        tag: Tag,
        owner: &str,
        most: usize,
    ) -> Result<Vec<Kept<T>>, StoreError> {
        let rows = self.0.rows(Table::Signin, &key(tag, owner), None, most).await?;
        rows.iter().map(|(_, raw)| read(raw)).collect()
    }

    pub(crate) async fn reached(&self) -> Result<Option<Reached>, StoreError> {
        let Some(raw) = self.0.row(Table::Signin, CLOCK).await? else { return Ok(None) };
        serde_json::from_slice(&raw).map(Some).map_err(|_| damaged())
    }

    /// Writes a change, and takes some ended rows away with it.
    pub(crate) async fn commit(&self, change: Change, now: Instant) -> Result<(), CommitError> {
        let mut batch = change.batch;
        let long_ended = now.plus_millis(-GRACE_MILLIS);
        // A sweep that cannot read leaves the rows for the next; the change itself is what counts.
        for (end, target) in self.0.rows(Table::Signin, &[END], None, SWEEP).await.unwrap_or_default() {
            let at = end.get(1..9).and_then(|bytes| bytes.try_into().ok()).map_or(i64::MAX, i64::from_be_bytes);
            // What this very change writes is left alone: a batch says one thing of a row.
            if at >= long_ended.0 || batch.rows.iter().any(|row| row.key == target || row.key == end) {
                continue;
            }
            for key in [end.to_vec(), target.to_vec()] {
                batch.rows.push(Row { table: Table::Signin, key, value: None });
            }
        }
        self.0.commit(batch).await.map(|_| ())
    }
}

impl Change {
    /// A new row; the commit fails with a conflict where there is one of that name.
    pub(crate) fn put_new<T: Serialize>(&mut self, tag: Tag, name: &str, value: &T, expires: Instant) {
        let key = key(tag, name);
        self.batch.expect.push(Expectation::Row(Table::Signin, key.clone(), None));
        self.end(&key, expires, true);
        self.row(key, Some(written(value, expires)));
    }

    /// Another value in the place of one that was read; the commit fails with a conflict where it has changed since.
    pub(crate) fn replace<T: Serialize, U>(
        &mut self,
        tag: Tag,
        name: &str,
        before: &Kept<U>,
        value: &T,
        expires: Instant,
    ) {
        let key = key(tag, name);
        self.batch.expect.push(Expectation::Row(Table::Signin, key.clone(), Some(before.raw.clone())));
        if before.expires != expires {
            self.end(&key, before.expires, false);
            self.end(&key, expires, true);
        }
        self.row(key, Some(written(value, expires)));
    }

    /// Takes a row away that was read.
    pub(crate) fn remove<U>(&mut self, tag: Tag, name: &str, before: &Kept<U>) {
        let key = key(tag, name);
        self.batch.expect.push(Expectation::Row(Table::Signin, key.clone(), Some(before.raw.clone())));
        self.end(&key, before.expires, false);
        self.row(key, None);
    }

    /// A row that belongs to an owner.
    pub(crate) fn put_owned<T: Serialize>(
        &mut self,
        tag: Tag,
        (owner, name): (&str, &str),
        value: &T,
        expires: Instant,
    ) {
        let key = owned(tag, owner, name);
        self.end(&key, expires, true);
        self.row(key, Some(written(value, expires)));
    }

    /// Takes a row away that belongs to an owner.
    pub(crate) fn remove_owned(&mut self, tag: Tag, (owner, name): (&str, &str), expires: Instant) {
        let key = owned(tag, owner, name);
        self.end(&key, expires, false);
        self.row(key, None);
    }

    /// Leaves that become durable with the rows.
    pub(crate) fn leaves(&mut self, leaves: Vec<tsumugi_ledger::DraftLeaf>) {
        self.batch.leaves.extend(leaves);
    }

    /// Notes how far the clock has been.
    pub(crate) fn reach(&mut self, reached: Reached) {
        self.row(CLOCK.to_vec(), Some(serde_json::to_vec(&reached).unwrap_or_default()));
    }

    fn end(&mut self, key: &[u8], expires: Instant, there: bool) {
        let mut end = vec![END];
        end.extend(expires.0.max(0).to_be_bytes());
        end.extend(key);
        self.row(end, there.then(|| key.to_vec()));
    }

    fn row(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) {
        self.batch.rows.push(Row { table: Table::Signin, key, value });
    }
}

fn key(tag: Tag, name: &str) -> Vec<u8> {
    let mut key = vec![tag as u8];
    key.extend(Sha256::digest(name));
    key
}

fn owned(tag: Tag, owner: &str, name: &str) -> Vec<u8> {
    let mut key = key(tag, owner);
    key.extend(Sha256::digest(name));
    key
}

fn written<T: Serialize>(value: &T, expires: Instant) -> Vec<u8> {
    let mut bytes = expires.0.to_be_bytes().to_vec();
    // Strings, numbers and lists always serialise.
    bytes.extend(serde_json::to_vec(value).unwrap_or_default());
    bytes
}

fn read<T: DeserializeOwned>(raw: &[u8]) -> Result<Kept<T>, StoreError> {
    let (end, json) = raw.split_at_checked(8).ok_or_else(damaged)?;
    let expires = end.try_into().map(i64::from_be_bytes).map(Instant).map_err(|_| damaged())?;
    let value = serde_json::from_slice(json).map_err(|_| damaged())?;
    Ok(Kept { value, expires, raw: raw.to_vec() })
}

fn damaged() -> StoreError {
    StoreError::Damaged {
        what: "sign-in",
        detail: "a row is not of its form; the program may be older than the store".into(),
    }
}
