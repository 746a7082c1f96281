//! The memory limit that is closest to being reached.

use std::io;
use std::path::Path;

use super::files::{limit, number, optional, value};
use super::hierarchy::{ControlGroups, Group};
use crate::system::memory::Memory;

/// Limits from this one on are not set; v1 reports a missing limit as about 2^63.
const UNLIMITED: u64 = 1 << 62;

/// Returns the memory of the group with the least memory available: the process' own group or one
/// of its ancestors. Returns `None` if no group has a limit below `total`, the machine's memory.
///
/// All processes in a group and below it count, because the kernel kills one of them if the group
/// reaches its limit.
pub(in crate::system) fn tightest_memory(
    groups: &ControlGroups,
    total: u64,
) -> io::Result<Option<Memory>> {
    let Some(hierarchy) = groups.hierarchy("memory") else {
        return Ok(None);
    };
    let mut tightest: Option<Memory> = None;
    for (index, group) in hierarchy.groups.iter().enumerate() {
        let is_own = index == 0;
        let memory = if hierarchy.is_v1 {
            v1_memory(group, is_own, total)
        } else {
            v2_memory(group, total)
        };
        tightest = match (memory?, tightest) {
            (Some(memory), Some(other)) => Some(memory.tighter(other)),
            (memory, other) => memory.or(other),
        };
    }
    Ok(tightest)
}

fn v2_memory(group: &Group, total: u64) -> io::Result<Option<Memory>> {
    let file = |name: &str| group.directory.join(name);
    // Above `memory.high`, the kernel reclaims memory and slows the group down: it is as good as
    // full.
    let limits = [limit(&file("memory.max"))?, limit(&file("memory.high"))?];
    let usage = || number(&file("memory.current"));
    memory(limits, total, usage, &file("memory.stat"), "inactive_file")
}

fn v1_memory(group: &Group, is_own: bool, total: u64) -> io::Result<Option<Memory>> {
    let file = |name: &str| group.directory.join(name);
    // Without it, the memory of the groups below is not charged to this one.
    let hierarchical = optional(number(&file("memory.use_hierarchy")))?;
    if !is_own && hierarchical == Some(0) {
        return Ok(None);
    }
    let stat = file("memory.stat");
    // Includes the limits of ancestors that are not mounted.
    let inherited = optional(value(&stat, "hierarchical_memory_limit"))?.flatten();
    let limits = [limit(&file("memory.limit_in_bytes"))?, inherited];
    let usage = || number(&file("memory.usage_in_bytes"));
    memory(limits, total, usage, &stat, "total_inactive_file")
}

/// Returns the memory of a group. Used memory is what the kernel cannot reclaim before the limit
/// takes effect: the page cache that was not used for a while, `inactive_file`, does not count;
/// shared memory, which is page cache too, and the kernel's own memory do.
fn memory(
    limits: [Option<u64>; 2],
    total: u64,
    usage: impl FnOnce() -> io::Result<u64>,
    stat: &Path,
    inactive_file: &str,
) -> io::Result<Option<Memory>> {
    let limit = limits.into_iter().flatten().min();
    let Some(limit) = limit.filter(|limit| *limit < total.min(UNLIMITED)) else {
        return Ok(None);
    };
    let usage = usage()?;
    let reclaimable = value(stat, inactive_file)?.unwrap_or(0);
    let used = usage.saturating_sub(reclaimable);
    Ok(Some(Memory {
        total: limit,
        available: limit.saturating_sub(used),
    }))
}

#[cfg(all(test, unix))]
mod tests {
    use super::super::tree::Tree;
    use super::*;

    const MIB: u64 = 1 << 20;
    /// The machine's memory.
    const TOTAL: u64 = 16_384 * MIB;

    /// Returns the total and the available memory of the tightest group in MiB.
    fn tightest(tree: &Tree) -> Option<(u64, u64)> {
        let memory = tightest_memory(&tree.groups(), TOTAL).unwrap()?;
        Some((memory.total / MIB, memory.available / MIB))
    }

    fn v2(group: &str) -> Tree {
        let tree = Tree::new(&[&format!("0::/{group}")], &[("/", "fs", "cgroup2", "rw")]);
        tree.folder(&format!("fs/{group}"));
        tree
    }

    /// Writes the files of a v2 group, in MiB.
    fn write_v2(tree: &Tree, group: &str, max: Option<u64>, current: u64, inactive_file: u64) {
        let max = max.map_or("max".to_owned(), |max| (max * MIB).to_string());
        tree.write(&format!("{group}/memory.max"), max + "\n");
        tree.write(&format!("{group}/memory.current"), current * MIB);
        let stat = format!("anon 0\nshmem 0\ninactive_file {}\n", inactive_file * MIB);
        tree.write(&format!("{group}/memory.stat"), stat);
    }

    fn v1(cgroup: &str, root: &str) -> Tree {
        Tree::new(&[cgroup, "0::/"], &[(root, "fs", "cgroup", "rw,memory")])
    }

    /// Writes the files of a v1 group, in MiB.
    fn write_v1(tree: &Tree, group: &str, limit: u64, usage: u64, inactive_file: u64) {
        tree.write(&format!("{group}/memory.limit_in_bytes"), limit * MIB);
        tree.write(&format!("{group}/memory.usage_in_bytes"), usage * MIB);
        let stat = format!("total_rss 0\ntotal_inactive_file {}\n", inactive_file * MIB);
        tree.write(&format!("{group}/memory.stat"), stat);
    }

    #[test]
    fn reclaimable_page_cache_is_available_and_shared_memory_is_not() {
        let tree = v2("");
        write_v2(&tree, "fs", Some(512), 300, 180);
        assert_eq!(tightest(&tree), Some((512, 392)));
        // Shared memory is charged to `memory.current` and is not inactive file memory.
        write_v2(&tree, "fs", Some(512), 500, 8);
        assert_eq!(tightest(&tree), Some((512, 20)));
        write_v2(&tree, "fs", Some(512), 520, 0);
        assert_eq!(tightest(&tree), Some((512, 0)));
    }

    #[test]
    fn limit_of_an_ancestor_that_a_neighbour_uses_up_is_the_tightest() {
        let tree = v2("app.slice/hub.service");
        write_v2(&tree, "fs/app.slice", Some(512), 505, 0);
        write_v2(&tree, "fs/app.slice/hub.service", None, 12, 0);
        assert_eq!(tightest(&tree), Some((512, 7)));
        write_v2(&tree, "fs/app.slice/hub.service", Some(64), 60, 0);
        assert_eq!(tightest(&tree), Some((64, 4)));
        // The root group has no files.
        write_v2(&tree, "fs/app.slice", None, 505, 0);
        assert_eq!(tightest(&tree), Some((64, 4)));
    }

    #[test]
    fn memory_high_is_a_limit() {
        let tree = v2("");
        write_v2(&tree, "fs", None, 500, 0);
        assert_eq!(tightest(&tree), None);
        tree.write("fs/memory.high", 512 * MIB);
        assert_eq!(tightest(&tree), Some((512, 12)));
        write_v2(&tree, "fs", Some(1_024), 500, 0);
        assert_eq!(tightest(&tree), Some((512, 12)));
        write_v2(&tree, "fs", Some(502), 500, 0);
        assert_eq!(tightest(&tree), Some((502, 2)));
    }

    #[test]
    fn limits_from_the_machines_memory_on_are_ignored() {
        let tree = v2("");
        write_v2(&tree, "fs", Some(16_384), 100, 0);
        assert_eq!(tightest(&tree), None);
        let tree = v1("5:memory:/", "/");
        write_v1(&tree, "fs", 0, 100, 0);
        tree.write("fs/memory.limit_in_bytes", 9_223_372_036_854_771_712_u64);
        assert_eq!(tightest(&tree), None);
    }

    #[test]
    fn v1_group_of_a_container_and_its_ancestors_are_read() {
        let tree = v1("5:memory:/docker/abc", "/docker/abc");
        write_v1(&tree, "fs", 512, 300, 100);
        assert_eq!(tightest(&tree), Some((512, 312)));

        let tree = v1("5:memory:/docker/abc", "/");
        write_v1(&tree, "fs/docker/abc", 512, 300, 100);
        write_v1(&tree, "fs/docker", 1_024, 1_020, 0);
        assert_eq!(tightest(&tree), Some((1_024, 4)));
        // The ancestor does not account for the groups below it.
        tree.write("fs/docker/memory.use_hierarchy", "0\n");
        assert_eq!(tightest(&tree), Some((512, 312)));
    }

    #[test]
    fn v1_limit_of_an_ancestor_that_is_not_mounted_applies() {
        let tree = v1("5:memory:/pod/abc", "/pod/abc");
        write_v1(&tree, "fs", 8_192, 300, 0);
        let stat = format!("hierarchical_memory_limit {}\n", 512 * MIB);
        tree.write("fs/memory.stat", stat);
        assert_eq!(tightest(&tree), Some((512, 212)));
    }

    #[test]
    fn memory_of_a_hybrid_setup_is_that_of_its_v1_group() {
        let tree = Tree::new(
            &["5:memory:/hub", "0::/hub"],
            &[
                ("/", "fs", "cgroup2", "rw"),
                ("/", "v1", "cgroup", "rw,memory"),
            ],
        );
        tree.folder("fs/hub");
        write_v1(&tree, "v1/hub", 512, 500, 0);
        assert_eq!(tightest(&tree), Some((512, 12)));
    }

    #[test]
    fn unreadable_usage_below_a_limit_is_an_error_with_the_file() {
        let tree = v2("");
        write_v2(&tree, "fs", Some(512), 300, 0);
        for (file, content) in [("memory.current", Some("x")), ("memory.stat", None)] {
            match content {
                Some(content) => tree.write(&format!("fs/{file}"), content),
                None => tree.remove(&format!("fs/{file}")),
            }
            let error = tightest_memory(&tree.groups(), TOTAL).unwrap_err();
            assert!(error.to_string().contains(file), "{error}");
            write_v2(&tree, "fs", Some(512), 300, 0);
        }
    }

    #[test]
    fn system_without_control_groups_has_none() {
        let tree = v2("");
        tree.remove("proc/cgroup");
        assert!(ControlGroups::read(&tree.process()).unwrap().is_none());
    }
}
