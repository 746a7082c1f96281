//! Selects how a recording is made: in our own shards while the installed recorder is current,
//! through the `metrics` facade under any other.

use metrics::{Level, Metadata, NoopRecorder, Recorder};

use super::registry::GlobalRegistry;

/// What recorders that filter by origin see of this crate.
pub(crate) static METADATA: Metadata<'static> =
    Metadata::new("mcp_metrics", Level::INFO, Some("mcp_metrics"));

/// How a recording on this thread is made.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Dispatch {
    /// In shards: the installed recorder is current.
    FastPath(&'static GlobalRegistry),
    /// Through the facade: another recorder is current.
    Facade,
    /// Not at all: there certainly is no recorder.
    Noop,
}

impl Dispatch {
    /// Returns how a recording on this thread is made.
    #[inline]
    pub(crate) fn get() -> Self {
        let (address, is_noop) = current();
        match GlobalRegistry::installed() {
            Some(registry) if registry.address == address => Self::FastPath(registry),
            _ if is_noop => Self::Noop,
            _ => Self::Facade,
        }
    }
}

/// Returns the address of the recorder that is current on this thread, and whether it certainly is
/// the one that does nothing. A function of its own, and little in it, so that the compiler inlines
/// the facade's access to its thread-local value.
#[inline(never)]
fn current() -> (usize, bool) {
    metrics::with_recorder(|recorder| (address(recorder), is_noop(recorder)))
}

/// Returns the address of the recorder that is current on this thread.
#[inline]
pub(crate) fn current_recorder() -> usize {
    metrics::with_recorder(address)
}

#[inline]
fn address(recorder: &dyn Recorder) -> usize {
    std::ptr::from_ref(recorder).cast::<()>().addr()
}

/// Returns whether this is certainly the recorder that the `metrics` facade uses without one.
///
/// Two recorders with the same vtable do the same, and the facade's does nothing. The reverse does
/// not hold: the compiler may emit several vtables for one type, and does so in unoptimised builds.
/// Then the recording goes to the facade, which drops it.
#[inline]
fn is_noop(recorder: &dyn Recorder) -> bool {
    let recorder = std::ptr::from_ref(recorder);
    let noop: *const dyn Recorder = &NoopRecorder;
    let distance = noop.addr().wrapping_sub(recorder.addr()).cast_signed();
    // With equal addresses, the comparison is of the vtables.
    std::ptr::eq(recorder.wrapping_byte_offset(distance), noop)
}
