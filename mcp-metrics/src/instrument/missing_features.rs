//! Stand-ins for items of disabled features. Their use is a compile error that names the feature.

#[cfg(not(feature = "stream"))]
pub use stream::{Stream, track_stream};

#[cfg(not(feature = "retry"))]
pub use retry::{Retries, pause};

#[cfg(not(feature = "stream"))]
mod stream {
    /// A trait without implementations.
    #[diagnostic::on_unimplemented(
        message = "a function that returns a stream requires the feature `stream` of `mcp-metrics`",
        label = "the attribute tracks a stream",
        note = "enable the feature in Cargo.toml: `features = [\"stream\"]`"
    )]
    pub trait StreamFeature {}

    /// Any type, so that the function below reports the only error.
    pub trait Stream {
        /// The type of the items.
        type Item;
    }

    impl<T: ?Sized> Stream for T {
        type Item = ();
    }

    /// Fails to compile.
    pub fn track_stream<L, S: StreamFeature, J>(_: L, stream: S, _: J) -> S {
        stream
    }
}

#[cfg(not(feature = "retry"))]
mod retry {
    use std::time::Duration;

    use crate::instrument::retry::Policy;

    /// A trait without implementations.
    #[diagnostic::on_unimplemented(
        message = "`#[tracked_retry(attempts = …)]` requires the feature `retry` of `mcp-metrics`",
        label = "the attribute generates a retry loop",
        note = "enable the feature in Cargo.toml: `features = [\"retry\"]`",
        note = "without `attempts`, the attribute counts the attempts of your own loop"
    )]
    pub trait RetryFeature {}

    /// The attempts of a retry loop.
    #[derive(Debug)]
    pub struct Retries;

    impl Retries {
        /// Fails to compile.
        #[must_use]
        pub fn new<S: RetryFeature>(_: S, _: Policy) -> Self {
            Self
        }

        /// Does nothing.
        pub const fn begin(&mut self) {}

        /// Returns `None`.
        pub const fn next(&mut self, _: bool, _: bool) -> Option<Duration> {
            None
        }
    }

    /// Returns at once.
    pub async fn pause(_: Duration) {}
}
