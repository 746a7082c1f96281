//! The derive and the attributes use no deprecated items, however much of an item is deprecated.

#![deny(warnings)]

use mcp_metrics::{ErrorType, tracked};

#[derive(Debug, ErrorType)]
#[deprecated]
pub struct Unit;

#[derive(Debug, ErrorType)]
#[deprecated(since = "1.0.0", note = "use another")]
pub struct Generic<T>(#[deprecated] pub T);

#[derive(Debug, ErrorType)]
#[error_type(transparent)]
#[deprecated]
pub struct Transparent<T> {
    #[deprecated]
    inner: T,
}

#[derive(Debug, ErrorType)]
#[error_type(transparent)]
pub struct TransparentField {
    #[deprecated]
    pub inner: std::io::Error,
}

#[derive(Debug, ErrorType)]
#[deprecated]
pub enum Empty {}

#[derive(Debug, ErrorType)]
#[deprecated]
#[error_type(rename_all = "snake_case")]
pub enum Whole<'a, T: Clone> {
    #[deprecated]
    Unit,
    #[error_type("tuple")]
    Tuple(#[deprecated] u8, &'a str),
    Named {
        #[deprecated]
        field: T,
    },
    #[error_type(transparent)]
    #[deprecated]
    Inner(#[deprecated] std::fmt::Error),
    #[error_type(transparent)]
    NamedInner {
        #[deprecated]
        inner: std::io::Error,
    },
}

#[derive(Debug, ErrorType)]
pub enum Variants {
    Current,
    #[deprecated]
    Unit,
    #[deprecated = "use `Current`"]
    #[error_type("named")]
    Named { field: u8 },
    #[deprecated]
    #[error_type(transparent)]
    Inner(std::io::Error),
}

#[tracked("a")]
#[deprecated]
pub fn sync() -> Result<(), Variants> {
    Err(Variants::Current)
}

#[deprecated]
#[tracked("a")]
pub async fn asynchronous() -> Result<(), Variants> {
    std::future::ready(Err(Variants::Current)).await
}

pub struct Store;

#[tracked("a")]
impl Store {
    #[deprecated]
    pub fn run(&self) -> Result<(), Variants> {
        Ok(())
    }
}

fn main() {}
