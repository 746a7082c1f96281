//! Functions that return a stream.

use futures_util::stream::{BoxStream, Stream, empty};
use mcp_metrics::tracked;

use crate::{Error, cases};

#[tracked("streams")]
fn opaque() -> impl Stream<Item = Result<(), Error>> + Unpin {
    empty()
}

#[tracked("streams")]
fn boxed() -> BoxStream<'static, Result<(), Error>> {
    Box::pin(empty())
}

/// Ends a stream that has no items.
fn end(mut stream: impl Stream + Unpin) {
    assert!(crate::ready(futures_util::StreamExt::next(&mut stream)).is_none());
}

cases! {
    opaque: ["Refused", "Timeout"], end(opaque());
    boxed: ["Refused", "Timeout"], end(boxed());
    @at_first_call:
}
