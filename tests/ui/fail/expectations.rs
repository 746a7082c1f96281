//! An expectation that is unfulfilled without the attribute remains unfulfilled.

#![deny(unfulfilled_lint_expectations)]

use mcp_metrics::{tracked, tracked_retry};

#[tracked("a")]
#[expect(unused_variables, unconditional_recursion, reason = "a test")]
fn other_lint(number: u8) -> Result<u8, u8> {
    Err(number)
}

#[expect(unused_mut)]
#[tracked_retry("a", attempts = 2)]
async fn no_lint(number: u8) -> Result<u8, u8> {
    Err(number)
}

fn main() {
    let _ = (other_lint(1), no_lint(1));
}
