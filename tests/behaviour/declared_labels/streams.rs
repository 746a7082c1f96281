//! Functions that return a stream, and functions whose request ends with the stream in their value.

use std::future::Future;

use futures_util::stream::{BoxStream, Stream, empty};
use mcp_metrics::{ErrorType, tracked};
use mcp_metrics_tests::errors::StoreError;

use crate::{Error, cases, ready};

#[tracked("streams")]
fn opaque() -> impl Stream<Item = Result<(), Error>> + Unpin {
    empty()
}

#[tracked("streams")]
fn boxed() -> BoxStream<'static, Result<(), Error>> {
    Box::pin(empty())
}

/// An error of items.
#[derive(Debug, ErrorType)]
enum Broken {
    Reset,
}

/// An error without declared labels.
#[derive(Debug)]
struct Unknown;

#[tracked("streams", stream)]
async fn both() -> Result<impl Stream<Item = Result<(), Broken>> + Unpin, Error> {
    Ok(empty())
}

#[tracked("streams", stream)]
async fn of_items() -> Result<impl Stream<Item = Result<(), Broken>> + Unpin, Unknown> {
    Ok(empty())
}

#[tracked("streams", stream)]
fn of_function() -> Result<BoxStream<'static, Result<(), Unknown>>, Error> {
    Ok(Box::pin(empty()))
}

#[tracked("streams", stream)]
fn of_future() -> impl Future<Output = Result<BoxStream<'static, Result<(), Broken>>, Error>> {
    async { Ok::<BoxStream<'static, _>, _>(Box::pin(empty())) }
}

#[tracked("streams", stream)]
async fn bare() -> impl Stream<Item = Result<(), Broken>> + Unpin {
    empty()
}

#[tracked("streams", stream)]
async fn optional() -> Option<BoxStream<'static, Result<(), Broken>>> {
    Some(Box::pin(empty()))
}

#[tracked("streams", stream)]
async fn optional_result() -> Result<Option<BoxStream<'static, Result<(), Broken>>>, Error> {
    Ok(Some(Box::pin(empty())))
}

#[tracked("streams", stream, error_type = "Label")]
async fn labelled() -> Result<BoxStream<'static, Result<(), Broken>>, Error> {
    Ok(Box::pin(empty()))
}

type Reply<T> = Result<T, Error>;

#[tracked("streams", stream)]
async fn alias() -> Reply<BoxStream<'static, Result<(), Broken>>> {
    Ok(Box::pin(empty()))
}

#[tracked("streams", stream)]
async fn generic<T: Send + 'static>() -> Result<BoxStream<'static, Result<T, Broken>>, Error> {
    Ok(Box::pin(empty()))
}

trait Source {
    type Error;

    async fn of_self(&self) -> Result<BoxStream<'_, Result<(), Broken>>, Self::Error>;
}

struct Store;

#[tracked("streams")]
impl Source for Store {
    type Error = StoreError;

    #[tracked(stream)]
    async fn of_self(&self) -> Result<BoxStream<'_, Result<(), Broken>>, Self::Error> {
        Ok(Box::pin(empty()))
    }
}

/// Ends a stream that has no items.
fn end(mut stream: impl Stream + Unpin) {
    assert!(ready(futures_util::StreamExt::next(&mut stream)).is_none());
}

cases! {
    opaque: ["Refused", "Timeout"], end(opaque());
    boxed: ["Refused", "Timeout"], end(boxed());
    both: ["Refused", "Reset", "Timeout"], end(ready(both()).unwrap());
    of_items: ["Reset"], end(ready(of_items()).unwrap());
    of_function: ["Refused", "Timeout"], end(of_function().unwrap());
    of_future: ["Refused", "Reset", "Timeout"], end(ready(of_future()).unwrap());
    bare: ["Reset"], end(ready(bare()));
    optional: ["Reset"], end(ready(optional()).unwrap());
    optional_result: ["Refused", "Reset", "Timeout"], end(ready(optional_result()).unwrap().unwrap());
    labelled: [], end(ready(labelled()).unwrap());
    alias: ["Refused", "Reset", "Timeout"], end(ready(alias()).unwrap());
    of_self: ["Full", "Offline", "Reset"], end(ready(Store.of_self()).unwrap());
    @at_first_call:
    generic: ["Refused", "Reset", "Timeout"], end(ready(generic::<u8>()).unwrap());
}
