//! Both ends of the witness protocol (`c2sp.org/tlog-witness`): the witness, a small server of its own that cosigns a
//! log's checkpoints, and the log's side, which asks its witnesses and remembers what they said.
//!
//! A log can prove to each reader that nothing was left out of what it shows to that reader. It cannot prove that it
//! shows everybody the same. Somebody else can: who signs only one history, and says when. That is a witness.
//!
//! # What must hold
//! - A witness signs a checkpoint only if it continues the one that it signed last, and only after that is durable: no
//!   crash and no failed write lets it sign two histories.
//! - A witness signs no time before one that it has signed.
//! - The log's side never holds up anything but the proof that is asked for, and that for a bounded time.
//! - Nothing here knows a store, a citizen or what a leaf says.

mod ask;
mod circle;
mod compare;
mod desk;
mod folder;
mod http;
mod memory;
mod protocol;
mod roster;

pub use ask::{Address, Reply, ask};
pub use circle::{Circle, Cosigned, Log, MemberStanding, Standing, Trouble};
pub use compare::{Compared, compare};
pub use desk::{Answer, Witness};
pub use folder::{FolderError, WitnessFolder};
pub use http::router;
pub use memory::{Disk, Memory, Remembered, SystemDisk};
pub use protocol::AddCheckpoint;
pub use roster::{CircleError, Member};
