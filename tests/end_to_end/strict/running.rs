//! Running programs and the failures found in their output.

use std::{
    fmt::{Display, Write as _},
    panic,
    time::Duration,
};

use mcp_metrics::{Exporter, PushGateway};
use mcp_metrics_tests::{Scrape, http};
use metrics::with_local_recorder;

use super::programs::{self, Program};
use crate::drive::Pushgateway;

/// A program that has recorded its metrics and can be scraped.
pub(super) struct Running {
    pub(super) program: &'static Program,
    pub(super) exporter: Exporter,
}

impl Running {
    pub(super) fn start(program: &'static Program, gateway: Option<&Pushgateway>) -> Self {
        let mut builder = Exporter::builder()
            .without_system_metrics()
            .without_process_metrics()
            .listen(([127, 0, 0, 1], 0));
        if let Some(gateway) = gateway {
            let gateway = PushGateway::new(gateway.url(), "strict").grouping("case", program.name);
            // Only the last push counts.
            builder = builder.push_gateway(gateway.interval(Duration::from_hours(1)));
        }
        let builder = (program.configure)(builder);
        let (recorder, exporter) = builder.build().expect("the configuration is valid");
        with_local_recorder(&recorder, program.record);
        Self { program, exporter }
    }

    pub(super) fn all() -> Vec<Self> {
        programs::all()
            .map(|program| Self::start(program, None))
            .collect()
    }

    fn get(&self, format: &str) -> String {
        let address = self.exporter.local_addr().expect("a listening exporter");
        let response = http::get_with(address, "/metrics", &[("Accept", format)]);
        assert_eq!(response.status, 200, "{}", self.program.name);
        response.body
    }

    pub(super) fn text(&self) -> String {
        self.get("text/plain")
    }

    pub(super) fn openmetrics(&self) -> String {
        self.get("application/openmetrics-text; version=1.0.0")
    }
}

/// The failures of all programs, which a test reports together.
#[derive(Default)]
pub(super) struct Failures(String);

impl Failures {
    pub(super) fn add(&mut self, program: &Program, reader: &str, problem: Option<impl Display>) {
        if let Some(problem) = problem {
            // Writing to a string does not fail.
            let _ = writeln!(self.0, "{}: {reader}: {problem}", program.name);
        }
    }

    #[track_caller]
    pub(super) fn assert_none(self) {
        assert!(self.0.is_empty(), "\n{}", self.0);
    }
}

/// Parses a text. Returns an error if it has a duplicate series, for which the parser panics.
pub(super) fn parse(text: &str) -> Result<Scrape, String> {
    let parsed = panic::catch_unwind(|| Scrape::parse(text));
    parsed.map_err(|panic| panic.downcast_ref().cloned().unwrap_or_default())
}
