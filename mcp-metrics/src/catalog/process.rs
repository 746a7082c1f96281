//! The metrics of this process, which have the same names in all Prometheus clients.

use metrics::Unit;

use super::{Family, Kind, gauge};

pub(crate) const CPU_SECONDS: &str = "process_cpu_seconds_total";
pub(crate) const OPEN_FDS: &str = "process_open_fds";
pub(crate) const MAX_FDS: &str = "process_max_fds";
pub(crate) const VIRTUAL_MEMORY: &str = "process_virtual_memory_bytes";
pub(crate) const VIRTUAL_MEMORY_MAX: &str = "process_virtual_memory_max_bytes";
pub(crate) const RESIDENT_MEMORY: &str = "process_resident_memory_bytes";
pub(crate) const START_TIME: &str = "process_start_time_seconds";
pub(crate) const THREADS: &str = "process_threads";

/// The families. Which of them are exported depends on the platform.
pub(crate) const FAMILIES: &[Family] = &[
    Family {
        name: CPU_SECONDS,
        kind: Kind::Counter,
        help: "Total user and system CPU time spent in seconds.",
        unit: Some(Unit::Seconds),
        labels: &[],
        optional_labels: &[],
        buckets: &[],
    },
    gauge(
        OPEN_FDS,
        Some(Unit::Count),
        &[],
        "Number of open file descriptors.",
    ),
    gauge(
        MAX_FDS,
        Some(Unit::Count),
        &[],
        "Maximum number of open file descriptors.",
    ),
    gauge(
        VIRTUAL_MEMORY,
        Some(Unit::Bytes),
        &[],
        "Virtual memory size in bytes.",
    ),
    gauge(
        VIRTUAL_MEMORY_MAX,
        Some(Unit::Bytes),
        &[],
        "Maximum amount of virtual memory available in bytes; absent without a limit.",
    ),
    gauge(
        RESIDENT_MEMORY,
        Some(Unit::Bytes),
        &[],
        "Resident memory size in bytes.",
    ),
    gauge(
        START_TIME,
        Some(Unit::Seconds),
        &[],
        "Start time of the process since unix epoch in seconds.",
    ),
    gauge(
        THREADS,
        Some(Unit::Count),
        &[],
        "Number of OS threads in the process.",
    ),
];

/// Returns the family with this name.
pub(crate) fn family(name: &str) -> Option<&'static Family> {
    FAMILIES.iter().find(|family| family.name == name)
}
