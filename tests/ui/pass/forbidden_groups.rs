//! The expansions compile if all lints are forbidden: they contain no `#[allow]`.

#![forbid(unused, nonstandard_style, missing_docs, unreachable_pub, unused_qualifications)]
#![forbid(single_use_lifetimes, unused_lifetimes, elided_lifetimes_in_paths, deprecated)]
#![forbid(clippy::all, clippy::pedantic, clippy::nursery)]

use std::convert::Infallible;
use std::future::{Future, ready};

use mcp_metrics::{
    ErrorType, tracked, tracked_cache, tracked_execution, tracked_llm, tracked_retry,
};

/// An error.
#[derive(Debug, ErrorType)]
pub enum Failure {
    /// The only variant.
    Only,
}

/// A generic value.
#[derive(Clone, Debug)]
pub struct Page<T>(pub T);

/// An alias.
pub type Paged<T> = Result<Page<T>, Failure>;

/// A type whose parameter may be a type of the module.
pub struct Named<Item, Error>(pub Item, pub Error);

#[tracked("a")]
impl<Item: Clone, Error: Clone> Named<Item, Error> {
    /// Returns a page.
    ///
    /// # Errors
    ///
    /// Never.
    pub fn paged(&self) -> Paged<Item> {
        Ok(Page(self.0.clone()))
    }
}

impl<Item: Clone, Error: Clone> Named<Item, Error> {
    /// Returns a page or an error of the parameter's type.
    ///
    /// # Errors
    ///
    /// Always.
    #[tracked("a")]
    pub fn failing(&self) -> Result<Page<Item>, Error> {
        Err(self.1.clone())
    }

    /// Returns a page with a lifetime.
    ///
    /// # Errors
    ///
    /// Never.
    #[tracked("a")]
    pub async fn borrowed(&self) -> Result<Page<&Item>, Failure> {
        ready(Ok(Page(&self.0))).await
    }
}

/// Runs forever.
#[tracked("a")]
pub async fn serve() -> ! {
    loop {
        ready(()).await;
    }
}

/// Panics.
///
/// # Panics
///
/// Always.
#[tracked_execution]
pub fn abort() -> ! {
    panic!("aborted")
}

/// Starts with an item.
///
/// # Errors
///
/// Sometimes.
#[tracked_llm("provider", "model")]
#[tracked_retry("a", attempts = 2)]
pub fn items(text: &str) -> Result<u8, Failure> {
    const LIMIT: usize = 3;
    if text.len() > LIMIT {
        return Err(Failure::Only);
    }
    Ok(1)
}

/// Has a bound lifetime in its type.
///
/// # Errors
///
/// Never.
#[tracked("a")]
pub fn bound() -> Result<for<'a> fn(&'a str) -> &'a str, Infallible> {
    Ok(str::trim)
}

/// Is not finished.
///
/// # Errors
///
/// Never.
///
/// # Panics
///
/// Always.
#[tracked("a")]
#[track_caller]
pub fn unfinished() -> Result<u8, Failure> {
    unimplemented!("its caller")
}

/// Returns a future.
#[tracked_cache("a")]
pub fn future(number: u8) -> impl Future<Output = Option<u8>> {
    ready(number.checked_add(1))
}

fn main() {
    let named = Named(1, 2);
    drop((named.paged(), named.failing(), named.borrowed()));
    drop((serve(), items("a"), bound(), future(1)));
    if std::env::args().count() > 9 {
        drop(unfinished());
        abort();
    }
}
