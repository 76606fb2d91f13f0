//! How links are kept: five kinds of rows in one table, told apart by their first byte.
//!
//! | key | value | for |
//! |---|---|---|
//! | `l` hash of the address | the link | opening it; its end is remembered for a day at least |
//! | `f` hash of the address | the sealed file | giving it, while it is open |
//! | `c` citizen, moment, hash | – | a person's links |
//! | `n` citizen | hash of the newest | that two links are not made at once past the bound |
//! | `e` moment, hash | – | taking away what has expired |

use tsumugi_kernel::{CitizenId, Instant};
use tsumugi_store::{Batch, CommitError, Expectation, Row, Store, Table};

use super::{DAY_MILLIS, DAY_MOST, Ended, Link, LinkError, VERSION};
use crate::Permit;

/// Expired links taken away at once.
const SWEPT: usize = 16;
/// Rows of one person's links that are looked through: ended ones go when new ones are made.
const LISTED: usize = 4 * DAY_MOST;

/// A link and its row as read.
pub(super) type Known = (Link, Vec<u8>);

/// The link behind a hash.
pub(super) async fn known(store: &dyn Store, hash: &[u8]) -> Result<Option<Known>, LinkError> {
    let Some(bytes) = store.row(Table::Link, &key(b'l', hash)).await? else { return Ok(None) };
    let link: Link = serde_json::from_slice(&bytes).map_err(|_| LinkError::Row)?;
    if link.v == VERSION { Ok(Some((link, bytes.to_vec()))) } else { Err(LinkError::Row) }
}

/// Every link of a shelf that is remembered, oldest first, with its hash.
pub(super) async fn of_shelf(store: &dyn Store, shelf: CitizenId) -> Result<Vec<(Vec<u8>, Link)>, LinkError> {
    let mut links = Vec::new();
    for (key, _) in store.rows(Table::Link, &listed_prefix(shelf), None, LISTED).await? {
        let hash = key.last_chunk::<32>().ok_or(LinkError::Row)?;
        if let Some((link, _)) = known(store, hash).await? {
            links.push((hash.to_vec(), link));
        }
    }
    Ok(links)
}

/// The rows of a new link and its file.
pub(super) fn made(link: &Link, hash: &[u8], file: Vec<u8>) -> Vec<Row> {
    vec![
        kept(link, hash),
        row(key(b'f', hash), Some(file)),
        row(listed(link, hash), Some(Vec::new())),
        row(key(b'n', &link.shelf.0.to_be_bytes()), Some(hash.to_vec())),
        row(expiry(link, hash), Some(Vec::new())),
    ]
}

/// The row of a link.
pub(super) fn kept(link: &Link, hash: &[u8]) -> Row {
    // Strings, numbers and lists always serialise.
    row(key(b'l', hash), Some(serde_json::to_vec(link).unwrap_or_default()))
}

/// The rows that end a link: what it told is forgotten, that it was there is not.
pub(super) fn ended(mut link: Link, hash: &[u8], why: Ended) -> Vec<Row> {
    link.facts.clear();
    link.ended = Some(why);
    vec![kept(&link, hash), row(key(b'f', hash), None), row(expiry(&link, hash), None)]
}

/// Rows and expectations that take away links which ended more than a day ago.
pub(super) fn forgotten(links: &[(Vec<u8>, Link)], now: Instant) -> Vec<Row> {
    let old = |link: &&(Vec<u8>, Link)| link.1.ended.is_some() && link.1.made.plus_millis(DAY_MILLIS) <= now;
    links
        .iter()
        .filter(old)
        .flat_map(|(hash, link)| [row(key(b'l', hash), None), row(listed(link, hash), None)])
        .collect()
}

/// Takes away the files of links that have expired, some at a time. What somebody else ended meanwhile is left.
pub(super) async fn sweep(store: &dyn Store, now: Instant) -> Result<(), LinkError> {
    for (at, _) in store.rows(Table::Link, b"e", None, SWEPT).await? {
        let moment = at.get(1..9).and_then(|bytes| bytes.first_chunk::<8>()).map(|bytes| u64::from_be_bytes(*bytes));
        let hash = at.last_chunk::<32>().ok_or(LinkError::Row)?;
        if moment.ok_or(LinkError::Row)? > millis(now) {
            break;
        }
        let Some((link, before)) = known(store, hash).await? else { continue };
        let rows = ended(link, hash, Ended::Expired);
        match commit(store, rows, hash, before).await {
            Ok(()) | Err(LinkError::Commit(CommitError::Conflict(_))) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Writes rows of a link if it is still as it was read.
pub(super) async fn commit(store: &dyn Store, rows: Vec<Row>, hash: &[u8], before: Vec<u8>) -> Result<(), LinkError> {
    let expect = vec![Expectation::Row(Table::Link, key(b'l', hash), Some(before))];
    store.commit(Batch { rows, expect, ..Batch::default() }).await?;
    Ok(())
}

impl Permit {
    /// The links of the person, newest first: all for the citizen, their own for others.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn links(&self) -> Result<Vec<Link>, LinkError> {
        super::deed::sees(self)?;
        let store = self.door.store.as_ref();
        sweep(store, self.time).await?;
        let mut links = Vec::new();
        for shelf in self.shelves.all() {
            links.extend(of_shelf(store, *shelf).await?.into_iter().map(|(_, link)| link));
        }
        links.retain(|link| super::deed::may_end(self, link));
        links.sort_by_key(|link| std::cmp::Reverse(link.made));
        Ok(links)
    }
}

pub(super) fn key(kind: u8, rest: &[u8]) -> Vec<u8> {
    [&[kind], rest].concat()
}

fn row(key: Vec<u8>, value: Option<Vec<u8>>) -> Row {
    Row { table: Table::Link, key, value }
}

fn listed_prefix(shelf: CitizenId) -> Vec<u8> {
    key(b'c', &shelf.0.to_be_bytes())
}

fn listed(link: &Link, hash: &[u8]) -> Vec<u8> {
    [listed_prefix(link.shelf).as_slice(), &millis(link.made).to_be_bytes(), hash].concat()
}

fn expiry(link: &Link, hash: &[u8]) -> Vec<u8> {
    [b"e".as_slice(), &millis(link.until).to_be_bytes(), hash].concat()
}

fn millis(at: Instant) -> u64 {
    u64::try_from(at.0).unwrap_or(0)
}
