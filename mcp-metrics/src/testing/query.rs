//! Queries for counters, gauges and histograms.

use metrics_exporter_prometheus::formatting::sanitize_label_key;

use super::Recording;
use super::check::{check, suspect};
use super::collect::{Collected, Series};
use crate::catalog::Kind;
use crate::recorder::family_name;

/// The observations of a histogram, from [`Recording::histogram`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Observations {
    /// The number of observations.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
    /// The finite bucket bounds, each with the number of observations at or below it.
    pub buckets: Vec<(f64, u64)>,
}

impl Recording {
    /// Returns the sum of a counter's series that have at least these labels; 0 if there is no such
    /// series.
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
    /// If `family` is not a counter, or if it has the prefix of this crate's families, such as
    /// `mcp_hub_`, and is unknown or lacks one of the labels. The message has the nearest name.
    #[must_use]
    #[track_caller]
    pub fn counter(&self, family: &str, labels: &[(&str, &str)]) -> u64 {
        let query = Query::new(family, labels);
        let collected = query.collect(self, Kind::Counter);
        query.select(&collected).map(Series::count).sum()
    }

    /// Returns the sum of a gauge's series that have at least these labels; `None` if there is no
    /// such series.
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
    /// If `family` is not a gauge, or if it has the prefix of this crate's families, such as
    /// `mcp_hub_`, and is unknown or lacks one of the labels. The message has the nearest name.
    #[must_use]
    #[track_caller]
    pub fn gauge(&self, family: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let query = Query::new(family, labels);
        let collected = query.collect(self, Kind::Gauge);
        let values = query.select(&collected).map(Series::float);
        values.reduce(|sum, value| sum + value)
    }

    /// Returns the observations of all series of a histogram that have at least these labels; none
    /// if there is no such series.
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
    /// If `family` is not a histogram, or if it has the prefix of this crate's families, such as
    /// `mcp_hub_`, and is unknown or lacks one of the labels. The message has the nearest name.
    #[must_use]
    #[track_caller]
    pub fn histogram(&self, family: &str, labels: &[(&str, &str)]) -> Observations {
        let query = Query::new(family, labels);
        let collected = query.collect(self, Kind::Histogram);
        let mut all = Observations::default();
        for series in query.select(&collected) {
            all.count += series.count();
            all.sum += series.float();
            for (bound, more) in series.buckets() {
                match all.buckets.iter_mut().find(|(known, _)| *known == bound) {
                    Some((_, count)) => *count += more,
                    None => all.buckets.push((bound, more)),
                }
            }
        }
        all.buckets.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        all
    }
}

/// A query for the series of a family that have at least these labels.
pub(super) struct Query {
    family: String,
    labels: Vec<(String, String)>,
}

impl Query {
    /// Creates a query. Names are given as they are recorded and sanitized as they are exported.
    pub(super) fn new(family: &str, labels: &[(&str, &str)]) -> Self {
        let labels = labels
            .iter()
            .map(|(name, value)| (sanitize_label_key(name), (*value).to_owned()));
        Self {
            family: family_name(family),
            labels: labels.collect(),
        }
    }

    /// Returns the name of the family.
    pub(super) fn family(&self) -> &str {
        &self.family
    }

    /// Returns the names of the labels.
    pub(super) fn label_names(&self) -> impl Iterator<Item = &str> {
        self.labels.iter().map(|(name, _)| &**name)
    }

    /// Takes a snapshot for the query. Panics if the query can match no series, since a test might
    /// expect the empty result.
    #[track_caller]
    fn collect(&self, recording: &Recording, kind: Kind) -> Collected {
        let collected = recording.collect();
        check(self, &collected, kind, recording.recorder.namespace());
        let (family, labels) = (&self.family, &self.labels);
        if self.select(&collected).next().is_none() {
            let subject = format!("{family}{labels:?}");
            recording
                .hints
                .print(&subject, || suspect(self, &collected));
        }
        recording.hints.print(&format!("lost {family}"), || {
            let lost = recording.lost_of(family, labels)?;
            Some(format!("`{family}` may be incomplete: {lost}"))
        });
        collected
    }

    /// Returns the series of the family that have the labels.
    pub(super) fn select<'a>(
        &'a self,
        collected: &'a Collected,
    ) -> impl Iterator<Item = &'a Series> {
        collected.select(&self.family, &self.labels)
    }
}
