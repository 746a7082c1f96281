//! Assertions on single values.

use mcp_metrics_tests::Scrape;

/// Asserts the value of one series.
#[track_caller]
pub(crate) fn assert_value(scrape: &Scrape, name: &str, labels: &[(&str, &str)], value: u32) {
    assert_eq!(
        scrape.value(name, labels),
        f64::from(value),
        "{name}{labels:?}"
    );
}

/// Asserts the sum of all series of a family.
#[track_caller]
pub(crate) fn assert_sum(scrape: &Scrape, name: &str, sum: u32) {
    assert_eq!(scrape.sum(name, &[]), f64::from(sum), "{name}");
}
