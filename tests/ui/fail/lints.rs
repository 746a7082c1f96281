//! Lints fire for the user's code as they do without the attributes.

#![deny(dead_code, unused_variables, unreachable_code, unused_must_use, unused_mut)]

use mcp_metrics::{tracked, tracked_execution, tracked_retry};

#[tracked("a")]
fn never_called() {}

#[tracked("a")]
fn unused(argument: u8) -> Result<(), u8> {
    let local = 1;
    Ok(())
}

#[tracked("a")]
async fn unreachable(argument: u8) -> Result<u8, u8> {
    return Ok(argument);
    unused(1)?;
    Ok(2)
}

#[tracked_execution]
fn must_use(argument: u8) -> Result<(), u8> {
    unused(argument);
    Ok(())
}

#[tracked_retry("s", attempts = 2)]
async fn unused_mut() -> Result<u8, u8> {
    let mut local = 1;
    Ok(local)
}

#[tracked_retry("s")]
fn unused_in_loop() -> Result<u8, u8> {
    for attempt in 0..3 {
        let local = 1;
    }
    Err(1)
}

fn main() {
    let _ = unused(1);
    let _ = unreachable(1);
    let _ = must_use(1);
    let _ = unused_mut();
    let _ = unused_in_loop();
}
