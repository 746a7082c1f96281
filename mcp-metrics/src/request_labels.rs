//! The labels that identify a request.

#[cfg(any(feature = "axum", feature = "exporter"))]
use std::borrow::Cow;

use metrics::SharedString;

/// The agent and the operation of a request.
///
/// Stored as an array, since tables of series compare and hash label values as a slice.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RequestLabels([SharedString; 2]);

impl RequestLabels {
    /// Creates the labels of `operation` by `agent`.
    #[inline]
    pub(crate) const fn new(agent: SharedString, operation: SharedString) -> Self {
        Self([agent, operation])
    }

    /// Returns the label `agent`.
    pub(crate) const fn agent(&self) -> &SharedString {
        &self.0[0]
    }

    /// Returns the label `operation`.
    pub(crate) const fn operation(&self) -> &SharedString {
        &self.0[1]
    }

    /// Returns the values in the catalogue's order.
    #[cfg(feature = "exporter")]
    #[inline]
    pub(crate) const fn values(&self) -> &[SharedString] {
        &self.0
    }
}

/// The compiler does not always inline the clone of an array.
impl Clone for RequestLabels {
    #[inline]
    fn clone(&self) -> Self {
        Self::new(self.agent().clone(), self.operation().clone())
    }
}

/// Converts a text to a form whose clones share the text.
#[cfg(any(feature = "axum", feature = "exporter"))]
pub(crate) fn share(text: SharedString) -> SharedString {
    match text.into() {
        Cow::Borrowed(text) => SharedString::const_str(text),
        Cow::Owned(text) => SharedString::from_shared(text.into()),
    }
}
