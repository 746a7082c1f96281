//! Replaces `lost` in a crate without the feature `testing`, in which no test asks for lost
//! recordings.

use metrics::Key;

/// Returns false.
#[inline]
pub(crate) const fn is_watched() -> bool {
    false
}

/// Does nothing.
#[inline]
pub(crate) const fn count(_: &Key) {}
