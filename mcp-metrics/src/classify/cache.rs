//! A table of values that are computed at the first failure of each type.

use std::sync::OnceLock;

/// The number of slots that are probed for a key before the table counts as full.
const PROBES: usize = 16;

/// A hash table of `SLOTS` slots that is read without a lock and never shrinks.
///
/// Keys are addresses of read-only data, so that a lookup compares no text. The size is fixed to
/// bound the memory: for types that do not fit, the value is computed at each failure.
pub(super) struct Cache<T, const SLOTS: usize> {
    slots: [OnceLock<(Key, T)>; SLOTS],
}

/// An address, and a second word that distinguishes keys with the same address.
pub(super) type Key = [usize; 2];

impl<T, const SLOTS: usize> Cache<T, SLOTS> {
    pub(super) const fn new() -> Self {
        Self {
            slots: [const { OnceLock::new() }; SLOTS],
        }
    }

    /// Returns the value of `key`, which is computed at the first call.
    ///
    /// Returns `None` if `compute` returns `None`. Also returns `None`, without calling `compute`,
    /// if all slots of `key` belong to other keys.
    #[inline]
    pub(super) fn get_or_insert(
        &self,
        key: Key,
        compute: impl FnOnce() -> Option<T>,
    ) -> Option<&T> {
        // Almost every key is in its first slot.
        if let Some((owner, value)) = self.slots[start(key) % SLOTS].get()
            && *owner == key
        {
            return Some(value);
        }
        self.search(key, compute)
    }

    #[cold]
    fn search(&self, key: Key, compute: impl FnOnce() -> Option<T>) -> Option<&T> {
        for slot in self.slots_of(key) {
            match slot.get() {
                Some((owner, value)) if *owner == key => return Some(value),
                Some(_) => {}
                // Computed before the slot is locked: `compute` may run the program's allocator,
                // which may fail with an error of the same type.
                None => return self.insert(key, compute()?),
            }
        }
        None
    }

    fn insert(&self, key: Key, value: T) -> Option<&T> {
        let mut entry = Some((key, value));
        for slot in self.slots_of(key) {
            if let Some(new) = entry.take() {
                entry = slot.set(new).err();
            }
            // Another thread may have inserted the same key.
            if let Some((owner, value)) = slot.get()
                && *owner == key
            {
                return Some(value);
            }
        }
        None
    }

    fn slots_of(&self, key: Key) -> impl Iterator<Item = &OnceLock<(Key, T)>> {
        (0..PROBES).map(move |probe| &self.slots[start(key).wrapping_add(probe) % SLOTS])
    }
}

/// Returns the hash of a key. Its remainder modulo the table's size is the key's first slot.
#[inline]
fn start([address, second]: Key) -> usize {
    // Fibonacci hashing: addresses are aligned and close together, and the product's middle bits
    // depend on all the lower ones.
    (address ^ second.rotate_left(16)).wrapping_mul(0x9E37_79B9) >> 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cached_value_is_computed_once() {
        let cache = Cache::<u8, 64>::new();
        assert_eq!(cache.get_or_insert([1, 0], || Some(7)), Some(&7));
        assert_eq!(
            cache.get_or_insert([1, 0], || unreachable!("it is cached")),
            Some(&7)
        );
        assert_eq!(cache.get_or_insert([1, 1], || None), None);
        assert_eq!(cache.get_or_insert([1, 1], || Some(8)), Some(&8));
    }

    #[test]
    fn full_table_keeps_its_entries() {
        let cache = Cache::<usize, 32>::new();
        let inserted = (0..200)
            .filter(|&n| cache.get_or_insert([n * 16, 0], || Some(n)) == Some(&n))
            .collect::<Vec<_>>();
        assert_eq!(inserted.len(), 32);
        for n in inserted {
            assert_eq!(cache.get_or_insert([n * 16, 0], || None), Some(&n));
        }
    }

    #[test]
    fn concurrent_inserts_of_a_key_return_the_same_value() {
        static CACHE: Cache<usize, 16> = Cache::new();
        let insert =
            |n| std::thread::spawn(move || *CACHE.get_or_insert([5, 0], || Some(n)).unwrap());
        let mut values = [1, 2, 3, 4]
            .map(insert)
            .map(|thread| thread.join().unwrap());
        values.sort_unstable();
        assert_eq!(values[0], values[3]);
    }
}
