//! Functions with lints. `// lost:` names the lints that fire on the line without the attributes
//! only, and `// new:` those that fire with the attributes only.

#![warn(clippy::all, clippy::pedantic, clippy::nursery, unused, nonstandard_style, missing_docs)]
#![warn(clippy::print_stdout, clippy::print_stderr, clippy::dbg_macro, clippy::todo)]
#![warn(clippy::unimplemented, clippy::panic, clippy::unreachable, clippy::exit)]
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::unwrap_in_result, clippy::panic_in_result_fn)]
#![warn(clippy::implicit_return, clippy::mem_forget, clippy::question_mark_used, clippy::indexing_slicing)]
#![warn(clippy::missing_assert_message, clippy::allow_attributes, clippy::items_after_statements)]
#![warn(elided_lifetimes_in_paths, single_use_lifetimes, unused_lifetimes, unused_qualifications)]
#![warn(unsafe_op_in_unsafe_fn, unreachable_pub)]
#![allow(clippy::missing_const_for_fn, clippy::unnecessary_wraps, dead_code)]

#[allow(unused_imports)]
use mcp_metrics::{tracked, tracked_cache, tracked_execution, tracked_retry, tracked_search};
use std::cell::Cell;
use std::future::{Future, ready};
use std::pin::Pin;

fn main() {}

fn call(n: u8) -> Result<u8, String> {
    if n > 3 { return Ok(n); }
    Err(String::new())
}

#[tracked("a")]
fn macros(x: u8) -> Result<u8, String> {
    println!("{x}");
    eprintln!("{x}");
    dbg!(x);
    if x == 1 { todo!() }
    if x == 2 { unimplemented!() }
    if x == 3 { panic!("x") }
    if x == 4 { unreachable!() }
    if x == 5 { std::process::exit(1) }
    assert!(x > 6);
    Ok(x)
}

#[tracked("a")]
fn macros_infallible(x: u8) {
    println!("{x}");
    if x == 1 { todo!() }
}

#[tracked("a")]
async fn macros_async(x: u8) {
    println!("{x}");
    if x == 1 { todo!() }
    ready(()).await;
}

#[tracked_execution]
async fn macros_async_result(x: u8) -> Result<u8, String> {
    println!("{x}");
    if x == 1 { panic!("x") }
    call(ready(x).await)
}

#[tracked_retry("a")]
fn macros_counted(x: u8) -> Result<u8, String> {
    println!("{x}");
    for n in 0..x { if call(n).is_ok() { println!("{n}"); break } }
    if x == 1 { todo!() }
    call(x)
}

#[tracked_retry("a")]
async fn macros_counted_async(x: u8) -> Result<u8, String> {
    println!("{x}");
    for n in 0..x { if call(n).is_ok() { println!("{n}"); break } }
    call(ready(x).await)
}

#[tracked_retry("a", attempts = 2)]
fn macros_generated(x: u8) -> Result<u8, String> {
    println!("{x}");
    call(x)
}

#[tracked_retry("a", attempts = 2)]
async fn macros_generated_async(x: u8) -> Result<u8, String> {
    println!("{x}");
    call(ready(x).await)
}

#[tracked("a")]
fn macros_boxed(x: u8) -> Pin<Box<dyn Future<Output = u8>>> {
    println!("{x}");
    return Box::pin(async move { println!("{x}"); x });
}

#[tracked("a")]
fn panics(x: Option<u8>) -> Result<u8, String> {
    call(x.unwrap())
}

#[tracked("a")]
async fn unfinished(x: u8) -> Result<u8, String> {
    ready(x).await;
    todo!()
}

#[tracked("a")]
fn returns(x: u8) -> Result<u8, String> {
    if x > 3 { return Err(String::new()); }
    return Ok(x);
}

#[tracked("a")]
async fn returns_async(x: u8) -> Result<u8, String> {
    if x > 3 { return Err(String::new()); }
    return Ok(ready(x).await);
}

#[tracked_retry("a", attempts = 2)]
fn returns_generated(x: u8) -> Result<u8, String> {
    return call(x);
}

#[tracked_cache("a")]
async fn returns_cached(x: u8) -> Option<u8> {
    ready(()).await;
    match x { 1 => return Some(x), _ => return None }
}

#[tracked("a")]
fn tails(x: u8) -> Result<u8, String> {
    let result = call(x);
    result
}

#[tracked("a")]
fn propagates(x: u8) -> Result<u8, String> {
    Ok(call(x)?)
}

#[tracked("a")]
fn matches(x: Result<u8, String>) -> Result<u8, String> {
    let y = match x { Ok(y) => y, Err(error) => return Err(error) };
    return call(y);
}

#[tracked("a")]
fn semicolon(x: Vec<u8>) {
    drop(x)
}

#[tracked("a")]
fn unit() -> () { drop(String::new()); }

#[tracked("a")]
fn items(x: &[Cell<u8>]) -> usize {
    const LIMIT: usize = 3;
    x.len() + LIMIT
}

#[tracked("a")]
async fn items_async(x: Vec<Cell<u8>>) -> usize {
    use std::cmp::max;
    ready(()).await;
    max(x.len(), 3)
}

#[tracked("a")]
fn late_items(x: Vec<Cell<u8>>) -> Result<usize, String> { // lost: clippy::needless_pass_by_value
    drop(call(3));
    fn inner() -> usize { return 1; }
    return Ok(x.len() + inner());
}

#[tracked_search]
fn first_items() -> usize {
    #[allow(clippy::min_ident_chars)]
    struct S(usize);
    return S(1).0;
}

#[tracked("a")]
fn unsafe_block(x: &u8) -> Result<u8, String> {
    unsafe { return Ok(*std::ptr::from_ref(x)); }
}

#[tracked("a")]
fn closure_first() -> Result<u8, String> {
    async { ready(()).await };
    return call(1);
}

#[tracked("a")]
fn lifetimes<'a>(x: &'a str) -> Result<&'a str, String> {
    if x.is_empty() { return Err(String::new()); }
    return Ok(x);
}

#[tracked("a")]
async fn lifetimes_async<'a>(x: &'a str) -> Result<&'a str, String> {
    ready(()).await;
    return Ok(x);
}

#[tracked("a")]
fn large(x: u8) -> Result<u8, [u64; 40]> { // new: clippy::result_large_err
    if x > 3 { return Ok(x); }
    return Err([0; 40]);
}

#[tracked("a")]
fn unused(x: u8, y: Cell<u8>, mut z: Vec<u8>) -> Result<u8, String> { // lost: clippy::needless_pass_by_value
    let local = 1;
    let mut other = 2;
    return call(other);
}

#[tracked("a")]
async fn unused_async_arguments(x: u8, y: Cell<u8>, mut z: Vec<u8>) -> Result<u8, String> {
    return call(ready(1).await);
}

#[tracked("a")]
fn names(Abc: String, foo: u8) -> Result<u8, String> { // lost: clippy::needless_pass_by_value
    let Xyz = Abc.len();
    return call(foo + u8::try_from(Xyz).unwrap()); // lost: clippy::unwrap_in_result
}

#[tracked("a")]
fn delimiters(x: u8) -> Result<u8, String> {
    if (x > 3) { return call(x); }
    let y = { x };
    return (call(y));
}

#[tracked("a")]
fn ignored(x: u8) -> Result<u8, String> {
    call(x);
    return Ok(x + 0);
}

#[tracked("a")]
fn loops(x: &[u8]) -> Result<u8, String> {
    for i in 0..x.len() { drop(call(x[i])); }
    for y in x.iter() { if *y == 1 { drop(call(*y)); } else { continue; } }
    return call(1);
}

#[tracked("a")]
async fn holds(x: &std::sync::Mutex<u8>) -> Result<u8, String> {
    let guard = x.lock().unwrap();
    ready(()).await;
    return call(*guard);
}

#[tracked_execution]
fn never(x: Vec<u8>) -> ! { // lost: clippy::needless_pass_by_value
    drop(x.len());
    panic!("x")
}

#[tracked("a")]
async fn never_async(x: u8) -> ! {
    loop { ready(x).await; }
}

#[tracked("a")]
#[track_caller]
fn caller(x: u8) -> Result<u8, String> {
    println!("{x}");
    todo!()
}

pub struct Item<T>(T);

pub type Items<T> = Result<Item<T>, String>;

#[tracked("a")]
impl<T: Clone> Item<T> {
    pub fn same(&self) -> Items<T> { return Ok(Item(self.0.clone())); }

    fn unused_receiver(&self) -> Result<u8, String> { return call(1); }

    pub fn new() -> Result<u8, String> { println!("x"); return call(1); }

    pub async fn wait(&self, x: &String) -> u8 { println!("{x}"); return ready(1).await; }
}
