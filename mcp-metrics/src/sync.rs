//! Synchronization primitives.
//!
//! The storage code imports them from here, so that the loom tests can substitute primitives that
//! explore all interleavings of threads.

pub(crate) use std::sync::atomic::{AtomicU64, Ordering};
pub(crate) use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
