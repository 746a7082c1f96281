//! Programs whose families have clashing sample names.

use mcp_metrics::{catalog, track_llm_call, track_request};
use mcp_metrics_tests::claims::{self, BOUND};

use super::programs::{Program, program};

/// Suffixes of the names in [`claims::pairs`].
const SUFFIXES: [&str; 12] = [
    "",
    "_total",
    "_created",
    "_bucket",
    "_sum",
    "_count",
    "_info",
    "_gsum",
    "_total_total",
    "_count_total",
    "_created_total",
    "_total_count",
];

pub(super) const PROGRAMS: [Program; 7] = [
    program(
        "histogram, then its samples' names",
        || {
            metrics::histogram!("cache_miss").record(0.2);
            metrics::counter!("cache_miss_count").increment(7);
            metrics::gauge!("cache_miss_sum").set(7.0);
            metrics::gauge!("cache_miss_bucket", "le" => "1.0").set(7.0);
            metrics::gauge!("cache_miss_created").set(7.0);
        },
        &[("cache_miss_count", &[], 1.0), ("cache_miss_sum", &[], 0.2)],
        &["cache_miss_created"],
    ),
    program(
        "histogram after its samples' names",
        || {
            metrics::counter!("pay_count").increment(7);
            metrics::histogram!("pay").record(0.2);
            metrics::gauge!("paid_sum").set(7.0);
            metrics::histogram!("paid").record(0.2);
        },
        &[("pay_count", &[], 7.0), ("paid_sum", &[], 7.0)],
        &["pay_sum", "paid_count", "paid_bucket"],
    ),
    program(
        "counters with one stem",
        || {
            metrics::counter!("jobs").increment(3);
            metrics::counter!("jobs_total").increment(9);
            metrics::gauge!("tasks_total").set(9.0);
            metrics::counter!("tasks").increment(3);
            metrics::histogram!("runs_total").record(9.0);
            metrics::counter!("runs").increment(3);
            metrics::counter!("steps").increment(3);
            metrics::gauge!("steps_created").set(9.0);
        },
        &[
            ("jobs", &[], 3.0),
            ("tasks_total", &[], 9.0),
            ("runs_total_sum", &[], 9.0),
            ("steps", &[], 3.0),
        ],
        &["jobs_total", "tasks", "runs", "steps_created"],
    ),
    program(
        "all pairs of kinds and suffixes",
        || {
            for [first, second] in claims::pairs("p", &SUFFIXES) {
                first.record(3);
                second.record(7);
            }
        },
        &[],
        &[],
    )
    .with(|builder| builder.default_buckets(&[BOUND])),
    program(
        "names of the hub",
        || {
            track_request("a", "run").run(|| ());
            track_llm_call("openai", "gpt");
            metrics::gauge!("mcp_hub_requests").set(7.0);
            metrics::histogram!("mcp_hub_llm_api_calls").record(7.0);
            metrics::gauge!("mcp_hub_requests_created").set(7.0);
            metrics::counter!("mcp_hub_request_duration_seconds_count").increment(7);
            metrics::counter!("mcp_hub_uptime_seconds_total").increment(7);
            metrics::gauge!("mcp_hub_cache_hits_total").set(7.0);
            metrics::counter!("mcp_metrics_scrapes").increment(7);
            metrics::histogram!("mcp_hub_active_operations", "agent" => "a").record(7.0);
            // Of the same kind, but with other labels.
            metrics::counter!("mcp_hub_llm_api_calls_total").increment(7);
            metrics::counter!("mcp.hub.requests.total", "agent" => "a", "zone" => "b").increment(7);
            metrics::histogram!(catalog::REQUEST_DURATION, "le" => "1.0").record(7.0);
            metrics::gauge!(catalog::UPTIME, "of" => "all").set(7.0);
        },
        &[
            (
                "mcp_hub_requests_total",
                &[("agent", "a"), ("operation", "run")],
                1.0,
            ),
            (
                "mcp_hub_llm_api_calls_total",
                &[("provider", "openai"), ("model", "gpt")],
                1.0,
            ),
            (
                "mcp_hub_request_duration_seconds_count",
                &[("agent", "a"), ("operation", "run")],
                1.0,
            ),
        ],
        &[
            "mcp_hub_requests",
            "mcp_hub_uptime_seconds_total",
            "mcp_hub_llm_api_calls_count",
        ],
    ),
    program(
        "counters without a stem",
        || {
            for name in ["_total", ".total", "-total", "?total"] {
                metrics::counter!(name).increment(1);
            }
            // In OpenMetrics, the sample of the first one is named `__total`.
            metrics::counter!("").increment(5);
            metrics::counter!("__total").increment(7);
            metrics::counter!("_total_total").increment(7);
        },
        &[("_total", &[], 4.0), ("_", &[], 5.0)],
        &["__total", "_total_total"],
    ),
    program(
        "a counter that is only a dot and `total`",
        || {
            metrics::counter!(".total", "a" => "b").increment(1);
        },
        &[("_total", &[("a", "b")], 1.0)],
        &[],
    ),
];
