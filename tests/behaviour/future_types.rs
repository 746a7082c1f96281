//! Tracked futures keep the properties of the futures that they wrap.

#![expect(
    clippy::large_types_passed_by_value,
    clippy::manual_async_fn,
    clippy::unused_async,
    reason = "the shapes are what is tested"
)]

use std::mem::size_of_val;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures_util::future::{FusedFuture, FutureExt as _, TryFuture, TryFutureExt};
use mcp_metrics::{tracked, tracked_cache, tracked_execution, tracked_llm, tracked_search};
use mcp_metrics_tests::{exporter, scrape};

fn poll<F: Future + Unpin + ?Sized>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

#[tracked("unpin")]
fn unpin(value: u8) -> impl Future<Output = Result<u8, u8>> + Unpin {
    Box::pin(async move { Err(value) })
}

#[tracked("unpin")]
#[tracked_execution]
#[tracked_llm("unpin", "model")]
#[tracked_search]
#[tracked_cache("unpin")]
fn with_events(value: Option<u8>) -> impl FusedFuture<Output = Option<u8>> + Unpin + Send {
    Box::pin(async move { value }.fuse())
}

#[test]
fn unpin_future_remains_unpin_and_is_counted_by_its_output() {
    exporter();
    assert_eq!(poll(&mut unpin(3)), Poll::Ready(Err(3)));
    assert_eq!(poll(&mut with_events(None)), Poll::Ready(None));
    assert_eq!(poll(&mut with_events(Some(1))), Poll::Ready(Some(1)));
    let scrape = scrape();
    scrape.requests("unpin", "unpin").assert(0, &[("u8", 1)]);
    scrape.requests("unpin", "with_events").assert(2, &[]);
    let of_cache = [("cache_type", "unpin")];
    assert_eq!(scrape.value("mcp_hub_cache_hits_total", &of_cache), 1.0);
    assert_eq!(scrape.value("mcp_hub_cache_misses_total", &of_cache), 1.0);
    let of_model = [("provider", "unpin"), ("model", "model")];
    assert_eq!(scrape.value("mcp_hub_llm_api_calls_total", &of_model), 2.0);
}

#[tracked("fused")]
fn fused(value: u8) -> impl FusedFuture<Output = Result<u8, u8>> {
    async move { Err(value) }.fuse()
}

#[tracked_search]
fn fused_search() -> impl FusedFuture<Output = u8> + Unpin {
    Box::pin(async { 1 }.fuse())
}

#[test]
fn fused_future_is_pending_after_its_end() {
    exporter();
    let mut future = Box::pin(fused(1));
    assert!(!future.is_terminated());
    assert_eq!(poll(&mut future), Poll::Ready(Err(1)));
    assert!(future.is_terminated());
    assert_eq!(poll(&mut future), Poll::Pending);
    let mut future = fused_search();
    assert_eq!(poll(&mut future), Poll::Ready(1));
    assert!(future.is_terminated());
    assert_eq!(poll(&mut future), Poll::Pending);
    scrape().requests("fused", "fused").assert(0, &[("u8", 1)]);
}

#[tracked("try_future")]
fn try_future(value: u8) -> impl TryFuture<Ok = u8, Error = std::num::TryFromIntError> {
    async move { u8::try_from(u16::from(value) * 16) }
}

#[tracked("boxed_unpin")]
fn boxed_unpin(value: u8) -> Box<dyn Future<Output = Result<u8, u8>> + Send + Unpin> {
    Box::new(async move { Err(value) }.boxed())
}

#[tracked("boxed_unpin")]
fn early(empty: bool) -> Box<dyn Future<Output = u8> + Unpin + 'static> {
    if empty {
        return Box::new(std::future::ready(0));
    }
    Box::new(Box::pin(async { 1 }))
}

#[tokio::test]
async fn future_by_another_trait_is_counted_by_its_output() {
    exporter();
    assert_eq!(TryFutureExt::into_future(try_future(1)).await, Ok(16));
    assert!(TryFutureExt::into_future(try_future(16)).await.is_err());
    assert_eq!(boxed_unpin(2).await, Err(2));
    assert_eq!((early(true).await, early(false).await), (0, 1));
    drop(early(true));
    let scrape = scrape();
    scrape
        .requests("try_future", "try_future")
        .assert(1, &[("TryFromIntError", 1)]);
    scrape
        .requests("boxed_unpin", "boxed_unpin")
        .assert(0, &[("u8", 1)]);
    scrape.requests("boxed_unpin", "early").assert(2, &[]);
}

fn plain(bytes: [u8; 1024]) -> impl Future<Output = u8> {
    async move {
        std::future::ready(()).await;
        bytes[0]
    }
}

#[tracked("layers")]
fn one_layer(bytes: [u8; 1024]) -> impl Future<Output = u8> {
    plain(bytes)
}

#[tracked("layers")]
#[tracked_execution]
#[tracked_llm("layers", "model")]
fn four_layers(bytes: [u8; 1024]) -> impl Future<Output = u8> {
    one_layer(bytes)
}

#[test]
fn each_tracked_layer_adds_less_than_100_bytes() {
    let bytes = [0; 1024];
    let size = size_of_val(&plain(bytes));
    assert!(size_of_val(&one_layer(bytes)) < size + 100);
    assert!(size_of_val(&four_layers(bytes)) < size + 4 * 100);
}

#[tracked("unwind_safe")]
async fn asynchronous(value: u64) -> u64 {
    std::future::ready(value).await
}

#[tracked(agent = "unwind_safe".to_owned())]
async fn dynamic(value: u64) -> u64 {
    std::future::ready(value).await
}

#[tracked("unwind_safe")]
fn returned(value: u64) -> impl Future<Output = u64> {
    async move { std::future::ready(value).await }
}

#[test]
fn tracked_futures_are_unwind_safe() {
    const fn check<T: UnwindSafe + RefUnwindSafe>(_: &T) {}

    check(&std::future::ready(1));
    check(&asynchronous(1));
    check(&dynamic(1));
    check(&returned(1));
}

#[tracked("never")]
async fn forever() -> ! {
    loop {
        tokio::task::yield_now().await;
    }
}

#[tracked("never")]
#[tracked_execution]
async fn panics_at_the_second_poll() -> ! {
    tokio::task::yield_now().await;
    panic!("{}", mcp_metrics_tests::PROVOKED)
}

#[tokio::test]
async fn async_fn_that_never_returns_is_cancelled_or_panics() {
    exporter();
    mcp_metrics_tests::quiet_panics();
    assert!(forever().now_or_never().is_none());
    let panicked = tokio::spawn(async { panics_at_the_second_poll().await }).await;
    assert!(panicked.unwrap_err().is_panic());
    let scrape = scrape();
    scrape
        .requests("never", "forever")
        .assert(0, &[("cancelled", 1)]);
    scrape
        .requests("never", "panics_at_the_second_poll")
        .assert(0, &[("panic", 1)]);
}

#[tracked("opaque_output")]
async fn trimmer() -> impl Fn(&str) -> &str {
    |text| text.trim()
}

#[tracked("opaque_output")]
async fn chooser(first: bool) -> impl Iterator<Item = u8> + Clone {
    if first {
        return 0..3;
    }
    tokio::task::yield_now().await;
    1..3
}

#[tracked("opaque_output")]
async fn waits() -> impl FnOnce(&str) -> usize {
    tokio::task::yield_now().await;
    |text| text.len()
}

#[tokio::test]
async fn async_fn_with_an_opaque_output_is_counted() {
    exporter();
    assert_eq!(trimmer().await(" a "), "a");
    assert_eq!(chooser(true).await.count(), 3);
    assert_eq!(chooser(false).await.count(), 2);
    assert_eq!(waits().await("ab"), 2);
    assert!(waits().now_or_never().is_none());
    let scrape = scrape();
    scrape.requests("opaque_output", "trimmer").assert(1, &[]);
    scrape.requests("opaque_output", "chooser").assert(2, &[]);
    scrape
        .requests("opaque_output", "waits")
        .assert(1, &[("cancelled", 1)]);
}

struct Reusable(Pin<Box<dyn Future<Output = u8> + Send>>);

impl Reusable {
    #[tracked("borrowed")]
    fn get_pin(&mut self) -> Pin<&mut (dyn Future<Output = u8> + Send)> {
        self.0.as_mut()
    }

    #[tracked("borrowed")]
    fn get_mut(&mut self) -> Option<&mut (dyn Future<Output = u8> + Send + Unpin)> {
        Some(&mut self.0)
    }
}

#[test]
fn borrowed_future_counts_when_it_is_returned() {
    exporter();
    let mut reusable = Reusable(Box::pin(async { 1 }));
    assert!(reusable.get_mut().is_some());
    assert_eq!(
        reusable
            .get_pin()
            .poll(&mut Context::from_waker(Waker::noop())),
        Poll::Ready(1)
    );
    let scrape = scrape();
    scrape.requests("borrowed", "get_pin").assert(1, &[]);
    scrape.requests("borrowed", "get_mut").assert(1, &[]);
}
