//! Documented for the test of the documentation.

/// Searches.
#[mcp_metrics::tracked("web_search", "search")]
pub fn search() {}

/// Says something.
#[mcp_metrics::tracked(agent = name.to_owned())]
pub fn speak(name: &str) {}

fn main() {
    search();
    speak("me");
}
