//! A small log that is the same on every run: the ground on which proofs are made, mutated and measured.

#![allow(dead_code, reason = "shared by tests and examples, each uses a part")]
#![expect(clippy::expect_used, reason = "a sample that cannot be made fails the test")]

use std::collections::{BTreeMap, HashMap};

use tsumugi_ledger::{
    Checkpoint, CompletenessProof, Hash, Inclusion, Label, Leaf, LeafKeys, LedgerError, LookPart, Part, Readable,
    Signer, SparseMap, Tree, chain, completeness, inclusion_proof, leaf_hash,
    look::{Decision, LookOrganization, LookPerson},
};

pub const ORIGIN: &str = "tsumugi.example/log";

/// SplitMix64 (S. Vigna): enough for choosing what to break.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).expect("below a usize")
    }

    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.next().to_be_bytes()[0])
    }
}

pub fn keys() -> LeafKeys {
    LeafKeys::new([0x11; 32], [0x22; 32])
}

pub fn signer() -> Signer {
    Signer::new(ORIGIN, [0x33; 32]).expect("a good name")
}

pub fn label(citizen: u64) -> Label {
    Label::blind(&[0x44; 32], &citizen.to_be_bytes())
}

pub fn look(citizen: u64, number: u64) -> LookPart {
    LookPart {
        v: 1,
        time: 1_790_000_000_000 + i64::try_from(number).expect("small") * 60_000,
        action: "everything".into(),
        person: LookPerson {
            id: format!("person-{citizen}-{number}"),
            name: "髙橋 明子".into(),
            qualification: Some("nurse".into()),
        },
        organization: LookOrganization { id: "tsumugi-hospital".into(), name: "つむぎ病院".into() },
        on_behalf: None,
        automatic: false,
        role: "nurse".into(),
        purpose: "TREAT".into(),
        rule: "care-relation".into(),
        reason: None,
        opening: None,
        offline: None,
        shown: BTreeMap::from([("Condition".to_owned(), "1-3,7".to_owned())]),
        self_only: BTreeMap::new(),
        count: 4,
        decision: Decision::Shown,
    }
}

/// Rows of one bucket of the map.
pub type Rows = Result<Vec<(Label, u64, Hash)>, LedgerError>;

/// A log with everything that is needed to prove from it.
#[derive(Clone, Default)]
pub struct Log {
    pub leaves: Vec<Vec<u8>>,
    pub chains: BTreeMap<Label, (u64, Hash)>,
    pub tree: Tree,
    pub tiles: HashMap<(u8, u64), Vec<Hash>>,
}

impl Log {
    /// A log of `leaves` looks at `citizens` citizens (numbered from 0).
    pub fn sample(citizens: usize, leaves: usize, seed: u64) -> Self {
        let mut random = Random(seed);
        let mut log = Self::default();
        for _ in 0..leaves {
            let citizen = random.below(citizens) as u64;
            log.append(citizen, random.bytes());
        }
        log
    }

    pub fn append(&mut self, citizen: u64, nonce: [u8; 16]) {
        let leaf = self.next_leaf(citizen, nonce);
        self.push(&leaf);
    }

    /// The leaf that would come next for a citizen.
    pub fn next_leaf(&self, citizen: u64, nonce: [u8; 16]) -> Leaf {
        let label = label(citizen);
        let (count, head) = self.chains.get(&label).copied().unwrap_or((0, chain::START));
        let part = look(citizen, count + 1).to_bytes().expect("JSON");
        keys().seal(label, nonce, &part, &part).expect("it fits").placed(count + 1, head)
    }

    pub fn push(&mut self, leaf: &Leaf) {
        let bytes = leaf.encode();
        let hash = leaf_hash(&bytes);
        let head = chain::next(&leaf.label, leaf.number, &leaf.previous, &hash);
        self.chains.insert(leaf.label, (leaf.number, head));
        self.tree.append(hash);
        for tile in self.tree.drain_tiles() {
            self.tiles.insert((tile.level, tile.index), tile.hashes);
        }
        self.leaves.push(bytes);
    }

    pub fn size(&self) -> u64 {
        self.leaves.len() as u64
    }

    pub fn reader(&self) -> impl Fn(u8, u64, u16) -> Result<Vec<Hash>, LedgerError> + '_ {
        |level, index, _| {
            let absent = || LedgerError::Damaged { what: "tile".into(), detail: "it is absent".into() };
            self.tiles.get(&(level, index)).cloned().ok_or_else(absent)
        }
    }

    /// The map of the whole log, and its members as a source.
    pub fn map(&self) -> (SparseMap, impl Fn(u16) -> Rows + '_) {
        let changes: Vec<_> = self.chains.iter().map(|(label, (count, head))| (*label, *count, *head)).collect();
        let nothing = |_| Ok(Vec::new());
        let mut map = SparseMap::new();
        map.update(&nothing, &changes).expect("an empty source");
        let source = move |bucket| Ok(changes.iter().filter(|entry| entry.0.bucket() == bucket).copied().collect());
        (map, source)
    }

    pub fn checkpoint(&self) -> Checkpoint {
        let map_root = self.map().0.root();
        Checkpoint { origin: ORIGIN.into(), size: self.size(), root: self.tree.root(), map_root }
    }

    pub fn proof(&self, citizen: u64) -> CompletenessProof {
        let label = label(citizen);
        let (mut map, source) = self.map();
        let own = |bytes: &Vec<u8>| bytes.starts_with(&label.0);
        let newest = self.leaves.iter().rposition(own).map(|index| index as u64);
        let inclusion = newest.map(|index| Inclusion {
            index,
            proof: inclusion_proof(&self.reader(), self.size(), index).expect("tiles are there"),
        });
        let own: Vec<&Vec<u8>> = self.leaves.iter().filter(|bytes| own(bytes)).collect();
        let readable = own.iter().map(|bytes| {
            let leaf = Leaf::decode(bytes).expect("a leaf");
            let key = keys().one_time_key(Part::Citizen, &label, &leaf.body).expect("a body");
            Readable { number: leaf.number, leaf: bytes.to_vec(), key }
        });
        CompletenessProof {
            format: completeness::FORMAT.into(),
            checkpoint: self.checkpoint().sign(&signer()).expect("the same name"),
            vkey: signer().vkey(),
            label,
            count: own.len() as u64,
            leaf_hashes: own.iter().map(|bytes| leaf_hash(bytes)).collect(),
            path: map.path(&source, label).expect("the source is the map's"),
            inclusion,
            readable: readable.collect(),
        }
    }
}
