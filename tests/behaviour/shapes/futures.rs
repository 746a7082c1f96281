//! Async functions and functions that return a future.

use std::fmt::Display;
use std::pin::Pin;

use mcp_metrics::tracked;
use mcp_metrics_tests::{exporter, scrape};

#[tracked("futures")]
async fn async_boxed(
    yes: bool,
) -> Result<Box<dyn Display + Send>, Box<dyn std::error::Error + Send>> {
    if yes {
        return Ok(Box::new(1));
    }
    tokio::task::yield_now().await;
    Ok(Box::new("x"))
}

#[tracked("futures")]
async fn async_borrows(list: &mut Vec<String>, text: &str) -> usize {
    tokio::task::yield_now().await;
    list.push(text.to_owned());
    list.len()
}

#[tracked("futures")]
fn returns_future(text: &str) -> impl Future<Output = Result<usize, u8>> + Send + '_ {
    let prepared = text.len();
    async move {
        tokio::task::yield_now().await;
        if text.is_empty() {
            Err(1)
        } else {
            Ok(prepared)
        }
    }
}

#[tracked("futures")]
fn returns_boxed(text: &str) -> Pin<Box<dyn Future<Output = Result<usize, u8>> + Send + '_>> {
    if text.is_empty() {
        return Box::pin(async { Err(1) });
    }
    let prepared = text.len();
    Box::pin(async move { Ok(prepared) })
}

#[tracked("futures")]
async unsafe fn async_raw(pointer: &*const u8) -> u8 {
    // SAFETY: the caller passes a valid pointer.
    unsafe { **pointer }
}

struct NoLabel;

#[tracked("inferred")]
fn inferred_error(x: u8) -> impl Future<Output = Result<u8, NoLabel>> {
    async move { Ok(x) }
}

#[tracked("inferred")]
#[mcp_metrics::tracked_execution]
fn inferred_value(x: u8) -> impl Future<Output = Result<u16, std::io::Error>> + Send {
    async move { Ok(x.into()) }
}

#[tracked("inferred")]
fn opaque_value(x: &str) -> impl Future<Output = Result<impl Iterator<Item = &str>, ()>> {
    async move { Ok(x.split(' ')) }
}

mod future {
    /// Has the name of the alias in futures-lite.
    pub(crate) type Boxed<T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'static>>;
}

#[tracked("futures")]
fn boxed_by_name(ok: bool) -> future::Boxed<Result<u8, u8>> {
    if !ok {
        return Box::pin(async { Err(1) });
    }
    Box::pin(async { Ok(1) })
}

#[tokio::test]
async fn futures_of_any_signature_are_counted_once_polled() {
    exporter();
    assert_eq!(async_boxed(true).await.ok().unwrap().to_string(), "1");
    assert_eq!(async_boxed(false).await.ok().unwrap().to_string(), "x");
    assert_eq!(async_borrows(&mut vec![], "x").await, 1);
    assert_eq!(
        (returns_future("ab").await, returns_future("").await),
        (Ok(2), Err(1))
    );
    assert_eq!(
        (returns_boxed("ab").await, returns_boxed("").await),
        (Ok(2), Err(1))
    );
    assert_eq!(
        (boxed_by_name(true).await, boxed_by_name(false).await),
        (Ok(1), Err(1))
    );
    let number = 3_u8;
    // SAFETY: the pointer is valid.
    assert_eq!(unsafe { async_raw(&&raw const number).await }, 3);
    assert!(inferred_error(1).await.is_ok() && inferred_value(1).await.is_ok());
    assert_eq!(opaque_value("a b").await.unwrap().count(), 2);
    // Created but not polled.
    drop((
        returns_future("ab"),
        returns_boxed("ab"),
        boxed_by_name(true),
    ));

    let scrape = scrape();
    scrape.requests("futures", "async_boxed").assert(2, &[]);
    scrape.requests("futures", "async_borrows").assert(1, &[]);
    scrape
        .requests("futures", "returns_future")
        .assert(1, &[("u8", 1)]);
    scrape
        .requests("futures", "returns_boxed")
        .assert(1, &[("u8", 1)]);
    scrape
        .requests("futures", "boxed_by_name")
        .assert(1, &[("u8", 1)]);
    scrape.requests("futures", "async_raw").assert(1, &[]);
    for operation in ["inferred_error", "inferred_value", "opaque_value"] {
        scrape.requests("inferred", operation).assert(1, &[]);
    }
}

#[test]
fn tracked_futures_stay_send_and_small() {
    #[tracked("sized", "size")]
    async fn with(argument: u64) -> u64 {
        tokio::task::yield_now().await;
        argument
    }
    async fn without(argument: u64) -> u64 {
        tokio::task::yield_now().await;
        argument
    }
    fn is_send<T: Send>(value: &T) -> usize {
        size_of_val(value)
    }
    let (with, without) = (is_send(&with(1)), is_send(&without(1)));
    assert!(with <= without + 120, "{with} bytes instead of {without}");
}
