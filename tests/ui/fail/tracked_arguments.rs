use mcp_metrics::tracked;

#[tracked]
fn missing_agent() {}

#[tracked("")]
fn empty() {}

#[tracked("a" "b")]
fn missing_comma() {}

#[tracked("a", "b", "c")]
fn too_many() {}

#[tracked("a", agent = "b")]
fn duplicate() {}

#[tracked(agnet = "a")]
fn mistyped() {}

#[tracked(3)]
fn not_a_string() {}

#[tracked(operation = "b", "a")]
fn wrong_order() {}

#[tracked("a", docs = "true")]
fn docs_in_quotes() {}

#[tracked("a", doc = true)]
fn mistyped_docs() {}

fn main() {
    missing_agent();
    empty();
    missing_comma();
    too_many();
    duplicate();
    mistyped();
    not_a_string();
    wrong_order();
    docs_in_quotes();
    mistyped_docs();
}
