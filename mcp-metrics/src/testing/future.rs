//! A future with a recorder of its own.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::Recording;

pin_project! {
    /// Polls and drops a future under a recording's recorder.
    pub(super) struct Recorded<F> {
        // There until it is dropped.
        #[pin]
        future: Option<F>,
        recording: Recording,
    }

    impl<F> PinnedDrop for Recorded<F> {
        fn drop(this: Pin<&mut Self>) {
            // A request that ends with its future is a recording, too.
            let this = this.project();
            let mut future = this.future;
            this.recording.run(|| future.set(None));
        }
    }
}

impl<F> Recorded<F> {
    pub(super) fn new(recording: Recording, future: F) -> Self {
        Self {
            future: Some(future),
            recording,
        }
    }
}

impl<F: Future> Future for Recorded<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        match this.future.as_pin_mut() {
            Some(future) => this.recording.run(|| future.poll(cx)),
            None => unreachable!("the future is dropped with its owner"),
        }
    }
}
