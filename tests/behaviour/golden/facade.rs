//! The other crates' side of the scraped program: metrics recorded through the `metrics` facade,
//! some of them in the hub's own families.

use metrics::{Unit, counter, gauge, histogram};

use crate::mask::FACADE_AGENT;

pub(crate) const SIZE_BUCKETS: [f64; 5] = [-1.0, 0.25, 1.0, 1e6, 2.5e9];

/// Records every kind of metric, with and without labels and descriptions.
pub(crate) fn record() {
    record_counters();
    record_gauges();
    record_histograms();
    record_hub_families();
}

fn record_counters() {
    metrics::describe_counter!("acme_jobs_total", Unit::Count, "Jobs \"done\",\n\\ all.");
    metrics::describe_counter!("acme.dotted.requests", "A dotted name.");
    metrics::describe_counter!("acme_never_recorded_total", "No series.");
    counter!("acme_jobs_total").increment(7);
    counter!("acme_jobs_total", "b" => "2", "a" => "1").increment(1);
    counter!("acme_jobs_total", "a" => "1", "b" => "2").increment(2);
    counter!("acme_jobs_total", "a" => "first", "a" => "last").increment(3);
    counter!("acme_jobs_total", "dashed-name" => "x", "" => "y", "__meta" => "z").increment(4);
    counter!("acme_jobs_total", "le" => "0.5", "q" => "quote \" \\ \n }").increment(5);
    counter!("acme.dotted.requests").increment(1);
    counter!("acme_dotted_requests").increment(1);
    counter!("acme:colon", "ü" => "ü").increment(1);
    counter!("0digit").increment(1);
    counter!("").increment(1);
    counter!("acme_without_suffix").increment(3);
    counter!("acme_largest_total").absolute(u64::MAX);
    counter!("acme_zero_total").increment(0);
    // Without `_total` it would have the name of the gauge.
    counter!("acme_pool_total").increment(2);
    gauge!("acme_pool").set(1.0);
    // The first kind of a name stays.
    gauge!("acme_zero_total").set(9.0);
    histogram!("acme_zero_total").record(9.0);
}

fn record_gauges() {
    metrics::describe_gauge!("acme_level", Unit::Percent, "A level.");
    for (kind, value) in [
        ("nan", f64::NAN),
        ("infinite", f64::INFINITY),
        ("negative infinite", f64::NEG_INFINITY),
        ("negative zero", -0.0),
        ("tenth", 0.1),
        ("third", 1.0 / 3.0),
        ("large", 1e300),
        ("small", 5e-324),
        ("whole", 1e6),
        ("negative", -1.5),
    ] {
        gauge!("acme_level", "kind" => kind).set(value);
    }
    gauge!("acme_level").increment(2.5);
    gauge!("acme_level").decrement(1.0);
}

fn record_histograms() {
    metrics::describe_histogram!("acme_size_bytes", Unit::Bytes, "Sizes, \"in\"\n\\ bytes.");
    metrics::describe_histogram!("acme.dotted.seconds", "A dotted name with buckets.");
    let sizes = histogram!("acme_size_bytes", "kind" => "a \"b\" \\ c\n}\u{1f980}", "le" => "own");
    for size in [-2.0, 0.0, 0.25, 0.26, 1.0, 1.0, 3.0, 1e6, 1e7, 1e12] {
        sizes.record(size);
    }
    histogram!("acme_size_bytes", "kind" => "infinite").record(f64::INFINITY);
    let not_a_number = histogram!("acme_size_bytes", "kind" => "nan");
    not_a_number.record(f64::NAN);
    not_a_number.record_many(2.0, 2);
    histogram!("acme_size_bytes").record_many(0.5, 1_000);
    histogram!("acme_default_seconds").record(0.3);
    histogram!("acme_silent_seconds").record_many(0.0, 0);
    histogram!("acme.dotted.seconds", "route" => "/a").record(1.5);
}

/// Records in the hub's families: series that callsites also have, whose values are added up,
/// and series of their own.
fn record_hub_families() {
    for agent in ["planner", FACADE_AGENT] {
        let labels = [("agent", agent), ("operation", "plan")];
        counter!("mcp_hub_requests_total", &labels).increment(10);
        counter!("mcp_hub_requests_success_total", &labels).increment(8);
        let failed = [labels[1], labels[0], ("error_type", "Timeout")];
        counter!("mcp_hub_requests_failed_total", &failed).increment(2);
        let durations = histogram!("mcp_hub_request_duration_seconds", &labels);
        for seconds in [0.25, 0.25, 20.0, 120.5, 600.0] {
            durations.record(seconds);
        }
        gauge!("mcp_hub_active_operations", "agent" => agent).increment(4.0);
    }
    let extra = [
        ("region", "eu"),
        ("operation", "plan"),
        ("agent", FACADE_AGENT),
    ];
    counter!("mcp_hub_requests_total", &extra).increment(1);
    histogram!("mcp_hub_request_duration_seconds", &extra).record(1.0);
    counter!("mcp_hub_requests_total", "agent" => FACADE_AGENT).increment(1);
    gauge!("mcp_hub_active_operations", "agent" => "fraction").set(0.5);
    gauge!("mcp_hub_cpu_usage_percent").set(12.5);
    gauge!("mcp_hub_memory_usage_percent").set(50.0);
    gauge!("mcp_hub_memory_available_bytes").set(8_589_934_592.0);
    gauge!("mcp_hub_disk_usage_percent").set(75.25);
    gauge!("mcp_hub_disk_free_bytes").set(1e12);
}
