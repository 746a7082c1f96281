use mcp_metrics::tracked;

#[tracked]
fn no_agent() {}

#[tracked("")]
fn empty() {}

#[tracked("a" "b")]
fn no_comma() {}

#[tracked("a", "b", "c")]
fn too_many() {}

#[tracked("a", agent = "b")]
fn twice() {}

#[tracked(agnet = "a")]
fn mistyped() {}

#[tracked(3)]
fn not_a_string() {}

#[tracked(operation = "b", "a")]
fn wrong_order() {}

fn main() {
    no_agent();
    empty();
    no_comma();
    too_many();
    twice();
    mistyped();
    not_a_string();
    wrong_order();
}
