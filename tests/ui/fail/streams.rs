//! The flags `stream` and `ok_if_dropped` where no stream ends the request, and `track_stream` of
//! items that have no outcome.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use mcp_metrics::{track_stream, tracked};

struct Numbers;

impl Stream for Numbers {
    type Item = u8;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u8>> {
        Poll::Ready(None)
    }
}

#[tracked("a", stream)]
async fn no_stream() -> u8 {
    std::future::ready(1).await
}

#[tracked("a", stream)]
fn no_value() {}

#[tracked("a", stream)]
async fn named() -> Result<Numbers, u8> {
    std::future::ready(Ok(Numbers)).await
}

#[tracked("a", stream)]
fn redundant() -> impl Stream<Item = u8> {
    Numbers
}

#[tracked("a", stream)]
async fn in_a_vec() -> Vec<Pin<Box<dyn Stream<Item = u8>>>> {
    std::future::ready(Vec::new()).await
}

#[tracked("a", ok_if_dropped)]
async fn not_dropped() -> Result<u8, u8> {
    std::future::ready(Ok(1)).await
}

#[tracked("a", ok_if_dropped)]
async fn without_stream() -> Result<impl Stream<Item = u8>, u8> {
    std::future::ready(Ok(Numbers)).await
}

#[tracked("a", stream = true)]
async fn with_a_value() -> Result<impl Stream<Item = u8>, u8> {
    std::future::ready(Ok(Numbers)).await
}

#[tracked("a", stream, ok_if_dropped, stream)]
async fn duplicate() -> Result<impl Stream<Item = u8>, u8> {
    std::future::ready(Ok(Numbers)).await
}

#[tracked(agent = "a", strem)]
async fn mistyped() -> Result<impl Stream<Item = u8>, u8> {
    std::future::ready(Ok(Numbers)).await
}

#[tracked("a", ok_if_dropped)]
impl Numbers {
    fn method(self) -> Self {
        self
    }
}

struct Opaque;

struct Opaques;

impl Stream for Opaques {
    type Item = Opaque;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Opaque>> {
        Poll::Ready(None)
    }
}

fn main() {
    let _ = (no_stream(), no_value(), named(), redundant(), in_a_vec(), not_dropped());
    let _ = (without_stream(), with_a_value(), duplicate(), mistyped(), Numbers.method());
    let _ = track_stream("a", "b", Opaques);
}
