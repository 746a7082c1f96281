//! Recordings that no recording of `testing` sees, for the messages of failed assertions.
//!
//! A spawned thread or task does not inherit the recorder of a test. What it records goes to the
//! process's recorder or to none, and the test only sees that the numbers are too low.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

use metrics::Key;

use super::dispatch::current_recorder;
use super::fast_path::GlobalRegistry;
use crate::reentrancy;

/// The number of lost recordings whose keys are kept. A message names only a few.
const KEPT: usize = 256;

/// The number of watches.
static WATCHES: AtomicUsize = AtomicUsize::new(0);

static LOG: Mutex<Log> = Mutex::new(Log {
    count: 0,
    latest: VecDeque::new(),
});

/// The recordings that were lost since the first watch.
struct Log {
    count: u64,
    /// The keys of the latest ones, oldest first.
    latest: VecDeque<Key>,
}

fn log() -> MutexGuard<'static, Log> {
    LOG.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns whether lost recordings are counted.
#[inline]
pub(crate) fn is_watched() -> bool {
    WATCHES.load(Ordering::Relaxed) > 0
}

/// Counts a recording under the facade if it is lost: if this thread has no local recorder.
/// Recordings must be suppressed.
pub(crate) fn count(key: &Key) {
    if !is_watched() {
        return;
    }
    let current = current_recorder();
    let is_installed = GlobalRegistry::installed().is_some_and(|it| it.is_at(current));
    if is_installed || default_recorder() != Some(current) {
        return;
    }
    let mut log = log();
    log.count += 1;
    if log.latest.len() == KEPT {
        log.latest.pop_front();
    }
    log.latest.push_back(key.clone());
}

/// Returns the address of the recorder of threads without a local one, as it was at the first call.
fn default_recorder() -> Option<usize> {
    static ADDRESS: OnceLock<Option<usize>> = OnceLock::new();
    *ADDRESS.get_or_init(|| {
        // A new thread has no local recorder.
        let thread = thread::Builder::new().name("mcp-metrics-testing".into());
        thread.spawn(current_recorder).ok()?.join().ok()
    })
}

/// Counts lost recordings from its creation until it is dropped.
///
/// They are those of the whole process: a thread without a recorder belongs to no test.
#[derive(Debug)]
pub(crate) struct Watch {
    /// The number of recordings that were lost before.
    before: u64,
}

impl Watch {
    pub(crate) fn new() -> Self {
        default_recorder();
        WATCHES.fetch_add(1, Ordering::Relaxed);
        let before = log().count;
        Self { before }
    }

    /// Returns the number of lost recordings, and the keys of the latest ones, oldest first.
    pub(crate) fn lost(&self) -> (u64, Vec<Key>) {
        // A tracked allocator would lock the log again.
        let _guard = reentrancy::suppress();
        let log = log();
        let count = log.count - self.before;
        let kept = usize::try_from(count).unwrap_or(usize::MAX);
        let skipped = log.latest.len().saturating_sub(kept);
        (count, log.latest.iter().skip(skipped).cloned().collect())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        WATCHES.fetch_sub(1, Ordering::Relaxed);
    }
}
