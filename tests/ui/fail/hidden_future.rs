use std::future::{Ready, ready};
use std::pin::Pin;

use mcp_metrics::{tracked, tracked_execution};

type Hidden = Pin<Box<dyn Future<Output = u8>>>;
type Generic<T> = Pin<Box<dyn Future<Output = T> + Send>>;

#[tracked("a")]
fn by_alias() -> Hidden {
    Box::pin(async { 1 })
}

#[tracked_execution]
fn by_parameter() -> Generic<u8> {
    Box::pin(async { 1 })
}

// A named future type is an ordinary value, so this compiles.
#[tracked("a")]
fn by_type() -> Ready<u8> {
    ready(1)
}

fn main() {}
