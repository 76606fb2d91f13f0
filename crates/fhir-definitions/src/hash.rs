//! A short hash for keys of our own definitions.
//!
//! Why not the standard one: names of fields are looked up millions of times a second, and the keys of the tables come
//! from definitions, not from senders. What a sender asks for is only compared with them, so it cannot fill a table.

use std::hash::{BuildHasherDefault, Hasher};

/// A map with the short hash.
pub(crate) type Map<K, V> = std::collections::HashMap<K, V, BuildHasherDefault<Short>>;
/// A set with the short hash.
pub(crate) type Set<K> = std::collections::HashSet<K, BuildHasherDefault<Short>>;

const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;

/// Eight bytes at a time: xor, multiply, rotate.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Short(u64);

impl Short {
    fn word(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(29) ^ word).wrapping_mul(FACTOR);
    }
}

impl Hasher for Short {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.word(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        self.word(u64::from_le_bytes(last) ^ ((bytes.len() as u64) << 56));
    }

    fn write_u8(&mut self, byte: u8) {
        self.word(u64::from(byte));
    }

    fn write_u16(&mut self, word: u16) {
        self.word(u64::from(word));
    }

    fn write_u32(&mut self, word: u32) {
        self.word(u64::from(word));
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}
