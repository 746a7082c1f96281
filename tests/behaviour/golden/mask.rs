//! Masks what depends on time. This is the complete list:
//!
//! - the value of `mcp_hub_uptime_seconds`, and in the summary the time since the last export;
//! - the sum and the native buckets of the histograms in [`TIMED`], unless the series has no
//!   observation or is recorded through the facade only, which [`FACADE_AGENT`] marks.
//!
//! Counts and classic buckets are compared: the test sets bounds that no measured duration reaches.

use mcp_metrics::{MetricsSummary, catalog};

use crate::wire::{Family, Histogram, Native};

/// The agent whose durations are all recorded through the facade, as constants.
pub(crate) const FACADE_AGENT: &str = "facade only";

/// Histograms whose observations are measured.
const TIMED: [&str; 2] = [catalog::REQUEST_DURATION, catalog::SCRAPE_DURATION];

const MASKED: &str = "<masked>";

/// Masks the lines of the text format or of `OpenMetrics`.
pub(crate) fn text(text: &str) -> String {
    let facade = format!("agent=\"{FACADE_AGENT}\"");
    let timed_sum = |name: &str| {
        name.strip_suffix("_sum")
            .is_some_and(|name| TIMED.contains(&name))
    };
    let mut masked = String::with_capacity(text.len());
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let name = line.split(['{', ' ']).next().unwrap_or_default();
        // The line of the count follows that of the sum.
        let mut is_empty = || lines.peek().is_some_and(|count| count.ends_with(" 0\n"));
        let is_timed =
            name == catalog::UPTIME || timed_sum(name) && !line.contains(&facade) && !is_empty();
        match line.rsplit_once(' ') {
            Some((series, _)) if is_timed => masked.extend([series, " ", MASKED, "\n"]),
            _ => masked.push_str(line),
        }
    }
    masked
}

/// Masks a decoded protobuf exposition.
pub(crate) fn families(families: &mut [Family]) {
    for family in families {
        let is_timed = TIMED.contains(&&*family.name);
        for metric in &mut family.metrics {
            if family.name == catalog::UPTIME {
                metric.value = Some(MASKED.to_owned());
            }
            let agent = metric.labels.iter().find(|(name, _)| name == "agent");
            let is_facade = agent.is_some_and(|(_, agent)| agent == FACADE_AGENT);
            if let Some(histogram) = &mut metric.histogram
                && is_timed
                && !is_facade
                && histogram.count != Some(0)
            {
                mask_histogram(histogram);
            }
        }
    }
}

/// Masks the sum and which native buckets are populated, after a check that these hold all
/// observations.
fn mask_histogram(histogram: &mut Histogram) {
    let native = &histogram.native;
    let mut count = 0;
    let counts = native.deltas.iter().map(|delta| {
        count += delta;
        u64::try_from(count).expect("a bucket's count is not negative")
    });
    let in_buckets = counts.sum::<u64>() + native.zero_count.unwrap_or(0);
    assert_eq!(Some(in_buckets), histogram.count);
    let lengths = native.spans.iter().map(|(_, length)| length);
    assert_eq!(lengths.sum::<u64>(), native.deltas.len() as u64);
    histogram.sum = Some(MASKED.to_owned());
    histogram.native = Native {
        schema: native.schema,
        zero_threshold: native.zero_threshold,
        is_masked: true,
        ..Native::default()
    };
}

/// Masks a summary: NaN, which JSON has as `null`.
pub(crate) fn summary(summary: &mut MetricsSummary) {
    summary.uptime_seconds = f64::NAN;
    let last = &mut summary.exporter.last_export_seconds;
    *last = last.map(|_| f64::NAN);
    for request in &mut summary.requests {
        if request.agent != FACADE_AGENT && request.count > 0 {
            request.duration_seconds = f64::NAN;
        }
    }
}
