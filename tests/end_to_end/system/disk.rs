//! The disk metrics of file systems that are unmounted or do not respond.

use std::{path::Path, time::Instant};

use mcp_metrics_tests::{eventually, tools};

use super::{Namespace, Program};
use crate::drive::Folder;

const SIZE: f64 = 10_485_760.0;

#[test]
fn series_of_an_unmounted_file_system_disappear_until_it_is_mounted_again() {
    let Some(namespace) = Namespace::find() else {
        return;
    };
    let folder = Folder::new("disk");
    let point = folder.join("volume");
    let point = point.display();
    let mount = format!("mount -t tmpfs -o size=10m none {point}");
    // The path is below the mount point, also without the file system, or is the mount point.
    for (prepare, path) in [
        (
            format!("mkdir -p {point}; {mount}; mkdir {point}/data"),
            "/data",
        ),
        (
            format!("mkdir -p {point}/data; {mount}; mkdir {point}/data"),
            "/data",
        ),
        (format!("mkdir -p {point}; {mount}"), ""),
    ] {
        let mut program = Program::start(namespace, &prepare, &[], &format!("{point}{path}"));
        program.wait_for_disk(true);
        let free = program.gauge("disk_free_bytes").expect("a value");
        assert!(free > 0.0 && free <= SIZE, "{free}");
        assert_eq!(program.gauge("disk_usage_percent"), Some(0.0));

        program.run(&format!("umount -l {point}"));
        program.wait_for_disk(false);
        assert!(program.gauge("memory_usage_percent").is_some());
        program.run(&format!("{mount} && mkdir -p {point}{path}"));
        program.wait_for_disk(true);
        eventually("the recovery is logged", || {
            program.log("disk usage").len() == 2
        });
        program.run(&format!("umount -l {point}"));
        program.wait_for_disk(false);

        let log = program.log("disk usage");
        let levels: Vec<_> = log
            .iter()
            .filter_map(|line| line.split(' ').next())
            .collect();
        assert_eq!(levels, ["WARN", "INFO", "WARN"], "{log:?}");
        assert!(log[0].contains(&point.to_string()), "{log:?}");
    }
}

/// The arguments of strace that delay calls of `statfs`. `when` selects them.
fn strace(delay: &str, when: &str) -> Option<Vec<String>> {
    tools::found("strace", Path::new("strace"))?;
    let arguments = ["strace", "-f", "-qq", "-o", "/dev/null", "--trace=statfs"];
    let inject = format!("--inject=statfs:delay_enter={delay}:when={when}");
    Some(
        arguments
            .map(str::to_owned)
            .into_iter()
            .chain([inject])
            .collect(),
    )
}

#[test]
fn hanging_file_system_delays_neither_install_nor_shutdown() {
    let (Some(namespace), Some(strace)) = (Namespace::find(), strace("60s", "1+")) else {
        return;
    };
    let strace: Vec<_> = strace.iter().map(String::as_str).collect();
    let started = Instant::now();
    let mut program = Program::start(namespace, "", &strace, "/");
    assert_eq!(program.gauge("disk_usage_percent"), None);
    assert!(program.gauge("cpu_usage_percent").is_some());
    let available = program.gauge("memory_available_bytes");
    assert!(available.is_some());
    eventually("memory is sampled again", || {
        program.gauge("memory_available_bytes") != available
    });
    let log = program.log("disk usage");
    assert!(
        matches!(&log[..], [line] if line.starts_with("WARN")),
        "{log:?}"
    );
    program.ask("shutdown");
    // Less than the injected delay.
    assert!(started.elapsed().as_secs() < 60);
}

#[test]
fn file_system_that_is_always_late_is_logged_once() {
    let (Some(namespace), Some(strace)) = (Namespace::find(), strace("2s", "3+")) else {
        return;
    };
    let strace: Vec<_> = strace.iter().map(String::as_str).collect();
    let mut program = Program::start(namespace, "", &strace, "/");
    for present in [true, false, true, false, true] {
        program.wait_for_disk(present);
    }
    let log = program.log("disk usage");
    assert!(
        matches!(&log[..], [line] if line.starts_with("WARN")),
        "{log:?}"
    );
}

#[test]
fn series_of_a_hanging_file_system_disappear_until_it_responds() {
    let (Some(namespace), Some(strace)) = (Namespace::find(), strace("3s", "3")) else {
        return;
    };
    let strace: Vec<_> = strace.iter().map(String::as_str).collect();
    let mut program = Program::start(namespace, "", &strace, "/");
    program.wait_for_disk(true);
    program.wait_for_disk(false);
    assert!(program.gauge("cpu_usage_percent").is_some());
    program.wait_for_disk(true);
    eventually("the recovery is logged", || {
        program.log("disk usage").len() >= 2
    });
    let log = program.log("disk usage");
    assert_eq!(log.len(), 2, "{log:?}");
    assert!(
        log[0].starts_with("WARN") && log[0].contains("respond"),
        "{log:?}"
    );
    assert!(log[1].starts_with("INFO"), "{log:?}");
    program.ask("shutdown");
}
