//! What threads share, under one name, so that tests can put in its place what tries all orders in
//! which threads may run.

pub(crate) use std::sync::atomic::{AtomicU64, Ordering};
pub(crate) use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
