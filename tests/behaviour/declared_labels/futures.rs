//! Functions whose future's value is a `Result`.

use std::future::{Ready, ready};
use std::pin::Pin;

use futures_util::future::{BoxFuture, LocalBoxFuture};
use mcp_metrics::tracked;
use mcp_metrics_tests::errors;

use crate::{Error, cases};

/// An alias with the name of another crate's alias, but other arguments.
mod own {
    pub(super) type BoxFuture<'a, E> =
        std::pin::Pin<Box<dyn Future<Output = Result<(), E>> + Send + 'a>>;
}

#[tracked("futures")]
async fn asynchronous() -> errors::Result<()> {
    Ok(())
}

#[tracked("futures")]
async fn asynchronous_with_lifetime<'a>(text: &'a str) -> Result<&'a str, Error> {
    Ok(text)
}

#[tracked("futures")]
fn opaque() -> impl Future<Output = Result<u8, Error>> + Send {
    async { Ok(1) }
}

#[tracked("futures")]
fn opaque_of_alias(text: &str) -> impl Future<Output = errors::Result<&str>> {
    async move { Ok(text) }
}

#[tracked("futures")]
fn opaque_of_opaque() -> impl Future<Output = Result<impl Iterator<Item = u8>, Error>> {
    async { Ok(std::iter::empty()) }
}

#[tracked("futures")]
fn pinned(text: &str) -> Pin<Box<dyn Future<Output = Result<&str, Error>> + Send + '_>> {
    Box::pin(async move { Ok(text) })
}

#[tracked("futures")]
fn boxed(text: &str) -> BoxFuture<'_, Result<&str, Error>> {
    Box::pin(async move { Ok(text) })
}

#[tracked("futures")]
fn boxed_alias() -> LocalBoxFuture<'static, errors::Result<()>> {
    Box::pin(async { Ok(()) })
}

#[tracked("futures")]
fn boxed_by_own_alias<'a>(_: &'a str) -> own::BoxFuture<'a, Error> {
    Box::pin(async { Ok(()) })
}

#[tracked("futures")]
fn not_failing() -> impl Future<Output = Error> {
    async { Error::Timeout }
}

#[tracked("futures")]
fn not_seen() -> Ready<Result<(), Error>> {
    ready(Ok(()))
}

#[tracked("futures")]
fn boxed_generic<'a, T: Send + 'a>(value: T) -> BoxFuture<'a, errors::Result<T>> {
    Box::pin(async { Ok(value) })
}

cases! {
    asynchronous: ["Full", "Offline"], crate::ready(asynchronous());
    asynchronous_with_lifetime: ["Refused", "Timeout"],
        crate::ready(asynchronous_with_lifetime(""));
    opaque: ["Refused", "Timeout"], crate::ready(opaque());
    opaque_of_alias: ["Full", "Offline"], crate::ready(opaque_of_alias(""));
    opaque_of_opaque: ["Refused", "Timeout"], crate::ready(opaque_of_opaque());
    pinned: ["Refused", "Timeout"], crate::ready(pinned(""));
    boxed: ["Refused", "Timeout"], crate::ready(boxed(""));
    boxed_alias: ["Full", "Offline"], crate::ready(boxed_alias());
    boxed_by_own_alias: ["Refused", "Timeout"], crate::ready(boxed_by_own_alias(""));
    not_failing: [], crate::ready(not_failing());
    not_seen: [], crate::ready(not_seen());
    @at_first_call:
    boxed_generic: ["Full", "Offline"], crate::ready(boxed_generic(1));
}
