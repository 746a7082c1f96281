//! A function for each lint that does not fire with the attributes, see `functions.rs`.

#![warn(clippy::all, clippy::pedantic, clippy::nursery, clippy::doc_paragraphs_missing_punctuation)]
#![warn(clippy::unwrap_in_result, clippy::implicit_return, clippy::doc_comment_double_space_linebreaks)]
#![warn(clippy::cognitive_complexity)]
#![allow(dead_code, clippy::missing_const_for_fn, clippy::must_use_candidate)]

#[allow(unused_imports)]
use mcp_metrics::{tracked, tracked_execution};
use std::cell::RefMut;
use std::future::{Future, ready};
use std::sync::MutexGuard;

pub fn main() {}

fn call(n: u8) -> Result<u8, String> {
    if n > 3 { return Ok(n); }
    return Err(String::new());
}

#[tracked("a")]
async fn refcell(x: RefMut<'_, u8>) -> Result<u8, String> { // lost: clippy::await_holding_refcell_ref
    ready(()).await;
    return call(*x);
}

#[tracked("a")]
async fn mutex(x: MutexGuard<'_, u8>) -> Result<u8, String> { // lost: clippy::await_holding_lock
    ready(()).await;
    return call(*x);
}

#[tracked("a")]
fn boxed(x: Box<u8>) -> Result<u8, String> { // lost: clippy::boxed_local, clippy::needless_pass_by_value
    return call(*x);
}

#[tracked_execution]
fn complex(x: u8) -> u8 { // lost: clippy::cognitive_complexity
    if x == 1 { drop(vec![1]); } if x == 2 { drop(vec![2]); } if x == 3 { drop(vec![3]); }
    if x == 4 { drop(vec![4]); } if x == 5 { drop(vec![5]); } if x == 6 { drop(vec![6]); }
    if x == 7 { drop(vec![7]); } if x == 8 { drop(vec![8]); } if x == 9 { drop(vec![9]); }
    if x == 10 { drop(vec![10]); } if x == 11 { drop(vec![11]); } if x == 12 { drop(vec![12]); }
    if x == 13 { drop(vec![13]); } if x == 14 { drop(vec![14]); } if x == 15 { drop(vec![15]); }
    if x == 16 { drop(vec![16]); } if x == 17 { drop(vec![17]); } if x == 18 { drop(vec![18]); }
    if x == 19 { drop(vec![19]); } if x == 20 { drop(vec![20]); } if x == 21 { drop(vec![21]); }
    if x == 22 { drop(vec![22]); } if x == 23 { drop(vec![23]); } if x == 24 { drop(vec![24]); }
    if x == 25 { drop(vec![25]); } if x == 26 { drop(vec![26]); } if x == 27 { drop(vec![27]); }
    return x;
}

// lost: clippy::tabs_in_doc_comments
/// Returns	a number:
///
/// - one
// lost: clippy::doc_lazy_continuation
/// two.
#[tracked("a")]
pub fn listed() -> u8 { return 1; }

/// - One
// lost: clippy::doc_overindented_list_items
///     two.
#[tracked("a")]
pub fn indented() -> u8 { return 1; }

// lost: clippy::doc_comment_double_space_linebreaks
/// Returns a number.  
/// Never fails.
#[tracked("a")]
pub fn broken() -> u8 { return 1; }

// lost: clippy::doc_paragraphs_missing_punctuation
/// Returns a number
#[tracked("a")]
pub fn unpunctuated() -> u8 { return 1; }

// lost: clippy::empty_line_after_doc_comments
/// Returns a number.

#[tracked("a")]
pub fn separated() -> u8 { return 1; }

#[tracked("a")]
#[track_caller]
fn implicit(x: u8) -> Option<u8> {
    x.checked_add(1) // lost: clippy::implicit_return
}

#[tracked("a")]
fn manual() -> impl Future<Output = u8> {
    return async move { ready(1).await };
}

#[tracked("a")]
#[warn(clippy::missing_const_for_fn)]
fn constant(x: u8) -> u8 { return x; } // lost: clippy::missing_const_for_fn

/// Returns a future.
#[tracked("a")]
pub fn fails(x: u8) -> impl Future<Output = Result<u8, String>> { async move { call(x) } } // lost: clippy::manual_async_fn, clippy::missing_errors_doc

#[tracked("a")]
fn pointers<'a>(x: &'a u8, f: for<'b> fn(&'b u8) -> &'b u8) -> Result<(&'a u8, for<'b> fn(&'b u8) -> &'b u8), String> { // lost: clippy::needless_lifetimes
    if *x > 3 { return Err(String::new()); }
    return Ok((x, f));
}

#[tracked("a")]
fn exclusive(x: &mut Vec<u8>) -> Result<usize, String> { // lost: clippy::needless_pass_by_ref_mut
    if x.is_empty() { return Err(String::new()); }
    return Ok(x.len());
}

#[tracked("a")]
fn owned(x: String) -> Result<u8, String> { // lost: clippy::needless_pass_by_value
    return x.parse().map_err(|_| String::new());
}

#[tracked("a")]
fn same(x: Vec<u8>) -> Result<Vec<u8>, String> {
    let x = x; // lost: clippy::redundant_locals
    if x.is_empty() { return Err(String::new()); }
    return Ok(x);
}

#[tracked("a")]
fn wraps(x: u8) -> Result<u8, String> { return Ok(x); } // lost: clippy::unnecessary_wraps

#[tracked("a")]
async fn waits() -> u8 { return 1; } // lost: clippy::unused_async

#[tracked("a")]
fn unwraps(x: &Result<u8, String>) -> Result<u8, String> {
    return call(*x.as_ref().unwrap()); // lost: clippy::unwrap_in_result
}

struct Receiver { x: Vec<u8>, y: Vec<u8> }

impl Receiver {
    #[tracked("a")]
    fn x(&self) -> &Vec<u8> { &self.y } // lost: clippy::misnamed_getters

    #[tracked("a")]
    fn consumed(self) -> Result<u8, String> { return call(1); } // lost: clippy::unused_self

    #[tracked_execution]
    fn literal(&self) -> &str { "a" } // lost: clippy::unnecessary_literal_bound

    #[tracked("a")]
    fn other(&self) -> usize { return self.x.len() + self.y.len(); }
}

#[tracked("a")]
fn recursive(x: u8) -> Result<u8, String> { recursive(x) } // lost: unconditional_recursion
