//! Libraries that hold many sets of the hub's five request families, and print them.

mod client;
mod exporter;
mod ours;
mod prometheus;

pub(crate) use ours::Ours;

/// A library that counts requests of any number of agents.
pub(crate) trait Library: Sync {
    /// Records a request of this agent that went well, and one that timed out.
    fn record(&self, agent: usize);

    /// All that was recorded, as Prometheus reads it.
    fn text(&self) -> String;
}

pub(crate) const OURS: &str = "mcp-metrics";
pub(crate) const CLIENT: &str = "prometheus-client";
pub(crate) const NAMES: [&str; 4] = [OURS, "metrics + exporter", "prometheus", CLIENT];

/// The library of this name, to be given as many agents as said.
pub(crate) fn library(name: &str, agents: usize) -> Box<dyn Library> {
    match name {
        OURS => Box::new(Ours::new(agents)),
        "metrics + exporter" => Box::new(exporter::Exporter::new()),
        "prometheus" => Box::new(prometheus::Families::new()),
        CLIENT => Box::new(client::Families::new()),
        _ => panic!("{name}: no such library"),
    }
}

const OPERATION: &str = "run";
const ERROR_TYPE: &str = "Timeout";
/// What all of them are told to be a request's duration, in seconds.
const TOOK: f64 = 0.25;

fn agent_name(agent: usize) -> String {
    format!("agent-{agent}")
}
