//! A way to record a call, and pairs of ways to compare.

use mcp_metrics::catalog::REQUEST_DURATION;
use mcp_metrics_benches::{Bar, sum};
use metrics::Recorder;

use crate::measure::{Measure, ONE, TOGETHER};
use crate::{AGENTS, Refused};

/// The function that a way wraps.
pub(crate) type Call = fn(u32) -> Result<u32, Refused>;

/// A recorder for [`metrics::with_local_recorder`].
pub(crate) type LocalRecorder = fn() -> &'static (dyn Recorder + Sync);

/// A way to record a call.
#[derive(Clone, Copy)]
pub(crate) struct Way {
    pub(crate) name: &'static str,
    /// Two callsites that share no series.
    pub(crate) calls: [Call; 2],
    /// The local recorder; without one, our installed recorder is current.
    pub(crate) recorder: Option<LocalRecorder>,
    pub(crate) counted: Option<Counted>,
}

/// Reads how many calls a way has counted.
#[derive(Clone, Copy)]
pub(crate) struct Counted {
    pub(crate) read: fn() -> f64,
    /// Names of other ways that increment the same series.
    pub(crate) together_with: &'static [&'static str],
}

impl Way {
    pub(crate) const fn new(name: &'static str, calls: [Call; 2]) -> Self {
        Self {
            name,
            calls,
            recorder: None,
            counted: None,
        }
    }

    /// A way that is measured at one callsite only.
    pub(crate) const fn single(name: &'static str, call: Call) -> Self {
        Self::new(name, [call, call])
    }

    pub(crate) const fn under(mut self, recorder: Option<LocalRecorder>) -> Self {
        self.recorder = recorder;
        self
    }

    pub(crate) const fn counted(self, read: fn() -> f64) -> Self {
        self.counted_together_with(&[], read)
    }

    pub(crate) const fn counted_together_with(
        mut self,
        together_with: &'static [&'static str],
        read: fn() -> f64,
    ) -> Self {
        self.counted = Some(Counted {
            read,
            together_with,
        });
        self
    }
}

/// Returns how many durations the agent's histograms hold.
pub(crate) fn durations(text: &str, agent: &str) -> f64 {
    sum(
        text,
        &format!("{REQUEST_DURATION}_count"),
        &[("agent", agent)],
    )
}

pub(crate) fn durations_of_all_agents(text: &str) -> f64 {
    sum_of_all_agents(text, &format!("{REQUEST_DURATION}_count"), "agent")
}

/// Returns the sum of the samples whose label is one of [`AGENTS`].
pub(crate) fn sum_of_all_agents(text: &str, name: &str, label: &str) -> f64 {
    let sums = AGENTS
        .iter()
        .map(|agent| sum(text, name, &[(label, agent)]));
    sums.sum()
}

/// Two ways to compare.
pub(crate) struct Pair {
    pub(crate) way: Way,
    pub(crate) other: Way,
    /// The bars for the ratio with one and with two threads.
    pub(crate) at_most: [Option<f64>; 2],
}

/// Measures pairs with one and with two threads, and prints a table for each.
pub(crate) fn compare(measure: &mut Measure, title: &str, pairs: &[Pair]) -> Vec<Bar> {
    let mut ways: Vec<Way> = Vec::new();
    for way in pairs.iter().flat_map(|pair| [pair.way, pair.other]) {
        if ways.iter().all(|other| other.name != way.name) {
            ways.push(way);
        }
    }
    let mut bars = Vec::new();
    for (index, threads) in [ONE, TOGETHER].iter().enumerate() {
        let times = measure.run(threads, &ways);
        println!("\n## {title}, {}\n", threads.name);
        println!("| way | ns a call | compared with | ns a call | ratio |");
        println!("|---|--:|---|--:|--:|");
        for pair in pairs {
            let Pair { way, other, .. } = pair;
            let measured = times.ratio(way, other);
            let (a, b) = (times.median(way), times.median(other));
            println!(
                "| {} | {a:.1} | {} | {b:.1} | {measured:.2} |",
                way.name, other.name
            );
            bars.extend(pair.at_most[index].map(|most| Bar {
                what: format!("{} ÷ {}; {}", way.name, other.name, threads.name),
                most,
                measured,
            }));
        }
    }
    bars
}
