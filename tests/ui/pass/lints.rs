//! The expansions trigger no lints, including the pedantic ones.

#![deny(warnings, clippy::all, clippy::pedantic, clippy::nursery)]
#![deny(missing_docs, unreachable_pub, unused_qualifications, single_use_lifetimes)]

use mcp_metrics::{
    ErrorType, tracked, tracked_cache, tracked_execution, tracked_llm, tracked_retry,
};

/// An error.
#[derive(Debug, ErrorType)]
pub enum Failure {
    /// A unit variant.
    One,
    /// A transparent variant.
    #[error_type(transparent)]
    Io(std::io::Error),
}

/// Plain.
#[tracked("a")]
pub fn plain() {}

/// # Errors
///
/// Never.
#[tracked("a")]
pub fn value() -> Result<(), Failure> {
    Ok(())
}

/// # Errors
///
/// Never: it panics.
///
/// # Panics
///
/// Always.
#[tracked("a")]
#[track_caller]
pub fn unfinished() -> Result<(), Failure> {
    unimplemented!("its caller")
}

/// # Errors
///
/// Never.
#[tracked("a")]
#[track_caller]
pub fn caller() -> Result<u32, Failure> {
    Ok(std::panic::Location::caller().line())
}

/// # Errors
///
/// Never.
#[tracked("a")]
pub async fn asynchronous(text: &str) -> Result<usize, Failure> {
    std::future::ready(Ok(text.len())).await
}

/// # Errors
///
/// Sometimes.
#[tracked_retry("b")]
#[tracked("a")]
pub fn looping() -> Result<u8, Failure> {
    for attempt in 0..3 {
        if attempt == 1 {
            return Ok(attempt);
        }
    }
    Err(Failure::One)
}

/// # Errors
///
/// Sometimes.
#[tracked_retry("b", attempts = 3, delay = "1ms", retry_if = |_| true)]
pub async fn driven(text: &str) -> Result<u8, Failure> {
    std::future::ready(text.parse().map_err(|_| Failure::One)).await
}

/// # Errors
///
/// Never.
#[tracked_llm("provider", "model")]
#[tracked_execution]
#[tracked("a", ok_if = |found| found.is_ok(), error_type = "Missing")]
#[tracked_cache("c")]
pub fn look_up(found: bool) -> Result<Option<u8>, Failure> {
    Ok(found.then_some(1))
}

/// A transparent error.
#[derive(Debug, ErrorType)]
#[error_type(transparent)]
pub struct Outer<'a, T>(&'a Inner<T>);

/// The error inside.
#[derive(Debug, ErrorType)]
pub enum Inner<T> {
    /// The only variant.
    Only(T),
}

/// A generic transparent error, with a bound that the derive adds, too.
#[derive(Debug, ErrorType)]
pub enum Forward<T: ErrorType, U> {
    /// The first parameter.
    First(T),
    /// A transparent parameter.
    #[error_type(transparent)]
    Second(U),
    /// The same type.
    #[error_type(transparent)]
    Again(U),
    /// A transparent type with both parameters.
    #[error_type(transparent)]
    Both(Box<Pair<T, U>>),
}

/// A private error.
#[derive(Debug, ErrorType)]
#[error_type(transparent)]
struct Private<T>(Inner<T>);

/// A crate's own error with a private field.
#[derive(Debug, ErrorType)]
#[error_type(transparent)]
pub struct Public<T>(Private<T>);

/// Two errors.
#[derive(Debug, ErrorType)]
pub enum Pair<T, U> {
    /// The only variant.
    Only(T, U),
}

/// A generic value.
#[derive(Clone, Debug)]
pub struct Page<T: Clone>(pub T);

/// An alias.
pub type Paged<T> = Result<Page<T>, Failure>;

impl<T: Clone> Page<T> {
    /// # Errors
    ///
    /// Never.
    #[tracked("a")]
    pub fn same(&self) -> Paged<T> {
        Ok(self.clone())
    }

    /// # Errors
    ///
    /// Never.
    #[tracked("a")]
    pub fn borrowed(&self) -> Result<&Self, Failure> {
        Ok(self)
    }
}

/// A generic parameter with a name like that of a type.
pub struct Named<Item>(pub Item);

impl<Item: Clone> Named<Item> {
    /// # Errors
    ///
    /// Never.
    #[tracked("a")]
    pub fn paged(&self) -> Paged<Item> {
        Ok(Page(self.0.clone()))
    }

    /// # Errors
    ///
    /// Never.
    #[tracked("a")]
    pub fn generic_error(&self) -> Result<&str, Item> {
        Ok("")
    }
}

/// A tracked block.
pub struct Store;

#[tracked("store")]
impl Store {
    /// Returns a store.
    pub const fn make() -> Self {
        Self
    }

    /// Runs.
    #[must_use]
    pub fn run(&self) -> Option<u8> {
        None
    }
}

fn main() {
    let _ = (look_up(true), Store::make().run());
    let _ = (Page(1).same(), Page(1).borrowed(), Named(1).paged(), Named(1).generic_error());
    plain();
    let _ = (value(), asynchronous("x"), looping(), driven("1"));
}
