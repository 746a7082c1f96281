//! Events that depend on a function's value: code executions and cache lookups.

use metrics::SharedString;

use super::{CounterCallsite, track_cache_access};

/// A code execution in progress. It counts as failed if it is dropped before it ends.
#[derive(Debug)]
pub struct Execution {
    success: &'static CounterCallsite,
    failure: &'static CounterCallsite,
    failed: bool,
}

impl Execution {
    /// Starts an execution. Its end is counted at one of these callsites.
    #[must_use]
    pub const fn start(
        success: &'static CounterCallsite,
        failure: &'static CounterCallsite,
    ) -> Self {
        Self {
            success,
            failure,
            failed: true,
        }
    }

    /// Ends the execution.
    #[inline]
    pub fn end(mut self, failed: bool) {
        self.failed = failed;
    }
}

impl Drop for Execution {
    #[inline]
    fn drop(&mut self) {
        let callsite = if self.failed {
            self.failure
        } else {
            self.success
        };
        callsite.increment();
    }
}

/// The result of a cache lookup.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` is neither a cache hit nor a miss",
    label = "expected an `Option<_>` or a `Result<Option<_>, _>`"
)]
pub trait LookUp {
    /// Returns whether the entry was found; `None` if the lookup failed.
    fn hit(&self) -> Option<bool>;
}

impl<T> LookUp for Option<T> {
    fn hit(&self) -> Option<bool> {
        Some(self.is_some())
    }
}

impl<T, E> LookUp for Result<Option<T>, E> {
    fn hit(&self) -> Option<bool> {
        self.as_ref().ok().map(Option::is_some)
    }
}

/// Counts an access to a cache with a literal type.
#[inline]
pub fn cache_access_at(
    value: &impl LookUp,
    hits: &'static CounterCallsite,
    misses: &'static CounterCallsite,
) {
    match value.hit() {
        Some(true) => hits.increment(),
        Some(false) => misses.increment(),
        None => {}
    }
}

/// Counts an access to a cache with a dynamic type.
pub fn cache_access(cache_type: SharedString, value: &impl LookUp) {
    if let Some(hit) = value.hit() {
        track_cache_access(cache_type, hit);
    }
}
