//! A syntax error is reported once, at the user's line.

use mcp_metrics::{tracked, tracked_execution, tracked_retry};

#[tracked("a")]
async fn operand(number: u8) -> u8 {
    number +
}

#[tracked("a")]
async fn method(number: u8) -> u8 {
    number.
}

#[tracked("a")]
async fn statement(number: u8) -> u8 {
    let sum = number + ;
    sum
}

#[tracked_execution]
async fn operator(number: u8) -> u8 {
    number number
}

#[tracked("a")]
fn infallible(number: u8) -> u8 {
    number +
}

#[tracked("a")]
fn fallible(number: Vec<u8>) -> Result<u8, u8> {
    number ==
}

#[tracked_retry("a", attempts = 2)]
async fn retried(number: u8) -> Result<u8, u8> {
    Err(number) ||
}

fn main() {}
