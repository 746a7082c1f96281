//! An exporter with a status page.

use std::net::SocketAddr;

use mcp_metrics::{Exporter, ExporterBuilder, MetricsRecorder, track_request};
use mcp_metrics_tests::{Scrape, http};

use super::Browser;

/// An exporter of a test's own, which listens and has the page; it goes with this.
#[derive(Debug)]
pub(crate) struct Site {
    /// Where the test's metrics are recorded.
    recorder: MetricsRecorder,
    /// Serves them.
    pub(crate) exporter: Exporter,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Site {
    /// An exporter at a free port, without metrics that move by themselves.
    pub(crate) fn new() -> Self {
        Self::with(ExporterBuilder::without_system_metrics)
    }

    /// An exporter at a free port, built in this way.
    pub(crate) fn with(configure: impl FnOnce(ExporterBuilder) -> ExporterBuilder) -> Self {
        Self::at(([127, 0, 0, 1], 0).into(), configure)
    }

    /// An exporter at this address, built in this way.
    pub(crate) fn at(
        address: SocketAddr,
        configure: impl FnOnce(ExporterBuilder) -> ExporterBuilder,
    ) -> Self {
        let builder = Exporter::builder()
            .app("a hub", "1.2.3")
            .listen(address)
            .status_page()
            .without_process_metrics();
        let (recorder, exporter) = configure(builder).build().expect("a free port");
        let address = exporter.local_addr().expect("it listens");
        Self {
            recorder,
            exporter,
            address,
        }
    }

    /// Has `record` record into this exporter.
    pub(crate) fn record(&self, record: impl FnOnce()) {
        metrics::with_local_recorder(&self.recorder, record);
    }

    /// Records requests that end well at once.
    pub(crate) fn requests(&self, agent: &str, operation: &str, count: usize) {
        self.record(|| {
            for _ in 0..count {
                track_request(agent.to_owned(), operation.to_owned()).run(|| ());
            }
        });
    }

    /// Where the page is.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// What Prometheus would see.
    pub(crate) fn scrape(&self) -> Scrape {
        Scrape::parse(&http::get(self.address, "/metrics").body)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.exporter.shutdown();
    }
}

/// A row of the table of agents and operations.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Requests {
    /// Agent and operation.
    pub(crate) pair: (String, String),
    /// Requests per second, where known; and so on.
    pub(crate) rate: Option<f64>,
    /// The share of failures.
    pub(crate) errors: Option<f64>,
    /// The median duration.
    pub(crate) p50: Option<f64>,
    /// The duration that one request in twenty exceeds.
    pub(crate) p95: Option<f64>,
    /// The agent's requests that have not ended.
    pub(crate) active: Option<f64>,
    /// Requests started.
    pub(crate) total: Option<f64>,
}

impl Browser {
    /// The rows of the table of agents and operations, from top to bottom.
    pub(crate) fn requests(&self) -> Vec<Requests> {
        self.rows("#requests-table").iter().map(row).collect()
    }

    /// The agents in that table, from top to bottom.
    pub(crate) fn agents(&self) -> Vec<String> {
        let rows = self.requests().into_iter();
        rows.map(|row| row.pair.0).collect()
    }
}

fn row(cells: &Vec<String>) -> Requests {
    let [agent, operation, rate, _, errors, p50, p95, active, total] = cells.as_slice() else {
        panic!("not nine cells: {cells:?}");
    };
    let number = |cell: &String| cell.parse().ok();
    Requests {
        pair: (agent.clone(), operation.clone()),
        rate: number(rate),
        errors: number(errors),
        p50: number(p50),
        p95: number(p95),
        active: number(active),
        total: number(total),
    }
}
