//! A recorder for one test.

use mcp_metrics::Exporter;
use metrics::LocalRecorderGuard;

/// The recorder of this thread. Tests of one process run in parallel, and rmcp runs handlers in
/// tasks of its own, which a current-thread runtime keeps on the thread of the test.
pub(crate) struct Recorder {
    exporter: Exporter,
    _current: LocalRecorderGuard<'static>,
}

impl Recorder {
    pub(crate) fn new() -> Self {
        let (recorder, exporter) = Exporter::builder().build().expect("the recorder is built");
        Self {
            exporter,
            _current: metrics::set_default_local_recorder(Box::leak(Box::new(recorder))),
        }
    }

    /// Returns the samples whose name begins with `prefix`, without buckets and sums, as
    /// `name{labels} value`.
    pub(crate) fn samples(&self, prefix: &str) -> Vec<String> {
        let text = self.exporter.render();
        let lines = text.lines().filter_map(|line| line.strip_prefix(prefix));
        let lines = lines.filter(|line| !line.contains("_bucket{") && !line.contains("_sum"));
        lines.map(str::to_owned).collect()
    }

    /// Asserts that the samples whose name begins with `prefix` are these.
    #[track_caller]
    pub(crate) fn assert_samples(&self, prefix: &str, expected: &[&str]) {
        let samples = self.samples(prefix);
        assert_eq!(samples, expected, "samples of {prefix}*");
    }
}
