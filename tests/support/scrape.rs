//! A parser of scrapes.

use std::collections::BTreeMap;

/// The labels of a sample.
pub type Labels = BTreeMap<String, String>;

/// A parsed scrape.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scrape {
    /// The text of each `# HELP` line.
    pub help: BTreeMap<String, String>,
    /// The kind on each `# TYPE` line.
    pub kind: BTreeMap<String, String>,
    /// Name, labels and value of each sample, in order.
    pub samples: Vec<(String, Labels, f64)>,
}

impl Scrape {
    /// Parses a text in the exposition format.
    ///
    /// # Panics
    ///
    /// If the text is not in that format, or contains a duplicate series.
    pub fn parse(text: &str) -> Self {
        let mut scrape = Self::default();
        for line in text.lines().filter(|line| !line.is_empty()) {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, text) = help.split_once(' ').expect("a HELP line has a text");
                assert!(
                    scrape.help.insert(name.into(), text.into()).is_none(),
                    "duplicate HELP of {name}"
                );
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').expect("a TYPE line has a kind");
                assert!(
                    scrape.kind.insert(name.into(), kind.into()).is_none(),
                    "duplicate TYPE of {name}"
                );
            } else if line.starts_with("# UNIT ") || line == "# EOF" {
                // Lines of OpenMetrics, which are comments in Prometheus' text format.
            } else {
                let sample = sample(line).unwrap_or_else(|| panic!("not a sample: {line}"));
                let is_duplicate = scrape
                    .samples
                    .iter()
                    .any(|s| (&s.0, &s.1) == (&sample.0, &sample.1));
                assert!(!is_duplicate, "duplicate series: {line}");
                scrape.samples.push(sample);
            }
        }
        scrape
    }

    /// Returns the value of the series with this name and exactly these labels.
    pub fn get(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let labels: Labels = labels
            .iter()
            .map(|(k, v)| ((*k).into(), (*v).into()))
            .collect();
        self.samples
            .iter()
            .find(|(n, l, _)| n == name && *l == labels)
            .map(|(_, _, value)| *value)
    }

    /// Returns the value of the series with this name and exactly these labels.
    ///
    /// # Panics
    ///
    /// If there is no such series.
    #[track_caller]
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.get(name, labels)
            .unwrap_or_else(|| panic!("no {name}{labels:?}"))
    }

    /// Returns the samples with this name whose labels include these.
    pub fn select<'a>(
        &'a self,
        name: &'a str,
        labels: &'a [(&'a str, &'a str)],
    ) -> impl Iterator<Item = &'a (String, Labels, f64)> {
        self.samples.iter().filter(move |(n, l, _)| {
            n == name
                && labels
                    .iter()
                    .all(|(k, v)| l.get(*k).is_some_and(|value| value == v))
        })
    }

    /// Returns the sum of the samples with this name whose labels include these.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.select(name, labels).map(|(_, _, value)| value).sum()
    }

    /// Returns the counts of one agent and operation.
    pub fn requests(&self, agent: &str, operation: &str) -> Requests {
        let pair = [("agent", agent), ("operation", operation)];
        let failed = self.select("mcp_hub_requests_failed_total", &pair);
        Requests {
            total: self.get("mcp_hub_requests_total", &pair).unwrap_or(0.0),
            success: self
                .get("mcp_hub_requests_success_total", &pair)
                .unwrap_or(0.0),
            failed: failed
                .filter(|(.., n)| *n > 0.0)
                .map(|(_, labels, n)| (labels["error_type"].clone(), *n))
                .collect(),
            observed: self
                .get("mcp_hub_request_duration_seconds_count", &pair)
                .unwrap_or(0.0),
            active: self
                .get("mcp_hub_active_operations", &[("agent", agent)])
                .unwrap_or(0.0),
        }
    }
}

/// The counts of one agent and operation, and the agent's active operations.
#[derive(Clone, Debug, PartialEq)]
pub struct Requests {
    /// `mcp_hub_requests_total`.
    pub total: f64,
    /// `mcp_hub_requests_success_total`.
    pub success: f64,
    /// `mcp_hub_requests_failed_total` by `error_type`, without those at zero.
    pub failed: BTreeMap<String, f64>,
    /// `mcp_hub_request_duration_seconds_count`.
    pub observed: f64,
    /// `mcp_hub_active_operations`.
    pub active: f64,
}

impl Requests {
    /// Asserts the counts while no request is in flight: `success` successes, these failures, and
    /// the totals that follow from them.
    ///
    /// # Panics
    ///
    /// If a count differs.
    #[track_caller]
    pub fn assert(&self, success: u32, failed: &[(&str, u32)]) {
        let failures: u32 = failed.iter().map(|(_, n)| n).sum();
        let total = f64::from(success + failures);
        let failed = failed
            .iter()
            .map(|(e, n)| ((*e).to_owned(), f64::from(*n)))
            .collect();
        let success = f64::from(success);
        assert_eq!(
            *self,
            Self {
                total,
                success,
                failed,
                observed: total,
                active: 0.0
            }
        );
    }
}

fn sample(line: &str) -> Option<(String, Labels, f64)> {
    let (series, value) = line.rsplit_once(' ')?;
    let value = value.parse().ok()?;
    let Some((name, labels)) = series.split_once('{') else {
        return Some((series.to_owned(), Labels::new(), value));
    };
    Some((
        name.to_owned(),
        read_labels(labels.strip_suffix('}')?)?,
        value,
    ))
}

fn read_labels(mut text: &str) -> Option<Labels> {
    let mut labels = Labels::new();
    while !text.is_empty() {
        let (name, rest) = text.split_once("=\"")?;
        let mut value = String::new();
        let mut end = None;
        let mut escaped = false;
        for (at, c) in rest.char_indices() {
            match (escaped, c) {
                (true, 'n') => value.push('\n'),
                (true, '"' | '\\') => value.push(c),
                (true, _) => return None,
                (false, '\\') => {
                    escaped = true;
                    continue;
                }
                (false, '"') => {
                    end = Some(at);
                    break;
                }
                (false, _) => value.push(c),
            }
            escaped = false;
        }
        if labels.insert(name.to_owned(), value).is_some() {
            return None;
        }
        text = &rest[end? + 1..];
        text = text.strip_prefix(',').unwrap_or(text);
    }
    Some(labels)
}
