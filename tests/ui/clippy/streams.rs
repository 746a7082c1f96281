//! Functions with lints whose request ends with a stream.

#![warn(clippy::all, clippy::pedantic, clippy::nursery, unused, nonstandard_style, missing_docs)]
#![warn(clippy::print_stdout, clippy::print_stderr, clippy::dbg_macro, clippy::todo)]
#![warn(clippy::panic, clippy::unwrap_used, clippy::expect_used, clippy::panic_in_result_fn)]
#![warn(clippy::implicit_return, clippy::question_mark_used, clippy::indexing_slicing)]
#![warn(clippy::missing_assert_message, clippy::allow_attributes, clippy::items_after_statements)]
#![warn(elided_lifetimes_in_paths, single_use_lifetimes, unused_lifetimes, unused_qualifications)]
#![warn(unsafe_op_in_unsafe_fn, unreachable_pub, let_underscore_drop, clippy::let_and_return)]
#![allow(clippy::missing_const_for_fn, clippy::unnecessary_wraps, dead_code)]

#[allow(unused_imports)]
use mcp_metrics::tracked;
use std::future::{Future, ready};
use std::pin::Pin;
use std::task::{Context, Poll};
use futures_core::Stream;

fn main() {}

struct Numbers;

impl Stream for Numbers {
    type Item = Result<u8, String>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        return Poll::Ready(None);
    }
}

type Boxed<'a> = Pin<Box<dyn Stream<Item = Result<u8, String>> + 'a>>;

fn call(n: u8) -> Result<u8, String> {
    if n > 3 { return Ok(n); }
    Err(String::new())
}

#[tracked("a", stream)]
async fn macros_async(x: u8) -> Result<impl Stream<Item = Result<u8, String>>, String> {
    println!("{x}");
    if x == 1 { panic!("x") }
    assert!(x > 6);
    call(ready(x).await)?;
    Ok(Numbers)
}

#[tracked("a", stream, ok_if_dropped)]
fn macros_sync(x: u8) -> Result<Pin<Box<dyn Stream<Item = Result<u8, String>>>>, String> {
    println!("{x}");
    dbg!(x);
    if x == 1 { todo!() }
    call(x)?;
    return Ok(Box::pin(Numbers));
}

#[tracked("a", stream)]
fn macros_future(x: u8) -> impl Future<Output = Result<impl Stream<Item = Result<u8, String>>, String>> {
    println!("{x}");
    return async move {
        call(ready(x).await)?;
        Ok(Numbers)
    };
}

#[tracked("a", ok_if_dropped)]
fn itself(x: u8) -> impl Stream<Item = Result<u8, String>> {
    println!("{x}");
    return Numbers;
}

#[tracked("a", ok_if_dropped)]
fn itself_boxed<'a>(x: &'a u8) -> Pin<Box<dyn Stream<Item = Result<u8, String>> + 'a>> {
    eprintln!("{x}");
    return Box::pin(Numbers);
}

#[tracked("a", stream)]
async fn lifetimes<'a>(x: &'a u8) -> Result<Pin<Box<dyn Stream<Item = Result<u8, String>> + 'a>>, String> {
    let y = ready(*x).await;
    call(y)?;
    return Ok(Box::pin(Numbers));
}

#[tracked("a", stream)]
async fn optional(x: &[u8]) -> Option<impl Stream<Item = Result<u8, String>>> {
    let y = x.get(0)?;
    let unused = x[1];
    ready(y.clone()).await;
    Some(Numbers)
}

#[tracked("a", stream)]
async fn bare(x: u8) -> impl Stream<Item = Result<u8, String>> {
    if ready(x).await == 1 { println!("{x}"); }
    fn item() {}
    item();
    return Numbers;
}

#[tracked("a", stream, error_if = Result::is_err)]
async fn judged(x: u8) -> Result<impl Stream<Item = Result<u8, String>>, String> {
    let y = call(ready(x).await).unwrap();
    let z = y as u16;
    if z == 1 { return Err(format!("{}", z)); }
    Ok(Numbers)
}

struct Client;

#[tracked("a")]
impl Client {
    #[tracked(stream)]
    async fn method(&self, x: u8) -> Result<impl Stream<Item = Result<u8, String>>, String> {
        println!("{x}");
        call(ready(x).await).expect("x");
        Ok(Numbers)
    }
}

/// Opens a stream.
#[tracked("a", stream)]
pub async fn undocumented(x: u8) -> Result<impl Stream<Item = Result<u8, String>>, String> {
    call(ready(x).await)?;
    return Ok(Numbers);
}

#[tracked("a", stream)]
pub async fn alias(x: &u8) -> Result<impl Stream<Item = Result<u8, String>> + '_, String> {
    call(ready(*x).await)?;
    let numbers = Numbers;
    return Ok(numbers);
}
