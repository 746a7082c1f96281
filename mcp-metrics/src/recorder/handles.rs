//! A cache of handles by the keys under which their series were registered.

use std::sync::{PoisonError, RwLock};

use hashbrown::HashTable;
use metrics::Key;

/// The number of locks, a power of two. Registrations of different series rarely share one.
const SHARDS: usize = 16;

/// A cache from keys to handles. A lookup uses the hash that is stored in the key.
#[derive(Debug)]
pub(super) struct HandleCache<H> {
    shards: [RwLock<HashTable<(Key, H)>>; SHARDS],
}

impl<H: Clone> HandleCache<H> {
    pub(super) fn new() -> Self {
        Self {
            shards: std::array::from_fn(|_| RwLock::default()),
        }
    }

    /// Returns the handle of a key.
    #[inline]
    pub(super) fn get(&self, key: &Key) -> Option<H> {
        let shard = self
            .shard(key)
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let found = shard.find(key.get_hash(), |(known, _)| known == key);
        found.map(|(_, handle)| handle.clone())
    }

    pub(super) fn insert(&self, key: Key, handle: H) {
        let mut shard = self
            .shard(&key)
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let hash = |(key, _): &(Key, H)| key.get_hash();
        shard.insert_unique(key.get_hash(), (key, handle), hash);
    }

    pub(super) fn remove(&self, key: &Key) {
        let mut shard = self
            .shard(key)
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if let Ok(entry) = shard.find_entry(key.get_hash(), |(known, _)| known == key) {
            entry.remove();
        }
    }

    #[inline]
    fn shard(&self, key: &Key) -> &RwLock<HashTable<(Key, H)>> {
        // The table uses the lowest bits for the bucket and the highest to distinguish its entries.
        &self.shards[(key.get_hash() >> 32) as usize % SHARDS]
    }
}
