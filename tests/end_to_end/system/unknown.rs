//! Values that the system does not report.

use mcp_metrics_tests::eventually;

use super::{Namespace, Program};

/// Asserts that CPU, memory and, if `process`, process metrics are absent, and logged once each.
fn assert_absent(program: &mut Program, process: bool) {
    let scrape = program.scrape();
    let unknown = |name: &str| {
        let is_machine = ["mcp_hub_cpu_", "mcp_hub_memory_"];
        is_machine.iter().any(|prefix| name.starts_with(prefix))
            || (process && name.starts_with("process_"))
    };
    let found: Vec<_> = scrape.samples.iter().filter(|it| unknown(&it.0)).collect();
    assert!(found.is_empty(), "{found:?}");
    assert!(scrape.get("mcp_hub_uptime_seconds", &[]).is_some());
    assert!(scrape.get("mcp_hub_disk_free_bytes", &[]).is_some());
    // Further samples and scrapes do not log again.
    program.scrape();
    for (value, count) in [
        ("CPU usage", 1),
        ("memory usage", 1),
        ("process metrics", process.into()),
    ] {
        let log = program.log(value);
        assert_eq!(log.len(), count, "{log:?}");
        assert!(log.iter().all(|line| line.starts_with("WARN")), "{log:?}");
    }
}

#[test]
fn values_are_absent_without_proc() {
    let Some(namespace) = Namespace::find() else {
        return;
    };
    let mut program = Program::start(namespace, "mount -t tmpfs none /proc", &[], "/");
    assert_absent(&mut program, true);
}

#[test]
fn values_are_absent_if_the_files_in_proc_are_masked() {
    let Some(namespace) = Namespace::find() else {
        return;
    };
    let mask = "mount --bind /dev/null /proc/stat; mount --bind /dev/null /proc/meminfo";
    let mut program = Program::start(namespace, mask, &[], "/");
    assert_absent(&mut program, false);
}

#[test]
fn values_disappear_with_proc_and_return_with_it() {
    let Some(namespace) = Namespace::find() else {
        return;
    };
    let mut program = Program::start(namespace, "", &[], "/");
    for name in ["cpu_usage_percent", "memory_usage_percent"] {
        assert!(program.gauge(name).is_some(), "{name}");
    }
    program.run("mount -t tmpfs none /proc");
    eventually("no memory usage", || {
        program.gauge("memory_usage_percent").is_none()
    });
    assert_absent(&mut program, true);
    program.run("umount /proc");
    eventually("CPU and memory usage", || {
        let names = ["cpu_usage_percent", "memory_usage_percent"];
        names.iter().all(|name| program.gauge(name).is_some())
    });
    let log = program.log("available again");
    assert_eq!(log.len(), 3, "{log:?}");
}

#[test]
fn process_metrics_have_fractions_of_seconds_and_no_limit_of_zero() {
    let Some(namespace) = Namespace::find() else {
        return;
    };
    let limit = "process_virtual_memory_max_bytes";
    for (prepare, max) in [("", None), ("ulimit -v 8388608", Some(8_589_934_592.0))] {
        let mut program = Program::start(namespace, prepare, &[], "/");
        assert_eq!(program.scrape().get(limit, &[]), max);
        // Each scrape takes some CPU time.
        eventually("a fraction of a second", || {
            let seconds = program.scrape().get("process_cpu_seconds_total", &[]);
            seconds.expect("a value").fract() > 0.0
        });
        let kind = &program.scrape().kind["process_cpu_seconds_total"];
        assert_eq!(kind, "counter");
    }
}
