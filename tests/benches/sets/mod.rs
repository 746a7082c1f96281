//! Libraries with many label sets of the five request families.

mod client;
mod exporter;
mod prometheus;
mod tracked;

pub(crate) use tracked::Tracked;

/// A library that records requests of any number of agents.
pub(crate) trait Library: Sync {
    /// Records a successful request of this agent and one that timed out.
    fn record(&self, agent: usize);

    /// Encodes all series in Prometheus' text format.
    fn text(&self) -> String;
}

pub(crate) const TRACKED: &str = "mcp-metrics";
pub(crate) const CLIENT: &str = "prometheus-client";
pub(crate) const NAMES: [&str; 4] = [TRACKED, "metrics + exporter", "prometheus", CLIENT];

/// Returns the library of this name, for this many agents.
pub(crate) fn library(name: &str, agents: usize) -> Box<dyn Library> {
    match name {
        TRACKED => Box::new(Tracked::new(agents)),
        "metrics + exporter" => Box::new(exporter::Exporter::new()),
        "prometheus" => Box::new(prometheus::Families::new()),
        CLIENT => Box::new(client::Families::new()),
        _ => panic!("unknown library `{name}`"),
    }
}

const OPERATION: &str = "run";
const ERROR_TYPE: &str = "Timeout";
/// The duration of each request, in seconds.
const TOOK: f64 = 0.25;

fn agent_name(agent: usize) -> String {
    format!("agent-{agent}")
}
