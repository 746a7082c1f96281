//! The families that this crate exports, as data.
//!
//! Everything that names a metric (descriptions, the README's table, rules, dashboards, tests) is
//! generated from this catalogue or checked against it.

mod buckets;
mod family;
mod family_id;
pub mod llm;
#[cfg(feature = "rmcp")]
pub mod mcp;
mod namespace;
#[cfg(feature = "exporter")]
pub(crate) mod process;

use metrics::Unit;

pub use buckets::{DEFAULT_BUCKETS, FINE_BUCKETS, REQUEST_DURATION_BUCKETS};
pub use family::{Family, Kind};
#[doc(hidden)]
pub use family_id::FamilyId;
pub use namespace::NAMESPACE;
#[cfg(feature = "exporter")]
pub(crate) use namespace::Namespace;

/// Returns the family with this name, if this crate defines one.
///
/// ```
/// let family = mcp_metrics::catalog::family("mcp_hub_requests_total").unwrap();
/// assert_eq!(family.labels, ["agent", "operation"]);
/// assert!(mcp_metrics::catalog::family("up").is_none());
/// ```
#[must_use]
pub fn family(name: &str) -> Option<&'static Family> {
    all().find(|family| family.name == name)
}

/// Returns all families that this crate defines.
pub(crate) fn all() -> impl Iterator<Item = &'static Family> {
    let families = FAMILIES
        .iter()
        .chain(EXPORTER_FAMILIES)
        .chain(llm::FAMILIES);
    #[cfg(feature = "rmcp")]
    let families = families.chain(mcp::FAMILIES);
    families
}

/// Returns whether a family is a gauge without labels that the exporter maintains.
#[cfg(feature = "exporter")]
pub(crate) fn is_maintained_gauge(name: &str) -> bool {
    let is_own = |family: &Family| family.kind == Kind::Gauge && family.labels.is_empty();
    family(name).is_some_and(is_own) || process::family(name).is_some_and(is_own)
}

const fn counter(
    name: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
) -> Family {
    Family {
        name,
        kind: Kind::Counter,
        help,
        unit: Some(Unit::Count),
        labels,
        optional_labels: &[],
        buckets: &[],
    }
}

const fn gauge(
    name: &'static str,
    unit: Option<Unit>,
    labels: &'static [&'static str],
    help: &'static str,
) -> Family {
    Family {
        name,
        kind: Kind::Gauge,
        help,
        unit,
        labels,
        optional_labels: &[],
        buckets: &[],
    }
}

const fn histogram(
    name: &'static str,
    unit: Unit,
    labels: &'static [&'static str],
    optional_labels: &'static [&'static str],
    buckets: &'static [f64],
    help: &'static str,
) -> Family {
    Family {
        name,
        kind: Kind::Histogram,
        help,
        unit: Some(unit),
        labels,
        optional_labels,
        buckets,
    }
}

/// Name of the gauge that is labelled with the application's name and version.
pub const APP_INFO: &str = "mcp_hub_app_info";
/// Name of the counter of requests started.
pub const REQUESTS: &str = "mcp_hub_requests_total";
/// Name of the counter of successful requests.
pub const REQUESTS_SUCCESS: &str = "mcp_hub_requests_success_total";
/// Name of the counter of failed requests.
pub const REQUESTS_FAILED: &str = "mcp_hub_requests_failed_total";
/// Name of the histogram of request durations.
pub const REQUEST_DURATION: &str = "mcp_hub_request_duration_seconds";
/// Name of the gauge of requests in flight.
pub const ACTIVE_OPERATIONS: &str = "mcp_hub_active_operations";
/// Name of the gauge of CPU usage.
pub const CPU_USAGE: &str = "mcp_hub_cpu_usage_percent";
/// Name of the gauge of memory usage.
pub const MEMORY_USAGE: &str = "mcp_hub_memory_usage_percent";
/// Name of the gauge of available memory.
pub const MEMORY_AVAILABLE: &str = "mcp_hub_memory_available_bytes";
/// Name of the gauge of disk usage.
pub const DISK_USAGE: &str = "mcp_hub_disk_usage_percent";
/// Name of the gauge of free disk space.
pub const DISK_FREE: &str = "mcp_hub_disk_free_bytes";
/// Name of the gauge of seconds since the exporter was installed.
pub const UPTIME: &str = "mcp_hub_uptime_seconds";
/// Name of the counter of LLM API calls.
pub const LLM_CALLS: &str = "mcp_hub_llm_api_calls_total";
/// Name of the counter of search API calls.
pub const SEARCH_CALLS: &str = "mcp_hub_search_api_calls_total";
/// Name of the counter of code executions.
pub const CODE_EXECUTIONS: &str = "mcp_hub_code_executions_total";
/// Name of the counter of cache hits.
pub const CACHE_HITS: &str = "mcp_hub_cache_hits_total";
/// Name of the counter of cache misses.
pub const CACHE_MISSES: &str = "mcp_hub_cache_misses_total";
/// Name of the counter of failed attempts in retry loops.
pub const RETRIES: &str = "mcp_hub_retries_total";
/// Name of the counter of retry loops that gave up.
pub const RETRIES_EXHAUSTED: &str = "mcp_hub_retries_exhausted_total";
/// Name of the counter of recordings that the cardinality limit moved to `other`.
pub const OVERFLOWED: &str = "mcp_metrics_overflowed_total";
/// Name of the counter of `on_scrape` hooks that panicked.
pub const HOOK_PANICS: &str = "mcp_metrics_hook_panics_total";
/// Name of the counter of scrapes answered by the endpoint.
pub const SCRAPES: &str = "mcp_metrics_scrapes_total";
/// Name of the histogram of the endpoint's response times to scrapes.
pub const SCRAPE_DURATION: &str = "mcp_metrics_scrape_duration_seconds";
/// Name of the gauge of scrapes in flight.
pub const SCRAPES_IN_FLIGHT: &str = "mcp_metrics_scrapes_in_flight";
/// Name of the counter of pushes to a Pushgateway.
pub const PUSHES: &str = "mcp_metrics_pushes_total";
/// Name of the gauge of the time at which the program last recorded a success.
pub const LAST_SUCCESS: &str = "mcp_metrics_last_success_timestamp_seconds";

/// The families of a hub.
///
/// Dashboards and alerts query them, so their names, kinds, labels and buckets are a contract.
pub const FAMILIES: &[Family] = &[
    gauge(
        APP_INFO,
        None,
        &["version", "name"],
        "Name and version of the application; the value is always 1.",
    ),
    counter(REQUESTS, &["agent", "operation"], "Requests started."),
    counter(
        REQUESTS_SUCCESS,
        &["agent", "operation"],
        "Successful requests.",
    ),
    counter(
        REQUESTS_FAILED,
        &["agent", "operation", "error_type"],
        "Failed requests, including panics and cancellations.",
    ),
    histogram(
        REQUEST_DURATION,
        Unit::Seconds,
        &["agent", "operation"],
        &[],
        &REQUEST_DURATION_BUCKETS,
        "Request duration in seconds, for successful and failed requests.",
    ),
    gauge(
        ACTIVE_OPERATIONS,
        Some(Unit::Count),
        &["agent"],
        "Requests in flight.",
    ),
    gauge(
        CPU_USAGE,
        Some(Unit::Percent),
        &[],
        "CPU usage over the last sampling interval, as a percentage of the control group's quota if it \
         has one, of all cores otherwise.",
    ),
    gauge(
        MEMORY_USAGE,
        Some(Unit::Percent),
        &[],
        "Memory usage in percent, of the control group with the least memory available or of the \
         machine.",
    ),
    gauge(
        MEMORY_AVAILABLE,
        Some(Unit::Bytes),
        &[],
        "Memory available without swapping and within the limits of the control groups.",
    ),
    gauge(
        DISK_USAGE,
        Some(Unit::Percent),
        &[],
        "Usage of the file system that holds the configured path, in percent.",
    ),
    gauge(
        DISK_FREE,
        Some(Unit::Bytes),
        &[],
        "Free space on the file system that holds the configured path.",
    ),
    gauge(
        UPTIME,
        Some(Unit::Seconds),
        &[],
        "Seconds since the exporter was installed.",
    ),
    counter(LLM_CALLS, &["provider", "model"], "LLM API calls."),
    counter(SEARCH_CALLS, &[], "Search API calls."),
    counter(
        CODE_EXECUTIONS,
        &["status"],
        "Code executions by status, success or failure.",
    ),
    counter(CACHE_HITS, &["cache_type"], "Cache hits."),
    counter(CACHE_MISSES, &["cache_type"], "Cache misses."),
    counter(
        RETRIES,
        &["service", "attempt"],
        "Failed attempts of retry loops, by attempt number.",
    ),
    counter(RETRIES_EXHAUSTED, &["service"], "Retry loops that gave up."),
];

/// Families about the exporter itself. Each is exported once it has a series.
pub const EXPORTER_FAMILIES: &[Family] = &[
    counter(
        HOOK_PANICS,
        &[],
        "Panics in `on_scrape` hooks; a panic does not fail the scrape.",
    ),
    gauge(
        LAST_SUCCESS,
        Some(Unit::Seconds),
        &[],
        "Unix time at which the program last recorded a success.",
    ),
    counter(
        OVERFLOWED,
        &["family"],
        "Recordings moved to the label value `other` by the cardinality limit, by family.",
    ),
    counter(
        PUSHES,
        &["result"],
        "Pushes to the Pushgateway, by result of the last attempt.",
    ),
    counter(
        SCRAPES,
        &["code"],
        "Scrapes answered by the endpoint, by HTTP status code.",
    ),
    histogram(
        SCRAPE_DURATION,
        Unit::Seconds,
        &[],
        &[],
        &DEFAULT_BUCKETS,
        "Time to build the response to a scrape, in seconds, without sending it.",
    ),
    gauge(
        SCRAPES_IN_FLIGHT,
        Some(Unit::Count),
        &[],
        "Scrapes in flight, including this one.",
    ),
];
