//! A bounded cache in this process for rows that are read at every request and written seldom.
//!
//! What must hold: after [`Cache::forget`] no older value is ever served again, also when a reader had already
//! fetched it from the store and was about to put it in. Each shard therefore counts its forgettings, and a value is
//! only taken in if nothing was forgotten since its reader started.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hash, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

const SHARDS: usize = 16;

/// A cache of at most about `most` values.
pub struct Cache<K, V> {
    shards: [Mutex<Shard<K, V>>; SHARDS],
    hasher: RandomState,
    most_per_shard: usize,
}

struct Shard<K, V> {
    values: HashMap<K, V>,
    forgettings: u64,
}

/// Taken before reading the store; proves to [`Cache::keep`] that nothing was forgotten meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct Ticket(u64);

impl<K: Hash + Eq + Clone, V: Clone> Cache<K, V> {
    /// An empty cache for at most about `most` values.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::new(Shard { values: HashMap::new(), forgettings: 0 })),
            hasher: RandomState::new(),
            most_per_shard: most.div_ceil(SHARDS).max(1),
        }
    }

    /// The value, or the ticket with which to bring it.
    ///
    /// # Errors
    /// The ticket, when the value is not here.
    pub fn get(&self, key: &K) -> Result<V, Ticket> {
        let shard = self.shard(key);
        shard.values.get(key).cloned().ok_or(Ticket(shard.forgettings))
    }

    /// Keeps a value read after `ticket` was taken, unless something of its shard was forgotten since.
    pub fn keep(&self, key: K, value: V, ticket: Ticket) {
        let mut shard = self.shard(&key);
        if shard.forgettings != ticket.0 {
            return;
        }
        // A full shard gives up any one value: the rows are small and a miss costs one read, so order of use is not
        // worth tracking at every hit.
        if shard.values.len() >= self.most_per_shard
            && !shard.values.contains_key(&key)
            && let Some(victim) = shard.values.keys().next().cloned()
        {
            shard.values.remove(&victim);
        }
        shard.values.insert(key, value);
    }

    /// Forgets a value after its row was written.
    pub fn forget(&self, key: &K) {
        let mut shard = self.shard(key);
        shard.values.remove(key);
        shard.forgettings += 1;
    }

    fn shard(&self, key: &K) -> MutexGuard<'_, Shard<K, V>> {
        let index = usize::try_from(self.hasher.hash_one(key) % SHARDS as u64).unwrap_or(0);
        // No code between lock and unlock can panic half-way through a change, so a poisoned shard is still whole.
        self.shards[index].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, V> std::fmt::Debug for Cache<K, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cache(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_read_before_a_forgetting_is_not_taken_in() {
        let cache = Cache::<u64, &str>::new(64);
        let ticket = cache.get(&1).unwrap_err();
        cache.forget(&1);
        cache.keep(1, "old", ticket);
        assert!(cache.get(&1).is_err());
        let ticket = cache.get(&1).unwrap_err();
        cache.keep(1, "new", ticket);
        assert_eq!(cache.get(&1).unwrap(), "new");
    }

    #[test]
    fn it_stays_bounded() {
        let cache = Cache::<u64, u64>::new(160);
        for key in 0..10_000 {
            if let Err(ticket) = cache.get(&key) {
                cache.keep(key, key, ticket);
            }
        }
        let held = (0..10_000).filter(|key| cache.get(key).is_ok()).count();
        assert!((16..=160).contains(&held), "{held}");
    }
}
