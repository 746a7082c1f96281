//! The crate `autometrics`: its attribute, with the fastest of its backends, `prometheus`.
//!
//! Its backends exclude each other, so that a program can hold only one of them.

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
    text.expect("it has been registered")
}

/// It counts calls by result, where we have counters of requests and of successes.
pub(crate) const CALLS: [crate::Call; 2] = {
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
