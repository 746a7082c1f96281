//! Runs a test under a recorder of its own, and compares everything that it recorded.

use std::future::Future;

use mcp_metrics::testing::Recording;
use tokio::runtime::Builder;

/// What a test recorded so far.
pub(crate) struct Metrics(Recording);

/// Runs a test on one thread, whose tasks record into `Metrics`. Time is paused: it advances to the
/// next timer when all tasks wait. Not for tests with sockets, for which they would not wait.
pub(crate) fn recorded<F: Future<Output = ()>>(test: impl FnOnce(Metrics) -> F) {
    run(
        Builder::new_current_thread()
            .enable_all()
            .start_paused(true),
        test,
    );
}

/// As [`recorded`], in real time.
pub(crate) fn recorded_over_sockets<F: Future<Output = ()>>(test: impl FnOnce(Metrics) -> F) {
    run(Builder::new_current_thread().enable_all(), test);
}

fn run<F: Future<Output = ()>>(runtime: &mut Builder, test: impl FnOnce(Metrics) -> F) {
    let recording = Recording::new();
    let runtime = runtime.build().unwrap();
    let metrics = Metrics(recording.clone());
    recording.run(|| {
        runtime.block_on(test(metrics));
        // Tasks that are still running record as they are dropped.
        drop(runtime);
    });
}

impl Metrics {
    /// Asserts that the families whose names start with `mcp_` have exactly these series, without
    /// the sums of durations.
    #[track_caller]
    pub(crate) fn assert(&self, expected: &[&str]) {
        let text = self.0.to_string();
        let recorded = text.lines().filter(|line| {
            let is_duration = line.contains("_seconds_sum");
            line.starts_with("mcp_") && !line.starts_with("mcp_hub") && !is_duration
        });
        let mut recorded: Vec<_> = recorded.collect();
        let mut expected = expected.to_vec();
        recorded.sort_unstable();
        expected.sort_unstable();
        assert_eq!(recorded, expected, "recorded:\n{}", recorded.join("\n"));
    }

    /// Asserts the series of one family.
    #[track_caller]
    pub(crate) fn assert_family(&self, family: &str, expected: &[&str]) {
        let text = self.0.to_string();
        let mut recorded: Vec<_> = text
            .lines()
            .filter(|line| line.starts_with(family))
            .filter(|line| !line.contains("_seconds_sum"))
            .collect();
        let mut expected = expected.to_vec();
        recorded.sort_unstable();
        expected.sort_unstable();
        assert_eq!(recorded, expected, "recorded:\n{text}");
    }
}
