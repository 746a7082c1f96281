//! Stand-ins for items of disabled features. Their use is a compile error that names the feature.

#[cfg(not(feature = "stream"))]
pub use stream::{
    Handover, HoldsStream, Stream, begin_stream, hand_over, ok_if_dropped, open_stream,
    stream_request,
};

#[cfg(not(feature = "retry"))]
pub use retry::{Retries, pause};

#[cfg(not(feature = "stream"))]
mod stream {
    use std::borrow::Cow;
    use std::future::Future;

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
    pub fn stream_request<L, S: StreamFeature, J>(_: L, stream: S, _: J) -> S {
        stream
    }

    /// Fails to compile.
    pub fn open_stream<L, F, M>(_: L, future: F, _: M) -> F
    where
        F: Future + StreamFeature,
        M: FnOnce(&mut Handover, F::Output) -> F::Output,
    {
        future
    }

    /// Fails to compile.
    #[must_use]
    pub fn begin_stream<L: StreamFeature>(_: L) -> Handover {
        Handover
    }

    /// A request that a stream takes over.
    #[derive(Debug)]
    pub struct Handover;

    impl Handover {
        /// Returns the stream.
        pub fn stream<S, J>(&mut self, stream: S, _: J) -> S {
            stream
        }
    }

    /// Returns the value.
    pub fn hand_over<V>(
        handover: &mut Handover,
        value: V,
        _: Option<Cow<'static, str>>,
        map: impl FnOnce(V, &mut Handover) -> V,
    ) -> V {
        map(value, handover)
    }

    /// Returns the stream.
    pub const fn ok_if_dropped<S>(stream: S) -> S {
        stream
    }

    /// A value that contains a stream.
    pub trait HoldsStream: Sized {
        /// The stream, or a value that contains it.
        type Inner;

        /// Returns the value.
        #[must_use]
        fn map_stream(self, map: impl FnOnce(Self::Inner) -> Self::Inner) -> Self;
    }

    impl<S, E> HoldsStream for Result<S, E> {
        type Inner = S;

        fn map_stream(self, map: impl FnOnce(S) -> S) -> Self {
            self.map(map)
        }
    }

    impl<S> HoldsStream for Option<S> {
        type Inner = S;

        fn map_stream(self, map: impl FnOnce(S) -> S) -> Self {
            self.map(map)
        }
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
