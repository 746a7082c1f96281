//! A future with a recorder of its own.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::Recording;

pin_project! {
    /// A future that is polled and dropped under a recording's recorder.
    pub(super) struct Recorded<F> {
        // `None` once it is dropped.
        #[pin]
        future: Option<F>,
        recording: Recording,
    }

    impl<F> PinnedDrop for Recorded<F> {
        fn drop(this: Pin<&mut Self>) {
            // Dropping the future may end a request, which must be recorded, too.
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
