//! Ids: the shelf a fact stands on, the fact's own key, and the sealed pointer that the outside sees.
//!
//! An id that the server gives is one AES-256 block over (citizen, kind, number, check): the server finds the shelf
//! from the id without an index, two ids of one person do not look alike, and an id that was not made here fails the
//! check. See `decisions/0002-ids.md`.

use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use serde::{Deserialize, Serialize};

use crate::{Kind, MasterSecret};

/// A citizen's shelf. Opaque, ours, never an insured number; never shown outside (a [`Sealer`] hides it).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CitizenId(pub u64);

impl CitizenId {
    /// The largest citizen or fact number that an id can point to: 40 bits.
    pub const MOST: u64 = (1 << 40) - 1;
}

/// Where a fact stands: on whose shelf, of which kind, under which number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactKey {
    /// The shelf.
    pub citizen: CitizenId,
    /// The kind of resource.
    pub kind: Kind,
    /// The fact's number, unique in the whole store.
    pub number: u64,
}

/// Makes and opens the ids that the outside sees.
pub struct Sealer {
    cipher: aes::Aes256,
}

/// The leading letter of a fact's id: which key and layout sealed it.
const FACT: u8 = b'a';
/// The leading letter of a page's cursor.
const CURSOR: u8 = b'c';
/// Five check bytes: a random id passes with probability 2⁻⁴⁰.
const CHECK: [u8; 5] = *b"tmg01";
/// Crockford's alphabet in lower case: no i, l, o, u.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Symbol → its five bits; 255 for every other byte.
const VALUES: [u8; 256] = {
    let mut values = [255u8; 256];
    let mut index = 0;
    while index < 32 {
        values[ALPHABET[index] as usize] = index as u8;
        index += 1;
    }
    values
};

impl Sealer {
    /// The sealer of a deployment.
    #[must_use]
    pub fn new(secret: &MasterSecret) -> Self {
        let key = secret.derive("tsumugi/id/1");
        Self { cipher: aes::Aes256::new((&*key).into()) }
    }

    /// The id of a fact: `a` and 26 characters of `0-9 a-z`.
    #[must_use]
    pub fn seal(&self, key: FactKey) -> String {
        let mut block = [0u8; 16];
        block[0..5].copy_from_slice(&key.citizen.0.to_be_bytes()[3..]);
        block[5] = key.kind.number();
        block[6..11].copy_from_slice(&key.number.to_be_bytes()[3..]);
        block[11..16].copy_from_slice(&CHECK);
        self.encode(FACT, block)
    }

    /// The fact that `id` points to, or `None` if it was not made here.
    #[must_use]
    pub fn open(&self, id: &str) -> Option<FactKey> {
        let block = self.decode(FACT, id)?;
        if block[11..16] != CHECK {
            return None;
        }
        Some(FactKey {
            citizen: CitizenId(wide(&block[0..5])),
            kind: Kind::from_number(block[5])?,
            number: wide(&block[6..11]),
        })
    }

    /// Where the next page of a search starts: at a point of the store, after `offset` matches. Sealed, because a bare
    /// point would tell how much others write.
    #[must_use]
    pub fn seal_cursor(&self, point: u64, offset: u32) -> String {
        let mut block = [0u8; 16];
        block[0..6].copy_from_slice(&point.to_be_bytes()[2..]);
        block[6..10].copy_from_slice(&offset.to_be_bytes());
        block[10..15].copy_from_slice(&CHECK);
        self.encode(CURSOR, block)
    }

    /// The (point, offset) of a page, or `None` if it was not made here.
    #[must_use]
    pub fn open_cursor(&self, text: &str) -> Option<(u64, u32)> {
        let block = self.decode(CURSOR, text)?;
        if block[10..15] != CHECK || block[15] != 0 {
            return None;
        }
        Some((wide(&block[0..6]), u32::from_be_bytes([block[6], block[7], block[8], block[9]])))
    }

    fn encode(&self, version: u8, block: [u8; 16]) -> String {
        let mut block = block.into();
        self.cipher.encrypt_block(&mut block);
        let mut bits = u128::from_be_bytes(block.into());
        let mut text = [version; 27];
        for slot in text[1..].iter_mut().rev() {
            *slot = ALPHABET[(bits & 31) as usize];
            bits >>= 5;
        }
        text.iter().map(|&b| char::from(b)).collect()
    }

    fn decode(&self, version: u8, text: &str) -> Option<[u8; 16]> {
        let text = text.as_bytes();
        if text.len() != 27 || text[0] != version {
            return None;
        }
        let mut bits: u128 = 0;
        for (index, &symbol) in text[1..].iter().enumerate() {
            let value = VALUES[usize::from(symbol)];
            if value > 31 || (index == 0 && value > 7) {
                return None;
            }
            bits = (bits << 5) | u128::from(value);
        }
        let mut block = bits.to_be_bytes().into();
        self.cipher.decrypt_block(&mut block);
        Some(block.into())
    }
}

fn wide(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |sum, &b| (sum << 8) | u64::from(b))
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer() -> Sealer {
        Sealer::new(&MasterSecret::new([7; 32]))
    }

    proptest::proptest! {
        #[test]
        fn an_id_opens_to_what_was_sealed(citizen in 0..=CitizenId::MOST, kind in 0u8..=145, number in 0..=CitizenId::MOST) {
            let key = FactKey { citizen: CitizenId(citizen), kind: Kind::from_number(kind).ok_or_else(|| proptest::test_runner::TestCaseError::fail("kind"))?, number };
            let id = sealer().seal(key);
            proptest::prop_assert_eq!(id.len(), 27);
            proptest::prop_assert_eq!(sealer().open(&id), Some(key));
        }

        #[test]
        fn no_other_text_opens(id in "[a-z0-9]{27}") {
            proptest::prop_assert_eq!(sealer().open(&id), None);
        }
    }

    #[test]
    fn two_ids_of_one_person_do_not_look_alike() {
        let kind = Kind::from_name("Observation").unwrap_or(Kind::PATIENT);
        let ids: Vec<String> =
            (1..=2).map(|number| sealer().seal(FactKey { citizen: CitizenId(1), kind, number })).collect();
        let same = ids[0].bytes().zip(ids[1].bytes()).filter(|(a, b)| a == b).count();
        assert!(same < 10, "{ids:?} share {same} characters");
    }

    #[test]
    fn a_cursor_comes_back_and_is_no_id() {
        let cursor = sealer().seal_cursor(123_456_789, 4_000);
        assert_eq!(sealer().open_cursor(&cursor), Some((123_456_789, 4_000)));
        assert_eq!(sealer().open(&cursor), None);
        assert_eq!(sealer().open_cursor(&cursor.replacen('c', "a", 1)), None);
    }

    #[test]
    fn an_id_of_another_deployment_does_not_open() {
        let key = FactKey { citizen: CitizenId(1), kind: Kind::PATIENT, number: 1 };
        let other = Sealer::new(&MasterSecret::new([8; 32]));
        assert_eq!(sealer().open(&other.seal(key)), None);
    }
}
