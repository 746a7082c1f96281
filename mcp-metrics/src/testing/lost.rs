//! Recordings made outside any recording.

use std::collections::HashSet;
use std::fmt;

use metrics::Key;

use super::Recording;
use crate::catalog;
use crate::snapshot::render_labels;

/// The number of series that a message names.
const NAMED: usize = 3;

/// The families of a request. Its start is counted as lost.
const OF_REQUESTS: [&str; 5] = [
    catalog::REQUESTS,
    catalog::REQUESTS_SUCCESS,
    catalog::REQUESTS_FAILED,
    catalog::REQUEST_DURATION,
    catalog::ACTIVE_OPERATIONS,
];

/// Recordings made outside any recording, from [`Recording::lost`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lost {
    /// The number of recordings. A request is one.
    pub count: u64,
    /// The distinct series of the latest recordings, in the order of recording, as they are
    /// rendered. A request is named by its series in `mcp_hub_requests_total`.
    pub series: Vec<String>,
}

impl Recording {
    /// Returns what this process has recorded since this recording was created, on threads and in
    /// tasks that have no recording: what this recording lacks if code under test spawns them.
    ///
    /// Tests that run at the same time and record outside any recording are included, so this is
    /// a hint, and not for assertions. Messages of failed assertions include it. Metrics of other
    /// crates are not counted, nor what an installed exporter records.
    ///
    /// ```
    /// use mcp_metrics::{testing, track_request};
    ///
    /// let ((), metrics) = testing::record(|| {
    ///     let thread = std::thread::spawn(|| track_request("planner", "plan").run(|| ()));
    ///     thread.join().unwrap();
    /// });
    /// assert_eq!(metrics.requests("planner", "plan").total, 0);
    /// let request = r#"mcp_hub_requests_total{agent="planner",operation="plan"}"#;
    /// assert!(metrics.lost().series.iter().any(|lost| lost == request));
    /// ```
    #[must_use]
    pub fn lost(&self) -> Lost {
        self.lost_first(|_| false)
    }

    /// Returns the lost recordings, those of the selected keys first.
    pub(super) fn lost_first(&self, selects: impl Fn(&Key) -> bool) -> Lost {
        let (count, mut keys) = self.hints.watch.lost();
        let mut seen = HashSet::new();
        keys.retain(|key| seen.insert(key.clone()));
        keys.sort_by_key(|key| !selects(key));
        let series = keys.iter().map(render).collect();
        Lost { count, series }
    }

    /// Returns the lost recordings if there is one in this family with these labels.
    pub(super) fn lost_of(&self, family: &str, labels: &[(String, String)]) -> Option<Lost> {
        let of_requests = OF_REQUESTS.contains(&family);
        let is_in_family =
            |key: &Key| key.name() == family || of_requests && OF_REQUESTS.contains(&key.name());
        // The key of a request lacks the labels of its other families.
        let has_labels = |key: &Key| {
            labels.iter().all(|(name, value)| {
                let mut labels = key.labels();
                let label = labels.find(|label| label.key() == name);
                label.is_none_or(|label| label.value() == value)
            })
        };
        let selects = |key: &Key| is_in_family(key) && has_labels(key);
        let (_, keys) = self.hints.watch.lost();
        keys.iter().any(selects).then(|| self.lost_first(selects))
    }
}

fn render(key: &Key) -> String {
    let labels = render_labels(key.labels().map(|label| (label.key(), label.value())));
    match &*labels {
        "" => key.name().to_owned(),
        labels => format!("{}{{{labels}}}", key.name()),
    }
}

/// Formats the number of recordings and some of their series, for assertion messages.
impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, series) = (self.count, &self.series);
        match count {
            1 => write!(f, "1 recording was made")?,
            _ => write!(f, "{count} recordings were made")?,
        }
        f.write_str(" on threads or in tasks without a recording, by this or another test")?;
        for (index, name) in series.iter().take(NAMED).enumerate() {
            let separator = if index == 0 { ": " } else { ", " };
            write!(f, "{separator}{name}")?;
        }
        if series.len() > NAMED {
            f.write_str(", …")?;
        }
        f.write_str("; see \"Scope of a recording\" in the documentation of `mcp_metrics::testing`")
    }
}
