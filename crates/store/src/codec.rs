//! Small bodies: zstd with a versioned dictionary that the store keeps beside what it packed.
//!
//! A dictionary trained on the kinds of documents that come in gives each single body the ratio of a whole bundle, so
//! one fact can be read without its neighbours. Every packed body carries the version of its dictionary; versions are
//! never changed or removed, only added, because losing a dictionary loses what it packed.
//!
//! What must hold: [`Codec::unfold`] gives exactly what [`Codec::fold`] was given, or an error; it never allocates more
//! than [`UNFOLDED_MOST`] bytes, whatever the packed bytes say.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use zstd::{
    bulk::{Compressor, Decompressor},
    zstd_safe::CParameter,
};

use crate::contract::StoreError;

/// The most bytes that one body or original unfolds to: four times the largest request body.
pub const UNFOLDED_MOST: usize = 4 * tsumugi_kernel::limits::BODY_BYTES;

/// zstd's level for bodies: the fastest; the dictionary does the work.
const BODY_LEVEL: i32 = 1;
/// zstd's level for originals: packed a little harder than bodies. The next level saves a fiftieth of the disk and costs a
/// tenth of the time that a message takes.
const ORIGINAL_LEVEL: i32 = 2;

/// Packs and unpacks with one dictionary. Cheap to clone; used from any thread.
#[derive(Clone)]
pub struct Codec {
    inner: Arc<Inner>,
}

struct Inner {
    version: u32,
    dictionary: Vec<u8>,
    // zstd's contexts are expensive to make and hold the digested dictionary, so they are kept. No call waits while it
    // holds one: there are never more of them than threads.
    bodies: Pool<Compressor<'static>>,
    originals: Pool<Compressor<'static>>,
    unfolders: Pool<Decompressor<'static>>,
}

impl std::fmt::Debug for Codec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Codec(dictionary {}, {} bytes)", self.inner.version, self.inner.dictionary.len())
    }
}

impl Codec {
    /// The codec of dictionary `version`. Version 0 is by convention the empty dictionary: plain zstd.
    #[must_use]
    pub fn new(version: u32, dictionary: Vec<u8>) -> Self {
        let inner = Inner {
            version,
            dictionary,
            bodies: Pool::default(),
            originals: Pool::default(),
            unfolders: Pool::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The dictionary's version.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.inner.version
    }

    /// Packs a body.
    ///
    /// # Errors
    /// [`StoreError::Engine`] if zstd refuses, for example because no memory is left.
    pub fn fold(&self, body: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.inner.bodies.with(|| self.compressor(BODY_LEVEL), |packer| packer.compress(body)).map_err(engine)
    }

    /// Packs an original.
    ///
    /// # Errors
    /// As [`Codec::fold`].
    pub fn fold_original(&self, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.inner.originals.with(|| self.compressor(ORIGINAL_LEVEL), |packer| packer.compress(bytes)).map_err(engine)
    }

    /// Unpacks what [`Codec::fold`] or [`Codec::fold_original`] packed.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if the bytes do not unfold with this dictionary or say that they are too large.
    pub fn unfold(&self, packed: &Bytes) -> Result<Bytes, StoreError> {
        let damaged = |detail: String| StoreError::Damaged { what: "a packed body", detail };
        let size = Decompressor::upper_bound(packed)
            .filter(|&size| size <= UNFOLDED_MOST)
            .ok_or_else(|| damaged("its size is not written or beyond what was ever packed".into()))?;
        let make = || {
            if self.inner.dictionary.is_empty() {
                Decompressor::new()
            } else {
                Decompressor::with_dictionary(&self.inner.dictionary)
            }
        };
        let unfolded = self.inner.unfolders.with(make, |unfolder| unfolder.decompress(packed, size));
        unfolded.map(Bytes::from).map_err(|error| damaged(format!("dictionary {}: {error}", self.inner.version)))
    }

    fn compressor(&self, level: i32) -> std::io::Result<Compressor<'static>> {
        let mut compressor = if self.inner.dictionary.is_empty() {
            Compressor::new(level)?
        } else {
            Compressor::with_dictionary(level, &self.inner.dictionary)?
        };
        // The row says which dictionary it is, so the frame need not.
        compressor.set_parameter(CParameter::DictIdFlag(false))?;
        Ok(compressor)
    }
}

/// Trains a dictionary of at most `size` bytes (32 KiB is a good size) on sample bodies. At least some dozens of
/// samples, together many times the size, are needed.
///
/// # Errors
/// [`StoreError::Engine`] if there are too few samples.
pub fn train(samples: &[Vec<u8>], size: usize) -> Result<Vec<u8>, StoreError> {
    zstd::dict::from_samples(samples, size).map_err(engine)
}

fn engine(error: std::io::Error) -> StoreError {
    StoreError::Engine(format!("zstd: {error}"))
}

/// Things that are expensive to make and used by one thread at a time.
struct Pool<T>(Mutex<Vec<T>>);

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl<T> Pool<T> {
    fn with<R>(
        &self,
        make: impl FnOnce() -> std::io::Result<T>,
        task: impl FnOnce(&mut T) -> std::io::Result<R>,
    ) -> std::io::Result<R> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut thing = match kept {
            Some(thing) => thing,
            None => make()?,
        };
        let result = task(&mut thing);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(thing);
        result
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn samples() -> Vec<Vec<u8>> {
        (0..400)
            .map(|n| {
                format!(
                    r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{{"system":"urn:oid:1.2.392.200119.4.504","code":"3A0100000{n:08}"}}]}},"valueQuantity":{{"value":{}.{},"unit":"mg/dL"}}}}"#,
                    n * 7 % 100,
                    n % 10
                )
                .into_bytes()
            })
            .collect()
    }

    proptest! {
        #[test]
        fn what_was_folded_unfolds(body in proptest::collection::vec(any::<u8>(), 0..5_000), trained in any::<bool>()) {
            let dictionary = if trained { train(&samples(), 4_096).unwrap() } else { Vec::new() };
            let codec = Codec::new(u32::from(trained), dictionary);
            for packed in [codec.fold(&body).unwrap(), codec.fold_original(&body).unwrap()] {
                prop_assert_eq!(&codec.unfold(&packed.into()).unwrap()[..], &body[..]);
            }
        }

        #[test]
        fn rubbish_is_an_error_or_small(rubbish in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(bytes) = Codec::new(0, Vec::new()).unfold(&rubbish.into()) {
                prop_assert!(bytes.len() <= UNFOLDED_MOST);
            }
        }
    }

    #[test]
    fn the_dictionary_makes_single_bodies_small() {
        let body = &samples()[17];
        let plain = Codec::new(0, Vec::new()).fold(body).unwrap().len();
        let trained = Codec::new(1, train(&samples(), 4_096).unwrap()).fold(body).unwrap().len();
        assert!(trained * 2 < plain, "{trained} bytes with, {plain} without the dictionary");
    }

    #[test]
    fn a_bomb_is_refused_without_unpacking_it() {
        let codec = Codec::new(0, Vec::new());
        let packed = codec.fold_original(&vec![0; UNFOLDED_MOST + 1]).unwrap();
        assert!(packed.len() < 100_000);
        assert!(matches!(codec.unfold(&packed.into()), Err(StoreError::Damaged { .. })));
    }
}
