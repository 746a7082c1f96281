//! Selects the path of a recording: shards while the installed recorder is current, the `metrics`
//! facade under any other recorder.

use metrics::{Level, Metadata, NoopRecorder, Recorder};

use super::fast_path::GlobalRegistry;
use super::lost;

/// The origin of this crate's metrics, for recorders that filter by it.
pub(crate) static METADATA: Metadata<'static> =
    Metadata::new("mcp_metrics", Level::INFO, Some("mcp_metrics"));

/// The path of a recording on this thread.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Dispatch {
    /// In shards: the installed recorder is current.
    FastPath(&'static GlobalRegistry),
    /// Through the facade: another recorder is current.
    Facade,
    /// Dropped: there certainly is no recorder.
    Noop,
}

impl Dispatch {
    /// Returns the path of a recording on this thread.
    #[inline]
    pub(crate) fn get() -> Self {
        let (address, is_noop) = current();
        match GlobalRegistry::installed() {
            Some(registry) if registry.is_at(address) => Self::FastPath(registry),
            // A lost recording takes the path on which it is counted.
            _ if is_noop && !lost::is_watched() => Self::Noop,
            _ => Self::Facade,
        }
    }
}

/// Returns the address of the current recorder of this thread, and whether it is certainly the
/// no-op recorder.
///
/// A small function of its own, so that the compiler inlines the facade's access to its
/// thread-local value.
#[inline(never)]
fn current() -> (usize, bool) {
    metrics::with_recorder(|recorder| (address(recorder), is_noop(recorder)))
}

/// Returns the address of the current recorder of this thread.
#[inline]
pub(crate) fn current_recorder() -> usize {
    metrics::with_recorder(address)
}

#[inline]
fn address(recorder: &dyn Recorder) -> usize {
    std::ptr::from_ref(recorder).cast::<()>().addr()
}

/// Returns whether this is certainly the no-op recorder, which `metrics` uses when none is set.
///
/// Recorders with the same vtable behave in the same way. The reverse does not hold: the compiler
/// may emit several vtables for one type, and does so in unoptimised builds. Then the recording
/// goes to the facade, which drops it.
#[inline]
fn is_noop(recorder: &dyn Recorder) -> bool {
    let recorder = std::ptr::from_ref(recorder);
    let noop: *const dyn Recorder = &NoopRecorder;
    let distance = noop.addr().wrapping_sub(recorder.addr()).cast_signed();
    // The addresses are equal, so the comparison is of the vtables.
    std::ptr::eq(recorder.wrapping_byte_offset(distance), noop)
}
