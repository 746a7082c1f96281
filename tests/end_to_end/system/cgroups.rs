//! Memory and CPU usage in simulated control groups: files of the test take the place of
//! `/proc/self/cgroup` and `mountinfo`, which refer to a directory tree of the test.

use std::fs;

use mcp_metrics_tests::eventually;

use super::{Namespace, Program};
use crate::drive::Folder;

const MIB: u32 = 1 << 20;

/// A directory tree with control groups.
struct Tree(Folder);

impl Tree {
    /// Creates the files of a process in `group`. The hierarchy is mounted with `root` at its top.
    fn new(membership: &str, root: &str, file_system: &str, options: &str) -> Self {
        let tree = Self(Folder::new("cgroups"));
        tree.write("cgroup", &format!("{membership}\n"));
        let point = tree.0.join("fs");
        let point = point.display();
        let mount = format!("30 23 0:26 {root} {point} rw - {file_system} none {options}\n");
        tree.write("mountinfo", &mount);
        tree
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a writable folder");
        // Renamed, so that the program never reads half a file.
        let new = path.with_extension("new");
        fs::write(&new, text).expect("a writable folder");
        fs::rename(new, path).expect("a writable folder");
    }

    /// Writes files of a group; numbers are in MiB.
    fn group(&self, group: &str, files: &[(&str, u32)]) {
        for (name, mib) in files {
            let bytes = mib * MIB;
            let text = match *name {
                "inactive_file" | "total_inactive_file" => {
                    self.write(
                        &format!("{group}/memory.stat"),
                        &format!("{name} {bytes}\n"),
                    );
                    continue;
                }
                "memory.max" if *mib == 0 => "max\n".to_owned(),
                _ => format!("{bytes}\n"),
            };
            self.write(&format!("{group}/{name}"), &text);
        }
    }

    /// Starts the program in these groups.
    fn start(&self, namespace: Namespace) -> Program {
        let bind = |name: &str| {
            let path = self.0.join(name);
            format!("mount --bind {} /proc/$$/{name}\n", path.display())
        };
        let prepare = bind("cgroup") + &bind("mountinfo");
        Program::start(namespace, &prepare, &[], "/")
    }

    /// Asserts the used and the total memory of the tightest group, in MiB.
    fn assert_memory(&self, namespace: Namespace, used: u32, total: u32) {
        let mut program = self.start(namespace);
        let available = program.gauge("memory_available_bytes").expect("a value");
        assert_eq!(available, f64::from((total - used) * MIB));
        let usage = program.gauge("memory_usage_percent").expect("a value");
        let expected = f64::from(used) / f64::from(total) * 100.0;
        assert!((usage - expected).abs() < 1e-9, "{usage} {expected}");
    }
}

fn v2(group: &str) -> Tree {
    Tree::new(&format!("0::{group}"), "/", "cgroup2", "rw")
}

#[test]
fn shared_memory_counts_as_used_and_inactive_page_cache_does_not() {
    let Some(namespace) = Namespace::find() else {
        return;
    };
    for (current, inactive, used) in [(300, 180, 120), (500, 8, 492)] {
        let tree = v2("/");
        let files = [
            ("memory.max", 512),
            ("memory.current", current),
            ("inactive_file", inactive),
        ];
        tree.group("fs", &files);
        tree.assert_memory(namespace, used, 512);
    }
}

#[test]
fn neighbour_that_uses_up_the_limit_of_the_slice_is_visible() {
    let Some(namespace) = Namespace::find() else {
        return;
    };
    let tree = v2("/app.slice/hub.service");
    let files = [
        ("memory.max", 512),
        ("memory.current", 505),
        ("inactive_file", 0),
    ];
    tree.group("fs/app.slice", &files);
    let files = [
        ("memory.max", 0),
        ("memory.current", 12),
        ("inactive_file", 2),
    ];
    tree.group("fs/app.slice/hub.service", &files);
    tree.assert_memory(namespace, 505, 512);
}

#[test]
fn memory_high_limits_the_group() {
    let Some(namespace) = Namespace::find() else {
        return;
    };
    let tree = v2("/");
    let files = [
        ("memory.max", 0),
        ("memory.high", 512),
        ("memory.current", 500),
        ("inactive_file", 0),
    ];
    tree.group("fs", &files);
    tree.assert_memory(namespace, 500, 512);
}

#[test]
fn v1_container_in_a_hybrid_setup_is_read() {
    let Some(namespace) = Namespace::find() else {
        return;
    };
    let membership = "5:memory:/docker/abc\n1:name=systemd:/docker/abc\n0::/";
    let tree = Tree::new(membership, "/docker/abc", "cgroup", "rw,memory");
    let files = [
        ("memory.limit_in_bytes", 512),
        ("memory.usage_in_bytes", 300),
        ("total_inactive_file", 100),
    ];
    tree.group("fs", &files);
    tree.assert_memory(namespace, 200, 512);
}

#[test]
fn unreadable_usage_is_absent_with_one_warning() {
    let Some(namespace) = Namespace::find() else {
        return;
    };
    let tree = v2("/");
    let current = [("memory.current", 100)];
    tree.group("fs", &[("memory.max", 512), ("inactive_file", 0)]);
    let mut program = tree.start(namespace);
    assert_eq!(program.gauge("memory_usage_percent"), None);
    assert_eq!(program.gauge("memory_available_bytes"), None);
    assert!(program.gauge("cpu_usage_percent").is_some());
    tree.group("fs", &current);
    eventually("memory usage", || {
        program.gauge("memory_available_bytes") == Some(f64::from(412 * MIB))
    });
    let log = program.log("memory usage");
    assert_eq!(log.len(), 2, "{log:?}");
    assert!(log[0].starts_with("WARN") && log[0].contains("memory.current"));
    assert!(log[1].starts_with("INFO") && log[1].contains("available again"));
}

#[test]
fn cpu_usage_is_the_share_of_the_quota() {
    let Some(namespace) = Namespace::find() else {
        return;
    };
    // Half of a core.
    let tree = v2("/");
    tree.write("fs/cpu.max", "50000 100000\n");
    tree.write("fs/cpu.stat", "usage_usec 1000\n");
    let mut program = tree.start(namespace);
    // Idle from the first scrape on. The machine is not, since it runs this test.
    assert_eq!(program.gauge("cpu_usage_percent"), Some(0.0));
    let mut used: u64 = 1_000;
    eventually("the quota is used up", || {
        used += 3_600_000_000;
        tree.write("fs/cpu.stat", &format!("usage_usec {used}\n"));
        program.gauge("cpu_usage_percent") == Some(100.0)
    });
    assert_eq!(program.log("CPU usage"), Vec::<String>::new());
}
