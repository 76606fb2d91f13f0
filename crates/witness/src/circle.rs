//! The log's side: asks the log's witnesses and remembers what they said.
//!
//! Each new checkpoint is offered to every witness at once; who does not answer within [`ASK`] is asked again later, less
//! and less often. What came is kept for the proofs under that checkpoint. Nothing waits for it but a proof that is asked
//! for, and that for a bounded time.
//!
//! What must hold: checkpoints are offered in their order, one at a time ([`Circle::turn`]); a line counts only if it
//! holds with the key that the operator named.

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tsumugi_kernel::{Clock, Instant};
use tsumugi_ledger::{Fault, Hash, LedgerError, Note, NoteVerifier, Sight, TreeHead, WitnessPolicy, Witnessed};

use crate::{
    AddCheckpoint, Disk as _, Reply, SystemDisk, ask,
    roster::{self, CircleError, Member},
};

/// How long one witness may take to answer.
const ASK: Duration = Duration::from_secs(3);
/// A checkpoint that is still the newest is offered again after so long, so that its age stays small.
const AGAIN_MS: i64 = 10 * 60 * 1_000;
/// How long a witness that failed is left alone: doubled from the first to the second.
const REST_MS: (i64, i64) = (1_000, 60_000);
/// Checkpoints whose cosignatures are remembered.
const KEPT: usize = 16;
/// In a data folder: the newest checkpoint that enough witnesses signed.
const FILE: &str = "witnessed";
/// In a data folder: whom the operator names.
const LIST: &str = "witnesses.json";

/// What the log's side needs of the log.
pub trait Log: Send + Sync + 'static {
    /// The proof that the tree of `old` leaves is the beginning of the one of `new`.
    fn consistency(&self, old: u64, new: u64) -> Pin<Box<dyn Future<Output = Result<Vec<Hash>, String>> + Send + '_>>;
}

/// What keeps a witness from signing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It does not answer.
    Silent,
    /// It does not know this log, or not its key.
    Refused,
    /// What it answers is not signed with the key that it was named with.
    OtherKey,
    /// It has signed a log of this size, longer than this one: this one was set back, or there are two.
    Ahead(u64),
    /// It has signed another history than this one.
    Fork,
}

/// How it stands with one witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberStanding {
    /// Who it is, for people.
    pub name: String,
    /// Its key, as text.
    pub vkey: String,
    /// The size that it signed last, and when by its clock (seconds since 1970).
    pub signed: Option<(u64, u64)>,
    /// What keeps it from signing, and since when by the log's clock.
    pub trouble: Option<(Trouble, Instant)>,
}

/// How it stands with the log and its witnesses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The newest checkpoint that was offered: its size, and when by the log's clock.
    pub offered: Option<(u64, Instant)>,
    /// How many witnesses are demanded; 0 where none is named.
    pub quorum: usize,
    /// The newest checkpoint that enough of them signed: its size, and since when (seconds since 1970).
    pub enough: Option<(u64, u64)>,
    /// Since when, by the log's clock, offers have not been signed by enough; `None` while they are.
    pub too_few_since: Option<Instant>,
    /// The witnesses.
    pub members: Vec<MemberStanding>,
}

/// A checkpoint with what witnesses said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigned {
    /// The note, with as many cosignatures as came.
    pub note: String,
    /// What they say.
    pub witnessed: Witnessed,
}

/// What is known of one member.
#[derive(Clone, Default)]
struct Known {
    /// What it signed last, as it says.
    size: u64,
    signed: Option<(u64, u64)>,
    trouble: Option<(Trouble, Instant)>,
    rest_ms: i64,
    wait_until: Instant,
}

#[derive(Default)]
struct Stand {
    offered: Option<(u64, Instant)>,
    enough: Option<(u64, u64)>,
    too_few_since: Option<Instant>,
    known: Vec<Known>,
    /// Texts of checkpoints with their notes, the newest last.
    kept: VecDeque<(String, String)>,
}

/// A line that was checked with its time, or what keeps the witness from it with the size that it says.
type Answered = Result<(String, u64), (Trouble, Option<u64>)>;

/// The witnesses of a log.
pub struct Circle {
    members: Vec<Member>,
    policy: WitnessPolicy,
    quorum: usize,
    vkey: NoteVerifier,
    log: Arc<dyn Log>,
    clock: Arc<dyn Clock>,
    file: Option<PathBuf>,
    turn: tokio::sync::Mutex<()>,
    stand: Mutex<Stand>,
}

impl Circle {
    /// The witnesses that `witnesses.json` in a data folder names; without the file there are none.
    ///
    /// # Errors
    /// [`CircleError`] if the file is there and cannot be used.
    pub fn of_folder(folder: &Path, vkey: &str, log: Arc<dyn Log>, clock: Arc<dyn Clock>) -> Result<Self, CircleError> {
        let list = folder.join(LIST);
        let (members, quorum) = roster::read(&list)?;
        let circle = Self::new(members, quorum, vkey, log, clock)
            .map_err(|error| CircleError { file: list.display().to_string(), detail: error.to_string() })?;
        Ok(Self { file: Some(folder.join(FILE)), ..circle }.recalled())
    }

    /// These witnesses, of which `quorum` are demanded.
    ///
    /// # Errors
    /// If that can never hold, a key stands twice, or none of several is demanded.
    pub fn new(
        members: Vec<Member>,
        quorum: usize,
        vkey: &str,
        log: Arc<dyn Log>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, LedgerError> {
        if quorum == 0 && !members.is_empty() {
            let detail = "its quorum is 0: say how many of the witnesses must sign";
            return Err(LedgerError::Format { what: "list of witnesses", detail });
        }
        let vkey = NoteVerifier::parse(vkey)?;
        let keys = members.iter().map(|member| member.key.clone()).collect();
        let policy = WitnessPolicy::of(keys, quorum)?.with_log(vkey.clone());
        let stand = Stand { known: vec![Known::default(); members.len()], ..Stand::default() };
        let (turn, stand) = (tokio::sync::Mutex::new(()), Mutex::new(stand));
        Ok(Self { members, policy, quorum, vkey, log, clock, file: None, turn, stand })
    }

    /// Whether there is nobody to ask.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// What a reader must demand, as `c2sp.org/tlog-policy`.
    #[must_use]
    pub fn policy(&self) -> String {
        self.policy.text().unwrap_or_default()
    }

    /// The witnesses.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// How many are demanded.
    #[must_use]
    pub const fn quorum(&self) -> usize {
        self.quorum
    }

    /// How it stands now.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let stand = self.stand();
        let member = |(member, known): (&Member, &Known)| MemberStanding {
            name: member.name.clone(),
            vkey: member.key.vkey(),
            signed: known.signed,
            trouble: known.trouble,
        };
        Standing {
            offered: stand.offered,
            quorum: self.quorum,
            enough: stand.enough,
            too_few_since: stand.too_few_since,
            members: self.members.iter().zip(&stand.known).map(member).collect(),
        }
    }

    /// The newest note that was offered, with what came.
    #[must_use]
    pub fn newest(&self) -> Option<String> {
        self.stand().kept.back().map(|(_, note)| note.clone())
    }

    /// Waits for the turn to offer a checkpoint, so that no later one is offered in between; `None` if others take
    /// longer than two offers may.
    pub async fn turn(&self) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        tokio::time::timeout(2 * ASK, self.turn.lock()).await.ok()
    }

    /// Whether the newest checkpoint, of this size, has yet to be offered: a new one, or one that not all have signed
    /// lately.
    #[must_use]
    pub fn is_due(&self, size: u64) -> bool {
        let now = self.clock.now();
        let stand = self.stand();
        let due = |known: &Known| {
            let lately = known.signed.is_some_and(|(signed, time)| signed == size && is_fresh(time, now));
            now >= known.wait_until && !lately
        };
        stand.offered.is_none_or(|(offered, _)| offered != size) || stand.known.iter().any(due)
    }

    /// Offers a signed checkpoint to every witness that has not signed it lately, and gives it with what came. The
    /// caller holds the turn.
    ///
    /// # Errors
    /// [`Fault`] if the note is no signed checkpoint of this log.
    pub async fn offer(&self, note: &str) -> Result<Cosigned, Fault> {
        let text = self.vkey.open(note)?;
        let head = TreeHead::parse(text)?;
        let now = self.clock.now();
        let mut cosigned = self.kept(text).unwrap_or_else(|| note.to_owned());
        let asked = self.to_ask(&Note::split(&cosigned)?, &head, now);
        let asking = asked.iter().map(|(index, size)| self.one(*index, *size, &head, note));
        let answers = futures_util::future::join_all(asking).await;
        for ((index, _), answer) in asked.iter().zip(answers) {
            if let Some(line) = self.learn(*index, answer, &head, now) {
                cosigned = without(&cosigned, &self.members[*index])?;
                cosigned.push_str(&line);
            }
        }
        let cosigned = self.judged(cosigned, now)?;
        self.remember(text, &cosigned, &head, now);
        Ok(cosigned)
    }

    fn stand(&self) -> MutexGuard<'_, Stand> {
        self.stand.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kept(&self, text: &str) -> Option<String> {
        self.stand().kept.iter().find(|(known, _)| known == text).map(|(_, note)| note.clone())
    }

    fn judged(&self, note: String, now: Instant) -> Result<Cosigned, Fault> {
        let witnessed = self.policy.judge(&Note::split(&note)?, seconds(now));
        Ok(Cosigned { note, witnessed })
    }

    /// Whom to ask, with the size that they signed last.
    fn to_ask(&self, note: &Note<'_>, head: &TreeHead, now: Instant) -> Vec<(usize, u64)> {
        let stand = self.stand();
        // A later checkpoint was offered already: no witness signs an older one.
        if stand.offered.is_some_and(|(size, _)| size > head.size) {
            return Vec::new();
        }
        let mut asked = Vec::new();
        for (index, (member, known)) in self.members.iter().zip(&stand.known).enumerate() {
            let fresh = matches!(member.key.seen(note), Ok(Some(time)) if is_fresh(time, now));
            if !fresh && now >= known.wait_until {
                asked.push((index, known.size));
            }
        }
        asked
    }

    async fn one(&self, index: usize, known: u64, head: &TreeHead, note: &str) -> Answered {
        let mut old = known;
        // The first answer may name another size than was known; more than that is a race with another process.
        for _ in 0..3 {
            if old > head.size {
                return Err((Trouble::Ahead(old), Some(old)));
            }
            let proof = self.log.consistency(old, head.size).await.map_err(|error| {
                tracing::error!(error, "no proof for the witnesses can be made");
                (Trouble::Silent, None)
            })?;
            let request = AddCheckpoint { old, proof, note: note.to_owned() };
            match ask(&self.members[index].address, &request, ASK).await {
                Reply::Lines(lines) => return self.checked(index, note, &lines).ok_or((Trouble::OtherKey, None)),
                Reply::Conflict(size) if size != old => old = size,
                Reply::Conflict(_) | Reply::Unproven => return Err((Trouble::Fork, Some(old))),
                Reply::Refused(_) => return Err((Trouble::Refused, None)),
                Reply::Silent => return Err((Trouble::Silent, None)),
            }
        }
        Err((Trouble::Silent, Some(old)))
    }

    /// The newest line of this member among what it answered, with its time; nothing else is taken.
    fn checked(&self, index: usize, note: &str, lines: &str) -> Option<(String, u64)> {
        let (text, _) = note.rsplit_once("\n\n")?;
        let key = &self.members[index].key;
        let answered = format!("{text}\n\n{lines}");
        let answered = Note::split(&answered).ok()?;
        let each = answered.signatures.into_iter().filter_map(|signature| {
            let one = Note { text: answered.text, signatures: vec![signature] };
            let time = key.seen(&one).ok()??;
            one.signatures.first().map(|(name, bytes)| (Note::line(name, bytes), time))
        });
        each.max_by_key(|(_, time)| *time)
    }

    /// Takes in what a witness answered, and gives its line.
    fn learn(&self, index: usize, answer: Answered, head: &TreeHead, now: Instant) -> Option<String> {
        let mut stand = self.stand();
        let known = stand.known.get_mut(index)?;
        match answer {
            Ok((line, time)) => {
                *known = Known { size: head.size, signed: Some((head.size, time)), ..Known::default() };
                Some(line)
            }
            Err((trouble, size)) => {
                if known.trouble.is_none_or(|(before, _)| before != trouble) {
                    tracing::warn!(witness = self.members[index].name, ?trouble, "a witness does not sign");
                    known.trouble = Some((trouble, now));
                }
                known.size = size.unwrap_or(known.size);
                known.rest_ms = (known.rest_ms * 2).clamp(REST_MS.0, REST_MS.1);
                known.wait_until = now.plus_millis(known.rest_ms);
                None
            }
        }
    }

    fn remember(&self, text: &str, cosigned: &Cosigned, head: &TreeHead, now: Instant) {
        let mut stand = self.stand();
        if stand.offered.is_some_and(|(size, _)| size > head.size) {
            return;
        }
        if stand.offered.is_none_or(|(size, _)| size < head.size) {
            stand.offered = Some((head.size, now));
        }
        stand.kept.retain(|(known, _)| known != text);
        stand.kept.push_back((text.to_owned(), cosigned.note.clone()));
        if stand.kept.len() > KEPT {
            stand.kept.pop_front();
        }
        if let Some(since) = cosigned.witnessed.enough_at {
            let news = stand.enough != Some((head.size, since));
            stand.enough = Some((head.size, since));
            stand.too_few_since = None;
            drop(stand);
            if news {
                self.write(&cosigned.note);
            }
        } else if cosigned.witnessed.demanded && stand.too_few_since.is_none() {
            stand.too_few_since = Some(now);
        }
    }

    /// Keeps the newest checkpoint that enough have signed, so that a start without witnesses knows it. What fails here
    /// costs that knowledge only.
    fn write(&self, note: &str) {
        if let Some(file) = &self.file
            && let Err(error) = SystemDisk.replace(file, note.as_bytes())
        {
            tracing::warn!(%error, "the newest witnessed checkpoint could not be written");
        }
    }

    /// What the file says, if it is a checkpoint of this log.
    fn recalled(self) -> Self {
        let Some(note) = self.file.as_ref().and_then(|file| std::fs::read_to_string(file).ok()) else { return self };
        let head = self.vkey.open(&note).and_then(TreeHead::parse);
        let judged = self.judged(note.clone(), self.clock.now());
        if let (Ok(head), Ok(cosigned)) = (head, judged) {
            let mut stand = self.stand();
            stand.enough = cosigned.witnessed.enough_at.map(|since| (head.size, since));
            for (known, seen) in stand.known.iter_mut().zip(&cosigned.witnessed.seen) {
                if let Sight::At(time) = seen.sight {
                    known.size = head.size;
                    known.signed = Some((head.size, time));
                }
            }
        } else {
            tracing::warn!("the newest witnessed checkpoint in the folder cannot be read; it is written anew");
        }
        self
    }
}

impl std::fmt::Debug for Circle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Circle({} of {})", self.quorum, self.members.len())
    }
}

/// The note without the lines of this member: an older line of it gives way to a newer one.
fn without(note: &str, member: &Member) -> Result<String, Fault> {
    let note = Note::split(note)?;
    let mut rest = format!("{}\n", note.text);
    for (name, bytes) in note.signatures {
        let one = Note { text: note.text, signatures: vec![(name, bytes)] };
        if matches!(member.key.seen(&one), Ok(None)) {
            rest.extend(one.signatures.iter().map(|(name, bytes)| Note::line(name, bytes)));
        }
    }
    Ok(rest)
}

fn seconds(now: Instant) -> u64 {
    u64::try_from(now.0 / 1_000).unwrap_or(0)
}

/// Whether a signature's time is near enough to now.
fn is_fresh(time: u64, now: Instant) -> bool {
    i64::try_from(time).is_ok_and(|time| now.0.saturating_sub(time.saturating_mul(1_000)) < AGAIN_MS)
}
