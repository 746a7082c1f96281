//! Mistakes in the body are reported where they are.

use mcp_metrics::tracked;

// Read for its outcome, as any type by another name is. (In an `Ok`, the message would quote the
// standard library, whose source is not everywhere.)
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

fn main() {}
