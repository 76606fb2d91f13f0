//! A file of messages: JSON lines, packed with zstd, with the hash of the file.

use std::{
    io::{Read as _, Write as _},
    path::Path,
};

use sha2::{Digest as _, Sha256};

use super::{Chunk, Message};
use crate::outgoing::SynthError;

/// How hard to pack: quick, and four fifths of what the hardest gains.
const LEVEL: i32 = 3;

/// Most bytes that a chunk may have when unpacked, whatever its manifest says.
const MOST_BYTES: u64 = 1 << 30;

/// Packs lines one after the other.
pub(super) struct Packer {
    encoder: zstd::Encoder<'static, Vec<u8>>,
    line: Vec<u8>,
    bytes: u64,
    messages: u64,
    resources: u64,
}

impl Packer {
    pub fn new() -> Result<Self, SynthError> {
        let encoder = zstd::Encoder::new(Vec::new(), LEVEL).map_err(SynthError::Pack)?;
        Ok(Self { encoder, line: Vec::new(), bytes: 0, messages: 0, resources: 0 })
    }

    pub fn message(&mut self, message: &Message) -> Result<(), SynthError> {
        self.line.clear();
        message.write(&mut self.line)?;
        self.encoder.write_all(&self.line).map_err(SynthError::Pack)?;
        self.bytes += self.line.len() as u64;
        self.messages += 1;
        self.resources += message.resources();
        Ok(())
    }

    /// One line of something else: of truth.
    pub fn line(&mut self, text: &str) -> Result<(), SynthError> {
        self.encoder.write_all(text.as_bytes()).map_err(SynthError::Pack)?;
        self.encoder.write_all(b"\n").map_err(SynthError::Pack)
    }

    /// The packed bytes, and what a manifest says of them under the name `file`.
    pub fn finish(self, file: String, first: u64, citizens: u64) -> Result<(Vec<u8>, Chunk), SynthError> {
        let packed = self.encoder.finish().map_err(SynthError::Pack)?;
        let sha256 = hash(&packed);
        let (bytes, messages, resources) = (self.bytes, self.messages, self.resources);
        Ok((packed, Chunk { file, sha256, bytes, first, citizens, messages, resources }))
    }
}

/// SHA-256 in hexadecimal.
pub(super) fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The messages of a chunk of the folder `dir`, in their order.
///
/// # Errors
/// [`SynthError::Damaged`] names the chunk that is not what the manifest says; [`SynthError::Read`] the one that cannot be
/// read.
pub fn read_chunk(dir: &Path, chunk: &Chunk) -> Result<Vec<Message>, SynthError> {
    let path = dir.join(&chunk.file);
    let damaged = |what| SynthError::Damaged { path: path.clone(), what };
    let packed = std::fs::read(&path).map_err(|source| SynthError::Read { path: path.clone(), source })?;
    if hash(&packed) != chunk.sha256 {
        return Err(damaged("its SHA-256 is not that of the manifest"));
    }
    if chunk.bytes > MOST_BYTES {
        return Err(damaged("the manifest gives it more bytes than a chunk may have"));
    }
    let decoder = zstd::Decoder::new(packed.as_slice()).map_err(|_| damaged("it is not packed with zstd"))?;
    let mut text = Vec::new();
    decoder.take(chunk.bytes + 1).read_to_end(&mut text).map_err(|_| damaged("it cannot be unpacked"))?;
    if text.len() as u64 != chunk.bytes {
        return Err(damaged("it has another length than the manifest says"));
    }
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let messages: Option<Vec<Message>> = lines.map(Message::read).collect();
    let messages = messages.ok_or_else(|| damaged("a line in it is no message"))?;
    if messages.len() as u64 != chunk.messages {
        return Err(damaged("it has another number of messages than the manifest says"));
    }
    Ok(messages)
}
