//! Families that are recorded to a new exporter, and what it exports.

use std::collections::BTreeMap;

use mcp_metrics::catalog::Kind;
use mcp_metrics::{Exporter, MetricsRecorder};
use mcp_metrics_tests::claims::{BOUND, Claims, Format, Registration};
use mcp_metrics_tests::scrape::Labels;
use mcp_metrics_tests::{Scrape, http, log};
use metrics::with_local_recorder;

pub(crate) fn build() -> (MetricsRecorder, Exporter) {
    log::capture();
    Exporter::builder()
        .without_system_metrics()
        .without_process_metrics()
        .default_buckets(&[BOUND])
        .listen(([127, 0, 0, 1], 0))
        .build()
        .expect("the configuration is valid")
}

pub(crate) fn scrape(exporter: &Exporter, format: Format) -> Scrape {
    let accept = match format {
        Format::Text => "text/plain",
        Format::OpenMetrics => "application/openmetrics-text; version=1.0.0",
    };
    let address = exporter.local_addr().expect("the exporter listens");
    let response = http::get_with(address, "/metrics", &[("Accept", accept)]);
    assert_eq!(response.status, 200);
    Scrape::parse(&response.body)
}

/// Registers families in order, records each value, and registers each family a second time.
pub(crate) fn register(recorder: &MetricsRecorder, families: &[(Registration, u32)]) {
    with_local_recorder(recorder, || {
        for (family, value) in families {
            family.record(*value);
            // The second registration of a rejected family must not be logged.
            match family.kind {
                Kind::Counter => metrics::counter!(family.name.clone()).increment(0),
                Kind::Histogram => metrics::histogram!(family.name.clone()).record_many(1.0, 0),
                _ => metrics::gauge!(family.name.clone()).increment(0.0),
            }
        }
    });
}

/// Returns the number of warnings that were logged about each family so far.
pub(crate) fn warnings() -> BTreeMap<String, usize> {
    let mut warnings = BTreeMap::new();
    for line in log::lines("WARN") {
        let Some((_, family)) = line.split_once(" family=") else {
            continue;
        };
        let family = family.split(' ').next().unwrap_or_default();
        *warnings
            .entry(family.trim_matches('"').to_owned())
            .or_default() += 1;
    }
    warnings
}

/// Families, whether each is admitted according to the rules, and what the exporter shows.
pub(crate) struct Run {
    pub(crate) families: Vec<(Registration, u32)>,
    pub(crate) admitted: Vec<bool>,
    pub(crate) text: Scrape,
    pub(crate) openmetrics: Scrape,
    warnings: BTreeMap<String, usize>,
}

impl Run {
    pub(crate) fn new(families: Vec<(Registration, u32)>) -> Self {
        let mut claims = Claims::of_the_hub();
        let admitted = families.iter().map(|it| claims.admit(&it.0)).collect();
        let (recorder, exporter) = build();
        register(&recorder, &families);
        Self {
            families,
            admitted,
            text: scrape(&exporter, Format::Text),
            openmetrics: scrape(&exporter, Format::OpenMetrics),
            warnings: warnings(),
        }
    }

    /// Asserts that a scrape holds exactly the exported families beside those of the hub.
    #[track_caller]
    pub(crate) fn assert_exported(&self, format: Format) {
        let scrape = match format {
            Format::Text => &self.text,
            Format::OpenMetrics => &self.openmetrics,
        };
        let (mut samples, mut kinds) = (BTreeMap::<(String, Labels), f64>::new(), BTreeMap::new());
        for ((family, value), _) in self.families().filter(|(_, admitted)| *admitted) {
            samples.extend(family.samples(*value, format));
            let (name, kind) = family.header(format);
            kinds.extend(kind.map(|kind| (name, kind.to_owned())));
        }
        let foreign = |name: &String| !name.starts_with("mcp_");
        let found = scrape.samples.iter().filter(|(name, ..)| foreign(name));
        let found: BTreeMap<_, _> = found
            .map(|(name, labels, value)| ((name.clone(), labels.clone()), *value))
            .collect();
        assert_same(&found, &samples, "samples");
        let mut found = scrape.kind.clone();
        found.retain(|name, _| foreign(name) && name != "_total");
        kinds.retain(|name, _| name != "_total");
        assert_same(&found, &kinds, "kinds");
    }

    fn families(&self) -> impl Iterator<Item = (&(Registration, u32), bool)> {
        self.families.iter().zip(self.admitted.iter().copied())
    }

    /// Asserts that one warning was logged for each rejected family, and none for the others.
    #[track_caller]
    pub(crate) fn assert_warned(&self) {
        let mut expected = BTreeMap::new();
        let mut found = BTreeMap::new();
        for ((family, _), admitted) in self.families() {
            let name = family.exported();
            *expected.entry(name.clone()).or_default() += usize::from(!admitted);
            found.insert(name.clone(), *self.warnings.get(&name).unwrap_or(&0));
        }
        assert_same(&found, &expected, "warnings");
    }
}

/// Asserts that two maps are equal; the message has only a few of the differences.
#[track_caller]
pub(crate) fn assert_same<K: Ord + std::fmt::Debug, V: PartialEq + std::fmt::Debug>(
    found: &BTreeMap<K, V>,
    expected: &BTreeMap<K, V>,
    what: &str,
) {
    let keys = found.keys().filter(|key| !expected.contains_key(key));
    let wrong: Vec<_> = keys
        .chain(expected.keys())
        .map(|key| (key, found.get(key), expected.get(key)))
        .filter(|(_, found, expected)| found != expected)
        .collect();
    assert!(
        wrong.is_empty(),
        "{} {what} differ (found, expected): {:#?}",
        wrong.len(),
        &wrong[..wrong.len().min(5)]
    );
}
