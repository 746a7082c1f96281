//! An exporter with a status page.

use std::net::SocketAddr;

use mcp_metrics::{Exporter, ExporterBuilder, MetricsRecorder, track_request};
use mcp_metrics_tests::{Scrape, http};

use super::Browser;

/// An exporter with a listener and the page. It is shut down on drop.
#[derive(Debug)]
pub(crate) struct Site {
    /// Receives the test's metrics.
    recorder: MetricsRecorder,
    /// Serves the metrics.
    pub(crate) exporter: Exporter,
    /// The listener's address.
    pub(crate) address: SocketAddr,
}

impl Site {
    /// Starts an exporter on a free port, without system metrics, whose values vary.
    pub(crate) fn new() -> Self {
        Self::with(ExporterBuilder::without_system_metrics)
    }

    /// Starts an exporter on a free port, configured with `configure`.
    pub(crate) fn with(configure: impl FnOnce(ExporterBuilder) -> ExporterBuilder) -> Self {
        Self::at(([127, 0, 0, 1], 0).into(), configure)
    }

    /// Starts an exporter on `address`, configured with `configure`.
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

    /// Runs `record` with this exporter's recorder.
    pub(crate) fn record(&self, record: impl FnOnce()) {
        metrics::with_local_recorder(&self.recorder, record);
    }

    /// Records successful requests.
    pub(crate) fn requests(&self, agent: &str, operation: &str, count: usize) {
        self.record(|| {
            for _ in 0..count {
                track_request(agent.to_owned(), operation.to_owned()).run(|| ());
            }
        });
    }

    /// Returns the page's URL.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Scrapes the exporter.
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
    /// Requests per second. This and the other values are `None` if unknown.
    pub(crate) rate: Option<f64>,
    /// The error ratio.
    pub(crate) errors: Option<f64>,
    /// The mean duration.
    pub(crate) mean: Option<f64>,
    /// The median duration.
    pub(crate) p50: Option<f64>,
    /// The 95th percentile of the duration.
    pub(crate) p95: Option<f64>,
    /// The agent's requests in flight.
    pub(crate) active: Option<f64>,
    /// Requests started.
    pub(crate) total: Option<f64>,
}

impl Browser {
    /// Returns the rows of the table of agents and operations, from top to bottom.
    pub(crate) fn requests(&self) -> Vec<Requests> {
        self.rows("#requests-table").iter().map(row).collect()
    }

    /// Returns the agents in that table, from top to bottom.
    pub(crate) fn agents(&self) -> Vec<String> {
        let rows = self.requests().into_iter();
        rows.map(|row| row.pair.0).collect()
    }
}

fn row(cells: &Vec<String>) -> Requests {
    let [
        agent,
        operation,
        rate,
        _,
        errors,
        mean,
        p50,
        p95,
        active,
        total,
    ] = cells.as_slice()
    else {
        panic!("expected ten cells: {cells:?}");
    };
    let number = |cell: &String| cell.parse().ok();
    Requests {
        pair: (agent.clone(), operation.clone()),
        rate: number(rate),
        errors: number(errors),
        mean: number(mean),
        p50: number(p50),
        p95: number(p95),
        active: number(active),
        total: number(total),
    }
}
