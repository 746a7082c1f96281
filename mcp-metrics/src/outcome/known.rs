//! Labels of errors behind `dyn Error`, by the types that this crate knows.

use std::borrow::Cow;
use std::error::Error;
use std::io;
use std::iter::successors;

use super::ErrorType;

/// The label of the first error in the chain of causes whose type is known. What adds context is
/// of no known type; the error it was added to may be.
pub(super) fn root_cause(error: &(dyn Error + 'static)) -> Option<Cow<'static, str>> {
    successors(Some(error), |&error| error.source()).find_map(known)
}

fn known(error: &(dyn Error + 'static)) -> Option<Cow<'static, str>> {
    if let Some(error) = error.downcast_ref::<io::Error>() {
        // `Other` says nothing of an error that was put into it, and `source` leaves it out.
        let inner = error
            .get_ref()
            .filter(|_| error.kind() == io::ErrorKind::Other);
        let inner = inner.and_then(|inner| root_cause(inner));
        return Some(inner.unwrap_or_else(|| error.error_type()));
    }
    let label = super::std_errors::known(error);
    #[cfg(feature = "reqwest")]
    let label = label.or_else(|| label_of::<::reqwest::Error>(error));
    #[cfg(feature = "rmcp")]
    let label = label.or_else(|| super::rmcp::known(error));
    #[cfg(feature = "tokio")]
    let label = label.or_else(|| super::tokio::known(error));
    label
}

/// The label of an error that is an `E`.
pub(super) fn label_of<E: ErrorType + Error + 'static>(
    error: &(dyn Error + 'static),
) -> Option<Cow<'static, str>> {
    error.downcast_ref::<E>().map(ErrorType::error_type)
}

/// Defines `known`: the label of an error that is of one of these types.
macro_rules! known_types {
    ($($type:ty),+ $(,)?) => {
        pub(super) fn known(
            error: &(dyn std::error::Error + 'static),
        ) -> Option<std::borrow::Cow<'static, str>> {
            None$(.or_else(|| $crate::outcome::known::label_of::<$type>(error)))+
        }
    };
}

pub(super) use known_types;
