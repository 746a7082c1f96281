use mcp_metrics::tracked;

#[tracked("a", ok_if = |n| *n > 1, error_if = |n| *n < 1)]
fn ok_if_and_error_if() -> u8 {
    1
}

#[tracked("a", ok_if = true)]
fn not_a_function() -> u8 {
    1
}

#[tracked("a", error_type = "")]
fn empty_label() -> Result<(), u8> {
    Ok(())
}

#[tracked("a", error_type = |e: &u8| "label")]
fn no_error() -> u8 {
    1
}

#[tracked(agent = "a", operation = "b")]
impl Blocks {
    fn run(&self) {}
}

#[tracked]
impl Blocks {
    fn missing_agent(&self) {}
}

#[tracked("a", okif = |n| *n > 1)]
fn mistyped() -> u8 {
    1
}

struct Blocks;

fn main() {
    Blocks.run();
    Blocks.missing_agent();
}
