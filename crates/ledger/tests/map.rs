//! The map with its buckets against the map computed anew, and its paths.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tsumugi_ledger::{
    BucketSource, Fault, Hash, Label, LedgerError, MapNode, SparseMap,
    map::{self, MapEntry},
};

/// A source as a store would be one: members and bucket nodes.
#[derive(Default, Clone)]
struct Rows {
    members: BTreeMap<Label, (u64, Hash)>,
    nodes: BTreeMap<u16, MapNode>,
}

impl BucketSource for Rows {
    fn load(&self, bucket: u16) -> Result<Vec<(Label, u64, Hash)>, LedgerError> {
        Ok(self
            .members
            .iter()
            .filter(|row| row.0.bucket() == bucket)
            .map(|(label, row)| (*label, row.0, row.1))
            .collect())
    }
}

impl Rows {
    fn keep(&mut self, changes: &[(Label, u64, Hash)], nodes: Vec<(u16, MapNode)>) {
        self.members.extend(changes.iter().map(|(label, count, head)| (*label, (*count, *head))));
        self.nodes.extend(nodes);
    }

    fn root(&self) -> Hash {
        let entry = |(label, row): (&Label, &(u64, Hash))| MapEntry { label: *label, count: row.0, head: row.1 };
        map::root_of(&mut self.members.iter().map(entry).collect::<Vec<_>>())
    }
}

/// Labels that often share their first bits, also far beyond the bucket.
fn labels() -> impl Strategy<Value = Label> {
    (0_u8..4, 0_u8..3, any::<[u8; 2]>(), 0_usize..4).prop_map(|(first, second, rest, place)| {
        let mut bytes = [0; 32];
        bytes[0] = first << 6;
        bytes[1] = second;
        bytes[[2, 3, 15, 30][place]] = rest[0];
        bytes[31] = rest[1] & 3;
        Label(bytes)
    })
}

fn changes() -> impl Strategy<Value = Vec<Vec<(Label, u64, Hash)>>> {
    let change = (labels(), 1_u64..1_000, any::<[u8; 32]>());
    prop::collection::vec(prop::collection::vec(change, 0..30), 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn updates_give_the_map_computed_anew(batches in changes(), asked in labels(), cached in 0_usize..40) {
        let mut rows = Rows::default();
        let mut map = SparseMap::new().with_cached_members(cached);
        for batch in &batches {
            let nodes = map.update(&rows, batch).unwrap();
            rows.keep(batch, nodes);
            prop_assert_eq!(map.root(), rows.root());
        }
        let mut restored = SparseMap::restore(rows.nodes.clone());
        prop_assert_eq!(restored.root(), map.root());
        for label in rows.members.keys().copied().chain([asked, Label([0xff; 32])]) {
            let path = map.path(&rows, label).unwrap();
            prop_assert_eq!(&restored.path(&rows, label).unwrap(), &path);
            let state = rows.members.get(&label).copied();
            prop_assert_eq!(path.state_of(label), state);
            path.verify(label, state, &map.root()).unwrap();
            // No other state can be shown with it.
            let wrong = state.map_or(Some((1, [0; 32])), |(count, head)| Some((count + 1, head)));
            prop_assert!(path.verify(label, wrong, &map.root()).is_err());
            if state.is_some() {
                prop_assert!(path.verify(label, None, &map.root()).is_err());
            }
            prop_assert!(path.verify(label, state, &[1; 32]).is_err());
            let json = serde_json::to_string(&path).unwrap();
            prop_assert_eq!(serde_json::from_str::<tsumugi_ledger::MapPath>(&json).unwrap(), path);
        }
    }
}

fn label(first: u8, last: u8) -> Label {
    let mut bytes = [0; 32];
    (bytes[0], bytes[31]) = (first, last);
    Label(bytes)
}

/// The rules of the shape, written out by hand.
#[test]
fn the_shape_is_as_described() {
    let entry = |label, count| MapEntry { label, count, head: [count as u8; 32] };
    assert_eq!(map::root_of(&mut []), [0; 32]);
    let (left, right) = (entry(label(0x00, 1), 1), entry(label(0x80, 1), 2));
    assert_eq!(map::root_of(&mut [left]), left.hash(), "alone: a leaf at the root");
    let both = map::inner_hash(&left.hash(), &right.hash());
    assert_eq!(map::root_of(&mut [right, left]), both, "the order does not matter");
    let deep = entry(label(0x20, 1), 3);
    let quarter = map::inner_hash(&left.hash(), &deep.hash());
    let half = map::inner_hash(&quarter, &[0; 32]);
    assert_eq!(map::root_of(&mut [left, right, deep]), map::inner_hash(&half, &right.hash()));
    // Two labels that differ in the last bit only stand at depth 256.
    let (a, b) = (entry(label(0, 0), 1), entry(label(0, 1), 2));
    let expected = (0..255).fold(map::inner_hash(&a.hash(), &b.hash()), |hash, _| map::inner_hash(&hash, &[0; 32]));
    assert_eq!(map::root_of(&mut [a, b]), expected);
}

#[test]
fn a_path_cannot_be_bent() {
    let rows: Vec<_> = (0..20).map(|i| (label(i * 12, i), u64::from(i) + 1, [i; 32])).collect();
    let mut source = Rows::default();
    let mut map = SparseMap::new();
    let nodes = map.update(&source, &rows).unwrap();
    source.keep(&rows, nodes);
    let (own, count, head) = rows[7];
    let path = map.path(&source, own).unwrap();
    let mut shorter = path.clone();
    shorter.siblings.pop();
    assert!(shorter.verify(own, Some((count, head)), &map.root()).is_err());
    let mut longer = path.clone();
    longer.siblings.push([0; 32]);
    assert!(longer.verify(own, Some((count, head)), &map.root()).is_err());
    // Absence cannot be shown by ending at a leaf that stands elsewhere.
    let mut elsewhere = map.path(&source, rows[3].0).unwrap();
    assert_eq!(
        elsewhere.verify(own, None, &map.root()),
        Err(Fault::Map("the path ends at a label that does not stand there"))
    );
    elsewhere.siblings = vec![[0; 32]; 257];
    assert!(elsewhere.verify(own, None, &map.root()).is_err());
}

/// A source that does not fit the held nodes is refused, and the map stays as it was.
#[test]
fn a_damaged_bucket_is_refused() {
    let rows = [(label(1, 1), 1, [1; 32]), (label(1, 2), 2, [2; 32]), (label(9, 1), 3, [3; 32])];
    let mut source = Rows::default();
    let nodes = SparseMap::new().update(&source, &rows).unwrap();
    source.keep(&rows, nodes);
    let mut map = SparseMap::restore(source.nodes.clone());
    let root = map.root();
    let mut wrong = source.clone();
    wrong.members.insert(label(1, 2), (3, [2; 32]));
    let changes = [(label(0, 5), 1, [1; 32]), (label(1, 3), 1, [1; 32]), (label(9, 1), 4, [4; 32])];
    let error = map.update(&wrong, &changes).unwrap_err().to_string();
    assert!(error.contains("bucket 0x0100"), "{error}");
    assert!(map.path(&wrong, label(1, 1)).is_err());
    assert_eq!(map.root(), root);
    let foreign = |_| Ok(vec![(label(9, 1), 3, [3; 32]), (label(1, 1), 1, [1; 32])]);
    assert!(SparseMap::restore(source.nodes.clone()).path(&foreign, label(9, 1)).is_err());
    let twice = |_| Ok(vec![(label(9, 1), 3, [3; 32]), (label(9, 1), 3, [3; 32])]);
    assert!(SparseMap::restore(source.nodes.clone()).path(&twice, label(9, 1)).is_err());
    map.update(&source, &changes).unwrap();
    source.keep(&changes, vec![]);
    assert_eq!(map.root(), source.root());
}
