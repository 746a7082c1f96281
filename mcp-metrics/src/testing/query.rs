//! Asking a recording for counters, gauges and histograms.

use metrics_exporter_prometheus::formatting::{sanitize_label_key, sanitize_metric_name};

use super::Recording;
use crate::catalog::{self, Kind};
use crate::exposition::{Sample, samples};

/// What a histogram has observed; from [`Recording::histogram`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Observations {
    /// The number of observations.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
    /// How many were at most so much, for each finite bucket bound.
    pub buckets: Vec<(f64, u64)>,
}

impl Recording {
    /// The sum of a counter's series that have these labels, and whichever others; 0 if there is
    /// no such series.
    ///
    /// ```
    /// use mcp_metrics::{testing, track_request};
    ///
    /// let ((), metrics) = testing::record(|| {
    ///     track_request("web_search", "search").run(|| ());
    ///     track_request("web_search", "rank").run(|| ());
    /// });
    /// let requests = |labels| metrics.counter("mcp_hub_requests_total", labels);
    /// assert_eq!(requests(&[("agent", "web_search"), ("operation", "rank")]), 1);
    /// assert_eq!(requests(&[("agent", "web_search")]), 2);
    /// assert_eq!(requests(&[("agent", "planner")]), 0);
    /// ```
    ///
    /// # Panics
    ///
    /// If `family` is not a counter, or is in the [catalogue](catalog) and has no label of such a
    /// name.
    #[must_use]
    #[track_caller]
    pub fn counter(&self, family: &str, labels: &[(&str, &str)]) -> u64 {
        let query = Query::new(family, labels);
        let text = query.text(self, Kind::Counter);
        query.select(&text, "").map(|sample| sample.count()).sum()
    }

    /// The sum of a gauge's series that have these labels, and whichever others; `None` if there
    /// is no such series.
    ///
    /// ```
    /// use mcp_metrics::testing;
    ///
    /// let ((), metrics) = testing::record(|| metrics::gauge!("queue_length").set(3.0));
    /// assert_eq!(metrics.gauge("queue_length", &[]), Some(3.0));
    /// assert_eq!(metrics.gauge("mcp_hub_active_operations", &[("agent", "planner")]), None);
    /// ```
    ///
    /// # Panics
    ///
    /// If `family` is not a gauge, or is in the [catalogue](catalog) and has no label of such a
    /// name.
    #[must_use]
    #[track_caller]
    pub fn gauge(&self, family: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let query = Query::new(family, labels);
        let text = query.text(self, Kind::Gauge);
        let values = query.select(&text, "").map(|sample| sample.value());
        values.reduce(|sum, value| sum + value)
    }

    /// What a histogram's series that have these labels, and whichever others, have observed
    /// together; nothing if there is no such series.
    ///
    /// ```
    /// use mcp_metrics::{testing, track_request};
    ///
    /// let ((), metrics) = testing::record(|| track_request("planner", "plan").run(|| ()));
    /// let took = metrics.histogram("mcp_hub_request_duration_seconds", &[("agent", "planner")]);
    /// assert_eq!(took.count, 1);
    /// assert_eq!(took.buckets[0], (0.1, 1)); // a tenth of a second at most
    /// ```
    ///
    /// # Panics
    ///
    /// If `family` is not a histogram, or is in the [catalogue](catalog) and has no label of such
    /// a name.
    #[must_use]
    #[track_caller]
    pub fn histogram(&self, family: &str, labels: &[(&str, &str)]) -> Observations {
        let query = Query::new(family, labels);
        let text = query.text(self, Kind::Histogram);
        let mut all = Observations {
            count: query.select(&text, "_count").map(|s| s.count()).sum(),
            sum: query.select(&text, "_sum").map(|s| s.value()).sum(),
            buckets: Vec::new(),
        };
        for bucket in query.select(&text, "_bucket") {
            let bound: f64 = bucket.label("le").parse().unwrap_or(f64::INFINITY);
            match all.buckets.iter_mut().find(|(known, _)| *known == bound) {
                _ if bound.is_infinite() => {}
                Some((_, count)) => *count += bucket.count(),
                None => all.buckets.push((bound, bucket.count())),
            }
        }
        all.buckets.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        all
    }
}

/// A question: the series of a family that have these labels.
pub(super) struct Query {
    family: String,
    labels: Vec<(String, String)>,
}

impl Query {
    /// Names are taken as they were recorded, and asked for as they are rendered.
    pub(super) fn new(family: &str, labels: &[(&str, &str)]) -> Self {
        let labels = labels
            .iter()
            .map(|(name, value)| (sanitize_label_key(name), (*value).to_owned()));
        Self {
            family: sanitize_metric_name(family),
            labels: labels.collect(),
        }
    }

    /// The recording's text, if the question makes sense: one that does not would be answered
    /// with nothing at all, which a test may take for an answer.
    #[track_caller]
    fn text(&self, recording: &Recording, kind: Kind) -> String {
        let text = recording.render();
        let family = &self.family;
        let asked = kind.as_str();
        if let Some(kind) = rendered_kind(&text, family) {
            assert!(kind == asked, "`{family}` is a {kind}, not a {asked}");
        }
        if let Some(known) = catalog::family(family) {
            for (label, _) in &self.labels {
                let labels = known.labels;
                assert!(
                    labels.contains(&label.as_str()),
                    "`{family}` has no label `{label}`; its labels are {labels:?}",
                );
            }
        }
        text
    }

    /// The samples of the family, with `suffix` to its name.
    pub(super) fn select<'a>(
        &self,
        text: &'a str,
        suffix: &str,
    ) -> impl Iterator<Item = Sample<'a>> {
        samples(text).filter(move |sample| {
            sample.name.strip_prefix(self.family.as_str()) == Some(suffix)
                && self
                    .labels
                    .iter()
                    .all(|(name, value)| sample.has_label(name, value))
        })
    }
}

/// The kind on the family's `# TYPE` line; all families of the catalogue have one.
fn rendered_kind<'a>(text: &'a str, family: &str) -> Option<&'a str> {
    text.lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '))
        .find_map(|(name, kind)| (name == family).then_some(kind))
}
