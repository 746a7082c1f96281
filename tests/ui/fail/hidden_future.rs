//! Returned futures that the signature does not show to the attribute.

use std::future::{Ready, ready};
use std::pin::Pin;

use mcp_metrics::{tracked, tracked_execution, tracked_retry};

type Hidden = Pin<Box<dyn Future<Output = u8>>>;
type Generic<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type Boxed = Box<dyn Future<Output = u8> + Send + Unpin>;

trait Operation: Future<Output = u8> {}
impl<F: Future<Output = u8>> Operation for F {}

trait Nested: Operation {}
impl<F: Operation> Nested for F {}

#[tracked("a")]
fn by_alias() -> Hidden {
    Box::pin(async { 1 })
}

#[tracked_execution]
fn by_generic_alias() -> Generic<u8> {
    Box::pin(async { 1 })
}

#[tracked("a")]
fn by_alias_of_box() -> Boxed {
    Box::new(ready(1))
}

#[tracked("a")]
fn in_option() -> Option<Pin<Box<dyn Future<Output = u8>>>> {
    None
}

#[tracked("a")]
fn in_result() -> Result<impl Future<Output = u8>, u8> {
    Ok::<_, u8>(async { 1 })
}

#[tracked("a")]
fn in_result_and_option() -> Result<Option<Hidden>, u8> {
    Ok(None)
}

#[tracked("a")]
fn by_trait() -> impl Operation {
    async { 1 }
}

#[tracked("a")]
fn by_supertrait() -> impl Nested + Send {
    async { 1 }
}

#[tracked("a")]
fn into_future() -> impl IntoFuture<Output = u8> {
    ready(1)
}

#[tracked("a")]
fn parameter<F: Future<Output = u8>>(future: F) -> F {
    future
}

#[tracked("a")]
fn optional_parameter<F>(future: F) -> Option<F>
where
    F: IntoFuture<Output = u8>,
{
    Some(future)
}

#[tracked("a")]
async fn from_async() -> Hidden {
    Box::pin(async { 1 })
}

#[tracked("a")]
async fn opaque_from_async() -> impl Operation {
    async { 1 }
}

#[tracked("a")]
async fn result_from_async() -> Result<Hidden, u8> {
    Ok(Box::pin(async { 1 }))
}

#[tracked("a", ok_if = |_| true)]
fn by_rule() -> impl Operation {
    async { 1 }
}

#[tracked("a", error_type = "label")]
fn with_label() -> Hidden {
    Box::pin(async { 1 })
}

#[tracked_retry("s")]
fn counted() -> Hidden {
    for _ in 0..3 {}
    Box::pin(async { 1 })
}

struct Client;

#[tracked("client")]
impl Client {
    fn plain(&self) -> u8 {
        1
    }

    fn hidden(&self) -> Hidden {
        Box::pin(async { 1 })
    }

    fn timer(&self) -> Pin<Box<Ready<u8>>> {
        Box::pin(ready(1))
    }

    async fn asynchronous(&self) -> Option<Hidden> {
        None
    }

    // Named future types are ordinary values.
    fn named(&self) -> Ready<u8> {
        ready(1)
    }
}

#[tracked("requests")]
trait Requests {
    fn required(&self) -> Hidden;

    fn provided(&self) -> Hidden {
        self.required()
    }
}

fn main() {}
