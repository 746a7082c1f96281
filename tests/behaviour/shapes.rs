//! Functions of many shapes: each compiles, returns the same value as untracked, and is counted.

#![allow(
    clippy::multiple_bound_locations,
    clippy::needless_arbitrary_self_type,
    reason = "these are some of the shapes"
)]
#![allow(dead_code, reason = "some shapes need only compile")]
#![allow(unsafe_code, reason = "an unsafe function is one of the shapes")]

use std::fmt::{Debug, Display};
use std::future::Future;
use std::pin::Pin;

use mcp_metrics::tracked;
use mcp_metrics_tests::{exporter, scrape};

#[tracked("shapes")]
fn generic<T: Display + ?Sized, const N: usize>(value: &T, _rest: [u8; N]) -> Result<String, u8>
where
    T: Debug,
{
    if N == 0 {
        return Err(0);
    }
    Ok(format!("{value} {value:?}"))
}

#[tracked("shapes")]
fn borrows<'a>(first: &'a mut Vec<u8>, _: &str) -> Result<&'a mut u8, String> {
    first.push(1);
    let last = first.last_mut().ok_or_else(|| "empty".to_owned())?;
    *last += 1;
    Ok(last)
}

#[tracked("shapes")]
fn boxed(yes: bool) -> Option<Box<dyn Iterator<Item = u8>>> {
    if yes {
        return Some(Box::new([1, 2].into_iter()));
    }
    None
}

#[tracked("shapes")]
fn opaque(limit: u8) -> impl Iterator<Item = u8> + Clone {
    (0..limit).map(|n| n * 2)
}

#[tracked("shapes")]
fn nested_opaque(limit: u8) -> Result<impl Iterator<Item = u8>, u8> {
    if limit == 0 {
        Err(1)
    } else {
        Ok((0..limit).rev())
    }
}

#[tracked("shapes")]
fn diverges() -> ! {
    std::panic::panic_any(1)
}

#[tracked("shapes")]
unsafe extern "C" fn raw(pointer: *const u8) -> u8 {
    // SAFETY: the caller passes a valid pointer.
    unsafe { *pointer }
}

#[tracked("shapes")]
#[track_caller]
fn whereabouts() -> u32 {
    std::panic::Location::caller().line()
}

#[tracked("shapes")]
#[track_caller]
fn whereabouts_if(known: bool) -> Result<u32, u8> {
    if known {
        Ok(std::panic::Location::caller().line())
    } else {
        Err(0)
    }
}

#[tracked("futures")]
#[track_caller]
fn whereabouts_later() -> Pin<Box<dyn Future<Output = u32>>> {
    let line = std::panic::Location::caller().line();
    Box::pin(async move { line })
}

#[tracked("shapes")]
fn r#type((a, mut b): (u8, u8), [c, ..]: [u8; 3]) -> u8 {
    #![allow(unused_mut)]
    b += a;
    b + c
}

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

#[tracked("shapes")]
fn cfg_parameter(
    #[cfg(any())] _missing: NoSuchType,
    #[cfg(not(any()))] there: u8,
) -> Result<u8, ()> {
    Ok(there)
}

#[tracked("shapes")]
fn reborrows(list: &mut [u8]) -> Result<&mut u8, String> {
    let first = list.first_mut();
    let first = first.ok_or_else(|| "empty".to_owned())?;
    Ok(first)
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

struct Selves(u8);

#[tracked("selves")]
impl Selves {
    fn by_value(mut self) -> Result<u8, ()> {
        self.0 += 1;
        Ok(self.0)
    }

    fn by_typed_reference(self: &Self) -> Result<u8, ()> {
        Ok(self.0)
    }

    fn by_arc(self: std::sync::Arc<Self>) -> Result<u8, ()> {
        Ok(self.0)
    }

    async fn by_pin(self: Pin<&mut Self>, add: u8) -> Result<u8, ()> {
        tokio::task::yield_now().await;
        let this = self.get_mut();
        this.0 += add;
        Ok(this.0)
    }

    fn returns_self(&mut self) -> Result<&mut Self, ()> {
        self.0 += 1;
        Ok(self)
    }
}

#[async_trait::async_trait]
trait AsyncSelves {
    async fn by_value(self: Box<Self>) -> Result<u8, ()>;
    async fn by_mut(&mut self) -> Result<&mut u8, ()>;
}

#[async_trait::async_trait]
impl AsyncSelves for u8 {
    #[tracked("async_selves")]
    async fn by_value(self: Box<Self>) -> Result<u8, ()> {
        tokio::task::yield_now().await;
        Ok(*self)
    }

    #[tracked("async_selves")]
    async fn by_mut(&mut self) -> Result<&mut u8, ()> {
        *self += 1;
        tokio::task::yield_now().await;
        Ok(self)
    }
}

#[tracked("stacked")]
#[tracing::instrument(ret)]
async fn above_instrument(x: u8) -> Result<u8, u8> {
    tokio::task::yield_now().await;
    if x == 0 { Err(x) } else { Ok(x) }
}

#[tracing::instrument(err)]
#[tracked("stacked")]
fn below_instrument(x: u8) -> Result<u8, u8> {
    if x == 0 { Err(x) } else { Ok(x) }
}

#[tracked("stacked")]
#[tokio::main(flavor = "current_thread")]
async fn above_main() -> u8 {
    tokio::task::yield_now().await;
    1
}

#[tokio::main(flavor = "current_thread")]
#[tracked("stacked")]
async fn below_main() -> u8 {
    tokio::task::yield_now().await;
    2
}

#[test]
fn track_caller_function_sees_its_caller() {
    exporter();
    assert_eq!(whereabouts(), line!());
    assert_eq!(whereabouts_if(true).unwrap(), line!());
    whereabouts_if(false).unwrap_err();
    let (line, later) = (line!(), whereabouts_later());
    assert_eq!(futures_util::FutureExt::now_or_never(later), Some(line));

    let scrape = scrape();
    scrape.requests("shapes", "whereabouts").assert(1, &[]);
    scrape
        .requests("shapes", "whereabouts_if")
        .assert(1, &[("u8", 1)]);
    scrape
        .requests("futures", "whereabouts_later")
        .assert(1, &[]);
}

#[tokio::test]
#[tracked("stacked_test")]
async fn tokio_test_stacks_with_tracked() {
    tokio::task::yield_now().await;
}

#[test]
fn attributes_that_rewrite_the_function_stack_with_tracked() {
    exporter();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    assert_eq!(
        runtime.block_on(async { (above_instrument(0).await, above_instrument(1).await) }),
        (Err(0), Ok(1))
    );
    assert_eq!((below_instrument(0), below_instrument(1)), (Err(0), Ok(1)));
    assert_eq!((above_main(), below_main()), (1, 2));
    let scrape = scrape();
    scrape
        .requests("stacked", "above_instrument")
        .assert(1, &[("u8", 1)]);
    scrape
        .requests("stacked", "below_instrument")
        .assert(1, &[("u8", 1)]);
    scrape.requests("stacked", "above_main").assert(1, &[]);
    scrape.requests("stacked", "below_main").assert(1, &[]);
}

#[tokio::test]
async fn every_form_of_self_is_supported() {
    exporter();
    assert_eq!(
        (Selves(1).by_value(), Selves(1).by_typed_reference()),
        (Ok(2), Ok(1))
    );
    assert_eq!(std::sync::Arc::new(Selves(1)).by_arc(), Ok(1));
    let mut pinned = Selves(1);
    assert_eq!(Pin::new(&mut pinned).by_pin(2).await, Ok(3));
    assert_eq!(pinned.returns_self().unwrap().0, 4);
    assert!(inferred_error(1).await.is_ok() && inferred_value(1).await.is_ok());
    assert_eq!(opaque_value("a b").await.unwrap().count(), 2);
    let mut number = 1_u8;
    *number.by_mut().await.unwrap() += 1;
    assert_eq!(AsyncSelves::by_value(Box::new(number)).await, Ok(3));
    // SAFETY: the pointer is valid.
    assert_eq!(unsafe { async_raw(&&raw const number).await }, 3);
    assert_eq!((cfg_parameter(1), reborrows(&mut [1])), (Ok(1), Ok(&mut 1)));
    let scrape = scrape();
    for method in [
        "by_value",
        "by_typed_reference",
        "by_arc",
        "by_pin",
        "returns_self",
    ] {
        scrape.requests("selves", method).assert(1, &[]);
    }
    scrape.requests("async_selves", "by_value").assert(1, &[]);
    scrape.requests("async_selves", "by_mut").assert(1, &[]);
}

struct Store {
    name: String,
    items: Vec<u8>,
}

impl Store {
    #[tracked(agent = "store")]
    fn new(name: &str) -> Result<Self, std::convert::Infallible> {
        Ok(Self {
            name: name.to_owned(),
            items: Vec::new(),
        })
    }

    #[tracked(agent = self.name.clone())]
    fn put(&mut self, item: u8) -> &mut Self {
        self.items.push(item);
        self
    }

    #[tracked(agent = format!("{}-{prefix}", self.name), operation = "take")]
    async fn take(self, prefix: &str) -> Option<Vec<u8>> {
        Some(self.items)
    }

    #[tracked("store")]
    fn by_box(self: Box<Self>) -> Result<usize, ()> {
        Ok(self.items.len())
    }
}

trait Agent {
    fn name(&self) -> String {
        "agent".to_owned()
    }

    #[tracked(agent = self.name(), operation = "default")]
    fn run(&self) -> Result<u8, ()> {
        Ok(1)
    }
}

impl Agent for Store {}

#[async_trait::async_trait]
trait AsyncAgent: Sync {
    async fn below(&self, fail: bool) -> Result<u8, String>;
}

#[async_trait::async_trait]
impl AsyncAgent for Store {
    #[tracked("async_trait")]
    async fn below(&self, fail: bool) -> Result<u8, String> {
        tokio::task::yield_now().await;
        if fail {
            Err("no".to_owned())?;
        }
        Ok(self.name.len().try_into().unwrap_or(0))
    }
}

macro_rules! makes_functions {
    ($($name:ident -> $type:ty { $value:expr })+) => {$(
        #[tracked("macros")]
        fn $name() -> $type {
            $value
        }
    )+};
}

makes_functions! {
    by_macro -> Result<u8, ()> { Ok(1) }
    plain_by_macro -> u8 { 2 }
}

#[test]
fn functions_return_the_same_values_and_are_counted() {
    exporter();
    assert_eq!(generic("x", [1]), Ok("x \"x\"".to_owned()));
    assert_eq!(generic::<u8, 0>(&1, []), Err(0));
    let mut list = vec![];
    *borrows(&mut list, "").unwrap() += 1;
    assert_eq!(list, [3]);
    assert_eq!(boxed(true).unwrap().sum::<u8>(), 3);
    assert!(boxed(false).is_none());
    assert_eq!(opaque(3).clone().sum::<u8>(), 6);
    assert_eq!(nested_opaque(3).unwrap().next(), Some(2));
    assert!(nested_opaque(0).is_err());
    // SAFETY: the pointer is valid.
    assert_eq!(unsafe { raw(&5) }, 5);
    assert_eq!(r#type((1, 2), [3, 0, 0]), 6);
    assert_eq!((by_macro(), plain_by_macro()), (Ok(1), 2));

    let scrape = scrape();
    scrape.requests("shapes", "generic").assert(1, &[("u8", 1)]);
    scrape.requests("shapes", "borrows").assert(1, &[]);
    scrape.requests("shapes", "boxed").assert(2, &[]);
    scrape.requests("shapes", "opaque").assert(1, &[]);
    scrape
        .requests("shapes", "nested_opaque")
        .assert(1, &[("u8", 1)]);
    scrape.requests("shapes", "raw").assert(1, &[]);
    scrape.requests("shapes", "type").assert(1, &[]);
    scrape.requests("macros", "by_macro").assert(1, &[]);
    scrape.requests("macros", "plain_by_macro").assert(1, &[]);
}

#[tokio::test]
async fn method_labels_can_use_self_and_arguments() {
    exporter();
    let mut store = Store::new("s1").unwrap();
    store.put(1).put(2);
    assert_eq!(store.run(), Ok(1));
    assert_eq!(Box::new(Store::new("s2").unwrap()).by_box(), Ok(0));
    assert_eq!(store.take("x").await, Some(vec![1, 2]));

    let scrape = scrape();
    scrape.requests("store", "new").assert(2, &[]);
    scrape.requests("store", "by_box").assert(1, &[]);
    scrape.requests("s1", "put").assert(2, &[]);
    scrape.requests("agent", "default").assert(1, &[]);
    scrape.requests("s1-x", "take").assert(1, &[]);
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
    let store = Store {
        name: "s3".into(),
        items: vec![],
    };
    assert_eq!(
        (store.below(false).await, store.below(true).await),
        (Ok(2), Err("no".into()))
    );
    // Created but not polled.
    drop((returns_future("ab"), returns_boxed("ab"), store.below(true)));
    drop(boxed_by_name(true));

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
    scrape
        .requests("async_trait", "below")
        .assert(1, &[("String", 1)]);
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
