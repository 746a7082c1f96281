//! Mistakes in the body are reported where they are.

use mcp_metrics::tracked;

#[tracked("a")]
fn wrong_type() -> Result<u8, String> {
    if true {
        return Ok("text");
    }
    Ok(1)
}

#[tracked("a")]
async fn wrong_async() -> Result<u8, String> {
    Ok("text")
}

#[tracked("a")]
fn wrong_plain() -> u8 {
    "text"
}

#[tracked(agent = 1_u8 + 1)]
fn wrong_label() {}

fn main() {}
