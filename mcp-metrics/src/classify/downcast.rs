//! Functions that label an error behind `dyn Error` if it has a certain type.

use std::borrow::Cow;
use std::error::Error;

use super::ErrorType;

/// A function that returns an error's label if the error has a certain type.
pub(super) type LabelOf = fn(&(dyn Error + 'static)) -> Option<Cow<'static, str>>;

/// Returns the label of an error that is an `E`.
pub(super) fn label_of<E: ErrorType + Error + 'static>(
    error: &(dyn Error + 'static),
) -> Option<Cow<'static, str>> {
    error.downcast_ref::<E>().map(ErrorType::error_type)
}

/// Defines `KNOWN`: a [`LabelOf`] for each of these types.
macro_rules! known_types {
    ($($type:ty),+ $(,)?) => {
        pub(super) const KNOWN: &[$crate::classify::downcast::LabelOf] =
            &[$($crate::classify::downcast::label_of::<$type>),+];
    };
}

pub(super) use known_types;
