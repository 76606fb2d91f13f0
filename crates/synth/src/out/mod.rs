//! A town or a story as a folder that `tsumugi import DIR` loads by itself.
//!
//! ```text
//! DIR/
//!   manifest.json           what is in the folder: town, chunks with their hashes and counts ([`Manifest`])
//!   directory.json          organisations and people who sign in ([`Directory`](crate::Directory))
//!   people.json             whom a visitor of the demo may be ([`PersonToBe`](crate::story::PersonToBe))
//!   story.jsonl.zst         what is sent in the stories, in the order of time
//!   town/0000000.jsonl.zst  what is sent about citizens 0 … 63, person by person, each in the order of time
//!   town/0000064.jsonl.zst  …
//!   truth.jsonl.zst         what only the maker of the town knows, a line each citizen ([`Truth`](crate::truth::Truth))
//!   comparison.json         the town beside Japan's numbers ([`Comparison`](crate::compare::Comparison)), where asked for
//! ```
//!
//! A line is one message: an [`Envelope`] whose last member is the body, kept byte for byte ([`envelope`]). An import reads
//! `manifest.json`, registers `directory.json`, takes the story in its order, and then the people: those of one household
//! one after the other, the messages of a person in their order, because later ones name their subject by numbers that
//! earlier ones have made known. Standing (the office in charge, the mandate) is among the messages.
//!
//! What must hold: the same town gives the same bytes, whatever the number of threads; a chunk that is not what the
//! manifest says is named and not read; memory holds a few chunks, never the town.

mod chunk;
pub mod envelope;
mod write;

use serde::{Deserialize, Serialize};

pub use chunk::read_chunk;
pub use envelope::{Envelope, Message};
pub use write::write_out;

use crate::town::{Detail, Sources, Town};

/// The format that [`Manifest::format`] names.
pub const FORMAT: &str = "tsumugi-synth/2";

/// Citizens in one chunk.
pub const CHUNK: u64 = 64;

/// The file `manifest.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// Which town it is.
    pub town: TownName,
    /// The story's messages.
    pub story: Chunk,
    /// The citizens' messages, in the order of their numbers.
    pub chunks: Vec<Chunk>,
    /// The truth.
    pub truth: TruthFile,
}

impl Manifest {
    /// Messages of the story and of the town.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.story.messages + self.chunks.iter().map(|chunk| chunk.messages).sum::<u64>()
    }

    /// Resources in them.
    #[must_use]
    pub fn resources(&self) -> u64 {
        self.story.resources + self.chunks.iter().map(|chunk| chunk.resources).sum::<u64>()
    }
}

/// What makes a town: the same name, the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TownName {
    /// The seed.
    pub seed: u64,
    /// How many citizens it has, besides those of the stories.
    pub citizens: u64,
    /// The day on which it is seen: `2026-11-22`.
    pub today: String,
    /// How much of each life is told: `whole`, `recent:3`, `claims:3`; with `+usual` where sources make mistakes.
    pub detail: String,
}

impl TownName {
    /// The name of a town.
    #[must_use]
    pub fn of(town: &Town) -> Self {
        let detail = match town.detail() {
            Detail::Whole => "whole".to_owned(),
            Detail::Recent { years } => format!("recent:{years}"),
            Detail::Claims { years } => format!("claims:{years}"),
        };
        let sources = if town.sources() == Sources::Usual { "+usual" } else { "" };
        let detail = detail + sources;
        Self { seed: town.seed(), citizens: town.citizens(), today: town.today().to_string(), detail }
    }
}

/// A file of messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// Where it is, from the folder.
    pub file: String,
    /// SHA-256 of the file as it lies there, in hexadecimal.
    pub sha256: String,
    /// Bytes when unpacked.
    pub bytes: u64,
    /// The first citizen; 0 for the story.
    pub first: u64,
    /// How many citizens; 0 for the story.
    pub citizens: u64,
    /// Messages.
    pub messages: u64,
    /// Resources in the messages; a bundle itself is none.
    pub resources: u64,
}

/// The file of the truth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TruthFile {
    /// Where it is, from the folder.
    pub file: String,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Lines in it.
    pub lines: u64,
}
