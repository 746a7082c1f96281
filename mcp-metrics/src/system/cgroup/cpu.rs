//! The share of a CPU quota that a control group uses.

use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::files::{limit, number, optional, parse, text, value};
use super::hierarchy::{ControlGroups, Group};

/// A meter of the quotas that apply to the process. It compares each sample with the one before.
#[derive(Debug, Default)]
pub(in crate::system) struct QuotaMeter {
    previous: Vec<Sample>,
}

/// The CPU time of a group at one moment.
#[derive(Debug)]
struct Sample {
    directory: PathBuf,
    used: Duration,
    at: Instant,
}

/// The usage of the quotas.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::system) enum QuotaUsage {
    /// No group has a quota below the number of cores.
    NoQuota,
    /// This is the first sample of the groups with a quota.
    Pending,
    /// The used part of the quota since the last sample, in percent.
    Percent(f64),
}

impl QuotaMeter {
    /// Takes a sample. If several groups have a quota, returns the highest usage: the kernel slows
    /// the process down at the first quota that is used up.
    pub(in crate::system) fn sample(
        &mut self,
        groups: &ControlGroups,
        cores: usize,
        now: Instant,
    ) -> io::Result<QuotaUsage> {
        let previous = std::mem::take(&mut self.previous);
        let Some(hierarchy) = groups.hierarchy("cpu") else {
            return Ok(QuotaUsage::NoQuota);
        };
        let mut usage = QuotaUsage::NoQuota;
        for group in hierarchy.groups {
            let quota = quota(&group, hierarchy.is_v1)?;
            #[expect(clippy::cast_precision_loss, reason = "a number of cores")]
            let Some(quota) = quota.filter(|quota| *quota < cores as f64) else {
                continue;
            };
            let sample = Sample {
                used: used(groups, &group, hierarchy.is_v1)?,
                directory: group.directory,
                at: now,
            };
            let before = previous
                .iter()
                .find(|before| before.directory == sample.directory);
            let percent = before.and_then(|before| sample.percent_since(before, quota));
            usage = match (usage, percent) {
                (QuotaUsage::Percent(other), Some(percent)) => {
                    QuotaUsage::Percent(percent.max(other))
                }
                (_, Some(percent)) => QuotaUsage::Percent(percent),
                (QuotaUsage::NoQuota, None) => QuotaUsage::Pending,
                (usage, None) => usage,
            };
            self.previous.push(sample);
        }
        Ok(usage)
    }
}

impl Sample {
    /// Returns the used part of `quota` cores since the sample `before`, in percent.
    fn percent_since(&self, before: &Self, quota: f64) -> Option<f64> {
        // Less than before: the group was removed and created again.
        let used = self.used.checked_sub(before.used)?;
        let elapsed = self.at.checked_duration_since(before.at)?;
        let available = elapsed.as_secs_f64() * quota;
        // Above 100 if the group may exceed its quota for a short time.
        (available > 0.0).then(|| (used.as_secs_f64() / available * 100.0).min(100.0))
    }
}

/// Returns the quota of a group as a number of cores.
#[expect(clippy::cast_precision_loss, reason = "microseconds of a quota")]
fn quota(group: &Group, is_v1: bool) -> io::Result<Option<f64>> {
    let file = |name: &str| group.directory.join(name);
    let (quota, period) = if is_v1 {
        // Without a quota, it is -1.
        let path = file("cpu.cfs_quota_us");
        let quota = optional(text(&path))?.filter(|quota| !quota.starts_with('-'));
        let Some(quota) = quota else { return Ok(None) };
        (
            parse(&path, quota.trim())?,
            number(&file("cpu.cfs_period_us"))?,
        )
    } else {
        // `max 100000` or `50000 100000`.
        let path = file("cpu.max");
        let text = optional(text(&path))?.unwrap_or_default();
        match text.trim().split_once(' ') {
            Some((quota, period)) if quota != "max" => {
                (parse(&path, quota)?, parse(&path, period)?)
            }
            _ => return Ok(None),
        }
    };
    Ok((period > 0).then(|| quota as f64 / period as f64))
}

/// Returns the CPU time that the processes of a group have used.
fn used(groups: &ControlGroups, group: &Group, is_v1: bool) -> io::Result<Duration> {
    if !is_v1 {
        let path = group.directory.join("cpu.stat");
        let used = value(&path, "usage_usec")?.ok_or_else(|| {
            let message = format!("{} has no `usage_usec`", path.display());
            io::Error::new(ErrorKind::InvalidData, message)
        });
        return used.map(Duration::from_micros);
    }
    let file = "cpuacct.usage";
    if let Some(used) = limit(&group.directory.join(file))? {
        return Ok(Duration::from_nanos(used));
    }
    // The controllers `cpu` and `cpuacct` may be mounted separately.
    let directory = groups.v1_directory("cpuacct", &group.path).ok_or_else(|| {
        let group = group.path.display();
        io::Error::new(
            ErrorKind::NotFound,
            format!("no `{file}` for the group {group}"),
        )
    })?;
    number(&directory.join(file)).map(Duration::from_nanos)
}

#[cfg(all(test, unix))]
mod tests {
    use super::super::tree::Tree;
    use super::*;

    const CORES: usize = 8;

    /// Samples at times of the test.
    struct Meter {
        meter: QuotaMeter,
        now: Instant,
    }

    impl Meter {
        fn new() -> Self {
            Self {
                meter: QuotaMeter::default(),
                now: Instant::now(),
            }
        }

        /// Samples a second after the last time.
        fn next(&mut self, tree: &Tree) -> QuotaUsage {
            self.now += Duration::from_secs(1);
            self.meter.sample(&tree.groups(), CORES, self.now).unwrap()
        }
    }

    fn v2(group: &str) -> Tree {
        let tree = Tree::new(&[&format!("0::/{group}")], &[("/", "fs", "cgroup2", "rw")]);
        tree.folder(&format!("fs/{group}"));
        tree
    }

    /// Writes the files of a v2 group: its quota, and its CPU time in milliseconds.
    fn write_v2(tree: &Tree, group: &str, max: &str, used: u64) {
        tree.write(&format!("{group}/cpu.max"), format!("{max}\n"));
        let stat = format!("usage_usec {}\nuser_usec 0\n", used * 1_000);
        tree.write(&format!("{group}/cpu.stat"), stat);
    }

    #[test]
    fn usage_is_the_share_of_the_quota() {
        let tree = v2("");
        let mut meter = Meter::new();
        // Half a core.
        write_v2(&tree, "fs", "50000 100000", 9_000);
        assert_eq!(meter.next(&tree), QuotaUsage::Pending);
        write_v2(&tree, "fs", "50000 100000", 9_400);
        assert_eq!(meter.next(&tree), QuotaUsage::Percent(80.0));
        assert_eq!(meter.next(&tree), QuotaUsage::Percent(0.0));
        // A burst.
        write_v2(&tree, "fs", "50000 100000", 10_200);
        assert_eq!(meter.next(&tree), QuotaUsage::Percent(100.0));
        // Four cores.
        write_v2(&tree, "fs", "400000 100000", 11_200);
        assert_eq!(meter.next(&tree), QuotaUsage::Percent(25.0));
    }

    #[test]
    fn group_without_a_quota_below_the_cores_has_none() {
        let tree = v2("");
        let mut meter = Meter::new();
        for max in ["max 100000", "800000 100000", "1600000 100000"] {
            write_v2(&tree, "fs", max, 0);
            assert_eq!(meter.next(&tree), QuotaUsage::NoQuota, "{max}");
        }
        tree.remove("fs/cpu.max");
        assert_eq!(meter.next(&tree), QuotaUsage::NoQuota);
    }

    #[test]
    fn most_used_quota_of_the_ancestors_counts() {
        let tree = v2("pod/hub");
        let mut meter = Meter::new();
        for used in [0, 1] {
            write_v2(&tree, "fs/pod", "200000 100000", used * 1_500);
            write_v2(&tree, "fs/pod/hub", "100000 100000", used * 500);
            let usage = meter.next(&tree);
            let expected = [QuotaUsage::Pending, QuotaUsage::Percent(75.0)];
            assert_eq!(usage, expected[usize::from(used == 1)]);
        }
    }

    #[test]
    fn recreated_group_is_pending_again() {
        let tree = v2("");
        let mut meter = Meter::new();
        write_v2(&tree, "fs", "50000 100000", 9_000);
        assert_eq!(meter.next(&tree), QuotaUsage::Pending);
        write_v2(&tree, "fs", "50000 100000", 100);
        assert_eq!(meter.next(&tree), QuotaUsage::Pending);
        write_v2(&tree, "fs", "50000 100000", 350);
        assert_eq!(meter.next(&tree), QuotaUsage::Percent(50.0));
    }

    #[test]
    fn v1_quota_is_read_with_its_cpu_time_mounted_together_or_separately() {
        for usage in [
            "cpu/docker/abc/cpuacct.usage",
            "acct/docker/abc/cpuacct.usage",
        ] {
            let tree = Tree::new(
                &["4:cpu:/docker/abc", "3:cpuacct:/docker/abc", "0::/"],
                &[
                    ("/", "cpu", "cgroup", "rw,cpu"),
                    ("/", "acct", "cgroup", "rw,cpuacct"),
                ],
            );
            let mut meter = Meter::new();
            tree.write("cpu/docker/abc/cpu.cfs_quota_us", "-1\n");
            tree.write("cpu/docker/abc/cpu.cfs_period_us", "100000\n");
            assert_eq!(meter.next(&tree), QuotaUsage::NoQuota);
            tree.write("cpu/docker/abc/cpu.cfs_quota_us", "150000\n");
            tree.write(usage, 1_000_000_000);
            assert_eq!(meter.next(&tree), QuotaUsage::Pending);
            tree.write(usage, 1_750_000_000);
            assert_eq!(meter.next(&tree), QuotaUsage::Percent(50.0), "{usage}");
        }
    }

    #[test]
    fn unreadable_cpu_time_is_an_error() {
        let tree = v2("");
        tree.write("fs/cpu.max", "50000 100000\n");
        let mut meter = QuotaMeter::default();
        let error = meter.sample(&tree.groups(), CORES, Instant::now());
        assert!(error.unwrap_err().to_string().contains("cpu.stat"));
        tree.write("fs/cpu.max", "many 100000\n");
        let error = meter.sample(&tree.groups(), CORES, Instant::now());
        assert!(error.unwrap_err().to_string().contains("`many`"));
    }
}
