//! Labels of errors behind `dyn Error`, which are downcast to known types.

use std::borrow::Cow;
use std::error::Error;
use std::hash::{Hash as _, Hasher};
use std::io;
use std::iter::successors;

use super::ErrorType;
use super::cache::{Cache, Key};
use super::downcast::LabelOf;
#[cfg(feature = "reqwest")]
use super::downcast::label_of;

/// Returns the label of the first error of a known type in the chain of sources. The types that add
/// context are not known, so the label is that of the error beneath.
pub(super) fn root_cause(error: &(dyn Error + 'static)) -> Option<Cow<'static, str>> {
    successors(Some(error), |&error| error.source()).find_map(known_label)
}

/// Returns the label of an error of a known type.
///
/// About fifty types are known, and trying them all is slow. A vtable belongs to one type, so the
/// result of the first search is cached by vtable: the type that matches, or that none does.
fn known_label(error: &(dyn Error + 'static)) -> Option<Cow<'static, str>> {
    static TYPES: Cache<Option<LabelOf>, 256> = Cache::new();

    match TYPES.get_or_insert(vtable(error), || Some(search(error))) {
        Some(label_of) => label_of.and_then(|label_of| label_of(error)),
        None => search(error).and_then(|label_of| label_of(error)),
    }
}

#[cold]
fn search(error: &(dyn Error + 'static)) -> Option<LabelOf> {
    let groups = [
        &[label_of_io as LabelOf] as &[_],
        super::std_errors::KNOWN,
        #[cfg(feature = "reqwest")]
        &[label_of::<::reqwest::Error>],
        #[cfg(feature = "rmcp")]
        super::rmcp::KNOWN,
        #[cfg(feature = "tokio")]
        super::tokio::KNOWN,
    ];
    let mut types = groups.into_iter().flatten().copied();
    types.find(|label_of| label_of(error).is_some())
}

/// Returns a key of the error's vtable. Two types cannot share a vtable, since it has a method that
/// returns the `TypeId`. One type may have several vtables.
fn vtable(error: &(dyn Error + 'static)) -> Key {
    let pointer = std::ptr::from_ref(error);
    let mut words = Words(0);
    // A wide pointer hashes its address, here 0, and the address of its vtable.
    pointer.wrapping_byte_sub(pointer.addr()).hash(&mut words);
    [words.0, size_of_val(error)]
}

/// A hasher that returns a single word unchanged.
struct Words(usize);

impl Hasher for Words {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(u8::BITS) ^ usize::from(*byte);
        }
    }

    fn write_usize(&mut self, word: usize) {
        self.0 = self.0.rotate_left(1) ^ word;
    }

    fn finish(&self) -> u64 {
        self.0 as u64
    }
}

fn label_of_io(error: &(dyn Error + 'static)) -> Option<Cow<'static, str>> {
    let error = error.downcast_ref::<io::Error>()?;
    // `Other` does not describe the error that it wraps, and `source` skips that error.
    let inner = error
        .get_ref()
        .filter(|_| error.kind() == io::ErrorKind::Other);
    let inner = inner.and_then(|inner| root_cause(inner));
    Some(inner.unwrap_or_else(|| error.error_type()))
}
