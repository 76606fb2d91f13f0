//! Links that a citizen hands out: somebody without an account sees what she chose, for fifteen minutes.
//!
//! What the link shows is fixed when it is made: the file was cut by the permit of whoever made it, and sealed under a key
//! that stands in the link and nowhere here. Only the hash of the link's address is kept, and the PIN as a keyed hash.
//!
//! What must hold:
//! - Every opening leaves a leaf in the commit that counts it, before the sealed file is given; so does every wrong PIN.
//! - A link opens at most as often as was said, until fifteen minutes have passed, never after five wrong PINs, and never
//!   again after it has ended: ends are kept, and the sealed file is taken away with the end.
//! - A clock that stands before what a link has already seen ends the link.
//! - Unknown, used, expired and ended are one answer.
//! - A link made by a proxy ends with the mandate.

mod deed;
mod keep;

pub use deed::Offer;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tsumugi_kernel::{CitizenId, Instant, OrganizationId, PersonId, Purpose, Role};
use tsumugi_store::{CommitError, StoreError};

use crate::{Door, Refusal, SealError};

/// How long a link is open, in milliseconds: fifteen minutes.
pub const LINK_MILLIS: i64 = 15 * 60 * 1000;
/// Wrong PINs after which a link ends.
pub const TRIES: u8 = 5;
/// Most openings of one link.
pub const USES_MOST: u8 = 5;
/// Most links of one person that are open at once.
pub const OPEN_MOST: usize = 3;
/// Most links of one person in a day; as long an ended link is remembered.
pub const DAY_MOST: usize = 20;
/// Largest sealed file behind a link, in bytes.
pub const FILE_MOST: usize = 1024 * 1024;
/// Longest name that whoever opens it may give, in characters.
pub const NAME_MOST: usize = 60;
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;
const VERSION: u8 = 1;

/// Why a link is not open any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// Opened as often as was said.
    Used,
    /// Fifteen minutes have passed.
    Expired,
    /// Five wrong PINs.
    Tries,
    /// The citizen or whoever made it took it back.
    Revoked,
    /// The mandate of whoever made it has ended.
    Mandate,
    /// The clock stood before a moment that the link had seen.
    Clock,
}

/// One opening.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// When.
    pub at: Instant,
    /// The name as typed; nobody has checked it.
    pub by: String,
}

/// A link as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    v: u8,
    shelf: CitizenId,
    /// By what pages name it: a part of the hash of its address. It opens nothing.
    pub id: String,
    /// When it was made.
    pub made: Instant,
    /// Until when it is open.
    pub until: Instant,
    /// Who made it.
    pub maker: PersonId,
    /// The name of who made it.
    pub maker_name: String,
    /// For which organisation: a mandate may be an office's.
    organization: OrganizationId,
    role: Role,
    purpose: Purpose,
    rule: String,
    seen: Instant,
    uses: u8,
    tries: u8,
    pin: String,
    /// What the file tells: shelf, kind, numbers, and whether only the citizen herself learns of it. Forgotten with the end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    facts: Vec<(u64, String, String, bool)>,
    /// Who opened it, oldest first.
    pub openings: Vec<Opening>,
    /// Why it is not open any more.
    pub ended: Option<Ended>,
}

impl Link {
    /// How often it can still be opened.
    #[must_use]
    pub const fn uses(&self) -> u8 {
        self.uses
    }

    /// Why it does not open now; `None` if it does.
    #[must_use]
    pub fn closed(&self, now: Instant) -> Option<Ended> {
        match self.ended {
            Some(ended) => Some(ended),
            None if now < self.seen => Some(Ended::Clock),
            None if now >= self.until => Some(Ended::Expired),
            None => None,
        }
    }
}

/// What stands in the link and is kept nowhere: made anew from the form's number, so that a form sent twice makes one link.
#[derive(Clone)]
pub struct LinkSecrets {
    /// Where the sealed file is asked for.
    pub address: [u8; 32],
    /// The key of the file.
    pub key: [u8; 32],
    /// Six digits, told beside the link.
    pub pin: String,
}

impl std::fmt::Debug for LinkSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LinkSecrets(…)")
    }
}

/// What an opening gives.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The sealed file.
    pub file: Vec<u8>,
    /// How often the link can still be opened.
    pub uses: u8,
    /// Until when.
    pub until: Instant,
}

/// Why a link was not made, opened or ended.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// Unknown, used, expired or ended.
    #[error("the link is not open")]
    Closed,
    /// The PIN is wrong; the number is how many tries are left.
    #[error("the PIN is wrong; {0} tries are left")]
    Pin(u8),
    /// The permit is not for taking along.
    #[error("this permit makes no links")]
    Permit,
    /// Too many links are open, or were made in a day.
    #[error("a person has at most {OPEN_MOST} open links, and makes at most {DAY_MOST} in a day")]
    Many,
    /// The file is too large for a link.
    #[error("the file behind a link has at most {FILE_MOST} bytes")]
    Large,
    /// The door said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// No leaf could be left.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store could not read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store did not take it.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The row cannot be read.
    #[error("a link cannot be read; the program may be older than the store")]
    Row,
}

impl Door {
    /// The secrets of the link that a form with this number makes for a shelf.
    #[must_use]
    pub fn link_secrets(&self, shelf: CitizenId, number: &[u8; 16]) -> LinkSecrets {
        let made = |what: &str| self.mac(&[what.as_bytes(), &shelf.0.to_be_bytes(), number]);
        let digits = made("pin").iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        LinkSecrets { address: made("address"), key: made("key"), pin: format!("{:06}", digits % 1_000_000) }
    }

    fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        // HMAC pads a key shorter than its block with zeros (RFC 2104 section 2), so this is the same key.
        let mut block = [0; 64];
        block[..32].copy_from_slice(self.0.link_key.as_slice());
        let mut mac = Hmac::<Sha256>::new(&block.into());
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    fn pin_mark(&self, address: &[u8; 32], pin: &str) -> String {
        hex(&self.mac(&[b"pin-mark", address, pin.as_bytes()]))
    }
}

fn hash(address: &[u8; 32]) -> [u8; 32] {
    Sha256::digest(address).into()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The name as it is told in the log: one line, bounded.
fn plain(name: &str) -> String {
    let words = name.split(|c: char| c.is_whitespace() || c.is_control()).filter(|part| !part.is_empty());
    words.collect::<Vec<_>>().join(" ").chars().take(NAME_MOST).collect()
}
