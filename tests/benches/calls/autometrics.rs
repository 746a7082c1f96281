//! The crate `autometrics`: its attribute, with the fastest of its backends, `prometheus`.
//!
//! Its backends are mutually exclusive, so a program can contain only one.

use std::sync::LazyLock;

use autometrics::autometrics;
use autometrics::settings::AutometricsSettings;
use mcp_metrics::catalog::REQUEST_DURATION_BUCKETS;
use prometheus::TextEncoder;

use crate::{Refused, work};

pub(crate) static SETTINGS: LazyLock<&'static AutometricsSettings> = LazyLock::new(|| {
    AutometricsSettings::builder()
        .histogram_buckets(REQUEST_DURATION_BUCKETS)
        .init()
});

pub(crate) fn text() -> String {
    let families = SETTINGS.prometheus_registry().gather();
    let text = TextEncoder::new().encode_to_string(&families);
    text.expect("the families are valid")
}

/// Counts calls by result in one counter, where our calls have a counter of requests and one of
/// successes.
pub(crate) const CALLS: [crate::way::Call; 2] = {
    #[autometrics(track_concurrency)]
    #[inline(never)]
    fn first(n: u32) -> Result<u32, Refused> {
        work(n)
    }

    #[autometrics(track_concurrency)]
    #[inline(never)]
    fn second(n: u32) -> Result<u32, Refused> {
        work(n)
    }

    [first, second]
};
