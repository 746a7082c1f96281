//! Functions with all kinds of parameters and return types.

use std::fmt::{Debug, Display};
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

#[tracked("caller")]
#[track_caller]
fn caller_line() -> u32 {
    std::panic::Location::caller().line()
}

#[tracked("caller")]
#[track_caller]
fn caller_line_if(known: bool) -> Result<u32, u8> {
    if known {
        Ok(std::panic::Location::caller().line())
    } else {
        Err(0)
    }
}

#[tracked("caller")]
#[track_caller]
fn caller_line_later() -> Pin<Box<dyn Future<Output = u32>>> {
    let line = std::panic::Location::caller().line();
    Box::pin(async move { line })
}

#[tracked("shapes")]
fn r#type((a, mut b): (u8, u8), [c, ..]: [u8; 3]) -> u8 {
    #![allow(unused_mut)]
    b += a;
    b + c
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

struct Places(Vec<&'static std::panic::Location<'static>>);

impl std::ops::Index<usize> for Places {
    type Output = &'static std::panic::Location<'static>;

    #[tracked("index")]
    fn index(&self, at: usize) -> &Self::Output {
        assert!(at < self.0.len(), "{}", std::panic::Location::caller());
        &self.0[at]
    }
}

#[test]
fn index_method_sees_its_caller() {
    exporter();
    let places = Places(Vec::new());
    let panicked = std::panic::catch_unwind(|| {
        let _ = places[0];
    });
    let message = panicked.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains(file!()), "{message}");
    assert!(message.contains(&(line!() - 4).to_string()), "{message}");
}

#[test]
fn track_caller_function_sees_its_caller() {
    exporter();
    assert_eq!(caller_line(), line!());
    assert_eq!(caller_line_if(true).unwrap(), line!());
    caller_line_if(false).unwrap_err();
    let (line, later) = (line!(), caller_line_later());
    assert_eq!(futures_util::FutureExt::now_or_never(later), Some(line));

    let scrape = scrape();
    scrape.requests("caller", "caller_line").assert(1, &[]);
    scrape
        .requests("caller", "caller_line_if")
        .assert(1, &[("u8", 1)]);
    scrape
        .requests("caller", "caller_line_later")
        .assert(1, &[]);
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
    assert_eq!((cfg_parameter(1), reborrows(&mut [1])), (Ok(1), Ok(&mut 1)));

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
    scrape.requests("shapes", "cfg_parameter").assert(1, &[]);
    scrape.requests("shapes", "reborrows").assert(1, &[]);
    scrape.requests("macros", "by_macro").assert(1, &[]);
    scrape.requests("macros", "plain_by_macro").assert(1, &[]);
}
