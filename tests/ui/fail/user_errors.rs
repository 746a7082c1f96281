//! Errors in the body point at the user's line.

use mcp_metrics::tracked;

// An alias, so that the value is read for its outcome. A mistake inside an `Ok` would make the
// compiler quote the standard library, whose source is not installed everywhere.
type Count = u8;

#[tracked("a")]
fn wrong_type() -> Count {
    if true {
        return "text";
    }
    1
}

#[tracked("a")]
async fn wrong_async() -> Count {
    "text"
}

#[tracked("a")]
fn wrong_plain() -> u8 {
    "text"
}

#[tracked(agent = 1_u8 + 1)]
fn wrong_label() {}

#[tracked("a")]
async fn closure_type() -> Result<impl Fn(&str) -> usize, u8> {
    Ok(|text| text.len())
}

fn main() {}
