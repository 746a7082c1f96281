//! Functions whose generated documentation `docs/main.rs` checks.

/// Searches.
#[mcp_metrics::tracked("web_search", "search")]
pub fn search() {}

/// Speaks.
#[mcp_metrics::tracked(agent = name.to_owned())]
pub fn speak(name: &str) {}

fn main() {
    search();
    speak("me");
}
