//! Expectations of rustc's lints are fulfilled as without the attributes.

#![deny(warnings)]

use mcp_metrics::{tracked, tracked_execution};

// Does not fire with the attribute.
#[expect(unconditional_recursion, reason = "a test")]
#[tracked("a")]
fn recursive(number: u8) -> Result<u8, String> {
    recursive(number)
}

#[tracked_execution]
#[cfg_attr(all(), expect(unconditional_recursion, unused_variables, reason = "a test"))]
fn both(number: u8, unused: u8) -> u8 {
    both(number, number)
}

#[tracked("a")]
#[expect(unused_mut, unused_variables, dead_code)]
async fn others(mut unused: Vec<u8>) {}

fn main() {
    let _ = (recursive as fn(_) -> _, both as fn(_, _) -> _);
}
