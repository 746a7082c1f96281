//! The macros and handles of `metrics`, under our recorder and under the exporter's.
//!
//! Both are local recorders, so that the lookup of the recorder costs the same. The macros are
//! measured under our installed recorder, too.

use std::sync::{Arc, LazyLock};

use mcp_metrics::catalog::REQUEST_DURATION_BUCKETS;
use mcp_metrics::{Exporter, MetricsRecorder};
use mcp_metrics_benches::{Bar, sum};
use metrics::{
    Counter, Gauge, Histogram, Recorder, SharedString, counter, gauge, histogram,
    with_local_recorder,
};

use crate::measure::Measure;
use crate::way::{self, Pair, Way};
use crate::{AGENTS, OPERATIONS, Refused, agent, exporter, tracked, work};

static LOCAL: LazyLock<(MetricsRecorder, Exporter)> = LazyLock::new(|| {
    let exporter = Exporter::builder()
        .without_system_metrics()
        .default_buckets(&REQUEST_DURATION_BUCKETS);
    exporter.build().expect("the configuration is valid")
});

fn local() -> &'static (dyn Recorder + Sync) {
    &LOCAL.0
}

/// Shared strings; a clone increments a reference count.
static SHARED: LazyLock<[SharedString; 4]> =
    LazyLock::new(|| AGENTS.map(|agent| SharedString::from_shared(Arc::from(agent))));

fn shared(n: u32) -> SharedString {
    SHARED[n as usize % SHARED.len()].clone()
}

/// Defines a function that registers a series per call and records to it.
macro_rules! per_call {
    ($function:ident: $macro:ident($name:literal), $agent:expr, $record:expr) => {
        #[inline(never)]
        fn $function(n: u32) -> Result<u32, Refused> {
            let result = work(n);
            let operation = OPERATIONS[(n / 2) as usize % 2];
            let handle = $macro!($name, "agent" => $agent(n), "operation" => operation);
            $record(&handle, n);
            result
        }
    };
    ($function:ident: $macro:ident($name:literal), $record:expr) => {
        #[inline(never)]
        fn $function(n: u32) -> Result<u32, Refused> {
            let result = work(n);
            let handle = $macro!($name, "agent" => "planner", "operation" => "first");
            $record(&handle, n);
            result
        }
    };
}

fn increment(handle: &Counter, _: u32) {
    handle.increment(1);
}

fn set(handle: &Gauge, n: u32) {
    handle.set(n);
}

fn record(handle: &Histogram, n: u32) {
    handle.record(f64::from(n % 128));
}

per_call!(counter_literal: counter("facade_literal_total"), increment);
per_call!(counter_dynamic: counter("facade_dynamic_total"), agent, increment);
per_call!(counter_shared: counter("facade_shared_total"), shared, increment);
per_call!(gauge_literal: gauge("facade_literal_level"), set);
per_call!(gauge_dynamic: gauge("facade_dynamic_level"), agent, set);
per_call!(gauge_shared: gauge("facade_shared_level"), shared, set);
per_call!(histogram_literal: histogram("facade_literal_values"), record);
per_call!(histogram_dynamic: histogram("facade_dynamic_values"), agent, record);
per_call!(histogram_shared: histogram("facade_shared_values"), shared, record);

/// The macros under a recorder.
macro_rules! macros {
    ($by:literal, $recorder:expr, $text:expr) => {
        [
            macros!(@ "counter!, literal labels", $by, counter_literal, $recorder)
                .counted(|| sum(&$text, "facade_literal_total", &[])),
            macros!(@ "counter!, &'static str labels", $by, counter_dynamic, $recorder)
                .counted(|| sum(&$text, "facade_dynamic_total", &[])),
            macros!(@ "counter!, SharedString labels", $by, counter_shared, $recorder)
                .counted(|| sum(&$text, "facade_shared_total", &[])),
            macros!(@ "gauge!, literal labels", $by, gauge_literal, $recorder),
            macros!(@ "gauge!, &'static str labels", $by, gauge_dynamic, $recorder),
            macros!(@ "gauge!, SharedString labels", $by, gauge_shared, $recorder),
            macros!(@ "histogram!, literal labels", $by, histogram_literal, $recorder)
                .counted(|| sum(&$text, "facade_literal_values_count", &[])),
            macros!(@ "histogram!, &'static str labels", $by, histogram_dynamic, $recorder)
                .counted(|| sum(&$text, "facade_dynamic_values_count", &[])),
            macros!(@ "histogram!, SharedString labels", $by, histogram_shared, $recorder)
                .counted(|| sum(&$text, "facade_shared_values_count", &[])),
        ]
    };
    (@ $what:literal, $by:literal, $function:ident, $recorder:expr) => {
        Way::single(concat!($what, ", ", $by), $function).under($recorder)
    };
}

const BY_LOCAL: [Way; 9] = macros!("our recorder", Some(local), LOCAL.1.render());
const BY_INSTALLED: [Way; 9] = macros!("our installed recorder", None, tracked::EXPORTER.render());
const BY_EXPORTER: [Way; 9] = macros!(
    "the exporter's recorder",
    Some(exporter::local),
    exporter::text()
);

/// Kept handles.
struct Kept {
    counter: Counter,
    gauge: Gauge,
    histogram: Histogram,
}

impl Kept {
    /// Registers the series with the current recorder.
    fn new() -> Self {
        let labels = [("agent", "planner"), ("operation", "first")];
        Self {
            counter: counter!("facade_kept_total", &labels),
            gauge: gauge!("facade_kept_level", &labels),
            histogram: histogram!("facade_kept_values", &labels),
        }
    }
}

static OUR_HANDLES: LazyLock<Kept> = LazyLock::new(Kept::new);
static EXPORTER_HANDLES: LazyLock<Kept> =
    LazyLock::new(|| with_local_recorder(exporter::local(), Kept::new));

/// Ways that record through kept handles.
macro_rules! kept {
    ($by:literal, $handles:ident, $text:expr) => {
        [
            Way::single(concat!("kept Counter of ", $by), |n| {
                $handles.counter.increment(1);
                work(n)
            })
            .counted(|| sum(&$text, "facade_kept_total", &[])),
            Way::single(concat!("kept Gauge of ", $by), |n| {
                $handles.gauge.set(n);
                work(n)
            }),
            Way::single(concat!("kept Histogram of ", $by), |n| {
                $handles.histogram.record(f64::from(n % 128));
                work(n)
            })
            .counted(|| sum(&$text, "facade_kept_values_count", &[])),
        ]
    };
}

const OUR_KEPT: [Way; 3] = kept!(
    "our installed recorder",
    OUR_HANDLES,
    tracked::EXPORTER.render()
);
const EXPORTER_KEPT: [Way; 3] = kept!(
    "the exporter's recorder",
    EXPORTER_HANDLES,
    exporter::text()
);

pub(crate) fn compare(measure: &mut Measure) -> Vec<Bar> {
    // Registers the kept handles while no local recorder is current.
    LazyLock::force(&OUR_HANDLES);
    let pair = |at_most| {
        move |(way, other)| Pair {
            way,
            other,
            at_most,
        }
    };
    let locally = BY_LOCAL.into_iter().zip(BY_EXPORTER);
    let installed = BY_INSTALLED.into_iter().zip(BY_EXPORTER);
    let kept = OUR_KEPT.into_iter().zip(EXPORTER_KEPT);
    let pairs: Vec<Pair> = locally
        .map(pair([Some(1.0); 2]))
        .chain(installed.map(pair([None; 2])))
        .chain(kept.map(pair([Some(1.0); 2])))
        .collect();
    way::compare(measure, "Facade", &pairs)
}
