//! Panics of the stream, of the predicate and of the consumer.

use std::cell::Cell;

use mcp_metrics_tests::{PROVOKED, quiet_panics};

use super::*;

/// A stream that panics at its second poll, and a flag that its drop sets.
struct Panics(Rc<Cell<bool>>, u8);

impl Stream for Panics {
    type Item = u8;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u8>> {
        self.1 += 1;
        assert!(self.1 != 2, "{PROVOKED}");
        Poll::Ready(Some(self.1))
    }
}

impl Drop for Panics {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

/// Returns whether a poll panics.
fn panics<S: Stream + Unpin>(stream: &mut S) -> bool {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _ = poll(stream);
    }))
    .is_err()
}

#[test]
fn panics_in_a_poll_and_in_the_predicate_are_recorded_once() {
    exporter();
    quiet_panics();
    let dropped = Rc::new(Cell::new(false));
    let stream = Panics(Rc::clone(&dropped), 0);
    let mut stream = track_stream("panics", "stream", stream).ok_if_dropped();
    assert_eq!(poll(&mut stream), Poll::Ready(Some(1)));
    assert!(panics(&mut stream));
    assert("panics", 0, &[("panic", 1)]);
    // The inner stream decides what another poll does.
    assert_eq!(poll(&mut stream), Poll::Ready(Some(3)));
    drop(stream);
    assert!(dropped.get());
    assert("panics", 0, &[("panic", 1)]);

    let mut calls = 0;
    let stream = stream::iter([1, 2]);
    let mut stream = track_stream_with("judge_panics", "stream", stream, |_| {
        calls += 1;
        panic!("{PROVOKED}")
    });
    assert!(panics(&mut stream));
    assert_eq!(poll(&mut stream), Poll::Ready(Some(2)), "not judged");
    drop(stream);
    assert_eq!(calls, 1);
    assert("judge_panics", 0, &[("panic", 1)]);
}

#[test]
fn consumer_that_panics_cancels_the_stream() {
    exporter();
    quiet_panics();
    let consumed = std::panic::catch_unwind(|| {
        let mut stream = track_stream("consumer", "stream", stream::iter([1])).ok_if_dropped();
        let _ = poll(&mut stream);
        panic!("{PROVOKED}");
    });
    assert!(consumed.is_err());
    assert("consumer", 0, &[("cancelled", 1)]);
}

#[test]
fn stream_that_is_used_while_a_panic_unwinds_can_succeed() {
    struct Flush;

    impl Drop for Flush {
        fn drop(&mut self) {
            let mut stream = track_stream("flush", "stream", stream::iter([1])).ok_if_dropped();
            let _ = poll(&mut stream);
        }
    }

    exporter();
    quiet_panics();
    let unwound = std::panic::catch_unwind(|| {
        let _flush = Flush;
        panic!("{PROVOKED}");
    });
    assert!(unwound.is_err());
    assert("flush", 1, &[]);
}
