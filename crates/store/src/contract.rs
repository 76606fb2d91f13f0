//! The contract of every store: what it keeps, what it promises, how it fails.
//!
//! A store holds **shelves** (facts by citizen, every version), **originals** (the bytes as sent, content-addressed),
//! **directories** (small rows by table and key, for the crates that own them), the **ledger's leaves** with their
//! tiles, chains and checkpoints, and the **outbox**.
//!
//! # Guarantees
//! 1. *All or nothing.* A [`Batch`] is wholly there or not at all, also after a crash at any moment.
//! 2. *Durable before answered.* When [`Store::commit`] returns `Ok`, the batch survives the loss of power.
//! 3. *Decided on what is.* Every [`Expectation`] holds at the moment of the commit, or nothing is written.
//! 4. *One order.* Commits have increasing points; a read at a point sees exactly the commits up to it.
//! 5. *Numbered leaves.* The n-th leaf of a label carries number n and the head of the chain before it; the leaf's
//!    place in the log is given in the same commit. The tree, the map and a signed checkpoint follow at
//!    [`Store::publish`]; between the two a leaf is "proof pending".
//! 6. *Bounded.* A full queue answers [`CommitError::Busy`] before anything is written; scans come in bounded pages.
//!
//! # Failures
//! - [`CommitError::Unknown`]: the engine failed while committing, so the batch may or may not be there. The caller
//!   repeats with the same expectations or reads back; nothing else may be concluded.
//! - A damaged page, a newer format, a missing dictionary, a log that does not match its checkpoint: the store refuses
//!   to open or to answer ([`StoreError::Damaged`], [`StoreError::Format`]); it never guesses.
//! - After a failed write to the disk (full, read-only) the store goes on reading and refuses writes with
//!   [`CommitError::Refused`] until it is opened again or a write succeeds.
//!
//! Nothing here knows FHIR, rules or HTTP.

use std::{future::Future, pin::Pin};

use bytes::Bytes;
use tsumugi_kernel::{CitizenId, FactKey, Instant, Kind};
use tsumugi_ledger::{Checkpoint, DraftLeaf, Hash, Label};

/// What a call gives, in its time.
pub type Answer<'a, T, E = StoreError> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'a>>;

/// A moment in the order of commits. `Point(0)` is before the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Point(pub u64);

impl Point {
    /// The present: all that is committed when the read starts.
    pub const NOW: Self = Self(u64::MAX >> 1);
}

/// Which directory a row belongs to, and so which crate owns it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Table {
    /// `people`: identifier → citizen.
    Identifier = 1,
    /// `people`: citizen → what is known of the person.
    Citizen = 2,
    /// `people`: organisations.
    Organization = 3,
    /// `people`: people who sign in.
    Person = 4,
    /// `people`: matches waiting for a person to decide.
    MatchQueue = 5,
    /// `people`: blocking keys → citizens with what is compared of them, for finding candidates.
    MatchKey = 6,
    /// `people`: the sealed vault of individual numbers (マイナンバー): keyed hash → sealed value. Nothing else stands there.
    Vault = 12,
    /// `people`: insurance histories, and insured numbers → citizens.
    Coverage = 13,
    /// `people`: results of members' files, by sender and content.
    MemberFile = 14,
    /// `people`: staff rosters, and the insurer numbers under which an organisation acts.
    Roster = 15,
    /// `people`: pair of citizens → what clerks decided about it.
    MatchDecision = 7,
    /// `people`: citizen → the merges that make several shelves one person's.
    Merged = 8,
    /// `people`: number of a merge → who decided it, when it was undone, what is still open.
    MergeRecord = 9,
    /// `access`: a citizen's standing: care relations, restrictions, mandates, consents.
    Standing = 16,
    /// `access`: person → citizens for whom the person holds a mandate.
    MandateHolder = 17,
    /// `access`: citizen → what she wants to be told of looks, and up to when her notices were read.
    Notice = 18,
    /// `access`: cases of looks that broke the glass or were odd, with the supervising body's queue.
    Case = 19,
    /// `access`: what the screening of looks remembers.
    Screen = 20,
    /// `access`: (citizen, when it was replaced) → what stood in her standing until then.
    StandingPast = 21,
    /// `access`: moment → the policies that hold from then on.
    PolicyPast = 22,
    /// `access`: openings of the disaster mode, searches made under them, and looks without a network that were told later.
    Disaster = 25,
    /// `access`: papers handed in at a desk, with each desk's queue of those that wait for a second clerk.
    Paper = 26,
    /// `access`: links that a citizen handed out: what they are for, and the sealed file while they are open.
    Link = 23,
    /// `access`: citizen → where letters about her notices go; letters that wait.
    Mail = 27,
    /// `signin`: its own.
    Signin = 24,
    /// `record`: (organisation, kind, client's id) → fact.
    Alias = 32,
    /// `record`: (organisation, bundle identifier) → what that submission put on the shelf.
    Submission = 33,
    /// `record`: submissions that were refused, with their findings; bytes are kept as originals.
    Quarantine = 34,
    /// `record`: organisation → its submissions, for the organisation's own view.
    Inbox = 35,
}

/// Whether a version is a fact or the mark that the fact was taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The fact stands.
    Live,
    /// The fact was deleted; the version is the tombstone.
    Gone,
}

/// One new version of one fact.
#[derive(Clone, Debug)]
pub struct NewVersion {
    /// Where it stands.
    pub key: FactKey,
    /// 1 for the first; each next is one more. An [`Expectation::Version`] usually goes with it.
    pub version: u32,
    /// Fact or tombstone.
    pub state: State,
    /// When the server received it.
    pub instant: Instant,
    /// SHA-256 of the original bytes that it was understood from.
    pub origin: Option<Hash>,
    /// Values that lens and search look at, as `record` packed them. At most 64 KiB.
    pub values: Vec<u8>,
    /// The FHIR JSON as answered (empty for a tombstone).
    pub body: Vec<u8>,
}

/// One row of a directory: `None` removes it.
#[derive(Clone, Debug)]
pub struct Row {
    /// The directory.
    pub table: Table,
    /// The key, ordered by its bytes.
    pub key: Vec<u8>,
    /// The value, or `None` to remove the row.
    pub value: Option<Vec<u8>>,
}

/// What must hold at the moment of the commit.
#[derive(Clone, Debug)]
pub enum Expectation {
    /// The newest version of the fact has this number; 0 means that there is none.
    Version(FactKey, u32),
    /// The row is absent (`None`) or has exactly this value.
    Row(Table, Vec<u8>, Option<Vec<u8>>),
}

/// One event for those who wait outside the commit.
#[derive(Clone, Debug)]
pub struct Event {
    /// What happened, for example `document.registered`.
    pub topic: &'static str,
    /// The event's own bytes.
    pub payload: Vec<u8>,
}

/// Everything that one commit writes. A batch touches one shelf (all versions name one citizen) and any directories;
/// only where shelves are joined as one person's may it touch those that it names.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Shelves joined as one person's that the versions may stand on. Empty for nearly all: then there is one shelf.
    pub joined: Vec<CitizenId>,
    /// Checked first; if one fails nothing is written.
    pub expect: Vec<Expectation>,
    /// Bytes as sent. Kept under their SHA-256; the same bytes are kept once.
    pub originals: Vec<Bytes>,
    /// New versions.
    pub versions: Vec<NewVersion>,
    /// Directory rows.
    pub rows: Vec<Row>,
    /// Leaves: one per citizen and request.
    pub leaves: Vec<DraftLeaf>,
    /// Events.
    pub events: Vec<Event>,
}

/// Where a leaf landed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeafPlace {
    /// Index in the log, from 0.
    pub index: u64,
    /// The citizen's own number of the leaf, from 1.
    pub number: u64,
    /// The leaf's hash.
    pub hash: Hash,
}

/// What a commit gives back.
#[derive(Clone, Debug, Default)]
pub struct Committed {
    /// The commit's point.
    pub point: Point,
    /// Where each leaf landed, in the order of the batch.
    pub leaves: Vec<LeafPlace>,
}

/// Why a commit did not happen.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// An expectation did not hold; nothing was written. The number is the expectation's index.
    #[error("expectation {0} of the batch does not hold; nothing was written")]
    Conflict(usize),
    /// The queue is full; nothing was written.
    #[error("the store is busy; nothing was written")]
    Busy,
    /// The batch breaks a rule of the contract; nothing was written.
    #[error("the batch cannot be written: {0}")]
    Batch(&'static str),
    /// The engine refused (full disk, read-only folder); nothing was written.
    #[error("the store cannot write: {0}")]
    Refused(String),
    /// The engine failed while committing: the batch may or may not be there.
    #[error("the store failed while committing; the outcome is unknown: {0}")]
    Unknown(String),
}

/// Why a read or an opening failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder holds another format than this program knows.
    #[error("the store has format {found}, this program reads {known}; use the program that wrote it, or a newer one")]
    Format {
        /// What the folder says.
        found: String,
        /// What this program reads.
        known: String,
    },
    /// What was read does not fit together; `what` names the part.
    #[error("the store is damaged in {what}: {detail}; restore it from a copy")]
    Damaged {
        /// The part: a table, a page, the ledger.
        what: &'static str,
        /// What did not fit.
        detail: String,
    },
    /// The folder is missing, foreign, or cannot be read.
    #[error("the store at {path} cannot be opened: {detail}")]
    Folder {
        /// The folder.
        path: String,
        /// What is wrong, and what to do.
        detail: String,
    },
    /// The engine failed to read.
    #[error("the store cannot read: {0}")]
    Engine(String),
}

/// One version as read. The body stays compressed until [`StoredFact::body`] is asked for.
#[derive(Clone, Debug)]
pub struct StoredFact {
    /// Where it stands.
    pub key: FactKey,
    /// Its version.
    pub version: u32,
    /// Fact or tombstone.
    pub state: State,
    /// When the server received it.
    pub instant: Instant,
    /// The commit that wrote it.
    pub since: Point,
    /// SHA-256 of the original bytes.
    pub origin: Option<Hash>,
    /// Values for lens and search.
    pub values: Bytes,
    /// The body as the engine keeps it.
    pub packed: PackedBody,
}

/// A body as the engine keeps it, and how to unfold it.
#[derive(Clone, Debug)]
pub struct PackedBody {
    /// Compressed (or, with `codec` `None`, plain) bytes.
    pub bytes: Bytes,
    /// The codec that unfolds them.
    pub codec: Option<crate::codec::Codec>,
}

impl StoredFact {
    /// The body as it was committed.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if the bytes do not unfold.
    pub fn body(&self) -> Result<Bytes, StoreError> {
        match &self.packed.codec {
            None => Ok(self.packed.bytes.clone()),
            Some(codec) => codec.unfold(&self.packed.bytes),
        }
    }
}

/// Which part of a shelf to read.
#[derive(Clone, Copy, Debug)]
pub struct ShelfScan {
    /// Whose shelf.
    pub citizen: CitizenId,
    /// One kind, or all.
    pub kind: Option<Kind>,
    /// As of which point.
    pub at: Point,
    /// Continue after this fact.
    pub after: Option<(Kind, u64)>,
    /// Stop after about this many bytes; the page says whether there is more.
    pub most_bytes: usize,
    /// Whether facts that were deleted are given as well, by their tombstones: for histories.
    pub tombstones: bool,
}

impl ShelfScan {
    /// A scan from the beginning, without tombstones.
    #[must_use]
    pub const fn of(citizen: CitizenId, kind: Option<Kind>, at: Point, most_bytes: usize) -> Self {
        Self { citizen, kind, at, after: None, most_bytes, tombstones: false }
    }
}

/// A page of facts, by (kind, number), newest version of each at the scan's point.
#[derive(Clone, Debug, Default)]
pub struct ShelfPage {
    /// The facts.
    pub facts: Vec<StoredFact>,
    /// Where to continue, if there is more.
    pub next: Option<(Kind, u64)>,
}

/// A leaf as read from the log.
#[derive(Clone, Debug)]
pub struct StoredLeaf {
    /// Index in the log.
    pub index: u64,
    /// The leaf's bytes: what the log's hash covers.
    pub bytes: Bytes,
}

/// A checkpoint as published.
#[derive(Clone, Debug)]
pub struct PublishedCheckpoint {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The signed note.
    pub note: String,
}

/// What `/metrics` and the operator ask.
#[derive(Clone, Copy, Debug, Default)]
pub struct Status {
    /// The newest point.
    pub point: Point,
    /// Leaves in the log.
    pub leaves: u64,
    /// Leaves covered by the newest checkpoint.
    pub published: u64,
    /// Batches waiting for the writer.
    pub waiting: u64,
}

/// A store. See the module's text for what every engine promises.
pub trait Store: Send + Sync + 'static {
    /// Reserves `count` numbers for new citizens and facts and gives the first. Numbers are unique in the store and
    /// never given twice, also after a restart; gaps are normal.
    fn reserve(&self, count: u32) -> u64;

    /// Writes a batch. See the guarantees above.
    fn commit(&self, batch: Batch) -> Answer<'_, Committed, CommitError>;

    /// The newest version of a fact at a point, tombstone included.
    fn fact(&self, key: FactKey, at: Point) -> Answer<'_, Option<StoredFact>>;

    /// One version of a fact.
    fn version(&self, key: FactKey, version: u32) -> Answer<'_, Option<StoredFact>>;

    /// Every version of a fact, newest first, tombstones included.
    fn history(&self, key: FactKey) -> Answer<'_, Vec<StoredFact>>;

    /// A page of a shelf.
    fn shelf(&self, scan: ShelfScan) -> Answer<'_, ShelfPage>;

    /// An original by its SHA-256.
    fn original(&self, hash: Hash) -> Answer<'_, Option<Bytes>>;

    /// A directory row.
    fn row(&self, table: Table, key: &[u8]) -> Answer<'_, Option<Bytes>>;

    /// Directory rows whose key starts with `prefix` and is greater than `after`, at most `most`.
    fn rows(&self, table: Table, prefix: &[u8], after: Option<&[u8]>, most: usize) -> Answer<'_, Vec<(Bytes, Bytes)>>;

    /// A citizen's leaves with numbers in `from..=to`, in order.
    fn leaves_of(&self, label: Label, from: u64, to: u64) -> Answer<'_, Vec<StoredLeaf>>;

    /// The count and head of a label's chain; `None` if it has no leaf.
    fn chain(&self, label: Label) -> Answer<'_, Option<(u64, Hash)>>;

    /// Leaves of the log with indexes in `from..to`, in order, for auditors.
    fn log(&self, from: u64, to: u64) -> Answer<'_, Vec<StoredLeaf>>;

    /// Integrates all committed leaves into tree and map and signs a checkpoint; gives the newest checkpoint (also
    /// when nothing is new).
    fn publish(&self) -> Answer<'_, PublishedCheckpoint>;

    /// The newest published checkpoint, without publishing.
    fn checkpoint(&self) -> Answer<'_, Option<PublishedCheckpoint>>;

    /// A hash tile of the log, as `c2sp.org/tlog-tiles` lays it out: `width` hashes (1..=256).
    fn tile(&self, level: u8, index: u64, width: u16) -> Answer<'_, Option<Vec<Hash>>>;

    /// The path of a label in the map of the newest checkpoint, with that checkpoint, taken together.
    fn map_path(&self, label: Label) -> Answer<'_, (PublishedCheckpoint, tsumugi_ledger::MapPath)>;

    /// Events after `after`, at most `most`, with their numbers.
    fn events(&self, after: u64, most: usize) -> Answer<'_, Vec<(u64, String, Bytes)>>;

    /// Numbers for the operator.
    fn status(&self) -> Status;
}
