//! The witness: decides about one checkpoint after the other, and signs what continues what it signed.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

use tsumugi_kernel::Clock;
use tsumugi_ledger::{Cosigner, Note, NoteVerifier, TreeHead, empty_root, verify_consistency};

use crate::{AddCheckpoint, Memory, Remembered};

/// How far the clock may have been set back, in seconds, before the witness stops signing; within it the last time is
/// given again, so that a clock that is corrected a little holds nothing up.
const CLOCK_STEP: u64 = 60;

/// A witness.
pub struct Witness {
    cosigner: Cosigner,
    logs: Vec<NoteVerifier>,
    memory: Memory,
    clock: Arc<dyn Clock>,
    /// Held from reading the memory to signing: two requests never see the same old checkpoint.
    turn: Mutex<()>,
}

/// What a witness answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 200: the signature line.
    Cosigned(String),
    /// 400: what is not of the form.
    Malformed(&'static str),
    /// 403: no key that is trusted for this log signed.
    Unsigned,
    /// 404: the log is not one of those that are witnessed.
    Unknown,
    /// 409: the size of the newest checkpoint that was signed.
    Conflict(u64),
    /// 422: the tree does not continue the one that was signed.
    Unproven,
    /// 503: this witness cannot sign now. The reason is for its operator.
    Unable(String),
}

impl Witness {
    /// A witness of these logs.
    #[must_use]
    pub fn new(cosigner: Cosigner, logs: Vec<NoteVerifier>, memory: Memory, clock: Arc<dyn Clock>) -> Self {
        Self { cosigner, logs, memory, clock, turn: Mutex::new(()) }
    }

    /// Its public key, as text.
    #[must_use]
    pub fn vkey(&self) -> String {
        self.cosigner.public().vkey()
    }

    /// The logs that it witnesses.
    #[must_use]
    pub fn logs(&self) -> &[NoteVerifier] {
        &self.logs
    }

    /// The newest checkpoint of a log that it signed, for whoever compares.
    ///
    /// # Errors
    /// If it cannot be read, or its last write failed.
    pub fn newest(&self, origin: &str) -> io::Result<Remembered> {
        self.memory.shown(origin)
    }

    /// Decides about the body of an `add-checkpoint`. Blocks until the disk has it.
    pub fn add_checkpoint(&self, body: &[u8]) -> Answer {
        let request = match AddCheckpoint::parse(body) {
            Ok(request) => request,
            Err(reason) => return Answer::Malformed(reason),
        };
        let Ok(note) = Note::split(&request.note) else {
            return Answer::Malformed("the checkpoint is not a signed note");
        };
        let Ok(head) = TreeHead::parse(note.text) else { return Answer::Malformed("the note is not a checkpoint") };
        let mut keys = self.logs.iter().filter(|key| key.name() == head.origin).peekable();
        if keys.peek().is_none() {
            return Answer::Unknown;
        }
        if !keys.any(|key| key.open(&request.note).is_ok()) {
            return Answer::Unsigned;
        }
        if request.old > head.size {
            return Answer::Malformed("the old size is larger than the checkpoint's");
        }
        self.decide(&request, &note, &head).unwrap_or_else(Answer::Unable)
    }

    fn decide(&self, request: &AddCheckpoint, note: &Note<'_>, head: &TreeHead) -> Result<Answer, String> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.memory.of(&head.origin).map_err(|error| format!("its memory cannot be read: {error}"))?;
        let signed = known.head().map_err(|fault| format!("its memory cannot be read: {fault}"))?;
        let (size, root) = signed.as_ref().map_or_else(|| (0, empty_root()), |signed| (signed.size, signed.root));
        if request.old != size {
            return Ok(Answer::Conflict(size));
        }
        if head.size == size {
            // One tree has one map: two checkpoints of a size that differ in anything are two histories.
            let same = head.root == root && signed.as_ref().is_none_or(|signed| signed.extension == head.extension);
            if !same {
                tracing::error!(size, "a log shows two histories of one size; nothing was signed");
                return Ok(Answer::Conflict(size));
            }
        }
        if verify_consistency(size, &root, head.size, &head.root, &request.proof).is_err() {
            return Ok(Answer::Unproven);
        }
        let now = self.seconds();
        if now.saturating_add(CLOCK_STEP) < known.time {
            return Err(format!("its clock was set back by {} seconds", known.time - now));
        }
        let time = now.max(known.time);
        let line = self.cosigner.cosign(note.text, time);
        let of_log = note.signatures.iter().filter(|(name, _)| *name == head.origin);
        let lines: String = of_log.map(|(name, bytes)| Note::line(name, bytes)).collect();
        let kept = Remembered { origin: head.origin.clone(), time, note: format!("{}\n{lines}{line}", note.text) };
        self.memory.keep(&kept).map_err(|error| format!("its memory cannot be written: {error}"))?;
        Ok(Answer::Cosigned(line))
    }

    fn seconds(&self) -> u64 {
        u64::try_from(self.clock.now().0 / 1_000).unwrap_or(0)
    }
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Witness({:?}, {:?})", self.cosigner, self.memory)
    }
}
